//! DG-02: the user may not be passed on by anybody.

use super::hop::SecondHop;
use super::repair::verify;
use super::{every_hop, front::Arrivals};
use crate::case::{Case, common_name};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status};
use crate::evidence::{Citation, Known};
use crate::negotiate::Stage;
use crate::remedy::{Remedy, Step};

/// DG-02.
pub(crate) const CAUSE: Cause = Cause {
    id: "DG-02",
    name: "user-may-not-be-delegated",
    title: "The user is protected from delegation, and only such users fail",
    stage: Stage::SecondHop,
    page: Page {
        mechanism: "An account that is marked \"sensitive and cannot be delegated\" (NOT_DELEGATED, 0x100000), or that is in the group Protected Users, gets tickets that nobody can pass on. The KDC then refuses constrained delegation with 0xD or 0xC, and a browser has no ticket that it could forward. The web server and its delegation are in order: everybody else's second hop works. It is nearly always an administrator who tests the application with the own account.",
        evidence: &[
            "listing of the user: AccountNotDelegated True (bit 0x100000), or memberOf with Protected Users",
            "Kerberos event 3 or 4769 with 0xD or 0xC for that user only",
            "klist of that user: tickets without the flag forwardable",
            "the second hop of other users works",
        ],
        look_alikes: &[
            LookAlike {
                cause: "DG-04",
                told_apart_by: "there the SPN is not on the list, and all users fail",
            },
            LookAlike {
                cause: "DG-09",
                told_apart_by: "there the browser forwards nothing for anybody who uses it",
            },
        ],
        ruled_out_by: "users who are not protected failing as well.",
        fix: &[
            "Test with an ordinary user's account.",
            "Where a protected user really needs the application: give the application an account of its own for the back end. Keep the protection.",
        ],
        verify: "The same page works for an ordinary user.",
        rollback: "None: nothing is changed.",
        prevent: "Write into the application's run book that administrators' accounts cannot use what needs the second hop.",
        blind_spots: &[
            "membership in Protected Users through other groups is in no listing of the account",
        ],
        versions: "All supported versions; Protected Users since Windows Server 2012 R2.",
        sources: &[
            "Microsoft: Protected Users security group",
            "Microsoft: MS-SFU, sensitive accounts and the forwardable flag",
        ],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    every_hop(scene, &mut out, |hop, out| {
        let mut users = hop.users();
        if users.is_empty() {
            users = Arrivals::before(scene, hop).kerberos_users();
        }
        let states: Vec<(String, Protection)> = users
            .into_iter()
            .map(|user| (user.clone(), protection(scene.case, &user)))
            .collect();
        let free = states.iter().find_map(|(_, p)| match p {
            Protection::None(from) => Some(from),
            _ => None,
        });
        let held: Vec<(&str, &'static str, &[Citation])> = states
            .iter()
            .filter_map(|(user, p)| match p {
                Protection::Held(why, from) => Some((user.as_str(), *why, from.as_slice())),
                _ => None,
            })
            .collect();
        match (held.is_empty(), free) {
            (false, None) => {
                let other = states.iter().any(|(_, p)| matches!(p, Protection::NotMarked));
                let found = finding(scene, hop, &held);
                out.find(match other {
                    true => found.at_most(Status::Possible),
                    false => found,
                });
            }
            (_, Some(from)) => out.rule_out(
                "a user who may be delegated fails as well",
                &few(from.clone(), 2),
            ),
            (true, None) => match states.first() {
                Some((user, _)) => out.lack(Input::DelegationOf(user.clone())),
                None => out.lack(Input::Stated {
                    what: "whether the users that fail may be delegated, and whether they are in Protected Users",
                    collect_with: "Get-ADUser <user> -Properties AccountNotDelegated,MemberOf",
                }),
            },
        }
    });
    out
}

/// What a listing says of a user's protection from delegation.
enum Protection {
    /// Protected, why, and where that stands.
    Held(&'static str, Vec<Citation>),
    /// Not protected by itself.
    None(Vec<Citation>),
    /// Not marked; that it is in no such group is not shown.
    NotMarked,
    /// Not shown.
    Unknown,
}

fn protection(case: &Case, user: &str) -> Protection {
    let marked = case.listed_state(user, None, |state| state.not_delegated.clone());
    let (mut member, mut has_groups) = (Vec::new(), false);
    for object in case.objects.named(&case.accounts, user, None) {
        has_groups |= match &object.groups {
            Known::Present(groups) => groups.complete,
            Known::Absent(_) => true,
            Known::Unknown => false,
        };
        if let Known::Present(groups) = &object.groups {
            let groups = groups.value.shown.iter();
            let protected = groups.filter(|g| {
                // The group's SID ends in 525 in every language; listings name groups alone, by the English name or a translated one.
                common_name(&g.value).is_some_and(|cn| cn.eq_ignore_ascii_case("Protected Users"))
            });
            member.extend(protected.flat_map(|g| g.from.clone()));
        }
    }
    match marked {
        _ if !member.is_empty() => Protection::Held("is in Protected Users", member),
        Known::Present(mark) if mark.value => {
            Protection::Held("is marked as sensitive: it cannot be delegated", mark.from)
        }
        Known::Present(mark) if has_groups => Protection::None(mark.from),
        Known::Present(_) => Protection::NotMarked,
        _ => Protection::Unknown,
    }
}

fn finding(
    scene: &Scene<'_>,
    hop: &SecondHop<'_, '_>,
    held: &[(&str, &'static str, &[Citation])],
) -> Finding {
    let target = hop.shown(scene.case);
    let names: Vec<&str> = held.iter().map(|(user, ..)| *user).take(3).collect();
    let mut finding = hop.finding(
        scene,
        format!(
            "{} failed at the second hop to {target}, and may not be delegated: nobody can pass such a user on. The web server's delegation may be in order; try it with an ordinary user.",
            names.join(", ")
        ),
    );
    finding.subject.account = names.first().map(|name| (*name).to_owned());
    for (user, why, from) in held.iter().take(3) {
        finding = finding.structure(format!("{user} {why}"), &few(from.to_vec(), 1));
    }
    let others = hop.passed.iter().filter(|passed| {
        let user = passed.user.as_deref().map(|u| crate::case::split_name(u).1);
        user.is_some_and(|user| !names.contains(&user.as_str()))
    });
    let others: Vec<Citation> = others.map(|passed| passed.from.clone()).collect();
    if !others.is_empty() {
        finding = finding.supporting("the second hop of others works", &few(others, 2));
    } else if !hop.ways.is_allowed() {
        // Nobody is seen to get through, and nothing shows that anybody could.
        finding = finding.or_else(
            "DG-01",
            "nothing in the bundle shows that the front end may pass on anybody",
        );
    }
    // The user that failed is not named where the back end saw nobody.
    if hop.users().is_empty() {
        finding = finding.at_most(Status::Likely);
    }
    let remedy = Remedy::of(vec![
        Step::by_hand("try the same page with the account of an ordinary user")
            .stop_if("it fails too: the fault is in the web server's delegation"),
        Step::by_hand(
            "where a protected user needs the application, let the application reach the back end with an account of its own; keep the protection",
        ),
    ])
    .verify(verify(&target))
    .rollback(vec![Step::by_hand(CAUSE.page.rollback)])
    .prevent(CAUSE.page.prevent);
    finding.fix(remedy, Vec::new())
}
