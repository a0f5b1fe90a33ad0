//! The state of IIS as tools listed it, beside what its configuration says: sites and pools that were stopped, which pool a
//! worker process belongs to, and lists that disagree with the files.

use std::collections::BTreeSet;

use super::{Case, Contradiction, HostId};
use crate::evidence::Citation;
use crate::readers::http_sys::HttpSysState;
use crate::readers::iis_state::{IisFact, IisState};

/// Contradictions kept of one server.
const MAX_CONTRADICTIONS: usize = 20;
/// Facts that are held against a server: lists of more are no server's.
const MAX_FACTS: usize = 5_000;

impl Case {
    /// The machine that a fact is about, where known.
    pub fn host_of_fact(&self, fact: &IisFact) -> Option<HostId> {
        let named = fact.host.as_deref().and_then(|host| self.hosts.find(host));
        named.or_else(|| self.artifact_hosts.get(&fact.from.artifact).copied())
    }

    /// Where a list shows that a site was not running, when every list that shows the site does.
    pub fn site_shown_stopped(&self, site: &str) -> Option<Citation> {
        let mut stopped = None;
        for fact in &self.iis {
            let IisState::Site(shown) = &fact.state else {
                continue;
            };
            let Some(state) = shown
                .state
                .as_deref()
                .filter(|_| shown.name.eq_ignore_ascii_case(site))
            else {
                continue;
            };
            if !state.eq_ignore_ascii_case("Stopped") {
                return None;
            }
            stopped = Some(fact.from.clone());
        }
        stopped
    }

    /// The states in which lists show a pool of a machine: `Started`, `Stopped`.
    pub fn pool_states(&self, host: Option<HostId>, pool: &str) -> Vec<(&str, &Citation)> {
        let of = |fact: &IisFact| {
            let own = self.host_of_fact(fact);
            own.is_none() || host.is_none() || own == host
        };
        self.iis
            .iter()
            .filter(|fact| of(fact))
            .filter_map(|fact| match &fact.state {
                IisState::Pool(shown) if shown.name.eq_ignore_ascii_case(pool) => {
                    Some((shown.state.as_deref()?, &fact.from))
                }
                _ => None,
            })
            .collect()
    }

    /// Where http.sys shows a process that takes requests of a pool of a machine: when that was listed, the pool ran.
    pub fn queue_is_served(&self, host: HostId, pool: &str) -> Option<&Citation> {
        let served = self.http_sys.iter().find(|fact| {
            let named = fact.host.as_deref().and_then(|host| self.hosts.find(host));
            let own = named.or_else(|| self.artifact_hosts.get(&fact.from.artifact).copied());
            match &fact.state {
                HttpSysState::Queue(queue) => {
                    let named = queue.name.as_deref();
                    own == Some(host)
                        && !queue.pids.is_empty()
                        && named.is_some_and(|name| name.eq_ignore_ascii_case(pool))
                }
                _ => false,
            }
        })?;
        Some(&served.from)
    }

    /// The pool that a worker process of a machine belongs to, by its process id.
    pub fn pool_of_process(&self, host: Option<HostId>, pid: u32) -> Option<(&str, &Citation)> {
        self.iis.iter().find_map(|fact| match &fact.state {
            IisState::WorkerProcess { pid: own, pool }
                if *own == pid && self.host_of_fact(fact) == host =>
            {
                Some((pool.as_str(), &fact.from))
            }
            _ => None,
        })
    }
}

/// Where lists of tools and the configuration files cannot both be true.
pub(super) fn contradictions(case: &Case) -> Vec<Contradiction> {
    let mut found = Vec::new();
    for server in &case.servers {
        let disagreements = server.config.disagreements().into_iter();
        found.extend(
            disagreements
                .take(MAX_CONTRADICTIONS)
                .map(|one| Contradiction {
                    says: format!("{}: {}", server.label, one.says),
                    from: one.from,
                }),
        );
        let mut told = BTreeSet::new();
        for fact in case.iis.iter().take(MAX_FACTS) {
            let IisState::Application {
                site: Some(site),
                path,
                pool,
            } = &fact.state
            else {
                continue;
            };
            let of_server = case.host_of_fact(fact) == server.host && server.host.is_some();
            let alone = case.servers.len() == 1 && case.host_of_fact(fact).is_none();
            let sites = server.config.sites.iter().filter(|_| of_server || alone);
            let own = sites
                .filter(|own| own.name.eq_ignore_ascii_case(site))
                .flat_map(|own| &own.applications)
                .find(|own| {
                    own.path
                        .trim_end_matches('/')
                        .eq_ignore_ascii_case(path.trim_end_matches('/'))
                });
            let Some(own) = own.filter(|own| !own.pool.value.eq_ignore_ascii_case(pool)) else {
                continue;
            };
            if fact.from.artifact != server.artifact
                && told.insert((site.clone(), path.clone()))
                && told.len() <= MAX_CONTRADICTIONS
            {
                found.push(Contradiction {
                    says: format!(
                        "{}: {site}{path} runs in pool {pool} by what a tool of IIS listed, and in pool {} by the configuration file: they were taken at different times",
                        server.label, own.pool.value
                    ),
                    from: vec![fact.from.clone(), own.from.clone()],
                });
            }
        }
    }
    found
}
