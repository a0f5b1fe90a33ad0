//! One log looked at by several threads: each looks at another range of it, and what they saw is folded in the order of the
//! lines.
//!
//! ```text
//! line|line|li ne|line|line|li ne|…
//! |- a share -|- the next ---|     the lines that begin there, whichever thread looks
//! ```
//!
//! A share ends with the first line that is not looked at, a directive for example. From there on the log is read line by line
//! again, for a while.

use std::io::{self, Seek, SeekFrom};
use std::ops::{ControlFlow, Range};
use std::sync::Mutex;

use memchr::memchr;
use rayon::prelude::*;

use super::in_order::{InOrder, lock};
use crate::bundle::Source;
use crate::bundle::text::{Lines, Plain};

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
/// Threads that look at most: one folds what they see, and there is an end to how fast bytes come.
const THREADS: usize = 8;

impl Sizes {
    /// For so many threads; `None` where there is only one.
    pub(super) fn of(threads: usize) -> Option<Self> {
        (threads > 1).then_some(Self {
            share: 256 << 10,
            behind: 4 << 10,
            threads: threads.min(THREADS),
        })
    }
}

/// Whether and from where on a log is looked at in shares; `S` is what is seen of one.
pub(super) struct Shares<S> {
    sizes: Sizes,
    /// Where the next may begin at the earliest, and how far that is from where they ended last.
    from: u64,
    pause: u64,
    /// Shares that are folded: their room is used again.
    folded: Mutex<Vec<Share<S>>>,
}

#[derive(Default)]
struct Share<S> {
    /// The bytes, and where in the log they begin.
    bytes: Vec<u8>,
    offset: u64,
    /// Where in the bytes the first of the lines begins, and the first that was not looked at.
    first: usize,
    end: usize,
    /// Whether that is in the next share.
    whole: bool,
    seen: S,
}

impl<S: Default + Send> Shares<S> {
    pub(super) fn new(sizes: Sizes) -> Self {
        Self {
            sizes,
            from: 0,
            pause: 0,
            folded: Mutex::default(),
        }
    }

    /// Whether there is anything to pass now.
    pub(super) fn are_due(&self, lines: &Lines) -> bool {
        lines.not_at_hand().is_some_and(|at| at >= self.from)
    }

    /// Takes the lines that are not at hand yet, as many as may be. Whatever cannot be read is left to who reads on.
    ///
    /// `look` looks at the lines of a text that begin in the first so many bytes of it, and says where the first begins that it
    /// did not look at. What it sees it puts down in the place of what was seen of another share. All bytes of the text stand
    /// for themselves.
    ///
    /// `fold` is given what was seen of one share after the other, the bytes from its first line on, and the number of that
    /// line; it gives the number of the next.
    ///
    /// # Errors
    /// The lines cannot go on where the last share ended.
    pub(super) fn pass(
        &mut self,
        lines: &mut Lines,
        look: impl Fn(&mut S, &[u8], usize) -> usize + Sync,
        mut fold: impl FnMut(&mut S, &[u8], u32) -> u32 + Send,
    ) -> io::Result<()> {
        let Some(begin) = lines.not_at_hand().filter(|_| self.are_due(lines)) else {
            return Ok(());
        };
        // What is unpacked while it is read is read in order.
        let bytes = lines.bytes();
        let Some((source, plain)) = bytes.filter(|(source, _)| !source.is_sequential()) else {
            return Ok(());
        };
        let Sizes { share, threads, .. } = self.sizes;
        let (mut end, mut number) = (begin, lines.number());
        let this = &*self;
        let in_order = InOrder::new(
            usize::MAX,
            AHEAD * threads,
            |looked: io::Result<Share<S>>| match looked {
                Ok(mut share) if share.offset + share.first as u64 == end => {
                    let text = share.bytes.get(share.first..).unwrap_or_default();
                    number = fold(&mut share.seen, text, number);
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
                let range = start..start.saturating_add(share);
                this.look(range, &mut source, plain, &look)
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
        look: impl Fn(&mut S, &[u8], usize) -> usize,
    ) -> io::Result<Share<S>> {
        // A line begins at the range where the byte before ends one.
        let offset = range.start.saturating_sub(1);
        let length = (range.end - offset) as usize;
        source.seek(SeekFrom::Start(offset))?;
        let mut share = lock(&self.folded).pop().unwrap_or_default();
        share.bytes.resize(length + self.sizes.behind as usize, 0);
        let read = source.fill(&mut share.bytes)?;
        share.bytes.truncate(read);
        share.offset = offset;
        share.first = match range.start {
            0 => 0,
            _ => memchr(b'\n', &share.bytes).map_or(read, |at| at + 1),
        };
        let text = share.bytes.get(share.first..).unwrap_or_default();
        let text = text.get(..plain.length(text)).unwrap_or_default();
        let until = length.saturating_sub(share.first);
        share.end = share.first + look(&mut share.seen, text, until);
        share.whole = share.end >= length;
        Ok(share)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    const SIZES: Sizes = Sizes {
        share: 50,
        behind: 10,
        threads: 3,
    };

    /// Reads lines of five bytes, of which those are not looked at that begin with this: how many are read one by one, and how
    /// many bytes are looked through in vain or not.
    fn read(log: &str, stop: u8) -> (usize, usize) {
        let mut lines = Lines::in_blocks(log.as_bytes(), 20, 7).unwrap();
        let (mut shares, mut alone) = (Shares::<Vec<u8>>::new(SIZES), 0);
        let (bytes, mut all) = (AtomicUsize::new(0), Vec::new());
        loop {
            let look = |seen: &mut Vec<u8>, text: &[u8], until: usize| {
                bytes.fetch_add(text.len(), Ordering::Relaxed);
                let lines = text.chunks_exact(5).take(until.div_ceil(5));
                seen.clear();
                seen.extend(lines.flatten().copied());
                let end = seen.iter().step_by(5).position(|byte| *byte == stop);
                seen.truncate(end.map_or(seen.len(), |line| line * 5));
                seen.len()
            };
            let passed = shares.pass(&mut lines, look, |seen, text, number| {
                assert_eq!(number as usize, all.len() / 5 + 1);
                assert!(text.starts_with(seen));
                all.extend_from_slice(seen);
                number + seen.len() as u32 / 5
            });
            passed.unwrap();
            let Some((number, line)) = lines.next_line().unwrap() else {
                break;
            };
            assert_eq!(number as usize, all.len() / 5 + 1);
            all.extend(format!("{line}\n").as_bytes());
            alone += 1;
        }
        assert_eq!(String::from_utf8(all).unwrap(), log);
        (alone, bytes.into_inner())
    }

    #[test]
    fn all_lines_come_in_their_order() {
        let log: String = (0..9000).map(|number| format!("{number:4}\n")).collect();
        let (alone, bytes) = read(&log, b'!');
        assert!(alone < 10 && bytes < 2 * log.len(), "{alone} {bytes}");
        let (alone, _) = read(&log, b'8');
        assert!(
            (1000..1200).contains(&alone),
            "{alone}: those in a row, and those until it goes on"
        );
    }

    #[test]
    fn little_is_looked_at_in_vain() {
        let log = "!!!!\n".repeat(9000);
        let (alone, bytes) = read(&log, b'!');
        assert_eq!(alone, 9000);
        assert!(bytes <= log.len(), "{bytes}");
    }
}
