//! Joins what the readers found into a case.
//!
//! The order matters and is fixed: machines, artifacts to machines, accounts and registrations, web servers, tickets,
//! endpoints, symptoms. Nothing here depends on the order in which files were listed.

use std::collections::{BTreeMap, BTreeSet};

use super::account::{AccountKind, common_name, split_name};
use super::coverage;
use super::directory::{Closed, Covered, DuplicateSearch, Search};
use super::host::{HostId, Role};
use super::noise::is_cloud_name;
use super::server::{AskedNames, Layout, ServerId, WebServer};
use super::{
    AccountId, Accounts, Case, Sameness, Situation, Spn, SpnDirectory, dumps, symptom, tickets,
};
use crate::bundle::Artifact;
use crate::evidence::{ArtifactId, Citation};
use crate::readers::Readings;
use crate::readers::console::ConsoleRecords;
use crate::readers::events::{Body, EventLog};
use crate::readers::iis_config::ServerConfig;
use crate::readers::klist::{KlistRun, Shown};
use crate::readers::setspn::{Mode, Outcome, SetspnRun};

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
    dumps::leave_out_foreign_searches(&mut case);
    case.accounts.settle_names();
    case.symptoms = symptom::collect(&case);
    case.contradictions = dumps::contradictions(&case);
    case
}

/// Every machine that wrote an event or stands in a remoting prompt, and the NetBIOS names of their domains.
fn name_hosts(
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
    }
    // Longer names first, so that a short one joins the fully qualified one and not the other way round.
    let mut names: Vec<String> = names.into_iter().collect();
    names.sort_by_key(|n| (!n.contains('.'), n.to_lowercase()));
    for name in names {
        let _ = case.hosts.named(&name, &mut case.accounts);
    }
}

