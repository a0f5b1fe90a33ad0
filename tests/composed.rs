//! Two bundles in one folder say together what each of them says alone: what is of another company's machines and domain
//! decides nothing, no cause hides another, and none comes of both.

#[path = "support/bundles.rs"]
#[allow(dead_code, reason = "other tests read bundles from the disk")]
mod bundles;
#[path = "support/same.rs"]
mod same;

use bundles::{Files, analyze, files, fixtures, name};
use rayon::prelude::*;
use same::agree;
use why401::report::{Finding, Report, Status, VerdictStatus};

/// How far apart in the list of fixtures the two stand; `WHY401_EVERY_PAIR=1` tries more distances.
const APART: [usize; 2] = [37, 5];
const MORE: [usize; 8] = [37, 5, 11, 53, 71, 89, 101, 127];

#[test]
fn two_bundles_in_one_say_what_each_says() {
    let all: Vec<(String, Files, Report)> = fixtures()
        .par_iter()
        .map(|fixture| {
            let sent = files(&fixture.join("bundle"));
            let report = analyze(&sent);
            (name(fixture), sent, report)
        })
        .collect();
    let distances: &[usize] = match std::env::var_os("WHY401_EVERY_PAIR") {
        Some(_) => &MORE,
        None => &APART,
    };
    let complaints: Vec<String> = (0..all.len() * distances.len())
        .into_par_iter()
        .flat_map_iter(|number| {
            let (first, apart) = (number % all.len(), distances[number / all.len()]);
            let second = (first + apart) % all.len();
            complaints(&all[first], &all[second])
        })
        .collect();
    assert!(
        complaints.is_empty(),
        "{} things are said otherwise of two bundles in one:\n{}",
        complaints.len(),
        complaints.join("\n")
    );
}

type Alone = (String, Files, Report);

fn complaints((name, files, alone): &Alone, (other_name, others, other): &Alone) -> Vec<String> {
    let below = |folder: &'static str, files: &Files| {
        let moved = files
            .iter()
            .map(move |(path, bytes)| (format!("{folder}/{path}"), bytes.clone()));
        moved.collect::<Files>()
    };
    let mut both = below("first", files);
    both.extend(below("second", others));
    let together = analyze(&both);
    let mut wrong = Vec::new();
    let sure = |f: &&Finding| f.status != Status::Possible;
    for finding in together.findings.iter().filter(sure) {
        let mut known = alone.findings.iter().chain(&other.findings);
        if !known.any(|f| is_same(f, finding) && f.status <= finding.status) {
            wrong.push(format!(
                "{} is {:?} about {:?}",
                finding.cause, finding.status, finding.subject
            ));
        }
    }
    // A name of one may lead to a site of the other that takes any name: less may be sure, and nothing is lost.
    for finding in alone.findings.iter().chain(&other.findings).filter(sure) {
        let mut open = together.not_assessed.iter();
        // Where both are about one name, it is told once, of the two servers behind it.
        let one_name = |f: &Finding| {
            let same = f.cause == finding.cause && f.subject.spn == finding.subject.spn;
            same && f.subject.spn.is_some()
        };
        let mut told = together.findings.iter();
        let is_told = told.any(|f| is_same(f, finding) || one_name(f))
            || open.any(|n| n.cause == finding.cause && !n.missing.is_empty());
        if !is_told {
            wrong.push(format!(
                "nothing is said of {} about {:?}",
                finding.cause, finding.subject
            ));
        }
    }
    let healthy = |report: &Report| report.verdict.status == VerdictStatus::Healthy;
    if healthy(alone) && healthy(other) && !healthy(&together) {
        wrong.push("both are healthy".to_owned());
    }
    let place = format!("{name} with {other_name}");
    wrong
        .into_iter()
        .map(|complaint| format!("{place}: {complaint}"))
        .collect()
}

fn is_same(a: &Finding, b: &Finding) -> bool {
    a.cause == b.cause && agree(&a.subject, &b.subject)
}
