//! One attempt to sign in as several machines wrote of it: the client that fetched a ticket or fell back, the domain
//! controller that issued or refused it, the web server that took it or not.
//!
//! Events are joined to one that shows a failure by keys alone, never by time alone: the `LogonGuid` that 4769 and 4624 share,
//! the SPN with the user or the client, the user with the client. Times only bound how far is looked. What is known to be of
//! another connection, to have come through another server, or to have been meant for one, is of another attempt. A line of a
//! log that shows a failure stands for the event that the server wrote of its connection, and is told beside it.

mod clients;
mod forwarded;
mod marks;
mod sites;

use std::collections::{BTreeMap, BTreeSet, HashSet};

use jiff::{SignedDuration, Timestamp};
use rayon::prelude::*;

use super::Case;
use super::host::HostId;
use super::symptom::Symptom;
use crate::evidence::{Certainty, Citation};
use crate::readers::events::Event;

pub use clients::ClientNames;
use marks::{Marks, Seed, plain};
use sites::SiteNames;

/// An event, or a line of a log, that belongs to an attempt.
#[derive(Clone, Debug)]
pub struct Step<'a> {
    /// The event; of a line the one of its connection.
    pub event: &'a Event,
    /// The record itself.
    pub from: &'a Citation,
    /// When it was written.
    pub time: Timestamp,
    /// The machine that wrote it, where it is known.
    pub host: Option<HostId>,
    /// By what it belongs to the failure; `None` for the event that shows the failure.
    pub joined_by: Option<&'static str>,
    /// Whether it surely came after the step before: on one clock, or on two whose difference is known well enough.
    pub surely_after: bool,
}

/// How far from the failure other events of the attempt are looked for.
const NEAR: SignedDuration = SignedDuration::from_secs(120);
/// A ticket may be fetched long before it is used: events of one `LogonGuid` are looked for as far.
const TICKET: SignedDuration = SignedDuration::from_hours(10);
/// Steps that are told.
const STEPS: usize = 8;
/// Events with one mark of a failure that are looked at, before it and after it.
const LOOKED_AT: usize = 1000;
/// Holders of an SPN whose tickets are looked for.
const HOLDERS: usize = 8;
/// Clocks of one domain differ by no more than this where Kerberos works, in milliseconds.
const TOLERANCE: i64 = 300_000;

/// The events of a case by what they say of the attempt that they belong to, as far as failures need them: made once, asked
/// for each symptom.
pub struct Attempts<'a> {
    case: &'a Case,
    names: &'a ClientNames,
    sites: SiteNames,
    /// The server that NTLM validations came through, by their number.
    through: BTreeMap<usize, String>,
    /// Lines of logs by the number of the event of their connection.
    lines: BTreeMap<usize, &'a Citation>,
    /// The events that show failures.
    seeds: BTreeMap<&'a Citation, Seed>,
    /// The events under each key of a seed, by key and number.
    found: Vec<(u64, usize)>,
}

impl<'a> Attempts<'a> {
    /// Looks through the events once.
    pub fn new(case: &'a Case, names: &'a ClientNames) -> Self {
        let mut holders: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for r in &case.situation.directory.registrations {
            let holder = plain(&case.accounts.get(r.holder).bare_name());
            holders.entry(r.spn.key()).or_default().insert(holder);
        }
        let failures = case.symptoms.iter().flat_map(|symptom| &symptom.from);
        let failures: BTreeSet<&Citation> = failures
            .filter(|from| from.time.is_some())
            .map(|from| case.shown_by(from))
            .collect();
        let through = forwarded::servers(case);
        let mut seeds = BTreeMap::new();
        for (number, event) in case.events.iter().enumerate() {
            if failures.contains(&event.citation) {
                let marks = Marks::of(event, through.get(&number));
                let holders = marks.spn.as_ref().and_then(|spn| holders.get(spn));
                let holders = holders
                    .into_iter()
                    .flatten()
                    .take(HOLDERS)
                    .cloned()
                    .collect();
                seeds
                    .entry(&event.citation)
                    .or_insert_with(|| Seed::new(number, marks, holders, names));
            }
        }
        let wanted: HashSet<u64> = seeds.values().flat_map(|seed| seed.keys(names)).collect();
        let keys_of = |(number, event)| {
            let keys = Marks::of(event, None).keys().into_iter();
            let keys = keys.filter(|key| wanted.contains(key));
            keys.map(move |key| (key, number))
        };
        let events = case.events.par_iter().enumerate();
        let mut found: Vec<(u64, usize)> = match wanted.is_empty() {
            true => Vec::new(),
            false => events.flat_map_iter(keys_of).collect(),
        };
        found.sort_unstable();
        // Of several lines the first is told.
        let lines = case.of_connection.iter().rev();
        Self {
            case,
            names,
            sites: SiteNames::of(case),
            through,
            lines: lines
                .filter_map(|(line, event)| Some(((*event)?, line)))
                .collect(),
            seeds,
            found,
        }
    }

