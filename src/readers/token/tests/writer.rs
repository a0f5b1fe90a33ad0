//! Writes tokens for the tests: enough of DER and NTLM for the messages that are read.

/// An element.
pub(crate) fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let mut bytes = vec![tag];
    match u8::try_from(content.len()) {
        Ok(short @ 0..=0x7F) => bytes.push(short),
        _ => {
            let length = u16::try_from(content.len()).unwrap();
            bytes.push(0x82);
            bytes.extend(length.to_be_bytes());
        }
    }
    bytes.extend(content);
    bytes
}

pub(crate) fn integer(value: u8) -> Vec<u8> {
    der(0x02, &[&[value]])
}

pub(crate) fn general(text: &str) -> Vec<u8> {
    der(0x1B, &[text.as_bytes()])
}

const SPNEGO: &[u8] = &[0x2B, 6, 1, 5, 5, 2];
pub(crate) const KERBEROS: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 1, 2, 2];
pub(crate) const MS_KERBEROS: &[u8] = &[0x2A, 0x86, 0x48, 0x82, 0xF7, 0x12, 1, 2, 2];
pub(crate) const USER_TO_USER: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x12, 1, 2, 2, 3];
pub(crate) const NTLM: &[u8] = &[0x2B, 6, 1, 4, 1, 0x82, 0x37, 2, 2, 0x0A];
pub(crate) const NEGOEX: &[u8] = &[0x2B, 6, 1, 4, 1, 0x82, 0x37, 2, 2, 0x1E];

fn principal(parts: &[&str]) -> Vec<u8> {
    let strings: Vec<u8> = parts.iter().flat_map(|part| general(part)).collect();
    let kind = der(0xA0, &[&integer(2)]);
    let names = der(0xA1, &[&der(0x30, &[&strings])]);
    der(0x30, &[&kind, &names])
}

/// An AP-REQ with a ticket for `HTTP/<host>`. The sealed parts are filled with the mark.
pub(crate) fn ap_req(host: &str, etype: u8, kvno: Option<u8>, options: u8) -> Vec<u8> {
    let kvno = kvno
        .map(|kvno| der(0xA1, &[&integer(kvno)]))
        .unwrap_or_default();
    let sealed = der(0x04, &[&MARK.repeat(40)]);
    let sealed_part = der(
        0x30,
        &[
            &der(0xA0, &[&integer(etype)]),
            &kvno,
            &der(0xA2, &[&sealed]),
        ],
    );
    let ticket = der(
        0x61,
        &[&der(
            0x30,
            &[
                &der(0xA0, &[&integer(5)]),
                &der(0xA1, &[&general("CORP.EXAMPLE")]),
                &der(0xA2, &[&principal(&["HTTP", host])]),
                &der(0xA3, &[&sealed_part]),
            ],
        )],
    );
    let authenticator = der(0x30, &[&der(0xA0, &[&integer(18)]), &der(0xA2, &[&sealed])]);
    let fields = der(
        0x30,
        &[
            &der(0xA0, &[&integer(5)]),
            &der(0xA1, &[&integer(14)]),
            &der(0xA2, &[&der(0x03, &[&[0, options, 0, 0, 0]])]),
            &der(0xA3, &[&ticket]),
            &der(0xA4, &[&authenticator]),
        ],
    );
    der(0x6E, &[&fields])
}

/// What stands for every secret in these tokens.
pub(crate) const MARK: &[u8] = b"SECRETsecret";

/// A KRB-ERROR.
pub(crate) fn krb_error(code: u8) -> Vec<u8> {
    let fields = der(
        0x30,
        &[
            &der(0xA0, &[&integer(5)]),
            &der(0xA1, &[&integer(30)]),
            &der(0xA6, &[&integer(code)]),
            &der(0xA9, &[&general("CORP.EXAMPLE")]),
            &der(0xAA, &[&principal(&["HTTP", "web.corp.example"])]),
            &der(0xAC, &[&der(0x04, &[MARK])]),
        ],
    );
    der(0x7E, &[&fields])
}

/// A KRB-TGT-REQUEST of user-to-user Kerberos.
pub(crate) fn tgt_request() -> Vec<u8> {
    der(
        0x30,
        &[
            &der(0xA0, &[&integer(5)]),
            &der(0xA1, &[&integer(16)]),
            &der(0xA2, &[&principal(&["svc_web"])]),
            &der(0xA3, &[&general("CORP.EXAMPLE")]),
        ],
    )
}

/// A Kerberos message in its GSS-API wrapping.
pub(crate) fn gss(mechanism: &[u8], kind: [u8; 2], message: &[u8]) -> Vec<u8> {
    der(0x60, &[&der(0x06, &[mechanism]), &kind, message])
}

