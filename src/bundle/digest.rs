//! What is looked at of every artifact: its size, its nature by its head; and hashes, for those who ask.

use std::io::{self, Read};

use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::sniff::{self, Nature};
use super::{Content, Source};

/// What a look at the bytes found out.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub bytes: u64,
    pub nature: Nature,
    /// Entries that the bytes would list as a zip archive: how often the mark of a directory entry occurs. An upper bound that is
    /// known before anything of the directory is held in memory.
    pub zip_entries: u64,
}

/// Reads the head; of what may be a zip archive, everything.
pub(super) fn see(content: &Content) -> io::Result<Seen> {
    let mut source = Source::new(content);
    let mut head = Vec::new();
    let most = sniff::HEAD as u64;
    Read::by_ref(&mut source)
        .take(most)
        .read_to_end(&mut head)?;
    let (mut bytes, mut zip_entries) = (head.len() as u64, 0);
    if head.starts_with(b"PK") {
        let mut count = |read: &[u8]| {
            zip_entries += read.windows(4).filter(|mark| mark == b"PK\x01\x02").count() as u64;
        };
        count(&head);
        bytes += each_block(source, |read| count(read))?;
    } else if bytes == most {
        bytes = content.bytes()?;
    }
    Ok(Seen {
        bytes,
        nature: sniff::nature(&head),
        zip_entries,
    })
}

/// Reads on to the end; how many bytes that were.
fn each_block(mut content: impl Read, mut take: impl FnMut(&[u8])) -> io::Result<u64> {
    let mut buffer = vec![0; 256 * 1024];
    let mut bytes = 0u64;
    loop {
        let read = match content.read(&mut buffer) {
            Ok(0) => return Ok(bytes),
            Ok(read) => buffer.get(..read).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        bytes = bytes.saturating_add(read.len() as u64);
        take(read);
    }
}

/// SHA-256 of the bytes, lower-case hexadecimal; `None` where they cannot be read any more.
pub(super) fn sha256(content: &Content) -> Option<String> {
    sha256_of(Source::new(content))
}

/// The same of the head alone.
pub(super) fn sha256_of_head(content: &Content) -> Option<String> {
    sha256_of(Source::new(content).take(sniff::HEAD as u64))
}

fn sha256_of(content: impl Read) -> Option<String> {
    let mut hash = Sha256::new();
    each_block(content, |read| hash.update(read)).ok()?;
    Some(hex(&hash.finalize()))
}

/// SHA-256 of a list of labels and the hashes of what they name, in the order given; `None` where one cannot be read any more.
pub(super) fn sha256_of_list(list: &[(String, Content)]) -> Option<String> {
    let hashes: Option<Vec<String>> = list
        .par_iter()
        .map(|(_, content)| sha256(content))
        .collect();
    let mut hash = Sha256::new();
    for ((label, _), sha256) in list.iter().zip(hashes?) {
        hash.update(format!("{sha256}  {label}\n"));
    }
    Some(hex(&hash.finalize()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
