//! Every fixture with its events folded as far as it goes: the same causes, as sure, of as many failures.

use std::path::Path;

use rayon::prelude::*;

use crate::bundle::{Bundle, Limits};
use crate::case::{Case, assemble};
use crate::readers;
use crate::readers::events::{Folding, Selection};
use crate::testkit::judge;

/// What is told of a case, without the citations.
fn told(case: &Case) -> Vec<String> {
    let symptoms = case.symptoms.iter().map(|s| {
        let (kind, first, last) = (&s.kind, s.first, s.last);
        format!("{kind:?}: {} from {first:?} to {last:?}", s.count)
    });
    let judgement = judge(case);
    let findings = judgement.findings.iter().map(|f| {
        let (subject, current) = (&f.finding.subject, f.finding.current);
        let id = f.cause.id;
        format!(
            "{id} {:?} {subject:?} {current:?}: {}",
            f.status, f.finding.explanation
        )
    });
    let not_assessed = judgement.not_assessed.iter();
    let not_assessed = not_assessed.map(|(cause, _)| format!("{} not assessed", cause.id));
    symptoms.chain(findings).chain(not_assessed).collect()
}

#[test]
fn a_fixture_whose_logs_are_folded_tells_the_same() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut bundles: Vec<_> = std::fs::read_dir(fixtures)
        .unwrap()
        .map(|fixture| fixture.unwrap().path().join("bundle"))
        .filter(|bundle| bundle.is_dir())
        .collect();
    bundles.sort();
    assert!(bundles.len() > 100);
    let folded = bundles.par_iter().map(|path| {
        let bundle = Bundle::open(std::slice::from_ref(path), &Limits::default()).unwrap();
        let read = || readers::read(&bundle, &Selection::default(), &|_| {});
        let whole = told(&assemble(&bundle.artifacts, read(), None));
        let mut readings = read();
        let mut folded = 0;
        for (_, log) in &mut readings.logs {
            log.events = Folding::deeply(std::mem::take(&mut log.events));
            folded += log.events.iter().map(|e| e.folded.len()).sum::<u64>();
        }
        let story = assemble(&bundle.artifacts, readings, None);
        assert_eq!(told(&story), whole, "{}", path.display());
        folded
    });
    let folded: Vec<u64> = folded.collect();
    let many = folded.iter().filter(|count| **count > 0).count();
    println!("{many} fixtures, {} events", folded.iter().sum::<u64>());
    assert!(many > 20);
}
