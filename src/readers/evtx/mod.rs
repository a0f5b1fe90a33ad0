//! `.evtx` files: the event logs of Windows, as exported or as copied from a machine.
//!
//! ```text
//! 0x000000  ElfFile  header: flags (was the log closed?), number of chunks
//! 0x001000  ElfChnk  chunk 0: names, template definitions, records  **\0\0 size id time <binary XML> size
//! 0x011000  ElfChnk  chunk 1: …
//! ```
//!
//! What comes out: the wanted records as typed [`Event`](super::events::Event)s, and the spans that all records cover.
//! A full log overwrites its oldest chunk, so reading starts at the chunk with the lowest record id. Files may be cut
//! off, damaged, or single chunks without the file header.

mod chunk;
mod cursor;
mod record;
mod template;
#[cfg(test)]
mod tests;
mod values;

use evtx::{EvtxFileHeader, HeaderFlags};
use rayon::prelude::*;

use chunk::Chunk;

use super::Reading;
use super::events::{EventLog, RawEvent, Spans};
use crate::evidence::{ArtifactId, Place, Problem};

/// Bytes before the first chunk.
const FILE_HEADER: usize = 4096;
/// Chunks read at a time: enough for all cores, few enough that only their records are in memory at once.
const BATCH: usize = 256;

/// Reads an event log. Never fails: what cannot be read is a problem of the reading.
///
/// `count` is the number of all records that were read, wanted or not.
pub fn read(artifact: ArtifactId, bytes: &[u8]) -> Reading<EventLog> {
    let mut problems = Vec::new();
    let chunks = chunks(artifact, bytes, &mut problems);
    let mut spans = Spans::default();
    let mut log = EventLog::default();
    for batch in chunks.chunks(BATCH) {
        let read: Vec<_> = batch.par_iter().map(|chunk| chunk.read(artifact)).collect();
        for mut contents in read {
            problems.append(&mut contents.problems);
            for (head, event) in contents.records {
                if spans.count(&head) {
                    log.events.extend(event.map(|event| *event));
                }
            }
        }
    }
    problems.extend(spans.repetition(artifact, "records"));
    log.spans = spans.finish();
    Reading {
        artifact,
        count: log.spans.iter().map(|span| span.records).sum(),
        records: log,
        problems,
    }
}

/// The record with this id, with all its values, whether the analysis wants it or not.
pub fn find(bytes: &[u8], record_id: u64) -> Option<RawEvent> {
    let chunks = chunks(ArtifactId(0), bytes, &mut Vec::new());
    chunks.iter().find_map(|chunk| chunk.find(record_id))
}

/// The chunks of a file, the one with the oldest records first.
fn chunks<'a>(
    artifact: ArtifactId,
    bytes: &'a [u8],
    problems: &mut Vec<Problem>,
) -> Vec<Chunk<'a>> {
    let mut problem = |says: String| problems.push(Problem::new(artifact, Place::Whole, says));
    let header = EvtxFileHeader::from_bytes(bytes).ok();
    let start = match bytes.starts_with(b"ElfChnk\0") {
        true => 0,
        false => FILE_HEADER,
    };
    if header.is_none() && start == FILE_HEADER {
        problem("The file does not start with the header of an event log (ElfFile).".to_owned());
    }
    let dirty = header
        .as_ref()
        .is_none_or(|header| header.flags.contains(HeaderFlags::DIRTY));
    let chunks = bytes
        .get(start..)
        .unwrap_or_default()
        .chunks(chunk::SIZE)
        .enumerate()
        .map(|(number, bytes)| Chunk {
            number,
            offset: start + number * chunk::SIZE,
            bytes,
            dirty,
        });
    let (mut chunks, others): (Vec<_>, Vec<_>) = chunks.partition(Chunk::is_chunk);
    let held = chunks.len() + others.len();
    if let Some(header) = header
        && usize::from(header.chunk_count) > held
    {
        problem(format!(
            "The file is cut off: its header counts {} chunks, and it holds {held}.",
            header.chunk_count
        ));
    }
    let strange: Vec<_> = others.iter().filter(|chunk| !chunk.is_unused()).collect();
    if let Some(first) = strange.first() {
        problem(format!(
            "{} of {held} chunks do not start like a chunk (ElfChnk) and were skipped; the first is chunk {} at file \
             offset {:#x}.",
            strange.len(),
            first.number,
            first.offset
        ));
    }
    let oldest = chunks
        .iter()
        .enumerate()
        .filter_map(|(place, chunk)| Some((chunk.first_record()?, place)))
        .min();
    if let Some((_, place)) = oldest {
        chunks.rotate_left(place);
    }
    chunks
}
