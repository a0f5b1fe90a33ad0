//! Templates of binary XML: which field of an event comes from which substituted value.
//!
//! A record names a template definition of its chunk and brings the values: the definition
//! `<Data Name="TargetUserName">%5</Data>` is read once, and after that a record is a table look-up. Records of
//! forwarded events have no template: they are one whole element, read as a definition without substitutions. The
//! one difference in their bytes is that only definitions have a dependency id in their start tags.

use std::cell::Cell;
use std::sync::Arc;

use super::cursor::{Broken, Cursor};
use crate::readers::events::{EventParts, Inside};

/// A piece of the text of an attribute or element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// Text of the definition, shared by all its records.
    Text(Arc<str>),
    /// The value with this number.
    Value(u16),
}

/// The text of an attribute or element, in pieces; nearly always one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Text(pub(super) Vec<Piece>);

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(vec![Piece::Text(text.into())])
    }
}

/// A template definition, or a whole element without one.
#[derive(Debug)]
pub(super) struct Template {
    pub(super) parts: EventParts<Text>,
    /// Values that are binary XML of their own, and where they stand: the event's data.
    pub(super) payloads: Vec<(Inside, u16)>,
}

/// What reading the definitions of one chunk may still cost. Real chunks need a small part of it; a crafted one could
/// make every record name another long definition.
pub(super) struct Fuel(Cell<u32>);

impl Fuel {
    pub(super) fn of_a_chunk() -> Self {
        Self(Cell::new(1 << 20))
    }

    fn burn(&self, amount: usize) -> Result<(), Broken> {
        let left = u32::try_from(amount)
            .ok()
            .and_then(|amount| self.0.get().checked_sub(amount))
            .ok_or(Broken("its chunk defines more templates than a log needs"))?;
        self.0.set(left);
        Ok(())
    }
}

/// The two ways in which an element is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// In a template definition: start tags have a dependency id.
    Definition,
    /// In a record itself.
    Record,
}

impl Template {
    /// Reads the tokens at the cursor up to the end token, as standing `inside` an element of the event.
    pub(super) fn read(
        mut cursor: Cursor<'_>,
        dialect: Dialect,
        inside: Option<Inside>,
        fuel: &Fuel,
    ) -> Result<Self, Broken> {
        let mut template = Self {
            parts: EventParts::new(inside),
            payloads: Vec::new(),
        };
        let mut attribute: Option<(String, Text)> = None;
        loop {
            let token = cursor.u8()?;
            fuel.burn(1)?;
            // The high bit 0x40 says that more of the same kind follows; the tokens themselves tell that, too.
            match token & !0x40 {
                0x00 => return Ok(template),
                0x01 => {
                    if dialect == Dialect::Definition {
                        cursor.u16()?;
                    }
                    cursor.u32()?; // size of the element
                    let name = cursor.name()?;
                    fuel.burn(name.len())?;
                    if token & 0x40 != 0 {
                        cursor.u32()?; // size of the attributes
                    }
                    if !template.parts.open(local(&name)) {
                        return Err(Broken("an event stands inside its event"));
                    }
                }
                0x02 => template.end_attribute(&mut attribute),
                0x03 => {
                    template.end_attribute(&mut attribute);
                    template.parts.close();
                }
                0x04 => {
                    template.parts.close();
                }
                0x05 => match cursor.u8()? {
                    0x01 => {
                        let text = cursor.counted_utf16()?;
                        fuel.burn(text.len())?;
                        template.push(&mut attribute, Piece::Text(text.into()));
                    }
                    _ => return Err(Broken("its template has a literal that is not text")),
                },
                0x06 => {
                    template.end_attribute(&mut attribute);
                    let name = cursor.name()?;
                    fuel.burn(name.len())?;
                    attribute = Some((name, Text::default()));
                }
                0x07 => {
                    let text = cursor.counted_utf16()?;
                    fuel.burn(text.len())?;
                    template.push(&mut attribute, Piece::Text(text.into()));
                }
                0x08 => {
                    let c = char::from_u32(u32::from(cursor.u16()?));
                    let text = c.unwrap_or(char::REPLACEMENT_CHARACTER).to_string();
                    template.push(&mut attribute, Piece::Text(text.into()));
                }
                0x09 => {
                    let name = cursor.name()?;
                    if let Some(text) = quick_xml::escape::resolve_predefined_entity(&name) {
                        template.push(&mut attribute, Piece::Text(text.into()));
                    }
                }
                0x0a => {
                    cursor.name()?;
                }
                0x0b => {
                    cursor.counted_utf16()?;
                }
                0x0d | 0x0e => {
                    let value = cursor.u16()?;
                    cursor.u8()?; // its type, which the record says as well
                    template.push(&mut attribute, Piece::Value(value));
                }
                0x0f => {
                    cursor.take(3)?; // version and flags of a fragment
                }
                _ => {
                    return Err(Broken(
                        "its template has a token that binary XML does not know",
                    ));
                }
            }
        }
    }

    fn end_attribute(&mut self, attribute: &mut Option<(String, Text)>) {
        if let Some((name, text)) = attribute.take() {
            self.parts.attribute(local(&name), text);
        }
    }

    fn push(&mut self, attribute: &mut Option<(String, Text)>, piece: Piece) {
        if let Some((_, text)) = attribute {
            text.0.push(piece);
            return;
        }
        if let Piece::Value(value) = piece
            && let Some(inside @ (Inside::Event | Inside::EventData | Inside::UserData)) =
                self.parts.inside()
        {
            self.payloads.push((inside, value));
        }
        if let Some(text) = self.parts.text() {
            text.0.push(piece);
        }
    }
}

/// The name without its prefix.
fn local(name: &str) -> &str {
    name.rsplit(':').next().unwrap_or(name)
}
