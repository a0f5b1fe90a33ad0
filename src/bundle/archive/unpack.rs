//! Unpacking what the budget allowed: entries of one part in one pass, each into room of its listed size.

use std::io::{self, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use flate2::Crc;

use super::{FAULT, Part, damaged, packing, sevenz};
use crate::bundle::source::Source;
use crate::bundle::{Content, Packed};

/// Bytes unpacked at a time.
const BLOCK: usize = 64 << 10;

/// An entry that the limits allow.
#[derive(Clone)]
pub(super) struct Wanted {
    pub label: String,
    pub size: u64,
    pub at: u64,
    pub crc: Option<u32>,
    /// How it is read where it is not held in memory.
    pub streamed: Option<Packed>,
    pub problem: Option<String>,
}

/// An entry unpacked, or to be streamed; what could be read of a damaged one, and the problem beside it.
pub(in crate::bundle) struct Unpacked {
    pub label: String,
    pub content: Content,
    pub bytes: u64,
    pub problem: Option<String>,
}

/// Entries to unpack in one pass over a part of an archive.
pub(in crate::bundle) struct Job {
    part: Part,
    /// In the order of their places.
    wanted: Vec<Wanted>,
}

impl Job {
    pub(super) fn new(part: Part, mut wanted: Vec<Wanted>) -> Self {
        wanted.sort_by_key(|entry| entry.at);
        Self { part, wanted }
    }

    pub(in crate::bundle) fn run(self) -> Vec<Unpacked> {
        let Self { part, wanted } = self;
        let lost = |says: String| {
            let lose = |entry: &Wanted| entry.clone().lost(says.clone());
            wanted.iter().map(lose).collect()
        };
        let run = || match part {
            Part::Zip(place) => place.unpack(&wanted),
            // Nothing of a log in a tar can be checked, and one that was packed alone was checked when it was measured.
            Part::Plain(..) | Part::Packed(..) if wanted.iter().all(Wanted::is_streamed) => {
                Ok(wanted.iter().cloned().map(Wanted::unchecked).collect())
            }
            Part::Plain(content, offset) => {
                let mut source = Source::new(&content);
                match source.seek(SeekFrom::Start(offset)) {
                    Ok(_) => Ok(cut(&mut source, &wanted, false)),
                    Err(reason) => Err(damaged(reason)),
                }
            }
            Part::Packed(content, packing) => {
                let mut stream = packing::Stream::new(&content, packing);
                Ok(cut(&mut stream, &wanted, false))
            }
            Part::Folder(content, folder) => Ok(cut(
                &mut folder.unpack(Source::new(&content)),
                &wanted,
                false,
            )),
            Part::Block(content, block) => Ok(sevenz::unpack(&content, &block, &wanted)),
            Part::Empty => Ok(cut(&mut io::empty(), &wanted, false)),
        };
        catch_unwind(AssertUnwindSafe(run))
            .unwrap_or_else(|_| Err(FAULT.to_owned()))
            .unwrap_or_else(lost)
    }
}

/// Cuts entries out of a stream, in the order of their places. `whole`: the stream ends where the last of them does, which is when it
/// compares its checksum.
pub(super) fn cut(stream: &mut dyn Read, wanted: &[Wanted], whole: bool) -> Vec<Unpacked> {
    let mut at = 0;
    let mut broken = None;
    let mut cut = Vec::new();
    for entry in wanted.iter().cloned() {
        if broken.is_none()
            && let Err(reason) = pass(stream, &mut at, entry.at)
        {
            broken = Some(damaged(reason));
        }
        if let Some(says) = &broken {
            cut.push(entry.lost(says.clone()));
            continue;
        }
        let size = entry.size;
        let unpacked = entry.read(stream, whole);
        if unpacked.bytes < size {
            broken = Some(damaged("the archive is damaged before it"));
        }
        at = at.saturating_add(size);
        cut.push(unpacked);
    }
    cut
}

/// Passes over what lies between.
fn pass(stream: &mut dyn Read, at: &mut u64, to: u64) -> io::Result<()> {
    let between = to
        .checked_sub(*at)
        .ok_or_else(|| io::Error::other("it overlaps with another"))?;
    let passed = io::copy(&mut stream.take(between), &mut io::sink())?;
    *at = at.saturating_add(passed);
    if passed < between {
        return Err(io::Error::other("the archive ends before it"));
    }
    Ok(())
}

impl Wanted {
    fn is_streamed(&self) -> bool {
        self.streamed.is_some()
    }

    pub(super) fn lost(self, says: String) -> Unpacked {
        Unpacked {
            label: self.label,
            content: Content::Memory(Arc::default()),
            bytes: 0,
            problem: Some(says),
        }
    }

    /// To be streamed, as it is.
    fn unchecked(self) -> Unpacked {
        let size = self.size;
        self.unpacked(Arc::default(), size, None)
    }

    /// `held` is what was read, unless it is to be streamed.
    fn unpacked(self, held: Arc<[u8]>, bytes: u64, problem: Option<String>) -> Unpacked {
        let content = match self.streamed {
            Some(packed) => Content::Packed(Arc::new(packed.up_to(bytes))),
            None => Content::Memory(held),
        };
        Unpacked {
            label: self.label,
            content,
            bytes,
            problem: self.problem.or(problem),
        }
    }

    pub(super) fn read(self, stream: &mut dyn Read, whole: bool) -> Unpacked {
        let room = if self.is_streamed() { 0 } else { self.size };
        let Ok(room) = usize::try_from(room) else {
            let says = "is larger than this machine can address; unpack it and name the file";
            return self.lost(says.to_owned());
        };
        // Filled in place: growing a buffer and copying it at the end would take three times the memory.
        let mut held: Arc<[u8]> = std::iter::repeat_n(0, room).collect();
        let (read, mut failed) = copy(
            stream,
            self.size,
            Arc::get_mut(&mut held).unwrap_or_default(),
        );
        if whole && read == self.size {
            failed = end(stream);
        }
        let unlike = |crc| {
            let mut found = Crc::new();
            found.update(&held);
            found.sum() != crc
        };
        let size = self.size;
        let problem = match failed {
            Some(reason) => Some(format!(
                "is damaged ({reason}): only its first {read} bytes were read; pack and send it again"
            )),
            None if read < size => Some(format!(
                "is damaged: it ends after {read} of {size} bytes; what there is was read; pack and send it again"
            )),
            None if self.crc.is_some_and(unlike) => Some(
                "is damaged: its checksum is not that of what was packed; what there is was read; pack and send it again"
                    .to_owned(),
            ),
            None => None,
        };
        if read < room as u64 {
            held = held.get(..read as usize).unwrap_or_default().into();
        }
        self.unpacked(held, read, problem)
    }
}

/// Reads up to so many bytes in blocks, and keeps what there is room for: how far a damaged stream can be read must not depend on
/// whether it is kept.
fn copy(stream: &mut dyn Read, size: u64, room: &mut [u8]) -> (u64, Option<io::Error>) {
    let at_once = |left| usize::try_from(left).map_or(BLOCK, |left: usize| left.min(BLOCK));
    let mut block = vec![0; at_once(size)];
    let mut copied = 0u64;
    while copied < size {
        let most = at_once(size - copied);
        let read = match stream.read(block.get_mut(..most).unwrap_or_default()) {
            Ok(0) => break,
            Ok(read) => block.get(..read).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return (copied, Some(error)),
        };
        let at = usize::try_from(copied).unwrap_or(usize::MAX);
        if let Some(room) = room.get_mut(at..at.saturating_add(read.len())) {
            room.copy_from_slice(read);
        }
        copied += read.len() as u64;
    }
    (copied, None)
}

/// Fills the room as far as the stream goes.
pub(super) fn fill(stream: &mut dyn Read, room: &mut [u8]) -> (usize, Option<io::Error>) {
    let mut filled = 0;
    while let Some(rest) = room.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match stream.read(rest) {
            Ok(0) => break,
            Ok(read) => filled += read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return (filled, Some(error)),
        }
    }
    (filled, None)
}

/// Asks for one byte more, which makes the reader compare the checksum and shows an entry that lied about its size.
fn end(stream: &mut dyn Read) -> Option<io::Error> {
    match fill(stream, &mut [0]) {
        (0, failed) => failed,
        _ => Some(io::Error::other("it holds more than it declares")),
    }
}
