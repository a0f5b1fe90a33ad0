//! CFG-14: connections do not stay open, and NTLM signs in a connection.

use super::{asks_for_windows, has_server, listed, locations, places, sites, subject};
use crate::case::{LoggedSite, Meaning, SymptomKind};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Group, Input, LookAlike, Page, Scene};
use crate::evidence::Citation;
use crate::negotiate::{Stage, origin_of};
use crate::remedy::commands as c;
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step};

/// CFG-14.
pub(crate) const CAUSE: Cause = Cause {
    id: "CFG-14",
    name: "keep-alive-off",
    title: "HTTP keep-alive is off, so NTLM can never finish",
    stage: Stage::Authorization,
    page: Page {
        mechanism: "NTLM signs a TCP connection in, in two legs: the client's first token and the server's challenge, then the answer to it. Both must run over one connection. With allowKeepAlive=\"false\" the server closes the connection after the first leg. The answer arrives on a new one, where the server knows no challenge, and all begins again: 401.1 with 2148074254, and never a 200. Kerberos needs one leg and is not affected, so only those who fall back to NTLM complain.",
        evidence: &[
            "applicationHost.config or web.config: <httpProtocol allowKeepAlive=\"false\"> in force at the site",
            "IIS log: 401 1 2148074254 over and over for a client, never followed by 200",
            "answers carry Connection: close",
            "Security log of the web server: no 4624 and no 4625 for these users",
        ],
        look_alikes: &[
            LookAlike {
                cause: "PRX-01",
                told_apart_by: "there keep-alive is on, sign-ins fail at random with 2148074248, and a load balancer shares connections",
            },
            LookAlike {
                cause: "CFG-21",
                told_apart_by: "there each such line is followed by 200",
            },
            LookAlike {
                cause: "AC-01",
                told_apart_by: "there the server logs 4625 with a wrong password",
            },
        ],
        ruled_out_by: "allowKeepAlive true (its default) and connections that stay open, or NTLM users who sign in.",
        fix: &[
            "Set allowKeepAlive to true.",
            "Where a proxy adds Connection: close or speaks HTTP/1.0 to IIS, change it there.",
            "Repair what makes users fall back to NTLM: a missing SPN, an IP address in the URL.",
        ],
        verify: "401 2 5, 401 1 2148074254, 200 for an NTLM client, over one connection.",
        rollback: "Set allowKeepAlive to false again.",
        prevent: "Leave httpProtocol at its default wherever Windows authentication is on.",
        blind_spots: &[
            "a device on the way that closes connections, or speaks HTTP/1.0",
            "the connection that a line of the log belongs to",
        ],
        versions: "All versions of IIS.",
        sources: &[
            "Microsoft: Enabling HTTP Keep-Alives (required for Integrated Windows authentication)",
            "Microsoft: <httpProtocol> element of IIS (allowKeepAlive)",
        ],
    },
    assess,
};

fn is_off(view: &super::View<'_>) -> bool {
    !view.endpoint.settings.allow_keep_alive.value
}

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    for views in sites(scene, |v| asks_for_windows(scene, v) && is_off(v)) {
        out.find(finding(scene, &views));
    }
    out.findings.extend(on_the_way(scene));
    if !has_server(scene) {
        out.lack(Input::ApplicationHostConfig);
    }
    for view in scene
        .views
        .iter()
        .filter(|v| asks_for_windows(scene, v) && !is_off(v))
    {
        out.rule_out(
            format!("connections stay open at {}", view.endpoint.location()),
            &places(scene, view, &view.endpoint.settings.allow_keep_alive),
        );
    }
    out
}

/// Lines of a log that end sign-ins at one of these applications with this meaning.
fn with(
    scene: &Scene<'_>,
    logged: &LoggedSite,
    views: &Group<'_, '_>,
    wanted: Meaning,
) -> Vec<Citation> {
    let fitting = logged.read().filter(|(_, exchange, meaning)| {
        *meaning == wanted && scene.is_below(logged, &exchange.path, views)
    });
    few(fitting.flat_map(|(_, e, _)| e.from.clone()).collect(), 2)
}

