//! Zip archives: stored, deflated (64 too), bzip2 and zstd entries.
//!
//! The directory of a zip stands at its end: of an upload that was cut off, the entries are found one behind the other from the start.

use std::io::{Read, Seek, SeekFrom};

use ruzstd::decoding::StreamingDecoder;
use zip::read::{ZipFile, read_zipfile_from_stream};
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

use super::unpack::{Unpacked, Wanted, cut};
use super::{ENCRYPTED, LINK, Listed, Listing, Part, packed_strangely, streamed};
use crate::bundle::packed::Method;
use crate::bundle::source::Source;
use crate::bundle::{Content, Limits, Packed, label, text};

/// Zstandard, which the crate reads only with a C library.
const ZSTD: CompressionMethod = CompressionMethod::ZSTD;

/// What a zip in several parts starts with (APPNOTE 8.5.3).
const SPLIT: &[u8] = b"PK\x07\x08";

/// Where an entry is found again.
pub(super) enum Place {
    Listed(Box<ZipArchive<Source>>, usize),
    /// At this offset of an archive that has no directory.
    Offset(Source, u64),
}

pub(super) fn list(content: &Content, most: usize, limits: &Limits) -> Listing {
    let mut listing = Listing::default();
    match ZipArchive::new(Source::new(content)) {
        Ok(mut archive) => {
            if archive.has_duplicate_names() {
                let says = "the archive names an entry twice; the last of each was read; unpack it and look for what is missing";
                listing.problems.push(says.to_owned());
            }
            if archive.is_empty() {
                let says = "is an archive without entries; pack and send it again";
                listing.problems.push(says.to_owned());
            }
            listed(&mut archive, content, limits, &mut listing);
        }
        Err(error) => {
            let split = found_in_line(content, most, &mut listing);
            let says = match error {
                _ if split => "is the first part of a zip that was split, and the parts are not joined here; unpack it with all of them and name the folder".to_owned(),
                error => damaged(&error),
            };
            listing.problems.push(match listing.entries.len() {
                0 => says,
                rescued => format!("{says}; {rescued} entries at its start were still found"),
            });
        }
    }
    listing
}

/// The entries that the directory of the archive lists.
fn listed(
    archive: &mut ZipArchive<Source>,
    content: &Content,
    limits: &Limits,
    listing: &mut Listing,
) {
    for index in 0..archive.len() {
        let Ok(entry) = archive.by_index_data(index) else {
            continue;
        };
        if is_folder(entry.is_dir(), entry.name_raw()) {
            continue;
        }
        let place = Place::Listed(Box::new(archive.clone()), index);
        let (encrypted, link) = (entry.encrypted(), entry.is_symlink());
        let mut listed = Listed {
            label: Some(label::clean(&text::decode_name(entry.name_raw()))),
            size: entry.size(),
            packed: entry.compressed_size(),
            refused: refusal(encrypted, link, entry.compression()),
            problem: None,
            crc: (entry.compression() == ZSTD).then(|| entry.crc32()),
            streamed: None,
            part: 0,
            at: 0,
        };
        let method = method(entry.compression());
        if let (Some(method), None) = (method, &listed.refused)
            && let Some(path) = streamed::archive(content, listed.size, limits)
        {
            let start = archive
                .by_index_raw(index)
                .ok()
                .and_then(|e| e.data_start());
            let packed = |start| Packed::new(path, start, listed.packed, method, listed.size);
            listed.streamed = start.map(packed);
        }
        listed.part = listing.part(Part::Zip(place));
        listing.entries.push(listed);
    }
}

/// The entries that stand one behind the other at the start of an archive without a directory; says whether it is one part of several.
fn found_in_line(content: &Content, most: usize, listing: &mut Listing) -> bool {
    let mut source = Source::new(content);
    let mut start = [0; SPLIT.len()];
    let split = source.read_exact(&mut start).is_ok() && start == *SPLIT;
    if !split && source.rewind().is_err() {
        return false;
    }
    while listing.entries.len() < most {
        let Ok(at) = source.stream_position() else {
            break;
        };
        let Ok(Some(entry)) = read_zipfile_from_stream(&mut source) else {
            break;
        };
        let declared = (!is_folder(entry.is_dir(), entry.name_raw())).then(|| Listed {
            label: Some(label::clean(&text::decode_name(entry.name_raw()))),
            size: entry.size(),
            packed: entry.compressed_size(),
            refused: refusal(entry.encrypted(), entry.is_symlink(), entry.compression()),
            problem: None,
            crc: None,
            streamed: None,
            part: 0,
            at: 0,
        });
        // Dropping the entry reads on to its end.
        drop(entry);
        if let Some(mut entry) = declared {
            entry.part = listing.part(Part::Zip(Place::Offset(Source::new(content), at)));
            listing.entries.push(entry);
        }
    }
    split
}

/// Explorer writes folders with a slash at the end, some tools with a backslash.
fn is_folder(declared: bool, name: &[u8]) -> bool {
    declared || name.ends_with(b"\\")
}

/// How an entry is packed that can be read as a stream.
fn method(method: CompressionMethod) -> Option<Method> {
    match method {
        CompressionMethod::Stored => Some(Method::Stored),
        CompressionMethod::Deflated => Some(Method::Deflated),
        _ => None,
    }
}

fn refusal(encrypted: bool, link: bool, method: CompressionMethod) -> Option<String> {
    use CompressionMethod as Method;
    match method {
        _ if encrypted => Some(ENCRYPTED.to_owned()),
        _ if link => Some(LINK.to_owned()),
        Method::Stored | Method::Deflated | Method::Deflate64 | Method::Bzip2 | ZSTD => None,
        other => Some(packed_strangely(other)),
    }
}

impl Place {
    /// # Errors
    /// What to say where nothing could be unpacked.
    pub(super) fn unpack(self, wanted: &[Wanted]) -> Result<Vec<Unpacked>, String> {
        let unpacked = match self {
            Place::Listed(mut archive, index) => {
                let method = archive
                    .by_index_data(index)
                    .map(|entry| entry.compression());
                match method {
                    Ok(ZSTD) => archive.by_index_raw(index).map(|entry| {
                        StreamingDecoder::new(entry)
                            .map(|mut stream| cut(&mut stream, wanted, true))
                            .map_err(super::damaged)
                    }),
                    _ => archive
                        .by_index(index)
                        .map(|mut entry| Ok(cut(&mut entry, wanted, true))),
                }
            }
            Place::Offset(mut source, at) => source
                .seek(SeekFrom::Start(at))
                .map_err(ZipError::from)
                .and_then(|_| read_zipfile_from_stream(&mut source)?.ok_or(ZipError::FileNotFound))
                .map(|mut entry: ZipFile<'_, Source>| Ok(cut(&mut entry, wanted, true))),
        };
        unpacked.map_err(|error| damaged(&error))?
    }
}

fn damaged(error: &ZipError) -> String {
    match error {
        ZipError::CompressionMethodNotSupported(method) => {
            format!(
                "is packed with method {method}, which is not read here; pack it again as an ordinary zip (deflate)"
            )
        }
        ZipError::UnsupportedArchive(reason) => {
            format!("could not be unpacked because {reason}; unpack it and name the folder instead")
        }
        other => super::damaged(other),
    }
}
