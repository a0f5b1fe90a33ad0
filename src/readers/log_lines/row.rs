//! Lines as bytes, with their values: for the many lines of a log of which little is asked.

use std::ops::RangeInclusive;

use super::Values;
use super::marks::Marks;
use crate::bundle::text::LINE_CHARS;

/// Bytes that are looked at for marks at a time: more and more, because a text may be left after its first line, but few enough
/// for the nearest cache of a core.
const PIECES: RangeInclusive<usize> = 1 << 10..=16 << 10;

/// Room for where the values of lines part. One is used for text after text, so that nothing is allocated.
#[derive(Debug, Default)]
pub(in crate::readers) struct Rows(Marks);

/// The lines that a text begins with.
pub(in crate::readers) struct RowsOf<'t, 'm> {
    text: &'t [u8],
    marks: &'m mut Marks,
    /// Bytes that were looked at for marks.
    looked_at: usize,
    /// Where the next line begins.
    begin: usize,
    /// Numbers of the mark before it, and of the first control character behind that.
    before: usize,
    end: usize,
}

/// A line.
#[derive(Clone, Copy, Debug)]
pub(in crate::readers) struct Row<'t, 'm> {
    text: &'t [u8],
    begin: usize,
    /// The mark before each value, and the one behind the last.
    marks: &'m [u32],
    /// Where the next line begins in the text.
    pub(in crate::readers) after: usize,
}

impl Rows {
    /// Those of a text.
    pub(in crate::readers) fn of<'t>(&mut self, text: &'t [u8]) -> RowsOf<'t, '_> {
        let marks = &mut self.0;
        marks.all.clear();
        marks.ends.clear();
        // The mark before the first line: one more is the beginning.
        marks.all.push(u32::MAX);
        RowsOf {
            text,
            marks,
            looked_at: 0,
            begin: 0,
            before: 0,
            end: 0,
        }
    }
}

impl<'t> RowsOf<'t, '_> {
    /// The next line; `None` where there is no whole one of so many values, or one that is read as something else than what its
    /// bytes say: it is a directive, is empty or too long, is filled up with blanks, or holds control characters.
    #[inline]
    pub(in crate::readers) fn next(&mut self, values: usize) -> Option<Row<'t, '_>> {
        while self.end >= self.marks.ends.list().len() {
            self.look_on()?;
        }
        let end = *self.marks.ends.list().get(self.end)?;
        // That many marks are there, and the last of them is the first that is no blank.
        let behind = *self.marks.all.list().get(self.before + values)?;
        let (line, rest) = self
            .text
            .get(self.begin..)?
            .split_at_checked((end as usize).checked_sub(self.begin)?)?;
        let ends = match rest {
            [b'\n', ..] => 1,
            [b'\r', b'\n', ..] => 2,
            _ => return None,
        };
        if behind != end
            || matches!(line, [] | [b'#' | 0xEF, ..] | [.., b' '])
            || line.len() > LINE_CHARS
        {
            return None;
        }
        let (begin, before) = (self.begin, self.before);
        self.begin += line.len() + ends;
        self.before += values + ends - 1;
        self.end += ends;
        Some(Row {
            text: self.text,
            begin,
            marks: self.marks.all.list().get(before..=before + values)?,
            after: self.begin,
        })
    }

    /// Looks for marks in the next piece.
    #[cold]
    fn look_on(&mut self) -> Option<()> {
        let text = self.text.get(self.looked_at..)?;
        let length = self.looked_at.clamp(*PIECES.start(), *PIECES.end());
        let piece = text.get(..length).unwrap_or(text);
        if piece.is_empty() {
            return None;
        }
        self.before -= self.marks.all.drop_first(self.before);
        self.end -= self.marks.ends.drop_first(self.end);
        self.marks.add(piece, u32::try_from(self.looked_at).ok()?);
        self.looked_at += piece.len();
        Some(())
    }
}

