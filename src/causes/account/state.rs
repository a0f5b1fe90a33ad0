//! Turns users who were refused into findings: one a user, the rest together, guesses apart.

use std::collections::BTreeSet;

use super::refusal::{Reason, Refused, Seen, refused};
use super::users::User;
use crate::case::{Case, HostId, SymptomId, SymptomKind, split_name};
use crate::causes::observations::times;
use crate::causes::scene::few;
use crate::causes::{Assessment, Current, Finding, Ground, Input, Scene, Status, Subject};
use crate::evidence::Citation;
use crate::readers::events::Body;
use crate::remedy::Remedy;

/// What a cause of this group says of its reason.
pub(super) struct Words {
    /// Ends "…, because": `the password was wrong`.
    pub(super) because: &'static str,
    /// What the change in the directory was: `the account was locked`.
    pub(super) change: &'static str,
    /// What to know besides, as one sentence.
    pub(super) moral: &'static str,
    /// Refusals from which on the events of the web server decide alone.
    pub(super) enough: u64,
    /// Whether what only a domain controller wrote is worth a finding.
    pub(super) kdc_alone: bool,
    /// What to do for these users.
    pub(super) remedy: fn(&[&User]) -> Remedy,
}

/// Users with a finding of their own; the others share one.
const OWN: usize = 5;

/// Answers for a cause of this group.
pub(super) fn assess(scene: &Scene<'_>, reason: &Reason, words: &Words) -> Assessment {
    let mut out = Assessment::default();
    let mut all = refused(scene, reason);
    // Most refused first, then by name: a stable order whatever the order of the logs.
    all.sort_by(|a, b| {
        (b.web.count, b.elsewhere.count, &a.user.sam, &a.user.shown).cmp(&(
            a.web.count,
            a.elsewhere.count,
            &b.user.sam,
            &b.user.shown,
        ))
    });
    let (guessing, honest): (Vec<&Refused>, Vec<&Refused>) = (all.iter())
        .filter(|r| r.refusals() > 0)
        .partition(|r| reason.by_guessing && r.is_guessing());
    let (web, elsewhere): (Vec<&Refused>, Vec<&Refused>) =
        honest.into_iter().partition(|r| r.web.count > 0);
    for one in web.iter().take(OWN) {
        out.find(finding(scene, reason, words, &[one]));
    }
    for rest in [web.get(OWN..).unwrap_or(&[]), &elsewhere] {
        if !rest.is_empty() {
            out.find(finding(scene, reason, words, rest));
        }
    }
    if !guessing.is_empty() {
        out.find(guesses(scene, reason, words, &guessing));
    }
    if !out.findings.is_empty() {
        return out;
    }
    if !writes_logons(scene) {
        let known: Vec<&Refused> = (all.iter())
            .filter(|r| {
                let told = r.changed.count > 0 || is_listed(r, true);
                r.kdc.count > 0 || (r.fits.count > 0 && told)
            })
            .collect();
        let story = scene.has_config() || scene.has_web_server();
        if words.kdc_alone && story && !known.is_empty() {
            out.find(finding(scene, reason, words, &known).lacks(Input::ServerSecurityLog));
        } else {
            out.lack(Input::ServerSecurityLog);
        }
    }
    out
}

/// Whether the Security log of a web server is here and holds logons, so that its silence means something.
fn writes_logons(scene: &Scene<'_>) -> bool {
    scene.has_web_server()
        && scene.case.events.iter().any(|e| {
            matches!(e.body, Body::Logon(_) | Body::LogonFailed(_))
                && scene.is_web_server(&e.computer)
        })
}

fn finding(scene: &Scene<'_>, reason: &Reason, words: &Words, users: &[&Refused]) -> Finding {
    let case = scene.case;
    let mut finding = Finding::about(
        subject(scene, users),
        format!(
            "{} refused, because {}. {}",
            names(users, "was", "were"),
            words.because,
            words.moral
        ) + machine_like(users),
    );
    for one in users.iter().take(OWN) {
        finding = grounds(case, words, one, finding);
    }
    if users.iter().any(|r| r.web.count == 0) {
        finding = finding.at_most(Status::Possible);
    }
    // Who gets in all day and is refused once or twice mistyped, and so did who gave up after that.
    if users
        .iter()
        .all(|r| r.web.count < words.enough && (r.got_in_before || r.stray == r.refusals()))
    {
        finding = finding.at_most(Status::Possible);
    }
    let ended: Vec<_> = users.iter().filter_map(|r| over(r)).collect();
    finding.current = match ended.len() {
        0 if users.iter().any(|r| is_listed(r, true)) => Current::Yes,
        0 if reason.by_guessing && words.enough > 1 => Current::Unknown,
        0 => Current::Yes,
        n if n == users.len() => Current::No,
        _ => Current::Unknown,
    };
    finding = finding.supporting("it was over later", &few(ended, 2));
    let who: Vec<&User> = users.iter().take(OWN).map(|r| &r.user).collect();
    finding
        .explains(explained(scene, reason, users))
        .fix((words.remedy)(&who), Vec::new())
}

/// Whether a listing of the directory says that the account is in its state, or is not.
fn is_listed(one: &Refused, so: bool) -> bool {
    one.listed
        .present()
        .is_some_and(|listed| listed.value == so)
}

/// What ended it: an event, or the state that a later listing of the directory shows.
fn over(one: &Refused) -> Option<Citation> {
    let listed = one.listed.present().filter(|listed| !listed.value);
    one.ended.clone().or_else(|| listed?.from.first().cloned())
}

