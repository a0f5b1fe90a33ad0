//! SPN-11: the SPN is registered with a port and clients ask without it, or the other way round.

use super::malformed::with_values;
use super::register;
use crate::causes::{Assessment, Cause, Input, LookAlike, Page, Scene, Why};
use crate::negotiate::{Profile, Stage};

/// SPN-11.
pub(crate) const CAUSE: Cause = Cause {
    id: "SPN-11",
    name: "spn-port-mismatch",
    title: "The SPN differs from what clients ask for by its port",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "Browsers as installed leave the port out of the SPN, whatever the URL says. A name that is registered as HTTP/web:8080 only is never found. The other way round, a client that is told to put the port in (a browser policy, .NET 5, WinRM) asks for HTTP/web:8080 where only HTTP/web is registered. Either way the KDC answers 0x7 and Negotiate falls back to NTLM.",
        evidence: &[
            "setspn -L <account>: only the value with the port, or only the one without",
            "Kerberos event 3, NTLM 4020 or 4769 with 0x7: the value that was asked for",
            "applicationHost.config: a binding on a port other than 80 and 443",
        ],
        look_alikes: &[
            LookAlike {
                cause: "SPN-01",
                told_apart_by: "there the name is registered with no port at all",
            },
            LookAlike {
                cause: "KM-05",
                told_apart_by: "there two sites of one host name run as different accounts, and ports in the SPN are meant to tell them apart",
            },
            LookAlike {
                cause: "SPN-09",
                told_apart_by: "there the value is misspelled, not merely different by its port",
            },
        ],
        ruled_out_by: "both variants on the same account.",
        fix: &[
            "Register the variant that is asked for on the same account.",
            "Replicate, purge the user's tickets, try again.",
        ],
        verify: "klist get of both variants succeeds.",
        rollback: "setspn -D of the added variant.",
        prevent: "Give sites that need Kerberos the default ports and a host name of their own.",
        blind_spots: &["which clients put the port in"],
        versions: "All; .NET 5 is the only .NET that puts the port in by itself.",
        sources: &[
            "Microsoft: EnableAuthNegotiatePort policy",
            "Microsoft: Troubleshoot Kerberos failures in Internet Explorer",
            ".NET: System.Net.Http.UsePortInSpn",
        ],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    for unheld in scene.unheld() {
        let Why::OtherPort(values) = &unheld.why else {
            continue;
        };
        let registered = values
            .first()
            .map_or_else(String::new, |r| r.spn.to_string());
        let how = if unheld.spn.port().is_some() {
            "These clients put the port into the SPN."
        } else {
            "Browsers leave the port out of the SPN."
        };
        let finding = unheld.finding(
            scene,
            format!(
                "Clients ask for {}, and only {registered} is registered. {how} The KDC answers 0x7, and Negotiate falls back to NTLM.",
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
    let on_port =
        |v: &&crate::causes::View<'_>| v.others.iter().any(|p| p.profile == Profile::WithPort);
    for view in scene.negotiating().filter(on_port) {
        if let (Some(spn), Some(holder)) = (view.spn(), view.holder()) {
            out.rule_out(
                format!(
                    "{spn}, as browsers ask for it, is on {}",
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
