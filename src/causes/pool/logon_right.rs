//! POOL-04: the account of an application pool may not log on as a batch job or as a service.

use super::failure::{FailedPool, Refusal, Why};
use crate::case::{Case, PoolIdentity};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Ground, Input, LookAlike, Page, Scene};
use crate::evidence::{Cited, Known};
use crate::negotiate::{Stage, origin_of};
use crate::readers::events::Body;
use crate::readers::iis_config::Pool;
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step};

/// POOL-04.
pub(crate) const CAUSE: Cause = Cause {
    id: "POOL-04",
    name: "pool-account-lacks-logon-right",
    title: "Application pool does not start: its account may not log on as a batch job or service",
    stage: Stage::Request,
    page: Page {
        mechanism: "WAS logs on as the pool's account with a batch logon (or a service logon, where logonType says so). The right comes through the group IIS_IUSRS, which IIS adds by itself unless manualGroupMembership is true. A policy that lists the right without the group, or denies it, makes the logon fail although the password is right. WAS disables the pool, and users get 503, not 401.",
        evidence: &[
            "System log of the web server: WAS 5021, 5057, 5059 naming the pool",
            "Security log of the web server: 4625 of type 4 or 5 for the pool's account with 0xC000015B",
            "Security log of the web server: 4718 takes SeBatchLogonRight away, 4717 gives SeDenyBatchLogonRight",
            "secedit /export: SeBatchLogonRight, SeDenyBatchLogonRight",
        ],
        look_alikes: &[
            LookAlike {
                cause: "AC-07",
                told_apart_by: "there a user lacks the right to log on over the network: 4625 of type 3",
            },
            LookAlike {
                cause: "POOL-01",
                told_apart_by: "there the refusal names the password: 0xC000006A, 0xC000006D",
            },
            LookAlike {
                cause: "POOL-03",
                told_apart_by: "there the refusal names the state of the account",
            },
        ],
        ruled_out_by: "a refusal of the pool's account for another reason.",
        fix: &[
            "Find the policy that sets the right (gpresult /h) and what it denies.",
            "Give the right to IIS_IUSRS or the account in that policy, or take the account out of the deny list.",
            "Refresh the policy and start the pool.",
        ],
        verify: "The pool has a worker process, 4625 of type 4 or 5 stops, the site answers 200 or 401 instead of 503.",
        rollback: "Restore the former version of the policy.",
        prevent: "Let the hardening baseline list IIS_IUSRS for batch logons on web servers.",
        blind_spots: &["which policy sets the right: the events name the right only"],
        versions: "IIS 7.0 and later.",
        sources: &[
            "Microsoft: processModel element of IIS (logonType, manualGroupMembership)",
            "Microsoft: 4625, an account failed to log on",
        ],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let pools = FailedPool::all(scene);
    for pool in &pools {
        let refused = pool.refused(&[Why::Right]);
        if !refused.is_empty() {
            out.find(finding(scene, pool, &refused));
        } else if let Some(other) = pool.refused_otherwise(scene.case) {
            out.ruled_out.push(other);
        } else if pool
            .identity()
            .is_none_or(|i| i.account().is_some() || matches!(i, PoolIdentity::Local(_)))
        {
            let rights = may_log_on(scene.case, pool);
            if let Known::Present(held) = rights {
                let says = format!(
                    "IIS_IUSRS may log on as a batch job on {}, and nobody is denied it",
                    pool.server(scene.case)
                );
                out.rule_out(says, &few(held.from, 2));
                continue;
            }
            out.lack(Input::ServerSecurityLog);
            if rights.is_unknown() {
                out.lack(Input::LogonRights);
            }
        }
    }
    if pools.is_empty() {
        super::lack_system_log(scene, &mut out, |i| i.account().is_some());
    }
    out
}

/// IIS_IUSRS, which IIS puts the accounts of pools into.
const IIS_IUSRS: &str = "S-1-5-32-568";

/// Whether the rights in force let the accounts of pools log on as a batch job, which is how they do unless the pool says
/// otherwise: absent where IIS_IUSRS has no right to, or somebody is denied it.
fn may_log_on(case: &Case, pool: &FailedPool<'_, '_>) -> Known<()> {
    let Some(machine) = case.machine(Some(pool.host)) else {
        return Known::Unknown;
    };
    let configured = configured(case, pool);
    let usual = configured.is_some_and(|p| {
        !p.manual_group_membership.value && p.logon_type.value.eq_ignore_ascii_case("LogonBatch")
    });
    let denied = match machine.right("SeDenyBatchLogonRight") {
        Known::Present(denied) if !denied.value.is_empty() => return Known::Absent(denied.from),
        Known::Present(nobody) => nobody.from,
        Known::Absent(from) => from,
        Known::Unknown => return Known::Unknown,
    };
    match machine.right("SeBatchLogonRight") {
        Known::Present(held) if held.value.iter().any(|h| h == IIS_IUSRS) && usual => {
            let from = held.from.into_iter().chain(denied).collect();
            Known::Present(Cited { value: (), from })
        }
        Known::Present(held) => Known::Absent(held.from),
        Known::Absent(from) => Known::Absent(from),
        Known::Unknown => Known::Unknown,
    }
}

/// The pool's configuration, where the bundle holds it.
fn configured<'s>(case: &'s Case, pool: &FailedPool<'_, 's>) -> Option<&'s Pool> {
    let server = case.server(pool.view?.endpoint);
    let mut pools = server.config.pools.iter();
    pools.find(|p| p.name.eq_ignore_ascii_case(&pool.name))
}

