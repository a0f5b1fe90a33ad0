//! PRX-02: Application Request Routing asks for Windows authentication itself, before it passes requests on.

use crate::case::{HostId, SymptomKind};
use crate::causes::config::{
    asks_for_windows, has_server, listed, locations, places, sites, subject, switch_all,
};
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Finding, Group, Input, LookAlike, Page, Scene, Status, View,
};
use crate::evidence::Citation;
use crate::negotiate::Stage;
use crate::readers::iis_config::Farm;
use crate::remedy::commands as c;
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step, Switch};

/// PRX-02.
pub(crate) const CAUSE: Cause = Cause {
    id: "PRX-02",
    name: "reverse-proxy-authenticates-itself",
    title: "The reverse proxy (ARR, URL Rewrite) asks for Windows authentication itself",
    stage: Stage::Challenge,
    page: Page {
        mechanism: "A site that only passes requests on must let them through: the Authorization header is meant for the server behind it. With Windows authentication on at the proxy's own site, IIS there answers 401 first and uses the token up; what it passes on has no credentials that the server behind could take, and that one answers 401 too. With NTLM the proxy cannot sign in on the user's behalf at all. The way that works: anonymous on and Windows off at the proxy, one account for the key of the name, HTTP/<name of the proxy> on that account, and its key used at the servers behind.",
        evidence: &[
            "applicationHost.config of the proxy: <webFarms> or <proxy enabled=\"true\">, a rewrite rule to http://…, and Windows authentication on at that site",
            "IIS log of the proxy: 401 2 and 401 1 for each request; IIS log of the server behind: 401 2, or nothing",
            "directly at the server behind it works",
        ],
        look_alikes: &[
            LookAlike {
                cause: "NAME-07",
                told_apart_by: "there the proxy lets requests through, and the server behind has another name than the ticket",
            },
            LookAlike {
                cause: "PRX-01",
                told_apart_by: "there sign-ins fail at random, with an invalid token",
            },
        ],
        ruled_out_by: "the same failure directly at the server behind; or anonymous on at the proxy's site.",
        fix: &[
            "Decide where users are to be signed in: at the server behind (usual), or at the proxy.",
            "At the proxy's site: anonymous on, Windows off.",
            "At the servers behind: one domain account for the pool, useAppPoolCredentials, HTTP/<name that users type> on that account.",
            "preserveHostHeader on, so that the server behind sees the name that the ticket is for.",
            "Where the proxy must sign users in: anonymous at the server behind, and a protected header with the name.",
        ],
        verify: "Through the proxy: 401.2 and 200 in the log of the server behind, the user named, Kerberos in its Security log.",
        rollback: "Windows on and anonymous off at the proxy again.",
        prevent: "Authentication at one place only; a drawing of the path with the name, the account and the SPN of each hop.",
        blind_spots: &[
            "the server behind, where its configuration is not in the bundle",
            "proxies that are not IIS",
        ],
        versions: "IIS 7.0 to 10 with Application Request Routing.",
        sources: &[
            "Field reports of IIS support on ARR with Windows authentication",
            "Microsoft: URL Rewrite and Application Request Routing, reverse proxy",
        ],
    },
    assess,
};

/// How a site passes requests on, if it does: rewrite rules to another server, with ARR's proxy or farms there.
fn passes_on(scene: &Scene<'_>, view: &View<'_>) -> Option<(Vec<String>, Vec<Citation>)> {
    let access = &view.endpoint.settings.access;
    let config = &scene.case.server(view.endpoint).config;
    let on = matches!(access.proxy, Some((true, _))) || !config.farms.is_empty();
    if !on || access.passes_on.is_empty() {
        return None;
    }
    let targets = access
        .passes_on
        .iter()
        .flat_map(|(url, _)| targets(url, &config.farms));
    let mut from: Vec<Citation> = access.passes_on.iter().map(|(_, at)| at.clone()).collect();
    from.extend(access.proxy.iter().map(|(_, at)| at.clone()));
    from.extend(config.farms.iter().map(|farm| farm.from.clone()));
    Some((targets.collect(), from))
}

/// The hosts that a rule passes requests on to: the servers of a farm, or the host in the URL.
fn targets(url: &str, farms: &[Farm]) -> Vec<String> {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split(['/', ':', '{']).next().unwrap_or_default();
    match farms
        .iter()
        .find(|farm| farm.name.eq_ignore_ascii_case(host))
    {
        Some(farm) => farm.servers.clone(),
        None => vec![host.to_owned()],
    }
}

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    if !has_server(scene) {
        out.lack(Input::ApplicationHostConfig);
        return out;
    }
    for views in sites(scene, |v| {
        asks_for_windows(scene, v) && passes_on(scene, v).is_some()
    }) {
        out.find(finding(scene, &views));
    }
    for view in &scene.views {
        match passes_on(scene, view) {
            Some((_, from)) if !asks_for_windows(scene, view) => out.rule_out(
                format!(
                    "{} passes requests on and asks for nothing itself",
                    view.endpoint.location()
                ),
                &few(from, 2),
            ),
            None if asks_for_windows(scene, view) => out.rule_out(
                format!(
                    "no rule passes requests of {} on to another server",
                    view.endpoint.location()
                ),
                &places(scene, view, &view.endpoint.settings.windows.enabled),
            ),
            _ => {}
        }
    }
    out
}

