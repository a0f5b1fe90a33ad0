//! CFG-15: servers behind one host name are configured differently.

mod values;

use std::collections::{BTreeMap, BTreeSet};

use self::values::values;
use super::{has_server, places};
use crate::case::ServerId;
use crate::causes::Mismatch;
use crate::causes::mismatch::opened_elsewhere;
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Subject, View,
};
use crate::evidence::Citation;
use crate::negotiate::{KeyMatch, Stage};
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step, commands as c};

/// CFG-15.
pub(crate) const CAUSE: Cause = Cause {
    id: "CFG-15",
    name: "farm-configuration-drift",
    title: "Servers behind one host name are configured differently",
    stage: Stage::Challenge,
    page: Page {
        mechanism: "Several servers answer to one name, and each has its own configuration. Where one of them differs (scheme, providers, kernel mode, whose key opens tickets, the pool's account), the same user gets in or not, by Kerberos or NTLM, depending on which server the load balancer picks.",
        evidence: &[
            "applicationHost.config of two servers: the same host name and application, different values",
            "IIS logs: failures on one s-ip and none on the other",
        ],
        look_alikes: &[
            LookAlike {
                cause: "SPN-12",
                told_apart_by: "there the servers are configured alike, and each opens tickets with its own computer account",
            },
            LookAlike {
                cause: "SPN-07",
                told_apart_by: "there the server whose account holds the SPN is out of service",
            },
        ],
        ruled_out_by: "the same values in force on every server that answers to the name.",
        fix: &[
            "Decide which server is right: the one that works.",
            "Set the same values on the others, one server at a time, out of rotation.",
            "Or let the servers share one configuration.",
        ],
        verify: "Each server, addressed by the shared name (hosts file or load balancer), gives the same challenge and the same logon.",
        rollback: "Restore the configuration backup of the server that was changed.",
        prevent: "Share the configuration, or compare the servers after each change.",
        blind_spots: &["servers behind the name that the bundle does not hold"],
        versions: "IIS 7.0 to 10.",
        sources: &[
            "Reasoned from the settings themselves; no document of Microsoft describes it as a cause",
        ],
    },
    assess,
};

/// The applications that several servers serve under one name, by name, scheme, port and path: one endpoint a server.
fn shared<'s, 'a>(
    scene: &'s Scene<'a>,
) -> BTreeMap<(String, String, u16, String), BTreeMap<ServerId, &'s View<'a>>> {
    let mut shared: BTreeMap<_, BTreeMap<ServerId, &View<'_>>> = BTreeMap::new();
    for view in &scene.views {
        let e = view.endpoint;
        // Another data centre, in another domain, is not meant to be alike (NAME-11).
        let elsewhere = scene
            .views
            .iter()
            .any(|v| v.endpoint.name == e.name && v.mismatch == Some(Mismatch::OtherAddress));
        let named = !e.name.is_empty() && e.name_is_tied() && !e.is_own_name() && !elsewhere;
        let config = &scene.case.server(e).config;
        // The missing part of a cut file may hold the same values.
        if named && config.complete && !config.iis_express {
            let key = (
                e.name.clone(),
                e.scheme.clone(),
                e.port,
                e.application.to_lowercase(),
            );
            shared.entry(key).or_default().insert(e.server, view);
        }
    }
    shared.retain(|_, servers| servers.len() > 1);
    shared
}

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    if !has_server(scene) {
        out.lack(Input::ApplicationHostConfig);
        return out;
    }
    let mut by_name: BTreeMap<String, Vec<Vec<&View<'_>>>> = BTreeMap::new();
    for ((name, ..), servers) in shared(scene) {
        by_name
            .entry(name)
            .or_default()
            .push(servers.into_values().collect());
    }
    for (name, applications) in &by_name {
        match finding(scene, name, applications) {
            Some(finding) => out.find(finding),
            // Those that are here agree and open the tickets, and somebody's were not opened: by a server that is not here.
            None if applications.iter().flatten().any(|v| is_refused(scene, v)) => {
                out.lack(Input::OtherFarmNodes);
            }
            None => {
                let views = applications.iter().flatten();
                let from: Vec<Citation> = views
                    .flat_map(|v| places(scene, v, &v.endpoint.settings.windows.enabled))
                    .collect();
                out.rule_out(
                    format!("the servers behind {name} have the same values in force"),
                    &few(from, 4),
                );
            }
        }
    }
    out
}

/// Whether clients' tickets for the name could not be opened, although this server has the key.
fn is_refused(scene: &Scene<'_>, view: &View<'_>) -> bool {
    view.path.key_match == KeyMatch::Match
        && view
            .spn()
            .is_some_and(|spn| !scene.mismatches(spn).is_empty())
}

