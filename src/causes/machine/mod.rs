//! Group MC: machine, domain controllers, time.

mod channel_signs;
mod clock_compared;
mod clock_fallback;
mod clock_signs;
mod clock_skew;
#[cfg(test)]
mod clock_tests;
mod computer_account;
mod global_catalog;
#[cfg(test)]
mod member_tests;
mod no_controller;
mod ntlm_limit;
mod one_controller;
mod secure_channel;
#[cfg(test)]
mod state_tests;
#[cfg(test)]
mod tests;
mod workgroup;
mod wrong_key;

use crate::case::{HostId, Role, Symptom, SymptomId, SymptomKind};
use crate::causes::{Cause, Scene, View};
use crate::negotiate::{Acceptor, KeyMatch};
use crate::readers::events::Body;
use crate::readers::machine::Fact;
use crate::remedy::Step;
use crate::remedy::commands as c;
use jiff::Timestamp;

/// The causes of the group, by their ids.
pub(super) static CAUSES: &[&Cause] = &[
    &secure_channel::CAUSE,
    &wrong_key::CAUSE,
    &no_controller::CAUSE,
    &ntlm_limit::CAUSE,
    &clock_skew::CAUSE,
    &computer_account::CAUSE,
    &one_controller::CAUSE,
    &workgroup::CAUSE,
    &global_catalog::CAUSE,
];

pub(super) use workgroup::{outside_domains, unknown_membership};

/// The domain of a machine: what it says itself, else what its full name ends with.
fn domain(scene: &Scene<'_>, host: HostId) -> Option<String> {
    let said = scene.case.machine(Some(host)).and_then(|machine| {
        machine.facts.iter().find_map(|f| match &f.fact {
            Fact::Domain(domain) if domain.contains('.') => Some(domain.clone()),
            _ => None,
        })
    });
    let fqdn = scene.case.hosts.get(host).fqdn.as_deref();
    said.or_else(|| Some(fqdn?.split_once('.')?.1.to_owned()))
}

/// Whether a machine can be the web server that users fail at: it is one, it refused them itself, or no other machine is
/// shown to be one. What else is wrong with a client is not why a web server refuses its users.
fn may_serve(scene: &Scene<'_>, host: HostId, refused: bool) -> bool {
    let is_web = scene.case.hosts.get(host).roles.contains(&Role::WebServer);
    is_web || refused || !scene.has_web_server()
}

/// Whether logons, or the channel, are seen to fail on a machine.
fn fails(scene: &Scene<'_>, host: HostId) -> bool {
    let failed = scene.symptoms(|kind| match kind {
        SymptomKind::LogonFailed { host: h, .. } | SymptomKind::SecureChannel(h) => *h == host,
        SymptomKind::TokenRefused { host: h, .. } => *h == host,
        _ => false,
    });
    !failed.is_empty()
}

/// Whether the machine finds a domain controller at all.
fn find_controller(domain: Option<&str>) -> Option<Step> {
    let step = Step::run(
        c::nltest_find_dc(domain?),
        "make sure that the server finds a domain controller",
    );
    Some(step.stop_if("none is found: repair name resolution or the network (MC-03)"))
}

/// Names that the computer account of a machine holds and opens tickets for, so that they should work, with what clients
/// were told of a ticket that could not be opened.
fn mismatches_on<'s, 'a>(
    scene: &'s Scene<'a>,
    host: HostId,
) -> Vec<(&'s View<'a>, SymptomId, &'a Symptom)> {
    let mut seen = std::collections::BTreeSet::new();
    let views = scene.negotiating().filter(|v| {
        v.endpoint.host == Some(host)
            && v.endpoint.name_is_tied()
            && v.path.key_match == KeyMatch::Match
            && v.acceptor() == Some(&Acceptor::Machine)
    });
    views
        .filter_map(|v| Some((v, v.spn()?)))
        .filter(|(_, spn)| seen.insert(spn.key()))
        .flat_map(|(v, spn)| {
            let told = scene.mismatches(spn).into_iter();
            told.map(move |(id, symptom)| (v, id, symptom))
        })
        .collect()
}

/// Characters of a NetBIOS name: that of a machine with a longer name is cut.
const NETBIOS: usize = 15;

/// Whether a name is that of a machine as its local accounts bear it.
fn is_netbios_name(shown: &str, machine: &str) -> bool {
    shown.eq_ignore_ascii_case(machine)
        || machine
            .get(..NETBIOS)
            .is_some_and(|cut| shown.eq_ignore_ascii_case(cut))
}

/// When domain users were let in over the network by NTLM on a machine: a domain controller answered then.
fn ntlm_let_in<'a>(
    scene: &Scene<'a>,
    host: HostId,
) -> impl Iterator<
    Item = (
        Timestamp,
        &'a crate::readers::events::Logon,
        &'a crate::readers::events::Event,
    ),
> {
    let case = scene.case;
    let name = case.hosts.get(host).name.clone();
    case.pick(|body| match body {
        Body::Logon(logon) if logon.logon_type == Some(3) && logon.is_ntlm() => Some(logon),
        _ => None,
    })
    .filter(move |(event, logon)| {
        let domain = logon.target.domain.as_deref().unwrap_or_default();
        let local = is_netbios_name(domain, &name) || domain.eq_ignore_ascii_case("nt authority");
        let person = logon
            .target
            .name
            .as_deref()
            .is_some_and(|n| !n.ends_with('$'));
        person && !local && !domain.is_empty() && case.hosts.find(&event.computer) == Some(host)
    })
    .map(|(event, logon)| (event.time, logon, event))
}