/// A server behind that asks for Windows authentication too, where its configuration is in the bundle.
fn asks_behind<'s>(
    scene: &'s Scene<'_>,
    own: Option<HostId>,
    targets: &[String],
) -> Option<&'s View<'s>> {
    let hosts: Vec<HostId> = targets
        .iter()
        .filter_map(|name| scene.case.hosts.find(name))
        .filter(|host| Some(*host) != own)
        .collect();
    scene.views.iter().find(|v| {
        let named = targets.iter().any(|t| v.endpoint.is_named(t));
        let there = v.endpoint.host.is_some_and(|host| hosts.contains(&host));
        (there || (named && v.endpoint.host != own)) && asks_for_windows(scene, v)
    })
}

/// At the server behind, nobody ever signs in.
fn saw_behind(scene: &Scene<'_>, behind: &View<'_>, finding: Finding) -> Finding {
    let lonely = scene.symptoms(|k| matches!(k, SymptomKind::NobodySignsIn(_)));
    lonely.into_iter().fold(finding, |finding, (id, symptom)| {
        let logged = symptom
            .logged_site()
            .and_then(|site| scene.case.logged_site(site));
        let there = logged.is_some_and(|l| {
            l.server == Some(behind.endpoint.server)
                && l.site.as_ref() == Some(&behind.endpoint.site)
        });
        match there {
            true => finding
                .observed(
                    format!("the server behind answers with the challenge, {} times, and nobody ever signs in there", symptom.count),
                    &symptom.from,
                )
                .explains([id]),
            false => finding,
        }
    })
}

fn finding(scene: &Scene<'_>, views: &Group<'_, '_>) -> Finding {
    let first = views.first;
    let all = locations(views);
    let (targets, from) = passes_on(scene, first).unwrap_or_default();
    let mut finding = Finding::about(
        subject(scene, views),
        format!("{} passes requests on to {}, and asks for Windows authentication itself before. The token is used up there; the server behind gets none.", listed(&all), targets.join(", ")),
    )
    .structure("requests are passed on to another server", &few(from, 3))
    .structure(
        "Windows authentication is on at the proxy itself",
        &places(scene, first, &first.endpoint.settings.windows.enabled),
    );
    match asks_behind(scene, first.endpoint.host, &targets) {
        Some(behind) => {
            finding = finding.structure(
                format!(
                    "{} behind it asks for Windows authentication as well",
                    behind.endpoint.url()
                ),
                &places(scene, behind, &behind.endpoint.settings.windows.enabled),
            );
            finding = saw_behind(scene, behind, finding);
        }
        // Where the server behind asks for nothing, the proxy may be what signs users in, on purpose.
        None => finding = finding.lacks(Input::OtherFarmNodes),
    }
    // What the proxy makes of the token is known from the field only.
    finding = finding.at_most(Status::Likely);
    let mut fix = vec![
        p::backup(),
        Step::by_hand("decide where users are to be signed in: at the server behind, or at the proxy")
            .stop_if("the application trusts a header with the user's name that the proxy sets: then turn Windows authentication off at the server behind instead"),
    ];
    fix.extend(all.iter().map(|l| {
        Step::run(
            c::appcmd_set_anonymous(l, true),
            format!("let requests through at the proxy ({l})"),
        )
        .risk("from now on only the server behind asks who calls: it must ask for every path")
        .stop_if("the server behind serves anything without asking")
    }));
    fix.extend(all.iter().map(|l| p::windows_auth(l, false)));
    let mut rollback: Vec<Step> = all.iter().map(|l| p::windows_auth(l, true)).collect();
    rollback.extend(all.iter().map(|l| {
        Step::run(
            c::appcmd_set_anonymous(l, false),
            format!("ask at the proxy again ({l})"),
        )
    }));
    let remedy = Remedy::of(fix)
        .verify(vec![Step::by_hand("through the proxy: the IIS log of the server behind shows 401 2 and 200 with the user named, its Security log 4624 by Kerberos")])
        .rollback(rollback)
        .prevent(CAUSE.page.prevent);
    let mut changes = switch_all(first, &all, &Switch::AnonymousEnabled(true));
    changes.extend(switch_all(first, &all, &Switch::WindowsEnabled(false)));
    finding.fix(remedy, changes)
}
