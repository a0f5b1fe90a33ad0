//! The report: one value, and its renderings, which add no facts.
//!
//! [`Report`] is the JSON contract. [`json`] and [`schema`] write it and its schema for programs.

mod build;
mod ledger;
pub mod markdown;
pub mod model;
#[cfg(test)]
pub(crate) mod sample;
pub mod sanitize;
mod show;
pub mod terminal;
pub(crate) mod words;

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;

pub use build::{build, hash_inputs, what_if};
pub use model::*;
pub use show::show;

/// The report as JSON: indented, the fields in the order of the contract, ending in a line feed.
pub fn json(report: &Report) -> String {
    pretty(report)
}

/// The parts of the report that say what was read and what is missing, as JSON under the same names.
pub fn inspection_json(report: &Report) -> String {
    #[derive(Serialize)]
    struct Inspection<'a> {
        schema_version: &'a str,
        tool: &'a Tool,
        bundle: &'a BundleSummary,
        not_assessed: &'a [NotAssessed],
        coverage: &'a [Coverage],
    }
    pretty(&Inspection {
        schema_version: &report.schema_version,
        tool: &report.tool,
        bundle: &report.bundle,
        not_assessed: &report.not_assessed,
        coverage: &report.coverage,
    })
}

/// The timeline, the clocks it rests on, and the evidence that it cites, as JSON under the same names.
pub fn timeline_json(report: &Report) -> String {
    #[derive(Serialize)]
    struct Timeline<'a> {
        schema_version: &'a str,
        tool: &'a Tool,
        clocks: &'a [ClockDifference],
        timeline: &'a [TimelineEntry],
        evidence: Vec<&'a Evidence>,
    }
    let entries = report.timeline.iter();
    let cited: BTreeSet<&String> = entries.flat_map(|entry| &entry.evidence).collect();
    let evidence = report.evidence.iter();
    pretty(&Timeline {
        schema_version: &report.schema_version,
        tool: &report.tool,
        clocks: &report.bundle.clocks,
        timeline: &report.timeline,
        evidence: evidence.filter(|e| cited.contains(&e.id)).collect(),
    })
}

/// The endpoints, and the evidence that their traces cite, as JSON under the same names.
pub fn endpoints_json(report: &Report) -> String {
    #[derive(Serialize)]
    struct Endpoints<'a> {
        schema_version: &'a str,
        tool: &'a Tool,
        endpoints: &'a [Endpoint],
        evidence: Vec<&'a Evidence>,
    }
    let steps = report.endpoints.iter().flat_map(|endpoint| &endpoint.trace);
    let cited: BTreeSet<&String> = steps.flat_map(|step| &step.evidence).collect();
    let evidence = report
        .evidence
        .iter()
        .filter(|evidence| cited.contains(&evidence.id));
    pretty(&Endpoints {
        schema_version: &report.schema_version,
        tool: &report.tool,
        endpoints: &report.endpoints,
        evidence: evidence.collect(),
    })
}

/// Two bundles compared, as JSON.
pub fn diff_json(diff: &Diff) -> String {
    pretty(diff)
}

/// What assumptions change, as JSON.
pub fn what_if_json(what_if: &WhatIf) -> String {
    pretty(what_if)
}

fn pretty(value: &impl Serialize) -> String {
    // The model has string keys and no fallible serialiser, so that this cannot fail; a report is never worth a panic.
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    text
}

/// The JSON Schema (2020-12) of the report.
pub fn schema() -> Value {
    schemars::schema_for!(Report).to_value()
}

/// The JSON Schema (2020-12) of what `diff` writes.
pub fn diff_schema() -> Value {
    schemars::schema_for!(Diff).to_value()
}

