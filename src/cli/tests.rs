//! The command line: what is accepted, and how a failure is told.

use std::path::PathBuf;

use clap::{CommandFactory as _, Parser as _};
use why401::report::{Finding, Report, Status, Symptom};

use super::analyze::exit_code;
use super::show::ids_and_paths;
use super::source::time;
use super::{Arguments, Command, FOUND, NOTHING_WRONG, UNDECIDED};

#[test]
fn the_arguments_are_consistent() {
    Arguments::command().debug_assert();
}

#[test]
fn a_bundle_alone_is_analysed() {
    let arguments = Arguments::try_parse_from(["why401", "case.zip", "more", "--all"]).unwrap();
    assert!(arguments.command.is_none());
    let arguments = Arguments::try_parse_from(["why401", "analyze", "case.zip"]).unwrap();
    assert!(matches!(arguments.command, Some(Command::Analyze(_))));
    let arguments = Arguments::try_parse_from(["why401", "explain"]).unwrap();
    assert!(matches!(arguments.command, Some(Command::Explain(_))));
}

#[test]
fn bad_usage_is_refused() {
    for words in [
        vec!["why401", "analyze"],
        vec!["why401", "--all"],
        vec!["why401", "x", "--format", "html"],
        vec!["why401", "x", "--since", "yesterday"],
        vec!["why401", "x", "--threads", "0"],
        vec!["why401", "x", "--nonsense"],
    ] {
        let error = Arguments::try_parse_from(&words).expect_err(&words.join(" "));
        assert_eq!(error.exit_code(), 2, "{words:?}");
    }
}

#[test]
fn ids_are_told_from_paths() {
    let arguments: Vec<PathBuf> = ["case.zip", "E17", "e2", "./E3", "E", "E1x", "Export"]
        .map(Into::into)
        .into();
    let (ids, paths) = ids_and_paths(&arguments);
    assert_eq!(ids, ["E17", "E2"]);
    assert_eq!(
        paths,
        ["case.zip", "./E3", "E", "E1x", "Export"].map(PathBuf::from)
    );
}

#[test]
fn times_without_a_zone_are_utc() {
    let noon = time("2026-11-20T12:00:00Z").unwrap();
    assert_eq!(time("2026-11-20T13:00:00+01:00").unwrap(), noon);
    assert_eq!(time("2026-11-20T12:00").unwrap(), noon);
    assert_eq!(time("2026-11-20 12:00:00").unwrap(), noon);
    assert_eq!(
        time("2026-11-20").unwrap(),
        time("2026-11-20T00:00:00Z").unwrap()
    );
    assert!(time("20/11/2026").is_err());
}

#[test]
fn the_exit_code_says_how_sure_the_answer_is() {
    let report = |failures: usize, statuses: &[Status]| Report {
        symptoms: vec![Symptom::default(); failures],
        findings: statuses
            .iter()
            .map(|&status| Finding {
                status,
                ..Finding::default()
            })
            .collect(),
        ..Report::default()
    };
    assert_eq!(exit_code(&report(0, &[])), NOTHING_WRONG);
    assert_eq!(exit_code(&report(0, &[Status::Possible])), NOTHING_WRONG);
    assert_eq!(exit_code(&report(1, &[])), UNDECIDED);
    assert_eq!(exit_code(&report(1, &[Status::Possible])), UNDECIDED);
    assert_eq!(exit_code(&report(1, &[Status::Likely])), FOUND);
    assert_eq!(exit_code(&report(0, &[Status::Confirmed])), FOUND);
}
