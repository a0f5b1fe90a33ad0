//! The machines of a case: who wrote an event, who stands in a remoting prompt, whose ticket cache or state is shown.

use std::collections::BTreeSet;

use super::machine_state::{hosts_named, named_machines};
use crate::case::Case;
use crate::evidence::ArtifactId;
use crate::readers::console::ConsoleRecords;
use crate::readers::directory::ObjectClass;
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
        names.extend(hosts_of_iis(console).map(str::to_owned));
        names.extend(hosts_named(console).map(str::to_owned));
        let of_states = named_machines(&console.machine, &names);
        names.extend(of_states);
    }
    names.extend(full_names(&names, consoles));
    // Longer names first, so that a short one joins the fully qualified one and not the other way round.
    let mut names: Vec<String> = names.into_iter().collect();
    names.sort_by_key(|n| (!n.contains('.'), n.to_lowercase()));
    for name in names {
        let _ = case.hosts.named(&name, &mut case.accounts);
    }
}

/// The full names that `gpresult` and listings of the directory give machines, of the latter only for machines that are
/// known by their short names: a listing has the computers of a whole domain.
fn full_names(known: &BTreeSet<String>, consoles: &[(ArtifactId, ConsoleRecords)]) -> Vec<String> {
    let short = |name: &str| name.split('.').next().unwrap_or_default().to_lowercase();
    let full: BTreeSet<String> = known
        .iter()
        .filter(|name| name.contains('.'))
        .map(|name| short(name))
        .collect();
    let mut bare: BTreeSet<String> = known.iter().map(|name| short(name)).collect();
    let mut found = Vec::new();
    for (_, console) in consoles {
        for result in &console.policies {
            let Some(computer) = &result.computer else {
                continue;
            };
            let dn = result.computer_dn.as_ref();
            let domain = dn.and_then(|dn| crate::case::dn_domain(&dn.value));
            bare.insert(short(&computer.value));
            if !full.contains(&short(&computer.value)) {
                found.push(match domain {
                    Some(domain) => format!("{}.{domain}", computer.value),
                    None => computer.value.clone(),
                });
            }
        }
    }
    let objects = consoles
        .iter()
        .flat_map(|(_, console)| &console.directory.objects);
    for object in objects {
        let computer = object
            .class
            .as_ref()
            .is_some_and(|c| c.value == ObjectClass::Computer);
        if let (true, Some(name)) = (computer, &object.dns_host_name) {
            let short = short(&name.value);
            if name.value.contains('.') && bare.contains(&short) && !full.contains(&short) {
                found.push(name.value.clone());
            }
        }
    }
    found
}

/// The machines that the state of IIS or http.sys is that of.
pub(super) fn hosts_of_iis(console: &ConsoleRecords) -> impl Iterator<Item = &str> {
    let iis = console.iis.iter().filter_map(|fact| fact.host.as_deref());
    iis.chain(
        console
            .http_sys
            .iter()
            .filter_map(|fact| fact.host.as_deref()),
    )
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
