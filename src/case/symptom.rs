//! Symptoms: failures and silent fall-backs, grouped by what failed, with ordinary noise left out.
//!
//! What is noise is decided in `noise`. Bad-password events of a domain controller are no symptoms either: they count
//! where an event of a web server goes with them.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::host::{HostId, Hosts, Role};
use super::noise::{self, Noise};
use super::spn::Spn;
use super::{Case, TicketAttempt};
use crate::evidence::Citation;
use crate::readers::events::{Body, Event, KeyMismatch, Logon, LogonFailed};

/// The number of a symptom in its case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SymptomId(pub usize);

/// What kind of failure, and what it is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SymptomKind {
    /// Clients were told that the server cannot open the ticket for this SPN (key of [`Spn::key`]).
    KeyMismatch(String),
    /// The KDC answered that nobody (0x7) or more than one (0x8) holds this SPN.
    PrincipalUnknown(String),
    /// The KDC refused a ticket for this SPN with this error.
    KerberosError(String, u32),
    /// NTLM was used towards this SPN, for this reason (`NtlmUsageId`) where the event gives one.
    NtlmForName(String, Option<u32>),
    /// Domain users logged on to this web server over the network by NTLM.
    NtlmLogons(HostId),
    /// Network logons failed on this host with this (status, substatus), from another machine or from itself.
    LogonFailed {
        /// The host.
        host: HostId,
        /// NTSTATUS.
        status: u32,
        /// NTSTATUS with the detail, 0 when the event gives none.
        sub_status: u32,
        /// True when the address is the host's own (loop-back).
        own_address: bool,
    },
    /// The LSA blocked a logon to a name of its own machine (LsaSrv 6037).
    Loopback(HostId, String),
    /// An application pool of this host did not start or was disabled (WAS).
    PoolDown(HostId, String),
    /// The account of a service or batch logon was refused on this host, with this status.
    ServiceLogonFailed(HostId, String, u32),
    /// NTLM was blocked by policy on this host.
    NtlmBlocked(HostId),
    /// The secure channel of this host failed.
    SecureChannel(HostId),
    /// Kerberos refused because of the clock (0x25, Kerberos 5, C0000133) on this host.
    ClockSkew(HostId),
    /// A managed service account's password could not be fetched on this host.
    ManagedPassword(HostId, String),
    /// http.sys could not initialise a security package on this host.
    SecurityPackage(HostId),
}

/// A group of failures of one kind.
#[derive(Clone, Debug)]
pub struct Symptom {
    /// What.
    pub kind: SymptomKind,
    /// How many.
    pub count: u64,
    /// First time, where known.
    pub first: Option<Timestamp>,
    /// Last time, where known.
    pub last: Option<Timestamp>,
    /// Accounts concerned.
    pub principals: BTreeSet<String>,
    /// Client addresses or machines.
    pub clients: BTreeSet<String>,
    /// The first few and the last of the records.
    pub from: Vec<Citation>,
}

/// Citations kept of one symptom.
const KEPT: usize = 4;

impl Symptom {
    fn new(kind: SymptomKind) -> Self {
        Self {
            kind,
            count: 0,
            first: None,
            last: None,
            principals: BTreeSet::new(),
            clients: BTreeSet::new(),
            from: Vec::new(),
        }
    }

    /// The SPN it is about, where it is about one.
    pub fn spn(&self) -> Option<&str> {
        match &self.kind {
            SymptomKind::KeyMismatch(spn)
            | SymptomKind::PrincipalUnknown(spn)
            | SymptomKind::KerberosError(spn, _)
            | SymptomKind::NtlmForName(spn, _) => Some(spn),
            _ => None,
        }
    }

    /// The host it was seen on, where that is part of the kind.
    pub fn host(&self) -> Option<HostId> {
        match &self.kind {
            SymptomKind::NtlmLogons(host)
            | SymptomKind::LogonFailed { host, .. }
            | SymptomKind::Loopback(host, _)
            | SymptomKind::PoolDown(host, _)
            | SymptomKind::ServiceLogonFailed(host, _, _)
            | SymptomKind::NtlmBlocked(host)
            | SymptomKind::SecureChannel(host)
            | SymptomKind::ClockSkew(host)
            | SymptomKind::ManagedPassword(host, _)
            | SymptomKind::SecurityPackage(host) => Some(*host),
            _ => None,
        }
    }

    /// Whether users were refused, and not merely moved to NTLM.
    pub fn is_failure(&self) -> bool {
        !matches!(
            self.kind,
            SymptomKind::NtlmForName(..)
                | SymptomKind::NtlmLogons(_)
                | SymptomKind::PrincipalUnknown(_)
        )
    }
}

/// One failure seen.
struct Sighting<'a> {
    kind: SymptomKind,
    time: Option<Timestamp>,
    principal: Option<String>,
    client: Option<String>,
    from: &'a Citation,
}

