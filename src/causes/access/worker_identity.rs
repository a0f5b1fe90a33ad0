//! AZ-07: IIS opens files as the worker process and not as the user who signed in.

use super::refused::Spot;
use super::{BY_FILE, Refused, lack_requests, refused};
use crate::causes::config::{asks_for_windows, places};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status};
use crate::negotiate::{Stage, origin_of};
use crate::remedy::commands as c;
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step};

/// AZ-07.
pub(crate) const CAUSE: Cause = Cause {
    id: "AZ-07",
    name: "files-opened-as-worker-process",
    title: "IIS opens files as the pool's account instead of the user (authenticatedUserOverride)",
    stage: Stage::Authorize,
    page: Page {
        mechanism: "serverRuntime/@authenticatedUserOverride=\"UseWorkerProcessUser\" makes IIS use the identity of the worker process where it would use the user who signed in. Users may then have every right on the files and are refused all the same, because the pool's account has none: 401.3. Where the pool's account does have rights, users can read what the access lists meant to keep from them.",
        evidence: &[
            "applicationHost.config: <serverRuntime authenticatedUserOverride=\"UseWorkerProcessUser\"> in force at the path",
            "IIS log: 401 3 5 for all users alike, whatever their rights on the files",
            "icacls: the list has the users, and not the pool's account (IIS AppPool\\name)",
        ],
        look_alikes: &[
            LookAlike {
                cause: "AZ-01",
                told_apart_by: "there the setting has its default, and the user is the one who lacks the right",
            },
            LookAlike {
                cause: "AZ-02",
                told_apart_by: "there the content lies on a share",
            },
        ],
        ruled_out_by: "authenticatedUserOverride at its default, UseAuthenticatedUser.",
        fix: &[
            "Find out why it was set: mostly for content on a share, or for speed.",
            "Where the rights of each user must count: set it back to UseAuthenticatedUser.",
            "Where the application is its own gatekeeper: grant the pool's account read on the content, icacls FOLDER /grant \"IIS AppPool\\name:(OI)(CI)RX\".",
        ],
        verify: "The user gets 200, and a user without rights is still refused.",
        rollback: "Put the former value back.",
        prevent: "Document the setting beside the access lists it makes void.",
        blind_spots: &["the access lists"],
        versions: "IIS 7.0 to 10.",
        sources: &[
            "Microsoft: <serverRuntime> element of IIS (authenticatedUserOverride)",
            "IIS_schema.xml of IIS 10 (values and default)",
        ],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    if !scene.has_config() {
        out.lack(Input::ApplicationHostConfig);
        return out;
    }
    for one in refused(scene, &[BY_FILE]) {
        let mut spots = one.spots();
        spots.retain(|spot| spot.runs_as_worker() && !spot.directory.is_remote());
        if let Some(spot) = spots.first() {
            out.find(finding(scene, &one, &spots, spot));
        }
    }
    for view in scene.views.iter().filter(|v| asks_for_windows(scene, v)) {
        let setting = &view.endpoint.settings.authenticated_user_override;
        if setting.value.eq_ignore_ascii_case("UseWorkerProcessUser") {
            lack_requests(scene, &mut out);
        } else {
            out.rule_out(
                format!(
                    "files are opened as the user at {}",
                    view.endpoint.location()
                ),
                &places(scene, view, setting),
            );
        }
    }
    out
}

fn finding(scene: &Scene<'_>, one: &Refused<'_>, spots: &[Spot<'_>], spot: &Spot<'_>) -> Finding {
    let pool = &spot.application.pool.value;
    let location = one.location(spot);
    let set = spots
        .iter()
        .flat_map(|s| origin_of(&s.settings.authenticated_user_override))
        .collect();
    let finding = Finding::about(
        one.subject(scene, spots),
        format!("The sign-in is not what fails: IIS opens the files as the account of pool {pool} instead of the user, and that account is refused."),
    )
    .structure(
        "authenticatedUserOverride is UseWorkerProcessUser: the rights of the user do not count",
        &few(set, 2),
    );
    let remedy = Remedy::of(vec![
        p::backup(),
        Step::run(
            c::icacls_show(&spot.directory.physical_path),
            format!("see whether the list admits the account of pool {pool}"),
        )
        .stop_if("the pool's account has read and execute: then look at the file that is refused"),
        Step::run(
            c::appcmd_set_user_override(&location, false),
            format!("let the rights of each user count again at {location}"),
        )
        .risk(
            "users without rights on the files, who got in by the pool's, are refused from now on",
        ),
        p::recycle(pool),
    ])
    .verify(vec![Step::by_hand(
        "the user gets 200; a user without rights is refused",
    )])
    .rollback(vec![Step::run(
        c::appcmd_set_user_override(&location, true),
        "let IIS open files as the worker process again",
    )])
    .prevent(CAUSE.page.prevent);
    // Whose right is missing stands in access lists, which no bundle of ours holds.
    one.observe(finding, spots)
        .at_most(Status::Likely)
        .fix(remedy, Vec::new())
}
