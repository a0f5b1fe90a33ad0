//! `why401 schema`: the JSON Schema of the report.

use clap::Args;

use super::NOTHING_WRONG;
use super::failure::Failure;
use super::output;

/// Print the JSON Schema of the report
#[derive(Args, Debug)]
pub struct Schema {}

impl Schema {
    /// Writes the schema.
    pub fn run(&self) -> Result<u8, Failure> {
        output::print(&format!("{:#}\n", why401::report::schema()))?;
        Ok(NOTHING_WRONG)
    }
}
