//! Base64 as headers hold it: read as far as it goes.

/// The longest token that is decoded, in bytes. http.sys takes no header over 64 KiB (`MaxFieldLength`).
const LONGEST: usize = 96 << 10;

/// The bytes of the leading base64 text; blanks are skipped, and anything else ends it. A cut last group gives the
/// bytes that are whole.
pub(super) fn decode(text: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len().min(LONGEST) / 4 * 3);
    let (mut group, mut held) = (0u32, 0u32);
    for letter in text.bytes() {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b' ' | b'\t' | b'\r' | b'\n' => continue,
            _ => break,
        };
        group = (group << 6) | u32::from(value);
        held += 6;
        if held >= 8 {
            held -= 8;
            let [.., byte] = (group >> held).to_be_bytes();
            bytes.push(byte);
            group &= (1 << held) - 1;
        }
        if bytes.len() >= LONGEST {
            break;
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_cut_and_broken_text() {
        assert_eq!(decode("TlRMTVNTUAAB"), b"NTLMSSP\0\x01");
        assert_eq!(decode("YWJj\r\n ZGU="), b"abcde");
        assert_eq!(decode("YWJjZA"), b"abcd");
        assert_eq!(decode("YWJjZ"), b"abc");
        assert_eq!(decode("YWJj…"), b"abc");
        assert_eq!(decode(""), b"");
        assert_eq!(decode("***"), b"");
        assert_eq!(decode(&"A".repeat(1 << 20)).len(), LONGEST);
    }
}
