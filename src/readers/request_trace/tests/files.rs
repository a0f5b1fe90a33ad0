//! Files of traces: cut, joined, broken, laid out oddly, and the real ones.

use proptest::prelude::*;

use super::*;
use crate::evidence::Place;

#[test]
fn files_that_are_cut() {
    let text = whole(&[
        event("AUTH_START", &[("AuthTypeSupported", "4")]),
        event("AUTH_SSPI_LOGON_FAILED", &[("ErrorCode", "2148074252")]),
    ]);
    let at = text.find("2148074252").unwrap();
    let reading = read(&text[..at]);
    assert_eq!((reading.records.len(), reading.count), (1, 1));
    assert!(!reading.records[0].complete);
    assert_eq!(reading.records[0].steps.len(), 1);
    let says: Vec<&str> = reading
        .problems
        .iter()
        .map(|problem| problem.says.as_str())
        .collect();
    assert_eq!(says.len(), 2, "{says:?}");
    assert!(
        says[0].contains("cut off") && says[1].contains("maxLogFileSizeKB"),
        "{says:?}"
    );
    // The end tag of the trace alone is missing: every event counts.
    let unended = read(text.trim_end().trim_end_matches("</failedRequest>"));
    assert_eq!((unended.count, unended.problems.len()), (2, 1));
    let headless = read("<failedRequest url=\"http://web");
    assert_eq!((headless.records.len(), headless.problems.len()), (0, 1));
}

#[test]
fn several_traces_in_one_file_and_broken_events() {
    let first = whole(&[event("AUTH_START", &[("AuthTypeSupported", "1")])]);
    let broken = whole(&[
        "<Event><System></Oops></Event>".to_owned(),
        event("AUTH_START", &[("AuthTypeSupported", "4")]),
    ]);
    let cut = first.get(..first.find("<EventData>").unwrap()).unwrap();
    let reading = read(&format!("{first}{cut}{broken}"));
    assert_eq!(reading.records.len(), 3);
    let steps: Vec<usize> = reading
        .records
        .iter()
        .map(|trace| trace.steps.len())
        .collect();
    assert_eq!(steps, [1, 0, 1]);
    assert_eq!(
        reading
            .records
            .iter()
            .map(|t| t.complete)
            .collect::<Vec<_>>(),
        [true, false, true]
    );
    assert_eq!(read("<x/>").problems.len(), 1);
}

#[test]
fn a_layout_of_few_lines() {
    let text = whole(&[event("AUTH_START", &[("AuthTypeSupported", "4")])]).replace("\n", " ");
    assert_eq!(one(&text).steps.len(), 1);
}

#[test]
fn samples() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples/freb");
    if !folder.is_dir() {
        println!("skipped: no sample collection beside the project");
        return;
    }
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .flatten()
        .map(|file| file.path())
        .collect();
    files.sort();
    let counts: Vec<_> = files
        .iter()
        .map(|file| {
            let reading = super::super::read(
                ArtifactId(0),
                &text::decode_uncut(&std::fs::read(file).unwrap()),
            );
            let trace = &reading.records[0];
            (
                reading.records.len(),
                reading.count,
                trace.steps.len(),
                trace.status,
                trace.complete,
                reading.problems.len(),
            )
        })
        .collect();
    insta::assert_debug_snapshot!(counts);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn cut_anywhere(at in 0usize..4000) {
        let text = whole(&[
            event("GENERAL_REQUEST_HEADERS", &[("Headers", "Authorization: NTLM TlRMTVNTUAAB\n")]),
            event("AUTH_SUCCEEDED", &[("AuthType", "4"), ("NTLMUsed", "true"), ("AuthUserName", "uma")]),
        ]);
        let lines = u32::try_from(text.lines().count()).unwrap();
        let cut = text.chars().take(at).collect::<String>();
        for problem in read(&cut).problems {
            prop_assert!(matches!(problem.place, Place::Whole) || matches!(problem.place, Place::Line(line) if (1..=lines).contains(&line)));
        }
    }

    #[test]
    fn any_text(text in "(<failedRequest|<Event|</Event>|<Data Name=\"|[<>/\"'&;= a-z\n]){0,60}") {
        let lines = u32::try_from(text.lines().count()).unwrap().max(1);
        for problem in read(&text).problems {
            prop_assert!(matches!(problem.place, Place::Whole) || matches!(problem.place, Place::Line(line) if line <= lines));
        }
    }
}
