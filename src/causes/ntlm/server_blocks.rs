//! NT-01: the web server refuses NTLM that comes in.

use super::signs::{self, NTLM_BLOCKED};
use super::{MSV1_0, SERVER_VALUE};
use crate::case::{HostId, SymptomKind};
use crate::causes::observations::times;
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Subject};
use crate::negotiate::Stage;
use crate::readers::events::Body;
use crate::readers::registry::Key;
use crate::remedy::commands as c;
use crate::remedy::{Remedy, Step};

/// NT-01.
pub(crate) const CAUSE: Cause = Cause {
    id: "NT-01",
    name: "ntlm-blocked-by-server",
    title: "The web server refuses NTLM that comes in",
    stage: Stage::Accept,
    page: Page {
        mechanism: "A policy on the web server (\"Network security: Restrict NTLM: Incoming NTLM traffic\", value 1 for domain accounts, 2 for all) makes it refuse every NTLM logon. As long as users bring Kerberos tickets nobody notices. When a ticket cannot be had, Negotiate falls back to NTLM as ever, the server refuses it with STATUS_NTLM_BLOCKED, and what used to be a silent fall-back becomes a prompt and 401.1. The policy does what it is meant to do: the fault is the lost ticket.",
        evidence: &[
            "NTLM/Operational of the web server: 4002 or 4003 (blocked). 8002 and 8003 are the audit of the same policy: there NTLM was let through",
            "Security log of the web server: 4625 of type 3 with 0xC0000418",
            "Registry of the web server: RestrictReceivingNTLMTraffic 1 or 2 under Lsa\\MSV1_0",
            "IIS log: 401.1 where there was 200 before the policy came",
        ],
        look_alikes: &[
            LookAlike {
                cause: "NT-03",
                told_apart_by: "there a domain controller refuses (its log has 4004 to 4006), and the web server's own log has no 4002 or 4003",
            },
            LookAlike {
                cause: "NT-02",
                told_apart_by: "there the client sends no NTLM at all: the IIS log shows 401.2 alone, and the client logs 4001",
            },
            LookAlike {
                cause: "SPN-01",
                told_apart_by: "that is the root behind it, not another explanation: without a ticket for the name, NTLM is all that is left",
            },
        ],
        ruled_out_by: "a registry value of 0 or none, or an NTLM/Operational log of the server that covers the failures and has no 4002 or 4003.",
        fix: &[
            "Find out why no ticket was used, and repair that: klist get HTTP/<name> in the user's session.",
            "Leave the policy as it is. If users cannot wait, let it audit instead of deny on this one server until Kerberos works, with the consent of whoever set it.",
        ],
        verify: "4624 of type 3 with package Kerberos for the users; no new 4002, 4003 or 4625 with 0xC0000418.",
        rollback: "Set the policy back to its value.",
        prevent: "Run the policy in audit mode until 8002 and 8003 stay away for weeks, then deny.",
        blind_spots: &[
            "which policy object sets the value is not in the registry: gpresult shows it",
            "a policy that was changed after the failures",
        ],
        versions: "Windows Server 2008 R2 and later.",
        sources: &[
            super::POLICIES,
            "Microsoft open specification MS-APDS, section 3.1.5 (NTLMServerDomainBlocked, STATUS_NTLM_BLOCKED)",
        ],
    },
    assess,
};

/// The value that denies.
const VALUE: &str = "RestrictReceivingNTLMTraffic";

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    for host in signs::web_servers(scene.case) {
        let facts = out.ruled_out.len();
        match finding(scene, host, &mut out) {
            Some(finding) => out.find(finding),
            // What rules out one server says nothing of the next.
            None if out.ruled_out.len() > facts => {}
            None => open(scene, host, &mut out),
        }
    }
    if !scene.has_web_server() {
        out.lack(SERVER_VALUE);
    }
    out
}

