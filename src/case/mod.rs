//! The case: everything the bundle says about one incident, joined across sources.
//!
//! The case answers the hard questions once (who holds this SPN? whose key opens tickets here? which machine wrote
//! this?), so that a cause can be short. It states nothing that a citation does not carry.

mod account;
mod assemble;
mod attempt;
mod change;
mod clock;
mod config_edit;
mod connections;
mod coverage;
mod directory;
mod domain;
mod dumps;
mod etypes;
mod foreign;
mod history;
mod hops;
mod host;
mod iis;
mod installed;
mod issued;
mod machine;
mod noise;
mod objects;
mod observed;
mod pool_identity;
mod promotion;
mod requests;
mod server;
mod sessions;
mod spn;
mod symptom;
#[cfg(test)]
mod tests;
mod tickets;
mod traced;

pub use account::{
    Account, AccountId, AccountKind, Accounts, Sameness, common_name, dn_domain, split_name,
};
pub use assemble::assemble;
pub use attempt::{Attempts, ClientNames, Step};
pub use change::{ChangedSetting, SeenChange, Touched};
pub use clock::{ClockDifference, Clocks, Zone};
pub use config_edit::ConfigEdit;
pub use coverage::{Auditing, Coverage};
pub use directory::{
    Closed, Covered, DuplicateSearch, Holder, Holders, Reach, Registration, Search, SpnDirectory,
    pattern_matches,
};
pub use domain::Domains;
pub use etypes::EtypesSeen;
pub use hops::{Hop, HopResult};
pub use host::{Host, HostId, Hosts, Role};
pub use installed::ListedUpdates;
pub use issued::Issued;
pub use machine::{Browser, Channel, MachineState, Machines, MeasuredClock};
pub use noise::{CountedNoise, Noise, Passing};
pub use objects::{ManagedAccountTest, Objects};
pub use pool_identity::PoolIdentity;
pub use requests::{HttpRefusal, LogCoverage, LoggedSite, LoggedSiteId, Meaning};
pub use server::{Endpoint, EndpointPool, NameSource, ServerId, WebServer};
pub use spn::{Spn, is_ip_literal, other_form};
pub use symptom::{Pace, Spread, Stretch, Symptom, SymptomId, SymptomKind, Turn};
pub use tickets::{HeldTicket, TicketAttempt};

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::evidence::{ArtifactId, Citation, Cited, Problem, When};
use crate::negotiate::Acceptor;
use crate::readers::ConfigChange;
use crate::readers::events::{Body, Event};
use crate::readers::exchange::Exchange;
use crate::readers::http_sys::HttpSysFact;
use crate::readers::iis_config::{Origin, Redirection};
use crate::readers::iis_state::IisFact;
use crate::readers::nslookup::NameLookup;
use crate::readers::request_trace::RequestTrace;
use crate::readers::setspn::SetspnRun;
use crate::readers::whoami::SessionToken;

/// The part of a case that a fix can change, so that a fix can be tried on a copy.
#[derive(Clone, Debug, Default)]
pub struct Situation {
    /// Who holds which SPN.
    pub directory: SpnDirectory,
    /// Every address of every application.
    pub endpoints: Vec<Endpoint>,
    /// What `msDS-SupportedEncryptionTypes` of accounts is taken to be, against what the bundle shows of it; 0 is the default.
    pub assumed_etypes: BTreeMap<AccountId, Cited<u32>>,
}

/// Two places of the bundle that cannot both be true.
#[derive(Clone, Debug)]
pub struct Contradiction {
    /// What disagrees, as one sentence.
    pub says: String,
    /// The places.
    pub from: Vec<Citation>,
}

/// A log of http.sys: its machine, artifact, number of lines, first and last time.
pub type HttpLog = (Option<HostId>, ArtifactId, u64, Option<When>, Option<When>);

