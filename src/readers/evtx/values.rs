//! The values that a record substitutes into its template: a table of sizes and types, then the values one after
//! another, each rendered as the event viewer's XML would show it.

use std::borrow::Cow;
use std::ops::Range;

use jiff::Timestamp;

use super::cursor::{Broken, Cursor, utf16, utf16_with_nuls};
use crate::readers::events::seven_digits;

const NULL: u8 = 0x00;
const UTF16: u8 = 0x01;
const ANSI: u8 = 0x02;
const FILETIME: u8 = 0x11;
const BINARY_XML: u8 = 0x21;
const ARRAY: u8 = 0x80;

/// The values of one template instance.
#[derive(Debug, Default)]
pub(super) struct Values<'a> {
    chunk: &'a [u8],
    /// Type and place of each value in the chunk.
    table: Vec<(u8, Range<usize>)>,
}

impl<'a> Values<'a> {
    /// Reads the table behind a template instance into the room of an earlier one; the cursor stands at the count.
    pub(super) fn read(
        chunk: &'a [u8],
        cursor: &mut Cursor<'a>,
        mut table: Vec<(u8, Range<usize>)>,
    ) -> Result<Self, Broken> {
        let count = cursor.u32()? as usize;
        let descriptors = cursor.take(count.saturating_mul(4))?;
        let mut at = cursor.at();
        table.clear();
        table.extend(
            descriptors
                .as_chunks::<4>()
                .0
                .iter()
                .map(|[low, high, kind, _]| {
                    let size = usize::from(u16::from_le_bytes([*low, *high]));
                    let value = at..at + size;
                    at += size;
                    (*kind, value)
                }),
        );
        Ok(Self { chunk, table })
    }

    /// The number at one place, the table not laid out; the cursor stands at the count.
    pub(super) fn peek(cursor: &mut Cursor<'_>, index: u16) -> Option<u64> {
        let count = cursor.u32().ok()? as usize;
        let (descriptors, _) = cursor.take(count.checked_mul(4)?).ok()?.as_chunks::<4>();
        let size = |[low, high, ..]: &[u8; 4]| usize::from(u16::from_le_bytes([*low, *high]));
        let before = descriptors.get(..usize::from(index))?;
        cursor.take(before.iter().map(size).sum()).ok()?;
        let own = descriptors.get(usize::from(index))?;
        let bytes = cursor.take(size(own)).ok()?;
        match own {
            [_, _, 0x04 | 0x06 | 0x08 | 0x0a, _] => unsigned(bytes),
            _ => None,
        }
    }

    /// The room of its table.
    pub(super) fn into_room(self) -> Vec<(u8, Range<usize>)> {
        self.table
    }

    /// The bytes of the value, where it is UTF-16LE text.
    pub(super) fn utf16(&self, index: u16) -> Option<&'a [u8]> {
        match self.get(index)? {
            (UTF16, bytes) => Some(bytes),
            _ => None,
        }
    }

    fn get(&self, index: u16) -> Option<(u8, &'a [u8])> {
        let (kind, place) = self.table.get(usize::from(index))?;
        Some((*kind, self.chunk.get(place.clone())?))
    }

    /// True when the record brings no value for this number.
    pub(super) fn is_null(&self, index: u16) -> bool {
        self.get(index).is_none_or(|(kind, _)| kind == NULL)
    }

    /// Where the binary XML is that stands for this value; `None` when it is another type or empty.
    pub(super) fn binary_xml(&self, index: u16) -> Option<Range<usize>> {
        let (kind, place) = self.table.get(usize::from(index))?;
        (*kind == BINARY_XML && !place.is_empty()).then(|| place.clone())
    }

    /// The value as text; empty when it is null, absent, or of a type that has no text.
    pub(super) fn text(&self, index: u16) -> String {
        match self.get(index) {
            Some((kind, bytes)) if kind & ARRAY == 0 => render(kind, bytes),
            _ => self.items(index).unwrap_or_default().join(" "),
        }
    }

    /// Writes the value as text. `None`, and nothing written, where it is an array.
    pub(super) fn write(&self, index: u16, out: &mut impl Sink) -> Option<()> {
        let (kind, bytes) = self.get(index).unwrap_or((NULL, &[]));
        (kind & ARRAY == 0).then(|| write(kind, bytes, out))
    }

    /// The items of an array; `None` when the value is no array.
    pub(super) fn items(&self, index: u16) -> Option<Vec<String>> {
        let (kind, bytes) = self.get(index)?;
        match kind.checked_sub(ARRAY)? {
            UTF16 => Some(strings(&utf16_with_nuls(bytes))),
            ANSI => Some(strings(&ansi(bytes))),
            kind => {
                let size = fixed_size(kind)?;
                Some(
                    bytes
                        .chunks_exact(size)
                        .map(|item| render(kind, item))
                        .collect(),
                )
            }
        }
    }

    /// The value as a number, where its type is an unsigned number.
    pub(super) fn number(&self, index: u16) -> Option<u64> {
        let (kind, bytes) = self.get(index)?;
        match kind {
            0x04 | 0x06 | 0x08 | 0x0a | 0x10 | 0x14 | 0x15 => unsigned(bytes),
            _ => None,
        }
    }

    /// The value as a time, where its type is FILETIME.
    pub(super) fn time(&self, index: u16) -> Option<Timestamp> {
        match self.get(index)? {
            (FILETIME, bytes) => filetime(bytes),
            _ => None,
        }
    }
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

