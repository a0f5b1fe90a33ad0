//! One finding: what it says, what it rests on, what looks like it, and what to do.

use super::Detail;
use super::answer::status_ink;
use super::page::{Ink, Page};
use crate::report::ledger::{Ledger, place};
use crate::report::model::{
    EndpointChange, EvidenceRef, Finding, MissingInput, Remedy, Shell, Status, Step, Weight,
};
use crate::report::words;

/// How many supporting citations are shown; the decisive and the contradicting ones always are.
const SUPPORTING_SHOWN: usize = 6;

/// Writes a finding.
pub(super) fn write(
    page: &mut Page,
    ledger: &Ledger,
    number: usize,
    finding: &Finding,
    detail: Detail,
) {
    let all = detail.all;
    page.heading(&format!("{number}. {} {}", finding.cause, finding.name));
    let status = words::status(finding.status).to_uppercase();
    page.item(0, (&status, status_ink(finding.status)), &finding.title);
    if let Some(subject) = words::subject(&finding.subject) {
        page.text(0, Ink::Faint, &subject);
    }
    if let Some(current) = words::current(finding.current) {
        page.text(0, Ink::Doubtful, current);
    }
    page.blank();
    if finding.status == Status::Possible {
        page.text(0, Ink::Plain, words::IF_SO);
    }
    page.text(0, Ink::Plain, &finding.explanation);
    if !finding.symptoms.is_empty() {
        let text = format!("{}.", finding.symptoms.join(", "));
        page.item(0, ("Explains:", Ink::Strong), text);
    }
    if let Some(onset) = &finding.onset {
        page.item(0, ("Began:", Ink::Strong), words::onset(onset));
    }
    if detail.reckoning {
        list(
            page,
            &format!("Why {}", words::status(finding.status)),
            &finding.reckoning,
        );
    }
    evidence(page, ledger, &finding.evidence, all);
    if !finding.look_alikes.is_empty() {
        page.blank();
        page.label(0, "Look-alikes, and what tells them apart");
        for look_alike in &finding.look_alikes {
            let cause = format!("{:<7}", look_alike.cause);
            page.item(2, (&cause, Ink::Strong), &look_alike.told_apart_by);
        }
    }
    missing(page, &finding.missing);
    if all || ledger.is_worth_fixing(finding) {
        remedy(page, &finding.remedy, &finding.after_fix);
    } else if !finding.remedy.fix.is_empty() {
        let text = "Decide it first; --all shows the fix all the same.";
        page.blank();
        page.item(0, ("Fix:", Ink::Strong), text);
        if finding.missing.is_empty() {
            steps(page, "Check", &finding.remedy.verify);
        }
    }
    list(page, "Could not be seen", &finding.blind_spots);
}

fn evidence(page: &mut Page, ledger: &Ledger, evidence: &[EvidenceRef], all: bool) {
    if evidence.is_empty() {
        return;
    }
    page.blank();
    page.label(0, "Evidence");
    let mut supporting = 0;
    let mut left_out: u64 = 0;
    let mut before: Option<&EvidenceRef> = None;
    for reference in evidence {
        if reference.weight == Weight::Supporting && !all {
            supporting += 1;
            if supporting > SUPPORTING_SHOWN {
                left_out += 1;
                continue;
            }
        }
        // Several places of one statement: it is said once.
        let said = before.is_some_and(|b| b.says == reference.says && b.weight == reference.weight);
        one_evidence(page, ledger, reference, said, all);
        before = Some(reference);
    }
    if left_out > 0 {
        let text = format!("… and {left_out} more that support it: --all shows them.");
        page.text(2, Ink::Faint, &text);
    }
}

fn one_evidence(page: &mut Page, ledger: &Ledger, reference: &EvidenceRef, said: bool, all: bool) {
    let label = format!("{:<4}", reference.id);
    let ink = match reference.weight {
        Weight::Decisive => Ink::Strong,
        Weight::Supporting => Ink::Plain,
        Weight::Contradicting => Ink::Doubtful,
    };
    if !said {
        let weight = words::weight(reference.weight);
        page.item(2, (&label, ink), format!("{weight}: {}", reference.says));
    }
    let Some(cited) = ledger.evidence(&reference.id) else {
        return;
    };
    let time = cited
        .time
        .map(|time| format!(" at {}", time.to_the_second()));
    let stands_at = format!("{}{}", place(cited), time.unwrap_or_default());
    if said {
        page.item(2, (&label, ink), stands_at);
    } else {
        page.text(7, Ink::Faint, &stands_at);
    }
    if all {
        page.whole_quote(7, &cited.text);
    } else {
        page.quote(7, &cited.text);
    }
}

fn remedy(page: &mut Page, remedy: &Remedy, after_fix: &[EndpointChange]) {
    steps(page, "Fix", &remedy.fix);
    if !after_fix.is_empty() {
        page.blank();
        page.label(0, "With the fix, by simulating every endpoint again");
        let rows = after_fix.iter().map(|change| {
            vec![
                change.endpoint.clone(),
                words::outcome(change.before).to_owned(),
                words::outcome(change.after).to_owned(),
            ]
        });
        page.table(2, &["Endpoint", "Now", "With the fix"], rows);
    }
    steps(page, "Verify", &remedy.verify);
    steps(page, "Roll back", &remedy.rollback);
    steps(page, "Other ways", &remedy.alternatives);
    steps(page, "Keep it from coming back", &remedy.prevent);
}

fn steps(page: &mut Page, label: &str, steps: &[Step]) {
    if steps.is_empty() {
        return;
    }
    page.blank();
    page.label(0, label);
    for (number, step) in (1..).zip(steps) {
        one_step(page, number, step);
    }
}

/// A numbered step, its command on lines of its own.
fn one_step(page: &mut Page, number: usize, step: &Step) {
    let label = format!("{number:>2}.");
    let says = match step.shell {
        Shell::None => step.says.clone(),
        shell => format!("{} ({})", step.says, words::shell(shell)),
    };
    page.item(1, (&label, Ink::Strong), says);
    // Whoever copies a command has read what it risks.
    if let Some(risk) = &step.risk {
        page.item(5, ("Risk:", Ink::Doubtful), risk);
    }
    if let Some(command) = &step.command {
        page.command(7, command);
    }
    if let Some(stop_if) = &step.stop_if {
        page.item(5, ("Stop if:", Ink::Bad), stop_if);
    }
}

/// What to collect to be sure of the finding.
fn missing(page: &mut Page, missing: &[MissingInput]) {
    if missing.is_empty() {
        return;
    }
    page.blank();
    page.label(0, "What would settle it, and is not in the bundle");
    for missing in missing {
        page.item(1, ("-", Ink::Plain), &missing.what);
        page.command(7, &missing.collect_with);
    }
}

/// A labelled list of sentences.
fn list(page: &mut Page, label: &str, sentences: &[String]) {
    if sentences.is_empty() {
        return;
    }
    page.blank();
    page.label(0, label);
    for sentence in sentences {
        page.item(1, ("-", Ink::Plain), sentence);
    }
}
