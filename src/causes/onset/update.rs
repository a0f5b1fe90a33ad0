//! Whether an update of Windows began the failures that a finding is about: only of machines that the failing path runs over,
//! and only where the cause is one that updates brought about on such machines.

use crate::case::{HostId, Role, SeenChange};
use crate::readers::events::Body;

use super::Asked;
use super::account::same_domain;

/// What updates of domain controllers brought about: enforced signatures and requestors of the PAC, refused encryption types,
/// certificates that must name their account, tickets that no longer pass between forests.
const OF_CONTROLLERS: [&str; 8] = [
    "ET-03", "ET-07", "ET-08", "ET-09", "ET-10", "ET-11", "ET-12", "DG-08",
];
/// What updates of the server that takes the tickets brought about: the check of PACs from other domains, and the check for
/// clones.
const OF_SERVERS: [&str; 2] = ["ET-11", "ET-15"];
/// What updates of clients brought about: clones refuse each other on either side.
const OF_CLIENTS: [&str; 1] = ["ET-15"];

pub(super) fn fits(asked: &Asked<'_>, change: &SeenChange<'_>) -> bool {
    let Some(host) = change.host else {
        return false;
    };
    let is = |causes: &[&str]| causes.contains(&asked.cause);
    let machine = asked.case.hosts.get(host);
    let issues = is(&OF_CONTROLLERS)
        && machine.roles.contains(&Role::DomainController)
        && same_domain(asked, machine.domain());
    let issued = || asked.well_until.is_some_and(|well| well > change.until);
    let takes = is(&OF_SERVERS) && asked.subject().host.is_some() && asked.is_of_host(Some(host));
    let calls = || is(&OF_CLIENTS) && asked.is_client(host);
    (issues && !issued()) || ((takes || calls()) && !let_in(asked, change))
}

/// Whether the server let one of those who fail in after the change, and before they failed.
fn let_in(asked: &Asked<'_>, change: &SeenChange<'_>) -> bool {
    let case = asked.case;
    let since = case
        .events
        .partition_point(|event| event.time <= change.until);
    let since = case.events.get(since..).unwrap_or_default().iter();
    let server = |host: Option<HostId>| host.is_some() && asked.is_of_host(host);
    since
        .take_while(|event| event.time < asked.first.time)
        .filter(|event| server(case.hosts.find(&event.computer)))
        .any(|event| match &event.body {
            Body::Logon(logon) if logon.logon_type == Some(3) => asked.symptoms().any(|symptom| {
                let came_from = [&logon.ip, &logon.workstation];
                let mut came_from = came_from.into_iter().flatten();
                let name = logon.target.name.as_deref().unwrap_or_default();
                came_from.any(|from| symptom.clients.iter().any(|c| c.eq_ignore_ascii_case(from)))
                    || symptom
                        .principals
                        .iter()
                        .any(|p| super::account::plain(p) == super::account::plain(name))
            }),
            _ => false,
        })
}
