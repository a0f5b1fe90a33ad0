//! POOL-06: a managed service account has just rotated its password, and for minutes not everybody has the new key.

use jiff::SignedDuration;

use super::password_change::{Changed, changes, lack_the_change};
use super::stale_password::SKEW;
use crate::case::{AccountId, PoolIdentity, Role, Symptom, SymptomId};
use crate::causes::{
    Assessment, Cause, Current, Finding, Ground, Input, LookAlike, Page, Scene, Status, View,
};
use crate::negotiate::{Acceptor, Outcome, Stage};
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step};

/// POOL-06.
pub(crate) const CAUSE: Cause = Cause {
    id: "POOL-06",
    name: "managed-password-rotation",
    title: "The managed service account has just rotated its password, and clients fail for minutes",
    stage: Stage::Accept,
    page: Page {
        mechanism: "A group managed service account changes its password by itself, every 30 days as installed. For a short while a domain controller may seal tickets with one key while a server opens them with the other: the new password has not replicated to every domain controller, or the server has not fetched it yet. Windows keeps the previous password of the account and normally takes it as well, so that most rotations pass unseen. Where one does not, clients get KRB_AP_ERR_MODIFIED, a prompt and 401.1 for minutes, and it heals without anybody's doing.",
        evidence: &[
            "Security log of a domain controller: 4742 with PasswordLastSet for the managed account",
            "System log of clients: Kerberos event 4 for HTTP/<name> that begins within minutes of it and stops by itself",
            "applicationHost.config: the pool runs as the managed account (its name ends in $) and opens tickets with it",
        ],
        look_alikes: &[
            LookAlike {
                cause: "POOL-02",
                told_apart_by: "there somebody changed the password of an ordinary account, and the failures do not heal before a recycle",
            },
            LookAlike {
                cause: "POOL-05",
                told_apart_by: "there the server may not fetch the password at all (Netlogon 9000, Test-ADServiceAccount False), and the failures last",
            },
            LookAlike {
                cause: "SPN-05",
                told_apart_by: "there the computer account opens the tickets, and they fail on every day, not only on that of the rotation",
            },
        ],
        ruled_out_by: "failures that began before the rotation, or that go on for hours after it.",
        fix: &[
            "Do nothing to the account: it heals.",
            "Let replication catch up (repadmin /syncall), and purge the tickets of users who still fail.",
            "If it does not heal, test on the server whether it can fetch the password (POOL-05).",
        ],
        verify: "No new Kerberos event 4 after users purged their tickets; klist get HTTP/<name> succeeds.",
        rollback: "None: nothing is changed.",
        prevent: "Healthy replication between all domain controllers that serve the farm, and the same clock on all of them.",
        blind_spots: &[
            "how long such a burst can last is not documented",
            "which key a domain controller or a server had at a time is in no log",
        ],
        versions: "Windows Server 2012 and later.",
        sources: &[
            "Microsoft: Group managed service accounts overview",
            "Microsoft: MS-ADTS 3.1.1.4.5.39, msDS-ManagedPassword (current and previous password)",
        ],
    },
    assess,
};

/// Longer than replication inside a site takes, shorter than any shift of users.
const BURST: SignedDuration = SignedDuration::from_hours(1);

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    for view in scene.negotiating() {
        let (Some(account), Some(spn)) = (opener(view), view.spn()) else {
            continue;
        };
        let failed = scene.mismatches(spn);
        if failed.is_empty() {
            if !clients_are_watched(scene) && view.observed != Outcome::Kerberos {
                out.lack(Input::ClientSystemLog);
            }
        } else if !view.is_mismatch() {
            judge(scene, view, account, &failed, &mut out);
        }
    }
    out
}

/// Whether the System log of a client is there: servers call sites too, and those are not the users.
fn clients_are_watched(scene: &Scene<'_>) -> bool {
    scene.case.coverage.iter().any(|c| {
        let roles = &scene.case.hosts.get(c.host).roles;
        c.channel.eq_ignore_ascii_case("System")
            && !roles.contains(&Role::WebServer)
            && !roles.contains(&Role::DomainController)
    })
}

