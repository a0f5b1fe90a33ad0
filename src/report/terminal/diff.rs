//! Two bundles compared: the answer, what became of the causes, and what changed.

use super::CAUSES_SHOWN;
use super::page::{Ink, Page};
use crate::report::model::{
    AnswerStatus, AttributeChange, AttributeFate, CauseFate, Diff, Side, SignIns, SymptomFate,
};
use crate::report::words;
use crate::report::words::diff as said;

/// Writes the page.
pub(super) fn write(page: &mut Page, diff: &Diff, all: bool) {
    let answer = &diff.answer;
    let ink = match answer.status {
        AnswerStatus::Fixed => Ink::Good,
        AnswerStatus::NotFixed => Ink::Bad,
        AnswerStatus::Undecided => Ink::Doubtful,
    };
    page.item(0, (&said::answer(answer.status).to_uppercase(), ink), "");
    page.text(0, Ink::Strong, &said::sentence(&answer.headline));
    page.blank();
    side(page, "BEFORE", &diff.before);
    side(page, "AFTER", &diff.after);
    if let Some(since) = diff.since {
        let says = format!(
            "what happened in AFTER counts from {} on, where BEFORE ends",
            since.to_the_second()
        );
        page.text(8, Ink::Plain, &says);
    }
    for remark in &diff.remarks {
        page.item(0, ("Note:", Ink::Doubtful), said::sentence(remark));
    }
    if !answer.missing.is_empty() {
        page.heading("To collect for AFTER");
    }
    for missing in &answer.missing {
        page.text(0, Ink::Plain, &missing.what);
        page.command(4, &missing.collect_with);
    }
    causes(page, diff, all);
    attributes(page, diff, all);
    symptoms(page, diff, all);
    sign_ins(page, diff);
    endpoints(page, diff);
}

fn side(page: &mut Page, name: &str, side: &Side) {
    let inputs: Vec<&str> = side
        .inputs
        .iter()
        .map(|input| input.path.as_str())
        .collect();
    let span = match (side.first_time, side.last_time) {
        (None, None) => "without any time".to_owned(),
        (first, last) => words::span(first, last),
    };
    let label = format!("{name:<7}");
    page.item(
        0,
        (&label, Ink::Strong),
        format!("{} ({span})", inputs.join(", ")),
    );
    page.text(8, Ink::Faint, &side.headline);
}

/// A line on what was left out, when something was.
fn more(page: &mut Page, shown: usize, all: usize) {
    if all > shown {
        let text = format!("… and {} more: --all shows them.", all - shown);
        page.text(2, Ink::Faint, &text);
    }
}

fn causes(page: &mut Page, diff: &Diff, all: bool) {
    if diff.causes.is_empty() {
        return;
    }
    page.heading("Causes");
    let shown = if all { diff.causes.len() } else { CAUSES_SHOWN };
    for cause in diff.causes.iter().take(shown) {
        let ink = match cause.change {
            CauseFate::New | CauseFate::Unchanged => Ink::Bad,
            CauseFate::Undecided => Ink::Doubtful,
            CauseFate::Past | CauseFate::Gone => Ink::Good,
        };
        let label = format!("{:<11} {:<7}", said::cause(cause.change), cause.cause);
        let about = words::about(&cause.subject).map_or(String::new(), |name| format!(" ({name})"));
        page.item(0, (&label, ink), format!("{}{about}", cause.title));
        let status = said::statuses(cause.before, cause.after);
        page.text(20, Ink::Faint, &format!("{status}: {}", cause.says));
    }
    more(page, shown, diff.causes.len());
}

