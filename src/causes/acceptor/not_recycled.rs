//! KM-03: whose key opens tickets was changed in the configuration, and the worker process goes on as before.

use jiff::{SignedDuration, Timestamp};

use super::acceptor_change::{AcceptorChange, edits, last_change};
use super::shared_name::opener;
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Current, Finding, Ground, Input, LookAlike, Page, Scene, Status, View,
};
use crate::evidence::Citation;
use crate::negotiate::{Stage, acceptor_citations};
use crate::readers::events::Body;
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step};

/// KM-03.
pub(crate) const CAUSE: Cause = Cause {
    id: "KM-03",
    name: "worker-not-recycled-after-change",
    title: "The account that opens tickets was changed, but the worker process was not recycled",
    stage: Stage::Accept,
    page: Page {
        mechanism: "A worker process keeps the identity and the settings that it was started with. After userName, identityType, useAppPoolCredentials or useKernelMode is changed, the configuration is right and the running process is not: tickets sealed for the new account cannot be opened until the pool is recycled. IIS recycles by itself after a change of the pool, unless disallowRotationOnConfigChange is true.",
        evidence: &[
            "IIS-Configuration/Operational 29: the change and its time",
            "System log of a client: Kerberos event 4 goes on after that time",
            "tasklist /v: w3wp.exe still runs as the old account, or since before the change",
            "Kerberos event 4 that names the old account after the change, or 4648 by w3wp.exe as the old account",
        ],
        look_alikes: &[
            LookAlike {
                cause: "POOL-02",
                told_apart_by: "there the password was changed in the directory, and nothing in IIS",
            },
            LookAlike {
                cause: "CL-10",
                told_apart_by: "there clients still send tickets that were fetched before the change: a purge cures it, at the latest after ten hours",
            },
            LookAlike {
                cause: "CFG-16",
                told_apart_by: "there the change was made at a level that is not in force for the application",
            },
        ],
        ruled_out_by: "a start of the worker process after the change.",
        fix: &[
            "See which account w3wp.exe runs as, and since when.",
            "Recycle the pool.",
            "Purge the tickets of users who fail and try again.",
        ],
        verify: "tasklist /v shows w3wp.exe under the new account, started after the change; no new Kerberos event 4.",
        rollback: "Set the old value back and recycle the pool.",
        prevent: "Recycle the pool in the same change.",
        blind_spots: &[
            "recycles on demand or after a change are not logged as installed (logEventOnRecycle): silence proves nothing",
            "changes made by editing the file are not in the configuration log, which is off as installed",
        ],
        versions: "IIS 7.0 and later.",
        sources: &["reasoned from Microsoft: <processModel> and <recycling> elements of IIS"],
    },
    assess,
};

/// Service tickets live this long as installed: a client may send one from before the change.
const TICKET_LIFE: SignedDuration = SignedDuration::from_hours(10);

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let edits = edits(scene);
    if !scene.has_config() {
        if !edits.is_empty() {
            out.lack(Input::ApplicationHostConfig);
        }
        return out;
    }
    for view in scene.negotiating().filter(|v| v.endpoint.name_is_tied()) {
        // An endpoint of the name that cannot open its tickets by configuration explains the failures.
        let explained = scene
            .views
            .iter()
            .any(|v| v.is_mismatch() && v.spn() == view.spn());
        let Some(last) = last_mismatch(scene, view).filter(|_| !explained) else {
            continue;
        };
        let logged = scene.case.coverage.iter().any(|c| {
            Some(c.host) == view.endpoint.host
                && c.channel
                    .eq_ignore_ascii_case("Microsoft-IIS-Configuration/Operational")
        });
        let Some(change) = last_change(scene, view, &edits) else {
            if !logged {
                out.lack(Input::IisConfigurationLog);
            }
            continue;
        };
        if last <= change.edit.time || told(&out, view, scene) {
            continue;
        }
        match view.restart_after(scene.case, change.edit.time) {
            Some(restart) => out.rule_out(
                format!("pool {} was started after the change", view.pool_name()),
                std::slice::from_ref(&restart.citation),
            ),
            None => out.find(finding(scene, view, &change, last)),
        }
    }
    out
}

fn told(out: &Assessment, view: &View<'_>, scene: &Scene<'_>) -> bool {
    let subject = view.subject(scene.case);
    out.findings
        .iter()
        .any(|f| f.subject.spn == subject.spn && f.subject.site == subject.site)
}

fn last_mismatch(scene: &Scene<'_>, view: &View<'_>) -> Option<Timestamp> {
    let symptoms = scene.mismatches(view.spn()?);
    symptoms.iter().filter_map(|(_, s)| s.last).max()
}

