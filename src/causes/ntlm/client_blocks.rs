//! NT-02: the client sends no NTLM.

use std::collections::{BTreeMap, BTreeSet};

use super::MSV1_0;
use super::signs;
use crate::case::{Case, HostId, Role, Spn};
use crate::causes::client::of_this_case;
use crate::causes::observations::times_of;
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Subject};
use crate::evidence::Citation;
use crate::negotiate::Stage;
use crate::readers::events::{Body, Event};
use crate::readers::registry::Key;
use crate::remedy::commands as c;
use crate::remedy::{Remedy, Step};

/// NT-02.
pub(crate) const CAUSE: Cause = Cause {
    id: "NT-02",
    name: "ntlm-blocked-by-client",
    title: "The client sends no NTLM",
    stage: Stage::Authorization,
    page: Page {
        mechanism: "A policy on the client (\"Network security: Restrict NTLM: Outgoing NTLM traffic to remote servers\", value 2) keeps NTLM from leaving the machine. While the client gets tickets, nobody notices. Where it gets none for a site, Negotiate has nothing else to send: the browser does not answer the challenge, and the server only ever sees the first, empty request: 401.2 and no more.",
        evidence: &[
            "NTLM/Operational of the client: 4001 (or 4015) with the target HTTP/<name> and the program. 8001 is the audit of the same policy, and from Windows 11 24H2 on is written where NTLM was merely considered",
            "Registry of the client: RestrictSendingNTLMTraffic 2 under Lsa\\MSV1_0, and the servers excepted in ClientAllowedNTLMServers",
            "IIS log: 401.2 of that client and nothing after it",
        ],
        look_alikes: &[
            LookAlike {
                cause: "CL-01",
                told_apart_by: "there the browser asks for a password, and the client logs no 4001",
            },
            LookAlike {
                cause: "NT-01",
                told_apart_by: "there NTLM reaches the server and is refused there: 401.1 with 0xC0000418 in the server's 4625",
            },
            LookAlike {
                cause: "CL-12",
                told_apart_by: "there the program never tries to sign in; here it tries and is stopped",
            },
        ],
        ruled_out_by: "a value of 0 or 1 on the client: it lets NTLM out.",
        fix: &[
            "Find out why the client has no ticket for the site, and repair that.",
            "If one old server can only do NTLM, put that one server into the list of exceptions; do not lift the policy.",
        ],
        verify: "klist on the client shows a ticket for HTTP/<name>; no new 4001 for it; the IIS log shows 401.2 followed by 200.",
        rollback: "Take the server from the list of exceptions again.",
        prevent: "Audit (value 1) until 8001 names no site of yours, then deny.",
        blind_spots: &[
            "clients whose NTLM log and registry are not in the bundle",
            "4001 shows that NTLM was stopped, and not why Kerberos was not used",
        ],
        versions: "Windows 7, Windows Server 2008 R2 and later.",
        sources: &[super::POLICIES],
    },
    assess,
};

const VALUE: &str = "RestrictSendingNTLMTraffic";
/// The value that audits; 0 allows, and 2 denies.
const AUDITS: u64 = 1;
const WANTED: Input = Input::Stated {
    what: "the log Microsoft-Windows-NTLM/Operational of a client that fails, and whether its policy denies outgoing NTLM",
    collect_with: "reg query HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\MSV1_0",
};

/// Blocked attempts towards one name.
#[derive(Default)]
struct Attempts<'a> {
    clients: BTreeSet<HostId>,
    events: Vec<&'a Event>,
    users: BTreeSet<String>,
}

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let case = scene.case;
    let mut by_name: BTreeMap<String, Attempts<'_>> = BTreeMap::new();
    for (client, event, blocked) in signs::blocked(case, &[4001, 4015]) {
        let target = blocked.target.as_deref().unwrap_or_default();
        let spn = Spn::new(target.split('@').next().unwrap_or_default());
        if spn.has_class("HTTP") {
            let attempts = by_name.entry(spn.key()).or_default();
            attempts.clients.insert(client);
            attempts.events.push(event);
            attempts
                .users
                .extend(blocked.user.as_deref().map(str::to_lowercase));
        }
    }
    for (key, attempts) in &by_name {
        out.find(finding(scene, &Spn::of_key(key), attempts));
    }
    let clients = case.hosts.iter();
    let clients = clients.filter(|(_, host)| host.roles.contains(&Role::Client));
    let shown: Vec<(HostId, u64, Vec<Citation>)> = clients
        .filter_map(|(id, _)| {
            let (value, from) = signs::number(case, id, Key::Ntlm, VALUE)?;
            Some((id, value, from))
        })
        .collect();
    let failing = shown.iter().find(|(id, ..)| scene.fails_at(Some(*id)));
    match failing {
        Some((id, value, from)) if shown.iter().all(|(_, value, _)| *value <= AUDITS) => {
            let name = &case.hosts.get(*id).name;
            let said = signs::said(case, *id, Key::Ntlm, VALUE, *value);
            out.rule_out(format!("{name} lets NTLM out ({said})"), from);
        }
        _ => out.lack(WANTED),
    }
    out
}

