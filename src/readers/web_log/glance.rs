//! The few columns of a W3C line that an ordinary one needs: it was answered, with nothing to note, and is only counted.
//!
//! Nothing is allocated for such a line, and what stands in it as in the line before is not read again. Whatever is out of
//! the ordinary, or not as it should be, is left to [`Reader::line`](super::w3c::Reader::line).

use std::collections::HashMap;

use super::header::Header;
use super::line::returns;
use crate::readers::log_lines::{Blanks, Clock};

/// Combinations of site, computer, port and host that are known again, and how long one may be.
const PLACES: usize = 1024;
const PLACE: usize = 512;
/// Digits that make a 32-bit number, whatever they are.
const DIGITS: usize = 9;

/// What is seen of an ordinary line.
#[derive(Debug)]
pub(super) struct Glance<'l> {
    /// Number of where it was served.
    pub(super) served: usize,
    /// Seconds of the log's clock.
    pub(super) time: Option<i64>,
    pub(super) status: u16,
    /// Whether it names a user.
    pub(super) named: bool,
    pub(super) client: &'l str,
    pub(super) path: &'l str,
}

/// What is remembered of the lines before, under the same header.
#[derive(Debug, Default)]
pub(super) struct Glances {
    blanks: Blanks,
    date: String,
    clock: String,
    time: Option<i64>,
    /// The columns that say where this line was served.
    place: String,
    /// Whether that is a place not met before.
    unknown: bool,
    /// The same columns of the last ordinary line, and the number of the place.
    last: (String, usize),
    places: HashMap<String, usize>,
}

impl Glances {
    /// The line, where it is ordinary.
    pub(super) fn of<'l>(
        &mut self,
        header: &Header,
        clock: &mut Clock,
        line: &'l str,
    ) -> Option<Glance<'l>> {
        self.unknown = false;
        if header.is_ftp || is_apart(line) {
            return None;
        }
        let values = self.blanks.fitting(&header.columns, line)?;
        let status = number(values.filled(header.status)?)?;
        let named = values.filled(header.user).is_some();
        let (date, time) = (values.filled(header.date), values.filled(header.time));
        if matches!(status, 400 | 401 | 403 | 500 | 503)
            || header.date.is_some() && date.is_none()
            || values.filled(header.win32).is_some_and(is_long)
            || !named && values.filled(header.query).is_some_and(returns)
        {
            return None;
        }
        self.place.clear();
        for at in [
            header.site_name,
            header.site_id,
            header.computer,
            header.port,
            header.host,
        ] {
            self.place.push_str(values.filled(at).unwrap_or_default());
            self.place.push(' ');
        }
        let (client, path) = (values.filled(header.client), values.filled(header.path));
        let served = self.served()?;
        Some(Glance {
            served,
            time: self.time(clock, date, time),
            status,
            named,
            client: client.unwrap_or_default(),
            path: path.unwrap_or_default(),
        })
    }

    /// Takes the number of the place that the last line was served at.
    pub(super) fn learn(&mut self, served: usize) {
        if self.unknown && self.places.len() < PLACES && self.place.len() <= PLACE {
            self.places.insert(self.place.clone(), served);
        }
    }

    fn served(&mut self) -> Option<usize> {
        if self.place == self.last.0 {
            return Some(self.last.1);
        }
        let served = self.places.get(&self.place).copied();
        self.unknown = served.is_none();
        self.last.1 = served?;
        self.last.0.clone_from(&self.place);
        served
    }

    /// As the clock tells it. With a date it goes by that alone, so that the same words are the same time.
    fn time(&mut self, clock: &mut Clock, date: Option<&str>, time: Option<&str>) -> Option<i64> {
        let (Some(day), Some(hour)) = (date, time) else {
            return clock.time(date, time);
        };
        if day != self.date || hour != self.clock {
            self.time = clock.time(date, time);
            self.date.clear();
            self.date.push_str(day);
            self.clock.clear();
            self.clock.push_str(hour);
        }
        self.time
    }
}

/// Whether a line is a directive, or filled up with zeros.
fn is_apart(line: &str) -> bool {
    let filler = ['\0', '\u{1a}'];
    line.starts_with('#') || line.starts_with(filler) || line.ends_with(filler)
}

/// A status of three digits.
fn number(status: &str) -> Option<u16> {
    let three = status.len() == 3 && status.bytes().all(|b| b.is_ascii_digit());
    three.then(|| status.parse().ok()).flatten()
}

/// Whether a value may be no 32-bit number.
fn is_long(value: &str) -> bool {
    value.len() > DIGITS || !value.bytes().all(|b| b.is_ascii_digit())
}
