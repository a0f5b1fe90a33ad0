//! AC-08: nobody knows the user name.

use super::refusal::Reason;
use super::state::{self, Words};
use super::users::User;
use crate::causes::machine::{outside_domains, unknown_membership};
use crate::causes::observations::times;
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, LookAlike, Page, Scene};
use crate::evidence::Known;
use crate::negotiate::Stage;
use crate::readers::events::Body;
use crate::remedy::{Remedy, Step};

/// AC-08.
pub(crate) const CAUSE: Cause = Cause {
    id: "AC-08",
    name: "account-unknown",
    title: "Nobody knows the user name",
    stage: Stage::Accept,
    page: Page {
        mechanism: "Whoever has no ticket is asked for a name and a password, and NTLM takes the name to the authority that its domain part names: the domain, or the web server's own accounts. A name that is not there is refused, whatever the password. Typical: a name typed without its domain on a computer that belongs to no domain (Windows then puts the computer's own name before it), a local account of the client, a name of another domain that is not trusted.",
        evidence: &[
            "Security log of the web server: 4625 of type 3 with 0xC0000064; its domain field shows who was asked: the client's own name means a local account",
            "Security log of a domain controller: 4776 with 0xC0000064, or 4768 with 0x6",
        ],
        look_alikes: &[
            LookAlike {
                cause: "AC-11",
                told_apart_by: "there the name has the form user@suffix, and the suffix is what nobody knows",
            },
            LookAlike {
                cause: "AC-01",
                told_apart_by: "there the name is known and the password is wrong: 0xC000006A",
            },
            LookAlike {
                cause: "MC-08",
                told_apart_by: "there the web server belongs to no domain, and knows none of its users",
            },
            LookAlike {
                cause: "LOOP-01",
                told_apart_by: "there the substatus is 0x0 and the address is the server's own",
            },
        ],
        ruled_out_by: "the same name signing in elsewhere, or a listing of the account in the domain that was asked.",
        fix: &[
            "Type DOMAIN\\user, or the user principal name.",
            "A local account of another computer never works: use an account of the domain, or one of the web server.",
            "Give the computers of these users single sign-on, so that nobody types.",
        ],
        verify: "4624 of type 3 for the user on the web server; 4776 with 0x0 on a domain controller.",
        rollback: "Nothing is changed.",
        prevent: "Single sign-on; defaultLogonDomain helps only with Basic authentication.",
        blind_spots: &[
            "many names from one address are somebody who guesses, and no user's trouble",
            "an account that was renamed or deleted looks the same",
        ],
        versions: "All supported versions.",
        sources: &[super::SOURCE],
    },
    assess,
};

const REASON: Reason = Reason {
    statuses: &[0xC000_0064],
    kerberos: &[0x6],
    shared: &[],
    begins: |change| change.id == 4726,
    ends: |_| false,
    listed: |_, _| Known::Unknown,
    by_guessing: true,
};

const WORDS: Words = Words {
    because: "nobody knows that name",
    change: "the account was deleted",
    moral: "The name, or the domain before it, is wrong; the password does not matter, and nothing is wrong with the site.",
    enough: 3,
    kdc_alone: false,
    remedy,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = state::assess(scene, &REASON, &WORDS);
    // user@suffix is the other cause.
    let is_upn = |account: &Option<String>| account.as_deref().is_some_and(|a| a.contains('@'));
    out.findings.retain(|f| !is_upn(&f.subject.account));
    // A server of no domain knows no user of one (MC-08).
    let outside: Vec<_> = outside_domains(scene);
    out.findings.retain(|f| {
        let host = f.subject.host.as_deref();
        outside.is_empty() || host.is_some_and(|host| !outside.contains(&host))
    });
    for finding in &mut out.findings {
        let asks = finding.subject.host.as_deref();
        if let Some(member) = asks.and_then(|host| unknown_membership(scene, host)) {
            *finding = std::mem::take(finding)
                .or_else("MC-08", "nothing shows that the server is a member of the domain: then it knows nobody of it")
                .lacks(member);
        }
        let Some(account) = finding.subject.account.clone() else {
            continue;
        };
        let local: Vec<_> = (scene.case.events.iter())
            .filter(|event| match &event.body {
                Body::LogonFailed(e) => {
                    let by_client = e.target.domain.is_some()
                        && e.target.domain.as_deref().map(str::to_lowercase)
                            == e.workstation.as_deref().map(str::to_lowercase);
                    let code = e.sub_status.filter(|s| *s != 0).or(e.status);
                    let (_, sam) = crate::case::split_name(&account);
                    let name = e.target.name.as_deref().map(str::to_lowercase);
                    by_client && code == Some(0xC000_0064) && name == Some(sam)
                }
                _ => false,
            })
            .map(|event| event.citation.clone())
            .collect();
        if local.is_empty() {
            continue;
        }
        let count = times(scene.case.met(&local));
        finding.explanation.push_str(
            " The domain part is the client's own name: a local account of that computer was used, or a name was typed without its domain on a computer that belongs to none.",
        );
        *finding = std::mem::take(finding).supporting(
            format!("the client put its own name before the user's, {count}"),
            &few(local, 2),
        );
    }
    out
}

fn remedy(_: &[&User]) -> Remedy {
    Remedy::of(vec![
        Step::by_hand("look in the 4625 who was asked for the name: TargetDomainName is the domain, and WorkstationName the client"),
        Step::by_hand("let the user type DOMAIN\\user or the user principal name; on a computer outside of the domain no other form is complete"),
        Step::by_hand("where a program sends the name: correct it in the program's configuration")
            .stop_if("the account was deleted on purpose: then the program needs another one"),
    ])
    .verify(super::verify())
    .rollback(vec![Step::by_hand("nothing was changed")])
    .prevent(CAUSE.page.prevent)
}
