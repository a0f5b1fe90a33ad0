//! Security log of domain controllers: tickets asked for, issued and refused (`causes.md` 7.1).

use jiff::Timestamp;

use super::security::{Fields, dice, event};
use crate::support::directory::{Account, Host};
use crate::support::evtx_writer::{EventSpec, Value, hex, sid};

/// 4768: a ticket-granting ticket was issued, AES256.
pub fn tgt(time: Timestamp, dc: &Host, user: &Account, client: &Host) -> EventSpec {
    tgt_event(time, dc, user, client, 0, 0x12)
}

/// 4768 with an error (`causes.md` 6.2): 0x6 unknown client, 0x12 revoked, 0x17 expired.
pub fn tgt_failed(
    time: Timestamp,
    dc: &Host,
    user: &Account,
    client: &Host,
    status: u32,
) -> EventSpec {
    tgt_event(time, dc, user, client, status, u32::MAX).audit_failure()
}

fn tgt_event(
    time: Timestamp,
    dc: &Host,
    user: &Account,
    client: &Host,
    status: u32,
    etype: u32,
) -> EventSpec {
    let mut dice = dice(4768, time, &user.name);
    let krbtgt = format!("{}-502", user.domain.sid);
    let ok = status == 0;
    let fields = vec![
        ("TargetUserName", (&user.name).into()),
        ("TargetDomainName", user.domain.realm().into()),
        (
            "TargetSid",
            sid(&if ok { user.sid() } else { "S-1-0-0".into() }),
        ),
        (
            "ServiceName",
            if ok {
                "krbtgt".into()
            } else {
                Value::Text(format!("krbtgt/{}", user.domain.realm()))
            },
        ),
        ("ServiceSid", sid(if ok { &krbtgt } else { "S-1-0-0" })),
        ("TicketOptions", hex(0x4081_0010)),
        ("Status", hex(status)),
        ("TicketEncryptionType", hex(etype)),
        ("PreAuthType", if ok { "2" } else { "-" }.into()),
        ("IpAddress", client.mapped_ip().into()),
        ("IpPort", dice.port().to_string().into()),
        ("CertIssuerName", "".into()),
        ("CertSerialNumber", "".into()),
        ("CertThumbprint", "".into()),
    ];
    event(4768, time, dc, 14_339, fields)
}

/// 4769: a service ticket was issued. `holder` is the account that holds the SPN: the KDC logs that account, not the
/// SPN. `etype` is that of the ticket: 0x12 AES256, 0x17 RC4.
pub fn service_ticket(
    time: Timestamp,
    dc: &Host,
    user: &Account,
    client: &Host,
    holder: &Account,
    etype: u32,
) -> EventSpec {
    let mut dice = dice(4769, time, &user.name);
    let guid = dice.guid();
    let fields = ticket_fields(
        user,
        client,
        &holder.name,
        &holder.sid(),
        etype,
        0,
        guid,
        dice.port(),
    );
    event(4769, time, dc, 14_337, fields)
}

/// 4769 with an error: `service` is the SPN as asked for, or empty. 0x7 unknown, 0xe no common type, 0x25 clock skew.
pub fn service_ticket_failed(
    time: Timestamp,
    dc: &Host,
    user: &Account,
    client: &Host,
    service: &str,
    status: u32,
) -> EventSpec {
    let mut dice = dice(4769, time, &user.name);
    let fields = ticket_fields(
        user,
        client,
        service,
        "S-1-0-0",
        u32::MAX,
        status,
        0,
        dice.port(),
    );
    event(4769, time, dc, 14_337, fields).audit_failure()
}

#[allow(clippy::too_many_arguments, reason = "one for each field that differs")]
fn ticket_fields(
    user: &Account,
    client: &Host,
    service: &str,
    service_sid: &str,
    etype: u32,
    status: u32,
    guid: u128,
    port: u16,
) -> Fields {
    vec![
        ("TargetUserName", user.principal().into()),
        ("TargetDomainName", user.domain.realm().into()),
        ("ServiceName", service.into()),
        ("ServiceSid", sid(service_sid)),
        ("TicketOptions", hex(0x4081_0000)),
        ("TicketEncryptionType", hex(etype)),
        ("IpAddress", client.mapped_ip().into()),
        ("IpPort", port.to_string().into()),
        ("Status", hex(status)),
        ("LogonGuid", Value::Guid(guid)),
        ("TransmittedServices", "-".into()),
    ]
}

/// 4771: pre-authentication failed. 0x18 wrong password, 0x25 clock skew, 0x12 revoked.
pub fn preauth_failed(
    time: Timestamp,
    dc: &Host,
    user: &Account,
    client: &Host,
    status: u32,
) -> EventSpec {
    let mut dice = dice(4771, time, &user.name);
    let fields = vec![
        ("TargetUserName", (&user.name).into()),
        ("TargetSid", sid(&user.sid())),
        (
            "ServiceName",
            format!("krbtgt/{}", user.domain.netbios).into(),
        ),
        ("TicketOptions", hex(0x4081_0010)),
        ("Status", hex(status)),
        ("PreAuthType", "2".into()),
        ("IpAddress", client.mapped_ip().into()),
        ("IpPort", dice.port().to_string().into()),
        ("CertIssuerName", "".into()),
        ("CertSerialNumber", "".into()),
        ("CertThumbprint", "".into()),
    ];
    event(4771, time, dc, 14_339, fields).audit_failure()
}
