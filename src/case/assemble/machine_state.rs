//! What outputs say about machines, put to the machine each is about: the one it names itself, else the one of its prompt,
//! else the one its file came from, else the only machine whose files lie in the same folder.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::DateTime;

use super::collections::{self, Collection};
use crate::bundle::Artifact;
use crate::case::host::{HostId, Role};
use crate::case::{Case, MachineState, Zone};
use crate::evidence::ArtifactId;
use crate::readers::console::ConsoleRecords;
use crate::readers::group_policy::PolicyResult;
use crate::readers::machine::{Fact, MachineFact};
use crate::readers::netlogon_log::NetlogonLog;
use crate::readers::registry::{Extent, Key, RegistryKey, RegistryValue, Setting};

/// The names of the machines that an output is about, the name of their domain added where the same output has it.
pub(super) fn named_machines(facts: &[MachineFact]) -> BTreeSet<String> {
    let suffixes: BTreeMap<&str, &str> = facts
        .iter()
        .filter_map(|fact| match &fact.fact {
            Fact::DnsSuffix(suffix) | Fact::Domain(suffix) if suffix.contains('.') => {
                Some((fact.host.as_deref()?, suffix.as_str()))
            }
            _ => None,
        })
        .collect();
    facts
        .iter()
        .filter_map(|fact| fact.host.as_deref())
        .map(|host| match suffixes.get(host) {
            Some(suffix) if !host.contains('.') => format!("{host}.{suffix}"),
            _ => host.to_owned(),
        })
        .collect()
}

/// Every machine that the records of a console file name, besides tickets and registrations.
pub(super) fn hosts_named(console: &ConsoleRecords) -> impl Iterator<Item = &str> {
    let facts = console.machine.iter().map(|fact| &fact.host);
    let keys = console.registry.iter().map(|key| &key.host);
    let rights = console.rights.iter().map(|right| &right.host);
    let audited = console.auditing.iter().map(|setting| &setting.host);
    let named = facts.chain(keys).chain(rights).chain(audited);
    named.filter_map(|host| host.as_deref())
}

/// Takes the zones of the machines, before local times are put into UTC: there the output, its path or the lack of any
/// other machine must name the machine.
pub(super) fn learn_zones(
    case: &mut Case,
    artifacts: &[Artifact],
    consoles: &[(ArtifactId, ConsoleRecords)],
) {
    let only = (case.hosts.iter().count() == 1)
        .then(|| case.hosts.iter().next().map(|(id, _)| id))
        .flatten();
    for (artifact, console) in consoles {
        let path = artifacts.get(artifact.0 as usize).map(|a| a.path.as_str());
        let placed = path.and_then(|path| case.hosts.in_path(path)).or(only);
        for fact in &console.machine {
            let named = fact.host.as_deref();
            let named = named.and_then(|name| case.hosts.find(name));
            learn_zone(case, named.or(placed), fact);
        }
    }
}

fn learn_zone(case: &mut Case, host: Option<HostId>, fact: &MachineFact) {
    let zone = match &fact.fact {
        Fact::TimeZone(shown) => Zone::shown_in(shown),
        Fact::OffsetAt { offset, .. } => Some(Zone::fixed(*offset)),
        _ => None,
    };
    if let Some((host, zone)) = host.zip(zone) {
        case.clocks.learn(host, zone, fact.from.clone());
    }
}

/// Gives every machine its state. What cannot be placed is kept apart: it is somebody's, and nobody knows whose.
pub(super) fn take_machine_states(
    case: &mut Case,
    artifacts: &[Artifact],
    consoles: &[(ArtifactId, ConsoleRecords)],
    netlogon: Vec<(ArtifactId, NetlogonLog)>,
    collections: &[Collection],
) {
    let neighbours = Neighbours::of(case, artifacts);
    for (artifact, console) in consoles {
        let path = artifacts.get(artifact.0 as usize).map(|a| a.path.as_str());
        let taken = path.and_then(|path| collections::taken(path, collections));
        let dump = (*artifact, taken);
        let silent = case.artifact_hosts.get(artifact).copied();
        let beside = silent.or_else(|| neighbours.beside(*artifact, artifacts));
        let unnamed = Cell::new(false);
        let place = |case: &Case, named: Option<&str>| {
            let named = named.and_then(|name| case.hosts.find(name));
            unnamed.set(unnamed.get() || named.is_none());
            named.or(beside)
        };
        let mut placed = false;
        for fact in &console.machine {
            // Only web servers have worker processes.
            let worker = matches!(fact.fact, Fact::WorkerProcess { .. });
            let host = place(case, fact.host.as_deref())
                .or_else(|| neighbours.web_server.filter(|_| worker));
            placed |= host.is_some();
            learn_zone(case, host, fact);
            state(case, host, dump).facts.push(fact.clone());
        }
        for key in &console.registry {
            let host = place(case, key.host.as_deref());
            placed |= host.is_some();
            state(case, host, dump).registry.push(key.clone());
        }
        for right in &console.rights {
            let host = place(case, right.host.as_deref());
            placed |= host.is_some();
            state(case, host, dump).rights.push(right.clone());
        }
        for setting in &console.auditing {
            let host = place(case, setting.host.as_deref());
            placed |= host.is_some();
            state(case, host, dump).auditing.push(setting.clone());
        }
        for result in &console.policies {
            let named = result.computer.as_ref().map(|name| name.value.as_str());
            let host = place(case, named.or(result.host.as_deref()));
            placed |= host.is_some();
            let state = state(case, host, dump);
            state.registry.extend(etype_policy(result));
            state.policies.push(result.clone());
        }
        if let (true, Some(host)) = (placed, beside) {
            case.artifact_hosts.entry(*artifact).or_insert(host);
            let stray = unnamed.get()
                && silent.is_none()
                && neighbours.near(*artifact, artifacts).is_none();
            case.presumed.extend(stray.then_some(*artifact));
        }
    }
    for (artifact, log) in netlogon {
        let known = case.artifact_hosts.get(&artifact).copied();
        let host = known.or_else(|| neighbours.beside(artifact, artifacts));
        if let Some(host) = host {
            case.artifact_hosts.entry(artifact).or_insert(host);
            let stray = known.is_none() && neighbours.near(artifact, artifacts).is_none();
            case.presumed.extend(stray.then_some(artifact));
        }
        state(case, host, (artifact, None)).netlogon.push(log);
    }
}

