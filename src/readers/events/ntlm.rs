//! NTLM/Operational (`causes.md` 7.6).

use super::Fields;

/// NTLM was used or considered: 8001 (client), 8002/8003 (server), 8004 to 8006 (DC), 4020/4021 (client),
/// 4022/4023 (server), 4030 to 4033 (DC).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
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
