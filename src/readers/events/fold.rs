//! Folding: a log of any size costs no more than what is said in it.
//!
//! A log keeps its events whole while there is room for them. Then, of the events of one statement (those that say the same of
//! all but when, over which connection and in which session) the first and the last ones stay whole, and of those between only
//! the times are kept, with the last one before them ([`Event::folded`]). So counts and times stay exact; what is lost are the
//! ports, sessions and record numbers of events that many others are like. Where that takes too much room still, the oldest are
//! left out, those that tell of nothing wrong first: a log mostly ends with the trouble.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;
use jiff::Timestamp;
use rayon::prelude::*;

use super::statement::statement;
use super::understand::understand_silently;
use super::{Again, Body, Event, RawEvent};
use crate::evidence::{ArtifactId, Place};

/// Events of one statement that stay whole: the first and the last ones.
#[derive(Clone, Copy, Debug)]
struct Ends {
    first: usize,
    last: usize,
}

const fn ends(first: usize, last: usize) -> Ends {
    Ends { first, last }
}

/// Of events that tell of something wrong or changed, and of those that do not: how many stay whole, step by step. What counts
/// failures up to a limit (`case/noise.rs`) has no higher one than ten.
const STEPS: [(Ends, Ends); 4] = [
    (ends(48, 16), ends(48, 16)),
    (ends(48, 16), ends(12, 4)),
    (ends(12, 4), ends(4, 2)),
    (ends(12, 4), ends(1, 1)),
];

/// Events understood, and not said yet, each with the number of its statement.
#[derive(Debug, Default)]
pub(crate) struct Said {
    events: Vec<Event>,
    statements: Vec<u64>,
}

impl Said {
    /// Takes the next event, where the analysis wants it; what is left of its values is room to be used again.
    pub(crate) fn take(&mut self, raw: &mut RawEvent, artifact: ArtifactId) {
        let place = Place::Record(raw.record_id);
        if let Some(event) = understand_silently(raw, artifact, place) {
            self.push(statement(&event), event);
        }
    }

    fn push(&mut self, statement: u64, event: Event) {
        self.statements.push(statement);
        self.events.push(event);
    }

    /// Keeps those for which this says so, in the room that they have: there may be tens of mebibytes of them.
    fn retain(&mut self, keep: &[bool]) {
        let mut each = keep.iter();
        self.events.retain(|_| each.next().is_none_or(|keep| *keep));
        let mut each = keep.iter();
        self.statements
            .retain(|_| each.next().is_none_or(|keep| *keep));
    }
}

/// The events of a log, in its order, while it is read.
#[derive(Debug)]
pub(crate) struct Folding {
    kept: Said,
    /// Whole events that there is room for.
    room: usize,
    step: usize,
    /// Events that there was no room for.
    pub(crate) left_out: u64,
    /// The last of them: up to then silence means nothing.
    pub(crate) left_out_until: Option<Timestamp>,
}

/// What is known of the events of a statement.
#[derive(Debug, Default)]
struct Statement {
    count: usize,
    is_ordinary: bool,
    met: usize,
    /// The position of the event that the times of others are kept with.
    carrier: usize,
}

impl Statement {
    fn ends(&self, step: usize) -> Ends {
        let last = STEPS[STEPS.len() - 1];
        let (others, ordinary) = STEPS.get(step).copied().unwrap_or(last);
        if self.is_ordinary { ordinary } else { others }
    }
}

impl Folding {
    pub(crate) fn new(room: usize) -> Self {
        Self {
            kept: Said::default(),
            room,
            step: 0,
            left_out: 0,
            left_out_until: None,
        }
    }

    /// Events folded as far as it goes, whatever room there is.
    #[cfg(test)]
    pub(crate) fn deeply(events: Vec<Event>) -> Vec<Event> {
        let mut folding = Self::new(0);
        for event in events {
            folding.kept.push(statement(&event), event);
        }
        folding.fold();
        folding.finish()
    }

    /// Takes the next events.
    pub(crate) fn append(&mut self, mut some: Said) {
        self.kept.events.append(&mut some.events);
        self.kept.statements.append(&mut some.statements);
        if self.kept.events.len() > self.room {
            self.fold();
            self.leave_out();
        }
    }

