//! CFG-10: forms authentication of ASP.NET sends users to a login page where Windows authentication should ask.

use super::{has_server, is_anonymous, listed, locations, places, sites, subject};
use crate::case::SymptomKind;
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Group, Input, LookAlike, Page, Scene, View};
use crate::evidence::Citation;
use crate::negotiate::Stage;
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step};

/// CFG-10.
pub(crate) const CAUSE: Cause = Cause {
    id: "CFG-10",
    name: "forms-authentication-redirects",
    title: "Forms authentication of ASP.NET turns the 401 into a login page",
    stage: Stage::Challenge,
    page: Page {
        mechanism: "Windows authentication asks with a 401. Where the application also has <authentication mode=\"Forms\">, ASP.NET replaces every 401 that goes out with a redirect (302) to its login page, the challenge among them. The browser never sees WWW-Authenticate, so nobody is signed in with Windows; where the login page needs a user as well, the browser runs in circles. IIS cannot ask and redirect on one path.",
        evidence: &[
            "web.config: <authentication mode=\"Forms\"> at an application with Windows authentication on and anonymous off",
            "IIS log: 302 instead of 401, and requests for the login page with ReturnUrl= in the query",
            "Security log of the web server: no 4624 of type 3 for users of the site",
            "IIS Manager: the alert that challenge-based and login redirect-based authentication cannot be used together",
        ],
        look_alikes: &[
            LookAlike {
                cause: "CFG-18",
                told_apart_by: "there only OPTIONS is refused",
            },
            LookAlike {
                cause: "AZ-04",
                told_apart_by: "there users are signed in, and the application answers 401 with the user named",
            },
            LookAlike {
                cause: "CFG-07",
                told_apart_by: "there nobody is asked at all, since anonymous users get in",
            },
        ],
        ruled_out_by: "authentication mode Windows or None, or anonymous users let in on purpose so that the login page is the way in.",
        fix: &[
            "Decide on one way in for each path.",
            "For Windows users: set <authentication mode=\"Windows\"> (or None) in the application's web.config.",
            "Where both are needed: a page or an application of its own with Windows authentication, which then writes the forms ticket; anonymous on everywhere else.",
            "For OWIN and ASP.NET Core: the cookie middleware redirects in the same way; it has its own switch (automatic challenge).",
        ],
        verify: "A request without credentials is answered 401 with WWW-Authenticate, and not 302.",
        rollback: "Put the former web.config back.",
        prevent: "One template per kind of application, with one model in it.",
        blind_spots: &[
            "cookie middleware in the code of an application, which no configuration shows",
        ],
        versions: "IIS 7.0 to 10, integrated pipeline; in the classic one for requests that ASP.NET handles.",
        sources: &[
            "Microsoft: Forms authentication of ASP.NET (redirect of 401)",
            "Microsoft: IIS Manager, alert on challenge-based and login redirect-based authentication",
        ],
    },
    assess,
};

fn forms(view: &View<'_>) -> Option<Citation> {
    match &view.endpoint.settings.asp_net_mode {
        Some((mode, at)) if mode.eq_ignore_ascii_case("Forms") => Some(at.clone()),
        _ => None,
    }
}

fn asks(view: &View<'_>) -> bool {
    view.endpoint.settings.windows.enabled.value
}

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    if !has_server(scene) {
        out.lack(Input::ApplicationHostConfig);
        return out;
    }
    // With anonymous users let in, the login page is the way in.
    for views in sites(scene, |v| {
        asks(v) && forms(v).is_some() && !is_anonymous(&v.endpoint.settings)
    }) {
        out.find(finding(scene, &views));
    }
    for view in scene.views.iter().filter(|v| asks(v)) {
        let settings = &view.endpoint.settings;
        match &settings.asp_net_mode {
            Some((mode, at)) if forms(view).is_none() => out.rule_out(
                format!(
                    "the mode of ASP.NET is {mode} at {}",
                    view.endpoint.location()
                ),
                std::slice::from_ref(at),
            ),
            None if !settings.unseen_files.is_empty() => out.lack(Input::WebConfig),
            None => out.rule_out(
                format!(
                    "no file sets forms authentication for {}",
                    view.endpoint.location()
                ),
                &places(scene, view, &settings.windows.enabled),
            ),
            Some(_) => {}
        }
    }
    out
}

/// Lines that show the challenge at one of these applications, or a sign-in after it.
fn challenged(scene: &Scene<'_>, views: &Group<'_, '_>) -> Vec<Citation> {
    let logged = scene.case.logged_sites.iter();
    let exchanges = logged.flat_map(|l| l.exchanges.iter().map(move |(_, e)| (l, e)));
    exchanges
        .filter(|(_, exchange)| exchange.legs.iter().any(|leg| leg.is_challenge()))
        .filter(|(logged, exchange)| scene.is_below(logged, &exchange.path, views))
        .filter_map(|(_, exchange)| exchange.from.first().cloned())
        .take(2)
        .collect()
}

fn finding(scene: &Scene<'_>, views: &Group<'_, '_>) -> Finding {
    let first = views.first;
    let settings = &first.endpoint.settings;
    let all = locations(views);
    let page = settings
        .access
        .login_url
        .as_ref()
        .map_or("its login page", |(url, _)| url.as_str());
    let mut at: Vec<Citation> = views.iter().filter_map(|v| forms(v)).collect();
    at.extend(settings.access.login_url.iter().map(|(_, at)| at.clone()));
    let mut finding = Finding::about(
        subject(scene, views),
        format!("ASP.NET has forms authentication at {}, and Windows authentication is on there too, with anonymous users shut out. Each 401 becomes a redirect to {page}, so that browsers never see the challenge.", listed(&all)),
    )
    .structure("forms authentication turns each 401 into a redirect", &few(at, 3))
    .structure(
        "Windows authentication is on there, and can only ask with a 401",
        &places(scene, first, &settings.windows.enabled),
    );
    for (id, symptom) in scene.symptoms(|k| matches!(k, SymptomKind::LoginPages(_))) {
        let part = scene.part_of(symptom, views);
        if part.is_none() {
            continue;
        }
        let says = format!(
            "requests came from the login page (ReturnUrl), {}",
            part.times()
        );
        finding = part.explained(finding.observed(says, &symptom.from), id);
    }
    if finding.observed.is_empty() {
        finding = finding.contradicting(
            "requests there are answered with the challenge, or to a user who signed in",
            &challenged(scene, views),
        );
    }
    let remedy = Remedy::of(vec![
        p::backup(),
        Step::by_hand("decide which way in the application is meant to have: Windows, or its login page")
            .stop_if("its users come from outside and have no Windows account: then turn Windows authentication off there, and anonymous on"),
        Step::by_hand("for Windows: set <authentication mode=\"Windows\" /> in the file and line cited above (keep a copy of the file)")
            .risk("users who signed in with the form need a Windows account from now on"),
    ])
    .verify(p::verify_challenge(&views.location(), &first.endpoint.url()))
    .rollback(vec![Step::by_hand("put the kept copy of the web.config back")])
    .prevent(CAUSE.page.prevent);
    finding.fix(remedy, Vec::new())
}
