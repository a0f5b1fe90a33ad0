//! A line as bytes, with its values: for the many lines of a log of which little is asked.

use super::Values;
use super::marks::{STEP, marks, marks_of};
use crate::bundle::text::LINE_CHARS;

/// Values of a line that are found; a power of two.
const VALUES: usize = 64;

/// Where the values of a line begin. One is used for line after line.
#[derive(Debug)]
pub(in crate::readers) struct Begins {
    /// As many as there are values, and one more that would begin behind the line end.
    at: [u32; VALUES],
}

/// A line.
#[derive(Clone, Copy, Debug)]
pub(in crate::readers) struct Row<'t, 'b> {
    line: &'t [u8],
    begins: &'b [u32; VALUES],
    /// How many values there are.
    pub(in crate::readers) values: usize,
    /// Where the next line begins.
    pub(in crate::readers) after: usize,
}

impl Default for Begins {
    fn default() -> Self {
        Self { at: [0; VALUES] }
    }
}

impl Begins {
    /// The line that a text begins with; `None` where there is no whole one, or one that is read as something else than what
    /// its bytes say: it is too long, is filled up with blanks, or holds control characters.
    #[inline]
    pub(in crate::readers) fn find<'t>(&mut self, text: &'t [u8]) -> Option<Row<'t, '_>> {
        let mut values = 1;
        let (mut begin, mut rest) = (0, text);
        while !rest.is_empty() && begin <= LINE_CHARS {
            let (mut marks, after) = match rest.split_first_chunk() {
                Some((step, after)) => (marks_of(step), after),
                None => (marks(rest), [].as_slice()),
            };
            while marks != 0 {
                let at = begin + marks.trailing_zeros() as usize;
                // Of more values than there is room for nobody asks.
                self.at[values % VALUES] = at as u32 + 1;
                if text.get(at) != Some(&b' ') {
                    return self.row(text, at, values);
                }
                values += 1;
                marks &= marks - 1;
            }
            begin += STEP;
            rest = after;
        }
        None
    }

    #[inline]
    fn row<'t>(&self, text: &'t [u8], end: usize, values: usize) -> Option<Row<'t, '_>> {
        let (line, rest) = text.split_at_checked(end)?;
        let end_length = match rest {
            [b'\n', ..] => 1,
            [b'\r', b'\n', ..] => 2,
            _ => return None,
        };
        let plain = !matches!(line, [0xEF, ..] | [.., b' ']) && values < VALUES;
        plain.then_some(Row {
            line,
            begins: &self.at,
            values,
            after: end + end_length,
        })
    }
}

impl<'t, 'b> Row<'t, 'b> {
    /// Its bytes.
    pub(in crate::readers) fn line(&self) -> &'t [u8] {
        self.line
    }

    /// Its values as text.
    pub(in crate::readers) fn text(&self) -> Option<Values<'t, 'b>> {
        let line = std::str::from_utf8(self.line).ok()?;
        Some(Values::Between(line, self.begins.get(..=self.values)?))
    }

    /// The value of a column.
    #[inline(always)]
    pub(in crate::readers) fn get(&self, at: usize) -> Option<&'t [u8]> {
        let (begin, next) = (self.begins[at % VALUES], self.begins[(at + 1) % VALUES]);
        self.line.get(begin as usize..next.checked_sub(1)? as usize)
    }

    /// The same, where there is such a column and the value is not empty.
    #[inline(always)]
    pub(in crate::readers) fn filled(&self, at: Option<usize>) -> Option<&'t [u8]> {
        self.get(at?).filter(|value| !matches!(*value, b"" | b"-"))
    }
}
