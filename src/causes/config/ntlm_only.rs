//! CFG-03: IIS offers NTLM and not Negotiate, so Kerberos is never tried.

use super::{
    asks_for_windows, has_server, listed, locations, ntlm_logons_of, observe, places, position,
    provider_list, sites, subject, switch_all,
};
use crate::case::Spn;
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Group, Input, LookAlike, Page, Scene, View};
use crate::evidence::Citation;
use crate::negotiate::Stage;
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step, Switch, commands as c};

/// CFG-03.
pub(crate) const CAUSE: Cause = Cause {
    id: "CFG-03",
    name: "negotiate-provider-missing",
    title: "IIS offers NTLM only: Negotiate is not in the list of providers",
    stage: Stage::Challenge,
    page: Page {
        mechanism: "A client can use Kerberos only where IIS offers Negotiate. With NTLM as the only provider it logs on by NTLM, works, and leaves no trace of Kerberos anywhere: nobody ever asks a domain controller for a ticket. The list is often what is left of an old work-around.",
        evidence: &[
            "applicationHost.config: the providers in force are NTLM alone",
            "Security log of the web server: 4624 of type 3 by NtLmSsp",
            "Domain controllers: no 4769 for HTTP/<name>; clients: no ticket, no Kerberos event 3",
            "NTLM/Operational of a client: 4020 with usage reason 1 (the application asked for NTLM)",
        ],
        look_alikes: &[
            LookAlike {
                cause: "SPN-01",
                told_apart_by: "there Negotiate is offered, and the KDC answers 0x7",
            },
            LookAlike {
                cause: "CFG-04",
                told_apart_by: "there both are offered, NTLM first",
            },
            LookAlike {
                cause: "NAME-01",
                told_apart_by: "there Negotiate is offered, and the URL holds an IP address",
            },
        ],
        ruled_out_by: "Negotiate among the providers in force, or a ticket for the name in a client's cache.",
        fix: &[
            "First find out who holds HTTP/<name>, and whose key opens tickets: with a wrong SPN, offering Negotiate turns working NTLM logons into 401.",
            "Remove NTLM from the list, add Negotiate, add NTLM behind it.",
            "Purge the user's tickets and try again.",
        ],
        verify: "The challenge names Negotiate first; 4624 of type 3 shows Kerberos.",
        rollback: "Remove Negotiate from the list again.",
        prevent: "Deploy the list of providers from one template.",
        blind_spots: &["whether NTLM alone is wanted, for clients that cannot do Kerberos"],
        versions: "IIS 7.0 to 10.",
        sources: &[
            "Microsoft: <providers> of <windowsAuthentication>",
            "Microsoft: Troubleshoot Kerberos failures in Internet Explorer",
        ],
    },
    assess,
};

fn applies(scene: &Scene<'_>, view: &View<'_>) -> bool {
    let settings = &view.endpoint.settings;
    asks_for_windows(scene, view)
        && !settings.windows.providers.is_empty()
        && !settings
            .windows
            .providers
            .iter()
            .any(|(name, _)| name.to_lowercase().starts_with("negotiate"))
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
    for view in sites(scene, |v| asks_for_windows(scene, v))
        .into_iter()
        .flatten()
    {
        if let Some((_, at)) = position(&view.endpoint.settings, "Negotiate")
            .and_then(|i| view.endpoint.settings.windows.providers.get(i))
        {
            out.rule_out(
                format!("{} offers Negotiate", view.endpoint.location()),
                std::slice::from_ref(at),
            );
        }
    }
    out
}

fn finding(scene: &Scene<'_>, views: &Group<'_, '_>) -> Finding {
    let first = views.first;
    let all = locations(views);
    let list: Vec<Citation> = views
        .iter()
        .flat_map(|v| {
            let windows = &v.endpoint.settings.windows;
            let added = windows.providers.iter().map(|(_, at)| at.clone());
            added
                .chain(windows.providers_shaped_by.iter().cloned())
                .collect::<Vec<_>>()
        })
        .collect();
    let on = places(scene, first, &first.endpoint.settings.windows.enabled);
    let mut finding = Finding::about(
        subject(scene, views),
        format!(
            "IIS offers NTLM and not Negotiate for {}. Clients cannot use Kerberos there, whatever the SPNs are.",
            listed(&all)
        ),
    )
    .structure(
        format!("the providers in force are {} alone", provider_list(&first.endpoint.settings)),
        &few(list, 4),
    )
    .supporting("Windows authentication is on", &on);
    // What is damaged or missing of the file may offer Negotiate.
    if !scene.case.server(first.endpoint).config.complete {
        finding = finding.lacks(Input::ApplicationHostConfig);
    }
    let logons = ntlm_logons_of(scene, first.endpoint.host, |v| applies(scene, v));
    finding = observe(
        finding,
        logons,
        "domain users logged on to this server by NTLM",
    );
    let mut seen = std::collections::BTreeSet::new();
    for view in views.iter().filter(|v| v.endpoint.name_is_tied()) {
        let spn = Spn::http(&view.endpoint.name);
        if !seen.insert(spn.key()) {
            continue;
        }
        // Reasons about the name mean that Kerberos was tried.
        let chosen = scene.ntlm_for(&spn, &[None, Some(0), Some(1)]);
        finding = observe(finding, chosen, &format!("clients used NTLM for {spn}"));
        let tickets = scene.tickets(&spn);
        if !tickets.is_empty() {
            finding = finding.supporting(
                format!("a client holds a ticket for {spn}: it was offered Negotiate once, or by another server"),
                &few(tickets, 1),
            );
        }
    }
    let mut fix = vec![p::backup()];
    let mut rollback = Vec::new();
    let mut verify = p::verify_challenge(&views.location(), &first.endpoint.url());
    if !first.endpoint.name.is_empty() {
        let spn = Spn::http(&first.endpoint.name).to_string();
        fix.push(
            Step::run(c::setspn_query(&spn, c::Reach::Forest), format!("find out who holds {spn} before anything is offered"))
                .stop_if("the holder is not the account whose key opens tickets here (why401 endpoints): correct the SPN first"),
        );
        verify.push(Step::run(
            c::klist_get(&spn),
            "in the user's session: asking for a ticket must succeed",
        ));
    }
    for location in &all {
        fix.extend(p::offer_negotiate_first(location, false, true));
        rollback.push(Step::run(
            c::appcmd_remove_provider(location, c::Provider::Negotiate),
            "remove Negotiate again, so that NTLM is the only provider as before",
        ));
    }
    fix.extend(p::purge_and_retest());
    let remedy = Remedy::of(fix)
        .verify(verify)
        .rollback(rollback)
        .prevent(CAUSE.page.prevent);
    let providers = Switch::Providers(vec!["Negotiate".into(), "NTLM".into()]);
    finding.fix(remedy, switch_all(first, &all, &providers))
}
