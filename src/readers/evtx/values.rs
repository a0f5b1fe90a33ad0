//! The values that a record substitutes into its template: a table of sizes and types, then the values one after
//! another.

use std::ops::Range;

use jiff::Timestamp;

use super::cursor::{Broken, Cursor, utf16_with_nuls};
use super::shown::{Sink, ansi, filetime};

pub(super) const NULL: u8 = 0x00;
pub(super) const UTF16: u8 = 0x01;
pub(super) const ANSI: u8 = 0x02;
pub(super) const FILETIME: u8 = 0x11;
pub(super) const SID: u8 = 0x13;
pub(super) const BINARY_XML: u8 = 0x21;
const ARRAY: u8 = 0x80;

/// The values of one template instance.
#[derive(Debug, Default)]
pub(super) struct Values<'a> {
    chunk: &'a [u8],
    /// Size and type of each, as the record has them.
    descriptors: &'a [Descriptor],
    /// Where each stands in the chunk.
    starts: Starts,
}

/// Size (two bytes), type, and one that says nothing.
pub(super) type Descriptor = [u8; 4];
pub(super) type Starts = Vec<u32>;

/// One value.
pub(super) struct Value<'a> {
    pub(super) kind: u8,
    pub(super) bytes: &'a [u8],
    /// The chunk from the value on: what reads in fixed steps may read beyond it.
    pub(super) onward: &'a [u8],
}

impl Value<'_> {
    /// Whether it is several of its kind.
    pub(super) fn is_array(&self) -> bool {
        self.kind & ARRAY != 0
    }
}

impl<'a> Values<'a> {
    /// Reads the table behind a template instance, its places into the room of an earlier one; the cursor stands at the count.
    pub(super) fn read(
        chunk: &'a [u8],
        cursor: &mut Cursor<'a>,
        mut starts: Starts,
    ) -> Result<Self, Broken> {
        let descriptors = Self::table(cursor)?;
        let mut at = u32::try_from(cursor.at()).unwrap_or(u32::MAX);
        starts.clear();
        starts.extend(descriptors.iter().map(|descriptor| {
            let start = at;
            // A chunk has no room for so many that their sizes would add up to more.
            at = at.wrapping_add(size(*descriptor) as u32);
            start
        }));
        Ok(Self {
            chunk,
            descriptors,
            starts,
        })
    }

    /// The table; the cursor stands at the count, and then at the values.
    pub(super) fn table(cursor: &mut Cursor<'a>) -> Result<&'a [Descriptor], Broken> {
        let count = cursor.u32()? as usize;
        let descriptors = cursor.take(count.saturating_mul(4))?;
        Ok(descriptors.as_chunks().0)
    }

    /// The number at one place, the table not laid out; the cursor stands at the count.
    pub(super) fn peek(cursor: &mut Cursor<'a>, index: u16) -> Option<u64> {
        let descriptors = Self::table(cursor).ok()?;
        let before = descriptors.get(..usize::from(index))?;
        cursor.take(before.iter().copied().map(size).sum()).ok()?;
        let own = descriptors.get(usize::from(index))?;
        let bytes = cursor.take(size(*own)).ok()?;
        match own {
            [_, _, 0x04 | 0x06 | 0x08 | 0x0a, _] => unsigned(bytes),
            _ => None,
        }
    }

    /// The room of its table.
    pub(super) fn into_room(self) -> Starts {
        self.starts
    }

    /// The bytes of the value, where it is UTF-16LE text.
    pub(super) fn utf16(&self, index: u16) -> Option<&'a [u8]> {
        let value = self.get(index)?;
        (value.kind == UTF16).then_some(value.bytes)
    }

