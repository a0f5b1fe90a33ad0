//! Lines of the logs of IIS and http.sys, each with the logon, or its refusal, that the same server wrote of the same
//! connection: `c-ip` and `c-port` beside `IpAddress` and `IpPort` (`causes.md` 1.4). The line says what was asked for, the
//! event who asked, which a refused line never does.
//!
//! Both are written by one clock. A port is used again, and a proxy carries many users on one connection: an event counts
//! only while the request, or its connection, can have lasted, and where those that fit name several users none does. Events
//! of a domain controller (4768, 4769) have a port as well, which is that of another connection.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};

use jiff::{SignedDuration, Timestamp};

use super::requests::Meaning;
use super::{Case, HostId, split_name};
use crate::evidence::Citation;
use crate::readers::call::{Call, peer};
use crate::readers::events::{Body, Event, Principal};

/// How long a request took whose line does not say, in milliseconds.
const TOOK: i64 = 10_000;
/// Times of logs are whole seconds, and a line is written a moment after its event.
const ROUNDED: SignedDuration = SignedDuration::from_secs(2);
/// How long ago the sign-in was that a connection still stands for: http.sys closes one that is idle as long.
const KEPT_ALIVE: SignedDuration = SignedDuration::from_secs(120);
/// Events of one connection that one line is held against.
const LOOKED_AT: usize = 64;

/// What a line is the end of.
enum Ends {
    /// A sign-in that was refused.
    SignIn,
    /// A request over a connection that somebody may have signed in on.
    Request,
}

/// The number of the event of each line that has one; `None` for a sign-in that is known to be none of those that the server
/// wrote of.
pub(super) fn collect(case: &Case) -> BTreeMap<Citation, Option<usize>> {
    let lines = lines(case);
    let clients: BTreeSet<(HostId, IpAddr)> = (lines.iter())
        .map(|(host, _, call)| (*host, call.peer.ip()))
        .collect();
    let mut written = Written::default();
    for (number, event) in case
        .events
        .iter()
        .enumerate()
        .filter(|_| !clients.is_empty())
    {
        let Some((peer, host)) = peer_of(event).zip(case.hosts.find(&event.computer)) else {
            continue;
        };
        if clients.contains(&(host, peer.ip())) {
            let of_connection = written.connections.entry((host, peer)).or_default();
            of_connection.push((event.time, number));
            if let Body::LogonFailed(_) = event.body {
                let refused = written.refused.entry((host, peer.ip())).or_default();
                refused.push(event.time);
                // Over which connections those came that are folded into it is not known any more.
                let folded = written.folded.entry((host, peer.ip())).or_default();
                folded.extend(event.folded.iter());
            }
        }
    }
    let found = lines.into_iter().filter_map(|(host, ends, call)| {
        let event = match written.connections.get(&(host, call.peer)) {
            Some(near) => Some(of_line(case, near, &ends, call)?),
            None => {
                let is_other = matches!(ends, Ends::SignIn) && written.refuses(host, call)?;
                is_other.then_some(None)?
            }
        };
        Some((call.from.clone(), event))
    });
    found.collect()
}

/// What servers wrote of logons whose connection is known.
#[derive(Default)]
struct Written {
    /// The logons and refusals of each connection, by time.
    connections: BTreeMap<(HostId, SocketAddr), Vec<(Timestamp, usize)>>,
    /// When each client was refused.
    refused: BTreeMap<(HostId, IpAddr), Vec<Timestamp>>,
    /// When each client was refused over a connection that is not known.
    folded: BTreeMap<(HostId, IpAddr), BTreeSet<Timestamp>>,
}

impl Written {
    /// Whether the client of a line was refused about then.
    fn refuses(&self, host: HostId, call: &Call) -> Option<bool> {
        let refused = self.refused.get(&(host, call.peer.ip()))?;
        let (from, to) = around(call, KEPT_ALIVE, KEPT_ALIVE)?;
        let folded = self.folded.get(&(host, call.peer.ip()));
        if folded.is_some_and(|folded| folded.range(from..=to).next().is_some()) {
            return None;
        }
        let next = refused.get(refused.partition_point(|time| *time < from))?;
        Some(*next <= to)
    }
}

