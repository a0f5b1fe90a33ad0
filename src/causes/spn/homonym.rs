//! SPN-21: the SPN is on an account of the right name in the wrong domain.

use super::repair::move_to_acceptor;
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Finding, Input, LookAlike, Mismatch, Page, Scene, Status, Subject, View,
};
use crate::negotiate::{Stage, acceptor_citations};

/// SPN-21.
pub(crate) const CAUSE: Cause = Cause {
    id: "SPN-21",
    name: "spn-on-homonym-account",
    title: "SPN on an account of the same name in another domain",
    stage: Stage::Accept,
    page: Page {
        mechanism: "Two domains of the forest each have an account of the same name. The pool runs as one, the SPN was registered on the other. A glance at setspn shows the expected name, but the KDC seals tickets with the other account's key: KRB_AP_ERR_MODIFIED, a prompt, 401.1.",
        evidence: &[
            "setspn -F -Q HTTP/<name>: the DC= parts of the object are not the pool account's domain",
            "applicationHost.config: the domain in the pool's userName",
            "Security log of a domain controller: 4769 with status 0x0, the expected ServiceName and a ServiceSid of the other domain",
        ],
        look_alikes: &[
            LookAlike {
                cause: "SPN-07",
                told_apart_by: "there the holder has another name",
            },
            LookAlike {
                cause: "SPN-05",
                told_apart_by: "there holder and pool account are one account, and the computer account opens tickets",
            },
        ],
        ruled_out_by: "the same SID for the holder and the pool's account.",
        fix: &[
            "Compare the SIDs of the two accounts.",
            "Remove the SPN from the account of the other domain, register it on the account whose key opens tickets.",
            "Replicate, purge the user's tickets, try again.",
        ],
        verify: "setspn -F -Q HTTP/<name> shows the object of the right domain alone; klist get succeeds; no new Kerberos event 4.",
        rollback: "Move the SPN back.",
        prevent: "Name the domain in every setspn command, and compare SIDs, not names.",
        blind_spots: &["a domain whose short name the bundle does not pair with its DNS name"],
        versions: "Forests of several domains.",
        sources: &["Microsoft: setspn reference"],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    if !scene.has_config() {
        out.lack(Input::ApplicationHostConfig);
        return out;
    }
    let claimed = |v: &View<'_>| v.endpoint.name_is_tied() && v.mismatch == Some(Mismatch::Homonym);
    for (_, views) in scene.by_spn(claimed) {
        out.findings.extend(finding(scene, &views));
    }
    out.rule_out_matching(scene);
    out
}

fn finding(scene: &Scene<'_>, views: &[&View<'_>]) -> Option<Finding> {
    let first = views.first()?;
    let (spn, holder) = (first.spn()?, first.holder()?);
    let owner = scene.shown(holder.account);
    let pool = scene.shown(first.pool_account()?);
    let subject = Subject {
        account: Some(owner.to_owned()),
        ..first.subject(scene.case)
    };
    let mut finding = Finding::about(
        subject,
        format!(
            "{spn} is on {owner}. The pool runs as {pool}: the same name in another domain, so another account with another key. It cannot open the tickets: users are prompted and get 401.1."
        ),
    )
    .structure(format!("{spn} is registered on {owner}"), &few(holder.from.clone(), 2));
    for view in views {
        finding = finding.structure(
            format!("{} runs as {pool}", view.endpoint.location()),
            &acceptor_citations(view.endpoint),
        );
    }
    finding.structure.dedup();
    let short = |id| {
        let domain = scene.case.accounts.get(id).domain.as_deref();
        domain.is_none_or(|d| scene.case.accounts.is_paired(d))
    };
    if !short(holder.account) || !short(first.pool_account()?) {
        // That the short name of a domain is the first label of its DNS name is only usual.
        finding = finding.at_most(Status::Likely);
    }
    let finding = finding.saw_mismatches(scene, spn).saw_tickets(scene, spn);
    Some(move_to_acceptor(
        scene,
        finding,
        spn,
        &[holder.account],
        views,
        CAUSE.page.prevent,
    ))
}
