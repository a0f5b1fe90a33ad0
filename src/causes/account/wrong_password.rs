//! AC-01: the user's password is wrong.

use jiff::SignedDuration;

use super::refusal::Reason;
use super::state::{self, Words};
use super::users::User;
use crate::case::{SymptomKind, split_name};
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Finding, Ground, LookAlike, Page, Scene, Status, View, ntlm,
};
use crate::evidence::{Known, When};
use crate::negotiate::Stage;
use crate::readers::events::{Body, LogonFailed};
use crate::remedy::{Remedy, Step};

/// AC-01.
pub(crate) const CAUSE: Cause = Cause {
    id: "AC-01",
    name: "account-wrong-password",
    title: "The user's password is wrong",
    stage: Stage::Accept,
    page: Page {
        mechanism: "Somebody, or something, signs in with a password that is not the account's: typed into the browser's prompt, saved on the client, or kept by a service that was not told of a change. NTLM is refused by the domain controller through the web server, and the answer is 401.1. With Kerberos the client does not even get its first ticket, and the web server hears nothing.",
        evidence: &[
            "Security log of the web server: 4625 of type 3 with status 0xC000006D and substatus 0xC000006A",
            "Security log of a domain controller: 4776 with 0xC000006A, or 4771 with 0x18, for the same user",
            "IIS log: 401 1 2148074252",
        ],
        look_alikes: &[
            LookAlike {
                cause: "LOOP-01",
                told_apart_by: "there the substatus is 0x0 and the address is the server's own",
            },
            LookAlike {
                cause: "SPN-05",
                told_apart_by: "there users are prompted too, but clients log Kerberos event 4, and the right password does not help",
            },
            LookAlike {
                cause: "AC-02",
                told_apart_by: "there the status is 0xC0000234: the account is locked, often after many wrong passwords",
            },
            LookAlike {
                cause: "NT-04",
                told_apart_by: "there the password is right, and the client sends a version of NTLM that nobody checks: LmCompatibilityLevel tells",
            },
            LookAlike {
                cause: "POOL-02",
                told_apart_by: "there the stale password is the pool's, and every user is affected",
            },
        ],
        ruled_out_by: "the same user signing in with the same client and password at the time.",
        fix: &[
            "Find where the wrong password comes from: address, workstation and process stand in the events.",
            "Correct it there: the browser's prompt, the client's saved credentials, the service.",
            "Do not reset the password and do not loosen the lock-out policy.",
        ],
        verify: "4624 of type 3 for the user on the web server; 4768 or 4776 with 0x0 on a domain controller.",
        rollback: "Nothing is changed in the directory.",
        prevent: "Single sign-on instead of prompts; managed service accounts for services.",
        blind_spots: &[
            "with Kerberos the web server writes nothing; only the domain controllers know",
            "a typing error followed by the right password is not reported, and one or two wrong passwords of a user among others who get in are possible at most",
        ],
        versions: "All supported versions.",
        sources: &[super::SOURCE],
    },
    assess,
};

const REASON: Reason = Reason {
    statuses: &[0xC000_006A],
    kerberos: &[0x18],
    shared: &[],
    begins: |_| false,
    ends: |_| false,
    listed: |_, _| Known::Unknown,
    by_guessing: true,
};

const WORDS: Words = Words {
    because: "the password was wrong",
    change: "",
    moral: "The right password, or the saved one corrected, lets the user in; nothing is wrong with the site.",
    enough: 3,
    kdc_alone: false,
    remedy,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = state::assess(scene, &REASON, &WORDS);
    let mismatches = scene.symptoms(|k| matches!(k, SymptomKind::KeyMismatch(_)));
    for finding in &mut out.findings {
        // Whose ticket cannot be opened gets a prompt, and may well mistype there: the prompt is then the trouble.
        let host = finding.subject.host.as_deref();
        let prompts: Vec<_> = (mismatches.iter())
            .filter(|(_, s)| s.spn().is_some_and(|spn| may_lead_to(scene, spn, host)))
            .flat_map(|(_, s)| s.from.clone())
            .collect();
        if !prompts.is_empty() {
            let cap = finding
                .at_most
                .map_or(Status::Likely, |cap| cap.max(Status::Likely));
            *finding = std::mem::take(finding)
                .supporting(
                    "clients were told that their tickets cannot be opened: users who are prompted for that reason may mistype",
                    &few(prompts.clone(), 2),
                )
                .at_most(cap);
        }
    }
    for finding in &mut out.findings {
        *finding = with_what_else_is_known(scene, std::mem::take(finding));
    }
    out
}