/// Machines whose system is a Windows for people are clients, whatever they wrote. Its name is the same in every language.
pub(super) fn mark_clients(case: &mut Case) {
    let people = |name: &str| name.contains("Windows") && !name.contains("Server");
    let clients: Vec<HostId> = (case.machines.iter())
        .filter(|(_, machine)| machine.system().is_some_and(|name| people(name.value)))
        .map(|(host, _)| *host)
        .collect();
    for host in clients {
        case.hosts.add_role(host, Role::Client);
    }
}

/// The policy of encryption types that `gpresult` shows, as the value of the registry that it writes.
fn etype_policy(result: &PolicyResult) -> Option<RegistryKey> {
    let etypes = result.etypes.as_ref()?;
    let from = etypes.from.first()?.clone();
    let value = RegistryValue {
        name: "SupportedEncryptionTypes",
        value: Setting::Number(etypes.value.into()),
        from: from.clone(),
    };
    Some(RegistryKey {
        host: result.host.clone(),
        key: Key::KerberosPolicy,
        below: None,
        values: vec![value],
        extent: Extent::Part,
        from,
    })
}

/// The state of a machine, which a file says something about; and when that was made, where its collection says so.
fn state(
    case: &mut Case,
    host: Option<HostId>,
    (artifact, taken): (ArtifactId, Option<DateTime>),
) -> &mut MachineState {
    let state = match host {
        Some(host) => case.machines.entry(host).or_default(),
        None => &mut case.unplaced,
    };
    state.taken.extend(taken.map(|taken| (artifact, taken)));
    state
}

/// Which machines' files lie in which folder.
struct Neighbours<'a> {
    /// The folder that all files lie in.
    top: &'a str,
    by_folder: BTreeMap<String, BTreeSet<HostId>>,
    /// The only machine of the case, unless its files are all in a folder that is called like it: what lies elsewhere is
    /// somebody else's.
    only: Option<HostId>,
    /// The only web server of the case.
    web_server: Option<HostId>,
}

impl<'a> Neighbours<'a> {
    fn of(case: &Case, artifacts: &'a [Artifact]) -> Self {
        let mut by_folder: BTreeMap<String, BTreeSet<HostId>> = BTreeMap::new();
        for (artifact, host) in &case.artifact_hosts {
            if let Some(artifact) = artifacts.get(artifact.0 as usize) {
                let folder = folder(&artifact.path).to_owned();
                by_folder.entry(folder).or_default().insert(*host);
            }
        }
        let only = |mut hosts: Vec<HostId>| (hosts.len() == 1).then(|| hosts.pop()).flatten();
        let serving = |id: &HostId| case.hosts.get(*id).roles.contains(&Role::WebServer);
        let all: Vec<HostId> = case.hosts.iter().map(|(id, _)| id).collect();
        Self {
            top: top(artifacts),
            by_folder,
            web_server: only(all.iter().copied().filter(serving).collect()),
            only: only(all).filter(|host| !keeps_apart(case, artifacts, *host)),
        }
    }

    /// The only machine whose files lie beside this one, or else the only machine there is.
    fn beside(&self, artifact: ArtifactId, artifacts: &[Artifact]) -> Option<HostId> {
        self.near(artifact, artifacts).or(self.only)
    }

    /// The only machine whose files lie beside this one. At the top of a bundle things of all machines are thrown
    /// together: there it says nothing.
    fn near(&self, artifact: ArtifactId, artifacts: &[Artifact]) -> Option<HostId> {
        let folder = folder(&artifacts.get(artifact.0 as usize)?.path);
        let hosts = self.by_folder.get(folder).filter(|_| folder != self.top)?;
        (hosts.len() == 1).then(|| hosts.first().copied())?
    }
}

/// The folder that all files lie in.
fn top(artifacts: &[Artifact]) -> &str {
    let folders = artifacts.iter().map(|artifact| folder(&artifact.path));
    let common = folders.reduce(|one, other| {
        let mut common = one;
        while !(common.is_empty() || other == common || is_below(other, common)) {
            common = folder(common);
        }
        common
    });
    common.unwrap_or_default()
}

fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.starts_with('/'))
}

/// Whether all that is known to be of a machine lies in folders that are called like it.
fn keeps_apart(case: &Case, artifacts: &[Artifact], host: HostId) -> bool {
    let mut own = case.artifact_hosts.iter().filter(|(_, of)| **of == host);
    own.all(|(artifact, _)| {
        let path = artifacts.get(artifact.0 as usize).map(|a| &a.path);
        path.is_some_and(|path| case.hosts.in_path(folder(path)) == Some(host))
    })
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}
