//! The few columns of a W3C line that an ordinary one needs: it was answered, with nothing to note, and is only counted.
//!
//! Nothing is allocated for such a line, and what stands in it as in the line before is not read again. Whatever is out of
//! the ordinary is left to [`Heading::take`](super::w3c::Heading::take), and what is not as it should be to
//! [`Reader::line`](super::w3c::Reader::line).

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::header::Header;
use super::line::returns;
use super::watch::{self, Slot};
use crate::readers::log_lines::{Clock, Row};

/// Combinations of site, computer, port and host that are known again, and how long one may be.
const PLACES: usize = 1024;
const PLACE: usize = 512;
/// Digits that make a 32-bit number, whatever they are.
const DIGITS: usize = 9;

/// What is seen of an ordinary line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Glance {
    pub(super) kind: Kind,
    /// The number of the client.
    client: u64,
}

/// What ordinary lines are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Kind {
    /// Number of where they were served.
    pub(super) served: usize,
    /// Seconds of the log's clock.
    pub(super) time: Option<i64>,
    pub(super) status: u16,
    /// Whether they name a user.
    pub(super) named: bool,
}

/// The places that lines under one header were served at.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// The columns that say where a line was served, and what stood there in the last line whose place was known.
    last: Vec<(usize, Vec<u8>)>,
    /// The number of that.
    last_number: Option<usize>,
    /// What stands there in this line, where that is another.
    place: Vec<u8>,
    /// Whether that is a place not met before.
    unknown: bool,
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
            last: place
                .into_iter()
                .flatten()
                .map(|at| (at, Vec::new()))
                .collect(),
            ..Self::default()
        }
    }

    /// The number of the place that a line was served at, where that is known.
    #[inline(always)]
    pub(super) fn place(&mut self, row: &Row<'_, '_>) -> Option<usize> {
        let mut last = self.last.iter();
        self.unknown = false;
        match last.all(|(at, last)| is_same(last, row.get(*at).unwrap_or_default())) {
            true if self.last_number.is_some() => self.last_number,
            _ => self.other_place(row),
        }
    }

    fn other_place(&mut self, row: &Row<'_, '_>) -> Option<usize> {
        self.place.clear();
        for (at, _) in &self.last {
            self.place.extend(row.get(*at).unwrap_or_default());
            self.place.push(b' ');
        }
        let number = self.numbers.get(&self.place).copied();
        self.unknown = number.is_none();
        if number.is_some() {
            for (at, last) in &mut self.last {
                last.clear();
                last.extend(row.get(*at).unwrap_or_default());
            }
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
    #[inline(always)]
    pub(super) fn at(
        row: &Row<'_, '_>,
        header: &Header,
        clock: &mut Clock,
        served: usize,
    ) -> Option<Self> {
        let status = number(row.word(header.status?)?)?;
        let named = header.user.is_some_and(|at| row.is_filled(at));
        if matches!(status, 400 | 401 | 403 | 500 | 503)
            || header.win32.is_some_and(|at| is_long(row, at))
            || !named && row.filled(header.query).is_some_and(returns)
        {
            return None;
        }
        Some(Self {
            kind: Kind {
                served,
                time: match clock.again(row.line()).filter(|_| header.begins_with_time) {
                    Some(time) => time,
                    None => time(row, header, clock)?,
                },
                status,
                named,
            },
            client: watch::client(row.filled(header.client).unwrap_or_default()),
        })
    }

    /// Where the client of the line is watched.
    #[inline(always)]
    pub(super) fn client(&self) -> Slot {
        watch::slot(self.client)
    }

    /// Where the path is watched that the client asked for.
    #[inline(always)]
    pub(super) fn path(&self, row: &Row<'_, '_>, header: &Header) -> Slot {
        watch::path(self.client, row.filled(header.path).unwrap_or_default())
    }
}

/// The time of a line, if it has one; `None` where it lacks the date that its header names.
fn time(row: &Row<'_, '_>, header: &Header, clock: &mut Clock) -> Option<Option<i64>> {
    let (date, time) = (row.filled(header.date), row.filled(header.time));
    match (date, time) {
        (None, _) if header.date.is_some() => None,
        (Some(date), Some(time)) if header.begins_with_time => {
            Some(clock.first(row.line(), date, time))
        }
        _ => Some(clock.time(date, time)),
    }
}

/// Whether two texts are the same. They are short: a call would take longer.
#[inline(always)]
fn is_same(one: &[u8], other: &[u8]) -> bool {
    let (words, rest) = one.as_chunks::<8>();
    let (others, other_rest) = other.as_chunks::<8>();
    let number = |word: &[u8; 8]| u64::from_le_bytes(*word);
    one.len() == other.len()
        && words.iter().map(number).eq(others.iter().map(number))
        && rest.iter().eq(other_rest)
}

/// A status of three digits, the first of them the lowest byte.
#[inline(always)]
fn number(status: u64) -> Option<u16> {
    let [a, b, c, 0, ..] = status.to_le_bytes() else {
        return None;
    };
    let digit = |byte: u8| Some(u16::from(byte.wrapping_sub(b'0'))).filter(|digit| *digit <= 9);
    Some(digit(a)? * 100 + digit(b)? * 10 + digit(c)?)
}

/// Whether a value may be no 32-bit number. Nearly all are 0.
#[inline(always)]
fn is_long(row: &Row<'_, '_>, at: usize) -> bool {
    const ZERO: u64 = b'0' as u64;
    row.word(at) != Some(ZERO)
        && row
            .filled(Some(at))
            .is_some_and(|value| value.len() > DIGITS || !value.iter().all(u8::is_ascii_digit))
}
