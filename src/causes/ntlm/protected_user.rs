//! NT-05: a member of Protected Users meets NTLM.

use std::collections::BTreeSet;

use super::signs::{
    self, ACCOUNT_RESTRICTION, RefusedUser, RefusedUsers, Restriction, Restrictions,
};
use crate::case::Sameness;
use crate::causes::observations::times_of;
use crate::causes::scene::few;
use crate::causes::user::Named;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Subject};
use crate::negotiate::Stage;
use crate::readers::events::Event;
use crate::remedy::commands::{self as c, AccountKind};
use crate::remedy::{Remedy, Step};

/// NT-05.
pub(crate) const CAUSE: Cause = Cause {
    id: "NT-05",
    name: "protected-user-meets-ntlm",
    title: "A member of Protected Users meets NTLM",
    stage: Stage::Accept,
    page: Page {
        mechanism: "Members of the group Protected Users (and of authentication with DES or RC4, and of delegation) are kept from NTLM by the domain controllers. With a Kerberos ticket such a user signs in like anybody else. Where Kerberos is lost (no SPN, an IP address in the URL, only RC4 in common), everybody else falls back to NTLM without noticing, and the protected user alone is refused with STATUS_ACCOUNT_RESTRICTION: 401.1, with the right password.",
        evidence: &[
            "Domain controller, ProtectedUserFailures-DomainController: 100 (NTLM) or 104 (DES or RC4); Security log: 4822",
            "Security log of the web server: 4625 of type 3 with 0xC000006E for this user, while others get in by NTLM",
            "whoami /groups or a listing of the user: Protected Users (RID 525)",
        ],
        look_alikes: &[
            LookAlike {
                cause: "AC-10",
                told_apart_by: "0xC000006E has other reasons too; membership or event 100 decides",
            },
            LookAlike {
                cause: "NT-06",
                told_apart_by: "there an authentication policy or silo refuses: 101, 4820 or 4823",
            },
            LookAlike {
                cause: "AC-01",
                told_apart_by: "there the status is 0xC000006A",
            },
        ],
        ruled_out_by: "a listing of the user, or the user's token, without the group.",
        fix: &[
            "Give the user Kerberos with AES: the SPN, the name instead of the address, AES keys of the service.",
            "Only accounts of services and of tests are taken from the group; people who administer stay in it.",
        ],
        verify: "4624 of type 3 with package Kerberos for the user; the channel ProtectedUser-Client or ProtectedUserSuccesses-DomainController shows 303.",
        rollback: "Put the account back into the group.",
        prevent: "Never put accounts of services or computers into Protected Users; try every site with a member before the group is filled.",
        blind_spots: &[
            "the channels of Protected Users are off until somebody enables them",
            "in a directory of another language the group has another name: only its RID tells it",
        ],
        versions: "Domains of functional level Windows Server 2012 R2 and later.",
        sources: &[
            "Windows provider manifest: Microsoft-Windows-Security-Auditing 4822",
            "Microsoft: Protected Users security group",
            "Microsoft: Guidance about how to configure protected accounts (events 100, 104, 303)",
        ],
    },
    assess,
};

