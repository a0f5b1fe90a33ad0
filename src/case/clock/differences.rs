//! How far the clocks of two machines stand apart, from events that both wrote about one sign-in.
//!
//! The domain controller writes first: it issues the ticket (4769) that the server then accepts (4624 with the same
//! `LogonGuid`), and it validates NTLM credentials (4776) before the server logs the result. So the server's clock is ahead
//! of the controller's by no more than the shortest time between the two. A ticket may lie in a cache for hours, so that
//! Kerberos gives an upper bound alone; NTLM is validated while the server waits, which bounds it from below as well.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::super::host::{HostId, Hosts};
use crate::evidence::{Certainty, Citation};
use crate::readers::events::{Body, Event};

/// Longest time that the quickest of several NTLM validations is taken to last, in milliseconds.
const VALIDATION: i64 = 5_000;
/// Events of one user and workstation above which pairing them in order is a guess.
const MOST: usize = 2_000;

/// How far the clock of one machine is ahead of another's, as an interval.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockDifference {
    /// The machine, usually the server.
    pub host: HostId,
    /// The machine it is held against, usually the domain controller.
    pub against: HostId,
    /// `host` is ahead by at least so many milliseconds (negative: behind).
    pub at_least: Option<i64>,
    /// `host` is ahead by at most so many milliseconds (negative: behind).
    pub at_most: i64,
    /// Pairs of events that were compared.
    pub pairs: usize,
    /// The pair that gives the upper bound.
    pub from: Vec<Citation>,
}

/// One sign-in as two machines wrote of it.
struct Pair<'a> {
    first: &'a Event,
    second: &'a Event,
    bounds_below: bool,
}

/// The differences between machines that wrote of the same sign-ins.
pub(in crate::case) fn collect(events: &[Event], hosts: &Hosts) -> Vec<ClockDifference> {
    let exact: Vec<&Event> = events
        .iter()
        .filter(|e| e.certainty == Certainty::Exact)
        .collect();
    let mut pairs = tickets(&exact);
    pairs.extend(validations(&exact, hosts));
    let mut found: BTreeMap<(HostId, HostId), ClockDifference> = BTreeMap::new();
    for pair in pairs {
        let (Some(against), Some(host)) = (
            hosts.find(&pair.first.computer),
            hosts.find(&pair.second.computer),
        ) else {
            continue;
        };
        if host == against {
            continue;
        }
        let ahead = milliseconds(pair.first.time, pair.second.time);
        let least = pair.bounds_below.then(|| ahead.saturating_sub(VALIDATION));
        let known = found
            .entry((host, against))
            .or_insert_with(|| ClockDifference {
                host,
                against,
                at_least: None,
                at_most: i64::MAX,
                pairs: 0,
                from: Vec::new(),
            });
        known.pairs += 1;
        if ahead < known.at_most {
            known.at_most = ahead;
            known.from = vec![pair.first.citation.clone(), pair.second.citation.clone()];
        }
        // The quickest validation is the one that bounds from below: slower ones only waited longer.
        known.at_least = match (known.at_least, least) {
            (Some(known), Some(least)) => Some(known.min(least)),
            (known, least) => known.or(least),
        };
    }
    found.into_values().collect()
}

fn milliseconds(from: Timestamp, to: Timestamp) -> i64 {
    to.as_millisecond().saturating_sub(from.as_millisecond())
}

/// 4769 on the controller, 4624 on the server: the same `LogonGuid`.
fn tickets<'a>(events: &[&'a Event]) -> Vec<Pair<'a>> {
    let mut issued: BTreeMap<&str, &Event> = BTreeMap::new();
    for event in events {
        if let Body::ServiceTicketRequest(request) = &event.body
            && let (Some(guid), Some(0)) = (&request.logon_guid, request.status)
        {
            issued.entry(guid).or_insert(event);
        }
    }
    let accepted = events.iter().filter_map(|event| match &event.body {
        Body::Logon(logon) => Some((*event, logon.logon_guid.as_deref()?)),
        _ => None,
    });
    accepted
        .filter_map(|(second, guid)| {
            Some(Pair {
                first: issued.get(guid)?,
                second,
                bounds_below: false,
            })
        })
        .collect()
}

