//! Ordinary noise: what looks like trouble in a log and is not (`causes.md` 5.18).
//!
//! The one place that decides it. Symptoms leave these events out, and the report counts them, so that a reader who
//! meets one in a log finds it named there. What each one is and why it is harmless stands in `causes/noise.rs`.

mod passing;

use std::collections::{BTreeMap, BTreeSet};

use super::account::split_name;
use super::host::Role;
use super::spn::Spn;
use super::{Case, Meaning, PoolIdentity, SymptomKind};
use crate::evidence::Citation;
use crate::readers::events::{Body, Event};
use crate::readers::exchange::Exchange;

pub use passing::Passing;
pub(super) use passing::is_boot;

/// A kind of noise that events or tickets can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Noise {
    /// Kerberos errors that are steps of the protocol: 0x19, 0x20, 0x34.
    ProtocolStep,
    /// KDC 7 without an account name, as Server 2025 writes it.
    BlankKdcLookup,
    /// NTLM 8001: NTLM was considered.
    NtlmConsidered,
    /// LsaSrv 6038: NTLM was used at least once since the boot.
    NtlmNotice,
    /// KDC 11 for a name that no browser asks for.
    DuplicateOfAnotherName,
    /// 4771 with 0x18 of a user whom no web server refused.
    PasswordOfAnotherUser,
    /// Tickets and logons for `HTTP/autologon…`: single sign-on to the cloud.
    CloudSignIn,
    /// A wrong password once or twice, and the right one within minutes.
    TypingError,
    /// A wrong password once or twice of a user who then gives up, where others get in.
    StrayPassword,
    /// Wrong names or passwords of many accounts within minutes, all from one address that never gets in.
    Guessing,
    /// NETLOGON 5719 within minutes of a boot: the network was not up yet.
    BootWithoutNetwork,
    /// The challenge (401.2) before a sign-in.
    Challenge,
    /// A token sent unasked, answered 401.1 with 0x8009030E, and a sign-in.
    TokenUnasked,
    /// Health checks that are answered with the challenge.
    Probe,
    /// OPTIONS without credentials: what browsers ask before they call another site.
    Preflight,
    /// A single 0x25 for a first ticket, and nobody who is refused after it.
    ClockCorrected,
    /// The challenge (407) of a forward proxy, which lets the request through after it.
    ProxyChallenge,
}

/// How often a kind of noise was met, with the first few places.
#[derive(Clone, Debug)]
pub struct CountedNoise {
    /// The kind.
    pub noise: Noise,
    /// How often.
    pub count: u64,
    /// The first few places.
    pub from: Vec<Citation>,
}

/// Places kept of one kind.
const KEPT: usize = 3;

impl Noise {
    /// The noise that an event is, whatever else the bundle holds.
    pub fn of(event: &Event) -> Option<Self> {
        let named = |target: &Option<String>| target.as_deref().is_some_and(is_cloud_name);
        match &event.body {
            Body::KerberosError(e) => match e.code {
                Some(code) if is_protocol_step(code) => Some(Self::ProtocolStep),
                _ => (named(&e.target_name) || named(&e.server_name)).then_some(Self::CloudSignIn),
            },
            Body::TgtRequest(e) => step(e.status),
            Body::PreauthFailed(e) => step(e.status),
            Body::ServiceTicketRequest(e) => {
                step(e.status).or(named(&e.service_name).then_some(Self::CloudSignIn))
            }
            Body::NtlmUse(e) if named(&e.target) => Some(Self::CloudSignIn),
            Body::NtlmUse(e) if e.id == 8001 => Some(Self::NtlmConsidered),
            Body::Lsa(e) if e.id == 6038 => Some(Self::NtlmNotice),
            Body::Kdc(e) if e.id == 7 => {
                let account = e.fields.text("AccountName");
                account.is_none().then_some(Self::BlankKdcLookup)
            }
            Body::Kdc(e) if e.id == 11 => {
                let spn = Spn::new(e.name.as_deref()?);
                (!spn.has_class("HTTP") && !spn.has_class("HOST"))
                    .then_some(Self::DuplicateOfAnotherName)
            }
            _ => None,
        }
    }
}

fn step(status: Option<u32>) -> Option<Noise> {
    status
        .is_some_and(is_protocol_step)
        .then_some(Noise::ProtocolStep)
}

