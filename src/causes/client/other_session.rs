//! CL-14: the program runs in another logon session than the one that was looked at.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::case::{HostId, Role, split_name};
use crate::causes::observations::times;
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Subject};
use crate::evidence::Citation;
use crate::negotiate::Stage;
use crate::readers::events::{Body, Event};
use crate::remedy::{Remedy, Step};

/// CL-14.
pub(crate) const CAUSE: Cause = Cause {
    id: "CL-14",
    name: "client-other-logon-session",
    title: "The program runs in another logon session",
    stage: Stage::ClientAnswer,
    page: Page {
        mechanism: "Tickets and credentials belong to a logon session. An elevated prompt, a program started with runas /netonly, a service and a scheduled task have sessions of their own: other tickets, and often another account towards the network. A test in one of them says nothing about the browser of the user, and a program in such a session comes to the site as somebody else.",
        evidence: &[
            "Security log of the client: 4624 of type 9 (runas /netonly) with the account that is used towards the network",
            "Security log of the web server: logons or refusals of that account from this client",
            "klist sessions: several sessions of one user; whoami /groups: a high integrity level where klist was run",
        ],
        look_alikes: &[
            LookAlike {
                cause: "AC-09",
                told_apart_by: "there a stored credential of the user's own session is used: cmdkey /list names it",
            },
            LookAlike {
                cause: "CL-10",
                told_apart_by: "there klist purge in the wrong session did not help, and the ticket is old",
            },
        ],
        ruled_out_by: "the same logon id in klist and in the process that fails.",
        fix: &[
            "Look at the session of the process that fails: klist sessions, klist -li <low part of its logon id>.",
            "Test as the account, and in the way, in which the program runs.",
        ],
        verify: "4624 on the web server names the account that was meant.",
        rollback: "Nothing to take back.",
        prevent: "A checklist for tests: which account, which session, elevated or not.",
        blind_spots: &["which process belongs to which session is in none of these inputs"],
        versions: "All supported versions.",
        sources: &["Microsoft: klist; audit event 4624, logon types and TargetOutboundUserName"],
    },
    assess,
};

const WANTED: Input = Input::Stated {
    what: "the logon sessions of the client, and the one of the process that fails",
    collect_with: "klist sessions & whoami /all",
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let case = scene.case;
    // Sessions of runas /netonly, by client and by the account that they use towards the network.
    let mut sessions: BTreeMap<(HostId, String), Vec<&Event>> = BTreeMap::new();
    for event in &case.events {
        if let Body::Logon(e) = &event.body
            && e.logon_type == Some(9)
            && let Some(outbound) = &e.outbound
            && let Some(host) = case.hosts.find(&event.computer)
            && !case.hosts.get(host).roles.contains(&Role::WebServer)
        {
            sessions
                .entry((host, split_name(outbound).1))
                .or_default()
                .push(event);
        }
    }
    let mut sessions: Vec<_> = sessions
        .into_iter()
        .map(|((client, account), events)| {
            let came = scene.clients.came(case, client, &account);
            let at_server: Vec<Citation> = came.iter().map(|e| e.citation.clone()).collect();
            (client, account, events, at_server)
        })
        .collect();
    sessions.sort_by_key(|(.., at_server)| Reverse(at_server.len()));
    let one = |(client, account, events, at_server): &(HostId, String, Vec<&Event>, Vec<_>)| {
        let name = &case.hosts.get(*client).name;
        let count = times(case.met(at_server));
        let mut finding = Finding::about(
            Subject {
                account: Some(account.clone()),
                host: Some(name.clone()),
                ..Subject::default()
            },
            format!("On {name} a program runs in a session of runas /netonly: towards the network it is {account}, whoever is signed in to Windows."),
        )
        .structure(
            format!("a session on {name} uses {account} towards the network (4624 of type 9)"),
            &few(events.iter().map(|e| e.citation.clone()).collect(), 2),
        )
        .observed(format!("{account} came from {name} to the web server, {count}"), &few(at_server.clone(), 3));
        if finding.observed.is_empty() {
            finding = finding
                .at_most(Status::Possible)
                .lacks_all(scene.missing_server_log());
        }
        Some(finding.fix(remedy(), Vec::new()))
    };
    out.find_each(&sessions, one, |(_, account, events, _)| {
        let first = events.first().map(|event| event.citation.clone());
        (account.clone(), first.into_iter().collect())
    });
    // A ticket list that was taken in an elevated prompt is another session's.
    let elevated: Vec<(Citation, String)> = (case.tokens.iter())
        .filter_map(|(artifact, token)| {
            let level = token.integrity_level().filter(|l| l.value >= HIGH)?;
            let beside = case
                .tickets
                .iter()
                .any(|t| t.ticket.from.artifact == *artifact);
            let user = token
                .user
                .as_ref()
                .map_or_else(String::new, |u| u.value.clone());
            beside
                .then(|| (level.from.into_iter().next(), user))
                .and_then(|(at, user)| Some((at?, user)))
        })
        .collect();
    if let (Some((at, user)), true) = (elevated.first(), out.findings.is_empty()) {
        let finding = Finding::about(
            Subject {
                account: (!user.is_empty()).then(|| user.clone()),
                ..Subject::default()
            },
            "The tickets were listed in an elevated prompt: it has a logon session of its own, and the browser's tickets are not among them.",
        )
        .supporting("the prompt in which klist was run is elevated", std::slice::from_ref(at))
        .lacks(Input::Klist);
        out.find(finding.fix(remedy(), Vec::new()));
    }
    out.lack(WANTED);
    out
}

/// The integrity level of an elevated prompt.
const HIGH: u32 = 12_288;

fn remedy() -> Remedy {
    Remedy::of(vec![
        Step::by_hand("klist sessions in an elevated prompt: find the session of the process that fails, then klist -li with the low part of its logon id"),
        Step::by_hand("repeat the test as the account, and in the way, in which the program runs: a prompt that is not elevated for a browser, the account of the task for a task"),
        Step::by_hand("close programs that were started with runas /netonly, or start them with the account that is meant"),
    ])
    .verify(vec![Step::by_hand("4624 on the web server names the account that was meant")])
    .rollback(vec![Step::by_hand("nothing to take back")])
    .prevent(CAUSE.page.prevent)
}