/// What the logs say of one user.
fn grounds(case: &Case, words: &Words, one: &Refused, mut finding: Finding) -> Finding {
    let user = &one.user.shown;
    let says = |seen: &Seen| {
        format!(
            "{} refused {user} over the network {}, because {}",
            hosts(case, &seen.hosts),
            times(seen.count),
            words.because
        )
    };
    let web = few(one.web.from.clone(), 3);
    finding = if one.web.count >= words.enough || one.kdc.count > 0 {
        finding.conclusive(says(&one.web), &web)
    } else {
        finding.observed(says(&one.web), &web)
    };
    finding = finding
        .supporting(
            format!(
                "{} (nothing shows that IIS made this logon)",
                says(&one.elsewhere)
            ),
            &few(one.elsewhere.from.clone(), 3),
        )
        .supporting(
            format!(
                "a domain controller says the same of {user} {}",
                times(one.kdc.count)
            ),
            &few(one.kdc.from.clone(), 2),
        )
        .supporting(
            format!(
                "a domain controller refused {user} {} with a code that fits",
                times(one.fits.count)
            ),
            &few(one.fits.from.clone(), 2),
        );
    if let Some(listed) = one.listed.present().filter(|listed| listed.value) {
        finding = finding.supporting(
            format!("the directory, when it was listed, showed {user} in that state"),
            &few(listed.from.clone(), 1),
        );
    }
    let first = one.web.span.map(|(first, _)| first);
    let before = |at: Option<jiff::Timestamp>| match (at, first) {
        (Some(at), Some(first)) => at <= first,
        _ => true,
    };
    let mut changes = one.changed.from.clone();
    changes.retain(|c| before(c.time));
    let told = format!("{}: {user}", words.change);
    if let Some(change) = changes.last() {
        finding.onset.get_or_insert_with(|| Ground {
            says: told.clone(),
            from: vec![change.clone()],
        });
    }
    finding.supporting(told, &few(changes, 2))
}

fn hosts(case: &Case, ids: &BTreeSet<HostId>) -> String {
    let names: Vec<&str> = ids
        .iter()
        .map(|h| case.hosts.get(*h).name.as_str())
        .collect();
    names.join(", ")
}

/// What to add where nobody can have typed so fast.
fn machine_like(users: &[&Refused]) -> &'static str {
    let fast = |seen: &Seen| {
        let seconds = seen.span.map_or(0, |(first, last)| {
            last.as_second().saturating_sub(first.as_second())
        });
        seen.count >= 30 && i64::try_from(seen.count).is_ok_and(|n| n > seconds / 10)
    };
    if users.iter().any(|r| fast(&r.web) || fast(&r.elsewhere)) {
        " Nobody types that fast: it is a program with an old password, or somebody who guesses."
    } else {
        ""
    }
}

/// Many users from one address, or one user from many: no user's sign-in problem.
fn guesses(scene: &Scene<'_>, reason: &Reason, words: &Words, users: &[&Refused]) -> Finding {
    let total: u64 = users.iter().map(|r| r.refusals()).sum();
    let from: Vec<_> = (users.iter().take(OWN))
        .flat_map(|r| r.web.from.iter().chain(&r.elsewhere.from).take(1).cloned())
        .collect();
    let mut clients: Vec<&str> = (users.iter())
        .flat_map(|r| r.web.clients.iter().chain(&r.elsewhere.clients))
        .map(String::as_str)
        .collect();
    clients.sort_unstable();
    clients.dedup();
    let shown = clients
        .iter()
        .take(3)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    Finding::about(
        subject(scene, users),
        format!(
            "{total} logons of {} accounts failed in a way that looks like somebody guessing passwords, or a gateway that stands in front of many users. This is no sign-in problem of one user: find out what stands behind {}.",
            users.len(),
            if shown.is_empty() { "the addresses" } else { &shown },
        ),
    )
    .supporting(format!("{} ({total} refusals)", words.because), &few(from, 4))
    .explains(explained(scene, reason, users))
    .at_most(Status::Possible)
}

fn subject(scene: &Scene<'_>, users: &[&Refused]) -> Subject {
    let hosts: BTreeSet<_> = users
        .iter()
        .flat_map(|r| {
            if r.web.count > 0 {
                &r.web.hosts
            } else {
                &r.elsewhere.hosts
            }
        })
        .collect();
    let host = match (hosts.len(), hosts.first()) {
        (1, Some(host)) => Some(scene.case.hosts.get(**host).name.clone()),
        _ => None,
    };
    let account = match users {
        [one] => Some(one.user.shown.clone()),
        _ => None,
    };
    Subject {
        account,
        host,
        ..Subject::default()
    }
}

/// The first few names, and how many more.
fn names(users: &[&Refused], one: &str, more: &str) -> String {
    let shown: Vec<&str> = users
        .iter()
        .take(OWN)
        .map(|r| r.user.shown.as_str())
        .collect();
    let list = shown.join(", ");
    match users.len() {
        1 => format!("{list} {one}"),
        n if n > OWN => format!("{list} and {} more {more}", n - OWN),
        _ => format!("{list} {more}"),
    }
}

/// The failures on these machines with these codes that name one of these users.
fn explained(scene: &Scene<'_>, reason: &Reason, users: &[&Refused]) -> Vec<SymptomId> {
    let of_user = |principals: &BTreeSet<String>| {
        principals.iter().any(|p| {
            let sam = split_name(p).1;
            users.iter().any(|r| r.user.sam == sam)
        })
    };
    scene
        .case
        .numbered_symptoms()
        .filter(|(_, s)| match s.kind {
            SymptomKind::LogonFailed {
                status, sub_status, ..
            } => {
                let code = if sub_status == 0 { status } else { sub_status };
                reason.statuses.contains(&code) && of_user(&s.principals)
            }
            _ => false,
        })
        .map(|(id, _)| id)
        .collect()
}
