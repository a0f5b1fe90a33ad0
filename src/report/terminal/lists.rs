//! The sections that are plain lists: contradictions, symptoms, timeline, causes ruled out, coverage.

use super::CAUSES_SHOWN;
use super::page::{Ink, Page};
use crate::report::ledger::Ledger;
use crate::report::model::{AttemptStep, Auditing, Report, TimelineKind, VerdictStatus};
use crate::report::words;

/// How many principals of a symptom are named.
const PRINCIPALS_SHOWN: usize = 3;
/// How many files that were not read in full are named.
const FILES_NAMED: usize = 4;

/// A line on what was left out, when something was.
fn more(page: &mut Page, shown: usize, all: usize) {
    if let Some(rest) = all.checked_sub(shown).filter(|rest| *rest > 0) {
        page.text(
            2,
            Ink::Faint,
            &format!("… and {rest} more: --all shows them."),
        );
    }
}

/// Facts that cannot all be true.
pub(super) fn contradictions(page: &mut Page, report: &Report) {
    if report.contradictions.is_empty() {
        return;
    }
    page.heading("Contradictions in the bundle");
    for contradiction in &report.contradictions {
        let says = words::cited(&contradiction.says, &contradiction.evidence);
        page.item(0, ("!", Ink::Doubtful), says);
    }
}

/// Symptoms of which one attempt is told when not everything is asked for.
const ATTEMPTS_SHOWN: usize = 2;

/// The failures that were seen, and what explains them.
pub(super) fn symptoms(page: &mut Page, report: &Report, ledger: &Ledger, all: bool) {
    if report.symptoms.is_empty() {
        return;
    }
    page.heading("Symptoms");
    let is_open = report.verdict.status == VerdictStatus::Inconclusive;
    let mut attempts = 0;
    for symptom in &report.symptoms {
        let label = format!("{:<4}", symptom.id);
        page.item(0, (&label, Ink::Strong), words::symptom(symptom));
        page.text(
            5,
            Ink::Faint,
            &words::span_by(
                symptom.first_time,
                symptom.last_time,
                symptom.time_certainty,
            ),
        );
        let causes: Vec<&str> = ledger.explained_by(symptom).into_iter().collect();
        let mut says = match causes.as_slice() {
            [] => "Unexplained".to_owned(),
            causes if is_open || !ledger.is_explained(symptom) => {
                format!("Would be explained by {}", causes.join(", "))
            }
            causes => format!("Explained by {}", causes.join(", ")),
        };
        if !symptom.principals.is_empty() {
            says += "; happened to ";
            says += &words::first_few(&symptom.principals, PRINCIPALS_SHOWN);
        }
        let ink = if causes.is_empty() {
            Ink::Doubtful
        } else {
            Ink::Plain
        };
        page.text(5, ink, &words::cited(&says, &symptom.evidence));
        for detail in &symptom.details {
            page.text(5, Ink::Faint, detail);
        }
        if !symptom.attempt.is_empty() && (all || attempts < ATTEMPTS_SHOWN) {
            attempts += 1;
            attempt(page, &symptom.attempt);
        }
    }
}

/// One attempt as several machines wrote of it.
fn attempt(page: &mut Page, steps: &[AttemptStep]) {
    page.text(5, Ink::Plain, "One of them, as the machines wrote of it:");
    for step in steps {
        let order = if step.surely_after { " " } else { "?" };
        let clock = step.time.0.strftime("%H:%M:%SZ");
        let says = format!("{}: {}", step.host, step.says);
        let says = words::cited(&says, &step.evidence);
        page.item(6, (&format!("{order} {clock}"), Ink::Plain), says);
    }
    if steps.iter().any(|step| !step.surely_after) {
        let text = "? the clocks of the two machines leave open which came first";
        page.text(6, Ink::Faint, text);
    }
}

/// Changes and failures on one clock.
pub(super) fn timeline(page: &mut Page, report: &Report, all: bool) {
    let entries: Vec<_> = report
        .timeline
        .iter()
        .filter(|entry| all || entry.kind != TimelineKind::Info)
        .collect();
    if entries.is_empty() {
        return;
    }
    page.heading("Timeline");
    let shown = if all { entries.len() } else { CAUSES_SHOWN };
    let notes = words::notes_on_times(&report.timeline);
    let marked = !notes.is_empty();
    let width = if marked { 21 } else { 20 };
    for entry in entries.iter().take(shown) {
        // A mark before the time must not shift what stands behind it.
        let time = words::when(entry);
        let time = if marked && time.starts_with(|c: char| c.is_ascii_digit()) {
            format!(" {time}")
        } else {
            time
        };
        let (kind, ink) = match entry.kind {
            TimelineKind::Change => ("change ", Ink::Doubtful),
            TimelineKind::Failure => ("failure", Ink::Bad),
            TimelineKind::Info => ("       ", Ink::Plain),
        };
        let says = words::cited(&entry.says, &entry.evidence);
        page.item(0, (&format!("{time:<width$} {kind}"), ink), says);
    }
    for note in notes {
        page.text(0, Ink::Faint, note);
    }
    more(page, shown, report.timeline.len());
}

/// Causes that a cited fact contradicts.
pub(super) fn ruled_out(page: &mut Page, report: &Report, all: bool) {
    if report.ruled_out.is_empty() {
        return;
    }
    let (noise, causes): (Vec<_>, Vec<_>) =
        report.ruled_out.iter().partition(|out| out.name == "noise");
    if !causes.is_empty() {
        page.heading("Ruled out");
    }
    let shown = if all { causes.len() } else { CAUSES_SHOWN };
    for cause in causes.iter().take(shown) {
        let because = words::cited(&cause.because, &cause.evidence);
        let says = format!("{}: {because}", cause.name);
        page.item(0, (&format!("{:<7}", cause.cause), Ink::Strong), says);
    }
    more(page, shown, causes.len());
    if !noise.is_empty() {
        page.heading("Looks like trouble, and is ordinary");
    }
    for pattern in noise {
        let says = words::cited(&pattern.because, &pattern.evidence);
        page.item(0, (&format!("{:<7}", pattern.cause), Ink::Strong), says);
    }
}

/// Which span of which source on which host the bundle holds, and what of it was not read.
pub(super) fn coverage(page: &mut Page, report: &Report) {
    if !report.coverage.is_empty() {
        page.heading("Coverage: silence elsewhere proves nothing");
    }
    for source in &report.coverage {
        let ink = match source.auditing {
            Auditing::Off | Auditing::Partial => Ink::Doubtful,
            Auditing::On | Auditing::Unknown => Ink::Strong,
        };
        let label = format!("{} {}", source.host, source.source);
        page.text(0, ink, &label);
        let span = words::span_by(source.first_time, source.last_time, source.time_certainty);
        let text = match source.auditing {
            Auditing::Unknown => span,
            auditing => format!("{span}; auditing {}", words::auditing(auditing)),
        };
        page.text(2, Ink::Faint, &text);
        page.text(2, Ink::Plain, &source.says);
        for gap in &source.gaps {
            page.item(2, ("Gap:", Ink::Doubtful), gap);
        }
    }
    let files = report.bundle.artifacts.iter();
    let files = files.filter(|file| file.skipped > 0);
    let paths: Vec<String> = files.map(|file| file.path.clone()).collect();
    if !paths.is_empty() {
        page.blank();
        let text = format!(
            "{} (why401 inspect BUNDLE says what was left out, and why)",
            words::first_few(&paths, FILES_NAMED)
        );
        page.item(0, ("Not read in full:", Ink::Doubtful), text);
    }
}