/// Everything the bundle says about one incident.
#[derive(Debug, Default)]
pub struct Case {
    /// The accounts.
    pub accounts: Accounts,
    /// The machines.
    pub hosts: Hosts,
    /// The web servers.
    pub servers: Vec<WebServer>,
    /// Where servers read a shared configuration instead of their own.
    pub redirections: Vec<Redirection>,
    /// What the configuration histories of servers say was changed, oldest first; when is not known.
    pub config_changes: Vec<ConfigChange>,
    /// The state of IIS as tools listed it.
    pub iis: Vec<IisFact>,
    /// What http.sys serves, as `netsh http` listed it.
    pub http_sys: Vec<HttpSysFact>,
    /// Directory and endpoints as they are.
    pub situation: Situation,
    /// The events the analysis wants, by time, machine, channel and record.
    pub events: Vec<Event>,
    /// Events that others are folded into, with how many.
    pub folded: BTreeMap<Citation, u64>,
    /// The events that others around them make noise.
    pub passing: Passing,
    /// Updates of machines that lists show with their day.
    pub listed_updates: Vec<ListedUpdates>,
    /// Failed-request traces, by time.
    pub traces: Vec<RequestTrace>,
    /// Recorded HTTP exchanges, in the order of their files.
    pub exchanges: Vec<Exchange>,
    /// What KDCs wrote of the encryption types of accounts.
    pub etypes: EtypesSeen,
    /// Tickets in the caches shown.
    pub tickets: Vec<HeldTicket>,
    /// Attempts to fetch a ticket (`klist get`).
    pub attempts: Vec<TicketAttempt>,
    /// Clock differences that `klist tgt` shows, in seconds.
    pub skews: Vec<Cited<i64>>,
    /// The state of the machines, as far as outputs show it.
    pub machines: Machines,
    /// What the bundle shows of the domains themselves.
    pub domains: Domains,
    /// What outputs show of a machine that nothing names.
    pub unplaced: MachineState,
    /// DNS answers.
    pub lookups: Vec<NameLookup>,
    /// setspn runs, for what they say beyond registrations (refused additions, failures).
    pub setspn_runs: Vec<SetspnRun>,
    /// Objects of the directory, as listed.
    pub objects: Objects,
    /// Answers of `Test-ADServiceAccount`.
    pub account_tests: Vec<ManagedAccountTest>,
    /// Tokens of sessions (`whoami`), each with its file.
    pub tokens: Vec<(ArtifactId, SessionToken)>,
    /// The requests of each site, as logs of IIS show them.
    pub logged_sites: Vec<LoggedSite>,
    /// What http.sys refused.
    pub http_refusals: Vec<HttpRefusal>,
    /// Logs of http.sys: machine, artifact, lines, first and last time.
    pub http_logs: Vec<HttpLog>,
    /// What each source covers.
    pub coverage: Vec<Coverage>,
    /// Signs of a second hop: web servers that call other machines in the name of their users.
    pub hops: Vec<Hop>,
    /// Lines of logs with the number of the logon, or its refusal, that the same server wrote of the same connection; `None`
    /// where it wrote of others of that client then, and of this one not.
    pub of_connection: BTreeMap<Citation, Option<usize>>,
    /// Failures and fall-backs, grouped.
    pub symptoms: Vec<Symptom>,
    /// What disagrees.
    pub contradictions: Vec<Contradiction>,
    /// Configurations that are, or may be, of one machine and differ, each with the first of its group: nothing tells which
    /// one is in force.
    pub disputed: BTreeMap<ArtifactId, ArtifactId>,
    /// What could not be read.
    pub problems: Vec<Problem>,
    /// The time zones of the machines.
    pub clocks: Clocks,
    /// How far the clocks of two machines stand apart.
    pub clock_differences: Vec<ClockDifference>,
    /// Files of which nothing says whose they are, taken for those of the only machine.
    pub presumed: std::collections::BTreeSet<ArtifactId>,
    /// Which machine each artifact came from, where known.
    pub artifact_hosts: BTreeMap<ArtifactId, HostId>,
}

impl Case {
    /// What outputs show of a machine.
    pub fn machine(&self, host: Option<HostId>) -> Option<&MachineState> {
        self.machines.get(&host?)
    }

