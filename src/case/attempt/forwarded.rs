//! The server that an NTLM logon came through, as a domain controller wrote of it: 8004 to 8006 (audit) and 4004 to 4006
//! (blocked) name user, client and server (`SChannelName`), 4776 of the same logon names user and client alone.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::clients::machine;
use super::marks::plain;
use crate::case::{Case, Role};
use crate::readers::events::{Body, Event};

/// The two events of one logon are written this near to each other, by one clock.
const AT_ONCE: SignedDuration = SignedDuration::from_secs(2);
/// Events of one user and client that one validation is held against.
const LOOKED_AT: usize = 64;

/// A logon that a server passed on.
pub(super) struct PassedOn {
    /// Who.
    pub(super) user: String,
    /// From where.
    pub(super) client: String,
    server: String,
}

impl PassedOn {
    /// As a domain controller wrote of it.
    pub(super) fn of(event: &Event) -> Option<Self> {
        let (user, client, server) = match &event.body {
            Body::NtlmUse(e) if matches!(e.id, 8004..=8006) => {
                (e.user.as_deref()?, e.client.clone()?, e.via.as_deref()?)
            }
            Body::NtlmBlocked(e) if matches!(e.id, 4004..=4006) => {
                let client = e.fields.text("WorkstationName")?;
                (e.user.as_deref()?, client, e.via.as_deref()?)
            }
            _ => return None,
        };
        Some(Self {
            user: plain(user),
            client: machine(&client),
            server: machine(server),
        })
    }
}

/// The server of each of these events and validations that is known to have come through one, by their number. A domain
/// controller passes on what another server asked it for.
pub(super) fn servers(case: &Case) -> BTreeMap<usize, String> {
    let mut through = BTreeMap::new();
    let mut passed: BTreeMap<(&str, String, String), Vec<(Timestamp, String)>> = BTreeMap::new();
    for (number, event) in case.events.iter().enumerate() {
        let Some(on) = PassedOn::of(event) else {
            continue;
        };
        let host = case.hosts.find(&on.server);
        if !host.is_some_and(|h| case.hosts.get(h).roles.contains(&Role::DomainController)) {
            through.insert(number, on.server.clone());
        }
        let of = (&*event.computer, on.user, on.client);
        passed.entry(of).or_default().push((event.time, on.server));
    }
    if passed.is_empty() {
        return through;
    }
    for (number, event) in case.events.iter().enumerate() {
        let Body::NtlmValidation(e) = &event.body else {
            continue;
        };
        let (Some(user), Some(client)) = (&e.target.name, &e.workstation) else {
            continue;
        };
        let of = (&*event.computer, plain(user), machine(client));
        let all = passed.get(&of).map(Vec::as_slice).unwrap_or_default();
        let apart = |time: &Timestamp| time.duration_since(event.time);
        let begin = all.partition_point(|(time, _)| apart(time) < -AT_ONCE);
        let near = all.get(begin..).unwrap_or_default().iter();
        let near = near.take_while(|(time, _)| apart(time) <= AT_ONCE);
        let servers: BTreeSet<&String> = near.take(LOOKED_AT).map(|(_, server)| server).collect();
        if let (1, Some(server)) = (servers.len(), servers.first()) {
            through.insert(number, (*server).clone());
        }
    }
    through
}
