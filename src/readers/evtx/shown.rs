//! A value as text, as the event viewer's XML would show it.

use std::borrow::Cow;

use jiff::Timestamp;

use super::cursor::{Cursor, add_utf16};
use super::issuer::{Issuer, put};
use super::values::{ANSI, BINARY_XML, FILETIME, NULL, SID, UTF16, Value, unsigned};
use crate::readers::digits;
use crate::readers::events::seven_digits;

/// Where the text of a value goes.
pub(super) trait Sink {
    /// Digits, letters and punctuation of ASCII that mean nothing in JSON.
    fn plain(&mut self, text: &[u8]);
    /// The first of these, in a room of fixed size, which is copied faster.
    fn short<const N: usize>(&mut self, text: &[u8; N], length: usize);
    /// Characters in UTF-16LE, without trailing NULs.
    fn utf16(&mut self, value: &Value<'_>);
    /// Any text.
    fn text(&mut self, text: &str);
    /// A SID without its last part.
    fn issuer(&mut self, bytes: &[u8; 24]) -> Option<()>
    where
        Self: Sized,
    {
        issuer(bytes, self)
    }
}

/// The bytes of a text.
impl Sink for Vec<u8> {
    fn plain(&mut self, text: &[u8]) {
        self.extend_from_slice(text);
    }

    fn short<const N: usize>(&mut self, text: &[u8; N], length: usize) {
        put(text, length, self);
    }

    fn utf16(&mut self, value: &Value<'_>) {
        add_utf16(value.bytes, self);
    }

    fn text(&mut self, text: &str) {
        self.extend_from_slice(text.as_bytes());
    }
}

/// A text that others are added to, with the domain of the SID before.
pub(super) struct Shown<'i> {
    bytes: Vec<u8>,
    issuer: &'i mut Issuer,
}

impl<'i> Shown<'i> {
    pub(super) fn begin(text: String, issuer: &'i mut Issuer) -> Self {
        let bytes = text.into_bytes();
        Self { bytes, issuer }
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// All of it: looked at once, however many texts it is made of.
    pub(super) fn end(self) -> String {
        String::from_utf8(self.bytes).unwrap_or_default()
    }
}

impl Sink for Shown<'_> {
    fn plain(&mut self, text: &[u8]) {
        self.bytes.plain(text);
    }

    fn short<const N: usize>(&mut self, text: &[u8; N], length: usize) {
        self.bytes.short(text, length);
    }

    fn utf16(&mut self, value: &Value<'_>) {
        self.bytes.utf16(value);
    }

    fn text(&mut self, text: &str) {
        self.bytes.text(text);
    }

    fn issuer(&mut self, bytes: &[u8; 24]) -> Option<()> {
        self.issuer.write(bytes, &mut self.bytes)
    }
}

impl Value<'_> {
    /// The value as text.
    pub(super) fn text(&self) -> String {
        let mut text = Vec::new();
        self.write(&mut text);
        String::from_utf8(text).unwrap_or_default()
    }

    /// Writes the value as text. One whose size does not fit its type is shown as its bytes.
    pub(super) fn write(&self, out: &mut impl Sink) {
        if self.write_typed(out).is_none() {
            hex(self.bytes, out);
        }
    }

    /// The same; `None`, and nothing written, where the bytes do not fit.
    fn write_typed(&self, out: &mut impl Sink) -> Option<()> {
        let bytes = self.bytes;
        match self.kind {
            NULL | BINARY_XML => {}
            UTF16 => out.utf16(self),
            ANSI => out.text(ansi(bytes).trim_end_matches('\0')),
            0x03 | 0x05 | 0x07 | 0x09 => {
                let number = signed(bytes)?;
                if number < 0 {
                    out.plain(b"-");
                }
                decimal(number.unsigned_abs(), out);
            }
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
            SID => sid(bytes, out)?,
            _ => return None,
        }
        Some(())
    }
}

pub(super) fn ansi(bytes: &[u8]) -> Cow<'_, str> {
    encoding_rs::WINDOWS_1252
        .decode_without_bom_handling(bytes)
        .0
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

pub(super) fn filetime(bytes: &[u8]) -> Option<Timestamp> {
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
    let ([first, middle, next, last], []) = bytes.as_chunks::<4>() else {
        return None;
    };
    // The first three numbers are little-endian, the rest is a row of bytes.
    let [a, b, c, d] = *middle;
    let [first, middle, next, last] = [
        u32::from_le_bytes(*first),
        u32::from_be_bytes([b, a, d, c]),
        u32::from_be_bytes(*next),
        u32::from_be_bytes(*last),
    ]
    .map(digits::hexadecimal);
    let mut text = *b"{________-____-____-____-____________}";
    text[1..9].copy_from_slice(&first);
    text[10..14].copy_from_slice(&middle[..4]);
    text[15..19].copy_from_slice(&middle[4..]);
    text[20..24].copy_from_slice(&next[..4]);
    text[25..29].copy_from_slice(&next[4..]);
    text[29..37].copy_from_slice(&last);
    out.plain(&text);
    Some(())
}

/// `S-1-5-21-…-1104`. The accounts of a domain differ in their last part only.
fn sid(bytes: &[u8], out: &mut impl Sink) -> Option<()> {
    let Some((domain, account)) = bytes.split_first_chunk::<24>() else {
        return issuer(bytes, out);
    };
    match (domain[1], <[u8; 4]>::try_from(account)) {
        (5, Ok(account)) => {
            out.issuer(domain)?;
            out.plain(b"-");
            decimal(u64::from(u32::from_le_bytes(account)), out);
            Some(())
        }
        _ => issuer(bytes, out),
    }
}

/// Revision, count, authority (big-endian), then the parts (little-endian).
pub(super) fn issuer(bytes: &[u8], out: &mut impl Sink) -> Option<()> {
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
    const DIGITS: [u8; 16] = *b"0123456789abcdef";
    for byte in bytes {
        out.plain(&[
            DIGITS[usize::from(byte >> 4)],
            DIGITS[usize::from(byte & 15)],
        ]);
    }
}

/// `0x3e7`.
fn hexadecimal(number: u64, out: &mut impl Sink) {
    let (high, low) = ((number >> 32) as u32, number as u32);
    let (text, length) = digits::short_hexadecimal(if high == 0 { low } else { high });
    out.plain(b"0x");
    out.short(&text, length);
    if high != 0 {
        out.plain(&digits::hexadecimal(low));
    }
}

fn decimal(number: u64, out: &mut impl Sink) {
    const EIGHT: u64 = 100_000_000;
    let (high, low) = (number / EIGHT, (number % EIGHT) as u32);
    let mut short = |number| {
        let (text, length) = digits::short_decimal(number);
        out.short(&text, length);
    };
    if high == 0 {
        return short(low);
    }
    if high < EIGHT {
        short(high as u32);
    } else {
        short((high / EIGHT) as u32);
        out.plain(&digits::decimal((high % EIGHT) as u32));
    }
    out.plain(&digits::decimal(low));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(kind: u8, bytes: &[u8]) -> String {
        let value = Value {
            kind,
            bytes,
            onward: bytes,
        };
        value.text()
    }

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
    fn numbers_of_any_size_are_whole() {
        for number in [0, 9, 99_999_999, 100_000_000, u64::from(u32::MAX), u64::MAX] {
            assert_eq!(render(0x0a, &number.to_le_bytes()), number.to_string());
            assert_eq!(render(0x15, &number.to_le_bytes()), format!("{number:#x}"));
            let signed = number.cast_signed();
            assert_eq!(render(0x09, &number.to_le_bytes()), signed.to_string());
        }
    }
}
