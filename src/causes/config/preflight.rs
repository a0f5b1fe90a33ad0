//! CFG-18: the preflight of a browser is answered with the challenge.

use super::{asks_for_windows, places};
use crate::case::SymptomKind;
use crate::causes::access::{REQUESTS, rule_out_by_logs};
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Subject, View,
};
use crate::negotiate::Stage;
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step};

/// CFG-18.
pub(crate) const CAUSE: Cause = Cause {
    id: "CFG-18",
    name: "preflight-refused",
    title: "The preflight of a browser (OPTIONS) is answered 401.2, so the call never comes",
    stage: Stage::Challenge,
    page: Page {
        mechanism: "A script of one site that calls another is asked about first: the browser sends OPTIONS, by design without credentials. Where Windows authentication is on and anonymous off, IIS answers 401.2 like to any request without credentials. To the browser that means no: it reports a CORS error and never sends the call itself. Opening the URL by hand works, since that is no call of another site.",
        evidence: &[
            "IIS log: OPTIONS … 401 2 5, and no GET or POST of that caller for the path",
            "browser console: CORS policy, response to preflight request does not have HTTP ok status",
            "applicationHost.config: Windows on, anonymous off, no <cors enabled=\"true\">",
        ],
        look_alikes: &[
            LookAlike {
                cause: "CL-12",
                told_apart_by: "there GET and POST come without credentials as well",
            },
            LookAlike {
                cause: "PRX-05",
                told_apart_by: "there a monitor calls at steady intervals, with GET or HEAD",
            },
        ],
        ruled_out_by: "OPTIONS answered 200 or 204, or callers who come back with the call itself.",
        fix: &[
            "Install the IIS CORS module: it answers preflights before anybody is asked. <cors enabled=\"true\"><add origin=\"https://app.corp.example\" allowCredentials=\"true\" /></cors>, with the origins that are meant to call.",
            "Name the origins: with credentials a * is not allowed, and it would let every site in.",
            "In the calling script: fetch with credentials: 'include' (XMLHttpRequest: withCredentials), or the call itself comes without a user.",
            "Without the module: allow anonymous for the verb OPTIONS only, and let the application answer it.",
        ],
        verify: "OPTIONS is answered 204 with Access-Control-Allow-Origin, and the call follows with 401.2 and 200.",
        rollback: "Remove the <cors> element again.",
        prevent: "A test in the pipeline that calls the API from another origin.",
        blind_spots: &["who sent OPTIONS and for which origin, which the log does not hold"],
        versions: "IIS 7.0 to 10; the CORS module needs IIS 7.5 or later.",
        sources: &[
            "Microsoft: IIS CORS module configuration reference",
            "Fetch standard: CORS-preflight request (sent without credentials)",
        ],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    if scene.case.logged_sites.is_empty() {
        out.lack(REQUESTS);
    }
    for (id, symptom) in scene.symptoms(|k| matches!(k, SymptomKind::PreflightsRefused(_))) {
        let logged = symptom
            .logged_site()
            .and_then(|site| scene.case.logged_site(site));
        let Some(logged) = logged else { continue };
        let views: Vec<&View<'_>> = scene
            .views
            .iter()
            .filter(|v| {
                Some(v.endpoint.server) == logged.server
                    && Some(&v.endpoint.site) == logged.site.as_ref()
            })
            .collect();
        let host = logged
            .host
            .map(|host| scene.case.hosts.get(host).name.clone());
        let subject = Subject {
            site: logged.site.clone(),
            host,
            ..Subject::default()
        };
        let mut finding = Finding::about(
            subject,
            "Browsers ask with OPTIONS whether a script of another site may call, get 401.2 like everybody without credentials, and take it for a no. The call itself never comes. Users see a CORS error, not a failed sign-in.",
        )
        .observed(
            format!("preflights were answered 401.2, {} times, and those browsers were never signed in there", symptom.count),
            &symptom.from,
        )
        .explains([id]);
        let asking: Vec<&&View<'_>> = views
            .iter()
            .filter(|v| asks_for_windows(scene, v))
            .collect();
        if views.is_empty() {
            finding = finding.lacks(Input::ApplicationHostConfig);
        }
        let answered = asking
            .iter()
            .find_map(|v| match &v.endpoint.settings.access.cors {
                Some((true, at)) => Some(at.clone()),
                _ => None,
            });
        if let Some(at) = answered {
            finding = finding.contradicting(
                "the CORS module is on there, and answers preflights itself",
                &[at],
            );
        } else if let Some(view) = asking.first() {
            let settings = &view.endpoint.settings;
            let mut from = places(scene, view, &settings.windows.enabled);
            from.extend(places(scene, view, &settings.anonymous.enabled));
            finding = finding.structure(
                "Windows authentication is on, anonymous users are shut out, and no CORS module answers OPTIONS",
                &few(from, 3),
            );
        }
        // What the caller wanted with OPTIONS is not in a log.
        out.find(finding.at_most(Status::Likely).fix(remedy(), Vec::new()));
    }
    rule_out_by_logs(
        scene,
        &mut out,
        "no browser that was stopped at a preflight",
    );
    out
}

fn remedy() -> Remedy {
    Remedy::of(vec![
        p::backup(),
        Step::by_hand("install the IIS CORS module and name the origins that may call, with allowCredentials=\"true\"; see the page of this cause for the element")
            .risk("scripts of the origins that are named can call the site as the user from then on: name no more than needed, and never *"),
        Step::by_hand("let the calling script send credentials: fetch(url, { credentials: 'include' })"),
    ])
    .verify(vec![Step::by_hand(
        "in the browser's developer tools: OPTIONS answered 204 with Access-Control-Allow-Origin, then the call itself",
    )])
    .rollback(vec![Step::by_hand("remove the <cors> element again")])
    .prevent(CAUSE.page.prevent)
}
