//! Whether what was broken is fixed.

use std::collections::BTreeSet;

use super::Side;
use super::causes::Told as Cause;
use super::gone::explained as explained_by;
use super::symptoms::Told as Failure;
use crate::case::SymptomId;
use crate::report::model::{Answer, AnswerStatus, CauseFate, MissingInput, Status, SymptomFate};
use crate::report::words;

/// Sentences and inputs that the answer names.
const NAMED: usize = 6;

/// The answer, from what became of the causes, and of the failures that they explained.
pub(super) fn answer(
    before: &Side<'_>,
    after: &Side<'_>,
    causes: &[Cause],
    failures: &[Failure],
) -> Answer {
    let broken: Vec<&Cause> = causes.iter().filter(|cause| cause.is_broken).collect();
    let roots: Vec<&Cause> = causes.iter().filter(|cause| cause.was_broken).collect();
    let explained: BTreeSet<SymptomId> = (roots.iter())
        .filter_map(|root| before.judgement.findings.get(root.before?))
        .flat_map(|judged| explained_by(before, judged, failures))
        .filter_map(|failure| failure.before)
        .collect();
    // Without a cause, what was broken are the failures themselves.
    let concerned = |failure: &Failure| {
        let id = failure.before;
        id.is_some_and(|id| roots.is_empty() || explained.contains(&id))
    };
    let with = |fate: SymptomFate| {
        let all = failures.iter().filter(|failure| concerned(failure));
        all.filter(|failure| failure.change.change == fate)
            .collect::<Vec<_>>()
    };
    let goes_on = with(SymptomFate::GoesOn);
    if !broken.is_empty() || !goes_on.is_empty() {
        return not_fixed(&broken, &goes_on);
    }
    let is_over =
        |cause: &&&Cause| matches!(cause.change.change, CauseFate::Gone | CauseFate::Past);
    let open: Vec<&Cause> = roots
        .iter()
        .filter(|cause| !is_over(cause))
        .copied()
        .collect();
    let dwindled = with(SymptomFate::Dwindled);
    let unseen = match roots.is_empty() {
        true => with(SymptomFate::NotCovered),
        false => Vec::new(),
    };
    if !open.is_empty() || !dwindled.is_empty() || !unseen.is_empty() {
        return undecided(&open, &[dwindled, unseen].concat());
    }
    let stopped = with(SymptomFate::Stopped).len();
    fixed(after, &roots, stopped, with(SymptomFate::NotCovered).len())
}

/// A cause in a word: `SPN-05 (HTTP/shop.corp.example)`.
fn named(cause: &Cause) -> String {
    match words::about(&cause.change.subject) {
        Some(about) => format!("{} ({about})", cause.change.cause),
        None => cause.change.cause.clone(),
    }
}

fn all(causes: &[&Cause]) -> String {
    let names: Vec<String> = causes.iter().map(|cause| named(cause)).collect();
    words::first_few(&names, NAMED)
}

fn is_are(number: usize) -> &'static str {
    if number == 1 { "is" } else { "are" }
}

fn not_fixed(broken: &[&Cause], goes_on: &[&Failure]) -> Answer {
    let (new, still): (Vec<&Cause>, Vec<&Cause>) = broken
        .iter()
        .partition(|cause| cause.change.change == CauseFate::New);
    let mut parts = Vec::new();
    if !still.is_empty() {
        parts.push(format!(
            "{} {} still there",
            all(&still),
            is_are(still.len())
        ));
    }
    if !new.is_empty() {
        parts.push(format!("{} {} new", all(&new), is_are(new.len())));
    }
    if parts.is_empty() {
        parts.push(format!(
            "{} of BEFORE {} on in AFTER",
            words::count(goes_on.len() as u64, "failure"),
            if goes_on.len() == 1 { "goes" } else { "go" }
        ));
    }
    let causes = broken
        .iter()
        .map(|cause| format!("{}: {}", named(cause), cause.change.says));
    let failures = goes_on
        .iter()
        .map(|failure| format!("{}: {}", failure.change.what, failure.change.says));
    Answer {
        status: AnswerStatus::NotFixed,
        headline: parts.join("; "),
        because: causes.chain(failures).take(NAMED).collect(),
        missing: Vec::new(),
    }
}

fn undecided(open: &[&Cause], failures: &[&Failure]) -> Answer {
    let headline = match (open, failures) {
        ([], [_]) => "AFTER does not show whether the failure of BEFORE is over".to_owned(),
        ([], _) => "AFTER does not show whether the failures of BEFORE are over".to_owned(),
        (open, _) => format!(
            "AFTER does not show whether {} {} gone",
            all(open),
            is_are(open.len())
        ),
    };
    let causes = open
        .iter()
        .map(|cause| format!("{}: {}", named(cause), cause.change.says));
    let failures = failures
        .iter()
        .map(|failure| format!("{}: {}", failure.change.what, failure.change.says));
    let mut missing: Vec<MissingInput> = Vec::new();
    for input in open.iter().flat_map(|cause| &cause.change.missing) {
        if !missing.contains(input) {
            missing.push(input.clone());
        }
    }
    missing.truncate(NAMED);
    Answer {
        status: AnswerStatus::Undecided,
        headline,
        because: causes.chain(failures).take(NAMED).collect(),
        missing,
    }
}

fn fixed(after: &Side<'_>, roots: &[&Cause], stopped: usize, unseen: usize) -> Answer {
    let mut findings = after.report.findings.iter();
    let rest = match findings.any(|finding| finding.status == Status::Possible) {
        true => ", and nothing new is more than possible",
        false => ", and nothing new is found",
    };
    let seen = match (stopped, unseen) {
        (0, 1..) => "; AFTER covers too little to show that its failures have stopped",
        _ => "",
    };
    let is_gone = |cause: &&&Cause| cause.change.change == CauseFate::Gone;
    let over = match roots.iter().filter(is_gone).count() == roots.len() {
        true => "gone",
        false => "over",
    };
    let headline = match (roots.len(), stopped) {
        (0, 0) => "nothing was broken in BEFORE as far as it tells, and nothing is likely or confirmed in AFTER".to_owned(),
        (0, _) => format!("the failures of BEFORE have stopped{rest}; what caused them was not decided"),
        (n, _) => format!("{} {} {over}{rest}{seen}", all(roots), is_are(n)),
    };
    let causes = roots
        .iter()
        .map(|cause| format!("{}: {}", named(cause), cause.change.says));
    Answer {
        status: AnswerStatus::Fixed,
        headline,
        because: causes.take(NAMED).collect(),
        missing: Vec::new(),
    }
}
