//! What the logs say of clocks that differ: Kerberos 0x25 and event 5, and logons that failed because of the time; told
//! apart by whether they concern a site of the case.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::case::{HostId, Spn};
use crate::causes::Scene;
use crate::evidence::Citation;
use crate::readers::events::Body;

const SKEW: u32 = 0x25;
const TIME_DIFFERENCE: u32 = 0xC000_0133;
/// Everything that speaks of a clock.
#[derive(Default)]
pub(super) struct Signs {
    /// 4625 on web servers.
    pub(super) refused: Vec<Citation>,
    /// 0x25 for the name of a site, or of the web server.
    pub(super) for_sites: Vec<Citation>,
    /// 0x25, event 5 and C0000133 of anything else.
    pub(super) others: Vec<Citation>,
    /// Machines that asked.
    pub(super) clients: BTreeSet<String>,
    /// Names that were asked for.
    pub(super) targets: BTreeSet<String>,
    /// Machines that refused.
    pub(super) servers: BTreeSet<HostId>,
}

impl Signs {
    /// How many machines asked, at least: servers know them by address, their own logs by name.
    pub(super) fn client_count(&self) -> usize {
        let address = |c: &&String| {
            let plain = c.trim_start_matches("::ffff:");
            plain.parse::<IpAddr>().ok()
        };
        let addresses: BTreeSet<IpAddr> = self.clients.iter().filter_map(|c| address(&c)).collect();
        let names = self.clients.iter().filter(|c| address(c).is_none()).count();
        addresses.len().max(names)
    }
}

/// Whether a name of an event is that of a site or a web server of the case.
fn is_ours(scene: &Scene<'_>, name: &str) -> bool {
    let name = name.split('@').next().unwrap_or("").trim();
    let host = if name.contains('/') {
        let spn = Spn::new(name);
        if !spn.has_class("HTTP") && !spn.has_class("HOST") {
            return false;
        }
        spn.host()
    } else {
        name.to_lowercase()
    };
    scene
        .views
        .iter()
        .any(|v| v.endpoint.name_is_tied() && v.endpoint.is_named(&host))
        || scene.is_web_server(&host)
}

/// What the logs of a case say.
pub(super) fn signs(scene: &Scene<'_>) -> Signs {
    let mut signs = Signs::default();
    for event in &scene.case.events {
        let (target, client) = match &event.body {
            Body::KerberosError(e) if e.code == Some(SKEW) => (
                e.target_name.as_ref().or(e.server_name.as_ref()),
                Some(event.computer.to_string()),
            ),
            Body::Kerberos(e) if e.id == 5 && !e.operational => {
                signs.clients.insert(event.computer.to_lowercase());
                let server = e.fields.text("Server");
                let ours = server.as_deref().is_some_and(|s| is_ours(scene, s));
                signs.targets.extend(server);
                let list = if ours {
                    &mut signs.for_sites
                } else {
                    &mut signs.others
                };
                list.push(event.citation.clone());
                continue;
            }
            Body::ServiceTicketRequest(e) if e.status == Some(SKEW) => {
                (e.service_name.as_ref(), e.ip.clone())
            }
            Body::TgtRequest(e) if e.status == Some(SKEW) => (None, e.ip.clone()),
            Body::PreauthFailed(e) if e.status == Some(SKEW) => (None, e.ip.clone()),
            Body::LogonFailed(e)
                if e.logon_type == Some(3)
                    && [e.status, e.sub_status].contains(&Some(TIME_DIFFERENCE)) =>
            {
                signs
                    .clients
                    .extend(e.ip.clone().or_else(|| e.workstation.clone()));
                if scene.is_web_server(&event.computer) {
                    signs.servers.extend(scene.case.hosts.find(&event.computer));
                    signs.refused.push(event.citation.clone());
                } else {
                    signs.others.push(event.citation.clone());
                }
                continue;
            }
            _ => continue,
        };
        let ours = target.is_some_and(|t| is_ours(scene, t));
        // Every client asks for krbtgt first: that is no server whose clock could be meant.
        let service = target.filter(|t| !t.to_lowercase().starts_with("krbtgt"));
        signs.targets.extend(service.map(|t| t.to_lowercase()));
        signs.clients.extend(client.map(|c| c.to_lowercase()));
        let list = if ours {
            &mut signs.for_sites
        } else {
            &mut signs.others
        };
        list.push(event.citation.clone());
    }
    signs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_client_by_address_and_by_name_is_one() {
        let of = |clients: &[&str]| Signs {
            clients: clients.iter().map(|c| (*c).to_owned()).collect(),
            ..Signs::default()
        };
        let laptop = of(&["::ffff:10.0.0.9", "10.0.0.9", "lt-66.corp.example"]);
        assert_eq!(laptop.client_count(), 1);
        assert_eq!(of(&["10.0.0.9", "10.0.0.8", "lt-66"]).client_count(), 2);
        assert_eq!(of(&[]).client_count(), 0);
    }
}
