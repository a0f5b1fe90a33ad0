//! Every fixture's verdict is the expected one: what must be concluded, with what status, and what must not.

#[path = "support/bundles.rs"]
#[allow(dead_code, reason = "other tests take bundles apart")]
mod bundles;

use std::fs;
use std::path::Path;
use std::process::Command;

use bundles::fixtures;
use serde_json::Value;
use why401::report::{self, ArtifactSummary, Finding, HostSummary, Report, Status};

fn analyze(fixture: &Path) -> Report {
    let bundle = why401::open(&[fixture.join("bundle")]).expect("the bundle opens");
    why401::analyze(&bundle, &why401::Options::default(), &|_| {})
}

fn texts(value: &Value) -> Vec<&str> {
    value
        .as_array()
        .map(|a| a.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default()
}

fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value)
        .ok()
        .and_then(|v| v.as_str().map(str::to_owned))
        .unwrap_or_default()
}

/// Whether a finding is the expected one.
fn is_expected(finding: &Finding, expected: &Value) -> bool {
    let subject = serde_json::to_value(&finding.subject).expect("plain values");
    let names_all = expected["subject"].as_object().is_none_or(|parts| {
        parts.iter().all(|(part, value)| {
            let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
            subject[part]
                .as_str()
                .zip(value.as_str())
                .is_some_and(|(a, b)| same(a, b))
        })
    });
    let rank = |status: &str| {
        ["confirmed", "likely", "possible"]
            .iter()
            .position(|s| *s == status)
    };
    let (is, wanted) = (
        rank(&word(&finding.status)),
        rank(expected["status"].as_str().unwrap_or("")),
    );
    let status = is == wanted || (expected["at_least"] == true && is < wanted);
    let current = expected["current"]
        .as_bool()
        .is_none_or(|current| word(&finding.current) == current.to_string());
    expected["cause"] == finding.cause.as_str() && names_all && status && current
}

/// What is wrong with a report, by the expectation of its fixture.
fn complaints(report: &Report, expected: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    let status = word(&report.verdict.status);
    if expected["verdict_status"] != status.as_str() {
        wrong.push(format!(
            "verdict is {status}, not {}",
            expected["verdict_status"]
        ));
    }
    for finding in expected["findings"].as_array().into_iter().flatten() {
        if !report.findings.iter().any(|f| is_expected(f, finding)) {
            wrong.push(format!("not found: {finding}"));
        }
    }
    for cause in texts(&expected["must_not"]) {
        if report
            .findings
            .iter()
            .any(|f| f.cause == cause && f.status != Status::Possible)
        {
            wrong.push(format!("{cause} must not be called"));
        }
    }
    for cause in texts(&expected["ruled_out"]) {
        if !report
            .ruled_out
            .iter()
            .any(|r| r.cause == cause && !r.evidence.is_empty())
        {
            wrong.push(format!("{cause} must be ruled out"));
        }
    }
    for cause in texts(&expected["not_assessed"]) {
        if !report
            .not_assessed
            .iter()
            .any(|n| n.cause == cause && !n.missing.is_empty())
        {
            wrong.push(format!("{cause} must be not assessed"));
        }
    }
    for path in texts(&expected["problems"]) {
        let shown = |a: &ArtifactSummary| a.path.ends_with(path) && !a.problems.is_empty();
        if !report.bundle.artifacts.iter().any(shown) {
            wrong.push(format!("no problem is shown for {path}"));
        }
    }
    for host in expected["hosts"].as_array().into_iter().flatten() {
        let name = host["name"].as_str().unwrap_or_default();
        let same = |h: &&HostSummary| {
            let short = h.name.split('.').next().unwrap_or_default();
            short.eq_ignore_ascii_case(name)
        };
        let found: Vec<_> = report.bundle.hosts.iter().filter(same).collect();
        match found.as_slice() {
            [one] => wrong.extend(
                texts(&host["roles"])
                    .iter()
                    .filter(|role| !one.roles.iter().any(|r| r == *role))
                    .map(|role| format!("{name} is not seen to be a {role}")),
            ),
            several => wrong.push(format!("{name} is found {} times", several.len())),
        }
    }
    for (path, kind) in expected["kinds"].as_object().into_iter().flatten() {
        let artifact = report
            .bundle
            .artifacts
            .iter()
            .find(|a| a.path.ends_with(path));
        if artifact.is_none_or(|a| *kind != a.kind) {
            let is = artifact.map_or("missing", |a| &a.kind);
            wrong.push(format!("{path} is {is}, not {kind}"));
        }
    }
    if expected["contradiction"] == true && report.contradictions.is_empty() {
        wrong.push("no contradiction is shown".to_owned());
    }
    wrong
}