/// The symptoms of a case, in the order of their kinds.
pub fn collect(case: &Case) -> Vec<Symptom> {
    let mut groups: BTreeMap<SymptomKind, Symptom> = BTreeMap::new();
    let passing = noise::in_passing(&case.events);
    let own = own_addresses(case);
    let from_events = (case.events.iter().enumerate())
        .filter(|(position, _)| !passing.contains_key(position))
        .filter_map(|(_, e)| sight(e, &case.hosts, &own));
    let from_attempts = case.attempts.iter().filter_map(attempt);
    for sighting in from_events.chain(from_attempts) {
        let group = groups
            .entry(sighting.kind.clone())
            .or_insert_with(|| Symptom::new(sighting.kind.clone()));
        group.count += 1;
        group.first = earlier(group.first, sighting.time);
        group.last = sighting.time.max(group.last);
        group.principals.extend(sighting.principal);
        group.clients.extend(sighting.client);
        if group.from.len() < KEPT {
            group.from.push(sighting.from.clone());
        } else if let Some(last) = group.from.last_mut() {
            *last = sighting.from.clone();
        }
    }
    groups.into_values().collect()
}

/// Addresses that a machine's own bindings name.
type OwnAddresses = BTreeSet<(HostId, String)>;

fn own_addresses(case: &Case) -> OwnAddresses {
    let of = |server: &super::WebServer| {
        let host = server.host?;
        let bindings = server.config.sites.iter().flat_map(|s| &s.bindings);
        let ips = bindings.map(|b| b.ip.trim_matches(['[', ']']).to_lowercase());
        let named = ips.filter(|ip| ip.parse::<std::net::IpAddr>().is_ok());
        Some(named.map(|ip| (host, ip)).collect::<Vec<_>>())
    };
    case.servers.iter().filter_map(of).flatten().collect()
}

/// Whether a call came from the machine itself.
fn is_own(host: HostId, ip: Option<&str>, own: &OwnAddresses) -> bool {
    let bound = ip.is_some_and(|ip| own.contains(&(host, ip.to_lowercase())));
    bound || is_loopback(ip)
}

fn earlier(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

fn attempt(attempt: &TicketAttempt) -> Option<Sighting<'_>> {
    let spn = web_name(attempt.spn.as_ref()?.as_str())?;
    let kind = if attempt.principal_unknown() {
        SymptomKind::PrincipalUnknown(spn)
    } else if attempt.no_common_etype() {
        SymptomKind::KerberosError(spn, 0xE)
    } else {
        return None;
    };
    Some(Sighting {
        kind,
        time: None,
        principal: None,
        client: None,
        from: &attempt.from,
    })
}

/// The key of an SPN when it is a web name that can be anybody's trouble.
fn web_name(text: &str) -> Option<String> {
    let spn = Spn::new(text.split('@').next()?.trim());
    (spn.has_class("HTTP") && !noise::is_cloud_name(spn.as_str())).then(|| spn.key())
}

impl Case {
    /// The events by which clients learned that the ticket for the SPN of this key cannot be opened.
    pub fn mismatch_events<'a>(
        &'a self,
        key: &'a str,
    ) -> impl Iterator<Item = (&'a Event, &'a KeyMismatch)> {
        self.pick(move |body| match body {
            Body::KeyMismatch(e) => (web_name(e.target_name.as_deref()?)? == key).then_some(e),
            _ => None,
        })
    }
}

