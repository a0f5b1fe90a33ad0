//! POOL-03: the account of an application pool is locked, disabled or expired, or must change its password.

use jiff::Timestamp;

use super::failure::{FailedPool, Refusal, Why};
use crate::case::{AccountId, Case, PoolIdentity};
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Current, Finding, Ground, Input, LookAlike, Page, Scene, Status, View,
};
use crate::evidence::Citation;
use crate::negotiate::Stage;
use crate::remedy::commands as c;
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step};

/// POOL-03.
pub(crate) const CAUSE: Cause = Cause {
    id: "POOL-03",
    name: "pool-account-locked-or-disabled",
    title: "Application pool does not start: its account is locked, disabled or expired",
    stage: Stage::Request,
    page: Page {
        mechanism: "WAS logs on as the pool's account before it starts a worker process. The domain refuses the account itself: it is locked, disabled or expired, or its password has expired or must be changed. WAS disables the pool, and users get 503, not 401.",
        evidence: &[
            "System log of the web server: WAS 5021, 5057, 5059 naming the pool",
            "Security log of the web server: 4625 of type 4 or 5 for the pool's account with 0xC0000234, 0xC0000072, 0xC0000193, 0xC0000071 or 0xC0000224",
            "Security log of a domain controller: 4740 (locked), 4725 (disabled); 4768 or 4771 with 0x12 or 0x17",
            "Get-ADUser of the account: Enabled False, an expiry date that has passed",
        ],
        look_alikes: &[
            LookAlike {
                cause: "POOL-01",
                told_apart_by: "there the refusal names the password: 0xC000006A, 0xC000006D, 0x18",
            },
            LookAlike {
                cause: "POOL-04",
                told_apart_by: "there the refusal is 0xC000015B, a missing logon right",
            },
            LookAlike {
                cause: "SPN-08",
                told_apart_by: "there another account, the one that holds the SPN, is disabled, and the pool runs",
            },
        ],
        ruled_out_by: "a refusal of the pool's account for another reason.",
        fix: &[
            "Find out why the account is in this state, and ask its owner.",
            "For a lockout: find the machine that sends wrong passwords (4740 names it) and stop it first.",
            "Unlock, enable or extend the account.",
            "Start the pool.",
        ],
        verify: "The pool has a worker process, the site answers 200 or 401 instead of 503.",
        rollback: "Set the attribute of the account back.",
        prevent: "Use a group managed service account; otherwise exempt service accounts from password expiry, and watch their expiry dates.",
        blind_spots: &[
            "the KDC's code 0x12 does not tell locked, disabled and expired apart",
            "the account may have been unlocked since",
        ],
        versions: "IIS 7.0 and later.",
        sources: &[
            "Microsoft: 4625, an account failed to log on",
            "Microsoft: 503 service unavailable, application pool identity (WAS 5021, 5057, 5059)",
        ],
    },
    assess,
};

const STATES: &[Why] = &[
    Why::Locked,
    Why::Disabled,
    Why::Expired,
    Why::PasswordExpired,
    Why::Revoked,
];

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let pools = FailedPool::all(scene);
    for pool in &pools {
        let refused = pool.refused(STATES);
        if !refused.is_empty() {
            out.find(finding(scene, pool, &refused));
        } else if let Some(other) = pool.refused_otherwise(scene.case) {
            out.ruled_out.push(other);
        } else if pool.may_store_password() {
            match listed(scene.case, pool) {
                Listed::Refused(why, from) => out.find(by_listing(scene, pool, why, &from)),
                Listed::Fit => out.lack(Input::ServerSecurityLog),
                Listed::Nothing => {
                    out.lack(Input::ServerSecurityLog);
                    out.lack(Input::AccountAttributes(pool.account(scene.case)));
                }
            }
        }
    }
    if pools.is_empty() {
        super::lack_system_log(scene, &mut out, |identity| {
            matches!(identity, PoolIdentity::Domain(_))
        });
        waiting(scene, &mut out);
    }
    out
}

