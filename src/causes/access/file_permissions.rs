//! AZ-01: the permissions of a file keep out a user who signed in.

use super::{BY_FILE, Refused, lack_requests, refused, rule_out_by_logs};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene};
use crate::negotiate::Stage;
use crate::remedy::commands as c;
use crate::remedy::{Remedy, Step};

/// AZ-01.
pub(crate) const CAUSE: Cause = Cause {
    id: "AZ-01",
    name: "file-permissions-refuse-user",
    title: "The user is signed in, and the permissions of the files refuse access (401.3)",
    stage: Stage::Authorize,
    page: Page {
        mechanism: "Authentication is over and went well. IIS then opens the file as the user who signed in, and ASP.NET checks the file of a page for that user too. Where the file's access list does not admit the user, the answer is 401.3. Browsers take any 401 for a failed sign-in and ask for a password, so it is reported as one; typing it again changes nothing.",
        evidence: &[
            "IIS log: 401 3 5 with the user in cs-username; the same user gets 200 elsewhere",
            "Security log of the web server: 4624 of type 3 for the user in the same second",
            "failed-request trace: AUTH_SUCCEEDED, then MODULE_SET_RESPONSE_ERROR_STATUS 401.3",
            "applicationHost.config: content on a local disk, authenticatedUserOverride at its default",
        ],
        look_alikes: &[
            LookAlike {
                cause: "AZ-02",
                told_apart_by: "there the content lies on a share (physicalPath begins with \\\\)",
            },
            LookAlike {
                cause: "AZ-07",
                told_apart_by: "there authenticatedUserOverride makes IIS open files as the pool's account",
            },
            LookAlike {
                cause: "AZ-05",
                told_apart_by: "there the access list admits a group that the user is in, and the user's token lacks it",
            },
            LookAlike {
                cause: "AZ-03",
                told_apart_by: "there the sub-status is 2 or 0, and an authorization rule refuses the user",
            },
        ],
        ruled_out_by: "another sub-status than 3.",
        fix: &[
            "See what the access list admits: icacls \"D:\\sites\\app\" /t, for the folder and for the file that is refused.",
            "Decide who is meant to read it. Grant a group, not the user, and no more than read and execute.",
            "icacls \"D:\\sites\\app\" /save acl.txt /t first: that is the way back.",
            "icacls \"D:\\sites\\app\" /grant \"CORP\\App-Readers:(OI)(CI)RX\".",
            "Where files were moved in from elsewhere they kept their old list: icacls \"D:\\sites\\app\" /reset /t makes them inherit, if nothing below it has a list of its own.",
        ],
        verify: "The user gets 200; the IIS log has no new 401 3 5 for the path.",
        rollback: "icacls \"D:\\sites\" /restore acl.txt.",
        prevent: "Set the list at the site's root for groups and let everything below inherit; copy files in instead of moving them.",
        blind_spots: &[
            "the access list itself",
            "which of the user's groups was in the token at that moment",
            "an application that sets sub-status 3 by itself",
        ],
        versions: "All versions of IIS.",
        sources: &[
            "Microsoft: HTTP status codes of IIS (401.3)",
            "Microsoft: FileAuthorizationModule of ASP.NET (sets 401 with sub-status 3)",
        ],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    lack_requests(scene, &mut out);
    for one in refused(scene, &[BY_FILE]) {
        out.findings.extend(finding(scene, &one));
    }
    rule_out_by_logs(scene, &mut out, "none refused by file permissions (401.3)");
    out
}

fn finding(scene: &Scene<'_>, one: &Refused<'_>) -> Option<Finding> {
    let mut spots = one.spots();
    let known = !spots.is_empty();
    spots.retain(|spot| !spot.directory.is_remote() && !spot.runs_as_worker());
    if known && spots.is_empty() {
        return None;
    }
    let anonymous = one.symptom.principals.is_empty();
    let whom = match anonymous {
        true => "the account that IIS uses for anonymous users".to_owned(),
        false => one.who(),
    };
    let paths = one.places(&spots);
    let mut finding = Finding::about(
        one.subject(scene, &spots),
        format!(
            "The sign-in is not what fails: IIS knows the user, and the permissions of the files behind {paths} do not admit {whom}."
        ),
    );
    if known {
        let local: Vec<_> = spots.iter().map(|s| s.directory.from.clone()).collect();
        finding = finding.structure(
            format!(
                "the content lies on a local disk ({}), and IIS opens it as the user who signed in",
                spots
                    .first()
                    .map_or("", |s| s.directory.physical_path.as_str())
            ),
            &few(local, 2),
        );
    } else {
        let (input, why) = Refused::lacked(scene);
        finding = finding
            .or_else(
                "AZ-02",
                format!("whether the content lies on a share is in the configuration, {why}"),
            )
            .or_else(
                "AZ-07",
                "whether IIS opens files as the pool's account is in the configuration as well",
            )
            .lacks(input);
    }
    if known && !one.is_whole() {
        // What makes IIS open files as the pool's account may stand in the missing part.
        finding = finding
            .or_else("AZ-07", "the configuration is cut, and its missing part may make IIS open files as the pool's account")
            .lacks(Input::ApplicationHostConfig);
    }
    let impersonating = spots
        .iter()
        .find_map(|spot| spot.settings.impersonate.clone());
    if let Some((true, at)) = impersonating {
        finding = finding.supporting(
            "ASP.NET impersonates the user, so what the application opens is checked for the user too",
            &[at],
        );
    }
    finding = one.observe(finding, &spots);
    let traced = one.set_by(|_| true);
    finding = finding.supporting(
        "a trace shows the user signed in first, and then the refusal",
        &few(traced, 2),
    );
    let folder = spots
        .first()
        .map_or("", |spot| spot.directory.physical_path.as_str());
    Some(finding.fix(remedy(folder, anonymous), Vec::new()))
}

fn remedy(folder: &str, anonymous: bool) -> Remedy {
    let grant = match anonymous {
        true => {
            "grant the account of anonymous users (IUSR, or the pool's account) read and execute on the content"
        }
        false => {
            "grant a group of the users who are meant to read it, no more than read and execute: icacls FOLDER /grant \"DOMAIN\\GROUP:(OI)(CI)RX\""
        }
    };
    let look = Step::run(
        c::icacls_show(folder),
        "see whom the access list admits (keep the output); look at the file that is refused in the same way",
    );
    let fix = vec![
        look,
        Step::run(
            c::icacls_save(folder, "why401-acl.txt"),
            "keep the access lists, so that they can be put back",
        ),
        Step::by_hand(grant)
            .risk("whoever is in the group reads the content from now on")
            .stop_if("the user is not meant to have access: then the refusal is right"),
    ];
    Remedy::of(fix)
        .verify(vec![Step::by_hand(
            "the user opens the page and gets 200; the IIS log shows no new 401 3 5 for it",
        )])
        .rollback(vec![Step::by_hand(
            "put the kept lists back: icacls PARENT_FOLDER /restore why401-acl.txt",
        )])
        .prevent(CAUSE.page.prevent)
}
