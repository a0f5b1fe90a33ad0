//! Security log: logons (`causes.md` 7.1).

use jiff::Timestamp;

use super::SECURITY;
use crate::support::dice::Dice;
use crate::support::directory::{Account, Host};
use crate::support::evtx_writer::{EventSpec, Value, hex, hex64, sid};

pub(super) type Fields = Vec<(&'static str, Value)>;

/// SID, name, domain and logon id of an account that acts (`SubjectUserSid` …).
pub(super) fn subject(account: &Account) -> Fields {
    let logon_id = 0x3_0000 + u64::from(account.rid) * 0x11;
    vec![
        ("SubjectUserSid", sid(&account.sid())),
        ("SubjectUserName", (&account.name).into()),
        ("SubjectDomainName", (&account.domain.netbios).into()),
        ("SubjectLogonId", hex64(logon_id)),
    ]
}

fn nobody() -> Fields {
    vec![
        ("SubjectUserSid", sid("S-1-0-0")),
        ("SubjectUserName", "-".into()),
        ("SubjectDomainName", "-".into()),
        ("SubjectLogonId", hex64(0)),
    ]
}

pub(super) fn event(id: u16, time: Timestamp, host: &Host, task: u16, fields: Fields) -> EventSpec {
    EventSpec::named(SECURITY, id, time, &host.fqdn(), fields).task(task)
}

/// What varies without meaning (ports, logon ids) follows from the event itself.
pub(super) fn dice(id: u16, time: Timestamp, who: &str) -> Dice {
    Dice::from_text(&format!("{id} {time} {who}"))
}

/// 4624 version 2: a logon of any type, by package names as the event spells them.
#[allow(
    clippy::too_many_arguments,
    reason = "each is a field that differs between logons"
)]
pub fn logon(
    time: Timestamp,
    server: &Host,
    user: &Account,
    from: Option<&Host>,
    logon_type: u32,
    process: &str,
    package: &str,
    lm_package: &str,
) -> EventSpec {
    let mut dice = dice(4624, time, &user.name);
    let kerberos = package == "Kerberos";
    let ntlm = lm_package != "-";
    let domain = if kerberos {
        user.domain.realm()
    } else {
        user.domain.netbios.clone()
    };
    let workstation = from
        .filter(|_| ntlm)
        .map_or("-", |client| client.name.as_str());
    let mut fields = nobody();
    fields.extend([
        ("TargetUserSid", sid(&user.sid())),
        ("TargetUserName", (&user.name).into()),
        ("TargetDomainName", domain.into()),
        ("TargetLogonId", hex64(0x10_0000 + dice.below(0xfff_ffff))),
        ("LogonType", logon_type.into()),
        ("LogonProcessName", process.into()),
        ("AuthenticationPackageName", package.into()),
        ("WorkstationName", workstation.into()),
        (
            "LogonGuid",
            Value::Guid(if kerberos { dice.guid() } else { 0 }),
        ),
        ("TransmittedServices", "-".into()),
        ("LmPackageName", lm_package.into()),
        ("KeyLength", u32::from(ntlm).wrapping_mul(128).into()),
        ("ProcessId", hex64(0)),
        ("ProcessName", "-".into()),
        (
            "IpAddress",
            from.map_or("-".to_owned(), |client| client.ip.clone())
                .into(),
        ),
        (
            "IpPort",
            from.map_or("-".to_owned(), |_| dice.port().to_string())
                .into(),
        ),
        ("ImpersonationLevel", "%%1833".into()),
        ("RestrictedAdminMode", "-".into()),
        ("TargetOutboundUserName", "-".into()),
        ("TargetOutboundDomainName", "-".into()),
        ("VirtualAccount", "%%1843".into()),
        ("TargetLinkedLogonId", hex64(0)),
        ("ElevatedToken", "%%1842".into()),
    ]);
    event(4624, time, server, 12_544, fields).version(2)
}

/// 4624: a network logon with Kerberos.
pub fn logon_kerberos(time: Timestamp, server: &Host, user: &Account, client: &Host) -> EventSpec {
    logon(
        time,
        server,
        user,
        Some(client),
        3,
        "Kerberos",
        "Kerberos",
        "-",
    )
}

/// 4624: a network logon with NTLM. The process name has the trailing blank that Windows writes.
pub fn logon_ntlm(time: Timestamp, server: &Host, user: &Account, client: &Host) -> EventSpec {
    logon(
        time,
        server,
        user,
        Some(client),
        3,
        "NtLmSsp ",
        "NTLM",
        "NTLM V2",
    )
}