    /// Leaves out events that stand in the log again. Of those that are folded only the time is known: each counts once.
    pub(crate) fn keep_first(&mut self, again: &HashSet<Again>) {
        let mut met = HashSet::new();
        let kept = std::mem::take(&mut self.kept);
        for (event, number) in kept.events.into_iter().zip(kept.statements) {
            let key = (
                event.channel.clone(),
                event.computer.clone(),
                event.record_id,
                event.time,
            );
            if !again.contains(&key) || met.insert(key) {
                self.kept.push(number, event);
            }
        }
        let moment = |(channel, computer, _, time): &Again| {
            (channel.clone(), computer.clone(), time.as_microsecond())
        };
        let mut met: HashSet<_> = met.iter().map(moment).collect();
        let again: HashSet<_> = again.iter().map(moment).collect();
        let carriers = self.kept.events.iter_mut();
        for event in carriers.filter(|event| !event.folded.is_empty()) {
            let (channel, computer) = (event.channel.clone(), event.computer.clone());
            event.folded.retain(|time| {
                let moment = (channel.clone(), computer.clone(), time.as_microsecond());
                !again.contains(&moment) || met.insert(moment)
            });
        }
    }

    /// The events that are kept, all said.
    pub(crate) fn finish(self) -> Vec<Event> {
        let mut events = self.kept.events;
        events.par_iter_mut().for_each(Event::tell);
        events
    }

    /// Folds, so far that half of the room is free again.
    fn fold(&mut self) {
        let Said { events, statements } = &mut self.kept;
        let mut known: HashMap<u64, Statement, RandomState> = HashMap::default();
        for (event, number) in events.iter().zip(&*statements) {
            let statement = known.entry(*number).or_default();
            statement.count += 1;
            statement.is_ordinary = is_ordinary(event);
        }
        let stay = |step| -> usize {
            let each = known.values();
            each.map(|s| s.count.min(s.ends(step).first + s.ends(step).last))
                .sum()
        };
        while self.step + 1 < STEPS.len() && stay(self.step) > self.room / 2 {
            self.step += 1;
        }
        let mut keep = Vec::with_capacity(events.len());
        for (at, number) in statements.iter().enumerate() {
            let statement = known.entry(*number).or_default();
            let ends = statement.ends(self.step);
            statement.met += 1;
            let is_between =
                statement.met > ends.first && statement.met + ends.last <= statement.count;
            if let Some((before, [event, ..])) = events.split_at_mut_checked(at)
                && is_between
                && let Some(carrier) = before.get_mut(statement.carrier)
            {
                carrier.folded.push(event.time);
                carrier.folded.extend(event.folded.iter());
                keep.push(false);
                continue;
            }
            if statement.met <= ends.first {
                statement.carrier = at;
            }
            keep.push(true);
        }
        self.kept.retain(&keep);
    }

    /// Leaves out what there is no room for even so.
    fn leave_out(&mut self) {
        for any in [false, true] {
            let events = &self.kept.events;
            let mut over = events.len().saturating_sub(self.room * 3 / 4);
            if over == 0 {
                return;
            }
            let mut keep = Vec::with_capacity(events.len());
            for event in events {
                let goes = over > 0 && (any || is_ordinary(event));
                if goes {
                    over -= 1;
                    self.left_out += event.count();
                    self.left_out_until = self.left_out_until.max(event.times().max());
                }
                keep.push(!goes);
            }
            self.kept.retain(&keep);
        }
    }
}

