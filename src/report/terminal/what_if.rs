//! What assumptions change: a table of the endpoints before and after, and the steps that change at each.

use std::collections::{BTreeMap, BTreeSet};

use super::page::{Ink, Page};
use crate::report::ledger::place;
use crate::report::model::{Endpoint, Evidence, Outcome, Trial, WhatIf};
use crate::report::words;

/// What is assumed, and what becomes of each endpoint.
pub(super) fn write(page: &mut Page, what_if: &WhatIf) {
    page.heading("Assumed");
    for (number, assumption) in (1..).zip(&what_if.assumptions) {
        page.item(0, (&format!("{number:>2}."), Ink::Strong), &assumption.says);
        for remark in &assumption.remarks {
            page.item(4, ("Note:", Ink::Doubtful), remark);
        }
    }
    page.heading("Endpoints");
    let hosts: BTreeSet<&str> = what_if.endpoints.iter().map(|e| e.host.as_str()).collect();
    let named = |trial: &Trial| match hosts.len() {
        0 | 1 => trial.url.clone(),
        _ => format!("{} on {}", trial.url, trial.host),
    };
    let rows = what_if.endpoints.iter().map(|trial| {
        vec![
            named(trial),
            words::outcome(trial.before.outcome).to_owned(),
            after(trial),
        ]
    });
    page.table(0, &["Endpoint", "Now", "Assumed"], rows);
    page.blank();
    summary(page, &what_if.endpoints);
    let evidence: BTreeMap<&str, &Evidence> =
        (what_if.evidence.iter().map(|e| (e.id.as_str(), e))).collect();
    // What changes alike, as the names and ports of one site do, is told once.
    let mut told: Vec<(&Trial, Vec<String>)> = Vec::new();
    for trial in &what_if.endpoints {
        match told.iter_mut().find(|(first, _)| is_alike(first, trial)) {
            Some((_, others)) => others.push(named(trial)),
            None => told.push((trial, Vec::new())),
        }
    }
    for (trial, others) in told {
        let (before, after) = changed(&trial.before, &trial.after);
        if before.is_empty() && after.is_empty() {
            continue;
        }
        page.heading(&named(trial));
        if !others.is_empty() {
            let text = format!("and alike: {}", words::first_few(&others, ALIKE_SHOWN));
            page.text(0, Ink::Faint, &text);
        }
        let (now, then) = (trial.before.outcome, trial.after.outcome);
        let says = format!("{} → {}", words::outcome(now), words::outcome(then));
        page.text(0, ink(trial), &says);
        for (sign, endpoint, steps) in [("−", &trial.before, before), ("+", &trial.after, after)]
        {
            for index in steps {
                let Some(step) = endpoint.trace.get(index) else {
                    continue;
                };
                let name = step.step.replace('-', " ");
                let label = format!("{sign}{:>2}. {name}:", index + 1);
                page.item(0, (&label, Ink::Strong), &step.says);
                for id in &step.evidence {
                    if let Some(evidence) = evidence.get(id.as_str()) {
                        page.item(5, (id, Ink::Faint), place_of(evidence));
                    }
                }
            }
        }
    }
}

/// How many endpoints that change alike are named.
const ALIKE_SHOWN: usize = 4;

/// Whether two endpoints end alike before and after, by the same steps.
fn is_alike(a: &Trial, b: &Trial) -> bool {
    let says = |trial: &Trial| -> Vec<String> {
        let (before, after) = changed(&trial.before, &trial.after);
        let steps = |endpoint: &Endpoint, steps: Vec<usize>| {
            let steps = steps.into_iter().filter_map(|at| endpoint.trace.get(at));
            steps.map(|step| step.says.clone()).collect::<Vec<_>>()
        };
        [steps(&trial.before, before), steps(&trial.after, after)].concat()
    };
    (a.before.outcome, a.after.outcome) == (b.before.outcome, b.after.outcome) && says(a) == says(b)
}

/// Where evidence stands: in the bundle, or among the assumptions.
fn place_of(evidence: &Evidence) -> String {
    match (evidence.artifact.as_str(), evidence.line) {
        ("--assume", Some(number)) => format!("assumption {number}"),
        _ => place(evidence),
    }
}

fn after(trial: &Trial) -> String {
    let outcome = words::outcome(trial.after.outcome);
    match (trial.before.outcome == trial.after.outcome, trial.is_worse) {
        (true, _) => "the same".to_owned(),
        (false, true) => format!("{outcome} (worse)"),
        (false, false) => outcome.to_owned(),
    }
}

fn ink(trial: &Trial) -> Ink {
    match (trial.before.outcome == trial.after.outcome, trial.is_worse) {
        (true, _) => Ink::Plain,
        (false, true) => Ink::Bad,
        (false, false) if trial.after.outcome == Outcome::Unknown => Ink::Doubtful,
        (false, false) => Ink::Good,
    }
}

/// How many endpoints change, and how.
fn summary(page: &mut Page, endpoints: &[Trial]) {
    let changes = |e: &&Trial| e.before.outcome != e.after.outcome;
    let changed = endpoints.iter().filter(changes).count();
    let worse = endpoints.iter().filter(|e| e.is_worse).count();
    let all = words::count(endpoints.len() as u64, "endpoint");
    let (ink, says) = match (endpoints.len(), changed, worse) {
        (0, ..) => (
            Ink::Plain,
            "The bundle holds no site: add the server's applicationHost.config.".to_owned(),
        ),
        (_, 0, _) => (Ink::Plain, format!("No outcome changes, of {all}.")),
        (_, n, 0) => (Ink::Good, format!("{n} of {all} would end otherwise.")),
        (_, n, worse) => (
            Ink::Bad,
            format!("{n} of {all} would end otherwise, {worse} of them worse."),
        ),
    };
    page.text(0, ink, &says);
}

/// The steps that are not the same before and after, by their place in each path.
fn changed(before: &Endpoint, after: &Endpoint) -> (Vec<usize>, Vec<usize>) {
    let same = |(a, b): &(usize, usize)| match (before.trace.get(*a), after.trace.get(*b)) {
        (Some(a), Some(b)) => a.step == b.step && a.says == b.says,
        _ => false,
    };
    let (ends, other) = (before.trace.len(), after.trace.len());
    let shorter = ends.min(other);
    let first = (0..shorter).take_while(|i| same(&(*i, *i))).count();
    let last = (1..=shorter - first)
        .take_while(|i| same(&(ends - i, other - i)))
        .count();
    (
        (first..ends - last).collect(),
        (first..other - last).collect(),
    )
}
