//! Events exported as XML: `wevtutil qe /f:xml` writes one `<Event>` after another without a root, Event Viewer and
//! `wevtutil epl` followed by "save as XML" put them into `<Events>`, with what the viewer showed in `<RenderingInfo>`.
//!
//! ```text
//! <Event xmlns='http://schemas.microsoft.com/win/2004/08/events/event'><System>
//!   <Provider Name='Microsoft-Windows-Security-Kerberos' Guid='{98e6…}' EventSourceName='Kerberos'/>
//!   <EventID Qualifiers='16384'>4</EventID><TimeCreated SystemTime='2024-05-07T08:00:00.1234567Z'/>
//!   <EventRecordID>812</EventRecordID><Channel>System</Channel><Computer>client1.corp.example</Computer></System>
//!   <EventData><Data Name='Server'>web01$</Data><Data Name='Targetname'>HTTP/web.corp.example</Data></EventData>
//! </Event>
//! ```
//!
//! Every `<Event` begins anew: a cut-off or malformed event costs itself and nothing else. Prefixes are tolerated;
//! only the five named entities of XML and character references are resolved.

use quick_xml::events::{BytesStart, Event as Token};
use quick_xml::{Reader, XmlVersion};

use super::Reading;
use super::events::{
    self, Datum, EventLog, EventParts, Head, RawEvent, Spans, is_failure, parse_time,
};
use super::offsets::LineNumbers;
use crate::bundle::text::Text;
use crate::evidence::{ArtifactId, Place, Problem};

/// Reads exported events. Never fails: an event that cannot be read is a problem, cited by the line it begins on.
///
/// `count` is the number of all events that were read, wanted or not.
pub fn read(artifact: ArtifactId, text: &Text) -> Reading<EventLog> {
    let whole = text.lines.join("\n");
    let mut problems = Vec::new();
    let mut spans = Spans::default();
    let mut events = Vec::new();
    let mut line = LineNumbers::new(&whole);
    let starts = event_starts(&whole);
    let ends = starts.iter().skip(1).copied().chain([whole.len()]);
    for (start, end) in starts.iter().zip(ends) {
        let raw = match whole.get(*start..end).map(read_event) {
            Some(Ok(raw)) => raw,
            Some(Err(why)) => {
                let place = Place::Line(line.of(*start));
                problems.push(Problem::new(
                    artifact,
                    place,
                    format!("The event was skipped because {why}."),
                ));
                continue;
            }
            None => continue,
        };
        if spans.count(&head(&raw)) {
            events.extend(events::understand(raw, artifact));
        }
    }
    if starts.is_empty() {
        problems.push(Problem::new(
            artifact,
            Place::Whole,
            "The file holds no event.",
        ));
    }
    problems.extend(spans.repetition(artifact, "events"));
    let spans = spans.finish();
    Reading {
        artifact,
        count: spans.iter().map(|span| span.records).sum(),
        records: EventLog {
            events,
            spans,
            ..EventLog::default()
        },
        problems,
    }
}

/// Every event that can be read, with the line it begins on.
pub fn each(text: &Text, take: &mut dyn FnMut(RawEvent, u32)) {
    let whole = text.lines.join("\n");
    let mut line = LineNumbers::new(&whole);
    for start in event_starts(&whole) {
        if let Some(Ok(raw)) = whole.get(start..).map(read_event) {
            take(raw, line.of(start));
        }
    }
}

/// The event of this record, as the file holds it.
pub fn find(text: &Text, record: u64) -> Option<RawEvent> {
    let whole = text.lines.join("\n");
    event_starts(&whole)
        .into_iter()
        .filter_map(|start| read_event(whole.get(start..)?).ok())
        .find(|raw| raw.record_id == record)
}

fn head(raw: &RawEvent) -> Head {
    Head {
        provider: raw.provider.clone(),
        id: raw.id,
        channel: raw.channel.clone(),
        computer: raw.computer.clone(),
        record_id: raw.record_id,
        time: raw.time,
    }
}