/// Whether an event tells of nothing wrong, and of no change: a logon, a ticket, a password that was right.
fn is_ordinary(event: &Event) -> bool {
    match &event.body {
        Body::Logon(_) | Body::ExplicitCredentials(_) => true,
        Body::TgtRequest(e) => e.status == Some(0),
        Body::ServiceTicketRequest(e) => e.status == Some(0),
        Body::NtlmValidation(e) => e.status == Some(0),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readers::events::{Datum, understand};

    /// Events of a log, one a second: id, user, port.
    fn events(all: &[(u32, &str, u32)]) -> Vec<Event> {
        let event = |(number, (id, user, port)): (usize, &(u32, &str, u32))| {
            let datum = |name: &str, value: String| Datum {
                name: Some(name.into()),
                value,
            };
            let raw = RawEvent {
                provider: "Microsoft-Windows-Security-Auditing".into(),
                id: *id,
                version: 0,
                failed: false,
                channel: "Security".into(),
                computer: "WEB01".into(),
                time: format!("2026-03-02T08:{:02}:{:02}Z", number / 60, number % 60)
                    .parse()
                    .unwrap(),
                record_id: number as u64,
                user_sid: None,
                data: vec![
                    datum("TargetUserName", (*user).to_owned()),
                    datum("IpPort", port.to_string()),
                    datum("TargetLogonId", format!("{port:#x}")),
                    datum(
                        "LogonGuid",
                        format!("{{{port:08x}-0000-0000-0000-000000000001}}"),
                    ),
                ],
                binary: None,
            };
            understand(raw, ArtifactId(0)).unwrap()
        };
        all.iter().enumerate().map(event).collect()
    }

    fn folded(all: &[(u32, &str, u32)], room: usize) -> Folding {
        let mut folding = Folding::new(room);
        for some in events(all).chunks(25) {
            folding.append(said(some));
        }
        folding
    }

    fn said(events: &[Event]) -> Said {
        let mut said = Said::default();
        for event in events {
            said.push(statement(event), event.clone());
        }
        said
    }

    #[test]
    fn what_there_is_room_for_stays_whole() {
        let all: Vec<_> = (0..90).map(|port| (4625, "uma", port)).collect();
        let folding = folded(&all, 90);
        assert_eq!(folding.kept.events.len(), 90);
        assert!(
            folding
                .kept
                .events
                .iter()
                .all(|event| event.folded.is_empty())
        );
    }

    #[test]
    fn the_first_and_the_last_of_a_statement_stay_with_the_times_of_the_others() {
        let all: Vec<_> = (0..200).map(|port| (4625, "uma", port)).collect();
        let mut folding = Folding::new(190);
        folding.append(said(&events(&all)));
        let numbers: Vec<u64> = folding.kept.events.iter().map(|e| e.record_id).collect();
        let kept: Vec<u64> = (0..48).chain(184..200).collect();
        assert_eq!(numbers, kept);
        let carriers: Vec<&Event> = (folding.kept.events.iter())
            .filter(|event| !event.folded.is_empty())
            .collect();
        assert_eq!(carriers.len(), 1);
        assert_eq!(carriers[0].record_id, 47);
        let times: Vec<_> = events(&all)[48..184]
            .iter()
            .map(|event| event.time)
            .collect();
        assert_eq!(carriers[0].folded.iter().collect::<Vec<_>>(), times);
        assert_eq!(carriers[0].count(), 137);
    }

    #[test]
    fn folding_again_and_deeper_loses_nothing() {
        for room in [30, 40, 100, 190] {
            let all: Vec<_> = (0..1000)
                .map(|port| (if port % 3 == 0 { 4624 } else { 4625 }, "uma", port))
                .collect();
            let folding = folded(&all, room);
            let counted: u64 = folding.kept.events.iter().map(Event::count).sum();
            assert_eq!((counted, folding.left_out), (1000, 0), "{room}");
            assert!(folding.kept.events.len() <= room + 25);
            assert!(
                folding
                    .kept
                    .events
                    .is_sorted_by_key(|event| event.record_id)
            );
        }
    }

    #[test]
    fn who_and_what_makes_a_statement_and_the_connection_does_not() {
        let number = |one: (u32, &str, u32)| statement(&events(&[one])[0]);
        assert_eq!(number((4624, "uma", 1)), number((4624, "uma", 2)));
        assert_ne!(number((4624, "uma", 1)), number((4624, "bob", 1)));
        assert_ne!(number((4624, "uma", 1)), number((4634 - 9, "uma", 1)));
    }

    #[test]
    fn without_room_the_oldest_successes_go_and_are_counted() {
        let names: Vec<String> = (0..400).map(|number| format!("u{number}")).collect();
        let all: Vec<_> = (names.iter().enumerate())
            .map(|(number, name)| (if number % 4 == 0 { 4625 } else { 4624 }, &**name, 1))
            .collect();
        let folding = folded(&all, 160);
        let failures = |e: &&Event| e.id == 4625;
        assert_eq!(folding.kept.events.iter().filter(failures).count(), 100);
        let kept: u64 = folding.kept.events.iter().map(Event::count).sum();
        assert_eq!(kept + folding.left_out, 400);
        assert!(folding.left_out > 0);
        // All that was kept of what is said when all is well came later.
        let ordinary = folding.kept.events.iter().filter(|e| e.id == 4624);
        assert!(folding.left_out_until < ordinary.map(|e| e.time).min());
        assert_eq!(folding.kept.events.last().map(|e| e.record_id), Some(399));
        let spray: Vec<_> = names.iter().map(|name| (4625, &**name, 1)).collect();
        let folding = folded(&spray, 60);
        assert!(folding.kept.events.len() <= 60);
    }
}
