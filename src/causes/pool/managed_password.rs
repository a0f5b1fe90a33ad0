//! POOL-05: the server cannot fetch the password of the managed service account that a pool runs as.

use jiff::Timestamp;

use super::failure::{FailedPool, Refusal, Why, places};
use super::fetch::{failed_fetches, other_causes};
use super::password_readers::Readers;
use crate::case::{HostId, PoolIdentity, Role, Sameness, split_name};
use crate::causes::observations::times_of;
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Current, Finding, Input, LookAlike, Page, Scene, Status, View,
};
use crate::evidence::Citation;
use crate::negotiate::{Outcome, Stage};
use crate::readers::events::Event;
use crate::remedy::commands as c;
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step};

/// POOL-05.
pub(crate) const CAUSE: Cause = Cause {
    id: "POOL-05",
    name: "managed-password-not-retrievable",
    title: "The server cannot fetch the password of the pool's managed service account",
    stage: Stage::Request,
    page: Page {
        mechanism: "A group managed service account has no password in IIS: the server fetches it from a domain controller. A server that is not among the principals allowed to retrieve it, or whose new group membership is not in its ticket yet, gets none. The pool does not start and users get 503, not 401; or it runs on the password that it still has until the account's next rotation (30 days as installed).",
        evidence: &[
            "Security-Netlogon/Operational log of the web server: 9000 with an error status for the account",
            "System log of the web server: WAS 5021, 5057, 5059 naming the pool",
            "Test-ADServiceAccount on that server: False",
            "applicationHost.config: the pool's userName ends in $",
        ],
        look_alikes: &[
            LookAlike {
                cause: "POOL-01",
                told_apart_by: "there the pool runs as an ordinary account with a password stored in IIS",
            },
            LookAlike {
                cause: "POOL-06",
                told_apart_by: "there the password has just rotated, the pool runs, and the failures heal within minutes",
            },
            LookAlike {
                cause: "MC-03",
                told_apart_by: "there no domain controller can be reached (status 0xC000005E), for any account",
            },
            LookAlike {
                cause: "MC-01",
                told_apart_by: "there the server's own secure channel is broken, for every account (NETLOGON 3210, 5719)",
            },
        ],
        ruled_out_by: "Test-ADServiceAccount printing True on that very server.",
        fix: &[
            "Run Test-ADServiceAccount on the server itself.",
            "Allow the server, or better its group, to retrieve the password.",
            "Restart the server, or purge the tickets of its own logon session, so that a new group membership counts.",
            "Start the pool.",
        ],
        verify: "Test-ADServiceAccount prints True, the pool has a worker process, the site answers 200 or 401 instead of 503.",
        rollback: "Take the server out of the group again, or write the former list of principals back.",
        prevent: "Grant the password to a group of web servers, and test the account before a server joins the farm.",
        blind_spots: &[
            "Test Settings in IIS Manager reports an error for every managed service account, healthy ones too: it says nothing",
            "whether the server was restarted after it joined the group",
        ],
        versions: "Windows Server 2012 and later.",
        sources: &[
            "Microsoft: Group managed service accounts overview and getting started",
            "Windows provider manifest: Microsoft-Windows-Security-Netlogon 9000",
        ],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let failed = FailedPool::all(scene);
    let mut told: Vec<(HostId, String)> = Vec::new();
    for ((host, account), events) in failed_fetches(scene) {
        let pool = failed.iter().find(|p| {
            p.host == host && p.identity().is_some_and(|i| is_account(scene, i, &account))
        });
        let view = pool.and_then(|p| p.view).or_else(|| {
            scene.views.iter().find(|v| {
                v.endpoint.host == Some(host)
                    && v.endpoint
                        .pool
                        .as_ref()
                        .is_some_and(|p| is_account(scene, &p.identity, &account))
            })
        });
        // Other services of a machine use managed accounts too: without a pool that runs as this one, nothing ties it to IIS.
        let alone = pool.is_none() && view.is_none();
        let unknown = failed
            .iter()
            .find(|p| p.host == host && p.identity().is_none());
        if alone && unknown.is_none() {
            if !scene.has_config() && scene.case.hosts.get(host).roles.contains(&Role::WebServer) {
                out.lack(Input::ApplicationHostConfig);
            }
            continue;
        }
        told.extend(pool.map(|p| (p.host, p.name.clone())));
        out.find(fetch_failed(
            scene,
            &account,
            &events,
            pool.or(unknown),
            view,
        ));
    }
    for pool in &failed {
        let managed = matches!(pool.identity(), Some(PoolIdentity::Managed(_)));
        let refused = pool.refused(&[Why::NoSecret, Why::Password]);
        let other = pool
            .refusals
            .iter()
            .any(|r| !matches!(r.why, Why::NoSecret | Why::Password | Why::Other));
        if managed && !other && !told.contains(&(pool.host, pool.name.clone())) {
            let test = (scene.case).managed_account_test(&pool.account(scene.case), pool.host);
            if let Some(test) = test.filter(|test| test.usable.value) {
                out.rule_out(
                    format!(
                        "Test-ADServiceAccount on {} can use {}",
                        pool.server(scene.case),
                        pool.account(scene.case)
                    ),
                    &few(test.usable.from.clone(), 2),
                );
            } else if refused.is_empty() && pool.blamed.is_empty() && test.is_none() {
                out.lack(Input::ManagedAccountTest(pool.account(scene.case)));
            } else {
                out.find(undecided(scene, pool, &refused));
            }
        }
    }
    if failed.is_empty() && out.findings.is_empty() {
        super::lack_system_log(scene, &mut out, |i| matches!(i, PoolIdentity::Managed(_)));
        lack_the_test(scene, &mut out);
    }
    out
}

/// A pool that runs may live on a password fetched long ago. That the server can fetch it now is shown by the test, by a
/// logon of the account there, or by users who come by tickets that its key opened.
fn lack_the_test(scene: &Scene<'_>, out: &mut Assessment) {
    let case = scene.case;
    for view in &scene.views {
        let endpoint = view.endpoint;
        let (Some(host), Some(pool)) = (endpoint.host, &endpoint.pool) else {
            continue;
        };
        let PoolIdentity::Managed(account) = pool.identity else {
            continue;
        };
        let shown = scene.shown(account);
        match case.managed_account_test(shown, host) {
            Some(test) if test.usable.value => out.rule_out(
                format!("Test-ADServiceAccount on the server can use {shown}"),
                &few(test.usable.from.clone(), 2),
            ),
            Some(test) => {
                let from = few(test.usable.from.clone(), 2);
                if !(out.findings.iter()).any(|f| f.observed.iter().any(|g| g.from == from)) {
                    out.find(latent(scene, view, shown, &from));
                }
            }
            None => {
                let logged_on = case.pool_logon_after(host, Some(&pool.identity), Timestamp::MIN);
                if logged_on.is_none() && view.observed != Outcome::Kerberos {
                    out.lack(Input::ManagedAccountTest(shown.to_owned()));
                }
            }
        }
    }
}

/// The pool runs, and the server cannot fetch the password that it will need.
fn latent(scene: &Scene<'_>, view: &View<'_>, account: &str, from: &[Citation]) -> Finding {
    let pool = view.pool_name();
    let mut finding = Finding::about(
        view.subject(scene.case),
        format!(
            "Pool {pool} runs as the managed service account {account}, and Test-ADServiceAccount on the server prints False. No failure of the pool is shown: it lives on the password that it still has. At the account's next rotation or the next start it stops, and users get 503."
        ),
    )
    .structure(
        format!("pool {pool} runs as {account}"),
        &few(view.endpoint.pool.iter().flat_map(|p| p.from.clone()).collect(), 3),
    )
    .observed("Test-ADServiceAccount on the server printed False", from)
    .at_most(Status::Likely);
    finding.subject.account = Some(account.to_owned());
    finding.current = Current::Yes;
    repair(account, pool, &Readers::of(scene, Some(view)), finding)
}

fn is_account(scene: &Scene<'_>, identity: &PoolIdentity, account: &str) -> bool {
    match identity {
        PoolIdentity::Managed(id) => {
            scene.case.accounts.is_named(*id, account, None) == Sameness::Same
        }
        _ => false,
    }
}

fn fetch_failed(
    scene: &Scene<'_>,
    account: &str,
    events: &[&Event],
    pool: Option<&FailedPool<'_, '_>>,
    view: Option<&View<'_>>,
) -> Finding {
    let case = scene.case;
    let says = format!(
        "the server could not fetch the password of {account} {}",
        times_of(events)
    );
    let mut finding = match pool {
        Some(pool) => pool.finding(
            scene,
            format!(
                "Pool {} on {} runs as the managed service account {account}, and the server cannot fetch its password. WAS cannot start the pool, so users get 503, not 401.",
                pool.name,
                pool.server(case)
            ),
            &[],
        ),
        None => Finding::about(
            view.map(|v| v.subject(case)).unwrap_or_default(),
            format!(
                "Pool {} runs as the managed service account {account}, and the server cannot fetch its password. The pool lives on the password that it still has; at the account's next rotation or the next start it stops, and users get 503.",
                view.map_or("", |v| v.pool_name())
            ),
        )
        .at_most(Status::Likely),
    };
    if pool.is_none()
        && let Some(configured) = view.and_then(|v| v.endpoint.pool.as_ref())
    {
        finding = finding.structure(
            format!("pool {} runs as {account}", configured.name),
            &few(configured.from.clone(), 3),
        );
    }
    finding.subject.account = Some(account.to_owned());
    finding = finding.observed(says, &few(places(events), 3));
    // The fetch failed on this very server: no domain controller's word is needed.
    if pool.is_some_and(|p| p.was().next().is_some() && p.view.is_some()) {
        finding.at_most = None;
    }
    for (cause, because) in other_causes(events) {
        finding = finding.or_else(cause, because);
    }
    let host = events
        .iter()
        .find_map(|event| case.hosts.find(&event.computer));
    if let Some(test) = host.and_then(|host| case.managed_account_test(account, host)) {
        let from = few(test.usable.from.clone(), 2);
        finding = match test.usable.value {
            true => finding.supporting(
                "Test-ADServiceAccount could use it later: it printed True",
                &from,
            ),
            false => finding.observed("Test-ADServiceAccount on the server printed False", &from),
        };
        finding.current = if test.usable.value {
            Current::No
        } else {
            Current::Yes
        };
    }
    // The failed fetch itself, and the logons of the account that it makes fail.
    let symptoms = scene.symptoms(|kind| {
        use crate::case::SymptomKind::{ManagedPassword, ServiceLogonFailed};
        let (ManagedPassword(host, name) | ServiceLogonFailed(host, name, _)) = kind else {
            return false;
        };
        let bare = |name: &str| split_name(name).1.trim_end_matches('$').to_owned();
        events
            .iter()
            .any(|e| case.hosts.find(&e.computer) == Some(*host))
            && bare(account) == bare(name)
    });
    finding = finding.explains(symptoms.into_iter().map(|(id, _)| id));
    let name = pool.map_or_else(
        || view.map_or(String::new(), |v| v.pool_name().to_owned()),
        |p| p.name.clone(),
    );
    repair(account, &name, &Readers::of(scene, view), finding)
}

/// The pool of a managed account failed, and no failed fetch is shown.
fn undecided(scene: &Scene<'_>, pool: &FailedPool<'_, '_>, refused: &[&Refusal<'_>]) -> Finding {
    let account = pool.account(scene.case);
    let finding = pool
        .finding(
            scene,
            format!(
                "Pool {} on {} runs as the managed service account {account}, and WAS found its identity invalid, so users get 503, not 401. IIS stores no password for it: most likely the server cannot fetch it.",
                pool.name,
                pool.server(scene.case)
            ),
            refused,
        )
        .at_most(Status::Likely);
    let test = scene.case.managed_account_test(&account, pool.host);
    let finding = if let Some(test) = test {
        finding.observed(
            "Test-ADServiceAccount on the server printed False",
            &few(test.usable.from.clone(), 2),
        )
    } else if refused.is_empty() {
        finding
            .or_else("POOL-04", "WAS writes the same for a missing logon right")
            .lacks(Input::ManagedAccountTest(account.clone()))
    } else {
        finding
    };
    let readers = Readers::of(scene, pool.view);
    repair(&account, &pool.name, &readers, finding)
}

fn repair(account: &str, pool: &str, readers: &Readers, finding: Finding) -> Finding {
    let sam = split_name(account).1;
    let test = Step::run(
        c::test_ad_service_account(sam.trim_end_matches('$')),
        "on the server itself: test whether it can use the account",
    );
    let mut fix =
        vec![test.clone().stop_if(
            "it prints True: the server can fetch the password, and the fault is elsewhere",
        )];
    fix.extend(readers.let_the_server(sam.trim_end_matches('$')));
    fix.push(Step::run(
        c::klist_purge_machine(),
        "purge the tickets of the computer account, so that a new membership counts without a restart of the server; if the test still prints False, restart it",
    ));
    fix.push(p::start_pool(pool));
    let mut verify = vec![test];
    verify.extend(p::verify_pool(pool));
    let remedy = Remedy::of(fix)
        .verify(verify)
        .rollback(vec![readers.rollback(sam.trim_end_matches('$'))])
        .prevent(CAUSE.page.prevent);
    readers.said_in(finding).fix(remedy, Vec::new())
}