fn sight<'a>(event: &'a Event, hosts: &Hosts, own: &OwnAddresses) -> Option<Sighting<'a>> {
    let host = hosts.find(&event.computer)?;
    if Noise::of(event).is_some() {
        return None;
    }
    let seen = |kind| Sighting {
        kind,
        time: Some(event.time),
        principal: None,
        client: None,
        from: &event.citation,
    };
    let by = |kind, principal: &Option<String>, client: &Option<String>| Sighting {
        principal: principal.clone(),
        client: client.clone(),
        ..seen(kind)
    };
    match &event.body {
        Body::KeyMismatch(e) => {
            let spn = web_name(e.target_name.as_deref()?)?;
            Some(Sighting {
                client: Some(event.computer.to_string()),
                ..seen(SymptomKind::KeyMismatch(spn))
            })
        }
        Body::KerberosError(e) => {
            let code = e.code?;
            if code == 0x25 {
                return Some(seen(SymptomKind::ClockSkew(host)));
            }
            let spn = web_name(e.target_name.as_deref().or(e.server_name.as_deref())?)?;
            let kind = match code {
                0x7 | 0x8 => SymptomKind::PrincipalUnknown(spn),
                0x0 => return None,
                0x29 => SymptomKind::KeyMismatch(spn),
                code => SymptomKind::KerberosError(spn, code),
            };
            Some(by(kind, &e.client_name, &Some(event.computer.to_string())))
        }
        Body::ServiceTicketRequest(e) => {
            let code = e.status?;
            let spn = web_name(e.service_name.as_deref()?)?;
            let kind = match code {
                0x7 | 0x8 => SymptomKind::PrincipalUnknown(spn),
                0x0 => return None,
                0x25 => SymptomKind::ClockSkew(host),
                code => SymptomKind::KerberosError(spn, code),
            };
            Some(by(kind, &e.client.name, &e.ip))
        }
        // These ids say that NTLM was used; 8001 only that it was considered.
        Body::NtlmUse(e) if matches!(e.id, 4020 | 4021) => {
            let spn = web_name(e.target.as_deref()?)?;
            Some(by(
                SymptomKind::NtlmForName(spn, e.usage_id),
                &e.user,
                &Some(event.computer.to_string()),
            ))
        }
        Body::NtlmBlocked(e) if matches!(e.id, 4001..=4006) => {
            Some(by(SymptomKind::NtlmBlocked(host), &e.user, &None))
        }
        Body::Logon(e) => ntlm_logon(e, host, hosts, own)
            .then(|| by(SymptomKind::NtlmLogons(host), &e.target.name, &e.ip)),
        Body::LogonFailed(e) => {
            logon_failed(e, host, hosts, own).map(|kind| by(kind, &e.target.name, &e.ip))
        }
        Body::Lsa(e) if e.id == 6037 => {
            let target = e.target.clone().unwrap_or_default().to_lowercase();
            Some(seen(SymptomKind::Loopback(host, target)))
        }
        Body::Netlogon(e) => match e.id {
            3210 | 5719 | 5722 | 5723 | 5805 => Some(seen(SymptomKind::SecureChannel(host))),
            9000 => {
                let account = e
                    .fields
                    .text("AccountName")
                    .or_else(|| e.values.first().cloned());
                (e.status != Some(0)).then(|| {
                    seen(SymptomKind::ManagedPassword(
                        host,
                        account.unwrap_or_default().to_lowercase(),
                    ))
                })
            }
            _ => None,
        },
        Body::Pool(e) if matches!(e.id, 5002 | 5021 | 5051 | 5057 | 5059 | 5189) => {
            let pool = e.pool.clone().unwrap_or_default();
            Some(seen(SymptomKind::PoolDown(host, pool)))
        }
        Body::Kerberos(e) if e.id == 5 && !e.operational => {
            Some(seen(SymptomKind::ClockSkew(host)))
        }
        Body::Http(e) if e.id == 15016 => Some(seen(SymptomKind::SecurityPackage(host))),
        _ => None,
    }
}

/// Whether a logon shows a domain user on a web server by NTLM. Local accounts, the machine itself and anonymous
/// logons are NTLM by design.
fn ntlm_logon(logon: &Logon, host: HostId, hosts: &Hosts, own: &OwnAddresses) -> bool {
    let machine = hosts.get(host);
    let local =
        |d: &str| d.eq_ignore_ascii_case(&machine.name) || d.eq_ignore_ascii_case("nt authority");
    logon.logon_type == Some(3)
        && logon.is_ntlm()
        && machine.roles.contains(&Role::WebServer)
        && logon
            .target
            .name
            .as_deref()
            .is_some_and(|n| !n.ends_with('$') && !n.eq_ignore_ascii_case("anonymous logon"))
        && !logon.target.domain.as_deref().is_some_and(local)
        && !is_own(host, logon.ip.as_deref(), own)
}

fn logon_failed(
    failure: &LogonFailed,
    host: HostId,
    hosts: &Hosts,
    own: &OwnAddresses,
) -> Option<SymptomKind> {
    let machine = hosts.get(host);
    let status = failure.status?;
    let sub_status = failure.sub_status.unwrap_or(0);
    match failure.logon_type? {
        3 if machine.roles.contains(&Role::DomainController)
            && !machine.roles.contains(&Role::WebServer) =>
        {
            None
        }
        3 if status == 0xC000_0133 => Some(SymptomKind::ClockSkew(host)),
        3 => {
            let named = failure
                .workstation
                .as_deref()
                .is_some_and(|w| w.eq_ignore_ascii_case(&machine.name));
            Some(SymptomKind::LogonFailed {
                host,
                status,
                sub_status,
                own_address: is_own(host, failure.ip.as_deref(), own) || named,
            })
        }
        4 | 5 => {
            let account = failure.target.name.clone()?.to_lowercase();
            let code = if sub_status == 0 { status } else { sub_status };
            Some(SymptomKind::ServiceLogonFailed(host, account, code))
        }
        _ => None,
    }
}

/// True for `127.0.0.0/8` and `::1`.
pub fn is_loopback(ip: Option<&str>) -> bool {
    ip.and_then(|ip| {
        ip.trim_start_matches("::ffff:")
            .parse::<std::net::IpAddr>()
            .ok()
    })
    .is_some_and(|ip| ip.is_loopback())
}
