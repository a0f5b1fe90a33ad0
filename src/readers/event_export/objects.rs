//! Events among the objects that PowerShell exported with `Export-Clixml`.
//!
//! At the depth that `Export-Clixml` takes by itself, `Properties` holds the names of types and no values: the message
//! is read then.

use super::exported::Exported;
use super::json::{braced, is_type_name};
use super::properties::{self, Values};
use crate::readers::base64;
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

/// Bytes in base64 as lower-case hexadecimal; `None` for what is no base64.
fn hexadecimal(bytes: &str) -> Option<String> {
    let bytes = base64::decode(bytes)?;
    Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
