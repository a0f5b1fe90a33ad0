//! The web servers of a case, and the addresses from which they ask the KDC and call other machines.

use std::collections::{BTreeMap, BTreeSet};

use super::{IN_ADDITIONAL_TICKET, sites_of};
use crate::case::{Case, HostId, Role, Sameness};
use crate::readers::events::Body;

/// The web servers, and the addresses that are theirs.
pub(super) struct Fronts {
    pub(super) hosts: BTreeSet<HostId>,
    addresses: BTreeMap<String, HostId>,
}

impl Fronts {
    pub(super) fn of(case: &Case) -> Self {
        let is_front = |id: &HostId| case.hosts.get(*id).roles.contains(&Role::WebServer);
        let hosts: BTreeSet<HostId> = case
            .hosts
            .iter()
            .map(|(id, _)| id)
            .filter(is_front)
            .collect();
        let mut addresses = BTreeMap::new();
        for host in &hosts {
            let known = case.machine(Some(*host)).map(|m| m.addresses());
            for address in known.unwrap_or_default() {
                addresses.insert(address.value.to_string(), *host);
            }
        }
        // A computer asks for its own tickets from its own address.
        for event in &case.events {
            let (name, domain, ip) = match &event.body {
                Body::TgtRequest(e) => (&e.client.name, &e.client.domain, &e.ip),
                Body::ServiceTicketRequest(e) => (&e.client.name, &e.client.domain, &e.ip),
                _ => continue,
            };
            let (Some(name), Some(ip)) = (name.as_deref(), ip) else {
                continue;
            };
            let name = name.split('@').next().unwrap_or(name);
            let own = |host: &&HostId| {
                let machine = case.hosts.get(**host).machine;
                name.ends_with('$')
                    && case.accounts.is_named(machine, name, domain.as_deref()) == Sameness::Same
            };
            if let Some(host) = hosts.iter().find(own) {
                addresses.insert(ip.clone(), *host);
            }
        }
        for (ip, host) in pool_addresses(case) {
            addresses.entry(ip).or_insert(host);
        }
        Self { hosts, addresses }
    }

    /// The web server with this address.
    pub(super) fn at(&self, ip: Option<&str>) -> Option<HostId> {
        self.addresses.get(ip?).copied()
    }
}

/// The addresses that web servers have by the accounts of their pools: who shows a user's ticket to the KDC, to go on with it,
/// is the service that the user came to. An account that runs sites on several servers, or asks from several addresses, and an
/// address that is another machine's, tell nothing.
fn pool_addresses(case: &Case) -> BTreeMap<String, HostId> {
    let mut asked: BTreeMap<HostId, BTreeSet<&str>> = BTreeMap::new();
    for event in &case.events {
        let Body::ServiceTicketRequest(e) = &event.body else {
            continue;
        };
        let marked = e
            .options
            .is_some_and(|options| options & IN_ADDITIONAL_TICKET != 0);
        let (Some(name), Some(ip), true) = (e.client.name.as_deref(), e.ip.as_deref(), marked)
        else {
            continue;
        };
        let sites = sites_of(case, name);
        let hosts: Option<BTreeSet<HostId>> = sites.map(|site| site.host).collect();
        let hosts = hosts.unwrap_or_default();
        if let (Some(host), 1) = (hosts.first(), hosts.len()) {
            asked.entry(*host).or_default().insert(ip);
        }
    }
    let is_known = |ip: &str| {
        let machines = case.machines.values();
        let mut known = machines.flat_map(|machine| machine.addresses());
        known.any(|address| address.value.to_string() == ip)
    };
    let single = asked.into_iter().filter_map(|(host, ips)| {
        let ip = ips.first().filter(|ip| ips.len() == 1 && !is_known(ip))?;
        Some(((*ip).to_owned(), host))
    });
    let mut found: BTreeMap<String, Option<HostId>> = BTreeMap::new();
    for (ip, host) in single {
        let entry = found.entry(ip).or_insert(Some(host));
        *entry = entry.filter(|known| *known == host);
    }
    let found = found.into_iter();
    found.filter_map(|(ip, host)| Some((ip, host?))).collect()
}
