//! EPA-01: logons are tied to a TLS connection that does not reach IIS.

mod repair;

use self::repair::repair;
use super::{
    CERTIFICATE, by_ntlm_v1, checked_at, has_flag, is_only_site, is_protected, is_relayed,
    is_required, refusals, refusing_servers,
};
use crate::case::HostId;
use crate::causes::config::{has_server, listed, locations, places, sites, subject};
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Finding, Ground, Group, Input, LookAlike, Page, Scene, Status, Subject, View,
};
use crate::evidence::Citation;
use crate::negotiate::Stage;

/// EPA-01.
pub(crate) const CAUSE: Cause = Cause {
    id: "EPA-01",
    name: "channel-binding-behind-tls-break",
    title: "Extended protection checks the TLS channel, but TLS ends before IIS",
    stage: Stage::Accept,
    page: Page {
        mechanism: "With flags None, extended protection compares the client's TLS connection with the server's own. A load balancer or proxy that ends TLS, or starts it anew, makes them two connections: the binding in the token does not fit, and IIS refuses it, although ticket, SPN and key are right. A site that speaks plain HTTP has no channel to compare at all.",
        evidence: &[
            "applicationHost.config: tokenChecking=\"Require\" with flags None or absent, and an HTTP binding only",
            "Security log of the web server: 4625 of type 3 with status 0xC000035B, for everybody behind the proxy",
            "no Kerberos event 4 on the clients; 4769 with status 0x0",
            "IIS-Configuration/Operational 29 on extendedProtection/@tokenChecking shortly before",
        ],
        look_alikes: &[
            LookAlike {
                cause: "EPA-02",
                told_apart_by: "there only some kinds of client fail, and they fail without the proxy too",
            },
            LookAlike {
                cause: "EPA-04",
                told_apart_by: "there one workstation fails, whose own software breaks TLS",
            },
            LookAlike {
                cause: "PRX-01",
                told_apart_by: "there logons fail at random, with an invalid token and not with bad bindings",
            },
            LookAlike {
                cause: "SPN-05",
                told_apart_by: "there the clients have Kerberos event 4, and direct access fails as well",
            },
        ],
        ruled_out_by: "tokenChecking None at the application's effective scope, or TLS that reaches IIS unbroken.",
        fix: &[
            "Draw the path from client to server, and see where TLS ends.",
            "Set the flags for that path: Proxy where a proxy ends or renews TLS, Proxy and ProxyCohosting where HTTP is used throughout; and list HTTP/<public name> as accepted SPNs, every name.",
            "Or let TLS pass through to IIS, and keep flags None.",
            "Only as a bridge with an end date: tokenChecking Allow.",
        ],
        verify: "The URL answers 200 through the proxy and directly; no new 4625 with 0xC000035B.",
        rollback: "Put the former flags back and remove the accepted SPNs.",
        prevent: "Try extended protection over the production path before it is required.",
        blind_spots: &[
            "what stands between clients and server",
            "other sites of the server that share its Security log",
        ],
        versions: "IIS 7.5 to 10.",
        sources: &[
            "Microsoft: <extendedProtection> element of IIS, table of scenarios",
            "Microsoft: Extended Protection for Authentication in IIS",
        ],
    },
    assess,
};

