//! MC-09: the KDC finds no global catalogue to look a name of another domain up in.

use crate::case::SymptomKind;
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, View};
use crate::negotiate::Stage;
use crate::readers::events::Body;
use crate::remedy::commands as c;
use crate::remedy::{Remedy, Step};

/// MC-09.
pub(crate) const CAUSE: Cause = Cause {
    id: "MC-09",
    name: "global-catalog-unavailable",
    title: "No global catalogue for a name of another domain",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "A domain controller holds the accounts of its own domain only. For an SPN that none of them has, its KDC asks a global catalogue which other domain of the forest has it, and refers the client there. Where no catalogue answers, the KDC knows nobody (0x7), although the SPN is registered once and rightly: users of the other domains fall back to NTLM, those of the holder's own domain notice nothing.",
        evidence: &[
            "nltest /dsgetdc:<forest> /gc on a domain controller of the users' domain: 1355 or 1311",
            "Security log of a domain controller of the users' domain: 4769 with 0x7 for the name, now and then; tickets are referred at other times",
            "setspn -F -Q: one holder, in another domain than the users",
        ],
        look_alikes: &[
            LookAlike {
                cause: "TR-01",
                told_apart_by: "there the referral fails at every time, and a global catalogue answers",
            },
            LookAlike {
                cause: "SPN-01",
                told_apart_by: "there nobody in the forest holds the name",
            },
            LookAlike {
                cause: "SPN-17",
                told_apart_by: "there the name was registered shortly before, and the catalogue does not have it yet",
            },
        ],
        ruled_out_by: "a global catalogue that answered at the time of the refusals (nltest /dsgetdc:<forest> /gc).",
        fix: &[
            "See which global catalogue the controllers of the users' domain find: nltest /dsgetdc:<forest> /gc.",
            "Repair it, its DNS records (_gc._tcp.<forest>) or the way to it (ports 3268 and 3269).",
            "Make one controller of every site a global catalogue.",
        ],
        verify: "nltest /dsgetdc:<forest> /gc finds one; klist shows a referral ticket (krbtgt/<other domain>) and the ticket.",
        rollback: "None needed.",
        prevent: "One global catalogue a site, watched like any other service.",
        blind_spots: &[
            "what the KDC asked the catalogue, and what it answered, is in no log that a bundle holds",
            "the exact answer of a KDC without a catalogue is not documented",
        ],
        versions: "Forests of several domains.",
        sources: &[
            "Microsoft: how the KDC finds a service principal name in another domain (detail unverified)",
        ],
    },
    assess,
};

const ASKED: Input = Input::Stated {
    what: "whether the domain controllers of the users' domain find a global catalogue (run it on each, with the name of the forest)",
    collect_with: "(echo nltest /dsgetdc: /gc& nltest /dsgetdc: /gc) >> %COMPUTERNAME%_gc.txt 2>&1",
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    // Nothing that can be collected afterwards says how the catalogue was when the KDC asked it.
    let refused = scene.symptoms(|k| matches!(k, SymptomKind::PrincipalUnknown(_)));
    if !refused.is_empty() {
        out.lack(ASKED);
    }
    for (spn, views) in scene.by_spn(|v| v.endpoint.name_is_tied() && v.holder().is_some()) {
        out.findings.extend(finding(scene, &spn, &views));
    }
    out
}

fn finding(scene: &Scene<'_>, spn: &crate::case::Spn, views: &[&View<'_>]) -> Option<Finding> {
    let case = scene.case;
    let first = views.first()?;
    let holder = first.holder()?;
    let home = case.accounts.get(holder.account).domain.clone()?;
    // Refused by controllers of another domain than the holder's, while tickets were had at other times.
    let refused: Vec<_> = case
        .pick(|b| match b {
            Body::ServiceTicketRequest(e) if e.status == Some(7) => Some(e),
            _ => None,
        })
        .filter(|(event, e)| {
            let asked = e.service_name.as_deref().unwrap_or_default();
            let elsewhere = event.computer.split_once('.').is_some_and(|(_, domain)| {
                let same = case
                    .accounts
                    .same_domain(Some(&domain.to_lowercase()), Some(&home));
                same == crate::case::Sameness::Different
            });
            elsewhere && crate::case::Spn::new(asked.split('@').next().unwrap_or_default()) == *spn
        })
        .map(|(event, _)| event.citation.clone())
        .collect();
    let tickets = scene.tickets(spn);
    if refused.is_empty() || tickets.is_empty() {
        return None;
    }
    let finding = Finding::about(
        first.subject(case),
        format!(
            "{spn} is registered in {home}. A domain controller of another domain did not know it at times, although it was issued at others: it may have found no global catalogue to look it up in."
        ),
    )
    .supporting(format!("{spn} is held in {home}"), &few(holder.from.clone(), 1))
    .supporting("a domain controller of another domain answered 0x7", &few(refused, 2))
    .supporting("a client holds a ticket for it", &few(tickets, 1))
    .or_else("TR-01", "the referral may fail for another reason")
    .lacks(ASKED)
    .at_most(Status::Possible);
    let key = spn.key();
    let explained = scene.symptoms(|k| matches!(k, SymptomKind::PrincipalUnknown(s) if *s == key));
    Some(
        finding
            .explains(explained.into_iter().map(|(id, _)| id))
            .fix(remedy(), Vec::new()),
    )
}

fn remedy() -> Remedy {
    Remedy::of(vec![
        Step::by_hand("on the domain controllers of the users' domain: nltest /dsgetdc:<forest> /gc must find a global catalogue"),
        Step::by_hand("repair what it names: the catalogue itself, its records _gc._tcp.<forest>, ports 3268 and 3269"),
        Step::run(c::klist_purge(), "purge a client's tickets, and try again"),
    ])
    .verify(vec![Step::by_hand("klist shows krbtgt/<other domain> and the ticket for the site")])
    .rollback(vec![Step::by_hand("none needed: nothing was changed but what was broken")])
    .prevent(CAUSE.page.prevent)
}
