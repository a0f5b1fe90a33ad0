//! Fields of the Security log to typed records. Every field may be missing: versions add, old builds lack them.

use super::{
    AccountChanged, DirectoryChanged, ExplicitCredentials, Logon, LogonFailed, LogonRightChanged,
    NtlmValidation, PolicyRefused, PreauthFailed, Principal, RequestEtypes, ServiceTicketRequest,
    TgtRequest,
};
use crate::codes::EtypeSet;
use crate::readers::events::{Body, Fields, secrets};

/// The body of a Security event, and whether what it tells of failed.
pub(in crate::readers::events) fn read(id: u32, failed: bool, fields: &mut Fields) -> Body {
    match id {
        4624 => Body::Logon(Logon::from_fields(fields)),
        4625 => Body::LogonFailed(LogonFailed::from_fields(fields)),
        4648 => Body::ExplicitCredentials(ExplicitCredentials::from_fields(fields)),
        4717 | 4718 => Body::LogonRightChanged(LogonRightChanged::from_fields(id, fields)),
        // Who may not set a password, or sets one that is too short, has changed nothing.
        4722..=4726 | 4738 | 4740..=4743 | 4767 if !failed => {
            Body::AccountChanged(AccountChanged::from_fields(id, fields))
        }
        4768 => Body::TgtRequest(TgtRequest::from_fields(fields)),
        4769 | 4770 | 4773 => {
            Body::ServiceTicketRequest(ServiceTicketRequest::from_fields(id, fields))
        }
        4771 | 4772 => Body::PreauthFailed(PreauthFailed::from_fields(fields)),
        4776 => Body::NtlmValidation(NtlmValidation::from_fields(fields)),
        4820..=4823 => Body::PolicyRefused(PolicyRefused::from_fields(id, fields)),
        5136 | 5141 => Body::DirectoryChanged(DirectoryChanged::from_fields(fields)),
        _ => Body::Other(std::mem::take(fields).without_spare_room()),
    }
}

fn subject(fields: &Fields) -> Principal {
    Principal::read(
        fields,
        "SubjectUserName",
        "SubjectDomainName",
        "SubjectUserSid",
    )
}

fn port(fields: &Fields) -> Option<u16> {
    u16::try_from(fields.number("IpPort")?).ok()
}

impl Logon {
    fn from_fields(fields: &Fields) -> Self {
        Self {
            target: Principal::read(
                fields,
                "TargetUserName",
                "TargetDomainName",
                "TargetUserSid",
            ),
            logon_type: fields.number("LogonType"),
            logon_process: fields.text("LogonProcessName"),
            package: fields.text("AuthenticationPackageName"),
            lm_package: fields.text("LmPackageName"),
            logon_guid: fields.guid("LogonGuid"),
            workstation: fields.text("WorkstationName"),
            logon_id: fields.session("TargetLogonId"),
            process: fields.text("ProcessName"),
            ip: fields.address("IpAddress"),
            port: port(fields),
            impersonation_level: fields.text("ImpersonationLevel"),
            outbound: fields.text("TargetOutboundUserName"),
            transmitted_services: fields.text("TransmittedServices"),
        }
    }
}

impl LogonFailed {
    fn from_fields(fields: &Fields) -> Self {
        Self {
            target: Principal::read(
                fields,
                "TargetUserName",
                "TargetDomainName",
                "TargetUserSid",
            ),
            status: fields.number("Status"),
            sub_status: fields.number("SubStatus"),
            failure_reason: fields.text("FailureReason"),
            logon_type: fields.number("LogonType"),
            logon_process: fields.text("LogonProcessName"),
            package: fields.text("AuthenticationPackageName"),
            lm_package: fields.text("LmPackageName"),
            workstation: fields.text("WorkstationName"),
            process: fields.text("ProcessName"),
            ip: fields.address("IpAddress"),
            port: port(fields),
        }
    }
}

impl ExplicitCredentials {
    fn from_fields(fields: &Fields) -> Self {
        Self {
            subject: subject(fields),
            target: Principal::read(fields, "TargetUserName", "TargetDomainName", ""),
            server: fields.text("TargetServerName"),
            target_info: fields.text("TargetInfo"),
            process: fields.text("ProcessName"),
        }
    }
}

impl LogonRightChanged {
    fn from_fields(id: u32, fields: &Fields) -> Self {
        Self {
            granted: id == 4717,
            target_sid: fields.sid("TargetSid"),
            right: fields.first(&["AccessGranted", "AccessRemoved"]),
        }
    }
}

