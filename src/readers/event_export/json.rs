//! Events as JSON: `evtx_dump` (one a line, or one after another), EvtxECmd (one a line), `ConvertTo-Json` (a list).
//!
//! ```text
//! {"Event":{"System":{"Provider":{"#attributes":{"Name":"Microsoft-Windows-Security-Auditing"}},"EventID":4625,…},
//!   "EventData":{"TargetUserName":"uma",…}}}
//! {"EventId":4625,"Provider":"Microsoft-Windows-Security-Auditing",…,"Payload":"{\"EventData\":{\"Data\":[…]}}"}
//! [{"Id":4625,"ProviderName":"Microsoft-Windows-Security-Auditing","Properties":[{"Value":"S-1-0-0"},…],…}]
//! ```
//!
//! Values are read one after another, so that a list of a million events needs the room of one. What is malformed costs
//! its event; reading goes on at the next line that begins one.

use super::dates::{self, Shown};
use super::exported::{Content, Exported, Met};
use super::json_value::Json;
use super::properties::{self, Values};
use crate::readers::events::{Datum, is_failure, value_names};
use crate::readers::offsets::LineNumbers;

/// Walks the events of a file.
pub(super) fn walk(lines: &[String], take: &mut dyn FnMut(Met)) {
    let whole = lines.join("\n");
    let mut numbers = LineNumbers::new(&whole);
    let mut at = 0;
    while let Some(next) = next_object(&whole, at) {
        let line = numbers.of(next);
        let rest = whole.get(next..).unwrap_or_default();
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<Json>();
        match values.next() {
            Some(Ok(value)) => {
                at = next + values.byte_offset().max(1);
                take(match event(line, &value) {
                    Ok(event) => Met::Event(event),
                    Err(why) => Met::Skipped(line, why),
                });
            }
            Some(Err(error)) if error.is_eof() => {
                take(Met::Skipped(line, "the file ends before it does"));
                return;
            }
            _ => {
                take(Met::Skipped(line, "its JSON is malformed"));
                match next_line(&whole, next) {
                    Some(found) => at = found,
                    None => return,
                }
            }
        }
    }
}

/// Where the next object begins: after the commas, brackets and blanks between objects.
fn next_object(text: &str, from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    rest.find('{').map(|at| from + at)
}

/// The beginning of the next line that opens an object no further in than the one that was given up.
fn next_line(text: &str, from: usize) -> Option<usize> {
    let before = text.get(..from)?;
    let begun = before.rfind('\n').map_or(0, |at| at + 1);
    let indent = from - begun;
    let mut at = from;
    loop {
        at += text.get(at..)?.find('\n')? + 1;
        let line = text.get(at..)?;
        let open = line.find(|c: char| !matches!(c, ' ' | '\t' | ',' | '['))?;
        if open <= indent && line.get(open..).is_some_and(|l| l.starts_with('{')) {
            return Some(at);
        }
    }
}

/// The event that a value is.
fn event(line: u32, value: &Json) -> Result<Exported, &'static str> {
    let event = value.get("Event").unwrap_or(value);
    if let Some(system) = event.get("System") {
        return of_element(line, event, system);
    }
    if value.get("Payload").is_some() || value.get("EventRecordId").is_some() {
        let text = |key: &str| {
            let value = value.get(key).and_then(Json::text);
            value.unwrap_or_default().trim().to_owned()
        };
        return of_evtx_e_cmd(line, &text);
    }
    let get = |name: &str| value.get(name).and_then(Json::text).map(str::to_owned);
    let values = value
        .get("Properties")
        .or_else(|| value.get("ReplacementStrings"))
        .and_then(objects_values);
    properties::event(line, &get, values)
}

/// The `Event` element, turned into JSON by whichever tool: attributes are keys, or stand below `#attributes`, or behind
/// an `@`, or in a neighbour whose name ends in `_attributes`.
fn of_element(line: u32, event: &Json, system: &Json) -> Result<Exported, &'static str> {
    let text = |key: &str| {
        let value = system.get(key).and_then(Json::text);
        value.unwrap_or_default().trim().to_owned()
    };
    let attribute = |key: &str, name: &str| {
        let neighbour = system.get(&format!("{key}_attributes"));
        [system.get(key), neighbour]
            .into_iter()
            .flatten()
            .find_map(|element| attribute(element, name))
            .unwrap_or_default()
            .trim()
            .to_owned()
    };
    let provider = Some(attribute("Provider", "Name"))
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| attribute("Provider", "EventSourceName"));
    let id = text("EventID").parse().map_err(|_| "it has no event id")?;
    let time = Some(attribute("TimeCreated", "SystemTime"))
        .filter(|time| !time.is_empty())
        .unwrap_or_else(|| text("TimeCreated"));
    let (data, binary) = element_values(event, &provider, id).unwrap_or_default();
    Ok(Exported {
        line,
        id,
        version: text("Version").parse().unwrap_or_default(),
        failed: is_failure(&text("Keywords")),
        channel: text("Channel"),
        computer: text("Computer"),
        time: dates::utc(&time)
            .map(Shown::Utc)
            .ok_or("its time cannot be read")?,
        record_id: text("EventRecordID").parse().unwrap_or_default(),
        user_sid: Some(attribute("Security", "UserID")).filter(|sid| !sid.is_empty()),
        content: Content::Values(data, binary),
        provider,
    })
}

