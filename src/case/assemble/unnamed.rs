//! Exports that do not say which machine wrote their events: a host's folder or prefix in the path says it, or the logs
//! of one machine in the same folder. Where nothing says it, the events belong to no host.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::bundle::Artifact;
use crate::case::Case;
use crate::case::host::HostId;
use crate::evidence::{ArtifactId, Place, Problem};
use crate::readers::events::EventLog;

/// Names the machine of every log that does not name it itself.
pub(super) fn name_writers(
    case: &mut Case,
    artifacts: &[Artifact],
    logs: &mut [(ArtifactId, EventLog)],
) {
    let path = |id: ArtifactId| artifacts.get(id.0 as usize).map_or("", |a| a.path.as_str());
    let named: Vec<(String, HostId)> = logs
        .iter()
        .flat_map(|(id, log)| log.spans.iter().map(move |span| (*id, span)))
        .filter_map(|(id, span)| {
            Some((
                folder(path(id))?.to_owned(),
                case.hosts.find(&span.computer)?,
            ))
        })
        .collect();
    for (id, log) in logs {
        if log.spans.iter().all(|span| !span.computer.is_empty()) {
            continue;
        }
        let own = path(*id);
        let neighbours: BTreeSet<HostId> = named
            .iter()
            .filter(|(of, _)| folder(own) == Some(of))
            .map(|(_, host)| *host)
            .collect();
        let beside = match neighbours.len() {
            1 => neighbours.first().copied(),
            _ => None,
        };
        match case.hosts.in_path(own).or(beside) {
            Some(host) => {
                let host = case.hosts.get(host);
                let name: Arc<str> = host.fqdn.as_deref().unwrap_or(&host.name).into();
                let spans = log.spans.iter_mut().map(|span| &mut span.computer);
                let events = log.events.iter_mut().map(|event| &mut event.computer);
                for computer in spans.chain(events).filter(|c| c.is_empty()) {
                    *computer = name.clone();
                }
            }
            None => case.problems.push(Problem::remark(
                *id,
                Place::Whole,
                "does not say which machine wrote its events, and nothing beside it does; they are taken for those of no \
                 known machine. Put the file into a folder with the name of the machine, or export the log as .evtx.",
            )),
        }
    }
    case.problems.sort();
}

/// The folder of a path, where it has one: the whole bundle is no neighbourhood.
fn folder(path: &str) -> Option<&str> {
    path.rsplit_once('/').map(|(folder, _)| folder)
}
