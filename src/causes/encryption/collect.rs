//! Where the accounts that the KDC had no encryption type for are gathered, from its own records and from the answers that were
//! seen, each account once.

use std::collections::{BTreeMap, BTreeSet};

use super::refused::{Refused, Why};
use crate::case::{AccountId, Case, Sameness, Spn, Symptom, SymptomKind, split_name};
use crate::causes::{Scene, View};
use crate::codes::EtypeSet;
use crate::evidence::{Cited, Known};
use crate::readers::events::{Body, Event, ServiceTicketRequest};

/// Ids of the KDC for a request that failed.
const BLOCKED: [u32; 8] = [14, 16, 26, 27, 203, 204, 208, 209];
/// Ids of the KDC for one that will fail.
const AUDITED: [u32; 4] = [201, 202, 206, 207];

/// The accounts, in the order of their names.
pub(in crate::causes) fn collect<'a>(scene: &Scene<'a>) -> Vec<Refused<'a>> {
    let case = scene.case;
    let mut found = Found::of(case);
    let kdc = case.pick(|body| match body {
        Body::Kdc(e) if BLOCKED.contains(&e.id) || AUDITED.contains(&e.id) => Some(e),
        _ => None,
    });
    let mut relevance: BTreeMap<AccountId, bool> = BTreeMap::new();
    let mut matters = |account| {
        let known = relevance.entry(account);
        *known.or_insert_with(|| serves_or_fails(scene, account))
    };
    for (event, e) in kdc {
        let Some(name) = e.sealed_for().filter(|name| !is_krbtgt(name)) else {
            continue;
        };
        let target = e
            .name
            .as_deref()
            .filter(|name| is_web(name))
            .map(of_principal);
        let realm = event.domain();
        let account = match name.contains('/') {
            true => holder(case, &of_principal(&name)),
            false => found.named(&name, realm.as_deref()),
        };
        if target.is_none() && !account.is_some_and(&mut matters) {
            continue;
        }
        let at = found.entry(account, realm, &name);
        found.note(at, target.map(|spn| spn.key()));
        let Some(entry) = found.all.get_mut(at) else {
            continue;
        };
        if let Some(asked) = e.requested() {
            entry.requested = Some(entry.requested.unwrap_or_default().or(asked));
        }
        if let (14 | 16 | 26 | 27, Some(keys)) = (e.id, e.keys()) {
            entry.keys = Known::Present(Cited::new(keys, event.citation.clone()));
        }
        match BLOCKED.contains(&e.id) {
            true => entry.blocked.push((event, e)),
            false => entry.audited.push((event, e)),
        }
    }
    for (event, e) in denied(case) {
        let Some(name) = e.service_name.as_deref().filter(|name| is_account(name)) else {
            continue;
        };
        let realm = event.domain();
        let account = found.named(name, realm.as_deref());
        if !account.is_some_and(&mut matters) {
            continue;
        }
        let at = found.entry(account, realm, name);
        if let Some(entry) = found.all.get_mut(at) {
            if let Some(asked) = e.etypes.client {
                entry.requested = Some(entry.requested.unwrap_or_default().or(asked));
            }
            entry.denied.push(event);
        }
    }
    let errors = scene.symptoms(|k| matches!(k, SymptomKind::KerberosError(_, 0xE)));
    for (id, symptom) in errors {
        let Some(key) = symptom.spn() else { continue };
        let at = match found.by_spn.get(key) {
            Some(at) => *at,
            None => {
                let spn = Spn::of_key(key);
                found.entry(holder(case, &spn), None, spn.as_str())
            }
        };
        found.note(at, Some(key.to_owned()));
        if let Some(entry) = found.all.get_mut(at) {
            entry.symptoms.push((id, symptom));
        }
    }
    let asked = asked_by_clients(case);
    let mut all = found.all;
    for refused in &mut all {
        let clients = refused.spns.iter().filter_map(|spn| asked.get(spn));
        let clients = clients.copied().reduce(EtypeSet::or);
        refused.requested = match (refused.requested, clients) {
            (Some(noted), Some(clients)) => Some(noted.or(clients)),
            (noted, clients) => noted.or(clients),
        };
        if let (true, Some(account)) = (refused.keys.is_unknown(), refused.account) {
            refused.keys = case.keys_of(account);
        }
        refused.why = refused.reason(case);
    }
    all.sort_by_cached_key(|refused| {
        let name = refused.account.map(|a| case.accounts.get(a).bare_name());
        (
            name.unwrap_or_else(|| refused.shown.clone()).to_lowercase(),
            refused.shown.clone(),
        )
    });
    all
}

/// What clients asked for, by the key of the SPN, as the audit shows it (4769 of version 2).
fn asked_by_clients(case: &Case) -> BTreeMap<String, EtypeSet> {
    let mut by_spn: BTreeMap<String, EtypeSet> = BTreeMap::new();
    for (_, e) in denied(case) {
        if let (Some(name), Some(client)) = (&e.service_name, e.etypes.client) {
            let types = by_spn.entry(Spn::new(name).key()).or_default();
            *types = types.or(client);
        }
    }
    by_spn
}

/// Requests that a KDC had no encryption type for, as the audit shows them.
fn denied(case: &Case) -> impl Iterator<Item = (&Event, &ServiceTicketRequest)> {
    case.pick(|body| match body {
        Body::ServiceTicketRequest(e) if e.status == Some(0xE) => Some(e),
        _ => None,
    })
}

