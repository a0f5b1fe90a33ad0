//! Events among the objects that PowerShell exported with `Export-Clixml`.
//!
//! At the depth that `Export-Clixml` takes by itself, `Properties` holds the names of types and no values: the message
//! is read then.

use super::exported::Exported;
use super::json::{braced, is_type_name};
use super::properties::{self, Values};
use crate::readers::clixml::{Object, Value};
use crate::readers::events::Datum;

/// The event that an object is; `None` where it is something else.
pub(super) fn event(object: &Object) -> Option<Result<Exported, &'static str>> {
    let told = object.is("EventLogRecord")
        || object.is("EventLogEntry")
        || (object.is("PSCustomObject") && has_properties_of_event(object));
    if !told
        && !object
            .types
            .iter()
            .any(|name| name.contains("EventLogEntry#"))
    {
        return None;
    }
    let get = |name: &str| object.text(name).map(str::to_owned);
    let values = object
        .get("Properties")
        .or_else(|| object.get("ReplacementStrings"))
        .and_then(values);
    Some(properties::event(object.line, &get, values))
}

/// `Select-Object` makes objects of its own that have some properties of the event.
fn has_properties_of_event(object: &Object) -> bool {
    let has = |name: &str| object.get(name).is_some();
    (has("TimeCreated") && has("Id") && has("ProviderName"))
        || (has("TimeGenerated") && has("EventID") && has("Source"))
}

fn values(list: &Value) -> Values {
    let mut data = Vec::new();
    let mut binary = None;
    for item in list.items() {
        let value = match item {
            Value::Object(object) => object.get("Value").unwrap_or(item),
            plain => plain,
        };
        match value {
            Value::Bytes(bytes) => binary = hexadecimal(bytes).filter(|hex| !hex.is_empty()),
            value => {
                let text = value.text().unwrap_or_default();
                if is_type_name(text) {
                    return None;
                }
                data.push(Datum {
                    name: None,
                    value: braced(text),
                });
            }
        }
    }
    (!data.is_empty()).then_some((data, binary))
}

/// Base64 as lower-case hexadecimal; `None` for what is no base64.
fn hexadecimal(base64: &str) -> Option<String> {
    let mut hex = String::new();
    let (mut bits, mut count) = (0u32, 0);
    for sign in base64
        .bytes()
        .filter(|b| !b.is_ascii_whitespace() && *b != b'=')
    {
        let six = match sign {
            b'A'..=b'Z' => sign - b'A',
            b'a'..=b'z' => sign - b'a' + 26,
            b'0'..=b'9' => sign - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(six)) & 0xFFFF;
        count += 6;
        if count >= 8 {
            count -= 8;
            hex.push_str(&format!("{:02x}", bits >> count & 0xFF));
        }
    }
    Some(hex)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64() {
        assert_eq!(hexadecimal("IgAAwA==").as_deref(), Some("220000c0"));
        assert_eq!(hexadecimal("").as_deref(), Some(""));
        assert_eq!(hexadecimal("a*"), None);
    }
}
