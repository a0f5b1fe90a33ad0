//! Lines of JSON under way, a few hundred bytes of short pieces each.
//!
//! Most pieces are shorter than a call to copy them costs. So what is written again and again is kept in whole steps and
//! copied a step at a time, and UTF-16 is narrowed sixteen characters at a time; what was written too much is overwritten by
//! the next piece.

use super::cursor::utf16;
use super::values::Sink;
use crate::readers::events::quoted;

/// Bytes copied at a time.
const STEP: usize = 32;
/// UTF-16 units narrowed at a time.
const UNITS: usize = 16;

/// A piece that is written many times.
#[derive(Debug, Default)]
pub(super) struct Stamp {
    steps: Vec<[u8; STEP]>,
    length: usize,
}

impl Stamp {
    pub(super) fn new(text: &[u8]) -> Self {
        let steps = text.chunks(STEP).map(|part| {
            let mut step = [0; STEP];
            let (used, _) = step.split_at_mut(part.len());
            used.copy_from_slice(part);
            step
        });
        Self {
            steps: steps.collect(),
            length: text.len(),
        }
    }
}

/// The lines.
#[derive(Debug, Default)]
pub(super) struct LineBuffer {
    /// Longer than what is written, by a step at least while something is written.
    bytes: Vec<u8>,
    end: usize,
    /// Whether something was written since the last look that may be a secret: all that are have one of these characters.
    doubtful: bool,
}

impl LineBuffer {
    pub(super) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.end).unwrap_or_default()
    }

    pub(super) fn clear(&mut self) {
        self.end = 0;
        self.doubtful = false;
    }

    pub(super) fn length(&self) -> usize {
        self.end
    }

    /// Takes back what was written behind this length.
    pub(super) fn truncate(&mut self, length: usize) {
        self.end = self.end.min(length);
        self.doubtful = false;
    }

    /// Whether a value since the last time may be a secret.
    pub(super) fn was_doubtful(&mut self) -> bool {
        std::mem::take(&mut self.doubtful)
    }

    /// The place for so many bytes, and a step more.
    fn room(&mut self, length: usize) -> &mut [u8] {
        let needed = self.end + length + STEP;
        if needed > self.bytes.len() {
            self.bytes.resize(needed.next_power_of_two(), 0);
        }
        self.bytes.get_mut(self.end..needed).unwrap_or_default()
    }

    pub(super) fn push(&mut self, bytes: &[u8]) {
        if let Some(place) = self.room(bytes.len()).get_mut(..bytes.len()) {
            place.copy_from_slice(bytes);
        }
        self.end += bytes.len();
    }

    pub(super) fn stamp(&mut self, stamp: &Stamp) {
        let (places, _) = self.room(stamp.length).as_chunks_mut::<STEP>();
        for (place, step) in places.iter_mut().zip(&stamp.steps) {
            *place = *step;
        }
        self.end += stamp.length;
    }

    /// Writes with a writer of plain bytes.
    pub(super) fn with(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        let mut bytes = Vec::new();
        write(&mut bytes);
        self.push(&bytes);
    }

    /// Narrows characters that stand in JSON as they are; false, and nothing written, where others are among them.
    fn narrow(&mut self, units: &[[u8; 2]; UNITS]) -> bool {
        let mut all = true;
        let mut narrow = [0; UNITS];
        for (unit, byte) in units.iter().zip(&mut narrow) {
            let unit = u16::from_le_bytes(*unit);
            let is = |c: u8| unit == u16::from(c);
            let printable = (unit >= u16::from(b' ')) & (unit <= u16::from(b'~'));
            all &= printable & !(is(b'"') | is(b'\\') | is(b'=') | is(b'['));
            *byte = unit as u8;
        }
        if all && let Some(place) = self.room(UNITS).first_chunk_mut() {
            *place = narrow;
            self.end += UNITS;
        }
        all
    }

    /// Writes characters one by one.
    fn each(&mut self, units: &[[u8; 2]]) {
        for (number, unit) in units.iter().enumerate() {
            match *unit {
                [mark @ (b'"' | b'\\'), 0] => self.push(&[b'\\', mark]),
                [c @ b' '..=b'~', 0] => {
                    self.doubtful |= matches!(c, b'=' | b'[');
                    self.push(&[c]);
                }
                _ => {
                    let rest = units.get(number..).unwrap_or_default();
                    return self.text(&utf16(rest.as_flattened()));
                }
            }
        }
    }
}

impl Sink for LineBuffer {
    fn plain(&mut self, text: &[u8]) {
        self.push(text);
    }

    fn utf16(&mut self, bytes: &[u8]) {
        let (units, _) = bytes.as_chunks::<2>();
        let (blocks, tail) = units.as_chunks::<UNITS>();
        for (number, block) in blocks.iter().enumerate() {
            if !self.narrow(block) {
                return self.each(units.get(number * UNITS..).unwrap_or_default());
            }
        }
        if tail.is_empty() {
            return;
        }
        let mut block = [[b' ', 0]; UNITS];
        let (used, _) = block.split_at_mut(tail.len());
        used.copy_from_slice(tail);
        match self.narrow(&block) {
            true => self.end -= UNITS - tail.len(),
            false => self.each(tail),
        }
    }

    fn text(&mut self, text: &str) {
        self.doubtful |= text.contains(['=', '[']);
        let quoted = quoted(text);
        let inner = quoted.get(1..quoted.len().saturating_sub(1));
        self.push(inner.unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn utf16le(text: &str) -> Vec<u8> {
        text.encode_utf16().flat_map(u16::to_le_bytes).collect()
    }

    proptest! {
        #[test]
        fn any_text_is_written_as_json_has_it(text in "[ -~äß€😀\n\u{1b}]{0,60}", before in 0..40usize) {
            let mut buffer = LineBuffer::default();
            buffer.push(&vec![b'x'; before]);
            buffer.utf16(&utf16le(&text));
            let inner = serde_json::to_string(&text).unwrap();
            prop_assert_eq!(&buffer.as_bytes()[before..], &inner.as_bytes()[1..inner.len() - 1]);
            prop_assert_eq!(buffer.was_doubtful(), text.contains(['=', '[']));
            prop_assert!(!buffer.was_doubtful());
        }

        #[test]
        fn a_stamp_is_what_it_was_made_of(text in prop::collection::vec(any::<u8>(), 0..100)) {
            let mut buffer = LineBuffer::default();
            for _ in 0..3 {
                buffer.stamp(&Stamp::new(&text));
            }
            prop_assert_eq!(buffer.as_bytes(), text.repeat(3));
            buffer.truncate(text.len());
            buffer.push(b"!");
            prop_assert_eq!(buffer.as_bytes(), [text.as_slice(), b"!"].concat());
        }
    }
}
