//! The file around the chunks: read by position, a block at a time, by several threads; never held whole. Of a log
//! that is unpacked while it is read, the threads read in turn and look at what they read side by side.

use std::collections::BTreeSet;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::{ControlFlow, Range};

use evtx::{EvtxChunkHeader, EvtxFileHeader, HeaderFlags};
use rayon::prelude::*;

use super::chunk::{self, Chunk};
use super::turns::Turns;
use crate::bundle::{Source, fill};
use crate::readers::in_order::InOrder;

/// Bytes before the first chunk.
const FILE_HEADER: usize = 4096;
/// Chunks that one thread takes.
const SHARE: u64 = 8;
/// Shares that may be under way at a time, for each thread: enough that none waits long for the others, few enough that only
/// what they hold is in memory at once.
const AHEAD: usize = 4;

/// Where one thread reads to: a chunk at a time, which stays in a core's cache.
pub(super) struct Room {
    source: Source,
    chunk: Vec<u8>,
}

/// A file of chunks.
pub(super) struct LogFile<'a> {
    source: &'a Source,
    /// Offset of the first chunk.
    start: u64,
    /// Chunks, the last perhaps cut off.
    pub(super) chunks: u64,
    /// Chunks by the header, where there is one.
    pub(super) announced: Option<u16>,
    /// Whether it starts as files do, or as a chunk.
    pub(super) has_head: bool,
    /// The log was not closed: the marks of its header and of its last chunk may be outdated.
    dirty: bool,
    /// The chunk with the oldest records.
    oldest: u64,
    /// Threads that read at a time.
    threads: usize,
}

impl<'a> LogFile<'a> {
    pub(super) fn open(source: &'a Source) -> io::Result<Self> {
        let mut reader = source.clone();
        let bytes = reader.seek(SeekFrom::End(0))?;
        reader.seek(SeekFrom::Start(0))?;
        let mut head = Vec::new();
        Read::by_ref(&mut reader)
            .take(FILE_HEADER as u64)
            .read_to_end(&mut head)?;
        let header = EvtxFileHeader::from_bytes(&head).ok();
        let bare = head.starts_with(b"ElfChnk\0");
        let start = if bare { 0 } else { FILE_HEADER as u64 };
        let mut file = Self {
            source,
            start,
            chunks: bytes.saturating_sub(start).div_ceil(chunk::SIZE as u64),
            announced: header.as_ref().map(|header| header.chunk_count),
            has_head: bare || header.is_some(),
            dirty: header
                .as_ref()
                .is_none_or(|header| header.flags.contains(HeaderFlags::DIRTY)),
            oldest: 0,
            threads: rayon::current_num_threads(),
        };
        let oldest = header.map_or(0, |header| header.first_chunk_number);
        file.oldest = match !file.dirty && file.is_oldest(&mut reader, oldest)? {
            true => oldest,
            false => file.find_oldest(&mut reader)?,
        };
        Ok(file)
    }

    /// Has no more threads read it than these.
    pub(super) fn read_by(self, threads: usize) -> Self {
        Self {
            threads: threads.min(self.threads),
            ..self
        }
    }

