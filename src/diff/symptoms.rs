//! The failures of both bundles: which go on, which have stopped, and of which AFTER covers too little to say.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::sources::{self, SHORTEST, Source, Sources, rate, round};
use super::{DUE, Side};
use crate::case::SymptomId;
use crate::report::model::{Rate, SymptomChange, SymptomFate};

/// A failure in both bundles.
pub(super) struct Told {
    /// Its number in BEFORE, where it was seen there.
    pub before: Option<SymptomId>,
    /// What showed it.
    pub sources: BTreeSet<Source>,
    /// What became of it.
    pub change: SymptomChange,
}

/// Failures that go on at less than this share of their rate have dwindled.
const DWINDLED: f64 = 0.1;

/// Failures come in working hours: how often is told by no shorter span, where a longer one is covered.
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// The failures of BEFORE in their order, then those that only AFTER has.
pub(super) fn compare(before: &Side<'_>, after: &Side<'_>, since: Option<Timestamp>) -> Vec<Told> {
    let (old, new) = (of(before), of(after));
    let covered = (
        Sources::of(&before.case, None),
        Sources::of(&after.case, since),
    );
    let mut told = Vec::new();
    for failure in &old.list {
        let earlier = rate(failure.count, covered.0.longest(&failure.sources));
        let other = new.named(&failure.what);
        let later = other.map(|other| {
            let spans = covered.1.longest(failure.sources.union(&other.sources));
            rate(other.count, spans)
        });
        let (fate, says) = match &later {
            Some(later) => goes_on(&earlier, later),
            None => silent(while_it_lasted(failure, &covered.0), failure, &covered.1),
        };
        told.push(Told {
            before: Some(failure.id),
            sources: failure.sources.clone(),
            change: SymptomChange {
                what: failure.what.clone(),
                change: fate,
                before: Some(earlier),
                after: later,
                says,
            },
        });
    }
    for failure in new.list.iter().filter(|new| old.named(&new.what).is_none()) {
        let says = match failure.sources.iter().any(|source| covered.0.has(source)) {
            true => "BEFORE covers what shows it, and it was not there",
            false => "BEFORE does not cover what shows it: it may have been there",
        };
        told.push(Told {
            before: None,
            sources: failure.sources.clone(),
            change: SymptomChange {
                what: failure.what.clone(),
                change: SymptomFate::New,
                before: None,
                after: Some(rate(failure.count, covered.1.longest(&failure.sources))),
                says: says.to_owned(),
            },
        });
    }
    told
}

/// A failure of one side.
struct Failure {
    id: SymptomId,
    /// In words, which name what it is about.
    what: String,
    count: u64,
    first: Option<Timestamp>,
    sources: BTreeSet<Source>,
}

/// The failures of a side in their order; those in the same words are one.
#[derive(Default)]
struct Failures {
    list: Vec<Failure>,
    places: BTreeMap<String, usize>,
}

impl Failures {
    fn named(&self, what: &str) -> Option<&Failure> {
        self.list.get(*self.places.get(what)?)
    }
}

fn of(side: &Side<'_>) -> Failures {
    let mut all = Failures::default();
    let sources = sources::of_symptoms(&side.case);
    let shown = side.report.symptoms.iter().zip(sources);
    for (index, (symptom, sources)) in shown.enumerate() {
        let place = all.places.get(&symptom.what).copied();
        let first = symptom.first_time.map(|time| time.0);
        match place.and_then(|at| all.list.get_mut(at)) {
            Some(known) => {
                known.count = known.count.saturating_add(symptom.count);
                known.sources.extend(sources);
                known.first = known.first.into_iter().chain(first).min();
            }
            None => {
                all.places.insert(symptom.what.clone(), all.list.len());
                all.list.push(Failure {
                    id: SymptomId(index),
                    what: symptom.what.clone(),
                    count: symptom.count,
                    first,
                    sources,
                });
            }
        }
    }
    all
}

/// How many in an hour, from the first one on: the log may reach back to before anything was wrong.
fn while_it_lasted(failure: &Failure, covered: &Sources) -> Option<f64> {
    let (begin, end) = covered.span(&failure.sources)?;
    let whole = end.duration_since(begin);
    let lasted = failure
        .first
        .map_or(whole, |first| end.duration_since(first));
    let span = lasted.max(DAY).min(whole);
    (span >= SHORTEST).then(|| failure.count as f64 * 3600.0 / span.as_secs_f64())
}

fn goes_on(earlier: &Rate, later: &Rate) -> (SymptomFate, String) {
    match (earlier.per_hour, later.per_hour) {
        (Some(a), Some(b)) if b < a * DWINDLED => (
            SymptomFate::Dwindled,
            "it goes on at less than a tenth of its rate: tickets and sessions of before may last for hours".to_owned(),
        ),
        (Some(_), None) => (
            SymptomFate::GoesOn,
            "it goes on; the span that AFTER covers is too short, or not known, to tell how often".to_owned(),
        ),
        _ => (SymptomFate::GoesOn, "it goes on".to_owned()),
    }
}

fn silent(per_hour: Option<f64>, failure: &Failure, covered: &Sources) -> (SymptomFate, String) {
    let Some(span) = covered.longest(&failure.sources) else {
        let named: Vec<String> = failure
            .sources
            .iter()
            .map(|(host, name)| format!("{name} of {host}"))
            .collect();
        let says = match named.is_empty() {
            true => "AFTER does not cover what showed it".to_owned(),
            false => format!(
                "AFTER holds nothing of what showed it: {}",
                named.join(", ")
            ),
        };
        return (SymptomFate::NotCovered, says);
    };
    let hours = span.as_secs_f64() / 3600.0;
    let none = format!("none in {}", in_hours(hours));
    let Some(per_hour) = per_hour else {
        let says = format!("{none}; how often it came before is not known");
        return (SymptomFate::NotCovered, says);
    };
    let due = per_hour * hours;
    if due >= DUE {
        let says = format!("{none}, where {} were due", due.round());
        return (SymptomFate::Stopped, says);
    }
    let says = format!(
        "{none}, where {} were due: too short to tell; {} without one would do",
        round(due),
        in_hours((DUE / per_hour).ceil())
    );
    (SymptomFate::NotCovered, says)
}

/// A span as people say it.
pub(super) fn in_hours(hours: f64) -> String {
    if hours < 1.0 {
        format!("{} minutes", (hours * 60.0).round())
    } else {
        format!("{} hours", round(hours))
    }
}
