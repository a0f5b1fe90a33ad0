//! Tar archives, plain or inside a packing: ustar, GNU and pax, and the old ones that have nothing but a checksum.
//!
//! A header of 512 bytes, the bytes of the entry filled up to a multiple of 512, the next header. Two blocks of zeros are the end.
//! There is no directory: the headers are walked from the start, and behind a damaged one the next whole one is looked for.

use std::io::{Seek, SeekFrom};

use tar::{EntryType, Header, PaxExtensions};

use super::unpack::fill;
use super::{Closed, DEVICE, LINK, Listed, Listing, Part, damaged, streamed};
use crate::bundle::packed::Method;
use crate::bundle::source::Source;
use crate::bundle::{Limits, Packed, label, text};

pub(super) const BLOCK: usize = 512;
/// A long name, or the extensions of one entry, take no more than this.
const EXTENSION: u64 = 1 << 20;

/// Bytes that are read from their start on, some only passed over.
pub(super) trait Ahead {
    /// Fills a buffer; less of it at the end.
    fn fill(&mut self, buffer: &mut [u8]) -> usize;
    /// Passes over so many bytes; fewer at the end.
    fn pass(&mut self, bytes: u64) -> u64;
    /// How far the archive is read, in its own bytes.
    fn taken(&self) -> u64;
    /// Why it ended before its end.
    fn failure(&self) -> Option<&str>;
}

/// A tar as it is: what is passed over is not read.
struct Plain {
    source: Source,
    at: u64,
    bytes: u64,
    failure: Option<String>,
}

impl Ahead for Plain {
    fn fill(&mut self, buffer: &mut [u8]) -> usize {
        let (filled, failure) = fill(&mut self.source, buffer);
        self.failure = failure.map(|error| error.to_string());
        self.at = self.at.saturating_add(filled as u64);
        filled
    }

    fn pass(&mut self, bytes: u64) -> u64 {
        let passed = bytes.min(self.bytes.saturating_sub(self.at));
        self.at = self.at.saturating_add(passed);
        if let Err(error) = self.source.seek(SeekFrom::Start(self.at)) {
            self.failure = Some(error.to_string());
        }
        passed
    }

    fn taken(&self) -> u64 {
        self.at
    }

    fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }
}

pub(super) fn list(archive: &Closed<'_>, most: usize, limits: &Limits) -> Listing {
    let mut plain = Plain {
        source: Source::new(archive.content),
        at: 0,
        bytes: archive.bytes,
        failure: None,
    };
    let mut listing = Listing::default();
    walk(&mut plain, most, &mut listing);
    // Every entry can be unpacked without what lies before it.
    for entry in &mut listing.entries {
        let offset = std::mem::take(&mut entry.at);
        entry.part = listing.parts.len();
        entry.streamed = streamed::archive(archive.content, entry.size, limits)
            .filter(|_| entry.refused.is_none())
            .map(|path| Packed::new(path, offset, entry.size, Method::Stored, entry.size));
        listing
            .parts
            .push(Part::Plain(archive.content.clone(), offset));
    }
    listing
}

/// Whether a block is the header of an entry: by its checksum, because the oldest archives have no other mark.
pub(in crate::bundle) fn is_header(block: &[u8]) -> bool {
    let Some(block) = block.first_chunk::<BLOCK>() else {
        return false;
    };
    // The field of the checksum itself counts as spaces.
    let byte = |(at, byte): (usize, &u8)| {
        if (148..156).contains(&at) {
            32
        } else {
            u32::from(*byte)
        }
    };
    let sum: u32 = block.iter().enumerate().map(byte).sum();
    let header = Header::from_byte_slice(block);
    block.first().is_some_and(|first| *first != 0)
        && header.cksum().is_ok_and(|declared| declared == sum)
        && header.entry_size().is_ok()
}

/// Walks from header to header, and notes of every entry where its bytes start.
pub(super) fn walk(stream: &mut impl Ahead, most: usize, listing: &mut Listing) {
    let mut walk = Walk {
        stream,
        at: 0,
        extension: Extension::default(),
        listing,
    };
    if let Err(says) = walk.all(most) {
        walk.listing.problems.push(says);
    }
}

/// What a header says of the entry that comes next.
#[derive(Default)]
struct Extension {
    name: Option<Vec<u8>>,
    size: Option<u64>,
    sparse: bool,
}

struct Walk<'a, A> {
    stream: &'a mut A,
    at: u64,
    extension: Extension,
    listing: &'a mut Listing,
}