/// 4625: a network logon refused, NTLM. Status and sub-status are NTSTATUS values (`causes.md` 6.1).
pub fn logon_failed(
    time: Timestamp,
    server: &Host,
    user: &Account,
    client: &Host,
    status: u32,
    sub_status: u32,
) -> EventSpec {
    let mut dice = dice(4625, time, &user.name);
    // The sub-status says more, where there is one.
    let reason = match if sub_status == 0 { status } else { sub_status } {
        0xc000_0064 | 0xc000_006a => "%%2313",
        0xc000_006f => "%%2311",
        0xc000_0070 => "%%2312",
        0xc000_0071 | 0xc000_0224 => "%%2309",
        0xc000_0072 => "%%2310",
        0xc000_015b => "%%2308",
        0xc000_0193 => "%%2305",
        0xc000_0234 => "%%2307",
        _ => "%%2304",
    };
    let mut fields = nobody();
    fields.extend([
        ("TargetUserSid", sid("S-1-0-0")),
        ("TargetUserName", (&user.name).into()),
        ("TargetDomainName", (&user.domain.netbios).into()),
        ("Status", hex(status)),
        ("FailureReason", reason.into()),
        ("SubStatus", hex(sub_status)),
        ("LogonType", 3.into()),
        ("LogonProcessName", "NtLmSsp ".into()),
        ("AuthenticationPackageName", "NTLM".into()),
        ("WorkstationName", (&client.name).into()),
        ("TransmittedServices", "-".into()),
        ("LmPackageName", "-".into()),
        ("KeyLength", 0.into()),
        ("ProcessId", hex64(0)),
        ("ProcessName", "-".into()),
        ("IpAddress", (&client.ip).into()),
        ("IpPort", dice.port().to_string().into()),
    ]);
    event(4625, time, server, 12_544, fields).audit_failure()
}

/// 4634: a logon session ended.
pub fn logoff(time: Timestamp, host: &Host, user: &Account, logon_id: u64) -> EventSpec {
    let fields = vec![
        ("TargetUserSid", sid(&user.sid())),
        ("TargetUserName", (&user.name).into()),
        ("TargetDomainName", (&user.domain.netbios).into()),
        ("TargetLogonId", hex64(logon_id)),
        ("LogonType", 3.into()),
    ];
    event(4634, time, host, 12_545, fields)
}

/// 4672: a logon with privileges.
pub fn privileges(time: Timestamp, host: &Host, user: &Account) -> EventSpec {
    let mut fields = subject(user);
    let list = "SeSecurityPrivilege\r\n\t\t\tSeBackupPrivilege\r\n\t\t\tSeRestorePrivilege";
    fields.push(("PrivilegeList", list.into()));
    event(4672, time, host, 12_548, fields)
}

/// 4648: `user` logs on to `target_server` with the credentials of `other`.
pub fn explicit_credentials(
    time: Timestamp,
    host: &Host,
    user: &Account,
    other: &Account,
    target_server: &str,
    target_info: &str,
) -> EventSpec {
    let mut fields = subject(user);
    fields.extend([
        ("LogonGuid", Value::Guid(0)),
        ("TargetUserName", (&other.name).into()),
        ("TargetDomainName", (&other.domain.netbios).into()),
        ("TargetLogonGuid", Value::Guid(0)),
        ("TargetServerName", target_server.into()),
        ("TargetInfo", target_info.into()),
        ("ProcessId", hex64(0x2c4)),
        ("ProcessName", r"C:\Windows\System32\lsass.exe".into()),
        ("IpAddress", "-".into()),
        ("IpPort", "-".into()),
    ]);
    event(4648, time, host, 12_544, fields)
}

/// 4776: an NTLM answer was checked by the machine that holds the account. 0 success, else NTSTATUS.
pub fn ntlm_validation(
    time: Timestamp,
    validator: &Host,
    user: &Account,
    workstation: &str,
    status: u32,
) -> EventSpec {
    let fields = vec![
        (
            "PackageName",
            "MICROSOFT_AUTHENTICATION_PACKAGE_V1_0".into(),
        ),
        ("TargetUserName", (&user.name).into()),
        ("Workstation", workstation.into()),
        ("Status", hex(status)),
    ];
    let event = event(4776, time, validator, 14_336, fields);
    if status == 0 {
        event
    } else {
        event.audit_failure()
    }
}

/// 4675: SIDs were taken out of the token of a user who crossed a trust.
pub fn sids_filtered(time: Timestamp, host: &Host, user: &Account) -> EventSpec {
    let fields = vec![
        ("TargetUserSid", sid(&user.sid())),
        ("TargetUserName", (&user.name).into()),
        ("TargetDomainName", (&user.domain.netbios).into()),
        ("TdoDirection", 3.into()),
        ("TdoAttributes", 4.into()),
        ("TdoType", 2.into()),
        ("TdoSid", sid(&user.domain.sid)),
        (
            "SidList",
            format!("\r\n\t\t%{{{}-512}}", user.domain.sid).into(),
        ),
    ];
    event(4675, time, host, 12_544, fields)
}

/// 4820: no ticket-granting ticket from this device, by an authentication policy.
pub fn denied_by_policy(
    time: Timestamp,
    dc: &Host,
    user: &Account,
    client: &Host,
    (silo, policy): (&str, &str),
) -> EventSpec {
    let fields = vec![
        ("TargetUserName", (&user.name).into()),
        ("TargetDomainName", user.domain.realm().into()),
        ("TargetSid", sid(&user.sid())),
        ("DeviceName", (&client.name).into()),
        (
            "ServiceName",
            format!("krbtgt/{}", user.domain.realm()).into(),
        ),
        ("ServiceSid", sid("S-1-0-0")),
        ("TicketOptions", hex(0x4081_0010)),
        ("Status", hex(0xc)),
        ("TicketEncryptionType", hex(0xffff_ffff)),
        ("PreAuthType", "-".into()),
        ("IpAddress", client.mapped_ip().into()),
        ("IpPort", "49871".into()),
        ("CertIssuerName", "".into()),
        ("CertSerialNumber", "".into()),
        ("CertThumbprint", "".into()),
        ("SiloName", silo.into()),
        ("PolicyName", policy.into()),
        ("TGTLifetime", 0.into()),
    ];
    event(4820, time, dc, 14_339, fields).audit_failure()
}
