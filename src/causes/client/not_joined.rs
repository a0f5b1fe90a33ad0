//! CL-07: the client does not belong to the domain, or its user is a local one.

use super::signs;
use crate::case::Role;
use crate::causes::observations::times;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Subject};
use crate::negotiate::Stage;
use crate::readers::machine::DeviceState;
use crate::remedy::{Remedy, Step};

/// CL-07.
pub(crate) const CAUSE: Cause = Cause {
    id: "CL-07",
    name: "client-not-domain-joined",
    title: "The client does not belong to the domain, or its user is a local one",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "Who did not sign in to Windows with an account of the domain has no ticket-granting ticket, and can ask for no ticket. The browser prompts, and what is typed goes by NTLM. It is how it has to be on a private computer, a kiosk or under a local account; where NTLM is allowed it works.",
        evidence: &[
            "NTLM/Operational of the client: 4020 or 4021 with NtlmUsageId 2 (local account)",
            "dsregcmd /status: DomainJoined NO; klist: no tickets",
            "Security log of the web server: 4624 with NTLM whose WorkstationName is no computer of the domain",
        ],
        look_alikes: &[
            LookAlike {
                cause: "CL-08",
                told_apart_by: "there the client belongs to the domain and reaches none of its controllers",
            },
            LookAlike {
                cause: "CL-09",
                told_apart_by: "there the device is joined to Entra and could get a ticket by cloud Kerberos trust",
            },
        ],
        ruled_out_by: "a session of a domain account: klist shows krbtgt/<domain>.",
        fix: &[
            "Expect NTLM from such clients, or join them.",
            "To try Kerberos once: runas /netonly with an account of the domain, from a client that reaches a domain controller.",
        ],
        verify: "klist shows krbtgt/<domain> and, after the site was opened, HTTP/<name>.",
        rollback: "Nothing to take back.",
        prevent: "Keep a list of the clients that are expected to come by NTLM.",
        blind_spots: &[
            "events 4020 and 4021 exist from Windows 11 24H2 and Windows Server 2025 on",
        ],
        versions: "All supported versions.",
        sources: &[
            "Microsoft: NTLM auditing enhancements in Windows 11 24H2 and Windows Server 2025 (reasons for NTLM)",
        ],
    },
    assess,
};

/// The reason of a local account.
const LOCAL_ACCOUNT: u32 = 2;
const WANTED: Input = Input::Stated {
    what: "whether a client that comes by NTLM belongs to the domain",
    collect_with: "dsregcmd /status",
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let case = scene.case;
    for (spn, id, symptom) in signs::ntlm_because(scene, LOCAL_ACCOUNT) {
        let finding = Finding::about(
            signs::named(scene, &spn),
            format!("Clients came to {spn} by NTLM because a local account was used: such an account has no ticket-granting ticket."),
        )
        .conclusive(
            format!("NTLM was used towards {spn} because of a local account, {}", times(symptom.count)),
            &symptom.from,
        )
        .explains([id])
        .saw_logons_of_the_refused(scene, &spn, &signs::views(scene, &spn));
        let finding = signs::of_this_case(scene, &spn, finding);
        out.find(finding.fix(remedy(), Vec::new()));
    }
    for (host, machine) in &case.machines {
        let client = case.hosts.get(*host);
        let server = client.roles.contains(&Role::WebServer)
            || client.roles.contains(&Role::DomainController);
        let Some(joined) = machine.domain_joined().filter(|_| !server) else {
            continue;
        };
        let entra = machine
            .device(DeviceState::EntraJoined)
            .is_some_and(|e| e.value);
        match (joined.value, entra) {
            (true, _) => {
                if scene.fails_at(Some(*host)) {
                    let says = format!("{} belongs to the domain", client.name);
                    out.rule_out(says, &joined.from);
                }
            }
            (false, false) => {
                let subject = Subject {
                    host: Some(client.name.clone()),
                    ..Subject::default()
                };
                let finding = Finding::about(
                    subject,
                    format!("{} does not belong to the domain: its users have no ticket-granting ticket and come by NTLM, with what they type.", client.name),
                )
                .structure(format!("{} belongs to no domain", client.name), &joined.from);
                let finding = super::schemes::by_ntlm(scene, Some(*host), finding);
                let capped = finding.observed.is_empty();
                let finding = if capped {
                    finding.at_most(Status::Possible)
                } else {
                    finding
                };
                out.find(finding.fix(remedy(), Vec::new()));
            }
            // The neighbour's.
            (false, true) => {}
        }
    }
    if out.ruled_out.is_empty() {
        out.lack(WANTED);
    }
    out
}

fn remedy() -> Remedy {
    Remedy::of(vec![
        Step::by_hand("ask whether this client is meant to use Kerberos at all")
            .stop_if("it is a private computer or a kiosk: NTLM is what it can do"),
        Step::by_hand("join it to the domain, or let its users sign in to Windows with their accounts of the domain"),
    ])
    .verify(vec![Step::by_hand(
        "klist shows krbtgt/<domain> and, after the site was opened, HTTP/<name>",
    )])
    .rollback(vec![Step::by_hand("nothing to take back")])
    .prevent(CAUSE.page.prevent)
}
