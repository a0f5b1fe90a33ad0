//! SPN-17: the SPN was registered on one domain controller, and others do not have it yet.

use std::collections::{BTreeMap, BTreeSet};

use super::controllers::{Answers, answers_of_controllers};
use crate::case::{HostId, Spn, SymptomKind};
use crate::causes::observations::times;
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Current, Finding, Ground, Input, LookAlike, Page, Scene, Status, Subject,
};
use crate::evidence::Citation;
use crate::negotiate::Stage;
use crate::readers::events::{Body, Event};
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step};

/// SPN-17.
pub(crate) const CAUSE: Cause = Cause {
    id: "SPN-17",
    name: "spn-not-replicated",
    title: "The SPN has not come to every domain controller yet",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "An SPN is written on one domain controller and comes to the others by replication: within seconds in a site, within minutes or hours between sites. Until then the clients of the other controllers get the old answer, 0x7 and NTLM for a new name, a ticket for the old holder after a move. Whoever tests beside the controller that was edited sees everything work.",
        evidence: &[
            "Security log of one domain controller: 5136 that adds the SPN; of another one: 4769 with 0x7 for it afterwards",
            "klist of two clients: the ticket is there on one, and Kdc Called names different controllers",
            "repadmin /showrepl or /replsummary: failures, or a long time since the last success",
            "the failures stop by themselves",
        ],
        look_alikes: &[
            LookAlike {
                cause: "CL-11",
                told_apart_by: "there one client remembers the refusal for 15 minutes, and no domain controller is asked",
            },
            LookAlike {
                cause: "MC-07",
                told_apart_by: "there no change was made lately, and it does not heal",
            },
            LookAlike {
                cause: "SPN-16",
                told_apart_by: "there the SPN was never written: no 5136 on any controller",
            },
        ],
        ruled_out_by: "the controller of the failing client issues the ticket, or refuses a name that was not changed for days.",
        fix: &[
            "Look at the replication of the controller that refuses: repadmin /showrepl.",
            "Replicate the change now: repadmin /syncall /AdeP on the controller where it was made.",
            "Purge the tickets of the clients, and wait 15 minutes for those that were refused.",
        ],
        verify: "klist get HTTP/<name> succeeds against every controller (klist add_bind <domain> <controller>).",
        rollback: "None: nothing was changed.",
        prevent: "Make such changes on a controller of the clients' site, hours before the name goes live.",
        blind_spots: &[
            "controllers whose Security log is not in the bundle, or that do not audit refusals (KdcExtraLogLevel)",
            "a move of the name, of which 4769 shows only the holders",
        ],
        versions: "All supported versions.",
        sources: &[
            "Microsoft: Active Directory replication concepts; repadmin reference",
            "Microsoft: auditing of 4769 and 5136",
        ],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    for (spn, answers) in answers_of_controllers(scene) {
        let Some(change) = answers.registered else {
            continue;
        };
        let Some(on) = scene.case.hosts.find(&change.computer) else {
            continue;
        };
        let late = answers.late(on, change.time);
        if !late.is_empty() {
            out.find(finding(scene, &spn, &answers, (change, on), &late));
        }
    }
    let refused = scene.symptoms(|k| matches!(k, SymptomKind::PrincipalUnknown(_)));
    // A name that was registered while the logs ran may be late on a controller whose log is not here.
    let falls_back = !(scene.symptoms(|k| matches!(k, SymptomKind::NtlmLogons(_)))).is_empty();
    let is_open = !refused.is_empty() || falls_back && is_news(scene);
    if out.findings.is_empty() && is_open {
        out.lack(Input::Stated {
            what: "the Security logs of two domain controllers at least, that of the controller where the SPN was changed among them, with refusals audited (KdcExtraLogLevel 0x1)",
            collect_with: "wevtutil epl Security %COMPUTERNAME%_Security.evtx",
        });
    }
    out
}

