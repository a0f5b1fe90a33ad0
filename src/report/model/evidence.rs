//! The facts that were read, when they happened, and how much of each source there is.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Time;

/// One fact that the report cites, at the place where it stands in the bundle.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// Its id in this report, `E1`, `E2`, …; the same bundle gives the same ids.
    pub id: String,
    /// Path of the artifact it stands in.
    pub artifact: String,
    /// The line, counted from 1, in text and XML artifacts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The `EventRecordID`, in event logs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record_id: Option<u64>,
    /// The path of the element or attribute, in XML artifacts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub xpath: Option<String>,
    /// When it happened, where the place itself says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<Time>,
    /// What stands there, in one line, secrets removed.
    pub text: String,
}

/// Which span of one source on one host the bundle really holds: its silence outside of it proves nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Coverage {
    /// The host.
    pub host: String,
    /// The source: a channel of the event log, or a kind of file.
    pub source: String,
    /// The first time it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_time: Option<Time>,
    /// The last time it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_time: Option<Time>,
    /// How sure the two times are; absent where they are exact.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_certainty: Option<TimeCertainty>,
    /// What is missing between the two (wrapped, cleared, capped), one sentence each.
    pub gaps: Vec<String>,
    /// Whether what the diagnosis needs was being written to it.
    pub auditing: Auditing,
    /// What follows for the diagnosis, in one sentence.
    pub says: String,
}

/// Whether a source was being written to.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Auditing {
    /// What is looked for was being written.
    On,
    /// Some of it was being written, for example successes without failures.
    Partial,
    /// It was switched off.
    Off,
    /// The bundle does not say.
    #[default]
    Unknown,
}

/// A change or a failure on the common clock.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TimelineEntry {
    /// When it happened; absent when that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<Time>,
    /// How sure the time is.
    pub time_certainty: TimeCertainty,
    /// What sort of entry it is.
    pub kind: TimelineKind,
    /// What happened.
    pub says: String,
    /// The ids of the evidence it rests on.
    pub evidence: Vec<String>,
}

/// How sure a time is.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum TimeCertainty {
    /// The source says it in UTC.
    Exact,
    /// The source says it in local time, and the zone was assumed.
    ZoneAssumed,
    /// The source tells the day alone: the time is that at which the day may begin at the earliest, by the zone of the machine.
    Day,
    /// Not known.
    #[default]
    Unknown,
}

/// What sort of entry stands on the timeline.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum TimelineKind {
    /// Something was changed.
    Change,
    /// Something failed.
    Failure,
    /// Something that helps to place the others.
    #[default]
    Info,
}
