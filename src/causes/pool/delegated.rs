//! POOL-10: the pool's account was migrated to a delegated managed service account, and the server cannot take it over.

use std::collections::BTreeMap;

use super::failure::FailedPool;
use crate::case::{Case, HostId, PoolIdentity, split_name};
use crate::causes::observations::times_of;
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Subject, View,
};
use crate::negotiate::Stage;
use crate::readers::events::{Body, Event, KerberosEvent};
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step};

/// POOL-10.
pub(crate) const CAUSE: Cause = Cause {
    id: "POOL-10",
    name: "delegated-account-not-usable",
    title: "The pool's account was migrated to a delegated managed service account that the server cannot use",
    stage: Stage::Request,
    page: Page {
        mechanism: "Windows Server 2025 can replace a service account by a delegated managed service account (dMSA). The old account's password stops working, and a server that still runs as it is told by the domain controller to log on as the new one instead. For that the server itself must be among the principals that may retrieve the new account's keys, must run Windows Server 2025, and must have delegated accounts switched on. Where one of these is missing, the fetch of the keys fails (Kerberos/Operational 309): the pool cannot log on and users get 503. SPNs that stayed with the old account, or keys that differ from those that the KDC uses, give KRB_AP_ERR_MODIFIED and 401.1 instead.",
        evidence: &[
            "Kerberos/Operational log of the web server: 307 (migration, old and new account), 308 (permission asked for and missing), 309 (fetch of the keys) with a status other than 0",
            "System log of the web server: WAS 5021, 5057, 5059 for the pool, where its logon fails",
            "setspn -Q: whether the old or the new account holds HTTP/<name>",
        ],
        look_alikes: &[
            LookAlike {
                cause: "POOL-05",
                told_apart_by: "there a group managed account is concerned, and Netlogon logs 9000",
            },
            LookAlike {
                cause: "POOL-01",
                told_apart_by: "there an ordinary account has another password than IIS has stored, and no 307 to 309 names it",
            },
            LookAlike {
                cause: "SPN-07",
                told_apart_by: "there the keys are fetched (309 with status 0), and only the SPN stayed with the old account",
            },
        ],
        ruled_out_by: "Kerberos/Operational 309 with status 0 for the account on that server.",
        fix: &[
            "Look at the state of the migration: Get-ADServiceAccount <name> -Properties msDS-DelegatedMSAState, PrincipalsAllowedToRetrieveManagedPassword.",
            "Allow the server, or its group, to retrieve the new account's keys.",
            "Switch delegated accounts on at the server (policy Kerberos, DelegatedMSAEnabled) and restart it.",
            "Check who holds the SPN, and recycle the pool.",
            "If that does not help: undo the migration (Undo-ADServiceAccountMigration) and repeat it with one server.",
        ],
        verify: "Kerberos/Operational 309 with status 0, the pool has a worker process, klist get succeeds.",
        rollback: "Undo-ADServiceAccountMigration gives the old account its password and its SPNs back.",
        prevent: "Start the migration, let it run for two lifetimes of tickets, and look at 307 to 309 on every server before it is completed.",
        blind_spots: &[
            "what becomes of the old account's SPNs and encryption types is not documented for every step of a migration",
            "Kerberos/Operational is off as installed",
        ],
        versions: "Windows Server 2025.",
        sources: &[
            "Microsoft: Delegated managed service accounts, overview and set-up",
            "Windows provider manifest: Microsoft-Windows-Security-Kerberos 307, 308, 309",
        ],
    },
    assess,
};

const LOG: Input = Input::Stated {
    what: "the Kerberos operational log of the web server (it is off as installed; Windows Server 2025 writes the fetch of delegated accounts there)",
    collect_with: "wevtutil epl \"Microsoft-Windows-Kerberos/Operational\" %COMPUTERNAME%_Kerberos_Operational.evtx",
};

type Fetches<'a> = BTreeMap<(HostId, String), Vec<(&'a Event, &'a KerberosEvent)>>;

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    for ((host, account), events) in fetches(scene.case) {
        let failed: Vec<&Event> = events
            .iter()
            .filter(|(_, e)| status(e).is_some_and(|code| code != 0))
            .map(|(event, _)| *event)
            .collect();
        let later_works = events
            .iter()
            .rfind(|(_, e)| e.id == 309 && status(e) == Some(0))
            .filter(|(event, _)| failed.iter().all(|f| f.time < event.time));
        let old = events.iter().find_map(|(_, e)| e.fields.text("OldAccount"));
        let runs_as = |v: &&View<'_>| {
            v.endpoint.host == Some(host)
                && [Some(&account), old.as_ref()]
                    .into_iter()
                    .flatten()
                    .any(|name| is_pool_account(scene.case, v, name, &events))
        };
        let view = scene.views.iter().find(runs_as);
        match (view, later_works) {
            (Some(_), Some((event, _))) => out.rule_out(
                format!("the server fetched the keys of {account}"),
                std::slice::from_ref(&event.citation),
            ),
            (Some(view), None) if !failed.is_empty() => {
                out.find(finding(scene, view, &account, &failed));
            }
            (None, None) if !failed.is_empty() && !scene.has_config() => {
                out.lack(Input::ApplicationHostConfig);
            }
            _ => {}
        }
    }
    let failed = FailedPool::all(scene);
    let is_down = |host: Option<HostId>, pool: &str| {
        let mut failed = failed.iter();
        failed.any(|p| Some(p.host) == host && p.name.eq_ignore_ascii_case(pool))
    };
    // An account that was migrated to a delegated one keeps its name.
    let concerned = scene.views.iter().filter(|v| {
        let pool = v.endpoint.pool.as_ref();
        pool.is_some_and(|p| match p.identity {
            PoolIdentity::Managed(_) => true,
            PoolIdentity::Domain(_) => is_down(v.endpoint.host, &p.name),
            _ => false,
        })
    });
    for view in concerned {
        let logged = scene.case.coverage.iter().any(|c| {
            Some(c.host) == view.endpoint.host
                && c.channel
                    .eq_ignore_ascii_case("Microsoft-Windows-Kerberos/Operational")
        });
        if !logged {
            out.lack(LOG);
        }
    }
    out
}

