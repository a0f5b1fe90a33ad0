//! The inventory: what was found in the bundle and how far it was understood.

use crate::bundle::{Artifact, Bundle};
use crate::case::{Case, Role};
use crate::evidence::{Place, Problem};
use crate::readers::{ArtifactReading, kind_name};
use crate::report::model;

/// Problems of one artifact that are spelled out; the rest is counted.
const SPELLED_OUT: usize = 20;

/// Puts the hashes of the inputs into a report of this bundle. Reads all of it.
pub fn hash_inputs(report: &mut model::Report, bundle: &Bundle) {
    for (summary, input) in report.bundle.inputs.iter_mut().zip(&bundle.inputs) {
        summary.sha256 = input.sha256().unwrap_or_default();
    }
}

/// The bundle's part of the report.
pub(super) fn build(
    bundle: &Bundle,
    readings: &[ArtifactReading],
    case: &Case,
    clocks: Vec<model::ClockDifference>,
) -> model::BundleSummary {
    // The coverage knows of all records, the events are only those that matter here.
    let covered = |c: &crate::case::Coverage| (c.first, c.last);
    let logged = case.log_coverage();
    let logged = || {
        logged
            .iter()
            .filter_map(|log| Some((log.first?, log.last?)))
    };
    let spans = || {
        let events = case.coverage.iter().map(covered).chain(case.span());
        events.chain(logged())
    };
    model::BundleSummary {
        inputs: bundle
            .inputs
            .iter()
            .map(|i| model::InputSummary {
                path: i.path.clone(),
                sha256: String::new(),
            })
            .collect(),
        artifacts: bundle
            .artifacts
            .iter()
            .map(|a| {
                artifact(
                    bundle,
                    a,
                    readings.iter().find(|r| r.artifact == a.id),
                    case,
                )
            })
            .collect(),
        hosts: case
            .hosts
            .iter()
            .map(|(id, host)| model::HostSummary {
                name: host.fqdn.clone().unwrap_or_else(|| host.name.clone()),
                roles: host.roles.iter().map(|r| role(*r).to_owned()).collect(),
                os: case
                    .machine(Some(id))
                    .and_then(|machine| machine.system())
                    .map(|system| system.value.to_owned()),
                time_zone: case.clocks.zone(id).map(|zone| zone.shown().to_owned()),
            })
            .collect(),
        clocks,
        first_time: spans().map(|(first, _)| first).min().map(model::Time),
        last_time: spans().map(|(_, last)| last).max().map(model::Time),
    }
}

fn artifact(
    bundle: &Bundle,
    artifact: &Artifact,
    reading: Option<&ArtifactReading>,
    case: &Case,
) -> model::ArtifactSummary {
    let said = |lost: bool| {
        let of = move |p: &&Problem| p.artifact == artifact.id && p.lost == lost;
        let placed = |p: &Problem| match &p.place {
            Place::Whole => p.says.clone(),
            Place::Line(line) | Place::Element { line, .. } => format!("line {line}: {}", p.says),
            Place::Record(id) => format!("record {id}: {}", p.says),
        };
        case.problems.iter().filter(of).map(placed)
    };
    let problems: Vec<String> = said(true).collect();
    let skipped = problems.len() as u64;
    let mut shown: Vec<String> = problems.iter().take(SPELLED_OUT).cloned().collect();
    if problems.len() > SPELLED_OUT {
        shown.push(format!("and {} more", problems.len() - SPELLED_OUT));
    }
    model::ArtifactSummary {
        path: artifact.path.clone(),
        kind: reading.map_or_else(|| kind_name(artifact.kind).to_owned(), |r| r.kind.clone()),
        host: case
            .artifact_hosts
            .get(&artifact.id)
            .map(|h| case.hosts.get(*h).name.clone()),
        encoding: reading.and_then(|r| r.encoding.clone()),
        bytes: artifact.bytes,
        same_as: artifact
            .duplicate_of
            .and_then(|first| bundle.artifacts.get(first.0 as usize))
            .map(|first| first.path.clone()),
        records: reading.map_or(0, |r| r.records),
        skipped,
        problems: shown,
        remarks: said(false).collect(),
    }
}

fn role(role: Role) -> &'static str {
    match role {
        Role::WebServer => "web-server",
        Role::DomainController => "domain-controller",
        Role::Client => "client",
    }
}
