//! EPA-04: software on one workstation breaks TLS open.

use super::{
    CERTIFICATE, by_ntlm_v1, checked_at, has_flag, is_protected, is_required, others_succeeded,
    refusals,
};
use crate::causes::config::{has_server, listed, locations, places, sites, subject};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Group, Input, LookAlike, Page, Scene, Status};
use crate::evidence::Citation;
use crate::negotiate::Stage;
use crate::readers::machine::WinHttpProxy;
use crate::remedy::{Remedy, Step};

/// EPA-04.
pub(crate) const CAUSE: Cause = Cause {
    id: "EPA-04",
    name: "tls-inspected-on-the-client",
    title: "Software on one workstation breaks TLS open, and extended protection refuses its sign-ins",
    stage: Stage::Accept,
    page: Page {
        mechanism: "A debugging proxy (Fiddler and its like) or an antivirus that scans https ends the TLS connection on the workstation and opens one of its own to the server. The browser ties its token to the first, IIS compares it with the second, and extended protection refuses the sign-in (0xC000035B), although ticket and password are right. Every other workstation signs in.",
        evidence: &[
            "Security log of the web server: 4625 of type 3 with 0xC000035B from one address only; 4624 from the others",
            "applicationHost.config: tokenChecking=\"Require\", flags None, an https binding",
            "on that workstation: the certificate that the browser shows for the site is issued by the inspecting product",
            "it works once the site is excluded, or the product is off",
        ],
        look_alikes: &[
            LookAlike {
                cause: "EPA-01",
                told_apart_by: "there everybody behind a proxy before the server fails",
            },
            LookAlike {
                cause: "EPA-02",
                told_apart_by: "there a kind of client fails (old system, NTLMv1), on each machine that is of that kind",
            },
        ],
        ruled_out_by: "the certificate that the client sees is the server's own (compare the thumbprints).",
        fix: &[
            "Open the site on that workstation and look at the issuer of its certificate.",
            "Exclude the site's name from inspection, or close the debugging proxy and remove its root certificate.",
            "Leave extended protection as it is: it did what it is for.",
        ],
        verify: "The workstation signs in; no new 4625 with 0xC000035B from its address.",
        rollback: "Take the exclusion out again.",
        prevent: "Intranet names excluded from inspection by policy.",
        blind_spots: &[
            "software on the workstation",
            "the certificate that it showed",
        ],
        versions: "IIS 7.5 to 10.",
        sources: &[
            "Microsoft: Extended Protection for Authentication in IIS; the rest is field knowledge",
        ],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let tls = |v: &super::View<'_>| v.endpoint.scheme == "https";
    let applies = |v: &super::View<'_>| {
        tls(v)
            && is_protected(scene, v)
            && is_required(&v.endpoint.settings)
            && !has_flag(&v.endpoint.settings, "Proxy")
    };
    let mut any = false;
    for views in sites(scene, applies) {
        any = true;
        out.findings.extend(finding(scene, &views));
    }
    if !has_server(scene) {
        out.lack(Input::ApplicationHostConfig);
    } else if any {
        out.lack(CERTIFICATE);
    }
    for view in scene
        .views
        .iter()
        .filter(|v| !is_protected(scene, v) && v.endpoint.settings.windows.enabled.value)
    {
        let checking = &view
            .endpoint
            .settings
            .windows
            .extended_protection
            .token_checking;
        out.rule_out(
            format!(
                "extended protection is off for {}",
                view.endpoint.location()
            ),
            &places(scene, view, checking),
        );
    }
    out
}

/// One address that is refused, while others sign in.
fn finding(scene: &Scene<'_>, views: &Group<'_, '_>) -> Option<Finding> {
    let host = views.first.endpoint.host?;
    let refused = refusals(scene, Some(host));
    let clients: std::collections::BTreeSet<&String> =
        refused.iter().flat_map(|(_, s)| &s.clients).collect();
    let others = others_succeeded(scene, host);
    let mut clients = clients.into_iter();
    let (Some(client), None) = (clients.next(), clients.next()) else {
        return None;
    };
    if others.is_empty() || !by_ntlm_v1(scene, host).is_empty() {
        return None;
    }
    let all = locations(views);
    let mut finding = Finding::about(
        subject(scene, views),
        format!("One address alone ({client}) is refused for its channel binding at {}, while others sign in: something on that workstation, or before it, breaks TLS open.", listed(&all)),
    )
    .structure(
        format!("extended protection is required for {}", listed(&all)),
        &few(checked_at(scene, views), 2),
    )
    .supporting("other addresses signed in over the network", &few(others, 2))
    .or_else("EPA-02", "the client may be of a kind that sends no channel binding")
    .lacks(CERTIFICATE)
    .at_most(Status::Possible);
    if let Some((says, from)) = debugging_proxy(scene, client) {
        finding = finding.supporting(says, &from);
    }
    for (id, symptom) in refused {
        finding = finding
            .observed(
                format!(
                    "the server refused logons of one address with bad bindings, {} times",
                    symptom.count
                ),
                &symptom.from,
            )
            .explains([id]);
    }
    let remedy = Remedy::of(vec![
        Step::by_hand(
            "on that workstation, open the site and look at the issuer of its certificate",
        )
        .stop_if("it is the server's own certificate: then the client sends no binding (EPA-02)"),
        Step::by_hand("exclude the site's name from inspection, or close the debugging proxy"),
    ])
    .verify(vec![Step::by_hand(
        "the workstation signs in; no new 4625 with 0xC000035B from its address",
    )])
    .rollback(vec![Step::by_hand("take the exclusion out again")])
    .prevent(CAUSE.page.prevent);
    Some(finding.fix(remedy, Vec::new()))
}

/// The machine with an address goes through a proxy on itself: what debugging proxies set, and leave behind.
fn debugging_proxy(scene: &Scene<'_>, client: &str) -> Option<(String, Vec<Citation>)> {
    scene.case.machines.iter().find_map(|(host, machine)| {
        let address = client.parse::<std::net::IpAddr>().ok()?;
        let own = machine.addresses().iter().any(|a| a.value == address);
        let set = machine.winhttp_proxy()?;
        let WinHttpProxy::Servers { servers, .. } = &set.value else {
            return None;
        };
        let local = ["127.0.0.1", "localhost", "[::1]"];
        (own && local.iter().any(|name| servers.contains(name))).then(|| {
            let name = &scene.case.hosts.get(*host).name;
            (
                format!("{name} sends requests through a proxy on itself ({servers})"),
                set.from,
            )
        })
    })
}
