//! AC-12: only a smart card logs the user on, or the user's certificate is refused.

use std::collections::BTreeMap;

use super::refusal::Reason;
use super::state::{self, Words};
use super::users::User;
use crate::case::{Case, split_name};
use crate::causes::observations::times_of;
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Subject};
use crate::codes;
use crate::evidence::Citation;
use crate::negotiate::Stage;
use crate::readers::directory::AccountState;
use crate::readers::events::{Body, Event};
use crate::remedy::{Remedy, Step};

/// AC-12.
pub(crate) const CAUSE: Cause = Cause {
    id: "AC-12",
    name: "account-smart-card",
    title: "Only a smart card logs the user on, or the user's certificate is refused",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "An account with \"Smart card is required for interactive logon\" has no password that anybody knows: whoever types one is refused. The other half: the KDC refuses the certificate on the card, because it is not trusted, or because it does not name the user firmly enough since the hardening of May 2022 (in full force since 2025). Without the first ticket there is no ticket for any site, and NTLM has no password to offer. Every service fails for this user, not one site.",
        evidence: &[
            "Security log of the web server: 4625 of type 3 with 0xC00002FA (a smart card is required)",
            "System log of a domain controller: KDC 39 (no strong mapping), 40 (certificate older than the account), 41 (another SID), 45 (issuer not in NTAuth), 21 (certificate not valid)",
            "Security log of a domain controller: 4768 with 0x3E to 0x50 and pre-authentication type 16 or 17",
        ],
        look_alikes: &[
            LookAlike {
                cause: "ET-12",
                told_apart_by: "the same hardening as seen from the domain controllers: all users of one issuer or template fail",
            },
            LookAlike {
                cause: "AC-05",
                told_apart_by: "there a password has expired: 0xC0000071 or 0xC0000224, and 0x17",
            },
            LookAlike {
                cause: "SPN-01",
                told_apart_by: "there other sites work for the same user; here nothing does",
            },
        ],
        ruled_out_by: "a 4768 with 0x0 and pre-authentication type 16 for the user at the time.",
        fix: &[
            "Sign in with the card; a program that keeps a password for such an account needs another account.",
            "39, 40, 41: issue the certificate anew with the SID extension, or write a strong mapping (altSecurityIdentities with issuer and serial number, or the SID).",
            "45: put the issuer into the NTAuth store. 21: look at the chain and the revocation lists on the domain controller.",
        ],
        verify: "4768 with 0x0 and pre-authentication type 16 for the user; klist shows the ticket for the site.",
        rollback: "Take the mapping away again. The compatibility mode of the hardening ended in 2025: do not count on it.",
        prevent: "Issue certificates with the SID extension; watch KDC 39 to 41 before certificates are renewed.",
        blind_spots: &[
            "what is on the card is in none of these inputs",
            "the names of the fields of KDC 39 to 41 are not confirmed: the user is read from their text",
        ],
        versions: "Domain controllers with the updates of May 2022 (KB5014754) and later; the flag on accounts: all versions.",
        sources: &[
            super::SOURCE,
            "Microsoft: KB5014754, certificate-based authentication changes on Windows domain controllers",
        ],
    },
    assess,
};

const REASON: Reason = Reason {
    statuses: &[0xC000_02FA],
    kerberos: &[],
    shared: &[],
    begins: |_| false,
    ends: |_| false,
    listed: |state: &AccountState, _| state.smart_card_required.clone(),
    by_guessing: false,
};

const WORDS: Words = Words {
    because: "only a smart card logs the account on",
    change: "",
    moral: "No password lets this account in: a card does, or another account.",
    enough: 1,
    kdc_alone: false,
    remedy,
};

