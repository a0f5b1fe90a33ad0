//! SPN-18: the registered value holds characters that are not shown, or that look like others.

use super::malformed::with_values;
use super::register;
use crate::causes::{Assessment, Cause, Input, LookAlike, Page, Scene, Why};
use crate::negotiate::Stage;

/// SPN-18.
pub(crate) const CAUSE: Cause = Cause {
    id: "SPN-18",
    name: "spn-invisible-characters",
    title: "The registered SPN holds characters that cannot be seen",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "The SPN was pasted from a document or a ticket and brought along a no-break space, a zero-width character, or a dash that is not a hyphen. It looks right on the screen, but it is another string: the KDC finds nobody for the name that clients ask for, and Negotiate falls back to NTLM.",
        evidence: &[
            "setspn -L <account>: a value with such characters (this tool shows their code points)",
            "setspn -Q HTTP/<name>, typed by hand: No such SPN found",
        ],
        look_alikes: &[
            LookAlike {
                cause: "SPN-09",
                told_apart_by: "there the fault can be seen",
            },
            LookAlike {
                cause: "SPN-01",
                told_apart_by: "there nothing that looks like the name is registered",
            },
            LookAlike {
                cause: "SPN-17",
                told_apart_by: "there the right value is registered on one domain controller and not yet on another",
            },
        ],
        ruled_out_by: "the registered value is the one clients ask for, character by character.",
        fix: &[
            "Register the value, typed by hand, on the account whose key opens tickets.",
            "Then remove the bad value in the attribute editor; it is inert, so the order is safe.",
            "Replicate, purge the user's tickets, try again.",
        ],
        verify: "setspn -F -Q HTTP/<name>, typed by hand, shows the account; klist get succeeds.",
        rollback: "setspn -D HTTP/<name> <account>.",
        prevent: "Type SPNs, do not paste them.",
        blind_spots: &[
            "characters that the console turned into question marks when the output was saved",
        ],
        versions: "All supported versions.",
        sources: &[
            "reasoned from the KDC's comparison of whole strings (Microsoft: setspn reference)",
        ],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    for unheld in scene.unheld() {
        let Why::Invisible(values) = &unheld.why else {
            continue;
        };
        let mut points: Vec<String> = values.iter().flat_map(|r| r.spn.invisible()).collect();
        points.sort();
        points.dedup();
        let finding = unheld.finding(
            scene,
            format!(
                "{} seems to be registered, but the value holds {}. It is another string than the one clients ask for: the KDC answers 0x7, and Negotiate falls back to NTLM.",
                unheld.spn,
                points.join(", ")
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
    match registrations.iter().find(|r| r.spn.has_class("HTTP")) {
        None => out.lack(Input::SpnInventory),
        Some(shown) if registrations.iter().all(|r| r.spn.invisible().is_empty()) => out.rule_out(
            "no SPN in the bundle holds a character that is not shown",
            std::slice::from_ref(&shown.from),
        ),
        Some(_) => {}
    }
    out
}
