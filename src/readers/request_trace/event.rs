//! One event of a trace: its opcode, its values by name, when and where it was written.

use jiff::Timestamp;
use quick_xml::events::{BytesStart, Event as Token};
use quick_xml::{Reader, XmlVersion};

use crate::readers::events::parse_time;

/// An event as it stands in the file.
#[derive(Debug, Default)]
pub(super) struct TraceEvent {
    /// `RenderingInfo/Opcode`, never translated.
    pub(super) opcode: String,
    pub(super) time: Option<Timestamp>,
    pub(super) computer: Option<String>,
    values: Vec<(String, String)>,
}

impl TraceEvent {
    /// The value of this name; `None` where it is empty or not there.
    pub(super) fn value(&self, name: &str) -> Option<&str> {
        let (_, value) = self.values.iter().find(|(known, _)| known == name)?;
        Some(value.trim()).filter(|value| !value.is_empty())
    }

    /// A number, decimal (with a sign, as some builds write HRESULTs) or hexadecimal.
    pub(super) fn number(&self, name: &str) -> Option<u32> {
        let value = self.value(name)?;
        match value
            .strip_prefix("0x")
            .or_else(|| value.strip_prefix("0X"))
        {
            Some(digits) => u32::from_str_radix(digits, 16).ok(),
            None => value
                .parse()
                .ok()
                .or_else(|| value.parse::<i32>().ok().map(i32::cast_unsigned)),
        }
    }
}

/// Where the walk stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Event,
    System,
    Time,
    Computer,
    Values,
    Value,
    Rendering,
    Opcode,
    Other,
}

impl Inside {
    fn child(parent: Option<Self>, name: &str) -> Self {
        match (parent, name) {
            (None, _) => Self::Event,
            (Some(Self::Event), "System") => Self::System,
            (Some(Self::Event), "EventData") => Self::Values,
            (Some(Self::Event), "RenderingInfo") => Self::Rendering,
            (Some(Self::System), "TimeCreated") => Self::Time,
            (Some(Self::System), "Computer") => Self::Computer,
            (Some(Self::Values), "Data") => Self::Value,
            (Some(Self::Rendering), "Opcode") => Self::Opcode,
            _ => Self::Other,
        }
    }
}

/// Elements inside one another in a single event.
const DEPTH: usize = 32;

/// Reads the event at the start of `xml`, and whether its end tag stands; what follows is not looked at.
pub(super) fn read(xml: &str) -> Result<TraceEvent, String> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().allow_dangling_amp = true;
    let mut event = TraceEvent::default();
    let mut path: Vec<Inside> = Vec::new();
    loop {
        let token = reader
            .read_event()
            .map_err(|error| format!("its XML is malformed ({error})"))?;
        match token {
            Token::Start(tag) => {
                if path.len() >= DEPTH {
                    return Err("its elements are nested too deeply".to_owned());
                }
                open(&mut event, &mut path, &tag);
            }
            Token::Empty(tag) => {
                open(&mut event, &mut path, &tag);
                path.pop();
            }
            Token::End(_) => {
                path.pop();
                if path.is_empty() {
                    return Ok(event);
                }
            }
            Token::Text(text) => push(&mut event, &path, &text.xml10_content()),
            Token::CData(text) => push(&mut event, &path, &text.xml10_content()),
            Token::GeneralRef(entity) => match entity.resolve_char_ref() {
                Ok(Some(c)) => push(&mut event, &path, c.encode_utf8(&mut [0; 4])),
                Ok(None) => {
                    let known = quick_xml::escape::resolve_predefined_entity(&entity);
                    push(&mut event, &path, known.unwrap_or_default());
                }
                // A reference to a character that XML does not allow stands for nothing.
                Err(_) => {}
            },
            Token::Eof => return Err("it is cut off".to_owned()),
            _ => {}
        }
    }
}

fn open(event: &mut TraceEvent, path: &mut Vec<Inside>, tag: &BytesStart<'_>) {
    let inside = Inside::child(path.last().copied(), tag.local_name().into_inner());
    path.push(inside);
    match inside {
        Inside::Time => {
            event.time = attribute(tag, "SystemTime").and_then(|time| parse_time(&time))
        }
        Inside::Value => {
            let name = attribute(tag, "Name").unwrap_or_default();
            event.values.push((name, String::new()));
        }
        _ => {}
    }
}

fn push(event: &mut TraceEvent, path: &[Inside], text: &str) {
    let slot = match path.last() {
        Some(Inside::Computer) => event.computer.get_or_insert_default(),
        Some(Inside::Opcode) => &mut event.opcode,
        Some(Inside::Value) => match event.values.last_mut() {
            Some((_, value)) => value,
            None => return,
        },
        _ => return,
    };
    slot.push_str(text);
}

/// The value of an attribute of this local name; attributes that are malformed are as good as absent.
pub(in crate::readers) fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag
        .attributes()
        .flatten()
        .find(|a| a.key.local_name().into_inner() == name)?;
    let value = found.normalized_value(XmlVersion::Implicit1_0).ok()?;
    Some(value.trim().to_owned())
}
