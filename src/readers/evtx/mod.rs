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
mod example;
mod file;
mod heading;
mod issuer;
mod json;
mod known;
mod line;
mod names;
mod pattern;
mod record;
mod share;
mod shown;
mod tally;
mod template;
#[cfg(test)]
mod tests;
mod tokens;
mod turns;
mod values;

use std::collections::BTreeSet;
use std::io;
use std::ops::ControlFlow;
use std::sync::Mutex;

use super::in_order::lock;
use file::LogFile;
use known::Known;
use share::{Found, Heads, Share, Wanted, Written};

use super::Reading;
use super::events::{EventLog, Folding, Head, Opening, RawEvent, Selection, Spans};
use crate::bundle::Source;
use crate::evidence::{ArtifactId, Place, Problem};

/// Reads an event log. What cannot be read is a problem of the reading.
///
/// `count` is the number of all records that were read, wanted or not; `room` is that of events kept whole; `threads` read at a
/// time, no more than there are.
///
/// # Errors
/// The file could not be read any more (it was moved, or the share went away).
pub fn read(
    artifact: ArtifactId,
    source: &Source,
    selection: &Selection,
    room: usize,
    threads: usize,
) -> io::Result<Reading<EventLog>> {
    let file = LogFile::open(source)?.read_by(threads);
    let (mut spans, mut kept) = (Spans::default(), Folding::new(room));
    let (mut problems, mut strange) = (Vec::new(), Vec::new());
    file.read(
        || Share::new(selection, Found::new(artifact)),
        Share::look,
        Share::found,
        |mut part| {
            problems.append(&mut part.problems);
            strange.append(&mut part.strange);
            kept.append(part.events);
            for (span, stretches) in part.counted {
                spans.append(span, stretches);
            }
            ControlFlow::Continue(())
        },
    )?;
    problems.extend(faults(&file, &mut strange, artifact));
    let doubtful = spans.doubtful();
    if !doubtful.is_empty() {
        let again = spans.take_back(heads(&file, &doubtful)?.into_iter());
        kept.keep_first(&again);
    }
    problems.extend(spans.repetition(artifact, "records"));
    problems.extend(too_many(&kept, artifact));
    let mut spans = spans.finish();
    if let Some(until) = kept.left_out_until {
        for span in &mut spans {
            span.first_time = span.first_time.max(until).min(span.last_time);
        }
    }
    let log = EventLog {
        events: kept.finish(),
        spans,
        local_clock: false,
    };
    Ok(Reading {
        artifact,
        count: log.spans.iter().map(|span| span.records).sum(),
        records: log,
        problems,
    })
}

/// Hands on the events that are wanted as lines of JSON, in the order of the log, as the file has them, until nobody wants
/// more. `path` names the artifact in each line; no more than `threads` read at a time.
///
/// # Errors
/// As [`read`].
pub fn lines(
    artifact: ArtifactId,
    path: &str,
    source: &Source,
    selection: &Selection,
    threads: usize,
    take: &mut (dyn FnMut(&[u8]) -> ControlFlow<()> + Send),
) -> io::Result<Reading<()>> {
    let file = LogFile::open(source)?.read_by(threads);
    let opening = Opening::new(path);
    let (mut problems, mut strange, mut count) = (Vec::new(), Vec::new(), 0);
    // Room for lines is used again: large pieces of memory are dear to get and to give back.
    let rooms = Mutex::new(Vec::new());
    let room = || lock(&rooms).pop().unwrap_or_default();
    file.read(
        || Share::new(selection, Written::new(artifact, &opening, room())),
        Share::look,
        |share| share.written(room()),
        |(mut part, mut others)| {
            problems.append(&mut part.problems);
            strange.append(&mut others);
            count += part.count;
            let go_on = take(&part.lines);
            part.lines.clear();
            lock(&rooms).push(part.lines);
            go_on
        },
    )?;
    problems.extend(faults(&file, &mut strange, artifact));
    Ok(Reading {
        artifact,
        records: (),
        count,
        problems,
    })
}

/// The record with this id, with all its values, whether the analysis wants it or not.
///
/// # Errors
/// As [`read`].
pub fn find(source: &Source, record_id: u64) -> io::Result<Option<RawEvent>> {
    let file = LogFile::open(source)?;
    let selection = Selection::default();
    let mut found = None;
    file.read(
        || (Known::new(&selection), Wanted::new(record_id)),
        |(known, wanted), chunk| {
            if chunk.is_chunk() && wanted.found.is_none() {
                chunk.visit(known, wanted);
            }
        },
        |(_, wanted)| wanted.found.take(),
        |part| {
            found = part;
            match found {
                Some(_) => ControlFlow::Break(()),
                None => ControlFlow::Continue(()),
            }
        },
    )?;
    Ok(found)
}

fn too_many(kept: &Folding, artifact: ArtifactId) -> Option<Problem> {
    let says = format!(
        "holds more than there is room for: {} of its events are counted and not looked at, the oldest of those that tell of \
         nothing wrong; what is missing before their end proves nothing. Give a span of time (--since, --until) to have \
         all of it looked at.",
        kept.left_out
    );
    (kept.left_out > 0).then(|| Problem::new(artifact, Place::Whole, says))
}

/// What is wrong with the file as a whole. `strange` are the chunks that do not start like one.
fn faults(file: &LogFile<'_>, strange: &mut [(u64, u64)], artifact: ArtifactId) -> Vec<Problem> {
    let mut says = Vec::new();
    if !file.has_head {
        says.push("The file does not start with the header of an event log (ElfFile).".to_owned());
    }
    let held = file.chunks;
    if let Some(announced) = file.announced
        && u64::from(announced) > held
    {
        says.push(format!(
            "The file is cut off: its header counts {announced} chunks, and it holds {held}."
        ));
    }
    strange.sort_unstable();
    if let Some((number, offset)) = strange.first() {
        says.push(format!(
            "{} of {held} chunks do not start like a chunk (ElfChnk) and were skipped; the first is chunk {number} at file \
             offset {offset:#x}.",
            strange.len(),
        ));
    }
    says.into_iter()
        .map(|says| Problem::new(artifact, Place::Whole, says))
        .collect()
}

/// The heads of all records of these chunks, in the order of the log.
fn heads(file: &LogFile<'_>, chunks: &BTreeSet<u64>) -> io::Result<Vec<Head>> {
    let selection = Selection::default();
    let mut heads = Heads(Vec::new());
    let mut known = Known::new(&selection);
    let mut room = file.room();
    for number in file.in_order(chunks) {
        file.read_share(number..number + 1, &mut room, |chunk| {
            chunk.visit(&mut known, &mut heads)
        })?;
    }
    Ok(heads.0)
}
