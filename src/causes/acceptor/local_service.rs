//! KM-07: the pool runs as LocalService and opens tickets itself; no source says with which key.

use super::saw_mismatches;
use crate::case::{HostId, PoolIdentity, Sameness};
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Finding, Group, Input, LookAlike, Page, Scene, Status, View,
};
use crate::evidence::Citation;
use crate::negotiate::{Acceptor, Stage, acceptor_citations};
use crate::readers::events::Body;
use crate::remedy::procedures as p;
use crate::remedy::{Change, Remedy, Step, Switch};

/// KM-07.
pub(crate) const CAUSE: Cause = Cause {
    id: "KM-07",
    name: "acceptor-is-local-service",
    title: "The pool runs as LocalService, and it is not documented whose key opens its tickets",
    stage: Stage::Accept,
    page: Page {
        mechanism: "LocalService is nobody on the network. With useAppPoolCredentials true, or kernel mode off, the pool's identity has to open Kerberos tickets. Whether Windows then uses the computer account's key for LocalService is not documented, and one page of Microsoft counts it with the identities that do. What is observed decides: Kerberos event 4 for a name that the computer account holds shows that it has no usable key.",
        evidence: &[
            "applicationHost.config: identityType LocalService, and useAppPoolCredentials true or kernel mode off",
            "System log of a client: Kerberos event 4 for a name that the computer account holds: no usable key",
            "Security log of the web server: 4624 of type 3 by Kerberos from w3wp.exe: the computer's key is used",
        ],
        look_alikes: &[
            LookAlike {
                cause: "SPN-05",
                told_apart_by: "there a domain account holds the SPN and the computer account opens tickets",
            },
            LookAlike {
                cause: "SPN-07",
                told_apart_by: "there an account that has nothing to do with the server holds the SPN",
            },
            LookAlike {
                cause: "KM-06",
                told_apart_by: "there the pool runs as a local user account",
            },
        ],
        ruled_out_by: "kernel mode on with useAppPoolCredentials false, or Kerberos logons made by the pool's worker process.",
        fix: &[
            "Let the computer account open the tickets: kernel mode on, useAppPoolCredentials false.",
            "Or run the pool as ApplicationPoolIdentity or NetworkService.",
        ],
        verify: "klist get succeeds, 4624 of type 3 shows Kerberos, no new Kerberos event 4.",
        rollback: "Set the values back and recycle the pool.",
        prevent: "Do not use LocalService for pools with Windows authentication.",
        blind_spots: &["whose key Windows uses for LocalService: unverified"],
        versions: "IIS 7.0 and later.",
        sources: &["Microsoft: Troubleshoot Kerberos failures in Internet Explorer"],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    if !scene.has_config() {
        out.lack(Input::ApplicationHostConfig);
        return out;
    }
    let local_service = |v: &View<'_>| {
        v.endpoint
            .pool
            .as_ref()
            .is_some_and(|p| p.identity == PoolIdentity::LocalService)
    };
    let applies = |v: &View<'_>| {
        local_service(v)
            && v.endpoint.name_is_tied()
            && v.path.answer.is_some()
            // Row 18 (a provider that kernel mode does not support) is undecided for another reason.
            && v.path.rule.as_ref().is_some_and(|r| matches!(r.row, 11 | 16))
    };
    for views in scene.by_site(applies) {
        match kerberos_logons(scene, views.first.endpoint.host) {
            from if !from.is_empty() => out.rule_out(
                "a worker process of the server logs users on by Kerberos: the computer account's key is used",
                &from,
            ),
            _ => out.find(finding(scene, &views)),
        }
    }
    for view in scene.negotiating().filter(|v| local_service(v)) {
        if view.acceptor() == Some(&Acceptor::Machine) {
            out.rule_out(
                format!(
                    "{}: kernel mode opens tickets with the computer account",
                    view.endpoint.location()
                ),
                &acceptor_citations(view.endpoint),
            );
        }
    }
    out
}

