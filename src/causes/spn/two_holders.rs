//! What a finding says of a name that two accounts hold, whichever way the duplicate was found.

use crate::case::{Holder, Spn};
use crate::causes::observations::NAME_UNRESOLVED;
use crate::causes::scene::few;
use crate::causes::{Finding, Scene, Subject, View};

/// The finding with its structure: each holder with its registration.
pub(super) fn about(scene: &Scene<'_>, subject: Subject, spn: &Spn, holders: &[Holder]) -> Finding {
    let names: Vec<&str> = holders.iter().map(|h| scene.shown(h.account)).collect();
    let who = if names.is_empty() {
        "More than one account holds".to_owned()
    } else {
        format!("{} accounts ({}) hold", names.len(), names.join(" and "))
    };
    let mut finding = Finding::about(
        subject,
        format!(
            "{who} {spn}. The KDC cannot tell whose key to use and answers as if nobody held it: Negotiate falls back to NTLM, and where NTLM is blocked users get 401."
        ),
    );
    for holder in holders {
        finding = finding.structure(
            format!("{spn} is registered on {}", scene.shown(holder.account)),
            &few(holder.from.clone(), 2),
        );
    }
    finding
}

/// What was observed for a duplicate. Across domains the KDC may issue a ticket for the wrong holder.
pub(super) fn observed(
    scene: &Scene<'_>,
    mut finding: Finding,
    spn: &Spn,
    views: &[&View<'_>],
    holders: &[Holder],
) -> Finding {
    finding = finding
        .saw_refusals(scene, spn)
        .saw_ntlm(scene, spn, NAME_UNRESOLVED);
    if !holders.is_empty() {
        finding = finding.saw_ntlm_logons(scene, views);
    }
    finding = finding.saw_logons_of_the_refused(scene, spn, views);
    let mut domains: Vec<_> = holders
        .iter()
        .map(|h| &scene.case.accounts.get(h.account).domain)
        .collect();
    domains.sort();
    domains.dedup();
    if domains.len() > 1 {
        finding = finding.saw_mismatches(scene, spn);
    }
    finding
}
