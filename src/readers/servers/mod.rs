//! The configurations of servers: which applicationHost.config is live, which web.config belongs to which, what tools of
//! IIS printed of them, and what their history says.
//!
//! ```text
//! WEB01/redirection.config                                enabled="true" path="\\fs\iis": the local file is not in force
//! WEB01/applicationHost.config                            dead, then
//! share/applicationHost.config                            the live one
//! WEB01/CFGHISTORY_0000000007/applicationHost.config      how it was before: what differs is a change, with its time
//! WEB01/sites/orders/web.config                           placed where a site's physical path ends like this
//! WEB01/appcmd.txt                                        what it lists stands in for files that were not sent
//! ```
//!
//! gives one [`ServerConfig`] a server, and the [`ConfigChange`]s of its history.

mod copies;
mod history;
mod printed;
mod shared;
#[cfg(test)]
mod tests;

pub use history::{ConfigChange, Generation};

use super::Readings;
use super::iis_config::{ConfigFile, Redirection, ServerConfig};
use crate::bundle::{Artifact, Bundle, Kind};
use crate::evidence::{ArtifactId, Place, Problem};
use copies::is_copy_of;

/// A configuration file with its path in the bundle.
#[derive(Clone, Copy)]
struct Placed<'a> {
    id: ArtifactId,
    path: &'a str,
    file: &'a ConfigFile,
}

/// Puts together the servers of a bundle.
pub(super) fn build(
    bundle: &Bundle,
    configs: Vec<(ArtifactId, ConfigFile)>,
    readings: &mut Readings,
) {
    build_from(&bundle.artifacts, configs, readings);
}

/// As [`build`], from the artifacts of a bundle.
pub(crate) fn build_from(
    artifacts: &[Artifact],
    configs: Vec<(ArtifactId, ConfigFile)>,
    readings: &mut Readings,
) {
    let of = |id: ArtifactId| artifacts.get(id.0 as usize);
    let placed = configs.iter().map(|(id, file)| Placed {
        id: *id,
        path: of(*id).map_or("", |artifact| artifact.path.as_str()),
        file,
    });
    let kind = |one: &Placed<'_>| of(one.id).map(|artifact| artifact.kind);
    let (printed, files): (Vec<_>, Vec<_>) = placed.partition(|one| one.file.is_printed());
    let (hosts, others): (Vec<_>, Vec<_>) = files
        .into_iter()
        .partition(|one| kind(one) == Some(Kind::ApplicationHostConfig));
    // A generation of IIS's own history is a past configuration, not the live one.
    let (generations, hosts): (Vec<_>, Vec<_>) = hosts
        .into_iter()
        .partition(|one| history::generation(one.path).is_some());
    let (aside, hosts): (Vec<_>, Vec<_>) = hosts
        .iter()
        .copied()
        .partition(|one| hosts.iter().any(|live| is_copy_of(one.path, live.path)));
    for copy in aside {
        let says = "is a copy of the configuration that was put aside; the live applicationHost.config is what counts";
        readings
            .problems
            .push(Problem::new(copy.id, Place::Whole, says));
    }
    let redirections: Vec<(Placed<'_>, Redirection)> = others
        .iter()
        .filter_map(|one| Some((*one, Redirection::of(one.file)?)))
        .collect();
    let dead = shared::not_live(&hosts, &redirections, &mut readings.problems);
    let hosts: Vec<Placed<'_>> = hosts
        .into_iter()
        .filter(|one| !dead.replaced.contains(&one.id))
        .collect();
    for one in &hosts {
        let webs: Vec<(&str, &ConfigFile)> = others
            .iter()
            .filter(|web| kind(web) == Some(Kind::WebConfig))
            .filter(|web| nearest(web.path, &hosts) == Some(one.id))
            .map(|web| (web.path, web.file))
            .collect();
        let (mut server, problems) = ServerConfig::build(one.file, &webs);
        server.not_live = dead.doubted.get(&one.id).cloned();
        readings.problems.extend(problems);
        if server.iis_express {
            let says = "is a configuration of IIS Express, which a developer runs under his own account; nothing about a server rests on it";
            readings
                .problems
                .push(Problem::remark(one.id, Place::Whole, says));
        }
        readings.servers.push((one.id, server));
    }
    readings.config_changes = history::changes(&generations, &hosts, &mut readings.problems);
    readings.redirections = redirections.into_iter().map(|(_, one)| one).collect();
    printed::lay(artifacts, &printed, readings);
}

/// The file that shares the longest run of folders with a path; none when two share it.
fn nearest(path: &str, hosts: &[Placed<'_>]) -> Option<ArtifactId> {
    let best = hosts
        .iter()
        .map(|one| shared_folders(path, one.path))
        .max()?;
    let mut at_best = hosts
        .iter()
        .filter(|one| shared_folders(path, one.path) == best);
    match (at_best.next(), at_best.next()) {
        (Some(one), None) => Some(one.id),
        _ => None,
    }
}

/// How many folders two paths share from the top.
fn shared_folders(one: &str, other: &str) -> usize {
    let (one, other) = (one.split('/'), other.split('/'));
    one.zip(other)
        .take_while(|(one, other)| one.eq_ignore_ascii_case(other))
        .count()
}

/// The folder of a path; empty at the top.
fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The name of a file.
fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}
