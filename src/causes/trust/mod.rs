//! Group TR: trusts, referrals, routing of names between domains.

mod broken;
mod crossing;
mod external;
mod filtered;
mod host_to_realm;
mod read_only_controller;
mod referral;
mod selective;
mod suffix_routing;
#[cfg(test)]
mod tests;

use crate::causes::Cause;

/// The causes of the group, by their ids.
pub(super) static CAUSES: &[&Cause] = &[
    &referral::CAUSE,
    &suffix_routing::CAUSE,
    &external::CAUSE,
    &selective::CAUSE,
    &filtered::CAUSE,
    &broken::CAUSE,
    &host_to_realm::CAUSE,
    &read_only_controller::CAUSE,
];
