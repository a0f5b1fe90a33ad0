//! POOL-01: the password stored for an application pool is wrong, so the pool does not start.

use super::failure::{FailedPool, Why, places};
use crate::case::{PoolIdentity, Role};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Ground, Input, LookAlike, Page, Scene, Status};
use crate::negotiate::Stage;
use crate::remedy::Remedy;
use crate::remedy::commands as c;
use crate::remedy::procedures as p;

/// POOL-01.
pub(crate) const CAUSE: Cause = Cause {
    id: "POOL-01",
    name: "pool-password-wrong-at-start",
    title: "Application pool does not start: the password stored for its account is wrong",
    stage: Stage::Request,
    page: Page {
        mechanism: "WAS logs on with the user name and password stored for the pool before it starts a worker process. The domain refuses them, so WAS disables the pool. Users get 503, not 401: no request reaches authentication. It strikes at the first start or recycle after the password was changed, which may be days later.",
        evidence: &[
            "System log of the web server: WAS 5021, then 5057 and 5059, naming the pool",
            "Security log of the web server: 4625 of type 4 or 5 for the pool's account, 0xC000006A or 0xC000006D",
            "Security log of a domain controller: 4771 with 0x18, or 4776 with 0xC000006A, for the pool's account",
            "applicationHost.config: the pool's identityType is SpecificUser",
            "HTTPERR log: 503 with reason AppOffline",
        ],
        look_alikes: &[
            LookAlike {
                cause: "POOL-02",
                told_apart_by: "there the pool still runs with the old password, and users get 401",
            },
            LookAlike {
                cause: "POOL-03",
                told_apart_by: "there the refusal names the state of the account: locked, disabled, expired, must change",
            },
            LookAlike {
                cause: "POOL-04",
                told_apart_by: "there the refusal is 0xC000015B: the password is right, the logon right is missing",
            },
            LookAlike {
                cause: "POOL-07",
                told_apart_by: "there nobody refuses the account: the server cannot decrypt a password copied from another one",
            },
            LookAlike {
                cause: "POOL-08",
                told_apart_by: "there the worker process crashes: WAS 5002 after 5009 or 5011, and no 5021 or 5057",
            },
        ],
        ruled_out_by: "a pool identity without a stored password, or a refusal of the pool's account for another reason.",
        fix: &[
            "Make sure which password Active Directory holds for the account.",
            "Enter it in IIS Manager, on every server that runs a pool as this account.",
            "Unlock the account if the wrong password has locked it.",
            "Start the pool.",
        ],
        verify: "The pool has a worker process, WAS logs no new 5021 or 5057, the site answers 200 or 401 instead of 503.",
        rollback: "Restore the configuration backup. Never set an old password in Active Directory.",
        prevent: "Use a group managed service account: nobody stores its password.",
        blind_spots: &[
            "whether the password in Active Directory or the one in IIS is the intended one",
            "where failed logons are not audited, a wrong password and a locked account look the same",
        ],
        versions: "IIS 7.0 and later.",
        sources: &[
            "Microsoft: 503 service unavailable, application pool identity (WAS 5021, 5057, 5059)",
        ],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let pools = FailedPool::all(scene);
    for pool in &pools {
        let refused = pool.refused(&[Why::Password, Why::UnknownName]);
        if !pool.may_store_password() {
            rule_out_identity(scene, pool, &mut out);
        } else if !refused.is_empty() {
            out.find(finding(scene, pool));
        } else if let Some(other) = pool.refused_otherwise(scene.case) {
            out.ruled_out.push(other);
        } else if !pool.blamed.is_empty() {
            out.find(undecided(scene, pool));
        } else {
            out.lack(Input::ServerSecurityLog);
        }
    }
    if pools.is_empty() {
        super::lack_system_log(scene, &mut out, |identity| {
            matches!(identity, PoolIdentity::Domain(_) | PoolIdentity::Local(_))
        });
    }
    out
}

fn rule_out_identity(scene: &Scene<'_>, pool: &FailedPool<'_, '_>, out: &mut Assessment) {
    if let Some(configured) = pool.view.and_then(|v| v.endpoint.pool.as_ref()) {
        out.rule_out(
            format!(
                "pool {} runs as {}: no password is stored for it",
                pool.name,
                configured.identity.shown(&scene.case.accounts)
            ),
            &few(configured.from.clone(), 3),
        );
    }
}

fn finding(scene: &Scene<'_>, pool: &FailedPool<'_, '_>) -> Finding {
    let case = scene.case;
    let account = pool.account(case);
    let refused = pool.refused(&[Why::Password, Why::UnknownName]);
    let unknown = refused.iter().all(|r| r.why == Why::UnknownName);
    let what = if unknown {
        "the domain does not know this user name: it is misspelled, or the account was renamed or deleted"
    } else {
        "the password stored for it in IIS is not the one in the directory"
    };
    let mut finding = pool.finding(
        scene,
        format!(
            "Pool {} on {} runs as {account}, and {what}. WAS cannot start the pool, so users get 503, not 401: no request reaches authentication.",
            pool.name,
            pool.server(case)
        ),
        &refused,
    );
    if unknown {
        finding = finding.at_most(Status::Likely);
    }
    let locked = pool.refused(&[Why::Locked]);
    finding = finding.supporting(
        "the wrong password has locked the account",
        &few(locked.iter().map(|r| r.from.clone()).collect(), 1),
    );
    if let (Some(account), Some(first)) = (
        pool.identity().and_then(PoolIdentity::account),
        refused.iter().map(|r| r.time).min(),
    ) && let Some(change) = case
        .password_changes(account)
        .into_iter()
        .rfind(|e| e.time <= first)
    {
        finding.onset = Some(Ground {
            says: "the password of the account was changed in the directory".into(),
            from: vec![change.citation.clone()],
        });
    }
    repair(case, pool, finding, !locked.is_empty())
}

/// WAS blames the identity, and nothing in the bundle says who refused it.
fn undecided(scene: &Scene<'_>, pool: &FailedPool<'_, '_>) -> Finding {
    let case = scene.case;
    let account = pool.account(case);
    let mut finding = pool
        .finding(
            scene,
            format!(
                "WAS found the identity of pool {} on {} invalid and disabled the pool, so users get 503, not 401. A wrong password is the usual reason; the bundle does not show how the logon of {account} was refused.",
                pool.name,
                pool.server(case)
            ),
            &[],
        )
        .or_else("POOL-03", "WAS writes the same for a locked, disabled or expired account")
        .or_else("POOL-04", "WAS writes the same for a missing logon right");
    if pool.is_audited(case) {
        finding = finding
            .contradicting(
                "the Security log of the server holds refused logons of that time, and none of this account",
                &few(places(&pool.blamed), 1),
            )
            .lacks(Input::DcSecurityLog);
    } else if scene.has_log("Security", Role::WebServer) {
        finding = finding.lacks(Input::DcSecurityLog);
    } else {
        finding = finding.lacks(Input::ServerSecurityLog);
    }
    repair(case, pool, finding, false)
}

fn repair(
    case: &crate::case::Case,
    pool: &FailedPool<'_, '_>,
    finding: Finding,
    locked: bool,
) -> Finding {
    let mut fix = p::enter_pool_password(&pool.name, &pool.account(case));
    if locked {
        fix.push(p::unlock(c::Identity::spelled(&pool.account(case))));
    }
    fix.push(p::start_pool(&pool.name));
    let remedy = Remedy::of(fix)
        .verify(p::verify_pool(&pool.name))
        .rollback(p::restore())
        .prevent(CAUSE.page.prevent);
    finding.fix(remedy, Vec::new())
}
