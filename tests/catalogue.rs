//! What the fixtures show of the catalogue: that each cause is found where it is, not called where only a look-alike is, and
//! said to be not assessed where its deciding input is missing; and that nothing else is called.
//!
//! `docs/causes-and-fixtures.md` keeps the result; this command writes it anew:
//!
//! ```text
//! WHY401_BLESS=1 cargo test --test catalogue
//! ```

#[path = "support/bundles.rs"]
#[allow(dead_code, reason = "other tests put bundles together")]
mod bundles;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use bundles::{fixtures, name};
use rayon::prelude::*;
use serde_json::Value;
use why401::report::{Report, Status};

/// A fixture, what it must conclude, and what is concluded.
struct Run {
    name: String,
    expected: Value,
    report: Report,
}

impl Run {
    /// The causes that must be found.
    fn wanted(&self) -> BTreeSet<&str> {
        let findings = self.expected["findings"].as_array().into_iter().flatten();
        findings.filter_map(|f| f["cause"].as_str()).collect()
    }

    /// The causes that must not be called.
    fn barred(&self) -> BTreeSet<&str> {
        let causes = self.expected["must_not"].as_array().into_iter().flatten();
        causes.filter_map(Value::as_str).collect()
    }

    /// The causes that are reported, each with its surest status.
    fn reported(&self) -> BTreeMap<&str, Status> {
        let mut all: BTreeMap<&str, Status> = BTreeMap::new();
        // Surest first.
        for finding in &self.report.findings {
            all.entry(&finding.cause).or_insert(finding.status);
        }
        all
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn runs() -> Vec<Run> {
    fixtures()
        .par_iter()
        .map(|fixture| {
            let text = fs::read_to_string(fixture.join("expected.json")).expect("it is there");
            let bundle = why401::open(&[fixture.join("bundle")]).expect("the bundle opens");
            Run {
                name: name(fixture),
                expected: serde_json::from_str(&text).expect("JSON"),
                report: why401::analyze(&bundle, &why401::Options::default(), &|_| {}),
            }
        })
        .collect()
}

/// What the fixtures show of one cause.
#[derive(Default)]
struct Row {
    /// Fixtures that must find it, by the status that is reported.
    found: BTreeMap<&'static str, u32>,
    /// Fixtures that must find it, and do not.
    missed: u32,
    /// Fixtures with something else, where it must not be called, and is not.
    not_called: u32,
    /// Fixtures where it is called likely or confirmed, though nothing asks for it.
    called_wrongly: Vec<String>,
    /// Fixtures that say it is not assessed.
    not_assessed: u32,
}

fn shown(status: Status) -> &'static str {
    match status {
        Status::Confirmed => "confirmed",
        Status::Likely => "likely",
        Status::Possible => "possible",
    }
}

fn rows(runs: &[Run]) -> BTreeMap<&'static str, Row> {
    let mut rows: BTreeMap<&'static str, Row> = why401::catalogue()
        .into_iter()
        .map(|(id, ..)| (id, Row::default()))
        .collect();
    for run in runs {
        let (wanted, barred, reported) = (run.wanted(), run.barred(), run.reported());
        let open: BTreeSet<&str> = run.report.not_assessed.iter().map(|n| &*n.cause).collect();
        for (id, row) in &mut rows {
            let status = reported.get(id).copied();
            match status {
                Some(status) if wanted.contains(id) => {
                    *row.found.entry(shown(status)).or_default() += 1;
                }
                None if wanted.contains(id) => row.missed += 1,
                Some(status @ (Status::Confirmed | Status::Likely)) => row
                    .called_wrongly
                    .push(format!("{} ({})", run.name, shown(status))),
                _ => {}
            }
            let called = matches!(status, Some(Status::Confirmed | Status::Likely));
            row.not_called += u32::from(barred.contains(id) && !called);
            row.not_assessed += u32::from(open.contains(id));
        }
    }
    rows
}