    /// Whether neither the first nor the last chunk of the file is older than this one.
    ///
    /// To look at more than the first, a stream would have to be unpacked once more. Windows writes the number when it closes or
    /// exports a log, and it is outdated only in one that was copied open, which is marked dirty.
    fn is_oldest(&self, reader: &mut Source, number: u64) -> io::Result<bool> {
        if number >= self.chunks {
            return Ok(false);
        }
        if self.source.is_sequential() {
            return Ok(self.first_record(reader, 0)?.is_some());
        }
        let Some(least) = self.first_record(reader, number)? else {
            return Ok(false);
        };
        for end in [0, self.chunks.saturating_sub(1)] {
            let first = self.first_record(reader, end)?;
            if first.is_some_and(|first| first < least) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The chunk with the lowest record id by the headers that make sense.
    fn find_oldest(&self, reader: &mut Source) -> io::Result<u64> {
        let mut oldest = None;
        for number in 0..self.chunks {
            if let Some(first) = self.first_record(reader, number)?
                && oldest.is_none_or(|(least, _)| first < least)
            {
                oldest = Some((first, number));
            }
        }
        Ok(oldest.map_or(0, |(_, number)| number))
    }

    /// The lowest record id of a chunk by its header, where it makes sense.
    fn first_record(&self, reader: &mut Source, number: u64) -> io::Result<Option<u64>> {
        let mut head = [0; chunk::HEADER];
        reader.seek(SeekFrom::Start(self.offset(number)))?;
        let read = fill(reader, &mut head)?;
        let header = EvtxChunkHeader::from_bytes(head.get(..read).unwrap_or_default()).ok();
        let ids = header.map(|h| (h.first_event_record_id, h.last_event_record_id));
        Ok(ids.and_then(|(first, last)| (first <= last).then_some(first)))
    }

    fn offset(&self, number: u64) -> u64 {
        self.start + number * chunk::SIZE as u64
    }

    /// Has every chunk looked at, shares of them by several threads, and hands what comes of each share on, the oldest first,
    /// until nobody wants more. What `begin` makes stays with one thread.
    pub(super) fn read<S, T: Send>(
        &self,
        begin: impl Fn() -> S + Sync,
        look: impl Fn(&mut S, &Chunk<'_>) + Sync,
        end: impl Fn(&mut S) -> T + Sync,
        mut take: impl FnMut(T) -> ControlFlow<()> + Send,
    ) -> io::Result<()> {
        let ring = [self.oldest..self.chunks, 0..self.oldest];
        let shares: Vec<Range<u64>> = ring
            .into_iter()
            .flat_map(|part| {
                let starts = part.clone().step_by(SHARE as usize);
                starts.map(move |first| first..part.end.min(first + SHARE))
            })
            .collect();
        let turns = self
            .source
            .is_sequential()
            .then(|| Turns::new(self.source.clone()));
        let threads = self.threads.min(shares.len());
        let mut failed = None;
        let in_order = InOrder::new(shares.len(), AHEAD * threads, |part| match part {
            Ok(part) => take(part),
            Err(reason) => {
                failed = Some(reason);
                ControlFlow::Break(())
            }
        });
        (0..threads).into_par_iter().for_each(|_| {
            let (mut state, mut room) = (begin(), self.room());
            in_order.work(|number| {
                let share = shares.get(number).cloned().unwrap_or_default();
                let look = |chunk: &Chunk<'_>| look(&mut state, chunk);
                match &turns {
                    None => self.read_share(share, &mut room, look),
                    Some(turns) => {
                        let (from, to) = (self.offset(share.start), self.offset(share.end));
                        let bytes = turns.read(number, from, to - from)?;
                        self.look_at(share, &mut bytes.as_slice(), &mut room.chunk, look)
                    }
                }?;
                Ok(end(&mut state))
            });
        });
        drop(in_order);
        failed.map_or(Ok(()), Err)
    }

    /// These chunks, the oldest first.
    pub(super) fn in_order(&self, chunks: &BTreeSet<u64>) -> impl Iterator<Item = u64> {
        let newer = chunks.range(self.oldest..);
        newer.chain(chunks.range(..self.oldest)).copied()
    }

    /// What reading takes.
    pub(super) fn room(&self) -> Room {
        Room {
            source: self.source.clone(),
            chunk: vec![0; chunk::SIZE],
        }
    }

    /// Has these chunks looked at.
    pub(super) fn read_share(
        &self,
        share: Range<u64>,
        room: &mut Room,
        look: impl FnMut(&Chunk<'_>),
    ) -> io::Result<()> {
        let Room { source, chunk } = room;
        source.seek(SeekFrom::Start(self.offset(share.start)))?;
        self.look_at(share, source, chunk, look)
    }

    /// The same where the reader stands before them.
    fn look_at(
        &self,
        share: Range<u64>,
        reader: &mut impl Read,
        chunk: &mut [u8],
        mut look: impl FnMut(&Chunk<'_>),
    ) -> io::Result<()> {
        for number in share {
            let read = fill(reader, chunk)?;
            let bytes = chunk.get(..read).unwrap_or_default();
            if bytes.is_empty() {
                break;
            }
            look(&Chunk {
                number,
                offset: self.offset(number),
                bytes,
                dirty: self.dirty,
            });
        }
        Ok(())
    }
}
