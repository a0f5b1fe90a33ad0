//! One failure as one event shows it, or one attempt to fetch a ticket: which kind it is, who met it, from where.
//!
//! Bad-password events of a domain controller are no symptoms: they count where an event of a web server goes with them.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::sole_name::SoleNames;
use super::{Pace, SymptomKind};
use crate::case::hops::{Hop, HopResult};
use crate::case::host::{HostId, Hosts, Role};
use crate::case::noise::{self, Noise};
use crate::case::spn::Spn;
use crate::case::{Case, TicketAttempt, WebServer};
use crate::evidence::{Certainty, Citation};
use crate::readers::events::{Body, Event, Logon, LogonFailed, LsaEvent, NtlmBlocked, Times};

/// One failure seen, or several that a source counts together.
pub(super) struct Sighting<'a> {
    pub(super) kind: SymptomKind,
    pub(super) count: u64,
    pub(super) time: Option<Timestamp>,
    /// How sure the times are.
    pub(super) certainty: Certainty,
    /// When more of the same were seen.
    pub(super) again: Option<&'a Times>,
    pub(super) principal: Option<String>,
    pub(super) client: Option<String>,
    /// Who wrote of it.
    pub(super) by: Writer,
    pub(super) from: &'a Citation,
}

impl Sighting<'_> {
    /// How many failures it stands for.
    pub(super) fn total(&self) -> u64 {
        let times = 1 + self.again.map_or(0, Times::len);
        self.count.saturating_mul(times)
    }

    /// When the last of them was.
    pub(super) fn last(&self) -> Option<Timestamp> {
        let again = self.again.and_then(|again| again.iter().max());
        self.time.max(again)
    }

    /// Counts them by the hour.
    pub(super) fn count_in(&self, pace: &mut Pace) {
        pace.saw(self.time, self.count, self.from);
        for time in self.again.iter().flat_map(|again| again.iter()) {
            pace.add(Some(time), self.count);
        }
    }
}

/// Who wrote of a failure. Several write of one refusal: each is counted apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Writer {
    /// The client or the server.
    Peer,
    /// The KDC, in its audit (4769).
    KdcAudit,
    /// The KDC, in the System log: no key (14, 16, 26, 27).
    Kdc,
    /// The KDC, in the System log: a weak type that it blocks (203, 204, 208, 209).
    KdcBlock,
}

/// Addresses that a machine's own bindings or network settings name.
pub(super) type OwnAddresses = BTreeSet<(HostId, String)>;

pub(super) fn own_addresses(case: &Case) -> OwnAddresses {
    let of = |server: &WebServer| {
        let host = server.host?;
        let bindings = server.config.sites.iter().flat_map(|s| &s.bindings);
        let ips = bindings.map(|b| b.ip.trim_matches(['[', ']']).to_lowercase());
        let named = ips.filter(|ip| ip.parse::<std::net::IpAddr>().is_ok());
        Some(named.map(|ip| (host, ip)).collect::<Vec<_>>())
    };
    let bound = case.servers.iter().filter_map(of).flatten();
    let set = case.machines.iter().flat_map(|(host, machine)| {
        let addresses = machine.addresses().into_iter();
        addresses.map(|address| (*host, address.value.to_string()))
    });
    bound.chain(set).collect()
}

/// Whether a call came from the machine itself.
pub(super) fn is_own(host: HostId, ip: Option<&str>, own: &OwnAddresses) -> bool {
    let bound = ip.is_some_and(|ip| own.contains(&(host, ip.to_lowercase())));
    bound || is_loopback(ip)
}

pub(super) fn attempt(attempt: &TicketAttempt) -> Option<Sighting<'_>> {
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
        count: 1,
        time: None,
        certainty: Certainty::Exact,
        again: None,
        principal: attempt.user().map(str::to_owned),
        client: None,
        by: Writer::Peer,
        from: &attempt.from,
    })
}

/// A second hop that failed.
pub(super) fn second_hop<'a>(case: &'a Case, hop: &'a Hop) -> Option<Sighting<'a>> {
    let code = match hop.result {
        HopResult::Refused(code) => Some(code),
        HopResult::Anonymous => None,
        HopResult::Passed => return None,
    };
    let back = || Some(case.hosts.get(hop.back?).name.clone());
    let target = hop.target.as_ref().map(Spn::key).or_else(back)?;
    let event = case.events.get(hop.event);
    Some(Sighting {
        kind: SymptomKind::SecondHop {
            front: hop.front,
            target,
            code,
        },
        count: 1,
        time: Some(hop.time),
        certainty: event.map_or(Certainty::Exact, |event| event.certainty),
        again: event.map(|event| &event.folded),
        principal: hop.user.clone(),
        client: None,
        by: match event.map(|e| &e.body) {
            Some(Body::ServiceTicketRequest(_)) => Writer::KdcAudit,
            _ => Writer::Peer,
        },
        from: &hop.from,
    })
}

