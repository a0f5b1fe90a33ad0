//! What a container covers: every readable record is counted, wanted or not, each one once.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::{ChannelSpan, Runs};
use crate::evidence::{ArtifactId, Place, Problem};

/// What is counted of every record.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) provider: Arc<str>,
    pub(crate) id: u32,
    pub(crate) channel: Arc<str>,
    pub(crate) computer: Arc<str>,
    pub(crate) record_id: u64,
    pub(crate) time: Timestamp,
}

/// The spans of a container while it is read.
#[derive(Default)]
pub(crate) struct Spans {
    spans: Vec<ChannelSpan>,
    /// Position in `spans`, by channel and machine.
    index: BTreeMap<(Arc<str>, Arc<str>), usize>,
    /// The records met: span, record id, time. Only asked for membership, so its order does not matter.
    seen: HashSet<(usize, u64, Timestamp)>,
    /// The span of the last record: neighbours nearly always share it.
    last: usize,
    /// Records met a second time.
    repeated: u64,
}

impl Spans {
    /// Counts a record. False when the same record (machine, channel, id, time) was counted before. Records without
    /// an id (0) cannot be told from each other and all count.
    pub(crate) fn count(&mut self, head: &Head) -> bool {
        let at = self.span_of(head);
        let known = head.record_id != 0 && !self.seen.insert((at, head.record_id, head.time));
        if known {
            self.repeated += 1;
            return false;
        }
        let Some(span) = self.spans.get_mut(at) else {
            return true;
        };
        span.first_time = span.first_time.min(head.time);
        span.last_time = span.last_time.max(head.time);
        span.first_record = span.first_record.min(head.record_id);
        span.last_record = span.last_record.max(head.record_id);
        span.runs.add(head.record_id, head.time);
        span.records += 1;
        *span
            .by_id
            .entry((head.provider.clone(), head.id))
            .or_default() += 1;
        true
    }

    fn span_of(&mut self, head: &Head) -> usize {
        let same =
            |span: &ChannelSpan| span.channel == head.channel && span.computer == head.computer;
        if !self.spans.get(self.last).is_some_and(same) {
            let key = (head.channel.clone(), head.computer.clone());
            self.last = *self.index.entry(key).or_insert_with(|| {
                self.spans.push(ChannelSpan {
                    channel: head.channel.clone(),
                    computer: head.computer.clone(),
                    first_time: head.time,
                    last_time: head.time,
                    first_record: head.record_id,
                    last_record: head.record_id,
                    runs: Runs::default(),
                    records: 0,
                    by_id: BTreeMap::new(),
                });
                self.spans.len() - 1
            });
        }
        self.last
    }

    /// What to say where records were met a second time; `records` is what the container calls them.
    pub(crate) fn repetition(&self, artifact: ArtifactId, records: &str) -> Option<Problem> {
        (self.repeated > 0).then(|| {
            let says = format!(
                "{} {records} stand in the file a second time; each was read once.",
                self.repeated
            );
            Problem::new(artifact, Place::Whole, says)
        })
    }

    /// The spans, by channel and machine.
    pub(crate) fn finish(mut self) -> Vec<ChannelSpan> {
        self.spans
            .sort_by(|a, b| (&a.channel, &a.computer).cmp(&(&b.channel, &b.computer)));
        self.spans
    }
}