/// Where the text of a value goes.
pub(super) trait Sink {
    /// Digits, letters and punctuation of ASCII that mean nothing in JSON.
    fn plain(&mut self, text: &[u8]);
    /// Characters in UTF-16LE, without trailing NULs.
    fn utf16(&mut self, bytes: &[u8]);
    /// Any text.
    fn text(&mut self, text: &str);
}

impl Sink for String {
    fn plain(&mut self, text: &[u8]) {
        self.push_str(str::from_utf8(text).unwrap_or_default());
    }

    fn utf16(&mut self, bytes: &[u8]) {
        self.push_str(&utf16(bytes));
    }

    fn text(&mut self, text: &str) {
        self.push_str(text);
    }
}

fn render(kind: u8, bytes: &[u8]) -> String {
    let mut text = String::new();
    write(kind, bytes, &mut text);
    text
}

/// Writes a value as text. A value whose size does not fit its type is shown as its bytes.
fn write(kind: u8, bytes: &[u8], out: &mut impl Sink) {
    if write_typed(kind, bytes, out).is_none() {
        hex(bytes, out);
    }
}

/// The same; `None`, and nothing written, where the bytes do not fit.
fn write_typed(kind: u8, bytes: &[u8], out: &mut impl Sink) -> Option<()> {
    match kind {
        NULL | BINARY_XML => {}
        UTF16 => out.utf16(bytes),
        ANSI => out.text(ansi(bytes).trim_end_matches('\0')),
        0x03 | 0x05 | 0x07 | 0x09 => decimal(signed(bytes)?, out),
        0x04 | 0x06 | 0x08 | 0x0a => decimal(unsigned(bytes)?, out),
        0x0b => out.plain(
            f32::from_le_bytes(bytes.try_into().ok()?)
                .to_string()
                .as_bytes(),
        ),
        0x0c => out.plain(
            f64::from_le_bytes(bytes.try_into().ok()?)
                .to_string()
                .as_bytes(),
        ),
        0x0d => match unsigned(bytes)? {
            0 => out.plain(b"false"),
            1 => out.plain(b"true"),
            other => decimal(other, out),
        },
        0x0f => guid(bytes, out)?,
        0x10 | 0x14 | 0x15 => hexadecimal(unsigned(bytes)?, out),
        FILETIME => out.plain(seven_digits(filetime(bytes)?).as_bytes()),
        0x12 => out.plain(system_time(bytes)?.as_bytes()),
        0x13 => sid(bytes, out)?,
        _ => return None,
    }
    Some(())
}

fn ansi(bytes: &[u8]) -> Cow<'_, str> {
    encoding_rs::WINDOWS_1252
        .decode_without_bom_handling(bytes)
        .0
}

fn unsigned(bytes: &[u8]) -> Option<u64> {
    let mut wide = [0; 8];
    wide.get_mut(..bytes.len())?.copy_from_slice(bytes);
    (!bytes.is_empty()).then(|| u64::from_le_bytes(wide))
}

fn signed(bytes: &[u8]) -> Option<i64> {
    Some(match *bytes {
        [a] => i64::from(i8::from_le_bytes([a])),
        [a, b] => i64::from(i16::from_le_bytes([a, b])),
        [a, b, c, d] => i64::from(i32::from_le_bytes([a, b, c, d])),
        _ => i64::from_le_bytes(bytes.try_into().ok()?),
    })
}

/// A time in 100-nanosecond steps since 1601, UTC.
pub(super) fn filetime_at(steps: u64) -> Option<Timestamp> {
    const STEPS: u64 = 10_000_000;
    const EPOCH: i64 = 11_644_473_600;
    let seconds = i64::try_from(steps / STEPS).ok()? - EPOCH;
    let nanoseconds = i32::try_from(steps % STEPS).ok()? * 100;
    Timestamp::new(seconds, nanoseconds).ok()
}

fn filetime(bytes: &[u8]) -> Option<Timestamp> {
    let steps = u64::from_le_bytes(bytes.try_into().ok()?);
    filetime_at(steps)
}

