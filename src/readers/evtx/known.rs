//! What the chunks of a log have in common: the same names, and the same definitions written anew in each of them.
//!
//! A chunk has its own copy of every definition it uses. One that an earlier chunk had need not be understood again: it is
//! compared, and nothing is allocated. Its GUID alone would not do, since a crafted file could give one GUID to two
//! definitions. What is read of a chunk does not depend on what is known: that differs with the threads.

use std::rc::Rc;

use super::chunk::Place;
use super::cursor::{Broken, Cursor};
use super::issuer::Issuer;
use super::names::Names;
use super::pattern::Pattern;
use super::template::{Fuel, Template};
use super::tokens::Dialect;
use crate::readers::events::{Clock, Datum, Inside, Selection};

/// Definitions that are kept; real logs have fewer than a hundred.
const KEPT: usize = 256;
/// Definitions that are kept of one GUID; real ones have one.
const ALIKE: usize = 4;

/// Names that are kept; real logs have fewer than a hundred, one that was forwarded from everywhere some thousands.
const MANY: usize = 1 << 14;

/// Texts that are kept to be used again, with room in a list for as many, and how long they may be: few events have more
/// values, or longer ones.
const TEXTS: usize = 64;
const TEXT: usize = 1024;

/// What was met before in the same log.
pub(super) struct Known<'s> {
    pub(super) names: Names<'s>,
    pub(super) clock: Clock,
    pub(super) issuer: Issuer,
    /// Room for the places of a chunk's records: to give back large pieces of memory is dear.
    pub(super) places: Vec<Place>,
    /// Room for the values of an event: empty texts, and an empty list.
    texts: Vec<String>,
    pub(super) list: Vec<Datum>,
    definitions: Vec<Definition>,
}

struct Definition {
    guid: [u8; 16],
    inside: Option<Inside>,
    pattern: Pattern,
    template: Rc<Template>,
}

impl<'s> Known<'s> {
    pub(super) fn new(selection: &'s Selection) -> Self {
        Self {
            names: Names::new(selection),
            clock: Clock::default(),
            issuer: Issuer::default(),
            places: Vec::new(),
            texts: Vec::new(),
            list: Vec::new(),
            definitions: Vec::new(),
        }
    }

    /// Forgets everything when a crafted log has made it large.
    pub(super) fn keep_small(&mut self) {
        if self.names.count() > MANY {
            *self = Self::new(self.names.selection());
        }
    }

    /// An empty text.
    pub(super) fn text(&mut self) -> String {
        self.texts.pop().unwrap_or_default()
    }

    /// Takes back the room of an event's values.
    pub(super) fn reuse(&mut self, mut data: Vec<Datum>) {
        for Datum { mut value, .. } in data.drain(..) {
            if value.capacity() <= TEXT && self.texts.len() < TEXTS {
                value.clear();
                self.texts.push(value);
            }
        }
        if data.capacity() <= TEXTS {
            self.list = data;
        }
    }

    /// The definition at the cursor, which stands at the offset of the next one.
    pub(super) fn definition(
        &mut self,
        mut cursor: Cursor<'_>,
        inside: Option<Inside>,
        fuel: &Fuel,
    ) -> Result<Rc<Template>, Broken> {
        cursor.take(4)?;
        let guid: [u8; 16] = cursor.array()?;
        cursor.take(4)?; // size
        let mut alike = 0;
        for known in &mut self.definitions {
            if known.guid == guid && known.inside == inside {
                if known.pattern.is_at(cursor.clone()) {
                    fuel.burn(known.pattern.cost)?;
                    return Ok(known.template.clone());
                }
                alike += 1;
            }
        }
        let names = &mut self.names;
        let read = Template::read(cursor.clone(), Dialect::Definition, inside, fuel, names)?;
        let template = Rc::new(read);
        if alike < ALIKE
            && self.definitions.len() < KEPT
            && let Some(pattern) = Pattern::of(cursor)
        {
            self.definitions.push(Definition {
                guid,
                inside,
                pattern,
                template: template.clone(),
            });
        }
        Ok(template)
    }
}
