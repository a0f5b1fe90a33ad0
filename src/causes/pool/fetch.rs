//! Failed fetches of the passwords of managed service accounts (Security-Netlogon 9000).

use std::collections::BTreeMap;

use crate::case::HostId;
use crate::causes::Scene;
use crate::readers::events::{Body, Event};

/// Failed fetches by machine and account (`DOMAIN\name$`).
pub(super) fn failed_fetches<'a>(scene: &Scene<'a>) -> Vec<((HostId, String), Vec<&'a Event>)> {
    let mut found: BTreeMap<(HostId, String), Vec<&Event>> = Default::default();
    for event in &scene.case.events {
        let Body::Netlogon(fetch) = &event.body else {
            continue;
        };
        let name = fetch.fields.text("AccountName");
        let (9000, Some(name), Some(host)) =
            (fetch.id, name, scene.case.hosts.find(&event.computer))
        else {
            continue;
        };
        if fetch.status == Some(0) {
            continue;
        }
        let sam = name.trim_end_matches('$');
        let account = match fetch.fields.text("AccountDomain") {
            Some(domain) if !sam.contains(['\\', '@']) => format!("{domain}\\{sam}$"),
            _ => format!("{sam}$"),
        };
        found.entry((host, account)).or_default().push(event);
    }
    found.into_iter().collect()
}

/// The causes that a status of a failed fetch points to instead: the machine could not talk to its domain at all.
pub(super) fn other_causes(events: &[&Event]) -> Vec<(&'static str, &'static str)> {
    [
        (
            0xC000_005E,
            "MC-03",
            "the status says that no domain controller was reached",
        ),
        (
            0xC000_018A,
            "MC-01",
            "the status says that the server's own secret is missing",
        ),
        (
            0xC000_018D,
            "MC-01",
            "the status says that the server's own secure channel failed",
        ),
    ]
    .into_iter()
    .filter(|(code, _, _)| {
        events
            .iter()
            .any(|e| matches!(&e.body, Body::Netlogon(fetch) if fetch.status == Some(*code)))
    })
    .map(|(_, cause, because)| (cause, because))
    .collect()
}
