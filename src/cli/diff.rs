//! `why401 diff`: whether what was broken in one bundle is fixed in another.

use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;
use why401::report::{self, AnswerStatus, Diff as Differences, markdown, terminal};

use super::analyze::Format;
use super::failure::Failure;
use super::output::{self, Look};
use super::source::{Reading, time};
use super::{FOUND, NOTHING_WRONG, UNDECIDED};

/// Compare two bundles of one system: is what was broken fixed, and what changed
///
/// Exit codes: 0 every likely or confirmed cause of BEFORE is gone or past, and AFTER has no new one; 1 something is still broken,
/// or newly so; 3 AFTER lacks what would show it; 2 the command could not do its work.
#[derive(Args, Debug)]
pub struct Diff {
    /// The bundle from before the fix: a folder, file or archive
    #[arg(value_name = "BEFORE")]
    before: PathBuf,
    /// The bundle from after it
    #[arg(value_name = "AFTER")]
    after: PathBuf,
    /// The form of the comparison
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// Write the comparison to this file
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Show everything: long lists in full
    #[arg(long)]
    all: bool,
    /// Count what happened in AFTER from this time on [default: where BEFORE ends]
    #[arg(long, value_name = "TIME", value_parser = time)]
    since: Option<Timestamp>,
    #[command(flatten)]
    reading: Reading,
}

impl Diff {
    /// Writes the comparison.
    pub fn run(&self) -> Result<u8, Failure> {
        let diff = self.reading.diff(&self.before, &self.after, self.since)?;
        let paths = [self.before.clone(), self.after.clone()];
        match &self.output {
            Some(path) => output::save(&self.render(&diff, Look::of_file()), path, &paths)?,
            None => output::print(&self.render(&diff, Look::of_stdout()))?,
        }
        Ok(match diff.answer.status {
            AnswerStatus::Fixed => NOTHING_WRONG,
            AnswerStatus::NotFixed => FOUND,
            AnswerStatus::Undecided => UNDECIDED,
        })
    }

    fn render(&self, diff: &Differences, look: Look) -> String {
        match self.format {
            Format::Terminal => terminal::diff(diff, look.width, look.colour, self.all),
            Format::Json => report::diff_json(diff),
            Format::Markdown => markdown::diff(diff),
        }
    }
}
