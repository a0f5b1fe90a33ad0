//! The requests of each site, as the logs of IIS and of http.sys show them, joined over all their files.

mod callers;
mod coverage;
mod meaning;
mod place;
#[cfg(test)]
mod tests;

pub use coverage::LogCoverage;
pub use meaning::Meaning;
pub(super) use meaning::meaning;
pub(super) use place::{name_hosts, take_logs};

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::host::HostId;
use super::server::ServerId;
use super::{Case, Endpoint};
use crate::evidence::{ArtifactId, Citation, When};
use crate::negotiate::Outcome;
use crate::readers::http_err::Refusal;
use crate::readers::iis_config::is_below;
use crate::readers::web_log::{Exchange, Leg, Served};

/// The number of a site with logs in its case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LoggedSiteId(pub usize);

/// The requests of one site, over all its logs.
#[derive(Clone, Debug, Default)]
pub struct LoggedSite {
    /// The machine, where known.
    pub host: Option<HostId>,
    /// The server whose configuration has the site, where it is in the bundle.
    pub server: Option<ServerId>,
    /// The site's name, where the configuration gives it.
    pub site: Option<String>,
    /// The site's number, where the log or its folder gives it.
    pub site_id: Option<u32>,
    /// The folder of the logs.
    pub folder: String,
    /// The files, with the span of each.
    pub logs: Vec<(ArtifactId, Option<When>, Option<When>)>,
    /// Requests.
    pub requests: u64,
    /// Requests of a named user that were answered with something else than 401.
    pub signed_in: u64,
    /// Requests by status.
    pub by_status: BTreeMap<u16, u64>,
    /// Requests for each login page, with the first of them.
    pub login_pages: BTreeMap<Arc<str>, (u64, Citation)>,
    /// The exchanges, with where each was served.
    pub exchanges: Vec<(Served, Exchange)>,
    /// Exchanges without a good end by their legs and minute of the log's clock.
    pub minutes: BTreeMap<(Vec<Leg>, i64), u64>,
}

/// What http.sys refused at one machine.
#[derive(Clone, Debug)]
pub struct HttpRefusal {
    /// The machine, where known.
    pub host: Option<HostId>,
    /// What.
    pub refusal: Refusal,
}

/// Users of one address from whom on it is a proxy's, or a shared machine's.
const USERS_OF_A_PROXY: usize = 3;

impl LoggedSite {
    /// Where its logs lie, behind a blank; nothing where they lie in no folder.
    fn in_folder(&self) -> String {
        match self.folder.as_str() {
            "" => String::new(),
            folder => format!(" in {folder}"),
        }
    }

    /// The exchanges with their meaning.
    pub fn read(&self) -> impl Iterator<Item = (&Served, &Exchange, Meaning)> {
        self.exchanges
            .iter()
            .map(|(served, exchange)| (served, exchange, meaning(exchange)))
    }

    /// Whether it is the site of an endpoint.
    pub fn is_of(&self, endpoint: &Endpoint) -> bool {
        self.server == Some(endpoint.server) && self.site.as_ref() == Some(&endpoint.site)
    }

    /// Whether its refusals come with their sub-status, so that one kind of them is told from another.
    pub fn tells_sub_status(&self) -> bool {
        let mut legs = self.exchanges.iter().flat_map(|(_, e)| &e.legs);
        legs.all(|leg| leg.sub_status.is_some())
    }

    /// Addresses that several users, or several forwarded clients, call from: what one of its callers does cannot be told
    /// from what another does.
    pub fn shared_addresses(&self) -> BTreeSet<&str> {
        let mut users: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let mut forwarded: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for (_, exchange) in &self.exchanges {
            let client = &*exchange.caller.client;
            let seen = users.entry(client).or_default();
            seen.extend(exchange.users.iter().map(|u| &**u));
            let claimed = forwarded.entry(client).or_default();
            claimed.extend(exchange.caller.forwarded.as_deref());
        }
        users
            .into_iter()
            .filter(|(client, users)| {
                let behind = forwarded.get(client).map_or(0, BTreeSet::len);
                !client.is_empty() && (users.len() >= USERS_OF_A_PROXY || behind > 1)
            })
            .map(|(client, _)| client)
            .collect()
    }
}

impl Case {
    /// The logged site behind an id.
    pub fn logged_site(&self, id: LoggedSiteId) -> Option<&LoggedSite> {
        self.logged_sites.get(id.0)
    }

