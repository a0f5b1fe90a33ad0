//! Lines of a text of any size, one after the other, read in blocks.
//!
//! They are the lines of [`decode`](super::decode), with the same numbers, without all of them in memory: the bytes that the
//! encoding is judged by (8 MiB), and later one block (512 KiB) with the line that it cuts, of which 256 KiB are kept. Zeros that a
//! log in use is filled up with are passed over, however many there are.
//!
//! Of a text longer than 8 MiB the beginning decides how it is encoded: what only comes later is not told among the encodings,
//! the first line that is no UTF-8 after a beginning that is decides of which code page such lines are, and UTF-16 appended
//! there is no text. UTF-16, or a change between it and bytes, in the beginning: all of it is decoded in memory, in the limits
//! of [`decode`](super::decode).
//! Numbers of lines end at 4 294 967 295; lines after that share it.

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::sync::Arc;

use memchr::{memchr2, memrchr, memrchr2};

use super::code_page::CodePage;
use super::runs::{self, END, Unit};
use super::spelling::Spelling;
use super::{LINE_CHARS, Text, decode_lines, head_bytes, kept};
use crate::bundle::{Content, Source};

/// Bytes that the encoding is judged by. A text that ends within them is judged as a whole.
const HEAD: usize = 8 << 20;
/// Bytes read at a time.
const BLOCK: usize = 128 << 10;
/// Bytes judged together whether they stand for themselves: a core's cache still holds them when they are looked at next.
const JUDGED: usize = 64 << 10;

/// The limits of a reader; tests have smaller ones.
#[derive(Clone, Copy, Debug)]
struct Sizes {
    head: usize,
    block: usize,
    line_chars: usize,
}

/// Reads lines of an artifact: right-trimmed, without line ends, numbered from 1.
pub struct Lines {
    encodings: Vec<&'static str>,
    cut_lines: Vec<u32>,
    cut_short: bool,
    number: u32,
    sizes: Sizes,
    from: From,
}

enum From {
    Blocks(Blocks),
    Memory { lines: Vec<String>, next: usize },
}

/// Bytes in one run, a block of them at hand.
struct Blocks {
    source: Source,
    spelling: Spelling,
    buffer: Vec<u8>,
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

impl Lines {
    /// Of what can be read.
    ///
    /// # Errors
    /// It could not be read.
    pub fn new(source: Source) -> io::Result<Self> {
        let sizes = Sizes {
            head: HEAD,
            block: BLOCK,
            line_chars: LINE_CHARS,
        };
        Self::sized(source, sizes)
    }

    /// Of bytes in memory.
    ///
    /// # Errors
    /// Never; as [`new`](Self::new).
    pub fn of(bytes: &[u8]) -> io::Result<Self> {
        Self::new(Source::new(&Content::Memory(Arc::from(bytes))))
    }

    fn sized(mut source: Source, sizes: Sizes) -> io::Result<Self> {
        let mut buffer = Vec::new();
        let most = sizes.head.saturating_add(1) as u64;
        Read::by_ref(&mut source)
            .take(most)
            .read_to_end(&mut buffer)?;
        let ended = buffer.len() <= sizes.head;
        let judged = match ended {
            true => super::without_padding(&buffer),
            // Not in the middle of a letter.
            false => through_line(&buffer),
        };
        let spelling = spelling(judged);
        let met = !judged.is_empty();
        let mut lines = Self {
            encodings: Vec::new(),
            cut_lines: Vec::new(),
            cut_short: false,
            number: 0,
            sizes,
            from: From::Memory {
                lines: Vec::new(),
                next: 0,
            },
        };
        match spelling {
            Some(spelling) => {
                lines.encodings.extend(spelling.names().filter(|_| met));
                lines.from = From::Blocks(Blocks {
                    source,
                    spelling,
                    buffer,
                    at: 0,
                    passed: false,
                    ended,
                    judged: 0,
                    plain: 0,
                    decoded: String::new(),
                });
            }
            None => {
                source.read_to_end(&mut buffer)?;
                lines.take(decode_lines(&buffer, sizes.line_chars));
            }
        }
        Ok(lines)
    }

    fn take(&mut self, text: Text) {
        self.encodings = text.encodings;
        self.cut_lines = text.cut_lines;
        self.cut_short = text.cut_short;
        self.from = From::Memory {
            lines: text.lines,
            next: 0,
        };
    }

    /// The next line, and its number.
    ///
    /// # Errors
    /// The bytes could not be read any more.
    pub fn next_line(&mut self) -> io::Result<Option<(u32, &str)>> {
        let number = self.number.saturating_add(1);
        match &mut self.from {
            From::Memory { lines, next } => {
                let Some(line) = lines.get(*next) else {
                    return Ok(None);
                };
                *next += 1;
                self.number = number;
                Ok(Some((number, line)))
            }
            From::Blocks(blocks) => {
                let Some((place, cut)) = blocks.find(self.sizes)? else {
                    return Ok(None);
                };
                self.number = number;
                let (line, shortened) = blocks.line(place, self.sizes.line_chars);
                // Not again after going back to the first line.
                let new = self.cut_lines.last().is_none_or(|last| *last < number);
                if (cut || shortened) && new {
                    self.cut_lines.push(number);
                }
                Ok(Some((number, line)))
            }
        }
    }

