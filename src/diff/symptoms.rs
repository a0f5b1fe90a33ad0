//! The failures of both bundles: which go on, which have stopped, and of which AFTER covers too little to say.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::sources::{self, Source, Sources, rate, round};
use super::{DUE, Side};
use crate::case::SymptomId;
use crate::report::model::{Rate, SymptomChange, SymptomFate};

/// A failure in both bundles.
pub(super) struct Told {
    /// Its number in BEFORE, where it was seen there.
    pub before: Option<SymptomId>,
    /// What became of it.
    pub change: SymptomChange,
}

/// Failures that go on at less than this share of their rate have dwindled.
const DWINDLED: f64 = 0.1;

/// The failures of BEFORE in their order, then those that only AFTER has.
pub(super) fn compare(before: &Side<'_>, after: &Side<'_>, since: Option<Timestamp>) -> Vec<Told> {
    let (old, new) = (of(before), of(after));
    let covered = (
        Sources::of(&before.case, None),
        Sources::of(&after.case, since),
    );
    let mut told = Vec::new();
    for (what, (id, count, sources)) in &old {
        let earlier = rate(*count, covered.0.longest(sources));
        let other = new.iter().find(|(other, _)| other == what);
        let later = other.map(|(_, (_, count, seen))| {
            let spans = covered.1.longest(sources.union(seen));
            rate(*count, spans)
        });
        let (fate, says) = match &later {
            Some(later) => goes_on(&earlier, later),
            None => silent(&earlier, sources, &covered.1),
        };
        told.push(Told {
            before: Some(*id),
            change: SymptomChange {
                what: what.clone(),
                change: fate,
                before: Some(earlier),
                after: later,
                says,
            },
        });
    }
    for (what, (_, count, sources)) in &new {
        if old.iter().any(|(other, _)| other == what) {
            continue;
        }
        let says = match sources.iter().any(|source| covered.0.has(source)) {
            true => "BEFORE covers what shows it, and it was not there".to_owned(),
            false => "BEFORE does not cover what shows it: it may have been there".to_owned(),
        };
        told.push(Told {
            before: None,
            change: SymptomChange {
                what: what.clone(),
                change: SymptomFate::New,
                before: None,
                after: Some(rate(*count, covered.1.longest(sources))),
                says,
            },
        });
    }
    told
}

/// The failures of a side in their order: in words, which name what they are about, with number, count and sources. Those in
/// the same words are one.
type Failures = Vec<(String, (SymptomId, u64, BTreeSet<Source>))>;

fn of(side: &Side<'_>) -> Failures {
    let mut all: Failures = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    let sources = sources::of_symptoms(&side.case);
    let shown = side.report.symptoms.iter().zip(sources);
    for (index, (symptom, sources)) in shown.enumerate() {
        match places
            .get(symptom.what.as_str())
            .and_then(|at| all.get_mut(*at))
        {
            Some((_, (_, count, seen))) => {
                *count = count.saturating_add(symptom.count);
                seen.extend(sources);
            }
            None => {
                places.insert(&symptom.what, all.len());
                let told = (SymptomId(index), symptom.count, sources);
                all.push((symptom.what.clone(), told));
            }
        }
    }
    all
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

fn silent(earlier: &Rate, sources: &BTreeSet<Source>, covered: &Sources) -> (SymptomFate, String) {
    let Some(span) = covered.longest(sources) else {
        let named: Vec<String> = sources
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
    let due = earlier.per_hour.map(|rate| rate * hours);
    match due {
        Some(due) if due >= DUE => (
            SymptomFate::Stopped,
            format!(
                "none in {}, where {} were due",
                in_hours(hours),
                due.round()
            ),
        ),
        Some(due) => (
            SymptomFate::NotCovered,
            format!(
                "none in {}, where {} were due: too short to tell; {} without one would do",
                in_hours(hours),
                round(due),
                in_hours((hours * DUE / due).ceil())
            ),
        ),
        None => (
            SymptomFate::NotCovered,
            format!(
                "none in {}; how often it came before is not known",
                in_hours(hours)
            ),
        ),
    }
}

/// A span as people say it.
pub(super) fn in_hours(hours: f64) -> String {
    if hours < 1.0 {
        format!("{} minutes", (hours * 60.0).round())
    } else {
        format!("{} hours", round(hours))
    }
}
