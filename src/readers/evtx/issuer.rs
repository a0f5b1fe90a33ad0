//! The first part of a SID, which says whose it is: the next SID is nearly always of the same domain.

use super::shown;

/// The domain of the last SID that was written.
#[derive(Debug)]
pub(super) struct Issuer {
    bytes: [u8; 24],
    text: [u8; 48],
    length: usize,
}

impl Default for Issuer {
    fn default() -> Self {
        Self {
            bytes: [0; 24],
            text: [0; 48],
            length: 0,
        }
    }
}

impl Issuer {
    /// Writes the domain that these bytes are; `None` where they are none.
    pub(super) fn write(&mut self, bytes: &[u8; 24], out: &mut Vec<u8>) -> Option<()> {
        if self.bytes == *bytes && self.length > 0 {
            put(&self.text, self.length, out);
            return Some(());
        }
        let start = out.len();
        shown::issuer(bytes, out)?;
        let text = out.get(start..)?;
        if let Some(room) = self.text.get_mut(..text.len()) {
            room.copy_from_slice(text);
            self.bytes = *bytes;
            self.length = text.len();
        }
        Some(())
    }
}

/// Adds the first of these. All are copied, which takes one step.
pub(super) fn put<const N: usize>(text: &[u8; N], length: usize, out: &mut Vec<u8>) {
    let end = out.len() + length;
    out.extend_from_slice(text);
    out.truncate(end);
}
