//! What the logs of IIS and of http.sys have in common: directives, columns, and times without a date.
//!
//! ```text
//! #Software: Microsoft Internet Information Services 10.0
//! #Date: 2026-03-02 08:00:00                    stands in for a date column that is not there
//! #Fields: time c-ip cs-method cs-uri-stem …    says what each column is, until the next such line
//! 08:00:01 10.0.0.7 GET /a …
//! ```
//!
//! gives each row its time and the place of its columns; where rows have no date, a time that falls back begins the next
//! day.

mod blanks;
mod marks;
mod path;
mod row;

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::Offset;

use crate::evidence::{ArtifactId, Citation, Place, Problem};
pub(super) use blanks::{Blanks, Values};
pub(super) use path::kept_path;
pub(super) use row::{Begins, Row};

/// Problems of one file that are told one by one; the rest is counted.
const TOLD: usize = 40;
/// A column of a line that is longer than this is cut where it is kept.
const KEPT_CHARS: usize = 200;
/// A time that falls back by this many seconds or more, in a log without a date column, belongs to the next day.
const HALF_A_DAY: i64 = 43_200;

/// The columns that a `#Fields:` directive names, in lower case.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    names: Vec<String>,
}

impl Columns {
    /// Of a list of names.
    pub(super) fn of(names: &str) -> Self {
        Self {
            names: names
                .split_whitespace()
                .map(str::to_ascii_lowercase)
                .collect(),
        }
    }

    /// Where a column stands.
    pub(super) fn at(&self, name: &str) -> Option<usize> {
        self.names.iter().position(|n| n == name)
    }

    /// Where the first of these columns stands that is there.
    pub(super) fn any(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| self.at(name))
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.names.len()
    }
}

/// Why a line does not fit its columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Misfit {
    /// It has fewer values: it was cut.
    Short,
    /// It has more: a value holds a blank, or the columns are those of another log.
    Long,
}

/// The name and the value of a directive, `#Fields: date time`.
pub(super) fn directive(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.strip_prefix('#')?.split_once(':')?;
    Some((name, value.trim()))
}

/// The value of a column, where it is not empty.
pub(super) fn filled(value: &str) -> Option<&str> {
    Some(value).filter(|v| !v.is_empty() && *v != "-")
}

/// A value as it is kept: not longer than a screen is wide.
pub(super) fn kept(value: &str) -> Cow<'_, str> {
    let cut = (value.len() > KEPT_CHARS)
        .then(|| value.char_indices().nth(KEPT_CHARS))
        .flatten();
    match cut {
        Some((at, _)) => Cow::Owned(format!("{}…", value.get(..at).unwrap_or_default())),
        None => Cow::Borrowed(value),
    }
}

/// Length of a date and a time in the usual spelling, with a blank behind each.
const HEAD: usize = 20;

/// The clock of a log: seconds of its own wall clock, counted as if that were UTC.
#[derive(Debug, Default)]
pub(super) struct Clock {
    date: Option<Date>,
    last: Option<i64>,
    /// A date and a time in the usual spelling, and when that is: often the next line's too.
    dated: Option<([u8; 10], [u8; 8], Option<i64>)>,
    /// What a line begins with that has both first, and when that is.
    head: Option<([u8; HEAD], Option<i64>)>,
}

impl Clock {
    /// Takes the date of a `#Date:` directive.
    pub(super) fn set(&mut self, date: &str) {
        if let Some(date) = date.split(' ').next().and_then(iso_date) {
            self.date = Some(date);
            self.last = None;
        }
    }

    /// The time of a line whose first columns are date and time, where it is that of the last such line.
    #[inline(always)]
    pub(super) fn again(&self, line: &[u8]) -> Option<Option<i64>> {
        let (head, at) = self.head.as_ref()?;
        (line.first_chunk() == Some(head)).then_some(*at)
    }

    /// The time of a line that begins with this date and this time.
    pub(super) fn first(&mut self, line: &[u8], date: &[u8], time: &[u8]) -> Option<i64> {
        let at = self.time(Some(date), Some(time));
        let usual = date.len() == 10 && time.len() == 8;
        self.head = line.first_chunk().filter(|_| usual).map(|head| (*head, at));
        at
    }

