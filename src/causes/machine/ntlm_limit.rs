//! MC-04: more NTLM logons at a time than the channel to the domain controllers takes.

use super::domain;
use crate::case::{HostId, Role, SymptomKind};
use crate::causes::observations::times;
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Subject};
use crate::evidence::Citation;
use crate::negotiate::Stage;
use crate::readers::events::Body;
use crate::readers::registry::Key;
use crate::remedy::{Remedy, Step};

/// MC-04.
pub(crate) const CAUSE: Cause = Cause {
    id: "MC-04",
    name: "ntlm-bottleneck",
    title: "NTLM logons wait for a place in the secure channel and time out",
    stage: Stage::Accept,
    page: Page {
        mechanism: "A member hands NTLM logons to a domain controller over one secure channel, a few at a time (MaxConcurrentApi: 10 on Windows Server 2012 and later, 2 before and on clients); a domain controller that passes them on to another domain has the same limit. Each logon keeps its place until the answer comes. When many users come by NTLM, or the way through a trust is slow, the places are taken, and logons that wait 45 seconds fail with 0xC000005E: pages hang in bursts, then prompts and 401.1, and minutes later all is well. The load is often what a lost SPN left behind: NTLM signs in on every connection, Kerberos once.",
        evidence: &[
            "System log of the web server, or of a domain controller on the way: NETLOGON 5816 and 5817 (requests timed out before they could be sent), 5818 and 5819 (requests took long; written only where WarningEventThreshold is set)",
            "performance counters of Netlogon: Semaphore Timeouts above 0, Semaphore Waiters above 0 for long",
            "Security log of the web server: 4625 with 0xC000005E in bursts, between logons that succeed",
            "IIS log: time-taken of seconds on the second leg (401 1 2148074254)",
        ],
        look_alikes: &[
            LookAlike {
                cause: "MC-03",
                told_apart_by: "there nobody is let in meanwhile, and NETLOGON writes 5719",
            },
            LookAlike {
                cause: "MC-01",
                told_apart_by: "there every NTLM logon fails, at every hour",
            },
        ],
        ruled_out_by: "no 5816 and 5817 on any hop at the time (5818 and 5819 are off as installed: their absence says nothing), and counters of Semaphore Timeouts that stay 0.",
        fix: &[
            "Bring users back to Kerberos: register what is missing (why401 names it). It takes the load away for good.",
            "Until then, or where NTLM must stay: raise MaxConcurrentApi (REG_DWORD, HKLM\\SYSTEM\\CurrentControlSet\\Services\\Netlogon\\Parameters, at most 150) on every hop: the web server, its domain controllers, those of the users' domain. Restart Netlogon.",
            "Find the slow hop (a far site, a trust) by the domain controller that 5818 and 5819 name.",
        ],
        verify: "No new 5816 to 5819 through one peak; Semaphore Timeouts stays 0.",
        rollback: "Delete MaxConcurrentApi, restart Netlogon.",
        prevent: "Watch the share of NTLM logons per site, and the Netlogon counters.",
        blind_spots: &[
            "systems before Windows Server 2012 R2 write these events only with an update",
            "a hop on the way whose System log is not in the bundle",
        ],
        versions: "All; events 5816 to 5819 on Windows Server 2012 R2 and later.",
        sources: &[
            "Microsoft: event log entries for NTLM authentication delays and failures (KB2654097; WarningEventThreshold is 0 as installed)",
            "Microsoft: performance tuning of NTLM authentication by MaxConcurrentApi",
        ],
    },
    assess,
};

/// What one machine wrote of logons that had to wait.
#[derive(Default)]
struct Waits {
    timed_out: Vec<Citation>,
    slow: Vec<Citation>,
    failed: u64,
}

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let mut machines: std::collections::BTreeMap<HostId, Waits> = Default::default();
    for (event, e) in scene.case.pick(|b| match b {
        Body::Netlogon(e) if matches!(e.id, 5816..=5819) => Some(e),
        _ => None,
    }) {
        let Some(host) = scene.case.hosts.find(&event.computer) else {
            continue;
        };
        let waits = machines.entry(host).or_default();
        if e.id >= 5818 {
            waits.slow.push(event.citation.clone());
        } else {
            waits.timed_out.push(event.citation.clone());
            waits.failed = waits.failed.saturating_add(e.logons_timed_out());
        }
    }
    for (host, waits) in &machines {
        out.find(finding(scene, *host, waits));
    }
    if !scene.has_log("System", Role::WebServer) {
        out.lack(Input::ServerSystemLog);
    } else if machines.is_empty() && !refused_at_once(scene).is_empty() {
        out.lack(Input::Stated {
            what: "the Netlogon counters of the web server and of its domain controllers during a peak",
            collect_with: "typeperf \"\\Netlogon(*)\\Semaphore Timeouts\" \"\\Netlogon(*)\\Semaphore Waiters\" -si 15 -sc 240 -o %COMPUTERNAME%_netlogon.csv",
        });
    }
    out
}

