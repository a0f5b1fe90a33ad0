//! One record: binary XML to what is counted of every record ([`Head`]) and, for the wanted ones, to a [`RawEvent`].

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use jiff::Timestamp;

use super::chunk::{Place, Visitor};
use super::cursor::{Broken, Cursor};
use super::heading::{Glance, Heading};
use super::known::Known;
use super::names::{Name, Names};
use super::template::{Fuel, LONGEST, Piece, Template, Text};
use super::tokens::Dialect;
use super::values::{Starts, Values};
use crate::readers::events::{self, AUDIT_FAILURE, Datum, Inside, RawEvent, is_failure};

/// Binary XML inside binary XML: real events have one level.
const DEEPEST: usize = 4;

/// Definitions that are found at once: records of a few kinds alternate.
const RECENT: usize = 16;

/// A definition's offset, where it stands, and itself.
type Recent = (u32, Option<Inside>, Rc<Template>);

/// Where one is kept among them.
fn place(definition: u32) -> usize {
    (definition.wrapping_mul(0x9e37_79b9) >> 28) as usize
}

/// The definitions of a chunk by their offset and by where in an event they stand; the broken ones, too, so that a
/// definition is read once however many records name it.
type Templates = BTreeMap<(u32, Option<Inside>), Result<Rc<Template>, Broken>>;

/// Reads the records of one chunk: definitions and names are shared among them.
pub(super) struct RecordReader<'a, 'k, 's> {
    chunk: &'a [u8],
    fuel: Fuel,
    templates: Templates,
    /// The last definitions, each where a hash of its offset puts it.
    recent: [Option<Recent>; RECENT],
    /// The room of tables of values that are not needed any more.
    room: Vec<Starts>,
    pub(super) known: &'k mut Known<'s>,
}

/// Where binary XML starts.
struct Start<'a> {
    /// The offset of its definition; `None` where it is a whole element without one.
    definition: Option<u32>,
    /// Behind that.
    cursor: Cursor<'a>,
}

/// What is counted of every record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Head {
    pub(super) provider: Name,
    pub(super) channel: Name,
    pub(super) computer: Name,
    pub(super) id: u32,
    pub(super) record_id: u64,
    pub(super) time: Timestamp,
}

/// A record whose definition is known and whose values are located, nothing rendered yet.
pub(super) struct Record<'a> {
    /// `System/EventID`.
    pub(super) id: u32,
    template: Rc<Template>,
    values: Values<'a>,
}

impl<'a> Record<'a> {
    pub(super) fn parts(&self) -> (&Template, &Values<'a>) {
        (&self.template, &self.values)
    }

    /// Lets its definition know how it is laid out: the next is probably like it.
    pub(super) fn remember(&self) {
        let heading = Heading::of(&self.template, &self.values);
        *self.template.heading.borrow_mut() = heading;
    }

    /// The version of the event; 0 where it has none.
    pub(super) fn version(&self) -> u8 {
        let slot = self.template.parts.version.as_ref();
        slot.and_then(|slot| u8::try_from(slot.number(&self.values)?).ok())
            .unwrap_or_default()
    }

    /// Whether its keywords say that what was audited failed.
    fn failed(&self) -> bool {
        let slot = self.template.parts.keywords.as_ref();
        slot.is_some_and(|slot| match slot.number(&self.values) {
            Some(bits) => bits & AUDIT_FAILURE != 0,
            None => is_failure(&slot.render(&self.values)),
        })
    }
}

impl<'a, 'k, 's> RecordReader<'a, 'k, 's> {
    pub(super) fn new(chunk: &'a [u8], known: &'k mut Known<'s>) -> Self {
        Self {
            chunk,
            fuel: Fuel::of_a_chunk(),
            templates: BTreeMap::new(),
            recent: Default::default(),
            room: Vec::new(),
            known,
        }
    }

