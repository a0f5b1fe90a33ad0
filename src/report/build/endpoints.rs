//! Endpoints with their traces.

use crate::case::Case;
use crate::causes::Scene;
use crate::negotiate::{Answer, ClientName, Outcome, Path, Stage};
use crate::report::model;

use super::book::Book;

/// Every endpoint, as simulated for a browser, with what other clients get where that differs.
pub(super) fn build(scene: &Scene<'_>, book: &mut Book<'_>) -> Vec<model::Endpoint> {
    let case = scene.case;
    scene
        .views
        .iter()
        .map(|view| {
            let endpoint = view.endpoint;
            let mut trace = steps(&view.path, book);
            for other in &view.others {
                trace.push(model::TraceStep {
                    step: "other-client".into(),
                    says: format!(
                        "a {} asks for {} and ends in: {}",
                        other.profile.shown(),
                        spn(other).unwrap_or_else(|| "no SPN".into()),
                        in_words(other.outcome)
                    ),
                    evidence: Vec::new(),
                });
            }
            model::Endpoint {
                url: endpoint.url(),
                host: case.server(endpoint).label.clone(),
                site: endpoint.site.clone(),
                application: endpoint.application.clone(),
                pool: endpoint.pool.as_ref().map(|p| p.name.clone()),
                identity: endpoint
                    .pool
                    .as_ref()
                    .map(|p| p.identity.shown(&case.accounts)),
                acceptor: view.acceptor().map(|a| case.acceptor_shown(endpoint, a)),
                spn: spn(&view.path),
                holders: holders(case, &view.path),
                outcome: outcome(view.path.outcome),
                observed: outcome(view.observed),
                observed_by: match case.observed_in_events(endpoint) {
                    Outcome::Unknown => case
                        .observed_by_legs(endpoint)
                        .map(|(_, says)| says.to_owned()),
                    _ => None,
                },
                trace,
            }
        })
        .collect()
}

fn steps(path: &Path, book: &mut Book<'_>) -> Vec<model::TraceStep> {
    path.steps
        .iter()
        .map(|step| model::TraceStep {
            step: stage(step.stage).into(),
            says: step.says.clone(),
            evidence: book.cite_all(step.from.iter().take(4)),
        })
        .collect()
}

fn spn(path: &Path) -> Option<String> {
    match &path.name {
        ClientName::Spn { spn, .. } if path.answer.is_some() => Some(spn.to_string()),
        _ => None,
    }
}

fn holders(case: &Case, path: &Path) -> Vec<String> {
    let shown = |id| case.accounts.get(id).shown.clone();
    match &path.answer {
        Some(Answer::Ticket { holder, .. }) => vec![shown(holder.account)],
        Some(Answer::Duplicate { holders }) => holders.iter().map(|h| shown(h.account)).collect(),
        _ => Vec::new(),
    }
}

/// The report's name of a stage.
pub(super) fn stage(stage: Stage) -> &'static str {
    match stage {
        Stage::Request => "request",
        Stage::Challenge => "challenge",
        Stage::ClientAnswer => "client-answer",
        Stage::ClientName => "client-name",
        Stage::Ticket => "ticket",
        Stage::Authorization => "authorization",
        Stage::Accept => "accept",
        Stage::Authorize => "authorize",
        Stage::SecondHop => "second-hop",
    }
}

/// The report's name of an outcome.
pub(super) fn outcome(outcome: Outcome) -> model::Outcome {
    match outcome {
        Outcome::Kerberos => model::Outcome::Kerberos,
        Outcome::NtlmFallback => model::Outcome::NtlmFallback,
        Outcome::NtlmByDesign => model::Outcome::NtlmByDesign,
        Outcome::Denied => model::Outcome::Denied,
        Outcome::Unavailable => model::Outcome::Unavailable,
        Outcome::NotWindowsAuth => model::Outcome::NotWindowsAuth,
        Outcome::Unknown => model::Outcome::Unknown,
    }
}

fn in_words(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Kerberos => "Kerberos",
        Outcome::NtlmFallback => "a fall-back to NTLM",
        Outcome::NtlmByDesign => "NTLM by design",
        Outcome::Denied => "401",
        Outcome::Unavailable => "500.19 or 503",
        Outcome::NotWindowsAuth => "no Windows authentication",
        Outcome::Unknown => "an outcome that the bundle does not decide",
    }
}
