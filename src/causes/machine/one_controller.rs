//! MC-07: one domain controller answers otherwise than the others.

use std::collections::BTreeMap;

use crate::case::{HostId, Role, Spn, SymptomKind};
use crate::causes::observations::times;
use crate::causes::scene::few;
use crate::causes::spn::answers_of_controllers;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Subject};
use crate::evidence::Citation;
use crate::negotiate::Stage;
use crate::readers::events::Body;
use crate::remedy::commands as c;
use crate::remedy::{Remedy, Step};

/// MC-07.
pub(crate) const CAUSE: Cause = Cause {
    id: "MC-07",
    name: "one-faulty-domain-controller",
    title: "One domain controller answers otherwise than the others",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "Every domain controller is a KDC of its own, with its own copy of the directory, its own policy and its own updates. One that has not replicated for long, that lacks an update, or that refuses an encryption type by its own policy, answers 0x7 or 0xE where the others issue the ticket. Who fails is decided by which controller a client happened to find: the same user works at one desk and is prompted at the next, and a restart of the client often \"repairs\" it.",
        evidence: &[
            "Security logs of two domain controllers: 4769 for one name, with status 0x0 on one and 0x7 or 0xE on the other, at the same time",
            "klist: Kdc Called names the same controller on every client that fails",
            "System log of that controller alone: KDC 11, 14, 16, 27",
            "repadmin /showrepl, /replsummary: it has failed to replicate for days",
        ],
        look_alikes: &[
            LookAlike {
                cause: "SPN-17",
                told_apart_by: "there a change was made shortly before, and the difference heals within hours",
            },
            LookAlike {
                cause: "SPN-01",
                told_apart_by: "there every domain controller refuses",
            },
        ],
        ruled_out_by: "all domain controllers refuse, or none.",
        fix: &[
            "Find the controller that differs: klist get against each one (klist add_bind <domain> <controller>), repadmin /showrepl.",
            "Take it out of use while it is repaired: no client should find it (stop its Netlogon service, or move its subnet's site).",
            "Repair its replication, its policy or its updates.",
        ],
        verify: "klist get succeeds against every controller; repadmin /replsummary shows no failures.",
        rollback: "Start Netlogon again: it registers its records.",
        prevent: "Watch replication; update domain controllers together.",
        blind_spots: &[
            "controllers whose logs are not in the bundle",
            "refusals that are not audited (KdcExtraLogLevel)",
        ],
        versions: "All supported versions.",
        sources: &["Microsoft: auditing of 4769; repadmin and klist references"],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    for (spn, answers) in answers_of_controllers(scene) {
        if answers.is_split() && !answers.changed {
            out.find(finding(scene, &spn, &answers.refused, &answers.issued));
        }
    }
    let controllers = scene.case.hosts.iter();
    let logged = controllers.filter(|(id, host)| {
        host.roles.contains(&Role::DomainController)
            && scene
                .case
                .coverage
                .iter()
                .any(|c| c.host == *id && c.channel.eq_ignore_ascii_case("Security"))
    });
    let refused = scene.symptoms(|k| {
        matches!(
            k,
            SymptomKind::PrincipalUnknown(_) | SymptomKind::KerberosError(..)
        )
    });
    if !refused.is_empty() {
        if logged.count() < 2 {
            out.lack(Input::DcSecurityLog);
        }
        out.lack(REPLICATION);
    }
    out
}

const REPLICATION: Input = Input::Stated {
    what: "how each domain controller replicates, from any of them",
    collect_with: "(echo repadmin /showrepl * /csv& repadmin /showrepl * /csv) >> repadmin_showrepl.csv 2>&1",
};

type ByHost = BTreeMap<HostId, Vec<Citation>>;

fn finding(scene: &Scene<'_>, spn: &Spn, refused: &ByHost, issued: &ByHost) -> Finding {
    let case = scene.case;
    let names = |hosts: &ByHost| {
        let names: Vec<&str> = hosts
            .keys()
            .map(|h| case.hosts.get(*h).name.as_str())
            .collect();
        names.join(", ")
    };
    let only = (refused.len() == 1).then(|| names(refused));
    let subject = Subject {
        spn: Some(spn.to_string()),
        host: only.clone(),
        host_name: Some(spn.host()),
        ..Subject::default()
    };
    let (bad, good) = (names(refused), names(issued));
    let mut finding = Finding::about(
        subject,
        format!(
            "{bad} refuses {spn}, for which {good} issues tickets at the same time. Whoever is served by {bad} falls back to NTLM or gets 401."
        ),
    );
    for (host, from) in refused {
        finding = finding.observed(
            format!(
                "{} refused {spn} {}",
                case.hosts.get(*host).name,
                times(case.met(from))
            ),
            &few(from.clone(), 2),
        );
    }
    for (host, from) in issued {
        finding = finding.observed(
            format!(
                "{} issued tickets for its holder meanwhile",
                case.hosts.get(*host).name
            ),
            &few(from.clone(), 2),
        );
    }
    let kdc: Vec<Citation> = case
        .pick(|b| match b {
            Body::Kdc(e) if matches!(e.id, 11 | 14 | 16 | 26 | 27) => Some(()),
            _ => None,
        })
        .filter(|(event, ())| {
            case.hosts
                .find(&event.computer)
                .is_some_and(|h| refused.contains_key(&h))
        })
        .map(|(event, ())| event.citation.clone())
        .collect();
    finding = finding.supporting(format!("{bad} logged errors of its KDC"), &few(kdc, 2));
    let broken: Vec<Citation> = refused
        .keys()
        .flat_map(|dc| scene.failing_replication(*dc))
        .collect();
    let sure = !broken.is_empty();
    finding = finding.structure(format!("{bad} fails to replicate"), &few(broken, 3));
    if !sure {
        finding = finding
            .or_else("SPN-17", "no change of the name is in the logs: whether one was made shortly before, and the controller only waits for it, they do not show")
            .lacks(REPLICATION);
    }
    // That its copy of the directory is the reason is reasoned.
    finding = finding.at_most(Status::Likely);
    if refused.len() > 1 {
        finding = finding.at_most(Status::Possible);
    }
    let key = spn.key();
    let explained = scene.symptoms(|kind| {
        matches!(kind, SymptomKind::PrincipalUnknown(k) | SymptomKind::KerberosError(k, 0xE) if *k == key)
    });
    let views: Vec<_> = scene
        .views
        .iter()
        .filter(|v| v.spn() == Some(spn))
        .collect();
    finding
        .explains(explained.into_iter().map(|(id, _)| id))
        .saw_logons_of_the_refused(scene, spn, &views)
        .fix(remedy(spn, &bad), Vec::new())
}

fn remedy(spn: &Spn, bad: &str) -> Remedy {
    let fix = vec![
        Step::by_hand(format!("look at the replication of {bad}: repadmin /showrepl there, repadmin /replsummary anywhere")),
        Step::by_hand(format!(
            "ask {bad} itself: bind a test client to it (klist add_bind <domain> <controller>), purge, and fetch the ticket again; klist purge_bind takes the binding away"
        )),
        Step::by_hand(format!("take {bad} out of use until it is repaired: stop its Netlogon service, so that its DNS records go"))
            .stop_if("no other controller serves its site"),
        Step::run(c::repadmin_syncall(), "replicate from a healthy controller, once its link works again"),
    ];
    Remedy::of(fix)
        .verify(vec![Step::run(
            c::klist_get(spn.as_str()),
            "must succeed against every domain controller",
        )])
        .rollback(vec![Step::by_hand(
            "start Netlogon again on that controller: it registers its records",
        )])
        .prevent(CAUSE.page.prevent)
}
