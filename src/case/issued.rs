//! Which account the KDC took for the holder of a web name while clients failed, where dumps of the directory disagree.
//!
//! A 4769 names the account whose key a ticket was sealed with, and not the name that was asked for. Beside one failure that
//! may be chance; beside each of several, from one address a client, with no ticket for another account that a dump names, it
//! is the ticket that could not be opened, provided that the log would show tickets for each of them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::account::{AccountId, AccountKind, Accounts, Sameness};
use super::attempt::ClientNames;
use super::spn::Spn;
use super::{Case, SpnDirectory};
use crate::evidence::Citation;
use crate::readers::events::{Body, Event};

/// The account that the tickets beside all failures for a name were issued for.
#[derive(Clone, Debug)]
pub struct Issued {
    /// The name.
    pub spn: Spn,
    /// The account.
    pub holder: AccountId,
    /// How many failures.
    pub failures: usize,
    /// The first few of the tickets.
    pub from: Vec<Citation>,
}

impl SpnDirectory {
    /// The tickets that show an account to be the one that the KDC took for the holder.
    pub fn issued_to(&self, holder: AccountId, spn: &Spn, accounts: &Accounts) -> Option<&Issued> {
        let mut issued = self.issued.iter().filter(|i| i.spn == *spn);
        issued.find(|i| accounts.compare(i.holder, holder) == Sameness::Same)
    }
}

/// How far a ticket is from the failure that it led to: it is fetched for that request. Clocks that differ by more tell nothing.
const BESIDE: SignedDuration = SignedDuration::from_secs(5);
/// Failures that are no chance.
const ENOUGH: usize = 3;
/// Names that are looked at.
const NAMES: usize = 64;
/// Tickets that are cited.
const CITED: usize = 3;

/// Tickets for one account, by the address of the client and the time.
type Tickets<'a> = BTreeMap<String, BTreeMap<Timestamp, &'a Event>>;

/// For each web name about whose holder dumps disagree, the account that the tickets name.
pub(super) fn collect(case: &Case) -> Vec<Issued> {
    let directory = &case.situation.directory;
    let mut seen = BTreeSet::new();
    let web = directory.registrations.iter().filter(|r| {
        let denied = || directory.denial(r.holder, &r.spn, &case.accounts).is_some();
        r.spn.has_class("HTTP")
            && !seen.contains(&r.spn.key())
            && denied()
            && seen.insert(r.spn.key())
    });
    let disputed: Vec<&Spn> = web.map(|r| &r.spn).take(NAMES).collect();
    if disputed.is_empty() {
        return Vec::new();
    }
    let log = TicketLog::of(case);
    let names = case.client_names();
    let decided = disputed
        .iter()
        .filter_map(|spn| log.decide(case, &names, spn));
    decided.collect()
}

/// The tickets that domain controllers log: those for each account, under its name and the domain of the controller.
struct TicketLog<'a> {
    of: BTreeMap<(String, Option<String>), Tickets<'a>>,
    /// The first and the last ticket that controllers of each domain log.
    spans: BTreeMap<Option<String>, (Timestamp, Timestamp)>,
}

impl<'a> TicketLog<'a> {
    fn of(case: &'a Case) -> Self {
        let mut log = Self {
            of: BTreeMap::new(),
            spans: BTreeMap::new(),
        };
        let issued = case.pick(|body| match body {
            Body::ServiceTicketRequest(e) if e.status == Some(0) => Some(e),
            _ => None,
        });
        for (event, ticket) in issued {
            let domain = event.computer.split_once('.');
            let domain = domain.map(|(_, domain)| domain.to_lowercase());
            let span = log.spans.entry(domain.clone());
            let span = span.or_insert((event.time, event.time));
            *span = (span.0.min(event.time), span.1.max(event.time));
            // With constrained delegation it is the web server that asks.
            let (Some(service), Some(ip), None) = (
                &ticket.service_name,
                &ticket.ip,
                &ticket.transmitted_services,
            ) else {
                continue;
            };
            let of_it = log.of.entry((service.clone(), domain)).or_default();
            let at = of_it.entry(ClientNames::plain(ip)).or_default();
            at.extend(event.times().map(|time| (time, event)));
        }
        log
    }

