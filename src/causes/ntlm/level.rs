//! NT-04: the client sends a version of NTLM that the other side refuses.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::LSA;
use super::signs;
use crate::case::{Case, HostId, Role, SymptomKind};
use crate::causes::observations::times;
use crate::causes::scene::few;
use crate::causes::user::{Granted, Named};
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Subject};
use crate::evidence::{Citation, Known};
use crate::negotiate::Stage;
use crate::readers::events::{Body, Event};
use crate::readers::registry::Key;
use crate::remedy::commands as c;
use crate::remedy::{Remedy, Step};

/// NT-04.
pub(crate) const CAUSE: Cause = Cause {
    id: "NT-04",
    name: "ntlm-level-mismatch",
    title: "The client sends a version of NTLM that the domain controllers refuse",
    stage: Stage::Accept,
    page: Page {
        mechanism: "LmCompatibilityLevel says which versions of NTLM a machine sends (0 to 2: LM and NTLM version 1; 3 and more: version 2) and which a domain controller takes (4 refuses LM, 5 refuses version 1 too). A client with 2 against controllers with 5 sends an answer that they do not check. They report a wrong password, and the user, whose password is right, gets a prompt and 401.1 for ever. It shows only where Kerberos was lost, since Kerberos does not care.",
        evidence: &[
            "Registry: LmCompatibilityLevel 0, 1 or 2 on the client, 5 on the domain controllers (for local accounts: on the web server)",
            "Security log of the web server: 4625 of type 3 with 0xC000006D and 0xC000006A, though the same user signs in elsewhere with the same password",
            "4625 or 4624 with LmPackageName NTLM V1 for the clients concerned, NTLM V2 for all others",
        ],
        look_alikes: &[
            LookAlike {
                cause: "AC-01",
                told_apart_by: "the codes are the same; there the password is wrong, and signing in from a machine with level 3 fails too",
            },
            LookAlike {
                cause: "NT-08",
                told_apart_by: "there the server asks for session security that the client does not offer, and logs 4011",
            },
        ],
        ruled_out_by: "a level of 3 or more on the client, which is also the default of every Windows since Vista.",
        fix: &[
            "Find out why no ticket was used, and repair that.",
            "Raise the client to 3 or more: best by taking away the old policy that set it lower.",
            "Do not lower the domain controllers: that lets version 1 in for everybody.",
        ],
        verify: "4624 of type 3 with package Kerberos, or with LmPackageName NTLM V2, for the users concerned.",
        rollback: "Set the client's value back to what was noted.",
        prevent: "List 4624 with LmPackageName NTLM V1 before domain controllers are set to 5.",
        blind_spots: &[
            "devices that are no Windows machines show their level nowhere",
            "for failures Windows often leaves LmPackageName empty",
        ],
        versions: "All supported versions; version 1 is gone from Windows 11 24H2 and Windows Server 2025 (NT-07).",
        sources: &[
            "Microsoft: security option \"Network security: LAN Manager authentication level\"",
        ],
    },
    assess,
};

const VALUE: &str = "LmCompatibilityLevel";
/// The highest level at which a client still sends version 1.
const SENDS_V1: u64 = 2;
/// The level from which on version 1 is refused.
const REFUSES_V1: u64 = 5;
const WANTED: Input = Input::Stated {
    what: "LmCompatibilityLevel of a client that fails and of the domain controllers",
    collect_with: "reg query HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa /v LmCompatibilityLevel",
};
/// What is answered to a version that is not checked: the same as to a wrong password.
const REFUSED: [u32; 2] = [0xC000_006A, 0xC000_006D];

/// A machine, its level, and where it is shown.
type Level = (HostId, u64, Vec<Citation>);

/// The machine that refuses version 1, where one is shown: a domain controller, or else a web server.
fn strict(case: &Case) -> Option<Level> {
    let of = |role: Role| {
        let mut hosts = case
            .hosts
            .iter()
            .filter(move |(_, h)| h.roles.contains(&role));
        hosts.find_map(|(id, _)| {
            let (value, from) = signs::number(case, id, Key::Lsa, VALUE)?;
            (value >= REFUSES_V1).then_some((id, value, from))
        })
    };
    of(Role::DomainController).or_else(|| of(Role::WebServer))
}

/// Machines that send version 1, by their short names in lower case.
fn old_clients(case: &Case) -> BTreeMap<String, Level> {
    let level = |(id, host): (HostId, &crate::case::Host)| {
        let (value, from) = signs::number(case, id, Key::Lsa, VALUE)?;
        // A value that is not set is the default, 3.
        let sends = value <= SENDS_V1 && signs::is_set(case, id, Key::Lsa, VALUE);
        sends.then(|| (host.name.to_lowercase(), (id, value, from)))
    };
    case.hosts.iter().filter_map(level).collect()
}