/// SYSTEMTIME: year, month, day of week, day, hour, minute, second, millisecond.
fn system_time(bytes: &[u8]) -> Option<String> {
    let mut cursor = Cursor::new(bytes, 0);
    let mut next = || cursor.u16().ok();
    let (year, month, _, day) = (next()?, next()?, next()?, next()?);
    let (hour, minute, second, milli) = (next()?, next()?, next()?, next()?);
    Some(format!(
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z"
    ))
}

/// `{54849625-5478-4994-a5ba-3e3b0328c30d}`.
fn guid(bytes: &[u8], out: &mut impl Sink) -> Option<()> {
    /// Where the digits of each byte stand.
    const PLACES: [usize; 16] = [7, 5, 3, 1, 12, 10, 17, 15, 20, 22, 25, 27, 29, 31, 33, 35];
    let bytes = <[u8; 16]>::try_from(bytes).ok()?;
    let mut text = *b"{--------------------------------------}".first_chunk::<38>()?;
    for (byte, place) in bytes.iter().zip(PLACES) {
        *text.get_mut(place..)?.first_chunk_mut()? = two_digits(*byte);
    }
    *text.last_mut()? = b'}';
    out.plain(&text);
    Some(())
}

/// `S-1-5-21-…`: revision, count, authority (big-endian), then the parts (little-endian).
fn sid(bytes: &[u8], out: &mut impl Sink) -> Option<()> {
    let (head, parts) = bytes.split_first_chunk::<8>()?;
    let [revision, count, authority @ ..] = *head;
    let authority = authority
        .iter()
        .fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
    out.plain(b"S-");
    decimal(u64::from(revision), out);
    out.plain(b"-");
    decimal(authority, out);
    for part in parts.as_chunks::<4>().0.iter().take(usize::from(count)) {
        out.plain(b"-");
        decimal(u64::from(u32::from_le_bytes(*part)), out);
    }
    Some(())
}

fn hex(bytes: &[u8], out: &mut impl Sink) {
    for byte in bytes {
        out.plain(&two_digits(*byte));
    }
}

fn two_digits(byte: u8) -> [u8; 2] {
    const DIGITS: [u8; 16] = *b"0123456789abcdef";
    [
        DIGITS[usize::from(byte >> 4)],
        DIGITS[usize::from(byte & 15)],
    ]
}

/// `0x3e7`.
fn hexadecimal(number: u64, out: &mut impl Sink) {
    let mut text = [b'0'; 18];
    for (pair, byte) in text
        .as_chunks_mut::<2>()
        .0
        .iter_mut()
        .skip(1)
        .zip(number.to_be_bytes())
    {
        *pair = two_digits(byte);
    }
    let zeros = (number.leading_zeros() as usize / 4).min(15);
    if let Some([zero, x]) = text
        .get_mut(zeros..)
        .and_then(|text| text.first_chunk_mut())
    {
        (*zero, *x) = (b'0', b'x');
    }
    out.plain(text.get(zeros..).unwrap_or_default());
}

fn decimal(number: impl itoa::Integer, out: &mut impl Sink) {
    out.plain(itoa::Buffer::new().format(number).as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_as_the_event_viewer_shows_them() {
        let sid = [1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 32, 2, 0, 0];
        assert_eq!(render(0x13, &sid), "S-1-5-32-544");
        assert_eq!(render(0x14, &0xC000_006D_u32.to_le_bytes()), "0xc000006d");
        assert_eq!(render(0x07, &(-1i32).to_le_bytes()), "-1");
        assert_eq!(render(0x0e, &[0x22, 0, 0, 0xc0]), "220000c0");
        assert_eq!(render(UTF16, b"u\0m\0a\0\0\0"), "uma");
        assert_eq!(
            render(0x11, &133_595_136_000_000_000_u64.to_le_bytes()),
            "2024-05-07T00:00:00.0000000Z"
        );
        assert_eq!(
            render(
                0x0f,
                &[
                    0x25, 0x96, 0x84, 0x54, 0x78, 0x54, 0x94, 0x49, 0xa5, 0xba, 0x3e, 0x3b, 3,
                    0x28, 0xc3, 0x0d
                ]
            ),
            "{54849625-5478-4994-a5ba-3e3b0328c30d}"
        );
        // A size that does not fit the type shows the bytes instead of inventing a number.
        assert_eq!(render(0x08, &[]), "");
        assert_eq!(render(0x0f, &[1, 2]), "0102");
    }

    #[test]
    fn a_string_array_is_split_at_its_nuls() {
        let chunk: Vec<u8> = "a\0\0\0b\0\0\0".bytes().collect();
        let values = Values {
            chunk: &chunk,
            table: vec![(0x81, 0..8), (0x88, 0..8)],
        };
        assert_eq!(values.items(0), Some(vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(values.items(1).map(|items| items.len()), Some(2));
        assert_eq!(values.items(2), None);
    }
}
