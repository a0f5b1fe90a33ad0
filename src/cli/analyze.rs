//! `why401 analyze`, and `why401` without a subcommand: the root-cause report.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use why401::report::{self, Report, Status, markdown, terminal};

use super::failure::Failure;
use super::output::{self, Look};
use super::source::Scope;
use super::{FOUND, NOTHING_WRONG, UNDECIDED};

/// Say what is wrong and how to fix it (this is what `why401 BUNDLE` does)
#[derive(Args, Debug)]
pub struct Analyze {
    /// Folders, files and archives to read, together
    #[arg(required = true, value_name = "BUNDLE")]
    paths: Vec<PathBuf>,
    /// The form of the report
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Write the report to this file
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Show everything: long lists and quotations in full
    #[arg(long)]
    all: bool,
    /// Show how each finding came to its status
    #[arg(long)]
    why: bool,
    #[command(flatten)]
    scope: Scope,
}

/// The forms of a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people at a terminal
    #[default]
    Terminal,
    /// For programs: the contract that `why401 schema` describes
    Json,
    /// For a ticket
    Markdown,
}

impl Analyze {
    /// Writes the report.
    pub fn run(&self) -> Result<u8, Failure> {
        let (_, report) = match self.format {
            Format::Terminal => self.scope.analyze(&self.paths)?,
            Format::Json | Format::Markdown => self.scope.analyze_with_hashes(&self.paths)?,
        };
        if !has_anything_to_say(&report) {
            let artifacts = report.bundle.artifacts.len();
            return Err(Failure::NothingReadable { artifacts });
        }
        match &self.output {
            Some(path) => output::save(&self.render(&report, Look::of_file()), path, &self.paths)?,
            None => output::print(&self.render(&report, Look::of_stdout()))?,
        }
        Ok(exit_code(&report))
    }

    fn render(&self, report: &Report, look: Look) -> String {
        match self.format {
            Format::Terminal => {
                let detail = terminal::Detail {
                    all: self.all,
                    reckoning: self.why,
                };
                terminal::render(report, look.width, look.colour, detail)
            }
            Format::Json => report::json(report),
            Format::Markdown => markdown::render(report),
        }
    }
}

/// Whether any artifact is of a kind that a reader knows.
fn has_anything_to_say(report: &Report) -> bool {
    let unknown = ["text", "binary", "empty"];
    report
        .bundle
        .artifacts
        .iter()
        .any(|artifact| !unknown.contains(&artifact.kind.as_str()))
}

/// The exit code that a report means.
pub(super) fn exit_code(report: &Report) -> u8 {
    if report
        .findings
        .iter()
        .any(|finding| finding.status <= Status::Likely)
    {
        FOUND
    } else if report.symptoms.is_empty() {
        NOTHING_WRONG
    } else {
        UNDECIDED
    }
}
