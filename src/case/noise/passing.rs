//! What events are in passing, by others around them: guesses, typing errors, and what a boot brings with it.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use foldhash::fast::RandomState;
use jiff::Timestamp;

use super::Noise;
use crate::case::account::split_name;
use crate::readers::events::{Body, Event, Logon, LogonFailed, Principal};

/// A wrong password is forgotten when the right one follows within this many seconds…
const SOON: i64 = 600;
/// …and there were no more than this many wrong ones.
const SLIPS: usize = 2;
/// …and the user gives a machine no more than this many wrong ones over the whole log.
const FEW: u64 = 10;
/// Accounts that one address tries within [`WINDOW`] seconds before it counts as guessing.
const STORM: usize = 10;
const WINDOW: i64 = 600;
/// NTSTATUS of a name that is not known, and of a wrong password.
const GUESSED: [u32; 2] = [0xC000_0064, WRONG_PASSWORD];
const WRONG_PASSWORD: u32 = 0xC000_006A;
/// KRB_AP_ERR_SKEW.
const SKEW: u32 = 0x25;
/// A boot is over, and the network up, within this many seconds.
const BOOT: i64 = 300;

/// A machine, and an address or a workstation that tried it, in lower case.
type Caller = (Arc<str>, String);
/// A machine, and the account name of a user, in lower case.
type User = (Arc<str>, Arc<str>);

/// The events that others around them make noise, and who guesses.
#[derive(Debug, Default)]
pub struct Passing {
    noise: BTreeMap<usize, Noise>,
    guessers: BTreeSet<Caller>,
}

impl Passing {
    /// Of the events of a case, in the order of time.
    pub(in crate::case) fn new(events: &[Event]) -> Self {
        let events = Events::new(events);
        let (guessers, slips) = rayon::join(|| many_names(&events), || typing_errors(&events));
        let guesses = guesses(&events, &guessers);
        let strays = stray_passwords(&events, &slips, &guesses);
        let mut noise = BTreeMap::new();
        for (positions, kind) in [
            (slips, Noise::TypingError),
            (guesses, Noise::Guessing),
            (strays, Noise::StrayPassword),
            (boot_notices(&events), Noise::BootWithoutNetwork),
            (corrected_clock(&events), Noise::ClockCorrected),
        ] {
            for position in positions {
                noise.entry(position).or_insert(kind);
            }
        }
        Self { noise, guessers }
    }

    /// The noise that the event at this position is, because of others around it.
    pub fn of(&self, position: usize) -> Option<Noise> {
        self.noise.get(&position).copied()
    }

    /// Whether a failed logon is one of a caller that failed with the names of many users within minutes: somebody who guesses,
    /// or a gateway in front of users.
    pub fn is_of_many_names(&self, event: &Event, failure: &LogonFailed) -> bool {
        let client = || Some((event.computer.to_lowercase().into(), client(failure)?));
        !self.guessers.is_empty() && client().is_some_and(|caller| self.guessers.contains(&caller))
    }
}

/// Who made a failed logon, in lower case.
fn client(failure: &LogonFailed) -> Option<String> {
    let client = failure.ip.as_ref().or(failure.workstation.as_ref())?;
    Some(client.to_lowercase())
}

/// The events, each with its machine in lower case.
struct Events<'a> {
    all: Vec<(Arc<str>, &'a Event)>,
    /// Account names without their domain, in lower case, by how they are spelled.
    users: HashMap<&'a str, Arc<str>, RandomState>,
}

impl<'a> Events<'a> {
    fn new(events: &'a [Event]) -> Self {
        let mut spelled: BTreeMap<&str, Arc<str>> = BTreeMap::new();
        let mut users = HashMap::with_hasher(RandomState::default());
        let with_machine = |event: &'a Event| {
            if let Body::Logon(Logon { target, .. }) | Body::LogonFailed(LogonFailed { target, .. }) =
                &event.body
                && let Some(name) = target.name.as_deref()
            {
                let user = || split_name(name).1.into();
                users.entry(name).or_insert_with(user);
            }
            let machine = spelled
                .entry(&event.computer)
                .or_insert_with(|| event.computer.to_lowercase().into());
            (machine.clone(), event)
        };
        Self {
            all: events.iter().map(with_machine).collect(),
            users,
        }
    }

    /// Each with its position.
    fn iter(&self) -> impl Iterator<Item = (usize, &Arc<str>, &'a Event)> {
        let each = self.all.iter().enumerate();
        each.map(|(position, (machine, event))| (position, machine, *event))
    }

    /// Logons over the network that failed.
    fn failures(&self) -> impl Iterator<Item = (usize, &Arc<str>, &'a Event, &'a LogonFailed)> {
        self.iter()
            .filter_map(|(position, machine, event)| match &event.body {
                Body::LogonFailed(e) if e.logon_type == Some(3) => {
                    Some((position, machine, event, e))
                }
                _ => None,
            })
    }

    /// Logons over the network.
    fn logons(&self) -> impl Iterator<Item = (usize, &Arc<str>, &'a Event, &'a Logon)> {
        self.iter()
            .filter_map(|(position, machine, event)| match &event.body {
                Body::Logon(e) if e.logon_type == Some(3) => Some((position, machine, event, e)),
                _ => None,
            })
    }

    /// The account name without its domain, in lower case.
    fn user(&self, target: &Principal) -> Option<Arc<str>> {
        self.users.get(target.name.as_deref()?).cloned()
    }
}