/// A `NegTokenInit`.
pub(crate) fn init(mechanisms: &[&[u8]], token: &[u8]) -> Vec<u8> {
    let list: Vec<u8> = mechanisms
        .iter()
        .flat_map(|oid| der(0x06, &[oid]))
        .collect();
    let offered = der(0xA0, &[&der(0x30, &[&list])]);
    let inside = match token {
        [] => Vec::new(),
        token => der(0xA2, &[&der(0x04, &[token])]),
    };
    der(
        0x60,
        &[
            &der(0x06, &[SPNEGO]),
            &der(0xA0, &[&der(0x30, &[&offered, &inside])]),
        ],
    )
}

/// A `NegTokenResp`.
pub(crate) fn reply(state: u8, mechanism: &[u8], token: &[u8]) -> Vec<u8> {
    let fields = [
        der(0xA0, &[&der(0x0A, &[&[state]])]),
        der(0xA1, &[&der(0x06, &[mechanism])]),
        der(0xA2, &[&der(0x04, &[token])]),
    ];
    der(0xA1, &[&der(0x30, &[&fields.concat()])])
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// A message of NTLM: its head of a fixed length, and the fields that point behind it.
struct Ntlm {
    head: Vec<u8>,
    tail: Vec<u8>,
}

impl Ntlm {
    fn new(kind: u32, head: usize) -> Self {
        let mut bytes = b"NTLMSSP\0".to_vec();
        bytes.extend(kind.to_le_bytes());
        bytes.resize(head, 0);
        Self {
            head: bytes,
            tail: Vec::new(),
        }
    }

    fn put(&mut self, at: usize, bytes: &[u8]) {
        self.head[at..at + bytes.len()].copy_from_slice(bytes);
    }

    fn field(&mut self, at: usize, bytes: &[u8]) {
        let length = u16::try_from(bytes.len()).unwrap().to_le_bytes();
        let start = u32::try_from(self.head.len() + self.tail.len())
            .unwrap()
            .to_le_bytes();
        self.put(at, &[length, length].concat());
        self.put(at + 4, &start);
        self.tail.extend(bytes);
    }

    fn done(self) -> Vec<u8> {
        [self.head, self.tail].concat()
    }
}

pub(crate) fn ntlm_1() -> Vec<u8> {
    let mut message = Ntlm::new(1, 40);
    message.put(12, &0xE208_B297_u32.to_le_bytes());
    message.field(24, b"PC7");
    message.field(16, b"CORP");
    message.put(32, &[10, 0, 0x63, 0x45, 0, 0, 0, 15]);
    message.done()
}

fn pairs(pairs: &[(u16, Vec<u8>)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (id, value) in pairs {
        bytes.extend(id.to_le_bytes());
        bytes.extend(u16::try_from(value.len()).unwrap().to_le_bytes());
        bytes.extend(value);
    }
    bytes.extend([0; 4]);
    bytes
}

fn server_pairs() -> Vec<(u16, Vec<u8>)> {
    vec![
        (2, wide("CORP")),
        (1, wide("WEB01")),
        (4, wide("corp.example")),
        (3, wide("web01.corp.example")),
        (5, wide("corp.example")),
        (7, vec![1; 8]),
    ]
}

pub(crate) fn ntlm_2() -> Vec<u8> {
    let mut message = Ntlm::new(2, 56);
    message.put(20, &0xE289_8215_u32.to_le_bytes());
    message.put(24, &MARK[..8]);
    message.put(48, &[10, 0, 0x63, 0x45, 0, 0, 0, 15]);
    message.field(12, &wide("CORP"));
    message.field(40, &pairs(&server_pairs()));
    message.done()
}

/// The response of NTLMv2, with the SPN that was meant and what binds it to a channel.
pub(crate) fn v2_response(binding: [u8; 16]) -> Vec<u8> {
    let mut all = server_pairs();
    all.push((9, wide("HTTP/web.corp.example")));
    all.push((10, binding.to_vec()));
    [MARK.repeat(4)[..44].to_vec(), pairs(&all)].concat()
}

pub(crate) fn ntlm_3(response: &[u8]) -> Vec<u8> {
    let mut message = Ntlm::new(3, 88);
    message.put(60, &0xE288_8215_u32.to_le_bytes());
    message.put(64, &[10, 0, 0x63, 0x45, 0, 0, 0, 15]);
    message.field(28, &wide("CORP"));
    message.field(36, &wide("uma"));
    message.field(44, &wide("PC7"));
    message.field(12, &MARK.repeat(2));
    message.field(20, response);
    message.field(52, &MARK[..12]);
    message.done()
}

/// As a header holds it.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = group
            .iter()
            .fold(0u32, |sum, byte| (sum << 8) | u32::from(*byte))
            << (8 * (3 - group.len()));
        for place in 0..4 {
            let six = usize::try_from((bits >> (18 - 6 * place)) & 0x3F).unwrap();
            text.push(if place <= group.len() {
                char::from(LETTERS[six])
            } else {
                '='
            });
        }
    }
    text
}
