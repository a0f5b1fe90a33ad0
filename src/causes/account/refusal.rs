//! Users whom the logs show to be refused for one reason, one entry a user: what the web servers wrote, what other
//! machines wrote, what the domain controllers say of the same user, and whether the user got in afterwards.
//!
//! Left out are computer accounts, pool identities (their failures are causes of the group POOL) and typing errors.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::users::User;
use crate::case::{Case, HostId, Noise, PoolIdentity, Role, Sameness};
use crate::causes::Scene;
use crate::evidence::{Citation, Known};
use crate::readers::directory::AccountState;
use crate::readers::events::{AccountChanged, Body, Event, LogonFailed};

/// Why a user is refused, and how each log spells it.
pub(super) struct Reason {
    /// NTSTATUS values in 4625 and 4776.
    pub(super) statuses: &'static [u32],
    /// Kerberos errors in 4768 and 4771 that say it alone.
    pub(super) kerberos: &'static [u32],
    /// Kerberos errors that other reasons give too.
    pub(super) shared: &'static [u32],
    /// Whether a change put the account into the state that is refused.
    pub(super) begins: fn(&AccountChanged) -> bool,
    /// Whether a change took it out again.
    pub(super) ends: fn(&AccountChanged) -> bool,
    /// Whether a listing of the directory shows an account in the state that was refused at a time.
    pub(super) listed: fn(&AccountState, Timestamp) -> Known<bool>,
    /// Whether somebody who guesses passwords causes it.
    pub(super) by_guessing: bool,
}

/// Events of one kind about one user.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// How many.
    pub(super) count: u64,
    /// When first and last.
    pub(super) span: Option<(Timestamp, Timestamp)>,
    /// Machines that wrote them.
    pub(super) hosts: BTreeSet<HostId>,
    /// Addresses or names of the clients.
    pub(super) clients: BTreeSet<String>,
    /// The first few and the last.
    pub(super) from: Vec<Citation>,
}

/// A user who was refused.
#[derive(Debug)]
pub(super) struct Refused {
    /// Who.
    pub(super) user: User,
    /// 4625 of type 3 on web servers.
    pub(super) web: Seen,
    /// 4625 of type 3 where nothing shows a web server.
    pub(super) elsewhere: Seen,
    /// What a domain controller says, in words that mean this reason alone.
    pub(super) kdc: Seen,
    /// What a domain controller says, in words that mean other reasons too.
    pub(super) fits: Seen,
    /// Changes that put the account into its state.
    pub(super) changed: Seen,
    /// Whether the user was logged on to that web server before.
    pub(super) got_in_before: bool,
    /// How many of the refusals came from an address that tried many users.
    pub(super) guessed: u64,
    /// How many of the refusals are one or two wrong passwords where others get in.
    pub(super) stray: u64,
    /// What ended it after the last refusal: a logon, or a change of the account.
    pub(super) ended: Option<Citation>,
    /// Whether a listing of the directory, made after the failures, shows the account in this state.
    pub(super) listed: Known<bool>,
}

/// Citations kept of one kind of event.
const KEPT: usize = 3;
/// Addresses from which one user is tried before that counts as guessing.
const STORM: usize = 10;

impl Seen {
    fn add(&mut self, event: &Event, host: HostId, client: Option<&String>) {
        self.count += event.count();
        for time in event.times() {
            let (first, last) = self.span.unwrap_or((time, time));
            self.span = Some((first.min(time), last.max(time)));
        }
        self.hosts.insert(host);
        if let Some(client) = client.filter(|client| !self.clients.contains(*client)) {
            self.clients.insert(client.clone());
        }
        if self.from.len() < KEPT {
            self.from.push(event.citation.clone());
        } else if let Some(last) = self.from.last_mut() {
            *last = event.citation.clone();
        }
    }
}

impl Refused {
    fn new(user: User) -> Self {
        Self {
            user,
            web: Seen::default(),
            elsewhere: Seen::default(),
            kdc: Seen::default(),
            fits: Seen::default(),
            changed: Seen::default(),
            got_in_before: false,
            guessed: 0,
            stray: 0,
            ended: None,
            listed: Known::Unknown,
        }
    }

