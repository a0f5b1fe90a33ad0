//! System log of domain controllers: the KDC (`causes.md` 7.3).

use jiff::Timestamp;

use super::KDC;
use crate::support::directory::{Account, Host};
use crate::support::evtx_writer::{EventSpec, Value};

fn event(id: u16, time: Timestamp, dc: &Host, fields: Vec<(&str, Value)>) -> EventSpec {
    let whole = Timestamp::from_second(time.as_second()).expect("a time stays a time");
    EventSpec::named(KDC, id, whole, &dc.fqdn(), fields).level(2)
}

/// KDC 11: two accounts hold this name.
pub fn kdc_duplicate_name(time: Timestamp, dc: &Host, spn: &str) -> EventSpec {
    event(
        11,
        time,
        dc,
        vec![
            ("Name", spn.into()),
            ("Type", "DS_SERVICE_PRINCIPAL_NAME".into()),
        ],
    )
}

/// KDC 31: a ticket is larger than the warning threshold. What else it holds is not documented.
pub fn kdc_large_ticket(time: Timestamp, dc: &Host, account: &str) -> EventSpec {
    event(31, time, dc, vec![("AccountName", account.into())])
}

/// KDC 14: an account has no key of a type the client can use (logon). Types in decimal, blank-separated: `18 17 3`.
pub fn kdc_no_key_as(
    time: Timestamp,
    dc: &Host,
    account: &str,
    wanted: &str,
    has: &str,
) -> EventSpec {
    let mut fields = no_key("krbtgt", account, "1", wanted, has);
    fields.push(("AccountToReset", account.into()));
    event(14, time, dc, fields)
}

/// KDC 16: the holder of `spn` has no key of a type that this user asked for. The event names the user as its account.
pub fn kdc_no_key_tgs(
    time: Timestamp,
    dc: &Host,
    spn: &str,
    user: &Account,
    holder: &str,
    (wanted, has): (&str, &str),
) -> EventSpec {
    let mut fields = no_key(spn, &user.principal(), "9", wanted, has);
    fields.push(("AccountToReset", holder.into()));
    event(16, time, dc, fields)
}

/// KDC 27: no encryption type that KDC, holder and client share. The holder is not named.
pub fn kdc_unsupported_etype(
    time: Timestamp,
    dc: &Host,
    spn: &str,
    user: &Account,
    (wanted, has): (&str, &str),
) -> EventSpec {
    let fields = no_key(spn, &user.principal(), "8", wanted, has);
    event(27, time, dc, fields)
}

/// KDC 7 with blank names: noise of Server 2025 (NZ-03).
pub fn kdc_lookup_failed(
    time: Timestamp,
    dc: &Host,
    account: &str,
    lookup_type: &str,
) -> EventSpec {
    event(
        7,
        time,
        dc,
        vec![
            ("AccountName", account.into()),
            ("LookupType", lookup_type.into()),
        ],
    )
}

fn no_key(
    target: &str,
    account: &str,
    id: &str,
    wanted: &str,
    has: &str,
) -> Vec<(&'static str, Value)> {
    vec![
        ("Target", target.into()),
        ("Account", account.into()),
        ("ID", id.into()),
        ("RequestedEtypes", wanted.into()),
        ("AvailableEtypes", has.into()),
    ]
}

/// Any other record of the KDC, by its number and fields: 9, 35 to 45, 201 to 209.
pub fn kdc_record(id: u16, time: Timestamp, dc: &Host, fields: Vec<(&str, Value)>) -> EventSpec {
    event(id, time, dc, fields)
}