    /// The time of a line; `None` where the line has none, or nothing says of which day it is.
    #[inline(always)]
    pub(super) fn time(&mut self, date: Option<&[u8]>, time: Option<&[u8]>) -> Option<i64> {
        let dated = (
            date.and_then(<[u8]>::as_array),
            time.and_then(<[u8]>::as_array),
        );
        if let (Some(date), Some(time)) = dated {
            return self.dated(date, time);
        }
        self.read(date, time)
    }

    /// The time of a line that has both in the usual spelling.
    #[inline]
    fn dated(&mut self, date: &[u8; 10], time: &[u8; 8]) -> Option<i64> {
        let at = match &self.dated {
            Some((last_date, last_time, at)) if last_date == date => match last_time == time {
                true => return *at,
                // Of the same day.
                false => (*at)
                    .zip(second_of_day(last_time).zip(second_of_day(time)))
                    .map(|(at, (last, second))| at - last + second)
                    // Time ends in the middle of a day.
                    .filter(|at| timestamp(*at).is_some()),
            },
            _ => None,
        };
        let at = at.or_else(|| self.read(Some(date), Some(time)));
        self.dated = Some((*date, *time, at));
        at
    }

    fn read(&mut self, date: Option<&[u8]>, time: Option<&[u8]>) -> Option<i64> {
        let text = |value| std::str::from_utf8(value).ok();
        let time = time?;
        match date {
            Some(date) => seconds(iso_date(text(date)?)?, day_time(text(time)?)?),
            None => {
                let time = day_time(text(time)?)?;
                let mut at = seconds(self.date?, time)?;
                if self.last.is_some_and(|last| last - at >= HALF_A_DAY) {
                    self.date = self.date?.tomorrow().ok();
                    at = seconds(self.date?, time)?;
                }
                self.last = Some(at);
                Some(at)
            }
        }
    }
}

/// `07:55:20` as a number of seconds.
fn second_of_day(time: &[u8; 8]) -> Option<i64> {
    let two = |tens: u8, ones: u8| {
        let digit = |byte: u8| Some(byte.wrapping_sub(b'0')).filter(|digit| *digit <= 9);
        Some(i64::from(digit(tens)? * 10 + digit(ones)?))
    };
    let [h, hh, b':', m, mm, b':', s, ss] = *time else {
        return None;
    };
    let (hour, minute, second) = (two(h, hh)?, two(m, mm)?, two(s, ss)?);
    (hour < 24 && minute < 60 && second < 60).then_some(hour * 3600 + minute * 60 + second)
}

