//! AC-10: STATUS_ACCOUNT_RESTRICTION, which several policies give.

use super::refusal::Reason;
use super::state::{self, Words};
use super::users::User;
use crate::causes::ntlm::{Restriction, Restrictions};
use crate::causes::scene::few;
use crate::causes::user::Named;
use crate::causes::{Assessment, Cause, Input, LookAlike, Page, Scene, Status};
use crate::evidence::Known;
use crate::negotiate::Stage;
use crate::remedy::{Remedy, Step};

/// AC-10.
pub(crate) const CAUSE: Cause = Cause {
    id: "AC-10",
    name: "account-restriction",
    title: "A policy restricts the account (0xC000006E)",
    stage: Stage::Accept,
    page: Page {
        mechanism: "STATUS_ACCOUNT_RESTRICTION says that name and password were right and that a policy forbids this logon all the same. Three policies give it: a local account with an empty password may not come over the network; a member of Protected Users may not use NTLM; an authentication policy or silo does not allow NTLM, or not from this device. The status alone does not say which.",
        evidence: &[
            "Security log of the web server: 4625 of type 3 with 0xC000006E and no other substatus",
            "Security log of a domain controller: 4776 with 0xC000006E for an account of the domain",
            "What decides: 100, 104 or 4822 (Protected Users); 101, 4820 or 4823 (policy or silo); an account of the web server itself (empty password)",
        ],
        look_alikes: &[
            LookAlike {
                cause: "NT-05",
                told_apart_by: "membership in Protected Users, or event 100",
            },
            LookAlike {
                cause: "NT-06",
                told_apart_by: "events 101, 4820, 4821 or 4823 that name a policy or silo",
            },
            LookAlike {
                cause: "AC-01",
                told_apart_by: "there the password is wrong: 0xC000006A",
            },
        ],
        ruled_out_by: "one of the two neighbours being shown for the user.",
        fix: &[
            "Find out which policy it is: the user's groups, and the domain controllers' channels for Protected Users and authentication policies.",
            "An account of the web server with an empty password: give it a password; better, use an account of the domain.",
        ],
        verify: "4624 of type 3 for the user.",
        rollback: "Per policy: see NT-05 and NT-06.",
        prevent: "Kerberos for protected users; no local accounts for people.",
        blind_spots: &[
            "the two channels of domain controllers are off until somebody enables them",
        ],
        versions: "All supported versions; Protected Users and silos since Windows Server 2012 R2.",
        sources: &[
            super::SOURCE,
            "Microsoft: security option \"Accounts: Limit local account use of blank passwords to console logon only\"",
        ],
    },
    assess,
};

const REASON: Reason = Reason {
    statuses: &[0xC000_006E],
    kerberos: &[],
    shared: &[],
    begins: |_| false,
    ends: |_| false,
    listed: |_, _| Known::Unknown,
    by_guessing: false,
};

const WORDS: Words = Words {
    because: "a policy restricts the account",
    change: "",
    moral: "Name and password were right.",
    enough: 1,
    kdc_alone: false,
    remedy,
};

/// What decides between the policies.
const WANTED: Input = Input::Stated {
    what: "the groups of the user who is refused, and the channels ProtectedUserFailures-DomainController and AuthenticationPolicyFailures-DomainController (Microsoft-Windows-Authentication) of the domain controllers",
    collect_with: "wevtutil epl \"Microsoft-Windows-Authentication/ProtectedUserFailures-DomainController\" %COMPUTERNAME%_ProtectedUserFailures.evtx",
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = state::assess(scene, &REASON, &WORDS);
    let case = scene.case;
    let restrictions = Restrictions::of(case);
    let mut undecided = Vec::new();
    for finding in std::mem::take(&mut out.findings) {
        let Some(account) = finding.subject.account.clone() else {
            undecided.push(finding.at_most(Status::Possible).lacks(WANTED));
            continue;
        };
        let user = Named::of(&account, None);
        let of = |which| {
            let events = restrictions.events_of(which, &user);
            events
                .iter()
                .map(|e| e.citation.clone())
                .collect::<Vec<_>>()
        };
        let mut protected = of(Restriction::Protected);
        protected.extend(restrictions.is_protected(&user));
        let policy = of(Restriction::Policy);
        if !protected.is_empty() || !policy.is_empty() {
            out.rule_out(
                format!("what restricts {account} is shown: Protected Users (NT-05), or an authentication policy (NT-06)"),
                &few([protected, policy].concat(), 2),
            );
            continue;
        }
        // An account of the web server itself is in no group of the domain.
        let local = user.domain.as_deref().is_some_and(|d| {
            let mut hosts = case.hosts.iter();
            hosts.any(|(_, host)| host.name.eq_ignore_ascii_case(d))
        });
        undecided.push(if local {
            let mut finding = finding.at_most(Status::Likely);
            finding.explanation.push_str(
                " It is an account of the machine itself: with an empty password it may log on at the console only.",
            );
            finding
        } else {
            finding
                .or_else("NT-05", "membership in Protected Users gives the same status")
                .or_else("NT-06", "an authentication policy gives the same status")
                .lacks(WANTED)
        });
    }
    out.findings = undecided;
    out
}

fn remedy(users: &[&User]) -> Remedy {
    let mut fix = super::look(users);
    fix.push(Step::by_hand(
        "find out which policy it is: the user's groups (Protected Users), an authentication policy or silo, or an account of the web server with an empty password",
    ));
    fix.push(Step::by_hand("Protected Users, policy or silo: see why401 explain NT-05 and NT-06; give the user Kerberos"));
    fix.push(
        Step::by_hand("an account of the web server: give it a password")
            .stop_if("a program uses it: that program needs the password too"),
    );
    Remedy::of(fix)
        .verify(super::verify())
        .rollback(vec![Step::by_hand(
            "put back what was changed for the policy that it was",
        )])
        .prevent(CAUSE.page.prevent)
}
