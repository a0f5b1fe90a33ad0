//! A record as a line of JSON, written straight from its values where they are as plain as nearly all are; the same bytes
//! as by way of a [`RawEvent`](crate::readers::events::RawEvent).

use std::cell::RefCell;
use std::collections::BTreeSet;

use super::cursor::Broken;
use super::line_buffer::{LineBuffer, Stamp};
use super::names::Name;
use super::record::{Head, Record, RecordReader};
use super::template::{Piece, Template, Text};
use super::values::Values;
use crate::evidence::Place;
use crate::readers::events::{self, quoted};

/// Values that may hold a secret, told by another value.
const TELLING: [&str; 2] = ["AttributeLDAPDisplayName", "Configuration"];

/// The values of a definition: each has a name, none two.
#[derive(Debug)]
pub(super) struct Plain {
    fields: Vec<Field>,
    /// What stood between time and values of the last event: the next nearly always has the same there.
    recent: RefCell<(Option<Between>, Stamp)>,
}

#[derive(Debug)]
struct Field {
    /// `"name":"`, where it is the first.
    first: Stamp,
    /// The same behind another one.
    next: Stamp,
    value: u16,
}

/// Provider, channel, computer, id, version.
type Between = (Name, Name, Name, u32, u8);

impl Plain {
    /// `None` for a definition whose values are to be looked at one by one.
    pub(super) fn of(template: &Template) -> Option<Self> {
        if !template.payloads.is_empty() || template.parts.binary.is_some() {
            return None;
        }
        let (mut fields, mut names) = (Vec::new(), BTreeSet::new());
        for (name, value) in &template.parts.data {
            let name = name.as_ref()?.0.as_slice();
            let ([Piece::Text(name)], [Piece::Value(value)]) = (name, value.0.as_slice()) else {
                return None;
            };
            let telling = TELLING.iter().any(|t| t.eq_ignore_ascii_case(name));
            if telling || name.is_empty() || !names.insert(name) {
                return None;
            }
            let key = [quoted(name).as_slice(), b":\""].concat();
            fields.push(Field {
                first: Stamp::new(&key),
                next: Stamp::new(&[b"\",", key.as_slice()].concat()),
                value: *value,
            });
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
        out: &mut LineBuffer,
    ) -> Result<(), Broken> {
        let start = out.length();
        if self.plain_line(record, head, artifact, out).is_some() {
            return Ok(());
        }
        out.truncate(start);
        let raw = self.event(record, head)?;
        let place = Place::Record(raw.record_id);
        out.with(|out| events::write_json_line(&raw, artifact, &place, out));
        Ok(())
    }

    /// The same for a record without peculiarities; `None` for another one, part of which may be written.
    fn plain_line(
        &mut self,
        record: &Record<'a>,
        head: &Head,
        artifact: &[u8],
        out: &mut LineBuffer,
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
            let mut text = Vec::new();
            let names = events::Between {
                provider: names.quoted(head.provider),
                id: head.id,
                version,
                channel: names.quoted(head.channel),
                computer: names.quoted(head.computer),
            };
            names.write(&mut text);
            *recent = (Some(between), Stamp::new(&text));
        }
        out.push(b"{\"artifact\":");
        out.push(artifact);
        out.push(b",\"record\":");
        out.push(itoa::Buffer::new().format(head.record_id).as_bytes());
        out.push(b",\"time\":\"");
        out.push(&events::seven_digits(head.time));
        out.stamp(&recent.1);
        if let Some(user) = &parts.user_sid {
            write_user(user, values, out)?;
        }
        out.push(b",\"data\":{");
        let mut opened = false;
        for field in &plain.fields {
            // Windows leaves out what is null.
            if inner_values.is_null(field.value) {
                continue;
            }
            out.stamp(if opened { &field.next } else { &field.first });
            opened = true;
            inner_values.write(field.value, out)?;
        }
        if out.was_doubtful() {
            return None;
        }
        out.push(if opened { b"\"}}\n" } else { b"}}\n" });
        drop(recent);
        self.give_back(inner_values);
        Some(())
    }
}

fn write_user(user: &Text, values: &Values<'_>, out: &mut LineBuffer) -> Option<()> {
    let [Piece::Value(value)] = user.0.as_slice() else {
        return None;
    };
    if values.is_null(*value) {
        return Some(());
    }
    out.push(b",\"user\":\"");
    let start = out.length();
    values.write(*value, out)?;
    let written = out.length() > start;
    out.push(b"\"");
    written.then_some(())
}
