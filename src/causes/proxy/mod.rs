//! Group PRX: what stands between client and server: proxies, load balancers, protocols.
//!
//! A bundle of the web server rarely holds anything of it. What shows it there: one address that many users call from, and
//! addresses that a proxy says it forwards for.

mod forward_proxy;
mod header_cut;
mod http2;
mod probes;
mod reverse_proxy;
mod split_legs;
#[cfg(test)]
mod tests;

use crate::case::LoggedSite;
use crate::causes::{Cause, Subject};
use crate::evidence::Citation;

/// The causes of the group, by their ids.
pub(super) static CAUSES: &[&Cause] = &[
    &split_legs::CAUSE,
    &reverse_proxy::CAUSE,
    &header_cut::CAUSE,
    &forward_proxy::CAUSE,
    &probes::CAUSE,
    &http2::CAUSE,
];

/// What a finding about a logged site is about.
fn subject(scene: &super::Scene<'_>, logged: &LoggedSite) -> Subject {
    let server = logged
        .server
        .and_then(|s| scene.case.servers.get(s.0 as usize));
    let host = logged
        .host
        .map(|host| scene.case.hosts.get(host).name.clone());
    Subject {
        site: logged.site.clone(),
        host: server.map(|s| s.label.clone()).or(host),
        ..Subject::default()
    }
}

/// The addresses among these clients that stand for several users, or that forward for others; with lines that show it.
fn shared(
    logged: &LoggedSite,
    clients: &std::collections::BTreeSet<String>,
) -> (Vec<String>, Vec<Citation>) {
    let shared = logged.shared_addresses();
    let (mut names, mut from) = (Vec::new(), Vec::new());
    for client in clients {
        let own = || {
            logged
                .exchanges
                .iter()
                .filter(|(_, e)| *e.caller.client == **client)
        };
        if shared.contains(client.as_str()) || forwards(logged, client) {
            names.push(client.clone());
            from.extend(own().filter_map(|(_, e)| e.from.first().cloned()).take(3));
        }
    }
    (names, from)
}

/// Whether an address forwards for others, as its requests say.
fn forwards(logged: &LoggedSite, client: &str) -> bool {
    let own = logged.exchanges.iter().map(|(_, e)| &e.caller);
    let mut claims = own.filter(|caller| *caller.client == *client);
    claims.any(|caller| caller.forwarded.as_deref().is_some_and(|f| f != client))
}
