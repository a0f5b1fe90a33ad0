//! POOL-02: the password of the pool's account was changed in the directory, and the pool runs on with the old key.

use jiff::{SignedDuration, Timestamp};

use super::named_opener::opener_named_by_clients;
use super::password_change::{Changed, changes, lack_the_change};
use crate::case::{AccountId, PoolIdentity, Spn, Symptom, SymptomId};
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Current, Finding, Ground, Input, LookAlike, Page, Scene, Status, View,
};
use crate::negotiate::{Acceptor, KeyMatch, Outcome, Stage, acceptor_citations};
use crate::readers::events::Event;
use crate::remedy::Remedy;
use crate::remedy::procedures as p;

/// POOL-02.
pub(crate) const CAUSE: Cause = Cause {
    id: "POOL-02",
    name: "pool-password-changed-while-running",
    title: "The pool account's password was changed in the directory while the pool runs on",
    stage: Stage::Accept,
    page: Page {
        mechanism: "A worker process opens tickets with the key of the password that its pool was started with. After the password is changed in Active Directory, the KDC seals new tickets with the new key, and the running pool cannot open them: KRB_AP_ERR_MODIFIED, a prompt, 401.1. Tickets fetched before still work, so users fail one after another within about ten hours. At the next recycle the stored password is refused and 401 becomes 503 (POOL-01).",
        evidence: &[
            "Security log of a domain controller: 4724, 4723 or 4738 with PasswordLastSet for the pool's account, just before the first failure",
            "a listing of the account: pwdLastSet just before the first failure",
            "System log of a client: Kerberos event 4 for HTTP/<name> from then on",
            "setspn -Q: the account that also opens the tickets, so that the registration is right",
            "IIS log: 401.1 rising over the lifetime of tickets",
        ],
        look_alikes: &[
            LookAlike {
                cause: "SPN-05",
                told_apart_by: "there the holder and the account that opens tickets are two accounts",
            },
            LookAlike {
                cause: "ET-04",
                told_apart_by: "there the server's policy refuses the ticket's encryption type, and no password was changed",
            },
            LookAlike {
                cause: "NAME-05",
                told_apart_by: "there the name leads to another server than the one that has the account",
            },
            LookAlike {
                cause: "KM-03",
                told_apart_by: "there the configuration of IIS was changed, not the password",
            },
            LookAlike {
                cause: "POOL-06",
                told_apart_by: "there a managed account has rotated by itself, and the failures heal within minutes",
            },
        ],
        ruled_out_by: "failures that began before the password was changed, or a start of the pool after the change.",
        fix: &[
            "Enter the new password in IIS, on every server that runs a pool as this account.",
            "Recycle the pool.",
            "Purge the tickets of users who fail and try again.",
        ],
        verify: "klist get succeeds, 4624 of type 3 shows Kerberos, no new Kerberos event 4.",
        rollback: "None: never set the old password in Active Directory again.",
        prevent: "Use a group managed service account, or change the password in IIS in the same step.",
        blind_spots: &[
            "whether the password stored in IIS was updated: it is encrypted, and the configuration log hides it",
            "recycles on demand are not logged as installed",
        ],
        versions: "All supported versions.",
        sources: &["Microsoft: Kerberos generates KRB_AP_ERR_MODIFIED error"],
    },
    assess,
};

/// A change this long before the first failure still counts as just before it: a weekend without users.
const JUST_BEFORE: SignedDuration = SignedDuration::from_hours(72);
/// How far two clocks may differ under Kerberos.
pub(super) const SKEW: SignedDuration = SignedDuration::from_mins(5);

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    for (spn, views) in scene.by_spn(|v| v.endpoint.name_is_tied()) {
        // Another endpoint of the name that cannot open its tickets explains the failures.
        if views.iter().any(|v| v.is_mismatch()) {
            continue;
        }
        let mismatches = scene.mismatches(&spn);
        let Some(first) = mismatches.iter().filter_map(|(_, s)| s.first).min() else {
            continue;
        };
        for view in views {
            let Some(account) = opener(view) else {
                continue;
            };
            if out
                .findings
                .iter()
                .any(|f| same_subject(f, scene, account, &spn))
            {
                continue;
            }
            let changes = changes(scene, account);
            match changes.iter().rfind(|c| c.time <= first + SKEW) {
                Some(change) => match restarted(scene, view, change, &mismatches) {
                    Some(event) => out.rule_out(
                        format!("pool {} was started after the password was changed, and failures went on", view.pool_name()),
                        std::slice::from_ref(&event.citation),
                    ),
                    None => out.find(finding(scene, view, &spn, account, change, first)),
                },
                None => match changes.first() {
                    Some(later) => out.rule_out(
                        "the password was changed only after the failures had begun",
                        std::slice::from_ref(&later.from),
                    ),
                    None => lack_the_change(scene, account, &mut out),
                },
            }
        }
    }
    // Where nothing failed that the bundle shows, and nobody is seen to come by Kerberos, it stays open all the same.
    for view in scene.negotiating() {
        let quiet = view.spn().is_some_and(|s| scene.mismatches(s).is_empty());
        let open = quiet && !view.is_mismatch() && view.observed != Outcome::Kerberos;
        if let Some(account) = opener(view).filter(|_| open) {
            lack_the_change(scene, account, &mut out);
        }
    }
    if !scene.has_config() {
        out.findings.extend(opener_named_by_clients(scene));
    }
    out
}

