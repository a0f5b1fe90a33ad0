//! Authorization headers (`formats.md` 7): real ASN.1 with nothing secret in it.

/// A DER element.
fn der(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = match u8::try_from(content.len()) {
        Ok(short) if short < 0x80 => vec![short],
        Ok(long) => vec![0x81, long],
        Err(_) => {
            let length = u16::try_from(content.len())
                .expect("a small token")
                .to_be_bytes();
            vec![0x82, length[0], length[1]]
        }
    };
    [vec![tag], length, content.to_vec()].concat()
}

fn context(number: u8, content: &[u8]) -> Vec<u8> {
    der(0xa0 | number, content)
}

fn integer(value: u32) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    let significant = bytes.iter().position(|b| *b != 0).unwrap_or(3);
    let mut bytes = bytes[significant..].to_vec();
    if bytes[0] >= 0x80 {
        bytes.insert(0, 0);
    }
    der(0x02, &bytes)
}

fn text(value: &str) -> Vec<u8> {
    der(0x1b, value.as_bytes())
}

fn encrypted(etype: u32, kvno: Option<u32>, length: usize) -> Vec<u8> {
    let kvno = kvno.map_or_else(Vec::new, |kvno| context(1, &integer(kvno)));
    let cipher: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
    der(
        0x30,
        &[
            context(0, &integer(etype)),
            kvno,
            context(2, &der(0x04, &cipher)),
        ]
        .concat(),
    )
}

const KERBEROS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02];
const MS_KERBEROS: &[u8] = &[0x2a, 0x86, 0x48, 0x82, 0xf7, 0x12, 0x01, 0x02, 0x02];
const NTLM: &[u8] = &[0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0a];
const SPNEGO: &[u8] = &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x02];

/// What a browser sends with a ticket: SPNEGO around an AP-REQ for `HTTP/intranet.corp.example`.
pub fn kerberos(realm: &str, spn: &str, etype: u32, kvno: u32) -> Vec<u8> {
    let parts: Vec<u8> = spn.split('/').flat_map(text).collect();
    let name = [context(0, &integer(2)), context(1, &der(0x30, &parts))].concat();
    let ticket = [
        context(0, &integer(5)),
        context(1, &text(realm)),
        context(2, &der(0x30, &name)),
        context(3, &encrypted(etype, Some(kvno), 900)),
    ]
    .concat();
    let request = [
        context(0, &integer(5)),
        context(1, &integer(14)),
        context(2, &der(0x03, &[0, 0x20, 0, 0, 0])),
        context(3, &der(0x61, &der(0x30, &ticket))),
        context(4, &encrypted(etype, None, 180)),
    ]
    .concat();
    let ap_req = der(0x6e, &der(0x30, &request));
    let kerberos = der(0x60, &[der(0x06, KERBEROS), vec![1, 0], ap_req].concat());
    negotiate(&[MS_KERBEROS, KERBEROS, NTLM], &kerberos)
}

/// SPNEGO: the mechanisms in the order of preference, and the token of the first.
fn negotiate(mechanisms: &[&[u8]], token: &[u8]) -> Vec<u8> {
    let list: Vec<u8> = mechanisms.iter().flat_map(|oid| der(0x06, oid)).collect();
    let init = [context(0, &der(0x30, &list)), context(2, &der(0x04, token))].concat();
    der(
        0x60,
        &[der(0x06, SPNEGO), context(0, &der(0x30, &init))].concat(),
    )
}

/// The first message of NTLM, without names.
pub fn ntlm_negotiate() -> Vec<u8> {
    let mut message = b"NTLMSSP\0".to_vec();
    message.extend(1u32.to_le_bytes());
    message.extend(0xe208_8297_u32.to_le_bytes());
    message.extend([0; 16]);
    message.extend([10, 0, 0x63, 0x45, 0, 0, 0, 0x0f]);
    message
}

/// NTLM as `Negotiate` carries it, when the client has no ticket.
pub fn ntlm_in_negotiate() -> Vec<u8> {
    negotiate(&[NTLM], &ntlm_negotiate())
}

/// Base64.
pub fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word =
            chunk.iter().fold(0u32, |word, b| word << 8 | u32::from(*b)) << (8 * (3 - chunk.len()));
        for place in 0..4 {
            let letter = LETTERS[(word >> (18 - 6 * place) & 63) as usize];
            text.push(if place <= chunk.len() {
                char::from(letter)
            } else {
                '='
            });
        }
    }
    text
}