fn finding(scene: &Scene<'_>, host: HostId, out: &mut Assessment) -> Option<Finding> {
    let case = scene.case;
    let name = &case.hosts.get(host).name;
    let events: Vec<_> = signs::blocked(case, &[4002, 4003])
        .filter(|(at, ..)| *at == host)
        .map(|(_, event, _)| event.citation.clone())
        .collect();
    let logons = signs::failed_logons(scene, host, NTLM_BLOCKED);
    let setting = signs::number(case, host, Key::Ntlm, VALUE);
    let denies = setting.as_ref().filter(|(value, _)| *value > 0);
    let lost = signs::lost_names(scene, host);
    if let (Some((0, from)), true) = (&setting, events.is_empty()) {
        let said = signs::said(case, host, Key::Ntlm, VALUE, 0);
        out.rule_out(format!("{name} lets NTLM in ({said})"), from);
        return None;
    }
    let by_controllers = super::controllers_block::refused(case, Some(host))
        .next()
        .is_some();
    if events.is_empty() && denies.is_none() && (logons.is_empty() || by_controllers) {
        return None;
    }
    if events.is_empty() && logons.is_empty() && lost.is_empty() {
        return None;
    }
    let subject = Subject {
        host: Some(name.clone()),
        ..Subject::default()
    };
    let mut finding = Finding::about(
        subject,
        format!(
            "{name} refuses NTLM by policy. Whoever comes without a Kerberos ticket falls back to NTLM as ever, and gets 401 instead of the page."
        ),
    );
    if let Some((value, from)) = denies {
        let whom = if *value == 1 {
            "domain accounts"
        } else {
            "all accounts"
        };
        finding = finding.structure(
            format!("the policy of {name} denies incoming NTLM of {whom} ({VALUE} is {value})"),
            from,
        );
    }
    let count = times(case.met(&events));
    finding = finding
        .conclusive(
            format!("{name} blocked NTLM that came in, {count}"),
            &few(events.clone(), 3),
        )
        .explains(if events.is_empty() {
            Vec::new()
        } else {
            signs::block_symptoms(scene, host, None)
        })
        .saw(logons, |count| {
            format!("{name} refused logons because NTLM is blocked (0xC0000418), {count}")
        });
    if events.is_empty() && denies.is_none() {
        finding = finding
            .or_else("NT-03", "a domain controller that refuses NTLM gives the same status, and neither its log nor the server's NTLM log is here")
            .lacks(Input::NtlmLog);
    }
    if events.is_empty() && finding.explains.is_empty() {
        let seen = scene.symptoms(|k| *k == SymptomKind::NtlmLogons(host));
        let from = seen.iter().flat_map(|(_, s)| s.from.clone()).collect();
        finding = finding.contradicting("users did log on there by NTLM", &few(from, 2));
    }
    Some(finding.fix(remedy(signs::first_spn(&lost)), Vec::new()))
}

/// What would decide, where nothing is found.
fn open(scene: &Scene<'_>, host: HostId, out: &mut Assessment) {
    let audited: Vec<_> = scene
        .case
        .pick(|body| match body {
            Body::NtlmUse(e) if matches!(e.id, 8002 | 8003) => Some(e),
            _ => None,
        })
        .filter(|(event, _)| scene.case.hosts.find(&event.computer) == Some(host))
        .map(|(event, _)| event.citation.clone())
        .collect();
    if !audited.is_empty() {
        out.rule_out(
            "the web server only audits NTLM that comes in (8002, 8003), and lets it pass",
            &few(audited, 2),
        );
    } else {
        out.lack(Input::NtlmLog);
        out.lack(SERVER_VALUE);
    }
}

fn remedy(spn: Option<&str>) -> Remedy {
    let mut fix = super::kerberos_first(spn);
    fix.push(Step::run(
        c::reg_query(MSV1_0, VALUE),
        "on the web server, keep the value as it is now; gpresult /h report.html tells which policy sets it",
    ));
    fix.push(
        Step::by_hand("only if users cannot wait for Kerberos, and whoever set the policy agrees: set \"Restrict NTLM: Incoming NTLM traffic\" to \"Allow all\" for this one server, with \"Restrict NTLM: Audit Incoming NTLM Traffic\" on")
            .risk("NTLM is open on this server again, with the relay attacks that the policy is there against")
            .stop_if("Kerberos works: then the policy needs no change"),
    );
    Remedy::of(fix)
        .verify(super::verify_kerberos())
        .rollback(vec![Step::by_hand(
            "set the policy to the value that was kept, and run gpupdate on the web server",
        )])
        .prevent(CAUSE.page.prevent)
}
