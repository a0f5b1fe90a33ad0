//! What the elements of the format are, and its escapes.

/// An element that is not a property of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Element {
    /// `<Obj>`.
    Object,
    /// `<Ref>`: an object that was written before.
    Again,
    /// `<TN>`: the names of a type and of those it derives from.
    Types,
    /// `<TNRef>`: names that were written before.
    TypesAgain,
    /// `<T>`: one of the names.
    TypeName,
    /// `<ToString>`.
    Shown,
    /// `<Props>` and `<MS>`: properties follow.
    Properties,
    /// `<LST>`, `<IE>`, `<STK>`, `<QUE>`: items follow.
    Items,
    /// `<DCT>`: entries follow.
    Dictionary,
    /// `<En>`: one of them, a key and a value.
    Entry,
    /// `<Nil>`, and `<SS>`, whose value is a password.
    Null,
    /// `<BA>`: bytes.
    Bytes,
    /// `<S>`, `<I32>`, `<B>`, `<DT>`, `<G>` …: a plain value.
    Plain,
    /// `<Objs>`: the whole.
    Root,
}

impl Element {
    pub(super) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "Obj" => Self::Object,
            "Ref" => Self::Again,
            "TN" => Self::Types,
            "TNRef" => Self::TypesAgain,
            "T" => Self::TypeName,
            "ToString" => Self::Shown,
            "Props" | "MS" => Self::Properties,
            "LST" | "IE" | "STK" | "QUE" => Self::Items,
            "DCT" => Self::Dictionary,
            "En" => Self::Entry,
            "Nil" | "SS" => Self::Null,
            "BA" => Self::Bytes,
            "S" | "C" | "B" | "DT" | "TS" | "By" | "SB" | "U16" | "I16" | "U32" | "I32" | "U64"
            | "I64" | "Sg" | "Db" | "D" | "G" | "URI" | "Version" | "XD" | "SBK" => Self::Plain,
            "Objs" => Self::Root,
            _ => return None,
        })
    }
}

/// Resolves `_x000D_`: four hexadecimal digits of a UTF-16 code unit. What is no character stays as it is.
pub(super) fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("_x") {
        plain.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at..).unwrap_or_default();
        let (character, length) = match (unit(rest), rest.get(7..).and_then(unit)) {
            (Some(high), low) => match (char::from_u32(high.into()), low) {
                (Some(character), _) => (Some(character), 7),
                (None, Some(low)) => (pair(high, low), 14),
                (None, None) => (None, 2),
            },
            (None, _) => (None, 2),
        };
        let length = if character.is_some() { length } else { 2 };
        match character {
            Some(character) => plain.push(character),
            None => plain.push_str("_x"),
        }
        rest = rest.get(length..).unwrap_or_default();
    }
    plain.push_str(rest);
    plain
}

/// The code unit of the escape that a text begins with.
fn unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("_x")?.get(..4)?;
    let closed = text.get(6..7) == Some("_");
    let hex = digits.bytes().all(|digit| digit.is_ascii_hexdigit());
    (closed && hex)
        .then(|| u16::from_str_radix(digits, 16).ok())
        .flatten()
}

fn pair(high: u16, low: u16) -> Option<char> {
    char::decode_utf16([high, low]).next()?.ok()
}
