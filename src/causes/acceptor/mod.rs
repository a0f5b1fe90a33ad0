//! Group KM: whose key opens tickets, and applications that disagree about it under one host name.

pub(super) mod acceptor_change;
mod local_account;
mod local_service;
mod not_recycled;
mod other_identity;
mod other_mode;
mod shared_name;
#[cfg(test)]
mod tests;

use crate::causes::Cause;
use crate::causes::{Finding, Scene, View};

/// The causes of the group, by their ids.
pub(super) static CAUSES: &[&Cause] = &[
    &not_recycled::CAUSE,
    &other_mode::CAUSE,
    &other_identity::CAUSE,
    &local_account::CAUSE,
    &local_service::CAUSE,
];

/// Adds the key mismatches that clients saw for the endpoints' SPNs, each once.
fn saw_mismatches(scene: &Scene<'_>, views: &[&View<'_>], mut finding: Finding) -> Finding {
    let mut told = Vec::new();
    for spn in views.iter().filter_map(|v| v.spn()) {
        if told.contains(&spn) {
            continue;
        }
        told.push(spn);
        finding = finding.saw_mismatches(scene, spn);
    }
    finding
}
