//! The endpoints of all servers: every address of every application, with the names that somebody asked for where a
//! binding takes any name.

use std::collections::{BTreeMap, BTreeSet};

use super::traces::{asked_spns, reached};
use crate::case::account::split_name;
use crate::case::noise::is_cloud_name;
use crate::case::server::{AskedNames, Layout, ServerId, Tie, WebServer};
use crate::case::{
    AccountId, Accounts, Case, PoolIdentity, Sameness, Situation, Spn, SpnDirectory, is_ip_literal,
    other_form,
};
use crate::evidence::Citation;
use crate::readers::events::Body;
use crate::readers::iis_config::Binding;
use crate::readers::setspn::Mode;

/// Names that somebody asked for. `inquiries`: those that an administrator looked up or a client failed for, and not
/// those of tickets that happen to lie in a cache.
#[derive(Default)]
struct Asked {
    names: AskedNames,
    inquiries: BTreeSet<String>,
}

impl Asked {
    fn ask(&mut self, text: &str, from: &Citation, inquiry: bool) {
        let spn = Spn::new(text.split('@').next().unwrap_or("").trim());
        let host = spn.host();
        if spn.has_class("HTTP")
            && !host.is_empty()
            && !host.contains('*')
            && !is_cloud_name(spn.as_str())
        {
            // An address is nobody's name.
            if inquiry && !is_ip_literal(&host) {
                self.inquiries.insert(host.clone());
            }
            self.names.entry(host).or_default().push(from.clone());
        }
    }

    /// The name, when the bundle asks about no other: its short and its full form are one name.
    fn is_the_only_inquiry(&self, name: &str) -> bool {
        self.inquiries.contains(name)
            && self
                .inquiries
                .iter()
                .all(|other| other == name || other_form(other, name))
    }
}

fn asked_names(case: &Case) -> Asked {
    let mut asked = Asked::default();
    for event in &case.events {
        let name = match &event.body {
            Body::KeyMismatch(e) => e.target_name.as_deref(),
            Body::KerberosError(e) => e.target_name.as_deref(),
            Body::NtlmUse(e) => e.target.as_deref(),
            Body::NtlmBlocked(e) => e.target.as_deref(),
            Body::ServiceTicketRequest(e) if e.status != Some(0) => e.service_name.as_deref(),
            Body::Lsa(e) if e.id == 6037 => e.target.as_deref(),
            _ => None,
        };
        if let Some(name) = name {
            // NTLM that was merely considered (8001) is no failure.
            let inquiry = !matches!(&event.body, Body::NtlmUse(e) if !matches!(e.id, 4020 | 4021));
            asked.ask(name, &event.citation, inquiry);
        }
    }
    for ticket in &case.tickets {
        asked.ask(ticket.spn.as_str(), &ticket.ticket.from, false);
    }
    for attempt in &case.attempts {
        if let Some(spn) = &attempt.spn {
            asked.ask(spn.as_str(), &attempt.from, true);
        }
    }
    for run in case.setspn_runs.iter().filter(|r| r.mode == Mode::Query) {
        if let Some(target) = &run.target {
            asked.ask(target, &run.from, true);
        }
    }
    for spn in asked_spns(case) {
        for from in &spn.from {
            asked.ask(&spn.value, from, false);
        }
    }
    asked
}

pub(super) fn lay_out(case: &mut Case) {
    let asked = asked_names(case);
    let directory = std::mem::take(&mut case.situation.directory);
    let reached = reached(case);
    let mismatches: Vec<(String, String)> = case
        .pick(|b| match b {
            Body::KeyMismatch(e) => Some(e),
            _ => None,
        })
        .filter_map(|(_, e)| {
            let server = split_name(e.server.as_deref()?).1;
            Some((
                Spn::new(e.target_name.as_deref()?).host(),
                server.trim_end_matches('$').to_owned(),
            ))
        })
        .collect();
    let mut accounts = std::mem::take(&mut case.accounts);
    // The accounts that a server's pools or its machine give it.
    let mut own: BTreeMap<ServerId, Vec<AccountId>> = BTreeMap::new();
    for (id, server) in (0u32..).map(ServerId).zip(&case.servers) {
        let host = server.host.map(|h| case.hosts.get(h));
        let mut ids: Vec<AccountId> = host.iter().map(|h| h.machine).collect();
        for pool in &server.config.pools {
            let identity = PoolIdentity::of(pool, host.map(|h| h.name.as_str()), &mut accounts);
            ids.extend(identity.account());
        }
        own.insert(id, ids);
    }
    let mut asked = asked;
    ask_reported(case, &directory, &accounts, &own, &mut asked);
    let servers = &case.servers;
    let hosts = &case.hosts;
    let one_open_site = matches!(servers.as_slice(), [server] if open_sites(server) == 1);
    let tie = |name: &str, id: ServerId, accounts: &Accounts| {
        let ids = own.get(&id).map_or(&[][..], Vec::as_slice);
        let held = is_held_by(&directory, accounts, &Spn::http(name), ids);
        let named = servers
            .get(id.0 as usize)
            .and_then(|s| s.host)
            .map(|h| hosts.get(h).name.to_lowercase());
        let refused = mismatches
            .iter()
            .any(|(n, server)| n == name && Some(server) == named.as_ref());
        let traced = named.is_some_and(|server| reached.contains(&(name.to_owned(), server)));
        match held || refused || traced {
            true => Tie::Shown,
            false if one_open_site && asked.is_the_only_inquiry(name) => Tie::Presumed,
            false => Tie::None,
        }
    };
    let layout = Layout {
        servers,
        hosts,
        asked: &asked.names,
    };
    let endpoints = layout.endpoints(&mut accounts, &tie);
    case.accounts = accounts;
    case.situation = Situation {
        directory,
        endpoints,
        assumed_etypes: BTreeMap::new(),
    };
}

fn is_held_by(directory: &SpnDirectory, accounts: &Accounts, spn: &Spn, ids: &[AccountId]) -> bool {
    let same = |holder| {
        ids.iter()
            .any(|a| accounts.compare(*a, holder) == Sameness::Same)
    };
    let holders = directory.holders(spn, accounts).shown;
    holders.iter().any(|h| same(h.account))
}

/// The KDC writes event 11 when somebody asks for a name that two accounts hold. That is a name of these servers where
/// one of the accounts is theirs, and noise elsewhere (NZ-07).
fn ask_reported(
    case: &Case,
    directory: &SpnDirectory,
    accounts: &Accounts,
    own: &BTreeMap<ServerId, Vec<AccountId>>,
    asked: &mut Asked,
) {
    let reported = case.pick(|b| match b {
        Body::Kdc(e) if e.id == 11 => e.name.as_deref(),
        _ => None,
    });
    for (event, name) in reported {
        let spn = Spn::new(name.split('@').next().unwrap_or("").trim());
        if own
            .values()
            .any(|ids| is_held_by(directory, accounts, &spn, ids))
        {
            asked.ask(name, &event.citation, false);
        }
    }
}

/// Sites of a server that answer to any host name over HTTP.
fn open_sites(server: &WebServer) -> usize {
    let open = |b: &Binding| b.host.is_empty() && b.protocol.to_lowercase().starts_with("http");
    server
        .config
        .sites
        .iter()
        .filter(|s| s.bindings.iter().any(open))
        .count()
}
