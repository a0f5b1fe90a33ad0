//! What is one thing in both bundles: servers, locations, accounts.

use std::collections::BTreeMap;

use super::Side;
use crate::case::{AccountId, Case, Endpoint, ServerId};

/// Both numbers of one thing, each where its bundle has it.
pub(super) type Pair<T> = (Option<T>, Option<T>);

/// The servers of both bundles.
pub(super) struct Pairs {
    /// Each server, by its label in lower case, in the order of the labels.
    pub servers: BTreeMap<String, Pair<ServerId>>,
    /// What is to be known of how they were put together.
    pub remark: Option<String>,
}

impl Pairs {
    /// Servers of one name are one. Where each bundle holds one server, and one of them does not name it, they are one too.
    pub(super) fn of(before: &Side<'_>, after: &Side<'_>) -> Self {
        let mut servers: BTreeMap<String, Pair<ServerId>> = BTreeMap::new();
        let mut remark = None;
        if let ([a], [b]) = (&*before.case.servers, &*after.case.servers)
            && (a.host.is_none() || b.host.is_none())
        {
            let named = if a.host.is_some() { a } else { b };
            let key = named.label.to_lowercase();
            servers.insert(key, (Some(ServerId(0)), Some(ServerId(0))));
            if a.label != b.label {
                remark = Some(format!(
                    "{} and {} are taken for one server: each bundle holds one, and not both name it",
                    a.label, b.label
                ));
            }
            return Self { servers, remark };
        }
        for (id, server) in (0u32..).map(ServerId).zip(&before.case.servers) {
            let pair = servers.entry(server.label.to_lowercase()).or_default();
            pair.0.get_or_insert(id);
        }
        for (id, server) in (0u32..).map(ServerId).zip(&after.case.servers) {
            let pair = servers.entry(server.label.to_lowercase()).or_default();
            pair.1.get_or_insert(id);
        }
        Self { servers, remark }
    }

    /// The server of AFTER that is a server of BEFORE.
    pub(super) fn after_of(&self, before: ServerId) -> Option<ServerId> {
        let mut pairs = self.servers.values();
        pairs.find(|(a, _)| *a == Some(before))?.1
    }
}

/// The locations of a server in lower case, each with its first endpoint: its settings and pool are those of all.
pub(super) fn locations(case: &Case, server: Option<ServerId>) -> BTreeMap<String, &Endpoint> {
    let mut found = BTreeMap::new();
    let endpoints = case.situation.endpoints.iter();
    for endpoint in endpoints.filter(|e| Some(e.server) == server) {
        let location = endpoint.location().to_lowercase();
        found.entry(location).or_insert(endpoint);
    }
    found
}

/// The account of a case that an account of the other case is; added where the case does not know it.
pub(super) fn counterpart(of: &Case, account: AccountId, case: &mut Case) -> AccountId {
    case.accounts.known_elsewhere(of.accounts.get(account))
}
