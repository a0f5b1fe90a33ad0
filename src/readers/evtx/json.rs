//! A value as JSON, inside quotation marks that others write.

use super::cursor::utf16;
use super::issuer::{Issuer, put};
use super::shown::Sink;
use super::values::Value;
use crate::readers::events::quoted;

/// Writes a value; `None` where it is an array, or may hold a secret.
#[inline]
pub(super) fn write(value: &Value<'_>, issuer: &mut Issuer, out: &mut Vec<u8>) -> Option<()> {
    if value.is_array() {
        return None;
    }
    let mut text = Json {
        out,
        issuer,
        doubtful: false,
    };
    value.write(&mut text);
    (!text.doubtful).then_some(())
}

/// Text inside quotation marks.
struct Json<'o> {
    out: &'o mut Vec<u8>,
    issuer: &'o mut Issuer,
    /// Whether the value may hold a secret: all that do have `=` or `[`.
    doubtful: bool,
}

/// Sixteen characters of UTF-16LE text as ASCII, and how many stand in JSON as they are, and are no sign of a secret, before
/// the first that does not. Written so that the compiler does all of them at once.
#[inline]
fn as_they_are(units: &[[u8; 2]; 16]) -> ([u8; 16], usize) {
    let text = units.map(|[low, _]| low);
    let high = units.map(|[_, high]| high);
    let mut odd = [0; 16];
    for ((odd, low), high) in odd.iter_mut().zip(text).zip(high) {
        // The highest bit is set for all characters of ASCII but this one.
        let not = |mark: u8| (low ^ mark).wrapping_add(0x7f);
        let marks = not(b'"') & not(b'\\') & not(b'=') & not(b'[') & not(0x7f);
        let printed = low.wrapping_add(0x80 - b' ');
        *odd = (!(marks & printed) | low | high | high.wrapping_add(0x7f)) & 0x80;
    }
    let odd = u128::from_le_bytes(odd);
    (text, odd.trailing_zeros() as usize / 8)
}

impl Sink for Json<'_> {
    fn plain(&mut self, text: &[u8]) {
        self.out.extend_from_slice(text);
    }

    fn short<const N: usize>(&mut self, text: &[u8; N], length: usize) {
        put(text, length, self.out);
    }

    #[inline]
    fn utf16(&mut self, value: &Value<'_>) {
        let (mut units, _) = value.bytes.as_chunks::<2>();
        let (mut onward, _) = value.onward.as_chunks::<2>();
        while let Some(next) = onward.first_chunk() {
            let (text, plain) = as_they_are(next);
            let plain = plain.min(units.len());
            put(&text, plain, self.out);
            (_, units) = units.split_at(plain);
            (_, onward) = onward.split_at(plain);
            match units {
                [] => return,
                [[mark @ (b'"' | b'\\'), 0], rest @ ..] => {
                    self.out.extend_from_slice(&[b'\\', *mark]);
                    units = rest;
                    (_, onward) = onward.split_at(1);
                }
                _ if plain < next.len() => break,
                _ => {}
            }
        }
        self.text(&utf16(units.as_flattened()));
    }

    fn text(&mut self, text: &str) {
        self.doubtful |= text.contains(['=', '[']);
        let quoted = quoted(text);
        let inner = quoted.get(1..quoted.len().saturating_sub(1));
        self.out.extend_from_slice(inner.unwrap_or_default());
    }

    fn issuer(&mut self, bytes: &[u8; 24]) -> Option<()> {
        self.issuer.write(bytes, self.out)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::readers::evtx::values::{SID, UTF16};

    fn written(kind: u8, bytes: &[u8], behind: &[u8], issuer: &mut Issuer) -> Option<Vec<u8>> {
        let onward = [bytes, behind].concat();
        let value = Value {
            kind,
            bytes,
            onward: &onward,
        };
        let mut out = b"before".to_vec();
        write(&value, issuer, &mut out)?;
        Some(out.split_off(6))
    }

    proptest! {
        #[test]
        fn text_is_that_of_the_serializer_wherever_its_odd_characters_stand(
            text in r#"[ -~]{0,40}(["\\\x00-\x1f\x7fäß€🙂=\[]?[ -~]{0,20}){0,4}"#,
            behind in 0usize..40,
        ) {
            let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
            let shown = text.trim_end_matches('\0');
            let mut whole = quoted(shown);
            whole.pop();
            let plain = (!shown.contains(['=', '['])).then(|| whole.split_off(1));
            prop_assert_eq!(written(UTF16, &utf16, &vec![b'"'; behind], &mut Issuer::default()), plain);
        }

        #[test]
        fn a_sid_is_the_same_whatever_was_written_before(
            sids in proptest::collection::vec((0u8..3, 0u32..3, any::<u32>(), 3u8..7), 1..20)
        ) {
            let mut issuer = Issuer::default();
            for (revision, domain, account, count) in sids {
                let mut sid = vec![revision, count, 0, 0, 0, 0, 0, 5];
                sid.extend([21, domain, u32::MAX, 7, account].map(u32::to_le_bytes).as_flattened());
                let text = Value { kind: SID, bytes: &sid, onward: &sid }.text();
                prop_assert_eq!(written(SID, &sid, &[], &mut issuer), Some(text.into_bytes()));
            }
        }
    }
}
