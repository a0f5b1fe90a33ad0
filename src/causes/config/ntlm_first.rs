//! CFG-04: NTLM stands before Negotiate in the list of providers.

use super::{
    asks_for_windows, has_server, listed, locations, ntlm_logons_of, observe, position,
    provider_list, sites, subject, switch_all,
};
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Finding, Group, Input, LookAlike, Page, Scene, Status, View,
};
use crate::evidence::Citation;
use crate::negotiate::Stage;
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step, Switch, commands as c};

/// CFG-04.
pub(crate) const CAUSE: Cause = Cause {
    id: "CFG-04",
    name: "ntlm-before-negotiate",
    title: "NTLM is offered before Negotiate, so some clients never try Kerberos",
    stage: Stage::Challenge,
    page: Page {
        mechanism: "IIS sends its challenges in the order of the list of providers. Internet Explorer, WinINet and older .NET clients take the first one they know, and use NTLM. Edge and Chrome rank Negotiate higher whatever the order, and use Kerberos. So the same page gives NTLM to some clients and Kerberos to others.",
        evidence: &[
            "applicationHost.config: NTLM before Negotiate in the providers in force",
            "Security log of the web server: 4624 of type 3, NTLM for some clients and Kerberos for others",
        ],
        look_alikes: &[
            LookAlike {
                cause: "CFG-03",
                told_apart_by: "there Negotiate is not offered at all, and no client uses Kerberos",
            },
            LookAlike {
                cause: "SPN-01",
                told_apart_by: "there the KDC answers 0x7, and Edge and Chrome use NTLM too",
            },
        ],
        ruled_out_by: "Negotiate before NTLM in the providers in force.",
        fix: &[
            "Check who holds HTTP/<name>, and whose key opens tickets.",
            "Remove NTLM from the list and add it again behind Negotiate.",
        ],
        verify: "The challenge names Negotiate first; 4624 of type 3 shows Kerberos for the clients that used NTLM.",
        rollback: "Remove Negotiate from the list and add it again behind NTLM.",
        prevent: "Deploy the list of providers from one template.",
        blind_spots: &["which kind of client each user has"],
        versions: "IIS 7.0 to 10.",
        sources: &[
            "Microsoft: <providers> of <windowsAuthentication>",
            "Chromium: HTTP authentication, choice of scheme",
        ],
    },
    assess,
};

fn applies(scene: &Scene<'_>, view: &View<'_>) -> bool {
    let settings = &view.endpoint.settings;
    asks_for_windows(scene, view)
        && matches!(
            (position(settings, "NTLM"), position(settings, "Negotiate")),
            (Some(ntlm), Some(negotiate)) if ntlm < negotiate
        )
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
    for view in sites(scene, |v| asks_for_windows(scene, v) && !applies(scene, v))
        .into_iter()
        .flatten()
    {
        out.rule_out(
            format!(
                "{} offers {} in this order",
                view.endpoint.location(),
                provider_list(&view.endpoint.settings)
            ),
            &list(view),
        );
    }
    out
}

fn list(view: &View<'_>) -> Vec<Citation> {
    let providers = view.endpoint.settings.windows.providers.iter();
    providers.map(|(_, at)| at.clone()).collect()
}

fn finding(scene: &Scene<'_>, views: &Group<'_, '_>) -> Finding {
    let first = views.first;
    let all = locations(views);
    let mut finding = Finding::about(
        subject(scene, views),
        format!(
            "NTLM is offered before Negotiate at {}. Clients that take the first offer use NTLM; Edge and Chrome use Kerberos all the same.",
            listed(&all)
        ),
    )
    .structure(
        format!("the providers in force are {}, in this order", provider_list(&first.endpoint.settings)),
        &few(views.iter().flat_map(|v| list(v)).collect(), 4),
    )
    // NTLM has other reasons, which no order excludes.
    .at_most(Status::Likely);
    let logons = ntlm_logons_of(scene, first.endpoint.host, |v| applies(scene, v));
    finding = observe(
        finding,
        logons,
        "domain users logged on to this server by NTLM",
    );
    let mut fix = vec![p::backup()];
    let mut rollback = Vec::new();
    for location in &all {
        fix.extend(p::offer_negotiate_first(location, true, true));
        rollback.push(Step::run(
            c::appcmd_remove_provider(location, c::Provider::Negotiate),
            "remove Negotiate from the head of the providers",
        ));
        rollback.push(Step::run(
            c::appcmd_add_provider(location, c::Provider::Negotiate),
            "add Negotiate behind NTLM again",
        ));
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
