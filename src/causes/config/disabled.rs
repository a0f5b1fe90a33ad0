//! CFG-02: Windows authentication is off where it is meant to be on.

use super::{
    doubt_modules, has_other_scheme, has_server, is_anonymous, last_edit, listed, locations,
    module_runs, places, refuses_everybody, scope, sites, subject, switch_all,
};
use crate::case::ConfigEdit;
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Finding, Ground, Group, Input, LookAlike, Page, Scene, Status, View,
};
use crate::evidence::Citation;
use crate::negotiate::{Stage, is_cut_off};
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Switch};

/// CFG-02.
pub(crate) const CAUSE: Cause = Cause {
    id: "CFG-02",
    name: "windows-auth-disabled",
    title: "Windows authentication is off where it is meant to be on",
    stage: Stage::Challenge,
    page: Page {
        mechanism: "windowsAuthentication is off by default, and a location or web.config can turn it off below a level where it is on. Then IIS does not offer Negotiate or NTLM there. With anonymous authentication off as well, every request ends in 401.2.",
        evidence: &[
            "applicationHost.config: enabled=\"false\" at the application's effective scope, true at a level above or beside it",
            "IIS-Configuration/Operational 29: windowsAuthentication/@enabled from true to false",
            "IIS log: 401 2 5 and never anything else",
        ],
        look_alikes: &[
            LookAlike {
                cause: "CFG-08",
                told_apart_by: "there nothing shows that Windows authentication was meant: no scheme at all is on",
            },
            LookAlike {
                cause: "CFG-09",
                told_apart_by: "there the section is set where it is locked, and IIS answers 500.19",
            },
            LookAlike {
                cause: "CFG-16",
                told_apart_by: "there somebody did turn it on, at a scope that does not decide",
            },
            LookAlike {
                cause: "CFG-01",
                told_apart_by: "there the native module is not installed",
            },
        ],
        ruled_out_by: "enabled=\"true\" at the application's effective scope. A site that is anonymous, or asks for another scheme, is no fault by itself.",
        fix: &[
            "Back up the IIS configuration.",
            "Turn Windows authentication on at the application's own location.",
            "Look at the challenge.",
        ],
        verify: "A request without credentials is answered 401 with WWW-Authenticate: Negotiate and NTLM.",
        rollback: "Turn it off again at the same location.",
        prevent: "Keep authentication settings in one baseline and compare with it after each deployment.",
        blind_spots: &[
            "an intention that no level, neighbour or change event of the bundle shows",
            "web.config files that the bundle does not hold, where the section is unlocked",
        ],
        versions: "IIS 7.0 to 10.",
        sources: &["Microsoft: <windowsAuthentication> element of IIS"],
    },
    assess,
};

/// What shows that Windows authentication is meant to be on at an endpoint where it is off.
pub(super) struct Intention {
    says: String,
    from: Vec<Citation>,
    edit: Option<ConfigEdit>,
}

/// The intention, strongest sign first. A change that turned it on elsewhere is another cause's (CFG-16).
pub(super) fn intention(scene: &Scene<'_>, view: &View<'_>) -> Option<Intention> {
    let settings = &view.endpoint.settings;
    if settings.windows.enabled.value
        || !module_runs(scene, view)
        || settings.is_refused()
        || is_cut_off(scene.case, view.endpoint)
    {
        return None;
    }
    if let Some(last) = last_edit(scene, view, "windowsauthentication/@enabled") {
        return last.turns(false).then(|| Intention {
            says: format!("It was turned off at {}", scope(&last.location)),
            from: vec![last.from.clone()],
            edit: Some(last),
        });
    }
    if !refuses_everybody(settings) {
        return None;
    }
    if let Some((_, above)) = settings
        .windows
        .enabled
        .overridden
        .iter()
        .find(|(on, _)| *on)
    {
        return Some(Intention {
            says: "A level above turns it on".into(),
            from: vec![above.clone()],
            edit: None,
        });
    }
    let neighbour = scene.views.iter().find(|v| {
        v.endpoint.server == view.endpoint.server
            && v.endpoint.site == view.endpoint.site
            && v.endpoint.settings.windows.enabled.value
    });
    // A module of its own may be what authenticates here.
    neighbour
        .filter(|_| settings.foreign_modules.is_empty())
        .map(|v| Intention {
            says: format!("{} of the same site has it on", v.endpoint.location()),
            from: places(scene, v, &v.endpoint.settings.windows.enabled),
            edit: None,
        })
}

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    if !has_server(scene) {
        out.lack(Input::ApplicationHostConfig);
        return out;
    }
    for views in sites(scene, |v| intention(scene, v).is_some()) {
        out.find(finding(scene, &views));
    }
    for view in sites(scene, |v| v.endpoint.settings.windows.enabled.value)
        .into_iter()
        .flatten()
    {
        out.rule_out(
            format!(
                "Windows authentication is on for {}",
                view.endpoint.location()
            ),
            &places(scene, view, &view.endpoint.settings.windows.enabled),
        );
    }
    out
}

fn finding(scene: &Scene<'_>, views: &Group<'_, '_>) -> Finding {
    let first = views.first;
    let all = locations(views);
    let shut = views
        .iter()
        .any(|v| refuses_everybody(&v.endpoint.settings));
    let then = if shut {
        "No other scheme is on and anonymous users are shut out, so every request ends in 401.2."
    } else {
        "IIS offers neither Negotiate nor NTLM there."
    };
    let why = intention(scene, first).map_or_else(String::new, |sign| sign.says);
    let mut finding = Finding::about(
        subject(scene, views),
        format!(
            "Windows authentication is off for {}. {why}. {then}",
            listed(&all)
        ),
    );
    for view in views.iter() {
        let settings = &view.endpoint.settings;
        finding = finding.structure(
            format!(
                "Windows authentication is off for {}",
                view.endpoint.location()
            ),
            &places(scene, view, &settings.windows.enabled),
        );
        if let Some(sign) = intention(scene, view) {
            finding = finding.structure(sign.says, &few(sign.from, 2));
            if let Some(edit) = sign.edit {
                finding.onset = Some(Ground {
                    says: format!("turned off at {}", scope(&edit.location)),
                    from: vec![edit.from],
                });
            }
        }
    }
    if finding.onset.is_none() {
        finding = doubt_modules(views, finding);
    }
    finding.structure.sort_by(|a, b| a.says.cmp(&b.says));
    finding.structure.dedup();
    let intended = |v: &&View<'_>| {
        is_anonymous(&v.endpoint.settings) || has_other_scheme(&v.endpoint.settings)
    };
    if views.iter().all(intended) {
        // Somebody turned it off, and another way in is open: that may be what they wanted.
        finding = finding.at_most(Status::Possible);
    }
    let mut fix = vec![p::backup()];
    fix.extend(all.iter().map(|l| p::windows_auth(l, true)));
    let remedy = Remedy::of(fix)
        .verify(p::verify_challenge(
            &views.location(),
            &first.endpoint.url(),
        ))
        .rollback(all.iter().map(|l| p::windows_auth(l, false)).collect())
        .prevent(CAUSE.page.prevent);
    let changes = switch_all(first, &all, &Switch::WindowsEnabled(true));
    finding.fix(remedy, changes)
}
