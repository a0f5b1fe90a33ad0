//! What an event says of the attempt that it belongs to, and what two events of one attempt have in common.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::SocketAddr;

use super::clients::{ClientNames, address, machine};
use super::forwarded::PassedOn;
use super::sites::SiteNames;
use crate::case::account::split_name;
use crate::case::connections::peer_of;
use crate::case::spn::Spn;
use crate::readers::events::{Body, Event};

/// What an event says of the attempt that it belongs to.
#[derive(Debug, Default)]
pub(super) struct Marks {
    pub(super) guid: Option<String>,
    user: Option<String>,
    pub(super) spn: Option<String>,
    /// The account of the service that a ticket was issued for.
    service: Option<String>,
    /// Addresses and names of the client, as written.
    clients: Vec<String>,
    /// The server that was signed in to, where it is known.
    server: Option<String>,
    /// The host name that a client used NTLM for.
    meant: Option<String>,
    /// The client's end of the connection to it.
    peer: Option<SocketAddr>,
}

/// The event that shows a failure, with all that others of its attempt may call the same things.
#[derive(Debug)]
pub(super) struct Seed {
    /// Its number among the events.
    pub(super) event: usize,
    pub(super) marks: Marks,
    /// The accounts that hold its SPN.
    holders: BTreeSet<String>,
    /// Its clients with their addresses.
    clients: BTreeSet<String>,
}

impl Seed {
    pub(super) fn new(
        event: usize,
        marks: Marks,
        holders: BTreeSet<String>,
        names: &ClientNames,
    ) -> Self {
        Self {
            event,
            clients: names.with_addresses(&marks.clients),
            holders,
            marks,
        }
    }

    /// The keys under which events of the same attempt stand.
    pub(super) fn keys(&self, names: &ClientNames) -> Vec<u64> {
        let services = self.marks.spn.iter().chain(&self.holders);
        let clients = names.also_called(&self.clients);
        let (services, clients) = (services.collect::<Vec<_>>(), clients.iter().collect());
        self.marks.pairs(&services, &clients)
    }

    /// By what another event belongs to the same attempt.
    pub(super) fn join(
        &self,
        other: &Marks,
        (names, sites): (&ClientNames, &SiteNames),
        near: bool,
    ) -> Option<&'static str> {
        let same = |a: &Option<String>, b: &Option<String>| a.is_some() && a == b;
        if same(&self.marks.guid, &other.guid) {
            return Some("LogonGuid");
        }
        if self.marks.is_of_another(other)
            || self.marks.is_meant_elsewhere(other, sites)
            || other.is_meant_elsewhere(&self.marks, sites)
        {
            return None;
        }
        let client = !(self.clients).is_disjoint(&names.with_addresses(&other.clients));
        let user = same(&self.marks.user, &other.user);
        let of_holder = |service| self.holders.contains(service);
        let spn =
            same(&self.marks.spn, &other.spn) || other.service.as_ref().is_some_and(of_holder);
        match (near, spn, user, client) {
            (true, true, _, true) => Some("SPN and client"),
            (true, true, true, false) => Some("SPN and user"),
            (true, false, true, true) => Some("user and client"),
            _ => None,
        }
    }
}

