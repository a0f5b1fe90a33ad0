//! The same event in several files counts once.
//!
//! A record is told by its number, its channel and its machine. A form without numbers (what Event Viewer saves as text)
//! is told by what it says and the second it was written in: as many such events as a log with numbers holds, or as
//! another file without numbers, are the same ones.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::evidence::{ArtifactId, Certainty, Place};
use crate::readers::events::Event;

/// Machine, channel, id and second of an event.
type Moment = (Arc<str>, Arc<str>, u32, i64);

/// Leaves out what was met before, or stands in a log itself; the events keep their order.
pub(super) fn leave_out_repeated(events: &mut Vec<Event>) {
    let mut machines: HashMap<Arc<str>, Arc<str>> = HashMap::new();
    let moments: Vec<Moment> = events
        .iter()
        .map(|event| {
            let machine = machines
                .entry(event.computer.clone())
                .or_insert_with(|| event.computer.to_lowercase().into());
            let second = event.time.as_second();
            (machine.clone(), event.channel.clone(), event.id, second)
        })
        .collect();
    let in_log = |event: &Event| matches!(event.citation.place, Place::Record(_));
    // Maps and sets are only asked, never walked.
    let mut numbered: HashSet<(&Moment, u64)> = HashSet::new();
    let mut in_logs: HashSet<(&Moment, u64)> = HashSet::new();
    for (event, moment) in events.iter().zip(&moments) {
        if event.record_id != 0 && in_log(event) {
            in_logs.insert((moment, event.record_id));
        }
    }
    // A clock that nobody can set right cannot tell two records of one number apart: what they say does.
    let untimed = |event: &Event, (machine, channel, id, _): &Moment| {
        let said = event.citation.text.clone();
        (machine.clone(), channel.clone(), *id, event.record_id, said)
    };
    let in_logs_untimed: HashSet<_> = match events.iter().any(is_unsure) {
        true => (events.iter().zip(&moments))
            .filter(|(event, _)| event.record_id != 0 && in_log(event))
            .map(|(event, moment)| untimed(event, moment))
            .collect(),
        false => HashSet::new(),
    };
    let mut keep: Vec<bool> = events
        .iter()
        .zip(&moments)
        .map(|(event, moment)| {
            let key = (moment, event.record_id);
            let known = || {
                in_logs.contains(&key)
                    || (is_unsure(event) && in_logs_untimed.contains(&untimed(event, moment)))
            };
            event.record_id == 0 || ((in_log(event) || !known()) && numbered.insert(key))
        })
        .collect();
    if events.iter().any(|event| event.record_id == 0) {
        let mut known: HashMap<(&Moment, &str), u64> = HashMap::new();
        for ((event, moment), kept) in events.iter().zip(&moments).zip(&keep) {
            if event.record_id != 0 && *kept {
                *known.entry((moment, &event.citation.text)).or_default() += 1;
            }
        }
        let mut met: HashMap<(&Moment, &str, ArtifactId), u64> = HashMap::new();
        for ((event, moment), keep) in events.iter().zip(&moments).zip(&mut keep) {
            if event.record_id != 0 {
                continue;
            }
            let text: &str = &event.citation.text;
            let so_far = met
                .entry((moment, text, event.citation.artifact))
                .or_default();
            *so_far += 1;
            let known = known.entry((moment, text)).or_default();
            *keep = *so_far > *known;
            *known = (*known).max(*so_far);
        }
    }
    let mut keep = keep.into_iter();
    events.retain(|_| keep.next().unwrap_or(true));
}