fn finding(scene: &Scene<'_>, pool: &FailedPool<'_, '_>, refused: &[&Refusal<'_>]) -> Finding {
    let case = scene.case;
    let account = pool.account(case);
    let configured = configured(case, pool);
    let service =
        configured.is_some_and(|p| p.logon_type.value.eq_ignore_ascii_case("LogonService"));
    let (kind, right) = if service {
        ("as a service", "SeServiceLogonRight")
    } else {
        ("as a batch job", "SeBatchLogonRight")
    };
    let mut finding = pool.finding(
        scene,
        format!(
            "Pool {} on {} runs as {account}, which may not log on {kind} there: the password is right, the logon right is missing or denied. WAS cannot start the pool, so users get 503, not 401.",
            pool.name,
            pool.server(case)
        ),
        refused,
    );
    if let Some(by_hand) = configured.filter(|p| p.manual_group_membership.value) {
        finding = finding.supporting(
            "manualGroupMembership is true: IIS does not put the account into IIS_IUSRS",
            &origin_of(&by_hand.manual_group_membership),
        );
    }
    let deny = right.replace("Se", "SeDeny");
    for (name, says) in [(right, "may"), (deny.as_str(), "are denied it")] {
        let listed = case.machine(Some(pool.host)).map(|m| m.right(name));
        if let Some(Known::Present(list)) = listed {
            let says = format!(
                "{name} on {}: {} accounts or groups {says}",
                pool.server(case),
                list.value.len()
            );
            finding = finding.supporting(says, &few(list.from, 1));
        }
    }
    finding.onset = right_changed(scene, pool, refused);
    let fix = vec![
        Step::by_hand(format!(
            "on the server: gpresult /h rights.html, and secedit /export /areas USER_RIGHTS: who has {right}, and who is denied it"
        )),
        Step::by_hand(format!(
            "in the policy that sets it: give {right} to IIS_IUSRS or {account}, and take {account} and its groups out of the deny list"
        ))
        .risk("the policy applies to every machine it is linked to: narrow it to the web servers"),
        Step::by_hand("gpupdate /force on the server"),
        p::start_pool(&pool.name),
    ];
    let remedy = Remedy::of(fix)
        .verify(p::verify_pool(&pool.name))
        .rollback(vec![Step::by_hand(CAUSE.page.rollback)])
        .prevent(CAUSE.page.prevent);
    finding.fix(remedy, Vec::new())
}

/// The last change of a batch or service logon right on the server before the first refusal.
fn right_changed(
    scene: &Scene<'_>,
    pool: &FailedPool<'_, '_>,
    refused: &[&Refusal<'_>],
) -> Option<Ground> {
    let first = refused.iter().map(|r| r.time).min()?;
    let (event, right) = scene
        .case
        .events_of(pool.host)
        .filter(|e| e.time <= first)
        .filter_map(|e| match &e.body {
            Body::LogonRightChanged(change) => Some((e, change.right.as_deref()?, change.granted)),
            _ => None,
        })
        .filter(|(_, right, granted)| {
            let denies = right.starts_with("SeDeny");
            (right.contains("Batch") || right.contains("Service")) && denies == *granted
        })
        .map(|(e, right, _)| (e, right))
        .last()?;
    Some(Ground {
        says: format!("{right} was changed on the server"),
        from: few(vec![event.citation.clone()], 1),
    })
}
