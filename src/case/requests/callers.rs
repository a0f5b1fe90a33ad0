//! Who calls from an address, as logs of requests and of logons show it.

use std::collections::{BTreeMap, BTreeSet};

use crate::case::Case;
use crate::evidence::Citation;
use crate::readers::events::{Body, Event, Logon};

impl Case {
    /// The users who are seen to come from one of these addresses, as they are spelled there.
    pub fn users_at(&self, addresses: &BTreeSet<String>) -> BTreeSet<String> {
        let logged = self.logged_sites.iter().flat_map(|site| &site.exchanges);
        let asked = logged
            .filter(|(_, exchange)| addresses.contains(&*exchange.caller.client))
            .flat_map(|(_, exchange)| exchange.users.iter().map(|user| user.to_string()));
        let logons = self.logons_at(addresses);
        let logged_on = logons.filter_map(|(_, logon)| {
            let name = logon.target.name.as_deref()?;
            Some(match logon.target.domain.as_deref() {
                Some(domain) if !name.contains('@') => format!("{domain}\\{name}"),
                _ => name.to_owned(),
            })
        });
        asked.chain(logged_on).collect()
    }

    /// The machines that those who sign in by NTLM from an address name as theirs, each with a place. A load balancer passes
    /// on what each client says of itself.
    pub fn workstations_at(&self, address: &str) -> BTreeMap<String, Citation> {
        let addresses = BTreeSet::from([address.to_owned()]);
        let mut named = BTreeMap::new();
        for (event, logon) in self.logons_at(&addresses) {
            let name = logon.workstation.as_deref().unwrap_or_default();
            let name = name.trim_start_matches('\\').to_lowercase();
            if logon.is_ntlm() && !name.is_empty() && name != "-" {
                let at = || event.citation.clone();
                named.entry(name).or_insert_with(at);
            }
        }
        named
    }

    fn logons_at(&self, addresses: &BTreeSet<String>) -> impl Iterator<Item = (&Event, &Logon)> {
        let logons = self.pick(|body| match body {
            Body::Logon(logon) => Some(logon),
            _ => None,
        });
        logons.filter(|(_, logon)| {
            let ip = logon
                .ip
                .as_deref()
                .map(|ip| ip.trim_start_matches("::ffff:"));
            ip.is_some_and(|ip| addresses.contains(ip))
        })
    }
}
