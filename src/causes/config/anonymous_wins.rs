//! CFG-07: anonymous authentication is on beside Windows authentication, so IIS never asks who the user is.

use super::{
    has_server, is_anonymous, last_edit, listed, locations, module_runs, places, sites, subject,
    switch_all,
};
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Finding, Ground, Group, Input, LookAlike, Page, Scene, Status, View,
};
use crate::negotiate::{Outcome, Stage, is_cut_off};
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step, Switch, commands as c};

/// CFG-07.
pub(crate) const CAUSE: Cause = Cause {
    id: "CFG-07",
    name: "anonymous-wins",
    title: "Anonymous authentication is on as well, so IIS does not ask for Windows authentication",
    stage: Stage::Challenge,
    page: Page {
        mechanism: "Anonymous authentication is on after installation. Where it stays on beside Windows authentication, IIS serves every request as IUSR and sends no challenge, unless an authorization rule, the file system or the application refuses the anonymous user. The application then sees an empty user name, or refuses with a 401 of its own.",
        evidence: &[
            "applicationHost.config: anonymousAuthentication and windowsAuthentication both on for the application, and no rule that denies anonymous users",
            "IIS log: 200 with an empty cs-username (on a 401 that field is always empty and says nothing)",
        ],
        look_alikes: &[
            LookAlike {
                cause: "CL-12",
                told_apart_by: "there IIS does ask, and the client's program does not answer",
            },
            LookAlike {
                cause: "CFG-10",
                told_apart_by: "there ASP.NET Forms authentication logs users on, and anonymous has to be on",
            },
        ],
        ruled_out_by: "anonymous authentication off at the application's effective scope, or a rule that denies anonymous users there.",
        fix: &[
            "Make sure that no path needs to be open (health checks, CORS, icons); give those their own location.",
            "Turn anonymous authentication off for the application.",
        ],
        verify: "A request without credentials is answered 401 with a challenge, and the IIS log shows the user's name on the 200 that follows.",
        rollback: "Turn anonymous authentication on again.",
        prevent: "Test after each deployment that a request without credentials gets 401.2.",
        blind_spots: &[
            "an application that asks for the logon itself (ASP.NET Core, SharePoint, Exchange): there both are meant to be on",
            "rules in web.config files that the bundle does not hold, and permissions on files",
        ],
        versions: "IIS 7.0 to 10.",
        sources: &[
            "Microsoft: <windowsAuthentication> and <anonymousAuthentication> elements of IIS",
        ],
    },
    assess,
};

fn applies(scene: &Scene<'_>, view: &View<'_>) -> bool {
    let settings = &view.endpoint.settings;
    let own_logon =
        matches!(&settings.asp_net_mode, Some((mode, _)) if !mode.eq_ignore_ascii_case("Windows"));
    settings.windows.enabled.value
        && module_runs(scene, view)
        && is_anonymous(settings)
        && !is_cut_off(scene.case, view.endpoint)
        && !settings.is_refused()
        && !own_logon
}

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    if !has_server(scene) {
        out.lack(Input::ApplicationHostConfig);
        return out;
    }
    for views in sites(scene, |v| applies(scene, v)) {
        out.find(finding(scene, &views));
    }
    for view in sites(scene, |v| {
        v.endpoint.settings.windows.enabled.value && !is_anonymous(&v.endpoint.settings)
    })
    .into_iter()
    .flatten()
    {
        let settings = &view.endpoint.settings;
        let mut from = places(scene, view, &settings.anonymous.enabled);
        from.extend(settings.asp_net_denies_anonymous.clone());
        out.rule_out(
            format!("{} shuts anonymous users out", view.endpoint.location()),
            &from,
        );
    }
    out
}

/// Whether nothing nearer than the server says that anonymous authentication is on: left over, and not chosen.
fn is_left_over(scene: &Scene<'_>, view: &View<'_>) -> bool {
    let server = scene.case.server(view.endpoint).config.effective("", "/");
    let settings = &view.endpoint.settings;
    settings.anonymous.enabled.origin == server.anonymous.enabled.origin
        && settings.windows.enabled.origin != server.windows.enabled.origin
}

fn finding(scene: &Scene<'_>, views: &Group<'_, '_>) -> Finding {
    let first = views.first;
    let all = locations(views);
    let mut finding = Finding::about(
        subject(scene, views),
        format!(
            "Anonymous authentication is on beside Windows authentication for {}, and no rule shuts anonymous users out. IIS serves every request without asking for a logon. That can be meant, where the application asks for the logon itself.",
            listed(&all)
        ),
    );
    let (mut both, mut unseen, mut left_over) = (Vec::new(), false, true);
    for view in views.iter() {
        let settings = &view.endpoint.settings;
        both.extend(places(scene, view, &settings.anonymous.enabled));
        both.extend(places(scene, view, &settings.windows.enabled));
        unseen |= !settings.unseen_files.is_empty();
        left_over &= is_left_over(scene, view);
        if matches!(view.observed, Outcome::Denied | Outcome::NtlmFallback)
            && let Some(spn) = view.spn()
        {
            let symptoms = scene.symptoms_of(spn).iter();
            let from = symptoms.flat_map(|(_, s)| s.from.clone()).collect();
            finding = finding.contradicting(
                format!("clients did try to log on to {spn}: something asks them to"),
                &few(from, 2),
            );
        }
    }
    finding = finding.structure(
        format!(
            "anonymous and Windows authentication are both on for {}",
            listed(&all)
        ),
        &few(both, 4),
    );
    let change =
        last_edit(scene, first, "anonymousauthentication/@enabled").filter(|edit| edit.turns(true));
    if let Some(edit) = &change {
        finding.onset = Some(Ground {
            says: "anonymous authentication was turned on".into(),
            from: vec![edit.from.clone()],
        });
    }
    // Without a request in the bundle nothing shows that it is not wanted.
    finding = finding.at_most(if left_over || change.is_some() {
        Status::Likely
    } else {
        Status::Possible
    });
    if unseen {
        finding = finding.lacks(Input::WebConfig);
    }
    let steps = |enabled: bool, says: &str| -> Vec<Step> {
        all.iter()
            .map(|l| {
                Step::run(
                    c::appcmd_set_anonymous(l, enabled),
                    format!("{says} for {l}"),
                )
            })
            .collect()
    };
    let mut fix = vec![
        p::backup(),
        Step::by_hand("list the paths that must stay open (health checks, CORS, sign-in pages), and give those a location of their own")
            .stop_if("the application asks for the logon itself: then both have to be on"),
    ];
    let off = steps(false, "turn anonymous authentication off");
    fix.extend(off.into_iter().map(|step| {
        step.risk(
            "callers without a Windows logon (probes, CORS preflights, other systems) get 401",
        )
    }));
    let remedy = Remedy::of(fix)
        .verify(p::verify_challenge(
            &views.location(),
            &first.endpoint.url(),
        ))
        .rollback(steps(true, "turn anonymous authentication on again"))
        .prevent(CAUSE.page.prevent);
    finding.fix(
        remedy,
        switch_all(first, &all, &Switch::AnonymousEnabled(false)),
    )
}
