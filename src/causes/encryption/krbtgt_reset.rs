//! ET-13: the key of krbtgt was changed twice, and tickets made with the one before are worthless.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};

use super::hardening::{distrusted, distrusted_in, has_kdc_log, kdc, since};
use crate::case::split_name;
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Current, Finding, Ground, LookAlike, Page, Scene, Status, Subject,
};
use crate::evidence::Citation;
use crate::negotiate::Stage;
use crate::readers::events::Body;
use crate::remedy::commands as c;
use crate::remedy::{Remedy, Step};

/// ET-13.
pub(crate) const CAUSE: Cause = Cause {
    id: "ET-13",
    name: "krbtgt-reset-twice",
    title: "krbtgt was reset twice within the lifetime of a ticket",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "The first ticket of every user is sealed with the key of krbtgt. The domain controllers keep the present key and the one before. Two resets of its password within the lifetime of a ticket (10 hours), or one that reaches the controllers at different times, leave tickets in the caches that no controller can open: each request with them is refused, for all services and all users, until they sign in anew. It ends by itself within a day, and klist purge ends it at once.",
        evidence: &[
            "System log of a domain controller: KDC 9 (the password of krbtgt was changed)",
            "Security log of a domain controller: 4724 or 4738 for krbtgt; 4769 refused with 0x1F or 0x29 for many services",
            "System log of a client: Kerberos event 3 with 0x1F for several names",
        ],
        look_alikes: &[
            LookAlike {
                cause: "POOL-02",
                told_apart_by: "there one service is concerned, and tickets are issued",
            },
            LookAlike {
                cause: "TR-06",
                told_apart_by: "there the other realm's tickets are concerned, and krbtgt was left alone",
            },
        ],
        ruled_out_by: "no change of krbtgt before the failures, in logs that cover them.",
        fix: &[
            "Replicate krbtgt to all controllers.",
            "Users sign in anew or purge their tickets; servers that hold tickets of their own are restarted, or purged with klist -li 0x3e7 purge.",
            "No further reset for more than 10 hours.",
        ],
        verify: "klist shows a first ticket of after the reset, and tickets for services are issued.",
        rollback: "A reset cannot be taken back.",
        prevent: "Reset krbtgt twice with more than the lifetime of a ticket, and replication, between.",
        blind_spots: &["krbtgt_<number> of a read-only controller is an account of its own"],
        versions: "All supported versions.",
        sources: &[
            "Microsoft: resetting the krbtgt password",
            "RFC 4120: KRB_AP_ERR_BAD_INTEGRITY",
        ],
    },
    assess,
};

/// The lifetime of a ticket where no policy says otherwise.
const LIFETIME: SignedDuration = SignedDuration::from_hours(10);
/// A ticket can be renewed for a week, and is then sealed anew: failures later than this after a reset are of something else.
const REACH: SignedDuration = SignedDuration::from_hours(24);

/// A record of a change of the password of krbtgt.
struct Reset {
    time: Timestamp,
    /// The controller that learned of it; `None` where the change itself was written, which only the one does that made it.
    learned_by: Option<Arc<str>>,
    from: Citation,
}

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let resets = resets(scene);
    if resets.is_empty() && !distrusted(scene).is_empty() && !has_kdc_log(scene) {
        out.lack(super::KDC_LOG);
    }
    for (domain, resets) in &resets {
        if let Some(finding) = finding(scene, domain.as_deref(), resets) {
            out.find(finding);
        }
    }
    out
}