/// What servers logged of delegated accounts, by machine and account: 307 the migration, 308 the permission, 309 the keys.
fn fetches(case: &Case) -> Fetches<'_> {
    let mut found = Fetches::new();
    let all = case.pick(|body| match body {
        Body::Kerberos(e) if e.operational && matches!(e.id, 307..=309) => Some(e),
        _ => None,
    });
    for (event, fetch) in all {
        let name = ["Account", "NewAccount"]
            .iter()
            .find_map(|field| fetch.fields.text(field));
        if let (Some(host), Some(name)) = (case.hosts.find(&event.computer), name) {
            let account = format!("{}$", split_name(&name).1.trim_end_matches('$'));
            found
                .entry((host, account))
                .or_default()
                .push((event, fetch));
        }
    }
    found
}

fn status(event: &KerberosEvent) -> Option<u32> {
    event.fields.number("Status")
}

fn is_pool_account(
    case: &Case,
    view: &View<'_>,
    name: &str,
    events: &[(&Event, &KerberosEvent)],
) -> bool {
    let (domain, sam) = split_name(name);
    let managed = format!("{}$", sam.trim_end_matches('$'));
    view.pool_account().is_some_and(|account| {
        events.iter().any(|(event, _)| {
            let mut names = [&sam, &managed].into_iter();
            names.any(|sam| case.event_names(event, account, Some(sam), domain.as_deref()))
        })
    })
}

fn finding(scene: &Scene<'_>, view: &View<'_>, account: &str, failed: &[&Event]) -> Finding {
    let case = scene.case;
    let pool = view.pool_name();
    let shown = view.pool_account().map_or(account, |id| scene.shown(id));
    let mut finding = Finding::about(
        Subject {
            account: Some(shown.to_owned()),
            host_name: None,
            spn: None,
            ..view.subject(case)
        },
        format!(
            "Pool {pool} runs as {shown}, a delegated managed service account or one that was migrated to it, and the server cannot fetch its keys. It cannot log on at its next start, and users get 503, not 401; while it still runs on old keys, tickets that it cannot open end in 401.1."
        ),
    )
    .structure(
        format!("pool {pool} runs as {shown}"),
        &few(view.endpoint.pool.iter().flat_map(|p| p.from.clone()).collect(), 3),
    )
    .observed(
        format!("the server could not take over {account} {}", times_of(failed)),
        &few(failed.iter().map(|e| e.citation.clone()).collect(), 3),
    );
    let down = FailedPool::all(scene)
        .into_iter()
        .find(|p| Some(p.host) == view.endpoint.host && p.name.eq_ignore_ascii_case(pool));
    finding = match down {
        Some(down) => {
            let was: Vec<&Event> = down.was().collect();
            let places = super::failure::places(&was);
            finding
                .observed(
                    "WAS could not use the identity of the pool",
                    &few(places, 3),
                )
                .explains(down.finding(scene, String::new(), &[]).explains)
        }
        // What the status of a fetch means is known from the names of the fields alone.
        None => finding.at_most(Status::Likely),
    };
    let fix = vec![
        Step::by_hand(format!(
            "look at the migration and at who may retrieve the keys: Get-ADServiceAccount, the account {account}, properties msDS-DelegatedMSAState and PrincipalsAllowedToRetrieveManagedPassword"
        )),
        Step::by_hand("put the server into the group that may retrieve the keys"),
        Step::by_hand(
            "make sure that the server runs Windows Server 2025 with DelegatedMSAEnabled set to 1 under HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Policies\\System\\Kerberos\\Parameters, and restart it",
        )
        .risk("a restart interrupts every site of the server"),
        p::start_pool(pool),
    ];
    let remedy = Remedy::of(fix)
        .verify(p::verify_pool(pool))
        .rollback(vec![Step::by_hand(CAUSE.page.rollback)])
        .prevent(CAUSE.page.prevent);
    finding.fix(remedy, Vec::new())
}