/// Web servers that refused logons because no domain controller could be asked.
fn refused_at_once(scene: &Scene<'_>) -> Vec<crate::case::SymptomId> {
    let unasked = |kind: &SymptomKind| match kind {
        SymptomKind::LogonFailed {
            status, sub_status, ..
        } => [*status, *sub_status].contains(&super::channel_signs::NO_LOGON_SERVERS),
        _ => false,
    };
    scene
        .symptoms(unasked)
        .into_iter()
        .map(|(id, _)| id)
        .collect()
}

fn finding(scene: &Scene<'_>, host: HostId, waits: &Waits) -> Finding {
    let case = scene.case;
    let machine = case.hosts.get(host);
    let name = &machine.name;
    let web = machine.roles.contains(&Role::WebServer);
    let subject = Subject {
        host: Some(name.clone()),
        ..Subject::default()
    };
    let mut finding = Finding::about(
        subject,
        format!(
            "{name} had more NTLM logons to pass on at a time than its secure channel takes. Those that waited too long failed: pages hang in bursts, then users are prompted and get 401.1."
        ),
    )
    .conclusive(
        format!("{name} failed {} logons that timed out before they could be sent to a domain controller (NETLOGON 5816, 5817)", waits.failed),
        &few(waits.timed_out.clone(), 3),
    )
    .supporting(
        format!("logons that {name} passed on took long {} (NETLOGON 5818, 5819)", times(case.met(&waits.slow))),
        &few(waits.slow.clone(), 3),
    );
    let limit = case
        .machine(Some(host))
        .map(|m| m.setting(Key::Netlogon, "MaxConcurrentApi"));
    if let Some(crate::evidence::Known::Present(limit)) = &limit {
        finding = finding.supporting(
            format!(
                "MaxConcurrentApi of {name} is set to {}",
                limit.value.number().unwrap_or_default()
            ),
            &few(limit.from.clone(), 1),
        );
    }
    let by_ntlm = scene.symptoms(|k| matches!(k, SymptomKind::NtlmLogons(h) if *h == host));
    for (_, symptom) in &by_ntlm {
        finding = finding.supporting(
            format!(
                "domain users came to {name} by NTLM {}",
                times(symptom.count)
            ),
            &symptom.from,
        );
    }
    if waits.timed_out.is_empty() {
        finding = finding.or_else("MC-07", "one slow domain controller gives waits as well");
    }
    if !web {
        // On a domain controller the calls of any server may be meant.
        finding = finding.at_most(if scene.has_web_server() {
            Status::Likely
        } else {
            Status::Possible
        });
    }
    let told = scene.symptoms(|k| matches!(k, SymptomKind::NtlmTimeouts(h) if *h == host));
    let explained: Vec<_> = told.into_iter().map(|(id, _)| id).collect();
    finding = finding.explains(explained);
    if web && !waits.timed_out.is_empty() {
        finding = finding.explains(refused_at_once(scene));
    }
    finding.fix(remedy(name, domain(scene, host).as_deref()), Vec::new())
}

fn remedy(name: &str, domain: Option<&str>) -> Remedy {
    let fix = vec![
        Step::by_hand("bring users back to Kerberos first: repair what the other findings name, so that they need no NTLM; look at the share of NTLM logons per site"),
        Step::by_hand(format!(
            "where NTLM must stay: set MaxConcurrentApi (REG_DWORD) to 30, at most 150, under HKLM\\SYSTEM\\CurrentControlSet\\Services\\Netlogon\\Parameters on {name} and on every domain controller on the way to the users' domain{}; note the present values first",
            domain.map(|d| format!(" (from {d} on)")).unwrap_or_default()
        ))
        .risk("domain controllers get as many more calls at a time: raise it in steps, and look at their load"),
        Step::by_hand("restart the Netlogon service there, one machine after the other")
            .risk("NTLM logons fail for the seconds of the restart"),
    ];
    Remedy::of(fix)
        .verify(vec![Step::by_hand(
            "through one peak: no new NETLOGON 5816 to 5819 on any of these machines, and Semaphore Timeouts of the Netlogon counters stays 0",
        )])
        .rollback(vec![Step::by_hand("set MaxConcurrentApi back to what it was (delete the value where there was none), and restart Netlogon")])
        .prevent(CAUSE.page.prevent)
}
