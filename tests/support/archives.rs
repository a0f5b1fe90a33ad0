//! Archives written by hand, stored without compression: the same bytes whatever the versions of the crates that read
//! them.

/// CRC-32 as zip, gzip and 7z use it.
fn crc(bytes: &[u8]) -> [u8; 4] {
    crc32fast::hash(bytes).to_le_bytes()
}

fn le16(n: usize) -> [u8; 2] {
    u16::try_from(n).expect("fits").to_le_bytes()
}

fn le32(n: usize) -> [u8; 4] {
    u32::try_from(n).expect("fits").to_le_bytes()
}

/// `tar` (ustar): a header of 512 bytes before each file.
pub fn tar(entries: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut tar = Vec::new();
    for (path, bytes) in entries {
        assert!(path.len() < 100, "{path} is too long for ustar");
        let mut header = [0u8; 512];
        let mut put = |at: usize, text: &str| {
            header[at..at + text.len()].copy_from_slice(text.as_bytes());
        };
        put(0, path);
        put(100, "0000644\0");
        put(108, "0000000\0");
        put(116, "0000000\0");
        put(124, &format!("{:011o}\0", bytes.len()));
        put(136, "15000000000\0");
        put(148, "        ");
        put(156, "0");
        put(257, "ustar\0");
        put(263, "00");
        let sum: u32 = header.iter().map(|b| u32::from(*b)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        tar.extend(header);
        tar.extend(bytes);
        tar.resize(tar.len().next_multiple_of(512), 0);
    }
    tar.resize(tar.len() + 1024, 0);
    tar
}

/// `gzip` of stored blocks.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut gzip = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0];
    let blocks: Vec<&[u8]> = bytes.chunks(0xffff).collect();
    for (number, block) in blocks.iter().enumerate() {
        gzip.push(u8::from(number + 1 == blocks.len()));
        let length = le16(block.len());
        gzip.extend(length);
        gzip.extend(length.map(|b| !b));
        gzip.extend(*block);
    }
    gzip.extend(crc(bytes));
    gzip.extend(le32(bytes.len()));
    gzip
}

/// A cabinet with one folder, stored.
pub fn cabinet(entries: &[(String, Vec<u8>)]) -> Vec<u8> {
    let names: Vec<Vec<u8>> = entries
        .iter()
        .map(|(path, _)| path.replace('/', "\\").into_bytes())
        .collect();
    let files: usize = names.iter().map(|n| 16 + n.len() + 1).sum();
    let content: Vec<u8> = entries.iter().flat_map(|(_, b)| b.clone()).collect();
    let blocks: Vec<&[u8]> = content.chunks(0x8000).collect();
    let data = 36 + 8 + files;
    let total = data + blocks.iter().map(|b| 8 + b.len()).sum::<usize>();
    let mut cab = b"MSCF\0\0\0\0".to_vec();
    cab.extend(le32(total));
    cab.extend(le32(0));
    cab.extend(le32(36 + 8));
    cab.extend(le32(0));
    cab.extend([3, 1]);
    cab.extend(le16(1));
    cab.extend(le16(entries.len()));
    cab.extend([0; 6]);
    // The folder: where its data begins, how many blocks, no compression.
    cab.extend(le32(data));
    cab.extend(le16(blocks.len()));
    cab.extend(le16(0));
    let mut offset = 0;
    for ((_, bytes), name) in entries.iter().zip(&names) {
        cab.extend(le32(bytes.len()));
        cab.extend(le32(offset));
        cab.extend(le16(0));
        cab.extend([0x42, 0x5a, 0, 0x60, 0x20, 0]);
        cab.extend(name);
        cab.push(0);
        offset += bytes.len();
    }
    for block in blocks {
        // A checksum of 0 is none.
        cab.extend(le32(0));
        cab.extend(le16(block.len()));
        cab.extend(le16(block.len()));
        cab.extend(block);
    }
    cab
}

/// 7z with one folder of the method Copy, its header unpacked.
pub fn seven_zip(entries: &[(String, Vec<u8>)]) -> Vec<u8> {
    let packed: Vec<u8> = entries.iter().flat_map(|(_, b)| b.clone()).collect();
    let mut header = vec![0x01, 0x04];
    // PackInfo: at 0, one stream, its size.
    header.push(0x06);
    header.extend(number(0));
    header.extend(number(1));
    header.push(0x09);
    header.extend(number(packed.len()));
    header.push(0x00);
    // UnpackInfo: one folder, inline, one coder with the id 00 (Copy), its unpacked size.
    header.extend([0x07, 0x0b, 0x01, 0x00, 0x01, 0x01, 0x00, 0x0c]);
    header.extend(number(packed.len()));
    header.push(0x00);
    // SubStreamsInfo: how many files, the sizes of all but the last, a checksum each.
    header.extend([0x08, 0x0d]);
    header.extend(number(entries.len()));
    header.push(0x09);
    for (_, bytes) in entries.iter().take(entries.len() - 1) {
        header.extend(number(bytes.len()));
    }
    header.extend([0x0a, 0x01]);
    for (_, bytes) in entries {
        header.extend(crc(bytes));
    }
    header.extend([0x00, 0x00]);
    // FilesInfo: their names.
    header.push(0x05);
    header.extend(number(entries.len()));
    let names: Vec<u8> = entries
        .iter()
        .flat_map(|(path, _)| path.encode_utf16().chain([0]).flat_map(u16::to_le_bytes))
        .collect();
    header.push(0x11);
    header.extend(number(names.len() + 1));
    header.push(0x00);
    header.extend(names);
    header.extend([0x00, 0x00]);

    let mut start = Vec::new();
    start.extend((packed.len() as u64).to_le_bytes());
    start.extend((header.len() as u64).to_le_bytes());
    start.extend(crc(&header));
    let mut archive = vec![b'7', b'z', 0xbc, 0xaf, 0x27, 0x1c, 0, 4];
    archive.extend(crc(&start));
    archive.extend(start);
    archive.extend(packed);
    archive.extend(header);
    archive
}

/// A number as 7z writes it: the leading ones of the first byte count the bytes that follow.
fn number(n: usize) -> Vec<u8> {
    let n = n as u64;
    match n {
        0..=0x7f => vec![u8::try_from(n).expect("fits")],
        _ => [vec![0xff], n.to_le_bytes().to_vec()].concat(),
    }
}
