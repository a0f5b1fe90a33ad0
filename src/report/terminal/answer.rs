//! The first screen: what is wrong, what to do first, what stays open, and where to look next, in 22 lines or fewer.

use super::page::{Ink, Page};
use crate::report::ledger::{Ledger, collections};
use crate::report::model::{Current, Finding, Report, Shell, Status, Step, Symptom, VerdictStatus};
use crate::report::words;

/// How many lines the smallest usual screen has.
const SCREEN: usize = 24;
/// How many causes the first screen has room for.
const CAUSES_ON_SCREEN: usize = 3;
/// How many lines of a command the first screen has room for.
const COMMAND_ON_SCREEN: usize = 2;
/// How many lines the verdict and the story of a single cause share.
const VERDICT_AND_STORY: usize = 7;

/// Writes the first screen.
pub(super) fn write(page: &mut Page, report: &Report, ledger: &Ledger) {
    let ink = ink(report.verdict.status);
    let sort = words::verdict(report.verdict.status).to_uppercase();
    page.item_at_most(0, (&sort, ink), "", 1);
    page.text_at_most(0, Ink::Strong, &report.verdict.headline, 3);
    causes(page, report, ledger);
    first_step(page, report, ledger);
    open_ends(page, report, ledger);
    look_next(page, report);
}

/// The last lines, for a report that fills more than a screen: the verdict has scrolled away by now.
pub(super) fn closing(page: &mut Page, report: &Report) {
    if page.lines() < SCREEN {
        return;
    }
    page.blank();
    let sort = words::verdict(report.verdict.status).to_uppercase();
    page.item_at_most(
        0,
        (&sort, ink(report.verdict.status)),
        &report.verdict.headline,
        2,
    );
}

fn ink(status: VerdictStatus) -> Ink {
    match status {
        VerdictStatus::RootCauseFound => Ink::Bad,
        VerdictStatus::Inconclusive => Ink::Doubtful,
        VerdictStatus::Healthy => Ink::Good,
    }
}

/// The ink of a finding's status.
pub(super) fn status_ink(status: Status) -> Ink {
    match status {
        Status::Confirmed => Ink::Bad,
        Status::Likely => Ink::Doubtful,
        Status::Possible => Ink::Strong,
    }
}

fn causes(page: &mut Page, report: &Report, ledger: &Ledger) {
    let findings = ledger.verdict_findings();
    if findings.is_empty() {
        return;
    }
    let room = VERDICT_AND_STORY.saturating_sub(page.lines());
    page.blank();
    for finding in findings.iter().take(CAUSES_ON_SCREEN) {
        let label = format!("{:<9} {:<7}", words::status(finding.status), finding.cause);
        let past = match finding.current {
            Current::False => "(past) ",
            Current::True | Current::Unknown => "",
        };
        // The headline names a single cause already; there is room to say how it comes to the failure.
        let (says, lines) = match (findings.len(), words::about(&finding.subject)) {
            // Of what is merely possible, nothing is told as if it were so.
            (1, _) if finding.status <= Status::Likely && !finding.explanation.is_empty() => {
                (finding.explanation.clone(), room)
            }
            (1 | 2, Some(about)) => (format!("{} ({about})", finding.title), 2),
            (_, Some(about)) => (format!("{about}: {}", finding.title), 1),
            _ => (finding.title.clone(), 1),
        };
        let says = format!("{past}{says}");
        page.item_at_most(2, (&label, status_ink(finding.status)), says, lines);
    }
    let shown = findings.len().min(CAUSES_ON_SCREEN);
    let more = report.findings.len().saturating_sub(shown) as u64;
    if more > 0 {
        let text = format!("and {} below", words::count(more, "more finding"));
        page.text(2, Ink::Faint, &text);
    }
}

