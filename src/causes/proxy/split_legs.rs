//! PRX-01: the legs of NTLM reach the server over different connections.

use super::{forwards, shared, subject};
use crate::case::{LoggedSite, Meaning, Symptom, SymptomId, SymptomKind};
use crate::causes::access::{REQUESTS, rule_out_by_logs};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, LookAlike, Page, Scene, Status, Subject};
use crate::evidence::Citation;
use crate::negotiate::Stage;
use crate::readers::token::NtlmMessage;
use crate::remedy::{Remedy, Step};

/// PRX-01.
pub(crate) const CAUSE: Cause = Cause {
    id: "PRX-01",
    name: "ntlm-legs-split",
    title: "A load balancer spreads the legs of NTLM over different connections",
    stage: Stage::Authorization,
    page: Page {
        mechanism: "NTLM signs in one TCP connection to one server: the challenge that the server sent on it must be answered on it. A load balancer or proxy that reuses connections to the server for many users (OneConnect, multiplexing, connection pooling), or that picks a server for each request, carries the answer to a connection that never saw the challenge. The server cannot make sense of the token: 401.1 with 2148074248 (SEC_E_INVALID_TOKEN). It happens at random, more often at busy times, and never without the proxy. Kerberos needs one leg and is not affected.",
        evidence: &[
            "IIS log: 401 1 2148074248, scattered over users and times",
            "IIS log: one c-ip for many users, or X-Forwarded-For with many addresses behind one c-ip",
            "the same users by the same address at other times: 401 2, 401 1 2148074254, 200 (NTLM in two legs)",
            "directly at the server, past the proxy, it never happens",
        ],
        look_alikes: &[
            LookAlike {
                cause: "EPA-01",
                told_apart_by: "there every sign-in through the proxy fails, with 2148074310 or 0xC000035B",
            },
            LookAlike {
                cause: "CFG-14",
                told_apart_by: "there keep-alive is off on the server, and NTLM fails without a proxy too",
            },
            LookAlike {
                cause: "PRX-03",
                told_apart_by: "there the header itself is cut: always the users with large tickets",
            },
        ],
        ruled_out_by: "clients that sign in by Kerberos, or a failure without any proxy.",
        fix: &[
            "Make Kerberos work for the name that users type: then there is one leg, and no connection to keep. Register HTTP/<name> on the account whose key opens the tickets on every server.",
            "At the load balancer: turn connection reuse off for this service (OneConnect and its like), or use its profile for NTLM.",
            "Keep each client connection on one server connection for its whole life; affinity by cookie is not enough, since a server has many connections.",
        ],
        verify: "No new 401 1 2148074248 through the load balancer at a busy time.",
        rollback: "Put the former profile of the load balancer back.",
        prevent: "Kerberos for every name behind a load balancer; a test of each new profile with NTLM.",
        blind_spots: &[
            "the configuration of the load balancer",
            "which connection a line of the log belongs to",
            "tokens that are damaged for another reason",
        ],
        versions: "All versions of IIS.",
        sources: &[
            "Microsoft IIS Support Blog: 401.1 with 2148074248 behind a load balancer",
            "MS-NTHT section 1.3 (NTLM over HTTP authenticates the connection)",
        ],
    },
    assess,
};

/// SEC_E_INVALID_TOKEN.
const INVALID_TOKEN: u32 = 0x8009_0308;

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    for (id, symptom) in scene.symptoms(is_invalid) {
        match symptom
            .logged_site()
            .and_then(|site| scene.case.logged_site(site))
        {
            Some(logged) => out.find(by_log(scene, id, symptom, logged)),
            None => out.find(by_trace(scene, id, symptom)),
        }
    }
    if scene.case.logged_sites.is_empty() {
        out.lack(REQUESTS);
    }
    rule_out_by_logs(
        scene,
        &mut out,
        "no token that was refused as invalid (2148074248)",
    );
    out
}

fn is_invalid(kind: &SymptomKind) -> bool {
    matches!(
        kind,
        SymptomKind::SignInFailed {
            win32: Some(INVALID_TOKEN),
            ..
        } | SymptomKind::TokenRefused {
            code: INVALID_TOKEN,
            ..
        }
    )
}

/// Users who signed in by NTLM from one of these addresses, as far as legs tell.
fn by_ntlm(logged: &LoggedSite, clients: &[String]) -> Vec<Citation> {
    let two = logged.read().filter(|(_, exchange, meaning)| {
        *meaning == Meaning::TwoLegs && clients.iter().any(|c| **c == *exchange.caller.client)
    });
    two.filter_map(|(_, e, _)| e.from.last().cloned()).collect()
}