    /// One attempt behind a symptom, oldest event first; empty where no other machine wrote of it.
    pub fn behind(&self, symptom: &Symptom) -> Vec<Step<'a>> {
        let told = symptom.from.iter().map(|from| self.at(from));
        told.max_by_key(Vec::len)
            .filter(|steps| steps.len() > 1)
            .unwrap_or_default()
    }

    fn at(&self, from: &Citation) -> Vec<Step<'a>> {
        let all = &self.case.events;
        let from = self.case.shown_by(from);
        let Some((seed, first)) =
            (self.seeds.get(from)).and_then(|seed| Some((seed, all.get(seed.event)?)))
        else {
            return Vec::new();
        };
        let reach = match seed.marks.guid {
            Some(_) => TICKET,
            None => NEAR,
        };
        let mut steps: Vec<(usize, &Event, Option<&'static str>)> = vec![(seed.event, first, None)];
        let perhaps = self.perhaps_of(seed).into_iter();
        for (number, event) in perhaps.filter_map(|n| Some((n, all.get(n)?))) {
            let apart = event.time.duration_since(first.time).abs();
            let told = steps.iter().any(|(_, other, _)| {
                std::ptr::eq(*other, event)
                    || (other.computer == event.computer && other.id == event.id)
            });
            if told || apart > reach {
                continue;
            }
            let marks = Marks::of(event, self.through.get(&number));
            let joined = seed.join(&marks, (self.names, &self.sites), apart <= NEAR);
            if joined.is_some() && steps.len() < STEPS {
                steps.push((number, event, joined));
            }
        }
        steps.sort_by_key(|(_, event, _)| event.time);
        self.in_order(steps)
    }

    /// The events around a failure that share a key with it, by number.
    fn perhaps_of(&self, seed: &Seed) -> BTreeSet<usize> {
        let mut numbers = BTreeSet::new();
        for key in seed.keys(self.names) {
            let at = self
                .found
                .partition_point(|entry| *entry < (key, seed.event));
            let around = self.found.get(at.saturating_sub(LOOKED_AT)..);
            let around = around.unwrap_or_default().iter().take(2 * LOOKED_AT);
            numbers.extend(
                around
                    .filter(|(of, _)| *of == key)
                    .map(|(_, number)| *number),
            );
        }
        numbers
    }

    /// The events with how sure their order is, each with the line of a log of its connection behind it: a line is written
    /// when its request ends, in whole seconds.
    fn in_order(&self, steps: Vec<(usize, &'a Event, Option<&'static str>)>) -> Vec<Step<'a>> {
        let mut told: Vec<Step<'a>> = Vec::with_capacity(steps.len());
        for (number, event, joined_by) in steps {
            let host = self.case.hosts.find(&event.computer);
            let now = (host, event.time);
            let surely_after = told.last().is_none_or(|before| {
                let exact = |event: &Event| event.certainty == Certainty::Exact;
                let on_one_clock = host.is_some() && before.host == host;
                let before_it = (before.host, before.event.time);
                (on_one_clock || (exact(before.event) && exact(event)))
                    && self.case.is_surely_after(before_it, now)
            });
            let step = Step {
                event,
                from: &event.citation,
                time: event.time,
                host,
                joined_by,
                surely_after,
            };
            let line = self.lines.get(&number).map(|line| Step {
                from: line,
                time: line.time.unwrap_or(event.time),
                joined_by: Some("address and port"),
                surely_after: true,
                ..step.clone()
            });
            told.push(step);
            told.extend(line);
        }
        told
    }
}

impl Case {
    /// What shows a failure: a line of a log stands for the event of its connection, where there is one.
    fn shown_by<'a>(&'a self, from: &'a Citation) -> &'a Citation {
        self.logon_of_line(from)
            .map_or(from, |event| &event.citation)
    }

    /// Whether one thing came after another one, by what is known of the clocks of the two machines. On one machine the one that
    /// is named second did.
    pub(crate) fn is_surely_after(
        &self,
        (first_host, first): (Option<HostId>, Timestamp),
        (second_host, second): (Option<HostId>, Timestamp),
    ) -> bool {
        let apart = second.duration_since(first).as_millis();
        let apart = i64::try_from(apart).unwrap_or(i64::MAX);
        let (Some(a), Some(b)) = (first_host, second_host) else {
            return apart > TOLERANCE;
        };
        if a == b {
            return true;
        }
        let ahead = self
            .clock_differences
            .iter()
            .find_map(|d| match (d.host, d.against) {
                (host, against) if (host, against) == (b, a) => Some(d.at_most),
                (host, against) if (host, against) == (a, b) => Some(d.at_least?.saturating_neg()),
                _ => None,
            });
        apart > ahead.unwrap_or(TOLERANCE)
    }
}

#[cfg(test)]
mod tests {
    use super::Attempts;
    use crate::case::SymptomKind;
    use crate::testkit::{Kit, config, kerberos_4, ntlm, pool, query, security, site, windows};

