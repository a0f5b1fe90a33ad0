//! CL-11: the client remembers for a while that the name was unknown.

use jiff::{SignedDuration, Timestamp};

use super::signs;
use crate::case::{Case, Spn, split_name};
use crate::causes::observations::times;
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Current, Finding, Input, LookAlike, Page, Scene, Status};
use crate::evidence::Citation;
use crate::negotiate::Stage;
use crate::readers::events::{Body, Event};
use crate::remedy::commands as c;
use crate::remedy::{Remedy, Step};

/// CL-11.
pub(crate) const CAUSE: Cause = Cause {
    id: "CL-11",
    name: "client-remembers-refusal",
    title: "The client remembers for a while that the name was unknown",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "A client that was told \"no such SPN\" does not ask again for 15 minutes (SpnCacheTimeout), and goes on with NTLM. Whoever registers the missing SPN and tries at once on the same client sees no change, and may undo the right repair.",
        evidence: &[
            "5136: the SPN was registered; NTLM logons of users who were refused it before go on for up to 15 minutes",
            "no new 0x7 and no 4769 of that client in the meantime",
            "after that time, or after signing in again: Kerberos",
        ],
        look_alikes: &[
            LookAlike {
                cause: "CL-10",
                told_apart_by: "there the client has a ticket, and an old one",
            },
            LookAlike {
                cause: "SPN-17",
                told_apart_by: "there the client asks, and its domain controller does not know the name yet: new 0x7",
            },
            LookAlike {
                cause: "SPN-01",
                told_apart_by: "there the name is still on nobody",
            },
        ],
        ruled_out_by: "NTLM that goes on for more than 15 minutes after the change has reached the client's domain controller.",
        fix: &["Wait 15 minutes, or sign out and in."],
        verify: "klist get HTTP/<name> succeeds, and klist shows the ticket.",
        rollback: "Nothing to take back.",
        prevent: "Test a new SPN from a client that did not ask for it before.",
        blind_spots: &["klist get asks anew, and so ends the memory: try the browser first"],
        versions: "All supported versions.",
        sources: &["Microsoft: Kerberos protocol registry entries (SpnCacheTimeout)"],
    },
    assess,
};

/// SpnCacheTimeout, where nothing else is set.
const MEMORY: SignedDuration = SignedDuration::from_mins(15);

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let case = scene.case;
    let mut any = false;
    for event in &case.events {
        let Body::DirectoryChanged(change) = &event.body else {
            continue;
        };
        let is_spn = change
            .attribute
            .as_deref()
            .is_some_and(|a| a.eq_ignore_ascii_case("servicePrincipalName"));
        let spn = Spn::new(change.value.as_deref().unwrap_or_default());
        if !is_spn || change.added != Some(true) || !spn.has_class("HTTP") {
            continue;
        }
        any = true;
        if let Some(finding) = finding(scene, &spn, event) {
            out.find(finding);
        }
    }
    if !any {
        out.lack(Input::DcSecurityLog);
    }
    out
}

fn finding(scene: &Scene<'_>, spn: &Spn, added: &Event) -> Option<Finding> {
    let case = scene.case;
    let refused = refusals(case, spn);
    let users: Vec<&String> = refused
        .iter()
        .filter(|(at, ..)| *at < added.time && added.time.duration_since(*at) < MEMORY)
        .map(|(_, user, _)| user)
        .collect();
    // Whoever was asked anew and refused again does not remember: the change had not arrived.
    if users.is_empty() || refused.iter().any(|(at, ..)| *at > added.time) {
        return None;
    }
    let hosts: Vec<_> = scene
        .views
        .iter()
        .filter(|v| v.spn() == Some(spn))
        .filter_map(|v| v.endpoint.host)
        .collect();
    let logons = |ntlm: bool| -> Vec<(Timestamp, Citation)> {
        case.pick(|body| match body {
            Body::Logon(e) if e.logon_type == Some(3) && e.is_ntlm() == ntlm => {
                e.target.name.as_deref()
            }
            _ => None,
        })
        .filter(|(event, name)| {
            let here = case
                .hosts
                .find(&event.computer)
                .is_some_and(|host| hosts.contains(&host));
            let user = split_name(name).1;
            here && users.iter().any(|u| **u == user)
        })
        .flat_map(|(event, _)| event.times().map(|at| (at, event.citation.clone())))
        .filter(|(at, _)| *at > added.time)
        .collect()
    };
    let still: Vec<(Timestamp, Citation)> = logons(true);
    let (soon, later): (Vec<_>, Vec<_>) = still
        .into_iter()
        .partition(|(at, _)| at.duration_since(added.time) <= MEMORY);
    if soon.is_empty() || !later.is_empty() {
        return None;
    }
    let kerberos = logons(false);
    let count = times(u64::try_from(soon.len()).unwrap_or(u64::MAX));
    let mut finding = Finding::about(
        signs::named(scene, spn),
        format!("{spn} was registered, and clients that had been refused it went on with NTLM for some minutes: they remember the refusal for 15 minutes. It passes by itself."),
    )
    .structure(format!("{spn} was registered"), std::slice::from_ref(&added.citation))
    .observed(
        format!("users who had been refused the name came by NTLM {count} within 15 minutes after that, and no later"),
        &few(soon.into_iter().map(|(_, at)| at).collect(), 2),
    )
    .supporting("the same users came by Kerberos later", &few(kerberos.iter().map(|(_, at)| at.clone()).collect(), 1))
    .at_most(Status::Likely);
    finding.current = Current::No;
    Some(finding.fix(remedy(spn), Vec::new()))
}

/// When users were refused a name with 0x7.
fn refusals<'a>(case: &'a Case, spn: &Spn) -> Vec<(Timestamp, String, &'a Event)> {
    let is_it = |text: &Option<String>| {
        let text = text.as_deref().unwrap_or_default();
        Spn::new(text.split('@').next().unwrap_or_default()) == *spn
    };
    case.events
        .iter()
        .filter_map(|event| {
            let user = match &event.body {
                Body::KerberosError(e)
                    if e.code == Some(7) && (is_it(&e.target_name) || is_it(&e.server_name)) =>
                {
                    e.client_name.as_deref()
                }
                Body::ServiceTicketRequest(e) if e.status == Some(7) && is_it(&e.service_name) => {
                    e.client.name.as_deref()
                }
                _ => None,
            };
            Some((event, split_name(user?).1))
        })
        .flat_map(|(event, user)| event.times().map(move |at| (at, user.clone(), event)))
        .collect()
}

fn remedy(spn: &Spn) -> Remedy {
    Remedy::of(vec![
        Step::by_hand("wait 15 minutes, or sign out of Windows and in again, then open the site")
            .stop_if("NTLM goes on after that: then it is not the client's memory"),
        Step::run(
            c::klist_get(spn.as_str()),
            "only afterwards: ask for the ticket",
        ),
    ])
    .verify(vec![Step::by_hand(
        "klist shows a ticket for the name, and the web server's 4624 Kerberos",
    )])
    .rollback(vec![Step::by_hand(
        "nothing to take back: leave the SPN where it is",
    )])
    .prevent(CAUSE.page.prevent)
}