/// `2026-03-02`
pub(super) fn iso_date(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// `7:55:20`
pub(super) fn day_time(text: &str) -> Option<Time> {
    let mut parts = text.split(':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    Time::new(
        hour.parse().ok()?,
        minute.parse().ok()?,
        second.parse().ok()?,
        0,
    )
    .ok()
}

/// Seconds since 1970 of a wall clock.
pub(super) fn seconds(date: Date, time: Time) -> Option<i64> {
    let at = Offset::UTC.to_timestamp(date.to_datetime(time)).ok()?;
    Some(at.as_second())
}

/// The time of a number of seconds.
pub(super) fn timestamp(seconds: i64) -> Option<Timestamp> {
    Timestamp::from_second(seconds).ok()
}

/// A line that may be cited.
#[derive(Debug, Default)]
pub(super) struct Told {
    pub(super) number: u32,
    /// Seconds UTC.
    pub(super) time: Option<i64>,
    pub(super) text: String,
}

impl Told {
    /// Becomes another line, in the room that this one has.
    pub(super) fn set(&mut self, number: u32, time: Option<i64>, text: &str) {
        (self.number, self.time) = (number, time);
        self.text.clear();
        self.text.push_str(text);
    }

    pub(super) fn cited(self, artifact: ArtifactId) -> Citation {
        Citation {
            artifact,
            place: Place::Line(self.number),
            time: self.time.and_then(timestamp),
            text: self.text.into(),
        }
    }
}

/// Lines that were not understood: the first few one by one, the rest counted.
#[derive(Debug)]
pub(super) struct Skipped {
    artifact: ArtifactId,
    problems: Vec<Problem>,
    more: u64,
}

impl Skipped {
    pub(super) fn new(artifact: ArtifactId) -> Self {
        Self {
            artifact,
            problems: Vec::new(),
            more: 0,
        }
    }

    /// A line that was skipped, or read in part.
    pub(super) fn line(&mut self, line: u32, says: &str) {
        if self.problems.len() < TOLD {
            let place = Place::Line(line);
            self.problems.push(Problem::new(self.artifact, place, says));
        } else {
            self.more += 1;
        }
    }

    /// Something that is true of the whole file.
    pub(super) fn whole(&mut self, says: impl Into<String>) {
        self.problems
            .push(Problem::new(self.artifact, Place::Whole, says));
    }

    /// All of them.
    pub(super) fn problems(mut self) -> Vec<Problem> {
        if self.more > 0 {
            let says = format!(
                "{} more lines were not understood and are left out",
                self.more
            );
            self.whole(says);
        }
        self.problems
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn columns_and_blanks() {
        let columns = Columns::of("time cs-username c-ip sc-status ");
        assert_eq!(columns.len(), 4);
        let split = |line: &'static str| -> Result<Vec<&str>, Misfit> {
            let mut blanks = Blanks::default();
            let values = blanks.split(&columns, line)?;
            assert_eq!(values.get(Some(4)), None);
            Ok((0..4).filter_map(|at| values.get(Some(at))).collect())
        };
        assert_eq!(
            split("08:00:00  10.0.0.7 200"),
            Ok(vec!["08:00:00", "", "10.0.0.7", "200"]),
            "an empty value"
        );
        assert_eq!(
            split("08:00:00  CORP\\uma 10.0.0.7 200"),
            Ok(vec!["08:00:00", "CORP\\uma", "10.0.0.7", "200"]),
            "a value that begins with a blank"
        );
        assert_eq!(split("08:00:00 - 10.0"), Err(Misfit::Short));
        assert_eq!(split("08:00:00 a b c d"), Err(Misfit::Long));
    }

    #[test]
    fn times() {
        let mut clock = Clock::default();
        assert_eq!(
            clock.time(None, Some(b"08:00:00".as_slice())),
            None,
            "of no day"
        );
        clock.set("2026-02-28 23:59:58");
        let late = clock.time(None, Some(b"23:59:59".as_slice())).unwrap();
        assert_eq!(
            clock.time(None, Some(b"00:00:01".as_slice())),
            Some(late + 2),
            "midnight"
        );
        assert_eq!(
            timestamp(
                clock
                    .time(Some(b"2026-03-02".as_slice()), Some(b"08:00:00".as_slice()))
                    .unwrap()
            )
            .unwrap()
            .to_string(),
            "2026-03-02T08:00:00Z"
        );
        for (date, time) in [
            ("2026-13-02", "08:00:00"),
            ("2026-03-02", "25:00:00"),
            ("x", "y"),
        ] {
            assert_eq!(
                clock.time(Some(date.as_bytes()), Some(time.as_bytes())),
                None
            );
        }
    }

    proptest! {
        /// What it keeps of the line before changes nothing.
        #[test]
        fn a_time_says_the_same_after_any_other(
            lines in prop::collection::vec(
                ("2026-0[0-9]-(2[0-9]|3[01]|3)|[0-9-]{10}", "[0-2][0-9]:[0-6][0-9]:[0-6][0-9]|[0-9:+]{8}|8:0:0"),
                1..20,
            ),
        ) {
            let mut clock = Clock::default();
            for (date, time) in &lines {
                let read = |clock: &mut Clock| clock.time(Some(date.as_bytes()), Some(time.as_bytes()));
                prop_assert_eq!(read(&mut clock), read(&mut Clock::default()));
            }
        }
    }

    #[test]
    fn long_values_are_cut() {
        assert_eq!(kept(&"é".repeat(500)).chars().count(), KEPT_CHARS + 1);
        assert_eq!(kept("/a"), "/a");
    }
}
