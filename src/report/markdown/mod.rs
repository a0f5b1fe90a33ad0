//! The report as Markdown, to be pasted into a ticket: the answer, the findings with their evidence and their fix, and
//! in short what stays open. Everything that comes from the bundle is escaped; commands stand in fenced blocks.

mod diff;
mod escape;
#[cfg(test)]
mod tests;

use std::fmt::{self, Write as _};

use super::ledger::{Ledger, collections, place};
use super::model::{Auditing, EvidenceRef, Finding, Report, Shell, Status, Step, VerdictStatus};
use super::words;
pub use diff::diff;
use escape::{block, code, text};

/// The report as Markdown.
pub fn render(report: &Report) -> String {
    let mut out = String::new();
    // Writing to a String cannot fail.
    _ = write_report(&mut out, report);
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

fn write_report(out: &mut String, report: &Report) -> fmt::Result {
    let ledger = Ledger::of(report);
    writeln!(out, "# why401: {}\n", words::verdict(report.verdict.status))?;
    writeln!(out, "**{}**", text(&report.verdict.headline))?;
    if !report.findings.is_empty() {
        writeln!(
            out,
            "\n| Cause | Status | What is wrong |\n| --- | --- | --- |"
        )?;
    }
    for finding in &report.findings {
        let status = words::status(finding.status);
        writeln!(
            out,
            "| {} | {status} | {} |",
            text(&finding.cause),
            text(&finding.title)
        )?;
    }
    for (number, finding) in (1..).zip(&report.findings) {
        write_finding(out, &ledger, number, finding)?;
    }
    // Where nothing is decided, what to collect is the answer.
    let is_open = report.verdict.status == VerdictStatus::Inconclusive;
    if is_open {
        write_missing(out, report)?;
    }
    write_lists(out, report, &ledger)?;
    write_endpoints(out, report)?;
    if !is_open {
        write_missing(out, report)?;
    }
    write_coverage(out, report)?;
    writeln!(out, "\nwhy401 {}; inputs:", text(&report.tool.version))?;
    for input in &report.bundle.inputs {
        writeln!(
            out,
            "- {} sha256 {}",
            code(&input.path),
            code(&input.sha256)
        )?;
    }
    Ok(())
}

fn write_finding(
    out: &mut String,
    ledger: &Ledger,
    number: usize,
    finding: &Finding,
) -> fmt::Result {
    let (cause, name) = (text(&finding.cause), text(&finding.name));
    writeln!(
        out,
        "\n## {number}. {cause} {name} ({})\n",
        words::status(finding.status)
    )?;
    writeln!(out, "{}\n", text(&finding.title))?;
    if let Some(subject) = words::subject(&finding.subject) {
        writeln!(out, "{}\n", text(&subject))?;
    }
    if let Some(current) = words::current(finding.current) {
        writeln!(out, "{current}\n")?;
    }
    if finding.status == Status::Possible {
        writeln!(out, "{}\n", words::IF_SO)?;
    }
    for paragraph in finding
        .explanation
        .lines()
        .filter(|line| !line.trim().is_empty())
    {
        writeln!(out, "{}\n", text(paragraph))?;
    }
    if !finding.symptoms.is_empty() {
        writeln!(out, "Explains: {}\n", text(&finding.symptoms.join(", ")))?;
    }
    if let Some(onset) = &finding.onset {
        writeln!(out, "Began: {}\n", text(&words::onset(onset)))?;
    }
    if !finding.evidence.is_empty() {
        writeln!(out, "### Evidence\n")?;
    }
    let mut before: Option<&EvidenceRef> = None;
    for reference in &finding.evidence {
        // Several places of one statement: it is said once.
        let said = before.is_some_and(|b| b.says == reference.says && b.weight == reference.weight);
        write_evidence(out, ledger, reference, said)?;
        before = Some(reference);
    }
    if !finding.look_alikes.is_empty() {
        writeln!(out, "\n### Look-alikes\n")?;
    }
    for look_alike in &finding.look_alikes {
        writeln!(
            out,
            "- {}: {}",
            text(&look_alike.cause),
            text(&look_alike.told_apart_by)
        )?;
    }
    write_remedy(out, ledger, finding)?;
    if !finding.missing.is_empty() {
        writeln!(
            out,
            "\n### What would settle it, and is not in the bundle\n"
        )?;
    }
    for missing in &finding.missing {
        writeln!(out, "- {}\n", text(&missing.what))?;
        writeln!(out, "{}", block("  ", "text", &missing.collect_with))?;
    }
    if !finding.blind_spots.is_empty() {
        writeln!(out, "\n### Could not be seen\n")?;
    }
    for blind_spot in &finding.blind_spots {
        writeln!(out, "- {}", text(blind_spot))?;
    }
    Ok(())
}

fn write_evidence(
    out: &mut String,
    ledger: &Ledger,
    reference: &EvidenceRef,
    said: bool,
) -> fmt::Result {
    let weight = words::weight(reference.weight);
    if !said {
        writeln!(out, "- {weight}: {}", text(&reference.says))?;
    }
    let id = text(&reference.id);
    if let Some(cited) = ledger.evidence(&reference.id) {
        let time = cited.time.map(|time| format!(", {}", time.to_the_second()));
        let (place, time) = (code(&place(cited)), time.unwrap_or_default());
        writeln!(out, "  - **{id}** {place}{time}: {}", code(&cited.text))?;
    }
    Ok(())
}

fn write_remedy(out: &mut String, ledger: &Ledger, finding: &Finding) -> fmt::Result {
    let remedy = &finding.remedy;
    let fix = if ledger.is_worth_fixing(finding) {
        "Fix"
    } else {
        "Fix, once this is confirmed"
    };
    write_steps(out, fix, &remedy.fix)?;
    if !finding.after_fix.is_empty() {
        writeln!(
            out,
            "\n### With the fix\n\n| Endpoint | Now | With the fix |\n| --- | --- | --- |"
        )?;
    }
    for change in &finding.after_fix {
        let (before, after) = (words::outcome(change.before), words::outcome(change.after));
        writeln!(out, "| {} | {before} | {after} |", text(&change.endpoint))?;
    }
    write_steps(out, "Verify", &remedy.verify)?;
    write_steps(out, "Roll back", &remedy.rollback)?;
    write_steps(out, "Other ways", &remedy.alternatives)?;
    write_steps(out, "Keep it from coming back", &remedy.prevent)
}

fn write_steps(out: &mut String, label: &str, steps: &[Step]) -> fmt::Result {
    if steps.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n### {label}\n")?;
    for (number, step) in (1..).zip(steps) {
        writeln!(out, "{number}. {}", text(&step.says))?;
        // What belongs to a list item is indented as far as the item's text.
        let indent = " ".repeat(format!("{number}. ").len());
        if let Some(risk) = &step.risk {
            writeln!(out, "\n{indent}**Risk:** {}", text(risk))?;
        }
        if let Some(stop_if) = &step.stop_if {
            writeln!(out, "\n{indent}**Stop if:** {}", text(stop_if))?;
        }
        if let Some(command) = &step.command {
            let language = match step.shell {
                Shell::Cmd => "bat",
                Shell::PowerShell => "powershell",
                Shell::None => "text",
            };
            write!(out, "\n{}", block(&indent, language, command))?;
        }
    }
    Ok(())
}

fn write_lists(out: &mut String, report: &Report, ledger: &Ledger) -> fmt::Result {
    if !report.contradictions.is_empty() {
        writeln!(out, "\n## Contradictions in the bundle\n")?;
    }
    for contradiction in &report.contradictions {
        let says = words::cited(&contradiction.says, &contradiction.evidence);
        writeln!(out, "- {}", text(&says))?;
    }
    if !report.symptoms.is_empty() {
        writeln!(
            out,
            "\n## Symptoms\n\n| Id | What | When | Explained by |\n| --- | --- | --- | --- |"
        )?;
    }
    for symptom in &report.symptoms {
        let causes: Vec<&str> = ledger.explained_by(symptom).into_iter().collect();
        let causes = if causes.is_empty() {
            "nothing yet".to_owned()
        } else {
            causes.join(", ")
        };
        let span = words::span_by(
            symptom.first_time,
            symptom.last_time,
            symptom.time_certainty,
        );
        let mut what = words::symptom(symptom);
        for detail in &symptom.details {
            what += &format!(". {detail}");
        }
        let (id, what) = (text(&symptom.id), text(&what));
        writeln!(out, "| {id} | {what} | {span} | {} |", text(&causes))?;
    }
    if !report.timeline.is_empty() {
        writeln!(out, "\n## Timeline\n\n| Time | What |\n| --- | --- |")?;
    }
    for entry in &report.timeline {
        let says = words::cited(&entry.says, &entry.evidence);
        writeln!(out, "| {} | {} |", words::when(entry), text(&says))?;
    }
    for note in words::notes_on_times(&report.timeline) {
        writeln!(out, "\n{note}")?;
    }
    if !report.ruled_out.is_empty() {
        writeln!(out, "\n## Ruled out\n")?;
    }
    for cause in &report.ruled_out {
        let because = words::cited(&cause.because, &cause.evidence);
        writeln!(
            out,
            "- {} {}: {}",
            text(&cause.cause),
            text(&cause.name),
            text(&because)
        )?;
    }
    Ok(())
}

fn write_endpoints(out: &mut String, report: &Report) -> fmt::Result {
    if report.endpoints.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n## Endpoints\n")?;
    writeln!(
        out,
        "| Endpoint | Server | SPN | Held by | Opened with key of | Outcome |"
    )?;
    writeln!(out, "| --- | --- | --- | --- | --- | --- |")?;
    for endpoint in &report.endpoints {
        let or_unknown = |name: &Option<String>| text(name.as_deref().unwrap_or("?"));
        let holders = Some(endpoint.holders.join(", ")).filter(|holders| !holders.is_empty());
        let (url, host) = (text(&endpoint.url), text(&endpoint.host));
        let (spn, acceptor) = (or_unknown(&endpoint.spn), or_unknown(&endpoint.acceptor));
        let (holders, outcome) = (or_unknown(&holders), words::outcomes(endpoint));
        writeln!(
            out,
            "| {url} | {host} | {spn} | {holders} | {acceptor} | {outcome} |"
        )?;
    }
    Ok(())
}

fn write_missing(out: &mut String, report: &Report) -> fmt::Result {
    let collections = collections(report);
    if collections.is_empty() {
        return Ok(());
    }
    let causes = words::count(report.not_assessed.len() as u64, "cause");
    writeln!(
        out,
        "\n## Missing inputs\n\n{causes} could not be decided. To collect (read-only), the most telling first:\n"
    )?;
    for collection in collections {
        let whats: Vec<&str> = collection.whats.into_iter().collect();
        let decided = collection.symptoms.iter().chain(&collection.causes);
        let causes: Vec<&str> = decided.copied().collect();
        writeln!(
            out,
            "- {} (bears on {})\n",
            text(&whats.join("; ")),
            text(&causes.join(", "))
        )?;
        writeln!(out, "{}", block("  ", "text", collection.command))?;
    }
    Ok(())
}

fn write_coverage(out: &mut String, report: &Report) -> fmt::Result {
    if report.coverage.is_empty() {
        return Ok(());
    }
    writeln!(
        out,
        "\n## Coverage: silence elsewhere proves nothing\n\n| Host | Source | Span | Auditing | What follows |"
    )?;
    writeln!(out, "| --- | --- | --- | --- | --- |")?;
    for source in &report.coverage {
        let span = words::span_by(source.first_time, source.last_time, source.time_certainty);
        let says = [std::slice::from_ref(&source.says), &source.gaps]
            .concat()
            .join(" ");
        let (host, name) = (text(&source.host), text(&source.source));
        let auditing = match source.auditing {
            Auditing::Unknown => "",
            auditing => words::auditing(auditing),
        };
        writeln!(
            out,
            "| {host} | {name} | {span} | {auditing} | {} |",
            text(&says)
        )?;
    }
    Ok(())
}
