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
mod clock;
mod marks;
mod path;
mod row;

use std::borrow::Cow;

use crate::evidence::{ArtifactId, Citation, Place, Problem};
pub(super) use blanks::{Blanks, Values};
pub(super) use clock::{Clock, day_time, seconds, timestamp};
pub(super) use path::kept_path;
pub(super) use row::{Begins, Row};

/// Problems of one file that are told one by one; the rest is counted.
const TOLD: usize = 40;
/// A column of a line that is longer than this is cut where it is kept.
const KEPT_CHARS: usize = 200;

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
    fn long_values_are_cut() {
        assert_eq!(kept(&"é".repeat(500)).chars().count(), KEPT_CHARS + 1);
        assert_eq!(kept("/a"), "/a");
    }
}
