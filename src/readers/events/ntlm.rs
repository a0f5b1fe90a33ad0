//! NTLM/Operational (`causes.md` 7.6).

use super::says::Line;
use super::{Body, Fields};

/// NTLM was used or considered: 8001 (client), 8002/8003 (server), 8004 to 8006 (DC), 4020/4021 (client),
/// 4022/4023 (server), 4030 to 4033 (DC).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct NtlmUse {
    /// The event id.
    pub id: u32,
    /// The SPN or name of the target (8001 `TargetName`; 4020 `TargetService` or `TargetNetworkName`).
    pub target: Option<String>,
    /// Account used.
    pub user: Option<String>,
    /// Its domain.
    pub domain: Option<String>,
    /// Calling or serving process.
    pub process: Option<String>,
    /// Why NTLM was used (4020, 4021: `NtlmUsageId`).
    pub usage_id: Option<u32>,
    /// The server that forwarded the logon (8004 to 8006 `SChannelName`, 4030 to 4033 forwarder).
    pub via: Option<String>,
    /// Client machine or address (4022, 8003 `Workstation`).
    pub client: Option<String>,
    /// Channel binding status as rendered (4020 to 4023).
    pub channel_binding: Option<String>,
    /// NTSTATUS (4022, 4023, 4030 to 4033).
    pub status: Option<u32>,
    /// The fields by name.
    pub fields: Fields,
}

/// NTLM was blocked: 4001 (client), 4002/4003 (server), 4004 to 4006 (DC), 4010/4011 (session security),
/// 4012 to 4015, 4024, 4025.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct NtlmBlocked {
    /// The event id.
    pub id: u32,
    /// Target name, where the event has one.
    pub target: Option<String>,
    /// Account.
    pub user: Option<String>,
    /// The server that forwarded the logon (4004 to 4006).
    pub via: Option<String>,
    /// The fields by name.
    pub fields: Fields,
}

/// The body of an NTLM event: a use, or a refusal.
pub(super) fn read(id: u32, fields: Fields) -> Body {
    match id {
        8001..=8006 | 4020..=4023 | 4030..=4033 => Body::NtlmUse(NtlmUse::from_fields(id, fields)),
        _ => Body::NtlmBlocked(NtlmBlocked::from_fields(id, fields)),
    }
}

const TARGET: &[&str] = &[
    "TargetName",
    "TargetService",
    "TargetNetworkName",
    "TargetMachine",
];
const USER: &[&str] = &["UserName", "AccountName", "ClientUserName"];

impl NtlmUse {
    fn from_fields(id: u32, fields: Fields) -> Self {
        Self {
            id,
            target: fields.first(TARGET),
            user: fields.first(USER),
            domain: fields.first(&["DomainName", "AccountDomain", "ClientDomainName"]),
            process: fields.text("ProcessName"),
            usage_id: fields.number("NtlmUsageId"),
            via: fields.first(&["SChannelName", "ForwarderName", "ServerName"]),
            client: fields.first(&[
                "Workstation",
                "WorkstationName",
                "RemoteClientMachine",
                "ClientNetworkName",
                "ClientIP",
                "AccountMachine",
            ]),
            channel_binding: fields.text("ChannelBindingStatus"),
            status: fields.number("Status"),
            fields,
        }
    }

    pub(super) fn says(&self) -> String {
        Line::new(format_args!("NTLM {}", self.id))
            .with("target", self.target.as_deref())
            .with(
                "user",
                account(self.user.as_deref(), self.domain.as_deref()),
            )
            .with("client", self.client.as_deref())
            .with("through", self.via.as_deref())
            .with("process", self.process.as_deref())
            .with("reason", self.usage_id.map(|reason| reason.to_string()))
            .with_status("status", self.status)
            .finish()
    }
}

impl NtlmBlocked {
    fn from_fields(id: u32, fields: Fields) -> Self {
        Self {
            id,
            target: fields.first(TARGET),
            user: fields.first(USER),
            via: fields.first(&["SChannelName"]),
            fields,
        }
    }

    pub(super) fn says(&self) -> String {
        Line::new(format_args!("NTLM {} blocked", self.id))
            .with_fields(&self.fields)
            .finish()
    }
}

fn account(user: Option<&str>, domain: Option<&str>) -> Option<String> {
    match (user, domain) {
        (Some(user), Some(domain)) => Some(format!("{domain}\\{user}")),
        (user, _) => user.map(str::to_owned),
    }
}
