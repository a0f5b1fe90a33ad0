//! What was found in the bundle: inputs, kinds, hosts with the sources that each has, clocks, and every artifact with how
//! it was understood and what was skipped.

use super::page::{Ink, Page};
use crate::report::model::{ArtifactSummary, Auditing, Coverage, HostSummary, Report};
use crate::report::words;

/// Files beside each other, of one kind and without a problem, from which on they share a line.
const ALIKE: usize = 4;

/// Gaps of one source that are named, unless all are wanted.
const GAPS: usize = 4;

/// Writes it all. `all` names every file on a line of its own.
pub(super) fn write(page: &mut Page, report: &Report, all: bool) {
    inputs(page, report);
    kinds(page, report);
    hosts(page, report, all);
    clocks(page, report);
    artifacts(page, report, all);
}

fn inputs(page: &mut Page, report: &Report) {
    page.heading("Inputs");
    for input in &report.bundle.inputs {
        page.text(0, Ink::Plain, &input.path);
        page.text(2, Ink::Faint, &format!("sha256 {}", input.sha256));
    }
    let span = words::span(report.bundle.first_time, report.bundle.last_time);
    page.text(0, Ink::Plain, &format!("Time: {span}"));
}

/// How many files of which kind there are, and how far they were read.
fn kinds(page: &mut Page, report: &Report) {
    let artifacts = &report.bundle.artifacts;
    if artifacts.is_empty() {
        return;
    }
    let mut kinds: Vec<&str> = artifacts.iter().map(|a| a.kind.as_str()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    page.heading("Kinds of files");
    let rows = kinds.into_iter().map(|kind| {
        let of_kind = || artifacts.iter().filter(move |a| a.kind == kind);
        let sum = |part: fn(&ArtifactSummary) -> u64| of_kind().map(part).sum::<u64>();
        vec![
            kind.to_owned(),
            of_kind().count().to_string(),
            size(sum(|a| a.bytes)),
            sum(|a| a.records).to_string(),
            sum(|a| a.skipped).to_string(),
        ]
    });
    page.table(0, &["Kind", "Files", "Size", "Records", "Problems"], rows);
}

/// Each host with what it is, and the sources that the bundle has of it.
fn hosts(page: &mut Page, report: &Report, all: bool) {
    if report.bundle.hosts.is_empty() && report.coverage.is_empty() {
        return;
    }
    page.heading("Hosts: silence of what is not listed proves nothing");
    let hosts = &report.bundle.hosts;
    for host in hosts {
        page.label(0, &host.name);
        let told = [
            Some(host.roles.join(", ").replace('-', " ")).filter(|roles| !roles.is_empty()),
            host.os.clone(),
            host.time_zone
                .as_ref()
                .map(|zone| format!("time zone {zone}")),
        ];
        let told: Vec<String> = told.into_iter().flatten().collect();
        if !told.is_empty() {
            page.text(2, Ink::Plain, &told.join(" · "));
        }
        let files = report
            .bundle
            .artifacts
            .iter()
            .filter(|a| is_of(host, a.host.as_deref()));
        let files = match files.count() {
            0 => "no file of its own: it is met in those of others".to_owned(),
            files => words::count(files as u64, "file"),
        };
        page.text(2, Ink::Faint, &files);
        for source in report
            .coverage
            .iter()
            .filter(|c| is_of(host, Some(&c.host)))
        {
            coverage(page, source, all);
        }
    }
    let others = report
        .coverage
        .iter()
        .filter(|c| !hosts.iter().any(|h| is_of(h, Some(&c.host))));
    let mut last = None;
    for source in others {
        if last.replace(&source.host) != Some(&source.host) {
            page.label(0, &source.host);
        }
        coverage(page, source, all);
    }
}

/// Coverage and artifacts name hosts by their short names.
fn is_of(host: &HostSummary, name: Option<&str>) -> bool {
    let short = |name: &str| name.split('.').next().unwrap_or(name).to_lowercase();
    name.is_some_and(|name| short(name) == short(&host.name))
}

fn coverage(page: &mut Page, source: &Coverage, all: bool) {
    let ink = match source.auditing {
        Auditing::Off | Auditing::Partial => Ink::Doubtful,
        Auditing::On | Auditing::Unknown => Ink::Strong,
    };
    let span = words::span_by(source.first_time, source.last_time, source.time_certainty);
    page.item(2, (&source.source, ink), format!("{span}; {}", source.says));
    let shown = match all || source.gaps.len() <= GAPS {
        true => source.gaps.len(),
        false => GAPS - 1,
    };
    for gap in source.gaps.iter().take(shown) {
        page.item(4, ("Gap:", Ink::Doubtful), gap);
    }
    if shown < source.gaps.len() {
        let more = words::count((source.gaps.len() - shown) as u64, "more gap");
        page.text(4, Ink::Faint, &format!("and {more}: --all names them."));
    }
}

fn clocks(page: &mut Page, report: &Report) {
    if report.bundle.clocks.is_empty() {
        return;
    }
    page.heading("Clocks");
    for clock in &report.bundle.clocks {
        page.item(0, ("-", Ink::Plain), &clock.says);
    }
}

/// No table: paths are long, and people search for them whole.
fn artifacts(page: &mut Page, report: &Report, all: bool) {
    page.heading("Artifacts");
    let mut rest = report.bundle.artifacts.as_slice();
    let mut joined = false;
    while let Some(first) = rest.first() {
        let run = if all { 1 } else { alike(rest) };
        let (these, others) = rest.split_at(run);
        rest = others;
        match these {
            [_, .., last] if run >= ALIKE => {
                joined = true;
                several(page, first, last, these);
            }
            _ => these.iter().for_each(|artifact| one(page, artifact)),
        }
    }
    if joined {
        page.text(
            0,
            Ink::Faint,
            "--all names every file on a line of its own.",
        );
    }
}

/// How many files from the first one on lie in one folder, are of one kind and host, and have no problem.
fn alike(artifacts: &[ArtifactSummary]) -> usize {
    let Some(first) = artifacts.first() else {
        return 0;
    };
    let same = |a: &&ArtifactSummary| {
        folder(&a.path) == folder(&first.path)
            && (&a.kind, &a.host, &a.encoding) == (&first.kind, &first.host, &first.encoding)
            && a.problems.is_empty()
            && a.remarks.is_empty()
            && a.same_as.is_none()
    };
    artifacts.iter().take_while(same).count().max(1)
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

fn several(
    page: &mut Page,
    first: &ArtifactSummary,
    last: &ArtifactSummary,
    all: &[ArtifactSummary],
) {
    let name = last.path.rsplit('/').next().unwrap_or(&last.path);
    page.text(0, Ink::Strong, &format!("{} … {name}", first.path));
    let bytes = all.iter().map(|a| a.bytes).sum();
    let records = all.iter().map(|a| a.records).sum();
    let says = format!("{} files, {}", all.len(), understood(first, bytes, records));
    page.text(2, Ink::Faint, &says);
}

fn one(page: &mut Page, artifact: &ArtifactSummary) {
    page.text(0, Ink::Strong, &artifact.path);
    let mut says = understood(artifact, artifact.bytes, artifact.records);
    if artifact.skipped > 0 {
        says += &format!(", {}", words::count(artifact.skipped, "problem"));
    }
    page.text(2, Ink::Faint, &says);
    if let Some(first) = &artifact.same_as {
        page.text(2, Ink::Faint, &format!("the same bytes as {first}"));
    }
    for problem in &artifact.problems {
        page.item(2, ("!", Ink::Doubtful), problem);
    }
    for remark in &artifact.remarks {
        page.item(2, ("-", Ink::Faint), remark);
    }
}

fn understood(artifact: &ArtifactSummary, bytes: u64, records: u64) -> String {
    let mut says = artifact.kind.clone();
    if let Some(encoding) = &artifact.encoding {
        says += &format!(", {encoding}");
    }
    if let Some(host) = &artifact.host {
        says += &format!(", from {host}");
    }
    let read = match artifact.kind.as_str() {
        "text" | "binary" => "not read, for no reader knows what it is".to_owned(),
        "empty" => "nothing in it".to_owned(),
        _ => words::count(records, "record"),
    };
    format!("{says}, {}: {read}", size(bytes))
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