    /// When the user was refused last, as far as the events show.
    fn last(&self) -> Option<Timestamp> {
        let all = [&self.web, &self.elsewhere, &self.kdc, &self.fits];
        all.into_iter().filter_map(|seen| Some(seen.span?.1)).max()
    }

    /// Refusals on machines of the bundle.
    pub(super) fn refusals(&self) -> u64 {
        self.web.count.saturating_add(self.elsewhere.count)
    }

    /// Whether the refusals look like somebody guessing: all from an address that tried many users, or from many addresses.
    pub(super) fn is_guessing(&self) -> bool {
        let clients = self.web.clients.len().max(self.elsewhere.clients.len());
        (self.guessed > 0 && self.guessed == self.refusals()) || clients >= STORM
    }
}

/// The status of a failed logon that says the most.
pub(super) fn code(failure: &LogonFailed) -> Option<u32> {
    failure.sub_status.filter(|s| *s != 0).or(failure.status)
}

/// Everybody whom the logs show in connection with a reason, in the order of the events.
pub(super) fn refused(scene: &Scene<'_>, reason: &Reason) -> Vec<Refused> {
    let case = scene.case;
    let mut roll = Roll::of(case);
    for (position, event) in case.events.iter().enumerate() {
        let Some(user) = scene.users.at(position) else {
            continue;
        };
        match &event.body {
            Body::LogonFailed(e)
                if e.logon_type == Some(3)
                    && code(e).is_some_and(|c| reason.statuses.contains(&c))
                    && case.passing.of(position) != Some(Noise::TypingError) =>
            {
                let Some(host) = case.hosts.find(&event.computer) else {
                    continue;
                };
                let guess = reason.by_guessing && case.passing.is_of_many_names(event, e);
                let stray = case.passing.of(position) == Some(Noise::StrayPassword);
                let by_worker =
                    (e.process.as_deref()).is_none_or(|p| p.to_lowercase().ends_with("w3wp.exe"));
                let web = case.hosts.get(host).roles.contains(&Role::WebServer)
                    && by_worker
                    && case.may_ask_for_windows_logons(host);
                if let Some(entry) = roll.entry(user) {
                    entry.got_in_before |= scene.users.was_in_before(position, host, &entry.user);
                    let seen = if web {
                        &mut entry.web
                    } else {
                        &mut entry.elsewhere
                    };
                    seen.add(event, host, e.ip.as_ref().or(e.workstation.as_ref()));
                    entry.guessed += event.count() * u64::from(guess);
                    entry.stray += event.count() * u64::from(stray);
                    entry.ended = None;
                }
            }
            Body::NtlmValidation(e) if e.status.is_some_and(|s| reason.statuses.contains(&s)) => {
                roll.note(user, event, e.workstation.as_ref(), |r| &mut r.kdc);
            }
            Body::TgtRequest(e) => roll.kerberos(reason, e.status, user, event, e.ip.as_ref()),
            Body::PreauthFailed(e) => {
                roll.kerberos(reason, e.status, user, event, e.ip.as_ref());
            }
            Body::AccountChanged(e) if (reason.begins)(e) => {
                roll.note(user, event, e.caller_computer.as_ref(), |r| &mut r.changed);
            }
            Body::AccountChanged(e) if (reason.ends)(e) => roll.end_if(user, event, |_| true),
            Body::Logon(e) if e.logon_type == Some(3) => {
                roll.end_if(user, event, |r| {
                    let host = case.hosts.find(&event.computer);
                    host.is_some_and(|host| r.web.hosts.contains(&host))
                });
            }
            _ => {}
        }
    }
    for entry in &mut roll.list {
        if let Some(at) = entry.last() {
            let (name, domain) = (&entry.user.sam, entry.user.domain.as_deref());
            entry.listed = case.listed_state(name, domain, |state| (reason.listed)(state, at));
        }
    }
    roll.list
}