fn finding(scene: &Scene<'_>, spn: &Spn, attempts: &Attempts<'_>) -> Finding {
    let case = scene.case;
    let names: Vec<&str> = attempts
        .clients
        .iter()
        .map(|id| case.hosts.get(*id).name.as_str())
        .collect();
    let names = names.join(", ");
    let view = scene.views.iter().find(|v| v.spn() == Some(spn));
    let subject = Subject {
        spn: Some(spn.to_string()),
        host_name: Some(spn.host()),
        host: Some(names.clone()),
        ..Subject::default()
    };
    let count = times_of(&attempts.events);
    let from: Vec<Citation> = attempts.events.iter().map(|e| e.citation.clone()).collect();
    let mut finding = Finding::about(
        subject,
        format!(
            "{names} had no ticket for {spn} and is not allowed to send NTLM: the browser leaves the challenge of the server unanswered, and the user gets 401."
        ),
    )
    .observed(format!("{names} stopped NTLM towards {spn}, {count}"), &few(from, 3));
    for client in &attempts.clients {
        if let Some((value @ 2.., from)) = signs::number(case, *client, Key::Ntlm, VALUE) {
            let name = &case.hosts.get(*client).name;
            finding = finding.structure(
                format!("the policy of {name} denies NTLM that goes out ({VALUE} is {value})"),
                &from,
            );
        }
        finding = finding.explains(signs::block_symptoms(scene, *client, Some(&spn.key())));
    }
    finding = of_this_case(scene, spn, finding);
    let served_by = view.and_then(|v| v.endpoint.host);
    let kerberos = kerberos_after(case, served_by, attempts);
    finding
        .contradicting(
            "the same user signed in by Kerberos within minutes: NTLM was perhaps only considered",
            &kerberos,
        )
        .fix(remedy(spn), Vec::new())
}

/// Logons by Kerberos of these users on the web server, close after an attempt that was blocked.
fn kerberos_after(case: &Case, host: Option<HostId>, attempts: &Attempts<'_>) -> Vec<Citation> {
    const CLOSE: i64 = 120;
    let times = attempts.events.iter().flat_map(|e| e.times());
    let blocked: BTreeSet<i64> = times.map(|time| time.as_second()).collect();
    let logons = case.pick(|body| match body {
        Body::Logon(e) if e.logon_type == Some(3) && e.is_kerberos() => Some(e),
        _ => None,
    });
    logons
        .filter(|(event, _)| host.is_some() && case.hosts.find(&event.computer) == host)
        .filter(|(event, logon)| {
            let mut times = event.times().map(|time| time.as_second());
            let user = logon
                .target
                .name
                .as_deref()
                .map(|n| crate::case::split_name(n).1);
            user.is_some_and(|user| attempts.users.contains(&user))
                && times.any(|at| blocked.range(at - CLOSE..=at).next().is_some())
        })
        .map(|(event, _)| event.citation.clone())
        .take(2)
        .collect()
}

fn remedy(spn: &Spn) -> Remedy {
    let mut fix = super::kerberos_first(Some(spn.as_str()));
    fix.push(Step::run(
        c::reg_query(MSV1_0, VALUE),
        "on the client, keep the value as it is now; gpresult /h report.html tells which policy sets it",
    ));
    fix.push(
        Step::by_hand("only where a server cannot do Kerberos at all: add that one server to \"Restrict NTLM: Add remote server exceptions for NTLM authentication\" in the clients' policy")
            .risk("passwords of users can be relayed through that server again")
            .stop_if("a ticket for the name can be had: then no exception is needed"),
    );
    Remedy::of(fix)
        .verify(super::verify_kerberos())
        .rollback(vec![Step::by_hand(
            "take the server from the list of exceptions, and run gpupdate on the client",
        )])
        .prevent(CAUSE.page.prevent)
}
