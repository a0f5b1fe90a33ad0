//! One chunk of a log: 64 KiB with a header, records, and the names and template definitions they share.
//!
//! In a sound chunk the checksums fit and one record follows the other; they are walked here. In any other the evtx crate
//! walks: it finds the next record after a damaged one, and checks each record's binary XML before it yields it. Beyond the mark where
//! the free space starts stand stale records, often of other logs; they are not read. The one exception: a log that was
//! copied while Windows wrote to it has records behind an outdated mark.

use std::error::Error;
use std::mem;
use std::sync::Arc;

use evtx::err::EvtxError;
use evtx::{EvtxChunk, EvtxChunkHeader, EvtxRecordHeader, ParserSettings};
use jiff::Timestamp;

use super::cursor::Broken;
use super::heading::Glance;
use super::known::Known;
use super::names::Names;
use super::record::{Record, RecordReader};
use super::shown::filetime_at;
use crate::evidence;

/// Bytes of a whole chunk.
pub(super) const SIZE: usize = 0x1_0000;
/// Bytes of a chunk's header.
pub(super) const HEADER: usize = 512;

/// A chunk of the file: its number and place, and what of it the file holds.
#[derive(Clone, Copy)]
pub(super) struct Chunk<'a> {
    pub(super) number: u64,
    /// Offset in the file.
    pub(super) offset: u64,
    /// Shorter than [`SIZE`] where the file was cut off.
    pub(super) bytes: &'a [u8],
    /// The log was not closed: its last marks may be outdated.
    pub(super) dirty: bool,
}

/// Where a record stands, by its header.
pub(super) struct Place {
    /// The number of its chunk.
    pub(super) chunk: u64,
    pub(super) id: u64,
    pub(super) time: Timestamp,
    /// Offset of its binary XML in the chunk.
    pub(super) at: usize,
}

/// Takes what a chunk holds.
pub(super) trait Visitor {
    /// A readable record. A fault is one of the record's values.
    fn record<'a>(
        &mut self,
        reader: &mut RecordReader<'a, '_, '_>,
        record: &Record<'a>,
        place: &Place,
    ) -> Result<(), Broken>;

    /// Whether a record is to be shown at all, or a glance is enough.
    fn wants(&mut self, _glance: &Glance<'_>, _names: &Names<'_>) -> bool {
        true
    }

    /// What could not be read.
    fn problem(&mut self, place: evidence::Place, says: String);
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

    /// Shows every readable record to the visitor, in their order. Never fails: what cannot be read is a problem.
    ///
    /// In a sound chunk only the records are read whose head is asked for: what a record holds further is nobody's business
    /// unless it is wanted. Wherever something does not fit, the evtx crate walks the chunk.
    pub(super) fn visit(&self, known: &mut Known<'_>, visitor: &mut impl Visitor) {
        let mut places = mem::take(&mut known.places);
        if self.walk(&mut places).is_some() {
            let mut reader = RecordReader::new(self.bytes, known);
            for place in &places {
                self.show(place, &mut reader, visitor);
            }
            known.places = places;
        } else if let Err(why) = self.visit_with_crate(known, visitor) {
            visitor.problem(evidence::Place::Whole, why);
        }
    }

    fn here(&self) -> String {
        format!("Chunk {} (file offset {:#x})", self.number, self.offset)
    }

    fn show(
        &self,
        place: &Place,
        reader: &mut RecordReader<'_, '_, '_>,
        visitor: &mut impl Visitor,
    ) {
        let read = reader.record(place, visitor).and_then(|record| {
            let Some(record) = record else {
                return Ok(());
            };
            visitor.record(reader, &record, place)?;
            reader.done(record);
            Ok(())
        });
        if let Err(why) = read {
            let says = format!("The record was skipped because {why} ({}).", self.here());
            visitor.problem(evidence::Place::Record(place.id), says);
        }
    }

    pub(super) fn visit_with_crate(
        &self,
        known: &mut Known<'_>,
        visitor: &mut impl Visitor,
    ) -> Result<(), String> {
        let here = self.here();
        let header = self
            .header()
            .map_err(|why| format!("{here} was skipped: {why}."))?;
        if self.bytes.len() < SIZE {
            let says = format!(
                "{here} is cut off after {} of {SIZE} bytes; the records before that were read.",
                self.bytes.len()
            );
            visitor.problem(evidence::Place::Whole, says);
        }
        let settings = Arc::new(ParserSettings::new());
        let mut chunk = EvtxChunk::new(self.bytes, &header, settings)
            .map_err(|error| format!("{here} was skipped: {}.", chain(&error)))?;
        let mut reader = RecordReader::new(self.bytes, known);
        for record in chunk.iter() {
            match record {
                Ok(record) => {
                    let place = Place {
                        chunk: self.number,
                        id: record.event_record_id,
                        time: record.timestamp,
                        at: usize::try_from(record.binxml_offset).unwrap_or(usize::MAX),
                    };
                    self.show(&place, &mut reader, visitor);
                }
                Err(error) => {
                    let (place, says) = skipped(&here, &error);
                    visitor.problem(place, says);
                }
            }
        }
        Ok(())
    }

    /// Finds the records of a sound chunk: its checksums fit, one follows the other from its header to its free space, and the
    /// last is the one that the header names. `None` where anything is otherwise.
    fn walk(&self, places: &mut Vec<Place>) -> Option<()> {
        let number = |at: usize| {
            let bytes = self.bytes.get(at..)?.first_chunk()?;
            Some(u32::from_le_bytes(*bytes))
        };
        let free = number(48)? as usize;
        let last = u64::from_le_bytes(*self.bytes.get(32..)?.first_chunk()?);
        if !self.is_chunk() || self.bytes.len() != SIZE || !(HEADER..=SIZE).contains(&free) {
            return None;
        }
        let mut head = crc32fast::Hasher::new();
        head.update(self.bytes.get(..120)?);
        head.update(self.bytes.get(128..HEADER)?);
        let records = crc32fast::hash(self.bytes.get(HEADER..free)?);
        if number(124)? != head.finalize() || number(52)? != records {
            return None;
        }
        places.clear();
        let mut at = HEADER;
        while at < free {
            let record = self.bytes.get(at..free)?;
            let (head, _) = record.split_first_chunk::<24>()?;
            let ([mark, id, time], _) = head.as_chunks::<8>() else {
                return None;
            };
            let (magic, size) = mark.split_first_chunk::<4>()?;
            let bytes = u32::from_le_bytes(size.try_into().ok()?) as usize;
            if magic != b"**\0\0" || bytes < 28 || record.get(bytes - 4..bytes)? != size {
                return None;
            }
            let (id, time) = (u64::from_le_bytes(*id), u64::from_le_bytes(*time));
            places.push(Place {
                chunk: self.number,
                id,
                time: filetime_at(time)?,
                at: at + 24,
            });
            at += bytes;
            if (id == last) != (at == free) {
                return None;
            }
        }
        // A log that was copied while Windows wrote to it has records behind an outdated mark.
        let goes_on = self.dirty && self.bytes.get(free..)?.starts_with(b"**\0\0");
        (!goes_on).then_some(())
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

fn skipped(here: &str, error: &EvtxError) -> (evidence::Place, String) {
    match error {
        EvtxError::FailedToParseRecord { record_id, source } => (
            evidence::Place::Record(*record_id),
            format!("The record was skipped: {} ({here}).", chain(source)),
        ),
        error => (
            evidence::Place::Whole,
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