/// The machine whose own ticket cache a klist run shows: the client of a cache of session 0x3e7 or 0x3e4 ends in `$`.
fn machine_of_cache(run: &KlistRun) -> Option<String> {
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

fn take_events(case: &mut Case, logs: Vec<(ArtifactId, EventLog)>) {
    let mut spans = Vec::new();
    for (artifact, log) in logs {
        for span in log.spans {
            if let Some(host) = case.hosts.find(&span.computer) {
                spans.push((host, artifact, span));
            }
        }
        case.events.extend(log.events);
    }
    case.events.sort_by(|a, b| {
        (a.time, &a.computer, &a.channel, &a.citation).cmp(&(
            b.time,
            &b.computer,
            &b.channel,
            &b.citation,
        ))
    });
    // The same record exported twice counts once.
    case.events.dedup_by(|a, b| {
        a.time == b.time
            && a.id == b.id
            && a.citation.place == b.citation.place
            && a.channel == b.channel
            && a.computer.eq_ignore_ascii_case(&b.computer)
    });
    case.coverage = coverage::join(spans);
    let mut roles: BTreeSet<(HostId, Role)> = BTreeSet::new();
    let mut pairs = BTreeSet::new();
    for event in &case.events {
        let Some(host) = case.hosts.find(&event.computer) else {
            continue;
        };
        if let Some(role) = role_of(&event.body) {
            roles.insert((host, role));
        }
        let machine = case.hosts.get(host);
        if let (Body::Logon(logon), Some(fqdn)) = (&event.body, &machine.fqdn)
            && let (Some(name), Some(domain)) = (&logon.target.name, &logon.target.domain)
            && name
                .trim_end_matches('$')
                .eq_ignore_ascii_case(&machine.name)
            && name.ends_with('$')
            && let Some((_, dns)) = fqdn.split_once('.')
        {
            pairs.insert((domain.to_lowercase(), dns.to_owned()));
        }
    }
    for (host, role) in roles {
        case.hosts.add_role(host, role);
    }
    for (netbios, dns) in pairs {
        case.accounts.pair_domain(&netbios, &dns);
    }
}

/// The role that an event gives the machine that wrote it.
fn role_of(body: &Body) -> Option<Role> {
    let worker = |p: &Option<String>| {
        p.as_deref()
            .is_some_and(|p| p.to_lowercase().ends_with("w3wp.exe"))
    };
    match body {
        Body::Pool(_) | Body::ConfigChanged(_) => Some(Role::WebServer),
        Body::Logon(e) if worker(&e.process) => Some(Role::WebServer),
        Body::LogonFailed(e) if worker(&e.process) => Some(Role::WebServer),
        Body::TgtRequest(_)
        | Body::ServiceTicketRequest(_)
        | Body::PreauthFailed(_)
        | Body::Kdc(_) => Some(Role::DomainController),
        Body::KeyMismatch(_) | Body::KerberosError(_) => Some(Role::Client),
        Body::NtlmUse(e) if matches!(e.id, 8001 | 4020 | 4021) => Some(Role::Client),
        _ => None,
    }
}

/// Registrations and searches of setspn runs, in the order of the console: a later change supersedes an earlier answer.
fn take_setspn(case: &mut Case, directory: &mut SpnDirectory, runs: &[SetspnRun]) {
    for run in runs {
        let mut from = vec![run.from.clone()];
        from.extend(run.ended.clone());
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
            (Mode::Query, Outcome::Found | Outcome::NotFound) => {
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

/// Registrations that directory-change events (5136, 4742) show, unless a later event takes them back.
fn take_directory_changes(case: &mut Case, directory: &mut SpnDirectory) {
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
fn mark_computers(accounts: &mut Accounts, directory: &SpnDirectory) {
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

fn take_skews(case: &mut Case, runs: &[KlistRun]) {
    for run in runs {
        if let Shown::Tgt(tgt) = &run.shown {
            case.skews.extend(tgt.time_skew_seconds.clone());
        }
    }
}

/// Which machine each artifact came from: its own content first, then names in its path, then the logs beside it.
fn place_artifacts(
    case: &mut Case,
    artifacts: &[Artifact],
    consoles: &[(ArtifactId, ConsoleRecords)],
) {
    // Computers that only setspn names can still be named by a folder.
    let computers: Vec<(String, Option<String>)> = case
        .accounts
        .iter()
        .filter(|(_, a)| a.kind == AccountKind::Computer)
        .filter_map(|(_, a)| Some((common_name(a.dn.as_deref()?)?, a.domain.clone())))
        .collect();
    for (name, domain) in computers {
        let fqdn = domain.map_or(name.clone(), |d| format!("{name}.{d}"));
        if artifacts.iter().any(|a| path_names(&a.path, &name)) {
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
        hosts.sort();
        hosts.dedup();
        let ids: BTreeSet<HostId> = hosts.iter().filter_map(|h| case.hosts.find(h)).collect();
        if let (1, Some(id)) = (ids.len(), ids.first()) {
            by_content.insert(*artifact, *id);
        }
    }
    for artifact in artifacts {
        let placed = by_content
            .get(&artifact.id)
            .copied()
            .or_else(|| case.hosts.in_path(&artifact.path));
        if let Some(host) = placed {
            case.artifact_hosts.insert(artifact.id, host);
        }
    }
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
fn name_servers(
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
fn take_servers(case: &mut Case, artifacts: &[Artifact], servers: Vec<(ArtifactId, ServerConfig)>) {
    let count = servers.len();
    for (artifact, config) in servers {
        let path = artifacts
            .get(artifact.0 as usize)
            .map_or("", |a| a.path.as_str());
        let host = case
            .artifact_hosts
            .get(&artifact)
            .copied()
            .or_else(|| beside(case, artifacts, path, count));
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
    let content = |id: ArtifactId| artifacts.get(id.0 as usize).map(|a| a.sha256.as_str());
    let known = |a| content(a).is_some_and(|sha256| !sha256.is_empty());
    let servers = std::mem::take(&mut case.servers);
    case.servers =
        super::server::without_copies(servers, |a, b| known(a) && content(a) == content(b));
}

/// The one machine whose logs stand in the nearest folder above a path, leaving out what cannot be the web server.
fn beside(case: &Case, artifacts: &[Artifact], path: &str, servers: usize) -> Option<HostId> {
    let mut folder = path;
    loop {
        folder = folder.rsplit_once('/').map_or("", |(parent, _)| parent);
        let prefix = if folder.is_empty() {
            String::new()
        } else {
            format!("{folder}/")
        };
        let nearby: BTreeSet<HostId> = case
            .coverage
            .iter()
            .filter(|c| {
                c.artifacts
                    .iter()
                    .filter_map(|a| artifacts.get(a.0 as usize))
                    .any(|a| a.path.starts_with(&prefix))
            })
            .map(|c| c.host)
            .filter(|h| !has_folder_elsewhere(case, artifacts, *h, path))
            .collect();
        let role = |role: Role| move |h: &HostId| case.hosts.get(*h).roles.contains(&role);
        let serving: Vec<HostId> = nearby
            .iter()
            .copied()
            .filter(role(Role::WebServer))
            .collect();
        if let ([one], true) = (serving.as_slice(), servers == 1 || !folder.is_empty()) {
            return Some(*one);
        }
        let left: Vec<HostId> = nearby
            .iter()
            .copied()
            .filter(|h| !role(Role::DomainController)(h) && !role(Role::Client)(h))
            .collect();
        if let ([one], true) = (left.as_slice(), servers == 1 || !folder.is_empty()) {
            return Some(*one);
        }
        if folder.is_empty() || serving.len() > 1 || left.len() > 1 {
            return None;
        }
    }
}

/// Whether all logs of a machine lie in a folder of its name, and this path in another folder beside it.
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
    let mut parents = logs
        .flat_map(|c| &c.artifacts)
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

/// Names that somebody asked for, by lower-case host name.
fn asked_names(case: &Case) -> AskedNames {
    let mut asked = AskedNames::new();
    let mut ask = |text: &str, from: &Citation| {
        let spn = Spn::new(text.split('@').next().unwrap_or("").trim());
        let host = spn.host();
        if spn.has_class("HTTP")
            && !host.is_empty()
            && !host.contains('*')
            && !is_cloud_name(spn.as_str())
        {
            asked.entry(host).or_default().push(from.clone());
        }
    };
    for event in &case.events {
        let name = match &event.body {
            Body::KeyMismatch(e) => e.target_name.as_deref(),
            Body::KerberosError(e) => e.target_name.as_deref(),
            Body::NtlmUse(e) => e.target.as_deref(),
            Body::NtlmBlocked(e) => e.target.as_deref(),
            Body::ServiceTicketRequest(e) if e.status != Some(0) => e.service_name.as_deref(),
            Body::Lsa(e) if e.id == 6037 => e.target.as_deref(),
            _ => None,
        };
        if let Some(name) = name {
            ask(name, &event.citation);
        }
    }
    for ticket in &case.tickets {
        ask(ticket.spn.as_str(), &ticket.ticket.from);
    }
    for attempt in &case.attempts {
        if let Some(spn) = &attempt.spn {
            ask(spn.as_str(), &attempt.from);
        }
    }
    for run in case.setspn_runs.iter().filter(|r| r.mode == Mode::Query) {
        if let Some(target) = &run.target {
            ask(target, &run.from);
        }
    }
    asked
}

fn lay_out(case: &mut Case) {
    let asked = asked_names(case);
    let directory = std::mem::take(&mut case.situation.directory);
    let mismatches: Vec<(String, String)> = case
        .pick(|b| match b {
            Body::KeyMismatch(e) => Some(e),
            _ => None,
        })
        .filter_map(|(_, e)| {
            let server = split_name(e.server.as_deref()?).1;
            Some((
                Spn::new(e.target_name.as_deref()?).host(),
                server.trim_end_matches('$').to_owned(),
            ))
        })
        .collect();
    let mut accounts = std::mem::take(&mut case.accounts);
    // The accounts that a server's pools or its machine give it.
    let mut own: BTreeMap<ServerId, Vec<AccountId>> = BTreeMap::new();
    for (id, server) in (0u32..).map(ServerId).zip(&case.servers) {
        let host = server.host.map(|h| case.hosts.get(h));
        let mut ids: Vec<AccountId> = host.iter().map(|h| h.machine).collect();
        for pool in &server.config.pools {
            let identity =
                super::PoolIdentity::of(pool, host.map(|h| h.name.as_str()), &mut accounts);
            ids.extend(identity.account());
        }
        own.insert(id, ids);
    }
    let servers = &case.servers;
    let hosts = &case.hosts;
    let tied = |name: &str, id: ServerId, accounts: &Accounts| {
        let ids = own.get(&id).map_or(&[][..], Vec::as_slice);
        let held = directory
            .holders(&Spn::http(name), accounts)
            .shown
            .iter()
            .any(|h| {
                ids.iter()
                    .any(|a| accounts.compare(*a, h.account) == Sameness::Same)
            });
        let named = servers
            .get(id.0 as usize)
            .and_then(|s| s.host)
            .map(|h| hosts.get(h).name.to_lowercase());
        held || mismatches
            .iter()
            .any(|(n, server)| n == name && Some(server) == named.as_ref())
    };
    let layout = Layout {
        servers,
        hosts,
        asked: &asked,
    };
    let endpoints = layout.endpoints(&mut accounts, &tied);
    case.accounts = accounts;
    case.situation = Situation {
        directory,
        endpoints,
    };
}
