//! AZ-03: an authorization rule refuses a user who signed in.

use std::collections::BTreeSet;

use super::group_missing::{Compared, compare};
use super::refused::{Spot, listed};
use super::{BY_RULE, Refused, Rules, Ruling, lack_requests, refused, ruling, rulings};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status};
use crate::negotiate::Stage;
use crate::remedy::commands as c;
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step};

/// AZ-03.
pub(crate) const CAUSE: Cause = Cause {
    id: "AZ-03",
    name: "authorization-rule-refuses-user",
    title: "The user is signed in, and an authorization rule refuses access",
    stage: Stage::Authorize,
    page: Page {
        mechanism: "Rules of <authorization> say which users and groups may open a path. Those of IIS (system.webServer/security) are asked for every file: its deny rules first, then its allow rules, and whom none allows is refused. Those of ASP.NET (system.web) go from the deepest web.config upwards, and the first that matches decides. The refusal is a 401 after a sign-in that went well; the browser asks for another password all the same.",
        evidence: &[
            "web.config or applicationHost.config: <authorization> with a rule that does not admit the user or the user's groups",
            "IIS log: 401 with the user in cs-username and sub-status 2 or 0 (which of them is not documented)",
            "failed-request trace: UrlAuthorizationModule (IIS) or UrlAuthorization (ASP.NET) sets the status at AUTHORIZE_REQUEST",
            "Security log of the web server: 4624 for the user in the same second",
        ],
        look_alikes: &[
            LookAlike {
                cause: "AZ-01",
                told_apart_by: "there the sub-status is 3",
            },
            LookAlike {
                cause: "AZ-04",
                told_apart_by: "there no rule in force can refuse the user, or a trace shows the handler set the status",
            },
            LookAlike {
                cause: "AZ-05",
                told_apart_by: "there a rule admits a group that the directory lists the user in, and the token lacks it",
            },
        ],
        ruled_out_by: "no rule in force at the path that can refuse a signed-in user.",
        fix: &[
            "Read the rules in force at the very path: appcmd list config \"Site/App\" -section:system.webServer/security/authorization, and the <authorization> of every web.config on the way.",
            "Decide whether the user is meant to get in. If so, put the user into the group that the rule names; rules for groups are easier to keep than rules for users.",
            "After a change of groups the user signs out of Windows and in again: the token of a running session does not change.",
            "Where the rule itself is wrong, correct it at the level that sets it, and deny as little as possible.",
        ],
        verify: "The user gets 200; a user who is not meant to get in is still refused.",
        rollback: "Put the former rule, or the former web.config, back.",
        prevent: "Rules for groups only, at one level, reviewed with the application.",
        blind_spots: &[
            "the groups in the user's token",
            "web.config files on the way that the bundle does not hold",
        ],
        versions: "IIS 7.0 to 10.",
        sources: &[
            "Microsoft: <authorization> element of IIS (deny before allow)",
            "Microsoft: URL authorization of ASP.NET (first match, deepest first)",
        ],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    lack_requests(scene, &mut out);
    for one in refused(scene, &BY_RULE) {
        match finding(scene, &one) {
            Some(finding) => out.find(finding),
            None if one.at.is_none() => out.lack(Input::ApplicationHostConfig),
            None => {
                for spot in one.spots() {
                    out.rule_out(
                        format!("no rule in force at {} refuses signed-in users", spot.path),
                        std::slice::from_ref(&spot.directory.from),
                    );
                }
            }
        }
    }
    if out.findings.is_empty() && !scene.has_config() {
        out.lack(Input::ApplicationHostConfig);
    }
    for view in &scene.views {
        let settings = &view.endpoint.settings;
        let rules = Rules {
            iis: &settings.authorization,
            asp_net: &settings.access.asp_net_rules,
        };
        if let [only] = rules.iis
            && ruling(&scene.case.accounts, rules, None) == Ruling::Allowed
        {
            out.rule_out(
                format!(
                    "the rules in force at {} admit everybody",
                    view.endpoint.location()
                ),
                std::slice::from_ref(&only.from),
            );
        }
    }
    out
}

/// Whether a module is one that asks rules: that of IIS, or that of ASP.NET.
pub(super) fn asks_rules(module: &str) -> bool {
    module.eq_ignore_ascii_case("UrlAuthorizationModule")
        || module.eq_ignore_ascii_case("UrlAuthorization")
}

fn finding(scene: &Scene<'_>, one: &Refused<'_>) -> Option<Finding> {
    let users = &one.symptom.principals;
    let traced = one.set_by(|denied| asks_rules(denied.module));
    // A trace that shows another module says that no rule did it.
    if traced.is_empty() && !one.traced.is_empty() {
        return None;
    }
    let mut spots = one.spots();
    let (mut denied, mut roles, mut by_role) = (Vec::new(), Vec::new(), Vec::new());
    let (mut kept_out, mut admitted) = (BTreeSet::new(), BTreeSet::new());
    let mut refuses = |spot: &Spot<'_>| {
        let mut any = false;
        for (user, ruling) in rulings(&scene.case.accounts, spot.rules(), users) {
            any |= ruling != Ruling::Allowed;
            match ruling {
                Ruling::Denied(from) => {
                    denied.extend(from);
                    kept_out.extend(user);
                }
                Ruling::ByRole(names, from) => {
                    roles.extend(names);
                    by_role.extend(from);
                    kept_out.extend(user);
                }
                Ruling::Allowed => admitted.extend(user),
            }
        }
        any
    };
    let ruled: Vec<bool> = spots.iter().map(&mut refuses).collect();
    // A trace that names the module needs no rule to be seen.
    if ruled.contains(&true) {
        let mut ruled = ruled.into_iter();
        spots.retain(|_| ruled.next().unwrap_or(false));
    }
    if denied.is_empty() && by_role.is_empty() && traced.is_empty() {
        return None;
    }
    roles.sort();
    roles.dedup();
    let spot = spots.first();
    let path = spot.map_or_else(|| one.places(&[]), |spot| spot.path.clone());
    // Whom the rules admit everywhere, and who is refused all the same.
    let others: Vec<&str> = admitted.difference(&kept_out).copied().collect();
    let kept_out: Vec<&str> = kept_out.into_iter().collect();
    let mut finding = Finding::about(
        one.subject(scene, &spots),
        format!(
            "The sign-in is not what fails: {} signed in, and the authorization rules in force at {path} {}.",
            listed(&kept_out),
            if roles.is_empty() {
                "refuse the user".to_owned()
            } else {
                format!("admit by group ({})", roles.join(", "))
            }
        ),
    );
    let certain =
        !denied.is_empty() && by_role.is_empty() && !users.is_empty() && others.is_empty();
    finding = finding
        .structure(
            "the rules in force do not admit the users who were refused",
            &few(denied, 3),
        )
        .structure(
            format!(
                "who gets in depends on the groups of the user: {}",
                roles.join(", ")
            ),
            &few(by_role, 3),
        );
    finding = one.observe(finding, &spots);
    for role in &roles {
        finding = match compare(scene, one, role) {
            Compared::Stale(user, _) => finding.or_else(
                "AZ-05",
                format!(
                    "the directory has {user} in {role}: only the token of the session lacks it"
                ),
            ),
            Compared::Holds(at) => finding.contradicting(
                format!("the token of a user who was refused holds {role}"),
                &[at],
            ),
            Compared::Unknown => finding,
        };
    }
    if !traced.is_empty() {
        finding = finding.conclusive(
            "a trace shows that the module which asks the rules refused the user",
            &few(traced, 2),
        );
    } else if !certain {
        // Which groups the users are in decides, and the application may answer the same.
        finding = finding.at_most(Status::Likely);
        if one.sub_status == 0 {
            finding = finding.or_else(
                "AZ-04",
                match others.as_slice() {
                    [] => "the application itself may refuse the same users with this status"
                        .to_owned(),
                    _ => format!(
                        "the rules admit {}, who was refused with the same status",
                        listed(&others)
                    ),
                },
            );
        }
    }
    let location = spot.map_or_else(String::new, |spot| one.location(spot));
    Some(finding.fix(remedy(&location), Vec::new()))
}

fn remedy(location: &str) -> Remedy {
    Remedy::of(vec![
        p::backup(),
        Step::run(
            c::appcmd_list_section(location, "system.webServer/security/authorization"),
            "read the rules of IIS that are in force there; read <authorization> of every web.config on the way as well",
        ),
        Step::by_hand("put the user into the group that the rules admit; then the user signs out of Windows and in again")
            .stop_if("the user is not meant to have access: then the refusal is right"),
        Step::by_hand("only where the rule itself is wrong: correct it in the file and line cited above")
            .risk("a rule for more people lets all of them in"),
    ])
    .verify(vec![Step::by_hand(
        "the user gets 200, and somebody who is not meant to get in is still refused",
    )])
    .rollback(vec![Step::by_hand(
        "take the user out of the group again, or put the former file back",
    )])
    .prevent(CAUSE.page.prevent)
}