/// The table as Markdown.
fn matrix(rows: &BTreeMap<&'static str, Row>, fixtures: usize) -> String {
    let mut text = format!(
        "# Causes and fixtures\n\n\
         What is expected against what is reported, over all {fixtures} fixtures. `WHY401_BLESS=1 cargo test --test catalogue` \
         writes this page;\n`cargo test --test catalogue` fails while it is not true, while a cause that must be found is \
         not, and while one that must not\nbe called is.\n\n\
         - *confirmed*, *likely*, *possible*: fixtures that must find the cause, by the status that is reported.\n\
         - *missed*: fixtures that must find it, and do not.\n\
         - *not called*: fixtures of another fault, mostly a look-alike, that bar it, where it is not called.\n\
         - *wrong*: fixtures where it is likely or confirmed and not expected.\n\
         - *not assessed*: fixtures without its deciding input that say so.\n\n\
         | cause | | confirmed | likely | possible | missed | not called | wrong | not assessed |\n\
         | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n"
    );
    let number = |n: u32| {
        if n == 0 { String::new() } else { n.to_string() }
    };
    let mut total = [0u32; 7];
    for (id, name, _) in why401::catalogue() {
        let row = &rows[id];
        let of = |status: &str| row.found.get(status).copied().unwrap_or(0);
        let wrong = u32::try_from(row.called_wrongly.len()).expect("few");
        let cells = [
            of("confirmed"),
            of("likely"),
            of("possible"),
            row.missed,
            row.not_called,
            wrong,
            row.not_assessed,
        ];
        for (sum, cell) in total.iter_mut().zip(cells) {
            *sum += cell;
        }
        // Writing to a String cannot fail.
        _ = writeln!(
            text,
            "| {id} | {name} | {} |",
            cells.map(number).join(" | ")
        );
    }
    _ = writeln!(
        text,
        "| all | | {} |",
        total.map(|n| n.to_string()).join(" | ")
    );
    text
}

#[test]
fn the_fixtures_show_every_cause() {
    let runs = runs();
    let rows = rows(&runs);
    let mut wrong = Vec::new();
    for (id, row) in &rows {
        if row.missed > 0 {
            wrong.push(format!("{id} is missed {} times", row.missed));
        }
        if !row.called_wrongly.is_empty() {
            wrong.push(format!(
                "{id} is called in {}",
                row.called_wrongly.join(", ")
            ));
        }
        if row.found.is_empty() {
            wrong.push(format!("no fixture finds {id}"));
        }
        if row.not_called == 0 {
            wrong.push(format!("no fixture of something else bars {id}"));
        }
        if row.not_assessed == 0 {
            wrong.push(format!("no fixture leaves {id} not assessed"));
        }
    }
    let page = root().join("docs/causes-and-fixtures.md");
    let text = matrix(&rows, runs.len());
    if std::env::var_os("WHY401_BLESS").is_some() {
        fs::write(&page, &text).expect("docs/ can be written");
    }
    if fs::read_to_string(&page).ok().as_deref() != Some(&*text) {
        wrong.push(format!(
            "{} is not up to date: WHY401_BLESS=1 cargo test --test catalogue",
            page.display()
        ));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The groups of the catalogue with the highest number of each (`causes.md` 5.0).
const ENTRIES: &[(&str, u8)] = &[
    ("SPN", 22),
    ("NAME", 11),
    ("CFG", 23),
    ("KM", 7),
    ("POOL", 10),
    ("AZ", 7),
    ("EPA", 4),
    ("PRX", 7),
    ("LOOP", 2),
    ("SZ", 4),
    ("AC", 12),
    ("MC", 9),
    ("ET", 15),
    ("TR", 8),
    ("DG", 13),
    ("NT", 8),
    ("CL", 18),
];

#[test]
fn every_entry_of_the_specification_has_its_page() {
    for (group, highest) in ENTRIES {
        for number in 1..=*highest {
            let id = format!("{group}-{number:02}");
            assert!(why401::explain(&id).is_some(), "{id}");
        }
    }
    let entries: u32 = ENTRIES.iter().map(|(_, highest)| u32::from(*highest)).sum();
    // Three of them point at another one.
    assert_eq!(why401::catalogue().len() as u32 + 3, entries);
}

#[test]
fn every_look_alike_is_in_the_catalogue() {
    for (id, ..) in why401::catalogue() {
        let page = why401::explain(id).expect("it has a page");
        let look_alikes = page
            .lines()
            .filter_map(|line| line.strip_prefix("- ")?.split_once(": "))
            .map(|(other, _)| other)
            .filter(|other| {
                let (group, number) = other.split_once('-').unwrap_or((other, ""));
                why401::group_of_causes(group).is_some() && number.parse::<u8>().is_ok()
            });
        for other in look_alikes {
            assert!(why401::explain(other).is_some(), "{id} names {other}");
        }
    }
}