/// Whether the name of an endpoint was registered while the logs ran.
fn is_news(scene: &Scene<'_>) -> bool {
    let added = scene.case.pick(|b| match b {
        Body::DirectoryChanged(change) if change.added == Some(true) => change.value.as_deref(),
        _ => None,
    });
    let asked: BTreeSet<String> = scene
        .views
        .iter()
        .filter_map(|v| Some(v.spn()?.key()))
        .collect();
    added
        .into_iter()
        .any(|(_, value)| asked.contains(&Spn::new(value).key()))
}

fn finding(
    scene: &Scene<'_>,
    spn: &Spn,
    answers: &Answers<'_>,
    (change, on): (&Event, HostId),
    late: &BTreeMap<HostId, Vec<Citation>>,
) -> Finding {
    let case = scene.case;
    let name = |host: HostId| case.hosts.get(host).name.as_str();
    let behind: Vec<&str> = late.keys().map(|dc| name(*dc)).collect();
    let behind = behind.join(", ");
    let view = scene.views.iter().find(|v| v.spn() == Some(spn));
    let subject = Subject {
        spn: Some(spn.to_string()),
        host_name: Some(spn.host()),
        ..view.map(|v| v.subject(case)).unwrap_or_default()
    };
    let mut finding = Finding::about(
        subject,
        format!(
            "{spn} was registered on {}. {behind} did not have it yet and went on answering 0x7: clients of that controller fell back to NTLM, or got 401 where NTLM is blocked.",
            name(on)
        ),
    )
    .structure(
        format!("{spn} was registered on {}", name(on)),
        std::slice::from_ref(&change.citation),
    );
    for (dc, refused) in late {
        let count = times(case.met(refused));
        finding = finding.observed(
            format!("{} did not know it {count} after that", name(*dc)),
            &few(refused.clone(), 3),
        );
    }
    let broken: Vec<_> = late
        .keys()
        .flat_map(|dc| scene.failing_replication(*dc))
        .collect();
    finding = finding.supporting(format!("{behind} fails to replicate"), &few(broken, 2));
    let issued = answers.issued.get(&on).cloned().unwrap_or_default();
    let healed = late.keys().all(|dc| answers.healed(*dc));
    if issued.is_empty() && !healed {
        // That any controller came to know the name is not seen.
        finding = finding.at_most(Status::Likely);
    }
    finding = finding.supporting(
        format!("{} issued tickets for it", name(on)),
        &few(issued, 2),
    );
    if healed {
        finding.current = Current::No;
        let healed: Vec<_> = late
            .keys()
            .filter_map(|dc| answers.issued.get(dc)?.last().cloned())
            .collect();
        finding = finding.supporting(
            format!("{behind} issued tickets for it later"),
            &few(healed, 2),
        );
    }
    finding.onset = Some(Ground {
        says: format!("{spn} was registered"),
        from: vec![change.citation.clone()],
    });
    let key = spn.key();
    let explained = scene.symptoms(|k| match k {
        SymptomKind::PrincipalUnknown(s) | SymptomKind::NtlmForName(s, Some(5 | 6)) => *s == key,
        _ => false,
    });
    let views: Vec<_> = view.into_iter().collect();
    finding
        .explains(explained.into_iter().map(|(id, _)| id))
        .saw_logons_of_the_refused(scene, spn, &views)
        .fix(remedy(spn, &behind), Vec::new())
}

fn remedy(spn: &Spn, behind: &str) -> Remedy {
    let mut fix = vec![
        Step::by_hand(format!(
            "look at the replication of {behind}: repadmin /showrepl there"
        ))
        .stop_if("it fails: repair that first (MC-07); the SPN itself is right"),
        p::replicate(),
    ];
    fix.extend(p::purge_and_retest());
    Remedy::of(fix)
        .verify(vec![Step::run(
            crate::remedy::commands::klist_get(spn.as_str()),
            format!("must succeed in a session that is bound to {behind} (klist add_bind <domain> <controller>)"),
        )])
        .rollback(vec![Step::by_hand("none: nothing was changed")])
        .prevent(CAUSE.page.prevent)
}