fn finding(
    scene: &Scene<'_>,
    view: &View<'_>,
    change: &AcceptorChange,
    last: Timestamp,
) -> Finding {
    let case = scene.case;
    let changed = change.edit.time;
    let pool = view.pool_name();
    let spn = view.spn().map(ToString::to_string).unwrap_or_default();
    let now = opener(case, view);
    let mut subject = view.subject(case);
    subject.account = Some(now.clone());
    let from = vec![change.edit.from.clone()];
    let mut finding = Finding::about(
        subject,
        format!(
            "Since the configuration was changed, {now} opens tickets for {spn}, which fits the registration. Clients were still told that the ticket cannot be opened after that: the worker process of pool {pool} seems to run as it was started before."
        ),
    )
    .structure(
        format!("{} opens tickets with {now} since the change", view.endpoint.location()),
        &acceptor_citations(view.endpoint),
    )
    .supporting("the account that opens tickets was changed", &from);
    finding.onset = Some(Ground {
        says: "the account that opens tickets was changed in the configuration".into(),
        from,
    });
    if let Some(spn) = view.spn() {
        for (id, symptom) in scene.mismatches(spn) {
            finding = finding
                .observed(
                    "clients were told after the change that the ticket cannot be opened",
                    &after(&symptom.from, changed),
                )
                .explains([id]);
        }
    }
    let as_before = acted_as_before(scene, view, change);
    let workers = Workers::of(scene, view, change);
    if let Workers::Old(from) = &workers {
        finding = finding.observed("a worker process still runs as the old account", from);
    }
    if let Workers::New(from) = &workers {
        // The list was made after the failures: somebody has recycled the pool since.
        finding = finding.supporting("no worker process runs as the old account now", from);
        finding.current = Current::No;
    }
    if as_before.is_empty() {
        if matches!(workers, Workers::Unknown) {
            finding = finding.lacks(Input::WorkerProcesses);
        }
        if last.duration_since(changed) <= TICKET_LIFE && !matches!(workers, Workers::Old(_)) {
            finding = finding.or_else(
                "CL-10",
                "clients may still send tickets that they fetched before the change",
            );
        }
    } else {
        finding = finding.observed(
            "the old account still acted after the change: clients or the server name it",
            &few(as_before, 2),
        );
    }
    if view.holder().is_none() {
        finding = finding.lacks(Input::SpnQuery(spn.clone()));
    }
    let mut fix = vec![
        Step::by_hand(
            "note which account the worker processes run as: tasklist /v /fi \"imagename eq w3wp.exe\"",
        )
        .stop_if(format!(
            "the process of {pool} already runs as {now} and was started after the change"
        )),
        p::recycle(pool).risk("sessions that the application keeps in memory are lost"),
    ];
    fix.extend(p::purge_and_retest());
    let remedy = Remedy::of(fix)
        .verify(p::verify_kerberos(&spn, &now))
        .rollback(vec![Step::by_hand(CAUSE.page.rollback)])
        .prevent(CAUSE.page.prevent);
    finding.at_most(Status::Likely).fix(remedy, Vec::new())
}

/// What a list of worker processes shows of the account they ran as before the change.
enum Workers {
    /// One still runs as it.
    Old(Vec<Citation>),
    /// All their accounts are shown, and none is it.
    New(Vec<Citation>),
    /// There is no list, or it does not show every account.
    Unknown,
}

impl Workers {
    fn of(scene: &Scene<'_>, view: &View<'_>, change: &AcceptorChange) -> Self {
        let machine = scene.case.machine(view.endpoint.host);
        let before = change.before.as_deref();
        let before = before.filter(|_| change.is_of_pool_account());
        let (Some(machine), Some(before)) = (machine, before) else {
            return Self::Unknown;
        };
        // Those that a list shows to be of another pool say nothing.
        let (case, host, own) = (scene.case, view.endpoint.host, view.pool_name());
        let mut workers = machine.workers();
        workers.retain(|w| {
            let pool = case.pool_of_process(host, w.value.0);
            pool.is_none_or(|(pool, _)| pool.eq_ignore_ascii_case(own))
        });
        let is_old = |account: &str| crate::case::split_name(account).1 == before;
        let old = workers.iter().filter(|w| w.value.1.is_some_and(is_old));
        let old: Vec<Citation> = old.flat_map(|w| w.from.clone()).collect();
        if !old.is_empty() {
            Self::Old(few(old, 2))
        } else if !workers.is_empty() && workers.iter().all(|w| w.value.1.is_some()) {
            Self::New(few(workers.into_iter().flat_map(|w| w.from).collect(), 2))
        } else {
            Self::Unknown
        }
    }
}

fn after(places: &[Citation], time: Timestamp) -> Vec<Citation> {
    let late = places.iter().filter(|c| c.time.is_some_and(|t| t > time));
    few(late.cloned().collect(), 3)
}

/// Signs that the process went on as the old account: clients name it as the one that could not open the ticket, or a worker
/// process made explicit logons as it.
fn acted_as_before(scene: &Scene<'_>, view: &View<'_>, change: &AcceptorChange) -> Vec<Citation> {
    let (Some(host), Some(before), Some(spn)) =
        (view.endpoint.host, change.before.as_deref(), view.spn())
    else {
        return Vec::new();
    };
    let is_old = |name: &Option<String>| {
        name.as_deref()
            .is_some_and(|name| crate::case::split_name(name).1 == before)
    };
    let key = spn.key();
    let named = scene
        .case
        .mismatch_events(&key)
        .filter(|(_, e)| is_old(&e.server))
        .map(|(event, _)| event);
    let logons = scene
        .case
        .pick(|body| match body {
            Body::ExplicitCredentials(logon) => Some(logon),
            _ => None,
        })
        .filter(|(event, logon)| {
            let worker = logon
                .process
                .as_deref()
                .is_some_and(|p| p.to_lowercase().ends_with("w3wp.exe"));
            worker
                && is_old(&logon.subject.name)
                && scene.case.hosts.find(&event.computer) == Some(host)
        })
        .map(|(event, _)| event);
    named
        .chain(logons)
        .filter(|event| event.time > change.edit.time)
        .map(|event| event.citation.clone())
        .collect()
}