    /// `None` where the record brings no such value, or the chunk does not hold it.
    fn get(&self, index: u16) -> Option<Value<'a>> {
        let descriptor = self.descriptors.get(usize::from(index))?;
        let start = *self.starts.get(usize::from(index))?;
        let onward = self.chunk.get(start as usize..)?;
        let [_, _, kind, _] = *descriptor;
        Some(Value {
            kind,
            bytes: onward.get(..size(*descriptor))?,
            onward,
        })
    }

    /// What the record has of some values in a row: their descriptors, and the values themselves.
    pub(super) fn raw(&self, some: Range<usize>) -> Option<(&'a [Descriptor], &'a [u8])> {
        let descriptors = self.descriptors.get(some.clone())?;
        let length = descriptors.iter().copied().map(size).sum();
        let start = *self.starts.get(some.start)? as usize;
        Some((descriptors, self.chunk.get(start..)?.get(..length)?))
    }

    /// The table up to a value.
    pub(super) fn table_up_to(&self, index: u16) -> Option<&'a [Descriptor]> {
        self.descriptors.get(..=usize::from(index))
    }

    /// Where a value stands, from the first one on.
    pub(super) fn place(&self, index: u16) -> Option<Range<usize>> {
        let size = size(*self.descriptors.get(usize::from(index))?);
        let start = *self.starts.get(usize::from(index))?;
        let start = start.checked_sub(*self.starts.first()?)? as usize;
        Some(start..start + size)
    }

    /// Whether the record has these, from one of its values on.
    pub(super) fn are(&self, first: usize, descriptors: &[Descriptor], bytes: &[u8]) -> bool {
        let have = |start: u32| self.chunk.get(start as usize..)?.get(..bytes.len());
        // The sizes say how many bytes there are.
        self.descriptors.get(first..first + descriptors.len()) == Some(descriptors)
            && self.starts.get(first).copied().and_then(have) == Some(bytes)
    }

    /// The value, unless it is null.
    pub(super) fn brought(&self, index: u16) -> Option<Value<'a>> {
        self.get(index).filter(|value| value.kind != NULL)
    }

    /// True when the record brings no value for this number.
    pub(super) fn is_null(&self, index: u16) -> bool {
        self.brought(index).is_none()
    }

    /// Where the binary XML starts that stands for this value; `None` when it is another type or empty.
    pub(super) fn binary_xml(&self, index: u16) -> Option<usize> {
        let descriptor = *self.descriptors.get(usize::from(index))?;
        let start = *self.starts.get(usize::from(index))?;
        (descriptor[2] == BINARY_XML && size(descriptor) > 0).then_some(start as usize)
    }

    /// The value as text; empty when it is null, absent, or of a type that has no text.
    pub(super) fn text(&self, index: u16) -> String {
        let mut text = Vec::new();
        self.write(index, &mut text);
        String::from_utf8(text).unwrap_or_default()
    }

    /// Writes the value as text.
    pub(super) fn write(&self, index: u16, out: &mut impl Sink) {
        match self.get(index) {
            Some(value) if !value.is_array() => value.write(out),
            _ => out.text(&self.items(index).unwrap_or_default().join(" ")),
        }
    }

    /// The items of an array; `None` when the value is no array.
    pub(super) fn items(&self, index: u16) -> Option<Vec<String>> {
        let Value { kind, bytes, .. } = self.get(index)?;
        match kind.checked_sub(ARRAY)? {
            UTF16 => Some(strings(&utf16_with_nuls(bytes))),
            ANSI => Some(strings(&ansi(bytes))),
            kind => {
                let size = fixed_size(kind)?;
                let item = |bytes| Value {
                    kind,
                    bytes,
                    onward: bytes,
                };
                let items = bytes.chunks_exact(size);
                Some(items.map(|bytes| item(bytes).text()).collect())
            }
        }
    }

    /// The value as a number, where its type is an unsigned number.
    pub(super) fn number(&self, index: u16) -> Option<u64> {
        let value = self.get(index)?;
        match value.kind {
            0x04 | 0x06 | 0x08 | 0x0a | 0x10 | 0x14 | 0x15 => unsigned(value.bytes),
            _ => None,
        }
    }

    /// The value as a time, where its type is FILETIME.
    pub(super) fn time(&self, index: u16) -> Option<Timestamp> {
        let value = self.get(index)?;
        match value.kind {
            FILETIME => filetime(value.bytes),
            _ => None,
        }
    }
}

fn size([low, high, ..]: Descriptor) -> usize {
    usize::from(u16::from_le_bytes([low, high]))
}

/// The strings of an array. Each ends in a NUL, which the last one sometimes lacks.
fn strings(text: &str) -> Vec<String> {
    let text = text.strip_suffix('\0').unwrap_or(text);
    text.split('\0').map(str::to_owned).collect()
}

/// Bytes of one item of a type that always has the same size.
fn fixed_size(kind: u8) -> Option<usize> {
    Some(match kind {
        0x03 | 0x04 => 1,
        0x05 | 0x06 => 2,
        0x07 | 0x08 | 0x0b | 0x0d | 0x14 => 4,
        0x09 | 0x0a | 0x0c | 0x11 | 0x15 => 8,
        0x0f | 0x12 => 16,
        _ => return None,
    })
}

/// A number of up to eight bytes.
pub(super) fn unsigned(bytes: &[u8]) -> Option<u64> {
    Some(match *bytes {
        [a] => u64::from(a),
        [a, b] => u64::from(u16::from_le_bytes([a, b])),
        [a, b, c, d] => u64::from(u32::from_le_bytes([a, b, c, d])),
        _ => {
            let mut wide = [0; 8];
            wide.get_mut(..bytes.len())?.copy_from_slice(bytes);
            (!bytes.is_empty()).then(|| u64::from_le_bytes(wide))?
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::readers::evtx::issuer::Issuer;
    use crate::readers::evtx::template::{LONGEST, Piece, Text};

    #[test]
    fn a_string_array_is_split_at_its_nuls() {
        let chunk: Vec<u8> = "a\0\0\0b\0\0\0".bytes().collect();
        let values = Values {
            chunk: &chunk,
            descriptors: &[[8, 0, 0x81, 0], [8, 0, 0x88, 0]],
            starts: vec![0, 0],
        };
        assert_eq!(values.items(0), Some(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(values.items(1).map(|items| items.len()), Some(2));
        assert_eq!(values.items(2), None);
    }

    #[test]
    fn a_text_of_several_pieces_has_all_of_them_and_an_end() {
        let name = b"u\0m\0a\0\0\0";
        let sid = [1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 32, 2, 0, 0];
        let chunk = [name.as_slice(), &7u32.to_le_bytes(), &sid].concat();
        let values = Values {
            chunk: &chunk,
            descriptors: &[[8, 0, UTF16, 0], [4, 0, 0x08, 0], [16, 0, SID, 0]],
            starts: vec![0, 8, 12],
        };
        let text = Text(vec![
            Piece::Value(0),
            Piece::Text("-".into()),
            Piece::Value(1),
            Piece::Value(2),
            Piece::Value(9),
        ]);
        assert_eq!(text.render(&values), "uma-7S-1-5-32-544");
        let mut longer = "before ".to_owned();
        text.add_to(&values, &mut Issuer::default(), &mut longer);
        assert_eq!(longer, "before uma-7S-1-5-32-544");
        let crafted = Text(vec![Piece::Value(0); LONGEST]);
        let length = crafted.render(&values).len();
        assert!((LONGEST..LONGEST + 9).contains(&length), "{length}");
    }
}
