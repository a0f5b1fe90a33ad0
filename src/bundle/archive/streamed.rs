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

/// Of the entries that may be read so, only logs are. Their heads are looked at, as far as `work` allows it.
pub(super) fn choose(mut listing: Listing, work: u64) -> Listing {
    let large = listing.entries.iter_mut();
    let mut large: Vec<_> = large.filter(|entry| entry.streamed.is_some()).collect();
    let most = usize::try_from(work / HEAD).unwrap_or(usize::MAX);
    listing.work = HEAD * large.len().min(most) as u64;
    large
        .par_iter_mut()
        .enumerate()
        .for_each(|(number, entry)| {
            entry.streamed = entry
                .streamed
                .take()
                .filter(|packed| number < most && is_log(packed));
        });
    listing
}

/// Bytes of an entry that are looked at.
const HEAD: u64 = sniff::HEAD as u64;

/// Whether it is a log that is read in blocks. Text in UTF-16 is not.
pub(super) fn is_log(packed: &Packed) -> bool {
    let mut head = Vec::new();
    let source = Source::new(&Content::Packed(Arc::new(packed.clone())));
    if source.take(HEAD).read_to_end(&mut head).is_err() {
        return false;
    }
    match sniff::nature(&head) {
        Nature::Plain(Kind::Evtx) => true,
        Nature::Plain(kind) => kind.is_log_of_lines() && text::is_of_bytes(&head),
        Nature::Archive(_) => false,
    }
}
