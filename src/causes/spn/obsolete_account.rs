//! SPN-07: the SPN is on an account that has nothing to do with the application any more.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;

use super::repair::move_to_acceptor;
use super::two_forests;
use crate::case::{AccountId, AccountKind, Sameness, split_name};
use crate::causes::mismatch::{addresses_of, opened_elsewhere};
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Finding, Ground, Input, LookAlike, Mismatch, Page, Scene, Status, Subject,
    View,
};
use crate::negotiate::{Acceptor, Answer, Stage, acceptor_citations};
use crate::readers::events::Body;

/// SPN-07.
pub(crate) const CAUSE: Cause = Cause {
    id: "SPN-07",
    name: "spn-on-obsolete-account",
    title: "SPN on an account that no longer runs the application",
    stage: Stage::Accept,
    page: Page {
        mechanism: "The application was given another account or another server (a new service account, a gMSA), and the SPN stayed where it was. The KDC seals tickets with the old account's key. Neither the pool's account nor the computer account has that key: KRB_AP_ERR_MODIFIED, a prompt, 401.1.",
        evidence: &[
            "setspn -Q HTTP/<name>: an account that is neither the pool's nor the server's",
            "IIS-Configuration/Operational 29: the pool's userName changed",
            "System log of a client: Kerberos event 4 for HTTP/<name>",
            "Security log of a domain controller: 4769 with status 0x0 and the old account as ServiceName",
        ],
        look_alikes: &[
            LookAlike {
                cause: "SPN-05",
                told_apart_by: "there the holder is the pool's present account, and the computer account opens tickets",
            },
            LookAlike {
                cause: "SPN-12",
                told_apart_by: "there the holder is the computer account of another server behind the same name",
            },
            LookAlike {
                cause: "SPN-21",
                told_apart_by: "there the holder has the pool account's name, in another domain",
            },
            LookAlike {
                cause: "SPN-04",
                told_apart_by: "there the name is the server's own",
            },
            LookAlike {
                cause: "CFG-15",
                told_apart_by: "there the holder runs the application on another server behind the name, which is in service",
            },
        ],
        ruled_out_by: "the account whose key opens tickets holds the SPN.",
        fix: &[
            "Note the present SPNs, and look at what else the old account holds.",
            "Remove the SPN from the old account, register it on the account whose key opens tickets.",
            "Replicate, purge the user's tickets, try again.",
        ],
        verify: "setspn -F -Q HTTP/<name> shows the right account alone; klist get succeeds; no new Kerberos event 4.",
        rollback: "Move the SPN back.",
        prevent: "Move the SPN in the same change that gives an application another account.",
        blind_spots: &[
            "an account name that differs from the common name that setspn prints",
            "other services that still use the old account",
        ],
        versions: "All supported versions.",
        sources: &[
            "Microsoft: Kerberos generates KRB_AP_ERR_MODIFIED error",
            "Microsoft: Service principal names (moving an SPN)",
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
    let claimed = |v: &View<'_>| {
        v.endpoint.name_is_tied()
            && v.mismatch == Some(Mismatch::OnOther)
            && !super::dead_holder::claims(scene, v)
    };
    for (_, views) in scene.by_spn(claimed) {
        out.findings.extend(finding(scene, &views));
    }
    out.findings
        .extend(super::moved::repaired(scene, Mismatch::OnOther));
    out.rule_out_matching(scene);
    for view in scene.negotiating() {
        if let (Some(Answer::Unknown), Some(spn)) = (&view.path.answer, view.spn()) {
            out.lack(Input::SpnQuery(spn.to_string()));
        }
    }
    out
}

fn finding(scene: &Scene<'_>, views: &[&View<'_>]) -> Option<Finding> {
    let first = views.first()?;
    let (spn, holder) = (first.spn()?, first.holder()?);
    let owner = scene.shown(holder.account);
    let acceptor = first.acceptor_shown(scene.case);
    let subject = Subject {
        account: Some(owner.to_owned()),
        ..first.subject(scene.case)
    };
    let may_run_it = |v: &&View<'_>| {
        let pool = v.endpoint.pool.as_ref().and_then(|p| p.identity.account());
        pool.is_some_and(|p| scene.case.accounts.compare(p, holder.account) == Sameness::Unknown)
    };
    let elsewhere = opened_elsewhere(first, scene.views.iter()).next();
    let elsewhere = elsewhere.map(|v| scene.case.server(v.endpoint).label.as_str());
    let stranger = if let Some(server) = elsewhere {
        format!("runs the application on {server}, not here")
    } else if views.iter().any(may_run_it) {
        "is not the server (whether it is the pool's account, the bundle does not show)".to_owned()
    } else {
        "neither runs the application nor is the server".to_owned()
    };
    let mut finding = Finding::about(
        subject,
        format!(
            "{spn} is on {owner}, which {stranger}. The KDC seals tickets with its key; {acceptor}, whose key opens tickets here, cannot open them: users are prompted and get 401.1."
        ),
    )
    .structure(format!("{spn} is registered on {owner}"), &few(holder.from.clone(), 2));
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
    let disabled = scene
        .case
        .state_of(holder.account, |state| state.is_disabled());
    if let Some(disabled) = disabled.present().filter(|disabled| disabled.value) {
        let says = format!("the directory, when it was listed, showed {owner} disabled");
        finding = finding.supporting(says, &few(disabled.from.clone(), 1));
    }
    finding.onset = changed_from(scene, holder.account);
    let known_by_name = is_account_name(scene, holder.account);
    if views.iter().any(|v| v.is_presumed()) && finding.onset.is_none() && !known_by_name {
        // The two differ by the common name only, which need not be the account name.
        finding = finding.at_most(Status::Likely);
    }
    let machine = first.acceptor() == Some(&Acceptor::Machine);
    let computer = scene.case.accounts.get(holder.account).kind == AccountKind::Computer;
    if computer && !machine && !leads_here(scene, first) {
        finding = finding
            .or_else(
                "SPN-22",
                "the holder may be a proxy or balancer that clients reach under the name",
            )
            .lacks(Input::Dns(spn.host()));
    }
    if machine && computer {
        finding = finding
            .or_else(
                "SPN-12",
                "the holder may be another server behind the same name, of which the bundle holds nothing",
            )
            .lacks(Input::OtherFarmNodes);
    }
    if elsewhere.is_none() && leads_elsewhere(scene, first) {
        finding = finding
            .or_else(
                "CFG-15",
                "DNS gives the name several addresses, and the holder may run the application at one of which the bundle holds nothing",
            )
            .lacks(Input::OtherFarmNodes);
    }
    if let Some(server) = elsewhere {
        finding = finding.or_else(
            "CFG-15",
            format!("tickets open on {server}, and whether it still serves the name the bundle does not show"),
        );
    }
    if two_forests::is_open(scene, first, holder.account) {
        finding = finding
            .or_else(
                "SPN-15",
                "the holder is of another forest, and nobody looked who holds the name in the web server's own",
            )
            .lacks(Input::SpnQueryAtServer(spn.to_string()));
    }
    Some(move_to_acceptor(
        scene,
        finding,
        spn,
        &[holder.account],
        views,
        CAUSE.page.prevent,
    ))
}