    const WEB: &str = "WEB01.corp.example";
    const DC: &str = "DC1.corp.example";
    const PC: &str = "PC7.corp.example";
    const SPN: &str = "HTTP/portal.corp.example";

    fn ticket(user: &str, ip: &str) -> crate::testkit::Happening {
        security(
            4769,
            &[
                ("TargetUserName", user),
                ("ServiceName", "svc_web"),
                ("Status", "0x0"),
                ("TicketEncryptionType", "0x12"),
                ("IpAddress", ip),
            ],
        )
    }

    /// PC7 is 10.0.0.7, as a logon of somebody else shows.
    fn kit() -> Kit {
        let xml = config(
            &pool("Portal", "CORP\\svc_web"),
            &site("Portal", "*:80:portal.corp.example", "Portal"),
            &windows("enabled=\"true\""),
            "",
        );
        let logon = [
            ("TargetUserName", "bob"),
            ("TargetDomainName", "CORP"),
            ("LogonType", "3"),
            ("WorkstationName", "PC7"),
            ("IpAddress", "10.0.0.7"),
        ];
        Kit::new()
            .config("WEB01/applicationHost.config", &xml)
            .console(
                "spn.txt",
                &query(SPN, &[("CN=svc_web,DC=corp,DC=example", &[SPN])]),
            )
            .event(WEB, security(4624, &logon))
            .wait(60)
    }

    fn steps(kit: Kit) -> Vec<(u32, Option<&'static str>)> {
        let case = kit.case();
        let symptom = &case.symptoms[0];
        let names = case.client_names();
        let steps = Attempts::new(&case, &names).behind(symptom);
        steps
            .iter()
            .map(|step| (step.event.id, step.joined_by))
            .collect()
    }

    #[test]
    fn the_ticket_of_the_client_that_cannot_use_it_belongs_to_the_attempt() {
        let told = steps(
            kit()
                .event(DC, ticket("uma@CORP.EXAMPLE", "::ffff:10.0.0.7"))
                .event(PC, kerberos_4(SPN, "web01$")),
        );
        assert_eq!(told, [(4769, Some("SPN and client")), (4, None)]);
    }

    #[test]
    fn what_is_merely_near_does_not() {
        let told = steps(
            kit()
                .event(DC, ticket("eve@CORP.EXAMPLE", "::ffff:10.0.0.99"))
                .event(PC, kerberos_4(SPN, "web01$")),
        );
        assert_eq!(told, []);
    }

    /// By NTLM to a name that is none of the server's, while the same user signs in there.
    #[test]
    fn a_call_that_was_meant_for_another_server_does_not() {
        let logon = [
            ("TargetUserName", "uma"),
            ("TargetDomainName", "CORP"),
            ("LogonType", "3"),
            ("AuthenticationPackageName", "NTLM"),
            ("LmPackageName", "NTLM V2"),
            ("WorkstationName", "PC7"),
            ("IpAddress", "10.0.0.7"),
        ];
        let called = |target: &str| {
            ntlm(
                8001,
                &[
                    ("TargetName", target),
                    ("UserName", "uma"),
                    ("DomainName", "CORP"),
                ],
            )
        };
        let by_ntlm = |binding: &str, target: &str| {
            let xml = config(
                &pool("Portal", "CORP\\svc_web"),
                &site("Portal", binding, "Portal"),
                &windows("enabled=\"true\""),
                "",
            );
            let case = Kit::new()
                .config("WEB01/applicationHost.config", &xml)
                .event(PC, called(target))
                .event(WEB, security(4624, &logon))
                .case();
            let names = case.client_names();
            let is_logons = |kind: &SymptomKind| matches!(kind, SymptomKind::NtlmLogons(_));
            let symptom = case.symptoms.iter().find(|s| is_logons(&s.kind)).unwrap();
            let steps = Attempts::new(&case, &names).behind(symptom);
            steps.iter().map(|step| step.event.id).collect::<Vec<_>>()
        };
        let named = "*:80:portal.corp.example";
        assert_eq!(by_ntlm(named, SPN), [8001, 4624]);
        assert_eq!(by_ntlm(named, "HTTP/web01.corp.example"), [8001, 4624]);
        assert_eq!(by_ntlm(named, "HTTP/mail.corp.example"), [0; 0]);
        // Where the binding takes any name, this may be one.
        assert_eq!(by_ntlm("*:80:", "HTTP/mail.corp.example"), [8001, 4624]);
    }

    #[test]
    fn the_order_on_two_clocks_is_not_sure() {
        let case = kit()
            .event(DC, ticket("uma@CORP.EXAMPLE", "10.0.0.7"))
            .event(PC, kerberos_4(SPN, "web01$"))
            .case();
        let names = case.client_names();
        let steps = Attempts::new(&case, &names).behind(&case.symptoms[0]);
        assert_eq!(
            steps.iter().map(|s| s.surely_after).collect::<Vec<_>>(),
            [true, false]
        );
    }
}