    /// The tickets for an account.
    fn tickets(&self, case: &Case, holder: AccountId) -> Vec<&Tickets<'a>> {
        let named = |(name, domain): &(String, Option<String>)| {
            case.accounts.is_named(holder, name, domain.as_deref()) == Sameness::Same
        };
        let of = self.of.iter();
        of.filter(|(account, _)| named(account))
            .map(|(_, tickets)| tickets)
            .collect()
    }

    /// Whether the log of a domain covers a time.
    fn covers(&self, time: Timestamp) -> bool {
        self.spans.values().any(|span| covers(*span, time))
    }

    /// Whether tickets for an account would be seen: controllers of its domain write them, and no others do.
    fn sees(&self, case: &Case, account: AccountId, times: &[Timestamp]) -> bool {
        let own = case.accounts.get(account).domain.as_deref();
        let is_own = |domain: &Option<String>| {
            let same = case.accounts.same_domain(own, domain.as_deref());
            own.is_none()
                || domain.is_none()
                || !matches!(same, Sameness::Different | Sameness::PresumedDifferent)
        };
        let mut spans = self.spans.iter().filter(|(domain, _)| is_own(domain));
        spans.any(|(_, span)| times.iter().all(|time| covers(*span, *time)))
    }

    fn decide(&self, case: &Case, names: &ClientNames, spn: &Spn) -> Option<Issued> {
        let key = spn.key();
        let mut clients: BTreeMap<&str, Client> = BTreeMap::new();
        for (event, _) in case.mismatch_events(&key) {
            if self.covers(event.time) {
                let client = clients.entry(&event.computer).or_default();
                client.failures.push(event.time);
            }
        }
        for (name, client) in &mut clients {
            client.addresses = names.addresses_of(name).collect();
        }
        // One failure of a client at an unknown address is beside the ticket of anybody.
        clients.retain(|_, c| !c.addresses.is_empty() || c.failures.len() >= ENOUGH);
        let failures = clients.values().map(|c| c.failures.len()).sum();
        if failures < ENOUGH {
            return None;
        }
        let times = clients.values().flat_map(|client| &client.failures);
        let ends = [times.clone().min(), times.max()];
        let times: Vec<Timestamp> = ends.into_iter().flatten().copied().collect();
        let holders = case.situation.directory.holders(spn, &case.accounts).shown;
        if !(holders.iter()).all(|holder| self.sees(case, holder.account, &times)) {
            return None;
        }
        let mut decided = None;
        for holder in holders {
            let tickets = self.tickets(case, holder.account);
            let beside = clients.values().flat_map(|client| client.beside(&tickets));
            let beside: Vec<&Event> = beside.collect();
            if beside.is_empty() {
                continue;
            }
            // A computer is asked for more names than any list shows.
            let computer = case.accounts.get(holder.account).kind == AccountKind::Computer;
            if beside.len() < failures || computer || decided.is_some() {
                return None;
            }
            let from = beside.iter().take(CITED).map(|e| e.citation.clone());
            decided = Some(Issued {
                spn: spn.clone(),
                holder: holder.account,
                failures,
                from: from.collect(),
            });
        }
        decided
    }
}

/// Whether what was written from one time to another covers a time.
fn covers((first, last): (Timestamp, Timestamp), time: Timestamp) -> bool {
    first <= time + BESIDE && time - BESIDE <= last
}

/// A client, with the times of its failures.
#[derive(Default)]
struct Client<'a> {
    failures: Vec<Timestamp>,
    /// Where they are known.
    addresses: BTreeSet<&'a String>,
}

impl Client<'_> {
    /// A ticket beside each failure that has one, all for one address. An unknown one is that which most failures agree on.
    fn beside<'t>(&self, tickets: &[&Tickets<'t>]) -> Vec<&'t Event> {
        let own = |ip: &String| self.addresses.is_empty() || self.addresses.contains(ip);
        let addresses = tickets.iter().flat_map(|tickets| tickets.iter());
        let at_each = addresses
            .filter(|(ip, _)| own(ip))
            .map(|(_, at)| self.beside_at(at));
        at_each.max_by_key(Vec::len).unwrap_or_default()
    }

    /// None where the address gets tickets all the time.
    fn beside_at<'t>(&self, at: &BTreeMap<Timestamp, &'t Event>) -> Vec<&'t Event> {
        let near = |time: &Timestamp| at.range(*time - BESIDE..=*time + BESIDE).next();
        let beside: Vec<&Event> = self
            .failures
            .iter()
            .filter_map(near)
            .map(|(_, e)| *e)
            .collect();
        let (Some(first), Some(last)) = (self.failures.iter().min(), self.failures.iter().max())
        else {
            return beside;
        };
        match at.range(*first - BESIDE..=*last + BESIDE).count() <= 2 * beside.len() {
            true => beside,
            false => Vec::new(),
        }
    }
}