/// The JSON Schema (2020-12) of what `endpoints --assume` writes.
pub fn what_if_schema() -> Value {
    schemars::schema_for!(WhatIf).to_value()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_admits_what_is_written() {
        let schema = schema();
        jsonschema::meta::validate(&schema).expect("the schema is a schema");
        let validator = jsonschema::validator_for(&schema).expect("the schema compiles");
        for report in [Report::default(), sample::report()] {
            let written: Value = serde_json::from_str(&json(&report)).expect("valid JSON");
            let errors: Vec<_> = validator
                .iter_errors(&written)
                .map(|e| e.to_string())
                .collect();
            assert_eq!(errors, Vec::<String>::new());
        }
    }

    #[test]
    fn the_schema_refuses_what_is_not_in_the_contract() {
        let validator = jsonschema::validator_for(&schema()).expect("the schema compiles");
        let written: Value = serde_json::from_str(&json(&sample::report())).expect("valid JSON");
        let with = |pointer: &str, value: Value| {
            let mut changed = written.clone();
            *changed.pointer_mut(pointer).expect("the sample has it") = value;
            changed
        };
        assert!(validator.is_valid(&written));
        assert!(!validator.is_valid(&with("/findings/0/status", "certain".into())));
        assert!(!validator.is_valid(&with("/endpoints/0/outcome", "Denied".into())));
        assert!(!validator.is_valid(&with("/symptoms/0/count", "many".into())));
        assert!(!validator.is_valid(&with("/verdict", Value::Null)));
    }

    #[test]
    fn the_schema_describes_every_field() {
        fn undescribed(at: &str, schema: &Value, found: &mut Vec<String>) {
            if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
                for (name, property) in properties {
                    if property.get("description").is_none() {
                        found.push(format!("{at}.{name}"));
                    }
                }
            }
        }
        let mut found = Vec::new();
        for schema in [schema(), diff_schema(), what_if_schema()] {
            undescribed("the whole", &schema, &mut found);
            for (name, definition) in schema["$defs"].as_object().expect("has definitions") {
                undescribed(name, definition, &mut found);
            }
        }
        assert_eq!(found, Vec::<String>::new());
    }

    #[test]
    fn json_reads_back_as_the_same_report() {
        let report = sample::report();
        let text = json(&report);
        assert!(text.ends_with("}\n"));
        assert_eq!(
            serde_json::from_str::<Report>(&text).expect("reads back"),
            report
        );
    }

    #[test]
    fn endpoints_come_with_what_they_cite_and_no_more() {
        let text = endpoints_json(&sample::report());
        let value: Value = serde_json::from_str(&text).expect("valid JSON");
        let cited: Vec<_> = value["evidence"]
            .as_array()
            .expect("a list")
            .iter()
            .map(|e| &e["id"])
            .collect();
        assert_eq!(cited, ["E1", "E2"]);
        assert_eq!(value["endpoints"].as_array().map(Vec::len), Some(2));
        let text = inspection_json(&sample::report());
        let value: Value = serde_json::from_str(&text).expect("valid JSON");
        assert_eq!(value["bundle"]["artifacts"][1]["skipped"], 2);
        assert!(value.get("findings").is_none());
    }

    #[test]
    fn fields_stand_in_the_order_of_the_contract() {
        let text = json(&sample::report());
        let fields: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix("  \"")?.split('"').next())
            .collect();
        let contract = [
            "schema_version",
            "tool",
            "bundle",
            "verdict",
            "findings",
            "ruled_out",
            "not_assessed",
            "contradictions",
            "symptoms",
            "endpoints",
            "coverage",
            "timeline",
            "evidence",
        ];
        assert_eq!(fields, contract);
    }

    #[test]
    fn enumerations_are_in_kebab_case() {
        let word = |value: Value| value.as_str().map(str::to_owned);
        let of = |outcome| word(serde_json::to_value::<Outcome>(outcome).expect("serialises"));
        assert_eq!(
            of(Outcome::NotWindowsAuth).as_deref(),
            Some("not-windows-auth")
        );
        let shell = serde_json::to_value(Shell::PowerShell).expect("serialises");
        assert_eq!(shell, "powershell");
        let current = serde_json::to_value(Current::True).expect("serialises");
        assert_eq!(current, "true");
    }
}
