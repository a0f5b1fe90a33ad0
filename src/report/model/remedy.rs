//! What to do about a finding: the fix with its order, risk, proof and way back.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Outcome;

/// What to do about a finding.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Remedy {
    /// The fix, in this order.
    pub fix: Vec<Step>,
    /// Other ways to the same end.
    pub alternatives: Vec<Step>,
    /// How to see that it worked.
    pub verify: Vec<Step>,
    /// How to undo the fix, in this order.
    pub rollback: Vec<Step>,
    /// How to keep it from coming back.
    pub prevent: Vec<Step>,
}

/// One step: something to do by hand, or one command.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Step {
    /// The command, ready to paste into its shell; absent for a step by hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// The shell that the command is written for; `none` when there is no command.
    pub shell: Shell,
    /// What the step does.
    pub says: String,
    /// What it may break.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub risk: Option<String>,
    /// What must not be seen: if it is, stop here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stop_if: Option<String>,
}

/// The shell that a command is written for.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Shell {
    /// `cmd.exe`.
    Cmd,
    /// Windows PowerShell or PowerShell 7.
    #[serde(rename = "powershell")]
    PowerShell,
    /// No shell: a step by hand.
    #[default]
    None,
}

/// How an endpoint's outcome changes with the fix.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct EndpointChange {
    /// The endpoint's URL.
    pub endpoint: String,
    /// The outcome now.
    pub before: Outcome,
    /// The outcome with the fix applied.
    pub after: Outcome,
}
