//! LOOP-01: the loop-back check refuses a call of the server to itself under another name.

use std::collections::{BTreeMap, BTreeSet};

use crate::case::{Case, HostId, Role, Spn, Symptom, SymptomId, SymptomKind};
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Current, Finding, Input, LookAlike, Page, Scene, Status, Subject,
};
use crate::evidence::{Citation, Cited, Known};
use crate::negotiate::Stage;
use crate::readers::registry::{Key, Setting};
use crate::remedy::commands as c;
use crate::remedy::{Remedy, Step};

/// LOOP-01.
pub(crate) const CAUSE: Cause = Cause {
    id: "LOOP-01",
    name: "loopback-check",
    title: "The server refuses its own call to an alias (loop-back check)",
    stage: Stage::Accept,
    page: Page {
        mechanism: "A browser or a program on the web server itself opens a site by a name that is not the computer's own. When that ends on NTLM, Windows sees a logon from itself to itself under a foreign name, takes it for a relayed one, and refuses it: 401.1. Callers on other machines are not affected.",
        evidence: &[
            "Security log of the web server: 4625 of type 3 with status 0xC000006D, substatus 0x0, NTLM, from the server's own address or with its own name as workstation",
            "System log of the web server: LsaSrv event 6037 with the name that was called",
            "IIS log: 401.1 from the server's own address only",
            "registry of the web server: BackConnectionHostNames without the name, DisableLoopbackCheck not 1",
        ],
        look_alikes: &[
            LookAlike {
                cause: "AC-01",
                told_apart_by: "there the substatus is 0xC000006A: the password is wrong",
            },
            LookAlike {
                cause: "LOOP-02",
                told_apart_by: "there the name is a shared one of a farm, and only the calls that land on the caller itself fail",
            },
            LookAlike {
                cause: "SPN-12",
                told_apart_by: "there callers on other machines fail too",
            },
        ],
        ruled_out_by: "the same failure for a caller on another machine; DisableLoopbackCheck set to 1.",
        fix: &[
            "Test from another machine: users may have no trouble at all.",
            "Where the server must call itself: enter the name in BackConnectionHostNames and restart.",
            "Or let the call use Kerberos: register the SPN for the name, since Kerberos is not subject to the check.",
            "Do not switch the check off (DisableLoopbackCheck): it guards against relayed logons.",
        ],
        verify: "the page opens on the server itself; no new 6037 and no new 4625 from the own address.",
        rollback: "Remove the name from BackConnectionHostNames again.",
        prevent: "Test sites from a client, never on the server; give server-side calls a name of the computer itself.",
        blind_spots: &[
            "a call from one of the server's own addresses that nothing in the bundle names as its own looks like any other",
        ],
        versions: "All supported versions.",
        sources: &["Microsoft: KB896861 and KB926642 (loop-back check)"],
    },
    assess,
};

/// Generic refusal, and no detail.
const LOGON_FAILURE: u32 = 0xC000_006D;

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let mut hosts: BTreeMap<HostId, Vec<(SymptomId, &Symptom)>> = BTreeMap::new();
    for (id, symptom) in scene.symptoms(is_loopback) {
        if let Some(host) = symptom.host() {
            hosts.entry(host).or_default().push((id, symptom));
        }
    }
    for (host, symptoms) in &hosts {
        // LSA writes 6037 only where it checks: then the check was switched off later.
        let checked = |(_, s): &(_, &Symptom)| matches!(s.kind, SymptomKind::Loopback(..));
        match switched_off(scene.case, *host) {
            Some(off) if !symptoms.iter().any(checked) => out.rule_out(
                format!(
                    "the loop-back check of {} is switched off",
                    scene.case.hosts.get(*host).name
                ),
                &off.from,
            ),
            _ => out.findings.extend(findings(scene, *host, symptoms)),
        }
    }
    if !out.ruled_out.is_empty() {
        return out;
    }
    let heard = |channel| scene.has_log(channel, Role::WebServer);
    if out.findings.is_empty() && !heard("Security") {
        out.lack(Input::ServerSecurityLog);
    }
    if out.findings.is_empty() && !heard("System") {
        out.lack(Input::ServerSystemLog);
    }
    out
}

pub(super) fn is_loopback(kind: &SymptomKind) -> bool {
    matches!(
        kind,
        SymptomKind::Loopback(..)
            | SymptomKind::LogonFailed {
                status: LOGON_FAILURE,
                sub_status: 0,
                own_address: true,
                ..
            }
    )
}

/// One finding a name that LSA blocked; the refused logons name no target and go with all of them.
fn findings(scene: &Scene<'_>, host: HostId, symptoms: &[(SymptomId, &Symptom)]) -> Vec<Finding> {
    let blocked: BTreeSet<&str> = symptoms
        .iter()
        .filter_map(|(_, s)| match &s.kind {
            SymptomKind::Loopback(_, target) => Some(target.as_str()),
            _ => None,
        })
        .collect();
    let web: Vec<&str> = blocked.iter().copied().filter(|t| is_web(t)).collect();
    if web.is_empty() && blocked.is_empty() {
        return vec![finding(scene, host, symptoms, None)];
    }
    // A name of another service (MSSQLSvc/…, cifs/…) is the same check, but no sign-in to a site.
    let all = if web.is_empty() {
        blocked.into_iter().collect()
    } else {
        web
    };
    all.into_iter()
        // The name of a farm is LOOP-02.
        .filter(|target| super::shared_name(scene, host, &name_of(target)).is_none())
        .map(|target| finding(scene, host, symptoms, Some(target)))
        .collect()
}

