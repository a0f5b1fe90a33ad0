//! System log: LsaSrv and NETLOGON, both without names for their values (`causes.md` 7.4, 7.5), and the named
//! Security-Netlogon/Operational 9000.

use jiff::Timestamp;

use super::{LSA_SRV, NETLOGON, SECURITY_NETLOGON};
use crate::support::directory::{Account, Host};
use crate::support::evtx_writer::{EventSpec, Provider, hex};

fn event(provider: Provider, id: u16, time: Timestamp, host: &Host, values: &[&str]) -> EventSpec {
    let whole = Timestamp::from_second(time.as_second()).expect("a time stays a time");
    let values = values.iter().map(|value| (*value).to_owned()).collect();
    EventSpec::unnamed(provider, id, whole, &host.fqdn(), values).level(3)
}

/// LsaSrv 6037: a program of this machine tried to reach the machine under a name that is not its own (loop-back).
pub fn lsa_loopback(time: Timestamp, host: &Host, program: &str, target: &str) -> EventSpec {
    event(LSA_SRV, 6037, time, host, &["4711", program, target])
}

/// LsaSrv 6035: no token could be built for an account in too many groups.
pub fn lsa_too_many_groups(time: Timestamp, host: &Host, sid: &str) -> EventSpec {
    event(LSA_SRV, 6035, time, host, &[sid])
}

/// LsaSrv 6038: NTLM was used since the machine started. Noise.
pub fn lsa_ntlm_in_use(time: Timestamp, host: &Host) -> EventSpec {
    event(LSA_SRV, 6038, time, host, &[])
}

/// LsaSrv 40960: could not authenticate to a target; `error` is the text with its number.
pub fn lsa_could_not_authenticate(
    time: Timestamp,
    host: &Host,
    target: &str,
    protocol: &str,
    error: &str,
) -> EventSpec {
    event(LSA_SRV, 40960, time, host, &[target, protocol, error])
}

/// A NETLOGON event: 3210, 5719, 5783 on a member; 5722, 5723, 5805 on a domain controller. `status` is the NTSTATUS
/// of the binary part.
pub fn netlogon_event(
    time: Timestamp,
    host: &Host,
    id: u16,
    values: &[&str],
    status: u32,
) -> EventSpec {
    event(NETLOGON, id, time, host, values)
        .level(2)
        .binary(&status.to_le_bytes())
}

/// Security-Netlogon/Operational 9000: a logon that Netlogon passed on failed.
pub fn netlogon_9000(time: Timestamp, host: &Host, account: &Account, status: u32) -> EventSpec {
    let fields = vec![
        ("AccountName", (&account.name).into()),
        ("AccountDomain", (&account.domain.netbios).into()),
        ("Status", hex(status)),
    ];
    EventSpec::named(SECURITY_NETLOGON, 9000, time, &host.fqdn(), fields).level(2)
}

/// LsaSrv 6167: a ticket of another machine with this one's id. Its values are not documented: none here.
pub fn lsa_foreign_ticket(time: Timestamp, host: &Host) -> EventSpec {
    event(LSA_SRV, 6167, time, host, &[])
}
