//! Symptoms: failures and silent fall-backs, grouped by what failed, with ordinary noise left out.
//!
//! Which event is a failure, and of what, is decided in `sighting`; what is noise in `noise`.

mod logged;
mod passed_on;
mod rate;
mod sighting;
mod sole_name;
#[cfg(test)]
mod tests;
mod traced;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rayon::prelude::*;

use super::Case;
use super::host::HostId;
use super::requests::LoggedSiteId;
use crate::evidence::{Certainty, Citation};
use crate::readers::events::{Body, Event, KeyMismatch};
pub use logged::Spread;
use passed_on::{channel_failures, passed_on};
pub use rate::{Pace, Stretch, Turn};
use sighting::{Sighting, Writer, attempt, own_addresses, second_hop, sight, web_name};
use sole_name::SoleNames;

/// The number of a symptom in its case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SymptomId(pub usize);

/// What kind of failure, and what it is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SymptomKind {
    /// Clients were told that the server cannot open the ticket for this SPN (key of [`Spn::key`](super::Spn::key)).
    KeyMismatch(String),
    /// The KDC answered that nobody (0x7) or more than one (0x8) holds this SPN.
    PrincipalUnknown(String),
    /// The KDC refused a ticket for this SPN with this error.
    KerberosError(String, u32),
    /// A ticket for this other realm (lower case) was refused with this Kerberos error: the trust was not crossed.
    ReferralFailed(String, u32),
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
    /// This web server refused a token with this HRESULT of SSPI, one with a ticket for this SPN where there was one.
    TokenRefused {
        /// The host.
        host: HostId,
        /// HRESULT.
        code: u32,
        /// Key of the SPN.
        spn: Option<String>,
    },
    /// A call of this web server to another machine in the name of a user failed: the front end let the user in.
    SecondHop {
        /// The web server, where it is known.
        front: Option<HostId>,
        /// Key of the SPN that a ticket was asked for, or the name of the back end.
        target: String,
        /// The Kerberos error of the KDC; `None` where the back end saw nobody.
        code: Option<u32>,
    },
    /// The LSA blocked a logon to a name of its own machine (LsaSrv 6037).
    Loopback(HostId, String),
    /// This host refused a ticket of another boot of itself, or of its clone (LsaSrv 6167).
    ForeignTicket(HostId),
    /// An application pool of this host did not start or was disabled (WAS).
    PoolDown(HostId, String),
    /// The account of a service or batch logon was refused on this host, with this status.
    ServiceLogonFailed(HostId, String, u32),
    /// NTLM was blocked by a policy or a setting on this host, towards this SPN where a client named it.
    NtlmBlocked(HostId, Option<String>),
    /// The secure channel of this host failed.
    SecureChannel(HostId),
    /// NTLM logons that this host passed on timed out before a domain controller was asked (NETLOGON 5816, 5817).
    NtlmTimeouts(HostId),
    /// Kerberos refused because of the clock (0x25, Kerberos 5, C0000133) on this host.
    ClockSkew(HostId),
    /// A managed service account's password could not be fetched on this host.
    ManagedPassword(HostId, String),
    /// http.sys could not initialise a security package on this host.
    SecurityPackage(HostId),
    /// The log of a site shows sign-ins that failed with this status.
    SignInFailed {
        /// The site.
        site: LoggedSiteId,
        /// Sub-status of 401, where the log has it.
        sub_status: Option<u16>,
        /// `sc-win32-status`, where the log has it.
        win32: Option<u32>,
        /// True when the address is the server's own.
        own_address: bool,
    },
    /// The log of a site shows users who signed in, or needed not to, and were refused with this sub-status of 401.
    AccessRefused(LoggedSiteId, u16),
    /// The log of a site shows users who signed in and were refused with 401, and has no sub-status that says why.
    RefusedUntold(LoggedSiteId),
    /// The log of a site shows requests that were refused for their address, with this sub-status of 403.
    AddressRefused(LoggedSiteId, u16),
    /// A failed-request trace of this host, whose logs are not in the bundle, shows a user who signed in and was refused with
    /// this sub-status of 401.
    TracedRefusal(HostId, u16),
    /// The log of a site shows requests that were sent to a login page.
    LoginPages(LoggedSiteId),
    /// The log of a site shows preflights that were answered with the challenge, of browsers that never come back.
    PreflightsRefused(LoggedSiteId),
    /// The log of a site shows 500 with this sub-status: the configuration does not fit the integrated pipeline.
    PipelineRefused(LoggedSiteId, u16),
    /// Kerberos on this host made a token that the program's buffer could not hold (Kerberos 6).
    TokenTooLarge(HostId),
    /// The LSA of this host could not build a token for an account with too many groups (LsaSrv 6035).
    TooManyGroups(HostId),
    /// A recorded request was answered with this status by something else than IIS.
    AnsweredOnTheWay(u16),
    /// By the legs in the log of a site, users signed in by NTLM.
    NtlmByLegs(LoggedSiteId),
    /// The log of a site shows first tokens that no second one follows, of callers who never sign in.
    TokensAlone(LoggedSiteId),
    /// The log of a site shows challenges, and nobody who ever answers one.
    NobodySignsIn(LoggedSiteId),
    /// The log of a site shows 500.19, with this Win32 status.
    ConfigUnreadable(LoggedSiteId, Option<u32>),
    /// http.sys on this host refused requests for their length, for this reason (`FieldLength`, `RequestLength`).
    HeaderTooLong(Option<HostId>, String),
    /// http.sys on this host answered 503 for this application pool, for this reason.
    PoolRefuses(Option<HostId>, String, String),
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
    /// How sure the times are.
    pub certainty: Certainty,
    /// Accounts concerned.
    pub principals: BTreeSet<String>,
    /// Client addresses or machines.
    pub clients: BTreeSet<String>,
    /// The first few and the last of the records.
    pub from: Vec<Citation>,
    /// Where failures in logs of requests gather; empty for others.
    pub spread: Spread,
    /// When they came, hour by hour.
    pub pace: Pace,
    /// How they began, where times and the span of the sources are known.
    pub turn: Option<Turn>,
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
            certainty: Certainty::Exact,
            principals: BTreeSet::new(),
            clients: BTreeSet::new(),
            from: Vec::new(),
            spread: Spread::default(),
            pace: Pace::default(),
            turn: None,
        }
    }

    /// The SPN it is about, where it is about one.
    pub fn spn(&self) -> Option<&str> {
        match &self.kind {
            SymptomKind::KeyMismatch(spn)
            | SymptomKind::PrincipalUnknown(spn)
            | SymptomKind::KerberosError(spn, _)
            | SymptomKind::NtlmForName(spn, _) => Some(spn),
            SymptomKind::TokenRefused { spn, .. } | SymptomKind::NtlmBlocked(_, spn) => {
                spn.as_deref()
            }
            _ => None,
        }
    }

    /// The host it was seen on, where that is part of the kind.
    pub fn host(&self) -> Option<HostId> {
        match &self.kind {
            SymptomKind::NtlmLogons(host)
            | SymptomKind::LogonFailed { host, .. }
            | SymptomKind::TokenRefused { host, .. }
            | SymptomKind::Loopback(host, _)
            | SymptomKind::PoolDown(host, _)
            | SymptomKind::ServiceLogonFailed(host, _, _)
            | SymptomKind::NtlmBlocked(host, _)
            | SymptomKind::SecureChannel(host)
            | SymptomKind::NtlmTimeouts(host)
            | SymptomKind::ClockSkew(host)
            | SymptomKind::ManagedPassword(host, _)
            | SymptomKind::TracedRefusal(host, _)
            | SymptomKind::TokenTooLarge(host)
            | SymptomKind::TooManyGroups(host)
            | SymptomKind::ForeignTicket(host)
            | SymptomKind::SecurityPackage(host) => Some(*host),
            SymptomKind::HeaderTooLong(host, _)
            | SymptomKind::PoolRefuses(host, _, _)
            | SymptomKind::SecondHop { front: host, .. } => *host,
            _ => None,
        }
    }

    /// The site whose log shows it, where a log of requests does.
    pub fn logged_site(&self) -> Option<LoggedSiteId> {
        match &self.kind {
            SymptomKind::SignInFailed { site, .. }
            | SymptomKind::AccessRefused(site, _)
            | SymptomKind::RefusedUntold(site)
            | SymptomKind::AddressRefused(site, _)
            | SymptomKind::LoginPages(site)
            | SymptomKind::PreflightsRefused(site)
            | SymptomKind::PipelineRefused(site, _)
            | SymptomKind::NtlmByLegs(site)
            | SymptomKind::TokensAlone(site)
            | SymptomKind::NobodySignsIn(site)
            | SymptomKind::ConfigUnreadable(site, _) => Some(*site),
            _ => None,
        }
    }

    /// Whether users were refused, and not merely moved to NTLM.
    pub fn is_failure(&self) -> bool {
        !matches!(
            self.kind,
            SymptomKind::NtlmForName(..)
                | SymptomKind::NtlmLogons(_)
                | SymptomKind::NtlmByLegs(_)
                | SymptomKind::PrincipalUnknown(_)
        )
    }
}

