//! The names under which a server can be called: those of its machine, and of its bindings where each has one.

use std::collections::{BTreeMap, BTreeSet};

use super::clients::machine;
use crate::case::{Case, NameSource};

/// The names of each server whose bindings all name their host, by its short name. A binding without a name takes any: of
/// such a server it is not known how it is called.
pub(super) struct SiteNames(BTreeMap<String, BTreeSet<String>>);

impl SiteNames {
    pub(super) fn of(case: &Case) -> Self {
        let mut all: BTreeMap<String, Option<BTreeSet<String>>> = BTreeMap::new();
        for endpoint in &case.situation.endpoints {
            let Some(host) = endpoint.host.map(|host| case.hosts.get(host)) else {
                continue;
            };
            let own = || {
                [host.name.to_lowercase()]
                    .into_iter()
                    .chain(host.fqdn.clone())
            };
            let names = all
                .entry(machine(&host.name))
                .or_insert_with(|| Some(own().collect()));
            match (&endpoint.name_source, names.as_mut()) {
                (NameSource::Binding, Some(names)) => names.extend([endpoint.name.to_lowercase()]),
                _ => *names = None,
            }
        }
        let all = all.into_iter();
        let mut known: BTreeMap<String, BTreeSet<String>> = all
            .filter_map(|(server, names)| Some((server, names?)))
            .collect();
        // Clients ask for the name that an alias ends at.
        for names in known.values_mut() {
            let ends = names.iter().filter_map(|name| case.canonical_name(name));
            let ends: Vec<String> = ends
                .map(|name| name.value.trim_end_matches('.').to_lowercase())
                .collect();
            names.extend(ends);
        }
        Self(known)
    }

    /// Whether a host name is known to be none of a server's.
    pub(super) fn is_of_another(&self, server: &str, name: &str) -> bool {
        self.0
            .get(server)
            .is_some_and(|names| !names.contains(name))
    }
}
