//! Entries of archives on disk that are unpacked anew each time they are read, as a stream: logs of any size, never held whole.

#[cfg(test)]
mod tests;

use std::fmt;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Take};
use std::path::{Path, PathBuf};

use flate2::{Decompress, FlushDecompress, Status};

/// Packed bytes read at a time.
const BLOCK: usize = 64 << 10;
/// The window of deflate: 32 KiB, as a power of two.
const WINDOW_BITS: u8 = 15;

/// Where the packed bytes of an entry are, and how they are packed.
#[derive(Clone)]
pub struct Packed {
    archive: PathBuf,
    /// Where they start in the archive.
    start: u64,
    /// How many there are.
    packed: u64,
    method: Method,
    /// How many come out. What would come out beyond is not read.
    bytes: u64,
}

/// How an entry is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    /// As it is.
    Stored,
    /// In one stream of deflate, as in a zip.
    Deflated,
    /// As a file of gzip, of several members too.
    Gzip,
}

impl Packed {
    pub(super) fn new(archive: &Path, start: u64, packed: u64, method: Method, bytes: u64) -> Self {
        let bytes = match method {
            Method::Stored => bytes.min(packed),
            Method::Deflated | Method::Gzip => bytes,
        };
        Self {
            archive: archive.to_owned(),
            start,
            packed,
            method,
            bytes,
        }
    }

    /// The same where no more than this comes out.
    pub(super) fn up_to(self, bytes: u64) -> Self {
        Self { bytes, ..self }
    }

    /// How many bytes come out.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Whether what lies before a place must be unpacked to get there.
    pub(super) fn is_sequential(&self) -> bool {
        self.method != Method::Stored
    }

    /// Reads at a place, with the stream of an earlier reading where that has not passed it.
    pub(super) fn read_at(
        &self,
        stream: &mut Option<Box<Stream>>,
        at: u64,
        buffer: &mut [u8],
    ) -> io::Result<usize> {
        let left = usize::try_from(self.bytes.saturating_sub(at)).unwrap_or(usize::MAX);
        let most = left.min(buffer.len());
        let room = buffer.get_mut(..most).unwrap_or_default();
        if room.is_empty() {
            return Ok(0);
        }
        if self.is_sequential() {
            stream.take_if(|open| open.at > at);
        }
        let open = match stream {
            Some(open) => open,
            None => stream.insert(Box::new(self.open()?)),
        };
        if open.at != at {
            open.go_to(at, self.start)?;
        }
        open.read(room)
    }

    fn open(&self) -> io::Result<Stream> {
        let mut archive = File::open(&self.archive)?;
        archive.seek(SeekFrom::Start(self.start))?;
        let from = match self.method {
            Method::Stored => From::Stored(archive),
            Method::Deflated => self.inflate(archive, Decompress::new(false)),
            Method::Gzip => self.inflate(archive, Decompress::new_gzip(WINDOW_BITS)),
        };
        Ok(Stream { at: 0, from })
    }

    fn inflate(&self, archive: File, state: Decompress) -> From {
        From::Deflated(Box::new(Inflate {
            packed: BufReader::with_capacity(BLOCK, archive.take(self.packed)),
            state,
            has_members: self.method == Method::Gzip,
        }))
    }
}

/// Says where.
impl fmt::Debug for Packed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (archive, start) = (self.archive.display(), self.start);
        write!(f, "Packed({} bytes of {archive} at {start})", self.bytes)
    }
}

/// An entry while it is unpacked.
pub(super) struct Stream {
    /// How far it is.
    at: u64,
    from: From,
}

enum From {
    Stored(File),
    Deflated(Box<Inflate>),
}

impl Stream {
    /// Goes to a place: of a deflated entry one that lies ahead. `start` is that of the entry in its archive.
    fn go_to(&mut self, at: u64, start: u64) -> io::Result<()> {
        match &mut self.from {
            From::Stored(archive) => {
                archive.seek(SeekFrom::Start(start.saturating_add(at)))?;
                self.at = at;
            }
            From::Deflated(_) => {
                let between = at.saturating_sub(self.at);
                let passed = io::copy(&mut self.take(between), &mut io::sink())?;
                if passed < between {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
            }
        }
        Ok(())
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match &mut self.from {
            From::Stored(archive) => archive.read(buffer),
            From::Deflated(inflate) => inflate.read(buffer),
        }?;
        self.at = self.at.saturating_add(read as u64);
        Ok(read)
    }
}

/// Inflates, and hands on all that stands before a fault, in whatever pieces it is asked for: how far a damaged entry can be
/// read must not depend on who reads it.
struct Inflate {
    packed: BufReader<Take<File>>,
    state: Decompress,
    /// Whether another member may come behind one that is over.
    has_members: bool,
}

impl Read for Inflate {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            let packed = self.packed.fill_buf()?;
            let is_over = packed.is_empty();
            let (taken, given) = (self.state.total_in(), self.state.total_out());
            let status = self.state.decompress(packed, buffer, FlushDecompress::None);
            let taken = (self.state.total_in() - taken) as usize;
            let given = (self.state.total_out() - given) as usize;
            self.packed.consume(taken);
            if given > 0 || buffer.is_empty() {
                return Ok(given);
            }
            match status? {
                Status::StreamEnd if is_over || !self.has_members => return Ok(0),
                Status::StreamEnd => self.state.reset(true),
                _ if is_over => return Err(io::ErrorKind::UnexpectedEof.into()),
                _ if taken == 0 => return Err(io::ErrorKind::InvalidData.into()),
                _ => {}
            }
        }
    }
}