/// What the resets of one domain, in the order of time, did to its users.
fn finding(scene: &Scene<'_>, domain: Option<&str>, resets: &[Reset]) -> Option<Finding> {
    let (first, last) = (resets.first()?.time, resets.last()?.time);
    let mut hit = since(distrusted_in(scene, domain), first);
    hit.retain(|(_, s)| s.first.is_some_and(|at| at.duration_since(last) <= REACH));
    let twice = is_twice(resets);
    if hit.is_empty() && !twice {
        return None;
    }
    let from: Vec<Citation> = resets.iter().map(|reset| reset.from.clone()).collect();
    let how = if twice {
        "twice within the lifetime of a ticket"
    } else {
        "once"
    };
    let whose = domain.map_or_else(String::new, |d| format!(" of {}", d.to_uppercase()));
    let text = format!(
        "The password of krbtgt{whose} was changed {how}: tickets of before can be opened by no domain controller, for whatever service, until users sign in anew."
    );
    let subject = Subject {
        account: Some("krbtgt".to_owned()),
        ..Subject::default()
    };
    let says = format!("the password of krbtgt{whose} was changed {how}");
    let mut finding = Finding::about(subject, text);
    finding = match twice {
        true => finding.structure(says.clone(), &few(from.clone(), 4)),
        false => finding.supporting(says.clone(), &few(from.clone(), 4)),
    };
    let services = hit.iter().filter_map(|(_, s)| s.spn()).count();
    finding = finding.saw(hit, |count| format!("tickets were refused {count}"));
    if !twice {
        finding = finding
            .or_else(
                "TR-06",
                "keys of a trust or of an account that differ give the same errors",
            )
            .at_most(Status::Likely);
    } else if services < 2 && finding.observed.is_empty() {
        // Nobody is shown to have failed.
        finding = finding.at_most(Status::Likely);
    }
    finding.onset = from.last().map(|at| Ground {
        says,
        from: vec![at.clone()],
    });
    // It ends by itself.
    let end = scene.case.coverage.iter().map(|c| c.last).max();
    if end.is_some_and(|end| end.duration_since(last) > LIFETIME) {
        finding.current = Current::No;
    }
    Some(finding.fix(remedy(), Vec::new()))
}

/// Whether two resets were made within the lifetime of a ticket, or one controller learned of two: what another one learns later
/// may be the same reset.
fn is_twice(resets: &[Reset]) -> bool {
    // One reset stands in two logs of a controller.
    const ONE: SignedDuration = SignedDuration::from_mins(15);
    let mut before: BTreeMap<Option<&str>, Timestamp> = BTreeMap::new();
    resets.iter().any(|reset| {
        let earlier = before.insert(reset.learned_by.as_deref(), reset.time);
        earlier.is_some_and(|earlier| {
            let apart = reset.time.duration_since(earlier);
            apart > ONE && apart <= LIFETIME
        })
    })
}

/// Changes of the password of krbtgt by domain, in the order of time.
fn resets(scene: &Scene<'_>) -> BTreeMap<Option<String>, Vec<Reset>> {
    let learned = kdc(scene, &[9]).into_iter();
    let learned = learned.map(|(event, _)| (event, Some(event.computer.clone())));
    let changed = scene.case.pick(|body| match body {
        Body::AccountChanged(e) if matches!(e.id, 4723 | 4724) => Some(e),
        _ => None,
    });
    let changed = changed.filter_map(|(event, e)| {
        let name = split_name(e.target.name.as_deref()?).1;
        (name == "krbtgt").then_some((event, None))
    });
    let mut found: BTreeMap<Option<String>, Vec<Reset>> = BTreeMap::new();
    for (event, learned_by) in learned.chain(changed) {
        found.entry(event.domain()).or_default().push(Reset {
            time: event.time,
            learned_by,
            from: event.citation.clone(),
        });
    }
    for resets in found.values_mut() {
        resets.sort_by_key(|reset| reset.time);
    }
    found
}

fn remedy() -> Remedy {
    Remedy::of(vec![
        Step::run(
            c::repadmin_syncall(),
            "replicate krbtgt to all domain controllers",
        )
        .stop_if("replication fails: repair it first"),
        Step::run(
            c::klist_purge(),
            "users who fail: purge the tickets in their own session, or sign in anew",
        ),
        Step::run(
            c::klist_purge_machine(),
            "servers and clients whose own tickets fail: purge those of the machine, or restart it",
        ),
        Step::by_hand("do not reset krbtgt again for more than 10 hours"),
    ])
    .verify(vec![Step::by_hand(
        "klist shows a first ticket of after the reset, and the site opens with Kerberos",
    )])
    .rollback(vec![Step::by_hand(
        "a reset of krbtgt cannot be taken back: it passes within 10 hours",
    )])
    .prevent(CAUSE.page.prevent)
}
