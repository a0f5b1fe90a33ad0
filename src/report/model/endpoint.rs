//! Endpoints: the simulated authentication path of each scheme, host name, port, site and application.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// One endpoint and what happens to a Windows user who asks for it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Endpoint {
    /// Scheme, host name, port and path that a client uses, `https://intranet.contoso.com/app`.
    pub url: String,
    /// The IIS server.
    pub host: String,
    /// The site.
    pub site: String,
    /// The application's path in the site, `/` for its root.
    pub application: String,
    /// The application pool that serves it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pool: Option<String>,
    /// The account that the pool runs as.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    /// The account whose key IIS opens the service ticket with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub acceptor: Option<String>,
    /// The SPN that the client asks a ticket for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spn: Option<String>,
    /// The accounts that hold the SPN, as far as the bundle says.
    pub holders: Vec<String>,
    /// How authentication ends by the simulation.
    pub outcome: Outcome,
    /// How authentication was seen to end in the logs.
    pub observed: Outcome,
    /// What the observation rests on and how sure it is, where events do not show it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub observed_by: Option<String>,
    /// The steps of the simulation.
    pub trace: Vec<TraceStep>,
}

/// How authentication at an endpoint ends.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Kerberos logs the user on.
    Kerberos,
    /// NTLM logs the user on although Kerberos was on offer.
    NtlmFallback,
    /// NTLM logs the user on, and the configuration asks for no more.
    NtlmByDesign,
    /// The user is refused (401).
    Denied,
    /// There is no service to authenticate to (503 and the like).
    Unavailable,
    /// Windows authentication is not used here.
    NotWindowsAuth,
    /// The bundle does not say.
    #[default]
    Unknown,
}

/// One step of an endpoint's path.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TraceStep {
    /// The step's name in kebab-case: `client-name`, `spn-holder`, `ticket`, `acceptor`, …
    pub step: String,
    /// What happens in it.
    pub says: String,
    /// The ids of the evidence it rests on.
    pub evidence: Vec<String>,
}
