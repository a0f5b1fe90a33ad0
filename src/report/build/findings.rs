//! Findings with their evidence and remedy.

use crate::causes::{Current, Fix, Ground, Judged, Status, Subject};
use crate::remedy::{self, EndpointChange, Shell};
use crate::report::model;

use super::book::Book;
use super::{endpoints, symptoms};

/// One finding.
pub(super) fn build(judged: &Judged, book: &mut Book<'_>) -> model::Finding {
    let finding = &judged.finding;
    let page = &judged.cause.page;
    let decisive = if finding.conclusive {
        model::Weight::Decisive
    } else {
        model::Weight::Supporting
    };
    let mut evidence = Vec::new();
    weigh(
        &finding.observed,
        if finding.structure.is_empty() {
            decisive
        } else {
            model::Weight::Decisive
        },
        book,
        &mut evidence,
    );
    weigh(
        &finding.structure,
        model::Weight::Decisive,
        book,
        &mut evidence,
    );
    weigh(
        &finding.supporting,
        model::Weight::Supporting,
        book,
        &mut evidence,
    );
    weigh(
        &finding.contradicting,
        model::Weight::Contradicting,
        book,
        &mut evidence,
    );
    let mut look_alikes: Vec<model::LookAlike> = finding
        .open_look_alikes
        .iter()
        .map(|(cause, because)| model::LookAlike {
            cause: (*cause).to_owned(),
            told_apart_by: format!("not excluded here: {because}"),
        })
        .collect();
    look_alikes.extend(
        page.look_alikes
            .iter()
            .filter(|l| {
                !finding
                    .open_look_alikes
                    .iter()
                    .any(|(open, _)| *open == l.cause)
            })
            .map(|l| model::LookAlike {
                cause: l.cause.to_owned(),
                told_apart_by: l.told_apart_by.to_owned(),
            }),
    );
    let (remedy, after_fix) = remedy_of(judged);
    model::Finding {
        cause: judged.cause.id.to_owned(),
        name: judged.cause.name.to_owned(),
        title: judged.cause.title.to_owned(),
        stage: endpoints::stage(judged.cause.stage).to_owned(),
        status: status(judged.status),
        reckoning: finding.reckoning(),
        current: current(finding.current),
        subject: subject(&finding.subject),
        explanation: finding.explanation.clone(),
        evidence,
        symptoms: finding.explains.iter().map(|s| symptoms::id(*s)).collect(),
        onset: finding.onset.as_ref().map(|onset| model::Onset {
            time: onset.from.iter().find_map(|c| c.time).map(model::Time),
            change: Some(onset.says.clone()),
            evidence: book.cite_all(&onset.from),
        }),
        look_alikes,
        remedy,
        after_fix,
        blind_spots: page.blind_spots.iter().map(|b| (*b).to_owned()).collect(),
        missing: finding.lacks.iter().map(super::missing).collect(),
    }
}

fn weigh(
    grounds: &[Ground],
    weight: model::Weight,
    book: &mut Book<'_>,
    evidence: &mut Vec<model::EvidenceRef>,
) {
    for ground in grounds {
        for id in book.cite_all(ground.from.iter().take(4)) {
            let new = model::EvidenceRef {
                id,
                says: ground.says.clone(),
                weight,
            };
            if !evidence.contains(&new) {
                evidence.push(new);
            }
        }
    }
}

/// The remedy in the report: the fix chosen, and the others as alternatives, each with what it would break.
fn remedy_of(judged: &Judged) -> (model::Remedy, Vec<model::EndpointChange>) {
    let Some((fix, changes)) = &judged.fix else {
        let alternatives = judged.alternatives.iter().flat_map(alternative).collect();
        return (
            model::Remedy {
                alternatives,
                prevent: vec![by_hand(judged.cause.page.prevent)],
                ..model::Remedy::default()
            },
            Vec::new(),
        );
    };
    let remedy = model::Remedy {
        fix: fix.remedy.fix.iter().map(step).collect(),
        alternatives: judged.alternatives.iter().flat_map(alternative).collect(),
        verify: fix.remedy.verify.iter().map(step).collect(),
        rollback: fix.remedy.rollback.iter().map(step).collect(),
        prevent: fix.remedy.prevent.iter().map(step).collect(),
    };
    (remedy, changes.iter().map(change).collect())
}

fn alternative((fix, changes): &(Fix, Vec<EndpointChange>)) -> Vec<model::Step> {
    let worse: Vec<String> = changes
        .iter()
        .filter(|c| c.is_worse())
        .map(|c| c.endpoint.clone())
        .collect();
    let mut steps: Vec<model::Step> = fix.remedy.fix.iter().map(step).collect();
    if let (Some(first), false) = (steps.first_mut(), worse.is_empty()) {
        first.risk = Some(format!(
            "this way makes another address worse: {}",
            worse.join(", ")
        ));
    }
    steps
}

fn step(step: &remedy::Step) -> model::Step {
    model::Step {
        command: step.command.as_ref().map(|c| c.text().to_owned()),
        shell: match step.command.as_ref().map(remedy::Command::shell) {
            Some(Shell::Cmd) => model::Shell::Cmd,
            Some(Shell::PowerShell) => model::Shell::PowerShell,
            None => model::Shell::None,
        },
        says: step.says.clone(),
        risk: step.risk.clone(),
        stop_if: step.stop_if.clone(),
    }
}

fn by_hand(says: &str) -> model::Step {
    step(&remedy::Step::by_hand(says))
}

fn change(change: &EndpointChange) -> model::EndpointChange {
    model::EndpointChange {
        endpoint: change.endpoint.clone(),
        before: endpoints::outcome(change.before),
        after: endpoints::outcome(change.after),
    }
}

fn status(status: Status) -> model::Status {
    match status {
        Status::Confirmed => model::Status::Confirmed,
        Status::Likely => model::Status::Likely,
        Status::Possible => model::Status::Possible,
    }
}

fn current(current: Current) -> model::Current {
    match current {
        Current::Yes => model::Current::True,
        Current::No => model::Current::False,
        Current::Unknown => model::Current::Unknown,
    }
}

fn subject(subject: &Subject) -> model::Subject {
    model::Subject {
        site: subject.site.clone(),
        application: subject.application.clone(),
        host_name: subject.host_name.clone(),
        spn: subject.spn.clone(),
        account: subject.account.clone(),
        host: subject.host.clone(),
    }
}