impl AccountChanged {
    fn from_fields(id: u32, fields: &Fields) -> Self {
        let mut target = Principal::read(fields, "TargetUserName", "TargetDomainName", "TargetSid");
        // A lockout writes the computer that caused it where the other events write the domain.
        let caller_computer = match id {
            4740 => target.domain.take(),
            _ => None,
        };
        Self {
            id,
            target,
            subject: subject(fields),
            caller_computer,
            password_last_set: fields.text("PasswordLastSet"),
            account_expires: fields.text("AccountExpires"),
            logon_hours: fields.text("LogonHours"),
            workstations: fields.text("UserWorkstations"),
            primary_group: fields.number("PrimaryGroupId"),
            old_uac: fields.number("OldUacValue"),
            new_uac: fields.number("NewUacValue"),
            delegates_to: fields.text("AllowedToDelegateTo"),
            spns: spns(fields),
            dns_host_name: fields.text("DnsHostName"),
        }
    }
}

/// One SPN a line, indented by tabs. Service classes may contain blanks (`Microsoft Virtual Console Service/…`).
fn spns(fields: &Fields) -> Vec<String> {
    fields
        .text("ServicePrincipalNames")
        .unwrap_or_default()
        .split(['\n', '\r', '\t'])
        .map(str::trim)
        .filter(|spn| !matches!(*spn, "" | "-" | "%%1793"))
        .map(str::to_owned)
        .collect()
}

impl TgtRequest {
    fn from_fields(fields: &Fields) -> Self {
        Self {
            client: Principal::read(fields, "TargetUserName", "TargetDomainName", "TargetSid"),
            status: fields.number("Status"),
            ticket_etype: fields.etype("TicketEncryptionType"),
            preauth_type: fields.number("PreAuthType"),
            ip: fields.address("IpAddress"),
            etypes: RequestEtypes::from_fields(fields),
        }
    }
}

impl ServiceTicketRequest {
    fn from_fields(id: u32, fields: &Fields) -> Self {
        let status = match id {
            // Renewals are written only when they succeed, and have no status field.
            4770 => Some(0),
            4773 => fields.number("FailureCode"),
            _ => fields.number("Status"),
        };
        Self {
            id,
            client: Principal::read(fields, "TargetUserName", "TargetDomainName", ""),
            service_name: fields.text("ServiceName"),
            service_sid: fields.sid("ServiceSid"),
            status,
            options: fields.number("TicketOptions"),
            ticket_etype: fields.etype("TicketEncryptionType"),
            logon_guid: fields.guid("LogonGuid"),
            ip: fields.address("IpAddress"),
            transmitted_services: fields.text("TransmittedServices"),
            etypes: RequestEtypes::from_fields(fields),
        }
    }
}

impl RequestEtypes {
    fn from_fields(fields: &Fields) -> Self {
        let read = |name: &str| EtypeSet::read(&fields.text(name)?);
        Self {
            service: read("ServiceSupportedEncryptionTypes"),
            service_keys: read("ServiceAvailableKeys"),
            account: read("AccountSupportedEncryptionTypes"),
            account_keys: read("AccountAvailableKeys"),
            controller: read("DCSupportedEncryptionTypes"),
            client: read("ClientAdvertizedEncryptionTypes"),
        }
    }
}

impl PreauthFailed {
    fn from_fields(fields: &Fields) -> Self {
        Self {
            target: Principal::read(fields, "TargetUserName", "TargetDomainName", "TargetSid"),
            status: fields
                .number("Status")
                .or_else(|| fields.number("FailureCode")),
            ip: fields.address("IpAddress"),
        }
    }
}

impl NtlmValidation {
    fn from_fields(fields: &Fields) -> Self {
        Self {
            target: Principal::read(fields, "TargetUserName", "", ""),
            workstation: fields.text("Workstation"),
            status: fields.number("Status"),
        }
    }
}

impl PolicyRefused {
    fn from_fields(id: u32, fields: &Fields) -> Self {
        let name = match id {
            4820 | 4821 => "TargetUserName",
            _ => "AccountName",
        };
        Self {
            id,
            target: Principal::read(fields, name, "TargetDomainName", "TargetSid"),
            policy: fields.text("PolicyName"),
            silo: fields.text("SiloName"),
            status: fields.number("Status"),
        }
    }
}

impl DirectoryChanged {
    fn from_fields(fields: &Fields) -> Self {
        let attribute = fields.text("AttributeLDAPDisplayName");
        let secret = attribute.as_deref().is_some_and(secrets::in_directory);
        Self {
            subject: subject(fields),
            object_dn: fields.text("ObjectDN"),
            object_class: fields.text("ObjectClass"),
            attribute,
            value: fields.text("AttributeValue").filter(|_| !secret),
            added: match fields.text("OperationType").as_deref() {
                Some("%%14674") => Some(true),
                Some("%%14675") => Some(false),
                _ => None,
            },
        }
    }
}
