//! What was read: the inputs, the artifacts found in them, and the hosts they come from.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Time;

/// What was read.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct BundleSummary {
    /// What the user named, in the order given.
    pub inputs: Vec<InputSummary>,
    /// What was found in it, in the order of the paths.
    pub artifacts: Vec<ArtifactSummary>,
    /// The hosts that the artifacts come from, in the order of their names.
    pub hosts: Vec<HostSummary>,
    /// How far the clocks of two hosts stand apart, where events of both show it.
    #[serde(default)]
    pub clocks: Vec<ClockDifference>,
    /// The earliest time in the bundle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_time: Option<Time>,
    /// The latest time in the bundle.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_time: Option<Time>,
}

/// One path that the user named.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct InputSummary {
    /// The path as given.
    pub path: String,
    /// SHA-256 in lower-case hexadecimal: of the bytes of a file, of the sorted (path, hash) list of a folder. Empty where it
    /// was not asked for, and where the bytes could not be read.
    pub sha256: String,
}

/// One entry of the bundle and how it was understood.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ArtifactSummary {
    /// Path inside the bundle, `/` between components; the path of an archive entry continues that of its archive.
    pub path: String,
    /// What it is, judged by its content: `evtx`, `event-xml`, `application-host-config`, `web-config`,
    /// `other-config`, `console`, `iis-log`, `text`, `binary`, `empty` and others; of console text that holds the output
    /// of one tool alone, that tool.
    pub kind: String,
    /// The host it was collected on, where it says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The text encoding it was decoded from; absent for what is not text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// Size in bytes.
    pub bytes: u64,
    /// Path of the first artifact with the same bytes, where there is one before it: what both say counts once, unless
    /// they come from two hosts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub same_as: Option<String>,
    /// How many records were read from it: events, configuration elements, or command outputs.
    pub records: u64,
    /// How many records or lines could not be read and were skipped.
    pub skipped: u64,
    /// What was skipped and why, with its place, one sentence each.
    pub problems: Vec<String>,
    /// What else is to be known of it, one sentence each: nothing was skipped for it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub remarks: Vec<String>,
}

/// How far the clock of one host is ahead of another's, as an interval: events of both about one sign-in bound it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClockDifference {
    /// The host.
    pub host: String,
    /// The host it is held against.
    pub against: String,
    /// `host` is ahead by at least so many milliseconds (negative: behind); absent where nothing bounds it from below.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_least_ms: Option<i64>,
    /// `host` is ahead by at most so many milliseconds (negative: behind).
    pub at_most_ms: i64,
    /// The interval in words.
    pub says: String,
    /// The ids of the events that bound it.
    pub evidence: Vec<String>,
}

/// One host that the bundle speaks of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HostSummary {
    /// Its name.
    pub name: String,
    /// What it was seen to be: `iis-server`, `domain-controller`, `client`.
    pub roles: Vec<String>,
    /// Its operating system, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub os: Option<String>,
    /// The time zone of its local times, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}