/// Pre-authentication asked for, a ticket that ran out, an answer too big for UDP: the client goes on by itself.
fn is_protocol_step(code: u32) -> bool {
    matches!(code, 0x19 | 0x20 | 0x34)
}

/// Whether a name is the one that clients ask a ticket for to sign in to the cloud.
pub(super) fn is_cloud_name(text: &str) -> bool {
    let spn = Spn::new(text.trim());
    spn.has_class("HTTP") && spn.host().starts_with("autologon")
}

impl Case {
    /// The noise of the case, in the order of its kinds.
    pub fn noise(&self) -> Vec<CountedNoise> {
        let mut counted: BTreeMap<Noise, CountedNoise> = BTreeMap::new();
        let mut count_all = |noise: Noise, times: u64, from: &Citation| {
            let entry = counted.entry(noise).or_insert_with(|| CountedNoise {
                noise,
                count: 0,
                from: Vec::new(),
            });
            entry.count += times;
            if entry.from.len() < KEPT {
                entry.from.push(from.clone());
            }
        };
        for (_, exchange, meaning) in self.logged_sites.iter().flat_map(|site| site.read()) {
            let noise = match meaning {
                Meaning::OneLeg | Meaning::TwoLegs => Noise::Challenge,
                Meaning::SignedIn if exchange.legs.first().is_some_and(|leg| leg.is_token()) => {
                    Noise::TokenUnasked
                }
                Meaning::Probe => Noise::Probe,
                Meaning::Preflight => Noise::Preflight,
                _ => continue,
            };
            if let Some(from) = exchange.from.first() {
                count_all(noise, exchange.count, from);
            }
        }
        for (exchange, passed) in self.proxy_challenges() {
            if passed {
                count_all(Noise::ProxyChallenge, 1, &exchange.from);
            }
        }
        let known = self.users_of_the_story();
        for (position, event) in self.events.iter().enumerate() {
            let stranger = || match &event.body {
                Body::PreauthFailed(e) if e.status == Some(0x18) => {
                    let name = split_name(e.target.name.as_deref()?).1;
                    (!known.contains(&name)).then_some(Noise::PasswordOfAnotherUser)
                }
                _ => None,
            };
            let passed = self.passing.of(position);
            if let Some(noise) = Noise::of(event).or(passed).or_else(stranger) {
                count_all(noise, event.count(), &event.citation);
            }
        }
        for ticket in &self.tickets {
            if is_cloud_name(ticket.spn.as_str()) {
                count_all(Noise::CloudSignIn, 1, &ticket.ticket.from);
            }
        }
        counted.into_values().collect()
    }

    /// Recorded requests that a forward proxy answered with its own challenge (407), and whether it let one to the same host
    /// through later in the same recording.
    pub fn proxy_challenges(&self) -> impl Iterator<Item = (&Exchange, bool)> {
        let of = |exchange: &Exchange| (exchange.from.artifact, exchange.host());
        let exchanges = || self.exchanges.iter().enumerate();
        let through = exchanges().filter(|(_, e)| e.status.is_some_and(|s| s < 400 || s == 401));
        let last: BTreeMap<_, usize> = through.map(|(at, e)| (of(e), at)).collect();
        exchanges()
            .filter(|(_, e)| e.status == Some(407))
            .map(move |(at, e)| (e, last.get(&of(e)).is_some_and(|last| *last > at)))
    }

    /// Account names (without domain, lower case) whose bad passwords matter: users whom a web server refused, pool
    /// identities, and accounts of services that were refused.
    fn users_of_the_story(&self) -> BTreeSet<String> {
        let mut known = BTreeSet::new();
        for symptom in &self.symptoms {
            match &symptom.kind {
                SymptomKind::LogonFailed { host, .. }
                    if self.hosts.get(*host).roles.contains(&Role::WebServer) =>
                {
                    known.extend(symptom.principals.iter().map(|p| split_name(p).1));
                }
                SymptomKind::ServiceLogonFailed(_, account, _) => {
                    known.insert(split_name(account).1);
                }
                _ => {}
            }
        }
        for endpoint in &self.situation.endpoints {
            if let Some(PoolIdentity::Domain(id) | PoolIdentity::Managed(id)) =
                endpoint.pool.as_ref().map(|p| &p.identity)
            {
                known.extend(self.accounts.get(*id).sam.clone());
            }
        }
        known
    }
}