/// Pools that no log shows to have failed, whose account the directory shows in a state that it refuses: the worker process
/// that runs goes on, and the next start fails.
fn waiting(scene: &Scene<'_>, out: &mut Assessment) {
    // Without a log nothing says when it was: then no expiry date has passed.
    let covered = scene.case.coverage.iter().map(|c| c.last).max();
    let last = covered.unwrap_or(Timestamp::MIN);
    let domain = |v: &View<'_>| {
        let pool = v.endpoint.pool.as_ref();
        pool.is_some_and(|p| matches!(p.identity, PoolIdentity::Domain(_)))
    };
    for group in scene.by_site(domain) {
        let view = group.first;
        let Some(account) = view.pool_account() else {
            continue;
        };
        let Listed::Refused(why, from) = state(scene.case, account, last) else {
            continue;
        };
        // A lock ends by itself, and no log shows that this one hurt.
        if why == Why::Locked {
            continue;
        }
        let (pool, shown) = (view.pool_name(), scene.shown(account).to_owned());
        let mut finding = Finding::about(
            view.subject(scene.case),
            format!(
                "Pool {pool} runs as {shown}, and when the directory was listed, {}. A worker process that runs goes on for a while; at the next start or recycle WAS cannot log the account on, and users get 503, not 401.",
                why.says()
            ),
        )
        .structure(
            format!("pool {pool} runs as {shown}"),
            &few(view.endpoint.pool.iter().flat_map(|p| p.from.clone()).collect(), 2),
        )
        .structure(
            format!("the directory showed {shown} so: {}", why.says()),
            &few(from, 2),
        );
        finding.subject.account = Some(shown.clone());
        finding.current = Current::Yes;
        out.find(repair(pool, &shown, why, finding));
    }
}

/// What a listing of the directory says of a pool's account. It was made after the failures: that the account fits then
/// rules nothing out.
enum Listed {
    /// The domain refuses it in this state.
    Refused(Why, Vec<Citation>),
    /// It may log on.
    Fit,
    /// Nothing that decides.
    Nothing,
}

fn listed(case: &Case, pool: &FailedPool<'_, '_>) -> Listed {
    let last = pool.was().map(|event| event.time).max();
    let account = pool.identity().and_then(PoolIdentity::account);
    match (account, last) {
        (Some(account), Some(last)) => state(case, account, last),
        _ => Listed::Nothing,
    }
}

fn state(case: &Case, account: AccountId, last: Timestamp) -> Listed {
    let states = [
        (
            Why::Disabled,
            case.state_of(account, |state| state.is_disabled()),
        ),
        (
            Why::Expired,
            case.state_of(account, |state| state.has_expired(last)),
        ),
        (
            Why::Locked,
            case.state_of(account, |state| state.locked_out.clone()),
        ),
        (
            Why::PasswordExpired,
            case.state_of(account, |state| state.needs_password()),
        ),
    ];
    for (why, state) in &states {
        if let Some(refused) = state.present().filter(|state| state.value) {
            return Listed::Refused(*why, refused.from.clone());
        }
    }
    match states.iter().any(|(_, state)| state.is_unknown()) {
        true => Listed::Nothing,
        false => Listed::Fit,
    }
}

/// WAS blames the identity, no refusal is shown, and a listing shows the account in a state that the domain refuses.
fn by_listing(
    scene: &Scene<'_>,
    pool: &FailedPool<'_, '_>,
    why: Why,
    from: &[Citation],
) -> Finding {
    let account = pool.account(scene.case);
    let mut finding = pool
        .finding(
            scene,
            format!(
                "Pool {} on {} runs as {account}, and WAS found its identity invalid. When the directory was listed, {}: the domain refuses such an account, so users get 503, not 401.",
                pool.name,
                pool.server(scene.case),
                why.says()
            ),
            &[],
        )
        .structure(
            format!("the directory showed {account} so: {}", why.says()),
            &few(from.to_vec(), 2),
        )
        .at_most(Status::Likely);
    // The state is that of the listing, and a wrong password that is stored locks an account.
    if why == Why::Locked {
        finding = finding.or_else(
            "POOL-01",
            "the stored password may be wrong, and that may have locked the account",
        );
    }
    finding.current = Current::Yes;
    repair(&pool.name, &account, why, finding)
}

