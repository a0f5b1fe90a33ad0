//! KM-05: the pools behind one host name run as different accounts, each of which opens tickets for its applications.

use super::shared_name::{SharedName, opener};
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene};
use crate::negotiate::Stage;
use crate::remedy::procedures as p;
use crate::remedy::{Change, Remedy, Step, Switch};

/// KM-05.
pub(crate) const CAUSE: Cause = Cause {
    id: "KM-05",
    name: "several-pool-identities-under-one-name",
    title: "Pools behind one host name run as different accounts, and each opens its own tickets",
    stage: Stage::Accept,
    page: Page {
        mechanism: "All applications under one host name get tickets for the same SPN, which one account holds. With useAppPoolCredentials true, or kernel mode off, each application opens tickets with the account of its own pool. Where the pools run as different accounts, one of them is the holder; the others answer KRB_AP_ERR_MODIFIED, and their users are prompted and get 401.1.",
        evidence: &[
            "applicationHost.config: the pools of the host name's applications have different userName values, and all open tickets themselves",
            "setspn -Q HTTP/<name>: one of these accounts",
            "IIS log: one path answers 401.1, the other 200",
            "Security log of a domain controller: the same ServiceName in 4769 for both paths",
        ],
        look_alikes: &[
            LookAlike {
                cause: "KM-04",
                told_apart_by: "there kernel mode or useAppPoolCredentials differ between the applications",
            },
            LookAlike {
                cause: "SPN-12",
                told_apart_by: "there the accounts belong to different servers",
            },
            LookAlike {
                cause: "SPN-07",
                told_apart_by: "there no pool of the name runs as the holder",
            },
        ],
        ruled_out_by: "one account that opens tickets for all applications of the host name.",
        fix: &[
            "Run all pools of the host name as one account, best a group managed service account.",
            "Or let the computer account open tickets for all of them, with the SPN on it (one server only).",
            "Or give each application a host name of its own.",
        ],
        verify: "Every path of the name opens without a prompt, 4624 of type 3 shows Kerberos, no new Kerberos event 4.",
        rollback: "Restore the configuration backup.",
        prevent: "One host name, one pool identity.",
        blind_spots: &[
            "which path a client that failed had asked for",
            "clients that put the port into the SPN can tell sites on different ports apart (SPN-11)",
        ],
        versions: "IIS 7.0 and later.",
        sources: &[
            "Microsoft: Troubleshoot Kerberos failures in Internet Explorer",
            "reasoned from it",
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
    for shared in SharedName::divided(scene) {
        if !shared.by_settings(scene.case) {
            out.findings.extend(finding(scene, &shared));
        }
    }
    SharedName::rule_out_united(scene, &mut out);
    out
}

fn finding(scene: &Scene<'_>, shared: &SharedName<'_, '_>) -> Option<Finding> {
    let case = scene.case;
    let (a, b) = shared.pair(case, |_, _| true)?;
    let finding = shared.finding(
        scene,
        format!(
            "{} and {} share the name behind {}, but open its tickets with {} and {}. One account holds the name, so the application of the other cannot open the tickets: its users are prompted and get 401.1.",
            a.endpoint.location(),
            b.endpoint.location(),
            shared.spn,
            opener(case, a),
            opener(case, b)
        ),
    )?;
    let (winners, losers) = (shared.winners(), shared.losers());
    let mut fix = vec![p::backup()];
    let mut changes = Vec::new();
    let account = match winners.first() {
        Some(winner) if !losers.is_empty() => {
            let own = winner.endpoint.pool.as_ref()?;
            for loser in losers {
                let location = loser.endpoint.location();
                fix.push(
                    Step::by_hand(format!(
                        "let pool {} run as {}, like pool {}",
                        loser.pool_name(),
                        own.identity.shown(&case.accounts),
                        own.name
                    ))
                    .risk("the application loses what its present account may do: files, databases")
                    .stop_if("the application needs its own account: give it a host name of its own instead"),
                );
                fix.push(p::recycle(loser.pool_name()));
                changes.push(Change::Set(
                    loser.endpoint.server,
                    location,
                    Switch::Identity(own.identity.clone()),
                ));
            }
            opener(case, winner)
        }
        _ => {
            fix.push(Step::by_hand(
                "choose one account for all pools of the host name, best a group managed service account, and register the SPN on it alone",
            ));
            "the chosen account".to_owned()
        }
    };
    fix.extend(p::purge_and_retest());
    let remedy = Remedy::of(fix)
        .verify(p::verify_kerberos(shared.spn.as_str(), &account))
        .rollback(p::restore())
        .prevent(CAUSE.page.prevent);
    Some(finding.fix(remedy, changes))
}
