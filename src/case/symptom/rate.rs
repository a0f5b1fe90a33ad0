//! How failures are spread over time: whether they began while the sources ran, and how many an hour came before and after.
//!
//! The turn is where two steady rates explain the hours best (the likelihood ratio of two Poisson rates against one). It is
//! told only where it is clear: the ups and downs of a working day are none.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::Symptom;
use crate::case::Case;
use crate::evidence::{ArtifactId, Citation, When};

/// Failures by hour, and the files that show them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pace {
    /// Failures in each hour since 1970, UTC.
    hours: BTreeMap<i64, u64>,
    /// The files.
    sources: BTreeSet<ArtifactId>,
}

/// Failures over a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    /// How many.
    pub count: u64,
    /// How long, in hours; at least one.
    pub hours: f64,
}

/// How failures began.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Turn {
    /// The first failure of the rate that lasts.
    pub at: Timestamp,
    /// What the sources show before it; `None` where they begin with it.
    pub before: Option<Stretch>,
    /// What they show from it on, to the last failure.
    pub after: Stretch,
}

impl Stretch {
    /// Failures an hour.
    pub fn rate(self) -> f64 {
        // Counts of events are far below the precision of a double.
        self.count as f64 / self.hours
    }
}

/// Seconds of an hour.
const HOUR: i64 = 3600;
/// Sources that begin less than this before the first failure do not show what was before.
const QUIET: SignedDuration = SignedDuration::from_mins(30);
/// A symptom is over where its sources go on for so long without it.
const OVER: SignedDuration = SignedDuration::from_hours(1);
/// A rate that rose by less than this is that of another hour of the day.
const CLEARLY_MORE: f64 = 4.0;
/// The logarithm of the likelihood ratio from which on two rates are told apart.
const CLEARLY_TWO: f64 = 8.0;
/// Hours that are looked at, the last ones: more than a year.
const LOOKED_AT: i64 = 10_000;

impl Pace {
    /// Names a file that shows failures, or would.
    pub(super) fn shown_by(&mut self, source: ArtifactId) {
        self.sources.insert(source);
    }

    /// Counts what was seen.
    pub(super) fn saw(&mut self, time: Option<Timestamp>, count: u64, from: &Citation) {
        self.add(time, count);
        self.shown_by(from.artifact);
    }

    /// Counts failures at a time.
    pub(super) fn add(&mut self, time: Option<Timestamp>, count: u64) {
        if let Some(time) = time {
            *self.hours.entry(hour(time)).or_default() += count;
        }
    }

    /// Where a clear rise begins, as the hour; `None` where one rate fits all of them as well.
    fn rise(&self, from: Timestamp) -> Option<i64> {
        let last = *self.hours.keys().next_back()?;
        let first = hour(from).max(last.saturating_sub(LOOKED_AT));
        let all = Stretch {
            count: self.sum(first, last + 1),
            hours: span(first, last + 1),
        };
        let mut best: Option<(f64, i64)> = None;
        let mut passed = 0;
        for (&at, &count) in self.hours.range(first..) {
            let before = Stretch {
                count: passed,
                hours: span(first, at),
            };
            let after = Stretch {
                count: all.count - passed,
                hours: span(at, last + 1),
            };
            passed += count;
            let ratio = likelihood(before) + likelihood(after) - likelihood(all);
            let rises = at > first && after.rate() >= before.rate() * CLEARLY_MORE;
            // Of equal ones the first.
            if rises && ratio >= CLEARLY_TWO && best.is_none_or(|(most, _)| ratio > most) {
                best = Some((ratio, at));
            }
        }
        best.map(|(_, at)| at)
    }

    fn sum(&self, from: i64, to: i64) -> u64 {
        self.hours.range(from..to).map(|(_, count)| count).sum()
    }
}

impl Case {
    /// How the failures of a symptom began, where its times and the span of its sources are known.
    pub(super) fn turn_of(&self, symptom: &Symptom) -> Option<Turn> {
        let (first, last) = (symptom.first?, symptom.last?);
        let begin = symptom
            .pace
            .sources
            .iter()
            .filter_map(|file| Some(self.span_of(*file)?.0))
            .min()?;
        let stretch = |count, from: Timestamp, to: Timestamp| Stretch {
            count,
            hours: (to.duration_since(from).as_secs_f64() / HOUR as f64).max(1.0),
        };
        let quiet = first.duration_since(begin) >= QUIET;
        if let Some(hour) = symptom.pace.rise(begin.min(first)) {
            let at = Timestamp::from_second(hour.checked_mul(HOUR)?)
                .ok()?
                .max(first);
            let (before, after) = (
                symptom.pace.sum(i64::MIN, hour),
                symptom.pace.sum(hour, i64::MAX),
            );
            return Some(Turn {
                at,
                before: (at > begin).then(|| stretch(before, begin, at)),
                after: stretch(after, at, last),
            });
        }
        Some(Turn {
            at: first,
            before: quiet.then(|| stretch(0, begin, first)),
            after: stretch(symptom.count, first, last),
        })
    }