/// Kerberos logons that a worker process asked for. Others may come from file shares and prove nothing here.
fn kerberos_logons(scene: &Scene<'_>, host: Option<HostId>) -> Vec<Citation> {
    let mut pools: Vec<&str> = scene
        .negotiating()
        .filter(|v| v.endpoint.host == host)
        .map(|v| v.pool_name())
        .collect();
    pools.sort_unstable();
    pools.dedup();
    // With several pools the worker process may be another one's.
    let (Some(host), [_]) = (host, pools.as_slice()) else {
        return Vec::new();
    };
    let from = scene
        .case
        .events_of(host)
        .filter(|e| match &e.body {
            Body::Logon(logon) => {
                logon.logon_type == Some(3)
                    && logon.is_kerberos()
                    && logon
                        .process
                        .as_deref()
                        .is_some_and(|p| p.to_lowercase().ends_with("w3wp.exe"))
            }
            _ => false,
        })
        .map(|e| e.citation.clone());
    few(from.collect(), 3)
}

fn finding(scene: &Scene<'_>, views: &Group<'_, '_>) -> Finding {
    let case = scene.case;
    let first = views.first;
    let spn = first.spn().map(ToString::to_string).unwrap_or_default();
    let location = first.endpoint.location();
    let mut finding = Finding::about(
        first.subject(case),
        format!(
            "{location} opens tickets with LocalService, which is nobody on the network. If Windows has no key for it, clients that hold a ticket for {spn} are prompted and get 401.1; no source says so for certain."
        ),
    );
    let says = format!("{location} opens tickets with LocalService");
    let from = acceptor_citations(first.endpoint);
    let seen = views
        .iter()
        .filter_map(|v| v.spn())
        .any(|spn| !scene.mismatches(spn).is_empty());
    finding = if seen {
        saw_mismatches(scene, views, finding.structure(says, &from))
    } else {
        finding.supporting(says, &from)
    };
    let machine = first.endpoint.host.map(|h| case.hosts.get(h).machine);
    match (first.holder(), machine) {
        (Some(holder), Some(machine))
            if case.accounts.compare(machine, holder.account) == Sameness::Same =>
        {
            let from = few(holder.from.clone(), 2);
            let says = format!("{spn} is held by the computer account");
            finding = if seen {
                finding.structure(says, &from)
            } else {
                finding.supporting(says, &from)
            };
        }
        (Some(holder), Some(_)) if seen => {
            finding = finding.or_else(
                "SPN-07",
                format!(
                    "{spn} is held by {}, whose key the server would not have anyway",
                    scene.shown(holder.account)
                ),
            );
        }
        _ if seen => finding = finding.lacks(Input::SpnQuery(spn.clone())),
        _ => {}
    }
    finding = if seen {
        finding.at_most(Status::Likely)
    } else {
        finding
            .at_most(Status::Possible)
            .lacks(Input::ClientSystemLog)
    };
    repair(scene, first, &spn, finding)
}

fn repair(scene: &Scene<'_>, view: &View<'_>, spn: &str, finding: Finding) -> Finding {
    let (server, location) = (view.endpoint.server, view.endpoint.location());
    let pool = view.pool_name();
    let machine = scene.case.acceptor_shown(view.endpoint, &Acceptor::Machine);
    let set = |switch| Change::Set(server, location.clone(), switch);
    let remedy = |mut fix: Vec<Step>| {
        fix.insert(0, p::backup());
        fix.extend(p::purge_and_retest());
        Remedy::of(fix)
            .verify(p::verify_kerberos(spn, &machine))
            .rollback(p::restore())
            .prevent(CAUSE.page.prevent)
    };
    finding
        .fix(
            remedy(p::accept_with_machine(&location, pool)),
            vec![
                set(Switch::UseAppPoolCredentials(false)),
                set(Switch::UseKernelMode(true)),
            ],
        )
        .fix(
            remedy(vec![
                Step::by_hand(format!("let pool {pool} run as ApplicationPoolIdentity"))
                    .risk("give the application's files to IIS AppPool\\<pool> first"),
                p::recycle(pool),
            ]),
            vec![set(Switch::Identity(PoolIdentity::ApplicationPool))],
        )
}
