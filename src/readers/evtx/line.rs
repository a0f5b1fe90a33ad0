//! A record as a line of JSON, written straight from its values where they are as plain as nearly all are; the same bytes
//! as by way of a [`RawEvent`](crate::readers::events::RawEvent).

use std::cell::RefCell;

use super::cursor::Broken;
use super::example::{Example, Field};
use super::issuer::Issuer;
use super::json;
use super::names::Name;
use super::record::{Head, Record, RecordReader};
use super::template::{Piece, Template, Text};
use super::values::Values;
use crate::evidence::Place;
use crate::readers::events::{self, Opening};

/// Values that may hold a secret, told by another value.
const TELLING: [&str; 2] = ["AttributeLDAPDisplayName", "Configuration"];

/// The values of a definition: each has a name, none two.
#[derive(Debug)]
pub(super) struct Plain {
    fields: Vec<Field>,
    recent: RefCell<Recent>,
}

/// What the last event was: the next nearly always says much of the same.
#[derive(Debug, Default)]
struct Recent {
    between: Option<Between>,
    /// What stood between its time and its values.
    text: Vec<u8>,
    example: Example,
}

/// Provider, channel, computer, id, version.
type Between = (Name, Name, Name, u32, u8);

impl Plain {
    /// `None` for a definition whose values are to be looked at one by one.
    pub(super) fn of(template: &Template) -> Option<Self> {
        if !template.payloads.is_empty() || template.parts.binary.is_some() {
            return None;
        }
        let mut fields: Vec<Field> = Vec::new();
        for (name, value) in &template.parts.data {
            let [Piece::Text(name)] = name.as_ref()?.0.as_slice() else {
                return None;
            };
            let field = Field::new(name, value.value()?)?;
            let met = fields.iter().any(|known| known.has_key_of(&field));
            if met || name.is_empty() || TELLING.iter().any(|t| t.eq_ignore_ascii_case(name)) {
                return None;
            }
            fields.push(field);
        }
        Some(Self {
            fields,
            recent: RefCell::default(),
        })
    }
}

impl<'a> RecordReader<'a, '_, '_> {
    /// Adds the record as a line.
    pub(super) fn line(
        &mut self,
        record: &Record<'a>,
        head: &Head,
        opening: &Opening,
        out: &mut Vec<u8>,
    ) -> Result<(), Broken> {
        let start = out.len();
        if self.plain_line(record, head, opening, out).is_some() {
            return Ok(());
        }
        out.truncate(start);
        let raw = self.event(record, head)?;
        events::write_json_line(&raw, opening, &Place::Record(raw.record_id), out);
        self.reuse(raw.data);
        Ok(())
    }

    /// The same for a record without peculiarities; `None` for another one, part of which may be written.
    fn plain_line(
        &mut self,
        record: &Record<'a>,
        head: &Head,
        opening: &Opening,
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
        let (inner, inner_values) = self.instance(at, *inside).ok()?;
        let plain = inner.plain.get_or_init(|| Plain::of(&inner)).as_ref()?;
        let version = record.version();
        let between = (head.provider, head.channel, head.computer, head.id, version);
        let known = &mut *self.known;
        let recent = &mut *plain.recent.borrow_mut();
        if recent.between != Some(between) {
            recent.between = Some(between);
            recent.text.clear();
            let between = events::Between {
                provider: known.names.quoted(head.provider),
                id: head.id,
                version,
                channel: known.names.quoted(head.channel),
                computer: known.names.quoted(head.computer),
            };
            between.write(&mut recent.text);
        }
        opening.record(head.record_id, head.time, &mut known.clock, out);
        out.extend_from_slice(&recent.text);
        if let Some(user) = &parts.user_sid {
            write_user(user, values, &mut known.issuer, out)?;
        }
        out.extend_from_slice(b",\"data\"");
        // The first of them starts like the others, as if one stood before it.
        let start = out.len();
        recent
            .example
            .write(&plain.fields, &inner_values, &mut known.issuer, out)?;
        match out.get_mut(start..).and_then(|out| out.first_chunk_mut()) {
            Some(start) => {
                *start = *b":{";
                out.extend_from_slice(b"\"}}\n");
            }
            None => out.extend_from_slice(b":{}}\n"),
        }
        self.give_back(inner_values);
        Some(())
    }
}

fn write_user(
    user: &Text,
    values: &Values<'_>,
    issuer: &mut Issuer,
    out: &mut Vec<u8>,
) -> Option<()> {
    let Some(value) = values.brought(user.value()?) else {
        return Some(());
    };
    out.extend_from_slice(b",\"user\":\"");
    let start = out.len();
    json::write(&value, issuer, out)?;
    let written = out.len() > start;
    out.push(b'"');
    written.then_some(())
}
