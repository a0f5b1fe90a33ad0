//! CL-17: the ticket-granting ticket of a long session has expired.

use jiff::{SignedDuration, Timestamp};

use super::signs;
use crate::case::{HeldTicket, HostId, SymptomKind};
use crate::causes::scene::few;
use crate::causes::user::Named;
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
        .filter_map(|t| signs::shown_on(case, t))
        .collect();
    hosts.sort();
    hosts.dedup();
    for host in hosts {
        let granting: Vec<(&HeldTicket, Timestamp)> = (case.tickets.iter())
            .filter(|t| t.spn.has_class("krbtgt") && signs::shown_on(case, t) == Some(host))
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
            .filter(|e| matches!(&e.body, Body::KerberosError(k) if k.code == Some(0x20)))
            .filter(|e| e.time > end && case.hosts.find(&e.computer) == Some(host))
            .collect();
        // Now and then a ticket is renewed: that is one of them each time. A session that gets none is told all the time.
        let again_and_again = (expired.windows(REPEATED))
            .any(|some| matches!(some, [first, .., last] if last.time.duration_since(first.time) <= SHORT));
        let name = &case.hosts.get(host).name;
        let by_ntlm: Vec<Citation> = (scene
            .symptoms(|k| matches!(k, SymptomKind::NtlmForName(..))))
        .into_iter()
        .filter(|(_, s)| s.first.is_some_and(|first| first > end))
        .filter(|(_, s)| !s.clients.is_empty())
        .filter(|(_, s)| s.clients.iter().all(|c| case.hosts.find(c) == Some(host)))
        .flat_map(|(_, s)| s.from.clone())
        .collect();
        if !again_and_again && by_ntlm.is_empty() {
            let later = case.events_of(host).any(|e| e.time > end);
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
        .supporting("NTLM took its place after that", &few(by_ntlm, 2))
        .contradicting(
            format!("{name} had Kerberos again after that ticket ended"),
            &few(kerberos_after(scene, host, &granting, end), 2),
        );
        if again_and_again {
            let from = expired.iter().map(|e| e.citation.clone()).collect();
            finding = finding.observed(
                format!("{name} was told again and again that a ticket has expired (0x20)"),
                &few(from, 3),
            );
            // Since it ran out, the client's users come by NTLM.
            finding = super::schemes::by_ntlm(scene, Some(host), finding);
        } else {
            // Whether it was renewed since is not shown: the list may be older than that.
            finding = finding.at_most(Status::Possible).lacks(Input::Klist);
        }
        out.find(finding.fix(remedy(), Vec::new()));
    }
    if out.ruled_out.is_empty() {
        out.lack(Input::Klist);
    }
    out
}

/// 0x20 from which on, within a short time, it is no ordinary renewal.
const REPEATED: usize = 3;
const SHORT: SignedDuration = SignedDuration::from_hours(1);

/// Signs that a user of these tickets had Kerberos from the client after they ended: tickets that the KDC gave or renewed, and
/// logons. Where no address of the client is known, from anywhere.
fn kerberos_after(
    scene: &Scene<'_>,
    client: HostId,
    granting: &[(&HeldTicket, Timestamp)],
    end: Timestamp,
) -> Vec<Citation> {
    let case = scene.case;
    let own = scene.clients.addresses(case, client);
    let users: Vec<Named> = (granting.iter())
        .map(|(t, _)| Named::of(&t.ticket.client, Some(&t.ticket.client_realm)))
        .collect();
    let later = case.events.iter().filter(|event| event.time > end);
    later
        .filter(|event| {
            let (who, ip) = match &event.body {
                Body::TgtRequest(e) if e.status == Some(0) => (&e.client, &e.ip),
                // A renewal (4770) has no status.
                Body::ServiceTicketRequest(e) if e.status.is_none_or(|status| status == 0) => {
                    (&e.client, &e.ip)
                }
                Body::Logon(e) if e.logon_type == Some(3) && e.is_kerberos() => (&e.target, &e.ip),
                _ => return false,
            };
            let Some(name) = &who.name else { return false };
            let from = |ip: &String| own.contains(&ip.to_lowercase());
            let user = Named::of(name, who.domain.as_deref());
            (own.is_empty() || ip.as_ref().is_some_and(from))
                && (users.iter()).any(|u| u.is(&user, &case.accounts))
        })
        .map(|event| event.citation.clone())
        .collect()
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
