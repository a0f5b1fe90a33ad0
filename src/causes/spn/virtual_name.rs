//! SPN-20: the name is a cluster's, and its virtual computer account holds it.

use super::repair::share;
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Finding, Input, LookAlike, Mismatch, Page, Scene, Status, Subject, View,
};
use crate::negotiate::{Stage, acceptor_citations};

/// SPN-20.
pub(crate) const CAUSE: Cause = Cause {
    id: "SPN-20",
    name: "spn-on-cluster-name",
    title: "The name is a cluster's, whose virtual computer account holds it",
    stage: Stage::Accept,
    page: Page {
        mechanism: "A failover cluster makes a computer account for each network name and registers HOST/<name> on it, which covers HTTP/<name>. Tickets for the site are sealed with the key of that virtual account. IIS on a node opens them with the node's own computer account or with the pool's: neither has that key. The cluster lends the key to the system of the node that owns the name, so it may work there in kernel mode; on any other node, or with a pool account as acceptor, tickets cannot be opened.",
        evidence: &[
            "setspn -Q HOST/<name>: a computer account of that name, which no node has; it holds MSClusterVirtualServer/<name> too",
            "Security log of a domain controller: 4769 with ServiceName <NAME>$",
            "Kerberos event 4 on clients, above all after a fail-over",
        ],
        look_alikes: &[
            LookAlike {
                cause: "SPN-12",
                told_apart_by: "there the holder is the computer account of one of the servers",
            },
            LookAlike {
                cause: "SPN-07",
                told_apart_by: "there the holder is an account of the past",
            },
        ],
        ruled_out_by: "HTTP/<name> registered explicitly on the one account that opens tickets on all nodes.",
        fix: &[
            "Choose one domain account for all nodes, best a gMSA that each may fetch.",
            "Node by node: give the pool that account and set useAppPoolCredentials to true.",
            "Register HTTP/<name>, short and full, on that account: an explicit SPN wins over HOST, so the cluster's account may keep its own.",
            "Replicate, purge tickets, test every node, and once after a fail-over.",
        ],
        verify: "4769 shows the shared account as ServiceName; 4624 of type 3 shows Kerberos on each node after a fail-over.",
        rollback: "Remove HTTP/<name> from the shared account.",
        prevent: "Load balance IIS and use one shared account; do not publish sites under cluster names.",
        blind_spots: &["which node owns the name, and whether the cluster lent it the key"],
        versions: "Windows Server with failover clustering.",
        sources: &[
            "Microsoft: cluster network names and Kerberos (KB302389); that no node opens the tickets is reasoned",
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
    let claimed = |v: &View<'_>| v.endpoint.name_is_tied() && v.mismatch == Some(Mismatch::Virtual);
    for (_, views) in scene.by_spn(claimed) {
        out.findings.extend(finding(scene, &views));
    }
    out.rule_out_matching(scene);
    for view in scene.negotiating().filter(|v| v.holder().is_none()) {
        if let Some(spn) = view.spn() {
            out.lack(Input::SpnQuery(spn.with_class("HOST").to_string()));
        }
    }
    out
}

fn finding(scene: &Scene<'_>, views: &[&View<'_>]) -> Option<Finding> {
    let first = views.first()?;
    let (spn, holder) = (first.spn()?, first.holder()?);
    let owner = scene.shown(holder.account);
    let subject = Subject {
        account: Some(owner.to_owned()),
        ..first.subject(scene.case)
    };
    let directory = &scene.case.situation.directory;
    let cluster = directory.of_account(holder.account, &scene.case.accounts);
    let cluster = cluster.filter(|r| r.spn.class().to_lowercase().starts_with("ms"));
    let mut finding = Finding::about(
        subject,
        format!(
            "{} is a name of a cluster: {owner} holds it through HOST. IIS opens tickets with {}, which has another key: on nodes that the cluster did not lend its key, users are prompted and get 401.1.",
            first.endpoint.name,
            first.acceptor_shown(scene.case)
        ),
    )
    .structure(format!("{owner} holds {}", spn.with_class("HOST")), &few(holder.from.clone(), 2))
    .structure(format!("{owner} is the account of a cluster's name"), &few(cluster.map(|r| r.from.clone()).collect(), 1));
    for view in views {
        finding = finding.structure(
            format!(
                "{} accepts tickets with {}",
                view.endpoint.location(),
                view.acceptor_shown(scene.case)
            ),
            &acceptor_citations(view.endpoint),
        );
    }
    finding.structure.dedup();
    finding = finding.saw_mismatches(scene, spn).saw_tickets(scene, spn);
    // The node that owns the name may open the tickets after all: only a refusal shows that it did not.
    finding = finding.at_most(if scene.mismatches(spn).is_empty() {
        Status::Possible
    } else {
        Status::Likely
    });
    Some(share(scene, finding, spn, &[], views, CAUSE.page.prevent))
}
