//! Archives of every make, written for the tests: by the crates where they write, by hand where they do not.

use std::io::{Cursor, Write};

use flate2::write::GzEncoder;
use flate2::{Compress, Compression, FlushCompress};
use sevenz_rust2::{ArchiveEntry, ArchiveWriter, EncoderMethod};

/// An entry: its name and its bytes.
pub(super) type Entry<'a> = (&'a str, &'a [u8]);

/// Reproducible bytes that do not compress.
pub(super) fn noise(length: usize) -> Vec<u8> {
    let next = |seed: &u64| {
        let next = seed.wrapping_mul(6_364_136_223_846_793_005);
        Some(next.wrapping_add(1_442_695_040_888_963_407))
    };
    std::iter::successors(Some(7), next)
        .map(|seed| (seed >> 56) as u8)
        .take(length)
        .collect()
}

/// One header of a tar, with its checksum.
pub(super) fn tar_header(name: &[u8], kind: u8, size: u64) -> Vec<u8> {
    let mut header = vec![0; 512];
    let mut set = |at: usize, bytes: &[u8]| {
        header
            .get_mut(at..at + bytes.len())
            .expect("in the header")
            .copy_from_slice(bytes);
    };
    set(0, name);
    set(100, b"0000644\0");
    set(124, format!("{size:011o}\0").as_bytes());
    set(136, b"00000000000\0");
    set(156, &[kind]);
    set(257, b"ustar\x0000");
    with_checksum(header)
}

pub(super) fn with_checksum(mut header: Vec<u8>) -> Vec<u8> {
    let field = header.get_mut(148..156).expect("checksum");
    field.copy_from_slice(b"        ");
    let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
    let field = header.get_mut(148..156).expect("checksum");
    field.copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    header
}

/// A header and its bytes, filled up.
pub(super) fn tar_entry(name: &[u8], kind: u8, bytes: &[u8]) -> Vec<u8> {
    let mut entry = tar_header(name, kind, bytes.len() as u64);
    entry.extend(bytes);
    entry.resize(entry.len().next_multiple_of(512), 0);
    entry
}

pub(super) const TAR_END: [u8; 1024] = [0; 1024];