    /// The end of the sources of a symptom, where they go on for long enough after the last failure to show that it is over:
    /// an hour, and ten times as long as failures were apart.
    pub fn end_after(&self, symptom: &Symptom) -> Option<Timestamp> {
        let (first, last) = (symptom.first?, symptom.last?);
        let sources = &symptom.pace.sources;
        let end = sources
            .iter()
            .filter_map(|file| Some(self.span_of(*file)?.1))
            .max()?;
        let apart = last.duration_since(first) / i32::try_from(symptom.count).ok()?.max(1);
        let long = end.duration_since(last) >= OVER.max(apart.saturating_mul(10));
        long.then_some(end)
    }

    /// The first and last time that a file covers, whatever it shows there.
    fn span_of(&self, file: ArtifactId) -> Option<(Timestamp, Timestamp)> {
        let utc = |host, when: Option<When>| Some(self.clocks.utc(host, when?)?.0);
        let channels = self
            .coverage
            .iter()
            .filter(|c| c.artifacts.contains(&file))
            .map(|c| (c.first, c.last));
        let sites = self.logged_sites.iter().flat_map(|site| {
            let logs = site.logs.iter().filter(|(artifact, ..)| *artifact == file);
            logs.filter_map(|(_, first, last)| {
                Some((utc(site.host, *first)?, utc(site.host, *last)?))
            })
        });
        let refusals = self
            .http_logs
            .iter()
            .filter(|(_, artifact, ..)| *artifact == file)
            .filter_map(|(host, _, _, first, last)| {
                Some((utc(*host, *first)?, utc(*host, *last)?))
            });
        channels
            .chain(sites)
            .chain(refusals)
            .reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)))
    }
}

fn hour(time: Timestamp) -> i64 {
    time.as_second().div_euclid(HOUR)
}

fn span(from: i64, to: i64) -> f64 {
    (to - from).max(1) as f64
}

/// The logarithm of the likelihood of a stretch at its own rate, without what is the same for all.
fn likelihood(stretch: Stretch) -> f64 {
    match stretch.count {
        0 => 0.0,
        count => count as f64 * stretch.rate().ln(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pace with so many failures in each hour after an hour.
    fn pace(counts: &[u64]) -> Pace {
        let mut pace = Pace::default();
        for (hour, count) in (100..).zip(counts) {
            let time = Timestamp::from_second(hour * HOUR + 60).expect("a time");
            if *count > 0 {
                pace.add(Some(time), *count);
            }
        }
        pace
    }

    fn rise(counts: &[u64]) -> Option<i64> {
        let begin = Timestamp::from_second(100 * HOUR).expect("a time");
        pace(counts).rise(begin).map(|hour| hour - 100)
    }

    #[test]
    fn a_clear_rise_is_found_where_it_begins() {
        assert_eq!(rise(&[1, 0, 1, 1, 0, 1, 0, 30, 41, 38, 25]), Some(7));
        assert_eq!(rise(&[0, 0, 0, 0, 0, 0, 0, 9, 12, 7]), Some(7));
    }

    #[test]
    fn a_steady_rate_and_a_few_failures_have_none() {
        assert_eq!(rise(&[5, 7, 4, 6, 8, 5, 6]), None);
        assert_eq!(rise(&[0, 0, 1, 0, 1]), None);
        assert_eq!(rise(&[9, 12, 30, 28, 11, 9]), None, "a busy noon");
        assert_eq!(rise(&[]), None);
        assert_eq!(rise(&[40, 3, 2, 1]), None, "it falls");
    }

    #[test]
    fn times_at_the_end_of_all_times_do_no_harm() {
        let mut pace = Pace::default();
        for time in [Timestamp::MIN, Timestamp::MAX] {
            pace.add(Some(time), u64::from(u32::MAX));
        }
        assert!(
            pace.rise(Timestamp::MIN)
                .is_none_or(|hour| hour <= super::hour(Timestamp::MAX))
        );
    }
}
