//! What a second hop, delegated accounts and crashes leave behind: KDC 25, SQL Server 18456, Kerberos/Operational 307 to 309,
//! Application Error 1000.

use jiff::Timestamp;

use super::{KDC, KERBEROS};
use crate::support::directory::{Account, Host};
use crate::support::evtx_writer::{EventSpec, Provider, Shape, Value, hex};

const APPLICATION: Provider = Provider {
    name: "Application Error",
    guid: None,
    source: None,
    channel: "Application",
    shape: Shape::Classic,
    qualifiers: Some(0),
    keywords: 0x0080_0000_0000_0000,
};
/// SQL Server's default instance.
const SQL_SERVER: Provider = Provider {
    name: "MSSQLSERVER",
    qualifiers: Some(49_152),
    ..APPLICATION
};
const KERBEROS_OPERATIONAL: Provider = Provider {
    channel: "Microsoft-Windows-Kerberos/Operational",
    shape: Shape::Manifest,
    source: None,
    qualifiers: None,
    ..KERBEROS
};

/// Application Error 1000.
pub fn application_error(time: Timestamp, host: &Host, values: &[&str]) -> EventSpec {
    let values = values.iter().map(|value| (*value).to_owned()).collect();
    EventSpec::unnamed(APPLICATION, 1000, time, &host.fqdn(), values).level(2)
}

/// SQL Server 18456: a login failed, for the client at this address.
pub fn sql_login_failed(time: Timestamp, host: &Host, login: &str, client: &Host) -> EventSpec {
    let values = vec![
        login.to_owned(),
        " Reason: Could not find a login matching the name provided.".to_owned(),
        format!(" [CLIENT: {}]", client.ip),
    ];
    EventSpec::unnamed(SQL_SERVER, 18456, time, &host.fqdn(), values).level(0)
}

/// KDC 25: a service asked for a ticket of a user for itself, and may not read the groups of that user.
pub fn kdc_s4u_refused(time: Timestamp, dc: &Host, service: &Account, user: &Account) -> EventSpec {
    let fields = vec![
        ("Account", (&service.name).into()),
        ("Domain", service.domain.realm().into()),
        ("Client", (&user.name).into()),
        ("Group", "Windows Authorization Access Group".into()),
    ];
    let whole = Timestamp::from_second(time.as_second()).expect("a time stays a time");
    EventSpec::named(KDC, 25, whole, &dc.fqdn(), fields).level(3)
}

/// Kerberos/Operational 307, 308, 309: the migration of an account, the permission, the fetch of its keys.
pub fn delegated_account(
    time: Timestamp,
    server: &Host,
    id: u16,
    (old, new): (&str, &str),
    dc: &Host,
    status: u32,
) -> EventSpec {
    let realm: Value = server.domain.realm().into();
    let fields = match id {
        307 => vec![
            ("OldAccount", old.into()),
            ("NewAccount", new.into()),
            ("DomainName", realm),
            ("Status", hex(0)),
            ("MigrationComplete", "1".into()),
        ],
        _ => vec![
            ("KDC", dc.fqdn().into()),
            ("Domain", realm),
            ("Account", new.into()),
            ("Fetch", "1".into()),
            ("Expiration", "0".into()),
            ("KeyUpdate", "0".into()),
            ("NtlmUpdate", "0".into()),
            ("Status", hex(status)),
        ],
    };
    EventSpec::named(KERBEROS_OPERATIONAL, id, time, &server.fqdn(), fields)
}

/// NTLM 4014: Credential Guard kept a program from using saved credentials for NTLM.
pub fn ntlm_credential_guard(time: Timestamp, client: &Host, image: &str) -> EventSpec {
    let fields = vec![("ImageName", image.into()), ("SvcHostTag", "".into())];
    EventSpec::named(super::NTLM, 4014, time, &client.fqdn(), fields).level(3)
}
