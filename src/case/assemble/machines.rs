//! The machines of a case: who wrote an event, who stands in a remoting prompt, whose ticket cache or state is shown.

use std::collections::BTreeSet;

use super::machine_state::{hosts_named, named_machines};
use crate::case::Case;
use crate::evidence::ArtifactId;
use crate::readers::console::ConsoleRecords;
use crate::readers::events::EventLog;
use crate::readers::klist::{KlistRun, Shown};

/// Every machine that wrote an event, stands in a remoting prompt or has its state shown, and the NetBIOS names of their domains.
pub(super) fn name_hosts(
    case: &mut Case,
    logs: &[(ArtifactId, EventLog)],
    consoles: &[(ArtifactId, ConsoleRecords)],
) {
    let mut names = BTreeSet::new();
    for (_, log) in logs {
        names.extend(log.spans.iter().map(|s| s.computer.to_string()));
    }
    for (_, console) in consoles {
        names.extend(console.setspn.iter().filter_map(|r| r.host.clone()));
        names.extend(console.klist.iter().filter_map(|r| r.host.clone()));
        names.extend(console.klist.iter().filter_map(machine_of_cache));
        names.extend(hosts_named(console).map(str::to_owned));
        names.extend(named_machines(&console.machine));
    }
    // Longer names first, so that a short one joins the fully qualified one and not the other way round.
    let mut names: Vec<String> = names.into_iter().collect();
    names.sort_by_key(|n| (!n.contains('.'), n.to_lowercase()));
    for name in names {
        let _ = case.hosts.named(&name, &mut case.accounts);
    }
}

/// The machine whose own ticket cache a klist run shows: the client of a cache of session 0x3e7 or 0x3e4 ends in `$`.
pub(super) fn machine_of_cache(run: &KlistRun) -> Option<String> {
    let Shown::Cache(cache) = &run.shown else {
        return None;
    };
    let session = cache
        .targeted_logon_id
        .as_ref()
        .or(cache.logon_id.as_ref())?;
    if !matches!(
        session.to_lowercase().trim_start_matches("0:"),
        "0x3e7" | "0x3e4"
    ) {
        return None;
    }
    let ticket = cache.tickets.first()?;
    let name = ticket.client.strip_suffix('$')?;
    Some(format!("{name}.{}", ticket.client_realm.to_lowercase()))
}
