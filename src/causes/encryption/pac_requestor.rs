//! ET-09: a ticket whose PAC does not name its requestor is refused (CVE-2021-42287).

use super::hardening::{distrusted, has_kdc_log, kdc, places, since};
use super::update_2022::update_controllers;
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, LookAlike, Page, Scene, Status, Subject};
use crate::evidence::{Citation, Known};
use crate::negotiate::Stage;
use crate::readers::registry::Key;

/// ET-09.
pub(crate) const CAUSE: Cause = Cause {
    id: "ET-09",
    name: "pac-requestor",
    title: "Tickets whose PAC does not name the requestor are refused (CVE-2021-42287)",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "Since November 2021 the PAC of a first ticket names the account that asked for it, and domain controllers compare. With enforcement (PacRequestorEnforcement 2, for all since October 2022) they refuse tickets that do not name it: those of controllers that were not updated, of other makes of KDC, and those issued before an update, for as long as they live.",
        evidence: &[
            "System log of a domain controller: KDC 35 (no PAC attributes), 36 (no PAC), 37 (no requestor), 38 (the requestor is another account)",
            "registry of the domain controllers: PacRequestorEnforcement, on builds that still read it",
            "Security log of a domain controller: 4769 refused at the same time; with which code is not documented",
        ],
        look_alikes: &[
            LookAlike {
                cause: "ET-08",
                told_apart_by: "there the signature is what is missing: KDC 43",
            },
            LookAlike {
                cause: "ET-13",
                told_apart_by: "there the key of krbtgt changed: KDC 9 before, none of 35 to 38",
            },
        ],
        ruled_out_by: "all domain controllers updated since November 2021, and more than a ticket's lifetime (10 hours) gone by.",
        fix: &[
            "Update every domain controller.",
            "Wait for the lifetime of a ticket, or purge the tickets of those who fail.",
            "KDC 38 without a renamed or recreated account behind it: treat it as an attack.",
        ],
        verify: "no new KDC 35 to 38.",
        rollback: "PacRequestorEnforcement 1 on builds that still read it, for hours and not for good.",
        prevent: "Keep all domain controllers at one level of updates.",
        blind_spots: &[
            "37 and 38 are written as a warning before enforcement too: the record alone does not say whether the ticket was refused",
        ],
        versions: "Domain controllers updated since November 2021.",
        sources: &["Microsoft: KB5008380, CVE-2021-42287"],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let records = kdc(scene, &[35, 36, 37, 38]);
    let Some(first) = records.first().map(|(event, _)| event.time) else {
        if !distrusted(scene).is_empty() && !has_kdc_log(scene) {
            out.lack(super::KDC_LOG);
        }
        return out;
    };
    let enforced: Vec<Citation> = scene
        .case
        .machines
        .values()
        .filter_map(|m| match m.setting(Key::Kdc, "PacRequestorEnforcement") {
            Known::Present(set) if set.value.number() == Some(2) => Some(set.from),
            _ => None,
        })
        .flatten()
        .collect();
    let hit = since(distrusted(scene), first);
    let from = few(places(&records), 3);
    let text = "Domain controllers meet tickets whose PAC does not name the account that asked for them (KDC 35 to 38), and refuse them where that is enforced: some controller that issues tickets was not updated since November 2021, or the tickets are older than the update.";
    let says = "a domain controller wrote that tickets do not name their requestor";
    let mut finding = Finding::about(Subject::default(), text);
    finding = match hit.is_empty() && enforced.is_empty() {
        // A warning alone refuses nobody.
        true => finding.supporting(says, &from),
        false => finding.observed(says, &from),
    };
    finding = finding
        .structure(
            "PacRequestorEnforcement is 2 on a domain controller",
            &few(enforced, 1),
        )
        .saw(hit, |count| format!("tickets were refused {count}"))
        .at_most(Status::Likely);
    out.find(finding.fix(update_controllers(CAUSE.page.prevent), Vec::new()));
    out
}