/// The ordinary account whose key opens tickets here; managed accounts rotate by themselves (POOL-06).
fn opener(view: &View<'_>) -> Option<AccountId> {
    match (view.acceptor()?, &view.endpoint.pool.as_ref()?.identity) {
        (Acceptor::Account(account), PoolIdentity::Domain(_)) => Some(*account),
        _ => None,
    }
}

fn same_subject(finding: &Finding, scene: &Scene<'_>, account: AccountId, spn: &Spn) -> bool {
    finding.subject.account.as_deref() == Some(scene.shown(account))
        && finding.subject.spn.as_deref() == Some(spn.as_str())
}

/// A start of the pool after the change, when clients failed after that start too: its password is then the new one.
fn restarted<'a>(
    scene: &Scene<'a>,
    view: &View<'_>,
    change: &Changed,
    mismatches: &[(SymptomId, &Symptom)],
) -> Option<&'a Event> {
    let last = mismatches.iter().filter_map(|(_, s)| s.last).max()?;
    view.restart_after(scene.case, change.time)
        .filter(|event| last.duration_since(event.time) > SKEW)
}

fn finding(
    scene: &Scene<'_>,
    view: &View<'_>,
    spn: &Spn,
    account: AccountId,
    change: &Changed,
    first: Timestamp,
) -> Finding {
    let case = scene.case;
    let shown = scene.shown(account).to_owned();
    let pool = view.pool_name();
    let mut subject = view.subject(case);
    subject.account = Some(shown.clone());
    let mut finding = Finding::about(
        subject,
        format!(
            "{shown} holds {spn} and also opens its tickets, so the registration is right. Its password was changed in the directory, and pool {pool} still runs with the old key: it cannot open tickets fetched since, and users get 401.1 one after another. At the next recycle it becomes 503."
        ),
    );
    if view.path.key_match == KeyMatch::Match
        && let Some(holder) = view.holder()
    {
        let mut from = few(holder.from.clone(), 1);
        from.extend(acceptor_citations(view.endpoint));
        finding = finding.structure(format!("{shown} holds {spn} and opens its tickets"), &from);
    } else {
        finding = finding.lacks(Input::SpnQuery(spn.to_string()));
    }
    let from = vec![change.from.clone()];
    let says = format!("the password of {shown} was changed in the directory");
    finding = match change.listed {
        // The directory keeps the last change alone.
        true => finding.structure(says, &from).at_most(Status::Likely),
        false => finding.observed(says, &from),
    };
    finding.onset = Some(Ground {
        says: "the password of the account was changed".into(),
        from,
    });
    for (id, symptom) in scene.mismatches(spn) {
        finding = finding
            .observed(
                format!(
                    "from then on clients were told {} times that the ticket for {spn} cannot be opened",
                    symptom.count
                ),
                &symptom.from,
            )
            .explains([id]);
    }
    if first.duration_since(change.time) > JUST_BEFORE {
        finding = finding.or_else(
            "ET-04",
            "the password was changed days before the first failure",
        );
    } else if !clients_seen_before(scene, spn, change.time) {
        finding = finding.at_most(Status::Likely);
    }
    if let Some(event) = view.restart_after(scene.case, change.time) {
        finding.current = Current::No;
        finding = finding.supporting(
            format!("pool {pool} was started again, and no client failed after that"),
            std::slice::from_ref(&event.citation),
        );
    }
    let mut fix = p::enter_pool_password(pool, &shown);
    fix.push(p::recycle(pool));
    fix.extend(p::purge_and_retest());
    let remedy = Remedy::of(fix)
        .verify(p::verify_kerberos(spn.as_str(), &shown))
        .rollback(vec![crate::remedy::Step::by_hand(CAUSE.page.rollback)])
        .prevent(CAUSE.page.prevent);
    finding.fix(remedy, Vec::new())
}

/// Whether the log of a client that failed reaches back before the change: only then did the failures begin after it.
fn clients_seen_before(scene: &Scene<'_>, spn: &Spn, change: Timestamp) -> bool {
    let case = scene.case;
    case.mismatch_events(&spn.key())
        .filter_map(|(event, _)| case.hosts.find(&event.computer))
        .any(|host| {
            case.coverage.iter().any(|c| {
                c.host == host && c.channel.eq_ignore_ascii_case("System") && c.first < change
            })
        })
}