/// Users by name, in the order in which they were met.
struct Roll<'a> {
    case: &'a Case,
    pools: BTreeSet<String>,
    list: Vec<Refused>,
    by_sam: BTreeMap<String, Vec<usize>>,
}

impl<'a> Roll<'a> {
    fn of(case: &'a Case) -> Self {
        let pools =
            case.situation
                .endpoints
                .iter()
                .filter_map(|e| match &e.pool.as_ref()?.identity {
                    PoolIdentity::Domain(id) | PoolIdentity::Managed(id) => {
                        case.accounts.get(*id).sam.clone()
                    }
                    _ => None,
                });
        Self {
            case,
            pools: pools.collect(),
            list: Vec::new(),
            by_sam: BTreeMap::new(),
        }
    }

    /// Where a user stands; `None` when not there yet. A name without a domain is that of the only user of this name who may
    /// be of the domain that wrote of it.
    fn find(&self, user: &User) -> Option<usize> {
        let home_of = |i: &usize| self.list.get(*i).and_then(|r| r.user.home());
        let accounts = &self.case.accounts;
        let is_other = |i: &usize| {
            let (one, other) = (home_of(i), user.home());
            one.is_some()
                && other.is_some()
                && accounts.same_domain(one, other) == Sameness::Different
        };
        let of_name = self.by_sam.get(&user.sam)?.iter().copied();
        let candidates: Vec<usize> = of_name.filter(|i| !is_other(i)).collect();
        let domain_of = |i: &usize| self.list.get(*i).and_then(|r| r.user.domain.as_deref());
        let domain = user.domain.as_deref();
        let equal = candidates.iter().find(|i| domain_of(i) == domain);
        let same =
            |i: &&usize| self.case.accounts.same_domain(domain_of(i), domain) == Sameness::Same;
        let only = || match candidates.as_slice() {
            [one] if domain.is_none() || domain_of(one).is_none() => Some(one),
            _ => None,
        };
        equal
            .or_else(|| candidates.iter().find(same))
            .or_else(only)
            .copied()
    }

    /// The entry of a user, a new one where there is none; `None` for the identity of a pool.
    fn entry(&mut self, user: &User) -> Option<&mut Refused> {
        if self.pools.contains(&user.sam) {
            return None;
        }
        let at = match self.find(user) {
            Some(at) => at,
            None => {
                self.list.push(Refused::new(user.clone()));
                let at = self.list.len() - 1;
                self.by_sam.entry(user.sam.clone()).or_default().push(at);
                at
            }
        };
        let entry = self.list.get_mut(at)?;
        // People know a domain by its NetBIOS name; the events of tickets name the realm.
        let rank = |u: &User| match u.domain.as_deref() {
            None => 0,
            Some(realm) if realm.contains('.') => 1,
            Some(_) => 2,
        };
        if rank(user) > rank(&entry.user) {
            entry.user = user.clone();
        }
        Some(entry)
    }

    fn note(
        &mut self,
        user: &User,
        event: &Event,
        client: Option<&String>,
        pick: impl FnOnce(&mut Refused) -> &mut Seen,
    ) {
        let host = self.case.hosts.find(&event.computer);
        if let (Some(host), Some(entry)) = (host, self.entry(user)) {
            pick(entry).add(event, host, client);
        }
    }

    fn kerberos(
        &mut self,
        reason: &Reason,
        status: Option<u32>,
        user: &User,
        event: &Event,
        client: Option<&String>,
    ) {
        let Some(status) = status else { return };
        if reason.kerberos.contains(&status) {
            self.note(user, event, client, |r| &mut r.kdc);
        } else if reason.shared.contains(&status) {
            self.note(user, event, client, |r| &mut r.fits);
        }
    }

    fn end_if(&mut self, user: &User, event: &Event, when: impl Fn(&Refused) -> bool) {
        let at = self.find(user);
        if let Some(entry) = at.and_then(|at| self.list.get_mut(at))
            && when(entry)
        {
            entry.ended = Some(event.citation.clone());
        }
    }
}
