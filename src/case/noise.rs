//! Ordinary noise: what looks like trouble in a log and is not (`causes.md` 5.18).
//!
//! The one place that decides it. Symptoms leave these events out, and the report counts them, so that a reader who
//! meets one in a log finds it named there. What each one is and why it is harmless stands in `causes/noise.rs`.

use std::collections::{BTreeMap, BTreeSet};

use super::account::split_name;
use super::host::Role;
use super::spn::Spn;
use super::{Case, Meaning, PoolIdentity, SymptomKind};
use crate::evidence::Citation;
use crate::readers::events::{Body, Event, LogonFailed};

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

/// A wrong password is forgotten when the right one follows within this many seconds…
const SOON: i64 = 600;
/// …and there were no more than this many wrong ones.
const SLIPS: usize = 2;
/// …and the user gives a machine no more than this many wrong ones over the whole log.
const FEW: usize = 10;
/// Accounts that one address tries within [`WINDOW`] seconds before it counts as guessing.
const STORM: usize = 10;
const WINDOW: i64 = 600;
/// NTSTATUS of a name that is not known, and of a wrong password.
const GUESSED: [u32; 2] = [0xC000_0064, WRONG_PASSWORD];
const WRONG_PASSWORD: u32 = 0xC000_006A;
/// A boot is over, and the network up, within this many seconds.
const BOOT: i64 = 300;

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

/// The events (by their position) that others around them make noise: guesses, typing errors, and what a boot brings with
/// it. `events` stand in the order of time.
pub fn in_passing(events: &[Event]) -> BTreeMap<usize, Noise> {
    let mut noise = BTreeMap::new();
    let mut all = |positions: BTreeSet<usize>, kind| {
        for position in positions {
            noise.entry(position).or_insert(kind);
        }
    };
    let slips = typing_errors(events);
    let guesses = guesses(events);
    let strays = stray_passwords(events, &slips, &guesses);
    all(slips, Noise::TypingError);
    all(guesses, Noise::Guessing);
    all(strays, Noise::StrayPassword);
    all(boot_notices(events), Noise::BootWithoutNetwork);
    noise
}

/// A machine, and an address or a workstation that tried it, in lower case.
pub type Caller = (String, String);

/// Who made a failed logon.
pub fn caller(event: &Event, failure: &LogonFailed) -> Option<Caller> {
    let client = failure.ip.as_ref().or(failure.workstation.as_ref())?;
    Some((event.computer.to_lowercase(), client.to_lowercase()))
}

/// Addresses that failed with the names of many users within minutes: somebody who guesses, or a gateway in front of users.
pub fn many_names(events: &[Event]) -> BTreeSet<Caller> {
    let mut tried: BTreeMap<(Caller, i64), BTreeSet<String>> = BTreeMap::new();
    for event in events {
        let Body::LogonFailed(e) = &event.body else {
            continue;
        };
        if let (Some(3), Some(name), Some(caller)) =
            (e.logon_type, e.target.name.as_deref(), caller(event, e))
        {
            let at = event.time.as_second().div_euclid(WINDOW);
            let users = tried.entry((caller, at)).or_default();
            users.insert(split_name(name).1);
        }
    }
    tried.retain(|_, users| users.len() >= STORM);
    tried.into_keys().map(|(caller, _)| caller).collect()
}

/// The failures of callers who try many names and never get in.
fn guesses(events: &[Event]) -> BTreeSet<usize> {
    let mut callers = many_names(events);
    if callers.is_empty() {
        return BTreeSet::new();
    }
    for event in events {
        if let Body::Logon(e) = &event.body
            && let Some(ip) = &e.ip
        {
            callers.remove(&(event.computer.to_lowercase(), ip.to_lowercase()));
        }
    }
    let is_guess = |event: &Event| match &event.body {
        Body::LogonFailed(e) if e.logon_type == Some(3) => {
            let code = e.sub_status.filter(|s| *s != 0).or(e.status);
            code.is_some_and(|code| GUESSED.contains(&code))
                && caller(event, e).is_some_and(|caller| callers.contains(&caller))
        }
        _ => false,
    };
    let positions = events.iter().enumerate();
    positions
        .filter(|(_, event)| is_guess(event))
        .map(|(position, _)| position)
        .collect()
}

