//! `why401 schema`: the JSON Schema of what is written as JSON.

use clap::{Args, ValueEnum};
use why401::report;

use super::NOTHING_WRONG;
use super::failure::Failure;
use super::output;

/// Print the JSON Schema of the report, or of another output
#[derive(Args, Debug)]
pub struct Schema {
    /// What it describes
    #[arg(value_enum, default_value_t)]
    of: Of,
}

/// What is written as JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Of {
    /// The report of analyze
    #[default]
    Report,
    /// The comparison of diff
    Diff,
    /// The endpoints of endpoints --assume
    Assume,
}

impl Schema {
    /// Writes the schema.
    pub fn run(&self) -> Result<u8, Failure> {
        let schema = match self.of {
            Of::Report => report::schema(),
            Of::Diff => report::diff_schema(),
            Of::Assume => report::what_if_schema(),
        };
        output::print(&format!("{schema:#}\n"))?;
        Ok(NOTHING_WRONG)
    }
}
