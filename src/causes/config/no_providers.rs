//! CFG-05: Windows authentication is on, and its list of providers is empty.

use super::{asks_for_windows, has_server, listed, locations, places, sites, subject, switch_all};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Group, Input, LookAlike, Page, Scene, View};
use crate::negotiate::Stage;
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step, Switch, commands as c};

/// CFG-05.
pub(crate) const CAUSE: Cause = Cause {
    id: "CFG-05",
    name: "providers-empty",
    title: "Windows authentication is on, but its list of providers is empty",
    stage: Stage::Challenge,
    page: Page {
        mechanism: "IIS offers what the list of providers holds, and the list has no default: installing the role service writes Negotiate and NTLM into it. A <clear/> without an <add> behind it, or a section written anew without them, leaves nothing to offer. IIS answers 401.2 without a challenge, and no client can answer that.",
        evidence: &[
            "applicationHost.config: enabled=\"true\", and no provider in force (often a <clear/>)",
            "IIS log: 401 2 5 and never anything else",
            "the 401 has no WWW-Authenticate header",
        ],
        look_alikes: &[
            LookAlike {
                cause: "CFG-01",
                told_apart_by: "there the native module is not installed",
            },
            LookAlike {
                cause: "CFG-02",
                told_apart_by: "there the setting itself is off",
            },
        ],
        ruled_out_by: "at least one provider in force.",
        fix: &[
            "Back up the IIS configuration.",
            "Add Negotiate, then NTLM.",
        ],
        verify: "A request without credentials is answered 401 with WWW-Authenticate: Negotiate and NTLM.",
        rollback: "Remove the two providers again.",
        prevent: "Deploy the list of providers from one template.",
        blind_spots: &["another scheme that is on as well and is meant to be the only one"],
        versions: "IIS 7.0 to 10.",
        sources: &[
            "Microsoft: <providers> of <windowsAuthentication>",
            "IIS_schema.xml: the collection has no default entries",
        ],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    if !has_server(scene) {
        out.lack(Input::ApplicationHostConfig);
        return out;
    }
    let empty = |v: &View<'_>| {
        asks_for_windows(scene, v) && v.endpoint.settings.windows.providers.is_empty()
    };
    // In a cut file the list may stand in the missing part, unless something is seen to clear it.
    let shown = |v: &View<'_>| {
        scene.case.server(v.endpoint).config.complete
            || !v.endpoint.settings.windows.providers_shaped_by.is_empty()
    };
    for views in sites(scene, |v| empty(v) && shown(v)) {
        out.find(finding(scene, &views));
    }
    if !sites(scene, |v| empty(v) && !shown(v)).is_empty() {
        out.lack(Input::ApplicationHostConfig);
    }
    for view in sites(scene, |v| asks_for_windows(scene, v))
        .into_iter()
        .flatten()
    {
        let providers = view.endpoint.settings.windows.providers.iter();
        let from: Vec<_> = providers.map(|(_, at)| at.clone()).collect();
        out.rule_out(format!("{} has providers", view.endpoint.location()), &from);
    }
    out
}

fn finding(scene: &Scene<'_>, views: &Group<'_, '_>) -> Finding {
    let first = views.first;
    let all = locations(views);
    let mut on = Vec::new();
    let mut cleared = Vec::new();
    for view in views.iter() {
        let windows = &view.endpoint.settings.windows;
        on.extend(places(scene, view, &windows.enabled));
        cleared.extend(windows.providers_shaped_by.iter().cloned());
    }
    let mut finding = Finding::about(
        subject(scene, views),
        format!(
            "Windows authentication is on for {}, but no provider is left in its list. IIS answers 401.2 without a challenge.",
            listed(&all)
        ),
    )
    .structure(
        format!("Windows authentication is on for {}, and no provider is in force", listed(&all)),
        &few(on, 3),
    )
    .structure("the list is cleared, and nothing is added behind it", &few(cleared, 2));
    if views
        .iter()
        .any(|v| super::has_other_scheme(&v.endpoint.settings))
    {
        finding = finding.or_else(
            "CFG-22",
            "another scheme is on there, and may be the one that is wanted",
        );
    }
    let mut fix = vec![p::backup()];
    let mut rollback = Vec::new();
    for location in &all {
        fix.extend(p::offer_negotiate_first(location, false, false));
        for provider in [c::Provider::Ntlm, c::Provider::Negotiate] {
            rollback.push(Step::run(
                c::appcmd_remove_provider(location, provider),
                "remove the provider again",
            ));
        }
    }
    let remedy = Remedy::of(fix)
        .verify(p::verify_challenge(
            &views.location(),
            &first.endpoint.url(),
        ))
        .rollback(rollback)
        .prevent(CAUSE.page.prevent);
    let providers = Switch::Providers(vec!["Negotiate".into(), "NTLM".into()]);
    finding.fix(remedy, switch_all(first, &all, &providers))
}
