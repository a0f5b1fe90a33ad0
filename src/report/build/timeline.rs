//! Changes, failures and what clients presented, on one clock. Times of event logs are UTC and exact; those of exports as
//! text are as sure as the zone.

use std::collections::BTreeSet;

use crate::case::{Case, common_name, split_name};
use crate::evidence::{Certainty, Citation};
use crate::readers::Generation;
use crate::readers::events::{Body, Event};
use crate::report::model;

use super::book::Book;
use super::symptoms;

/// Entries by time: each change, and the first and last time of each symptom.
pub(super) fn build(case: &Case, book: &mut Book<'_>) -> Vec<model::TimelineEntry> {
    let concerned = concerned(case);
    let mut entries: Vec<model::TimelineEntry> = case
        .events
        .iter()
        .filter(|e| is_change(e, &concerned))
        .map(|e| model::TimelineEntry {
            time: Some(model::Time(e.time)),
            time_certainty: certainty(e.certainty),
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
                time_certainty: certainty(symptom.certainty),
                kind: model::TimelineKind::Failure,
                says: format!("{which} of {}: {what}", symptom.count),
                evidence: book
                    .cite_all(symptom.from.iter().filter(|c| c.time == Some(time)).take(1)),
            });
        }
    }
    entries.extend(requests(case, book));
    entries.sort_by(|a, b| (a.time, &a.says).cmp(&(b.time, &b.says)));
    // What has no time stands last, in the order that is known.
    entries.extend(case.config_changes.iter().map(|one| {
        let after = match one.newer {
            Generation::Kept(number) => format!("generation {number}"),
            Generation::Live => "the live file".to_owned(),
        };
        let before = match one.older {
            Generation::Kept(number) => format!("generation {number}"),
            Generation::Live => "the live file".to_owned(),
        };
        model::TimelineEntry {
            time: None,
            time_certainty: model::TimeCertainty::Unknown,
            kind: model::TimelineKind::Change,
            says: format!(
                "configuration history, between {before} and {after}: {}",
                one.change.says()
            ),
            evidence: book.cite_all(one.change.from.iter()),
        }
    }));
    entries
}

/// What clients presented and how a trace or a recording shows that it ended, each thing once.
fn requests(case: &Case, book: &mut Book<'_>) -> Vec<model::TimelineEntry> {
    let traced = case.traces.iter().filter_map(|trace| {
        let shown = [
            trace.token().map(|(_, from)| from),
            trace.authenticated().map(|(_, _, from)| from),
            trace.refused().map(|(_, from)| from),
        ];
        let steps: Vec<&Citation> = shown.into_iter().flatten().collect();
        let says: Vec<&str> = steps.iter().map(|from| &*from.text).collect();
        let says = format!("{}: {}", trace.from.text, says.join("; "));
        let time = trace.started.map(|time| (time, Certainty::Exact));
        (!steps.is_empty()).then_some((time, says, steps))
    });
    let recorded = case.exchanges.iter().filter_map(|exchange| {
        let (_, from) = exchange.token()?;
        let recorder = case.artifact_hosts.get(&from.artifact).copied();
        let time = exchange
            .when
            .and_then(|when| case.clocks.utc(recorder, when));
        Some((time, exchange.from.text.to_string(), vec![from]))
    });
    let mut seen = BTreeSet::new();
    traced
        .chain(recorded)
        .filter(|(_, says, _)| seen.insert(says.clone()))
        .map(|(time, says, from)| model::TimelineEntry {
            time: time.map(|(time, _)| model::Time(time)),
            time_certainty: certainty(time.map_or(Certainty::Unknown, |(_, sure)| sure)),
            kind: model::TimelineKind::Info,
            says,
            evidence: book.cite_all(from),
        })
        .collect()
}

fn certainty(certainty: Certainty) -> model::TimeCertainty {
    match certainty {
        Certainty::Exact => model::TimeCertainty::Exact,
        Certainty::ZoneAssumed => model::TimeCertainty::ZoneAssumed,
        Certainty::Unknown => model::TimeCertainty::Unknown,
    }
}

/// Account names, lower case and without a trailing `$`, that the sites or the symptoms have to do with: changes of other
/// accounts are no part of the story.
fn concerned(case: &Case) -> BTreeSet<String> {
    let plain = |name: &str| split_name(name).1.trim_end_matches('$').to_owned();
    let identities = case
        .situation
        .endpoints
        .iter()
        .filter_map(|e| e.pool.as_ref()?.identity.account());
    let holders = case
        .situation
        .directory
        .registrations
        .iter()
        .filter(|r| r.spn.has_class("HTTP"))
        .map(|r| r.holder);
    let mut names: BTreeSet<String> = identities
        .chain(holders)
        .map(|id| case.accounts.get(id))
        .filter_map(|a| a.sam.clone().or_else(|| common_name(a.dn.as_deref()?)))
        .map(|name| plain(&name))
        .collect();
    names.extend(case.hosts.iter().map(|(_, h)| h.name.to_lowercase()));
    names.extend(
        case.symptoms
            .iter()
            .flat_map(|s| &s.principals)
            .map(|p| plain(p)),
    );
    names
}

/// Whether an event changes something that sign-in depends on.
fn is_change(event: &Event, concerned: &BTreeSet<String>) -> bool {
    let names = |name: &Option<String>| {
        name.as_deref()
            .is_some_and(|n| concerned.contains(split_name(n).1.trim_end_matches('$')))
    };
    match &event.body {
        Body::ConfigChanged(_) | Body::LogonRightChanged(_) => true,
        Body::AccountChanged(change) => names(&change.target.name),
        Body::DirectoryChanged(change) => {
            let attribute = change
                .attribute
                .as_deref()
                .unwrap_or("")
                .to_ascii_lowercase();
            let names_account = change.object_dn.as_deref().and_then(common_name);
            match attribute.as_str() {
                "serviceprincipalname" => true,
                "msds-supportedencryptiontypes"
                | "useraccountcontrol"
                | "msds-allowedtodelegateto" => names(&names_account),
                _ => false,
            }
        }
        _ => false,
    }
}