/// Offsets of the start tags of events: `<Event` or `<prefix:Event`, and then no further letter.
pub(super) fn event_starts(text: &str) -> Vec<usize> {
    text.match_indices('<')
        .map(|(at, _)| at)
        .filter(|at| {
            let rest = text.get(at + 1..).unwrap_or_default();
            let name = rest
                .find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, ':' | '_' | '-' | '.'))
                .and_then(|end| rest.get(..end))
                .unwrap_or_default();
            local(name) == "Event"
        })
        .collect()
}

fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}

/// Reads the event at the start of `xml`; what follows its end tag is not looked at.
pub(crate) fn read_event(xml: &str) -> Result<RawEvent, String> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().allow_dangling_amp = true;
    let mut parts = EventParts::<String>::new(None);
    loop {
        let closed = match reader.read_event() {
            Ok(Token::Start(tag)) => {
                open(&mut parts, &tag)?;
                false
            }
            Ok(Token::Empty(tag)) => {
                open(&mut parts, &tag)?;
                parts.close()
            }
            Ok(Token::End(_)) => parts.close(),
            Ok(Token::Text(text)) => {
                push(&mut parts, &text.xml10_content());
                false
            }
            Ok(Token::CData(text)) => {
                push(&mut parts, &text.xml10_content());
                false
            }
            Ok(Token::GeneralRef(entity)) => {
                match entity.resolve_char_ref() {
                    Ok(Some(c)) => push(&mut parts, c.encode_utf8(&mut [0; 4])),
                    Ok(None) => match quick_xml::escape::resolve_predefined_entity(&entity) {
                        Some(text) => push(&mut parts, text),
                        None => push(&mut parts, &format!("&{};", &*entity)),
                    },
                    // A reference to a character that XML does not allow (&#0;) stands for nothing.
                    Err(_) => {}
                }
                false
            }
            Ok(Token::Eof) => return Err("it is not closed".to_owned()),
            Ok(_) => false,
            Err(error) => return Err(format!("its XML is malformed ({error})")),
        };
        if closed {
            return raw(parts);
        }
    }
}

fn open(parts: &mut EventParts<String>, tag: &BytesStart<'_>) -> Result<(), String> {
    if !parts.open(tag.local_name().into_inner()) {
        return Err("another event begins before its end".to_owned());
    }
    for attribute in tag.attributes() {
        let attribute = attribute.map_err(|error| format!("its XML is malformed ({error})"))?;
        let value = attribute
            .normalized_value(XmlVersion::Implicit1_0)
            .map_err(|error| format!("its XML is malformed ({error})"))?;
        parts.attribute(attribute.key.local_name().into_inner(), value.into_owned());
    }
    Ok(())
}

fn push(parts: &mut EventParts<String>, text: &str) {
    if let Some(slot) = parts.text() {
        slot.push_str(text);
    }
}

fn raw(parts: EventParts<String>) -> Result<RawEvent, String> {
    let text = |part: Option<String>| part.map(|text| text.trim().to_owned()).unwrap_or_default();
    let provider = Some(text(parts.provider))
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| text(parts.source));
    Ok(RawEvent {
        provider: provider.into(),
        id: text(parts.id)
            .parse()
            .map_err(|_| "it has no event id".to_owned())?,
        version: text(parts.version).parse().unwrap_or_default(),
        failed: is_failure(&text(parts.keywords)),
        channel: text(parts.channel).into(),
        computer: text(parts.computer).into(),
        time: parse_time(&text(parts.time)).ok_or("it has no time that can be read".to_owned())?,
        record_id: text(parts.record_id).parse().unwrap_or_default(),
        user_sid: Some(text(parts.user_sid)).filter(|sid| !sid.is_empty()),
        data: parts
            .data
            .into_iter()
            .map(|(name, value)| Datum {
                name: name.map(Into::into),
                value,
            })
            .collect(),
        binary: Some(text(parts.binary).to_ascii_lowercase()).filter(|binary| !binary.is_empty()),
    })
}

#[cfg(test)]
mod tests;