/// Addresses that failed with the names of many users within minutes.
fn many_names(events: &Events<'_>) -> BTreeSet<Caller> {
    let mut tried: BTreeMap<(Caller, i64), BTreeSet<Arc<str>>> = BTreeMap::new();
    for (_, machine, event, e) in events.failures() {
        if let (Some(name), Some(client)) = (events.user(&e.target), client(e)) {
            let caller = (machine.clone(), client);
            let mut windows: Vec<i64> = (event.times())
                .map(|time| time.as_second().div_euclid(WINDOW))
                .collect();
            windows.dedup();
            for window in windows {
                let users = tried.entry((caller.clone(), window)).or_default();
                users.insert(name.clone());
            }
        }
    }
    tried.retain(|_, users| users.len() >= STORM);
    tried.into_keys().map(|(caller, _)| caller).collect()
}

/// The failures of callers who try many names and never get in.
fn guesses(events: &Events<'_>, many_names: &BTreeSet<Caller>) -> BTreeSet<usize> {
    let mut callers = many_names.clone();
    if callers.is_empty() {
        return BTreeSet::new();
    }
    for (_, machine, event) in events.iter() {
        if let Body::Logon(e) = &event.body
            && let Some(ip) = &e.ip
        {
            callers.remove(&(machine.clone(), ip.to_lowercase()));
        }
    }
    let is_guess = |machine: &Arc<str>, e: &LogonFailed| {
        let code = e.sub_status.filter(|s| *s != 0).or(e.status);
        code.is_some_and(|code| GUESSED.contains(&code))
            && client(e).is_some_and(|client| callers.contains(&(machine.clone(), client)))
    };
    let guesses = events
        .failures()
        .filter(|(_, machine, _, e)| is_guess(machine, e));
    guesses.map(|(position, ..)| position).collect()
}

/// The wrong names and passwords of users who gave no more than [`SLIPS`] of them to a machine, where other people get in.
fn stray_passwords(
    events: &Events<'_>,
    slips: &BTreeSet<usize>,
    guesses: &BTreeSet<usize>,
) -> BTreeSet<usize> {
    let mut wrong: BTreeMap<User, (u64, Vec<usize>)> = BTreeMap::new();
    for (position, machine, event, e) in events.failures() {
        let told = slips.contains(&position) || guesses.contains(&position);
        let is_wrong = e.sub_status.is_some_and(|code| GUESSED.contains(&code));
        if let (true, false, Some(name)) = (is_wrong, told, events.user(&e.target)) {
            let (count, positions) = wrong.entry((machine.clone(), name)).or_default();
            *count += event.count();
            positions.push(position);
        }
    }
    wrong.retain(|_, (count, _)| *count <= SLIPS as u64);
    if wrong.is_empty() {
        return BTreeSet::new();
    }
    // Two of those who get in are enough: one of them is another one.
    let mut inside: BTreeMap<&Arc<str>, BTreeSet<Arc<str>>> = BTreeMap::new();
    for (_, machine, _, e) in events.logons() {
        let names = inside.entry(machine).or_default();
        if names.len() < 2
            && let Some(name) = events.user(&e.target)
            && !name.ends_with('$')
            && *name != *"anonymous logon"
        {
            names.insert(name);
        }
    }
    let others = |(machine, user): &User| {
        let names = inside.get(machine);
        names.is_some_and(|names| names.iter().any(|name| name != user))
    };
    wrong.retain(|user, _| others(user));
    wrong
        .into_values()
        .flat_map(|(_, positions)| positions)
        .collect()
}

/// NETLOGON 5719 of a machine that started less than [`BOOT`] seconds before.
fn boot_notices(events: &Events<'_>) -> BTreeSet<usize> {
    let mut booted: BTreeMap<&Arc<str>, i64> = BTreeMap::new();
    let mut notices = BTreeSet::new();
    for (position, machine, event) in events.iter() {
        let at = event.time.as_second();
        match &event.body {
            Body::Other(_) if is_boot(event) => {
                booted.insert(machine, at);
            }
            // Of those that are folded nobody knows whether each came with a boot.
            Body::Netlogon(e) if e.id == 5719 && event.folded.is_empty() => {
                let boot = booted.get(machine);
                if boot.is_some_and(|boot| at.saturating_sub(*boot) <= BOOT) {
                    notices.insert(position);
                }
            }
            _ => {}
        }
    }
    notices
}

