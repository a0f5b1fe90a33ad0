//! Joins what the readers found into a case.
//!
//! The order matters and is fixed: machines, accounts and registrations, tickets, artifacts to machines, web servers, the
//! state of machines, endpoints, symptoms. Nothing here depends on the order in which files were listed.

mod collections;
mod copies;
mod endpoints;
mod events;
mod folded_twice;
mod generations;
mod machine_state;
mod machines;
mod objects;
mod places;
mod registrations;
mod repeated;
mod times;
mod traces;
mod unnamed;

use super::{
    Case, Clocks, EtypesSeen, Passing, SpnDirectory, Zone, connections, dumps, hops, iis,
    installed, issued, machine, requests, sessions, symptom, tickets,
};
use crate::bundle::Artifact;
use crate::readers::Readings;
use crate::readers::klist::{KlistRun, Shown};
use endpoints::lay_out;
use events::take_events;
use machine_state::{learn_zones, mark_clients, take_machine_states};
use machines::name_hosts;
use objects::{take_account_tests, take_domain_names, take_objects, take_sessions};
use places::{name_servers, place_artifacts, take_servers};
use registrations::{mark_computers, take_directory_changes, take_setspn};
use times::settle_times;
use traces::{place_traces, take_requests};
use unnamed::name_writers;

/// Builds the case. `zone` is that of machines whose own the bundle does not say.
pub fn assemble(artifacts: &[Artifact], mut readings: Readings, zone: Option<Zone>) -> Case {
    let mut case = Case {
        clocks: Clocks::assuming(zone),
        ..Case::default()
    };
    name_hosts(&mut case, &readings.logs, &readings.consoles);
    let collections = collections::find(artifacts);
    collections::name_hosts(&collections, &mut case.hosts, &mut case.accounts);
    copies::leave_out(&mut readings, artifacts, &collections, &case.hosts);
    case.problems = readings.problems;
    case.redirections = readings.redirections;
    case.config_changes = readings.config_changes;
    let (consoles, mut logs) = (readings.consoles, readings.logs);
    take_requests(&mut case, readings.traces, readings.recordings, &consoles);
    let told_by_logs = requests::name_hosts(&mut case, &readings.web_logs);
    name_writers(&mut case, artifacts, &mut logs);
    learn_zones(&mut case, artifacts, &consoles);
    take_events(&mut case, logs);
    let mut directory = SpnDirectory::default();
    for (_, console) in &consoles {
        take_setspn(&mut case, &mut directory, &console.setspn);
        case.lookups.extend(console.lookups.iter().cloned());
        case.iis.extend(console.iis.iter().cloned());
        case.http_sys.extend(console.http_sys.iter().cloned());
        case.domains.take(console);
        take_domain_names(&mut case.accounts, console);
    }
    directory.http_unmapped = case.domains.unmapped("http");
    take_sessions(&mut case, &consoles);
    take_objects(&mut case, &mut directory, &consoles, &readings.servers);
    take_directory_changes(&mut case, &mut directory);
    for (_, console) in &consoles {
        let (held, attempts) = tickets::collect(&console.klist);
        case.tickets.extend(held);
        case.attempts.extend(attempts);
        take_skews(&mut case, &console.klist);
    }
    mark_computers(&mut case.accounts, &directory);
    name_servers(&mut case, artifacts, &directory, &readings.servers);
    place_artifacts(&mut case, artifacts, &consoles, &collections);
    case.artifact_hosts.extend(told_by_logs);
    take_account_tests(&mut case, &consoles);
    place_traces(&mut case);
    take_servers(&mut case, artifacts, readings.servers);
    generations::settle(&mut case, artifacts, &collections);
    requests::take_logs(&mut case, artifacts, readings.web_logs, readings.http_errs);
    take_machine_states(
        &mut case,
        artifacts,
        &consoles,
        readings.netlogon_logs,
        &collections,
    );
    settle_times(&mut case);
    case.listed_updates = installed::collect(&case);
    mark_clients(&mut case);
    case.situation.directory = directory;
    lay_out(&mut case);
    dumps::leave_out_foreign_searches(&mut case);
    case.accounts.settle_names();
    case.etypes = EtypesSeen::of(&case);
    case.hops = hops::collect(&case);
    sessions::name_users(&mut case);
    case.of_connection = connections::collect(&case);
    case.passing = Passing::new(&case.events);
    case.symptoms = symptom::collect(&case);
    case.situation.directory.issued = issued::collect(&case);
    let between_dumps = dumps::contradictions(&case);
    case.contradictions.extend(between_dumps);
    let of_machines = machine::contradictions(&case);
    case.contradictions.extend(of_machines);
    let of_iis = iis::contradictions(&case);
    case.contradictions.extend(of_iis);
    case
}

fn take_skews(case: &mut Case, runs: &[KlistRun]) {
    for run in runs {
        if let Shown::Tgt(tgt) = &run.shown {
            case.skews.extend(tgt.time_skew_seconds.clone());
        }
    }
}
