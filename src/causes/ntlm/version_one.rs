//! NT-07: NTLM version 1 is gone, or sign-in with credentials derived from it is blocked.

use std::collections::BTreeMap;

use super::{MSV1_0, signs};
use crate::case::{HostId, Role, Spn};
use crate::causes::observations::times_of;
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Subject};
use crate::negotiate::Stage;
use crate::readers::events::{Body, Event};
use crate::readers::registry::Key;
use crate::remedy::commands as c;
use crate::remedy::{Remedy, Step};

/// NT-07.
pub(crate) const CAUSE: Cause = Cause {
    id: "NT-07",
    name: "ntlm-version-one-removed",
    title: "NTLM version 1 is gone, or single sign-on with it is blocked",
    stage: Stage::Authorization,
    page: Page {
        mechanism: "Windows 11 24H2 and Windows Server 2025 no longer speak NTLM version 1, and block (or, at first, only audit) single sign-on with credentials that are derived from it, as old MS-CHAP methods use them. A program that still counts on version 1, and has no Kerberos ticket to begin with, is left without any way to sign in.",
        evidence: &[
            "NTLM/Operational of the new machine: 4013 (an attempt with version 1 failed), 4025 (derived credentials were blocked); 4024 is the audit of 4025",
            "Registry: BlockNtlmv1SSO 1 under Lsa\\MSV1_0",
            "4624 with LmPackageName NTLM V1 from the same clients before the upgrade",
        ],
        look_alikes: &[LookAlike {
            cause: "NT-04",
            told_apart_by: "there both versions exist, and LmCompatibilityLevel of client and domain controller do not fit",
        }],
        ruled_out_by: "LmPackageName NTLM V2 in the logons of the clients concerned.",
        fix: &[
            "Let the program use Kerberos, or NTLM version 2: an update, or its settings.",
            "Only while that is being done, and where the documented value still exists: audit (BlockNtlmv1SSO 0) instead of block.",
        ],
        verify: "No new 4013 or 4025; 4624 of type 3 with package Kerberos or LmPackageName NTLM V2.",
        rollback: "Set BlockNtlmv1SSO to what was noted.",
        prevent: "Collect 4024 and LmPackageName NTLM V1 before machines are upgraded.",
        blind_spots: &["devices that are no Windows machines log nothing of it"],
        versions: "Windows 11 24H2, Windows Server 2025 and later.",
        sources: &[
            "Microsoft: upcoming changes to NTLMv1 in Windows 11 24H2 and Windows Server 2025",
        ],
    },
    assess,
};

const WANTED: Input = Input::Stated {
    what: "the log Microsoft-Windows-NTLM/Operational of the machines with Windows 11 24H2 or Windows Server 2025",
    collect_with: "wevtutil epl \"Microsoft-Windows-NTLM/Operational\" %COMPUTERNAME%_Microsoft-Windows-NTLM_Operational.evtx",
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let case = scene.case;
    let mut by_host: BTreeMap<HostId, Vec<&Event>> = BTreeMap::new();
    let mut audited = Vec::new();
    for (host, event, blocked) in signs::blocked(case, &[4013, 4024, 4025]) {
        match blocked.id {
            4024 => audited.push(event.citation.clone()),
            _ => by_host.entry(host).or_default().push(event),
        }
    }
    for (host, events) in by_host {
        let machine = case.hosts.get(host);
        let name = &machine.name;
        let spn = events.iter().find_map(|event| {
            let Body::NtlmBlocked(e) = &event.body else {
                return None;
            };
            let spn = Spn::new(e.target.as_deref()?);
            spn.has_class("HTTP").then_some(spn)
        });
        let count = times_of(&events);
        let from = events.iter().map(|e| e.citation.clone()).collect();
        let subject = Subject {
            host: Some(name.clone()),
            spn: spn.as_ref().map(ToString::to_string),
            host_name: spn.as_ref().map(Spn::host),
            ..Subject::default()
        };
        let mut finding = Finding::about(
            subject,
            format!(
                "A program on {name} had no Kerberos ticket and tried to sign in with NTLM version 1, which this system does not send any more."
            ),
        )
        .conclusive(format!("{name} stopped NTLM version 1, {count}"), &few(from, 3));
        if let Some((1, from)) = signs::number(case, host, Key::Ntlm, "BlockNtlmv1SSO") {
            let says = format!(
                "{name} blocks credentials derived from NTLM version 1 (BlockNtlmv1SSO is 1)"
            );
            finding = finding.structure(says, &from);
        }
        finding = match &spn {
            Some(spn) => finding.explains(signs::block_symptoms(scene, host, Some(&spn.key()))),
            // What the program called is not a web server, as far as the event tells.
            None if !machine.roles.contains(&Role::WebServer) => finding.at_most(Status::Possible),
            None => finding.at_most(Status::Likely),
        };
        out.find(finding.fix(remedy(), Vec::new()));
    }
    if !audited.is_empty() {
        out.rule_out(
            "credentials derived from NTLM version 1 are only audited (4024), and not blocked",
            &few(audited, 2),
        );
    } else {
        out.lack(WANTED);
    }
    out
}

fn remedy() -> Remedy {
    let mut fix = super::kerberos_first(None);
    fix.push(Step::by_hand(
        "find the program that the event names, and update it or set it to NTLM version 2",
    ));
    fix.push(Step::run(
        c::reg_query(MSV1_0, "BlockNtlmv1SSO"),
        "keep the value as it is now",
    ));
    fix.push(
        Step::by_hand("only while the program is being replaced: set BlockNtlmv1SSO to 0, so that it is audited and not blocked")
            .risk("credentials derived from version 1 can be broken by whoever records them"),
    );
    Remedy::of(fix)
        .verify(super::verify_kerberos())
        .rollback(vec![Step::by_hand("set BlockNtlmv1SSO to what was noted")])
        .prevent(CAUSE.page.prevent)
}
