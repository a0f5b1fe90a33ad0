//! Group EPA: extended protection, which ties a logon to the TLS connection it is made on, or to the name it is made for.
//!
//! A logon that does not fit is refused with STATUS_BAD_BINDINGS (0xC000035B), whatever ticket and key. Which of the
//! causes it is depends on what stands between client and server, and that is mostly not in a bundle.

mod inspected;
mod no_binding;
mod service_name;
#[cfg(test)]
mod tests;
mod tls_break;

use super::config::{asks_for_windows, places};
use super::{Scene, View};
use crate::case::{HostId, Role, Symptom, SymptomId, SymptomKind};
use crate::causes::{Cause, Input};
use crate::evidence::Citation;
use crate::readers::events::Body;
use crate::readers::iis_config::{EffectiveSettings, TokenChecking};

/// The causes of the group, by their ids.
pub(super) static CAUSES: &[&Cause] = &[
    &tls_break::CAUSE,
    &no_binding::CAUSE,
    &service_name::CAUSE,
    &inspected::CAUSE,
];

/// STATUS_BAD_BINDINGS.
const BAD_BINDINGS: u32 = 0xC000_035B;

/// What tells where TLS ends: a channel binding holds the certificate that the client saw.
const CERTIFICATE: Input = Input::Stated {
    what: "the certificate that the failing workstation sees for the site, to be compared with the one that the server has bound",
    collect_with: "curl.exe -v -s -o NUL https://<name>/ > %COMPUTERNAME%_tls.txt 2>&1",
};

/// How many users from one address make that address a relay, and not a client.
const USERS_OF_A_RELAY: usize = 3;

/// Whether extended protection is in force at an endpoint that asks for Windows authentication.
fn is_protected(scene: &Scene<'_>, view: &View<'_>) -> bool {
    let protection = &view.endpoint.settings.windows.extended_protection;
    asks_for_windows(scene, view) && protection.token_checking.value != TokenChecking::None
}

/// Whether clients without a channel binding are refused.
fn is_required(settings: &EffectiveSettings) -> bool {
    settings.windows.extended_protection.token_checking.value == TokenChecking::Require
}

/// Where the check of the binding is set for these endpoints.
fn checked_at(scene: &Scene<'_>, views: &[&View<'_>]) -> Vec<Citation> {
    let checking = |v: &&View<'_>| {
        let protection = &v.endpoint.settings.windows.extended_protection;
        places(scene, v, &protection.token_checking)
    };
    views.iter().flat_map(checking).collect()
}

fn has_flag(settings: &EffectiveSettings, flag: &str) -> bool {
    let flags = &settings.windows.extended_protection.flags.value;
    flags.iter().any(|f| f.eq_ignore_ascii_case(flag))
}

/// Logons that a web server refused because of their binding.
fn refusals<'a>(scene: &Scene<'a>, host: Option<HostId>) -> Vec<(SymptomId, &'a Symptom)> {
    let Some(host) = host else { return Vec::new() };
    scene.symptoms(|kind| {
        matches!(kind, SymptomKind::LogonFailed { host: of, status, sub_status, .. }
            if *of == host && [*status, *sub_status].contains(&BAD_BINDINGS))
    })
}

/// Web servers that refused logons because of their binding.
fn refusing_servers(scene: &Scene<'_>) -> Vec<HostId> {
    let hosts = scene.case.hosts.iter();
    hosts
        .filter(|(_, host)| host.roles.contains(&Role::WebServer))
        .map(|(id, _)| id)
        .filter(|id| !refusals(scene, Some(*id)).is_empty())
        .collect()
}

/// Whether several users were refused behind one address: something between them and the server.
fn is_relayed(symptoms: &[(SymptomId, &Symptom)]) -> bool {
    let clients: std::collections::BTreeSet<&String> =
        symptoms.iter().flat_map(|(_, s)| &s.clients).collect();
    let users: std::collections::BTreeSet<&String> =
        symptoms.iter().flat_map(|(_, s)| &s.principals).collect();
    clients.len() == 1 && users.len() >= USERS_OF_A_RELAY
}

/// NTLM version 1 used towards a server by the clients that it refused: such clients send no channel binding.
fn by_ntlm_v1(scene: &Scene<'_>, host: HostId) -> Vec<Citation> {
    let refused = refusals(scene, Some(host));
    let is_refused = |ip: &Option<String>| {
        ip.as_ref()
            .is_some_and(|ip| refused.iter().any(|(_, s)| s.clients.contains(ip)))
    };
    let is_v1 = |package: &Option<String>| {
        package
            .as_deref()
            .is_some_and(|p| p.trim().eq_ignore_ascii_case("NTLM V1"))
    };
    scene
        .case
        .events_of(host)
        .filter(|event| match &event.body {
            Body::Logon(e) => is_v1(&e.lm_package) && is_refused(&e.ip),
            Body::LogonFailed(e) => is_v1(&e.lm_package) && is_refused(&e.ip),
            _ => false,
        })
        .map(|event| event.citation.clone())
        .collect()
}

/// Network logons that succeeded on a server, from addresses that were never refused.
fn others_succeeded(scene: &Scene<'_>, host: HostId) -> Vec<Citation> {
    let refused = refusals(scene, Some(host));
    scene
        .case
        .events_of(host)
        .filter(|event| match (&event.body, host_name(scene, host)) {
            (Body::Logon(e), name) => {
                let user = e.target.name.as_deref().unwrap_or_default();
                let person = !user.is_empty()
                    && !user.ends_with('$')
                    && !user.eq_ignore_ascii_case("anonymous logon")
                    && !e
                        .target
                        .domain
                        .as_deref()
                        .is_some_and(|d| d.eq_ignore_ascii_case(name));
                let elsewhere =
                    e.ip.as_ref()
                        .is_some_and(|ip| !refused.iter().any(|(_, s)| s.clients.contains(ip)));
                e.logon_type == Some(3) && person && elsewhere
            }
            _ => false,
        })
        .map(|event| event.citation.clone())
        .collect()
}

fn host_name<'a>(scene: &Scene<'a>, host: HostId) -> &'a str {
    &scene.case.hosts.get(host).name
}

/// Whether no other site of the server has extended protection: then a refusal can only be this one's.
fn is_only_site(scene: &Scene<'_>, view: &View<'_>) -> bool {
    scene.views.iter().all(|v| {
        v.endpoint.host != view.endpoint.host
            || v.endpoint.site == view.endpoint.site
            || !is_protected(scene, v)
    })
}
