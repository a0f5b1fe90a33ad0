//! SPN-09: a value for the name is registered, but written so that it never matches.

use super::register;
use crate::case::Registration;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Why};
use crate::negotiate::{Answer, Stage};

/// SPN-09.
pub(crate) const CAUSE: Cause = Cause {
    id: "SPN-09",
    name: "spn-malformed",
    title: "The registered SPN is misspelled and never matches",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "The KDC compares the whole string. A value such as http://web, HTTP\\web, HTTPS/web, HTTP/web/app, HTTP/web@REALM or HTTP/*.corp.example is stored without complaint and matches nothing that a client asks for. The KDC answers 0x7 as if nothing were registered, and Negotiate falls back to NTLM.",
        evidence: &[
            "setspn -L <account>: the odd value",
            "setspn -Q HTTP/<name>: No such SPN found",
            "client and domain controller logs as for a missing SPN (SPN-01)",
        ],
        look_alikes: &[
            LookAlike {
                cause: "SPN-01",
                told_apart_by: "there no value for the name is registered in any spelling",
            },
            LookAlike {
                cause: "SPN-11",
                told_apart_by: "a value with a port is well formed; clients just ask without it",
            },
            LookAlike {
                cause: "SPN-18",
                told_apart_by: "there the value looks right and holds characters that are not shown",
            },
        ],
        ruled_out_by: "a well-formed value for the same name on the account whose key opens tickets.",
        fix: &[
            "Register the right value on the account whose key opens tickets.",
            "Then remove the odd value; it is inert, so the order is safe.",
            "Replicate, purge the user's tickets, try again.",
        ],
        verify: "setspn -F -Q HTTP/<name> shows the account; klist get succeeds; 4624 of type 3 shows Kerberos.",
        rollback: "setspn -D HTTP/<name> <account>.",
        prevent: "Check the form of an SPN in the script that registers it.",
        blind_spots: &["a value that some other product asks for in exactly this spelling"],
        versions: "All supported versions.",
        sources: &[
            "Microsoft: setspn reference",
            "Microsoft: Name formats for unique SPNs",
        ],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    for unheld in scene.unheld() {
        let Why::Malformed(values) = &unheld.why else {
            continue;
        };
        let finding = unheld.finding(
            scene,
            format!(
                "Clients ask for {}. What is registered instead never matches: {}. The KDC answers as if nobody held the name, and Negotiate falls back to NTLM.",
                unheld.spn,
                faults(values)
            ),
        );
        let finding = with_values(scene, finding, values);
        out.find(register(
            scene,
            finding,
            &unheld.spn,
            &unheld.views,
            values,
            CAUSE.page.prevent,
        ));
    }
    let registrations = &scene.case.situation.directory.registrations;
    if registrations.is_empty() {
        out.lack(Input::SpnInventory);
    }
    for view in scene.negotiating() {
        if let (Some(Answer::Ticket { holder, .. }), Some(spn)) = (&view.path.answer, view.spn()) {
            out.rule_out(
                format!("{spn} itself is on {}", scene.shown(holder.account)),
                &holder.from,
            );
        }
    }
    out
}

fn faults(values: &[&Registration]) -> String {
    let mut all: Vec<String> = values
        .iter()
        .map(|r| {
            format!(
                "{} ({})",
                r.spn,
                r.spn.malformation().unwrap_or("misspelled")
            )
        })
        .collect();
    all.sort();
    all.dedup();
    all.join(", ")
}

/// Adds each near miss with its account.
pub(super) fn with_values(
    scene: &Scene<'_>,
    finding: Finding,
    values: &[&Registration],
) -> Finding {
    values.iter().take(4).fold(finding, |finding, r| {
        finding.structure(
            format!("{} is registered on {}", r.spn, scene.shown(r.holder)),
            std::slice::from_ref(&r.from),
        )
    })
}