    /// Whole lines that come next, as they stand there, each with its line feed: as many as are at hand and need no decoding,
    /// often none; and the
    /// number of the first. Trailing blanks, a byte order mark, carriage returns and the end of a long line are
    /// [`next_line`](Self::next_line)'s to take away.
    pub fn ahead(&mut self) -> (u32, &[u8]) {
        let text = match &mut self.from {
            From::Blocks(blocks) => blocks.ahead(),
            From::Memory { .. } => &[],
        };
        (self.number.saturating_add(1), text)
    }

    /// Goes on behind the first lines of those [`ahead`](Self::ahead), so many of so many bytes.
    pub fn pass(&mut self, lines: u32, bytes: usize) {
        if let From::Blocks(blocks) = &mut self.from {
            self.number = self.number.saturating_add(lines);
            blocks.at = (blocks.at + bytes).min(blocks.buffer.len());
        }
    }

    /// Goes back to the first line.
    ///
    /// # Errors
    /// The bytes could not be read any more.
    pub fn rewind(&mut self) -> io::Result<()> {
        self.number = 0;
        match &mut self.from {
            From::Memory { next, .. } => *next = 0,
            From::Blocks(blocks) => blocks.rewind()?,
        }
        Ok(())
    }

    /// Names of the encodings met, as in [`Text`].
    pub fn encodings(&self) -> &[&'static str] {
        &self.encodings
    }

    /// Numbers of the lines so far that were too long and lost their end.
    pub fn cut_lines(&self) -> &[u32] {
        &self.cut_lines
    }

    /// Whether there are too many lines and the rest is left out: in UTF-16 only.
    pub fn is_cut_short(&self) -> bool {
        self.cut_short
    }
}

impl Blocks {
    fn ahead(&mut self) -> &[u8] {
        if self.at >= self.judged {
            self.judge();
        }
        self.buffer.get(self.at..self.plain).unwrap_or_default()
    }

    /// Judges the bytes that come next.
    fn judge(&mut self) {
        let rest = self.buffer.get(self.at..).unwrap_or_default();
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
        self.buffer.drain(..self.at);
        (self.at, self.judged, self.plain) = (0, 0, 0);
    }

    /// Where the next line stands in the buffer, and whether it is only the beginning of one that is too long to be held.
    fn find(&mut self, sizes: Sizes) -> io::Result<Option<(Range<usize>, bool)>> {
        loop {
            let rest = self.buffer.get(self.at..).unwrap_or_default();
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
                let line = self.at..self.at + super::without_padding(rest).len();
                self.at = self.buffer.len();
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
            let rest = self.buffer.get(head..).unwrap_or_default();
            let found = memchr2(b'\r', b'\n', rest);
            let end = found.and_then(|length| rest.get(length..));
            let complete = self.ended || end.is_some_and(|end| end.len() >= END);
            if let (Some(length), Some(end), true) = (found, end, complete) {
                self.at = head + length + runs::end_length(end, Unit::Byte);
                return Ok(Some((0..head, gone || length > 0)));
            }
            if found.is_none() {
                gone |= !rest.is_empty();
                solid |= !super::without_padding(rest).is_empty();
                self.buffer.truncate(head);
            }
            if self.ended {
                self.at = self.buffer.len();
                let line = match solid {
                    true => head,
                    false => super::without_padding(&self.buffer).len(),
                };
                return Ok(Some((0..line, solid)).filter(|_| line > 0));
            }
            self.read(sizes.block)?;
        }
    }

    /// Puts a block behind what the buffer holds.
    fn read(&mut self, block: usize) -> io::Result<()> {
        self.passed = true;
        let before = self.buffer.len();
        self.buffer.shrink_to(before + 2 * block);
        self.buffer.resize(before + block, 0);
        let mut filled = before;
        while let Some(room) = self
            .buffer
            .get_mut(filled..)
            .filter(|room| !room.is_empty())
        {
            match self.source.read(room) {
                Ok(0) => {
                    self.ended = true;
                    break;
                }
                Ok(read) => filled += read,
                Err(reason) if reason.kind() == io::ErrorKind::Interrupted => {}
                Err(reason) => return Err(reason),
            }
        }
        self.buffer.truncate(filled);
        Ok(())
    }

    /// The line that stands there, as it is kept, and whether it lost its end.
    fn line(&mut self, place: Range<usize>, line_chars: usize) -> (&str, bool) {
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

    fn rewind(&mut self) -> io::Result<()> {
        (self.at, self.judged, self.plain) = (0, 0, 0);
        if self.passed {
            self.source.seek(SeekFrom::Start(0))?;
            self.buffer.clear();
            (self.passed, self.ended) = (false, false);
        }
        Ok(())
    }
}

/// How bytes spell, where they are in one run of single bytes.
fn spelling(bytes: &[u8]) -> Option<Spelling> {
    let mut runs = runs::runs(bytes);
    match (runs.next(), runs.next()) {
        (None, _) => Some(Spelling::Ascii),
        (Some(run), None) if run.unit == Unit::Byte => {
            Some(Spelling::of(run.bytes, || run.lines()))
        }
        _ => None,
    }
}

/// Length of what ends with the last line feed.
fn through_feed(bytes: &[u8]) -> usize {
    memrchr(b'\n', bytes).map_or(0, |at| at + 1)
}

/// Without what comes behind the last line end.
fn through_line(bytes: &[u8]) -> &[u8] {
    let end = memrchr2(b'\r', b'\n', bytes).map_or(bytes.len(), |at| at + 1);
    bytes.get(..end).unwrap_or(bytes)
}
