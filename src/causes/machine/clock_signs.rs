//! What the logs say of clocks that differ: Kerberos 0x25 and event 5, and logons that failed because of the time; told
//! apart by whether they concern a site of the case.

use std::collections::{BTreeMap, BTreeSet};

use crate::case::{HostId, Spn};
use crate::causes::Scene;
use crate::evidence::Citation;
use crate::readers::events::{Body, Event};

/// KRB_AP_ERR_SKEW.
pub(super) const SKEW: u32 = 0x25;
const TIME_DIFFERENCE: u32 = 0xC000_0133;

/// Everything that speaks of a clock.
#[derive(Default)]
pub(super) struct Signs {
    /// 4625 on web servers.
    pub(super) refused: Vec<Citation>,
    /// 0x25 for the name of a site, or of the web server.
    pub(super) for_sites: Vec<Citation>,
    /// 0x25 for the first ticket of all, by the client's name or address.
    pub(super) first_tickets: BTreeMap<String, Vec<Citation>>,
    /// 0x25, event 5 and C0000133 of anything else.
    pub(super) others: Vec<Citation>,
    /// Clients that logged it.
    pub(super) clients: BTreeSet<HostId>,
    /// Names of sites and web servers that were asked for.
    pub(super) sites: BTreeSet<String>,
    /// Web servers that refused.
    pub(super) servers: BTreeSet<HostId>,
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
        let by_client = |client: &Option<String>| client.clone().unwrap_or_default();
        let client = event.computer.to_string();
        match &event.body {
            Body::KerberosError(e) if e.code == Some(SKEW) => {
                let target = e.target_name.as_ref().or(e.server_name.as_ref());
                signs.clients.extend(scene.case.hosts.find(&event.computer));
                signs.answer(scene, event, target.map(String::as_str), client);
            }
            Body::Kerberos(e) if e.id == 5 && !e.operational => {
                signs.clients.extend(scene.case.hosts.find(&event.computer));
                let server = e.fields.text("Server");
                signs.answer(scene, event, server.as_deref(), client);
            }
            Body::ServiceTicketRequest(e) if e.status == Some(SKEW) => {
                let service = e.service_name.as_deref();
                signs.answer(scene, event, service, by_client(&e.ip));
            }
            Body::TgtRequest(e) if e.status == Some(SKEW) => {
                signs.answer(scene, event, Some(TGT), by_client(&e.ip));
            }
            Body::PreauthFailed(e) if e.status == Some(SKEW) => {
                signs.answer(scene, event, Some(TGT), by_client(&e.ip));
            }
            Body::LogonFailed(e)
                if e.logon_type == Some(3)
                    && [e.status, e.sub_status].contains(&Some(TIME_DIFFERENCE)) =>
            {
                if scene.is_web_server(&event.computer) {
                    signs.servers.extend(scene.case.hosts.find(&event.computer));
                    signs.refused.push(event.citation.clone());
                } else {
                    signs.others.push(event.citation.clone());
                }
            }
            _ => {}
        }
    }
    signs
}

/// The service of first tickets.
const TGT: &str = "krbtgt/";

impl Signs {
    /// Sorts an answer of Kerberos by the name that was asked for.
    fn answer(&mut self, scene: &Scene<'_>, event: &Event, target: Option<&str>, client: String) {
        let target = target.unwrap_or("").to_lowercase();
        let at = event.citation.clone();
        if is_ours(scene, &target) {
            self.sites.insert(target);
            self.for_sites.push(at);
        } else if target.starts_with(TGT) && !client.is_empty() {
            let client = client.to_lowercase();
            self.first_tickets.entry(client).or_default().push(at);
        } else {
            self.others.push(at);
        }
    }
}
