//! LOOP-02: an application calls the shared name of its farm, and the call lands on its own server.

use std::collections::BTreeMap;

use super::check::{is_loopback, name_of};
use super::shared_name;
use crate::case::{HostId, Role, Symptom, SymptomId, SymptomKind};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Subject};
use crate::negotiate::Stage;
use crate::remedy::commands as c;
use crate::remedy::{Remedy, Step};

/// LOOP-02.
pub(crate) const CAUSE: Cause = Cause {
    id: "LOOP-02",
    name: "farm-node-calls-itself",
    title: "A server calls the shared name of its farm and lands on itself (loop-back check)",
    stage: Stage::Accept,
    page: Page {
        mechanism: "An application on one server of a farm calls the farm's shared name, and the load balancer sends the call back to the server that made it. That is a logon from the machine to itself under a name that is not its own: the loop-back check refuses it where it is NTLM. With N servers about one call in N fails, at random as it seems, while users and calls that land on another server have no trouble. With Kerberos the check does not apply.",
        evidence: &[
            "Security log of a server: 4625 of type 3 with 0xC000006D and sub-status 0x0 from its own address (or the load balancer's)",
            "System log of the same server: LsaSrv event 6037 with the shared name",
            "several servers with a binding for that name",
            "IIS log: 401.1 from the farm's own servers only, about one call in N",
        ],
        look_alikes: &[
            LookAlike {
                cause: "LOOP-01",
                told_apart_by: "there the name is served by this server alone, and every call of its own fails",
            },
            LookAlike {
                cause: "SPN-12",
                told_apart_by: "there users on other machines fail too, at the servers that do not hold the key",
            },
            LookAlike {
                cause: "PRX-01",
                told_apart_by: "there users fail at random as well, with an invalid token",
            },
        ],
        ruled_out_by: "the call from a machine outside the farm fails as well.",
        fix: &[
            "Best: let the call use Kerberos. HTTP/<shared name> on the account whose key opens tickets on all servers, and an application that runs as a domain account.",
            "Or give calls inside the farm a name of their own that leads to the local server by its own computer name.",
            "Or enter the shared name in BackConnectionHostNames on every server of the farm, and restart each.",
            "Do not switch the check off (DisableLoopbackCheck): it guards against relayed logons.",
        ],
        verify: "The call works from each server, also when it lands on itself; no new 6037.",
        rollback: "Remove the name from BackConnectionHostNames on every server.",
        prevent: "Calls inside a farm by Kerberos, or not over the load balancer at all.",
        blind_spots: &[
            "where the load balancer sent the call",
            "servers of the farm that the bundle does not hold",
        ],
        versions: "All supported versions.",
        sources: &["Microsoft: KB896861 and KB926642 (loop-back check)"],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let mut hosts: BTreeMap<HostId, Vec<(SymptomId, &Symptom)>> = BTreeMap::new();
    for (id, symptom) in scene.symptoms(is_loopback) {
        if let Some(host) = symptom.host() {
            hosts.entry(host).or_default().push((id, symptom));
        }
    }
    for (host, symptoms) in &hosts {
        for (_, symptom) in symptoms {
            let SymptomKind::Loopback(_, target) = &symptom.kind else {
                continue;
            };
            let name = name_of(target);
            match shared_name(scene, *host, &name) {
                Some(from) => out.find(finding(scene, *host, &name, target, from, symptoms)),
                // Servers that the bundle does not hold may serve it as well.
                None => out.lack(Input::OtherFarmNodes),
            }
        }
    }
    if scene.case.servers.len() < 2 {
        out.lack(Input::OtherFarmNodes);
    }
    if !scene.has_log("System", Role::WebServer) {
        out.lack(Input::ServerSystemLog);
    }
    out
}

fn finding(
    scene: &Scene<'_>,
    host: HostId,
    name: &str,
    target: &str,
    bound: Vec<crate::evidence::Citation>,
    symptoms: &[(SymptomId, &Symptom)],
) -> Finding {
    let machine = scene.case.hosts.get(host).name.clone();
    let view = scene
        .views
        .iter()
        .find(|v| v.endpoint.host == Some(host) && v.endpoint.is_named(name));
    let mut subject = view.map_or_else(Subject::default, |v| v.subject(scene.case));
    subject.host = Some(machine.clone());
    subject.host_name = Some(name.to_owned());
    let mut finding = Finding::about(
        subject,
        format!("{machine} called {name}, the shared name of its farm, and the call came back to itself: its own loop-back check refused the logon. Calls that land on another server, and users, are not affected."),
    )
    .structure(format!("several servers serve {name}"), &few(bound, 3));
    for (id, symptom) in symptoms {
        finding = match &symptom.kind {
            SymptomKind::Loopback(_, blocked) if blocked == target => finding
                .conclusive(
                    format!("LSA of {machine} blocked the name {blocked}, {} times", symptom.count),
                    &symptom.from,
                )
                .explains([*id]),
            SymptomKind::LogonFailed { .. } => finding
                .observed(
                    format!("{machine} refused network logons from itself with 0xC000006D and no detail, {} times", symptom.count),
                    &symptom.from,
                )
                .explains([*id]),
            _ => finding,
        };
    }
    finding.fix(remedy(name), Vec::new())
}

fn remedy(name: &str) -> Remedy {
    Remedy::of(vec![
        Step::by_hand(format!("make the same call from a machine outside the farm: it must work by {name}"))
            .stop_if("it fails there as well: then it is not the loop-back check alone"),
        Step::by_hand(format!("best: let the call use Kerberos (HTTP/{name} on the account whose key opens tickets on all servers)")),
        Step::run(
            c::reg_query_back_connection_names(),
            "else, on every server of the farm: note the names that are allowed already (keep the output)",
        )
        .stop_if("names are printed: the next step replaces them, so enter all of them by hand in regedit, one a line"),
        Step::run(
            c::reg_add_back_connection_name(name),
            format!("allow {name} for calls of the server to itself, on every server"),
        )
        .risk("relayed logons under this name are no longer caught on these servers"),
        Step::by_hand("restart each server, one after the other, out of rotation"),
    ])
    .verify(vec![Step::by_hand("the call works from each server; no new LsaSrv 6037 and no new 4625 from the own address")])
    .rollback(vec![Step::by_hand(
        "remove the name from BackConnectionHostNames again on every server, then restart",
    )])
    .prevent(CAUSE.page.prevent)
}