fn attribute<'j>(element: &'j Json, name: &str) -> Option<&'j str> {
    element
        .get("#attributes")
        .and_then(|attributes| attributes.get(name))
        .or_else(|| element.get(name))
        .or_else(|| element.get(&format!("@{name}")))
        .and_then(Json::text)
}

/// The values of `EventData` or `UserData`.
fn element_values(event: &Json, provider: &str, id: u32) -> Values {
    let mut data = Vec::new();
    let mut binary = None;
    if let Some(inside) = ["EventData", "DebugData", "ProcessingErrorData"]
        .iter()
        .find_map(|key| event.get(key))
    {
        event_data(inside, &mut data, &mut binary);
    }
    if let Some(Json::Object(inside)) = event.get("UserData") {
        for (_, element) in inside {
            event_data(element, &mut data, &mut binary);
        }
    }
    // One text may be all unnamed values of a classic event, joined.
    if let [Datum { name: None, value }] = data.as_slice()
        && value.contains(", ")
    {
        let parts: Vec<&str> = value.split(", ").collect();
        let expected = value_names(provider, id).len();
        if expected > 1 && parts.len() != expected {
            return None;
        }
        if expected != 1 {
            data = parts.into_iter().map(unnamed).collect();
        }
    }
    Some((data, binary))
}

fn unnamed(value: &str) -> Datum {
    Datum {
        name: None,
        value: value.to_owned(),
    }
}

fn event_data(inside: &Json, data: &mut Vec<Datum>, binary: &mut Option<String>) {
    let Json::Object(pairs) = inside else {
        data.extend(inside.text().map(unnamed));
        return;
    };
    for (key, value) in pairs {
        match key.as_str() {
            "Data" => value.items().iter().for_each(|item| datum(item, data)),
            "Binary" => {
                let hex = value.text().map(str::to_ascii_lowercase);
                *binary = hex.filter(|hex| !hex.is_empty());
            }
            "#attributes" | "xmlns" => {}
            key if key.starts_with('@') || key.ends_with("_attributes") => {}
            key => data.push(Datum {
                name: Some(key.into()),
                value: value.text().unwrap_or_default().to_owned(),
            }),
        }
    }
}

/// A `Data` element: a text, a text with its name, or several texts.
fn datum(item: &Json, data: &mut Vec<Datum>) {
    let texts = match item.get("#text") {
        Some(texts) => texts.items(),
        None if matches!(item, Json::Object(_)) => &[],
        None => item.items(),
    };
    match attribute(item, "Name") {
        Some(name) if matches!(item, Json::Object(_)) => data.push(Datum {
            name: Some(name.into()),
            value: item.text().unwrap_or_default().to_owned(),
        }),
        _ if texts.is_empty() => data.push(unnamed("")),
        _ => data.extend(texts.iter().map(|t| unnamed(t.text().unwrap_or_default()))),
    }
}

/// The values in the `Payload` of EvtxECmd.
fn payload(text: &str, provider: &str, id: u32) -> Values {
    if text.is_empty() {
        return Some((Vec::new(), None));
    }
    let json: Json = serde_json::from_str(text).ok()?;
    let event = json.get("Event").unwrap_or(&json);
    element_values(event, provider, id)
}

/// An event of EvtxECmd by the names of its values: every time is UTC.
pub(super) fn of_evtx_e_cmd(
    line: u32,
    text: &dyn Fn(&str) -> String,
) -> Result<Exported, &'static str> {
    let provider = text("Provider");
    let id = text("EventId").parse().map_err(|_| "it has no event id")?;
    let values = payload(&text("Payload"), &provider, id);
    Ok(Exported {
        line,
        id,
        version: 0,
        failed: is_failure(&text("Keywords")),
        channel: text("Channel"),
        computer: text("Computer"),
        time: dates::utc(&text("TimeCreated"))
            .map(Shown::Utc)
            .ok_or("its time cannot be read")?,
        record_id: text("EventRecordId").parse().unwrap_or_default(),
        user_sid: Some(text("UserId")).filter(|sid| sid.starts_with("S-1-")),
        content: values.map_or(Content::CutMessage, |(data, binary)| {
            Content::Values(data, binary)
        }),
        provider,
    })
}

/// The values of PowerShell's `Properties`, in the order of the event; bytes at the end are the binary part. None where
/// the export did not go that deep and holds the name of a type instead.
fn objects_values(list: &Json) -> Values {
    let mut data = Vec::new();
    let mut binary = None;
    for item in list.items() {
        let value = match item {
            Json::Object(_) => item.get("Value").unwrap_or(&Json::Null),
            plain => plain,
        };
        match value {
            Json::List(bytes) => {
                let byte = |b: &Json| b.text()?.parse::<u8>().ok();
                let hex: Option<String> = bytes
                    .iter()
                    .map(|b| byte(b).map(|b| format!("{b:02x}")))
                    .collect();
                binary = hex.filter(|hex| !hex.is_empty());
            }
            value => {
                let text = value.text().unwrap_or_default();
                if is_type_name(text) {
                    return None;
                }
                data.push(unnamed(&braced(text)));
            }
        }
    }
    (!data.is_empty()).then_some((data, binary))
}

/// What an export that is not deep enough writes in place of an object.
pub(super) fn is_type_name(text: &str) -> bool {
    text.starts_with("System.Diagnostics.Eventing.Reader.")
}

/// A GUID as events write it, in braces.
pub(super) fn braced(text: &str) -> String {
    let shape = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    if text.len() == 36 && text.bytes().enumerate().all(shape) {
        format!("{{{text}}}")
    } else {
        text.to_owned()
    }
}
