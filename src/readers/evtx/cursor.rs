//! A checked walk over the bytes of a chunk. Every read says what it wanted when the bytes end before it.

use std::fmt;

/// Why a record cannot be read; finishes the sentence "the record was skipped because …".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Broken(pub(super) &'static str);

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// A position in a chunk.
#[derive(Clone)]
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at }
    }

    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// All bytes from here on.
    pub(super) fn onward(&self) -> &'a [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], Broken> {
        let end = self.at.checked_add(count);
        let taken = end
            .and_then(|end| self.bytes.get(self.at..end))
            .ok_or(Broken("it ends in the middle of a value"))?;
        self.at += count;
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], Broken> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    pub(super) fn u8(&mut self) -> Result<u8, Broken> {
        self.array().map(u8::from_le_bytes)
    }

    pub(super) fn u16(&mut self) -> Result<u16, Broken> {
        self.array().map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self) -> Result<u32, Broken> {
        self.array().map(u32::from_le_bytes)
    }

    /// A length in UTF-16 code units, then as many.
    pub(super) fn counted_utf16(&mut self) -> Result<&'a [u8], Broken> {
        let units = usize::from(self.u16()?);
        self.take(units * 2)
    }

    /// A reference to a name: its offset in the chunk, and at the first use the name itself right behind. UTF-16LE.
    pub(super) fn name(&mut self) -> Result<&'a [u8], Broken> {
        let offset = self.u32()?;
        self.name_at(offset)
    }

    /// The name at an offset, to which the four bytes before the cursor refer.
    pub(super) fn name_at(&mut self, offset: u32) -> Result<&'a [u8], Broken> {
        let here = offset as usize == self.at;
        let mut entry = Cursor::new(self.bytes, offset as usize);
        entry.take(6)?; // offset of the next name of the same hash bucket, hash
        let name = entry.counted_utf16()?;
        entry.take(2)?; // NUL
        if here {
            self.at = entry.at;
        }
        Ok(name)
    }
}

/// UTF-16LE to text; unpaired surrogates become U+FFFD, trailing NULs go.
pub(super) fn utf16(bytes: &[u8]) -> String {
    let mut text = Vec::new();
    add_utf16(bytes, &mut text);
    String::from_utf8(text).unwrap_or_default()
}

/// Adds it to the bytes of a text.
pub(super) fn add_utf16(bytes: &[u8], text: &mut Vec<u8>) {
    let begin = text.len();
    add_with_nuls(bytes, text);
    while text.len() > begin && text.ends_with(b"\0") {
        text.pop();
    }
}

/// UTF-16LE to text with all its NULs, as arrays of strings need it.
pub(super) fn utf16_with_nuls(bytes: &[u8]) -> String {
    let mut text = Vec::new();
    add_with_nuls(bytes, &mut text);
    String::from_utf8(text).unwrap_or_default()
}

fn add_with_nuls(bytes: &[u8], text: &mut Vec<u8>) {
    let (units, _) = bytes.as_chunks::<2>();
    if is_ascii(units) {
        text.extend(units.iter().map(|[low, _]| *low));
        return;
    }
    let decoded = encoding_rs::UTF_16LE.decode_without_bom_handling(units.as_flattened());
    text.extend_from_slice(decoded.0.as_bytes());
}

/// Whether a text is ASCII, as nearly all is. Looked at whole, so that the compiler does many units at a time.
fn is_ascii(units: &[[u8; 2]]) -> bool {
    let all = (units.iter()).fold([0; 2], |[lows, highs], [low, high]| {
        [lows | low, highs | high]
    });
    all[0].is_ascii() && all[1] == 0
}

/// The name of an element or attribute as text.
pub(super) fn xml_name(bytes: &[u8]) -> Result<String, Broken> {
    let name = utf16(bytes);
    match is_xml_name(&name) {
        true => Ok(name),
        false => Err(Broken(
            "one of its elements has a name that XML does not allow",
        )),
    }
}

/// True for the names that providers' manifests may use; a crafted file could name an element anything.
fn is_xml_name(name: &str) -> bool {
    let mut chars = name.chars();
    let first = chars.next().is_some_and(|c| c.is_alphabetic() || c == '_');
    first
        && name.len() <= 256
        && chars.all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn text_is_read_whatever_its_units(text in "[ -~]{0,40}[\\x00ä€🙂]?", lone in any::<Option<u16>>()) {
            let units: Vec<u16> = text.encode_utf16().chain(lone).collect();
            let bytes: Vec<u8> = units.iter().copied().flat_map(u16::to_le_bytes).collect();
            prop_assert_eq!(utf16_with_nuls(&bytes), String::from_utf16_lossy(&units));
        }
    }
}
