//! How every endpoint ends in both bundles.

use std::collections::BTreeMap;

use super::Side;
use super::pairs::Pairs;
use crate::case::ServerId;
use crate::report::model::{Endpoint, OutcomeChange};

/// The endpoints of both bundles, in the order of their servers and URLs.
pub(super) fn compare(before: &Side<'_>, after: &Side<'_>, pairs: &Pairs) -> Vec<OutcomeChange> {
    let mut all = Vec::new();
    for (first, second) in pairs.servers.values() {
        let (old, new) = (of(before, *first), of(after, *second));
        let mut urls: Vec<&String> = old.keys().chain(new.keys()).collect();
        urls.sort();
        urls.dedup();
        for url in urls {
            let (a, b) = (old.get(url), new.get(url));
            let Some(shown) = a.or(b) else { continue };
            all.push(OutcomeChange {
                url: shown.url.clone(),
                host: shown.host.clone(),
                before: a.map(|e| e.outcome),
                after: b.map(|e| e.outcome),
                observed_before: a.map(|e| e.observed).unwrap_or_default(),
                observed_after: b.map(|e| e.observed).unwrap_or_default(),
            });
        }
    }
    all
}

/// The endpoints of a server by URL; the report has them in the order of the case.
fn of<'r>(side: &'r Side<'_>, server: Option<ServerId>) -> BTreeMap<String, &'r Endpoint> {
    let endpoints = side.case.situation.endpoints.iter();
    let shown = endpoints.zip(&side.report.endpoints);
    let mut found = BTreeMap::new();
    for (_, endpoint) in shown.filter(|(e, _)| Some(e.server) == server) {
        found.entry(endpoint.url.to_lowercase()).or_insert(endpoint);
    }
    found
}
