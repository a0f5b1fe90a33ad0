//! The report as a value: the JSON contract of `why401 … --format json`, and what every other form renders.
//!
//! Names are in snake_case, enumerations in kebab-case; fields stand in the order in which they are written. A fact
//! that is cited stands once in [`Report::evidence`] under a short id (`E17`), and everything else refers to it by that
//! id. The doc comments here are the descriptions in the JSON Schema that `why401 schema` prints.

mod bundle;
mod diff;
mod endpoint;
mod evidence;
mod finding;
mod remedy;
mod time;
mod verdict;
mod what_if;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use bundle::{ArtifactSummary, BundleSummary, ClockDifference, HostSummary, InputSummary};
pub use diff::{
    Answer, AnswerStatus, AttributeChange, AttributeFate, AttributeKind, CauseChange, CauseFate,
    Diff, OutcomeChange, PlacedValue, Rate, Side, SignInChange, SignIns, SymptomChange,
    SymptomFate,
};
pub use endpoint::{Endpoint, Outcome, TraceStep};
pub use evidence::{Auditing, Coverage, Evidence, TimeCertainty, TimelineEntry, TimelineKind};
pub use finding::{Current, EvidenceRef, Finding, LookAlike, Onset, Status, Subject, Weight};
pub use remedy::{EndpointChange, Remedy, Shell, Step};
pub use time::Time;
pub use verdict::{
    AttemptStep, Contradiction, Frequency, MissingInput, NotAssessed, RuledOut, Symptom, Verdict,
    VerdictStatus,
};
pub use what_if::{Assumption, Trial, WhatIf};

/// The version of this contract. The minor number rises when fields or enumeration values are added, the major
/// number when something that was there changes or goes.
pub const SCHEMA_VERSION: &str = "1.5";

/// Why IIS answered 401 to a Windows user, or let Kerberos fall back to NTLM, as far as the bundle says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// The version of this contract, `major.minor`.
    pub schema_version: String,
    /// The program that wrote the report.
    pub tool: Tool,
    /// What was read.
    pub bundle: BundleSummary,
    /// The answer in short.
    pub verdict: Verdict,
    /// What is wrong, the most important first.
    pub findings: Vec<Finding>,
    /// Causes that a cited fact contradicts.
    pub ruled_out: Vec<RuledOut>,
    /// Causes that the bundle cannot decide, and what would decide them.
    pub not_assessed: Vec<NotAssessed>,
    /// Facts of the bundle that cannot all be true.
    pub contradictions: Vec<Contradiction>,
    /// The failures that were seen, grouped.
    pub symptoms: Vec<Symptom>,
    /// Each endpoint's simulated authentication path.
    pub endpoints: Vec<Endpoint>,
    /// Which span of which source on which host the bundle really holds.
    pub coverage: Vec<Coverage>,
    /// Changes and failures on one clock, the oldest first; entries without a time stand last.
    pub timeline: Vec<TimelineEntry>,
    /// Every cited fact, once, in the order of its id.
    pub evidence: Vec<Evidence>,
}

impl Default for Report {
    /// An empty, inconclusive report by this version of the program.
    fn default() -> Self {
        Self {
            schema_version: SCHEMA_VERSION.to_owned(),
            tool: Tool::default(),
            bundle: BundleSummary::default(),
            verdict: Verdict::default(),
            findings: Vec::new(),
            ruled_out: Vec::new(),
            not_assessed: Vec::new(),
            contradictions: Vec::new(),
            symptoms: Vec::new(),
            endpoints: Vec::new(),
            coverage: Vec::new(),
            timeline: Vec::new(),
            evidence: Vec::new(),
        }
    }
}

/// The program that wrote a report.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// Its name, `why401`.
    pub name: String,
    /// Its version.
    pub version: String,
}

impl Default for Tool {
    /// This program.
    fn default() -> Self {
        Self {
            name: env!("CARGO_PKG_NAME").to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }
}
