//! Which machine each artifact came from, and so which machine a configuration is that of: its own content first, then
//! names in its path, then the logs beside it.

use std::collections::{BTreeMap, BTreeSet};

use super::collections::{self, Collection};
use super::machine_state::hosts_named;
use super::machines::{hosts_of_iis, machine_of_cache};
use crate::bundle::{Artifact, common_folder};
use crate::case::account::{AccountKind, common_name};
use crate::case::host::{HostId, Role};
use crate::case::server::{WebServer, without_copies};
use crate::case::{Case, SpnDirectory};
use crate::evidence::ArtifactId;
use crate::readers::console::ConsoleRecords;
use crate::readers::iis_config::ServerConfig;

/// Which machine each artifact came from: its own content first, then the collection it lies in, then names in its path.
pub(super) fn place_artifacts(
    case: &mut Case,
    artifacts: &[Artifact],
    consoles: &[(ArtifactId, ConsoleRecords)],
    collections: &[Collection],
) {
    // Computers that only setspn names can still be named by a folder.
    let computers: Vec<(String, Option<String>)> = case
        .accounts
        .iter()
        .filter(|(_, a)| a.kind == AccountKind::Computer)
        .filter_map(|(_, a)| Some((common_name(a.dn.as_deref()?)?, a.domain.clone())))
        .collect();
    let named_by_paths = names_in_paths(artifacts);
    for (name, domain) in computers {
        let fqdn = domain.map_or(name.clone(), |d| format!("{name}.{d}"));
        // The suffix of a computer's name need not be its domain: this may be a machine that is known by its full name.
        let known = case.hosts.find(&name).map(|host| case.hosts.get(host));
        let suffix = known.and_then(|host| Some(host.fqdn.as_deref()?.split_once('.')?.1));
        let met = suffix.is_some_and(|suffix| !case.accounts.is_certain_domain(suffix));
        if named_by_paths.contains(&name.to_lowercase()) && !met {
            let _ = case.hosts.named(&fqdn, &mut case.accounts);
        }
    }
    let mut by_content: BTreeMap<ArtifactId, HostId> = BTreeMap::new();
    for coverage in &case.coverage {
        for artifact in &coverage.artifacts {
            by_content.entry(*artifact).or_insert(coverage.host);
        }
    }
    for (artifact, console) in consoles {
        let mut hosts: Vec<String> = console
            .setspn
            .iter()
            .filter_map(|r| r.host.clone())
            .collect();
        hosts.extend(console.klist.iter().filter_map(|r| r.host.clone()));
        hosts.extend(console.klist.iter().filter_map(machine_of_cache));
        hosts.extend(hosts_of_iis(console).map(str::to_owned));
        hosts.extend(hosts_named(console).map(str::to_owned));
        hosts.sort();
        hosts.dedup();
        let ids: BTreeSet<HostId> = hosts.iter().filter_map(|h| case.hosts.find(h)).collect();
        if let (1, Some(id)) = (ids.len(), ids.first()) {
            by_content.insert(*artifact, *id);
        }
    }
    let machines = collections::machines(collections, artifacts, &by_content, &case.hosts);
    for artifact in artifacts {
        let placed = by_content
            .get(&artifact.id)
            .copied()
            .or_else(|| collections::machine_of(&artifact.path, &machines))
            .or_else(|| case.hosts.in_path(&artifact.path));
        if let Some(host) = placed {
            case.artifact_hosts.insert(artifact.id, host);
        }
    }
}

/// Every name that a folder or file is named after: its whole name, or what stands before one of the signs that end a host's
/// name. A listing of a domain has computers by the thousand, and each is looked up here.
fn names_in_paths(artifacts: &[Artifact]) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for component in artifacts
        .iter()
        .flat_map(|a| a.path.split('/'))
        .map(str::to_lowercase)
    {
        for (end, _) in component.match_indices(['_', '.', '-', ' ']) {
            names.extend(component.get(..end).map(str::to_owned));
        }
        names.insert(component);
    }
    names
}

