//! `why401` says why IIS answered 401 to a Windows user, or let Kerberos fall back to NTLM, from what was collected
//! from the servers. It touches no live system.
//!
//! The pipeline, one way: a [`bundle`] is opened, the [`readers`] turn its artifacts into typed records, the [`case`]
//! joins them, [`negotiate`] simulates every endpoint, the [`causes`] explain what was observed, the [`remedy`] says what
//! to do, the [`report`] says it all.

#![warn(unreachable_pub)]

pub mod bundle;
pub mod case;
pub mod causes;
pub mod codes;
pub mod diff;
pub mod evidence;
pub mod negotiate;
pub mod readers;
pub mod remedy;
pub mod report;
#[cfg(test)]
mod testkit;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;

use bundle::{Bundle, Limits, OpenError};
use case::Zone;
use causes::Scene;
use diff::Side;
use readers::events::Selection;
use remedy::assume::{Assumption, AssumptionError};
use report::{Diff, Report, WhatIf};

/// Opens folders, files and archives as one bundle.
///
/// # Errors
/// A path is not there or may not be read.
pub fn open(paths: &[PathBuf]) -> Result<Bundle, OpenError> {
    Bundle::open(paths, &Limits::default())
}

/// What to leave out of an analysis.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Events before this time, UTC, do not count.
    pub since: Option<Timestamp>,
    /// Events after this time, UTC, do not count.
    pub until: Option<Timestamp>,
    /// Only findings and endpoints of this host.
    pub host: Option<String>,
    /// Only findings and endpoints of this site.
    pub site: Option<String>,
    /// The time zone of local times of machines whose own the bundle does not say.
    pub zone: Option<Zone>,
    /// Put the hashes of the inputs into the report. They are for reviewers and programs; a person at a terminal does not
    /// see them, and need not wait for them.
    pub hashes: bool,
}

/// How far an analysis is.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// Bytes read so far.
    pub done: u64,
    /// Bytes to read.
    pub total: u64,
    /// What is being done.
    pub what: &'a str,
}

/// Analyses a bundle. The same bundle gives the same report, whatever the number of threads.
pub fn analyze(
    bundle: &Bundle,
    options: &Options,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> Report {
    let (artifacts, case) = assemble(bundle, options, progress);
    let scene = Scene::of(&case);
    let judgement = causes::judge(&scene);
    let mut report = report::build(bundle, &artifacts, &scene, &judgement);
    if options.hashes {
        report::hash_inputs(&mut report, bundle);
    }
    report.keep_only(options.host.as_deref(), options.site.as_deref());
    report
}

/// What assumptions would change at the endpoints of a bundle; they apply in their order.
///
/// # Errors
/// An assumption names what the bundle does not have: its place among them, and why.
pub fn what_if(
    bundle: &Bundle,
    options: &Options,
    assumptions: &[Assumption],
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<WhatIf, (usize, AssumptionError)> {
    let (_, case) = assemble(bundle, options, progress);
    let mut what_if = report::what_if(bundle, case, assumptions)?;
    what_if.keep_only(options.host.as_deref(), options.site.as_deref());
    Ok(what_if)
}

/// Compares two bundles of one system: whether what was broken in the first is fixed in the second, and what changed. AFTER is
/// looked at from `options.since` on, or else from where BEFORE ends: what happened before that is in BEFORE.
pub fn diff(
    before: &Bundle,
    after: &Bundle,
    options: &Options,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> Diff {
    let analysed = |bundle, since| {
        let options = Options {
            since,
            until: None,
            ..options.clone()
        };
        let (artifacts, case) = assemble(bundle, &options, progress);
        let scene = Scene::of(&case);
        let judgement = causes::judge(&scene);
        let mut report = report::build(bundle, &artifacts, &scene, &judgement);
        report::hash_inputs(&mut report, bundle);
        Side {
            bundle,
            case,
            judgement,
            report,
        }
    };
    let mut before = analysed(before, None);
    let since = options.since.or_else(|| diff::end_of(&before.report));
    let mut second = analysed(after, since);
    let since = since.filter(|since| diff::reaches_beyond(&second.report, *since));
    if since.is_none() {
        second = analysed(after, None);
    }
    diff::compare(&mut before, &mut second, since)
}

/// Reads a bundle and joins what it says.
fn assemble(
    bundle: &Bundle,
    options: &Options,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> (Vec<readers::ArtifactReading>, case::Case) {
    let total = bundle.artifacts.iter().map(|a| a.bytes).sum();
    let done = AtomicU64::new(0);
    let selection = Selection {
        since: options.since,
        until: options.until,
        ..Selection::default()
    };
    let mut readings = readers::read(bundle, &selection, &|bytes| {
        let done = done
            .fetch_add(bytes, Ordering::Relaxed)
            .saturating_add(bytes);
        progress(Progress {
            done,
            total,
            what: "reading",
        });
    });
    readings.keep_between(options.since, options.until);
    let artifacts = std::mem::take(&mut readings.artifacts);
    let case = case::assemble(&bundle.artifacts, readings, options.zone.clone());
    (artifacts, case)
}

/// The page of a cause, by its id or name, or of a pattern that only looks like trouble (`NZ-02`).
pub fn explain(id_or_name: &str) -> Option<String> {
    let cause = causes::catalogue::find(id_or_name).map(causes::explain::page);
    cause.or_else(|| causes::noise::find(id_or_name).map(causes::explain::noise_page))
}

/// Every cause: its id, name and title.
pub fn catalogue() -> Vec<(&'static str, &'static str, &'static str)> {
    causes::catalogue::all()
        .map(|c| (c.id, c.name, c.title))
        .collect()
}

/// What the causes have in common whose ids begin with this (`SPN`).
pub fn group_of_causes(prefix: &str) -> Option<&'static str> {
    let mut groups = causes::catalogue::GROUPS.iter();
    groups
        .find(|(of_group, ..)| *of_group == prefix)
        .map(|(_, heading, _)| *heading)
}
