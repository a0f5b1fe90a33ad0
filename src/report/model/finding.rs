//! Findings: what is wrong, how sure that is, and what it rests on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{EndpointChange, MissingInput, Remedy, Time};

/// One cause that the bundle shows or makes likely, at one subject.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Finding {
    /// The cause's id in the catalogue, `SPN-05`.
    pub cause: String,
    /// The cause's name in kebab-case, stable as the id is.
    pub name: String,
    /// What is wrong, in one line.
    pub title: String,
    /// Where on the authentication path it strikes, in kebab-case.
    pub stage: String,
    /// How sure it is.
    pub status: Status,
    /// How the status was reached, one sentence for each rule of evidence that counted.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reckoning: Vec<String>,
    /// Whether it still holds at the end of the bundle.
    pub current: Current,
    /// What it is about.
    pub subject: Subject,
    /// What happens and why, in plain words.
    pub explanation: String,
    /// What it rests on, the decisive first.
    pub evidence: Vec<EvidenceRef>,
    /// The ids of the symptoms that it explains (`S1`).
    pub symptoms: Vec<String>,
    /// When it began, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub onset: Option<Onset>,
    /// What else looks like it, and the fact that tells them apart.
    pub look_alikes: Vec<LookAlike>,
    /// What to do about it.
    pub remedy: Remedy,
    /// What the fix changes, by simulating every endpoint again with the fix applied.
    pub after_fix: Vec<EndpointChange>,
    /// What could not be seen and might change the picture, one sentence each.
    pub blind_spots: Vec<String>,
    /// Inputs that the bundle lacks and that would settle it.
    pub missing: Vec<MissingInput>,
}

/// How sure a finding is, the surest first.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Configuration and observation agree, or the observation alone proves it.
    Confirmed,
    /// The configuration cannot work, or several observations fit this cause and none of its look-alikes.
    Likely,
    /// It fits, but a look-alike fits too, or a deciding input is missing.
    #[default]
    Possible,
}

/// Whether something still holds at the end of the bundle.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Current {
    /// It does.
    True,
    /// It did, and a later change ended it.
    False,
    /// The bundle does not say.
    #[default]
    Unknown,
}

/// What a finding is about, as far as it applies.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
pub struct Subject {
    /// The site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site: Option<String>,
    /// The application's path in the site.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub application: Option<String>,
    /// The host name in the URL.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host_name: Option<String>,
    /// The SPN.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spn: Option<String>,
    /// The account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The machine.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
}

/// One piece of evidence and what it says about a finding.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EvidenceRef {
    /// The id of the evidence, `E17`.
    pub id: String,
    /// What follows from it here.
    pub says: String,
    /// How much it weighs.
    pub weight: Weight,
}

/// How much a piece of evidence weighs for a finding.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Weight {
    /// The finding stands or falls with it.
    Decisive,
    /// It fits.
    #[default]
    Supporting,
    /// It speaks against the finding.
    Contradicting,
}

/// When a cause began, and the change that began it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Onset {
    /// When it began, as near as the bundle says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<Time>,
    /// The change that began it, where one was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub change: Option<String>,
    /// The ids of the evidence.
    pub evidence: Vec<String>,
}

/// Another cause with the same symptoms.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct LookAlike {
    /// Its id in the catalogue.
    pub cause: String,
    /// The fact that tells the two apart.
    pub told_apart_by: String,
}
