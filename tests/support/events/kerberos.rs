//! System log: the Kerberos client (`causes.md` 7.2). Whole seconds, process 0, a `Binary` part.

use jiff::Timestamp;

use super::KERBEROS;
use crate::support::directory::{Account, Host};
use crate::support::evtx_writer::{EventSpec, Value};

fn event(id: u16, time: Timestamp, host: &Host, fields: Vec<(&str, Value)>) -> EventSpec {
    let whole = Timestamp::from_second(time.as_second()).expect("a time stays a time");
    EventSpec::named(KERBEROS, id, whole, &host.fqdn(), fields).level(2)
}

/// Kerberos 3: an error the KDC (or the server) answered. 0x7 unknown SPN, 0xe encryption type, 0x25 skew; 0x19 and
/// 0x34 are ordinary steps. Written only where LogLevel is set.
pub fn kerberos_error(
    time: Timestamp,
    client: &Host,
    user: &Account,
    code: u32,
    extended: &str,
    spn: &str,
) -> EventSpec {
    let realm = user.domain.realm();
    let name = match code {
        0x7 => "KDC_ERR_S_PRINCIPAL_UNKNOWN",
        0xe => "KDC_ERR_ETYPE_NOTSUPP",
        0x12 => "KDC_ERR_CLIENT_REVOKED",
        0x18 => "KDC_ERR_PREAUTH_FAILED",
        0x19 => "KDC_ERR_PREAUTH_REQUIRED",
        0x1d => "KDC_ERR_SVC_UNAVAILABLE",
        0x25 => "KRB_AP_ERR_SKEW",
        0x29 => "KRB_AP_ERR_MODIFIED",
        0x34 => "KRB_ERR_RESPONSE_TOO_BIG",
        _ => "KRB_ERR_GENERIC",
    };
    let server_time = time.strftime("%-H:%M:%S.0000 %-m/%-d/%Y Z").to_string();
    let fields = vec![
        (
            "LogonSession",
            format!("{}\\{}", user.domain.netbios, user.name).into(),
        ),
        ("ClientTime", "".into()),
        ("ServerTime", server_time.into()),
        ("ErrorCode", format!("0x{code:x}").into()),
        ("ErrorMessage", name.into()),
        ("ExtendedError", extended.into()),
        ("ClientRealm", "".into()),
        ("ClientName", "".into()),
        ("ServerRealm", (&realm).into()),
        ("ServerName", spn.into()),
        ("TargetName", format!("{spn}@{realm}").into()),
        ("ErrorText", "".into()),
        (
            "File",
            "onecore\\ds\\security\\protocols\\kerberos\\client2\\kerbtick.cxx".into(),
        ),
        ("Line", "128f".into()),
    ];
    event(3, time, client, fields)
}

/// Kerberos 6, on the client: the token does not fit the buffer of the program that asked.
pub fn token_too_large(time: Timestamp, client: &Host, needed: u32, actual: u32) -> EventSpec {
    let fields = vec![
        ("NeededSize", needed.to_string().into()),
        ("ActualSize", actual.to_string().into()),
        ("ClientProcessID", "7316".into()),
        ("ClientName", "".into()),
    ];
    event(6, time, client, fields)
}

/// Kerberos 4, on the client: `acceptor` (as it names itself, `web01$`) could not open the ticket for `spn`.
pub fn key_mismatch(
    time: Timestamp,
    client: &Host,
    acceptor: &str,
    spn: &str,
    target_realm: &str,
    client_realm: &str,
) -> EventSpec {
    let fields = vec![
        ("Server", acceptor.into()),
        ("TargetRealm", target_realm.into()),
        ("Targetname", spn.into()),
        ("ClientRealm", client_realm.into()),
    ];
    event(4, time, client, fields)
}

/// Kerberos 5: the clock of a server differs too much.
pub fn clock_skew(time: Timestamp, client: &Host, server: &str, realm: &str) -> EventSpec {
    event(
        5,
        time,
        client,
        vec![("Server", server.into()), ("KDCRealm", realm.into())],
    )
}

/// Kerberos 7, on the server: the signature of the privilege data could not be verified.
pub fn pac_verification_failed(time: Timestamp, server: &Host, user: &Account) -> EventSpec {
    let fields = vec![
        ("ClientName", (&user.name).into()),
        ("Realm", user.domain.realm().into()),
    ];
    event(7, time, server, fields)
}

/// Kerberos 21, 22, 23, on the server: the check of a PAC that came from another domain. Their fields are not documented.
pub fn pac_check(id: u16, time: Timestamp, server: &Host, user: &Account) -> EventSpec {
    let fields = vec![
        ("UserName", (&user.name).into()),
        ("DomainName", user.domain.realm().into()),
    ];
    event(id, time, server, fields)
}