/// Whether DNS leads clients to the endpoint's own machine, as far as its addresses are known.
fn leads_here(scene: &Scene<'_>, view: &View<'_>) -> bool {
    let reached = addresses_of(scene.case, &view.endpoint.name);
    view.endpoint
        .host
        .is_some_and(|host| reached.iter().any(|ip| scene.case.is_at(host, ip)))
}

/// Whether DNS gives the name several addresses, of which one is no server's that the bundle knows to answer to it. Only IPv4:
/// a machine has one of either kind.
fn leads_elsewhere(scene: &Scene<'_>, view: &View<'_>) -> bool {
    let mut reached = addresses_of(scene.case, &view.endpoint.name);
    reached.retain(|ip| ip.parse::<Ipv4Addr>().is_ok());
    reached.sort_unstable();
    reached.dedup();
    let peers = scene.views.iter().filter(|v| v.spn() == view.spn());
    let hosts: BTreeSet<_> = peers.filter_map(|v| v.endpoint.host).collect();
    let is_known = |ip: &&str| hosts.iter().any(|host| scene.case.is_at(*host, ip));
    reached.len() > 1 && !reached.iter().all(is_known)
}

/// The change of a pool's user that left this account behind.
fn changed_from(scene: &Scene<'_>, account: AccountId) -> Option<Ground> {
    let name = scene.case.accounts.get(account).bare_name().to_lowercase();
    let mut last_first = scene.config_changes.iter().rev();
    last_first
        .find(|(_, c)| {
            let of_pool = c
                .configuration
                .as_deref()
                .is_some_and(|p| p.to_lowercase().contains("processmodel"));
            let old = c.old_value.as_deref().map(|v| split_name(v).1);
            of_pool && old.as_deref() == Some(name.as_str())
        })
        .map(|(event, c)| Ground {
            says: format!(
                "a pool that ran as {} was given {}",
                c.old_value.as_deref().unwrap_or_default(),
                c.new_value.as_deref().unwrap_or("another account")
            ),
            from: vec![event.citation.clone()],
        })
}

/// Whether an event names the holder by the same account name: then its common name is its account name.
fn is_account_name(scene: &Scene<'_>, account: AccountId) -> bool {
    let name = scene.case.accounts.get(account).bare_name();
    scene
        .case
        .pick(|b| match b {
            Body::ServiceTicketRequest(e) if e.status == Some(0) => e.service_name.as_deref(),
            Body::AccountChanged(e) => e.target.name.as_deref(),
            _ => None,
        })
        .any(|(_, seen)| {
            seen.trim_end_matches('$')
                .eq_ignore_ascii_case(name.trim_end_matches('$'))
        })
}
