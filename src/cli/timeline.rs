//! `why401 timeline`: changes, failures and recoveries on one clock.

use std::path::PathBuf;

use clap::Args;
use why401::report::{self, terminal};

use super::NOTHING_WRONG;
use super::failure::Failure;
use super::output::{self, Look};
use super::source::{Form, Scope};

/// Show changes, failures and recoveries on one clock
#[derive(Args, Debug)]
pub struct Timeline {
    /// Folders, files and archives to read, together
    #[arg(required = true, value_name = "BUNDLE")]
    paths: Vec<PathBuf>,
    /// The form of the output
    #[arg(long, value_enum, default_value_t)]
    format: Form,
    #[command(flatten)]
    scope: Scope,
}

impl Timeline {
    /// Writes the timeline.
    pub fn run(&self) -> Result<u8, Failure> {
        let (_, report) = self.scope.analyze(&self.paths)?;
        let look = Look::of_stdout();
        output::print(&match self.format {
            Form::Terminal => terminal::timeline(&report, look.width, look.colour),
            Form::Json => report::timeline_json(&report),
        })?;
        Ok(NOTHING_WRONG)
    }
}