fn applies(scene: &Scene<'_>, view: &View<'_>) -> bool {
    is_protected(scene, view) && !has_flag(&view.endpoint.settings, "Proxy")
}

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let mut explained: Vec<HostId> = Vec::new();
    let mut open = false;
    for views in sites(scene, |v| applies(scene, v)) {
        match finding(scene, &views) {
            Some(finding) => {
                explained.extend(views.first.endpoint.host);
                out.find(finding);
            }
            None => open = true,
        }
    }
    for host in refusing_servers(scene) {
        let protected = |v: &View<'_>| v.endpoint.host == Some(host) && is_protected(scene, v);
        let configured = scene.case.servers.iter().any(|s| s.host == Some(host));
        if !explained.contains(&host) && !configured && !scene.views.iter().any(protected) {
            out.find(without_configuration(scene, host));
        }
    }
    if open {
        out.lack(Input::ServerSecurityLog);
    } else if !has_server(scene) {
        out.lack(Input::ApplicationHostConfig);
    }
    for view in sites(scene, |v| {
        v.endpoint.settings.windows.enabled.value && !is_protected(scene, v)
    })
    .into_iter()
    .flatten()
    {
        out.rule_out(
            format!(
                "extended protection is off for {}",
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

/// Whether the site of an endpoint speaks plain HTTP only; with its bindings.
fn http_only(scene: &Scene<'_>, view: &View<'_>) -> Option<Vec<Citation>> {
    let sites = &scene.case.server(view.endpoint).config.sites;
    let site = sites.iter().find(|s| s.name == view.endpoint.site)?;
    let speaks = |protocol: &str| {
        let bindings = site.bindings.iter();
        bindings
            .filter(|b| b.protocol.eq_ignore_ascii_case(protocol))
            .map(|b| b.from.clone())
            .collect()
    };
    let (plain, tls): (Vec<Citation>, Vec<Citation>) = (speaks("http"), speaks("https"));
    (tls.is_empty() && !plain.is_empty()).then_some(plain)
}

fn finding(scene: &Scene<'_>, views: &Group<'_, '_>) -> Option<Finding> {
    let first = views.first;
    let settings = &first.endpoint.settings;
    let host = first.endpoint.host;
    let refused = refusals(scene, host);
    let plain = http_only(scene, first);
    if host.is_some_and(|h| !by_ntlm_v1(scene, h).is_empty()) && plain.is_none() {
        return None;
    }
    let impossible = plain.is_some() && views.iter().any(|v| is_required(&v.endpoint.settings));
    if !impossible && refused.is_empty() {
        return None;
    }
    let all = locations(views);
    let checked = checked_at(scene, views);
    let mut finding = Finding::about(
        subject(scene, views),
        format!(
            "Logons at {} are refused when their channel binding does not fit the connection that reaches IIS.{}",
            listed(&all),
            if plain.is_some() {
                " The site speaks plain HTTP only, so none can fit: either TLS ends at a proxy, or users come without TLS."
            } else {
                ""
            }
        ),
    )
    .structure(
        format!(
            "extended protection is {:?} for {}, with flags None: the channel is checked",
            settings.windows.extended_protection.token_checking.value,
            listed(&all)
        ),
        &few(checked, 3),
    );
    if let Some(plain) = &plain {
        finding = finding.structure(
            "the site has HTTP bindings only: there is no channel to compare with",
            &few(plain.clone(), 2),
        );
    }
    let relayed = is_relayed(&refused);
    let only = is_only_site(scene, first);
    for (id, symptom) in refused {
        finding = finding
            .observed(
                format!("the server refused {} logons with bad bindings (0xC000035B), from {} addresses", symptom.count, symptom.clients.len()),
                &symptom.from,
            )
            .explains([id]);
    }
    if !impossible && !relayed {
        finding = finding
            .or_else("EPA-02", "whether a proxy stands before the server, or these clients send no binding, is not in the bundle")
            .or_else("EPA-04", "software on a workstation may break TLS as well")
            .lacks(CERTIFICATE);
    }
    if !impossible || !only {
        // That one address stands for many users is a sign of a proxy, no proof; nor does the log name the site.
        finding = finding.at_most(Status::Likely);
    }
    let edit = crate::causes::config::last_edit(scene, first, "extendedprotection/@tokenchecking");
    finding.onset = edit.map(|edit| Ground {
        says: format!("tokenChecking was set to {}", edit.new),
        from: vec![edit.from],
    });
    Some(repair(views, plain.is_some(), finding))
}

fn without_configuration(scene: &Scene<'_>, host: HostId) -> Finding {
    let name = scene.case.hosts.get(host).name.clone();
    let mut finding = Finding::about(
        Subject {
            host: Some(name.clone()),
            ..Subject::default()
        },
        format!("{name} refuses logons whose channel binding does not fit. Which site checks it, and how, is in its configuration, which the bundle does not hold."),
    )
    .or_else("EPA-02", "whether a proxy stands before the server is not in the bundle")
    .or_else("EPA-04", "software on a workstation may break TLS as well")
    .lacks(Input::ApplicationHostConfig);
    for (id, symptom) in refusals(scene, Some(host)) {
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
    finding
}