fn finding(scene: &Scene<'_>, pool: &FailedPool<'_, '_>, refused: &[&Refusal<'_>]) -> Finding {
    let case = scene.case;
    let account = pool.account(case);
    let why = refused.last().map_or(Why::Other, |r| r.why);
    let mut finding = pool.finding(
        scene,
        format!(
            "Pool {} on {} runs as {account}, and the domain refuses the account: {}. WAS cannot start the pool, so users get 503, not 401.",
            pool.name,
            pool.server(case),
            why.says()
        ),
        refused,
    );
    // A stored password that is wrong locks the account: then the lock is the result, not the cause.
    let first = refused.iter().map(|r| r.time).min();
    let wrong = pool.refused(&[Why::Password]);
    if let Some(before) = wrong.iter().find(|r| Some(r.time) < first) {
        finding = finding
            .contradicting(
                "a wrong password was sent for the account before",
                std::slice::from_ref(before.from),
            )
            .or_else(
                "POOL-01",
                "the stored password is wrong, and that may have locked the account",
            );
    }
    finding.onset = onset(case, pool, first);
    repair(&pool.name, &account, why, finding)
}

/// The event that put the account into its state.
fn onset(case: &Case, pool: &FailedPool<'_, '_>, first: Option<jiff::Timestamp>) -> Option<Ground> {
    let account = pool.identity().and_then(PoolIdentity::account)?;
    let (event, change) = case
        .account_changes(account)
        .filter(|(e, _)| matches!(e.id, 4725 | 4740) && Some(e.time) <= first)
        .last()?;
    let says = match (&change.caller_computer, event.id) {
        (Some(computer), 4740) => format!("wrong passwords from {computer} locked the account"),
        (None, 4740) => "the account was locked".to_owned(),
        _ => "the account was disabled".to_owned(),
    };
    Some(Ground {
        says,
        from: few(vec![event.citation.clone()], 1),
    })
}

fn repair(pool: &str, account: &str, why: Why, finding: Finding) -> Finding {
    let identity = c::Identity::spelled(account);
    let mut fix = vec![Step::run(
        c::get_ad_account(c::AccountKind::User, identity),
        "note the present state of the account (keep the output): it shows what is wrong",
    )];
    let mut rollback = Vec::new();
    match why {
        Why::Disabled => {
            fix.push(
                Step::run(
                    c::enable_ad_account(identity),
                    "enable the account, with its owner's consent",
                )
                .stop_if("it was disabled on purpose"),
            );
            rollback.push(Step::run(
                c::disable_ad_account(identity),
                "disable it again",
            ));
        }
        Why::Expired => {
            fix.push(
                Step::run(
                    c::clear_ad_account_expiration(identity),
                    "remove the expiry date, with its owner's consent",
                )
                .stop_if("the account was meant to end"),
            );
            rollback.push(Step::by_hand(
                "set the expiry date that the first step printed",
            ));
        }
        Why::PasswordExpired => {
            fix.push(
                Step::by_hand("set a new password for the account in Active Directory")
                    .risk("every other place that uses the account needs the new password at once"),
            );
            fix.extend(p::enter_pool_password(pool, account));
            rollback.push(Step::by_hand(
                "none: go forward, never set an old password again",
            ));
        }
        _ => {
            fix.push(Step::by_hand(
                "find the machine that sends wrong passwords (4740 on a domain controller names it): often another server with the old password",
            ));
            fix.push(p::unlock(identity));
            rollback.push(Step::by_hand(
                "none: an unlocked account locks again by itself if wrong passwords go on",
            ));
        }
    }
    fix.push(p::start_pool(pool));
    let remedy = Remedy::of(fix)
        .verify(p::verify_pool(pool))
        .rollback(rollback)
        .prevent(CAUSE.page.prevent);
    finding.fix(remedy, Vec::new())
}
