//! A line as bytes, with its values: for the many lines of a log of which little is asked.

use fearless_simd::prelude::*;

use super::Values;
use super::marks::{Marks, STEP, filled_up, marks};
use crate::bundle::text::LINE_CHARS;

/// Values of a line that are found; a power of two.
const VALUES: usize = 64;
/// Places put down together, as many as most steps have at most: how many there are cannot be foretold, so that some are put
/// down in vain.
const TOGETHER: usize = 5;

/// Where the values of a line begin. One is used for line after line.
#[derive(Debug)]
pub(in crate::readers) struct Begins {
    /// As many as there are values, and one more that would begin behind the line end. What is behind that has no meaning.
    at: [u32; VALUES + TOGETHER],
}

/// A line.
#[derive(Clone, Copy, Debug)]
pub(in crate::readers) struct Row<'t, 'b> {
    /// The text that it begins.
    text: &'t [u8],
    line: &'t [u8],
    begins: &'b [u32; VALUES + TOGETHER],
    /// How many values there are.
    pub(in crate::readers) values: usize,
    /// Where the next line begins.
    pub(in crate::readers) after: usize,
}

impl Default for Begins {
    fn default() -> Self {
        Self {
            at: [0; VALUES + TOGETHER],
        }
    }
}

impl Begins {
    /// The line that a text begins with; `None` where there is no whole one, or one that is read as something else than what
    /// its bytes say: it is empty, is too long, is filled up with blanks, or holds control characters.
    #[inline(always)]
    pub(in crate::readers) fn find<'t, S: Simd>(
        &mut self,
        simd: S,
        text: &'t [u8],
    ) -> Option<Row<'t, '_>> {
        let mut values = 1;
        let (mut begin, mut rest) = (0, text);
        while !rest.is_empty() && begin <= LINE_CHARS {
            let (Marks { blanks, controls }, after) = match rest.split_first_chunk() {
                Some((step, after)) => (marks(simd, step), after),
                None => (marks(simd, &filled_up(rest)), [].as_slice()),
            };
            // Those before the first control character, or all.
            let blanks = blanks & (controls ^ controls.wrapping_sub(1));
            self.put(values, blanks, begin)?;
            values += blanks.count_ones() as usize;
            if controls != 0 {
                let end = begin + controls.trailing_zeros() as usize;
                return self.row(text, end, values);
            }
            begin += STEP;
            rest = after;
        }
        None
    }

    /// Puts down the values that begin behind these blanks; `None` where there is no room for so many.
    #[inline(always)]
    fn put(&mut self, mut values: usize, mut blanks: u64, begin: usize) -> Option<()> {
        loop {
            let room: &mut [u32; TOGETHER] = self.at.get_mut(values..)?.first_chunk_mut()?;
            for place in room {
                *place = begin as u32 + blanks.trailing_zeros() + 1;
                blanks &= blanks.wrapping_sub(1);
            }
            if blanks == 0 {
                return Some(());
            }
            values += TOGETHER;
        }
    }

    #[inline(always)]
    fn row<'t>(&mut self, text: &'t [u8], end: usize, values: usize) -> Option<Row<'t, '_>> {
        let (line, rest) = text.split_at_checked(end)?;
        let end_length = match rest {
            [b'\n', ..] => 1,
            [b'\r', b'\n', ..] => 2,
            _ => return None,
        };
        *self.at.get_mut(values)? = end as u32 + 1;
        let plain = !matches!(line, [] | [0xEF, ..] | [.., b' '])
            && values < VALUES
            && line.len() <= LINE_CHARS;
        plain.then_some(Row {
            text,
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

    /// The value of a column as a number, its first byte the lowest; 0 where it is empty. `None` where it is longer than seven
    /// bytes, or stands at the very end of the text.
    #[inline(always)]
    pub(in crate::readers) fn word(&self, at: usize) -> Option<u64> {
        let (begin, next) = (self.begins[at % VALUES], self.begins[(at + 1) % VALUES]);
        let bits = next
            .wrapping_sub(begin)
            .wrapping_sub(1)
            .wrapping_mul(u8::BITS);
        let bytes = self.text.get(begin as usize..)?.first_chunk()?;
        let mask = 1u64.checked_shl(bits)?.wrapping_sub(1);
        Some(u64::from_le_bytes(*bytes) & mask)
    }

    /// Whether a column is there and not empty.
    #[inline(always)]
    pub(in crate::readers) fn is_filled(&self, at: usize) -> bool {
        const NOTHING: u64 = b'-' as u64;
        match self.word(at) {
            Some(word) => word != 0 && word != NOTHING,
            None => self.filled(Some(at)).is_some(),
        }
    }
}

#[cfg(test)]
mod tests {
    use fearless_simd::{Level, dispatch};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn values_of_a_line(values in prop::collection::vec("[!-~é-]{0,9}|[!-~]{50,80}", 1..70), end in "\n|\r\n", more in "[!-~ ]{0,90}") {
            let line = values.join(" ");
            let text = format!("{line}{end}{more}");
            let mut begins = Begins::default();
            for level in [Level::new(), Level::baseline()] {
                let row = dispatch!(level, simd => begins.find(simd, text.as_bytes()));
                if line.is_empty() || line.ends_with(' ') || values.len() >= VALUES {
                    prop_assert!(row.is_none());
                    continue;
                }
                let row = row.unwrap();
                prop_assert_eq!((row.values, row.after), (values.len(), line.len() + end.len()));
                for (at, value) in values.iter().enumerate() {
                    prop_assert_eq!(row.get(at), Some(value.as_bytes()));
                    prop_assert_eq!(row.is_filled(at), !matches!(value.as_str(), "" | "-"));
                    let mut word = [0; 8];
                    if let Some(word) = word.get_mut(..value.len()) {
                        word.copy_from_slice(value.as_bytes());
                    }
                    let word = Some(u64::from_le_bytes(word)).filter(|_| value.len() < 8);
                    let read = row.word(at);
                    prop_assert!(read == word || read.is_none() && more.len() < 8, "{:?}", value);
                }
            }
        }
    }
}
