//! Group NT: NTLM that is blocked, degraded or removed. It shows once Kerberos is lost: the loss is the root, and what
//! blocks NTLM exposes it. [`name_what_is_exposed`] says so in each finding.

mod client_blocks;
mod controllers_block;
mod exposed;
mod level;
mod protected_user;
mod server_blocks;
mod session_security;
mod signs;
mod silo;
#[cfg(test)]
mod tests;
mod version_one;

use crate::causes::{Cause, Input};
use crate::remedy::Step;
use crate::remedy::commands as c;

pub(super) use exposed::{is_exposer, name_what_is_exposed};
pub(super) use level::mismatch_for as level_mismatch_for;
pub(super) use signs::{Restriction, Restrictions};

/// The causes of the group, by their ids.
pub(super) static CAUSES: &[&Cause] = &[
    &server_blocks::CAUSE,
    &client_blocks::CAUSE,
    &controllers_block::CAUSE,
    &level::CAUSE,
    &protected_user::CAUSE,
    &silo::CAUSE,
    &version_one::CAUSE,
    &session_security::CAUSE,
];

/// Where most of the facts about blocked NTLM come from.
const POLICIES: &str =
    "Microsoft: security options \"Network security: Restrict NTLM\" and their registry values";
/// The NTLM package's own settings.
const MSV1_0: &str = "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\MSV1_0";
/// Netlogon's settings.
const NETLOGON: &str = "HKLM\\SYSTEM\\CurrentControlSet\\Services\\Netlogon\\Parameters";
/// The settings of the local security authority.
const LSA: &str = "HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa";

/// The value that says whether a web server refuses NTLM.
const SERVER_VALUE: Input = Input::Stated {
    what: "whether the web server's policy refuses incoming NTLM",
    collect_with: "reg query HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\MSV1_0",
};

/// Looks for the reason why Kerberos was not used: before anything is done about NTLM.
fn kerberos_first(spn: Option<&str>) -> Vec<Step> {
    let mut steps = Vec::new();
    if let Some(spn) = spn {
        steps.push(Step::run(
            c::klist_get(spn),
            "in the session of a user who is refused: ask for the ticket; what fails here is the root, and the block only shows it",
        ));
    }
    steps.push(Step::by_hand(
        "repair what keeps users from Kerberos (the other findings of this report; else the SPN, the name in the URL, the list of providers, the client's way to a domain controller): with tickets nobody meets the block",
    ));
    steps
}

/// That users come by Kerberos again.
fn verify_kerberos() -> Vec<Step> {
    vec![
        Step::by_hand(
            "the user opens the site without a prompt; klist in the same session shows a ticket for HTTP/<name>",
        ),
        Step::by_hand(
            "the web server's Security log shows a 4624 of type 3 with package Kerberos, and no new 4625 with 0xC0000418",
        ),
    ]
}
