//! The answer in short, the failures it has to explain, and what was ruled out or could not be decided.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Time, TimeCertainty};

/// The answer in short.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Verdict {
    /// What sort of answer it is.
    pub status: VerdictStatus,
    /// The answer in one sentence.
    pub headline: String,
    /// The ids of the smallest set of causes that explains the most symptoms (`SPN-05`).
    pub causes: Vec<String>,
    /// How many symptoms no finding explains.
    pub unexplained_symptoms: u64,
}

/// What sort of answer a verdict is.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum VerdictStatus {
    /// At least one finding is confirmed or likely.
    RootCauseFound,
    /// There are failures or doubts that the inputs do not decide.
    #[default]
    Inconclusive,
    /// Nothing wrong was found in what was collected.
    Healthy,
}

/// A group of failures of one sort.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Symptom {
    /// Its id in this report, `S1`, `S2`, …
    pub id: String,
    /// What failed.
    pub what: String,
    /// How many times.
    pub count: u64,
    /// When it was seen first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_time: Option<Time>,
    /// When it was seen last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_time: Option<Time>,
    /// How sure the two times are; absent where they are exact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_certainty: Option<TimeCertainty>,
    /// The URL of the endpoint it was seen at, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
    /// The accounts it happened to.
    pub principals: Vec<String>,
    /// How often it came, where its times are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Frequency>,
    /// Where it gathers, one sentence each: paths, clients, the busiest minute.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<String>,
    /// One of them as several machines wrote of it, oldest first; empty where only one did.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attempt: Vec<AttemptStep>,
    /// Where nothing explains it: what would tell more, the most telling first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<MissingInput>,
    /// The ids of the evidence: the first, the last and some between.
    pub evidence: Vec<String>,
}

/// What one machine wrote of an attempt to sign in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AttemptStep {
    /// When, by the clock of that machine.
    pub time: Time,
    /// The machine.
    pub host: String,
    /// What it wrote.
    pub says: String,
    /// By what it belongs to the failure: `LogonGuid`, `SPN and client`; absent for the failure itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub joined_by: Option<String>,
    /// Whether it surely came after the step before; false where how far two clocks stand apart leaves that open.
    pub surely_after: bool,
    /// The ids of the evidence.
    pub evidence: Vec<String>,
}

/// How often failures came, before and after they began or clearly rose.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Frequency {
    /// When they began or rose.
    pub since: Time,
    /// How many an hour since then, to the last one.
    pub per_hour: f64,
    /// How many an hour before; absent where the sources begin with the failures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_hour_before: Option<f64>,
    /// How many hours before are covered by the sources.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours_before: Option<f64>,
}

/// A cause that a cited fact contradicts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct RuledOut {
    /// The cause's id in the catalogue.
    pub cause: String,
    /// The cause's name.
    pub name: String,
    /// Why it cannot be.
    pub because: String,
    /// The ids of the evidence.
    pub evidence: Vec<String>,
}

/// A cause that the bundle cannot decide.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct NotAssessed {
    /// The cause's id in the catalogue.
    pub cause: String,
    /// The cause's name.
    pub name: String,
    /// The ids of symptoms that nothing explains and that it could explain.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub could_explain: Vec<String>,
    /// What would decide it.
    pub missing: Vec<MissingInput>,
}

/// An input that the bundle lacks.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub struct MissingInput {
    /// What is missing.
    pub what: String,
    /// The read-only command that collects it.
    pub collect_with: String,
}

/// Facts of the bundle that cannot all be true.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Contradiction {
    /// What contradicts what.
    pub says: String,
    /// The ids of the evidence.
    pub evidence: Vec<String>,
}
