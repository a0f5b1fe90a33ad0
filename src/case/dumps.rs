//! What dumps of the directory are worth that were taken in another domain, or at another time than their neighbours.

use std::collections::BTreeSet;

use super::{AccountId, Case, Contradiction, Sameness, objects};
use crate::readers::setspn::Scope;

/// A search of one domain that found nothing proves nothing where the web servers and their pool accounts are shown to be
/// in others: the accounts that should hold the name were not searched.
pub(super) fn leave_out_foreign_searches(case: &mut Case) {
    let accounts = &case.accounts;
    let mut own: BTreeSet<AccountId> = BTreeSet::new();
    for endpoint in &case.situation.endpoints {
        own.extend(endpoint.host.map(|host| case.hosts.get(host).machine));
        own.extend(endpoint.pool.as_ref().and_then(|p| p.identity.account()));
    }
    // Only a distinguished name shows the domain: a host name may end in another suffix.
    let homes: BTreeSet<&str> = accounts
        .iter()
        .filter(|(_, a)| a.dn.is_some())
        .filter(|(id, _)| {
            own.iter()
                .any(|o| accounts.compare(*o, *id) == Sameness::Same)
        })
        .filter_map(|(_, a)| a.domain.as_deref())
        .collect();
    if !homes.is_empty() {
        case.situation
            .directory
            .searches
            .retain(|s| match &s.scope {
                Scope::Domain(domain) => s.found || homes.contains(domain.as_str()),
                _ => true,
            });
    }
}

/// Dumps that disagree about who holds a web name.
pub(super) fn contradictions(case: &Case) -> Vec<Contradiction> {
    let directory = &case.situation.directory;
    let mut seen = BTreeSet::new();
    let mut none = BTreeSet::new();
    let mut found: Vec<Contradiction> = directory
        .registrations
        .iter()
        .filter(|r| r.spn.has_class("HTTP") && seen.insert(r.spn.key()))
        .filter_map(|r| {
            let (mut from, registration) = directory.disagreement(&r.spn, &case.accounts)?;
            none.insert(r.spn.key());
            from.push(registration);
            Some(Contradiction {
                says: format!(
                    "one output says that nobody holds {}, another shows it on an account: they were taken at different times, or against different domain controllers",
                    r.spn
                ),
                from,
            })
        })
        .collect();
    let mut told = BTreeSet::new();
    for r in directory
        .registrations
        .iter()
        .filter(|r| r.spn.has_class("HTTP"))
    {
        let Some(denial) = directory.denial(r.holder, &r.spn, &case.accounts) else {
            continue;
        };
        if !none.contains(&r.spn.key()) && told.insert((r.spn.key(), r.holder)) {
            let mut from = denial.from.clone();
            from.push(r.from.clone());
            found.push(Contradiction {
                says: format!(
                    "one output shows {} on {}, another that covers it does not: they were taken at different times, or against different domain controllers",
                    r.spn,
                    case.accounts.get(r.holder).shown
                ),
                from,
            });
        }
    }
    found.extend(objects::contradictions(case));
    found
}
