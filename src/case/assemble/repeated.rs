//! The same event in several files counts once.
//!
//! A record is told by its number, its channel and its machine. A form without numbers (what Event Viewer saves as text)
//! is told by what it says and the second it was written in: as many such events as a log with numbers holds, or as
//! another file without numbers, are the same ones.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::evidence::{ArtifactId, Certainty, Place};
use crate::readers::events::Event;

/// Machine, channel and id of an event.
type Kind<'e> = (String, &'e str, u32);

/// Leaves out what was met before, or stands in a log itself; the events keep their order, which is that of time.
pub(super) fn leave_out_repeated(events: &mut Vec<Event>) {
    // A clock that nobody can set right cannot tell two records of one number apart: what they say does.
    let untimed: HashSet<_> = match events.iter().any(is_unsure) {
        true => (events.iter())
            .filter(|event| event.record_id != 0 && is_in_log(event))
            .map(untimed)
            .collect(),
        false => HashSet::new(),
    };
    let stands_in_log = |event: &Event| is_unsure(event) && untimed.contains(&self::untimed(event));
    let mut keep = Vec::with_capacity(events.len());
    for of_second in events.chunk_by(|a, b| a.time.as_second() == b.time.as_second()) {
        match of_second {
            [one] if !is_unsure(one) => keep.push(true),
            some => keep.extend(are_new(some, stands_in_log)),
        }
    }
    let mut keep = keep.into_iter();
    events.retain(|_| keep.next().unwrap_or(true));
}

/// Which of the events of one second are not others once more.
fn are_new(events: &[Event], stands_in_log: impl Fn(&Event) -> bool) -> Vec<bool> {
    let kinds: Vec<Kind<'_>> = events.iter().map(kind).collect();
    // Maps and sets are only asked, never walked.
    let in_logs: HashSet<(&Kind<'_>, u64)> = (events.iter().zip(&kinds))
        .filter(|(event, _)| event.record_id != 0 && is_in_log(event))
        .map(|(event, kind)| (kind, event.record_id))
        .collect();
    let mut numbered: HashSet<(&Kind<'_>, u64)> = HashSet::new();
    let mut keep: Vec<bool> = events
        .iter()
        .zip(&kinds)
        .map(|(event, kind)| {
            let key = (kind, event.record_id);
            let known = || in_logs.contains(&key) || stands_in_log(event);
            event.record_id == 0 || ((is_in_log(event) || !known()) && numbered.insert(key))
        })
        .collect();
    if events.iter().any(|event| event.record_id == 0) {
        let mut known: HashMap<(&Kind<'_>, &str), u64> = HashMap::new();
        for ((event, kind), kept) in events.iter().zip(&kinds).zip(&keep) {
            if event.record_id != 0 && *kept {
                *known.entry((kind, &event.citation.text)).or_default() += 1;
            }
        }
        let mut met: HashMap<(&Kind<'_>, &str, ArtifactId), u64> = HashMap::new();
        for ((event, kind), keep) in events.iter().zip(&kinds).zip(&mut keep) {
            if event.record_id != 0 {
                continue;
            }
            let text: &str = &event.citation.text;
            let so_far = met
                .entry((kind, text, event.citation.artifact))
                .or_default();
            *so_far += 1;
            let known = known.entry((kind, text)).or_default();
            *keep = *so_far > *known;
            *known = (*known).max(*so_far);
        }
    }
    keep
}

fn kind(event: &Event) -> Kind<'_> {
    (event.computer.to_lowercase(), &event.channel, event.id)
}

/// What tells a record where its time does not.
fn untimed(event: &Event) -> (String, Arc<str>, u32, u64, Arc<str>) {
    let (machine, _, id) = kind(event);
    let (channel, said) = (event.channel.clone(), event.citation.text.clone());
    (machine, channel, id, event.record_id, said)
}

fn is_in_log(event: &Event) -> bool {
    matches!(event.citation.place, Place::Record(_))
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
            failed: false,
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