fn path_names(path: &str, name: &str) -> bool {
    path.split('/').any(|component| {
        let component = component.to_lowercase();
        component
            .strip_prefix(&name.to_lowercase())
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(['_', '.', '-', ' ']))
    })
}

/// The machines of configurations whose logs are not in the bundle: a folder or prefix of the path is the name of a
/// computer whose SPNs are shown.
pub(super) fn name_servers(
    case: &mut Case,
    artifacts: &[Artifact],
    directory: &SpnDirectory,
    servers: &[(ArtifactId, ServerConfig)],
) {
    let mut computers: BTreeMap<String, String> = BTreeMap::new();
    for registration in &directory.registrations {
        let account = case.accounts.get(registration.holder);
        let host = registration.spn.host();
        let short = host.split('.').next().unwrap_or_default();
        let own = account
            .bare_name()
            .trim_end_matches('$')
            .eq_ignore_ascii_case(short);
        if account.kind == AccountKind::Computer && registration.spn.has_class("HOST") && own {
            let known = computers.entry(short.to_owned()).or_default();
            if host.len() > known.len() {
                *known = host;
            }
        }
    }
    for (artifact, _) in servers {
        let path = artifacts
            .get(artifact.0 as usize)
            .map_or("", |a| a.path.as_str());
        if case.hosts.in_path(path).is_some() {
            continue;
        }
        let named: Vec<&String> = computers
            .iter()
            .filter(|(short, _)| path_names(path, short))
            .map(|(_, name)| name)
            .collect();
        if let [name] = named.as_slice() {
            let _ = case.hosts.named(name, &mut case.accounts);
        }
    }
}

/// The machine of a configuration: the one its path names, or the only one that can be it among the logs beside it.
pub(super) fn take_servers(
    case: &mut Case,
    artifacts: &[Artifact],
    servers: Vec<(ArtifactId, ServerConfig)>,
) {
    let count = servers.len();
    let root = common_folder(artifacts).len();
    for (artifact, config) in servers {
        let path = artifacts
            .get(artifact.0 as usize)
            .map_or("", |a| a.path.as_str());
        let host = case
            .artifact_hosts
            .get(&artifact)
            .copied()
            .or_else(|| beside(case, artifacts, path, root, count));
        if let Some(host) = host {
            case.hosts.add_role(host, Role::WebServer);
            case.artifact_hosts.insert(artifact, host);
        }
        let label = match host {
            Some(host) => case.hosts.get(host).name.clone(),
            None => format!("the server of {path}"),
        };
        case.servers.push(WebServer {
            host,
            config,
            artifact,
            label,
        });
    }
    let original = |id: ArtifactId| artifacts.get(id.0 as usize).map(Artifact::original);
    let servers = std::mem::take(&mut case.servers);
    case.servers = without_copies(servers, |a, b| original(a) == original(b));
}

