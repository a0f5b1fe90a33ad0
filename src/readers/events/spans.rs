//! What a container covers: every readable record is counted, wanted or not, each one once.

use std::collections::{BTreeMap, BTreeSet, HashSet};
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

impl ChannelSpan {
    /// Nothing yet of a channel and machine, whose first record this will be.
    pub(crate) fn empty(
        (channel, computer): (Arc<str>, Arc<str>),
        id: u64,
        time: Timestamp,
    ) -> Self {
        Self {
            channel,
            computer,
            first_time: time,
            last_time: time,
            first_record: id,
            last_record: id,
            runs: Runs::default(),
            records: 0,
            by_id: BTreeMap::new(),
        }
    }

    /// One record more, which `by_id` does not count yet.
    pub(crate) fn add(&mut self, id: u64, time: Timestamp) {
        self.first_time = self.first_time.min(time);
        self.last_time = self.last_time.max(time);
        self.first_record = self.first_record.min(id);
        self.last_record = self.last_record.max(id);
        self.runs.add(id, time);
        self.records += 1;
    }
}

/// The records of one span in one chunk of a log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stretch {
    /// The number of the chunk.
    pub(crate) chunk: u64,
    least: u64,
    most: u64,
    /// Whether each record has a higher id than the one before.
    ascends: bool,
}

impl Stretch {
    /// One record.
    pub(crate) fn of(chunk: u64, id: u64) -> Self {
        Self {
            chunk,
            least: id,
            most: id,
            ascends: true,
        }
    }

    /// One record more.
    pub(crate) fn add(&mut self, id: u64) {
        self.ascends &= id > self.most;
        self.least = self.least.min(id);
        self.most = self.most.max(id);
    }
}

/// A record that stands in a container more than once.
pub(crate) type Again = (Arc<str>, Arc<str>, u64, Timestamp);

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
    /// What was counted chunk by chunk: span and stretch.
    stretches: Vec<(usize, Stretch)>,
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
        span.add(head.record_id, head.time);
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
            let names = (head.channel.clone(), head.computer.clone());
            self.last = self.place(ChannelSpan::empty(names, head.record_id, head.time));
        }
        self.last
    }

    /// The position of the span with this one's channel and machine, itself where there is none yet.
    fn place(&mut self, span: ChannelSpan) -> usize {
        let key = (span.channel.clone(), span.computer.clone());
        *self.index.entry(key).or_insert_with(|| {
            self.spans.push(span);
            self.spans.len() - 1
        })
    }

    /// Adds what the next chunks of a log hold, counted without asking which records stand there twice.
    pub(crate) fn append(&mut self, counted: ChannelSpan, stretches: Vec<Stretch>) {
        let at = self.place(ChannelSpan {
            runs: Runs::default(),
            records: 0,
            by_id: BTreeMap::new(),
            ..counted.clone()
        });
        self.stretches
            .extend(stretches.into_iter().map(|stretch| (at, stretch)));
        let Some(span) = self.spans.get_mut(at) else {
            return;
        };
        span.first_time = span.first_time.min(counted.first_time);
        span.last_time = span.last_time.max(counted.last_time);
        span.first_record = span.first_record.min(counted.first_record);
        span.last_record = span.last_record.max(counted.last_record);
        span.runs.append(counted.runs);
        span.records += counted.records;
        for (key, count) in counted.by_id {
            *span.by_id.entry(key).or_default() += count;
        }
    }

    /// The chunks in which a record may stand that stands in the log twice: those whose ids overlap.
    pub(crate) fn doubtful(&self) -> BTreeSet<u64> {
        let mut sorted: Vec<&(usize, Stretch)> = self.stretches.iter().collect();
        sorted.sort_by_key(|(span, stretch)| (*span, stretch.least, stretch.chunk));
        let mut doubtful = BTreeSet::new();
        let mut furthest: Option<(usize, Stretch)> = None;
        for (span, stretch) in sorted {
            if !stretch.ascends {
                doubtful.insert(stretch.chunk);
            }
            match &mut furthest {
                Some((of, before)) if of == span => {
                    if stretch.least <= before.most && stretch.most > 0 {
                        doubtful.extend([before.chunk, stretch.chunk]);
                    }
                    if stretch.most > before.most {
                        *before = *stretch;
                    }
                }
                _ => furthest = Some((*span, *stretch)),
            }
        }
        doubtful
    }

    /// Takes back what was counted twice of the doubtful chunks, whose records these are, in the order of the log. Returns
    /// which records those were.
    pub(crate) fn take_back(&mut self, records: impl Iterator<Item = Head>) -> HashSet<Again> {
        let mut again = HashSet::new();
        for head in records {
            let at = self.span_of(&head);
            if head.record_id == 0 || self.seen.insert((at, head.record_id, head.time)) {
                continue;
            }
            self.repeated += 1;
            if let Some(span) = self.spans.get_mut(at) {
                span.records = span.records.saturating_sub(1);
                if let Some(count) = span.by_id.get_mut(&(head.provider, head.id)) {
                    *count = count.saturating_sub(1);
                }
            }
            again.insert((head.channel, head.computer, head.record_id, head.time));
        }
        for span in &mut self.spans {
            span.by_id.retain(|_, count| *count > 0);
        }
        again
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
