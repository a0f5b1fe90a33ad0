//! Several configurations of one server: a bundle often holds a collection from before a change and one from after it.
//!
//! Where the names of the collections say when each was made, the last one counts. Where nothing does, both stay, and the
//! bundle contradicts itself: what only one of them shows is not sure.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::DateTime;

use super::collections::{self, Collection};
use crate::bundle::Artifact;
use crate::case::host::HostId;
use crate::case::server::WebServer;
use crate::case::{Case, Contradiction};
use crate::evidence::{ArtifactId, Citation, Place, Problem};

/// Keeps of each server the configuration that was collected last, where that is known.
pub(super) fn settle(case: &mut Case, artifacts: &[Artifact], collections: &[Collection]) {
    let path = |id: ArtifactId| artifacts.get(id.0 as usize).map_or("", |a| a.path.as_str());
    let mut of_host: BTreeMap<HostId, Vec<ArtifactId>> = BTreeMap::new();
    for server in &case.servers {
        if let Some(host) = server.host {
            of_host.entry(host).or_default().push(server.artifact);
        }
    }
    for (host, files) in of_host.into_iter().filter(|(_, files)| files.len() > 1) {
        let taken: Option<Vec<(DateTime, ArtifactId)>> = files
            .iter()
            .map(|id| Some((collections::taken(path(*id), collections)?, *id)))
            .collect();
        match taken.and_then(latest) {
            Some(last) => {
                for old in files.into_iter().filter(|id| *id != last) {
                    let says = format!(
                        "is an earlier configuration of {}; the one of the later collection counts ({})",
                        case.hosts.get(host).name,
                        path(last)
                    );
                    case.problems.push(Problem::remark(old, Place::Whole, says));
                    case.servers.retain(|server| server.artifact != old);
                }
            }
            None => dispute(case, host, &files),
        }
    }
    twins(case);
    for server in &mut case.servers {
        let taken = |id: ArtifactId| collections::taken(path(id), collections);
        let of_file = taken(server.artifact);
        let printed: BTreeSet<ArtifactId> = server.config.beside().collect();
        let old = |id: &ArtifactId| {
            taken(*id)
                .zip(of_file)
                .is_some_and(|(tool, file)| tool < file)
        };
        for id in printed.into_iter().filter(old) {
            server.config.forget(id);
            let says = format!(
                "what IIS printed here is of an earlier collection; the configuration of the later one counts ({})",
                path(server.artifact)
            );
            case.problems.push(Problem::remark(id, Place::Whole, says));
        }
    }
    case.problems.sort();
}

/// Configurations with the same sites of which nothing says whose they are: several servers of a farm, or one server before
/// and after a change.
fn twins(case: &mut Case) {
    type Sites = Vec<(String, Option<u32>)>;
    let mut of_sites: BTreeMap<Sites, Vec<ArtifactId>> = BTreeMap::new();
    for server in case.servers.iter() {
        if server.host.is_some() || server.config.sites.is_empty() {
            continue;
        }
        let sites = server.config.sites.iter();
        let mut sites: Sites = sites.map(|site| (site.name.clone(), site.id)).collect();
        sites.sort_unstable();
        of_sites.entry(sites).or_default().push(server.artifact);
    }
    for files in of_sites.into_values().filter(|files| files.len() > 1) {
        for id in &files {
            let says = "has the same sites as another configuration, and nothing says whose either is: they may be two servers, or one before and after a change. Put each into a folder with the name of its machine.";
            case.problems.push(Problem::new(*id, Place::Whole, says));
        }
        let group = files.first().copied();
        (case.disputed).extend(files.iter().filter_map(|id| Some((*id, group?))));
    }
}

/// The only one of the latest time.
fn latest(mut taken: Vec<(DateTime, ArtifactId)>) -> Option<ArtifactId> {
    taken.sort_unstable();
    match taken.as_slice() {
        [.., (before, _), (last, id)] if before < last => Some(*id),
        _ => None,
    }
}

fn dispute(case: &mut Case, host: HostId, files: &[ArtifactId]) {
    let whole = |server: &WebServer| Citation {
        artifact: server.artifact,
        place: Place::Whole,
        time: None,
        text: "applicationHost.config".into(),
    };
    let from = case
        .servers
        .iter()
        .filter(|server| files.contains(&server.artifact))
        .map(whole)
        .collect();
    case.contradictions.push(Contradiction {
        says: format!(
            "{} different configurations are all said to be that of {}: nothing tells which one is in force; copy applicationHost.config from the server once more and send that one alone",
            files.len(),
            case.hosts.get(host).name
        ),
        from,
    });
    let group = files.first().copied();
    (case.disputed).extend(files.iter().filter_map(|id| Some((*id, group?))));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_clear_last_one_counts() {
        let at = |day: i8| DateTime::constant(2026, 3, day, 8, 0, 0, 0);
        let (a, b) = (ArtifactId(1), ArtifactId(2));
        assert_eq!(latest(vec![(at(2), a), (at(1), b)]), Some(a));
        assert_eq!(latest(vec![(at(2), a), (at(2), b)]), None);
    }
}
