//! Which record ids a log holds: stretches without a hole. Where the stretches end, records are missing: overwritten, or
//! left out by whoever exported.

use jiff::Timestamp;

/// Records whose ids follow one another without a hole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Run {
    /// The first record id.
    pub first: u64,
    /// The last record id.
    pub last: u64,
    /// The time of the first, UTC.
    pub from: Timestamp,
    /// The time of the last, UTC.
    pub to: Timestamp,
}

/// Records that are missing between two that are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hole {
    /// How many.
    pub missing: u64,
    /// The time of the record before, UTC.
    pub from: Timestamp,
    /// The time of the record after, UTC.
    pub to: Timestamp,
}

/// The record ids of a channel.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Runs {
    runs: Vec<Run>,
    /// True where there were more stretches than are kept: ids stand scattered, as in an export with a filter.
    scattered: bool,
}

/// Stretches that are kept.
const KEPT: usize = 4096;

impl Runs {
    /// Adds a record. Ids of 0 stand for none.
    pub(crate) fn add(&mut self, id: u64, time: Timestamp) {
        if id == 0 || self.scattered {
            return;
        }
        let full = self.runs.len() >= KEPT;
        match self.runs.last_mut() {
            Some(run) if run.last.checked_add(1) == Some(id) => {
                run.last = id;
                run.to = time;
            }
            Some(run) if (run.first..=run.last).contains(&id) => {}
            _ if full => self.scattered = true,
            _ => self.runs.push(Run {
                first: id,
                last: id,
                from: time,
                to: time,
            }),
        }
    }

    /// Adds the records that follow in the same log.
    pub(crate) fn append(&mut self, following: Self) {
        for next in following.runs {
            let full = self.runs.len() >= KEPT;
            match self.runs.last_mut() {
                Some(run) if (run.first..=run.last.saturating_add(1)).contains(&next.first) => {
                    if next.last > run.last {
                        (run.last, run.to) = (next.last, next.to);
                    }
                }
                _ if full || self.scattered => self.scattered = true,
                _ => self.runs.push(next),
            }
        }
        self.scattered |= following.scattered;
    }

    /// The stretches of both.
    pub(crate) fn join(&mut self, other: Self) {
        self.scattered |= other.scattered;
        self.runs.extend(other.runs);
        if self.runs.len() > KEPT {
            self.runs = self.merged();
        }
        self.scattered |= self.runs.len() > KEPT;
        self.runs.truncate(KEPT);
    }

    /// Whether ids stand scattered, as where whoever exported chose some events: more than a stretch for every third record.
    pub fn is_scattered(&self, records: u64) -> bool {
        let runs = self.merged().len() as u64;
        self.scattered || (runs > 3 && runs.saturating_mul(3) > records)
    }

    /// The holes, those with most records missing first, each where the stretch after it begins.
    pub fn holes(&self) -> Vec<Hole> {
        let mut holes: Vec<Hole> = self
            .merged()
            .windows(2)
            .filter_map(|pair| {
                let [before, after] = pair else { return None };
                Some(Hole {
                    missing: after.first - before.last - 1,
                    from: before.to,
                    to: after.from,
                })
            })
            .collect();
        holes.sort_by(|a, b| b.missing.cmp(&a.missing).then(a.from.cmp(&b.from)));
        holes
    }

    /// The stretches in the order of the ids, those that touch or overlap as one.
    fn merged(&self) -> Vec<Run> {
        let mut sorted = self.runs.clone();
        sorted.sort_unstable();
        let mut merged: Vec<Run> = Vec::with_capacity(sorted.len());
        for run in sorted {
            match merged.last_mut() {
                Some(last) if run.first <= last.last.saturating_add(1) => {
                    if run.last > last.last {
                        (last.last, last.to) = (run.last, run.to);
                    }
                }
                _ => merged.push(run),
            }
        }
        merged
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a time")
    }

    fn runs(ids: &[u64]) -> Runs {
        let mut runs = Runs::default();
        for id in ids {
            runs.add(*id, at(i64::try_from(*id).expect("small") * 10));
        }
        runs
    }

    #[test]
    fn a_hole_is_told_with_the_times_around_it() {
        let holes = runs(&[5, 6, 7, 20, 21, 30]).holes();
        assert_eq!(
            holes[0],
            Hole {
                missing: 12,
                from: at(70),
                to: at(200)
            }
        );
        assert_eq!(holes[1].missing, 8);
        assert_eq!(runs(&[1, 2, 3]).holes(), []);
    }

    #[test]
    fn the_ring_of_a_log_and_a_second_export_are_no_holes() {
        assert_eq!(runs(&[7, 8, 9, 4, 5, 6]).holes(), []);
        let mut both = runs(&[1, 2, 3]);
        both.join(runs(&[3, 4, 5]));
        assert_eq!(both.holes(), []);
    }

    #[test]
    fn an_export_with_a_filter_is_scattered_and_one_with_a_hole_is_not() {
        let filtered: Vec<u64> = (0..50).map(|n| n * 7 + 1).collect();
        assert!(runs(&filtered).is_scattered(50));
        let whole: Vec<u64> = (1..50).chain(80..130).collect();
        assert!(!runs(&whole).is_scattered(99));
    }

    proptest! {
        #[test]
        fn records_added_in_parts_are_those_added_one_by_one(ids in prop::collection::vec(1..40u64, 0..60), cut in 0..60usize) {
            let (first, second) = ids.split_at(cut.min(ids.len()));
            let mut parts = runs(first);
            parts.append(runs(second));
            prop_assert_eq!(parts, runs(&ids));
        }

        #[test]
        fn any_ids_give_holes_that_fit(ids in prop::collection::vec(any::<u64>(), 0..60)) {
            let mut runs = Runs::default();
            for (second, id) in (0..).zip(&ids) {
                runs.add(*id, at(second));
            }
            prop_assert!(runs.holes().iter().all(|hole| hole.missing > 0));
        }
    }
}
