//! What is made of the records: counts and events of a share of the chunks, heads alone, one record.

use std::mem;

use super::chunk::{self, Chunk, Visitor};
use super::cursor::Broken;
use super::heading::Glance;
use super::known::Known;
use super::names::Names;
use super::record::{Record, RecordReader};
use super::tally::Tally;
use crate::evidence::{ArtifactId, Place, Problem};
use crate::readers::events::{ChannelSpan, Head, Opening, RawEvent, Said, Selection, Stretch};

/// A share of the chunks while it is read, and what is made of its records; then the next.
pub(super) struct Share<'s, V> {
    pub(super) known: Known<'s>,
    pub(super) made: V,
    /// Number and offset of chunks that do not start like one.
    pub(super) strange: Vec<(u64, u64)>,
}

impl<'s, V: Visitor> Share<'s, V> {
    pub(super) fn new(selection: &'s Selection, made: V) -> Self {
        Self {
            known: Known::new(selection),
            made,
            strange: Vec::new(),
        }
    }

    pub(super) fn look(&mut self, chunk: &Chunk<'_>) {
        self.look_with(chunk, |chunk, known, made| chunk.visit(known, made));
    }

    /// Looks at a chunk, and at its records by this way.
    pub(super) fn look_with(
        &mut self,
        chunk: &Chunk<'_>,
        visit: impl FnOnce(&Chunk<'_>, &mut Known<'s>, &mut V),
    ) {
        if chunk.is_chunk() {
            visit(chunk, &mut self.known, &mut self.made);
        } else if !chunk.is_unused() {
            self.strange.push((chunk.number, chunk.offset));
        }
    }
}

/// Counts and events.
pub(super) struct Found {
    artifact: ArtifactId,
    tally: Tally,
    events: Said,
    problems: Vec<Problem>,
}

/// Counts and events of a share, with their names.
pub(super) struct Part {
    /// The counts, and which records stand in which chunk.
    pub(super) counted: Vec<(ChannelSpan, Vec<Stretch>)>,
    pub(super) events: Said,
    pub(super) problems: Vec<Problem>,
    pub(super) strange: Vec<(u64, u64)>,
}

impl Found {
    pub(super) fn new(artifact: ArtifactId) -> Self {
        Self {
            artifact,
            tally: Tally::default(),
            events: Said::default(),
            problems: Vec::new(),
        }
    }
}

impl Share<'_, Found> {
    /// What was found; the next share is begun with nothing.
    pub(super) fn found(&mut self) -> Part {
        let nothing = Found::new(self.made.artifact);
        let found = mem::replace(&mut self.made, nothing);
        let part = Part {
            counted: found.tally.finish(&self.known.names),
            events: found.events,
            problems: found.problems,
            strange: mem::take(&mut self.strange),
        };
        self.known.keep_small();
        part
    }
}

impl Visitor for Found {
    /// Most records are like the last of their definition, and only counted.
    fn wants(&mut self, glance: &Glance<'_>, names: &Names<'_>) -> bool {
        let head = glance.head().filter(|head| !names.wants(head));
        if let Some(head) = &head {
            self.tally.count(head, glance.place.chunk);
        }
        head.is_none()
    }

    fn record<'a>(
        &mut self,
        reader: &mut RecordReader<'a, '_, '_>,
        record: &Record<'a>,
        place: &chunk::Place,
    ) -> Result<(), Broken> {
        let head = reader.head(record, place.id, place.time);
        if reader.names().wants(&head) {
            let mut event = reader.event(record, &head)?;
            self.events.take(&mut event, self.artifact);
            reader.reuse(event.data);
        } else {
            record.remember();
        }
        self.tally.count(&head, place.chunk);
        Ok(())
    }

    fn problem(&mut self, place: Place, says: String) {
        self.problems.push(Problem::new(self.artifact, place, says));
    }
}

/// Wanted records, as lines.
pub(super) struct Written<'a> {
    id: ArtifactId,
    opening: &'a Opening,
    pub(super) lines: Vec<u8>,
    pub(super) count: u64,
    pub(super) problems: Vec<Problem>,
}

impl<'a> Written<'a> {
    /// `lines` is empty room.
    pub(super) fn new(id: ArtifactId, opening: &'a Opening, lines: Vec<u8>) -> Self {
        Self {
            id,
            opening,
            lines,
            count: 0,
            problems: Vec::new(),
        }
    }
}

impl<'a> Share<'_, Written<'a>> {
    /// What was written, and the strange chunks; the next share is begun with nothing, and writes to this empty room.
    pub(super) fn written(&mut self, lines: Vec<u8>) -> (Written<'a>, Vec<(u64, u64)>) {
        let nothing = Written::new(self.made.id, self.made.opening, lines);
        let written = mem::replace(&mut self.made, nothing);
        self.known.keep_small();
        (written, mem::take(&mut self.strange))
    }
}

impl Visitor for Written<'_> {
    fn wants(&mut self, glance: &Glance<'_>, names: &Names<'_>) -> bool {
        glance.id().is_none_or(|id| names.may_want(id))
    }

    fn record<'a>(
        &mut self,
        reader: &mut RecordReader<'a, '_, '_>,
        record: &Record<'a>,
        place: &chunk::Place,
    ) -> Result<(), Broken> {
        let head = reader.head(record, place.id, place.time);
        if reader.names().wants(&head) {
            reader.line(record, &head, self.opening, &mut self.lines)?;
            self.count += 1;
        }
        Ok(())
    }

    fn problem(&mut self, place: Place, says: String) {
        self.problems.push(Problem::new(self.id, place, says));
    }
}

/// The heads of all records.
pub(super) struct Heads(pub(super) Vec<Head>);

impl Visitor for Heads {
    fn record<'a>(
        &mut self,
        reader: &mut RecordReader<'a, '_, '_>,
        record: &Record<'a>,
        place: &chunk::Place,
    ) -> Result<(), Broken> {
        let head = reader.head(record, place.id, place.time);
        self.0.push(reader.named(&head));
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
        place: &chunk::Place,
    ) -> Result<(), Broken> {
        let head = reader.head(record, place.id, place.time);
        if head.record_id == self.record_id && self.found.is_none() {
            self.found = reader.event(record, &head).ok();
        }
        Ok(())
    }

    fn problem(&mut self, _: Place, _: String) {}
}