/// The symptoms of a case, in the order of their kinds.
pub(super) fn collect<'a>(case: &'a Case) -> Vec<Symptom> {
    let mut groups: BTreeMap<SymptomKind, Symptom> = BTreeMap::new();
    // The KDC and its client both write of one refusal: the fuller of the two accounts counts, not their sum.
    let mut by_kdc: BTreeMap<(SymptomKind, Writer), (u64, Pace)> = BTreeMap::new();
    let own = own_addresses(case);
    let names = SoleNames::of(case);
    let hops: BTreeSet<usize> = case.hops.iter().map(|hop| hop.event).collect();
    let seen: Vec<(&Event, Sighting<'a>)> = (case.events.par_iter().enumerate())
        .filter(|(position, _)| case.passing.of(*position).is_none() && !hops.contains(position))
        .filter_map(|(_, event)| Some((event, sight(event, &case.hosts, &own, &names)?)))
        .collect();
    let (placed, unplaced): (Vec<_>, Vec<_>) =
        (seen.into_iter()).partition(|(event, _)| case.hosts.find(&event.computer).is_some());
    let from_attempts = case.attempts.iter().filter_map(attempt);
    let mut count = |sighting: Sighting<'a>, groups: &mut BTreeMap<SymptomKind, Symptom>| {
        if sighting.by != Writer::Peer {
            let writer = (sighting.kind.clone(), sighting.by);
            let (count, pace) = by_kdc.entry(writer).or_default();
            *count += sighting.total();
            sighting.count_in(pace);
        }
        add(groups, sighting);
    };
    let second_hops = case.hops.iter().filter_map(|hop| second_hop(case, hop));
    let others = from_attempts
        .chain(passed_on(case))
        .chain(channel_failures(case))
        .chain(second_hops);
    let placed = placed.into_iter().map(|(_, sighting)| sighting);
    for sighting in placed.chain(others) {
        count(sighting, &mut groups);
    }
    // Events of nobody known may be the same ones once more: they count for what no other tells.
    let told: BTreeSet<SymptomKind> = groups.keys().cloned().collect();
    let unplaced = unplaced.into_iter().map(|(_, sighting)| sighting);
    for sighting in unplaced.filter(|sighting| !told.contains(&sighting.kind)) {
        count(sighting, &mut groups);
    }
    // Where no client tells of it, how it came over time is what the KDC shows.
    let alone: BTreeSet<SymptomKind> = (groups.values().filter(|group| group.count == 0))
        .map(|group| group.kind.clone())
        .collect();
    for ((kind, _), (count, pace)) in by_kdc {
        if let Some(group) = groups.get_mut(&kind) {
            if alone.contains(&kind) && count > group.count {
                group.pace = pace;
            }
            group.count = group.count.max(count);
        }
    }
    for sighting in traced::sightings(case, &groups) {
        add(&mut groups, sighting);
    }
    let mut symptoms: Vec<Symptom> = groups.into_values().collect();
    symptoms.extend(logged::collect(case, &own));
    for symptom in &mut symptoms {
        symptom.turn = case.turn_of(symptom);
    }
    symptoms
}

/// Adds what was seen to its group. What the KDC wrote is counted apart.
fn add(groups: &mut BTreeMap<SymptomKind, Symptom>, sighting: Sighting<'_>) {
    let group = groups
        .entry(sighting.kind.clone())
        .or_insert_with(|| Symptom::new(sighting.kind.clone()));
    if sighting.by == Writer::Peer {
        group.count = group.count.saturating_add(sighting.total());
        sighting.count_in(&mut group.pace);
    }
    group.first = earlier(group.first, sighting.time);
    group.last = sighting.last().max(group.last);
    group.certainty = sighting.certainty.max(group.certainty);
    group.principals.extend(sighting.principal);
    group.clients.extend(sighting.client);
    if group.from.len() < KEPT {
        group.from.push(sighting.from.clone());
    } else if let Some(last) = group.from.last_mut() {
        *last = sighting.from.clone();
    }
}

fn earlier(a: Option<Timestamp>, b: Option<Timestamp>) -> Option<Timestamp> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
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
