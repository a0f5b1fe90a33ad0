//! One compressed stream: `.gz`, `.bz2`, `.xz`, `.zst`. It holds a file, which takes the place of the archive, or a tar.
//!
//! A stream does not say how long it is, so it is unpacked twice: once to list what it holds, keeping nothing, and once for what the
//! budget allowed.

use std::io::{self, BufRead, BufReader, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bzip2::bufread::MultiBzDecoder;
use flate2::bufread::MultiGzDecoder;
use lzma_rust2::XzReader;
use ruzstd::decoding::StreamingDecoder;

use super::tar::{self, Ahead};
use super::{Closed, HARMLESS_STREAM, Left, Listed, Listing, Part, damaged, streamed};
use crate::bundle::packed::Method;
use crate::bundle::source::Source;
use crate::bundle::{Content, Packed};

/// Memory that the window of a stream may take, in KiB: what `xz -9` asks for, and half of what a strong 7z does.
const WINDOW_KIB: u32 = 256 << 10;

/// How a stream is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::bundle) enum Packing {
    /// `.gz`, several members one behind the other too.
    Gzip,
    /// `.bz2`.
    Bzip2,
    /// `.xz`.
    Xz,
    /// `.zst`.
    Zstd,
}

pub(super) fn list(archive: &Closed<'_>, packing: Packing, left: &Left) -> Listing {
    let limits = &left.limits;
    let by_ratio = archive
        .bytes
        .saturating_mul(limits.ratio)
        .max(HARMLESS_STREAM);
    let in_memory = limits.total_bytes.min(left.work);
    let log = log(archive, packing);
    let most = by_ratio.min(match log {
        Some(_) => in_memory.max(left.streamed),
        None => in_memory,
    });
    let mut stream = Measured {
        stream: Stream::new(archive.content, packing),
        head: Vec::new(),
        left: most,
        failure: None,
    };
    let mut head = vec![0; tar::BLOCK];
    let read = stream.fill(&mut head);
    head.truncate(read);
    let mut listing = Listing::default();
    if tar::is_header(&head) {
        stream.head = head;
        tar::walk(
            &mut stream,
            limits.entries.saturating_mul(super::ENTRIES_LISTED),
            &mut listing,
        );
    } else {
        let size = stream.pass(u64::MAX).saturating_add(read as u64);
        let problem = stream.failure.as_deref().map(|reason| match size {
            0 => damaged(reason),
            _ => format!(
                "is damaged or was cut off ({reason}): only its first {size} bytes were read; copy it again"
            ),
        });
        let fits = (limits.streamed_from..=left.streamed).contains(&size);
        listing.entries.push(Listed {
            label: None,
            size,
            packed: archive.bytes,
            refused: stream
                .too_long(most)
                .or(problem.clone().filter(|_| size == 0)),
            problem,
            crc: None,
            streamed: log.filter(|_| fits).map(|log| log.up_to(size)),
            part: 0,
            at: 0,
        });
    }
    let unpacked = most.saturating_sub(stream.left);
    match listing.entries.as_slice() {
        [log] if log.streamed.is_some() => {
            listing.looked_at.insert(log.part, unpacked);
        }
        _ => listing.work = unpacked,
    }
    listing.part(Part::Packed(archive.content.clone(), packing));
    listing
}

/// The log that it may hold, however long it is.
fn log(archive: &Closed<'_>, packing: Packing) -> Option<Packed> {
    match (archive.content, packing) {
        (Content::File(path), Packing::Gzip) => {
            let log = Packed::new(path, 0, archive.bytes, Method::Gzip, u64::MAX);
            streamed::is_log(&log).then_some(log)
        }
        _ => None,
    }
}

/// A stream that is unpacked only to see how long it is.
struct Measured {
    stream: Stream,
    /// What was looked at already, to be read again.
    head: Vec<u8>,
    /// Bytes that may still be unpacked.
    left: u64,
    failure: Option<String>,
}

const TOO_LONG: &str = "it unpacks to more than the limits allow, as a bomb does";

impl Measured {
    fn too_long(&self, most: u64) -> Option<String> {
        (self.failure.as_deref() == Some(TOO_LONG)).then(|| {
            format!(
                "was not unpacked because it becomes more than {most} bytes, as a bomb does; if you trust it, unpack it and name the file"
            )
        })
    }