fn finding(scene: &Scene<'_>, name: &str, applications: &[Vec<&View<'_>>]) -> Option<Finding> {
    let label = |v: &View<'_>| scene.case.server(v.endpoint).label.as_str();
    let first: &View<'_> = applications.first()?.first()?;
    let mut finding = Finding::about(
        Subject {
            site: Some(first.endpoint.site.clone()),
            host_name: Some(name.to_owned()),
            ..Subject::default()
        },
        String::new(),
    );
    let (mut whats, mut hosts, mut decides) = (BTreeSet::new(), BTreeSet::new(), false);
    for views in applications {
        let Some((one, others)) = views.split_first() else {
            continue;
        };
        let of_one = values(scene, one);
        for other in others {
            for theirs in values(scene, other) {
                let ours = of_one.iter().find(|v| v.what == theirs.what);
                let Some(ours) = ours.filter(|ours| ours.differs(&theirs, scene)) else {
                    continue;
                };
                whats.insert(theirs.what);
                hosts.extend([label(one), label(other)]);
                decides |= theirs.decides;
                let mut from = few(ours.from.clone(), 2);
                from.extend(few(theirs.from.clone(), 2));
                finding = finding.structure(
                    format!(
                        "{} for {}: {} on {}, {} on {}",
                        theirs.what,
                        one.endpoint.location(),
                        or_none(&ours.shown),
                        label(one),
                        or_none(&theirs.shown),
                        label(other)
                    ),
                    &from,
                );
            }
        }
    }
    if whats.is_empty() {
        return None;
    }
    let whats: Vec<&str> = whats.into_iter().collect();
    let hosts: Vec<&str> = hosts.into_iter().collect();
    finding.explanation = format!(
        "{} answer to {name} with different settings: {}. Users get one or the other, as the load balancer, or DNS, picks.",
        hosts.join(" and "),
        whats.join(", ")
    );
    // The account of a pool whose key is not used decides nothing; and no record here says which server failed.
    finding = finding.at_most(if decides {
        Status::Likely
    } else {
        Status::Possible
    });
    if applications
        .iter()
        .flatten()
        .any(|v| v.endpoint.host.is_none())
    {
        // Two files of one server would look the same.
        finding = finding.lacks(Input::ServerName);
    }
    let refusing = applications.iter().flatten();
    let refusing: Vec<&View<'_>> = (refusing.copied())
        .filter(|v| v.mismatch == Some(Mismatch::Drift))
        .collect();
    let mut fix = vec![p::backup()];
    if let Some(view) = refusing.first() {
        finding = refuses_tickets(scene, finding, view);
        let right = opened_elsewhere(view, scene.views.iter()).next();
        fix.extend(right.map(|right| as_on(scene, right, view)));
    }
    let location = first.endpoint.location();
    let section = "system.webServer/security/authentication/windowsAuthentication";
    let look = |says: &str| Step::run(c::appcmd_list_section(&location, section), says);
    fix.insert(
        1,
        look("note the values in force on each server, side by side"),
    );
    if refusing.is_empty() {
        fix.push(
            Step::by_hand("decide which server is right, and set its values on the others, one at a time and out of rotation")
                .stop_if("the server that is changed was the one that works"),
        );
    }
    let remedy = Remedy::of(fix)
        .verify(vec![look("on each server: the same values")])
        .rollback(vec![
            Step::run(
                c::appcmd_restore_backup("why401"),
                "restore the configuration of the server that was changed",
            )
            .risk("IIS restarts: every site of that server is interrupted"),
        ])
        .prevent(CAUSE.page.prevent);
    Some(finding.fix(remedy, Vec::new()))
}

/// One of the servers cannot open the tickets that another one opens.
fn refuses_tickets(scene: &Scene<'_>, mut finding: Finding, view: &View<'_>) -> Finding {
    let (Some(spn), Some(holder)) = (view.spn(), view.holder()) else {
        return finding;
    };
    let server = &scene.case.server(view.endpoint).label;
    finding.subject.spn = Some(spn.to_string());
    finding.subject.host = Some(server.clone());
    finding.explanation.push_str(&format!(
        " {spn} is on {}, whose key {server} does not use: there users are prompted and get 401.1.",
        scene.shown(holder.account)
    ));
    finding.saw_mismatches(scene, spn)
}

/// Giving the server that refuses what the one that works has.
fn as_on(scene: &Scene<'_>, right: &View<'_>, wrong: &View<'_>) -> Step {
    let label = |v: &View<'_>| scene.case.server(v.endpoint).label.as_str();
    let (right_label, wrong_label) = (label(right), label(wrong));
    Step::by_hand(format!(
        "take {wrong_label} out of rotation, and give {} there the pool's identity, useKernelMode and useAppPoolCredentials that it has on {right_label}, whose key opens the tickets",
        wrong.endpoint.location()
    ))
    .stop_if(format!(
        "{right_label} is the one to be retired: then move the SPN to the account of {wrong_label} when that is done"
    ))
}

fn or_none(shown: &str) -> &str {
    if shown.is_empty() { "none" } else { shown }
}
