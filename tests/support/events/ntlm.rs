//! NTLM/Operational (`causes.md` 7.6). Absent text is `(NULL)`, as Windows writes it.

use jiff::Timestamp;

use super::{NTLM, SECURITY_NETLOGON};
use crate::support::directory::{Account, Host};
use crate::support::evtx_writer::{EventSpec, Value, hex, hex64};

const NTLM_OID: &str = "1.3.6.1.4.1.311.2.2.10";

fn event(id: u16, time: Timestamp, host: &Host, fields: Vec<(&str, Value)>) -> EventSpec {
    EventSpec::named(NTLM, id, time, &host.fqdn(), fields).task(1)
}

/// 8001, on the client: NTLM was tried for `target` (an SPN).
pub fn ntlm_8001(
    time: Timestamp,
    client: &Host,
    user: &Account,
    target: &str,
    process: &str,
) -> EventSpec {
    let fields = vec![
        ("TargetName", target.into()),
        ("UserName", "(NULL)".into()),
        ("DomainName", "(NULL)".into()),
        ("CallerPID", 7_320.into()),
        ("ProcessName", process.into()),
        ("ClientLUID", hex64(0x4_f1a2)),
        ("ClientUserName", (&user.name).into()),
        ("ClientDomainName", (&user.domain.netbios).into()),
        ("MechanismOID", NTLM_OID.into()),
    ];
    event(8001, time, client, fields)
}

/// 8002, on the server: NTLM of a local caller.
pub fn ntlm_8002(time: Timestamp, server: &Host, user: &Account, process: &str) -> EventSpec {
    let fields = vec![
        ("CallerPID", 4_804.into()),
        ("ProcessName", process.into()),
        ("ClientLUID", hex64(0x3e7)),
        ("ClientUserName", (&user.name).into()),
        ("ClientDomainName", (&user.domain.netbios).into()),
        ("MechanismOID", NTLM_OID.into()),
    ];
    event(8002, time, server, fields)
}

/// 8003, on the server: NTLM of a domain account. http.sys runs in the System process.
pub fn ntlm_8003(time: Timestamp, server: &Host, user: &Account, client: &Host) -> EventSpec {
    let fields = vec![
        ("UserName", (&user.name).into()),
        ("DomainName", (&user.domain.netbios).into()),
        ("Workstation", (&client.name).into()),
        ("CallerPID", 4.into()),
        ("ProcessName", "System".into()),
        ("LogonType", 3.into()),
        ("InProc", false.into()),
        ("MechanismOID", NTLM_OID.into()),
    ];
    event(8003, time, server, fields)
}

/// 8004, on a domain controller: `via` is the server that passed the NTLM logon on.
pub fn ntlm_8004(
    time: Timestamp,
    dc: &Host,
    user: &Account,
    client: &Host,
    via: &Host,
) -> EventSpec {
    let fields = vec![
        ("SChannelName", (&via.name).into()),
        ("UserName", (&user.name).into()),
        ("DomainName", (&user.domain.netbios).into()),
        ("WorkstationName", (&client.name).into()),
        ("SChannelType", 2.into()),
    ];
    let mut event = EventSpec::named(SECURITY_NETLOGON, 8004, time, &dc.fqdn(), fields);
    event.channel = NTLM.channel.to_owned();
    event
}

/// 4020, on the client (Windows 11 24H2, Server 2025): NTLM was used, and why (`causes.md` 6.11; 6 unknown SPN,
/// 8 duplicate).
pub fn ntlm_4020(
    time: Timestamp,
    client: &Host,
    user: &Account,
    spn: &str,
    usage_id: u32,
    reason: &str,
) -> EventSpec {
    let host = spn.split_once('/').map_or(spn, |(_, host)| host);
    let fields = vec![
        ("ProcessName", "msedge.exe".into()),
        ("ProcessPID", hex(0x1c98)),
        ("Username", (&user.name).into()),
        ("DomainName", (&user.domain.netbios).into()),
        ("Hostname", (&client.name).into()),
        ("SingleSignOn", "Yes".into()),
        ("TargetMachine", host.into()),
        ("TargetDomain", (&user.domain.dns).into()),
        ("TargetService", spn.into()),
        ("TargetIP", "".into()),
        ("TargetNetworkName", host.into()),
        ("NtlmUsageId", usage_id.into()),
        ("NtlmUsageReason", reason.into()),
        ("NegotiatedFlags", hex(0xe288_8235)),
        ("NtlmVersion", "NTLMv2".into()),
        ("SessionKeyStatus", "Present".into()),
        ("ChannelBindingStatus", "Not supported".into()),
        ("ServiceBinding", spn.into()),
        ("MicStatus", "Protected".into()),
        ("AvlFlags", hex(0x2)),
        ("AvlFlagsStr", "MIC Provided".into()),
    ];
    event(4020, time, client, fields)
}