    /// The canonical name of a CNAME that a DNS answer in the bundle shows for this name.
    pub fn canonical_name(&self, name: &str) -> Option<&Cited<String>> {
        self.lookups
            .iter()
            .filter(|l| !l.not_found)
            .find(|l| {
                l.asked.trim_end_matches('.').eq_ignore_ascii_case(name)
                    || l.aliases
                        .iter()
                        .any(|a| a.value.trim_end_matches('.').eq_ignore_ascii_case(name))
            })
            .and_then(|l| l.canonical.as_ref())
            .filter(|c| !c.value.trim_end_matches('.').eq_ignore_ascii_case(name))
            // A short name completed by the suffix list is no alias.
            .filter(|c| {
                let short = c.value.split('.').next().unwrap_or("");
                name.contains('.') || !short.eq_ignore_ascii_case(name)
            })
    }

    /// Whether a web server may ask its clients for Windows authentication: not where its whole configuration is here and
    /// turns it on for nothing. Logons that fail on it are then not those of a site.
    pub fn may_ask_for_windows_logons(&self, host: HostId) -> bool {
        let mut own = self
            .servers
            .iter()
            .filter(|s| s.host == Some(host))
            .peekable();
        own.peek().is_none()
            || own.any(|s| !s.config.complete || s.config.turns_windows_authentication_on())
    }

    /// Where a list shows that a site was stopped, or its configuration says that it is not started with the server, when
    /// every site of this name does.
    pub fn stopped_site(&self, site: &str) -> Option<Citation> {
        if let Some(shown) = self.site_shown_stopped(site) {
            return Some(shown);
        }
        let mut stopped = None;
        let sites = self.servers.iter().flat_map(|s| &s.config.sites);
        for named in sites.filter(|s| s.name == site) {
            match (&named.auto_start.value, &named.auto_start.origin) {
                (false, Origin::Set(at)) => stopped = Some(at.clone()),
                _ => return None,
            }
        }
        stopped
    }

    /// The server of an endpoint.
    pub fn server(&self, endpoint: &Endpoint) -> &WebServer {
        &self.servers[endpoint.server.0 as usize]
    }

    /// How the acceptor of an endpoint is shown.
    pub fn acceptor_shown(&self, endpoint: &Endpoint, acceptor: &Acceptor) -> String {
        match acceptor {
            Acceptor::Machine => match endpoint.host {
                Some(host) => self
                    .accounts
                    .get(self.hosts.get(host).machine)
                    .shown
                    .clone(),
                None => "the server's computer account".to_owned(),
            },
            Acceptor::Account(account) => self.accounts.get(*account).shown.clone(),
            Acceptor::NoKey => "an account without a key in the directory".to_owned(),
            Acceptor::Undecided => "an acceptor that the bundle does not decide".to_owned(),
        }
    }

    /// The acceptor's account, where it is known.
    pub fn acceptor_account(&self, endpoint: &Endpoint, acceptor: &Acceptor) -> Option<AccountId> {
        match acceptor {
            Acceptor::Machine => endpoint.host.map(|h| self.hosts.get(h).machine),
            Acceptor::Account(account) => Some(*account),
            Acceptor::NoKey | Acceptor::Undecided => None,
        }
    }

    /// Events of a machine.
    pub fn events_of(&self, host: HostId) -> impl Iterator<Item = &Event> {
        self.events
            .iter()
            .filter(move |e| self.hosts.find(&e.computer) == Some(host))
    }

    /// Events with a body that `pick` takes.
    pub fn pick<'a, T: 'a>(
        &'a self,
        pick: impl Fn(&'a Body) -> Option<T> + 'a,
    ) -> impl Iterator<Item = (&'a Event, T)> {
        self.events
            .iter()
            .filter_map(move |e| Some((e, pick(&e.body)?)))
    }

    /// How often what stands at these places was written: once each, and as often as was folded into them.
    pub fn met<'a>(&self, places: impl IntoIterator<Item = &'a Citation>) -> u64 {
        let folded = |place| self.folded.get(place).copied().unwrap_or(0);
        places.into_iter().map(|place| 1 + folded(place)).sum()
    }

    /// The first and last time of the events, UTC.
    pub fn span(&self) -> Option<(Timestamp, Timestamp)> {
        Some((self.events.first()?.time, self.events.last()?.time))
    }
}