/// Every finding in one line, for the message of a failed test.
fn summary(report: &Report) -> String {
    let findings: Vec<String> = report
        .findings
        .iter()
        .map(|f| {
            format!(
                "{} {} {:?}",
                f.cause,
                word(&f.status),
                f.subject.spn.as_ref().or(f.subject.site.as_ref())
            )
        })
        .collect();
    findings.join("; ")
}

#[test]
fn every_fixture_concludes_what_it_must() {
    let mut failed = Vec::new();
    for fixture in fixtures() {
        let expected: Value =
            serde_json::from_str(&fs::read_to_string(fixture.join("expected.json")).unwrap())
                .unwrap();
        let report = analyze(&fixture);
        let wrong = complaints(&report, &expected);
        if !wrong.is_empty() {
            let name = fixture.file_name().unwrap().to_string_lossy().into_owned();
            failed.push(format!(
                "{name}: {}\n    found: {}",
                wrong.join("; "),
                summary(&report)
            ));
        }
    }
    assert!(
        failed.is_empty(),
        "{} fixtures:\n{}",
        failed.len(),
        failed.join("\n")
    );
}

#[test]
fn the_exit_code_is_the_expected_one() {
    for fixture in fixtures() {
        let expected: Value =
            serde_json::from_str(&fs::read_to_string(fixture.join("expected.json")).unwrap())
                .unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_why401"))
            .arg(fixture.join("bundle"))
            .output()
            .unwrap();
        assert_eq!(
            output.status.code().map(i64::from),
            expected["exit_code"].as_i64(),
            "{}",
            fixture.display()
        );
    }
}

#[test]
fn every_report_fits_the_schema() {
    let validator = jsonschema::validator_for(&report::schema()).expect("the schema compiles");
    for fixture in fixtures() {
        let written: Value =
            serde_json::from_str(&report::json(&analyze(&fixture))).expect("valid JSON");
        let errors: Vec<String> = validator
            .iter_errors(&written)
            .map(|e| e.to_string())
            .collect();
        assert!(errors.is_empty(), "{}: {errors:?}", fixture.display());
    }
}

#[test]
fn every_reference_leads_somewhere() {
    for fixture in fixtures() {
        let report = analyze(&fixture);
        let evidence: Vec<&str> = report.evidence.iter().map(|e| e.id.as_str()).collect();
        let symptoms: Vec<&str> = report.symptoms.iter().map(|s| s.id.as_str()).collect();
        let artifacts: Vec<&str> = report
            .bundle
            .artifacts
            .iter()
            .map(|a| a.path.as_str())
            .collect();
        for finding in &report.findings {
            assert!(
                !finding.evidence.is_empty(),
                "{}: {} rests on nothing",
                fixture.display(),
                finding.cause
            );
            assert!(
                finding
                    .evidence
                    .iter()
                    .all(|e| evidence.contains(&e.id.as_str()))
            );
            assert!(
                finding
                    .symptoms
                    .iter()
                    .all(|s| symptoms.contains(&s.as_str()))
            );
        }
        assert!(report.ruled_out.iter().all(|r| !r.evidence.is_empty()));
        assert!(
            report
                .not_assessed
                .iter()
                .all(|n| n.missing.iter().all(|m| !m.collect_with.is_empty()))
        );
        for cited in &report.evidence {
            assert!(
                artifacts.contains(&cited.artifact.as_str()),
                "{}: {cited:?}",
                fixture.display()
            );
        }
    }
}
