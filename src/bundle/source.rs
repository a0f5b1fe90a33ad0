//! The bytes of an artifact, on disk or in memory, read by position and by several threads at once.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Content;

/// The bytes of an artifact or archive. A clone reads on its own, so that each thread can read another part.
pub struct Source {
    from: From,
    at: u64,
}

enum From {
    File(PathBuf, Option<File>),
    Memory(Cursor<Arc<[u8]>>),
}

impl Source {
    /// The bytes of an entry.
    pub fn new(content: &Content) -> Self {
        let from = match content {
            Content::File(path) => From::File(path.clone(), None),
            Content::Memory(bytes) => From::Memory(Cursor::new(Arc::clone(bytes))),
        };
        Self { from, at: 0 }
    }

    /// Fills a buffer as far as there are bytes; how far that is.
    ///
    /// # Errors
    /// The bytes could not be read.
    pub fn fill(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while let Some(room) = buffer.get_mut(filled..)
            && !room.is_empty()
        {
            match self.read(room) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(reason) if reason.kind() == io::ErrorKind::Interrupted => {}
                Err(reason) => return Err(reason),
            }
        }
        Ok(filled)
    }

    /// How many bytes come before the next that is read.
    pub fn position(&self) -> u64 {
        self.at
    }
}

impl Clone for Source {
    fn clone(&self) -> Self {
        let from = match &self.from {
            From::File(path, _) => From::File(path.clone(), None),
            From::Memory(bytes) => From::Memory(bytes.clone()),
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

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = match &mut self.from {
            From::File(path, file) => opened(path, file, self.at)?.read(buffer),
            From::Memory(bytes) => bytes.read(buffer),
        }?;
        self.at = self.at.saturating_add(read as u64);
        Ok(read)
    }
}

impl Seek for Source {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.at = match &mut self.from {
            From::File(path, file) => opened(path, file, self.at)?.seek(to),
            From::Memory(bytes) => bytes.seek(to),
        }?;
        Ok(self.at)
    }
}
