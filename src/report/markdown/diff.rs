//! Two bundles compared, as Markdown for a ticket.

use std::fmt::{self, Write as _};

use super::escape::{block, code, text};
use crate::report::model::{AttributeChange, Diff, PlacedValue, Side, SignIns};
use crate::report::words;
use crate::report::words::diff as said;

/// Two bundles compared, as Markdown.
pub fn diff(diff: &Diff) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    _ = write(&mut out, diff);
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

fn write(out: &mut String, diff: &Diff) -> fmt::Result {
    let answer = &diff.answer;
    writeln!(out, "# why401 diff: {}\n", said::answer(answer.status))?;
    writeln!(out, "**{}**\n", text(&said::sentence(&answer.headline)))?;
    side(out, "BEFORE", &diff.before)?;
    side(out, "AFTER", &diff.after)?;
    if let Some(since) = diff.since {
        let since = since.to_the_second();
        writeln!(
            out,
            "- What happened in AFTER counts from {since} on, where BEFORE ends"
        )?;
    }
    for remark in &diff.remarks {
        writeln!(out, "- {}", text(&said::sentence(remark)))?;
    }
    if !answer.missing.is_empty() {
        writeln!(out, "\n## To collect for AFTER\n")?;
    }
    for missing in &answer.missing {
        writeln!(out, "- {}\n", text(&missing.what))?;
        writeln!(out, "{}", block("  ", "text", &missing.collect_with))?;
    }
    causes(out, diff)?;
    attributes(out, &diff.attributes)?;
    symptoms(out, diff)?;
    sign_ins(out, diff)?;
    endpoints(out, diff)?;
    writeln!(out, "\nwhy401 {}", text(&diff.tool.version))
}

fn side(out: &mut String, name: &str, side: &Side) -> fmt::Result {
    let span = words::span(side.first_time, side.last_time);
    for input in &side.inputs {
        let (path, hash) = (code(&input.path), code(&input.sha256));
        writeln!(out, "- {name}: {path} ({span}) sha256 {hash}")?;
    }
    writeln!(out, "  - {}", text(&side.headline))
}

fn causes(out: &mut String, diff: &Diff) -> fmt::Result {
    if diff.causes.is_empty() {
        return Ok(());
    }
    let head = "| Cause | Change | Status | About | Because |\n| --- | --- | --- | --- | --- |";
    writeln!(out, "\n## Causes\n\n{head}")?;
    for cause in &diff.causes {
        let about = words::about(&cause.subject).unwrap_or_default();
        writeln!(
            out,
            "| {} {} | {} | {} | {} | {} |",
            text(&cause.cause),
            text(&cause.title),
            said::cause(cause.change),
            said::statuses(cause.before, cause.after),
            text(about),
            text(&cause.says)
        )?;
    }
    Ok(())
}

fn attributes(out: &mut String, changes: &[AttributeChange]) -> fmt::Result {
    if changes.is_empty() {
        return Ok(());
    }
    let head =
        "| Attribute | Of | Change | BEFORE at | AFTER at |\n| --- | --- | --- | --- | --- |";
    writeln!(out, "\n## Attributes\n\n{head}")?;
    let places = |value: &Option<PlacedValue>| {
        let from = value.iter().flat_map(|value| &value.from);
        text(&from.map(String::as_str).collect::<Vec<_>>().join(", "))
    };
    for change in changes {
        writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            text(&change.attribute),
            text(&change.subjects.join(", ")),
            text(&said::attribute(change)),
            places(&change.before),
            places(&change.after)
        )?;
    }
    Ok(())
}

fn symptoms(out: &mut String, diff: &Diff) -> fmt::Result {
    if diff.symptoms.is_empty() {
        return Ok(());
    }
    let head = "| Failure | Change | BEFORE | AFTER | Because |\n| --- | --- | --- | --- | --- |";
    writeln!(out, "\n## Failures\n\n{head}")?;
    for symptom in &diff.symptoms {
        writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            text(&symptom.what),
            said::symptom(symptom.change),
            said::rate(symptom.before.as_ref()),
            said::rate(symptom.after.as_ref()),
            text(&symptom.says)
        )?;
    }
    Ok(())
}

fn sign_ins(out: &mut String, diff: &Diff) -> fmt::Result {
    if diff.sign_ins.is_empty() {
        return Ok(());
    }
    let head = "| Where | BEFORE | AFTER | Note |\n| --- | --- | --- | --- |";
    writeln!(out, "\n## NTLM share of sign-ins\n\n{head}")?;
    let share = |side: &Option<SignIns>| {
        let covered = side.as_ref().map(said::sign_ins);
        covered.unwrap_or_else(|| "not covered".to_owned())
    };
    for change in &diff.sign_ins {
        writeln!(
            out,
            "| {}, {} | {} | {} | {} |",
            text(&change.at),
            text(&change.source),
            share(&change.before),
            share(&change.after),
            text(&change.says)
        )?;
    }
    Ok(())
}

fn endpoints(out: &mut String, diff: &Diff) -> fmt::Result {
    if diff.endpoints.is_empty() {
        return Ok(());
    }
    let head = "| Endpoint | Server | BEFORE | AFTER |\n| --- | --- | --- | --- |";
    writeln!(out, "\n## Endpoints\n\n{head}")?;
    for endpoint in &diff.endpoints {
        writeln!(
            out,
            "| {} | {} | {} | {} |",
            text(&endpoint.url),
            text(&endpoint.host),
            said::outcome(endpoint.before, endpoint.observed_before),
            said::outcome(endpoint.after, endpoint.observed_after)
        )?;
    }
    Ok(())
}
