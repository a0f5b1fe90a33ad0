//! Base64, as headers, exports and LDIF hold bytes.

/// The longest text of headers that is decoded, in bytes. http.sys takes no header over 64 KiB (`MaxFieldLength`).
const LONGEST: usize = 96 << 10;

/// The bytes of a text that is base64 from its first letter to its last; blanks and padding are skipped.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut whole = Bytes::default();
    for letter in text
        .bytes()
        .filter(|byte| *byte != b'=' && !is_blank(*byte))
    {
        whole.push(six_bits(letter)?);
    }
    Some(whole.bytes)
}

/// The bytes of the base64 that a text begins with: anything else ends it. A cut last group gives the bytes that are
/// whole.
pub(super) fn decode_leading(text: &str) -> Vec<u8> {
    let mut found = Bytes::default();
    for letter in text.bytes().filter(|byte| !is_blank(*byte)) {
        match six_bits(letter) {
            Some(value) if found.bytes.len() < LONGEST => found.push(value),
            _ => break,
        }
    }
    found.bytes
}

/// Bytes that grow by six bits.
#[derive(Default)]
struct Bytes {
    bytes: Vec<u8>,
    group: u32,
    held: u32,
}

impl Bytes {
    fn push(&mut self, value: u8) {
        self.group = (self.group << 6) | u32::from(value);
        self.held += 6;
        if self.held >= 8 {
            self.held -= 8;
            let [.., byte] = (self.group >> self.held).to_be_bytes();
            self.bytes.push(byte);
            self.group &= (1 << self.held) - 1;
        }
    }
}

fn six_bits(letter: u8) -> Option<u8> {
    Some(match letter {
        b'A'..=b'Z' => letter - b'A',
        b'a'..=b'z' => letter - b'a' + 26,
        b'0'..=b'9' => letter - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}

fn is_blank(byte: u8) -> bool {
    byte.is_ascii_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_text() {
        assert_eq!(decode("IgAAwA==").as_deref(), Some(&[0x22, 0, 0, 0xC0][..]));
        assert_eq!(decode("YWJj\r\n ZGU=").as_deref(), Some(&b"abcde"[..]));
        assert_eq!(decode("").as_deref(), Some(&[][..]));
        assert_eq!(decode("a*"), None);
    }

    #[test]
    fn cut_and_broken_text() {
        assert_eq!(decode_leading("TlRMTVNTUAAB"), b"NTLMSSP\0\x01");
        assert_eq!(decode_leading("YWJj\r\n ZGU="), b"abcde");
        assert_eq!(decode_leading("YWJjZA"), b"abcd");
        assert_eq!(decode_leading("YWJjZ"), b"abc");
        assert_eq!(decode_leading("YWJj…"), b"abc");
        assert_eq!(decode_leading(""), b"");
        assert_eq!(decode_leading("***"), b"");
        assert_eq!(decode_leading(&"A".repeat(1 << 20)).len(), LONGEST);
    }
}