fn first_step(page: &mut Page, report: &Report, ledger: &Ledger) {
    let fix = ledger
        .verdict_findings()
        .into_iter()
        .filter(|finding| ledger.is_worth_fixing(finding))
        .map(|finding| finding.remedy.fix.as_slice())
        .find(|fix| !fix.is_empty());
    let fix = fix.unwrap_or_default();
    if let Some((number, telling)) = telling_step(fix) {
        let label = match fix.len() {
            1 => "The fix:".to_owned(),
            steps => format!("The fix, step {number} of {steps}:"),
        };
        step(page, &label, telling);
    } else if report.verdict.status == VerdictStatus::Inconclusive {
        collect_next(page, report);
    } else if is_over(&ledger.verdict_findings()) {
        page.blank();
        let text = "nothing now: a later change in the bundle ended it.";
        page.item_at_most(0, ("To fix:", Ink::Good), text, 1);
    }
}

/// The one input to collect first: what settles a possible finding, else what bears on most undecided causes.
fn collect_next(page: &mut Page, report: &Report) {
    let settling = report
        .findings
        .iter()
        .find_map(|finding| Some((finding, finding.missing.first()?)));
    if settling.is_none()
        && let Some(check) = report.findings.iter().find_map(check)
    {
        return step(page, "Check next:", check);
    }
    let collections = collections(report);
    let (what, why, command) = if let Some((finding, missing)) = settling {
        let why = format!("it settles {}", finding.cause);
        (missing.what.as_str(), why, missing.collect_with.as_str())
    } else if let Some(collection) = collections.first() {
        let of = &report.not_assessed;
        let could = |cause: &&&str| {
            of.iter()
                .any(|n| n.cause == ***cause && !n.could_explain.is_empty())
        };
        let open = collection.causes.iter().filter(could).count() as u64;
        let causes = match open {
            0 => words::count(collection.causes.len() as u64, "undecided cause"),
            open => format!(
                "{} that could explain what is unexplained",
                words::count(open, "cause")
            ),
        };
        let why = match collection.symptoms.first() {
            Some(symptom) => format!("it tells more about {symptom}, which nothing explains"),
            None => format!("it bears on {causes}"),
        };
        (collection.what, why, collection.command)
    } else {
        return;
    };
    let collect = Step {
        command: Some(command.to_owned()),
        says: format!("{what}; {why}"),
        ..Step::default()
    };
    step(page, "Collect next:", &collect);
}

/// The command that shows most directly whether a site does what it should: the last of those that verify the fix.
fn check(finding: &Finding) -> Option<&Step> {
    let mut verify = finding.remedy.verify.iter().rev();
    verify.find(|step| step.command.is_some())
}

/// Whether all that was found lies in the past.
fn is_over(findings: &[&Finding]) -> bool {
    !findings.is_empty() && findings.iter().all(|f| f.current == Current::False)
}

/// The step that tells what the fix is, with its number: the first that risks something, else the last that has a
/// condition to stop at, else the first; what only looks or keeps a copy is none of these, as long as others are there.
fn telling_step(fix: &[Step]) -> Option<(usize, &Step)> {
    let numbered = || (1..).zip(fix).filter(|(_, step)| !only_looks(step));
    numbered()
        .find(|(_, step)| step.risk.is_some())
        .or_else(|| numbered().filter(|(_, step)| step.stop_if.is_some()).last())
        .or_else(|| numbered().next())
        .or_else(|| (1..).zip(fix).next())
}

/// Whether a step is a command that changes nothing that users notice.
fn only_looks(step: &Step) -> bool {
    const LOOKING: &[&str] = &[
        "setspn -F -Q",
        "setspn -Q",
        "setspn -L",
        "setspn -X",
        "%windir%\\system32\\inetsrv\\appcmd.exe list",
        "%windir%\\system32\\inetsrv\\appcmd.exe add backup",
        "Get-",
        "Test-ADServiceAccount",
        "nltest",
        "nslookup",
        "Test-ComputerSecureChannel -Verbose",
        "reg query",
        "w32tm /query",
    ];
    let command = step.command.as_deref().unwrap_or_default();
    LOOKING.iter().any(|start| command.starts_with(start))
}

