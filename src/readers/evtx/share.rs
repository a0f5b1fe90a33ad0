//! What is made of the records: counts and events of a share of the chunks, heads alone, one record.

use super::chunk::{Chunk, Visitor};
use super::cursor::Broken;
use super::known::Known;
use super::record::{self, Record, RecordReader};
use super::tally::Tally;
use crate::evidence::{ArtifactId, Place, Problem};
use crate::readers::events::{self, ChannelSpan, Event, Head, RawEvent, Selection, Stretch};

/// A share of the chunks while it is read.
pub(super) struct Share<'s> {
    known: Known<'s>,
    found: Found,
    strange: Vec<(u64, u64)>,
}

/// Counts and events.
struct Found {
    artifact: ArtifactId,
    tally: Tally,
    events: Vec<Event>,
    problems: Vec<Problem>,
}

/// What a share of the chunks holds.
pub(super) struct Part {
    /// The counts, and which records stand in which chunk.
    pub(super) counted: Vec<(ChannelSpan, Vec<Stretch>)>,
    pub(super) events: Vec<Event>,
    pub(super) problems: Vec<Problem>,
    /// Number and offset of chunks that do not start like one.
    pub(super) strange: Vec<(u64, u64)>,
}

impl<'s> Share<'s> {
    pub(super) fn new(artifact: ArtifactId, selection: &'s Selection) -> Self {
        Self {
            known: Known::new(selection),
            found: Found {
                artifact,
                tally: Tally::default(),
                events: Vec::new(),
                problems: Vec::new(),
            },
            strange: Vec::new(),
        }
    }

    pub(super) fn look(&mut self, chunk: &Chunk<'_>) {
        if chunk.is_chunk() {
            chunk.visit(&mut self.known, &mut self.found);
        } else if !chunk.is_unused() {
            self.strange.push((chunk.number, chunk.offset));
        }
    }

    pub(super) fn finish(self) -> Part {
        Part {
            counted: self.found.tally.finish(&self.known.names),
            events: self.found.events,
            problems: self.found.problems,
            strange: self.strange,
        }
    }
}

impl Visitor for Found {
    fn record<'a>(
        &mut self,
        reader: &mut RecordReader<'a, '_, '_>,
        record: &Record<'a>,
        chunk: u64,
    ) -> Result<(), Broken> {
        if reader.wants(record) {
            let event = reader.event(record)?;
            self.events.extend(events::understand(event, self.artifact));
        }
        self.tally.count(&record.head, chunk);
        Ok(())
    }

    fn problem(&mut self, place: Place, says: String) {
        self.problems.push(Problem::new(self.artifact, place, says));
    }
}

/// The heads of all records.
pub(super) struct Heads(pub(super) Vec<Head>);

impl Visitor for Heads {
    fn record<'a>(
        &mut self,
        reader: &mut RecordReader<'a, '_, '_>,
        record: &Record<'a>,
        _: u64,
    ) -> Result<(), Broken> {
        self.0.push(reader.named(&record.head));
        Ok(())
    }

    fn problem(&mut self, _: Place, _: String) {}
}

/// The record with one id.
pub(super) struct Wanted {
    record_id: u64,
    pub(super) found: Option<RawEvent>,
}

impl Wanted {
    pub(super) fn new(record_id: u64) -> Self {
        Self {
            record_id,
            found: None,
        }
    }
}

impl Visitor for Wanted {
    fn record<'a>(
        &mut self,
        reader: &mut RecordReader<'a, '_, '_>,
        record: &Record<'a>,
        _: u64,
    ) -> Result<(), Broken> {
        let record::Head { record_id, .. } = record.head;
        if record_id == self.record_id && self.found.is_none() {
            self.found = reader.event(record).ok();
        }
        Ok(())
    }

    fn problem(&mut self, _: Place, _: String) {}
}
