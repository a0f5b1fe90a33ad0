//! Changes, failures and recoveries on one clock, day by day: the `timeline` command.

use super::page::{Ink, Page};
use crate::report::model::{Report, TimeCertainty, TimelineEntry, TimelineKind};
use crate::report::words;

/// Writes the timeline. What repeats at once is told once, with its number.
pub(super) fn write(page: &mut Page, report: &Report) {
    if report.timeline.is_empty() {
        page.text(0, Ink::Plain, "The bundle shows no change and no failure.");
        return;
    }
    let mut day = String::new();
    let mut rest = report.timeline.as_slice();
    while let Some((entry, behind)) = rest.split_first() {
        let alike = behind
            .iter()
            .take_while(|other| repeats(entry, other))
            .count();
        let (repeated, after) = behind.split_at(alike);
        let of_day = entry.time.map_or_else(
            || "Time unknown, in this order".to_owned(),
            |time| time.0.strftime("%Y-%m-%d (%A, UTC)").to_string(),
        );
        if of_day != day {
            page.heading(&of_day);
            day = of_day;
        }
        one(page, entry, repeated);
        rest = after;
    }
    for note in words::notes_on_times(&report.timeline) {
        page.blank();
        page.text(0, Ink::Faint, note);
    }
}

fn one(page: &mut Page, entry: &TimelineEntry, repeated: &[TimelineEntry]) {
    let clock = match (entry.time, entry.time_certainty) {
        (None, _) => " ".repeat(10),
        (Some(time), TimeCertainty::Exact) => time.0.strftime(" %H:%M:%SZ").to_string(),
        (Some(time), TimeCertainty::Day) => time.0.strftime("day %H:%MZ").to_string(),
        (Some(time), TimeCertainty::ZoneAssumed) => time.0.strftime("~%H:%M:%SZ").to_string(),
        (Some(time), TimeCertainty::Unknown) => time.0.strftime("~%H:%M:%S ").to_string(),
    };
    let (kind, ink) = match entry.kind {
        TimelineKind::Change => ("change ", Ink::Doubtful),
        TimelineKind::Failure => ("failure", Ink::Bad),
        TimelineKind::Info => ("       ", Ink::Plain),
    };
    let times = match repeated.last().and_then(|last| last.time) {
        Some(last) => format!(
            "{} times until {}: ",
            repeated.len() + 1,
            last.0.strftime("%H:%M:%SZ")
        ),
        None => String::new(),
    };
    let says = words::cited(&format!("{times}{}", entry.says), &entry.evidence);
    page.item(0, (&format!("{clock}  {kind}"), ink), says);
}

/// Whether the next entry says the same on the same day.
fn repeats(entry: &TimelineEntry, next: &TimelineEntry) -> bool {
    let day = |entry: &TimelineEntry| entry.time.map(|time| time.0.as_second().div_euclid(86_400));
    entry.kind == next.kind
        && entry.says == next.says
        && entry.time.is_some()
        && day(entry) == day(next)
        && entry.time_certainty == next.time_certainty
}