impl<'t, 'm> Row<'t, 'm> {
    /// Its bytes.
    pub(in crate::readers) fn line(&self) -> &'t [u8] {
        let end = self.marks.last().copied().unwrap_or_default() as usize;
        self.text.get(self.begin..end).unwrap_or_default()
    }

    /// Its values as text.
    pub(in crate::readers) fn text(&self) -> Option<Values<'t, 'm>> {
        let line = std::str::from_utf8(self.line()).ok()?;
        Some(Values::Between(line, self.begin as u32, self.marks))
    }

    /// The value of a column.
    #[inline(always)]
    pub(in crate::readers) fn get(&self, at: usize) -> Option<&'t [u8]> {
        let [before, behind] = self.marks.get(at..)?.first_chunk()?;
        self.text
            .get(before.wrapping_add(1) as usize..*behind as usize)
    }

    /// The same, where there is such a column and the value is not empty.
    #[inline(always)]
    pub(in crate::readers) fn filled(&self, at: Option<usize>) -> Option<&'t [u8]> {
        self.get(at?).filter(|value| !matches!(*value, b"" | b"-"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The values of the lines that a text begins with, and where the first stands that has not so many.
    fn read(text: &[u8], values: usize) -> (Vec<Vec<String>>, usize) {
        let mut room = Rows::default();
        room.of(b"left from a text before\n").next(5);
        let (mut rows, mut lines, mut end) = (room.of(text), Vec::new(), 0);
        while let Some(row) = rows.next(values) {
            let texts = row.text().unwrap();
            let line = (0..values).map(|at| {
                let value = std::str::from_utf8(row.get(at).unwrap()).unwrap();
                assert_eq!(texts.get(Some(at)), Some(value));
                value.to_owned()
            });
            lines.push(line.collect());
            end = row.after;
            assert_eq!(row.get(values), None);
            assert_eq!(texts.get(Some(values)), None);
        }
        (lines, end)
    }

    #[test]
    fn lines_as_their_bytes_say() {
        let (lines, end) = read(b"a b\nc \xC3\xA9\r\n - x\ne f", 2);
        assert_eq!(lines, [["a", "b"], ["c", "é"]], "then one of three values");
        assert_eq!(end, 10);
        for other in [
            "#a b\n",
            "\u{feff}a b\n",
            "a \n",
            "a b c\n",
            "a\n",
            "\n",
            "a b",
            "a\tb c\n",
            "a b\r",
            "a b\r\r\n",
            "a\0 b\n",
            "",
        ] {
            assert_eq!(read(other.as_bytes(), 2), (vec![], 0), "{other:?}");
        }
        let long = format!("a {}\n", "b".repeat(LINE_CHARS - 2));
        assert_eq!(read(long.as_bytes(), 2).0.len(), 1);
        let longer = format!("a {}\n", "b".repeat(LINE_CHARS - 1));
        assert_eq!(read(longer.as_bytes(), 2).0.len(), 0);
    }

    proptest! {
        #[test]
        fn lines_anywhere(
            lines in prop::collection::vec(("[a-é]{1,9}", "[a-é]{0,9}", "[a-é]{1,9}", any::<bool>()), 1..20),
            long in 0..3 * PIECES.end(),
            at in 0usize..20,
        ) {
            let mut lines = lines;
            let long = "x".repeat(long);
            let at = at.min(lines.len() - 1);
            lines[at].1 = long;
            let text: String = lines.iter().map(|(a, b, c, carriage)| {
                format!("{a} {b} {c}{}\n", if *carriage { "\r" } else { "" })
            }).collect();
            let want: Vec<Vec<String>> = lines.iter().map(|(a, b, c, _)| [a, b, c].map(String::clone).to_vec()).collect();
            let (got, end) = read(text.as_bytes(), 3);
            prop_assert_eq!(got, want);
            prop_assert_eq!(end, text.len());
        }
    }
}
