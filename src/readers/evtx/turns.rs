//! One reader for several threads, who take turns: of a log that is unpacked while it is read, no piece can be had before the one
//! before it.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Condvar, Mutex, PoisonError};

use crate::bundle::Source;
use crate::readers::in_order::lock;

/// The reader, and whose turn it is.
pub(super) struct Turns {
    reader: Mutex<(usize, Source)>,
    passed: Condvar,
}

impl Turns {
    pub(super) fn new(reader: Source) -> Self {
        Self {
            reader: Mutex::new((0, reader)),
            passed: Condvar::new(),
        }
    }

    /// Waits until all pieces with lower numbers are read, and reads this one: so many bytes from an offset, fewer at the end.
    pub(super) fn read(&self, piece: usize, at: u64, bytes: u64) -> io::Result<Vec<u8>> {
        let mut reader = lock(&self.reader);
        while reader.0 != piece {
            let waited = self.passed.wait(reader);
            reader = waited.unwrap_or_else(PoisonError::into_inner);
        }
        // The turn is passed on whatever comes of it; the next one still waits for the lock.
        reader.0 += 1;
        self.passed.notify_all();
        reader.1.seek(SeekFrom::Start(at))?;
        let mut read = Vec::with_capacity(usize::try_from(bytes).unwrap_or(0));
        Read::by_ref(&mut reader.1)
            .take(bytes)
            .read_to_end(&mut read)?;
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;
    use crate::bundle::Content;

    #[test]
    fn whoever_comes_first_waits_for_those_before() {
        let bytes: Vec<u8> = (0..100).collect();
        let turns = Turns::new(Source::new(&Content::Memory(bytes.as_slice().into())));
        let read: Vec<Vec<u8>> = thread::scope(|scope| {
            let turns = &turns;
            let pieces: Vec<_> = (0..15)
                .rev()
                .map(|piece| scope.spawn(move || turns.read(piece, piece as u64 * 7, 7).unwrap()))
                .collect();
            pieces
                .into_iter()
                .rev()
                .map(|piece| piece.join().unwrap())
                .collect()
        });
        assert_eq!(read.concat(), bytes);
    }
}
