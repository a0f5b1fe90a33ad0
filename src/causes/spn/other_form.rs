//! SPN-10: only the short or only the fully qualified form of the name is registered.

use super::malformed::with_values;
use super::register;
use crate::case::other_form;
use crate::causes::{Assessment, Cause, Input, LookAlike, Page, Scene, Why};
use crate::negotiate::Stage;

/// SPN-10.
pub(crate) const CAUSE: Cause = Cause {
    id: "SPN-10",
    name: "spn-one-name-form-only",
    title: "Only the short or only the full form of the name is registered",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "HTTP/web and HTTP/web.corp.example are two SPNs. Most browsers turn what was typed into the full name, other clients ask for it as typed. Where only one form is registered, clients that ask for the other get 0x7 and fall back to NTLM. It looks intermittent and is not: it depends on the form.",
        evidence: &[
            "setspn -L <account>: one form only",
            "setspn -Q of the other form: No such SPN found",
            "NTLM/Operational 4020 or Kerberos event 3 of a client: the form that is missing",
        ],
        look_alikes: &[
            LookAlike {
                cause: "SPN-01",
                told_apart_by: "there neither form is registered",
            },
            LookAlike {
                cause: "NAME-02",
                told_apart_by: "there a CNAME leads to another host's name, not to the other form of this one",
            },
            LookAlike {
                cause: "NAME-04",
                told_apart_by: "there the suffix list completes the short name to an unexpected domain",
            },
        ],
        ruled_out_by: "both forms on the same account.",
        fix: &[
            "Register the missing form on the same account.",
            "Replicate, purge the user's tickets, try again.",
        ],
        verify: "klist get of both forms succeeds.",
        rollback: "setspn -D of the added form.",
        prevent: "Register both forms, always as a pair.",
        blind_spots: &["which form users really type, where no log shows it"],
        versions: "All supported versions.",
        sources: &[
            "Microsoft: Troubleshoot Kerberos failures in Internet Explorer",
            "Microsoft: <windowsAuthentication> element of IIS",
        ],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    for unheld in scene.unheld() {
        let Why::OtherForm(values) = &unheld.why else {
            continue;
        };
        let other = values
            .first()
            .map_or_else(String::new, |r| r.spn.to_string());
        let finding = unheld.finding(
            scene,
            format!(
                "{other} is registered, {} is not. Clients that ask for the missing form get 0x7 and fall back to NTLM.",
                unheld.spn
            ),
        );
        let finding = with_values(scene, finding, values);
        out.find(register(
            scene,
            finding,
            &unheld.spn,
            &unheld.views,
            &[],
            CAUSE.page.prevent,
        ));
    }
    for view in scene.negotiating() {
        let (Some(spn), Some(holder)) = (view.spn(), view.holder()) else {
            continue;
        };
        // The other form is known to be held as well, by the same account: nothing is missing.
        let pair = scene.negotiating().find(|v| {
            v.endpoint.server == view.endpoint.server
                && v.spn().is_some_and(|s| s != spn && s.port() == spn.port())
                && v.spn().is_some_and(|s| other_form(&s.host(), &spn.host()))
                && v.holder()
                    .is_some_and(|h| scene.same(h.account, holder.account))
        });
        if let Some(other) = pair.and_then(|v| v.spn()) {
            out.rule_out(
                format!(
                    "{spn} and {other} are both on {}",
                    scene.shown(holder.account)
                ),
                &holder.from,
            );
        }
    }
    if scene.case.situation.directory.registrations.is_empty() {
        out.lack(Input::SpnInventory);
    }
    out
}