pub(super) fn tar(entries: &[Entry<'_>]) -> Vec<u8> {
    let mut tar: Vec<u8> = entries
        .iter()
        .flat_map(|(name, bytes)| tar_entry(name.as_bytes(), b'0', bytes))
        .collect();
    tar.extend(TAR_END);
    tar
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(bytes).expect("packs");
    packed.finish().expect("packs")
}

pub(super) fn bzip2(bytes: &[u8]) -> Vec<u8> {
    let mut packed = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
    packed.write_all(bytes).expect("packs");
    packed.finish().expect("packs")
}

pub(super) fn xz(bytes: &[u8]) -> Vec<u8> {
    let options = lzma_rust2::XzOptions::with_preset(1);
    let mut packed = lzma_rust2::XzWriter::new(Vec::new(), options).expect("writer");
    packed.write_all(bytes).expect("packs");
    packed.finish().expect("packs")
}

pub(super) fn zstd(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

/// A 7z with a block for all entries, or a block each.
pub(super) fn seven(entries: &[Entry<'_>], solid: bool, method: EncoderMethod) -> Vec<u8> {
    let mut writer = ArchiveWriter::new(Cursor::new(Vec::new())).expect("writer");
    writer.set_content_methods(vec![method.into()]);
    if solid {
        let names = entries.iter().map(|(name, _)| ArchiveEntry::new_file(name));
        let bytes = entries.iter().map(|(_, bytes)| (*bytes).into()).collect();
        writer
            .push_archive_entries::<&[u8]>(names.collect(), bytes)
            .expect("packs");
    } else {
        for (name, bytes) in entries {
            writer
                .push_archive_entry(ArchiveEntry::new_file(name), Some(*bytes))
                .expect("packs");
        }
    }
    writer.finish().expect("packs").into_inner()
}

/// A 7z with one entry, `a.evtx`, whose block or whose directory has an encrypting coder.
pub(super) fn encrypted_seven(directory_too: bool) -> Vec<u8> {
    const AES: [u8; 8] = [0x24, 0x06, 0xF1, 0x07, 0x01, 2, 0x13, 0];
    let packed = [0x5A; 16];
    // Packed streams: at 0, one of 16 bytes. Folders: one, of one coder, that unpacks to 16 bytes.
    let mut streams = vec![6, 0, 1, 9, 16, 0, 7, 11, 1, 0, 1];
    streams.extend(AES);
    streams.extend([12, 16, 0]);
    let header = if directory_too {
        let mut header = vec![0x17];
        header.extend(streams);
        header.push(0);
        header
    } else {
        let name: Vec<u8> = "a.evtx\0"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        let mut header = vec![1, 4];
        header.extend(streams);
        header.extend([8, 0, 0, 5, 1, 17, name.len() as u8 + 1, 0]);
        header.extend(name);
        header.extend([0, 0]);
        header
    };
    let mut start = Vec::new();
    start.extend((packed.len() as u64).to_le_bytes());
    start.extend((header.len() as u64).to_le_bytes());
    start.extend(crc32fast::hash(&header).to_le_bytes());
    let mut file = b"7z\xBC\xAF\x27\x1C\0\x04".to_vec();
    file.extend(crc32fast::hash(&start).to_le_bytes());
    file.extend(start);
    file.extend(packed);
    file.extend(header);
    file
}

/// How a folder of a cabinet is packed; the numbers of [MS-CAB].
#[derive(Clone, Copy)]
pub(super) enum Cab {
    Stored = 0,
    MsZip = 1,
    Quantum = 2,
    Lzx = 0x0F03,
}

/// A cabinet with one folder. Names are written as they are.
pub(super) fn cab(entries: &[(&[u8], &[u8])], packing: Cab) -> Vec<u8> {
    let files: Vec<(&[u8], u32, u32, u16)> = entries
        .iter()
        .scan(0, |at, (name, bytes)| {
            let here = *at;
            *at += bytes.len() as u32;
            Some((*name, bytes.len() as u32, here, 0))
        })
        .collect();
    let all: Vec<u8> = entries
        .iter()
        .flat_map(|(_, bytes)| bytes.to_vec())
        .collect();
    cab_of(&files, &[&all], packing, 0)
}

/// A cabinet of entries (name, size, offset, folder) and folders. `flags` may name neighbours in the set.
pub(super) fn cab_of(
    files: &[(&[u8], u32, u32, u16)],
    folders: &[&[u8]],
    packing: Cab,
    flags: u16,
) -> Vec<u8> {
    let mut entries = Vec::new();
    for (name, size, at, folder) in files {
        entries.extend(size.to_le_bytes());
        entries.extend(at.to_le_bytes());
        entries.extend(folder.to_le_bytes());
        entries.extend([0; 6]);
        entries.extend(*name);
        entries.push(0);
    }
    let neighbours: &[u8] = if flags & 3 == 0 {
        b""
    } else {
        b"part1.cab\0disk1\0"
    };
    let entries_at = 36 + neighbours.len() + 8 * folders.len();
    let mut at = entries_at + entries.len();
    let (mut table, mut data) = (Vec::new(), Vec::new());
    for folder in folders {
        let blocks = blocks(folder, packing);
        table.extend((at as u32).to_le_bytes());
        table.extend((blocks.len() as u16).to_le_bytes());
        table.extend((packing as u16).to_le_bytes());
        let blocks = blocks.concat();
        at += blocks.len();
        data.extend(blocks);
    }
    let mut cab = b"MSCF\0\0\0\0".to_vec();
    cab.extend((at as u32).to_le_bytes());
    cab.extend([0; 4]);
    cab.extend((entries_at as u32).to_le_bytes());
    cab.extend([0, 0, 0, 0, 3, 1]);
    cab.extend((folders.len() as u16).to_le_bytes());
    cab.extend((files.len() as u16).to_le_bytes());
    cab.extend(flags.to_le_bytes());
    cab.extend([0; 4]);
    cab.extend(neighbours);
    cab.extend(table);
    cab.extend(entries);
    cab.extend(data);
    cab
}

fn blocks(folder: &[u8], packing: Cab) -> Vec<Vec<u8>> {
    let mut before: &[u8] = b"";
    let mut blocks = Vec::new();
    for bytes in folder.chunks(32 << 10) {
        let packed = match packing {
            Cab::Stored | Cab::Quantum => bytes.to_vec(),
            Cab::MsZip => mszip(bytes, before),
            Cab::Lzx => lzx(bytes, before.is_empty()),
        };
        before = bytes;
        let mut block = vec![0; 4];
        block.extend((packed.len() as u16).to_le_bytes());
        block.extend((bytes.len() as u16).to_le_bytes());
        block.extend(packed);
        blocks.push(block);
    }
    blocks
}

fn mszip(bytes: &[u8], before: &[u8]) -> Vec<u8> {
    let mut deflate = Compress::new(Compression::default(), false);
    if !before.is_empty() {
        deflate.set_dictionary(before).expect("dictionary");
    }
    let mut packed = Vec::with_capacity(bytes.len() + 1024);
    deflate
        .compress_vec(bytes, &mut packed, FlushCompress::Finish)
        .expect("packs");
    [b"CK".as_slice(), &packed].concat()
}

/// An uncompressed block of LZX, in one chunk: type 3, its size, the three offsets, the bytes. Before the first stands a bit that says
/// that no calls of machine code were translated.
fn lzx(bytes: &[u8], first: bool) -> Vec<u8> {
    let size = bytes.len() as u64;
    let bits: u64 = (3 << 24 | size) << (64 - 27 - u32::from(first));
    let mut packed: Vec<u8> = bits.to_be_bytes().to_vec();
    packed.truncate(4);
    packed.chunks_mut(2).for_each(<[u8]>::reverse);
    packed.extend([1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0]);
    packed.extend(bytes);
    if bytes.len() % 2 == 1 {
        packed.push(0);
    }
    packed
}

/// A zip of one entry whose packed bytes are made elsewhere.
pub(super) fn raw_zip(name: &str, method: u16, packed: &[u8], bytes: &[u8]) -> Vec<u8> {
    let mut common = Vec::new();
    common.extend([20, 0, 0, 0]);
    common.extend(method.to_le_bytes());
    common.extend([0; 4]);
    common.extend(crc32fast::hash(bytes).to_le_bytes());
    common.extend((packed.len() as u32).to_le_bytes());
    common.extend((bytes.len() as u32).to_le_bytes());
    common.extend((name.len() as u16).to_le_bytes());
    common.extend([0; 2]);
    let mut zip = b"PK\x03\x04".to_vec();
    zip.extend(&common);
    zip.extend(name.as_bytes());
    zip.extend(packed);
    let directory = zip.len() as u32;
    zip.extend(b"PK\x01\x02\x14\0");
    zip.extend(&common);
    zip.extend([0; 14]);
    zip.extend(name.as_bytes());
    let size = zip.len() as u32 - directory;
    zip.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    zip.extend(size.to_le_bytes());
    zip.extend(directory.to_le_bytes());
    zip.extend([0; 2]);
    zip
}
