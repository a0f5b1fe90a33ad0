//! The report: one value, and its renderings, which add no facts.
//!
//! [`Report`] is the JSON contract. [`json`] and [`schema`] write it and its schema for programs.

mod build;
mod ledger;
pub mod model;
#[cfg(test)]
pub(crate) mod sample;
pub mod sanitize;
pub mod terminal;
mod words;

use serde_json::Value;

pub use build::build;
pub use model::*;

/// The report as JSON: indented, the fields in the order of the contract, ending in a line feed.
pub fn json(report: &Report) -> String {
    // The model has string keys and no fallible serialiser, so that this cannot fail; a report is never worth a panic.
    let mut text = serde_json::to_string_pretty(report).unwrap_or_default();
    text.push('\n');
    text
}

/// The JSON Schema (2020-12) of the report.
pub fn schema() -> Value {
    schemars::schema_for!(Report).to_value()
}
