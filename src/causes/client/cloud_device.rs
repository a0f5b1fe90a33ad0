//! CL-09: a device of Entra has no ticket of the domain.

use super::signs;
use crate::causes::observations::times;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Subject};
use crate::negotiate::Stage;
use crate::readers::machine::DeviceState;
use crate::remedy::{Remedy, Step};

/// CL-09.
pub(crate) const CAUSE: Cause = Cause {
    id: "CL-09",
    name: "client-entra-device-without-ticket",
    title: "A device of Entra has no ticket of the domain",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "Whoever signs in to a device that is joined to Entra only, with a PIN or a security key, gets tokens of the cloud and no ticket-granting ticket of the domain. With cloud Kerberos trust Entra hands out a partial one, which a domain controller then exchanges; without it, or out of reach of a controller, there is no Kerberos, and the site is opened by NTLM, a prompt, or not at all. (A password typed at sign-in within reach of a controller does give a ticket.)",
        evidence: &[
            "dsregcmd /status: AzureAdJoined YES, DomainJoined NO, OnPremTgt NO",
            "NTLM/Operational of the client: 4020 or 4021 with NtlmUsageId 4 (cloud account)",
            "klist: no krbtgt/<domain>",
        ],
        look_alikes: &[
            LookAlike {
                cause: "CL-08",
                told_apart_by: "there the client belongs to the domain, and only the way to a controller is missing",
            },
            LookAlike {
                cause: "CL-07",
                told_apart_by: "there the device belongs to nothing at all",
            },
        ],
        ruled_out_by: "OnPremTgt YES, or krbtgt/<domain> in klist.",
        fix: &[
            "Set up cloud Kerberos trust (the AzureADKerberos object in the domain, the policy on the devices).",
            "Give the devices line of sight to a domain controller.",
        ],
        verify: "dsregcmd /status: OnPremTgt YES; klist shows krbtgt/<domain> and HTTP/<name>.",
        rollback: "Take the policy from the devices.",
        prevent: "Try the sites of the intranet with an Entra device before devices are moved.",
        blind_spots: &[
            "OnPremTgt NO says nothing about a session that was signed in with a password",
        ],
        versions: "Windows 10 and 11; the minimum version for cloud Kerberos trust is not confirmed here.",
        sources: &[
            "Microsoft: dsregcmd, troubleshooting devices (OnPremTgt, CloudTgt)",
            "Microsoft: NTLM auditing enhancements in Windows 11 24H2 and Windows Server 2025 (reasons for NTLM)",
        ],
    },
    assess,
};

/// The reason of a cloud account.
const CLOUD_ACCOUNT: u32 = 4;
const WANTED: Input = Input::Stated {
    what: "how a client that gets no tickets is joined, and whether its session has a ticket of the domain",
    collect_with: "dsregcmd /status & klist",
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let case = scene.case;
    for (spn, id, symptom) in signs::ntlm_because(scene, CLOUD_ACCOUNT) {
        let finding = Finding::about(
            signs::named(scene, &spn),
            format!("Clients came to {spn} by NTLM because their users signed in with an account of the cloud, and have no ticket of the domain."),
        )
        .conclusive(
            format!("NTLM was used towards {spn} because of a cloud account, {}", times(symptom.count)),
            &symptom.from,
        )
        .explains([id])
        .saw_logons_of_the_refused(scene, &spn, &signs::views(scene, &spn));
        let finding = signs::of_this_case(scene, &spn, finding);
        out.find(with_devices(scene, finding).fix(remedy(), Vec::new()));
    }
    if !out.findings.is_empty() {
        return out;
    }
    let machines = case
        .machines
        .iter()
        .map(|(host, machine)| (Some(*host), machine));
    for (host, machine) in machines.chain([(None, &case.unplaced)]) {
        let answer = |asked| machine.device(asked);
        let (Some(entra), Some(ticket)) = (
            answer(DeviceState::EntraJoined),
            answer(DeviceState::OnPremTgt),
        ) else {
            continue;
        };
        let joined = machine.domain_joined().is_some_and(|joined| joined.value);
        let name = signs::machine_name(case, host);
        if ticket.value {
            if scene.fails_at(host) {
                let says = format!("the session on {name} has a ticket of the domain");
                out.rule_out(says, &ticket.from);
            }
        } else if entra.value && !joined {
            let from = [entra.from.clone(), ticket.from.clone()].concat();
            let finding = Finding::about(
                Subject {
                    host: host.map(|host| case.hosts.get(host).name.clone()),
                    ..Subject::default()
                },
                format!("{name} is joined to Entra only, and its session has no ticket of the domain: without one there is no Kerberos to any site of the domain."),
            )
            .structure(format!("{name} is joined to Entra, to no domain, and has no ticket of the domain"), &from);
            let finding = super::schemes::by_ntlm(scene, host, finding);
            let finding = finding.at_most(Status::Possible).lacks(Input::Klist);
            out.find(finding.fix(remedy(), Vec::new()));
        }
    }
    if out.ruled_out.is_empty() {
        out.lack(WANTED);
    }
    out
}

/// What `dsregcmd` says on a machine of the bundle, beside events that decide already.
fn with_devices(scene: &Scene<'_>, mut finding: Finding) -> Finding {
    for (host, machine) in &scene.case.machines {
        if let Some(ticket) = machine.device(DeviceState::OnPremTgt).filter(|t| !t.value) {
            let name = &scene.case.hosts.get(*host).name;
            finding = finding.supporting(
                format!("the session on {name} has no ticket of the domain"),
                &ticket.from,
            );
        }
    }
    finding
}

fn remedy() -> Remedy {
    Remedy::of(vec![
        Step::by_hand("on the client, in the user's session: dsregcmd /status (AzureAdJoined, OnPremTgt, CloudTgt) and klist; keep both"),
        Step::by_hand("set up cloud Kerberos trust: Set-AzureADKerberosServer creates the AzureADKerberos object of the domain; then the policy \"Use cloud trust for on-premises authentication\" for the devices")
            .risk("the object is a read-only domain controller to the KDC: its groups of allowed and denied accounts decide for whom it works"),
        Step::by_hand("make sure that the client reaches a writable domain controller on 88: the partial ticket is exchanged there"),
    ])
    .verify(vec![
        Step::by_hand("the user locks and unlocks; dsregcmd /status shows OnPremTgt YES"),
        Step::by_hand("klist shows krbtgt/<domain> and, after the site was opened, HTTP/<name>"),
    ])
    .rollback(vec![Step::by_hand("take the policy from the devices")])
    .prevent(CAUSE.page.prevent)
}
