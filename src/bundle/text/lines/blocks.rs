//! The bytes of a text a block at a time, and where the lines stand in them.

use std::borrow::Cow;
use std::io::{self, Seek, SeekFrom};
use std::ops::Range;

use memchr::{memchr, memchr2, memrchr};

use super::{Plain, Sizes};
use crate::bundle::Source;
use crate::bundle::text::code_page::CodePage;
use crate::bundle::text::runs::{self, END, Unit};
use crate::bundle::text::spelling::Spelling;
use crate::bundle::text::{head_bytes, kept, without_padding};

/// Bytes judged together whether they stand for themselves: a core's cache still holds them when they are looked at next.
const JUDGED: usize = 64 << 10;

/// Bytes in one run, a block of them at hand.
pub(super) struct Blocks {
    source: Source,
    spelling: Spelling,
    /// What is behind the first so many bytes of it is not of the text.
    buffer: Vec<u8>,
    filled: usize,
    /// Where the next line begins in the buffer.
    at: usize,
    /// Whether bytes before those in the buffer are gone from it.
    passed: bool,
    /// Whether nothing comes after those in the buffer.
    ended: bool,
    /// Where what was judged ends, and the last line feed before which all bytes stand for themselves.
    judged: usize,
    plain: usize,
    /// The last line that had to be decoded.
    decoded: String,
}

impl Blocks {
    /// Of a text whose beginning was read already, and perhaps all of it.
    pub(super) fn new(source: Source, spelling: Spelling, buffer: Vec<u8>, ended: bool) -> Self {
        Self {
            source,
            spelling,
            filled: buffer.len(),
            buffer,
            at: 0,
            passed: false,
            ended,
            judged: 0,
            plain: 0,
            decoded: String::new(),
        }
    }

    pub(super) fn bytes(&self) -> (Source, Plain) {
        (self.source.clone(), Plain(self.spelling))
    }

    pub(super) fn not_at_hand(&self) -> Option<u64> {
        let rest = self.rest();
        // What was judged and not passed has line feeds, or other line ends, and is not looked through line after line.
        let none = !self.ended && self.at >= self.judged && memchr(b'\n', rest).is_none();
        none.then(|| self.source.position() - rest.len() as u64)
    }

    pub(super) fn jump(&mut self, offset: u64) -> io::Result<()> {
        self.source.seek(SeekFrom::Start(offset))?;
        (self.at, self.filled, self.judged, self.plain) = (0, 0, 0, 0);
        (self.passed, self.ended) = (true, false);
        Ok(())
    }

    /// What is at hand and comes next.
    fn rest(&self) -> &[u8] {
        self.buffer.get(self.at..self.filled).unwrap_or_default()
    }

    /// Whole lines of what is at hand that need no decoding.
    pub(super) fn ahead(&mut self) -> &[u8] {
        if self.at >= self.judged {
            self.judge();
        }
        self.buffer.get(self.at..self.plain).unwrap_or_default()
    }

    /// Goes on behind so many bytes of what is at hand.
    pub(super) fn pass(&mut self, bytes: usize) {
        self.at = (self.at + bytes).min(self.filled);
    }

    /// Judges the bytes that come next.
    fn judge(&mut self) {
        let rest = self.rest();
        let rest = rest.get(..JUDGED).unwrap_or(rest);
        let plain = self.spelling.plain(rest);
        let end = self.at + plain;
        self.plain = self.at + through_feed(rest.get(..plain).unwrap_or_default());
        // The line that what was judged ends in is judged again, unless nothing stands before it.
        self.judged = match self.plain > self.at {
            true => self.plain,
            false => end + 1,
        };
    }

    /// Lets go of the bytes before the next line.
    fn drain(&mut self) {
        self.buffer.copy_within(self.at..self.filled, 0);
        self.filled -= self.at;
        (self.at, self.judged, self.plain) = (0, 0, 0);
    }

