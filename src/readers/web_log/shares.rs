//! A W3C log looked at by several threads, as [`readers::shares`](crate::readers::shares) does it.
//!
//! Only lines that [`Reader::pass`] would take are taken here, under the header that stands above them.

use std::io;

use fearless_simd::{Level, Simd, dispatch};

use super::fold::Fold;
use super::glance::{Glance, Places};
use super::header::Header;
use super::w3c::{Heading, Reader};
use crate::bundle::text::Lines;
use crate::readers::log_lines::{Begins, Clock, Skipped};
use crate::readers::shares::Shares;

/// Threads that look: folding is the work of one, so that more have nothing to do.
pub(super) const THREADS: usize = 4;

/// What was seen of a share.
#[derive(Default)]
pub(super) struct Looked {
    lines: Vec<Seen>,
    places: usize,
}

/// A line of a share.
struct Seen {
    begin: u32,
    /// The number that its place has in this share.
    place: Option<usize>,
    glance: Option<Glance>,
    /// The number of its path.
    path: u64,
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
            self.lines.push(Seen {
                begin: at as u32,
                place,
                path: glance.map_or(0, |glance| glance.path(&row, header)),
                glance,
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
            let place = line.place.and_then(|place| served.get_mut(place));
            let known = place.as_ref().and_then(|place| **place);
            let seen = known.zip(line.glance);
            if !seen.is_some_and(|(served, seen)| {
                fold.take_ordinary(&Glance { served, ..seen }, || line.path)
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
