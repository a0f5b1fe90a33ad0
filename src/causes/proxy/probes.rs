//! PRX-05: health checks and scanners that never sign in. Noise, and no root cause of anything.

use crate::case::{LoggedSite, Meaning};
use crate::causes::access::REQUESTS;
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, LookAlike, Page, Scene, Status};
use crate::evidence::Citation;
use crate::negotiate::Stage;
use crate::remedy::{Remedy, Step};

/// PRX-05.
pub(crate) const CAUSE: Cause = Cause {
    id: "PRX-05",
    name: "probes-without-credentials",
    title: "Health checks without credentials fill the log with 401.2 (noise)",
    stage: Stage::Challenge,
    page: Page {
        mechanism: "A load balancer, a monitor or a scanner asks for a protected page at steady intervals and never signs in. Each time IIS answers with the challenge, as it should: 401.2. Nobody is refused who wanted to get in. It fills the log and sets off alarms, and it can hide the few lines that matter.",
        evidence: &[
            "IIS log: 401 2 5 at steady intervals, one c-ip, one user agent, one path, cs-username -, nothing after it",
            "no user reports a failure",
        ],
        look_alikes: &[
            LookAlike {
                cause: "CL-12",
                told_apart_by: "there a program of the business calls business URLs, at no steady pace",
            },
            LookAlike {
                cause: "CFG-18",
                told_apart_by: "there the method is OPTIONS, and browsers send it",
            },
        ],
        ruled_out_by: "401 that stay unexplained once these lines are left out.",
        fix: &[
            "Give the check a page that needs no sign-in: a small file below a path with anonymous on.",
            "Or have the device count 401 as healthy: it shows that IIS answers.",
            "Leave its address out of alarms.",
        ],
        verify: "The lines are gone, or the alarms no longer count them.",
        rollback: "Point the check at the former page.",
        prevent: "One standard for health checks: an anonymous page that says whether the application works.",
        blind_spots: &["what the device does with the answer"],
        versions: "All versions.",
        sources: &["Reasoned from the answers of IIS; no document of Microsoft describes it"],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    if scene.case.logged_sites.is_empty() {
        out.lack(REQUESTS);
    }
    for logged in &scene.case.logged_sites {
        let (count, clients, from) = probes(logged);
        let refused = logged.by_status.get(&401).copied().unwrap_or(0);
        // Where they are most of what is refused, somebody takes them for trouble.
        if count * 2 > refused {
            let finding = Finding::about(
                super::subject(scene, logged),
                format!("Most of the 401 in this log are health checks of {}: steady calls that never sign in. They refuse nobody; leave them out before the rest is read.", clients.join(", ")),
            )
            .supporting(
                format!("{count} of {refused} answers with 401 went to calls at steady intervals, of callers who never sign in"),
                &few(from, 2),
            )
            .at_most(Status::Possible)
            .fix(remedy(), Vec::new());
            out.find(finding);
        } else {
            let last = logged
                .exchanges
                .iter()
                .rev()
                .find_map(|(_, e)| e.from.first());
            if let Some(from) = last {
                out.rule_out(
                    "health checks are a small part of the 401 in the log",
                    std::slice::from_ref(from),
                );
            }
        }
    }
    out
}

fn probes(logged: &LoggedSite) -> (u64, Vec<String>, Vec<Citation>) {
    let mut clients = std::collections::BTreeSet::new();
    let (mut count, mut from) = (0, Vec::new());
    for (_, exchange, meaning) in logged.read() {
        if meaning == Meaning::Probe {
            count += exchange.count;
            clients.insert(exchange.caller.client.to_string());
            from.extend(exchange.from.first().cloned());
        }
    }
    (count, clients.into_iter().collect(), from)
}

fn remedy() -> Remedy {
    Remedy::of(vec![Step::by_hand(
        "let the check ask for a page that needs no sign-in, or let the device count 401 as healthy; nothing else is to be changed",
    )])
    .verify(vec![Step::by_hand("the IIS log without these lines shows the 401 that matter")])
    .rollback(vec![Step::by_hand("point the check at the former page")])
    .prevent(CAUSE.page.prevent)
}
