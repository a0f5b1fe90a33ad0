//! EPA-02: some clients send no channel binding, and the site requires one.

use super::{
    CERTIFICATE, by_ntlm_v1, checked_at, has_flag, is_protected, is_relayed, is_required,
    others_succeeded, refusals,
};
use crate::causes::config::{has_server, listed, locations, places, sites, subject};
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Finding, Group, Input, LookAlike, Page, Scene, Status, View,
};
use crate::negotiate::Stage;
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step, commands as c};

/// EPA-02.
pub(crate) const CAUSE: Cause = Cause {
    id: "EPA-02",
    name: "client-without-channel-binding",
    title: "Some clients send no channel binding, and the site requires one",
    stage: Stage::Accept,
    page: Page {
        mechanism: "With tokenChecking Require, IIS refuses a logon that is not tied to its TLS connection. Old systems, HTTP stacks other than that of Windows, and NTLM version 1 do not tie it. They are refused, through the proxy or without it, while current clients get in.",
        evidence: &[
            "applicationHost.config: tokenChecking=\"Require\"",
            "Security log of the web server: 4625 with status 0xC000035B for some addresses, 4624 of type 3 for others",
            "the same addresses appear with NTLM V1",
        ],
        look_alikes: &[
            LookAlike {
                cause: "EPA-01",
                told_apart_by: "there everybody behind the proxy fails, and direct access works",
            },
            LookAlike {
                cause: "EPA-04",
                told_apart_by: "there the client is current, and software on it breaks TLS",
            },
        ],
        ruled_out_by: "tokenChecking None or Allow, or a failing client that does send a binding.",
        fix: &[
            "Find out what the failing clients are: system, HTTP stack, LmCompatibilityLevel.",
            "Update them; send NTLM version 2 only (LmCompatibilityLevel 3 or higher).",
            "Only as a bridge with an end date: tokenChecking Allow.",
        ],
        verify: "The client gets 200 while tokenChecking is Require.",
        rollback: "Put the client's former setting back; tokenChecking to Require where it was lowered.",
        prevent: "List the clients that are not Windows, or old, before extended protection is required.",
        blind_spots: &["what a client sends: no log of the server shows it"],
        versions: "IIS 7.5 to 10.",
        sources: &[
            "Microsoft: <extendedProtection> element of IIS (Require does not support clients without it)",
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
    let required = |v: &View<'_>| {
        is_protected(scene, v)
            && is_required(&v.endpoint.settings)
            && !has_flag(&v.endpoint.settings, "Proxy")
    };
    for views in sites(scene, required) {
        match finding(scene, &views) {
            Some(finding) => out.find(finding),
            None => out.lack(Input::ServerSecurityLog),
        }
    }
    for view in sites(scene, |v| {
        v.endpoint.settings.windows.enabled.value && !required(v)
    })
    .into_iter()
    .flatten()
    {
        out.rule_out(
            format!(
                "{} does not require a channel binding",
                view.endpoint.location()
            ),
            &places(
                scene,
                view,
                &view
                    .endpoint
                    .settings
                    .windows
                    .extended_protection
                    .token_checking,
            ),
        );
    }
    out
}

fn finding(scene: &Scene<'_>, views: &Group<'_, '_>) -> Option<Finding> {
    let first = views.first;
    let host = first.endpoint.host?;
    let refused = refusals(scene, Some(host));
    let old = by_ntlm_v1(scene, host);
    let others = others_succeeded(scene, host);
    if refused.is_empty() || is_relayed(&refused) || (old.is_empty() && others.is_empty()) {
        return None;
    }
    let all = locations(views);
    let checked = checked_at(scene, views);
    let mut finding = Finding::about(
        subject(scene, views),
        format!("{} require a channel binding, and some clients were refused for lack of one while others got in.", listed(&all)),
    )
    .structure(format!("extended protection is required for {}", listed(&all)), &few(checked, 3))
    .supporting("other clients logged on to this server", &few(others, 2))
    // That NTLM version 1 is what lacks the binding is documented nowhere; nor does the log name the site.
    .at_most(Status::Likely);
    for (id, symptom) in refused {
        let clients: Vec<&str> = symptom.clients.iter().take(4).map(String::as_str).collect();
        finding = finding
            .observed(
                format!(
                    "the server refused {} logons with bad bindings (0xC000035B), from {}",
                    symptom.count,
                    clients.join(", ")
                ),
                &symptom.from,
            )
            .explains([id]);
    }
    if old.is_empty() {
        finding = finding
            .or_else("EPA-01", "whether these clients come through a proxy that the others do not use is not in the bundle")
            .or_else("EPA-04", "software on these workstations may break TLS")
            .lacks(CERTIFICATE);
    } else {
        finding = finding.observed(
            "the same clients used NTLM version 1, which carries no binding",
            &few(old, 2),
        );
    }
    let mut fix = vec![
        Step::by_hand(
            "find out what the refused clients are: system, program, LmCompatibilityLevel",
        ),
        Step::by_hand(
            "update them, and let them send NTLM version 2 only (policy: Network security: LAN Manager authentication level)",
        ),
        p::backup(),
    ];
    let mut rollback = Vec::new();
    for location in &all {
        fix.push(
            Step::run(
                c::appcmd_set_windows_auth(location, "/extendedProtection.tokenChecking:", "Allow"),
                "accept logons without a binding for now: only until the clients are updated, with an end date",
            )
            .risk("logons can be relayed by a machine in the middle as long as it stays"),
        );
        rollback.push(Step::run(
            c::appcmd_set_windows_auth(location, "/extendedProtection.tokenChecking:", "Require"),
            "require the binding again",
        ));
    }
    let remedy = Remedy::of(fix)
        .verify(vec![Step::by_hand("the client gets 200 while tokenChecking is Require, and no new 4625 with 0xC000035B comes from its address")])
        .rollback(rollback)
        .prevent(CAUSE.page.prevent);
    Some(finding.fix(remedy, Vec::new()))
}