/// The one machine whose logs stand in the nearest folder above a path, leaving out what cannot be the web server. In the
/// folder of the whole bundle, whose length `root` is, only the single configuration is its.
fn beside(
    case: &Case,
    artifacts: &[Artifact],
    path: &str,
    root: usize,
    servers: usize,
) -> Option<HostId> {
    let mut folder = path;
    loop {
        folder = folder.rsplit_once('/').map_or("", |(parent, _)| parent);
        let prefix = if folder.is_empty() {
            String::new()
        } else {
            format!("{folder}/")
        };
        let lies_near = |id: &ArtifactId| {
            let artifact = artifacts.get(id.0 as usize);
            artifact.is_some_and(|a| a.path.starts_with(&prefix))
        };
        let with_logs = (case.coverage.iter())
            .filter(|c| c.artifacts.iter().any(lies_near))
            .map(|c| c.host);
        // A web server may be known by a trace of a request alone, or by its log of requests.
        let with_traces = (case.artifact_hosts.iter())
            .filter(|(id, _)| lies_near(id))
            .map(|(_, host)| *host)
            .filter(|host| case.hosts.get(*host).roles.contains(&Role::WebServer));
        let nearby: BTreeSet<HostId> = with_logs
            .chain(with_traces)
            .filter(|h| !has_folder_elsewhere(case, artifacts, *h, path))
            .collect();
        let role = |role: Role| move |h: &HostId| case.hosts.get(*h).roles.contains(&role);
        let serving: Vec<HostId> = nearby
            .iter()
            .copied()
            .filter(role(Role::WebServer))
            .collect();
        if let ([one], true) = (serving.as_slice(), servers == 1 || folder.len() > root) {
            return Some(*one);
        }
        let left: Vec<HostId> = nearby
            .iter()
            .copied()
            .filter(|h| !role(Role::DomainController)(h) && !role(Role::Client)(h))
            .collect();
        if let ([one], true) = (left.as_slice(), servers == 1 || folder.len() > root) {
            return Some(*one);
        }
        if folder.len() <= root || serving.len() > 1 || left.len() > 1 {
            return None;
        }
    }
}

/// Whether all logs of a machine, or all that is known to be of one without logs, lie in a folder of its name, and this path in another folder beside it.
fn has_folder_elsewhere(case: &Case, artifacts: &[Artifact], host: HostId, path: &str) -> bool {
    let name = case.hosts.get(host).name.to_lowercase();
    let folder_of = |path: &str| {
        let (folders, _) = path.rsplit_once('/')?;
        let mut at = 0;
        for folder in folders.split('/') {
            if folder.eq_ignore_ascii_case(&name) {
                return folders.get(..at).map(str::to_owned);
            }
            at += folder.len() + 1;
        }
        None
    };
    let logs = case.coverage.iter().filter(|c| c.host == host);
    let mut own: Vec<ArtifactId> = logs.flat_map(|c| c.artifacts.clone()).collect();
    if own.is_empty() {
        let placed = case.artifact_hosts.iter().filter(|(_, of)| **of == host);
        own.extend(placed.map(|(artifact, _)| *artifact));
    }
    let mut parents = own
        .iter()
        .filter_map(|a| artifacts.get(a.0 as usize))
        .map(|a| folder_of(&a.path))
        .peekable();
    parents.peek().is_some()
        && parents.all(|parent| {
            parent.is_some_and(|parent| {
                let below = path.strip_prefix(parent.as_str());
                below.is_some_and(|rest| rest.contains('/')) && folder_of(path).is_none()
            })
        })
}

#[cfg(test)]
mod tests {
    use crate::testkit::{Kit, site, windows};

    /// A bundle that is packed, or sent in one more folder, is the same: the folder of all is no machine's.
    #[test]
    fn one_more_folder_above_changes_nothing() {
        let xml = |name: &str| {
            let binding = format!("*:80:{name}.corp.example");
            let sites = site(name, &binding, name);
            let windows = windows("enabled=\"true\"");
            crate::testkit::config(
                &crate::testkit::pool(name, "CORP\\svc"),
                &sites,
                &windows,
                "",
            )
        };
        for above in ["", "sent.zip/", "case/4711/"] {
            let case = Kit::new()
                .config(
                    &format!("{above}first/WEB22/applicationHost.config"),
                    &xml("Archive"),
                )
                .config(
                    &format!("{above}second/OV-WEB2/applicationHost.config"),
                    &xml("Intra"),
                )
                .logs_in(&format!("{above}second/OV-WEB2"))
                .event(
                    "OV-WEB2.corp.example",
                    crate::testkit::system("Filler", 1, &[]),
                )
                .case();
            let hosts: Vec<Option<&str>> = (case.servers.iter())
                .map(|s| s.host.map(|h| case.hosts.get(h).name.as_str()))
                .collect();
            assert_eq!(hosts, [None, Some("OV-WEB2")], "{above}");
        }
    }
}
