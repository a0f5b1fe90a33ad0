//! Changes and failures on one clock. Event times are UTC and exact.

use crate::case::Case;
use crate::readers::events::{Body, Event};
use crate::report::model;

use super::book::Book;
use super::symptoms;

/// Entries by time: each change, and the first and last time of each symptom.
pub(super) fn build(case: &Case, book: &mut Book<'_>) -> Vec<model::TimelineEntry> {
    let mut entries: Vec<model::TimelineEntry> = case
        .events
        .iter()
        .filter(|e| is_change(e))
        .map(|e| model::TimelineEntry {
            time: Some(model::Time(e.time)),
            time_certainty: model::TimeCertainty::Exact,
            kind: model::TimelineKind::Change,
            says: e.citation.text.to_string(),
            evidence: vec![book.cite(&e.citation)],
        })
        .collect();
    for symptom in &case.symptoms {
        let what = symptoms::what(case, symptom);
        let ends = [(symptom.first, "first"), (symptom.last, "last")];
        for (time, which) in ends {
            let Some(time) = time else { continue };
            if which == "last" && symptom.count == 1 {
                continue;
            }
            entries.push(model::TimelineEntry {
                time: Some(model::Time(time)),
                time_certainty: model::TimeCertainty::Exact,
                kind: model::TimelineKind::Failure,
                says: format!("{which} of {}: {what}", symptom.count),
                evidence: book
                    .cite_all(symptom.from.iter().filter(|c| c.time == Some(time)).take(1)),
            });
        }
    }
    entries.sort_by(|a, b| (a.time, &a.says).cmp(&(b.time, &b.says)));
    entries
}

/// Whether an event changes something that sign-in depends on.
fn is_change(event: &Event) -> bool {
    match &event.body {
        Body::ConfigChanged(_) | Body::LogonRightChanged(_) => true,
        Body::AccountChanged(change) => !matches!(change.id, 4740),
        Body::DirectoryChanged(change) => change.attribute.as_deref().is_some_and(|a| {
            let a = a.to_ascii_lowercase();
            matches!(
                a.as_str(),
                "serviceprincipalname"
                    | "msds-supportedencryptiontypes"
                    | "useraccountcontrol"
                    | "msds-allowedtodelegateto"
            )
        }),
        _ => false,
    }
}
