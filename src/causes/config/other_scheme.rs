//! CFG-22: IIS asks for Basic, Digest or a client certificate, where Windows authentication was meant.

use super::{
    has_other_scheme, has_server, is_anonymous, listed, locations, module_runs, places, sites,
    subject, switch_all,
};
use crate::case::{Holder, HostId};
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Finding, Group, Input, LookAlike, Page, Scene, Status, View,
};
use crate::evidence::Citation;
use crate::negotiate::{Stage, is_cut_off};
use crate::readers::events::Body;
use crate::readers::iis_config::{EffectiveSettings, Setting};
use crate::remedy::commands as c;
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step, Switch};

/// CFG-22.
pub(crate) const CAUSE: Cause = Cause {
    id: "CFG-22",
    name: "only-another-scheme-offered",
    title: "IIS offers Basic, Digest or a certificate only, and not Windows authentication",
    stage: Stage::Challenge,
    page: Page {
        mechanism: "A browser can sign a user in with Windows only where the 401 offers Negotiate or NTLM. Where Windows authentication is off and Basic or Digest is on, every browser shows a prompt, on joined machines too, and no ticket is ever asked for. Basic sends the password itself with each request: the web server then logs the user on with it, as a logon of type 8.",
        evidence: &[
            "applicationHost.config: windowsAuthentication off and basicAuthentication (or digest, or certificate mapping) on at the application",
            "answer to a request without credentials: WWW-Authenticate: Basic, and neither Negotiate nor NTLM",
            "Security log of the web server: 4624 of type 8 (network clear text), process w3wp.exe",
            "domain controllers: no 4769 for the site's SPN",
        ],
        look_alikes: &[
            LookAlike {
                cause: "CL-01",
                told_apart_by: "there Negotiate is offered, and the browser does not answer it by itself",
            },
            LookAlike {
                cause: "CFG-02",
                told_apart_by: "there no other scheme is on, and everybody gets 401.2",
            },
            LookAlike {
                cause: "CFG-01",
                told_apart_by: "there the role service of Windows authentication is not installed",
            },
        ],
        ruled_out_by: "Negotiate in the answer, or an application that is meant to ask for another scheme.",
        fix: &[
            "Ask whether the application is meant to have Windows authentication; Basic over TLS may be on purpose for users from outside.",
            "Turn Windows authentication on, with Negotiate before NTLM, and leave the other scheme on for now.",
            "When users are seen to sign in with Kerberos: turn Basic off.",
        ],
        verify: "The 401 offers Negotiate and NTLM; the Security log shows 4624 of type 3 by Kerberos.",
        rollback: "Turn Basic on and Windows authentication off again.",
        prevent: "A test of the challenge after each deployment.",
        blind_spots: &["what the application is meant to have"],
        versions: "IIS 7.0 to 10.",
        sources: &[
            "Microsoft: <basicAuthentication> and <windowsAuthentication> elements of IIS",
            "Microsoft: event 4624 (logon type 8)",
        ],
    },
    assess,
};

/// Logon type of a password that came in clear.
const CLEAR_TEXT: u32 = 8;

fn applies(scene: &Scene<'_>, view: &View<'_>) -> bool {
    let settings = &view.endpoint.settings;
    !settings.windows.enabled.value
        && has_other_scheme(settings)
        && !is_anonymous(settings)
        && module_runs(scene, view)
        && !is_cut_off(scene.case, view.endpoint)
        && !settings.is_refused()
}

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    if !has_server(scene) {
        out.lack(Input::ApplicationHostConfig);
        return out;
    }
    for views in sites(scene, |v| applies(scene, v)) {
        out.findings.extend(finding(scene, &views));
    }
    for view in scene
        .views
        .iter()
        .filter(|v| v.endpoint.settings.windows.enabled.value)
    {
        out.rule_out(
            format!(
                "Windows authentication is offered at {}",
                view.endpoint.location()
            ),
            &places(scene, view, &view.endpoint.settings.windows.enabled),
        );
    }
    out
}

/// The schemes that are on instead, with their places.
fn schemes(settings: &EffectiveSettings) -> Vec<(&'static str, &Setting<bool>)> {
    let all = [
        ("Basic", &settings.basic),
        ("Digest", &settings.digest),
        ("client certificates", &settings.client_certificate),
        ("client certificates", &settings.iis_client_certificate),
    ];
    all.into_iter()
        .filter(|(_, setting)| setting.value)
        .collect()
}

