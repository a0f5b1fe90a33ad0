//! The few columns of a W3C line that an ordinary one needs: it was answered, with nothing to note, and is only counted.
//!
//! Nothing is allocated for such a line, and what stands in it as in the line before is not read again. Whatever is out of
//! the ordinary is left to [`Heading::take`](super::w3c::Heading::take), and what is not as it should be to
//! [`Reader::line`](super::w3c::Reader::line).

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::header::Header;
use super::line::returns;
use super::watch;
use crate::readers::log_lines::{Clock, Row};

/// Combinations of site, computer, port and host that are known again, and how long one may be.
const PLACES: usize = 1024;
const PLACE: usize = 512;
/// Digits that make a 32-bit number, whatever they are.
const DIGITS: usize = 9;

/// What is seen of an ordinary line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Glance {
    /// Number of where it was served.
    pub(super) served: usize,
    /// Seconds of the log's clock.
    pub(super) time: Option<i64>,
    pub(super) status: u16,
    /// Whether it names a user.
    pub(super) named: bool,
    /// The number of the client, and of the path that it asked for.
    pub(super) client: u64,
    pub(super) path: u64,
}

/// The places that lines under one header were served at.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// The columns that say where a line was served.
    places_at: Vec<usize>,
    /// What stands there in this line.
    place: Vec<u8>,
    /// Whether that is a place not met before.
    unknown: bool,
    /// The same columns of the last line whose place was known, and the number of that.
    last: Vec<u8>,
    last_number: Option<usize>,
    numbers: HashMap<Vec<u8>, usize, RandomState>,
}

impl Places {
    /// Of lines under this header.
    pub(super) fn under(header: &Header) -> Self {
        let place = [
            header.site_name,
            header.site_id,
            header.computer,
            header.port,
            header.host,
        ];
        Self {
            places_at: place.into_iter().flatten().collect(),
            ..Self::default()
        }
    }

    /// The number of the place that a line was served at, where that is known.
    pub(super) fn place(&mut self, row: &Row<'_, '_>) -> Option<usize> {
        let values = self.places_at.iter();
        let values = values.map(|at| row.get(*at).unwrap_or_default());
        self.unknown = false;
        if self.last_number.is_some() && is_joined(&self.last, values.clone()) {
            return self.last_number;
        }
        self.place.clear();
        for value in values {
            self.place.extend(value);
            self.place.push(b' ');
        }
        let number = self.numbers.get(&self.place).copied();
        self.unknown = number.is_none();
        if number.is_some() {
            std::mem::swap(&mut self.place, &mut self.last);
            self.last_number = number;
        }
        number
    }

    /// Takes the number of the place that the last line was served at.
    pub(super) fn learn(&mut self, served: usize) {
        if self.unknown && self.numbers.len() < PLACES && self.place.len() <= PLACE {
            self.numbers.insert(self.place.clone(), served);
        }
    }

    /// How many are known.
    pub(super) fn len(&self) -> usize {
        self.numbers.len()
    }
}

impl Glance {
    /// At a line that was served there, where it is ordinary.
    pub(super) fn at(
        row: &Row<'_, '_>,
        header: &Header,
        clock: &mut Clock,
        served: usize,
    ) -> Option<Self> {
        let status = number(row.filled(header.status)?)?;
        let named = row.filled(header.user).is_some();
        let (date, time) = (row.filled(header.date), row.filled(header.time));
        if matches!(status, 400 | 401 | 403 | 500 | 503)
            || header.date.is_some() && date.is_none()
            || row.filled(header.win32).is_some_and(is_long)
            || !named && row.filled(header.query).is_some_and(returns)
        {
            return None;
        }
        let client = watch::client(row.filled(header.client).unwrap_or_default());
        Some(Self {
            served,
            time: clock.time(date, time),
            status,
            named,
            client,
            path: watch::path(client, row.filled(header.path).unwrap_or_default()),
        })
    }
}

/// Whether a text is these values with a blank behind each.
#[inline]
fn is_joined<'v>(text: &[u8], mut values: impl Iterator<Item = &'v [u8]>) -> bool {
    let rest = values.try_fold(text, |rest, value| {
        let (same, rest) = rest.split_at_checked(value.len())?;
        is_same(same, value)
            .then(|| rest.strip_prefix(b" "))
            .flatten()
    });
    rest.is_some_and(<[u8]>::is_empty)
}

/// Whether two texts of one length are the same. They are short: a call would take longer.
#[inline]
fn is_same(one: &[u8], other: &[u8]) -> bool {
    let (words, rest) = one.as_chunks::<8>();
    let (others, other_rest) = other.as_chunks::<8>();
    let number = |word: &[u8; 8]| u64::from_le_bytes(*word);
    words.iter().map(number).eq(others.iter().map(number)) && rest.iter().eq(other_rest)
}

/// A status of three digits.
fn number(status: &[u8]) -> Option<u16> {
    let digit = |byte: &u8| char::from(*byte).to_digit(10);
    match status {
        [a, b, c] => u16::try_from(digit(a)? * 100 + digit(b)? * 10 + digit(c)?).ok(),
        _ => None,
    }
}

/// Whether a value may be no 32-bit number.
fn is_long(value: &[u8]) -> bool {
    value.len() > DIGITS || !value.iter().all(u8::is_ascii_digit)
}
