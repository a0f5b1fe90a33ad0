//! CFG-17: IIS signs the user in, and ASP.NET Core never gets to see the user.

use super::{asks_for_windows, has_server, listed, locations, sites, subject};
use crate::causes::access::refused;
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Group, Input, LookAlike, Page, Scene, View};
use crate::evidence::Citation;
use crate::negotiate::Stage;
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step};

/// CFG-17.
pub(crate) const CAUSE: Cause = Cause {
    id: "CFG-17",
    name: "asp-net-core-without-user",
    title: "IIS signs the user in, and ASP.NET Core does not get the user",
    stage: Stage::Authorize,
    page: Page {
        mechanism: "Out of process, the ASP.NET Core module passes requests on to Kestrel, and the user's Windows token with them. With forwardWindowsAuthToken=\"false\" it keeps the token: IIS has signed the user in and logs the name, the application sees nobody and answers 401 or 403 itself. The same comes of an application that does not take part (no IIS integration, or AutomaticAuthentication off), which no configuration shows.",
        evidence: &[
            "web.config: <aspNetCore forwardWindowsAuthToken=\"false\"> with hostingModel outofprocess, or none",
            "IIS log: 401 0 with the user in cs-username, for every user",
            "Security log of the web server: 4624 for the user in the same second",
            "log of the application (stdout): authorization failed, the user is not authenticated",
        ],
        look_alikes: &[
            LookAlike {
                cause: "AZ-04",
                told_apart_by: "there the application knows the user and refuses some of them; forwardWindowsAuthToken is not false",
            },
            LookAlike {
                cause: "CFG-07",
                told_apart_by: "there anonymous authentication lets requests in, and IIS itself has no user",
            },
        ],
        ruled_out_by: "the application's log names the Windows user; or hosting in process, where IIS hands over the user without this switch.",
        fix: &[
            "Remove forwardWindowsAuthToken from web.config, or set it to true (its default).",
            "In the application: services.AddAuthentication(IISDefaults.AuthenticationScheme), and UseAuthentication before UseAuthorization.",
            "Anonymous off and Windows on in IIS for the paths that need a user.",
        ],
        verify: "A page that prints User.Identity.Name shows DOMAIN\\user.",
        rollback: "Put the former web.config back.",
        prevent: "A self-test at start-up that says whether a Windows user arrives; the switch in source control (publishing writes web.config anew).",
        blind_spots: &["options in the code of the application", "its own logs"],
        versions: "ASP.NET Core on IIS, all versions of the module.",
        sources: &[
            "Microsoft: ASP.NET Core Module for IIS (forwardWindowsAuthToken, hostingModel)",
            "Microsoft: Configure Windows Authentication in ASP.NET Core",
        ],
    },
    assess,
};

/// The log that decides whether the application sees the user.
const APPLICATION_LOG: Input = Input::Stated {
    what: "the application's own log (stdoutLogFile of web.config, or the Application event log) at the time of a refused request",
    collect_with: "wevtutil epl Application %COMPUTERNAME%_Application.evtx",
};

/// Where the token is kept from the application, out of process.
fn kept(view: &View<'_>) -> Option<Citation> {
    let settings = &view.endpoint.settings;
    let in_process =
        matches!(&settings.access.hosting_model, Some((model, _)) if model == "inprocess");
    match &settings.forward_windows_auth_token {
        Some((false, at)) if !in_process => Some(at.clone()),
        _ => None,
    }
}

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    if !has_server(scene) {
        out.lack(Input::ApplicationHostConfig);
        return out;
    }
    let mut core = false;
    for views in sites(scene, |v| asks_for_windows(scene, v) && kept(v).is_some()) {
        core = true;
        out.find(finding(scene, &views));
    }
    for view in scene.views.iter().filter(|v| asks_for_windows(scene, v)) {
        let settings = &view.endpoint.settings;
        match &settings.access.asp_net_core {
            Some(at) if kept(view).is_none() => {
                core = true;
                out.rule_out(
                    format!(
                        "the user is handed on to ASP.NET Core at {}",
                        view.endpoint.location()
                    ),
                    std::slice::from_ref(at),
                );
            }
            None if !settings.unseen_files.is_empty() => out.lack(Input::WebConfig),
            _ => {}
        }
    }
    if core && !refused(scene, &[0]).is_empty() {
        out.lack(APPLICATION_LOG);
    }
    out
}

fn finding(scene: &Scene<'_>, views: &Group<'_, '_>) -> Finding {
    let first = views.first;
    let all = locations(views);
    let at = views.iter().filter_map(|v| kept(v)).collect();
    let mut finding = Finding::about(
        subject(scene, views),
        format!("IIS signs users in at {} and keeps their token to itself (forwardWindowsAuthToken is false): the application sees nobody.", listed(&all)),
    )
    .structure("the Windows token of the user is not handed on to ASP.NET Core", &few(at, 2));
    for one in refused(scene, &[0]) {
        let spots = one.spots_below(scene, views);
        if !spots.is_empty() {
            finding = one.observe(finding, &spots);
        }
    }
    if finding.observed.is_empty() {
        // An application that needs no user works so.
        finding = finding.lacks(APPLICATION_LOG);
    }
    let remedy = Remedy::of(vec![
        p::backup(),
        Step::by_hand("remove forwardWindowsAuthToken=\"false\" from <aspNetCore> in the web.config cited above (keep a copy)")
            .stop_if("the application signs its users in by itself: then turn Windows authentication off there"),
        p::recycle(first.pool_name()),
    ])
    .verify(vec![Step::by_hand("a user gets 200, and the application names the Windows user")])
    .rollback(vec![Step::by_hand("put the kept copy of the web.config back")])
    .prevent(CAUSE.page.prevent);
    finding.fix(remedy, Vec::new())
}