/// 4022, on the server (Server 2025): NTLM was used; `status` is the NTSTATUS of the logon.
pub fn ntlm_4022(
    time: Timestamp,
    server: &Host,
    user: &Account,
    client: &Host,
    status: u32,
) -> EventSpec {
    let fields = vec![
        ("ProcessName", "System".into()),
        ("ProcessPID", hex(0x4)),
        ("Username", (&user.name).into()),
        ("DomainName", (&user.domain.netbios).into()),
        ("RemoteClientMachine", (&client.name).into()),
        ("ClientIP", (&client.ip).into()),
        ("ClientNetworkName", client.dns_name().into()),
        ("NegotiatedFlags", hex(0xe288_8235)),
        ("NtlmVersion", "NTLMv2".into()),
        ("SessionKeyStatus", "Present".into()),
        ("ChannelBindingStatus", "Not supported".into()),
        ("ServiceBinding", "".into()),
        ("TargetMachine", (&server.name).into()),
        ("TargetDomain", (&server.domain.netbios).into()),
        ("MicStatus", "Protected".into()),
        ("AvFlags", hex(0x2)),
        ("AvFlagsStr", "MIC Provided".into()),
        ("Status", hex(status)),
        ("StatusMsg", if status == 0 { "Success" } else { "" }.into()),
    ];
    event(4022, time, server, fields)
}

/// 4001, on the client: a policy kept NTLM towards `target` (an SPN) from leaving.
pub fn ntlm_4001(
    time: Timestamp,
    client: &Host,
    user: &Account,
    target: &str,
    process: &str,
) -> EventSpec {
    EventSpec {
        id: 4001,
        ..ntlm_8001(time, client, user, target, process)
    }
}

/// 4003, on the server: NTLM of a domain account was refused.
pub fn ntlm_4003(time: Timestamp, server: &Host, user: &Account, client: &Host) -> EventSpec {
    EventSpec {
        id: 4003,
        ..ntlm_8003(time, server, user, client)
    }
}

/// 4004, on a domain controller: NTLM that `via` passed on was refused.
pub fn ntlm_4004(
    time: Timestamp,
    dc: &Host,
    user: &Account,
    client: &Host,
    via: &Host,
) -> EventSpec {
    EventSpec {
        id: 4004,
        ..ntlm_8004(time, dc, user, client, via)
    }
}

/// 4011, on the server: the client does not offer the session security that is required.
pub fn ntlm_4011(time: Timestamp, server: &Host, offered: u32, required: u32) -> EventSpec {
    let fields = vec![
        ("CallerPID", 4.into()),
        ("ProcessName", "System".into()),
        ("NegotiatedSecurity", hex(offered)),
        ("RequiredSecurity", hex(required)),
    ];
    event(4011, time, server, fields)
}

/// 100, on a domain controller: NTLM of a member of Protected Users was refused.
pub fn protected_user_refused(
    time: Timestamp,
    dc: &Host,
    user: &Account,
    client: &Host,
) -> EventSpec {
    let fields = vec![
        ("AccountName", (&user.name).into()),
        ("DeviceName", (&client.name).into()),
        ("Status", hex(0xc000_006e)),
    ];
    let mut event = event(100, time, dc, fields);
    event.channel =
        "Microsoft-Windows-Authentication/ProtectedUserFailures-DomainController".into();
    event
}
