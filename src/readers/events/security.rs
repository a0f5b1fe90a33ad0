//! Security log: logons, tickets, account and directory changes (`causes.md` 7.1).

mod read;
mod says;

pub(super) use read::read;

use super::Fields;
use crate::codes::EtypeSet;

/// An account as an event names it. Empty and `-` parts are `None`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Principal {
    /// SAM account name, or the name as typed.
    pub name: Option<String>,
    /// NetBIOS or DNS name of the domain, or the machine name for local accounts.
    pub domain: Option<String>,
    /// Security identifier.
    pub sid: Option<String>,
}

/// 4624: a logon succeeded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Logon {
    /// Who logged on.
    pub target: Principal,
    /// 3 network, 4 batch, 5 service, 8 network clear text, …
    pub logon_type: Option<u32>,
    /// `Kerberos`, `NtLmSsp`, `Advapi`, … trimmed (Windows writes `NtLmSsp ` with a blank).
    pub logon_process: Option<String>,
    /// `Kerberos`, `NTLM`, `Negotiate`.
    pub package: Option<String>,
    /// `NTLM V1`, `NTLM V2`: filled only when NTLM was used, also under `Negotiate`.
    pub lm_package: Option<String>,
    /// Joins with 4769; `None` where it is nil (NTLM).
    pub logon_guid: Option<String>,
    /// Workstation name the client supplied.
    pub workstation: Option<String>,
    /// Logon session id, `0x…`.
    pub logon_id: Option<String>,
    /// Process that asked for the logon.
    pub process: Option<String>,
    /// Client address.
    pub ip: Option<String>,
    /// Client port.
    pub port: Option<u16>,
    /// `%%1833` impersonation, `%%1840` delegation.
    pub impersonation_level: Option<String>,
    /// S4U2Proxy services, where delegation was used.
    pub transmitted_services: Option<String>,
    /// The account that the session uses towards the network, where it is another one (type 9).
    pub outbound: Option<String>,
}

/// 4625: a logon failed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct LogonFailed {
    /// Who tried.
    pub target: Principal,
    /// NTSTATUS.
    pub status: Option<u32>,
    /// NTSTATUS with the detail.
    pub sub_status: Option<u32>,
    /// `%%2313` and the like.
    pub failure_reason: Option<String>,
    /// 3 network, 4 batch, 5 service, …
    pub logon_type: Option<u32>,
    /// Logon process, trimmed.
    pub logon_process: Option<String>,
    /// Authentication package.
    pub package: Option<String>,
    /// `NTLM V1`, `NTLM V2`.
    pub lm_package: Option<String>,
    /// Workstation name the client supplied.
    pub workstation: Option<String>,
    /// Process that asked for the logon.
    pub process: Option<String>,
    /// Client address.
    pub ip: Option<String>,
    /// Client port.
    pub port: Option<u16>,
}

/// 4648: a logon with explicit credentials (on the client or the server that made the call).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ExplicitCredentials {
    /// Who was running.
    pub subject: Principal,
    /// Whose credentials were used.
    pub target: Principal,
    /// Target server.
    pub server: Option<String>,
    /// Target information, often an SPN.
    pub target_info: Option<String>,
    /// Process.
    pub process: Option<String>,
}

/// 4717, 4718: a logon right was granted or removed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct LogonRightChanged {
    /// True for 4717.
    pub granted: bool,
    /// SID of the account.
    pub target_sid: Option<String>,
    /// `SeNetworkLogonRight`, `SeDenyNetworkLogonRight`, `SeBatchLogonRight`, …
    pub right: Option<String>,
}

/// A change of an account object, by event id.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct AccountChanged {
    /// The event id: 4722 enabled, 4723/4724 password, 4725 disabled, 4726 deleted, 4738 user changed, 4740 locked out,
    /// 4741/4742/4743 computer created/changed/deleted, 4767 unlocked.
    pub id: u32,
    /// The account. In 4740 the domain field carries the caller computer instead and stands in `caller_computer`.
    pub target: Principal,
    /// Who changed it.
    pub subject: Principal,
    /// Computer that caused a lockout (4740).
    pub caller_computer: Option<String>,
    /// `PasswordLastSet` as rendered, where it changed.
    pub password_last_set: Option<String>,
    /// `AccountExpires` as rendered, where it changed.
    pub account_expires: Option<String>,
    /// `LogonHours` as rendered, where they changed.
    pub logon_hours: Option<String>,
    /// `UserWorkstations`, where they changed: names with commas between them.
    pub workstations: Option<String>,
    /// Old flags, SAM encoding (not userAccountControl).
    pub old_uac: Option<u32>,
    /// New flags, SAM encoding.
    pub new_uac: Option<u32>,
    /// RID of the primary group after the change, where it changed.
    pub primary_group: Option<u32>,
    /// `AllowedToDelegateTo` after the change, where it changed.
    pub delegates_to: Option<String>,
    /// SPNs after the change (4741, 4742); empty when the event says nothing about them.
    pub spns: Vec<String>,
    /// DNS host name after the change.
    pub dns_host_name: Option<String>,
}

