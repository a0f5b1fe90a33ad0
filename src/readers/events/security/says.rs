//! The one line that stands for each record of the Security log in a citation.

use std::fmt;

use super::{
    AccountChanged, DirectoryChanged, ExplicitCredentials, Logon, LogonFailed, LogonRightChanged,
    NtlmValidation, PolicyRefused, PreauthFailed, Principal, ServiceTicketRequest, TgtRequest,
};
use crate::readers::events::says::{Line, status};

/// `CORP\uma`, `uma@CORP.EXAMPLE`, or the SID where the name is missing.
impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.name, &self.domain, &self.sid) {
            (Some(name), Some(domain), _) if !name.contains(['@', '\\']) => {
                write!(f, "{domain}\\{name}")
            }
            (Some(name), ..) => f.write_str(name),
            (None, _, Some(sid)) => f.write_str(sid),
            (None, ..) => f.write_str("(no name)"),
        }
    }
}

impl Logon {
    pub(in crate::readers::events) fn says(&self) -> String {
        Line::new("4624 logon")
            .with("", Some(self.target.to_string()))
            .with("type", self.logon_type.map(|t| t.to_string()))
            .with("", self.package.as_deref())
            .with("", self.lm_package.as_deref())
            .with("from", self.ip.as_deref().or(self.workstation.as_deref()))
            .with("process", self.process.as_deref())
            .finish()
    }
}

impl LogonFailed {
    pub(in crate::readers::events) fn says(&self) -> String {
        let codes = match (self.status, self.sub_status) {
            (Some(whole), Some(detail)) => Some(format!("{}/{}", status(whole), status(detail))),
            (one, other) => one.or(other).map(status),
        };
        Line::new("4625 logon failed")
            .with("", Some(self.target.to_string()))
            .with("status", codes)
            .with("type", self.logon_type.map(|t| t.to_string()))
            .with("", self.package.as_deref())
            .with("from", self.ip.as_deref().or(self.workstation.as_deref()))
            .finish()
    }
}

impl ExplicitCredentials {
    pub(in crate::readers::events) fn says(&self) -> String {
        Line::new("4648 explicit credentials")
            .with("", Some(self.target.to_string()))
            .with("used by", Some(self.subject.to_string()))
            .with("server", self.server.as_deref())
            .with("target", self.target_info.as_deref())
            .with("process", self.process.as_deref())
            .finish()
    }
}

impl LogonRightChanged {
    pub(in crate::readers::events) fn says(&self) -> String {
        let head = match self.granted {
            true => "4717 logon right granted",
            false => "4718 logon right removed",
        };
        Line::new(head)
            .with("", self.right.as_deref())
            .with("account", self.target_sid.as_deref())
            .finish()
    }
}

impl AccountChanged {
    pub(in crate::readers::events) fn says(&self) -> String {
        let what = match self.id {
            4722 => "account enabled",
            4723 => "password changed by its owner",
            4724 => "password reset",
            4725 => "account disabled",
            4726 => "account deleted",
            4740 => "account locked out",
            4741 => "computer account created",
            4742 => "computer account changed",
            4743 => "computer account deleted",
            4767 => "account unlocked",
            _ => "account changed",
        };
        let spns = (!self.spns.is_empty()).then(|| self.spns.join(" "));
        Line::new(format_args!("{} {what}", self.id))
            .with("", Some(self.target.to_string()))
            .with("by", Some(self.subject.to_string()))
            .with("caused on", self.caller_computer.as_deref())
            .with("password set", self.password_last_set.as_deref())
            .with_code("flags", self.new_uac)
            .with("SPNs", spns)
            .finish()
    }
}

impl TgtRequest {
    pub(in crate::readers::events) fn says(&self) -> String {
        Line::new("4768 TGT request")
            .with("", Some(self.client.to_string()))
            .with_code("result", self.status)
            .with_code("encryption type", self.ticket_etype)
            .with("from", self.ip.as_deref())
            .finish()
    }
}

impl ServiceTicketRequest {
    pub(in crate::readers::events) fn says(&self) -> String {
        let what = match self.id {
            4770 => "service ticket renewed",
            4773 => "service ticket request failed",
            _ => "service ticket request",
        };
        Line::new(format_args!("{} {what}", self.id))
            .with("service", self.service_name.as_deref())
            .with("client", Some(self.client.to_string()))
            .with_code("result", self.status)
            .with_code("encryption type", self.ticket_etype)
            .with("from", self.ip.as_deref())
            .finish()
    }
}

impl PreauthFailed {
    pub(in crate::readers::events) fn says(&self, id: u32) -> String {
        Line::new(format_args!("{id} Kerberos pre-authentication failed"))
            .with("", Some(self.target.to_string()))
            .with_code("result", self.status)
            .with("from", self.ip.as_deref())
            .finish()
    }
}

impl NtlmValidation {
    pub(in crate::readers::events) fn says(&self) -> String {
        Line::new("4776 NTLM credentials validated")
            .with("", Some(self.target.to_string()))
            .with_status("status", self.status)
            .with("workstation", self.workstation.as_deref())
            .finish()
    }
}

impl PolicyRefused {
    pub(in crate::readers::events) fn says(&self) -> String {
        Line::new(format_args!(
            "{} refused by an authentication policy",
            self.id
        ))
        .with("", Some(self.target.to_string()))
        .with("policy", self.policy.as_deref())
        .with("silo", self.silo.as_deref())
        .with_status("status", self.status)
        .finish()
    }
}

impl DirectoryChanged {
    pub(in crate::readers::events) fn says(&self, id: u32) -> String {
        let what = match self.added {
            Some(true) => "directory value added",
            Some(false) => "directory value deleted",
            None if id == 5141 => "directory object deleted",
            None => "directory object changed",
        };
        Line::new(format_args!("{id} {what}"))
            .with("", self.object_dn.as_deref())
            .with("", self.attribute.as_deref())
            .with("value", self.value.as_deref())
            .with("by", Some(self.subject.to_string()))
            .finish()
    }
}
