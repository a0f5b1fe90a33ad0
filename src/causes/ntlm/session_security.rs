//! NT-08: NTLM does not offer the session security that one side asks for.

use std::collections::BTreeMap;

use super::{MSV1_0, signs};
use crate::case::{HostId, Role};
use crate::causes::observations::times_of;
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Subject};
use crate::negotiate::Stage;
use crate::readers::events::{Body, Event};
use crate::readers::registry::Key;
use crate::remedy::commands as c;
use crate::remedy::{Remedy, Step};

/// NT-08.
pub(crate) const CAUSE: Cause = Cause {
    id: "NT-08",
    name: "ntlm-session-security-not-met",
    title: "NTLM does not offer the session security that one side asks for",
    stage: Stage::Accept,
    page: Page {
        mechanism: "\"Minimum session security for NTLM SSP based servers\" (and clients) makes a machine insist on NTLM version 2 and on 128-bit keys. A client whose stack does not offer both, an old device or a library of another system, is refused in the middle of the handshake. Windows clients offer both by default, and Kerberos is not concerned at all.",
        evidence: &[
            "NTLM/Operational of the web server: 4011, with NegotiatedSecurity and RequiredSecurity; of a client: 4010",
            "Registry: NtlmMinServerSec, NtlmMinClientSec under Lsa\\MSV1_0 (0x20000000 128 bits, 0x80000 version 2)",
            "only the clients of one kind fail, and all of them do",
        ],
        look_alikes: &[LookAlike {
            cause: "NT-04",
            told_apart_by: "there the answer itself is of the wrong version, and looks like a wrong password; no 4010 or 4011 is written",
        }],
        ruled_out_by: "a required security that the clients offer, or no requirement at all.",
        fix: &[
            "Let the clients use Kerberos, or update their stack.",
            "Only where that cannot be had, and with the consent of whoever set it: require no more than the clients offer.",
        ],
        verify: "No new 4010 or 4011; 4624 of type 3 for those clients.",
        rollback: "Set the value back to what was noted.",
        prevent: "Try old devices against the baseline before it is rolled out.",
        blind_spots: &["which device it was: the event names the process, not the caller"],
        versions: "All supported versions.",
        sources: &[
            "Microsoft: security options \"Minimum session security for NTLM SSP based (including secure RPC) servers\" and clients",
        ],
    },
    assess,
};

const WANTED: Input = Input::Stated {
    what: "the log Microsoft-Windows-NTLM/Operational of the web server (4011)",
    collect_with: "wevtutil epl \"Microsoft-Windows-NTLM/Operational\" %COMPUTERNAME%_Microsoft-Windows-NTLM_Operational.evtx",
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let case = scene.case;
    let mut by_host: BTreeMap<(HostId, u32), Vec<&Event>> = BTreeMap::new();
    for (host, event, blocked) in signs::blocked(case, &[4010, 4011]) {
        by_host.entry((host, blocked.id)).or_default().push(event);
    }
    for ((host, id), events) in by_host {
        let machine = case.hosts.get(host);
        let name = &machine.name;
        let serves = machine.roles.contains(&Role::WebServer);
        let (side, value) = match id {
            4011 => ("as the server", "NtlmMinServerSec"),
            _ => ("as the client", "NtlmMinClientSec"),
        };
        let count = times_of(&events);
        let from = events.iter().map(|e| e.citation.clone()).collect();
        let subject = Subject {
            host: Some(name.clone()),
            ..Subject::default()
        };
        let mut finding = Finding::about(
            subject,
            format!(
                "{name}, {side}, insists on session security that the other side does not offer, and breaks NTLM off{}.",
                securities(&events)
            ),
        )
        .conclusive(
            format!("{name} broke NTLM off for want of session security, {count}"),
            &few(from, 3),
        );
        if let Some((required @ 1.., from)) = signs::number(case, host, Key::Ntlm, value) {
            finding = finding.structure(format!("{name} requires {required:#x} ({value})"), &from);
        }
        finding = if serves && id == 4011 {
            finding.explains(signs::block_symptoms(scene, host, None))
        } else {
            // Which server was called, or by what, the event does not say.
            finding.at_most(Status::Possible)
        };
        out.find(finding.fix(remedy(value), Vec::new()));
    }
    let none = signs::web_servers(case).find_map(|host| {
        let (value, from) = signs::number(case, host, Key::Ntlm, "NtlmMinServerSec")?;
        (value == 0).then_some(from)
    });
    match none {
        Some(from) => out.rule_out("the web server requires no session security of NTLM", &from),
        None => out.lack(WANTED),
    }
    out
}

/// What was offered and what was required, where an event says both.
fn securities(events: &[&Event]) -> String {
    let both = events.iter().find_map(|event| match &event.body {
        Body::NtlmBlocked(e) => Some((
            e.fields.number("NegotiatedSecurity")?,
            e.fields.number("RequiredSecurity")?,
        )),
        _ => None,
    });
    both.map_or(String::new(), |(offered, required)| {
        format!(" (offered {offered:#x}, required {required:#x})")
    })
}

fn remedy(value: &'static str) -> Remedy {
    let mut fix = super::kerberos_first(None);
    fix.push(Step::run(
        c::reg_query(MSV1_0, value),
        "keep the value as it is now",
    ));
    fix.push(Step::by_hand(
        "find the clients (c-ip and user agent of the refused requests), and update their stack or its settings",
    ));
    fix.push(
        Step::by_hand("only where a client cannot offer it, and whoever set the policy agrees: require no more than that client offers")
            .risk("sessions of NTLM are easier to tamper with"),
    );
    Remedy::of(fix)
        .verify(super::verify_kerberos())
        .rollback(vec![Step::by_hand("set the value back to what was noted")])
        .prevent(CAUSE.page.prevent)
}
