//! The report on a terminal: the answer on the first screen, then what it rests on and what to do, section by section.
//!
//! Short by default: long lists end in a line that says how to see the rest. Nothing here knows whether it writes to a
//! terminal, a pipe or a file; the caller says how wide it is and whether it shows colour.

mod answer;
mod diff;
mod endpoints;
mod finding;
mod inspect;
mod lists;
mod missing;
mod page;
#[cfg(test)]
mod tests;
mod timeline;
mod what_if;

use super::ledger::Ledger;
use super::model::{Diff, Report, VerdictStatus, WhatIf};
use page::Page;

/// How many rows of a list are shown when not everything is asked for.
const ENDPOINTS_SHOWN: usize = 30;
/// As above, of the causes that were ruled out or not assessed, and of the timeline.
const CAUSES_SHOWN: usize = 12;

/// How much a report shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Detail {
    /// Everything there is: whole quotations, all endpoints, all causes that were ruled out or not assessed.
    pub all: bool,
    /// How each status was reached.
    pub reckoning: bool,
}

/// The report as text.
///
/// `width` is in columns. `colour` switches ANSI colours on.
pub fn render(report: &Report, width: usize, colour: bool, detail: Detail) -> String {
    let Detail { all, .. } = detail;
    let ledger = Ledger::of(report);
    let mut page = Page::new(width, colour);
    answer::write(&mut page, report, &ledger);
    for (number, finding) in (1..).zip(&report.findings) {
        finding::write(&mut page, &ledger, number, finding, detail);
    }
    lists::contradictions(&mut page, report);
    lists::symptoms(&mut page, report, &ledger, all);
    // Where nothing is decided, what to collect is the answer.
    let is_open = report.verdict.status == VerdictStatus::Inconclusive;
    if is_open {
        missing::write(&mut page, report, all);
    }
    lists::timeline(&mut page, report, all);
    endpoints::table(&mut page, &report.endpoints, all);
    lists::ruled_out(&mut page, report, all);
    if !is_open {
        missing::write(&mut page, report, all);
    }
    lists::coverage(&mut page, report);
    answer::closing(&mut page, report);
    page.finish()
}

/// What was found in the bundle and how it was understood, as text: the `inspect` command.
pub fn inspect(report: &Report, width: usize, colour: bool, all: bool) -> String {
    let mut page = Page::new(width, colour);
    inspect::write(&mut page, report, all);
    missing::write(&mut page, report, all);
    page.finish()
}

/// Changes, failures and recoveries on one clock, as text: the `timeline` command.
pub fn timeline(report: &Report, width: usize, colour: bool) -> String {
    let mut page = Page::new(width, colour);
    timeline::write(&mut page, report);
    page.finish()
}

/// Each endpoint's simulated path, step by step, as text: the `endpoints` command.
pub fn endpoints(report: &Report, width: usize, colour: bool) -> String {
    let ledger = Ledger::of(report);
    let mut page = Page::new(width, colour);
    endpoints::table(&mut page, &report.endpoints, true);
    endpoints::traces(&mut page, &ledger, &report.endpoints);
    page.finish()
}

/// What assumptions change at the endpoints, as text: the `endpoints --assume` command.
pub fn what_if(what_if: &WhatIf, width: usize, colour: bool) -> String {
    let mut page = Page::new(width, colour);
    what_if::write(&mut page, what_if);
    page.finish()
}

/// Two bundles compared, as text: the `diff` command.
pub fn diff(diff: &Diff, width: usize, colour: bool, all: bool) -> String {
    let mut page = Page::new(width, colour);
    diff::write(&mut page, diff, all);
    page.finish()
}
