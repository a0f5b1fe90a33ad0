//! The one pass over an artifact's bytes: its hash, its size and its nature.

use std::io::{self, Read};

use sha2::{Digest, Sha256};

use super::sniff::{self, Nature};

/// What one pass over the bytes found out.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub sha256: String,
    pub bytes: u64,
    pub nature: Nature,
    /// Entries that the bytes would list as a zip archive: how often the mark of a directory entry occurs. An upper bound that is
    /// known before anything of the directory is held in memory.
    pub zip_entries: u64,
}

/// Reads to the end, keeping only the head.
pub(super) fn see(mut content: impl Read) -> io::Result<Seen> {
    let mut hash = Sha256::new();
    let mut head = Vec::new();
    let (mut bytes, mut zip_entries) = (0u64, 0u64);
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let read = match content.read(&mut buffer) {
            Ok(0) => break,
            Ok(read) => buffer.get(..read).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        hash.update(read);
        bytes = bytes.saturating_add(read.len() as u64);
        if head.starts_with(b"PK") || (head.is_empty() && read.starts_with(b"PK")) {
            zip_entries += read.windows(4).filter(|mark| mark == b"PK\x01\x02").count() as u64;
        }
        let missing = sniff::HEAD.saturating_sub(head.len());
        head.extend_from_slice(read.get(..missing).unwrap_or(read));
    }
    Ok(Seen {
        sha256: hex(&hash.finalize()),
        bytes,
        nature: sniff::nature(&head),
        zip_entries,
    })
}

/// SHA-256 of a list of labels and hashes, in the order given.
pub(super) fn of_list<'a>(list: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut hash = Sha256::new();
    for (label, sha256) in list {
        hash.update(format!("{sha256}  {label}\n"));
    }
    hex(&hash.finalize())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
