//! CFG-12: each request is authenticated anew.

use super::{asks_for_windows, has_server, listed, locations, places, sites, subject};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Group, Input, LookAlike, Page, Scene, Status};
use crate::negotiate::{Stage, origin_of};
use crate::remedy::commands as c;
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step};

/// CFG-12.
pub(crate) const CAUSE: Cause = Cause {
    id: "CFG-12",
    name: "every-request-authenticated-anew",
    title: "authPersistSingleRequest makes every request sign in anew",
    stage: Stage::Challenge,
    page: Page {
        mechanism: "IIS remembers on a connection who signed in: always after NTLM, and after Kerberos where authPersistNonNTLM allows it. authPersistSingleRequest=\"true\" makes it forget after each request. Then every picture and every call of a page costs a 401, or two with NTLM, and each of them a check at a domain controller. Nobody is refused: users see a slow site, administrators a log full of 401.",
        evidence: &[
            "applicationHost.config: windowsAuthentication authPersistSingleRequest=\"true\" in force at the site",
            "IIS log: about as many 401 as requests that succeed, all of which end in 200",
            "Security log: a 4624 for nearly every request",
        ],
        look_alikes: &[
            LookAlike {
                cause: "CFG-14",
                told_apart_by: "there connections are closed, and NTLM never gets through",
            },
            LookAlike {
                cause: "CFG-21",
                told_apart_by: "there clients send their token unasked, once a connection",
            },
        ],
        ruled_out_by: "authPersistSingleRequest false (its default), or a share of 401 of no more than one a connection.",
        fix: &[
            "Find out why it was set: some proxies that share connections between users need it. Then it must stay, and Kerberos keeps its cost low.",
            "Otherwise set it to false.",
            "Let users come by Kerberos, which needs one 401 less than NTLM.",
        ],
        verify: "The share of 401 in the IIS log falls to one or two a connection.",
        rollback: "Set authPersistSingleRequest to true again.",
        prevent: "Write down beside the setting which proxy needs it.",
        blind_spots: &[
            "how many connections clients open",
            "proxies that share connections",
        ],
        versions: "IIS 7.0 to 10 (authPersistNonNTLM since IIS 7.5).",
        sources: &[
            "Microsoft: <windowsAuthentication> element of IIS (authPersistSingleRequest, authPersistNonNTLM)",
            "Microsoft IIS Support Blog: authPersistNonNTLM",
        ],
    },
    assess,
};

/// Requests from which on a share means something.
const ENOUGH: u64 = 50;

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    if !has_server(scene) {
        out.lack(Input::ApplicationHostConfig);
        return out;
    }
    let single = |v: &super::View<'_>| {
        v.endpoint
            .settings
            .windows
            .auth_persist_single_request
            .value
    };
    for views in sites(scene, |v| asks_for_windows(scene, v) && single(v)) {
        out.find(finding(scene, &views));
    }
    for view in scene
        .views
        .iter()
        .filter(|v| asks_for_windows(scene, v) && !single(v))
    {
        let setting = &view.endpoint.settings.windows.auth_persist_single_request;
        out.rule_out(
            format!(
                "a sign-in lasts as long as its connection at {}",
                view.endpoint.location()
            ),
            &places(scene, view, setting),
        );
    }
    out
}

fn finding(scene: &Scene<'_>, views: &Group<'_, '_>) -> Finding {
    let first = views.first;
    let all = locations(views);
    let set = views
        .iter()
        .flat_map(|v| origin_of(&v.endpoint.settings.windows.auth_persist_single_request))
        .collect();
    let mut finding = Finding::about(
        subject(scene, views),
        format!("Each request at {} is signed in anew (authPersistSingleRequest): one or two 401 for every answer. Nobody is refused for it.", listed(&all)),
    )
    .structure("a sign-in is forgotten after each request", &few(set, 2));
    let logged = scene.case.logged_sites.iter().find(|l| {
        l.server == Some(first.endpoint.server) && l.site.as_ref() == Some(&first.endpoint.site)
    });
    let mut seen = false;
    if let Some(logged) = logged {
        let refused = logged.by_status.get(&401).copied().unwrap_or(0);
        let first_place = logged.exchanges.iter().find_map(|(_, e)| e.from.first());
        if let (true, Some(from)) = (
            refused >= ENOUGH && refused * 10 >= logged.signed_in * 8,
            first_place,
        ) {
            seen = true;
            finding = finding.observed(
                format!(
                    "{refused} answers are 401, beside {} to signed-in users",
                    logged.signed_in
                ),
                std::slice::from_ref(from),
            );
        }
    }
    // It refuses nobody: what users complain of may be something else.
    finding = finding.at_most(if seen {
        Status::Likely
    } else {
        Status::Possible
    });
    let mut fix = vec![p::backup()];
    let set = |location: &String, value: &str| {
        c::appcmd_set_windows_auth(location, "/authPersistSingleRequest:", value)
    };
    fix.extend(all.iter().map(|l| {
        Step::run(set(l, "false"), format!("let a sign-in last as long as its connection at {l}"))
            .stop_if("a proxy that shares connections between users stands before the site: there one user would be taken for another")
    }));
    let remedy = Remedy::of(fix)
        .verify(vec![Step::by_hand(
            "the IIS log shows one or two 401 for each new connection, and no more",
        )])
        .rollback(
            all.iter()
                .map(|l| Step::run(set(l, "true"), "sign each request in anew again"))
                .collect(),
        )
        .prevent(CAUSE.page.prevent);
    finding.fix(remedy, Vec::new())
}