/// 4776 on the controller, 4624 or 4625 by NTLM on one server: the same user and workstation, as often on both, in order.
fn validations<'a>(events: &[&'a Event], hosts: &Hosts) -> Vec<Pair<'a>> {
    type Key = (HostId, String, String, bool);
    let lower = |text: &Option<String>| text.as_deref().unwrap_or_default().to_lowercase();
    let mut validated: BTreeMap<Key, Vec<&Event>> = BTreeMap::new();
    for event in events {
        if let Body::NtlmValidation(v) = &event.body
            && v.workstation.is_some()
            && let Some(host) = hosts.find(&event.computer)
        {
            let name = lower(&v.target.name);
            let name = name.rsplit('\\').next().unwrap_or_default().to_owned();
            let key = (host, name, lower(&v.workstation), v.status == Some(0));
            validated.entry(key).or_default().push(event);
        }
    }
    if validated.is_empty() {
        return Vec::new();
    }
    let mut answered: BTreeMap<Key, Vec<&Event>> = BTreeMap::new();
    for event in events {
        let Some(host) = hosts.find(&event.computer) else {
            continue;
        };
        match &event.body {
            Body::Logon(l) if l.is_ntlm() && l.workstation.is_some() => {
                let key = (host, lower(&l.target.name), lower(&l.workstation), true);
                answered.entry(key).or_default().push(event);
            }
            Body::LogonFailed(l) if l.workstation.is_some() => {
                let key = (host, lower(&l.target.name), lower(&l.workstation), false);
                answered.entry(key).or_default().push(event);
            }
            _ => {}
        }
    }
    let mut pairs = Vec::new();
    for ((_, name, workstation, success), firsts) in &validated {
        // More than one server, or validations of which no server shows the end: nothing says which belongs to which.
        let mut servers = answered
            .iter()
            .filter(|((_, n, w, s), _)| n == name && w == workstation && s == success);
        if let (Some((_, seconds)), None) = (servers.next(), servers.next())
            && seconds.len() == firsts.len()
            && firsts
                .iter()
                .chain(seconds)
                .all(|event| event.folded.is_empty())
            && firsts.len() <= MOST
        {
            pairs.extend(firsts.iter().zip(seconds).map(|(first, second)| Pair {
                first,
                second,
                bounds_below: true,
            }));
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use crate::testkit::{Happening, Kit, security};

    const GUID: &str = "{2d1b1f70-38a5-4b21-9f0a-6f6d0f1f0a01}";

    fn ticket() -> Happening {
        security(
            4769,
            &[
                ("TargetUserName", "uma@CORP.EXAMPLE"),
                ("ServiceName", "WEB01$"),
                ("Status", "0x0"),
                ("LogonGuid", GUID),
            ],
        )
    }

    fn logon() -> Happening {
        security(
            4624,
            &[
                ("TargetUserName", "uma"),
                ("LogonType", "3"),
                ("AuthenticationPackageName", "Kerberos"),
                ("LogonGuid", GUID),
            ],
        )
    }

    fn ntlm(id: u32) -> Happening {
        security(
            id,
            &[
                ("TargetUserName", "bob"),
                ("Workstation", "PC7"),
                ("WorkstationName", "PC7"),
                ("Status", "0x0"),
                ("LogonType", "3"),
                ("AuthenticationPackageName", "NTLM"),
            ],
        )
    }

    fn differences(kit: Kit) -> Vec<(Option<i64>, i64, usize)> {
        let case = kit.case();
        case.clock_differences
            .iter()
            .map(|d| (d.at_least, d.at_most, d.pairs))
            .collect()
    }

    #[test]
    fn a_ticket_bounds_from_above_alone() {
        // The kit lets a minute pass between two events.
        let kit = Kit::new()
            .event("DC1.corp.example", ticket())
            .event("WEB01.corp.example", logon());
        assert_eq!(differences(kit), [(None, 60_000, 1)]);
        let behind = Kit::new()
            .event("WEB01.corp.example", logon())
            .event("DC1.corp.example", ticket());
        assert_eq!(differences(behind), [(None, -60_000, 1)]);
    }

    #[test]
    fn a_validation_bounds_from_both_sides() {
        let kit = Kit::new()
            .event("DC1.corp.example", ntlm(4776))
            .event("WEB01.corp.example", ntlm(4624));
        assert_eq!(differences(kit), [(Some(55_000), 60_000, 1)]);
    }

    #[test]
    fn what_cannot_be_paired_says_nothing() {
        let uneven = Kit::new()
            .event("DC1.corp.example", ntlm(4776))
            .event("DC1.corp.example", ntlm(4776))
            .event("WEB01.corp.example", ntlm(4624));
        assert_eq!(differences(uneven), []);
        let two_servers = Kit::new()
            .event("DC1.corp.example", ntlm(4776))
            .event("WEB01.corp.example", ntlm(4624))
            .event("WEB02.corp.example", ntlm(4624));
        assert_eq!(differences(two_servers), []);
        let alone = Kit::new().event("WEB01.corp.example", logon());
        assert_eq!(differences(alone), []);
    }
}
