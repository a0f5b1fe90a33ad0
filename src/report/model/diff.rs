//! What `why401 diff BEFORE AFTER` says: whether what was broken is fixed, and what changed.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{InputSummary, MissingInput, Outcome, SCHEMA_VERSION, Status, Subject, Time, Tool};

/// Two bundles compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Diff {
    /// The version of this contract, `major.minor`.
    pub schema_version: String,
    /// The program that wrote it.
    pub tool: Tool,
    /// The first bundle.
    pub before: Side,
    /// The second bundle.
    pub after: Side,
    /// What happened in AFTER counts from this moment on: what is older is in BEFORE. Absent where AFTER does not reach
    /// beyond BEFORE, or no time is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Time>,
    /// The answer in short.
    pub answer: Answer,
    /// What is to be known before the rest is read, one sentence each.
    pub remarks: Vec<String>,
    /// What became of each cause, the most important first.
    pub causes: Vec<CauseChange>,
    /// Settings, registrations, account attributes and policies that are not the same, or known in one bundle only.
    pub attributes: Vec<AttributeChange>,
    /// The failures of both bundles, each with its rate.
    pub symptoms: Vec<SymptomChange>,
    /// How users signed in, per server and per site.
    pub sign_ins: Vec<SignInChange>,
    /// Each endpoint's outcome in both bundles.
    pub endpoints: Vec<OutcomeChange>,
}

impl Default for Diff {
    /// Nothing compared.
    fn default() -> Self {
        Self {
            schema_version: SCHEMA_VERSION.to_owned(),
            tool: Tool::default(),
            before: Side::default(),
            after: Side::default(),
            since: None,
            answer: Answer::default(),
            remarks: Vec::new(),
            causes: Vec::new(),
            attributes: Vec::new(),
            symptoms: Vec::new(),
            sign_ins: Vec::new(),
            endpoints: Vec::new(),
        }
    }
}

/// One of the two bundles.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Side {
    /// What the user named.
    pub inputs: Vec<InputSummary>,
    /// The earliest time in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first_time: Option<Time>,
    /// The latest time in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_time: Option<Time>,
    /// The verdict on it alone, in one sentence; of AFTER, on what happened since BEFORE.
    pub headline: String,
}

/// Whether what was broken is fixed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Answer {
    /// What sort of answer it is.
    pub status: AnswerStatus,
    /// The answer in one sentence.
    pub headline: String,
    /// What it rests on, or what would decide, one sentence each.
    pub because: Vec<String>,
    /// What to collect for AFTER, so that it decides.
    pub missing: Vec<MissingInput>,
}

/// What sort of answer it is.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum AnswerStatus {
    /// Every likely or confirmed cause of BEFORE is gone or past, and AFTER has no new one.
    Fixed,
    /// A cause or its failures are still there, or a new cause is likely or confirmed.
    NotFixed,
    /// AFTER lacks what would show it.
    #[default]
    Undecided,
}

/// What became of one cause.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct CauseChange {
    /// The cause's id in the catalogue.
    pub cause: String,
    /// The cause's name.
    pub name: String,
    /// What is wrong, in one line.
    pub title: String,
    /// What it is about.
    pub subject: Subject,
    /// What became of it.
    pub change: CauseFate,
    /// How sure it was in BEFORE; absent where it was not found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Status>,
    /// How sure it is in AFTER; absent where it is not found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Status>,
    /// What the change rests on, in one sentence.
    pub says: String,
    /// What AFTER lacks to decide it.
    pub missing: Vec<MissingInput>,
}

/// What became of a cause.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum CauseFate {
    /// AFTER has it and BEFORE had not.
    New,
    /// Both have it.
    Unchanged,
    /// AFTER does not show it any more, and does not decide whether it is gone.
    #[default]
    Undecided,
    /// AFTER shows it, and that a later change ended it; or it was over in BEFORE already.
    Past,
    /// AFTER holds what showed it, or what rules it out, and it is not there.
    Gone,
}

/// Something that is not the same in both bundles, or known in one of them only.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct AttributeChange {
    /// What sort of thing it is.
    pub kind: AttributeKind,
    /// What has it: sites and applications with their server, an account, a machine. Several where they change alike.
    pub subjects: Vec<String>,
    /// The attribute: a setting, an SPN, a value of the registry.
    pub attribute: String,
    /// What became of it.
    pub change: AttributeFate,
    /// Its value in BEFORE; absent where it was not there, or is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<PlacedValue>,
    /// Its value in AFTER; absent where it is not there, or is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<PlacedValue>,
}

/// What sort of thing an attribute belongs to.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum AttributeKind {
    /// A setting of IIS in force at a site or application.
    #[default]
    Setting,
    /// The registration of an SPN on an account.
    Registration,
    /// An attribute of an account in the directory.
    Account,
    /// A value of a machine's registry.
    Registry,
}

/// What became of an attribute.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum AttributeFate {
    /// It has another value.
    #[default]
    Changed,
    /// It was not there, and is.
    Added,
    /// It was there, and AFTER shows that it is not.
    Removed,
    /// BEFORE knows it, and AFTER does not say.
    NotKnownInAfter,
    /// AFTER knows it, and BEFORE does not say.
    NotKnownInBefore,
}

/// A value and the places that show it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlacedValue {
    /// The value in words.
    pub value: String,
    /// The places, `web01/applicationHost.config:412`.
    pub from: Vec<String>,
}

/// A failure in both bundles.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SymptomChange {
    /// What fails.
    pub what: String,
    /// What became of it.
    pub change: SymptomFate,
    /// In BEFORE; absent where it was not seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Rate>,
    /// In AFTER; absent where it is not seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Rate>,
    /// What follows, in one sentence.
    pub says: String,
}

/// What became of a failure.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum SymptomFate {
    /// It goes on.
    GoesOn,
    /// It goes on at less than a tenth of its rate.
    Dwindled,
    /// It was not seen in BEFORE.
    New,
    /// It is not seen, in a source that covers long enough for several at the rate of before.
    Stopped,
    /// It is not seen, and AFTER covers too little, or nothing, of what showed it.
    #[default]
    NotCovered,
}

/// How often something happened over what its source covers.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Rate {
    /// How many times.
    pub count: u64,
    /// Hours that the source covers; absent where that is not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hours: Option<f64>,
    /// How many in an hour; absent where the span is not known or too short to tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub per_hour: Option<f64>,
}

/// How users signed in, before and after.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SignInChange {
    /// Where: a server, or a site.
    pub at: String,
    /// What shows it: the Security log, or the legs in the IIS log, which do not name the scheme.
    pub source: String,
    /// In BEFORE; absent where nothing covers it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<SignIns>,
    /// In AFTER; absent where nothing covers it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<SignIns>,
    /// What keeps the two from being compared, in one sentence; empty where nothing does.
    pub says: String,
}

/// Sign-ins by scheme.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct SignIns {
    /// By Kerberos.
    pub kerberos: Rate,
    /// By NTLM.
    pub ntlm: Rate,
    /// The share of NTLM, 0 to 1; absent where nobody signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ntlm_share: Option<f64>,
}

/// An endpoint's outcome in both bundles.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct OutcomeChange {
    /// The endpoint's URL.
    pub url: String,
    /// The IIS server.
    pub host: String,
    /// How it ends by the simulation of BEFORE; absent where BEFORE has no such endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Outcome>,
    /// How it ends by the simulation of AFTER; absent where AFTER has no such endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<Outcome>,
    /// How it was seen to end in BEFORE.
    pub observed_before: Outcome,
    /// How it was seen to end in AFTER.
    pub observed_after: Outcome,
}
