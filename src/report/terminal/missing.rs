//! What the bundle lacks, grouped by the command that collects it: whoever collects wants each command once.

use super::page::{Ink, Page};
use crate::report::ledger::collections;
use crate::report::model::Report;
use crate::report::words;

/// How many commands are shown when many causes are undecided.
const COMMANDS_SHOWN: usize = 6;
/// How many causes are named behind a command.
const CAUSES_NAMED: usize = 6;

/// Writes the missing inputs.
pub(super) fn write(page: &mut Page, report: &Report, all: bool) {
    let collections = collections(report);
    if collections.is_empty() {
        return;
    }
    page.heading("Missing inputs");
    let short = !all && collections.len() > COMMANDS_SHOWN;
    let shown = if short {
        COMMANDS_SHOWN
    } else {
        collections.len()
    };
    let summary = format!(
        "{} could not be decided (why401 explain ID says what each is). Run these read-only commands in a Command Prompt \
         (Get- and Test- in PowerShell), the most telling first, and add what they write to the bundle:",
        words::count(report.not_assessed.len() as u64, "cause"),
    );
    page.text(0, Ink::Plain, &summary);
    for collection in collections.iter().take(shown) {
        page.blank();
        let whats: Vec<String> = collection
            .whats
            .iter()
            .map(|what| (*what).to_owned())
            .collect();
        let what = if all {
            whats.join("; ")
        } else {
            words::first_few(&whats, 2)
        };
        page.item(0, ("-", Ink::Strong), what);
        page.command(4, collection.command);
        let decided = collection.symptoms.iter().chain(&collection.causes);
        let causes: Vec<String> = decided.map(|id| (*id).to_owned()).collect();
        let named = if all { causes.len() } else { CAUSES_NAMED };
        let text = format!("bears on {}", words::first_few(&causes, named));
        page.text(2, Ink::Faint, &text);
    }
    if let Some(rest) = collections
        .len()
        .checked_sub(shown)
        .filter(|rest| *rest > 0)
    {
        page.blank();
        let text = format!(
            "… and {}: --all shows them.",
            words::count(rest as u64, "more command")
        );
        page.text(0, Ink::Faint, &text);
    }
}
