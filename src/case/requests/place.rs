//! To which machine and site a log belongs: what its lines say first, then its folder (`W3SVC1`, or the site's name as
//! LogCatcher and psSDP call it), then port and host name against the bindings.

use std::collections::BTreeMap;

use super::{HttpRefusal, LoggedSite};
use crate::bundle::{Artifact, common_folder};
use crate::case::Case;
use crate::case::host::{HostId, Role};
use crate::case::server::ServerId;
use crate::evidence::ArtifactId;
use crate::readers::http_err::HttpErrLog;
use crate::readers::iis_config::{Site, is_below};
use crate::readers::web_log::{Served, WebLog};

/// The machines that logs name (`s-computername`); where a log names one alone, it came from there.
pub(in crate::case) fn name_hosts(
    case: &mut Case,
    logs: &[(ArtifactId, WebLog)],
) -> BTreeMap<ArtifactId, HostId> {
    let mut named = BTreeMap::new();
    for (artifact, log) in logs {
        let mut computers = log.served.iter().map(|s| s.at.computer.as_deref());
        let Some(Some(first)) = computers.next() else {
            continue;
        };
        if !computers.all(|c| c.is_some_and(|c| c.eq_ignore_ascii_case(first))) {
            continue;
        }
        let ambiguous = || {
            let mut same = case.hosts.iter().map(|(_, h)| &h.name);
            same.any(|name| name.eq_ignore_ascii_case(first))
        };
        let host = match case.hosts.find(first) {
            Some(host) => Some(host),
            None if ambiguous() => None,
            None => case.hosts.named(first, &mut case.accounts),
        };
        if let Some(host) = host {
            case.hosts.add_role(host, Role::WebServer);
            named.insert(*artifact, host);
        }
    }
    named
}

/// Joins the logs by machine and site.
pub(in crate::case) fn take_logs(
    case: &mut Case,
    artifacts: &[Artifact],
    web_logs: Vec<(ArtifactId, WebLog)>,
    http_errs: Vec<(ArtifactId, HttpErrLog)>,
) {
    type Key = (
        Option<HostId>,
        Option<ServerId>,
        Option<String>,
        Option<u32>,
        String,
    );
    let root = common_folder(artifacts).len();
    let mut sites: BTreeMap<Key, LoggedSite> = BTreeMap::new();
    for (artifact, log) in web_logs {
        let path = artifacts
            .get(artifact.0 as usize)
            .map_or("", |a| a.path.as_str());
        let (host, server) = machine(case, artifacts, root, artifact);
        for served in log.served {
            let config = server.and_then(|s| site_of(case, s, &served.at, path));
            let site_id = served
                .at
                .site_id
                .or_else(|| number_in(path))
                .or(config.and_then(|site| site.id));
            let site = config.map(|site| site.name.clone());
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            // Without a machine, logs of one number in two folders may be those of two machines.
            let apart = if host.is_some() && (site.is_some() || site_id.is_some()) {
                String::new()
            } else {
                folder.to_lowercase()
            };
            let key = (host, server, site.clone(), site_id, apart);
            let entry = sites.entry(key).or_insert_with(|| LoggedSite {
                host,
                server,
                site,
                site_id,
                folder: folder.to_owned(),
                ..LoggedSite::default()
            });
            entry.add(artifact, served);
        }
        if let Some(host) = host {
            case.hosts.add_role(host, Role::WebServer);
        }
    }
    case.logged_sites = sites.into_values().collect();
    for (artifact, log) in http_errs {
        let (host, _) = machine(case, artifacts, root, artifact);
        case.http_logs
            .push((host, artifact, log.lines, log.first, log.last));
        let refusals = log.refusals.into_iter();
        (case.http_refusals).extend(refusals.map(|refusal| HttpRefusal { host, refusal }));
    }
}

impl LoggedSite {
    fn add(&mut self, artifact: ArtifactId, served: crate::readers::web_log::ServedLog) {
        match self.logs.iter_mut().find(|(a, ..)| *a == artifact) {
            Some((_, first, last)) => {
                *first = match (*first, served.first) {
                    (Some(a), Some(b)) => Some(a.min(b)),
                    (a, b) => a.or(b),
                };
                *last = (*last).max(served.last);
            }
            None => self.logs.push((artifact, served.first, served.last)),
        }
        self.requests += served.requests;
        self.signed_in += served.signed_in;
        for (status, count) in served.by_status {
            *self.by_status.entry(status).or_default() += count;
        }
        for (path, (count, first)) in served.login_pages {
            self.login_pages.entry(path).or_insert((0, first)).0 += count;
        }
        for (minute, count) in served.minutes {
            *self.minutes.entry(minute).or_default() += count;
        }
        let at = served.at;
        let exchanges = served.exchanges.into_iter();
        self.exchanges.extend(exchanges.map(|e| (at.clone(), e)));
    }
}

