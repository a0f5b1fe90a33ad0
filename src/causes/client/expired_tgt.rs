//! CL-17: the ticket-granting ticket of a long session has expired.

use jiff::Timestamp;

use crate::case::{Case, HeldTicket, HostId, SymptomKind};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Subject};
use crate::evidence::{Citation, When};
use crate::negotiate::Stage;
use crate::readers::events::{Body, Event};
use crate::remedy::commands as c;
use crate::remedy::{Remedy, Step};

/// CL-17.
pub(crate) const CAUSE: Cause = Cause {
    id: "CL-17",
    name: "client-expired-tgt",
    title: "The ticket-granting ticket of a long session has expired",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "A ticket-granting ticket lives for ten hours and is renewed for up to a week, as long as the session reaches a domain controller in time. A program that runs for weeks with the token of somebody who signed in long ago, or a notebook that slept too long away from the network, ends up with a ticket that has run out and a session that has no password to fetch a new one. From then on there is no Kerberos; NTLM may still work, or nothing.",
        evidence: &[
            "klist: the End Time of krbtgt/<DOMAIN> lies before the failures",
            "System log of the client: Kerberos 0x20 (ticket expired) again and again, and not once",
            "it began ten hours, or a week, after the session began, and ends with a new sign-in",
        ],
        look_alikes: &[
            LookAlike {
                cause: "CL-08",
                told_apart_by: "there the session could fetch a ticket and reaches no domain controller",
            },
            LookAlike {
                cause: "MC-05",
                told_apart_by: "there tickets seem expired because clocks differ: 0x25",
            },
        ],
        ruled_out_by: "a krbtgt ticket whose End Time lies after the failures. A single 0x20 is how a renewal begins, and no fault.",
        fix: &[
            "Lock and unlock, or sign in again: the session gets a new ticket.",
            "A program that runs for weeks: as a service with an account of its own, best a managed one.",
        ],
        verify: "klist shows krbtgt/<DOMAIN> with an End Time that lies ahead.",
        rollback: "Nothing to take back.",
        prevent: "No long-running programs in the sessions of people.",
        blind_spots: &[
            "when klist was run is not in its output: its times are compared with the events of the same client",
        ],
        versions: "All supported versions.",
        sources: &["Microsoft: Kerberos policy, lifetime of user tickets and their renewal"],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let case = scene.case;
    let mut hosts: Vec<HostId> = case
        .tickets
        .iter()
        .filter_map(|t| shown_on(case, t))
        .collect();
    hosts.sort();
    hosts.dedup();
    for host in hosts {
        let granting: Vec<(&HeldTicket, Timestamp)> = (case.tickets.iter())
            .filter(|t| shown_on(case, t) == Some(host) && t.spn.has_class("krbtgt"))
            .filter_map(|t| match t.end {
                Some(When::Utc(end)) => Some((t, end)),
                _ => None,
            })
            .collect();
        let Some(end) = granting.iter().map(|(_, end)| *end).max() else {
            continue;
        };
        let places: Vec<Citation> = granting
            .iter()
            .map(|(t, _)| t.ticket.from.clone())
            .collect();
        let expired: Vec<&Event> = (case.events.iter())
            .filter(|e| e.time > end && case.hosts.find(&e.computer) == Some(host))
            .filter(|e| matches!(&e.body, Body::KerberosError(k) if k.code == Some(0x20)))
            .collect();
        let name = &case.hosts.get(host).name;
        let by_ntlm: Vec<Citation> = (scene
            .symptoms(|k| matches!(k, SymptomKind::NtlmForName(..))))
        .into_iter()
        .filter(|(_, s)| s.first.is_some_and(|first| first > end))
        .filter(|(_, s)| s.clients.iter().all(|c| case.hosts.find(c) == Some(host)))
        .flat_map(|(_, s)| s.from.clone())
        .collect();
        if expired.len() < REPEATED && by_ntlm.is_empty() {
            let later = case
                .events
                .iter()
                .any(|e| e.time > end && case.hosts.find(&e.computer) == Some(host));
            if !later {
                out.rule_out(
                    format!(
                        "the ticket-granting ticket on {name} was valid as long as its events go"
                    ),
                    &few(places, 1),
                );
            }
            continue;
        }
        let mut finding = Finding::about(
            Subject {
                host: Some(name.clone()),
                ..Subject::default()
            },
            format!("The session on {name} has a ticket-granting ticket that ran out, and gets no new one: no Kerberos from it any more, to no site."),
        )
        .structure(format!("the ticket-granting ticket on {name} ended before these errors"), &few(places, 2))
        .supporting("NTLM took its place after that", &few(by_ntlm, 2));
        if expired.len() >= REPEATED {
            let from = expired.iter().map(|e| e.citation.clone()).collect();
            finding = finding.observed(
                format!("{name} was told again and again that a ticket has expired (0x20)"),
                &few(from, 3),
            );
            // Since it ran out, the client's users come by NTLM.
            finding = super::schemes::by_ntlm(scene, Some(host), finding);
        } else {
            finding = finding.at_most(Status::Likely);
        }
        out.find(finding.fix(remedy(), Vec::new()));
    }
    if out.ruled_out.is_empty() {
        out.lack(Input::Klist);
    }
    out
}

/// 0x20 from which on it is no ordinary renewal.
const REPEATED: usize = 3;

/// The machine whose tickets were shown.
fn shown_on(case: &Case, ticket: &HeldTicket) -> Option<HostId> {
    let named = ticket
        .shown_on
        .as_deref()
        .and_then(|name| case.hosts.find(name));
    named.or_else(|| {
        case.artifact_hosts
            .get(&ticket.ticket.from.artifact)
            .copied()
    })
}

fn remedy() -> Remedy {
    Remedy::of(vec![
        Step::by_hand("lock and unlock the session, or sign out and in, within reach of a domain controller"),
        Step::run(c::klist_purge(), "where that does not help: drop all tickets of the session, then sign in again")
            .risk("until a domain controller answers, the session has no tickets at all"),
        Step::by_hand("a program that runs for weeks: let it run as a service under a managed service account"),
    ])
    .verify(vec![Step::by_hand("klist shows krbtgt/<DOMAIN> with an End Time that lies ahead, and the site opens by Kerberos")])
    .rollback(vec![Step::by_hand("nothing to take back")])
    .prevent(CAUSE.page.prevent)
}
