//! Joins what the readers found into a case.
//!
//! The order matters and is fixed: machines, artifacts to machines, accounts and registrations, web servers, tickets,
//! endpoints, symptoms. Nothing here depends on the order in which files were listed.

mod endpoints;
mod events;
mod machines;
mod places;
mod registrations;

use std::collections::BTreeSet;

use super::{Case, Contradiction, SpnDirectory, symptom, tickets};
use crate::bundle::Artifact;
use crate::readers::Readings;
use crate::readers::klist::{KlistRun, Shown};
use endpoints::lay_out;
use events::take_events;
use machines::name_hosts;
use places::{name_servers, place_artifacts, take_servers};
use registrations::{
    leave_out_foreign_searches, mark_computers, take_directory_changes, take_setspn,
};

/// Builds the case.
pub fn assemble(artifacts: &[Artifact], readings: Readings) -> Case {
    let mut case = Case {
        problems: readings.problems,
        redirections: readings.redirections,
        ..Case::default()
    };
    let consoles = readings.consoles;
    name_hosts(&mut case, &readings.logs, &consoles);
    take_events(&mut case, readings.logs);
    let mut directory = SpnDirectory::default();
    for (_, console) in &consoles {
        take_setspn(&mut case, &mut directory, &console.setspn);
        case.lookups.extend(console.lookups.iter().cloned());
    }
    take_directory_changes(&mut case, &mut directory);
    for (_, console) in &consoles {
        let (held, attempts) = tickets::collect(&console.klist);
        case.tickets.extend(held);
        case.attempts.extend(attempts);
        take_skews(&mut case, &console.klist);
    }
    mark_computers(&mut case.accounts, &directory);
    name_servers(&mut case, artifacts, &directory, &readings.servers);
    place_artifacts(&mut case, artifacts, &consoles);
    take_servers(&mut case, artifacts, readings.servers);
    case.situation.directory = directory;
    lay_out(&mut case);
    leave_out_foreign_searches(&mut case);
    case.accounts.settle_names();
    case.symptoms = symptom::collect(&case);
    case.contradictions = contradictions(&case);
    case
}

fn take_skews(case: &mut Case, runs: &[KlistRun]) {
    for run in runs {
        if let Shown::Tgt(tgt) = &run.shown {
            case.skews.extend(tgt.time_skew_seconds.clone());
        }
    }
}

/// Dumps that disagree about who holds a web name.
fn contradictions(case: &Case) -> Vec<Contradiction> {
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
                    "one setspn output says that nobody holds {}, another shows it on an account: they were taken at different times, or against different domain controllers",
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
                    "one setspn output shows {} on {}, another that covers it does not: they were taken at different times, or against different domain controllers",
                    r.spn,
                    case.accounts.get(r.holder).shown
                ),
                from,
            });
        }
    }
    found
}