    fn read(&mut self, buffer: &mut [u8]) -> usize {
        if !self.head.is_empty() {
            let read = buffer.len().min(self.head.len());
            for (room, byte) in buffer.iter_mut().zip(self.head.drain(..read)) {
                *room = byte;
            }
            return read;
        }
        let most = usize::try_from(self.left)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        if most == 0 && self.failure.is_none() && !buffer.is_empty() {
            // One byte more shows whether there is more.
            self.failure = match self.stream.read(&mut [0]) {
                Ok(0) => return 0,
                Ok(_) => Some(TOO_LONG.to_owned()),
                Err(error) => Some(error.to_string()),
            };
        }
        if self.failure.is_some() {
            return 0;
        }
        let read = match self.stream.read(buffer.get_mut(..most).unwrap_or_default()) {
            Ok(read) => read,
            Err(error) => {
                self.failure = Some(error.to_string());
                0
            }
        };
        self.left = self.left.saturating_sub(read as u64);
        read
    }
}

impl Ahead for Measured {
    fn fill(&mut self, buffer: &mut [u8]) -> usize {
        let mut filled = 0;
        while let Some(rest) = buffer.get_mut(filled..).filter(|rest| !rest.is_empty()) {
            match self.read(rest) {
                0 => break,
                read => filled += read,
            }
        }
        filled
    }

    fn pass(&mut self, bytes: u64) -> u64 {
        let mut passed = 0;
        let mut buffer = vec![0; 64 << 10];
        while passed < bytes {
            let most = usize::try_from(bytes - passed)
                .unwrap_or(usize::MAX)
                .min(buffer.len());
            match self.read(buffer.get_mut(..most).unwrap_or_default()) {
                0 => break,
                read => passed = passed.saturating_add(read as u64),
            }
        }
        passed
    }

    fn taken(&self) -> u64 {
        self.stream.taken.load(Ordering::Relaxed)
    }

    fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }
}

/// The unpacked bytes of a packing.
pub(super) struct Stream {
    unpacked: Box<dyn Read>,
    /// Bytes of the packing that were used up.
    taken: Arc<AtomicU64>,
}

impl Stream {
    pub(super) fn new(content: &Content, packing: Packing) -> Self {
        let taken = Arc::new(AtomicU64::new(0));
        let packed = Counted {
            packed: BufReader::with_capacity(64 << 10, Source::new(content)),
            taken: Arc::clone(&taken),
        };
        let unpacked: Box<dyn Read> = match packing {
            Packing::Gzip => Box::new(MultiGzDecoder::new(packed)),
            Packing::Bzip2 => Box::new(MultiBzDecoder::new(packed)),
            Packing::Xz => Box::new(XzReader::new_mem_limit(packed, true, WINDOW_KIB)),
            Packing::Zstd => Box::new(Frames::Before(packed)),
        };
        Self { unpacked, taken }
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.unpacked.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                result => return result,
            }
        }
    }
}

/// Packed bytes, of which it is known how many were used up: the ratio of an entry in the middle of a stream depends on it.
struct Counted {
    packed: BufReader<Source>,
    taken: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.packed.read(buffer)?;
        self.taken.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

impl BufRead for Counted {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.packed.fill_buf()
    }

    fn consume(&mut self, bytes: usize) {
        self.taken.fetch_add(bytes as u64, Ordering::Relaxed);
        self.packed.consume(bytes);
    }
}

/// The frames of Zstandard, one behind the other.
enum Frames {
    Before(Counted),
    In(Box<StreamingDecoder<Counted, ruzstd::decoding::FrameDecoder>>),
    End,
}

impl Read for Frames {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            match std::mem::replace(self, Frames::End) {
                Frames::Before(mut packed) => {
                    if packed.fill_buf()?.is_empty() {
                        return Ok(0);
                    }
                    let frame = StreamingDecoder::new(packed).map_err(io::Error::other)?;
                    *self = Frames::In(Box::new(frame));
                }
                Frames::In(mut frame) => match frame.read(buffer)? {
                    0 if !buffer.is_empty() => *self = Frames::Before(frame.into_inner()),
                    read => {
                        *self = Frames::In(frame);
                        return Ok(read);
                    }
                },
                Frames::End => return Ok(0),
            }
        }
    }
}
