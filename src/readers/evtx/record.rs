//! One record: binary XML to what is counted of every record ([`Head`]) and, for the wanted ones, to a [`RawEvent`].

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use jiff::Timestamp;

use super::cursor::{Broken, Cursor};
use super::template::{Dialect, Fuel, Piece, Template, Text};
use super::values::Values;
use crate::readers::events::{Datum, Head, Inside, RawEvent, parse_time};

/// Binary XML inside binary XML: real events have one level.
const DEEPEST: usize = 4;
/// Bytes of text in one event. Windows limits events to 64 KiB; a crafted template may repeat a value at will.
const LONGEST: usize = 1 << 20;

/// The definitions of a chunk by their offset and by where in an event they stand; the broken ones, too, so that a
/// definition is read once however many records name it.
type Templates = BTreeMap<(u32, Option<Inside>), Result<Rc<Template>, Broken>>;

/// Reads the records of one chunk: definitions and names are shared among them.
pub(super) struct RecordReader<'a> {
    chunk: &'a [u8],
    fuel: Fuel,
    templates: RefCell<Templates>,
    names: RefCell<BTreeSet<Arc<str>>>,
}

/// A record whose definition is known and whose values are located, nothing rendered yet.
pub(super) struct Record<'a> {
    template: Rc<Template>,
    values: Values<'a>,
    pub(super) head: Head,
}

impl<'a> RecordReader<'a> {
    pub(super) fn new(chunk: &'a [u8]) -> Self {
        Self {
            chunk,
            fuel: Fuel::of_a_chunk(),
            templates: RefCell::default(),
            names: RefCell::default(),
        }
    }

