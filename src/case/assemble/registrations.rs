//! Who holds which SPN, from setspn runs and directory-change events, and which accounts that makes computers.

use std::collections::{BTreeMap, BTreeSet};

use crate::case::account::{AccountKind, common_name};
use crate::case::directory::{Closed, Covered, DuplicateSearch, Search};
use crate::case::{Accounts, Case, Spn, SpnDirectory};
use crate::evidence::Citation;
use crate::readers::events::Body;
use crate::readers::setspn::{Mode, Outcome, Scope, SetspnRun};

/// Registrations and searches of setspn runs, in the order of the console: a later change supersedes an earlier answer.
pub(super) fn take_setspn(case: &mut Case, directory: &mut SpnDirectory, runs: &[SetspnRun]) {
    for run in runs {
        let mut from = vec![run.from.clone()];
        from.extend(run.ended.clone());
        for scope in &run.scopes {
            if let Scope::Domain(domain) | Scope::Forest(domain) = scope {
                case.accounts.meet(Some(domain));
            }
        }
        let mut holders = Vec::new();
        let mut shows = Vec::new();
        for holder in &run.holders {
            let id = case.accounts.by_dn(&holder.dn.value);
            holders.push(id);
            if run.mode == Mode::List
                && let Some(target) = &run.target
            {
                case.accounts.link_dn(id, target);
            }
            for spn in &holder.spns {
                let Some(at) = spn.from.first() else { continue };
                let value = Spn::new(&spn.value);
                shows.push((value.key(), id));
                directory.add(value, id, at.clone());
            }
        }
        if let (Mode::Delete, Outcome::Updated, Some(change)) =
            (run.mode, &run.outcome, &run.change)
        {
            let id = case.accounts.by_dn(&change.dn.value);
            for spn in &change.spns {
                directory.remove(&Spn::new(&spn.value), id, &case.accounts);
            }
        }
        match (&run.mode, &run.outcome) {
            (Mode::List, Outcome::Listed) => {
                directory
                    .listed
                    .extend(holders.first().map(|id| (*id, run.from.clone())));
                directory.closed.extend(holders.first().map(|id| Closed {
                    covers: Covered::Account(*id),
                    shows,
                    from,
                }));
            }
            (Mode::Query, Outcome::Found | Outcome::NotFound) if fits_its_end(run) => {
                let pattern = run.target.clone().unwrap_or_default().to_lowercase();
                for scope in &run.scopes {
                    directory.closed.push(Closed {
                        covers: Covered::Pattern(pattern.clone(), scope.clone()),
                        shows: shows.clone(),
                        from: from.clone(),
                    });
                    directory.searches.push(Search {
                        pattern: pattern.clone(),
                        scope: scope.clone(),
                        from: from.clone(),
                        found: run.outcome == Outcome::Found,
                    });
                }
            }
            (Mode::Duplicates, Outcome::DuplicateGroups(groups)) => {
                for scope in &run.scopes {
                    directory.duplicate_searches.push(DuplicateSearch {
                        scope: scope.clone(),
                        groups: *groups,
                        from: from.clone(),
                    });
                }
            }
            (Mode::Add | Mode::AddUnchecked, Outcome::Updated) => {
                for (key, holder) in shows {
                    directory.supersede(&Spn::of_key(&key), holder);
                }
                let added: Vec<String> = run
                    .holders
                    .iter()
                    .flat_map(|h| &h.spns)
                    .map(|s| s.value.to_lowercase())
                    .collect();
                directory
                    .searches
                    .retain(|s| s.found || !added.contains(&s.pattern));
            }
            _ => {}
        }
        case.setspn_runs.push(run.clone());
    }
}

/// Whether what a search for one name printed fits how it ended: somebody is shown who holds the name, or nobody at all. An
/// output that was damaged on its way proves nothing absent.
fn fits_its_end(run: &SetspnRun) -> bool {
    let Some(target) = run.target.as_deref().filter(|target| !target.contains('*')) else {
        return true;
    };
    let target = Spn::new(target);
    let mut shown = run.holders.iter().flat_map(|holder| &holder.spns);
    match run.outcome {
        Outcome::Found => shown.any(|spn| Spn::new(&spn.value) == target),
        _ => run.holders.is_empty(),
    }
}

/// Registrations that directory-change events (5136, 4742) show, unless a later event takes them back.
pub(super) fn take_directory_changes(case: &mut Case, directory: &mut SpnDirectory) {
    let mut latest: BTreeMap<(String, String), (bool, String, Citation)> = BTreeMap::new();
    for event in &case.events {
        let Body::DirectoryChanged(change) = &event.body else {
            continue;
        };
        let is_spn = change
            .attribute
            .as_deref()
            .is_some_and(|a| a.eq_ignore_ascii_case("servicePrincipalName"));
        if let (true, Some(dn), Some(value), Some(added)) =
            (is_spn, &change.object_dn, &change.value, change.added)
        {
            latest.insert(
                (dn.to_lowercase(), value.to_lowercase()),
                (added, dn.clone(), event.citation.clone()),
            );
        }
    }
    for ((_, value), (added, dn, citation)) in latest {
        let holder = case.accounts.by_dn(&dn);
        let spn = Spn::new(&value);
        // A dump of the directory was taken after the fact and says more than the event.
        if added && directory.holds(holder, &spn, &case.accounts).is_unknown() {
            directory.add(spn, holder, citation);
        }
    }
}

/// Accounts that hold what only computers hold are computers.
pub(super) fn mark_computers(accounts: &mut Accounts, directory: &SpnDirectory) {
    let mut computers = BTreeSet::new();
    for registration in &directory.registrations {
        let Some(cn) = accounts
            .get(registration.holder)
            .dn
            .as_deref()
            .and_then(common_name)
        else {
            continue;
        };
        let host = registration.spn.host();
        let own = host.split('.').next().unwrap_or("") == cn.to_lowercase();
        if registration.spn.has_class("RestrictedKrbHost")
            || (registration.spn.has_class("HOST") && own)
        {
            computers.insert(registration.holder);
        }
    }
    for id in computers {
        accounts.set_kind(id, AccountKind::Computer);
    }
}