fn is_unsure(event: &Event) -> bool {
    event.certainty == Certainty::Unknown
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readers::events::{Datum, RawEvent, understand, understand_at};

    /// A Kerberos event 4 about a target, at a time, from an artifact; of a log when it has a record.
    fn event(artifact: u32, record: u64, time: &str, target: &str, in_log: bool) -> Event {
        let datum = |name: &str, value: &str| Datum {
            name: Some(name.into()),
            value: value.to_owned(),
        };
        let raw = RawEvent {
            provider: "Microsoft-Windows-Security-Kerberos".into(),
            id: 4,
            version: 0,
            channel: "System".into(),
            computer: if in_log { "PC7" } else { "pc7" }.into(),
            time: time.parse().unwrap(),
            record_id: record,
            user_sid: None,
            data: vec![datum("Server", "web01$"), datum("TargetName", target)],
            binary: None,
        };
        let artifact = ArtifactId(artifact);
        match in_log {
            true => understand(raw, artifact),
            false => understand_at(raw, artifact, Place::Line(7)),
        }
        .unwrap()
    }

    fn left(mut events: Vec<Event>) -> Vec<(u32, u64)> {
        events.sort_by_key(|event| event.time);
        leave_out_repeated(&mut events);
        let of = |e: &Event| (e.citation.artifact.0, e.record_id);
        events.iter().map(of).collect()
    }

    const SECOND: &str = "2026-03-02T08:00:00Z";
    const WITHIN: &str = "2026-03-02T08:00:00.7654321Z";

    #[test]
    fn a_record_exported_with_its_number_counts_once() {
        let log = event(1, 12, WITHIN, "HTTP/web", true);
        let export = event(0, 12, SECOND, "HTTP/web", false);
        assert_eq!(left(vec![export.clone(), log.clone()]), [(1, 12)]);
        let later = event(0, 12, "2026-03-02T09:00:00Z", "HTTP/web", false);
        assert_eq!(left(vec![later, log]), [(1, 12), (0, 12)]);
        let mut unsure = event(0, 12, "2026-03-02T10:00:00Z", "HTTP/web", false);
        unsure.certainty = Certainty::Unknown;
        let of_log = || event(1, 12, WITHIN, "HTTP/web", true);
        assert_eq!(left(vec![unsure.clone(), of_log()]), [(1, 12)]);
        unsure.certainty = Certainty::ZoneAssumed;
        assert_eq!(left(vec![unsure, of_log()]).len(), 2);
        let again = event(2, 12, SECOND, "HTTP/web", false);
        assert_eq!(left(vec![export, again]).len(), 1);
    }

    #[test]
    fn two_copies_of_a_log_that_overlap_count_each_record_once() {
        let record = |artifact, number: u64| {
            let time = format!("2026-03-02T08:00:{number}Z");
            event(artifact, number, &time, "HTTP/web", true)
        };
        let early = (10..14).map(|number| record(1, number));
        let late = (12..16).map(|number| record(2, number));
        let records = left(early.chain(late).collect());
        let numbers: Vec<u64> = records.iter().map(|(_, number)| *number).collect();
        assert_eq!(numbers, [10, 11, 12, 13, 14, 15]);
        // A log that was cleared counts from the start again.
        let again = event(2, 12, "2026-03-03T08:00:00Z", "HTTP/web", true);
        assert_eq!(left(vec![record(1, 12), again]).len(), 2);
    }

    #[test]
    fn an_event_without_a_number_is_told_by_what_it_says() {
        let log = || {
            vec![
                event(1, 12, WITHIN, "HTTP/web", true),
                event(1, 13, WITHIN, "HTTP/web", true),
            ]
        };
        let shown = |artifact| event(artifact, 0, SECOND, "HTTP/web", false);
        let of = |exports: Vec<Event>| left(log().into_iter().chain(exports).collect());
        assert_eq!(of(vec![shown(0), shown(0)]), [(1, 12), (1, 13)]);
        // One more than the log has: the log was cleared, or is of another time.
        assert_eq!(of(vec![shown(0), shown(0), shown(0)]).len(), 3);
        assert_eq!(of(vec![event(0, 0, SECOND, "HTTP/other", false)]).len(), 3);
        // Two files without numbers, of which one has more.
        assert_eq!(left(vec![shown(0), shown(2), shown(2)]).len(), 2);
    }
}
