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
}

fn hosts(page: &mut Page, report: &Report) {
    if report.bundle.hosts.is_empty() {
        return;
    }
    page.heading("Hosts");
    let hosts = &report.bundle.hosts;
    // A column of nothing but "unknown" tells less than its absence.
    let is_told = hosts
        .iter()
        .any(|host| host.os.is_some() || host.time_zone.is_some());
    let columns = if is_told { 4 } else { 2 };
    let unknown = || "unknown".to_owned();
    let rows = hosts.iter().map(|host| {
        let mut row = vec![
            host.name.clone(),
            host.roles.join(", ").replace('-', " "),
            host.os.clone().unwrap_or_else(unknown),
            host.time_zone.clone().unwrap_or_else(unknown),
        ];
        row.truncate(columns);
        row
    });
    let header = ["Host", "Roles", "System", "Time zone"];
    page.table(0, header.get(..columns).unwrap_or(&header), rows);
}

/// Two lines an artifact and no table: paths are long, and people search for them whole.
fn artifacts(page: &mut Page, report: &Report) {
    page.heading("Artifacts");
    for artifact in &report.bundle.artifacts {
        page.text(0, Ink::Strong, &artifact.path);
        let mut says = artifact.kind.clone();
        if let Some(encoding) = &artifact.encoding {
            says += &format!(", {encoding}");
        }
        if let Some(host) = &artifact.host {
            says += &format!(", from {host}");
        }
        says += &format!(", {}: ", size(artifact.bytes));
        says += &words::count(artifact.records, "record");
        if artifact.skipped > 0 {
            says += &format!(", {} skipped", artifact.skipped);
        }
        page.text(2, Ink::Faint, &says);
        for problem in &artifact.problems {
            page.item(2, ("!", Ink::Doubtful), problem);
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
