//! 7z archives. The directory is at the end and declares every size; entries share the compressed stream of their block.

use std::io::BufReader;
use std::iter;
use std::sync::Arc;

use sevenz_rust2::{Archive, ArchiveEntry, BlockDecoder, Error, Password};

use super::unpack::{Unpacked, Wanted};
use super::{Closed, ENCRYPTED, LINK, Listed, Listing, Part, damaged};
use crate::bundle::source::Source;
use crate::bundle::{Content, label};

/// Memory for the directory, in KiB. An entry of it may take one byte there and a hundred in memory; packers unpack it with a window of
/// 8 MiB.
const DIRECTORY_KIB: usize = 12 << 10;
/// Memory for the window of a block, in KiB.
const WINDOW_KIB: usize = 512 << 10;

const TOO_MANY: &str =
    "was not opened because it lists too many entries; unpack it and name the parts that matter";

/// A block of an archive, by its number.
pub(super) struct Block {
    archive: Arc<Archive>,
    number: usize,
}

pub(super) fn list(archive: &Closed<'_>, most: usize) -> Listing {
    let mut source = BufReader::new(Source::new(archive.content));
    let directory = Archive::read_with_memory_limit(&mut source, &Password::empty(), DIRECTORY_KIB);
    let mut directory = match directory {
        Ok(directory) if directory.files.len() > most => {
            return Listing::nothing(TOO_MANY.to_owned());
        }
        Ok(directory) => directory,
        Err(error) => return Listing::nothing(unopened(&error)),
    };
    let crcs: Vec<Option<u32>> = directory.files.iter().map(checksum).collect();
    // Compared here, so that what does not match is kept.
    directory
        .files
        .iter_mut()
        .for_each(|file| file.has_crc = false);
    directory
        .blocks
        .iter_mut()
        .for_each(|block| block.has_crc = false);
    let directory = Arc::new(directory);
    let mut listing = Listing::default();
    for number in 0..directory.blocks.len() {
        let block = Block {
            archive: Arc::clone(&directory),
            number,
        };
        listing.part(Part::Block(archive.content.clone(), block));
    }
    let empty = listing.part(Part::Empty);
    let sizes = sizes(&directory, archive.bytes);
    let (mut before, mut at) = (None, 0u64);
    for (number, (file, crc)) in directory.files.iter().zip(crcs).enumerate() {
        let block = directory.stream_map.file_block_index.get(number);
        let block = block.copied().flatten();
        if block != before {
            (before, at) = (block, 0);
        }
        let here = at;
        at = at.saturating_add(file.size);
        if file.is_directory || file.is_anti_item {
            continue;
        }
        let (packed, whole) = block
            .and_then(|block| sizes.get(block))
            .copied()
            .unwrap_or((0, 0));
        listing.entries.push(Listed {
            label: Some(label::clean(&file.name)),
            size: file.size,
            packed: super::share(packed, file.size, whole),
            refused: refusal(&directory, number, file),
            problem: None,
            crc,
            streamed: None,
            part: block.filter(|_| file.size > 0).unwrap_or(empty),
            at: here,
        });
    }
    if listing.entries.is_empty() {
        let says = "is an archive without entries; pack and send it again";
        listing.problems.push(says.to_owned());
    }
    listing
}

fn checksum(file: &ArchiveEntry) -> Option<u32> {
    file.has_crc.then(|| u32::try_from(file.crc).ok()).flatten()
}

/// What each block takes in the archive, and what it unpacks to.
fn sizes(archive: &Archive, bytes: u64) -> Vec<(u64, u64)> {
    let packed = archive.pack_sizes();
    let first = archive.stream_map.block_first_pack_stream_index();
    let ends = first
        .iter()
        .skip(1)
        .copied()
        .chain(iter::once(packed.len()));
    let packed = iter::zip(first.iter().copied(), ends).map(|(from, to)| {
        let sizes = packed.get(from..to).unwrap_or_default();
        // No more than there is, whatever is declared.
        sizes
            .iter()
            .fold(0, |sum: u64, size| sum.saturating_add(*size))
            .min(bytes)
    });
    packed
        .zip(archive.blocks.iter().map(|block| block.get_unpack_size()))
        .collect()
}

fn refusal(archive: &Archive, number: usize, file: &ArchiveEntry) -> Option<String> {
    // The attributes of Windows, above them the mode that 7-Zip for Linux writes.
    let reparse_point = file.windows_attributes & 0x400 != 0;
    let unix_link = file.windows_attributes >> 28 == 0o12;
    let link = file.has_windows_attributes && (reparse_point || unix_link);
    if archive.is_file_encrypted(number) {
        Some(ENCRYPTED.to_owned())
    } else {
        link.then(|| LINK.to_owned())
    }
}

/// What to say of an archive whose directory cannot be read.
fn unopened(error: &Error) -> String {
    match error {
        Error::PasswordRequired => ENCRYPTED.to_owned(),
        Error::UnsupportedCompressionMethod(method) if method.contains("AES") => {
            ENCRYPTED.to_owned()
        }
        Error::MaxMemLimited { .. } => TOO_MANY.to_owned(),
        other => format!(
            "{}; if it is one of several parts (.7z.001, …), unpack them together and name the folder",
            damaged(reason(other))
        ),
    }
}

fn reason(error: &Error) -> String {
    match error {
        Error::Io(error, _) => error.to_string(),
        Error::Other(says) | Error::Unsupported(says) => says.to_string(),
        Error::UnsupportedCompressionMethod(method) => {
            format!("the packing {method} is not read here")
        }
        Error::MaxMemLimited { .. } => "it takes too much memory".to_owned(),
        Error::ChecksumVerificationFailed | Error::NextHeaderCrcMismatch => {
            "its checksum does not match".to_owned()
        }
        other => format!("{other:?}"),
    }
}

/// Unpacks entries of one block in one pass.
pub(super) fn unpack(content: &Content, block: &Block, wanted: &[Wanted]) -> Vec<Unpacked> {
    let mut source = BufReader::new(Source::new(content));
    let password = Password::empty();
    let decoder = BlockDecoder::new_with_memory_limit(
        1,
        WINDOW_KIB,
        block.number,
        &block.archive,
        &password,
        &mut source,
    );
    let mut wanted = wanted.iter().cloned().peekable();
    let mut unpacked = Vec::new();
    let mut at = 0u64;
    let result = decoder.for_each_entries(&mut |file, stream| {
        if file.size > 0
            && let Some(entry) = wanted.next_if(|entry| entry.at == at)
        {
            unpacked.push(entry.read(stream, false));
        }
        at = at.saturating_add(file.size);
        Ok(wanted.peek().is_some())
    });
    let says = damaged(
        result
            .err()
            .map_or("the block ends before it".to_owned(), |error| {
                reason(&error)
            }),
    );
    unpacked.extend(wanted.map(|entry| entry.lost(says.clone())));
    unpacked
}