/// 4768: a ticket-granting ticket was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct TgtRequest {
    /// The client.
    pub client: Principal,
    /// Kerberos error; 0 success.
    pub status: Option<u32>,
    /// Encryption type of the ticket.
    pub ticket_etype: Option<u32>,
    /// Pre-authentication type.
    pub preauth_type: Option<u32>,
    /// Client address.
    pub ip: Option<String>,
    /// Version 2: the encryption types that came into it.
    pub etypes: RequestEtypes,
}

/// 4769 (and 4770 renewal, 4773 failure): a service ticket was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct ServiceTicketRequest {
    /// The event id.
    pub id: u32,
    /// The client.
    pub client: Principal,
    /// On success the account that owns the SPN (`WEB01$`, `svc_web`); on failure the SPN text as asked for.
    pub service_name: Option<String>,
    /// SID of the service account; `None` on failure (Windows writes the null SID).
    pub service_sid: Option<String>,
    /// Kerberos error; 0 success.
    pub status: Option<u32>,
    /// The options of the request, bits of [`crate::codes::TICKET_FLAGS`].
    pub options: Option<u32>,
    /// Encryption type of the ticket; `None` where the event says 0xffffffff.
    pub ticket_etype: Option<u32>,
    /// Joins with 4624; `None` where nil.
    pub logon_guid: Option<String>,
    /// Client address.
    pub ip: Option<String>,
    /// S4U2Proxy services.
    pub transmitted_services: Option<String>,
    /// Version 2: the encryption types that came into it.
    pub etypes: RequestEtypes,
}

/// The encryption types of a request, as 4768 and 4769 of version 2 show them (domain controllers updated since January
/// 2025). On a failure the service's are mostly left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct RequestEtypes {
    /// What the KDC lets the service account use: its own setting or the default, which the event does not tell apart.
    pub service: Option<EtypeSet>,
    /// The keys that the service account has.
    pub service_keys: Option<EtypeSet>,
    /// What the client account may use.
    pub account: Option<EtypeSet>,
    /// The keys that the client account has.
    pub account_keys: Option<EtypeSet>,
    /// What the domain controller's own account may use.
    pub controller: Option<EtypeSet>,
    /// What the client asked for.
    pub client: Option<EtypeSet>,
}

/// 4771, 4772: Kerberos pre-authentication failed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PreauthFailed {
    /// The account.
    pub target: Principal,
    /// Kerberos error.
    pub status: Option<u32>,
    /// Client address.
    pub ip: Option<String>,
}

/// 4776: NTLM credentials were validated, on the machine that holds the account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct NtlmValidation {
    /// The account as typed.
    pub target: Principal,
    /// Workstation name the client supplied.
    pub workstation: Option<String>,
    /// NTSTATUS; 0 success.
    pub status: Option<u32>,
}

/// 4820 to 4823: an authentication policy or silo refused.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct PolicyRefused {
    /// The event id.
    pub id: u32,
    /// The account.
    pub target: Principal,
    /// The policy.
    pub policy: Option<String>,
    /// The silo.
    pub silo: Option<String>,
    /// Status as rendered.
    pub status: Option<u32>,
}

/// 5136, 5141: a directory object was changed or deleted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct DirectoryChanged {
    /// Who changed it.
    pub subject: Principal,
    /// Distinguished name of the object.
    pub object_dn: Option<String>,
    /// Class of the object.
    pub object_class: Option<String>,
    /// LDAP name of the attribute, as written.
    pub attribute: Option<String>,
    /// The value added or removed; `None` for passwords and keys.
    pub value: Option<String>,
    /// `Some(true)` added (`%%14674`), `Some(false)` deleted (`%%14675`); `None` for 5141.
    pub added: Option<bool>,
}

impl Principal {
    /// Reads a principal from up to three fields; a null SID is none.
    pub fn read(fields: &Fields, name: &str, domain: &str, sid: &str) -> Self {
        Self {
            name: fields.text(name),
            domain: fields.text(domain),
            sid: fields.sid(sid),
        }
    }
}

impl LogonFailed {
    /// Whether it was a password that was refused, by NTLM or in clear text, and no ticket.
    pub fn is_by_password(&self) -> bool {
        let by_ntlm = |v: &Option<String>| v.as_deref().is_some_and(|v| v.starts_with("NTLM"));
        by_ntlm(&self.package) || by_ntlm(&self.lm_package) || self.logon_type == Some(8)
    }
}

impl Logon {
    /// Whether NTLM made this logon. `Negotiate` can hide it: then the LM package is filled in.
    pub fn is_ntlm(&self) -> bool {
        let named = |v: &Option<String>| {
            let start = v.as_ref().and_then(|v| v.get(..4));
            start.is_some_and(|start| start.eq_ignore_ascii_case("NTLM"))
        };
        named(&self.package) || named(&self.lm_package)
    }

    /// Whether Kerberos made this logon.
    pub fn is_kerberos(&self) -> bool {
        !self.is_ntlm()
            && [&self.package, &self.logon_process]
                .iter()
                .any(|v| v.as_deref() == Some("Kerberos"))
    }
}
