//! One chunk of a log: 64 KiB with a header, records, and the names and template definitions they share.
//!
//! The evtx crate walks the records: it finds the next one after a damaged one, and checks each record's binary XML
//! before it yields it. Beyond the mark where the free space starts stand stale records, often of other logs; they are
//! not read. The one exception: a log that was copied while Windows wrote to it has records behind an outdated mark.

use std::error::Error;
use std::sync::Arc;

use evtx::err::EvtxError;
use evtx::{EvtxChunk, EvtxChunkHeader, EvtxRecordHeader, ParserSettings};

use super::record::RecordReader;
use crate::evidence::{ArtifactId, Place, Problem};
use crate::readers::events::{self, Event, Head, RawEvent};

/// Bytes of a whole chunk.
pub(super) const SIZE: usize = 0x1_0000;
/// Bytes of a chunk's header.
const HEADER: usize = 512;

/// A chunk of the file: its number and place, and what of it the file holds.
#[derive(Clone, Copy)]
pub(super) struct Chunk<'a> {
    pub(super) number: usize,
    /// Offset in the file.
    pub(super) offset: usize,
    /// Shorter than [`SIZE`] where the file was cut off.
    pub(super) bytes: &'a [u8],
    /// The log was not closed: its last marks may be outdated.
    pub(super) dirty: bool,
}

/// What a chunk holds, in its order.
#[derive(Default)]
pub(super) struct Contents {
    /// Every readable record, and the event where it is wanted.
    pub(super) records: Vec<(Head, Option<Box<Event>>)>,
    pub(super) problems: Vec<Problem>,
}

impl Chunk<'_> {
    /// True when it starts as chunks do.
    pub(super) fn is_chunk(&self) -> bool {
        self.bytes.starts_with(b"ElfChnk\0")
    }

    /// True for space that Windows reserved and never used.
    pub(super) fn is_unused(&self) -> bool {
        self.bytes.iter().all(|byte| *byte == 0)
    }

    /// The lowest record id by the header, where it makes sense.
    pub(super) fn first_record(&self) -> Option<u64> {
        let header = EvtxChunkHeader::from_bytes(self.bytes).ok()?;
        (header.first_event_record_id <= header.last_event_record_id)
            .then_some(header.first_event_record_id)
    }

    /// Reads the chunk. Never fails: what cannot be read is a problem.
    pub(super) fn read(&self, artifact: ArtifactId) -> Contents {
        let mut contents = Contents::default();
        if let Err(why) = self.read_into(&mut contents, artifact) {
            contents
                .problems
                .push(Problem::new(artifact, Place::Whole, why));
        }
        contents
    }

    fn read_into(&self, contents: &mut Contents, artifact: ArtifactId) -> Result<(), String> {
        let here = format!("Chunk {} (file offset {:#x})", self.number, self.offset);
        let header = self
            .header()
            .map_err(|why| format!("{here} was skipped: {why}."))?;
        if self.bytes.len() < SIZE {
            contents.problems.push(Problem::new(
                artifact,
                Place::Whole,
                format!(
                    "{here} is cut off after {} of {SIZE} bytes; the records before that were read.",
                    self.bytes.len()
                ),
            ));
        }
        let settings = Arc::new(ParserSettings::new());
        let mut chunk = EvtxChunk::new(self.bytes, &header, settings)
            .map_err(|error| format!("{here} was skipped: {}.", chain(&error)))?;
        let reader = RecordReader::new(self.bytes);
        for record in chunk.iter() {
            let record = match record {
                Ok(record) => record,
                Err(error) => {
                    contents.problems.push(skipped(artifact, &here, &error));
                    continue;
                }
            };
            let at = usize::try_from(record.binxml_offset).unwrap_or(usize::MAX);
            match read_record(&reader, at, &record, artifact) {
                Ok(read) => contents.records.push(read),
                Err(why) => contents.problems.push(Problem::new(
                    artifact,
                    Place::Record(record.event_record_id),
                    format!("The record was skipped because {why} ({here})."),
                )),
            }
        }
        Ok(())
    }

    /// The live record with this id, whatever its kind.
    pub(super) fn find(&self, record_id: u64) -> Option<RawEvent> {
        let header = self.header().ok()?;
        let settings = Arc::new(ParserSettings::new());
        let mut chunk = EvtxChunk::new(self.bytes, &header, settings).ok()?;
        let reader = RecordReader::new(self.bytes);
        chunk.iter().filter_map(Result::ok).find_map(|record| {
            let at = usize::try_from(record.binxml_offset).ok()?;
            let read = reader
                .record(at, record.event_record_id, record.timestamp)
                .ok()?;
            let found = read.head.record_id == record_id;
            found.then(|| reader.event(&read).ok()).flatten()
        })
    }

    /// The header, without its table of names (names are read where they stand, and a damaged table would cost the
    /// whole chunk), and with the mark of the free space behind the last live record.
    fn header(&self) -> Result<EvtxChunkHeader, String> {
        let mut head = self
            .bytes
            .first_chunk::<HEADER>()
            .copied()
            .ok_or("the file ends in its header")?;
        if let Some(table) = head.get_mut(128..384) {
            table.fill(0);
        }
        let mut header = EvtxChunkHeader::from_bytes(&head).map_err(|error| chain(&error))?;
        if self.dirty {
            self.follow_live_records(&mut header);
        }
        Ok(header)
    }

    /// Moves the marks over records that follow the last one without a gap in place or number.
    fn follow_live_records(&self, header: &mut EvtxChunkHeader) {
        let mut at = (header.free_space_offset as usize).max(HEADER);
        while let Ok(record) = EvtxRecordHeader::from_bytes_at(self.bytes, at) {
            let size = record.data_size as usize;
            let end = at.saturating_add(size);
            let copy = end
                .checked_sub(4)
                .and_then(|copy| self.bytes.get(copy..end));
            let follows =
                header.last_event_record_id.checked_add(1) == Some(record.event_record_id);
            if !follows || size < 28 || copy != Some(record.data_size.to_le_bytes().as_slice()) {
                return;
            }
            header.last_event_record_id = record.event_record_id;
            header.last_event_record_data_offset = at as u32;
            header.free_space_offset = end as u32;
            at = end;
        }
    }
}

fn read_record(
    reader: &RecordReader<'_>,
    at: usize,
    record: &evtx::EvtxRecord<'_>,
    artifact: ArtifactId,
) -> Result<(Head, Option<Box<Event>>), super::cursor::Broken> {
    let read = reader.record(at, record.event_record_id, record.timestamp)?;
    let event = match events::is_wanted(&read.head.provider, read.head.id) {
        true => events::understand(reader.event(&read)?, artifact).map(Box::new),
        false => None,
    };
    Ok((read.head, event))
}

fn skipped(artifact: ArtifactId, here: &str, error: &EvtxError) -> Problem {
    match error {
        EvtxError::FailedToParseRecord { record_id, source } => Problem::new(
            artifact,
            Place::Record(*record_id),
            format!("The record was skipped: {} ({here}).", chain(source)),
        ),
        error => Problem::new(
            artifact,
            Place::Whole,
            format!(
                "{here}: {}; reading went on at the next record.",
                chain(error)
            ),
        ),
    }
}

/// An error with its causes, without the final stop.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        text = format!("{}: {error}", text.trim_end_matches('.'));
        source = error.source();
    }
    text.trim_end_matches('.').to_owned()
}