/// The wrong names and passwords of users who gave no more than [`SLIPS`] of them to a machine, where other people get in.
fn stray_passwords(
    events: &[Event],
    slips: &BTreeSet<usize>,
    guesses: &BTreeSet<usize>,
) -> BTreeSet<usize> {
    let mut wrong: BTreeMap<(String, String), Vec<usize>> = BTreeMap::new();
    let mut inside: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (position, event) in events.iter().enumerate() {
        let computer = || event.computer.to_lowercase();
        match &event.body {
            Body::LogonFailed(e)
                if e.logon_type == Some(3)
                    && e.sub_status.is_some_and(|code| GUESSED.contains(&code)) =>
            {
                let told = slips.contains(&position) || guesses.contains(&position);
                if let (false, Some(name)) = (told, &e.target.name) {
                    let key = (computer(), split_name(name).1);
                    wrong.entry(key).or_default().push(position);
                }
            }
            Body::Logon(e) if e.logon_type == Some(3) => {
                let name = e.target.name.as_deref().map(|name| split_name(name).1);
                if let Some(name) = name.filter(|n| !n.ends_with('$') && n != "anonymous logon") {
                    inside.entry(computer()).or_default().insert(name);
                }
            }
            _ => {}
        }
    }
    wrong
        .into_iter()
        .filter(|((computer, user), positions)| {
            let others = inside.get(computer);
            positions.len() <= SLIPS && others.is_some_and(|all| all.iter().any(|o| o != user))
        })
        .flat_map(|(_, positions)| positions)
        .collect()
}

/// NETLOGON 5719 of a machine that started less than [`BOOT`] seconds before.
fn boot_notices(events: &[Event]) -> BTreeSet<usize> {
    let mut booted: BTreeMap<String, i64> = BTreeMap::new();
    let mut notices = BTreeSet::new();
    for (position, event) in events.iter().enumerate() {
        let at = event.time.as_second();
        match &event.body {
            Body::Other(_) if is_boot(event) => {
                booted.insert(event.computer.to_lowercase(), at);
            }
            Body::Netlogon(e) if e.id == 5719 => {
                let boot = booted.get(&event.computer.to_lowercase());
                if boot.is_some_and(|boot| at.saturating_sub(*boot) <= BOOT) {
                    notices.insert(position);
                }
            }
            _ => {}
        }
    }
    notices
}

/// Whether it says that its machine started.
pub(super) fn is_boot(event: &Event) -> bool {
    match &*event.provider {
        "EventLog" => matches!(event.id, 6005 | 6009),
        "Microsoft-Windows-Kernel-General" => event.id == 12,
        _ => false,
    }
}

/// The failures (4625 of type 3) that were typing errors: a wrong password once or twice, and a logon of the same user
/// from the same client on the same machine within minutes. Who does so all the time is a program with an old password.
fn typing_errors(events: &[Event]) -> BTreeSet<usize> {
    let mut pending: BTreeMap<(String, String, Option<String>), Vec<usize>> = BTreeMap::new();
    let mut wrong: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut forgotten: Vec<((String, String), Vec<usize>)> = Vec::new();
    let user = |event: &Event, name: &Option<String>| {
        let sam = split_name(name.as_deref()?).1;
        Some((event.computer.to_lowercase(), sam))
    };
    for (position, event) in events.iter().enumerate() {
        match &event.body {
            Body::LogonFailed(e)
                if e.logon_type == Some(3) && e.sub_status == Some(WRONG_PASSWORD) =>
            {
                if let Some(user) = user(event, &e.target.name) {
                    *wrong.entry(user.clone()).or_default() += 1;
                    let client = caller(event, e).map(|(_, client)| client);
                    let key = (user.0, user.1, client);
                    pending.entry(key).or_default().push(position);
                }
            }
            Body::Logon(e) if e.logon_type == Some(3) && !pending.is_empty() => {
                let Some(user) = user(event, &e.target.name) else {
                    continue;
                };
                let client = e.ip.as_ref().or(e.workstation.as_ref());
                let key = (user.0, user.1, client.map(|client| client.to_lowercase()));
                let Some(slips) = pending.remove(&key) else {
                    continue;
                };
                let soon = |slip: &usize| {
                    let slip = events.get(*slip);
                    slip.is_some_and(|slip| event.time.duration_since(slip.time).as_secs() <= SOON)
                };
                let recent: Vec<usize> = slips.into_iter().filter(soon).collect();
                if recent.len() <= SLIPS {
                    forgotten.push(((key.0, key.1), recent));
                }
            }
            _ => {}
        }
    }
    forgotten.retain(|(user, _)| wrong.get(user).is_none_or(|count| *count <= FEW));
    forgotten.into_iter().flat_map(|(_, slips)| slips).collect()
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
        let mut count = |noise, from: &Citation| count_all(noise, 1, from);
        let passing = in_passing(&self.events);
        let known = self.users_of_the_story();
        for (position, event) in self.events.iter().enumerate() {
            let stranger = || match &event.body {
                Body::PreauthFailed(e) if e.status == Some(0x18) => {
                    let name = split_name(e.target.name.as_deref()?).1;
                    (!known.contains(&name)).then_some(Noise::PasswordOfAnotherUser)
                }
                _ => None,
            };
            let passed = passing.get(&position).copied();
            if let Some(noise) = Noise::of(event).or(passed).or_else(stranger) {
                count(noise, &event.citation);
            }
        }
        for ticket in &self.tickets {
            if is_cloud_name(ticket.spn.as_str()) {
                count(Noise::CloudSignIn, &ticket.ticket.from);
            }
        }
        counted.into_values().collect()
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
