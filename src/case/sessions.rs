//! Whose logon session klist showed: an attempt to fetch a ticket prints the number of the session (`Current LogonId is
//! 0:0x4f1a2`) and no user (`causes.md` 1.4). Tickets and `klist sessions` of the same output name the user, and so does the
//! logon (4624 `TargetLogonId`) of the same machine.
//!
//! Numbers begin anew when a machine starts: a logon from before a start that the bundle shows is another session's. Within
//! one run of Windows no number is given twice, so that the end of a session (4634) changes nothing.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::Case;
use super::account::split_name;
use super::host::HostId;
use super::noise::is_boot;
use crate::readers::events::{Body, Event, Logon};
use crate::readers::klist::{Cache, KlistRun, Shown};

/// Sessions that every machine has (0x3e4, 0x3e5, 0x3e7) have no greater number.
const OF_THE_SYSTEM: u64 = 0x3e7;
/// A session of `runas /netonly`, as klist calls it; 9 in events. Its tickets are those of another account.
const NEW_CREDENTIALS: (&str, u32) = ("NewCredentials", 9);

/// A logon session, as klist showed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its number.
    pub logon_id: u64,
    /// The machine that a prompt names.
    pub shown_on: Option<String>,
    /// Its user, where the same output or a logon of the same machine names one.
    pub user: Option<String>,
}

/// Sessions with their user; `None` where several are named. The machine is part of the key.
type Users<Machine> = BTreeMap<(Machine, u64), Option<String>>;

/// Notes a user of a session. The first spelling is kept.
fn note<Machine: Ord>(users: &mut Users<Machine>, key: (Machine, u64), user: String) {
    match users.entry(key) {
        Entry::Vacant(new) => {
            new.insert(Some(user));
        }
        Entry::Occupied(mut known) => {
            let same = |before: &String| split_name(before).1 == split_name(&user).1;
            if !known.get().as_ref().is_some_and(same) {
                known.insert(None);
            }
        }
    }
}

/// The sessions of one output, by the machine that a prompt names.
pub(super) struct Shows<'r>(Users<Option<&'r str>>);

impl<'r> Shows<'r> {
    /// Reads them off all runs of the output.
    pub(super) fn of(runs: &'r [KlistRun]) -> Self {
        let mut users = Users::new();
        for run in runs {
            let mut take = |logon_id: &str, user: String| {
                if let Some(id) = number(logon_id) {
                    note(&mut users, (run.host.as_deref(), id), user);
                }
            };
            match &run.shown {
                Shown::Sessions(sessions) => {
                    let own = sessions
                        .iter()
                        .filter(|s| s.logon_type != NEW_CREDENTIALS.0);
                    for session in own {
                        if let Some(account) = &session.account {
                            take(&session.logon_id, account.clone());
                        }
                    }
                }
                Shown::Cache(cache) => {
                    for ticket in cache.tickets.iter().filter(|t| !t.client.is_empty()) {
                        let user = format!("{}@{}", ticket.client, ticket.client_realm);
                        take(session_of(cache).unwrap_or_default(), user);
                    }
                }
                _ => {}
            }
        }
        Self(users)
    }

    /// The session of a run.
    pub(super) fn session(&self, run: &'r KlistRun, logon_id: Option<&str>) -> Option<Session> {
        let logon_id = number(logon_id?)?;
        let user = self.0.get(&(run.host.as_deref(), logon_id)).cloned();
        Some(Session {
            logon_id,
            shown_on: run.host.clone(),
            user: user.flatten(),
        })
    }
}

fn session_of(cache: &Cache) -> Option<&str> {
    let targeted = cache.targeted_logon_id.as_deref();
    targeted.or(cache.logon_id.as_deref())
}

fn session_number(logon: &Logon) -> Option<u64> {
    number(logon.logon_id.as_deref()?)
}

/// The number of a session of somebody who logged on.
fn number(logon_id: &str) -> Option<u64> {
    let digits = logon_id
        .strip_prefix("0x")
        .or(logon_id.strip_prefix("0X"))?;
    let number = u64::from_str_radix(digits, 16).ok()?;
    (number > OF_THE_SYSTEM).then_some(number)
}

/// Names the users of sessions that asked for tickets, where the output names none and a logon of the same machine does.
pub(super) fn name_users(case: &mut Case) {
    let mut wanted: BTreeMap<(HostId, u64), Vec<usize>> = BTreeMap::new();
    for (position, attempt) in case.attempts.iter().enumerate() {
        let Some(session) = attempt.session.as_ref().filter(|s| s.user.is_none()) else {
            continue;
        };
        let host = match &session.shown_on {
            Some(name) => case.hosts.find(name),
            None => case.artifact_hosts.get(&attempt.from.artifact).copied(),
        };
        if let Some(host) = host {
            let of_session = wanted.entry((host, session.logon_id)).or_default();
            of_session.push(position);
        }
    }
    if wanted.is_empty() {
        return;
    }
    // The events come by time: what began before the last start of a machine is over.
    let starts = case
        .events
        .iter()
        .enumerate()
        .filter(|(_, e)| starts_anew(e));
    let started = starts.filter_map(|(number, e)| Some((case.hosts.find(&e.computer)?, number)));
    let started: BTreeMap<HostId, usize> = started.collect();
    let mut users: Users<HostId> = Users::new();
    for (number, event) in case.events.iter().enumerate() {
        let Body::Logon(logon) = &event.body else {
            continue;
        };
        let key = session_number(logon).zip(case.hosts.find(&event.computer));
        let key = key.map(|(id, host)| (host, id));
        let key = key.filter(|key| wanted.contains_key(key) && started.get(&key.0) < Some(&number));
        if let Some((key, user)) = key.zip(towards_the_network(logon)) {
            note(&mut users, key, user);
        }
    }
    for (key, positions) in wanted {
        let user = users.remove(&key).flatten();
        for position in positions {
            if let Some(session) = case
                .attempts
                .get_mut(position)
                .and_then(|a| a.session.as_mut())
            {
                session.user.clone_from(&user);
            }
        }
    }
}

/// Whom a session is towards the network, whose tickets it holds.
fn towards_the_network(logon: &Logon) -> Option<String> {
    match logon.logon_type == Some(NEW_CREDENTIALS.1) {
        true => logon.outbound.clone(),
        false => logon.target.name.as_ref().map(|_| logon.target.to_string()),
    }
}

/// Whether an event says that its machine started.
fn starts_anew(event: &Event) -> bool {
    let started = &*event.provider == "Microsoft-Windows-Security-Auditing" && event.id == 4608;
    started || is_boot(event)
}
