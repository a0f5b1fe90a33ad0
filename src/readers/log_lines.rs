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

use std::borrow::Cow;

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::Offset;

use crate::evidence::{ArtifactId, Place, Problem};

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

/// Where the values of a line part. One is used for line after line, so that nothing is allocated.
#[derive(Debug, Default)]
pub(super) struct Blanks(Vec<usize>);

/// The values of a line, one a column.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Values<'l, 'b> {
    /// They stand between blanks.
    Between(&'l str, &'b [usize]),
    /// There are more blanks than that.
    List(Vec<&'l str>),
}

impl Blanks {
    /// The values of a line. Empty ones are columns of their own, unless the line then has too many: a value that begins
    /// with a blank gives two blanks in a row.
    pub(super) fn split<'l>(
        &mut self,
        columns: &Columns,
        line: &'l str,
    ) -> Result<Values<'l, '_>, Misfit> {
        self.find(line.as_bytes());
        let values = self.0.len() + 1;
        if values == columns.len() {
            return Ok(Values::Between(line, &self.0));
        }
        let most = columns.len() + 64;
        let filled: Vec<&str> = line
            .split(' ')
            .take(most)
            .filter(|v| !v.is_empty())
            .collect();
        if filled.len() == columns.len() {
            return Ok(Values::List(filled));
        }
        Err(match values < columns.len() {
            true => Misfit::Short,
            false => Misfit::Long,
        })
    }

    /// The same, where the line has as many values as there are columns, empty ones among them.
    pub(super) fn fitting<'l>(
        &mut self,
        columns: &Columns,
        line: &'l str,
    ) -> Option<Values<'l, '_>> {
        self.find(line.as_bytes());
        (self.0.len() + 1 == columns.len()).then_some(Values::Between(line, &self.0))
    }

    /// Finds the blanks, 32 bytes at a time: they stand too close together for `memchr`.
    fn find(&mut self, line: &[u8]) {
        const STEP: usize = u32::BITS as usize;
        self.0.clear();
        let (steps, rest) = line.as_chunks::<STEP>();
        let mut begin = 0;
        for step in steps {
            let marks = |marks, (at, byte): (usize, &u8)| marks | u32::from(*byte == b' ') << at;
            let mut marks = step.iter().enumerate().fold(0, marks);
            while marks != 0 {
                self.0.push(begin + marks.trailing_zeros() as usize);
                marks &= marks - 1;
            }
            begin += STEP;
        }
        let rest = rest.iter().zip(begin..);
        self.0
            .extend(rest.filter(|(byte, _)| **byte == b' ').map(|(_, at)| at));
    }
}

impl<'l> Values<'l, '_> {
    /// The value of a column.
    pub(super) fn get(&self, at: Option<usize>) -> Option<&'l str> {
        let at = at?;
        match self {
            Values::Between(line, blanks) => {
                let begin = match at.checked_sub(1) {
                    Some(before) => blanks.get(before)? + 1,
                    None => 0,
                };
                line.get(begin..blanks.get(at).copied().unwrap_or(line.len()))
            }
            Values::List(values) => values.get(at).copied(),
        }
    }

    /// The same, where it is not empty.
    pub(super) fn filled(&self, at: Option<usize>) -> Option<&'l str> {
        self.get(at).and_then(filled)
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

/// The clock of a log: seconds of its own wall clock, counted as if that were UTC.
#[derive(Debug, Default)]
pub(super) struct Clock {
    date: Option<Date>,
    last: Option<i64>,
}

impl Clock {
    /// Takes the date of a `#Date:` directive.
    pub(super) fn set(&mut self, date: &str) {
        if let Some(date) = date.split(' ').next().and_then(iso_date) {
            self.date = Some(date);
            self.last = None;
        }
    }

    /// The time of a line; `None` where the line has none, or nothing says of which day it is.
    pub(super) fn time(&mut self, date: Option<&str>, time: Option<&str>) -> Option<i64> {
        let time = day_time(time?)?;
        match date {
            Some(date) => seconds(iso_date(date)?, time),
            None => {
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

    proptest! {
        #[test]
        fn values_stand_between_blanks(line in "([ -~é]{0,40} ?){0,4}", more in -2isize..2) {
            let values: Vec<&str> = line.split(' ').collect();
            let count = values.len().saturating_add_signed(more).max(1);
            let columns = Columns::of(&"c ".repeat(count));
            let mut blanks = Blanks::default();
            let split = blanks.split(&columns, &line);
            if count == values.len() {
                let split = split.unwrap();
                let got: Vec<&str> = (0..count).filter_map(|at| split.get(Some(at))).collect();
                prop_assert_eq!(got, values);
            } else if line.split(' ').filter(|v| !v.is_empty()).count() != count {
                prop_assert_eq!(split.is_err(), true);
            }
        }
    }

    #[test]
    fn times() {
        let mut clock = Clock::default();
        assert_eq!(clock.time(None, Some("08:00:00")), None, "of no day");
        clock.set("2026-02-28 23:59:58");
        let late = clock.time(None, Some("23:59:59")).unwrap();
        assert_eq!(
            clock.time(None, Some("00:00:01")),
            Some(late + 2),
            "midnight"
        );
        assert_eq!(
            timestamp(clock.time(Some("2026-03-02"), Some("08:00:00")).unwrap())
                .unwrap()
                .to_string(),
            "2026-03-02T08:00:00Z"
        );
        for (date, time) in [
            ("2026-13-02", "08:00:00"),
            ("2026-03-02", "25:00:00"),
            ("x", "y"),
        ] {
            assert_eq!(clock.time(Some(date), Some(time)), None);
        }
    }

    #[test]
    fn long_values_are_cut() {
        assert_eq!(kept(&"é".repeat(500)).chars().count(), KEPT_CHARS + 1);
        assert_eq!(kept("/a"), "/a");
    }
}
