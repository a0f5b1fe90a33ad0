//! SPN-12: several servers answer to one name, and one server's computer account holds the SPN.

use super::repair::share;
use crate::case::{AccountKind, Spn, split_name};
use crate::causes::mismatch::{addresses_of, is_farm};
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Finding, Input, LookAlike, Mismatch, Page, Scene, Subject, View,
};
use crate::negotiate::{Acceptor, Stage, acceptor_citations};
use crate::readers::events::Body;

/// SPN-12.
pub(crate) const CAUSE: Cause = Cause {
    id: "SPN-12",
    name: "spn-farm-machine-account",
    title: "A farm's shared name is on one server's computer account",
    stage: Stage::Accept,
    page: Page {
        mechanism: "Several servers answer to one name, and each opens tickets with its own computer account. An SPN can have one holder only, so the KDC seals every ticket for one server. Behind the load balancer that server works and all others answer KRB_AP_ERR_MODIFIED: users are prompted at random. Registering the name on all of them makes a duplicate, and nobody gets Kerberos.",
        evidence: &[
            "applicationHost.config of two servers or more: the same host name, kernel mode or a built-in pool identity, useAppPoolCredentials false",
            "setspn -Q HTTP/<name>: one server's computer account",
            "System log of clients: Kerberos event 4 for HTTP/<name>, now and then, naming different servers",
        ],
        look_alikes: &[
            LookAlike {
                cause: "SPN-02",
                told_apart_by: "there several accounts hold the name, and no client gets a ticket",
            },
            LookAlike {
                cause: "CFG-15",
                told_apart_by: "there all servers are meant to share one account, and one server's configuration differs",
            },
            LookAlike {
                cause: "SPN-07",
                told_apart_by: "there the holder is no server behind the name any more",
            },
        ],
        ruled_out_by: "all servers behind the name open tickets with one shared domain account.",
        fix: &[
            "Choose one domain account for all servers, best a gMSA that each may fetch.",
            "Remove the SPN from the computer account: clients degrade to NTLM meanwhile.",
            "Server by server, out of rotation: give the pool that account and set useAppPoolCredentials to true.",
            "When all are ready, register the SPN on the shared account; replicate, purge, try again.",
        ],
        verify: "Call each server by the shared name through a hosts file: 4624 of type 3 shows Kerberos on every one.",
        rollback: "Put the SPN back on the first server's computer account and drain the others.",
        prevent: "Build farms from a template with one gMSA and useAppPoolCredentials true.",
        blind_spots: &[
            "servers behind the name whose configuration is not in the bundle",
            "which server the load balancer sent a client to",
        ],
        versions: "All supported versions.",
        sources: &[
            "Microsoft: <windowsAuthentication> element of IIS (web farms)",
            "Microsoft: Application pool identities and Kerberos in web farms",
        ],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    if !scene.has_config() {
        out.lack(Input::ApplicationHostConfig);
        return out;
    }
    for (spn, views) in scene.by_spn(|v| v.endpoint.name_is_tied() && v.path.answer.is_some()) {
        let nodes: Vec<&View<'_>> = views
            .iter()
            .copied()
            .filter(|v| v.acceptor() == Some(&Acceptor::Machine))
            .filter(|v| v.mismatch != Some(Mismatch::FrontEnd))
            .collect();
        let holder = views.first().and_then(|v| v.holder());
        let on_computer = holder
            .is_some_and(|h| scene.case.accounts.get(h.account).kind == AccountKind::Computer);
        if is_farm(&nodes) && on_computer {
            out.findings.extend(finding(scene, &spn, &nodes));
        } else if let Some((says, from)) = scene.one_acceptor_everywhere(&spn, &views) {
            out.rule_out(says, &from);
        }
    }
    if scene.case.servers.len() < 2 && is_one_of_several(scene) {
        out.lack(Input::OtherFarmNodes);
    }
    out
}

/// Whether anything points at other servers behind the name than the one of the bundle: several addresses, a proxy that all
/// users come through, a shared
/// configuration, a computer that holds the name and is not this server.
fn is_one_of_several(scene: &Scene<'_>) -> bool {
    let case = scene.case;
    let mut names = scene.views.iter().map(|v| v.endpoint.name.as_str());
    let several = |name: &str| {
        let mut addresses = addresses_of(case, name);
        addresses.sort_unstable();
        addresses.dedup();
        addresses.len() > 1
    };
    let stranger = |v: &View<'_>| {
        v.mismatch == Some(Mismatch::OnOther)
            && v.holder()
                .is_some_and(|h| case.accounts.get(h.account).kind == AccountKind::Computer)
    };
    case.redirections.iter().any(|r| r.enabled)
        || scene.views.iter().any(stranger)
        || case
            .logged_sites
            .iter()
            .any(|site| !site.shared_addresses().is_empty())
        || names.any(several)
}

fn finding(scene: &Scene<'_>, spn: &Spn, nodes: &[&View<'_>]) -> Option<Finding> {
    let first = nodes.first()?;
    let holder = first.holder()?;
    let owner = scene.shown(holder.account);
    let mut servers: Vec<&str> = nodes
        .iter()
        .map(|v| scene.case.server(v.endpoint).label.as_str())
        .collect();
    servers.sort_unstable();
    servers.dedup();
    let subject = Subject {
        account: Some(owner.to_owned()),
        host: Some(servers.join(", ")),
        ..first.subject(scene.case)
    };
    let mut finding = Finding::about(
        subject,
        format!(
            "{} answer to {}, each with its own computer account. {spn} is on {owner}, so tickets open on one server at most: on the others users are prompted and get 401.1.",
            servers.join(" and "),
            first.endpoint.name
        ),
    )
    .structure(format!("{spn} is registered on {owner}"), &few(holder.from.clone(), 2));
    for view in nodes {
        let server = &scene.case.server(view.endpoint).label;
        let mut from = vec![view.endpoint.binding.clone()];
        from.extend(acceptor_citations(view.endpoint));
        finding = finding.structure(
            format!(
                "{server} answers to {} with its computer account",
                first.endpoint.name
            ),
            &from,
        );
    }
    finding.structure.dedup();
    finding = finding.saw_mismatches(scene, spn);
    let rejecting = rejecting_servers(scene, spn);
    if rejecting.len() > 1 {
        let names: Vec<&str> = rejecting.iter().map(|(n, _)| n.as_str()).collect();
        finding = finding.supporting(
            format!(
                "different servers rejected tickets for it: {}",
                names.join(", ")
            ),
            &rejecting
                .iter()
                .map(|(_, c)| c.clone())
                .take(3)
                .collect::<Vec<_>>(),
        );
    }
    if nodes.iter().any(|v| v.endpoint.host.is_none()) {
        // Two files of one server would look the same.
        finding = finding.lacks(Input::ServerName);
    }
    Some(share(
        scene,
        finding,
        spn,
        &[holder.account],
        nodes,
        CAUSE.page.prevent,
    ))
}

/// The servers that Kerberos event 4 names for the SPN, each with its first record.
fn rejecting_servers(scene: &Scene<'_>, spn: &Spn) -> Vec<(String, crate::evidence::Citation)> {
    let mut seen = std::collections::BTreeMap::new();
    for (event, mismatch) in scene.case.pick(|b| match b {
        Body::KeyMismatch(e) => Some(e),
        _ => None,
    }) {
        let target = mismatch.target_name.as_deref().unwrap_or_default();
        if let (true, Some(server)) = (Spn::new(target) == *spn, &mismatch.server) {
            seen.entry(split_name(server).1)
                .or_insert_with(|| event.citation.clone());
        }
    }
    seen.into_iter().collect()
}
