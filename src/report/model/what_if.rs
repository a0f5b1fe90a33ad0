//! What `why401 endpoints --assume` says: the endpoints as they are and as they would be.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Endpoint, Evidence, SCHEMA_VERSION, Tool};

/// The endpoints of a bundle before and after assumptions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WhatIf {
    /// The version of this contract, `major.minor`.
    pub schema_version: String,
    /// The program that wrote it.
    pub tool: Tool,
    /// What is assumed, in the order in which it applies.
    pub assumptions: Vec<Assumption>,
    /// Each endpoint before and after.
    pub endpoints: Vec<Trial>,
    /// What the steps cite, once, in the order of the ids; the artifact of an assumption is `--assume`, its line is its
    /// number.
    pub evidence: Vec<Evidence>,
}

impl Default for WhatIf {
    /// Nothing assumed.
    fn default() -> Self {
        Self {
            schema_version: SCHEMA_VERSION.to_owned(),
            tool: Tool::default(),
            assumptions: Vec::new(),
            endpoints: Vec::new(),
            evidence: Vec::new(),
        }
    }
}

/// One assumption.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Assumption {
    /// As typed.
    pub text: String,
    /// What it means for this bundle.
    pub says: String,
    /// What is to be known of it, one sentence each: it is so already, or an account is taken as new.
    pub remarks: Vec<String>,
}

/// One endpoint before and after the assumptions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Trial {
    /// Its URL.
    pub url: String,
    /// The IIS server.
    pub host: String,
    /// Whether its users lose something: a working logon, or Kerberos.
    pub is_worse: bool,
    /// As it is.
    pub before: Endpoint,
    /// As it would be; what is observed of it is unknown.
    pub after: Endpoint,
}