impl<A: Ahead> Walk<'_, A> {
    /// # Errors
    /// Why the end was not reached.
    fn all(&mut self, most: usize) -> Result<(), String> {
        let (mut zeros, mut astray) = (0, false);
        while self.listing.entries.len() < most {
            let block = self.block()?;
            if block.iter().all(|byte| *byte == 0) && !astray {
                zeros += 1;
                if zeros == 2 {
                    return Ok(());
                }
                continue;
            }
            zeros = 0;
            if is_header(&block) {
                astray = false;
                self.entry(Header::from_byte_slice(&block));
            } else if !std::mem::replace(&mut astray, true) {
                self.extension = Extension::default();
                let at = self.at.saturating_sub(BLOCK as u64);
                self.listing.problems.push(format!(
                    "is damaged at byte {at}: what comes behind was looked for, and entries may be missing; copy it again, or unpack what can be rescued and name the folder"
                ));
            }
        }
        Err(format!(
            "lists more than {most} entries, and the rest was left out; unpack it and name the parts that matter"
        ))
    }

    fn block(&mut self) -> Result<[u8; BLOCK], String> {
        let mut block = [0; BLOCK];
        let read = self.stream.fill(&mut block);
        self.at = self.at.saturating_add(read as u64);
        if read == BLOCK {
            return Ok(block);
        }
        Err(damaged(
            self.stream
                .failure()
                .unwrap_or("the mark of its end is missing"),
        ))
    }

    fn entry(&mut self, header: &Header) {
        let declared = self.extension.size.or(header.entry_size().ok());
        let size = declared.unwrap_or(0);
        match header.entry_type() {
            EntryType::GNULongName => {
                let mut name = self.extension(size);
                name.truncate(
                    name.iter()
                        .position(|byte| *byte == 0)
                        .unwrap_or(name.len()),
                );
                self.extension.name = Some(name);
            }
            EntryType::XHeader => {
                let records = self.extension(size);
                self.extension.read(&records);
            }
            EntryType::GNULongLink | EntryType::XGlobalHeader => {
                self.body(size);
            }
            _ => self.named(header, size),
        }
    }

    fn named(&mut self, header: &Header, size: u64) {
        let Extension { name, sparse, .. } = std::mem::take(&mut self.extension);
        let name = name.unwrap_or_else(|| header.path_bytes().into_owned());
        let refused = match header.entry_type() {
            EntryType::Directory => {
                self.body(size);
                return;
            }
            EntryType::Symlink | EntryType::Link => Some(LINK.to_owned()),
            EntryType::Char | EntryType::Block | EntryType::Fifo => Some(DEVICE.to_owned()),
            EntryType::GNUSparse => {
                self.sparse_map(header);
                Some(SPARSE.to_owned())
            }
            EntryType::Regular | EntryType::Continuous if sparse => Some(SPARSE.to_owned()),
            EntryType::Regular | EntryType::Continuous => None,
            // A label of the volume, a list of files: nothing of the bundle.
            _ => {
                self.body(size);
                return;
            }
        };
        // A hard link has no bytes of its own, whatever it declares.
        let size = match header.entry_type() {
            EntryType::Link => 0,
            _ => size,
        };
        let at = self.at;
        let (there, packed) = self.body(size);
        if matches!(name.last(), Some(b'/' | b'\\')) {
            return;
        }
        let problem = (there < size).then(|| {
            let reason = self.stream.failure().map_or(String::new(), |reason| format!(" ({reason})"));
            format!(
                "is damaged{reason}: it ends after {there} of {size} bytes; what there is was read; pack and send it again"
            )
        });
        self.listing.entries.push(Listed {
            label: Some(label::clean(&text::decode_name(&name))),
            size: there,
            packed,
            refused,
            problem,
            crc: None,
            streamed: None,
            part: 0,
            at,
        });
    }

    /// Passes over the bytes of an entry: how many are there, and how many they take in the archive.
    fn body(&mut self, size: u64) -> (u64, u64) {
        let before = self.stream.taken();
        let passed = self.stream.pass(filled_up(size));
        self.at = self.at.saturating_add(passed);
        let packed = self.stream.taken().saturating_sub(before);
        (passed.min(size), packed)
    }

    /// The bytes of an entry that says something of the next.
    fn extension(&mut self, size: u64) -> Vec<u8> {
        let kept = size.min(EXTENSION);
        let mut bytes = vec![0; usize::try_from(kept).unwrap_or(0)];
        let read = self.stream.fill(&mut bytes);
        self.at = self.at.saturating_add(read as u64);
        bytes.truncate(read);
        let passed = self.stream.pass(filled_up(size).saturating_sub(kept));
        self.at = self.at.saturating_add(passed);
        bytes
    }

    /// The list of holes of a sparse file goes on in blocks of its own.
    fn sparse_map(&mut self, header: &Header) {
        let mut more = header.as_gnu().is_some_and(|header| header.is_extended());
        while more && let Ok(block) = self.block() {
            more = block.get(504).is_some_and(|more| *more == 1);
        }
    }
}

fn filled_up(size: u64) -> u64 {
    size.checked_next_multiple_of(BLOCK as u64).unwrap_or(size)
}

const SPARSE: &str =
    "is a sparse file, whose holes are not filled here; pack it again without --sparse";

impl Extension {
    /// Records of pax: `27 path=a long name.txt`.
    fn read(&mut self, records: &[u8]) {
        for record in PaxExtensions::new(records).flatten() {
            match record.key_bytes() {
                b"path" => self.name = Some(record.value_bytes().to_vec()),
                b"size" => self.size = record.value().ok().and_then(|size| size.parse().ok()),
                b"GNU.sparse.name" => {
                    self.name = Some(record.value_bytes().to_vec());
                    self.sparse = true;
                }
                key if key.starts_with(b"GNU.sparse.") => self.sparse = true,
                _ => {}
            }
        }
    }
}
