//! NT-05: a member of Protected Users meets NTLM.

use std::collections::BTreeSet;

use super::signs::{self, ACCOUNT_RESTRICTION, Restriction};
use crate::causes::observations::times;
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Subject};
use crate::negotiate::Stage;
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
    let refused = signs::refused_users(scene, ACCOUNT_RESTRICTION);
    let written: Vec<(String, &crate::readers::events::Event)> =
        signs::restricted_by(case, Restriction::Protected).collect();
    let policy: BTreeSet<String> = signs::restricted_by(case, Restriction::Policy)
        .map(|(user, _)| user)
        .collect();
    let users: BTreeSet<&String> = refused
        .keys()
        .chain(written.iter().map(|(user, _)| user))
        .collect();
    for user in users {
        let at_web = refused.get(user);
        let events: Vec<_> = (written.iter().filter(|(who, _)| who == user))
            .map(|(_, event)| event.citation.clone())
            .collect();
        let member = signs::is_protected(case, user);
        if events.is_empty() && (member.is_empty() || policy.contains(user)) {
            continue;
        }
        let shown = at_web.map_or(user.as_str(), |r| r.shown.as_str());
        let host = at_web.and_then(|r| match r.hosts.len() {
            1 => r.hosts.first().map(|h| case.hosts.get(*h).name.clone()),
            _ => None,
        });
        let subject = Subject {
            account: Some(shown.to_owned()),
            host,
            ..Subject::default()
        };
        let mut finding = Finding::about(
            subject,
            format!(
                "{shown} is a member of Protected Users and came by NTLM: the domain refuses that, with the right password too. Others do not notice the fall-back to NTLM."
            ),
        )
        .structure(format!("{shown} is a member of Protected Users"), &few(member, 2));
        let count = times(u64::try_from(events.len()).unwrap_or(u64::MAX));
        finding = finding.conclusive(
            format!("a domain controller refused {shown} as a member of Protected Users, {count}"),
            &few(events, 3),
        );
        match at_web {
            Some(refused) => {
                let count = times(u64::try_from(refused.events.len()).unwrap_or(u64::MAX));
                finding = finding
                    .observed(
                        format!("the web server refused {shown} with 0xC000006E, {count}"),
                        &few(refused.from(), 3),
                    )
                    .explains(signs::explained(scene, user, ACCOUNT_RESTRICTION));
            }
            // That the user failed at this web server is not shown.
            None if scene.has_log("Security", crate::case::Role::WebServer) => {
                finding = finding.at_most(Status::Possible);
            }
            None => finding = finding.lacks(Input::ServerSecurityLog),
        }
        out.find(finding.fix(remedy(user), Vec::new()));
    }
    out.lack(WANTED);
    out
}

fn remedy(user: &str) -> Remedy {
    let mut fix = vec![Step::run(
        c::get_ad_account(AccountKind::User, user),
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