    /// Finds out what the record at a place is. `None` where a glance is enough for the visitor.
    pub(super) fn record(
        &mut self,
        place: &Place,
        visitor: &mut impl Visitor,
    ) -> Result<Option<Record<'a>>, Broken> {
        let start = self.start(place.at)?;
        let glance = Glance {
            place,
            template: start
                .definition
                .and_then(|at| Some(&**self.recent(at, None)?)),
            cursor: start.cursor.clone(),
        };
        if !visitor.wants(&glance, &self.known.names) {
            return Ok(None);
        }
        let (template, values) = self.values(start, None)?;
        let id = template.parts.id.as_ref();
        let id = id.and_then(|slot| u32::try_from(slot.number(&values)?).ok());
        let id = id.ok_or(Broken("it has no event id"))?;
        Ok(Some(Record {
            id,
            template,
            values,
        }))
    }

    /// What is counted of the record. `id` and `time` are those of the record's header: they stand in where the event itself
    /// has none.
    pub(super) fn head(&mut self, record: &Record<'_>, id: u64, time: Timestamp) -> Head {
        let Record {
            template, values, ..
        } = record;
        let parts = &template.parts;
        let names = &mut self.known.names;
        let [provider, source] = &template.provider;
        let mut provider = provider.name(values, names);
        if provider == Name::default() {
            provider = source.name(values, names);
        }
        Head {
            provider,
            id: record.id,
            channel: template.channel.name(values, names),
            computer: template.computer.name(values, names),
            record_id: parts
                .record_id
                .as_ref()
                .and_then(|slot| slot.number(values))
                .unwrap_or(id),
            time: parts
                .time
                .as_ref()
                .and_then(|slot| slot.time(values))
                .unwrap_or(time),
        }
    }

    /// The head with its names.
    pub(super) fn named(&self, head: &Head) -> events::Head {
        let names = &self.known.names;
        events::Head {
            provider: names.text(head.provider),
            id: head.id,
            channel: names.text(head.channel),
            computer: names.text(head.computer),
            record_id: head.record_id,
            time: head.time,
        }
    }

    /// Takes back the room of a record that is done with.
    pub(super) fn done(&mut self, record: Record<'_>) {
        self.give_back(record.values);
    }

    /// Takes back the room of an event's values.
    pub(super) fn reuse(&mut self, data: Vec<Datum>) {
        self.known.reuse(data);
    }

    /// Takes back the room of values that are done with.
    pub(super) fn give_back(&mut self, values: Values<'_>) {
        self.room.push(values.into_room());
    }

    pub(super) fn names(&self) -> &Names<'s> {
        &self.known.names
    }

    /// The record with all its values.
    pub(super) fn event(&mut self, record: &Record<'a>, head: &Head) -> Result<RawEvent, Broken> {
        let Record {
            template, values, ..
        } = record;
        let parts = &template.parts;
        let mut event = RawEvent {
            provider: self.known.names.text(head.provider),
            id: head.id,
            version: record.version(),
            failed: record.failed(),
            channel: self.known.names.text(head.channel),
            computer: self.known.names.text(head.computer),
            time: head.time,
            record_id: head.record_id,
            user_sid: parts
                .user_sid
                .as_ref()
                .map(|slot| slot.render(values).into_owned())
                .filter(|sid| !sid.is_empty()),
            data: std::mem::take(&mut self.known.list),
            binary: None,
        };
        self.fill(&mut event, template, values, DEEPEST, &mut 0)?;
        Ok(event)
    }

    fn fill(
        &mut self,
        event: &mut RawEvent,
        template: &Template,
        values: &Values<'a>,
        deeper: usize,
        length: &mut usize,
    ) -> Result<(), Broken> {
        let data = &template.parts.data;
        event.data.reserve(data.len());
        for (name, text) in data {
            // Windows leaves out what is null; among several values without names it keeps its place here, because
            // the place is all that names them.
            if text.is_null(values) && (name.is_some() || data.len() == 1) {
                continue;
            }
            let name = name.as_ref().map(|name| self.shared(name, values));
            let mut put = |datum: Datum| {
                *length += datum.value.len() + 16;
                event.data.push(datum);
                match *length <= LONGEST {
                    true => Ok(()),
                    false => Err(Broken("it is longer than events can be")),
                }
            };
            match text.items(values) {
                Some(items) => {
                    for value in items {
                        let name = name.clone();
                        put(Datum { name, value })?;
                    }
                }
                None => {
                    let mut value = self.known.text();
                    text.add_to(values, &mut self.known.issuer, &mut value);
                    put(Datum { name, value })?;
                }
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
                let (template, values) = self.instance(place, *inside)?;
                self.fill(event, &template, &values, deeper, length)?;
            }
        }
        Ok(())
    }

    /// The definition and the values of the binary XML at `at`, which stands `inside` an element.
    pub(super) fn instance(
        &mut self,
        at: usize,
        inside: Inside,
    ) -> Result<(Rc<Template>, Values<'a>), Broken> {
        let start = self.start(at)?;
        self.values(start, Some(inside))
    }

    fn start(&self, at: usize) -> Result<Start<'a>, Broken> {
        let mut cursor = Cursor::new(self.chunk, at);
        if cursor.peek() == Some(0x0f) {
            cursor.take(4)?;
        }
        let mut definition = None;
        if cursor.peek() == Some(0x0c) {
            cursor.take(6)?; // token, version, id of the template
            let at = cursor.u32()?;
            definition = Some(at);
            if cursor.at() == at as usize {
                cursor.take(20)?; // offset of the next definition, GUID
                let size = cursor.u32()?;
                cursor.take(size as usize)?;
            }
        }
        Ok(Start { definition, cursor })
    }

    fn values(
        &mut self,
        start: Start<'a>,
        inside: Option<Inside>,
    ) -> Result<(Rc<Template>, Values<'a>), Broken> {
        let Start {
            definition,
            mut cursor,
        } = start;
        let Some(definition) = definition else {
            return self.without_definition(cursor, inside);
        };
        let room = self.room.pop().unwrap_or_default();
        let values = Values::read(self.chunk, &mut cursor, room)?;
        let template = match self.recent(definition, inside) {
            Some(template) => Rc::clone(template),
            None => self.template(definition, inside)?,
        };
        Ok((template, values))
    }

    #[cold]
    fn without_definition(
        &mut self,
        cursor: Cursor<'a>,
        inside: Option<Inside>,
    ) -> Result<(Rc<Template>, Values<'a>), Broken> {
        let names = &mut self.known.names;
        let template = Template::read(cursor, Dialect::Record, inside, &self.fuel, names)?;
        Ok((Rc::new(template), Values::default()))
    }

    /// One of the last definitions.
    fn recent(&self, definition: u32, inside: Option<Inside>) -> Option<&Rc<Template>> {
        let (at, of, template) = self.recent.get(place(definition))?.as_ref()?;
        (*at == definition && *of == inside).then_some(template)
    }

    #[cold]
    fn template(
        &mut self,
        definition: u32,
        inside: Option<Inside>,
    ) -> Result<Rc<Template>, Broken> {
        let found = match self.templates.get(&(definition, inside)) {
            Some(found) => found.clone(),
            None => {
                let cursor = Cursor::new(self.chunk, definition as usize);
                let found = self.known.definition(cursor, inside, &self.fuel);
                self.templates.insert((definition, inside), found.clone());
                found
            }
        }?;
        if let Some(place) = self.recent.get_mut(place(definition)) {
            *place = Some((definition, inside, found.clone()));
        }
        Ok(found)
    }

    /// Text that many records have in common.
    fn shared(&mut self, text: &Text, values: &Values<'_>) -> Arc<str> {
        match text.0.as_slice() {
            [Piece::Text(text)] => text.clone(),
            _ => {
                let name = self.known.names.number(&text.render(values));
                self.known.names.text(name)
            }
        }
    }
}