/// The accounts while they are collected. Equal names in two domains are two accounts.
struct Found<'a> {
    case: &'a Case,
    /// The accounts of the case by their names, in lower case and without `$`.
    accounts: BTreeMap<String, Vec<AccountId>>,
    all: Vec<Refused<'a>>,
    /// Where each stands in `all`: by the account, or by the realm of the KDC and the name.
    places: BTreeMap<(Option<AccountId>, Option<String>, String), usize>,
    by_name: BTreeMap<String, Vec<usize>>,
    by_spn: BTreeMap<String, usize>,
}

impl<'a> Found<'a> {
    fn of(case: &'a Case) -> Self {
        let mut accounts: BTreeMap<String, Vec<AccountId>> = BTreeMap::new();
        for (id, account) in case.accounts.iter() {
            let name = account.bare_name().to_lowercase();
            let bare = name.trim_end_matches('$').to_owned();
            accounts.entry(bare).or_default().push(id);
        }
        Self {
            case,
            accounts,
            all: Vec::new(),
            places: BTreeMap::new(),
            by_name: BTreeMap::new(),
            by_spn: BTreeMap::new(),
        }
    }

    /// The one account of this name in the domain of a KDC.
    fn named(&self, name: &str, realm: Option<&str>) -> Option<AccountId> {
        let (domain, sam) = split_name(name);
        let domain = domain.or_else(|| realm.map(str::to_lowercase));
        let mut named = self
            .accounts
            .get(sam.trim_end_matches('$'))?
            .iter()
            .copied();
        named.find(|id| {
            let account = self.case.accounts.get(*id);
            let own = account.domain.as_deref();
            (account.sam.is_none() || account.bare_name().to_lowercase() == sam)
                && self.case.accounts.same_domain(own, domain.as_deref()) == Sameness::Same
        })
    }

    /// Where an account stands, or a name that a KDC of this realm wrote.
    fn entry(&mut self, account: Option<AccountId>, realm: Option<String>, name: &str) -> usize {
        let accounts = &self.case.accounts;
        let bare = match account {
            Some(account) => accounts.get(account).bare_name().to_lowercase(),
            None => name.to_lowercase(),
        };
        let key = (account, realm.filter(|_| account.is_none()), bare.clone());
        if let Some(at) = self.places.get(&key) {
            return *at;
        }
        // One account may have two ids here, by two spellings.
        let homonyms = self.by_name.entry(bare).or_default();
        let is_one = |at: &&usize| {
            let other = self.all.get(**at).and_then(|r| r.account);
            let both = other.zip(account);
            both.is_some_and(|(a, b)| accounts.compare(a, b) == Sameness::Same)
        };
        let at = match homonyms.iter().find(is_one) {
            Some(at) => *at,
            None => {
                let shown = account.map(|a| accounts.get(a).shown.clone());
                self.all.push(Refused {
                    account,
                    shown: shown.unwrap_or_else(|| name.to_owned()),
                    spns: BTreeSet::new(),
                    symptoms: Vec::new(),
                    blocked: Vec::new(),
                    audited: Vec::new(),
                    denied: Vec::new(),
                    requested: None,
                    keys: Known::Unknown,
                    why: Why::NotShown,
                });
                homonyms.push(self.all.len() - 1);
                self.all.len() - 1
            }
        };
        self.places.insert(key, at);
        at
    }

    /// Notes an SPN of an entry.
    fn note(&mut self, at: usize, spn: Option<String>) {
        if let (Some(spn), Some(entry)) = (spn, self.all.get_mut(at)) {
            self.by_spn.entry(spn.clone()).or_insert(at);
            entry.spns.insert(spn);
        }
    }
}

/// Whether a service is named by its account.
fn is_account(name: &str) -> bool {
    !name.contains('/') && !is_krbtgt(name)
}

fn is_krbtgt(name: &str) -> bool {
    let name = split_name(name).1;
    name == "krbtgt" || name.starts_with("krbtgt/") || name.starts_with("krbtgt_")
}

/// The SPN of a principal that may have its realm behind it.
fn of_principal(name: &str) -> Spn {
    Spn::new(name.split('@').next().unwrap_or(name))
}

fn is_web(name: &str) -> bool {
    let spn = of_principal(name);
    spn.has_class("HTTP") || spn.has_class("HOST")
}

/// The one account that holds an SPN, through HOST where nobody holds it itself.
fn holder(case: &Case, spn: &Spn) -> Option<AccountId> {
    match crate::negotiate::lookup(&case.situation.directory, &case.accounts, spn) {
        crate::negotiate::Answer::Ticket { holder, .. } => Some(holder.account),
        _ => None,
    }
}

/// Whether an account opens tickets of a site, holds a web name, or is a user who was seen at a web server.
fn serves_or_fails(scene: &Scene<'_>, account: AccountId) -> bool {
    let case = scene.case;
    let opens = |v: &View<'_>| {
        let acceptor = v.acceptor_account(case).or_else(|| v.pool_account());
        acceptor.is_some_and(|a| scene.same(a, account))
    };
    let mut held = case.situation.directory.of_account(account, &case.accounts);
    let name = case.accounts.get(account).bare_name().to_lowercase();
    let is = |p: &String| {
        split_name(p).1 == name && case.accounts.is_named(account, p, None) != Sameness::Different
    };
    let met = |s: &Symptom| s.principals.iter().any(is);
    scene.views.iter().any(opens)
        || held.any(|r| r.spn.has_class("HTTP"))
        || case.symptoms.iter().any(met)
}
