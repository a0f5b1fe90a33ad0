//! DG-03: Credential Guard on the client does not let the user's ticket be forwarded.

use super::every_hop;
use super::repair::repaired;
use super::unconstrained::NotForwarded;
use crate::case::{HostId, Role};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Input, LookAlike, Page, Scene, Status};
use crate::evidence::Citation;
use crate::negotiate::Stage;
use crate::readers::events::Body;

/// DG-03.
pub(crate) const CAUSE: Cause = Cause {
    id: "DG-03",
    name: "credential-guard-blocks-forwarding",
    title: "Credential Guard on the client keeps the user's ticket from being forwarded",
    stage: Stage::SecondHop,
    page: Page {
        mechanism: "Credential Guard keeps the user's ticket-granting ticket in a place that programs cannot take it from, and so Windows does not forward it: delegation to any service (unconstrained) does not work from such a client, whatever the browser's policies say. Since Windows 11 22H2 and Windows Server 2025 it is on by itself on machines that can have it. Users of new PCs then fail at the second hop, and those of old ones do not. Constrained delegation is not affected.",
        evidence: &[
            "Win32_DeviceGuard or msinfo32 of a client that fails: Credential Guard is running",
            "NTLM/Operational log of the client: 4013 or 4014, a use of NTLM that Credential Guard blocked",
            "Security log of the web server: impersonation level 1833 from some clients, 1840 from others",
        ],
        look_alikes: &[
            LookAlike {
                cause: "DG-09",
                told_apart_by: "there the browser's policy does not name the host, and other programs on the same client forward the ticket",
            },
            LookAlike {
                cause: "DG-02",
                told_apart_by: "there the user fails on every client",
            },
        ],
        ruled_out_by: "Credential Guard not running on a client that fails.",
        fix: &[
            "Replace delegation to any service by constrained delegation: by the back end's account, or by a list.",
            "Do not switch Credential Guard off.",
        ],
        verify: "4769 with status 0x0 and transmitted services; the page works from a client with Credential Guard.",
        rollback: "Empty the list of principals again.",
        prevent: "Remove unconstrained delegation everywhere before clients are renewed.",
        blind_spots: &["whether Credential Guard runs is in no log that this tool reads"],
        versions: "Windows 10 and later clients.",
        sources: &["Microsoft: Considerations when using Credential Guard"],
    },
    assess,
};

const DEVICE_GUARD: Input = Input::Stated {
    what: "whether Credential Guard runs on a client that fails (1 among SecurityServicesRunning)",
    collect_with: "Get-CimInstance -ClassName Win32_DeviceGuard -Namespace root\\Microsoft\\Windows\\DeviceGuard | Format-List *",
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let blocked = blocked_on_clients(scene);
    every_hop(scene, &mut out, |hop, out| match NotForwarded::of(hop) {
        Some(not) if !blocked.is_empty() => {
            let target = hop.shown(scene.case);
            let finding = not
                    .finding(
                        scene,
                        format!(
                            "{} relies on delegation to any service, and clients with Credential Guard do not forward the user's ticket. Calls to {target} then arrive as nobody.",
                            hop.front_shown(scene.case)
                        ),
                    )
                    .supporting("Credential Guard blocked NTLM on a client", &blocked)
                    .or_else("DG-09", "the browser's policy may not name the host")
                    .lacks(DEVICE_GUARD)
                    .at_most(Status::Likely);
            out.find(repaired(scene, hop, CAUSE.page.prevent, finding));
        }
        _ if hop.ways.any_service.is_false() => rule_out(scene, hop, out),
        _ => out.lack(DEVICE_GUARD),
    });
    out
}

fn rule_out(scene: &Scene<'_>, hop: &super::hop::SecondHop<'_, '_>, out: &mut Assessment) {
    let from = hop.ways.any_service.present().map(|t| t.from.clone());
    let says = format!(
        "{} is not trusted for any service: nothing has to be forwarded",
        hop.account_shown(scene)
    );
    out.rule_out(says, &few(from.unwrap_or_default(), 1));
}

/// NTLM 4013 and 4014 of clients: Credential Guard did not let a program use NTLM.
fn blocked_on_clients(scene: &Scene<'_>) -> Vec<Citation> {
    let case = scene.case;
    let is_client = |host: HostId| !case.hosts.get(host).roles.contains(&Role::WebServer);
    let found = case.events.iter().filter(|event| {
        let ntlm = matches!(
            event.body,
            Body::NtlmUse(_) | Body::NtlmBlocked(_) | Body::Other(_)
        );
        ntlm && matches!(event.id, 4013 | 4014)
            && event.provider.contains("NTLM")
            && case.hosts.find(&event.computer).is_some_and(is_client)
    });
    few(found.map(|event| event.citation.clone()).collect(), 2)
}
