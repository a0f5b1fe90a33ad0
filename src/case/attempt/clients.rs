//! Which client machine has which addresses, as events and the machines' own output show them together.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::net::IpAddr;

use foldhash::fast::RandomState;

use crate::case::Case;
use crate::readers::events::Body;

/// Names of client machines with their addresses, as events show them together.
pub struct ClientNames {
    addresses: BTreeMap<String, BTreeSet<String>>,
    names: BTreeMap<String, BTreeSet<String>>,
}

/// Addresses of a machine, and machines at an address, that are followed: a name or an address with more tells nobody apart.
const FOLLOWED: usize = 64;

impl Case {
    /// Which addresses client machines have.
    pub fn client_names(&self) -> ClientNames {
        let mut known = ClientNames {
            addresses: BTreeMap::new(),
            names: BTreeMap::new(),
        };
        let shown = self.events.iter().filter_map(|event| match &event.body {
            Body::Logon(e) => Some((e.workstation.as_deref()?, e.ip.as_deref()?)),
            Body::LogonFailed(e) => Some((e.workstation.as_deref()?, e.ip.as_deref()?)),
            _ => None,
        });
        // Most logons are like one before.
        let mut met = HashSet::with_hasher(RandomState::default());
        for (name, ip) in shown.filter(|pair| met.insert(*pair)) {
            known.learn(machine(name), address(ip));
        }
        for (host, state) in &self.machines {
            let name = machine(&self.hosts.get(*host).name);
            for own in state.addresses() {
                known.learn(name.clone(), own.value.to_string());
            }
        }
        known
    }
}

impl ClientNames {
    fn learn(&mut self, name: String, ip: String) {
        let names = self.names.entry(ip.clone()).or_default();
        names.insert(name.clone());
        self.addresses.entry(name).or_default().insert(ip);
    }

    /// The machine behind a client's address, in lower case; `None` where no event shows the two together.
    pub fn at(&self, client: &str) -> Option<&str> {
        let names = self.names.get(&address(client))?;
        names.first().map(String::as_str)
    }

    /// The addresses of a machine, as far as its own tools or the logons from it show them.
    pub fn addresses_of(&self, host: &str) -> impl Iterator<Item = &String> {
        self.addresses.get(&machine(host)).into_iter().flatten()
    }

    /// How a client that an event gives by name or address is called here.
    pub fn plain(client: &str) -> String {
        address(client)
    }

    /// Whether a machine is among clients that are given by name or address.
    pub fn is_among(&self, host: &str, clients: &BTreeSet<String>) -> bool {
        let name = machine(host);
        let own = self.addresses.get(&name);
        clients.iter().any(|client| {
            machine(client) == name || own.is_some_and(|ips| ips.contains(&address(client)))
        })
    }

    /// Clients with the addresses that they have.
    pub(super) fn with_addresses(&self, clients: &[String]) -> BTreeSet<String> {
        let known = clients.iter().filter_map(|name| self.addresses.get(name));
        let known = known.flatten().take(FOLLOWED);
        known.chain(clients).cloned().collect()
    }

    /// Whatever another event may call one of these clients, which come with their addresses.
    pub(super) fn also_called(&self, clients: &BTreeSet<String>) -> BTreeSet<String> {
        let names = clients.iter().filter_map(|ip| self.names.get(ip));
        let names = names.flatten().take(FOLLOWED);
        names.chain(clients).cloned().collect()
    }
}

/// A machine's short name, in lower case; its address where that stands for a name.
pub(super) fn machine(name: &str) -> String {
    let name = name.trim_start_matches('\\').to_lowercase();
    if name.parse::<IpAddr>().is_ok() {
        return address(&name);
    }
    name.split('.').next().unwrap_or(&name).to_owned()
}

/// An address in one form: no IPv4 address written as IPv6.
pub(super) fn address(ip: &str) -> String {
    ip.trim_start_matches("::ffff:").to_lowercase()
}
