//! NAME-06: a host name was added to a site, and nobody registered its SPN. The change-driven form of SPN-01: where the
//! change is in the bundle, this cause carries the finding and SPN-01 is silent (see `absence`).

use crate::causes::spn::register;
use crate::causes::{Assessment, Cause, Current, Ground, Input, LookAlike, Page, Scene, Why};
use crate::negotiate::{Answer, Stage};

/// NAME-06.
pub(crate) const CAUSE: Cause = Cause {
    id: "NAME-06",
    name: "new-binding-without-spn",
    title: "A host name was added to the site without an SPN",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "A site was given another host name (a migration, a new brand). The names it had before have SPNs, the new one has none. Under the new name the KDC answers 0x7 and Negotiate falls back to NTLM; where NTLM is blocked, users get 401. The old names keep working.",
        evidence: &[
            "IIS-Configuration/Operational 29: a binding with the host name was added",
            "setspn -F -Q HTTP/<new name>: No such SPN found",
            "client and domain controller logs as for a missing SPN (SPN-01), from the change on, for this name only",
        ],
        look_alikes: &[
            LookAlike {
                cause: "SPN-01",
                told_apart_by: "there the bundle shows no change of the binding before the first fall-back",
            },
            LookAlike {
                cause: "SPN-16",
                told_apart_by: "there someone tried to register the SPN and was refused",
            },
            LookAlike {
                cause: "SPN-09",
                told_apart_by: "there a misspelled value for the new name is registered",
            },
        ],
        ruled_out_by: "an SPN for every binding.",
        fix: &[
            "Register HTTP/<new name> on the account whose key opens tickets for the site.",
            "Replicate, purge the user's tickets, try again.",
        ],
        verify: "klist get of every binding's name succeeds; 4624 of type 3 shows Kerberos.",
        rollback: "setspn -D HTTP/<new name> <account>.",
        prevent: "One change creates host record, binding and SPN.",
        blind_spots: &["changes made while IIS-Configuration/Operational was off or overwritten"],
        versions: "All supported versions.",
        sources: &[
            "Microsoft: Service principal names",
            "Microsoft: IIS-Configuration/Operational auditing",
        ],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let mut missing = false;
    for unheld in scene.unheld() {
        missing |= matches!(unheld.why, Why::Missing);
        let Why::NewBinding(change) = &unheld.why else {
            continue;
        };
        let name = unheld.spn.host();
        let text = format!(
            "{name} was added to the site, and no account was given {}. The KDC answers 0x7, and Negotiate falls back to NTLM; where NTLM is blocked, users get 401.",
            unheld.spn
        );
        let mut finding = unheld.finding(scene, text);
        finding.current = Current::Yes;
        finding.onset = Some(Ground {
            says: format!("a binding for {name} was added"),
            from: vec![change.citation.clone()],
        });
        finding = finding.supporting(
            format!("the binding for {name} is new"),
            std::slice::from_ref(&change.citation),
        );
        out.find(register(
            scene,
            finding,
            &unheld.spn,
            &unheld.views,
            &[],
            CAUSE.page.prevent,
        ));
    }
    if missing {
        out.lack(Input::IisConfigurationLog);
    }
    for view in scene.negotiating() {
        if let (Some(Answer::Ticket { holder, .. }), Some(spn)) = (&view.path.answer, view.spn()) {
            out.rule_out(
                format!("{spn} is on {}", scene.shown(holder.account)),
                &holder.from,
            );
        }
    }
    out
}
