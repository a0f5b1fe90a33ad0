//! Two exports of one log that overlap, of which at least one is folded: what both tell counts once.
//!
//! Of an event that is folded only its time is known, so that it is told by that, its machine, channel and id: as many of
//! them as earlier files have are the same ones.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::evidence::ArtifactId;
use crate::readers::events::Event;

/// A channel of a machine.
type Log = (Arc<str>, Arc<str>);
/// The positions of the events of each file.
type Files = BTreeMap<ArtifactId, Vec<usize>>;
/// How often there are events of an id at a time (in microseconds).
type Told = HashMap<(u32, i64), u64>;

/// Leaves out of later files what earlier ones tell.
pub(super) fn leave_out(events: &mut Vec<Event>) {
    if events.iter().all(|event| event.folded.is_empty()) {
        return;
    }
    let mut logs: BTreeMap<Log, Files> = BTreeMap::new();
    for (position, event) in events.iter().enumerate() {
        let log = (event.computer.to_lowercase().into(), event.channel.clone());
        let files = logs.entry(log).or_default();
        files
            .entry(event.citation.artifact)
            .or_default()
            .push(position);
    }
    let mut gone = vec![false; events.len()];
    for files in logs.into_values().filter(|files| files.len() > 1) {
        let mut earlier = Told::new();
        for positions in files.into_values() {
            let mut own = Told::new();
            for position in positions {
                let event = events.get_mut(position);
                if let (Some(event), Some(gone)) = (event, gone.get_mut(position)) {
                    *gone = !keep_untold(event, &mut earlier, &mut own);
                }
            }
            for (moment, count) in own {
                *earlier.entry(moment).or_default() += count;
            }
        }
    }
    let mut gone = gone.into_iter();
    events.retain(|_| !gone.next().unwrap_or(false));
}

/// Keeps of an event, and of those folded into it, what earlier files do not tell; false where that is nothing.
fn keep_untold(event: &mut Event, earlier: &mut Told, own: &mut Told) -> bool {
    let id = event.id;
    let mut is_new = |time: jiff::Timestamp| {
        let moment = (id, time.as_microsecond());
        *own.entry(moment).or_default() += 1;
        match earlier.get_mut(&moment) {
            Some(left) if *left > 0 => {
                *left -= 1;
                false
            }
            _ => true,
        }
    };
    let mut itself = is_new(event.time);
    event.folded.retain(|time| {
        let new = is_new(*time);
        // The first new one of those that are folded into one that is told already has that one to stand for it.
        let stands = new && !itself;
        itself |= new;
        new && !stands
    });
    itself
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readers::events::{Datum, Folding, RawEvent, Said};

    /// Records of a log, one a second, as a file holds them that has room for so many whole.
    fn file(artifact: u32, records: std::ops::Range<u64>, room: usize) -> Vec<Event> {
        let mut said = Said::default();
        for number in records {
            let mut raw = RawEvent {
                provider: "Microsoft-Windows-Security-Auditing".into(),
                id: 4625,
                version: 0,
                failed: false,
                channel: "Security".into(),
                computer: "WEB01".into(),
                time: jiff::Timestamp::from_second(1_772_438_400 + number as i64).unwrap(),
                record_id: number,
                user_sid: None,
                data: vec![Datum {
                    name: Some("TargetUserName".into()),
                    value: "uma".to_owned(),
                }],
                binary: None,
            };
            said.take(&mut raw, ArtifactId(artifact));
        }
        let mut folding = Folding::new(room);
        folding.append(said);
        folding.finish()
    }

    fn counted(files: [Vec<Event>; 2]) -> u64 {
        let mut events: Vec<Event> = files.into_iter().flatten().collect();
        events.sort_by_key(|event| (event.time, event.citation.artifact));
        super::super::repeated::leave_out_repeated(&mut events);
        leave_out(&mut events);
        events.iter().map(Event::count).sum()
    }

    #[test]
    fn what_two_folded_files_tell_counts_once() {
        assert_eq!(counted([file(0, 0..400, 200), file(1, 300..700, 200)]), 700);
        assert_eq!(counted([file(0, 0..400, 200), file(1, 0..400, 100)]), 400);
        assert_eq!(counted([file(0, 0..400, 200), file(1, 100..150, 200)]), 400);
        assert_eq!(counted([file(0, 100..150, 200), file(1, 0..400, 200)]), 400);
        assert_eq!(counted([file(0, 0..400, 200), file(1, 400..800, 200)]), 800);
    }

    #[test]
    fn files_that_are_whole_are_left_alone() {
        assert_eq!(counted([file(0, 0..50, 99), file(1, 20..70, 99)]), 70);
    }
}
