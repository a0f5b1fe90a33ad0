//! ET-08: a ticket without the full signature of its PAC is refused (CVE-2022-37967).

use super::hardening::{distrusted, has_kdc_log, kdc, places, since};
use super::update_2022::update_controllers;
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, LookAlike, Page, Scene, Status, Subject};
use crate::negotiate::Stage;

/// ET-08.
pub(crate) const CAUSE: Cause = Cause {
    id: "ET-08",
    name: "full-pac-signature",
    title: "Tickets without the full PAC signature are refused (CVE-2022-37967)",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "The PAC is the part of a ticket that lists the user's groups. Since November 2022 domain controllers add a signature over all of it, and since July 2023 (for good since October 2023) they refuse tickets that lack it. A controller that was not updated issues such tickets: whoever got the first ticket there, and asks an updated one for the next, is refused. That looks random, since it depends on which two controllers a client met.",
        evidence: &[
            "System log of a domain controller: KDC 43 (signature missing or wrong, refused), 44 (missing, let pass)",
            "registry of the domain controllers: KrbtgtFullPacSignature, on builds that still read it",
            "updates of the domain controllers: some of before November 2022",
        ],
        look_alikes: &[
            LookAlike {
                cause: "ET-09",
                told_apart_by: "there the requestor in the PAC is what is missing: KDC 35 to 38",
            },
            LookAlike {
                cause: "ET-13",
                told_apart_by: "there the key of krbtgt changed: KDC 9 before, no 43",
            },
        ],
        ruled_out_by: "all domain controllers of the forest updated since November 2022.",
        fix: &[
            "Find the controller that issued the tickets (Kdc Called in klist; the one without updates).",
            "Update it. Do not turn the check off.",
        ],
        verify: "no new KDC 43 or 44.",
        rollback: "Nothing to take back.",
        prevent: "Keep all domain controllers at one level of updates.",
        blind_spots: &["which controller issued the ticket that was refused is not in the event"],
        versions: "Domain controllers updated since November 2022.",
        sources: &["Microsoft: KB5020805, CVE-2022-37967"],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let (refused, passed) = (kdc(scene, &[43]), kdc(scene, &[44]));
    let first = refused.first().map(|(event, _)| event.time);
    if let Some(first) = first {
        let hit = since(distrusted(scene), first);
        let text = "Domain controllers refuse tickets that lack the full signature of the PAC (KDC 43): some controller that issues tickets was not updated since November 2022.";
        let mut finding = Finding::about(Subject::default(), text).conclusive(
            "a domain controller refused tickets for their PAC signature (KDC 43)",
            &few(places(&refused), 3),
        );
        if hit.is_empty() {
            // Whom it hit is not shown.
            finding = finding.at_most(Status::Likely);
        }
        finding = finding.saw(hit, |count| format!("tickets were refused {count}"));
        out.find(finding.fix(update_controllers(CAUSE.page.prevent), Vec::new()));
    } else if !passed.is_empty() {
        let text = "Domain controllers see tickets without the full signature of the PAC, and let them pass so far (KDC 44).";
        let finding = Finding::about(Subject::default(), text)
            .supporting("KDC 44: let pass so far", &few(places(&passed), 2));
        out.find(finding.fix(update_controllers(CAUSE.page.prevent), Vec::new()));
    } else if !distrusted(scene).is_empty() && !has_kdc_log(scene) {
        out.lack(super::KDC_LOG);
    }
    out
}