    /// Where the next line stands in the buffer, and whether it is only the beginning of one that is too long to be held.
    pub(super) fn find(&mut self, sizes: Sizes) -> io::Result<Option<(Range<usize>, bool)>> {
        loop {
            let rest = self.rest();
            let found = memchr2(b'\r', b'\n', rest);
            let end = found.and_then(|length| rest.get(length..));
            if let (Some(length), Some(end)) = (found, end)
                && (end.len() >= END || end.starts_with(b"\n") || self.ended)
            {
                let line = self.at..self.at + length;
                self.at = line.end + runs::end_length(end, Unit::Byte);
                return Ok(Some((line, false)));
            }
            if self.ended {
                let line = self.at..self.at + without_padding(rest).len();
                self.at = self.filled;
                return Ok(Some((line, false)).filter(|(line, _)| !line.is_empty()));
            }
            if found.is_none() && rest.len() > head_bytes(sizes.line_chars) {
                return self.long_line(sizes);
            }
            self.drain();
            self.read(sizes.block)?;
        }
    }

    /// A line longer than what is decoded of one, at the end of the buffer: the rest of it is passed over.
    fn long_line(&mut self, sizes: Sizes) -> io::Result<Option<(Range<usize>, bool)>> {
        let head = head_bytes(sizes.line_chars);
        self.drain();
        // Whether bytes behind the head are gone, and others than zeros among them.
        let (mut gone, mut solid) = (false, false);
        loop {
            let rest = self.buffer.get(head..self.filled).unwrap_or_default();
            let found = memchr2(b'\r', b'\n', rest);
            let end = found.and_then(|length| rest.get(length..));
            let complete = self.ended || end.is_some_and(|end| end.len() >= END);
            if let (Some(length), Some(end), true) = (found, end, complete) {
                self.at = head + length + runs::end_length(end, Unit::Byte);
                return Ok(Some((0..head, gone || length > 0)));
            }
            if found.is_none() {
                gone |= !rest.is_empty();
                solid |= !without_padding(rest).is_empty();
                self.filled = self.filled.min(head);
            }
            if self.ended {
                let held = self.buffer.get(..self.filled).unwrap_or_default();
                let line = match solid {
                    true => head,
                    false => without_padding(held).len(),
                };
                self.at = self.filled;
                return Ok(Some((0..line, solid)).filter(|_| line > 0));
            }
            self.read(sizes.block)?;
        }
    }

    /// Puts a block behind what the buffer holds.
    fn read(&mut self, block: usize) -> io::Result<()> {
        self.passed = true;
        let end = self.filled + block;
        // It is longer for the beginning of a text, and after a long line.
        if self.buffer.len() > end + 2 * block {
            self.buffer.truncate(end + block);
            self.buffer.shrink_to_fit();
        }
        // Otherwise as it was: to fill it with zeros takes time.
        if self.buffer.len() < end {
            self.buffer.resize(end + block, 0);
        }
        let room = self.buffer.get_mut(self.filled..end).unwrap_or_default();
        self.filled += self.source.fill(room)?;
        self.ended = self.filled < end;
        Ok(())
    }

    /// The line that stands there, as it is kept, and whether it lost its end.
    pub(super) fn line(&mut self, place: Range<usize>, line_chars: usize) -> (&str, bool) {
        let line = self.buffer.get(place).unwrap_or_default();
        let head = line.get(..head_bytes(line_chars)).unwrap_or(line);
        let mut decoded = self.spelling.decode(line, head);
        if self.passed && matches!(decoded, Cow::Owned(_)) && self.spelling.is_unicode() {
            self.spelling = Spelling::Mostly(CodePage::of(std::iter::once(line)));
            decoded = self.spelling.decode(line, head);
        }
        let decoded = match decoded {
            Cow::Borrowed(text) => text,
            Cow::Owned(text) => {
                self.decoded = text;
                &self.decoded
            }
        };
        let (kept, cut) = kept(decoded, line_chars);
        (kept, cut || head.len() < line.len())
    }

    /// Goes back to the beginning.
    pub(super) fn rewind(&mut self) -> io::Result<()> {
        (self.at, self.judged, self.plain) = (0, 0, 0);
        if self.passed {
            self.source.seek(SeekFrom::Start(0))?;
            self.filled = 0;
            (self.passed, self.ended) = (false, false);
        }
        Ok(())
    }
}

/// Length of what ends with the last line feed.
fn through_feed(bytes: &[u8]) -> usize {
    memrchr(b'\n', bytes).map_or(0, |at| at + 1)
}
