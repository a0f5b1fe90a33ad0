//! What people read, as snapshots; and what must hold whatever the report says.

use proptest::prelude::*;
use unicode_width::UnicodeWidthStr;

use super::{Detail, endpoints, inspect, render};
use crate::report::model::{
    Endpoint, MissingInput, NotAssessed, Outcome, Report, RuledOut, Status, Step, VerdictStatus,
};
use crate::report::sample;

/// The lines that are neither part of a command of the report nor within the width.
fn too_wide(report: &Report, text: &str, width: usize) -> Vec<String> {
    let steps = report.findings.iter().flat_map(|finding| {
        let remedy = &finding.remedy;
        [
            &remedy.fix,
            &remedy.alternatives,
            &remedy.verify,
            &remedy.rollback,
            &remedy.prevent,
        ]
    });
    let mut commands: Vec<&str> = steps
        .flatten()
        .filter_map(|step| step.command.as_deref())
        .collect();
    let missing = report.not_assessed.iter().flat_map(|cause| &cause.missing);
    commands.extend(missing.map(|missing| missing.collect_with.as_str()));
    let is_command = |line: &str| {
        commands
            .iter()
            .any(|command| command.lines().any(|l| l.trim() == line.trim()))
    };
    text.lines()
        .filter(|line| line.width() > width && !is_command(line))
        .map(str::to_owned)
        .collect()
}

/// As with `--all --why`.
const EVERYTHING: Detail = Detail {
    all: true,
    reckoning: true,
};

#[test]
fn the_report_at_80_columns() {
    insta::assert_snapshot!(render(&sample::report(), 80, false, Detail::default()));
}

#[test]
fn files_that_were_not_read_in_full_are_named_and_no_others() {
    let named = |report: &Report| {
        let text = render(report, 120, false, Detail::default());
        text.lines()
            .find(|line| line.starts_with("Not read in full:"))
            .map(str::to_owned)
    };
    let mut report = sample::report();
    let line = named(&report).unwrap();
    for file in &report.bundle.artifacts {
        assert_eq!(line.contains(&file.path), file.skipped > 0, "{line}");
    }
    for file in &mut report.bundle.artifacts {
        file.skipped = 0;
    }
    assert_eq!(named(&report), None);
    // Also where nothing is known of any span.
    report.coverage.clear();
    report.bundle.artifacts[0].skipped = 1;
    assert!(
        named(&report)
            .unwrap()
            .contains(&report.bundle.artifacts[0].path)
    );
}

#[test]
fn the_whole_report_at_120_columns() {
    insta::assert_snapshot!(render(&sample::report(), 120, false, EVERYTHING));
}

#[test]
fn the_inspection_at_100_columns() {
    insta::assert_snapshot!(inspect(&sample::report(), 100, false, false));
}

#[test]
fn the_endpoints_at_80_columns() {
    insta::assert_snapshot!(endpoints(&sample::report(), 80, false));
}

#[test]
fn nothing_but_commands_is_wider_than_the_page() {
    let mut report = sample::report();
    report.verdict.headline = format!("{} {}", "漢字".repeat(60), "x".repeat(300));
    report.findings[0].title = "W".repeat(500);
    report.endpoints[0].url = format!("https://{}/", "long".repeat(80));
    report.endpoints[0].holders = vec!["CN=漢字".repeat(40)];
    for width in [60, 80, 100, 120, 200] {
        for text in [
            render(&report, width, false, Detail::default()),
            render(&report, width, false, EVERYTHING),
            inspect(&report, width, false, true),
            endpoints(&report, width, false),
        ] {
            assert_eq!(
                too_wide(&report, &text, width),
                Vec::<String>::new(),
                "at {width} columns"
            );
        }
    }
}

#[test]
fn commands_stand_alone_and_whole() {
    let report = sample::report();
    let text = render(&report, 80, false, Detail::default());
    for step in &report.findings[0].remedy.fix {
        let command = step.command.as_deref().unwrap();
        assert!(text.lines().any(|line| line.trim() == command), "{command}");
    }
}

#[test]
fn colour_changes_nothing_but_colour() {
    let report = sample::report();
    for width in [80, 120] {
        let plain = render(&report, width, false, EVERYTHING);
        let coloured = render(&report, width, true, EVERYTHING);
        assert!(
            !plain.contains('\u{1b}'),
            "no escape, whatever the bundle holds"
        );
        assert!(coloured.contains('\u{1b}'));
        assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), plain);
    }
}

#[test]
fn the_answer_fits_one_screen_even_at_its_worst() {
    let mut report = sample::report();
    report.verdict.headline = "very long ".repeat(100);
    report.verdict.causes.push("NAME-06".into());
    let finding = report.findings[0].clone();
    report.findings.extend(std::iter::repeat_n(finding, 9));
    for finding in &mut report.findings {
        finding.title = "very long ".repeat(30);
        for step in &mut finding.remedy.fix {
            step.says = "very long ".repeat(30);
            step.command = Some("one\ntwo".into());
            step.risk = Some("very long ".repeat(30));
            step.stop_if = Some("very long ".repeat(30));
        }
    }
    report.symptoms[1].what = "very long ".repeat(30);
    let text = render(&report, 80, false, Detail::default());
    let first_section = text
        .lines()
        .position(|line| line.starts_with("──"))
        .unwrap();
    assert!(first_section <= 23, "{first_section} lines:\n{text}");
    for word in [
        "ROOT CAUSE FOUND",
        "SPN-05",
        "The fix, step ",
        "two",
        "Unexplained: 1 of 2",
        "Next:",
    ] {
        let at = text.lines().position(|line| line.contains(word));
        assert!(at.is_some_and(|at| at < first_section), "{word}");
    }
}

