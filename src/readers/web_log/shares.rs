//! A W3C log looked at by several threads, as [`readers::shares`](crate::readers::shares) does it.
//!
//! Only lines that [`Reader::pass`] would take are taken here, under the header that stands above them.

use std::io;

use fearless_simd::{Level, Simd, dispatch};

use super::fold::Fold;
use super::glance::{Glance, Kind, Places};
use super::header::Header;
use super::w3c::{Heading, Reader};
use super::watch::Slot;
use crate::bundle::text::Lines;
use crate::readers::log_lines::{Begins, Clock, Skipped};
use crate::readers::shares::Shares;

/// Threads that look: folding is the work of one, so that more have nothing to do.
pub(super) const THREADS: usize = 4;

/// What was seen of a share.
#[derive(Default)]
pub(super) struct Looked {
    lines: Vec<Seen>,
    /// What lines in a row have in common: the number that their place has in this share, and what they are counted by where
    /// they are ordinary.
    kinds: Vec<(Option<usize>, Option<Kind>)>,
    places: usize,
}

/// A line of a share. There are so many of them that every byte counts.
struct Seen {
    begin: u32,
    /// The number of its kind.
    kind: u32,
    client: Slot,
    path: Slot,
}

/// Takes the lines that are not at hand yet, as many as may be. Whatever cannot be read is left to who reads on.
///
/// # Errors
/// The lines cannot go on where the last share ended.
pub(super) fn pass(
    shares: &mut Shares<Looked>,
    lines: &mut Lines,
    reader: &mut Reader,
    fold: &mut Fold,
    skipped: &mut Skipped,
) -> io::Result<()> {
    // Without a date, what time it is depends on the lines before.
    let header = &reader.heading.header;
    if header.date.is_none() || !header.is_read() || !shares.are_due(lines) {
        return Ok(());
    }
    let header = header.clone();
    shares.pass(
        lines,
        |looked, text, until| looked.look(text, until, &header),
        |looked, text, number| looked.fold(text, number, &mut reader.heading, fold, skipped),
    )
}

impl Looked {
    /// Looks at the lines that begin in the first so many bytes. Out comes where it ended.
    fn look(&mut self, text: &[u8], until: usize, header: &Header) -> usize {
        dispatch!(Level::new(), simd => self.look_with(simd, text, until, header))
    }

    #[inline(always)]
    fn look_with<S: Simd>(&mut self, simd: S, text: &[u8], until: usize, header: &Header) -> usize {
        let (mut begins, mut clock) = (Begins::default(), Clock::default());
        let mut places = Places::under(header);
        self.lines.clear();
        self.kinds.clear();
        let mut at = 0;
        while at < until
            && let Some(rest) = text.get(at..)
            && let Some(row) = header.row(simd, &mut begins, rest)
        {
            let place = places.place(&row).or_else(|| {
                places.learn(places.len());
                places.place(&row)
            });
            let glance = place.and_then(|place| Glance::at(&row, header, &mut clock, place));
            let kind = (place, glance.map(|glance| glance.kind));
            if self.kinds.last() != Some(&kind) {
                self.kinds.push(kind);
            }
            self.lines.push(Seen {
                begin: at as u32,
                kind: self.kinds.len() as u32 - 1,
                client: glance.map_or_else(Slot::default, |glance| glance.client()),
                path: glance.map_or_else(Slot::default, |glance| glance.path(&row, header)),
            });
            at += row.after;
        }
        self.places = places.len();
        at
    }

    /// Folds what was seen; `number` is that of the first line. Out comes the number of the next.
    fn fold(
        &self,
        text: &[u8],
        mut number: u32,
        heading: &mut Heading,
        fold: &mut Fold,
        skipped: &mut Skipped,
    ) -> u32 {
        let (level, mut begins) = (Level::new(), Begins::default());
        // Where the places of this share are in the log.
        let mut served: Vec<Option<usize>> = vec![None; self.places];
        for line in &self.lines {
            let (place, kind) = self
                .kinds
                .get(line.kind as usize)
                .copied()
                .unwrap_or_default();
            let place = place.and_then(|place| served.get_mut(place));
            let known = place.as_ref().and_then(|place| **place);
            if !known.zip(kind).is_some_and(|(served, kind)| {
                fold.take_ordinary(&Kind { served, ..kind }, line.client, || line.path)
            }) && let Some(rest) = text.get(line.begin as usize..)
                && let Some(row) = dispatch!(level, simd => begins.find(simd, rest))
            {
                let at = heading.take(number, &row, known, fold, skipped);
                if let Some(place) = place {
                    *place = at;
                }
            }
            number = number.saturating_add(1);
        }
        number
    }
}
