//! The bytes of an artifact, on disk, in memory or packed, read by position and by several threads at once.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Content;
use super::packed::{Packed, Stream};

/// What is unpacked anew each time it is read is not held whole, unless it is small: text in UTF-16 grows in memory.
const WHOLE: u64 = 64 << 20;
const TOO_LARGE: &str =
    "it is packed and too large to be held whole; unpack the archive and name the folder";

/// The bytes of an artifact or archive. A clone reads on its own, so that each thread can read another part.
pub struct Source {
    from: From,
    at: u64,
}

enum From {
    File(PathBuf, Option<File>),
    Memory(Cursor<Arc<[u8]>>),
    Packed(Arc<Packed>, Option<Box<Stream>>),
}

impl Source {
    /// The bytes of an entry.
    pub fn new(content: &Content) -> Self {
        let from = match content {
            Content::File(path) => From::File(path.clone(), None),
            Content::Memory(bytes) => From::Memory(Cursor::new(Arc::clone(bytes))),
            Content::Packed(packed) => From::Packed(Arc::clone(packed), None),
        };
        Self { from, at: 0 }
    }

    /// Whether going to a place costs as much as reading all that lies before it: then it is best read in order.
    pub fn is_sequential(&self) -> bool {
        matches!(&self.from, From::Packed(packed, _) if packed.is_sequential())
    }

    /// Fills a buffer as far as there are bytes; how far that is.
    ///
    /// # Errors
    /// The bytes could not be read.
    pub fn fill(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        fill(self, buffer)
    }

    /// How many bytes come before the next that is read.
    pub fn position(&self) -> u64 {
        self.at
    }
}

/// Fills a buffer as far as there are bytes; how far that is.
///
/// # Errors
/// The bytes could not be read.
pub(crate) fn fill(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(room) = buffer.get_mut(filled..)
        && !room.is_empty()
    {
        match reader.read(room) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(reason) if reason.kind() == io::ErrorKind::Interrupted => {}
            Err(reason) => return Err(reason),
        }
    }
    Ok(filled)
}

impl Clone for Source {
    fn clone(&self) -> Self {
        let from = match &self.from {
            From::File(path, _) => From::File(path.clone(), None),
            From::Memory(bytes) => From::Memory(bytes.clone()),
            From::Packed(packed, _) => From::Packed(Arc::clone(packed), None),
        };
        Self { from, at: self.at }
    }
}

/// The file, opened on first use and put where its clone stood.
fn opened<'a>(path: &Path, file: &'a mut Option<File>, at: u64) -> io::Result<&'a mut File> {
    match file {
        Some(file) => Ok(file),
        None => {
            let mut new = File::open(path)?;
            new.seek(SeekFrom::Start(at))?;
            Ok(file.insert(new))
        }
    }
}

/// The place that is meant, in a source of so many bytes: it may lie behind their end.
fn place(to: SeekFrom, at: u64, bytes: u64) -> io::Result<u64> {
    let place = match to {
        SeekFrom::Start(place) => Some(place),
        SeekFrom::Current(by) => at.checked_add_signed(by),
        SeekFrom::End(by) => bytes.checked_add_signed(by),
    };
    place.ok_or_else(|| io::ErrorKind::InvalidInput.into())
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match &mut self.from {
            From::File(path, file) => opened(path, file, self.at)?.read(buffer),
            From::Memory(bytes) => bytes.read(buffer),
            From::Packed(packed, stream) => packed.read_at(stream, self.at, buffer),
        }?;
        self.at = self.at.saturating_add(read as u64);
        Ok(read)
    }

    fn read_to_end(&mut self, bytes: &mut Vec<u8>) -> io::Result<usize> {
        if let From::Packed(packed, _) = &self.from
            && packed.bytes().saturating_sub(self.at) > WHOLE
        {
            return Err(io::Error::other(TOO_LARGE));
        }
        self.take(u64::MAX).read_to_end(bytes)
    }
}

impl Seek for Source {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = match &mut self.from {
            From::File(path, file) => opened(path, file, self.at)?.seek(to),
            From::Memory(bytes) => bytes.seek(to),
            From::Packed(packed, _) => place(to, self.at, packed.bytes()),
        }?;
        Ok(self.at)
    }
}