const WANTED: Input = Input::Stated {
    what: "whether the users who are refused are members of Protected Users",
    collect_with: "Get-ADGroup -Filter * | Where-Object { $_.SID -like '*-525' } | Get-ADGroupMember",
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let case = scene.case;
    let refused = RefusedUsers::of(scene, ACCOUNT_RESTRICTION);
    let restrictions = Restrictions::of(case);
    let mut users: Vec<(Named, Vec<&Event>)> = restrictions.users(Restriction::Protected);
    let told: BTreeSet<String> = users.iter().map(|(user, _)| user.sam.clone()).collect();
    // Members whom nothing but the web server refused.
    for other in refused.iter() {
        let is_told = told.contains(&other.user.sam)
            && !(restrictions.events_of(Restriction::Protected, &other.user)).is_empty();
        let by_policy = || !(restrictions.events_of(Restriction::Policy, &other.user)).is_empty();
        if !is_told && !by_policy() && !restrictions.is_protected(&other.user).is_empty() {
            users.push((other.user.clone(), Vec::new()));
        }
    }
    // Those whom the web server refused come first.
    users.sort_by_key(|(user, _)| refused.find(user, &case.accounts).is_none());
    out.find_each(
        &users,
        |(user, events)| Some(finding(scene, &refused, &restrictions, (user, events))),
        |(user, events)| {
            let written = events.first().map(|e| e.citation.clone());
            let shown = || restrictions.is_protected(user).into_iter().next();
            let first = written.or_else(shown);
            (user.sam.clone(), first.into_iter().collect())
        },
    );
    out.lack(WANTED);
    out
}

/// A member whom a domain controller, or the web server alone, refused.
fn finding(
    scene: &Scene<'_>,
    refused: &RefusedUsers<'_>,
    restrictions: &Restrictions<'_>,
    (user, events): (&Named, &[&Event]),
) -> Finding {
    let case = scene.case;
    let at_web = refused.find(user, &case.accounts);
    let member = restrictions.is_protected(user);
    let shown = at_web.map_or(user.sam.as_str(), |(_, r)| r.shown.as_str());
    let host = at_web.and_then(|(_, r)| match r.hosts.len() {
        1 => r.hosts.first().map(|h| case.hosts.get(*h).name.clone()),
        _ => None,
    });
    let subject = Subject {
        account: Some(shown.to_owned()),
        host,
        ..Subject::default()
    };
    let count = times_of(events);
    let events: Vec<_> = events.iter().map(|e| e.citation.clone()).collect();
    let mut finding = Finding::about(
        subject,
        format!(
            "{shown} is a member of Protected Users and came by NTLM: the domain refuses that, with the right password too. Others do not notice the fall-back to NTLM."
        ),
    )
    .structure(format!("{shown} is a member of Protected Users"), &few(member, 2))
    .conclusive(
        format!("a domain controller refused {shown} as a member of Protected Users, {count}"),
        &few(events, 3),
    );
    let says = |refused: &RefusedUser<'_>| {
        let count = times_of(&refused.events);
        format!("the web server refused {shown} with 0xC000006E, {count}")
    };
    finding = match at_web {
        Some((Sameness::Same, refused)) => finding
            .observed(says(refused), &few(refused.from(), 3))
            .explains(signs::explained(scene, &refused.user, ACCOUNT_RESTRICTION)),
        // A user of another domain may have the same name.
        Some((_, refused)) => finding
            .supporting(says(refused), &few(refused.from(), 3))
            .at_most(Status::Possible),
        // That the user failed at this web server is not shown.
        None if scene.has_log("Security", crate::case::Role::WebServer) => {
            finding.at_most(Status::Possible)
        }
        None => finding.lacks(Input::ServerSecurityLog),
    };
    finding.fix(remedy(user), Vec::new())
}

fn remedy(user: &Named) -> Remedy {
    let account = c::Identity {
        name: &user.sam,
        domain: user.domain.as_deref(),
    };
    let mut fix = vec![Step::run(
        c::get_ad_account(AccountKind::User, account),
        "look at the account and its groups (keep the output)",
    )];
    fix.extend(super::kerberos_first(None));
    fix.push(
        Step::by_hand(
            "only if this is an account of a service or of a test: take it from Protected Users",
        )
        .risk("the account can be used with NTLM and RC4 again, and its credentials are kept in memory")
        .stop_if("the account is that of an administrator: it stays in the group"),
    );
    Remedy::of(fix)
        .verify(super::verify_kerberos())
        .rollback(vec![Step::by_hand(
            "put the account back into Protected Users",
        )])
        .prevent(CAUSE.page.prevent)
}
