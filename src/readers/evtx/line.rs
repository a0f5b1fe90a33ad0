//! A record as a line of JSON, written straight from its values where they are as plain as nearly all are; the same bytes
//! as by way of a [`RawEvent`](crate::readers::events::RawEvent).

use super::cursor::{Broken, utf16};
use super::record::{Record, RecordReader};
use super::template::{Piece, Template, Text};
use super::values::{Sink, Values};
use crate::evidence::Place;
use crate::readers::events::{self, Opening, quoted, seven_digits};

/// Values that may hold a secret, told by another value.
const TELLING: [&str; 2] = ["AttributeLDAPDisplayName", "Configuration"];

/// The values of a definition: each has a name, none two.
#[derive(Debug)]
pub(super) struct Plain(Vec<(Vec<u8>, u16)>);

impl Plain {
    /// `None` for a definition whose values are to be looked at one by one.
    pub(super) fn of(template: &Template) -> Option<Self> {
        if !template.payloads.is_empty() || template.parts.binary.is_some() {
            return None;
        }
        let mut fields: Vec<(Vec<u8>, u16)> = Vec::new();
        for (name, value) in &template.parts.data {
            let ([Piece::Text(name)], [Piece::Value(value)]) =
                (name.as_ref()?.0.as_slice(), value.0.as_slice())
            else {
                return None;
            };
            let mut key = quoted(name);
            key.push(b':');
            let met = fields.iter().any(|(known, _)| *known == key);
            if met || name.is_empty() || TELLING.iter().any(|t| t.eq_ignore_ascii_case(name)) {
                return None;
            }
            fields.push((key, *value));
        }
        Some(Self(fields))
    }
}

impl<'a> RecordReader<'a, '_, '_> {
    /// Adds the record as a line. `artifact` is its path, quoted.
    pub(super) fn line(
        &mut self,
        record: &Record<'a>,
        artifact: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), Broken> {
        let start = out.len();
        if self.plain_line(record, artifact, out).is_some() {
            return Ok(());
        }
        out.truncate(start);
        let raw = self.event(record)?;
        events::write_json_line(&raw, artifact, &Place::Record(raw.record_id), out);
        Ok(())
    }

    /// The same for a record without peculiarities; `None` for another one, part of which may be written.
    fn plain_line(
        &mut self,
        record: &Record<'a>,
        artifact: &[u8],
        out: &mut Vec<u8>,
    ) -> Option<()> {
        let (template, values) = record.parts();
        let parts = &template.parts;
        let [(inside, payload)] = template.payloads.as_slice() else {
            return None;
        };
        if !parts.data.is_empty() || parts.binary.is_some() {
            return None;
        }
        let at = values.binary_xml(*payload)?;
        let (inner, inner_values) = self.instance(at.start, Some(*inside)).ok()?;
        let plain = inner.plain.get_or_init(|| Plain::of(&inner)).as_ref()?;
        let head = &record.head;
        let names = self.names();
        Opening {
            artifact,
            place: ("record", head.record_id),
            time: &seven_digits(head.time),
            provider: names.quoted(head.provider),
            id: head.id,
            version: record.version(),
            channel: names.quoted(head.channel),
            computer: names.quoted(head.computer),
        }
        .write(out);
        if let Some(user) = &parts.user_sid {
            write_user(user, values, out)?;
        }
        out.extend_from_slice(b",\"data\":{");
        let mut comma = false;
        for (key, value) in &plain.0 {
            // Windows leaves out what is null; one value alone keeps its place, because lists do.
            if inner_values.is_null(*value) {
                continue;
            }
            if inner_values.is_array(*value) {
                return None;
            }
            if comma {
                out.push(b',');
            }
            comma = true;
            out.extend_from_slice(key);
            out.push(b'"');
            let mut text = Json {
                out,
                doubtful: false,
            };
            inner_values.write(*value, &mut text);
            if text.doubtful {
                return None;
            }
            out.push(b'"');
        }
        out.extend_from_slice(b"}}\n");
        self.give_back(inner_values);
        Some(())
    }
}

fn write_user(user: &Text, values: &Values<'_>, out: &mut Vec<u8>) -> Option<()> {
    let [Piece::Value(value)] = user.0.as_slice() else {
        return None;
    };
    if values.is_null(*value) {
        return Some(());
    }
    out.extend_from_slice(b",\"user\":\"");
    let start = out.len();
    let mut text = Json {
        out,
        doubtful: values.is_array(*value),
    };
    values.write(*value, &mut text);
    let plain = !text.doubtful && out.len() > start;
    out.push(b'"');
    plain.then_some(())
}

/// Text inside quotation marks.
struct Json<'o> {
    out: &'o mut Vec<u8>,
    /// Whether the value may hold a secret: all that do have one of these characters.
    doubtful: bool,
}

impl Sink for Json<'_> {
    fn plain(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn utf16(&mut self, bytes: &[u8]) {
        let (units, _) = bytes.as_chunks::<2>();
        for (number, [low, high]) in units.iter().enumerate() {
            match (low, high) {
                (b'=' | b'[', 0) => {
                    self.doubtful = true;
                    return;
                }
                (b'"' | b'\\', 0) => self.out.extend_from_slice(&[b'\\', *low]),
                (b' '..=b'~', 0) => self.out.push(*low),
                _ => return self.text(&utf16(bytes.get(number * 2..).unwrap_or_default())),
            }
        }
    }

    fn text(&mut self, text: &str) {
        self.doubtful |= text.contains(['=', '[']);
        let quoted = quoted(text);
        let inner = quoted.get(1..quoted.len().saturating_sub(1));
        self.out.extend_from_slice(inner.unwrap_or_default());
    }
}
