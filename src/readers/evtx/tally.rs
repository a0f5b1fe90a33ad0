//! What a stretch of a log holds, counted: every readable record, wanted or not.

use std::collections::{BTreeMap, HashMap};

use super::names::{Name, Names};
use super::record::Head;
use crate::readers::events::{ChannelSpan, Stretch};

/// The counts of some chunks, by channel and machine.
#[derive(Default)]
pub(super) struct Tally {
    spans: Vec<Counted>,
    /// Position in `spans`; only asked for single ones, so its order does not matter.
    index: HashMap<(Name, Name), usize>,
    /// The span of the last record: neighbours nearly always share it.
    last: usize,
}

struct Counted {
    channel: Name,
    computer: Name,
    span: ChannelSpan,
    by_id: BTreeMap<(Name, u32), u64>,
    /// The records of each chunk.
    stretches: Vec<Stretch>,
}

impl Tally {
    /// Counts a record of the chunk with this number.
    pub(super) fn count(&mut self, head: &Head, chunk: u64) {
        let at = self.span_of(head);
        let Some(counted) = self.spans.get_mut(at) else {
            return;
        };
        counted.span.add(head.record_id, head.time);
        *counted.by_id.entry((head.provider, head.id)).or_default() += 1;
        match counted.stretches.last_mut() {
            Some(stretch) if stretch.chunk == chunk => stretch.add(head.record_id),
            _ => counted.stretches.push(Stretch::of(chunk, head.record_id)),
        }
    }

    fn span_of(&mut self, head: &Head) -> usize {
        let same = |c: &Counted| c.channel == head.channel && c.computer == head.computer;
        if !self.spans.get(self.last).is_some_and(same) {
            let spans = &mut self.spans;
            let key = (head.channel, head.computer);
            self.last = *self.index.entry(key).or_insert_with(|| {
                spans.push(Counted::of(head));
                spans.len() - 1
            });
        }
        self.last
    }

    /// The counts with their names, and which records stand in which chunk.
    pub(super) fn finish(self, names: &Names<'_>) -> Vec<(ChannelSpan, Vec<Stretch>)> {
        let named = |counted: Counted| {
            let mut span = counted.span;
            span.channel = names.text(counted.channel);
            span.computer = names.text(counted.computer);
            let by_id = counted.by_id.into_iter();
            span.by_id = by_id
                .map(|((provider, id), count)| ((names.text(provider), id), count))
                .collect();
            (span, counted.stretches)
        };
        self.spans.into_iter().map(named).collect()
    }
}

impl Counted {
    fn of(head: &Head) -> Self {
        Self {
            channel: head.channel,
            computer: head.computer,
            // The names come at the end.
            span: ChannelSpan::empty(Default::default(), head.record_id, head.time),
            by_id: BTreeMap::new(),
            stretches: Vec::new(),
        }
    }
}
