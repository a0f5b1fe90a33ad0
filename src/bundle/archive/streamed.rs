//! Which entries are unpacked anew each time they are read.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;

use super::Listing;
use crate::bundle::sniff::{self, Nature};
use crate::bundle::{Content, Kind, Limits, Packed, Source, text};

/// The archive, where an entry of such a size may be read from it again: it must be a file itself.
pub(super) fn archive<'a>(content: &'a Content, size: u64, limits: &Limits) -> Option<&'a Path> {
    match content {
        Content::File(path) if size >= limits.streamed_from => Some(path),
        _ => None,
    }
}

/// Of the entries that may be read so, only logs are. Their heads are looked at, the small entries first, as long as that takes
/// no more than `left` bytes.
pub(super) fn choose(mut listing: Listing, mut left: u64) -> Listing {
    let entries = listing.entries.iter_mut();
    let mut large: Vec<_> = entries.filter(|entry| entry.streamed.is_some()).collect();
    large.sort_by_key(|entry| entry.size);
    for entry in &mut large {
        let head = entry.size.min(HEAD);
        match left.checked_sub(head) {
            Some(rest) => {
                left = rest;
                listing.looked_at.insert(entry.part, head);
            }
            None => entry.streamed = None,
        }
    }
    large
        .into_par_iter()
        .for_each(|entry| entry.streamed = entry.streamed.take().filter(is_log));
    listing
}

/// Bytes of an entry that are looked at.
const HEAD: u64 = sniff::HEAD as u64;

/// Whether it is a log that is read in blocks. Text in UTF-16 is not.
pub(super) fn is_log(packed: &Packed) -> bool {
    let mut head = Vec::new();
    let source = Source::new(&Content::Packed(Arc::new(packed.clone())));
    // Of a damaged one, by what is there.
    let _ = source.take(HEAD).read_to_end(&mut head);
    match sniff::nature(&head) {
        Nature::Plain(Kind::Evtx) => true,
        Nature::Plain(kind) => kind.is_log_of_lines() && text::is_of_bytes(&head),
        Nature::Archive(_) => false,
    }
}