/// What shows that Windows authentication was meant: a level above has it on, or an HTTP name is registered for it.
fn meant(scene: &Scene<'_>, view: &View<'_>) -> Option<(String, Vec<Citation>)> {
    let overridden = &view.endpoint.settings.windows.enabled.overridden;
    if let Some((_, above)) = overridden.iter().find(|(on, _)| *on) {
        return Some((
            "a level above turns Windows authentication on".into(),
            vec![above.clone()],
        ));
    }
    let spn = crate::case::Spn::http(&view.endpoint.name);
    let named = !view.endpoint.name.is_empty() && !view.endpoint.is_own_name();
    let holders = scene
        .case
        .situation
        .directory
        .holders(&spn, &scene.case.accounts)
        .shown;
    let registered: Vec<&Holder> = holders.iter().filter(|_| named).collect();
    let first = registered.first()?;
    Some((
        format!(
            "{spn} is registered on {}: tickets for the site were meant to be used",
            scene.shown(first.account)
        ),
        first.from.clone(),
    ))
}

/// Logons of type 8 on a server.
fn clear_text(scene: &Scene<'_>, host: HostId) -> Vec<Citation> {
    let logons = scene
        .case
        .events_of(host)
        .filter(|event| match &event.body {
            // FTP and mail log on so too.
            Body::Logon(logon) => {
                let worker = |process: &String| process.to_ascii_lowercase().ends_with("w3wp.exe");
                logon.logon_type == Some(CLEAR_TEXT) && logon.process.as_ref().is_none_or(worker)
            }
            _ => false,
        });
    logons.map(|event| event.citation.clone()).collect()
}

fn finding(scene: &Scene<'_>, views: &Group<'_, '_>) -> Option<Finding> {
    let first = views.first;
    let settings = &first.endpoint.settings;
    let all = locations(views);
    let on = schemes(settings);
    let mut names: Vec<&str> = on.iter().map(|(name, _)| *name).collect();
    names.dedup();
    let meant = views.iter().find_map(|v| meant(scene, v));
    let clear = first
        .endpoint
        .host
        .map_or_else(Vec::new, |host| clear_text(scene, host));
    let basic_only = settings.basic.value;
    // A site that asks for another scheme, and nothing else said of it, is as it was meant.
    if meant.is_none() && (clear.is_empty() || !basic_only) {
        return None;
    }
    let mut off = places(scene, first, &settings.windows.enabled);
    off.extend(
        on.iter()
            .flat_map(|(_, setting)| places(scene, first, setting)),
    );
    let mut finding = Finding::about(
        subject(scene, views),
        format!("IIS offers {} at {}, and not Windows authentication. Browsers prompt for a password, and no ticket is ever asked for.", names.join(" and "), listed(&all)),
    )
    .structure(
        format!("Windows authentication is off there, and {} on", names.join(" and ")),
        &few(off, 4),
    );
    finding = match meant {
        Some((says, from)) => finding.structure(says, &few(from, 2)),
        // An SPN of the name would show that tickets were meant.
        None => finding.lacks(Input::SpnQuery(
            crate::case::Spn::http(&first.endpoint.name).to_string(),
        )),
    };
    if basic_only {
        finding = finding.observed(
            format!(
                "passwords came in clear, as with Basic authentication (4624 of type 8), {} times",
                clear.len()
            ),
            &few(clear, 3),
        );
    }
    let others = scene.views.iter().any(|v| {
        v.endpoint.host == first.endpoint.host
            && v.endpoint.site != first.endpoint.site
            && v.endpoint.settings.basic.value
    });
    if others {
        // A logon of type 8 does not name the site.
        finding = finding.at_most(Status::Likely);
    }
    let mut fix = vec![
        p::backup(),
        Step::by_hand("ask whether the application is meant to have Windows authentication")
            .stop_if("it is for users from outside the domain, who have no other way in"),
    ];
    fix.extend(all.iter().map(|l| p::windows_auth(l, true)));
    fix.extend(all.iter().filter(|_| settings.basic.value).map(|l| {
        Step::run(
            c::appcmd_set_basic(l, false),
            format!("later, when users are seen to sign in with Windows: turn Basic off for {l}"),
        )
        .risk("clients that can do nothing else are shut out")
    }));
    let mut rollback: Vec<Step> = all.iter().map(|l| p::windows_auth(l, false)).collect();
    rollback.extend(all.iter().filter(|_| settings.basic.value).map(|l| {
        Step::run(
            c::appcmd_set_basic(l, true),
            format!("turn Basic on again for {l}"),
        )
    }));
    let remedy = Remedy::of(fix)
        .verify(p::verify_challenge(
            &views.location(),
            &first.endpoint.url(),
        ))
        .rollback(rollback)
        .prevent(CAUSE.page.prevent);
    Some(finding.fix(
        remedy,
        switch_all(first, &all, &Switch::WindowsEnabled(true)),
    ))
}
