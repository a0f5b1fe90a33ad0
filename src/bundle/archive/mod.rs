//! Archives, opened without unpacking to disk.
//!
//! Every archive is *listed* first: from its directory where it has one, in one pass over its bytes where it has none (`.gz`,
//! `.tar.gz`). The list goes against the [`Budget`], archive by archive in the order of their paths, and what the limits allow is then
//! unpacked in parallel, each entry into room of exactly its listed size, or into none: a large log that can be had without what
//! lies before it (in a zip or a plain tar on disk, or as the one file of a `.gz`) is unpacked anew each time it is read
//! ([`Packed`](super::Packed)), and here only passed over once to see whether it is sound. So the same bundle meets its limits at the same entry whatever
//! the number of threads, and an entry that is larger than it says is cut there. Entries that share one compressed stream (a `.tar.gz`,
//! a folder of a cabinet, a block of a 7z) are unpacked together, in one pass.
//!
//! What a damaged archive still gives is kept, and a problem says what to do.

mod budget;
mod cab;
mod packing;
mod sevenz;
mod streamed;
mod tar;
mod unpack;
mod zip;

pub(super) use budget::{Budget, Left};
pub(super) use packing::Packing;
pub(super) use tar::is_header as is_tar;
pub(super) use unpack::{Job, Unpacked};

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::{Content, Packed};

/// A make of archive that is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// `.zip`, with the entries packed as Explorer, 7-Zip and PowerShell do.
    Zip,
    /// `.cab`.
    Cabinet,
    /// `.7z`.
    SevenZip,
    /// `.tar`.
    Tar,
    /// One compressed stream: of a file, or of a tar.
    Packed(Packing),
}

/// An archive before it is opened.
pub(super) struct Closed<'a> {
    pub format: Format,
    pub content: &'a Content,
    /// Its size in bytes.
    pub bytes: u64,
}

impl Closed<'_> {
    /// Whether it must be unpacked to be listed.
    pub(super) fn is_stream(&self) -> bool {
        matches!(self.format, Format::Packed(_))
    }
}

/// What an archive holds, and what is wrong with it as a whole.
#[derive(Default)]
pub(super) struct Listing {
    pub entries: Vec<Listed>,
    /// Where the entries are found; they refer to it by number.
    parts: Vec<Part>,
    pub problems: Vec<String>,
    /// Bytes that had to be unpacked only to make the list.
    pub work: u64,
    /// By part, bytes of what may be streamed that were unpacked to see what or how long it is.
    pub looked_at: BTreeMap<usize, u64>,
}

/// An entry as it is listed.
pub(super) struct Listed {
    /// Its path in the archive; none for the one file of a packing, which takes the place of the archive.
    label: Option<String>,
    /// Bytes that it unpacks to.
    size: u64,
    /// Bytes that it takes in the archive.
    packed: u64,
    /// Why it is not unpacked, whatever the limits.
    refused: Option<String>,
    /// What is wrong with it although it is unpacked.
    problem: Option<String>,
    /// CRC-32, where nobody else compares it.
    crc: Option<u32>,
    /// How it is read where it is not held in memory.
    streamed: Option<Packed>,
    /// Which part of the archive it is in.
    part: usize,
    /// Its first byte in the unpacked stream of that part.
    at: u64,
}

impl Listed {
    /// Where it ends in the unpacked stream of its part.
    fn end(&self) -> u64 {
        self.at.saturating_add(self.size)
    }
}

/// A part of an archive that is unpacked in one go.
enum Part {
    /// One entry of a zip.
    Zip(zip::Place),
    /// The bytes of an entry as they are, from an offset.
    Plain(Content, u64),
    /// The whole of a packing.
    Packed(Content, Packing),
    /// A folder of a cabinet.
    Folder(Content, cab::Folder),
    /// A block of a 7z.
    Block(Content, sevenz::Block),
    /// Nothing: entries without bytes.
    Empty,
}

/// Lists an archive, within what is left of the limits.
pub(super) fn list(archive: &Closed<'_>, left: &Left) -> Listing {
    let most = left.limits.entries.saturating_mul(ENTRIES_LISTED);
    let list = || match archive.format {
        Format::Zip => streamed::choose(
            zip::list(archive.content, most, &left.limits),
            left.streamed,
        ),
        Format::Cabinet => cab::list(archive),
        Format::SevenZip => sevenz::list(archive, most),
        Format::Tar => streamed::choose(tar::list(archive, most, &left.limits), left.streamed),
        Format::Packed(packing) => packing::list(archive, packing, left),
    };
    // What strangers send meets the code of others here: a fault in it loses this archive, not the whole bundle.
    catch_unwind(AssertUnwindSafe(list)).unwrap_or_else(|_| Listing::nothing(FAULT.to_owned()))
}

const FAULT: &str = "could not be unpacked because of a fault in why401; please report it, unpack it and name the folder";

/// So many times the entries that a bundle may hold are listed at most: entries of archives that are stored inside a zip look like its
/// own, hence the generous bound.
const ENTRIES_LISTED: usize = 4;

/// A stream that unpacks to this much is no bomb, whatever its ratio: logs that are still empty pack a thousandfold.
const HARMLESS_STREAM: u64 = 256 << 20;

impl Listing {
    fn part(&mut self, part: Part) -> usize {
        self.parts.push(part);
        self.parts.len() - 1
    }

    /// An archive that gives nothing.
    fn nothing(says: String) -> Self {
        Self {
            problems: vec![says],
            ..Self::default()
        }
    }
}

const ENCRYPTED: &str =
    "is encrypted; unpack the archive with its password and name the folder instead";
const LINK: &str = "is a link, which is not followed; pack what it stands for";
const DEVICE: &str = "is a device or a pipe, which is not read; copy what it stands for";

fn packed_strangely(method: impl std::fmt::Display) -> String {
    format!(
        "is packed with {method}, which is not read here; pack it again as an ordinary zip, or unpack it and name the folder"
    )
}

fn damaged(reason: impl std::fmt::Display) -> String {
    format!(
        "is damaged or was cut off ({reason}); copy it again, or unpack what can be rescued and name the folder"
    )
}

/// What an entry takes of a stream that it shares, where only the whole is known.
fn share(packed: u64, size: u64, whole: u64) -> u64 {
    let share = u128::from(packed) * u128::from(size) / u128::from(whole.max(1));
    u64::try_from(share).unwrap_or(u64::MAX)
}
