//! Lines of a text of any size, one after the other, read in blocks.
//!
//! They are the lines of [`decode`](super::decode), with the same numbers, without all of them in memory: the bytes that the
//! encoding is judged by (8 MiB) where they are not ASCII, and later one block (128 KiB) with the line that it cuts, of which
//! 256 KiB are kept. Zeros that a log in use is filled up with are passed over, however many there are.
//!
//! Of a text longer than 8 MiB the beginning decides how it is encoded: what only comes later is not told among the encodings,
//! the first line that is no UTF-8 after a beginning that is decides of which code page such lines are, and UTF-16 appended
//! there is no text. UTF-16, or a change between it and bytes, in the beginning: all of it is decoded in memory, in the limits
//! of [`decode`](super::decode).
//! Numbers of lines end at 4 294 967 295; lines after that share it.

mod blocks;
#[cfg(test)]
mod tests;

use std::io::{self, Read};
use std::sync::Arc;

use memchr::{memchr, memrchr2};

use super::runs::{self, Unit};
use super::spelling::Spelling;
use super::{LINE_CHARS, Text, decode_lines};
use crate::bundle::{Content, Source};
use blocks::Blocks;

/// Bytes that the encoding is judged by. A text that ends within them is judged as a whole.
const HEAD: usize = 8 << 20;
/// Bytes read at a time.
const BLOCK: usize = 128 << 10;

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

/// Tells which bytes of a text need no decoding.
#[derive(Clone, Copy, Debug)]
pub struct Plain(Spelling);

impl Plain {
    /// How many of the first of these bytes.
    pub fn length(self, bytes: &[u8]) -> usize {
        self.0.plain(bytes)
    }
}

enum From {
    Blocks(Blocks),
    Memory { lines: Vec<String>, next: usize },
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

    /// Of bytes in memory, of which so many are the beginning, and so many more are read at a time.
    #[cfg(test)]
    pub(crate) fn in_blocks(bytes: &[u8], head: usize, block: usize) -> io::Result<Self> {
        let source = Source::new(&Content::Memory(Arc::from(bytes)));
        let line_chars = LINE_CHARS;
        let sizes = Sizes {
            head,
            block,
            line_chars,
        };
        Self::sized(source, sizes)
    }

    fn sized(mut source: Source, sizes: Sizes) -> io::Result<Self> {
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
        // Need not be held to be judged.
        if is_ascii(&source, sizes)? {
            lines.encodings.extend(Spelling::Ascii.names());
            lines.from = From::Blocks(Blocks::new(source, Spelling::Ascii, Vec::new(), false));
            return Ok(lines);
        }
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
        match spelling(judged) {
            Some(spelling) => {
                let met = !judged.is_empty();
                lines.encodings.extend(spelling.names().filter(|_| met));
                lines.from = From::Blocks(Blocks::new(source, spelling, buffer, ended));
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
    /// often none; and the number of the first. Trailing blanks, a byte order mark, carriage returns and the end of a long line
    /// are [`next_line`](Self::next_line)'s to take away.
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
            blocks.pass(bytes);
        }
    }

    /// Where in the bytes the next line begins, where it is not at hand yet. Whoever can read on there without decoding may
    /// do so, and [`jump`](Self::jump).
    pub fn not_at_hand(&self) -> Option<u64> {
        match &self.from {
            From::Blocks(blocks) => blocks.not_at_hand(),
            From::Memory { .. } => None,
        }
    }

    /// The number of the next line.
    pub fn number(&self) -> u32 {
        self.number.saturating_add(1)
    }

    /// Goes on with a line that begins there, of this number.
    ///
    /// # Errors
    /// The bytes could not be read any more.
    pub fn jump(&mut self, offset: u64, number: u32) -> io::Result<()> {
        self.number = number.saturating_sub(1);
        match &mut self.from {
            From::Blocks(blocks) => blocks.jump(offset),
            From::Memory { .. } => Ok(()),
        }
    }

    /// The bytes, and which of them need no decoding.
    pub fn bytes(&self) -> Option<(Source, Plain)> {
        match &self.from {
            From::Blocks(blocks) => Some(blocks.bytes()),
            From::Memory { .. } => None,
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

/// Whether what the encoding is judged by is longer than a block, can be read again, and is ASCII without a zero.
fn is_ascii(source: &Source, sizes: Sizes) -> io::Result<bool> {
    if source.is_sequential() {
        return Ok(false);
    }
    let mut source = source.clone();
    let mut block = vec![0; sizes.block];
    let mut read = 0;
    while read <= sizes.head {
        let filled = source.fill(&mut block)?;
        let bytes = block.get(..filled).unwrap_or_default();
        if !bytes.is_ascii() || memchr(0, bytes).is_some() {
            return Ok(false);
        }
        if filled < block.len() {
            return Ok(read > 0);
        }
        read += filled;
    }
    Ok(true)
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

/// Without what comes behind the last line end.
fn through_line(bytes: &[u8]) -> &[u8] {
    let end = memrchr2(b'\r', b'\n', bytes).map_or(bytes.len(), |at| at + 1);
    bytes.get(..end).unwrap_or(bytes)
}
