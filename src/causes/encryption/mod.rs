//! Group ET: keys, encryption types and the updates that harden Kerberos.

mod certificate;
mod collect;
mod default_excludes;
mod des_only;
mod duplicate_sid;
mod hardening;
mod krbtgt_reset;
mod no_aes_keys;
mod pac_requestor;
mod pac_signature;
mod pac_validation;
mod refused;
mod repair;
mod server_2025;
mod server_policy;
mod setting_excludes;
#[cfg(test)]
mod tests;
mod trust_types;
mod update_2022;
mod weak_types_blocked;

use crate::causes::{Cause, Input};
pub(super) use collect::collect as refused;
pub(super) use refused::Refused;

/// The causes of the group, by their ids.
pub(super) static CAUSES: &[&Cause] = &[
    &no_aes_keys::CAUSE,
    &setting_excludes::CAUSE,
    &default_excludes::CAUSE,
    &server_policy::CAUSE,
    &des_only::CAUSE,
    &trust_types::CAUSE,
    &update_2022::CAUSE,
    &pac_signature::CAUSE,
    &pac_requestor::CAUSE,
    &weak_types_blocked::CAUSE,
    &pac_validation::CAUSE,
    &certificate::CAUSE,
    &krbtgt_reset::CAUSE,
    &server_2025::CAUSE,
    &duplicate_sid::CAUSE,
];

/// What the KDC wrote of keys and types.
const KDC_LOG: Input = Input::Stated {
    what: "the System log of every domain controller that serves the clients, as .evtx (KDC 14, 16, 26, 27, 42 and 201 to 209)",
    collect_with: "wevtutil epl System %COMPUTERNAME%_System.evtx",
};
