//! KM-04: applications of one host name differ in kernel mode or useAppPoolCredentials, so that one cannot open the tickets.

use super::shared_name::{SharedName, opener};
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, View};
use crate::negotiate::{Acceptor, Stage};
use crate::remedy::procedures as p;
use crate::remedy::{Change, Remedy, Step, Switch};

/// KM-04.
pub(crate) const CAUSE: Cause = Cause {
    id: "KM-04",
    name: "acceptor-settings-differ-under-one-name",
    title: "Applications of one host name open tickets in different ways",
    stage: Stage::Accept,
    page: Page {
        mechanism: "All applications under one host name get tickets for the same SPN, sealed with the key of its one holder. One application opens tickets with the computer account (kernel mode), another with its pool's account (useAppPoolCredentials, or kernel mode off). No registration suits both: the application whose account is not the holder answers KRB_AP_ERR_MODIFIED, and its users are prompted and get 401.1, while the other works.",
        evidence: &[
            "applicationHost.config: useAppPoolCredentials or useKernelMode differ between the applications of the host name",
            "IIS log: one path answers 401.1, the other 200",
            "System log of a client: Kerberos event 4 when the one path is used",
            "Security log of a domain controller: the same ServiceName in 4769 for both paths",
        ],
        look_alikes: &[
            LookAlike {
                cause: "KM-05",
                told_apart_by: "there the settings are equal, and the pools run as different accounts",
            },
            LookAlike {
                cause: "SPN-05",
                told_apart_by: "there no application of the name opens the tickets, because the holder is the pool's account and kernel mode uses the computer account",
            },
            LookAlike {
                cause: "SPN-06",
                told_apart_by: "there no application of the name opens the tickets with the computer account that holds it",
            },
            LookAlike {
                cause: "SPN-12",
                told_apart_by: "there several servers answer to the name, each with its own computer account",
            },
        ],
        ruled_out_by: "one account that opens tickets for all applications of the host name.",
        fix: &[
            "Choose one account to open tickets for all applications of the host name: the one that holds the SPN now.",
            "Set kernel mode and useAppPoolCredentials alike in all of them, and recycle the pools.",
            "Where applications need different accounts, give them host names of their own.",
        ],
        verify: "Every path of the name opens without a prompt, 4624 of type 3 shows Kerberos, no new Kerberos event 4.",
        rollback: "Set the values back and recycle the pools.",
        prevent: "One host name, one account that opens tickets: set it for the site, not for single applications.",
        blind_spots: &[
            "which path a client that failed had asked for: Kerberos event 4 names the host only",
        ],
        versions: "IIS 7.0 and later.",
        sources: &["reasoned from Microsoft: <windowsAuthentication> element of IIS"],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    if !scene.has_config() {
        out.lack(Input::ApplicationHostConfig);
        return out;
    }
    for shared in SharedName::divided(scene) {
        if shared.by_settings(scene.case) {
            out.findings.extend(finding(scene, &shared));
        }
    }
    SharedName::rule_out_united(scene, &mut out);
    out
}

fn finding(scene: &Scene<'_>, shared: &SharedName<'_, '_>) -> Option<Finding> {
    let case = scene.case;
    let (a, b) = shared.pair(case, |a, b| {
        super::shared_name::uses_pool_key(a) != super::shared_name::uses_pool_key(b)
    })?;
    let finding = shared.finding(
        scene,
        format!(
            "{} opens tickets for {} with {}, {} with {}. The KDC seals them with one key, so at least one of the two cannot open them: its users are prompted and get 401.1.",
            a.endpoint.location(),
            shared.spn,
            opener(case, a),
            b.endpoint.location(),
            opener(case, b)
        ),
    )?;
    let (winners, losers) = (shared.winners(), shared.losers());
    Some(match winners.first() {
        Some(winner) if !losers.is_empty() => align(scene, shared, winner, &losers, finding),
        _ => finding.fix(
            Remedy::of(vec![
                Step::by_hand(format!(
                    "decide which account is to open tickets for {}: the one that holds it (setspn -F -Q {})",
                    shared.spn, shared.spn
                )),
                Step::by_hand(CAUSE.page.fix[1]),
            ])
            .verify(p::verify_kerberos(shared.spn.as_str(), "the chosen one"))
            .rollback(p::restore())
            .prevent(CAUSE.page.prevent),
            Vec::new(),
        ),
    })
}

/// Lets the losing applications open tickets as the winning one does.
fn align(
    scene: &Scene<'_>,
    shared: &SharedName<'_, '_>,
    winner: &View<'_>,
    losers: &[&View<'_>],
    finding: Finding,
) -> Finding {
    let mut fix = vec![p::backup()];
    let (mut rollback, mut changes) = (Vec::new(), Vec::new());
    for loser in losers {
        let (server, location) = (loser.endpoint.server, loser.endpoint.location());
        let pool = loser.pool_name();
        let mut set = |switch| changes.push(Change::Set(server, location.clone(), switch));
        if winner.acceptor() == Some(&Acceptor::Machine) {
            fix.extend(p::accept_with_machine(&location, pool));
            rollback.extend(p::accept_with_pool(&location, pool));
            set(Switch::UseAppPoolCredentials(false));
            set(Switch::UseKernelMode(true));
            continue;
        }
        let same_pool_account = same_identity(scene, winner, loser);
        if !same_pool_account && let Some(own) = &winner.endpoint.pool {
            fix.push(
                Step::by_hand(format!(
                    "let pool {pool} run as {}, like pool {}",
                    own.identity.shown(&scene.case.accounts),
                    own.name
                ))
                .risk("the application loses what its present identity may do: files, databases")
                .stop_if(
                    "the application needs its own account: give it a host name of its own instead",
                ),
            );
            set(Switch::Identity(own.identity.clone()));
        }
        fix.extend(p::accept_with_pool(&location, pool));
        rollback.extend(p::stop_accepting_with_pool(&location, pool));
        set(Switch::UseAppPoolCredentials(true));
    }
    fix.extend(p::purge_and_retest());
    let remedy = Remedy::of(fix)
        .verify(p::verify_kerberos(
            shared.spn.as_str(),
            &opener(scene.case, winner),
        ))
        .rollback(rollback)
        .prevent(CAUSE.page.prevent);
    finding.fix(remedy, changes)
}

fn same_identity(scene: &Scene<'_>, a: &View<'_>, b: &View<'_>) -> bool {
    let account = |v: &View<'_>| v.endpoint.pool.as_ref()?.identity.account();
    match (account(a), account(b)) {
        (Some(a), Some(b)) => scene.case.accounts.compare(a, b) == crate::case::Sameness::Same,
        _ => false,
    }
}