fn attributes(page: &mut Page, diff: &Diff, all: bool) {
    let is_change = |change: &&AttributeChange| {
        !matches!(
            change.change,
            AttributeFate::NotKnownInAfter | AttributeFate::NotKnownInBefore
        )
    };
    let (changed, one_sided): (Vec<_>, Vec<_>) = diff.attributes.iter().partition(is_change);
    page.heading("What changed");
    if changed.is_empty() {
        let text =
            "Nothing that both bundles know of settings, registrations, accounts and policies.";
        page.text(0, Ink::Plain, text);
    }
    let shown = if all { changed.len() } else { CAUSES_SHOWN };
    for change in changed.iter().take(shown) {
        attribute(page, change);
    }
    more(page, shown, changed.len());
    if one_sided.is_empty() {
        return;
    }
    page.heading("Known in one bundle only: no change is told by these");
    let shown = if all { one_sided.len() } else { CAUSES_SHOWN };
    for change in one_sided.iter().take(shown) {
        attribute(page, change);
    }
    more(page, shown, one_sided.len());
}

fn attribute(page: &mut Page, change: &AttributeChange) {
    let ink = match change.change {
        AttributeFate::NotKnownInAfter | AttributeFate::NotKnownInBefore => Ink::Faint,
        _ => Ink::Strong,
    };
    let subjects = words::first_few(&change.subjects, 3);
    let (name, became) = (&change.attribute, said::attribute(change));
    page.text(0, ink, &format!("{name} of {subjects}: {became}"));
    for (name, value) in [("BEFORE", &change.before), ("AFTER", &change.after)] {
        let from = value.iter().flat_map(|value| &value.from);
        let places: Vec<&str> = from.map(String::as_str).collect();
        if !places.is_empty() {
            page.item(4, (&format!("{name:<6}"), Ink::Faint), places.join(", "));
        }
    }
}

fn symptoms(page: &mut Page, diff: &Diff, all: bool) {
    if diff.symptoms.is_empty() {
        return;
    }
    page.heading("Failures");
    let shown = if all {
        diff.symptoms.len()
    } else {
        CAUSES_SHOWN
    };
    for symptom in diff.symptoms.iter().take(shown) {
        let ink = match symptom.change {
            SymptomFate::GoesOn | SymptomFate::New => Ink::Bad,
            SymptomFate::Dwindled | SymptomFate::NotCovered => Ink::Doubtful,
            SymptomFate::Stopped => Ink::Good,
        };
        let label = format!("{:<11}", said::symptom(symptom.change));
        page.item(0, (&label, ink), &symptom.what);
        let rates = format!(
            "{} → {}: {}",
            said::rate(symptom.before.as_ref()),
            said::rate(symptom.after.as_ref()),
            symptom.says
        );
        page.text(12, Ink::Faint, &rates);
    }
    more(page, shown, diff.symptoms.len());
}

fn sign_ins(page: &mut Page, diff: &Diff) {
    if diff.sign_ins.is_empty() {
        return;
    }
    page.heading("NTLM share of sign-ins");
    let share = |side: &Option<SignIns>| {
        side.as_ref()
            .map_or("not covered".to_owned(), said::sign_ins)
    };
    let rows = diff.sign_ins.iter().map(|change| {
        vec![
            format!("{}, {}", change.at, change.source),
            share(&change.before),
            share(&change.after),
        ]
    });
    page.table(0, &["Where", "BEFORE", "AFTER"], rows);
    for change in diff
        .sign_ins
        .iter()
        .filter(|change| !change.says.is_empty())
    {
        let says = format!("{}, {}: {}", change.at, change.source, change.says);
        page.text(0, Ink::Faint, &says);
    }
}

fn endpoints(page: &mut Page, diff: &Diff) {
    if diff.endpoints.is_empty() {
        return;
    }
    page.heading("Endpoints");
    let several = diff
        .endpoints
        .iter()
        .any(|e| e.host != diff.endpoints[0].host);
    let rows = diff.endpoints.iter().map(|endpoint| {
        let name = match several {
            true => format!("{} on {}", endpoint.url, endpoint.host),
            false => endpoint.url.clone(),
        };
        let before = said::outcome(endpoint.before, endpoint.observed_before);
        let after = said::outcome(endpoint.after, endpoint.observed_after);
        let after = if before == after {
            "the same".to_owned()
        } else {
            after
        };
        vec![name, before, after]
    });
    page.table(0, &["Endpoint", "BEFORE", "AFTER"], rows);
}
