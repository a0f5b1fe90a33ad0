//! What is seen of a stretch of lines, whatever stands before it.
//!
//! A line of a kind that was met there before is counted without allocating anything. Of those that may be cited only the
//! places are put down: what they say is read once it is known which are.

use fearless_simd::{Level, Simd, dispatch};

use super::header::{Header, values};
use super::kinds::SeenKinds;
use super::line::Line;
use super::utc;
use crate::evidence::When;
use crate::readers::log_lines::{Begins, Blanks, Clock, Values};

/// What was seen of a stretch of lines.
#[derive(Default)]
pub(super) struct Seen {
    /// How many there are, and how many of them are counted.
    pub(super) lines: u32,
    pub(super) read: u64,
    pub(super) span: Span,
    pub(super) kinds: SeenKinds,
    /// Those that are left out, by how many come before them, and why.
    pub(super) skipped: Vec<(u32, &'static str)>,
}

/// The first and the last of times, in seconds of the log's clock.
#[derive(Clone, Copy, Default)]
pub(super) struct Span(Option<(i64, i64)>);

/// Where a line stands.
#[derive(Clone, Copy, Default)]
pub(super) struct Place {
    /// Lines before it.
    pub(super) number: u32,
    /// Its bytes.
    pub(super) begin: u32,
    pub(super) end: u32,
    /// Seconds of the log's clock.
    pub(super) time: Option<i64>,
}

impl Seen {
    /// Looks at the lines that begin in the first so many bytes of a text, as far as they are read as they stand there and there
    /// is room for their kinds. Out comes where it ended.
    pub(super) fn look(
        &mut self,
        text: &[u8],
        until: usize,
        header: &Header,
        clock: &mut Clock,
    ) -> usize {
        dispatch!(Level::new(), simd => self.look_with(simd, text, until, header, clock))
    }

    #[inline(always)]
    fn look_with<S: Simd>(
        &mut self,
        simd: S,
        text: &[u8],
        until: usize,
        header: &Header,
        clock: &mut Clock,
    ) -> usize {
        self.clear();
        let (mut begins, mut blanks) = (Begins::default(), Blanks::default());
        let columns = header.columns.len();
        let mut at = 0;
        while at < until
            && columns > 0
            && let Some(row) = text.get(at..).and_then(|text| begins.find(simd, text))
            && !row.line().starts_with(b"#")
            && let Some(found) = row.text()
        {
            let place = Place {
                number: self.lines,
                begin: at as u32,
                end: (at + row.line().len()) as u32,
                time: None,
            };
            let taken = if row.values == columns {
                self.take(
                    Some((&found, found.get(header.queue))),
                    place,
                    header,
                    clock,
                )
            } else {
                let line = std::str::from_utf8(row.line()).unwrap_or_default();
                let found = values(header, &mut blanks, line);
                let found = found.as_ref();
                let found = found.map(|(values, queue)| (values, queue.as_deref()));
                self.take(found, place, header, clock)
            };
            if !taken {
                break;
            }
            at += row.after;
        }
        at
    }

    /// Looks at one line.
    pub(super) fn look_at(&mut self, line: &str, header: &Header, clock: &mut Clock) {
        self.clear();
        let place = Place {
            end: line.len() as u32,
            ..Place::default()
        };
        let mut blanks = Blanks::default();
        let found = values(header, &mut blanks, line);
        let found = found.as_ref();
        let found = found.map(|(values, queue)| (values, queue.as_deref()));
        self.take(found, place, header, clock);
    }

    fn clear(&mut self) {
        (self.lines, self.read, self.span) = (0, 0, Span::default());
        self.kinds.clear();
        self.skipped.clear();
    }

    /// Takes a line by its values and its queue, where it has such. False where there is no room for its kind.
    fn take<'l>(
        &mut self,
        found: Option<(&Values<'l, '_>, Option<&'l str>)>,
        mut place: Place,
        header: &Header,
        clock: &mut Clock,
    ) -> bool {
        let read = match found {
            None => Err("the line does not fit its columns and is left out"),
            Some((values, queue)) => Line::of(header, values, queue)
                .map(|line| (values, line))
                .ok_or("the line has no reason and is left out"),
        };
        match read {
            Err(says) => self.skipped.push((place.number, says)),
            Ok((values, line)) => {
                let Some(counted) = self.kinds.counted(&line.kind) else {
                    return false;
                };
                let date = values.get(header.date).map(str::as_bytes);
                let time = values.filled(header.time).map(str::as_bytes);
                place.time = clock.time(date, time);
                counted.count(&line, place);
                self.span.extend(&Span::of(place.time));
                self.read += 1;
            }
        }
        self.lines += 1;
        true
    }
}

impl Span {
    pub(super) fn of(time: Option<i64>) -> Self {
        Self(time.map(|time| (time, time)))
    }

    /// Becomes the span of both.
    pub(super) fn extend(&mut self, other: &Self) {
        self.0 = match (self.0, other.0) {
            (Some((first, last)), Some((a, b))) => Some((first.min(a), last.max(b))),
            (one, other) => one.or(other),
        };
    }

    pub(super) fn first(self) -> Option<When> {
        self.0.and_then(|(first, _)| utc(first))
    }

    pub(super) fn last(self) -> Option<When> {
        self.0.and_then(|(_, last)| utc(last))
    }
}
