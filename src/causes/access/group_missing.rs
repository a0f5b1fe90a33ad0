//! AZ-05: the user is in the group, and the token of the session is not.

use super::{BY_RULE, Refused, Ruling, refused, rulings};
use crate::case::{Sameness, common_name, split_name};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status};
use crate::evidence::{Citation, Cited, Known};
use crate::negotiate::Stage;
use crate::remedy::commands as c;
use crate::remedy::{Remedy, Step};

/// AZ-05.
pub(crate) const CAUSE: Cause = Cause {
    id: "AZ-05",
    name: "group-missing-in-token",
    title: "The directory has the user in the group, and the user's token does not",
    stage: Stage::Authorize,
    page: Page {
        mechanism: "Groups enter a token when the user signs in, and the Kerberos ticket carries them for up to ten hours. Whoever was put into a group since then is refused until the next sign-in, at every server that relies on the group. Two kinds of group never arrive: domain local groups of another domain than the web server's, and groups that a trust filters out.",
        evidence: &[
            "directory: the user is a member of the group that rule or access list admits",
            "whoami /groups in the user's session: the group is not there",
            "IIS log: 401.3, or 401 with the user named, for this user and not for colleagues in the same group",
            "the user gets in after signing out of Windows and in again",
        ],
        look_alikes: &[
            LookAlike {
                cause: "AZ-03",
                told_apart_by: "there the user is not in the group in the directory either",
            },
            LookAlike {
                cause: "TR-05",
                told_apart_by: "there the trust filters the group out for every user of the other domain, and a new sign-in changes nothing",
            },
        ],
        ruled_out_by: "the group in the token (whoami /groups, or event 4627 on the web server).",
        fix: &[
            "The user signs out of Windows and in again; locking the screen is not enough.",
            "Where that cannot be: klist purge in the user's session, then close every browser window and open the site again.",
            "For a domain local group of another domain: use a universal or global group, or one of the web server's own domain.",
        ],
        verify: "whoami /groups shows the group, and the page opens.",
        rollback: "Nothing was changed.",
        prevent: "Tell people that a new membership takes effect with the next sign-in; admit by universal or global groups across domains.",
        blind_spots: &["the token that the web server itself built for the user"],
        versions: "All supported versions.",
        sources: &[
            "Microsoft: Access tokens (groups are those at the time of logon)",
            "Microsoft: Active Directory security groups (scope of groups)",
        ],
    },
    assess,
};

/// What decides it.
const TOKEN: Input = Input::Stated {
    what: "the groups in the token of a user who is refused, from that user's own session, beside the groups that the directory lists",
    collect_with: "(echo whoami /all& whoami /all) >> %COMPUTERNAME%_whoami.txt 2>&1",
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let mut open = false;
    for one in refused(scene, &BY_RULE) {
        let spots = one.spots();
        let mut roles: Vec<(String, Citation)> = Vec::new();
        for spot in &spots {
            let users = &one.symptom.principals;
            for (_, ruling) in rulings(&scene.case.accounts, spot.rules(), users) {
                if let Ruling::ByRole(names, from) = ruling {
                    let from = from.into_iter().next();
                    roles.extend(names.into_iter().zip(from.into_iter().cycle()));
                }
            }
        }
        roles.sort();
        roles.dedup();
        for (role, rule) in &roles {
            match compare(scene, &one, role) {
                Compared::Stale(user, says) => {
                    out.find(finding(scene, &one, &spots, &user, role, rule, &says));
                }
                Compared::Holds(from) => {
                    out.rule_out(
                        format!("the token of a user who was refused holds {role}"),
                        &[from],
                    );
                }
                Compared::Unknown => open = true,
            }
        }
    }
    let by_file = !refused(scene, &[super::BY_FILE]).is_empty();
    // Where nobody is refused after a sign-in it has nothing to explain.
    if open || by_file || (scene.case.logged_sites.is_empty() && scene.case.traces.is_empty()) {
        out.lack(TOKEN);
    }
    out
}

pub(super) enum Compared {
    /// The directory has the user in the group, the token does not: who, and the places.
    Stale(String, Vec<Citation>),
    /// The token holds the group.
    Holds(Citation),
    /// Token or directory are not in the bundle.
    Unknown,
}

/// Token and directory of a user who was refused, as to one group.
pub(super) fn compare(scene: &Scene<'_>, one: &Refused<'_>, role: &str) -> Compared {
    let accounts = &scene.case.accounts;
    let is = |a: &str, b: &str| accounts.is_spelled(a, b) == Sameness::Same;
    let group = split_name(role).1;
    for user in &one.symptom.principals {
        let mut tokens = scene.case.tokens.iter().map(|(_, token)| token);
        let token = tokens.find(|token| {
            let named = token.user.as_ref().is_some_and(|u| is(&u.value, user));
            named && !token.groups.is_empty()
        });
        let Some(token) = token else { continue };
        if let Some(held) = token.groups.iter().find(|g| is(&g.name, role)) {
            return Compared::Holds(held.from.clone());
        }
        let (domain, name) = split_name(user);
        let mut objects = scene.case.objects.named(accounts, &name, domain.as_deref());
        let listed = objects.find_map(|object| match &object.groups {
            Known::Present(groups) => {
                let is_it = |dn: &&Cited<String>| {
                    let name = common_name(&dn.value);
                    name.is_some_and(|name| name.eq_ignore_ascii_case(&group))
                };
                let mut shown = groups.value.shown.iter();
                shown.find(is_it).map(|dn| dn.from.clone())
            }
            _ => None,
        });
        if let Some(mut from) = listed {
            from.push(token.from.clone());
            return Compared::Stale(name.clone(), from);
        }
    }
    Compared::Unknown
}

fn finding(
    scene: &Scene<'_>,
    one: &Refused<'_>,
    spots: &[super::refused::Spot<'_>],
    user: &str,
    role: &str,
    rule: &Citation,
    places: &[Citation],
) -> Finding {
    let mut subject = one.subject(scene, spots);
    subject.account = Some(user.to_owned());
    let finding = Finding::about(
        subject,
        format!("The rules admit {role}. The directory has {user} in that group, the token of {user}'s session does not: the session began before the user was put into the group."),
    )
    .structure(
        format!("the directory lists {user} in {role}, and the token of the session lacks it"),
        &few(places.to_vec(), 3),
    )
    .structure(format!("the rule admits by this group: {role}"), std::slice::from_ref(rule));
    // The session that whoami was run in may be another one than that of the browser.
    one.observe(finding, &[]).at_most(Status::Likely).fix(
        Remedy::of(vec![
            Step::by_hand("the user signs out of Windows and in again (locking the screen is not enough)"),
            Step::run(
                c::klist_purge(),
                "where that cannot be: purge the tickets in the user's session, then close every browser window",
            ),
        ])
        .verify(vec![Step::by_hand("whoami /groups shows the group, and the page opens")])
        .rollback(vec![Step::by_hand("nothing was changed")])
        .prevent(CAUSE.page.prevent),
        Vec::new(),
    )
}