    /// Finds out what the record at `at` is. `id` and `time` are those of the record's header: they stand in where
    /// the event itself has none.
    pub(super) fn record(&self, at: usize, id: u64, time: Timestamp) -> Result<Record<'a>, Broken> {
        let (template, values) = self.instance(at, None)?;
        let parts = &template.parts;
        let text = |slot: &Option<Text>| match slot {
            Some(slot) => self.shared(slot, &values),
            None => self.interned(""),
        };
        let mut provider = text(&parts.provider);
        if provider.is_empty() {
            provider = text(&parts.source);
        }
        let event_id = parts.id.as_ref().and_then(|slot| slot.number(&values));
        let head = Head {
            provider,
            id: event_id
                .and_then(|id| u32::try_from(id).ok())
                .ok_or(Broken("it has no event id"))?,
            channel: text(&parts.channel),
            computer: text(&parts.computer),
            record_id: parts
                .record_id
                .as_ref()
                .and_then(|slot| slot.number(&values))
                .unwrap_or(id),
            time: parts
                .time
                .as_ref()
                .and_then(|slot| slot.time(&values))
                .unwrap_or(time),
        };
        Ok(Record {
            template,
            values,
            head,
        })
    }

    /// The record with all its values.
    pub(super) fn event(&self, record: &Record<'a>) -> Result<RawEvent, Broken> {
        let Record {
            template,
            values,
            head,
        } = record;
        let parts = &template.parts;
        let mut event = RawEvent {
            provider: head.provider.clone(),
            id: head.id,
            version: parts
                .version
                .as_ref()
                .and_then(|slot| u8::try_from(slot.number(values)?).ok())
                .unwrap_or_default(),
            channel: head.channel.clone(),
            computer: head.computer.clone(),
            time: head.time,
            record_id: head.record_id,
            user_sid: parts
                .user_sid
                .as_ref()
                .map(|slot| slot.render(values).into_owned())
                .filter(|sid| !sid.is_empty()),
            data: Vec::new(),
            binary: None,
        };
        self.fill(&mut event, template, values, DEEPEST, &mut 0)?;
        Ok(event)
    }

    fn fill(
        &self,
        event: &mut RawEvent,
        template: &Template,
        values: &Values<'a>,
        deeper: usize,
        length: &mut usize,
    ) -> Result<(), Broken> {
        let data = &template.parts.data;
        for (name, text) in data {
            // Windows leaves out what is null; among several values without names it keeps its place here, because
            // the place is all that names them.
            if text.is_null(values) && (name.is_some() || data.len() == 1) {
                continue;
            }
            let name = name.as_ref().map(|name| self.shared(name, values));
            for value in text.items(values) {
                *length += value.len() + 16;
                if *length > LONGEST {
                    return Err(Broken("it is longer than events can be"));
                }
                event.data.push(Datum {
                    name: name.clone(),
                    value,
                });
            }
        }
        if let Some(binary) = &template.parts.binary {
            let binary = binary.render(values).to_ascii_lowercase();
            event.binary = Some(binary).filter(|binary| !binary.is_empty());
        }
        for (inside, value) in &template.payloads {
            if let Some(place) = values.binary_xml(*value) {
                let deeper = deeper
                    .checked_sub(1)
                    .ok_or(Broken("it nests deeper than events do"))?;
                let (template, values) = self.instance(place.start, Some(*inside))?;
                self.fill(event, &template, &values, deeper, length)?;
            }
        }
        Ok(())
    }

    /// The definition and the values of the binary XML at `at`.
    fn instance(
        &self,
        at: usize,
        inside: Option<Inside>,
    ) -> Result<(Rc<Template>, Values<'a>), Broken> {
        let mut cursor = Cursor::new(self.chunk, at);
        if cursor.peek() == Some(0x0f) {
            cursor.take(4)?;
        }
        if cursor.peek() != Some(0x0c) {
            let template = Template::read(cursor, Dialect::Record, inside, &self.fuel)?;
            return Ok((Rc::new(template), Values::default()));
        }
        cursor.take(6)?; // token, version, id of the template
        let definition = cursor.u32()?;
        if cursor.at() == definition as usize {
            cursor.take(20)?; // offset of the next definition, GUID
            let size = cursor.u32()?;
            cursor.take(size as usize)?;
        }
        let values = Values::read(self.chunk, &mut cursor)?;
        Ok((self.template(definition, inside)?, values))
    }

    fn template(&self, definition: u32, inside: Option<Inside>) -> Result<Rc<Template>, Broken> {
        self.templates
            .borrow_mut()
            .entry((definition, inside))
            .or_insert_with(|| {
                let mut cursor = Cursor::new(self.chunk, definition as usize);
                cursor.take(24)?; // offset of the next definition, GUID, size
                Template::read(cursor, Dialect::Definition, inside, &self.fuel).map(Rc::new)
            })
            .clone()
    }

    /// Text that many records have in common.
    fn shared(&self, text: &Text, values: &Values<'_>) -> Arc<str> {
        match text.0.as_slice() {
            [Piece::Text(text)] => text.clone(),
            _ => self.interned(&text.render(values)),
        }
    }

    fn interned(&self, text: &str) -> Arc<str> {
        let mut names = self.names.borrow_mut();
        match names.get(text) {
            Some(name) => name.clone(),
            None => {
                let name: Arc<str> = text.into();
                names.insert(name.clone());
                name
            }
        }
    }
}

impl Text {
    fn render<'t>(&'t self, values: &Values<'_>) -> Cow<'t, str> {
        match self.0.as_slice() {
            [] => Cow::Borrowed(""),
            [Piece::Text(text)] => Cow::Borrowed(text),
            [Piece::Value(value)] => Cow::Owned(values.text(*value)),
            pieces => Cow::Owned(pieces.iter().fold(String::new(), |mut all, piece| {
                match piece {
                    Piece::Text(text) => all.push_str(text),
                    Piece::Value(value) => all.push_str(&values.text(*value)),
                }
                all
            })),
        }
    }

    fn is_null(&self, values: &Values<'_>) -> bool {
        matches!(self.0.as_slice(), [Piece::Value(value)] if values.is_null(*value))
    }

    /// The text, as one item for each item of an array.
    fn items(&self, values: &Values<'_>) -> Vec<String> {
        if let [Piece::Value(value)] = self.0.as_slice()
            && let Some(items) = values.items(*value)
        {
            return items;
        }
        vec![self.render(values).into_owned()]
    }

    fn number(&self, values: &Values<'_>) -> Option<u64> {
        if let [Piece::Value(value)] = self.0.as_slice()
            && let Some(number) = values.number(*value)
        {
            return Some(number);
        }
        self.render(values).trim().parse().ok()
    }

    fn time(&self, values: &Values<'_>) -> Option<Timestamp> {
        if let [Piece::Value(value)] = self.0.as_slice()
            && let Some(time) = values.time(*value)
        {
            return Some(time);
        }
        parse_time(&self.render(values))
    }
}