/// A step cut down to what the first screen has room for.
fn step(page: &mut Page, label: &str, step: &Step) {
    page.blank();
    let command = step.command.as_deref().unwrap_or_default();
    let lines = command.lines().count();
    let says = match step.shell {
        Shell::None => step.says.clone(),
        shell => format!("{} ({})", step.says, words::shell(shell)),
    };
    page.item_at_most(0, (label, Ink::Strong), says, 2);
    if let Some(risk) = &step.risk {
        page.item_at_most(2, ("Risk:", Ink::Doubtful), risk, 2);
    }
    if lines > COMMAND_ON_SCREEN {
        let text = format!("A script of {lines} lines: it stands below.");
        page.text(4, Ink::Faint, &text);
    } else {
        page.command(4, command);
    }
    if let Some(stop_if) = &step.stop_if {
        page.item_at_most(2, ("Stop if:", Ink::Bad), stop_if, 1);
    }
}

fn open_ends(page: &mut Page, report: &Report, ledger: &Ledger) {
    page.blank();
    let unexplained = ledger.unexplained();
    let count = report.verdict.unexplained_symptoms;
    match (unexplained.first(), report.symptoms.len()) {
        (Some(first), all) if count > 0 => {
            let which = match all as u64 {
                1 => String::new(),
                all if all == count => format!("all {all} symptoms, first: "),
                all => format!("{count} of {all} symptoms: "),
            };
            let text = format!("{which}{}", words::symptom(first));
            page.item_at_most(0, ("Unexplained:", Ink::Doubtful), text, 2);
        }
        (_, 0) => {
            let seen = report.findings.iter().any(|f| f.status <= Status::Likely);
            let text = match seen {
                true => "no failure was seen beside what the findings cite (see Coverage)",
                false => "no failure was seen in what was collected (see Coverage)",
            };
            page.item_at_most(0, ("Symptoms:", Ink::Strong), text, 2);
        }
        (_, all) => {
            let is_open = |symptom: &&Symptom| !ledger.is_explained(symptom);
            let open = match report.verdict.status {
                VerdictStatus::Inconclusive => all,
                _ => report.symptoms.iter().filter(is_open).count(),
            };
            let text = match (all, open) {
                (1, 0) => "1, and it is explained".to_owned(),
                (all, 0) => format!("{all}, and all are explained"),
                (1, _) => "1, which a possible cause would explain".to_owned(),
                (all, open) if open == all => {
                    format!("{all}, which possible causes would explain")
                }
                (all, open) => {
                    format!("{all}, of which merely possible causes would explain {open}")
                }
            };
            page.item_at_most(0, ("Symptoms:", Ink::Strong), text, 1);
        }
    }
    if report.verdict.status == VerdictStatus::Inconclusive
        && let Some(contradiction) = report.contradictions.first()
    {
        let label = ("Contradiction:", Ink::Doubtful);
        page.item_at_most(0, label, &contradiction.says, 2);
    }
    if !report.not_assessed.is_empty() {
        let open = report
            .not_assessed
            .iter()
            .filter(|n| !n.could_explain.is_empty());
        let all_explained = !report.symptoms.is_empty() && report.verdict.unexplained_symptoms == 0;
        let causes = words::count(report.not_assessed.len() as u64, "cause");
        let text = match open.count() {
            0 if all_explained => {
                format!("{causes}, with no symptom left for them (see Missing inputs)")
            }
            0 => format!("{causes} whose inputs the bundle lacks (see Missing inputs)"),
            open => format!(
                "{causes} whose inputs the bundle lacks; {open} could explain what is unexplained"
            ),
        };
        page.item_at_most(0, ("Not decided:", Ink::Strong), text, 1);
    }
}

fn look_next(page: &mut Page, report: &Report) {
    let cited = report
        .findings
        .iter()
        .flat_map(|finding| &finding.evidence)
        .map(|evidence| evidence.id.as_str())
        .next();
    let mut next = Vec::new();
    if let Some(id) = cited {
        next.push(format!("why401 show BUNDLE {id} (the record)"));
    }
    match report.verdict.status {
        VerdictStatus::RootCauseFound => next.push("every step of the fix stands below".to_owned()),
        _ => next.push("why401 inspect BUNDLE (what was read)".to_owned()),
    }
    page.item_at_most(0, ("Next:", Ink::Strong), next.join("; "), 1);
}