/// The managed account whose key opens tickets here.
fn opener(view: &View<'_>) -> Option<AccountId> {
    match (view.acceptor()?, &view.endpoint.pool.as_ref()?.identity) {
        (Acceptor::Account(account), PoolIdentity::Managed(_)) => Some(*account),
        _ => None,
    }
}

fn judge(
    scene: &Scene<'_>,
    view: &View<'_>,
    account: AccountId,
    failed: &[(SymptomId, &Symptom)],
    out: &mut Assessment,
) {
    let first = failed.iter().filter_map(|(_, s)| s.first).min();
    let last = failed.iter().filter_map(|(_, s)| s.last).max();
    let (Some(first), Some(last)) = (first, last) else {
        return;
    };
    let from = failed.iter().flat_map(|(_, s)| s.from.iter().cloned());
    let from: Vec<_> = from.take(2).collect();
    if last.duration_since(first) > BURST {
        out.rule_out(
            "clients fail for longer than an hour: it does not heal",
            &from,
        );
        return;
    }
    let changes = changes(scene, account);
    let near = |c: &&Changed| first.duration_since(c.time).abs() <= BURST && first >= c.time - SKEW;
    match changes.iter().rfind(near) {
        Some(change) => {
            let finding = finding(scene, view, account, failed, change);
            if !out.findings.iter().any(|f| f.subject == finding.subject) {
                out.find(finding);
            }
        }
        None => match changes.last() {
            Some(other) => out.rule_out(
                "the password of the managed account was changed at another time",
                std::slice::from_ref(&other.from),
            ),
            None => lack_the_change(scene, account, out),
        },
    }
}

fn finding(
    scene: &Scene<'_>,
    view: &View<'_>,
    account: AccountId,
    failed: &[(SymptomId, &Symptom)],
    change: &Changed,
) -> Finding {
    let case = scene.case;
    let shown = scene.shown(account);
    let spn = view.spn().map(ToString::to_string).unwrap_or_default();
    let last = failed.iter().filter_map(|(_, s)| s.last).max();
    // Silence counts only where a client that failed was watched on.
    let healed = last.is_some_and(|last| {
        let clients = failed.iter().flat_map(|(_, s)| &s.clients);
        clients.filter_map(|c| case.hosts.find(c)).any(|host| {
            case.coverage.iter().any(|c| {
                c.host == host
                    && c.channel.eq_ignore_ascii_case("System")
                    && c.last.duration_since(last) > BURST
            })
        })
    });
    let mut subject = view.subject(case);
    subject.account = Some(shown.to_owned());
    let mut finding = Finding::about(
        subject,
        format!(
            "{shown} opens the tickets for {spn} and has just rotated its password. For minutes not every domain controller and server had the new key, so clients were told that their ticket cannot be opened. Such a burst heals by itself."
        ),
    )
    .observed(
        format!("the password of {shown} was changed, as a managed account does by itself"),
        std::slice::from_ref(&change.from),
    )
    // Its length is not documented.
    .at_most(Status::Likely);
    finding.onset = Some(Ground {
        says: "the managed account rotated its password".into(),
        from: vec![change.from.clone()],
    });
    for (id, symptom) in failed {
        finding = finding
            .observed(
                format!(
                    "within minutes of it clients were told {} times that the ticket for {spn} cannot be opened, and not again",
                    symptom.count
                ),
                &symptom.from,
            )
            .explains([*id]);
    }
    if healed {
        finding.current = Current::No;
    } else {
        finding = finding.or_else(
            "POOL-05",
            "the logs end soon after: whether it healed is not shown",
        );
    }
    let mut fix = vec![
        Step::by_hand("do not reset the account or change the pool: wait until it has replicated"),
        p::replicate(),
    ];
    fix.extend(p::purge_and_retest());
    let remedy = Remedy::of(fix)
        .verify(p::verify_kerberos(&spn, shown))
        .rollback(vec![Step::by_hand(CAUSE.page.rollback)])
        .prevent(CAUSE.page.prevent);
    finding.fix(remedy, Vec::new())
}
