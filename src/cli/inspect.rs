//! `why401 inspect`: what was found, how it was understood, and what is missing.

use std::path::PathBuf;

use clap::Args;
use why401::report::{self, terminal};

use super::NOTHING_WRONG;
use super::failure::Failure;
use super::output::{self, Look};
use super::source::{Form, Scope};

/// Say what was found in the bundle, how it was understood, and what is missing
#[derive(Args, Debug)]
pub struct Inspect {
    /// Folders, files and archives to read, together
    #[arg(required = true, value_name = "BUNDLE")]
    paths: Vec<PathBuf>,
    /// The form of the output
    #[arg(long, value_enum, default_value_t)]
    format: Form,
    /// Show everything: long lists in full
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    scope: Scope,
}

impl Inspect {
    /// Writes the inspection.
    pub fn run(&self) -> Result<u8, Failure> {
        let (_, report) = self.scope.analyze_with_hashes(&self.paths)?;
        let look = Look::of_stdout();
        output::print(&match self.format {
            Form::Terminal => terminal::inspect(&report, look.width, look.colour, self.all),
            Form::Json => report::inspection_json(&report),
        })?;
        Ok(NOTHING_WRONG)
    }
}
