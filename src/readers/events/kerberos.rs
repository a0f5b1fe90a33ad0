//! The Kerberos client's events (`causes.md` 7.2).

use super::Fields;

/// Kerberos 3, and Kerberos/Operational 100, 101: a Kerberos error as the client received it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KerberosError {
    /// Kerberos error code.
    pub code: Option<u32>,
    /// NTSTATUS in the extended error.
    pub extended: Option<String>,
    /// Realm of the client.
    pub client_realm: Option<String>,
    /// Name of the client.
    pub client_name: Option<String>,
    /// Realm whose KDC answered.
    pub server_realm: Option<String>,
    /// Server name as the KDC knows it.
    pub server_name: Option<String>,
    /// The SPN that was asked for, without `@REALM`.
    pub target_name: Option<String>,
}

/// Kerberos 4: the server could not open the ticket (KRB_AP_ERR_MODIFIED).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyMismatch {
    /// The principal named by the peer that rejected the ticket; usually the acceptor (meaning not documented).
    pub server: Option<String>,
    /// Realm of the target.
    pub target_realm: Option<String>,
    /// The SPN the ticket was for.
    pub target_name: Option<String>,
    /// Realm of the client.
    pub client_realm: Option<String>,
}

/// Another event of the Kerberos client or of Kerberos/Operational.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KerberosEvent {
    /// The event id: 5 clock skew, 6 token too large, 7 PAC verification, …
    pub id: u32,
    /// True for the operational channel, whose ids mean other things.
    pub operational: bool,
    /// The fields by name.
    pub fields: Fields,
}