/// The machine of an artifact, and the server whose configuration is that machine's. Where no machine is known, the only
/// server, unless its files are those in a folder that is called like it: then the log is another's.
fn machine(
    case: &Case,
    artifacts: &[Artifact],
    root: usize,
    artifact: ArtifactId,
) -> (Option<HostId>, Option<ServerId>) {
    let host = case.artifact_hosts.get(&artifact).copied();
    let servers = || (0u32..).map(ServerId).zip(&case.servers);
    match (host, case.servers.as_slice()) {
        (Some(host), _) => {
            let of_host = servers().find(|(_, s)| s.host == Some(host));
            (Some(host), of_host.map(|(id, _)| id))
        }
        (None, [only]) => {
            let path = artifacts.get(only.artifact.0 as usize);
            let has_folder = path.is_some_and(|a| case.hosts.in_path(&a.path).is_some());
            match has_folder {
                true => (None, None),
                false => (only.host, Some(ServerId(0))),
            }
        }
        (None, _) => {
            let nearest = nearest(case, artifacts, root, artifact);
            let host = nearest.and_then(|id| case.servers.get(id.0 as usize)?.host);
            (host, nearest)
        }
    }
}

/// Of several servers, the one whose folder holds a log, the innermost where several do: a folder for each machine is how
/// bundles are packed by hand. It is the one that the configuration lies in, or one above it where the folders between are
/// called alike for another server (`WEB1/config`, `WEB2/config`). A folder beside it may be another machine's.
fn nearest(case: &Case, artifacts: &[Artifact], root: usize, log: ArtifactId) -> Option<ServerId> {
    let folder = |id: ArtifactId| {
        let path = artifacts.get(id.0 as usize).map(|a| a.path.as_str());
        path.and_then(|path| path.rsplit_once('/'))
            .map_or("", |(folder, _)| folder)
    };
    let of_servers: Vec<&str> = case.servers.iter().map(|s| folder(s.artifact)).collect();
    let mut holding: Vec<(usize, ServerId)> = (0u32..)
        .map(ServerId)
        .zip(&of_servers)
        .map(|(id, own)| (id, above_alike(own, &of_servers)))
        .filter(|(_, own)| own.len() > root && is_below(folder(log), own))
        .map(|(id, own)| (own.len(), id))
        .collect();
    holding.sort_unstable();
    match holding.as_slice() {
        [(_, id)] => Some(*id),
        [.., (next, _), (most, id)] if most > next => Some(*id),
        _ => None,
    }
}

/// A folder without the part at its end that another one has as well.
fn above_alike<'p>(folder: &'p str, others: &[&str]) -> &'p str {
    let alike = |other: &&str| {
        let pairs = folder.rsplit('/').zip(other.rsplit('/'));
        pairs.take_while(|(a, b)| a.eq_ignore_ascii_case(b)).count()
    };
    let depth = folder.split('/').count();
    // The folder itself is alike all through, and so is that of a second configuration in it.
    let alike = others.iter().map(alike).filter(|count| *count < depth);
    (0..alike.max().unwrap_or(0)).fold(folder, |folder, _| {
        folder.rsplit_once('/').map_or(folder, |(above, _)| above)
    })
}

/// The number in a folder `W3SVC20` of the path, the innermost.
fn number_in(path: &str) -> Option<u32> {
    path.rsplit('/').skip(1).find_map(|folder| {
        let (service, number) = folder.split_at_checked(5)?;
        service
            .eq_ignore_ascii_case("w3svc")
            .then(|| number.parse().ok())
            .flatten()
    })
}

/// The site of a configuration that served a log.
fn site_of<'c>(case: &'c Case, server: ServerId, at: &Served, path: &str) -> Option<&'c Site> {
    let sites = &case.servers.get(server.0 as usize)?.config.sites;
    if let Some(id) = at.site_id.or_else(|| number_in(path)) {
        return sites.iter().find(|site| site.id == Some(id));
    }
    let folders = || path.rsplit('/').skip(1);
    let by_folder = folders().find_map(|folder| {
        // A name that no folder can have is written with underscores.
        let plain = |name: &str| name.to_lowercase().replace(['/', '\\', ':', '*', '?'], "_");
        sites.iter().find(|site| plain(&site.name) == plain(folder))
    });
    by_folder.or_else(|| {
        let port = at.port?;
        let mut fitting = sites.iter().filter(|site| {
            let mut bindings = site.bindings.iter().filter(|b| b.port == Some(port));
            match &at.host {
                Some(host) => {
                    bindings.any(|b| b.host.is_empty() || b.host.eq_ignore_ascii_case(host))
                }
                None => bindings.next().is_some(),
            }
        });
        let first = fitting.next()?;
        fitting.next().is_none().then_some(first)
    })
}