/// The one answer of the whole bundle that speaks of a clock, where it is for a first ticket, where users come by Kerberos
/// after it, and nobody is refused or comes by NTLM: the client took over the domain controller's time.
fn corrected_clock(events: &Events<'_>) -> BTreeSet<usize> {
    let mut skewed = events.iter().filter(|(.., event)| is_skew(event));
    let (Some((position, _, event)), None) = (skewed.next(), skewed.next()) else {
        return BTreeSet::new();
    };
    let for_first = match &event.body {
        Body::KerberosError(e) => {
            let target = e.target_name.as_deref().or(e.server_name.as_deref());
            target.is_some_and(|name| name.to_lowercase().starts_with("krbtgt/"))
        }
        _ => false,
    };
    let after = |other: &Event| other.times().any(|time| time >= event.time);
    let is_person = |e: &Logon| e.target.name.as_deref().is_some_and(|n| !n.ends_with('$'));
    let came = |by: fn(&Logon) -> bool| {
        let mut logons = events.logons();
        logons.any(|(_, _, logon, e)| is_person(e) && by(e) && after(logon))
    };
    let refused = || events.failures().any(|(_, _, failure, _)| after(failure));
    let alone = for_first && event.folded.is_empty();
    let corrected = alone && came(Logon::is_kerberos) && !came(Logon::is_ntlm) && !refused();
    corrected.then_some(position).into_iter().collect()
}

/// Whether it is an answer of Kerberos that two clocks are too far apart.
fn is_skew(event: &Event) -> bool {
    match &event.body {
        Body::KerberosError(e) => e.code == Some(SKEW),
        Body::Kerberos(e) => e.id == 5 && !e.operational,
        Body::ServiceTicketRequest(e) => e.status == Some(SKEW),
        Body::TgtRequest(e) => e.status == Some(SKEW),
        Body::PreauthFailed(e) => e.status == Some(SKEW),
        _ => false,
    }
}

/// Whether it says that its machine started.
pub(in crate::case) fn is_boot(event: &Event) -> bool {
    match &*event.provider {
        "EventLog" => matches!(event.id, 6005 | 6009),
        "Microsoft-Windows-Kernel-General" => event.id == 12,
        _ => false,
    }
}

/// A wrong password, and the first logon of the same user from the same client after it.
struct Slip {
    position: usize,
    time: Timestamp,
    client: Option<String>,
    then: Option<(Timestamp, usize)>,
}

/// The failures (4625 of type 3) that were typing errors: a wrong password once or twice, and a logon of the same user
/// from the same client on the same machine within minutes. Who does so all the time is a program with an old password.
fn typing_errors(events: &Events<'_>) -> BTreeSet<usize> {
    let mut wrong: BTreeMap<User, (u64, Vec<Slip>)> = BTreeMap::new();
    for (position, machine, event, e) in events.failures() {
        if e.sub_status == Some(WRONG_PASSWORD)
            && let Some(name) = events.user(&e.target)
        {
            let (count, slips) = wrong.entry((machine.clone(), name)).or_default();
            *count += event.count();
            if *count <= FEW {
                slips.push(Slip {
                    position,
                    time: event.time,
                    client: client(e),
                    then: None,
                });
            }
        }
    }
    wrong.retain(|_, (count, _)| *count <= FEW);
    let machines: BTreeSet<Arc<str>> = wrong.keys().map(|(machine, _)| machine.clone()).collect();
    for (position, machine, event, e) in events.logons() {
        if !machines.contains(machine) {
            continue;
        }
        let Some(user) = events.user(&e.target) else {
            continue;
        };
        let Some((_, slips)) = wrong.get_mut(&(machine.clone(), user)) else {
            continue;
        };
        let client = e.ip.as_ref().or(e.workstation.as_ref());
        let client = client.map(|client| client.to_lowercase());
        for slip in slips.iter_mut().filter(|slip| slip.client == client) {
            let after = |logon: &(Timestamp, usize)| *logon > (slip.time, slip.position);
            let first = event
                .times()
                .map(|time| (time, position))
                .filter(after)
                .min();
            slip.then = match (slip.then, first) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
        }
    }
    let mut forgotten = BTreeSet::new();
    for (_, slips) in wrong.into_values() {
        let mut by_logon: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for slip in slips {
            if let Some(then) = slip.then
                && then.0.duration_since(slip.time).as_secs() <= SOON
            {
                by_logon.entry(then).or_default().push(slip.position);
            }
        }
        let few = by_logon.into_values().filter(|slips| slips.len() <= SLIPS);
        forgotten.extend(few.flatten());
    }
    forgotten
}
