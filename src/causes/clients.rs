//! Where logons over the network come from: which machine of the bundle a client of the logs is, and which machines fail.

use std::collections::{BTreeMap, BTreeSet};

use crate::case::{Case, ClientNames, HostId, Role, split_name};
use crate::readers::events::{Body, Event, Principal};

/// The clients of a case, read off its events once.
pub(super) struct Clients<'a> {
    /// Which machine has which addresses.
    pub(super) names: ClientNames,
    /// Logons and refusals on web servers, by client (its name, else its address) and account name.
    came: BTreeMap<(String, String), Vec<&'a Event>>,
    /// Clients whom a symptom names.
    failing: BTreeSet<String>,
    /// Machines on which klist was refused a ticket.
    refused: BTreeSet<HostId>,
}

/// Who logs on over the network, and from where: the name of the machine and its address.
type NetworkLogon<'e> = (&'e Principal, Option<&'e String>, Option<&'e String>);

/// The logon, or its refusal, of an event, of whatever type.
fn logon(event: &Event) -> Option<(NetworkLogon<'_>, Option<u32>)> {
    match &event.body {
        Body::Logon(e) => {
            let from = (e.workstation.as_ref(), e.ip.as_ref());
            Some(((&e.target, from.0, from.1), e.logon_type))
        }
        Body::LogonFailed(e) => {
            let from = (e.workstation.as_ref(), e.ip.as_ref());
            Some(((&e.target, from.0, from.1), e.logon_type))
        }
        _ => None,
    }
}

impl<'a> Clients<'a> {
    /// Reads them.
    pub(super) fn of(case: &'a Case) -> Self {
        let mut came: BTreeMap<(String, String), Vec<&'a Event>> = BTreeMap::new();
        for event in &case.events {
            let Some(((target, workstation, ip), logon_type)) = logon(event) else {
                continue;
            };
            let web = || {
                let host = case.hosts.find(&event.computer);
                host.is_some_and(|h| case.hosts.get(h).roles.contains(&Role::WebServer))
            };
            if let (Some(name), Some(client), Some(3)) =
                (&target.name, workstation.or(ip), logon_type)
                && web()
            {
                let key = (ClientNames::plain(client), split_name(name).1);
                came.entry(key).or_default().push(event);
            }
        }
        let named = case.symptoms.iter().flat_map(|symptom| &symptom.clients);
        let refused = case.attempts.iter().filter(|a| a.result.is_err());
        Self {
            names: case.client_names(),
            came,
            failing: named.map(|client| ClientNames::plain(client)).collect(),
            refused: refused
                .filter_map(|a| case.artifact_hosts.get(&a.from.artifact).copied())
                .collect(),
        }
    }

    /// The addresses of a machine, as far as its own tools or the logons from it show them.
    pub(super) fn addresses(&self, case: &Case, host: HostId) -> BTreeSet<String> {
        let name = &case.hosts.get(host).name;
        self.names.addresses_of(name).cloned().collect()
    }

    /// Logons and refusals of an account on web servers that came from a machine.
    pub(super) fn came(&self, case: &Case, host: HostId, account: &str) -> Vec<&'a Event> {
        let mut clients = self.addresses(case, host);
        clients.insert(case.hosts.get(host).name.to_lowercase());
        let keys = clients.into_iter().map(|c| (c, account.to_owned()));
        keys.filter_map(|key| self.came.get(&key))
            .flatten()
            .copied()
            .collect()
    }

    /// Whether a machine is among those that fail: what its own tools show speaks of the failures. What another machine shows
    /// says nothing of them.
    pub(super) fn fails(&self, case: &Case, host: HostId) -> bool {
        self.refused.contains(&host) || self.is_named(case, host)
    }

    /// Whether symptoms name clients, and this machine is none of them.
    pub(super) fn only_others_fail(&self, case: &Case, host: HostId) -> bool {
        !self.failing.is_empty() && !self.is_named(case, host)
    }

    /// Whether a symptom names a machine.
    fn is_named(&self, case: &Case, host: HostId) -> bool {
        let known = case.hosts.get(host);
        let named = |name: &str| self.failing.contains(&name.to_lowercase());
        named(&known.name)
            || known.fqdn.as_deref().is_some_and(named)
            || self.addresses(case, host).iter().any(|ip| named(ip))
    }
}