fn finding(scene: &Scene<'_>, views: &Group<'_, '_>) -> Finding {
    let first = views.first;
    let all = locations(views);
    let set = views
        .iter()
        .flat_map(|v| origin_of(&v.endpoint.settings.allow_keep_alive))
        .collect();
    let mut finding = Finding::about(
        subject(scene, views),
        format!("The server closes each connection at {} after one answer (allowKeepAlive is false). NTLM needs two legs over one connection and never gets through; only Kerberos does.", listed(&all)),
    )
    .structure("HTTP keep-alive is off", &few(set, 2))
    .structure(
        "Windows authentication is on there, and NTLM needs a connection that stays open",
        &places(scene, first, &first.endpoint.settings.windows.enabled),
    );
    for (id, symptom) in scene.symptoms(|k| matches!(k, SymptomKind::TokensAlone(_))) {
        let part = scene.part_of(symptom, views);
        if part.is_none() {
            let of_site = symptom
                .logged_site()
                .and_then(|id| scene.case.logged_site(id));
            if of_site.is_some_and(|logged| logged.is_of(first.endpoint)) {
                finding = finding.contradicting(
                    "what looks like it happens at other applications of the site, where keep-alive is on",
                    &symptom.from,
                );
            }
            continue;
        }
        let says = format!(
            "first tokens (401.1, 2148074254) that nothing follows, {}",
            part.times()
        );
        finding = part.explained(finding.observed(says, &symptom.from), id);
    }
    let mut logged = scene.case.logged_sites.iter();
    let logged = logged.find(|logged| logged.is_of(first.endpoint));
    if let Some(logged) = logged {
        finding = finding.contradicting(
            "users signed in there in two legs, as with NTLM",
            &with(scene, logged, views, Meaning::TwoLegs),
        );
        if finding.observed.is_empty() {
            finding = finding.contradicting(
                "users sign in there in one leg, as with Kerberos, and nobody is seen to fail",
                &with(scene, logged, views, Meaning::OneLeg),
            );
        }
    }
    let switch = |location: &String, on| c::appcmd_set_keep_alive(location, on);
    let mut fix = vec![p::backup()];
    fix.extend(
        all.iter()
            .map(|l| Step::run(switch(l, true), format!("let connections stay open at {l}"))),
    );
    let remedy = Remedy::of(fix)
        .verify(vec![Step::by_hand(
            "a client that uses NTLM (by IP address, for example) gets 401 2 5, 401 1 2148074254 and 200",
        )])
        .rollback(all.iter().map(|l| Step::run(switch(l, false), "close connections after each answer again")).collect())
        .prevent(CAUSE.page.prevent);
    finding.fix(remedy, Vec::new())
}

/// First tokens that nothing follows, where the configuration keeps connections open or is not here: something on the way may
/// close them.
fn on_the_way(scene: &Scene<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (id, symptom) in scene.symptoms(|k| matches!(k, SymptomKind::TokensAlone(_))) {
        let Some(logged) = symptom
            .logged_site()
            .and_then(|site| scene.case.logged_site(site))
        else {
            continue;
        };
        let off = |v: &&super::View<'_>| {
            logged.is_of(v.endpoint) && is_off(v) && asks_for_windows(scene, v)
        };
        let off: Vec<_> = scene.views.iter().filter(off).collect();
        if !scene.part_of(symptom, &off).is_none() {
            continue;
        }
        let host = logged
            .host
            .map(|host| scene.case.hosts.get(host).name.clone());
        let subject = crate::causes::Subject {
            site: logged.site.clone(),
            host,
            ..Default::default()
        };
        let known = scene.views.iter().any(|v| logged.is_of(v.endpoint));
        let mut finding = Finding::about(
            subject,
            "Callers send the first token of NTLM, the server asks for the second (401.1, 2148074254), and it never comes. Either connections are closed in between, by the server or by something on the way, or these callers give up because they have no credentials to answer with.",
        )
        .observed(
            format!("first tokens that nothing follows, {} times", symptom.count),
            &symptom.from,
        )
        .explains([id])
        .or_else("PRX-01", "a load balancer may carry the second leg to another connection or server")
        .or_else("CL-12", "a program may try without credentials of its own and give up");
        if !known {
            finding = finding.lacks(Input::ApplicationHostConfig);
        }
        found.push(finding);
    }
    found
}
