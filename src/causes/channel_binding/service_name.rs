//! EPA-03: extended protection checks the name of the service, and a name of the site is not among those it accepts.

use super::{has_flag, is_only_site, is_protected, is_required, refusals};
use crate::causes::config::{has_server, listed, places, sites, subject};
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Finding, Group, Input, LookAlike, Page, Scene, Status, View,
};
use crate::evidence::Citation;
use crate::negotiate::Stage;
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step, commands as c};

/// EPA-03.
pub(crate) const CAUSE: Cause = Cause {
    id: "EPA-03",
    name: "service-name-not-accepted",
    title: "Extended protection checks the service name, and a name of the site is not in its list",
    stage: Stage::Accept,
    page: Page {
        mechanism: "With the flag Proxy, extended protection compares the name that the client logs on to with a list of accepted SPNs. A name that users type and the list does not have (an alias, a short name without AllowDotlessSpn) is refused, although the SPN in the directory is right.",
        evidence: &[
            "applicationHost.config: flags with Proxy, and no <spn name=\"HTTP/<name>\"> for a name of the site",
            "Security log of the web server: 4625 of type 3 with status 0xC000035B",
            "setspn -Q HTTP/<name>: one holder, and 4769 with status 0x0",
            "the site's other names work",
        ],
        look_alikes: &[
            LookAlike {
                cause: "SPN-01",
                told_apart_by: "there the directory lacks the name, and users get in by NTLM",
            },
            LookAlike {
                cause: "EPA-01",
                told_apart_by: "there the flags are None, and the channel is checked",
            },
        ],
        ruled_out_by: "every name of the site in the list of accepted SPNs, or flags without Proxy.",
        fix: &[
            "Add HTTP/<name> to the accepted SPNs, for every name that users type.",
            "For a short name, let users type the fully qualified one; AllowDotlessSpn is the weaker way.",
            "Never switch the check off with NoServiceNameCheck.",
        ],
        verify: "The page opens under that name; no new 4625 with 0xC000035B.",
        rollback: "Remove the SPN from the list.",
        prevent: "Write the list from the site's bindings, in the same script.",
        blind_spots: &["names that users type and no binding shows"],
        versions: "IIS 7.5 to 10.",
        sources: &["Microsoft: <extendedProtection> and <spn> elements of IIS"],
    },
    assess,
};

/// Whether an endpoint's name is checked against the list of accepted SPNs.
fn is_checked(scene: &Scene<'_>, view: &View<'_>) -> bool {
    let settings = &view.endpoint.settings;
    is_protected(scene, view)
        && has_flag(settings, "Proxy")
        && !has_flag(settings, "NoServiceNameCheck")
}

/// Why the name is refused: not listed, or short without the flag for that.
fn refused_name(view: &View<'_>) -> Option<&'static str> {
    let settings = &view.endpoint.settings;
    let name = view.endpoint.name.as_str();
    let spn = format!("HTTP/{name}");
    let spns = &settings.windows.extended_protection.spns;
    let listed = spns.iter().any(|(listed, _)| {
        let listed = listed.trim().to_lowercase();
        let rest = listed.strip_prefix(&spn.to_lowercase());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
    });
    if !name.contains('.') && !has_flag(settings, "AllowDotlessSpn") {
        Some("a name without a dot is not accepted without AllowDotlessSpn")
    } else if !listed {
        Some("is not in the list of accepted SPNs")
    } else {
        None
    }
}

/// Names that users are known to type: a server's own name under a binding for any host is not one of them.
fn applies(scene: &Scene<'_>, view: &View<'_>) -> bool {
    is_checked(scene, view)
        && !view.endpoint.name.is_empty()
        && view.endpoint.name_is_tied()
        && !view.endpoint.is_own_name()
        && refused_name(view).is_some()
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
    for view in sites(scene, |v| v.endpoint.settings.windows.enabled.value)
        .into_iter()
        .flatten()
    {
        let protection = &view.endpoint.settings.windows.extended_protection;
        if !is_checked(scene, view) {
            out.rule_out(
                format!(
                    "no service names are checked for {}",
                    view.endpoint.location()
                ),
                &places(scene, view, &protection.flags),
            );
        } else if refused_name(view).is_none() {
            let from: Vec<Citation> = protection.spns.iter().map(|(_, at)| at.clone()).collect();
            out.rule_out(
                format!("HTTP/{} is accepted", view.endpoint.name),
                &few(from, 3),
            );
        }
    }
    out
}

fn finding(scene: &Scene<'_>, views: &Group<'_, '_>) -> Finding {
    let first = views.first;
    let mut names: Vec<String> = views.iter().map(|v| v.endpoint.name.clone()).collect();
    names.sort();
    names.dedup();
    let mut finding = Finding::about(
        subject(scene, views),
        format!(
            "Extended protection checks the name that clients log on to, and does not accept {}. The SPN in the directory plays no part in that.",
            listed(&names)
        ),
    );
    let mut told: Vec<&str> = Vec::new();
    for view in views.iter() {
        let protection = &view.endpoint.settings.windows.extended_protection;
        let name = view.endpoint.name.as_str();
        let Some(why) = refused_name(view).filter(|_| !told.contains(&name)) else {
            continue;
        };
        told.push(name);
        let mut from = places(scene, view, &protection.flags);
        from.extend(protection.spns.iter().take(2).map(|(_, at)| at.clone()));
        from.push(view.endpoint.binding.clone());
        finding = finding.structure(
            format!("the flag Proxy is set, and HTTP/{name}: {why}"),
            &few(from, 4),
        );
    }
    for (id, symptom) in refusals(scene, first.endpoint.host) {
        finding = finding
            .observed(
                format!(
                    "the server refused {} logons with bad bindings (0xC000035B)",
                    symptom.count
                ),
                &symptom.from,
            )
            .explains([id]);
    }
    if !is_only_site(scene, first) || !views.iter().all(|v| is_required(&v.endpoint.settings)) {
        // The log does not name the site; and with Allow only clients that send the name are checked.
        finding = finding.at_most(Status::Likely);
    }
    let (mut fix, mut rollback) = (vec![p::backup()], Vec::new());
    let mut done: Vec<(String, &str)> = Vec::new();
    for view in views.iter() {
        let key = (view.endpoint.location(), view.endpoint.name.as_str());
        if done.contains(&key) {
            continue;
        }
        let (location, name) = &key;
        if name.contains('.') {
            let spn = format!("HTTP/{name}");
            fix.push(Step::run(
                c::appcmd_add_accepted_spn(location, &spn),
                format!("accept {spn} at {location} (or in IIS Manager, Configuration Editor)"),
            ));
            rollback.push(Step::run(
                c::appcmd_remove_accepted_spn(location, &spn),
                "remove it from the accepted names again",
            ));
        } else {
            fix.push(Step::by_hand(format!(
                "let users type the fully qualified name instead of {name}, and accept that name"
            )));
        }
        done.push(key);
    }
    let remedy = Remedy::of(fix)
        .verify(vec![
            Step::by_hand(format!("open {}: 200", first.endpoint.url())),
            Step::by_hand("the Security log of the web server shows no new 4625 with 0xC000035B"),
        ])
        .rollback(rollback)
        .prevent(CAUSE.page.prevent);
    finding.fix(remedy, Vec::new())
}
