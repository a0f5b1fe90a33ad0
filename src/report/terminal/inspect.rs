//! What was found in the bundle: inputs, hosts, artifacts with how they were understood, and what was skipped.

use super::page::{Ink, Page};
use crate::report::model::Report;
use crate::report::words;

/// Writes the inputs, the hosts, the artifacts and what was skipped in them.
pub(super) fn write(page: &mut Page, report: &Report) {
    page.heading("Inputs");
    for input in &report.bundle.inputs {
        page.text(0, Ink::Plain, &input.path);
        page.text(2, Ink::Faint, &format!("sha256 {}", input.sha256));
    }
    let span = words::span(report.bundle.first_time, report.bundle.last_time);
    page.text(0, Ink::Plain, &format!("Time: {span}"));
    hosts(page, report);
    artifacts(page, report);
    problems(page, report);
}

fn hosts(page: &mut Page, report: &Report) {
    if report.bundle.hosts.is_empty() {
        return;
    }
    page.heading("Hosts");
    let unknown = || "unknown".to_owned();
    let rows = report.bundle.hosts.iter().map(|host| {
        vec![
            host.name.clone(),
            host.roles.join(", "),
            host.os.clone().unwrap_or_else(unknown),
            host.time_zone.clone().unwrap_or_else(unknown),
        ]
    });
    page.table(0, &["Host", "Roles", "System", "Time zone"], rows);
}

fn artifacts(page: &mut Page, report: &Report) {
    page.heading("Artifacts");
    let rows = report.bundle.artifacts.iter().map(|artifact| {
        vec![
            artifact.path.clone(),
            artifact.kind.clone(),
            artifact.host.clone().unwrap_or_default(),
            artifact.encoding.clone().unwrap_or_default(),
            size(artifact.bytes),
            artifact.records.to_string(),
            artifact.skipped.to_string(),
        ]
    });
    let header = [
        "Path", "Kind", "Host", "Encoding", "Size", "Records", "Skipped",
    ];
    page.table(0, &header, rows);
}

fn problems(page: &mut Page, report: &Report) {
    let artifacts = &report.bundle.artifacts;
    if artifacts
        .iter()
        .all(|artifact| artifact.problems.is_empty())
    {
        return;
    }
    page.heading("Skipped, and why");
    for artifact in artifacts.iter().filter(|a| !a.problems.is_empty()) {
        page.text(0, Ink::Strong, &artifact.path);
        for problem in &artifact.problems {
            page.item(1, ("-", Ink::Doubtful), problem);
        }
    }
}

/// A size as people read it, in units of 1024.
fn size(bytes: u64) -> String {
    let units = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    let mut size = bytes as f64 / 1024.0;
    let mut unit = 0;
    while size >= 1024.0 && unit + 1 < units.len() {
        size /= 1024.0;
        unit += 1;
    }
    format!("{size:.1} {}", units.get(unit).unwrap_or(&"TiB"))
}
