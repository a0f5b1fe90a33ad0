//! One log looked at by several threads: each looks at another range of it, and what they saw is folded in the order of the
//! lines.
//!
//! Only lines that [`Reader::pass`] would take are taken here, under the header that stands above them. With the first line
//! that is something else, a directive for example, the log is read line by line again, for a while.

use std::io::{self, Seek, SeekFrom};
use std::ops::{ControlFlow, Range};
use std::sync::Mutex;

use fearless_simd::{Level, Simd, dispatch};
use memchr::memchr;
use rayon::prelude::*;

use super::fold::Fold;
use super::glance::{Glance, Places};
use super::header::Header;
use super::w3c::{Heading, Reader};
use crate::bundle::Source;
use crate::bundle::text::{Lines, Plain};
use crate::readers::in_order::{InOrder, lock};
use crate::readers::log_lines::{Begins, Clock, Skipped};

/// Sizes of shares; tests have smaller ones.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sizes {
    /// Bytes of a share: the lines that begin there.
    pub(super) share: u64,
    /// Bytes behind it that its last line may reach into.
    pub(super) behind: u64,
    /// Threads that look.
    pub(super) threads: usize,
}

/// Shares that one thread may be ahead of what is folded: their bytes are held.
const AHEAD: usize = 2;

impl Sizes {
    /// For so many threads.
    pub(super) fn of(threads: usize) -> Self {
        Self {
            share: 256 << 10,
            behind: 16 << 10,
            // Folding is the work of one: more have nothing to do.
            threads: threads.min(4),
        }
    }
}

/// Whether and from where on a log is looked at in shares.
pub(super) struct Shares {
    sizes: Sizes,
    /// Where the next may begin at the earliest, and how far that is from where they ended last.
    from: u64,
    pause: u64,
    /// Shares that are folded: their room is used again.
    folded: Mutex<Vec<Share>>,
}

/// What was seen of a share.
#[derive(Default)]
struct Share {
    /// The bytes, and where in the log they begin.
    bytes: Vec<u8>,
    offset: u64,
    lines: Vec<Seen>,
    /// Where in the bytes the first of the lines begins, and the first that was not looked at.
    first: usize,
    end: usize,
    /// Whether that is in the next share.
    whole: bool,
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

impl Shares {
    pub(super) fn new(sizes: Sizes) -> Self {
        Self {
            sizes,
            from: 0,
            pause: 0,
            folded: Mutex::default(),
        }
    }

    /// Takes the lines that are not at hand yet, as many as may be. Whatever cannot be read is left to who reads on.
    ///
    /// # Errors
    /// The lines cannot go on where the last share ended.
    pub(super) fn pass(
        &mut self,
        lines: &mut Lines,
        reader: &mut Reader,
        fold: &mut Fold,
        skipped: &mut Skipped,
    ) -> io::Result<()> {
        // Without a date, what time it is depends on the lines before.
        let header = &reader.heading.header;
        if header.date.is_none() || !header.is_read() {
            return Ok(());
        }
        let Some(begin) = lines.not_at_hand().filter(|at| *at >= self.from) else {
            return Ok(());
        };
        // What is unpacked while it is read is read in order.
        let bytes = lines.bytes();
        let Some((source, plain)) = bytes.filter(|(source, _)| !source.is_sequential()) else {
            return Ok(());
        };
        let header = header.clone();
        let Sizes { share, threads, .. } = self.sizes;
        let (mut end, mut number) = (begin, lines.number());
        let this = &*self;
        let in_order =
            InOrder::new(
                usize::MAX,
                AHEAD * threads,
                |looked: io::Result<Share>| match looked {
                    Ok(share) if share.offset + share.first as u64 == end => {
                        number = share.fold(number, &mut reader.heading, fold, skipped);
                        end = share.offset + share.end as u64;
                        let whole = share.whole;
                        lock(&this.folded).push(share);
                        match whole {
                            true => ControlFlow::Continue(()),
                            false => ControlFlow::Break(()),
                        }
                    }
                    _ => ControlFlow::Break(()),
                },
            );
        (0..threads).into_par_iter().for_each(|_| {
            let mut source = source.clone();
            in_order.work(|piece| {
                let start = begin.saturating_add(share.saturating_mul(piece as u64));
                this.look(
                    start..start.saturating_add(share),
                    &mut source,
                    plain,
                    &header,
                )
            });
        });
        drop(in_order);
        // What is looked at in vain stays less than what is read.
        let in_vain = share * (AHEAD * threads) as u64;
        self.pause = match end - begin < in_vain {
            true => self.pause.saturating_mul(2).max(in_vain),
            false => 0,
        };
        self.from = end.saturating_add(self.pause);
        lines.jump(end, number)
    }

    /// Looks at the lines that begin in this range.
    fn look(
        &self,
        range: Range<u64>,
        source: &mut Source,
        plain: Plain,
        header: &Header,
    ) -> io::Result<Share> {
        let offset = range.start.saturating_sub(1);
        let length = range.end - offset;
        source.seek(SeekFrom::Start(offset))?;
        let mut share = lock(&self.folded).pop().unwrap_or_default();
        let Share { bytes, .. } = &mut share;
        bytes.resize((length + self.sizes.behind) as usize, 0);
        let read = source.fill(bytes)?;
        bytes.truncate(read);
        share.first = match range.start {
            0 => 0,
            _ => memchr(b'\n', bytes).map_or(read, |at| at + 1),
        };
        share.offset = offset;
        share.lines.clear();
        share.look(length as usize, plain, header);
        Ok(share)
    }
}

impl Share {
    /// Looks at the lines that begin in the first so many bytes.
    fn look(&mut self, length: usize, plain: Plain, header: &Header) {
        dispatch!(Level::new(), simd => self.look_with(simd, length, plain, header));
    }

    #[inline(always)]
    fn look_with<S: Simd>(&mut self, simd: S, length: usize, plain: Plain, header: &Header) {
        let (mut begins, mut clock) = (Begins::default(), Clock::default());
        let mut places = Places::under(header);
        let text = self.bytes.get(self.first..).unwrap_or_default();
        let text = text.get(..plain.length(text)).unwrap_or_default();
        let mut at = 0;
        while self.first + at < length
            && let Some(rest) = text.get(at..)
            && let Some(row) = header.row(simd, &mut begins, rest)
        {
            let place = places.place(&row).or_else(|| {
                places.learn(places.len());
                places.place(&row)
            });
            let glance = place.and_then(|place| Glance::at(&row, header, &mut clock, place));
            self.lines.push(Seen {
                begin: (self.first + at) as u32,
                place,
                path: glance.map_or(0, |glance| glance.path(&row, header)),
                glance,
            });
            at += row.after;
        }
        self.end = self.first + at;
        self.whole = self.end >= length;
        self.places = places.len();
    }

    /// Folds what was seen; `number` is that of the first line. Out comes the number of the next.
    fn fold(
        &self,
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
            }) && let Some(rest) = self.bytes.get(line.begin as usize..)
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
