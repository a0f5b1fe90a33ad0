//! The values of an event: how each is stored in BinXML, and how Windows writes it in XML.

use jiff::Timestamp;

/// A typed value of an event, as the event's manifest declares it.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// No value at all (BinXML type 0). An element that depends on it disappears.
    Null,
    /// UTF-16 string.
    Text(String),
    /// Unsigned, 8 bits.
    U8(u8),
    /// Unsigned, 16 bits.
    U16(u16),
    /// Unsigned, 32 bits, shown in decimal.
    U32(u32),
    /// Unsigned, 64 bits, shown in decimal.
    U64(u64),
    /// Unsigned, 32 bits, shown as `0x…`: NTSTATUS, Kerberos errors, ticket options.
    Hex32(u32),
    /// Unsigned, 64 bits, shown as `0x…`: logon ids, process ids of the Security log.
    Hex64(u64),
    /// Boolean.
    Bool(bool),
    /// GUID as 128 bits in the order it is read: `{00112233-4455-…}` is `0x0011_2233_4455_…`.
    Guid(u128),
    /// Security identifier in its text form, `S-1-5-21-…`.
    Sid(String),
    /// Point in time, stored as FILETIME.
    Time(Timestamp),
    /// Bytes, shown as hexadecimal.
    Binary(Vec<u8>),
    /// Strings that expand to as many elements: the unnamed `<Data>` of classic events.
    Texts(Vec<String>),
}

impl Value {
    /// The BinXML value type.
    pub fn kind(&self) -> u8 {
        match self {
            Value::Null => 0x00,
            Value::Text(_) => 0x01,
            Value::U8(_) => 0x04,
            Value::U16(_) => 0x06,
            Value::U32(_) => 0x08,
            Value::U64(_) => 0x0a,
            Value::Bool(_) => 0x0d,
            Value::Binary(_) => 0x0e,
            Value::Guid(_) => 0x0f,
            Value::Time(_) => 0x11,
            Value::Sid(_) => 0x13,
            Value::Hex32(_) => 0x14,
            Value::Hex64(_) => 0x15,
            Value::Texts(_) => 0x81,
        }
    }

    /// The bytes in the record.
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Value::Null => Vec::new(),
            Value::Text(text) => utf16(text),
            Value::U8(n) => vec![*n],
            Value::U16(n) => n.to_le_bytes().to_vec(),
            Value::U32(n) | Value::Hex32(n) => n.to_le_bytes().to_vec(),
            Value::U64(n) | Value::Hex64(n) => n.to_le_bytes().to_vec(),
            Value::Bool(b) => u32::from(*b).to_le_bytes().to_vec(),
            Value::Binary(bytes) => bytes.clone(),
            Value::Guid(guid) => guid_bytes(*guid),
            Value::Time(time) => filetime(*time).to_le_bytes().to_vec(),
            Value::Sid(sid) => sid_bytes(sid),
            Value::Texts(texts) => texts
                .iter()
                .flat_map(|text| utf16(text).into_iter().chain([0, 0]))
                .collect(),
        }
    }

    /// The value as Windows renders it in XML; arrays joined with a blank.
    pub fn text(&self) -> String {
        match self {
            Value::Null => String::new(),
            Value::Text(text) => text.clone(),
            Value::U8(n) => n.to_string(),
            Value::U16(n) => n.to_string(),
            Value::U32(n) => n.to_string(),
            Value::U64(n) => n.to_string(),
            Value::Hex32(n) => format!("0x{n:x}"),
            Value::Hex64(n) => format!("0x{n:x}"),
            Value::Bool(b) => b.to_string(),
            Value::Guid(guid) => guid_text(*guid),
            Value::Sid(sid) => sid.clone(),
            Value::Time(time) => system_time(*time),
            Value::Binary(bytes) => bytes.iter().map(|b| format!("{b:02X}")).collect(),
            Value::Texts(texts) => texts.join(" "),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Value::Text(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Value::Text(text)
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Value::Text(text.clone())
    }
}

impl From<u32> for Value {
    fn from(n: u32) -> Self {
        Value::U32(n)
    }
}

impl From<bool> for Value {
    fn from(b: bool) -> Self {
        Value::Bool(b)
    }
}

/// A 32-bit value shown as `0x…`.
pub fn hex(n: u32) -> Value {
    Value::Hex32(n)
}

/// A 64-bit value shown as `0x…`.
pub fn hex64(n: u64) -> Value {
    Value::Hex64(n)
}

/// A security identifier, `S-1-…`.
pub fn sid(text: &str) -> Value {
    Value::Sid(text.to_owned())
}

/// UTF-16LE, without a terminator.
pub fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// 100-nanosecond steps since 1601.
pub fn filetime(time: Timestamp) -> u64 {
    let steps = time.as_nanosecond() / 100 + 116_444_736_000_000_000;
    u64::try_from(steps).expect("fixtures are set after 1601")
}

/// `2026-03-02T08:01:10.1234567Z`: seven digits, as wevtutil writes.
pub fn system_time(time: Timestamp) -> String {
    let steps = time.as_nanosecond().rem_euclid(1_000_000_000) / 100;
    format!("{}.{steps:07}Z", time.strftime("%Y-%m-%dT%H:%M:%S"))
}

/// `{xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx}` in lower case.
pub fn guid_text(guid: u128) -> String {
    let hex = format!("{guid:032x}");
    let (a, rest) = hex.split_at(8);
    let (b, rest) = rest.split_at(4);
    let (c, rest) = rest.split_at(4);
    let (d, e) = rest.split_at(4);
    format!("{{{a}-{b}-{c}-{d}-{e}}}")
}

/// The mixed-endian bytes of a GUID.
pub fn guid_bytes(guid: u128) -> Vec<u8> {
    let mut bytes = guid.to_be_bytes();
    bytes[0..4].reverse();
    bytes[4..6].reverse();
    bytes[6..8].reverse();
    bytes.to_vec()
}

fn sid_bytes(text: &str) -> Vec<u8> {
    let mut parts = text.split('-').skip(1).map(|part| {
        part.parse::<u64>()
            .unwrap_or_else(|_| panic!("{text} is no SID"))
    });
    let revision = u8::try_from(parts.next().expect("a revision")).expect("revision 1");
    let authority = parts.next().expect("an authority").to_be_bytes();
    let rest: Vec<u32> = parts
        .map(|part| u32::try_from(part).expect("a 32-bit sub-authority"))
        .collect();
    let mut bytes = vec![revision, u8::try_from(rest.len()).expect("a short SID")];
    bytes.extend_from_slice(&authority[2..]);
    bytes.extend(rest.iter().flat_map(|part| part.to_le_bytes()));
    bytes
}