impl Marks {
    /// Those of an event. `through` is the server that it is known to have come through.
    pub(super) fn of(event: &Event, through: Option<&String>) -> Self {
        let mut marks = Self {
            peer: peer_of(event),
            server: through.cloned(),
            ..Self::default()
        };
        let user = |name: &Option<String>| Some(plain(name.as_deref()?));
        let spn = |text: &Option<String>| {
            let spn = Spn::new(text.as_deref()?.split('@').next()?.trim());
            spn.has_class("HTTP").then(|| spn.key())
        };
        let clients = &mut marks.clients;
        match &event.body {
            Body::Logon(e) => {
                marks.guid = e.logon_guid.clone();
                marks.user = user(&e.target.name);
                marks.server = Some(machine(&event.computer));
                clients.extend(e.ip.as_deref().map(address));
                clients.extend(e.workstation.as_deref().map(machine));
            }
            Body::LogonFailed(e) => {
                marks.server = Some(machine(&event.computer));
                marks.user = user(&e.target.name);
                clients.extend(e.ip.as_deref().map(address));
                clients.extend(e.workstation.as_deref().map(machine));
            }
            Body::ServiceTicketRequest(e) => {
                marks.guid = e.logon_guid.clone();
                marks.user = user(&e.client.name);
                marks.spn = spn(&e.service_name);
                marks.service = user(&e.service_name).filter(|_| e.status == Some(0));
                clients.extend(e.ip.as_deref().map(address));
            }
            Body::TgtRequest(e) => {
                marks.user = user(&e.client.name);
                clients.extend(e.ip.as_deref().map(address));
            }
            Body::PreauthFailed(e) => {
                marks.user = user(&e.target.name);
                clients.extend(e.ip.as_deref().map(address));
            }
            Body::NtlmValidation(e) => {
                marks.user = user(&e.target.name);
                clients.extend(e.workstation.as_deref().map(machine));
            }
            Body::KeyMismatch(e) => {
                marks.spn = spn(&e.target_name);
                clients.push(machine(&event.computer));
            }
            Body::KerberosError(e) => {
                marks.spn = spn(&e.target_name).or(spn(&e.server_name));
                marks.user = user(&e.client_name);
                clients.push(machine(&event.computer));
            }
            Body::NtlmUse(e) if matches!(e.id, 8001 | 4020 | 4021) => {
                marks.spn = spn(&e.target);
                marks.meant = marks.spn.as_ref().map(|spn| Spn::new(spn).host());
                marks.user = user(&e.user);
                clients.push(machine(&event.computer));
            }
            _ => {
                if let Some(passed_on) = PassedOn::of(event) {
                    marks.user = Some(passed_on.user);
                    clients.push(passed_on.client);
                }
            }
        }
        clients.retain(|client| !client.is_empty() && client != "-");
        marks
    }

    /// Whether another event is known to be of another attempt: at another server, or over another connection.
    fn is_of_another(&self, other: &Self) -> bool {
        let servers = self.server.as_ref().zip(other.server.as_ref());
        let peers = self.peer.zip(other.peer);
        servers.is_some_and(|(a, b)| a != b) || peers.is_some_and(|(a, b)| a != b)
    }

    /// Whether the client used NTLM for a name that is none of the server's that the other event is of.
    fn is_meant_elsewhere(&self, other: &Self, sites: &SiteNames) -> bool {
        let (Some(meant), Some(server)) = (&self.meant, &other.server) else {
            return false;
        };
        sites.is_of_another(server, meant)
    }

    /// The keys under which the event is found.
    pub(super) fn keys(&self) -> Vec<u64> {
        let services: Vec<&String> = self.spn.iter().chain(&self.service).collect();
        self.pairs(&services, &self.clients.iter().collect())
    }

    /// A key for the `LogonGuid` and for every two marks that make one attempt of two events. Two keys may be equal by
    /// chance: they only say which events to ask.
    fn pairs(&self, services: &[&String], clients: &Vec<&String>) -> Vec<u64> {
        let guid = self.guid.iter().map(|guid| key(0, guid, ""));
        let mut keys: Vec<u64> = guid.collect();
        for service in services {
            keys.extend(clients.iter().map(|client| key(1, service, client)));
            keys.extend(self.user.iter().map(|user| key(2, service, user)));
        }
        if let Some(user) = &self.user {
            keys.extend(clients.iter().map(|client| key(3, user, client)));
        }
        keys
    }
}

fn key(of: u8, first: &str, second: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    (of, first, second).hash(&mut hasher);
    hasher.finish()
}

/// A user or account without its domain, in lower case.
pub(super) fn plain(name: &str) -> String {
    let bare = name.split('@').next().unwrap_or(name);
    split_name(bare).1.to_lowercase()
}