/// The time around which a line was written.
fn around(
    call: &Call,
    before: SignedDuration,
    after: SignedDuration,
) -> Option<(Timestamp, Timestamp)> {
    let written = call.from.time?;
    let from = written.checked_sub(before).ok()?;
    Some((from, written.checked_add(after).ok()?))
}

/// The lines that a logon, or its refusal, may belong to.
fn lines(case: &Case) -> Vec<(HostId, Ends, &Call)> {
    let mut lines = Vec::new();
    for site in &case.logged_sites {
        for (_, exchange, meaning) in site.read() {
            let ends = || match meaning {
                Meaning::SignInFailed(..) => Some(Ends::SignIn),
                Meaning::AccessRefused(_) | Meaning::RefusedUntold => Some(Ends::Request),
                _ => None,
            };
            let calls = exchange.calls.iter();
            lines.extend(calls.filter_map(|call| Some((site.host?, ends()?, call))));
        }
    }
    for refused in &case.http_refusals {
        let calls = refused.refusal.calls.iter();
        lines.extend(calls.filter_map(|call| Some((refused.host?, Ends::Request, call))));
    }
    lines
}

/// The event of a line among those of its connection, which come by time.
fn of_line(case: &Case, events: &[(Timestamp, usize)], ends: &Ends, call: &Call) -> Option<usize> {
    let took = call.took.filter(|took| *took >= 0).unwrap_or(TOOK);
    let mut reach = SignedDuration::from_millis(took).checked_add(ROUNDED)?;
    if let Ends::Request = ends {
        reach = reach.checked_add(KEPT_ALIVE)?;
    }
    let (from, to) = around(call, reach, ROUNDED)?;
    let begin = events.partition_point(|(time, _)| *time < from);
    let end = events.partition_point(|(time, _)| *time <= to);
    let near = events.get(begin..end).filter(|n| n.len() <= LOOKED_AT)?;
    let named = call.user.as_deref().map(|user| split_name(user).1);
    let mut last: Option<(usize, &Principal)> = None;
    for (_, number) in near {
        let who = match (&case.events.get(*number)?.body, ends) {
            (Body::LogonFailed(e), Ends::SignIn) => &e.target,
            (Body::Logon(e), Ends::Request) => &e.target,
            _ => continue,
        };
        let name = |of: &Principal| of.name.as_deref().map(|name| split_name(name).1);
        if named.is_some() && name(who) != named {
            continue;
        }
        let same = |before: &Principal| before.to_string().eq_ignore_ascii_case(&who.to_string());
        if last.is_some_and(|(_, before)| !same(before)) {
            return None;
        }
        last = Some((*number, who));
    }
    last.map(|(number, _)| number)
}

/// The client's end of the connection over which somebody logged on, or was refused, as at a web server: over the network,
/// or with a password that came in clear text.
pub(super) fn peer_of(event: &Event) -> Option<SocketAddr> {
    let (ip, port, logon_type) = match &event.body {
        Body::Logon(e) => (e.ip.as_deref()?, e.port?, e.logon_type),
        Body::LogonFailed(e) => (e.ip.as_deref()?, e.port?, e.logon_type),
        _ => return None,
    };
    matches!(logon_type, Some(2 | 3 | 8)).then(|| peer(ip, port))?
}

impl Case {
    /// The logon, or its refusal, that the server wrote of the connection of this line of its log.
    pub fn logon_of_line(&self, line: &Citation) -> Option<&Event> {
        self.events.get((*self.of_connection.get(line)?)?)
    }

    /// The users of the connections of these lines.
    pub(super) fn users_of_calls<'a>(&'a self, calls: &'a [Call]) -> impl Iterator<Item = String> {
        let logons = calls
            .iter()
            .filter_map(|call| self.logon_of_line(&call.from));
        logons.filter_map(|event| match &event.body {
            Body::Logon(e) => e.target.name.as_ref().map(|_| e.target.to_string()),
            Body::LogonFailed(e) => e.target.name.as_ref().map(|_| e.target.to_string()),
            _ => None,
        })
    }
}