#[test]
fn long_lists_are_short_until_all_is_asked_for() {
    let mut report = Report {
        verdict: crate::report::model::Verdict {
            status: VerdictStatus::Healthy,
            headline: "Nothing wrong was found.".into(),
            ..Default::default()
        },
        ..Report::default()
    };
    let sample = sample::report();
    report.not_assessed = (0..40)
        .map(|n| {
            let mut cause: NotAssessed = sample.not_assessed[0].clone();
            cause.cause = format!("X-{n:02}");
            cause.missing[0].collect_with = format!("collect {n}");
            cause
        })
        .collect();
    report.ruled_out = (0..40)
        .map(|n| RuledOut {
            cause: format!("Y-{n:02}"),
            ..RuledOut::default()
        })
        .collect();
    report.endpoints = (0..40)
        .map(|n| Endpoint {
            url: format!("http://e{n:02}/"),
            outcome: if n == 39 {
                Outcome::Denied
            } else {
                Outcome::Kerberos
            },
            ..Endpoint::default()
        })
        .collect();
    let short = render(&report, 80, false, Detail::default());
    let flowing = short.split_whitespace().collect::<Vec<_>>().join(" ");
    let all = render(&report, 80, false, EVERYTHING);
    assert!(
        short.contains("http://e39/"),
        "what does not work is never left out"
    );
    assert!(short.contains("… and 10 more endpoints: --all shows them."));
    assert!(flowing.contains("39 Kerberos, 1 401 denied"));
    assert!(short.contains("… and 28 more: --all shows them."));
    assert!(short.contains("… and 34 more commands: --all shows them."));
    assert!(!all.contains("--all"));
    assert!(all.contains("collect 39") && all.contains("Y-39") && all.contains("http://e38/"));
}

#[test]
fn the_nodes_of_a_farm_have_a_table_each() {
    let mut report = sample::report();
    assert_eq!(
        endpoints(&report, 80, false).matches("SPN held by").count(),
        1
    );
    report.endpoints[1].host = "WEB02".into();
    let text = endpoints(&report, 80, false);
    assert_eq!(text.matches("SPN held by").count(), 2);
    assert!(text.contains("\nWEB01\n") && text.contains("\n\nWEB02\n"));
}

#[test]
fn the_fix_of_what_is_merely_possible_waits() {
    let mut report = sample::report();
    report.verdict.causes.clear();
    report.findings.truncate(1);
    report.findings[0].status = crate::report::model::Status::Possible;
    report.verdict.status = VerdictStatus::Inconclusive;
    let text = render(&report, 80, false, Detail::default());
    assert!(!text.contains("appcmd.exe set config"));
    assert!(text.contains("Decide it first"));
}

#[test]
fn what_settles_a_possible_finding_is_asked_for_first() {
    let mut report = sample::report();
    report.verdict.causes.clear();
    report.verdict.status = VerdictStatus::Inconclusive;
    report.findings.truncate(1);
    report.findings[0].status = Status::Possible;
    report.findings[0].remedy.verify.clear();
    report.findings[0].missing = vec![MissingInput {
        what: "who holds the name".into(),
        collect_with: "setspn -F -Q HTTP/intranet".into(),
    }];
    let text = render(&report, 80, false, Detail::default());
    let first = text.find("Collect next: who holds the name; it settles SPN-05");
    assert!(first < text.find("──") && first.is_some(), "{text}");
    assert!(text.contains("If this is the cause:"));
    assert!(text.contains("Would be explained by SPN-05"));
    assert!(text.find("── Missing inputs") < text.find("── Timeline"));
}

#[test]
fn the_first_screen_shows_the_step_that_repairs() {
    let step = |command: &str, risk: Option<&str>, stop_if: Option<&str>| Step {
        command: Some(command.into()),
        says: format!("says {command}"),
        risk: risk.map(str::to_owned),
        stop_if: stop_if.map(str::to_owned),
        ..Step::default()
    };
    let shown = |fix: Vec<Step>| {
        let mut report = sample::report();
        report.findings[0].remedy.fix = fix;
        let text = render(&report, 100, false, Detail::default());
        let line = text.lines().find(|line| line.starts_with("The fix"));
        line.unwrap_or_default().to_owned()
    };
    let query = || step("setspn -F -Q HTTP/x", None, Some("a holder is printed"));
    let add = || step("setspn -S HTTP/x Y", None, Some("it is refused"));
    assert!(shown(vec![query(), add()]).starts_with("The fix, step 2 of 2:"));
    let set = step("appcmd set", None, None);
    assert!(shown(vec![query(), set.clone(), query()]).starts_with("The fix, step 2 of 3:"));
    let delete = step("setspn -D HTTP/x Z", Some("clients fall back"), None);
    assert!(shown(vec![set, delete, add()]).starts_with("The fix, step 2 of 3:"));
    assert!(shown(vec![query()]).starts_with("The fix: says setspn -F -Q"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn any_text_fits_and_steers_nothing(text in any::<String>(), width in 60_usize..140) {
        let mut report = sample::report();
        report.verdict.headline.clone_from(&text);
        report.findings[0].explanation.clone_from(&text);
        report.endpoints[0].url.clone_from(&text);
        report.evidence[0].text.clone_from(&text);
        report.symptoms[0].principals = vec![text.clone()];
        report.bundle.artifacts[0].path = text;
        for shown in [render(&report, width, false, EVERYTHING), inspect(&report, width, false, true)] {
            prop_assert_eq!(too_wide(&report, &shown, width), Vec::<String>::new());
            prop_assert!(!shown.chars().any(|c| c.is_control() && c != '\n'));
        }
    }
}
