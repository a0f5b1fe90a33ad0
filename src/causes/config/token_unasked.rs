//! CFG-21: 401.1 with 2148074254 for a token that a client sends unasked. By design, and no root cause of anything.

use crate::case::{LoggedSite, Meaning};
use crate::causes::access::REQUESTS;
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, LookAlike, Page, Scene, Status, Subject};
use crate::negotiate::Stage;
use crate::remedy::{Remedy, Step};

/// CFG-21.
pub(crate) const CAUSE: Cause = Cause {
    id: "CFG-21",
    name: "token-sent-unasked",
    title: "401.1 with 2148074254 for tokens that clients send unasked (by design)",
    stage: Stage::Authorization,
    page: Page {
        mechanism: "A client that was signed in before sends its token along with the first request of a new connection, unasked. In kernel mode IIS answers that first token 401.1 with 2148074254, which only says that it waits for the rest, and the request then succeeds. It happens by design, once a connection. Nobody is refused, and it proves neither NTLM nor a failure of Kerberos.",
        evidence: &[
            "IIS log: 401 1 2148074254, no 401 2 before it, 200 right after it, for the same client",
            "applicationHost.config: useKernelMode true (its default)",
            "users have no trouble",
        ],
        look_alikes: &[
            LookAlike {
                cause: "SPN-01",
                told_apart_by: "there 401 2 comes first: two legs after the challenge are NTLM",
            },
            LookAlike {
                cause: "CFG-14",
                told_apart_by: "there no 200 ever follows",
            },
        ],
        ruled_out_by: "a 401 2 before each of them.",
        fix: &[
            "Nothing needs to be fixed. Leave these lines out of alarms and reports.",
            "Only where the log must be clean: DisableNTLMPreAuth on the clients, or kernel mode off; both cost speed.",
        ],
        verify: "Users are signed in: each such line is followed by 200 with the user named.",
        rollback: "Delete DisableNTLMPreAuth again.",
        prevent: "Alarms that count legs, not single 401 lines.",
        blind_spots: &["which lines of the log share a connection"],
        versions: "IIS 7.5 to 10, kernel mode.",
        sources: &[
            "Microsoft: 401 error on the first request with a pre-authentication header (KB2749007)",
        ],
    },
    assess,
};

/// So many of them, and so great a share of all 401, before somebody takes them for trouble.
const MANY: u64 = 10;

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    if scene.case.logged_sites.is_empty() {
        out.lack(REQUESTS);
    }
    for logged in &scene.case.logged_sites {
        match unasked(logged) {
            (count, from)
                if count >= MANY
                    && count * 2 >= logged.by_status.get(&401).copied().unwrap_or(0) =>
            {
                let host = logged
                    .host
                    .map(|host| scene.case.hosts.get(host).name.clone());
                let subject = Subject {
                    site: logged.site.clone(),
                    host,
                    ..Subject::default()
                };
                let finding = Finding::about(
                    subject,
                    "Most of the 401 in this log are the first answer to a token that clients send unasked; the request then succeeds. That is by design, and nobody is refused.",
                )
                .supporting(
                    format!("401.1 with 2148074254, no challenge before it and an answer to a signed-in user after it, {count} times"),
                    &few(from, 2),
                )
                .at_most(Status::Possible)
                .fix(
                    Remedy::of(vec![Step::by_hand("leave these lines out of alarms; nothing is to be changed")])
                        .verify(vec![Step::by_hand("each such line is followed by 200 with the user named")])
                        .prevent(CAUSE.page.prevent),
                    Vec::new(),
                );
                out.find(finding);
            }
            _ => {
                let last = logged
                    .exchanges
                    .iter()
                    .rev()
                    .find_map(|(_, e)| e.from.first());
                if let Some(from) = last {
                    out.rule_out(
                        "tokens sent unasked are no large part of the 401 in the log",
                        std::slice::from_ref(from),
                    );
                }
            }
        }
    }
    out
}

/// Sign-ins that begin with a token and not with the challenge.
fn unasked(logged: &LoggedSite) -> (u64, Vec<crate::evidence::Citation>) {
    let all = logged.read().filter(|(_, exchange, meaning)| {
        *meaning == Meaning::SignedIn && exchange.legs.first().is_some_and(|leg| leg.is_token())
    });
    all.fold((0, Vec::new()), |(count, mut from), (_, exchange, _)| {
        from.extend(exchange.from.iter().cloned());
        (count + exchange.count, from)
    })
}