/// The levels of a client and of who refuses it, where they do not fit: what looks like a wrong password there may be none.
pub(in crate::causes) fn mismatch_for(case: &Case, workstations: &[&str]) -> Option<Vec<Citation>> {
    let (_, _, refuses) = strict(case)?;
    let clients = old_clients(case);
    let named = workstations
        .iter()
        .find_map(|w| clients.get(&w.to_lowercase()));
    // A level that was shown of a machine that nothing names may be that of this client.
    let unplaced = || match case.unplaced.setting(Key::Lsa, VALUE) {
        Known::Present(level) => (level.value.number()? <= SENDS_V1).then_some(level.from),
        _ => None,
    };
    let sends = named.map(|(_, _, from)| from.clone()).or_else(unplaced)?;
    Some(sends.iter().chain(&refuses).cloned().collect())
}

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let case = scene.case;
    let strict = strict(case);
    let clients = old_clients(case);
    let mut by_client: BTreeMap<String, Vec<(&Event, Named)>> = BTreeMap::new();
    for event in &case.events {
        let Body::LogonFailed(e) = &event.body else {
            continue;
        };
        let code = e.sub_status.filter(|s| *s != 0).or(e.status);
        let (Some(workstation), Some(name), Some(3)) =
            (&e.workstation, &e.target.name, e.logon_type)
        else {
            continue;
        };
        let workstation = workstation.to_lowercase();
        // The event of most refusals names no version; where it does, that is what was sent.
        let package = e.lm_package.as_deref().map(str::to_uppercase);
        let says = |version| package.as_deref().is_some_and(|p| p.contains(version));
        let old = says("V1") || (clients.contains_key(&workstation) && !says("V2"));
        if old && code.is_some_and(|c| REFUSED.contains(&c)) {
            let failures = by_client.entry(workstation).or_default();
            failures.push((event, Named::of(name, e.target.domain.as_deref())));
        }
    }
    by_client.retain(|workstation, _| strict.is_some() || clients.contains_key(workstation));
    let granted = Granted::of(case, |_| true);
    let mut by_client: Vec<_> = by_client.into_iter().collect();
    by_client.sort_by_key(|(_, failures)| Reverse(failures.len()));
    out.find_each(
        &by_client,
        |(workstation, failures)| {
            let client = clients.get(workstation);
            let levels = (strict.as_ref(), client);
            Some(finding(scene, (workstation, failures), levels, &granted))
        },
        |(workstation, failures)| {
            let first = failures.first().map(|(event, _)| event.citation.clone());
            (workstation.to_uppercase(), first.into_iter().collect())
        },
    );
    let levels = case
        .hosts
        .iter()
        .filter_map(|(id, _)| signs::number(case, id, Key::Lsa, VALUE));
    let (high, rest): (Vec<_>, Vec<_>) = levels.partition(|(value, _)| *value > SENDS_V1);
    match high.first() {
        Some((_, from)) if rest.is_empty() && high.len() > 1 => {
            out.rule_out(
                "the machines whose level is shown send NTLM version 2",
                from,
            );
        }
        _ => out.lack(WANTED),
    }
    out
}

fn finding(
    scene: &Scene<'_>,
    (workstation, failures): (&str, &[(&Event, Named)]),
    (strict, client): (Option<&Level>, Option<&Level>),
    granted: &Granted<'_>,
) -> Finding {
    let case = scene.case;
    let shown = workstation.to_uppercase();
    let mut finding = Finding::about(
        Subject {
            host: Some(shown.clone()),
            ..Subject::default()
        },
        format!(
            "{shown} answers with NTLM version 1, and the other side does not check that any more: it reports a wrong password, whatever the user types."
        ),
    );
    if let Some((_, value, from)) = client {
        finding = finding.structure(
            format!("{shown} sends NTLM version 1 ({VALUE} is {value})"),
            from,
        );
    }
    if let Some((host, value, from)) = strict {
        let name = &case.hosts.get(*host).name;
        finding = finding.structure(
            format!("{name} refuses NTLM version 1 ({VALUE} is {value})"),
            from,
        );
    }
    let users: BTreeSet<&Named> = failures.iter().map(|(_, user)| user).collect();
    // The password is shown to be right where it is so of each of them.
    let right: Option<Vec<Citation>> = users
        .iter()
        .map(|user| granted.to(user, &case.accounts).cloned())
        .collect();
    let right = few(right.unwrap_or_default(), 2);
    let from = failures
        .iter()
        .map(|(event, _)| event.citation.clone())
        .collect();
    let count = times(failures.iter().map(|(event, _)| event.count()).sum());
    finding = finding
        .observed(
            format!("logons from {shown} were refused as if the password were wrong, {count}"),
            &few(from, 3),
        )
        .supporting(
            "the same user got a ticket with the same password elsewhere",
            &right,
        )
        .explains(symptoms(scene, &users));
    if strict.is_none() || client.is_none() {
        finding = finding.lacks(WANTED);
    } else if right.is_empty() {
        finding = finding.at_most(Status::Likely);
    }
    finding.fix(remedy(&shown), Vec::new())
}

fn symptoms(scene: &Scene<'_>, users: &BTreeSet<&Named>) -> Vec<crate::case::SymptomId> {
    let accounts = &scene.case.accounts;
    let is_one = |p: &String| {
        let named = Named::of(p, None);
        users.iter().any(|user| named.is(user, accounts))
    };
    let mine =
        |s: &crate::case::Symptom| !s.principals.is_empty() && s.principals.iter().all(is_one);
    let all = scene.symptoms(|kind| matches!(kind, SymptomKind::LogonFailed { status, sub_status, .. } if REFUSED.contains(status) || REFUSED.contains(sub_status)));
    all.into_iter()
        .filter(|(_, s)| mine(s))
        .map(|(id, _)| id)
        .collect()
}

fn remedy(client: &str) -> Remedy {
    let mut fix = super::kerberos_first(None);
    fix.push(Step::run(
        c::reg_query(LSA, VALUE),
        format!("on {client}, keep the value as it is now"),
    ));
    fix.push(
        Step::by_hand(format!(
            "on {client}, take away the policy or the setting that holds {VALUE} below 3, or set \"Network security: LAN Manager authentication level\" to \"Send NTLMv2 response only\""
        ))
        .risk("an old device that this client talks to may know version 1 only"),
    );
    Remedy::of(fix)
        .verify(vec![
            Step::by_hand("the user signs in from that client"),
            Step::by_hand("4624 of type 3 shows package Kerberos, or LmPackageName NTLM V2"),
        ])
        .rollback(vec![Step::by_hand("set the value back to what was noted")])
        .prevent(CAUSE.page.prevent)
}
