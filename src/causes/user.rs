//! A user by account name and domain: two domains may have one account name each.

use std::collections::BTreeMap;

use crate::case::{Accounts, Case, Sameness, split_name};
use crate::evidence::Citation;
use crate::readers::events::Body;

/// Domains in which one account name is told apart.
pub(super) const DOMAINS: usize = 16;

/// A user as an event or an output spells the name, in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Named {
    /// Account name.
    pub(super) sam: String,
    /// Domain, where one is given.
    pub(super) domain: Option<String>,
}

impl Named {
    /// The user of a name, with its domain where the name itself holds none.
    pub(super) fn of(name: &str, domain: Option<&str>) -> Self {
        let (within, sam) = split_name(name);
        Self {
            sam,
            domain: within.or_else(|| domain.map(str::to_lowercase)),
        }
    }

    /// Whether two are one user.
    pub(super) fn compare(&self, other: &Self, accounts: &Accounts) -> Sameness {
        if self.sam != other.sam {
            return Sameness::Different;
        }
        accounts.same_domain(self.domain.as_deref(), other.domain.as_deref())
    }

    /// Whether two are surely one user.
    pub(super) fn is(&self, other: &Self, accounts: &Accounts) -> bool {
        self.compare(other, accounts) == Sameness::Same
    }
}

/// Users to whom domain controllers gave a ticket-granting ticket (4768 with 0x0), by account name: their password is right.
pub(super) struct Granted<'a>(BTreeMap<String, Vec<(Named, &'a Citation)>>);

impl<'a> Granted<'a> {
    /// Those who gave a name of this kind.
    pub(super) fn of(case: &'a Case, is_meant: impl Fn(&str) -> bool) -> Self {
        let mut users: BTreeMap<String, Vec<(Named, &'a Citation)>> = BTreeMap::new();
        for event in &case.events {
            let Body::TgtRequest(e) = &event.body else {
                continue;
            };
            let name = e.client.name.as_deref().filter(|name| is_meant(name));
            if let (Some(0), Some(name)) = (e.status, name) {
                let user = Named::of(name, e.client.domain.as_deref());
                let namesakes = users.entry(user.sam.clone()).or_default();
                if namesakes.len() < DOMAINS && !namesakes.iter().any(|(known, _)| *known == user) {
                    namesakes.push((user, &event.citation));
                }
            }
        }
        Self(users)
    }

    /// A ticket that was surely given to this user.
    pub(super) fn to(&self, user: &Named, accounts: &Accounts) -> Option<&'a Citation> {
        let namesakes = self.0.get(&user.sam)?;
        let his = namesakes.iter().find(|(known, _)| known.is(user, accounts));
        his.map(|(_, at)| *at)
    }
}
