//! Two bundles of one system compared: whether what was broken in the first is fixed in the second, and what changed.
//!
//! Coverage before absence: what AFTER does not show is gone only where AFTER holds what showed it, or what rules it out.
//! Silence counts in a source that covers long enough for at least three failures at the rate of before.

mod answer;
mod attributes;
mod causes;
mod directory;
mod gone;
mod outcomes;
mod pairs;
mod registrations;
mod registry;
mod settings;
mod sign_ins;
mod sources;
mod symptoms;
#[cfg(test)]
mod tests;

use jiff::{SignedDuration, Timestamp};

use crate::bundle::Bundle;
use crate::case::Case;
use crate::causes::Judgement;
use crate::evidence::{Citation, Place};
use crate::report::Report;
use crate::report::model::{self, Diff, Time};

use pairs::Pairs;

/// So many failures must have been due in the span that a source covers for its silence to say that they have stopped: of
/// failures that come independently, none comes in such a span once in twenty times.
const DUE: f64 = 3.0;

/// One of the two bundles, analysed.
pub struct Side<'a> {
    /// The bundle.
    pub bundle: &'a Bundle,
    /// Its case; comparing makes the accounts of the other side known to it.
    pub case: Case,
    /// What the causes say.
    pub judgement: Judgement,
    /// Its report.
    pub report: Report,
}

impl Side<'_> {
    /// A place as people read it: `web01/applicationHost.config:412`.
    fn place(&self, citation: &Citation) -> String {
        let artifact = self.bundle.artifacts.get(citation.artifact.0 as usize);
        let path = artifact.map_or("", |artifact| artifact.path.as_str());
        match &citation.place {
            Place::Whole => path.to_owned(),
            Place::Line(line) | Place::Element { line, .. } => format!("{path}:{line}"),
            Place::Record(id) => format!("{path} record {id}"),
        }
    }

    /// The last time in it.
    fn last(&self) -> Option<Timestamp> {
        self.report.bundle.last_time.map(|time| time.0)
    }

    fn side(&self) -> model::Side {
        model::Side {
            inputs: self.report.bundle.inputs.clone(),
            first_time: self.report.bundle.first_time,
            last_time: self.report.bundle.last_time,
            headline: self.report.verdict.headline.clone(),
        }
    }
}

/// From when on AFTER is looked at: where BEFORE ends.
pub fn end_of(before: &Report) -> Option<Timestamp> {
    let last = before.bundle.last_time?.0;
    last.checked_add(SignedDuration::from_nanos(1)).ok()
}

/// Whether a bundle reaches beyond a moment.
pub fn reaches_beyond(after: &Report, since: Timestamp) -> bool {
    after.bundle.last_time.is_some_and(|last| last.0 >= since)
}

/// Compares two bundles. `since`: AFTER was looked at from then on.
pub fn compare(before: &mut Side<'_>, after: &mut Side<'_>, since: Option<Timestamp>) -> Diff {
    let pairs = Pairs::of(before, after);
    let attributes = attributes::collect(before, after, &pairs);
    let symptoms = symptoms::compare(before, after, since);
    let causes = causes::compare(before, after, &pairs, &attributes, &symptoms);
    let mut remarks = remarks(before, after, since);
    remarks.extend(pairs.remark.clone());
    Diff {
        before: before.side(),
        after: after.side(),
        since: since.map(Time),
        answer: answer::answer(before, after, &causes, &symptoms),
        remarks,
        causes: causes.into_iter().map(|told| told.change).collect(),
        attributes: attributes::changes(before, after, attributes),
        symptoms: symptoms.into_iter().map(|told| told.change).collect(),
        sign_ins: sign_ins::compare(before, after, since),
        endpoints: outcomes::compare(before, after, &pairs),
        ..Diff::default()
    }
}

/// What is to be known before the rest is read.
fn remarks(before: &Side<'_>, after: &Side<'_>, since: Option<Timestamp>) -> Vec<String> {
    let mut remarks = Vec::new();
    let (first, last) = (
        before.report.bundle.first_time,
        after.report.bundle.last_time,
    );
    let same = |a: &Side<'_>, b: &Side<'_>| {
        let hashes = |side: &Side<'_>| -> Vec<String> {
            let inputs = side.report.bundle.inputs.iter();
            inputs.map(|input| input.sha256.clone()).collect()
        };
        // What could not be read has none, and is the same as nothing.
        hashes(a) == hashes(b) && !hashes(a).contains(&String::new())
    };
    match (first, last, since) {
        _ if same(before, after) => {
            remarks.push("both are the same bundle".to_owned());
        }
        (Some(first), Some(last), _) if last < first => remarks.push(
            "AFTER ends before BEFORE begins: are the two in the wrong order?".to_owned(),
        ),
        (_, Some(last), None) if before.last().is_some() => remarks.push(format!(
            "AFTER holds nothing that happened after the end of BEFORE (its last time is {}): all of it is compared",
            last.to_the_second()
        )),
        (_, None, _) if before.last().is_some() => remarks.push(
            "AFTER holds no log: it shows configuration and directory, not whether failures go on"
                .to_owned(),
        ),
        _ => {}
    }
    remarks
}