/// Whether a ticket for an SPN may have been meant for a machine: one of its endpoints asks for it, or none that is known.
fn may_lead_to(scene: &Scene<'_>, spn: &str, host: Option<&str>) -> bool {
    let name = |id| scene.case.hosts.get(id).name.as_str();
    let mut asked = scene
        .views
        .iter()
        .filter(|v| v.spn().is_some_and(|s| s.key() == spn));
    let elsewhere = |v: &View<'_>| v.endpoint.host.map(name).is_some_and(|n| Some(n) != host);
    let first = asked.next();
    first.is_none_or(|first| !elsewhere(first) || asked.any(|v| !elsewhere(v)))
}

/// A client whose version of NTLM is refused gets the same answer; and a password that was set shortly before is the one
/// that the client does not know yet.
fn with_what_else_is_known(scene: &Scene<'_>, mut finding: Finding) -> Finding {
    let Some(account) = finding.subject.account.clone() else {
        return finding;
    };
    let (domain, user) = split_name(&account);
    let failures: Vec<_> = (scene.case.events.iter())
        .filter_map(|event| match &event.body {
            Body::LogonFailed(e) if split_name(e.target.name.as_deref()?).1 == user => {
                Some((event, e))
            }
            _ => None,
        })
        .collect();
    let workstations: Vec<&str> = failures
        .iter()
        .filter_map(|(_, e)| e.workstation.as_deref())
        .collect();
    let is_v1 = |e: &LogonFailed| {
        e.lm_package
            .as_deref()
            .is_some_and(|p| p.to_uppercase().ends_with("V1"))
    };
    let version_one = failures
        .iter()
        .filter(|(_, e)| is_v1(e))
        .map(|(event, _)| event.citation.clone());
    let version_one = ntlm::level_mismatch_for(scene.case, &workstations)
        .unwrap_or_else(|| version_one.collect());
    if !version_one.is_empty() {
        finding = finding
            .contradicting(
                "the client sends NTLM version 1, which domain controllers may be set to refuse",
                &few(version_one, 2),
            )
            .or_else(
                "NT-04",
                "an answer of NTLM version 1 that is not checked looks like a wrong password",
            );
    }
    let first = (finding.observed.iter().chain(&finding.supporting))
        .flat_map(|ground| &ground.from)
        .filter_map(|at| at.time)
        .min();
    let objects = scene
        .case
        .objects
        .named(&scene.case.accounts, &user, domain.as_deref());
    let set: Vec<_> = objects
        .filter_map(|object| object.state.password_last_set.present())
        .filter(|set| match (set.value, first) {
            (When::Utc(set), Some(first)) => set < first && first.duration_since(set) < RECENT,
            _ => false,
        })
        .filter_map(|set| set.from.first().cloned())
        .collect();
    if let (Some(at), None) = (set.first(), &finding.onset) {
        finding.onset = Some(Ground {
            says: format!(
                "the password of {account} was set shortly before the first refusal: what still has the old one sends it"
            ),
            from: vec![at.clone()],
        });
    }
    finding.supporting(
        format!("the password of {account} was set shortly before the first refusal"),
        &few(set, 1),
    )
}

/// A password is new for so long.
const RECENT: SignedDuration = SignedDuration::from_hours(14 * 24);

fn remedy(users: &[&User]) -> Remedy {
    let mut fix = super::look(users);
    fix.push(Step::by_hand(
        "find the source: IpAddress, WorkstationName and ProcessName of the 4625, Workstation of the 4776",
    ));
    fix.push(
        Step::by_hand(
            "on that client, delete or correct the saved credentials for the site (Control Panel, Credential Manager), or give the service its new password",
        )
        .stop_if("the account locks: stop the source before trying again"),
    );
    Remedy::of(fix)
        .verify(super::verify())
        .rollback(vec![Step::by_hand("nothing was changed in the directory")])
        .prevent(CAUSE.page.prevent)
}
