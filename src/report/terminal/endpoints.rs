//! The endpoints: a table of how each one ends, and each one's path step by step.

use std::collections::BTreeMap;

use super::ENDPOINTS_SHOWN;
use super::page::{Ink, Page};
use crate::report::ledger::{Ledger, place};
use crate::report::model::{Endpoint, Outcome};
use crate::report::words;

/// A table of the endpoints: those that do not work first when there are too many to show.
pub(super) fn table(page: &mut Page, endpoints: &[Endpoint], all: bool) {
    if endpoints.is_empty() {
        return;
    }
    page.heading("Endpoints");
    let mut shown: Vec<&Endpoint> = endpoints.iter().collect();
    if !all && endpoints.len() > ENDPOINTS_SHOWN {
        shown.sort_by_key(|endpoint| is_quiet(endpoint));
        shown.truncate(ENDPOINTS_SHOWN);
    }
    // The nodes of a farm answer to the same URLs: each server has a table of its own.
    let mut by_host: BTreeMap<&str, Vec<&Endpoint>> = BTreeMap::new();
    for &endpoint in &shown {
        by_host.entry(&endpoint.host).or_default().push(endpoint);
    }
    let several_hosts = by_host.len() > 1;
    for (host, endpoints) in by_host {
        if several_hosts {
            page.blank();
            page.text(0, Ink::Strong, host);
        }
        let rows = endpoints.into_iter().map(|endpoint| {
            vec![
                endpoint.url.clone(),
                holders(endpoint),
                endpoint.acceptor.clone().unwrap_or_else(|| "?".to_owned()),
                words::outcomes(endpoint),
            ]
        });
        page.table(
            0,
            &["Endpoint", "SPN held by", "Opened by", "Outcome"],
            rows,
        );
    }
    let rest = endpoints.len().saturating_sub(shown.len());
    if rest > 0 {
        let text = format!(
            "… and {}: --all shows them. By simulated outcome, all {}: {}.",
            words::count(rest as u64, "more endpoint"),
            endpoints.len(),
            by_outcome(endpoints)
        );
        page.text(0, Ink::Faint, &text);
    }
}

/// Each endpoint's path, step by step.
pub(super) fn traces(page: &mut Page, ledger: &Ledger, endpoints: &[Endpoint]) {
    if endpoints.is_empty() {
        page.text(
            0,
            Ink::Plain,
            "The bundle holds no site: add the server's applicationHost.config.",
        );
    }
    for endpoint in endpoints {
        page.heading(&endpoint.url);
        let facts = [
            (
                "Site",
                Some(format!("{} on {}", endpoint.site, endpoint.host)),
            ),
            ("Application", Some(endpoint.application.clone())),
            ("Pool", pool(endpoint)),
            ("Client asks for", endpoint.spn.clone()),
            ("Held by", Some(holders(endpoint))),
            ("Opened with key of", endpoint.acceptor.clone()),
            (
                "Simulated",
                Some(words::outcome(endpoint.outcome).to_owned()),
            ),
            (
                "Observed",
                Some(match endpoint.observed {
                    Outcome::Unknown => "nothing that tells".to_owned(),
                    observed => match &endpoint.observed_by {
                        Some(by) => format!("{}, {by}", words::outcome(observed)),
                        None => words::outcome(observed).to_owned(),
                    },
                }),
            ),
        ];
        for (label, fact) in facts {
            let fact = fact.unwrap_or_else(|| "unknown".to_owned());
            page.item(0, (&format!("{label:<18}"), Ink::Strong), fact);
        }
        if !endpoint.trace.is_empty() {
            page.blank();
        }
        for (number, step) in (1..).zip(&endpoint.trace) {
            let label = format!("{number:>2}. {}:", step.step.replace('-', " "));
            page.item(0, (&label, Ink::Strong), &step.says);
            for id in &step.evidence {
                let place = ledger.evidence(id).map(place).unwrap_or_default();
                page.item(4, (id, Ink::Faint), place);
            }
        }
    }
}

fn pool(endpoint: &Endpoint) -> Option<String> {
    let pool = endpoint.pool.as_ref()?;
    Some(match &endpoint.identity {
        Some(identity) => format!("{pool}, runs as {identity}"),
        None => pool.clone(),
    })
}

/// Who holds the SPN. A simulated fall-back without a holder means that the KDC knows the name of nobody.
fn holders(endpoint: &Endpoint) -> String {
    match (endpoint.holders.as_slice(), endpoint.outcome) {
        ([], Outcome::NtlmFallback) if endpoint.spn.is_some() => "nobody".to_owned(),
        ([], _) => "?".to_owned(),
        (holders, _) => holders.join(", "),
    }
}

/// Whether nothing needs attention: it ends as it should, and nothing else was observed.
fn is_quiet(endpoint: &Endpoint) -> bool {
    let fine = |outcome| {
        matches!(
            outcome,
            Outcome::Kerberos | Outcome::NtlmByDesign | Outcome::NotWindowsAuth | Outcome::Unknown
        )
    };
    fine(endpoint.outcome) && fine(endpoint.observed)
}

fn by_outcome(endpoints: &[Endpoint]) -> String {
    let mut counts: BTreeMap<Outcome, usize> = BTreeMap::new();
    for endpoint in endpoints {
        *counts.entry(endpoint.outcome).or_default() += 1;
    }
    let counts: Vec<String> = counts
        .into_iter()
        .map(|(outcome, count)| format!("{count} {}", words::outcome(outcome)))
        .collect();
    counts.join(", ")
}
