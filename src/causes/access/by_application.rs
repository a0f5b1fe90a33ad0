//! AZ-04: the application itself answers 401 to a user who signed in.

use super::refused::Spot;
use super::url_rule::asks_rules;
use super::{Refused, Ruling, lack_requests, refused, rule_out_by_logs, rulings};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene};
use crate::negotiate::Stage;
use crate::remedy::{Remedy, Step};

/// AZ-04.
pub(crate) const CAUSE: Cause = Cause {
    id: "AZ-04",
    name: "application-answers-401",
    title: "The user is signed in, and the application itself answers 401",
    stage: Stage::Authorize,
    page: Page {
        mechanism: "IIS signed the user in and handed the request to the application. The application then answers 401 on its own: a role that the user lacks ([Authorize(Roles = …)]), a policy, a token of its own that is missing. 403 would say what is meant; 401 makes the browser ask for a password again, so it is reported as a failed sign-in. Nothing in Windows, Active Directory or IIS changes it.",
        evidence: &[
            "IIS log: 401 0 with the user in cs-username, for certain URLs or certain users only",
            "Security log of the web server: 4624 for the user in the same second",
            "failed-request trace: the status is set at EXECUTE_REQUEST_HANDLER, by ManagedPipelineHandler, AspNetCoreModuleV2 or the like",
            "no authorization rule in force at the path that could refuse the user",
        ],
        look_alikes: &[
            LookAlike {
                cause: "CFG-17",
                told_apart_by: "there ASP.NET Core never gets the user: forwardWindowsAuthToken is false, and all users are refused",
            },
            LookAlike {
                cause: "AZ-03",
                told_apart_by: "there a rule in force refuses the user, and UrlAuthorization sets the status",
            },
            LookAlike {
                cause: "CFG-19",
                told_apart_by: "there the sub-status is 4 or 5",
            },
        ],
        ruled_out_by: "sub-status 1, 2 or 3 for the same requests.",
        fix: &[
            "Ask the application: its log, its list of roles, the code behind the URL that is refused.",
            "Give the user the role, in the application or through the group that it maps to.",
            "Have it answer 403 where a signed-in user may not go: browsers then show the page instead of asking for a password.",
        ],
        verify: "The user gets 200 (or the application's own message with 403); 4624 for the user as before.",
        rollback: "Take the role away again, or go back to the former release.",
        prevent: "403 for what a signed-in user may not do; a message that names the missing role.",
        blind_spots: &["what the application checks", "its own logs"],
        versions: "All versions of IIS.",
        sources: &[
            "Microsoft: HTTP status codes of IIS (sub-statuses that IIS itself sets)",
            "RFC 9110 sections 15.5.2 and 15.5.4 (401 and 403)",
        ],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    lack_requests(scene, &mut out);
    for one in refused(scene, &[0]) {
        out.findings.extend(finding(scene, &one));
    }
    rule_out_by_logs(scene, &mut out, "none refused without a sub-status (401.0)");
    out
}

/// Whether ASP.NET Core is kept from seeing the user at a path (CFG-17).
pub(in crate::causes) fn hides_user(spot: &Spot<'_>) -> bool {
    matches!(&spot.settings.forward_windows_auth_token, Some((false, _))) && !is_in_process(spot)
}

/// Whether ASP.NET Core runs inside the worker process, where IIS hands over the user itself.
pub(in crate::causes) fn is_in_process(spot: &Spot<'_>) -> bool {
    matches!(&spot.settings.access.hosting_model, Some((model, _)) if model == "inprocess")
}

/// Whether a web.config on the way to a path is missing or damaged.
fn hides_files(spot: &Spot<'_>) -> bool {
    !spot.settings.unseen_files.is_empty()
}

fn finding(scene: &Scene<'_>, one: &Refused<'_>) -> Option<Finding> {
    let mut spots = one.spots();
    let known = !spots.is_empty();
    let (mut free, mut ruled) = (false, Vec::new());
    spots.retain(|spot| {
        if hides_user(spot) {
            return false;
        }
        let users = &one.symptom.principals;
        let all = rulings(&scene.case.accounts, spot.rules(), users).into_iter();
        all.fold(false, |open, (_, ruling)| match ruling {
            Ruling::Denied(_) => open,
            Ruling::ByRole(_, from) => {
                ruled.extend(from);
                true
            }
            Ruling::Allowed => {
                free = true;
                true
            }
        })
    });
    let by_handler = one.set_by(|denied| denied.by_handler);
    let by_rule = one.set_by(|denied| asks_rules(denied.module));
    if (known && !free && ruled.is_empty()) || !by_rule.is_empty() {
        return None;
    }
    let paths = one.places(&spots);
    let mut finding = Finding::about(
        one.subject(scene, &spots),
        format!(
            "The sign-in is not what fails: IIS signed {} in and passed the request on, and the application behind {paths} answered 401 by itself.",
            one.who()
        ),
    );
    finding = one.observe(finding, &spots);
    if !by_handler.is_empty() {
        finding = finding.conclusive(
            "a trace shows that the status was set while the application ran",
            &few(by_handler, 2),
        );
    } else if !spots.is_empty() && (!one.is_whole() || spots.iter().any(hides_files)) {
        finding = finding
            .or_else("CFG-17", "a web.config that the bundle does not hold may keep the user from the application")
            .or_else("AZ-03", "a web.config that the bundle does not hold may have a rule that refuses these users")
            .lacks(Input::WebConfig);
    } else if spots.is_empty() {
        let (input, why) = Refused::lacked(scene);
        finding = finding
            .or_else(
                "AZ-03",
                format!("whether a rule refuses these users is in the configuration, {why}"),
            )
            .or_else(
                "CFG-17",
                "whether the application gets to see the user is in the configuration as well",
            )
            .lacks(input);
    } else if !ruled.is_empty() {
        finding = finding
            .contradicting(
                "a rule admits by group, and may refuse these users",
                &few(ruled, 2),
            )
            .or_else("AZ-03", "the groups of these users are not in the bundle");
    }
    Some(finding.fix(remedy(), Vec::new()))
}

fn remedy() -> Remedy {
    Remedy::of(vec![
        Step::by_hand("look into the application's own log at the time of one of the refused requests, and at the roles or policies of that URL"),
        Step::by_hand("give the user the role that the application wants, in the application or through the group that it maps to")
            .stop_if("the user is not meant to have access: then the refusal is right"),
        Step::by_hand("ask its developers to answer 403 to signed-in users who may not go there"),
    ])
    .verify(vec![Step::by_hand(
        "the user gets 200; the IIS log shows no new 401 0 with that user",
    )])
    .rollback(vec![Step::by_hand("take the role away again")])
    .prevent(CAUSE.page.prevent)
}