/// The key of an SPN when it is a web name that can be anybody's trouble.
pub(super) fn web_name(text: &str) -> Option<String> {
    let spn = Spn::new(text.split('@').next()?.trim());
    (spn.has_class("HTTP") && !noise::is_cloud_name(spn.as_str())).then(|| spn.key())
}

/// The realm of a referral, `krbtgt/PARTNER.EXAMPLE`, where it is not the client's own.
fn referral(name: &str, own: Option<&str>) -> Option<String> {
    let name = name.split('@').next()?;
    let (class, realm) = name.split_once('/')?;
    let other = class.eq_ignore_ascii_case("krbtgt") && realm.contains('.');
    let is_own = own.is_some_and(|own| own.eq_ignore_ascii_case(realm));
    (other && own.is_some() && !is_own).then(|| realm.to_lowercase())
}

/// LsaSrv 6167 of a machine that refuses a ticket of another boot, or of its clone (KB5068222). Windows 11 26H1 gives this
/// number to an event about references to a logon session, whose fields are named.
pub(super) fn is_foreign_machine_id(event: &LsaEvent) -> bool {
    let other = ["MaxRefCount", "LogonId", "AccountSid"];
    event.id == 6167 && other.iter().all(|name| event.fields.raw(name).is_none())
}

pub(super) fn sight<'a>(
    event: &'a Event,
    hosts: &Hosts,
    own: &OwnAddresses,
    names: &SoleNames,
) -> Option<Sighting<'a>> {
    // An export may not say whose event it is: what it says of a name counts all the same.
    let host = hosts.find(&event.computer);
    let machine = || Some(event.computer.to_string()).filter(|name| !name.is_empty());
    if Noise::of(event).is_some() {
        return None;
    }
    let seen = |kind| Sighting {
        kind,
        count: 1,
        time: Some(event.time),
        certainty: event.certainty,
        again: Some(&event.folded),
        principal: None,
        client: None,
        by: match &event.body {
            Body::ServiceTicketRequest(_) => Writer::KdcAudit,
            Body::Kdc(e) if e.id >= 200 => Writer::KdcBlock,
            Body::Kdc(_) => Writer::Kdc,
            _ => Writer::Peer,
        },
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
                client: machine(),
                ..seen(SymptomKind::KeyMismatch(spn))
            })
        }
        Body::KerberosError(e) => {
            let code = e.code?;
            if code == 0x25 {
                return Some(seen(SymptomKind::ClockSkew(host?)));
            }
            let own = e.client_realm.as_deref().or(e.server_realm.as_deref());
            let names = [&e.target_name, &e.server_name].into_iter().flatten();
            if let Some(realm) = names.filter_map(|name| referral(name, own)).next() {
                let kind = SymptomKind::ReferralFailed(realm, code);
                return Some(by(kind, &e.client_name, &machine()));
            }
            let spn = web_name(e.target_name.as_deref().or(e.server_name.as_deref())?)?;
            let kind = match code {
                0x7 | 0x8 => SymptomKind::PrincipalUnknown(spn),
                0x0 => return None,
                0x29 => SymptomKind::KeyMismatch(spn),
                code => SymptomKind::KerberosError(spn, code),
            };
            Some(by(kind, &e.client_name, &machine()))
        }
        Body::ServiceTicketRequest(e) => {
            let code = e.status?;
            let own = event.computer.split_once('.').map(|(_, domain)| domain);
            let name = e.service_name.as_deref().unwrap_or_default();
            if let Some(realm) = referral(name, own).filter(|_| !matches!(code, 0x0 | 0x25)) {
                let kind = SymptomKind::ReferralFailed(realm, code);
                return Some(by(kind, &e.client.name, &e.ip));
            }
            let spn = web_name(name).or_else(|| names.get(event))?;
            let kind = match code {
                0x7 | 0x8 => SymptomKind::PrincipalUnknown(spn),
                0x0 => return None,
                0x25 => SymptomKind::ClockSkew(host?),
                code => SymptomKind::KerberosError(spn, code),
            };
            Some(by(kind, &e.client.name, &e.ip))
        }
        Body::Kdc(e) if matches!(e.id, 16 | 27 | 203 | 204 | 208 | 209) => {
            let own = event.computer.split_once('.').map(|(_, domain)| domain);
            if let Some(realm) = referral(e.name.as_deref()?, own) {
                return Some(seen(SymptomKind::ReferralFailed(realm, 0xE)));
            }
            let spn = web_name(e.name.as_deref()?)?;
            let client = (e.id > 200).then(|| e.fields.text("AccountName")).flatten();
            let address = e.fields.text("ClientAddress");
            Some(by(SymptomKind::KerberosError(spn, 0xE), &client, &address))
        }
        // These ids say that NTLM was used; 8001 only that it was considered.
        Body::NtlmUse(e) if matches!(e.id, 4020 | 4021) => {
            let spn = web_name(e.target.as_deref()?)?;
            Some(by(
                SymptomKind::NtlmForName(spn, e.usage_id),
                &e.user,
                &machine(),
            ))
        }
        Body::NtlmBlocked(e) => {
            let host = host?;
            let spn = ntlm_blocked(e, host, hosts)?;
            Some(by(SymptomKind::NtlmBlocked(host, spn), &e.user, &None))
        }
        Body::Logon(e) => {
            let host = host?;
            ntlm_logon(e, host, hosts, own)
                .then(|| by(SymptomKind::NtlmLogons(host), &e.target.name, &e.ip))
        }
        Body::LogonFailed(e) => {
            logon_failed(e, host?, hosts, own).map(|kind| by(kind, &e.target.name, &e.ip))
        }
        Body::Lsa(e) if e.id == 6035 => Some(seen(SymptomKind::TooManyGroups(host?))),
        Body::Kerberos(e) if e.id == 6 && !e.operational => {
            Some(seen(SymptomKind::TokenTooLarge(host?)))
        }
        Body::Lsa(e) if is_foreign_machine_id(e) => Some(seen(SymptomKind::ForeignTicket(host?))),
        Body::Lsa(e) if e.id == 6037 => {
            let target = e.target.clone().unwrap_or_default().to_lowercase();
            Some(seen(SymptomKind::Loopback(host?, target)))
        }
        Body::Netlogon(e) => match e.id {
            3210 | 5719 | 5722 | 5723 | 5805 => Some(seen(SymptomKind::SecureChannel(host?))),
            5816 | 5817 => Some(Sighting {
                count: e.logons_timed_out(),
                ..seen(SymptomKind::NtlmTimeouts(host?))
            }),
            9000 => {
                let host = host?;
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
            Some(seen(SymptomKind::PoolDown(host?, pool)))
        }
        Body::Kerberos(e) if e.id == 5 && !e.operational => {
            Some(seen(SymptomKind::ClockSkew(host?)))
        }
        Body::Http(e) if e.id == 15016 => Some(seen(SymptomKind::SecurityPackage(host?))),
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

/// What NTLM was blocked towards, where that is a web server's trouble: a client names the site, a web server blocks what
/// comes in, a domain controller names the web server that asked it. `None` for all other NTLM.
fn ntlm_blocked(e: &NtlmBlocked, host: HostId, hosts: &Hosts) -> Option<Option<String>> {
    let serves = |id: HostId| hosts.get(id).roles.contains(&Role::WebServer);
    match e.id {
        4001 | 4013 | 4015 | 4025 => web_name(e.target.as_deref()?).map(Some),
        4002 | 4003 | 4010 | 4011 => serves(host).then_some(None),
        4004..=4006 => {
            let passed_on = hosts.find(e.via.as_deref()?.trim_start_matches('\\'))?;
            serves(passed_on).then_some(None)
        }
        _ => None,
    }
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
            failure.target.name.as_ref()?;
            let account = failure.target.to_string().to_lowercase();
            let code = if sub_status == 0 { status } else { sub_status };
            Some(SymptomKind::ServiceLogonFailed(host, account, code))
        }
        _ => None,
    }
}

/// True for `127.0.0.0/8` and `::1`.
fn is_loopback(ip: Option<&str>) -> bool {
    ip.and_then(|ip| {
        ip.trim_start_matches("::ffff:")
            .parse::<std::net::IpAddr>()
            .ok()
    })
    .is_some_and(|ip| ip.is_loopback())
}
