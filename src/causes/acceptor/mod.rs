//! Group KM: whose key opens tickets, and applications that disagree about it under one host name.

mod acceptor_change;
mod local_account;
mod local_service;
mod not_recycled;
mod other_identity;
mod other_mode;
mod shared_name;
#[cfg(test)]
mod tests;

pub(super) use local_account::CAUSE as KM_06;
pub(super) use local_service::CAUSE as KM_07;
pub(super) use not_recycled::CAUSE as KM_03;
pub(super) use other_identity::CAUSE as KM_05;
pub(super) use other_mode::CAUSE as KM_04;

use crate::causes::{Finding, Scene, View};

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
