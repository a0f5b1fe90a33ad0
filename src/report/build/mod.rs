//! Builds the [`Report`](super::model::Report) from a case and what the causes answered. Nothing is added here that the
//! case or a cause did not state.

mod book;
mod clocks;
mod coverage;
mod endpoints;
mod findings;
mod inventory;
mod rates;
mod scope;
mod symptoms;
mod timeline;
mod verdict;
mod what_if;

use crate::bundle::Bundle;
use crate::causes::{Judgement, Missing, Scene, fits, noise};
use crate::readers::ArtifactReading;
use crate::report::model::{self, Report};

use book::Book;
pub use inventory::hash_inputs;
pub use what_if::what_if;

/// The report of a scene. `artifacts` says how far each artifact was read.
pub fn build(
    bundle: &Bundle,
    artifacts: &[ArtifactReading],
    scene: &Scene<'_>,
    judgement: &Judgement,
) -> Report {
    let mut book = Book::new(&bundle.artifacts);
    let case = scene.case;
    let findings: Vec<model::Finding> = judgement
        .findings
        .iter()
        .map(|f| findings::build(f, &mut book))
        .collect();
    let mut ruled_out: Vec<model::RuledOut> = judgement
        .ruled_out
        .iter()
        .map(|(cause, out)| model::RuledOut {
            cause: cause.id.to_owned(),
            name: cause.name.to_owned(),
            because: out.because.clone(),
            evidence: book.cite_all(out.from.iter().take(4)),
        })
        .collect();
    ruled_out.extend(noise::count(case).into_iter().map(|met| model::RuledOut {
        cause: met.pattern.id.to_owned(),
        name: "noise".to_owned(),
        because: format!("{} × {}: {}", met.count, met.pattern.title, met.pattern.why),
        evidence: book.cite_all(met.from.iter().take(2)),
    }));
    let not_assessed = judgement
        .not_assessed
        .iter()
        .map(|(cause, missing)| model::NotAssessed {
            cause: cause.id.to_owned(),
            name: cause.name.to_owned(),
            could_explain: judgement
                .unexplained
                .iter()
                .filter(|id| {
                    case.symptoms
                        .get(id.0)
                        .is_some_and(|s| fits(cause.id, &s.kind))
                })
                .map(|id| symptoms::id(*id))
                .collect(),
            missing: missing.iter().map(self::missing).collect(),
        })
        .collect();
    let contradictions = case
        .contradictions
        .iter()
        .map(|c| model::Contradiction {
            says: c.says.clone(),
            evidence: book.cite_all(&c.from),
        })
        .collect();
    let symptoms = symptoms::build(scene, judgement, &mut book);
    let endpoints = endpoints::build(scene, &mut book);
    let timeline = timeline::build(case, &mut book);
    let clocks = clocks::build(case, &mut book);
    Report {
        schema_version: model::SCHEMA_VERSION.to_owned(),
        tool: model::Tool {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        },
        bundle: inventory::build(bundle, artifacts, case, clocks),
        verdict: verdict::build(case, judgement, &endpoints),
        findings,
        ruled_out,
        not_assessed,
        contradictions,
        symptoms,
        endpoints,
        coverage: coverage::build(case),
        timeline,
        evidence: book.into_entries(),
    }
}

fn missing(missing: &Missing) -> model::MissingInput {
    model::MissingInput {
        what: missing.what.clone(),
        collect_with: missing.collect_with.clone(),
    }
}