/// DisableLoopbackCheck, where it is 1.
fn switched_off(case: &Case, host: HostId) -> Option<Cited<Setting>> {
    match case
        .machine(Some(host))?
        .setting(Key::Lsa, "DisableLoopbackCheck")
    {
        Known::Present(set) if set.value.number() == Some(1) => Some(set),
        _ => None,
    }
}

/// What the registry of the machine says about the name now: allowed, not allowed, or nothing.
fn with_registry(finding: Finding, case: &Case, host: HostId, called: Option<&str>) -> Finding {
    let (Some(machine), Some(name)) = (case.machine(Some(host)), called) else {
        return finding;
    };
    let repaired = |mut finding: Finding, says: String, from: &[Citation]| {
        finding.current = Current::No;
        finding.supporting(says, from)
    };
    if let Some(off) = switched_off(case, host) {
        return repaired(
            finding,
            "the check is switched off now".to_owned(),
            &off.from,
        );
    }
    match machine.setting(Key::Ntlm, "BackConnectionHostNames") {
        Known::Present(list) => match &list.value {
            Setting::List { entries, complete } => {
                let named = entries.iter().any(|entry| entry.eq_ignore_ascii_case(name));
                if named {
                    repaired(finding, format!("{name} is allowed now"), &list.from)
                } else if *complete {
                    let says = format!("{name} is not among the names that are allowed");
                    finding.structure(says, &list.from)
                } else {
                    finding
                }
            }
            _ => finding,
        },
        Known::Absent(from) => finding.structure(
            "no name is allowed for calls of the server to itself",
            &few(from, 1),
        ),
        Known::Unknown => finding,
    }
}

fn is_web(target: &str) -> bool {
    !target.contains('/') || Spn::new(target).has_class("HTTP")
}

pub(super) fn name_of(target: &str) -> String {
    if target.contains('/') {
        Spn::new(target).host()
    } else {
        target.to_lowercase()
    }
}

fn finding(
    scene: &Scene<'_>,
    host: HostId,
    symptoms: &[(SymptomId, &Symptom)],
    target: Option<&str>,
) -> Finding {
    let machine = scene.case.hosts.get(host);
    let name = target.map(name_of).filter(|n| !n.is_empty());
    let view = scene.views.iter().find(|v| {
        v.endpoint.host == Some(host) && name.as_deref().is_some_and(|n| v.endpoint.is_named(n))
    });
    let mut subject = view.map_or_else(Subject::default, |v| v.subject(scene.case));
    subject.host = Some(machine.name.clone());
    subject.host_name = subject.host_name.or(name.clone());
    let called = name
        .clone()
        .unwrap_or_else(|| "one of its sites".to_owned());
    let mut finding = Finding::about(
        subject,
        format!(
            "{} called {called} on itself, and its own loop-back check refused the logon. Callers on other machines are not affected.",
            machine.name
        ),
    );
    for (id, symptom) in symptoms {
        finding = match &symptom.kind {
            SymptomKind::Loopback(_, blocked) if target == Some(blocked.as_str()) => finding
                .conclusive(
                    format!(
                        "LSA of {} blocked the name {blocked} {} times",
                        machine.name, symptom.count
                    ),
                    &symptom.from,
                )
                .explains([*id]),
            SymptomKind::LogonFailed { .. } => finding
                .observed(
                    format!(
                        "{} refused {} network logons from itself with 0xC000006D and no detail",
                        machine.name, symptom.count
                    ),
                    &symptom.from,
                )
                .explains([*id]),
            _ => finding,
        };
    }
    if let Some(view) = view.filter(|v| !v.endpoint.is_own_name()) {
        finding = finding.structure(
            format!(
                "{called} is a name of the site {}, not the computer's own",
                view.endpoint.site
            ),
            &few(vec![view.endpoint.binding.clone()], 1),
        );
    }
    finding = with_registry(finding, scene.case, host, name.as_deref());
    let elsewhere = !machine.roles.contains(&Role::WebServer) || target.is_some_and(|t| !is_web(t));
    if elsewhere {
        finding = finding.at_most(Status::Possible);
    }
    finding.fix(remedy(name.as_deref()), Vec::new())
}

fn remedy(name: Option<&str>) -> Remedy {
    let value = name.unwrap_or("NAME");
    let fix = vec![
        Step::by_hand("open the site from another machine: if that works, users have no trouble, and the test on the server misled"),
        Step::run(
            c::reg_query_back_connection_names(),
            "note the names that are allowed already (keep the output)",
        )
        .stop_if("names are printed: the next step replaces them, so enter all of them by hand in regedit, one a line"),
        Step::run(
            c::reg_add_back_connection_name(value),
            format!("allow {value} for calls of the server to itself"),
        )
        .risk("relayed logons under this name are no longer caught on this server; enter no more names than are called"),
        Step::by_hand("restart the server, or at least the IIS Admin Service and the World Wide Web Publishing Service"),
    ];
    Remedy::of(fix)
        .verify(vec![
            Step::by_hand("open the page on the server itself"),
            Step::by_hand("no new LsaSrv 6037 in the System log, no new 4625 from the own address in the Security log"),
        ])
        .rollback(vec![Step::by_hand(
            "remove the name from BackConnectionHostNames again (HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\MSV1_0), then restart",
        )])
        .prevent(CAUSE.page.prevent)
}
