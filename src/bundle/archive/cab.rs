//! Cabinets: stored, MSZIP and LZX folders ([MS-CAB]).
//!
//! A header, the folders, the entries, then the blocks of each folder, at most 32 KiB unpacked each. What this room calls a folder is one
//! compressed stream that entries share, as in the specification. Written here because the one crate for cabinets unpacks a folder anew
//! for every entry, and reads names as UTF-8 only.

mod folder;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, BufReader, Read, Seek, SeekFrom};

use super::{Closed, Listed, Listing, Part, damaged};
use crate::bundle::source::Source;
use crate::bundle::{label, text};
pub(super) use folder::Folder;
use folder::Method;

/// Bits of the header's flags: cabinets of the set before and behind, and space reserved for the writer.
const BEFORE: u16 = 1;
const BEHIND: u16 = 2;
const RESERVED: u16 = 4;
/// Numbers of folders from here on say that the entry goes on in another cabinet.
const CONTINUED: u16 = 0xFFFD;
/// A name, as long as the specification allows.
const NAME: usize = 256;

const SET: &str = "is one of several cabinets that belong together, and only what lies wholly in it was read; unpack the first with all of them beside it (extrac32 /a /e) and name the folder";
const ELSEWHERE: &str =
    "lies partly in another cabinet of the set; unpack the cabinets together and name the folder";

pub(super) fn list(archive: &Closed<'_>) -> Listing {
    let mut listing = Listing::default();
    if let Err(reason) = read(archive, &mut listing) {
        listing.problems.push(damaged(reason));
    }
    listing
}

fn read(archive: &Closed<'_>, listing: &mut Listing) -> io::Result<()> {
    let mut fields = Fields(BufReader::new(Source::new(archive.content)));
    fields.skip(16)?;
    let entries_at = fields.u32()?;
    fields.skip(6)?;
    let folders = fields.u16()?;
    let entries = fields.u16()?;
    let flags = fields.u16()?;
    fields.skip(4)?;
    let (mut in_folders, mut in_blocks) = (0, 0);
    if flags & RESERVED != 0 {
        let in_header = fields.u16()?;
        in_folders = fields.u8()?;
        in_blocks = fields.u8()?;
        fields.skip(u64::from(in_header))?;
    }
    for neighbour in [BEFORE, BEHIND] {
        if flags & neighbour != 0 {
            // The file and the disk.
            fields.text()?;
            fields.text()?;
        }
    }
    if flags & (BEFORE | BEHIND) != 0 {
        listing.problems.push(SET.to_owned());
    }
    let mut all = Vec::new();
    for _ in 0..folders {
        all.push(Folder {
            start: u64::from(fields.u32()?),
            end: archive.bytes,
            blocks: fields.u16()?,
            method: Method::of(fields.u16()?),
            reserved: in_blocks,
        });
        fields.skip(u64::from(in_folders))?;
    }
    set_ends(&mut all);
    fields.0.seek(SeekFrom::Start(u64::from(entries_at)))?;
    let mut found = Vec::new();
    let whole = (0..entries).try_for_each(|_| {
        found.push(Entry::read(&mut fields)?);
        Ok(())
    });
    let mut ends: BTreeMap<u16, u64> = BTreeMap::new();
    for entry in &found {
        let end = ends.entry(entry.folder).or_default();
        *end = entry.end().max(*end);
    }
    for entry in found {
        let whole = ends.get(&entry.folder).copied().unwrap_or(0);
        listing.entries.push(entry.listed(&all, whole));
    }
    for folder in all {
        listing.part(Part::Folder(archive.content.clone(), folder));
    }
    whole
}

/// A folder ends where the next begins: no byte of a cabinet is unpacked twice, whatever its folders claim.
fn set_ends(folders: &mut [Folder]) {
    let starts: BTreeSet<u64> = folders.iter().map(|folder| folder.start).collect();
    let mut taken = BTreeSet::new();
    for folder in folders {
        let next = starts.range(folder.start.saturating_add(1)..).next();
        folder.end = next.copied().unwrap_or(folder.end).min(folder.end);
        if !taken.insert(folder.start) {
            folder.end = folder.start;
        }
    }
}

struct Entry {
    name: Vec<u8>,
    size: u32,
    at: u32,
    folder: u16,
}

impl Entry {
    fn read(fields: &mut Fields) -> io::Result<Self> {
        let (size, at, folder) = (fields.u32()?, fields.u32()?, fields.u16()?);
        // Date, time and attributes.
        fields.skip(6)?;
        Ok(Self {
            name: fields.text()?,
            size,
            at,
            folder,
        })
    }

    fn end(&self) -> u64 {
        u64::from(self.at) + u64::from(self.size)
    }

    fn listed(self, folders: &[Folder], whole: u64) -> Listed {
        let folder = folders.get(usize::from(self.folder));
        let packed = folder.map_or(0, |folder| folder.end.saturating_sub(folder.start));
        let refused = match folder {
            _ if self.folder >= CONTINUED => Some(ELSEWHERE.to_owned()),
            Some(folder) => folder.method.refusal(),
            None => Some(damaged("it lies in a folder that is not there")),
        };
        Listed {
            label: Some(label::clean(&text::decode_name(&self.name))),
            size: u64::from(self.size),
            packed: super::share(packed, u64::from(self.size), whole),
            refused,
            problem: None,
            crc: None,
            streamed: None,
            part: usize::from(self.folder),
            at: u64::from(self.at),
        }
    }
}

/// Numbers and names, one behind the other.
struct Fields(BufReader<Source>);

impl Fields {
    fn bytes<const N: usize>(&mut self) -> io::Result<[u8; N]> {
        let mut bytes = [0; N];
        self.0.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn u8(&mut self) -> io::Result<u8> {
        self.bytes().map(u8::from_le_bytes)
    }

    fn u16(&mut self) -> io::Result<u16> {
        self.bytes().map(u16::from_le_bytes)
    }

    fn u32(&mut self) -> io::Result<u32> {
        self.bytes().map(u32::from_le_bytes)
    }

    fn skip(&mut self, bytes: u64) -> io::Result<()> {
        let skipped = io::copy(&mut self.0.by_ref().take(bytes), &mut io::sink())?;
        if skipped == bytes {
            Ok(())
        } else {
            Err(io::ErrorKind::UnexpectedEof.into())
        }
    }

    /// Up to a NUL, and without it.
    fn text(&mut self) -> io::Result<Vec<u8>> {
        let mut text = Vec::new();
        loop {
            match self.u8()? {
                0 => return Ok(text),
                _ if text.len() == NAME => return Err(io::Error::other("a name has no end")),
                byte => text.push(byte),
            }
        }
    }
}
