//! A record as a line of JSON, written straight from its values where they are as plain as nearly all are; the same bytes
//! as by way of a [`RawEvent`](crate::readers::events::RawEvent).

use std::cell::RefCell;

use super::cursor::{Broken, utf16};
use super::names::Name;
use super::record::{Head, Record, RecordReader};
use super::template::{Piece, Template, Text};
use super::values::{Sink, Values};
use crate::evidence::Place;
use crate::readers::events::{self, quoted};

/// Values that may hold a secret, told by another value.
const TELLING: [&str; 2] = ["AttributeLDAPDisplayName", "Configuration"];

/// The values of a definition: each has a name, none two.
#[derive(Debug)]
pub(super) struct Plain {
    /// `","name":"` of each, and its value.
    fields: Vec<(Vec<u8>, u16)>,
    /// What stood between time and values of the last event: the next nearly always has the same there.
    recent: RefCell<(Option<Between>, Vec<u8>)>,
}

/// Provider, channel, computer, id, version.
type Between = (Name, Name, Name, u32, u8);

impl Plain {
    /// `None` for a definition whose values are to be looked at one by one.
    pub(super) fn of(template: &Template) -> Option<Self> {
        if !template.payloads.is_empty() || template.parts.binary.is_some() {
            return None;
        }
        let mut fields: Vec<(Vec<u8>, u16)> = Vec::new();
        for (name, value) in &template.parts.data {
            let name = name.as_ref()?.0.as_slice();
            let ([Piece::Text(name)], [Piece::Value(value)]) = (name, value.0.as_slice()) else {
                return None;
            };
            let key = [b"\",", quoted(name).as_slice(), b":\""].concat();
            let met = fields.iter().any(|(known, _)| *known == key);
            if met || name.is_empty() || TELLING.iter().any(|t| t.eq_ignore_ascii_case(name)) {
                return None;
            }
            fields.push((key, *value));
        }
        Some(Self {
            fields,
            recent: RefCell::default(),
        })
    }
}

impl<'a> RecordReader<'a, '_, '_> {
    /// Adds the record as a line. `artifact` is its path, quoted.
    pub(super) fn line(
        &mut self,
        record: &Record<'a>,
        head: &Head,
        artifact: &[u8],
        out: &mut Vec<u8>,
    ) -> Result<(), Broken> {
        let start = out.len();
        if self.plain_line(record, head, artifact, out).is_some() {
            return Ok(());
        }
        out.truncate(start);
        let raw = self.event(record, head)?;
        events::write_json_line(&raw, artifact, &Place::Record(raw.record_id), out);
        Ok(())
    }

    /// The same for a record without peculiarities; `None` for another one, part of which may be written.
    fn plain_line(
        &mut self,
        record: &Record<'a>,
        head: &Head,
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
        let names = self.names();
        let version = record.version();
        let between = (head.provider, head.channel, head.computer, head.id, version);
        let mut recent = plain.recent.borrow_mut();
        if recent.0 != Some(between) {
            recent.0 = Some(between);
            recent.1.clear();
            let between = events::Between {
                provider: names.quoted(head.provider),
                id: head.id,
                version,
                channel: names.quoted(head.channel),
                computer: names.quoted(head.computer),
            };
            between.write(&mut recent.1);
        }
        events::open_json_line(artifact, ("record", head.record_id), head.time, out);
        out.extend_from_slice(&recent.1);
        if let Some(user) = &parts.user_sid {
            write_user(user, values, out)?;
        }
        out.extend_from_slice(b",\"data\":{");
        let mut opened = false;
        for (key, value) in &plain.fields {
            // Windows leaves out what is null.
            if inner_values.is_null(*value) {
                continue;
            }
            let behind_the_first = if opened { 0 } else { 2 };
            opened = true;
            out.extend_from_slice(key.get(behind_the_first..)?);
            write_value(&inner_values, *value, out)?;
        }
        out.extend_from_slice(if opened { b"\"}}\n" } else { b"}}\n" });
        drop(recent);
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
    write_value(values, *value, out)?;
    let written = out.len() > start;
    out.push(b'"');
    written.then_some(())
}

/// Writes a value inside quotation marks; `None` where it is an array, or may hold a secret.
fn write_value(values: &Values<'_>, value: u16, out: &mut Vec<u8>) -> Option<()> {
    let mut text = Json {
        out,
        doubtful: false,
    };
    values.write(value, &mut text)?;
    (!text.doubtful).then_some(())
}

/// Text inside quotation marks.
struct Json<'o> {
    out: &'o mut Vec<u8>,
    /// Whether the value may hold a secret: all that do have one of these characters.
    doubtful: bool,
}

/// Characters that stand in JSON as they are, and are no sign of a secret.
const AS_THEY_ARE: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = b' ';
    while byte <= b'~' {
        table[byte as usize] = !matches!(byte, b'"' | b'\\' | b'=' | b'[');
        byte += 1;
    }
    table
};

impl Sink for Json<'_> {
    fn plain(&mut self, text: &[u8]) {
        self.out.extend_from_slice(text);
    }

    fn utf16(&mut self, bytes: &[u8]) {
        let (mut units, _) = bytes.as_chunks::<2>();
        loop {
            let plain = |[low, high]: &[u8; 2]| *high == 0 && AS_THEY_ARE[usize::from(*low)];
            let end = units.iter().position(|unit| !plain(unit));
            let (start, rest) = units.split_at(end.unwrap_or(units.len()));
            self.out.extend(start.iter().map(|[low, _]| *low));
            match rest {
                [] => return,
                [[mark @ (b'"' | b'\\'), 0], rest @ ..] => {
                    self.out.extend_from_slice(&[b'\\', *mark]);
                    units = rest;
                }
                _ => return self.text(&utf16(rest.as_flattened())),
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