/// Kerberos errors of certificates.
const CERTIFICATE: std::ops::RangeInclusive<u32> = 0x3E..=0x50;
/// KDC events about certificates of users.
const REFUSALS: [u32; 5] = [21, 39, 40, 41, 45];

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = state::assess(scene, &REASON, &WORDS);
    let mut by_user: BTreeMap<String, Vec<&Event>> = BTreeMap::new();
    for event in &scene.case.events {
        if let Some(user) = refused(event) {
            by_user.entry(user).or_default().push(event);
        }
    }
    for (user, events) in &by_user {
        let works = gets_in(scene.case, user, events);
        let codes: Vec<String> = events.iter().filter_map(|e| code(e)).collect();
        let says = format!(
            "a domain controller refused the certificate of {user}, {}{}",
            times_of(events),
            codes
                .first()
                .map_or(String::new(), |code| format!(": {code}"))
        );
        let from = few(events.iter().map(|e| e.citation.clone()).collect(), 3);
        // Whom the web server refused for want of the card needs no second finding.
        let told = out.findings.iter_mut().find(|finding| {
            let account = finding.subject.account.as_deref();
            account.is_some_and(|account| split_name(account).1 == *user)
        });
        if let Some(told) = told {
            *told = std::mem::take(told).supporting(says, &from);
            continue;
        }
        let mut finding = Finding::about(
            Subject {
                account: Some(user.clone()),
                ..Subject::default()
            },
            format!(
                "The domain controllers refuse the certificate of {user}: no first ticket, and so no Kerberos at any site; NTLM has no password to offer."
            ),
        )
        .conclusive(says, &from)
        // That this user wanted the site is not shown by a domain controller.
        .at_most(Status::Possible)
        .lacks_all(scene.missing_server_log());
        if !works.is_empty() {
            finding = finding.contradicting(
                "the same user got a ticket with a certificate later",
                &works,
            );
        }
        out.find(finding.fix(remedy(&[]), Vec::new()));
    }
    if out.findings.is_empty() {
        out.lack(Input::DcSecurityLog);
        out.lack(Input::Stated {
            what: "the System log of the domain controllers (KDC 21, 39 to 41 and 45)",
            collect_with: "wevtutil epl System %COMPUTERNAME%_System.evtx",
        });
    }
    out
}

/// The user whose certificate a domain controller refused.
fn refused(event: &Event) -> Option<String> {
    match &event.body {
        Body::TgtRequest(e) if e.status.is_some_and(|s| CERTIFICATE.contains(&s)) => {
            let name = split_name(e.client.name.as_deref()?).1;
            (!name.ends_with('$')).then_some(name)
        }
        Body::Kdc(e) if REFUSALS.contains(&e.id) => {
            let user = e.fields.text("User").or(e.name.clone())?;
            let (_, name) = split_name(&user);
            (!name.is_empty() && !name.ends_with('$')).then_some(name)
        }
        _ => None,
    }
}

fn code(event: &Event) -> Option<String> {
    match &event.body {
        Body::TgtRequest(e) => Some(codes::KERBEROS.in_words(e.status?)),
        Body::Kdc(e) => Some(format!("KDC event {}", e.id)),
        _ => None,
    }
}

/// Tickets that the user got with a certificate after the last refusal.
fn gets_in(case: &Case, user: &str, refusals: &[&Event]) -> Vec<Citation> {
    let last = refusals.iter().map(|e| e.time).max();
    case.pick(|body| match body {
        Body::TgtRequest(e) if e.status == Some(0) && matches!(e.preauth_type, Some(16 | 17)) => {
            e.client.name.as_deref()
        }
        _ => None,
    })
    .filter(|(event, name)| Some(event.time) > last && split_name(name).1 == user)
    .map(|(event, _)| event.citation.clone())
    .take(2)
    .collect()
}

fn remedy(users: &[&User]) -> Remedy {
    let mut fix = super::look(users);
    fix.push(Step::by_hand("0xC00002FA: sign in with the card; where a program has stored a password for the account, give the program another account"));
    fix.push(
        Step::by_hand("KDC 39, 40, 41: issue the user's certificate anew from a template that writes the SID extension, or write a strong mapping into altSecurityIdentities (issuer and serial number)")
            .risk("a mapping to the wrong account lets somebody else in: check issuer and serial number twice"),
    );
    fix.push(Step::by_hand("KDC 45: publish the issuer with certutil -dspublish -f <issuer.cer> NTAuthCA. KDC 21: certutil -verify -urlfetch <certificate> on a domain controller shows what is not valid"));
    Remedy::of(fix)
        .verify(super::verify())
        .rollback(vec![Step::by_hand("take the mapping away again")])
        .prevent(CAUSE.page.prevent)
}