fn by_log(scene: &Scene<'_>, id: SymptomId, symptom: &Symptom, logged: &LoggedSite) -> Finding {
    let (proxies, from) = shared(logged, &symptom.clients);
    let mut finding = Finding::about(
        subject(scene, logged),
        "The server gets tokens that fit no handshake on their connection. That is what happens when a load balancer or proxy carries the second leg of NTLM to another connection, or another server, than the first.",
    )
    .observed(
        format!("sign-ins failed with an invalid token (401.1, 2148074248), {} times", symptom.count),
        &symptom.from,
    )
    .explains([id]);
    if proxies.is_empty() {
        finding = finding.or_else(
            "PRX-03",
            "that a proxy stands before the server does not show in the log, and a token that was cut or damaged gives the same answer",
        );
    } else {
        finding = behind(scene, finding, logged, &proxies, &from);
    }
    finding.fix(remedy(), Vec::new())
}

/// What is known of addresses that many users call from: they are a load balancer's, a proxy's, or those of a machine that
/// the users share.
fn behind(
    scene: &Scene<'_>,
    finding: Finding,
    logged: &LoggedSite,
    addresses: &[String],
    from: &[Citation],
) -> Finding {
    let names = addresses.join(", ");
    let ntlm = by_ntlm(logged, addresses);
    let machines: Vec<_> = addresses
        .iter()
        .map(|address| scene.case.workstations_at(address))
        .collect();
    let passed_on = addresses.iter().any(|address| forwards(logged, address));
    let many = machines.iter().find(|machines| machines.len() > 1);
    if (passed_on || many.is_some()) && !ntlm.is_empty() {
        let whose = format!(
            "many users call from one address ({names}): something stands between them and the server"
        );
        let many = many.into_iter().flat_map(|all| all.values().cloned());
        return finding
            .structure(whose, &few(from.to_vec(), 3))
            .supporting(
                "NTLM logons from there name several machines",
                &few(many.collect(), 2),
            )
            .structure(
                "through it users sign in by NTLM, in two legs that must share a connection",
                &few(ntlm, 2),
            );
    }
    let mut finding = finding.supporting(
        format!("many users call from one address ({names}): a load balancer or proxy stands there, or a machine that they share"),
        &few(from.to_vec(), 3),
    );
    for (name, at) in machines.iter().filter(|all| all.len() == 1).flatten() {
        finding = finding.contradicting(
            format!(
                "NTLM logons from there all name one machine, {}: users share it",
                name.to_uppercase()
            ),
            std::slice::from_ref(at),
        );
    }
    finding
}

/// A trace shows the token itself: NTLM, or something else.
fn by_trace(scene: &Scene<'_>, id: SymptomId, symptom: &Symptom) -> Finding {
    let host = symptom
        .host()
        .map(|host| scene.case.hosts.get(host).name.clone());
    let subject = Subject {
        host,
        ..Subject::default()
    };
    let answers = scene.case.traces.iter().filter(|trace| {
        let refused = trace
            .refused()
            .is_some_and(|(code, _)| code == INVALID_TOKEN);
        let ntlm = trace.token().and_then(|(token, _)| token.ntlm());
        refused && matches!(ntlm, Some(NtlmMessage::Authenticate(_)))
    });
    let from: Vec<Citation> = answers.map(|trace| trace.from.clone()).collect();
    let mut finding = Finding::about(
        subject,
        "The server got a token that fits no handshake on its connection. Where a load balancer or proxy stands before it, the legs of NTLM reached it over different connections.",
    )
    .observed("the server refused a token as invalid", &symptom.from)
    .explains([id]);
    if from.is_empty() {
        finding = finding.or_else(
            "PRX-03",
            "a token that was cut or damaged gives the same answer",
        );
    } else {
        finding = finding.supporting(
            "the token was the last leg of NTLM, and the server knew no challenge to it",
            &few(from, 2),
        );
    }
    // Nothing of what stands between is in a trace.
    finding
        .lacks(REQUESTS)
        .at_most(Status::Possible)
        .fix(remedy(), Vec::new())
}

fn remedy() -> Remedy {
    Remedy::of(vec![
        Step::by_hand("try the site directly at one server, past the load balancer (hosts file on one client): it must never fail there")
            .stop_if("it fails directly as well: then nothing between is at fault"),
        Step::by_hand("make Kerberos work for the name that users type: one account for all servers behind it, HTTP/<name> on that account, and its key used on each server"),
        Step::by_hand("or, at the load balancer: turn reuse of server connections off for this service, or use its NTLM profile")
            .risk("more connections to the servers; other services of the same profile change as well"),
    ])
    .verify(vec![Step::by_hand("at a busy time no new 401 1 2148074248 in the IIS logs of any server")])
    .rollback(vec![Step::by_hand("put the former profile of the load balancer back")])
    .prevent(CAUSE.page.prevent)
}
