//! CFG-08: no authentication scheme is on at all.

use super::disabled::intention;
use super::wrong_scope::enabled_elsewhere;
use super::{
    doubt_modules, has_server, listed, locations, module_runs, places, refuses_everybody, sites,
    subject, switch_all,
};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Group, Input, LookAlike, Page, Scene, View};
use crate::negotiate::{Stage, is_cut_off};
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Switch};

/// CFG-08.
pub(crate) const CAUSE: Cause = Cause {
    id: "CFG-08",
    name: "all-authentication-off",
    title: "Every authentication scheme is off, anonymous too",
    stage: Stage::Challenge,
    page: Page {
        mechanism: "With anonymous authentication off, IIS needs a scheme to log users on with. Where none is on, it answers every request with 401.2 and offers nothing. This is often a hardening script that turned anonymous off before anything else was turned on.",
        evidence: &[
            "applicationHost.config: anonymous, Windows, Basic, Digest and both client certificate mappings off at the application's effective scope",
            "IIS log: 401 2 5 for every request",
            "the 401 has no WWW-Authenticate header",
        ],
        look_alikes: &[
            LookAlike {
                cause: "CFG-02",
                told_apart_by: "there a level, a neighbour or a change shows that Windows authentication was on",
            },
            LookAlike {
                cause: "CFG-05",
                told_apart_by: "there Windows authentication is on, and its list of providers is empty",
            },
        ],
        ruled_out_by: "any scheme that is on at the application's effective scope.",
        fix: &[
            "Back up the IIS configuration.",
            "Find out which scheme the application is meant to have.",
            "Turn it on: for Windows users, Windows authentication.",
        ],
        verify: "A request without credentials is answered 401 with WWW-Authenticate: Negotiate and NTLM.",
        rollback: "Turn the scheme off again.",
        prevent: "Turn the wanted scheme on first, and anonymous off after it.",
        blind_spots: &["a module of the application that logs users on by itself"],
        versions: "IIS 7.0 to 10.",
        sources: &["Microsoft: HTTP status codes of IIS (401.2)"],
    },
    assess,
};

fn applies(scene: &Scene<'_>, view: &View<'_>) -> bool {
    refuses_everybody(&view.endpoint.settings)
        // The missing part of a cut file may switch a scheme on for this site.
        && !is_cut_off(scene.case, view.endpoint)
        && module_runs(scene, view)
        && !view.endpoint.settings.is_refused()
        && intention(scene, view).is_none()
        && !enabled_elsewhere(scene, view)
}

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    if !has_server(scene) {
        out.lack(Input::ApplicationHostConfig);
        return out;
    }
    if scene
        .views
        .iter()
        .any(|v| is_cut_off(scene.case, v.endpoint))
    {
        out.lack(Input::ApplicationHostConfig);
    }
    // One group where a module may log users on, one where none is.
    for own in [false, true] {
        for views in sites(scene, |v| {
            applies(scene, v) && v.endpoint.settings.foreign_modules.is_empty() != own
        }) {
            out.find(finding(scene, &views));
        }
    }
    for view in sites(scene, |v| !refuses_everybody(&v.endpoint.settings))
        .into_iter()
        .flatten()
    {
        let settings = &view.endpoint.settings;
        let on = [
            &settings.windows.enabled,
            &settings.anonymous.enabled,
            &settings.basic,
        ];
        if let Some(setting) = on.iter().find(|s| s.value) {
            out.rule_out(
                format!("a scheme is on for {}", view.endpoint.location()),
                &places(scene, view, setting),
            );
        }
    }
    out
}

fn finding(scene: &Scene<'_>, views: &Group<'_, '_>) -> Finding {
    let first = views.first;
    let all = locations(views);
    let mut finding = Finding::about(
        subject(scene, views),
        format!(
            "Every authentication scheme is off for {}, and anonymous users are shut out. IIS answers 401.2 to everybody.",
            listed(&all)
        ),
    );
    let (mut off, mut shut) = (Vec::new(), Vec::new());
    for view in views.iter() {
        let settings = &view.endpoint.settings;
        off.extend(places(scene, view, &settings.windows.enabled));
        shut.extend(places(scene, view, &settings.anonymous.enabled));
    }
    finding = doubt_modules(views, finding)
        .structure(
            format!(
                "Windows authentication and every other scheme are off for {}",
                listed(&all)
            ),
            &few(off, 3),
        )
        .structure("anonymous users are shut out", &few(shut, 2));
    let mut fix = vec![p::backup()];
    fix.extend(all.iter().map(|l| {
        p::windows_auth(l, true)
            .stop_if("the application is meant to have another scheme: turn that one on")
    }));
    let remedy = Remedy::of(fix)
        .verify(p::verify_challenge(
            &views.location(),
            &first.endpoint.url(),
        ))
        .rollback(all.iter().map(|l| p::windows_auth(l, false)).collect())
        .prevent(CAUSE.page.prevent);
    finding.fix(
        remedy,
        switch_all(first, &all, &Switch::WindowsEnabled(true)),
    )
}