    /// A logged site as people read it: `site Shop on WEB01`.
    pub fn logged_site_shown(&self, id: LoggedSiteId) -> String {
        let Some(logged) = self.logged_site(id) else {
            return "a site".to_owned();
        };
        let site = match (&logged.site, logged.site_id) {
            (Some(name), _) => format!("site {name}"),
            (None, Some(id)) => format!("site {id}"),
            (None, None) => "a site".to_owned(),
        };
        match logged.host {
            Some(host) => format!("{site} on {}", self.hosts.get(host).name),
            None if logged.site.is_none() && logged.site_id.is_none() => {
                format!("the site of the logs{}", logged.in_folder())
            }
            None => site,
        }
    }

    /// The exchanges that tell how users sign in at an endpoint, with their meaning.
    fn sign_ins<'a>(
        &'a self,
        site: &'a LoggedSite,
        endpoint: &'a Endpoint,
    ) -> impl Iterator<Item = (&'a Exchange, Meaning)> {
        let siblings = self.situation.endpoints.iter();
        let siblings = siblings.filter(|e| e.server == endpoint.server && e.site == endpoint.site);
        let one_name = siblings.clone().all(|e| e.name == endpoint.name);
        // A log without the Host header mixes the names of its site.
        let is_here = move |served: &Served| match &served.host {
            Some(host) => endpoint.is_named(host) || (endpoint.name.is_empty() && one_name),
            None => one_name,
        };
        let longest = move |path: &str| {
            let applications = siblings.clone().map(|e| e.application.as_str());
            applications
                .filter(|application| is_below(path, application))
                .max_by_key(|application| application.len())
        };
        site.read()
            .filter(move |(served, exchange, meaning)| {
                let tells = matches!(
                    meaning,
                    Meaning::OneLeg
                        | Meaning::TwoLegs
                        | Meaning::SignedIn
                        | Meaning::SignInFailed(..)
                );
                tells
                    && is_here(served)
                    && longest(&exchange.path) == Some(endpoint.application.as_str())
            })
            .map(|(_, exchange, meaning)| (exchange, meaning))
    }

    fn site_of_log(&self, endpoint: &Endpoint) -> Option<&LoggedSite> {
        self.logged_sites.iter().find(|site| site.is_of(endpoint))
    }

    /// A line of a log that ends a sign-in of one leg at an endpoint.
    pub fn one_leg_at<'a>(&'a self, endpoint: &'a Endpoint) -> Option<&'a Citation> {
        self.sign_ins(self.site_of_log(endpoint)?, endpoint)
            .find(|(_, meaning)| *meaning == Meaning::OneLeg)
            .and_then(|(exchange, _)| exchange.from.first())
    }

    /// What the logs of IIS show of an endpoint, which is never certain, with the sentence that says so.
    pub fn observed_by_legs(&self, endpoint: &Endpoint) -> Option<(Outcome, &'static str)> {
        let site = self.site_of_log(endpoint)?;
        let (mut one, mut two, mut failed) = (0u64, 0u64, 0u64);
        let mut signed_in = 0u64;
        for (exchange, meaning) in self.sign_ins(site, endpoint) {
            match meaning {
                Meaning::OneLeg => one += exchange.count,
                Meaning::TwoLegs => two += exchange.count,
                Meaning::SignInFailed(..) => failed += exchange.count - exchange.recovered,
                _ => {}
            }
            signed_in += if exchange.ended == crate::readers::web_log::Ended::SignedIn {
                exchange.count
            } else {
                0
            };
        }
        let windows = &endpoint.settings.windows;
        let negotiates = (windows.providers.iter())
            .any(|(name, _)| name.to_lowercase().starts_with("negotiate"));
        let basic = endpoint.settings.basic.value;
        match (one, two) {
            (0, 0) if failed > 0 && signed_in == 0 && site.signed_in == 0 => Some((
                Outcome::Denied,
                "by the IIS log: sign-ins fail, and nobody is answered as a named user",
            )),
            (1.., 0) if !basic && windows.enabled.value => Some((
                Outcome::Kerberos,
                "by the legs in the IIS log: one after the challenge, as with Kerberos; the log does not name the scheme",
            )),
            (0, 1..) if windows.enabled.value => Some((
                if negotiates {
                    Outcome::NtlmFallback
                } else {
                    Outcome::NtlmByDesign
                },
                "by the legs in the IIS log: two after the challenge, as with NTLM; the log does not name the scheme",
            )),
            _ => None,
        }
    }
}
