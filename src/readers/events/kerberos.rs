//! The Kerberos client's events (`causes.md` 7.2).

use super::says::Line;
use super::{Body, Fields};

/// Kerberos 3, and Kerberos/Operational 100, 101: a Kerberos error as the client received it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct KerberosError {
    /// Kerberos error code.
    pub code: Option<u32>,
    /// NTSTATUS in the extended error.
    pub extended: Option<String>,
    /// Realm of the client.
    pub client_realm: Option<String>,
    /// Name of the client; where that is empty, of the logon session (`DOMAIN\name`) that the error came to.
    pub client_name: Option<String>,
    /// Realm whose KDC answered.
    pub server_realm: Option<String>,
    /// Server name as the KDC knows it.
    pub server_name: Option<String>,
    /// The SPN that was asked for, without `@REALM`.
    pub target_name: Option<String>,
}

/// Kerberos 4: the server could not open the ticket (KRB_AP_ERR_MODIFIED).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct KerberosEvent {
    /// The event id: 5 clock skew, 6 token too large, 7 PAC verification, …
    pub id: u32,
    /// True for the operational channel, whose ids mean other things.
    pub operational: bool,
    /// The fields by name.
    pub fields: Fields,
}

/// The body of an event of the Kerberos client. In the operational channel the same provider's ids mean other things.
pub(super) fn read(id: u32, operational: bool, fields: Fields) -> Body {
    match (id, operational) {
        (3, false) | (100 | 101, _) => Body::KerberosError(KerberosError::from_fields(&fields)),
        (4, false) => Body::KeyMismatch(KeyMismatch::from_fields(&fields)),
        _ => Body::Kerberos(KerberosEvent {
            id,
            operational,
            fields,
        }),
    }
}

/// Splits `HTTP/web.corp.example@CORP.EXAMPLE` into the SPN and the realm that the ticket was asked from.
fn split_realm(target: Option<String>) -> (Option<String>, Option<String>) {
    match target.as_deref().and_then(|target| target.rsplit_once('@')) {
        Some((spn, realm)) if !spn.is_empty() && !realm.is_empty() => {
            (Some(spn.to_owned()), Some(realm.to_owned()))
        }
        _ => (target, None),
    }
}

impl KerberosError {
    fn from_fields(fields: &Fields) -> Self {
        let (target_name, realm) = split_realm(fields.first(&["TargetName", "SPN"]));
        Self {
            code: fields.number("ErrorCode"),
            extended: fields.text("ExtendedError"),
            client_realm: fields.text("ClientRealm"),
            client_name: fields.text("ClientName").or_else(|| {
                fields
                    .text("LogonSession")
                    .filter(|session| session.contains('\\'))
            }),
            server_realm: fields.text("ServerRealm").or(realm),
            server_name: fields.text("ServerName"),
            target_name,
        }
    }

    pub(super) fn says(&self, id: u32) -> String {
        Line::new(format_args!("Kerberos {id}"))
            .with_code("error", self.code)
            .with("target", self.target_name.as_deref())
            .with("realm", self.server_realm.as_deref())
            .with("client", self.client_name.as_deref())
            .with("extended", self.extended.as_deref())
            .finish()
    }
}

impl KeyMismatch {
    fn from_fields(fields: &Fields) -> Self {
        let (target_name, realm) = split_realm(fields.text("TargetName"));
        Self {
            server: fields.text("Server"),
            target_realm: fields.text("TargetRealm").or(realm),
            target_name,
            client_realm: fields.text("ClientRealm"),
        }
    }

    pub(super) fn says(&self) -> String {
        Line::new("Kerberos 4")
            .with("target", self.target_name.as_deref())
            .with("server", self.server.as_deref())
            .with("realm", self.target_realm.as_deref())
            .finish()
    }
}

impl KerberosEvent {
    pub(super) fn says(&self) -> String {
        let log = if self.operational {
            "Kerberos/Operational"
        } else {
            "Kerberos"
        };
        Line::new(format_args!("{log} {}", self.id))
            .with_fields(&self.fields)
            .finish()
    }
}
