//! Templates of binary XML: which field of an event comes from which substituted value.
//!
//! A record names a template definition of its chunk and brings the values: the definition
//! `<Data Name="TargetUserName">%5</Data>` is read once, and after that a record is a table look-up.

use std::borrow::Cow;
use std::cell::{Cell, OnceCell, RefCell};
use std::sync::Arc;

use jiff::Timestamp;

use super::cursor::{Broken, Cursor, utf16, xml_name};
use super::heading::Heading;
use super::issuer::Issuer;
use super::line::Plain;
use super::names::{Name, Names, Recent};
use super::shown::{Shown, Sink};
use super::tokens::{Dialect, Token};
use super::values::Values;
use crate::readers::events::{EventParts, Inside, parse_time};

/// Bytes of text in one event. Windows limits events to 64 KiB; a crafted template may repeat a value at will.
pub(super) const LONGEST: usize = 1 << 20;

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

impl Text {
    pub(super) fn render<'t>(&'t self, values: &Values<'_>) -> Cow<'t, str> {
        match self.0.as_slice() {
            [] => Cow::Borrowed(""),
            [Piece::Text(text)] => Cow::Borrowed(text),
            [Piece::Value(value)] => Cow::Owned(values.text(*value)),
            _ => {
                let mut all = String::new();
                self.add_to(values, &mut Issuer::default(), &mut all);
                Cow::Owned(all)
            }
        }
    }

    /// Adds it to another text. One that gets longer than events are is not finished.
    pub(super) fn add_to(&self, values: &Values<'_>, issuer: &mut Issuer, text: &mut String) {
        let mut shown = Shown::begin(std::mem::take(text), issuer);
        for piece in &self.0 {
            match piece {
                Piece::Text(piece) => shown.text(piece),
                Piece::Value(value) => values.write(*value, &mut shown),
            }
            if shown.len() > LONGEST {
                break;
            }
        }
        *text = shown.end();
    }

    /// The bytes of the text, where it is one UTF-16LE value.
    pub(super) fn utf16<'a>(&self, values: &Values<'a>) -> Option<&'a [u8]> {
        values.utf16(self.value()?)
    }

    /// The number of the value that it is, where it is one.
    pub(super) fn value(&self) -> Option<u16> {
        match self.0.as_slice() {
            [Piece::Value(value)] => Some(*value),
            _ => None,
        }
    }

    pub(super) fn is_null(&self, values: &Values<'_>) -> bool {
        self.value().is_some_and(|value| values.is_null(value))
    }

    /// The items, where it is an array.
    pub(super) fn items(&self, values: &Values<'_>) -> Option<Vec<String>> {
        values.items(self.value()?)
    }

    pub(super) fn number(&self, values: &Values<'_>) -> Option<u64> {
        let number = self.value().and_then(|value| values.number(value));
        number.or_else(|| self.render(values).trim().parse().ok())
    }

    pub(super) fn time(&self, values: &Values<'_>) -> Option<Timestamp> {
        let time = self.value().and_then(|value| values.time(value));
        time.or_else(|| parse_time(&self.render(values)))
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(vec![Piece::Text(text.into())])
    }
}

/// A text that many records have in common.
#[derive(Debug)]
pub(super) enum Shared {
    /// The definition has it.
    Fixed(Name),
    /// Each record brings it.
    Brought(Text, Recent),
}

impl Shared {
    fn of(text: Option<&Text>, names: &mut Names<'_>) -> Self {
        match text.map(|text| text.0.as_slice()) {
            None | Some([]) => Self::Fixed(Name::default()),
            Some([Piece::Text(text)]) => Self::Fixed(names.number(text)),
            Some(pieces) => Self::Brought(Text(pieces.to_vec()), Recent::default()),
        }
    }

    /// The number of the value that each record brings for it.
    pub(super) fn value(&self) -> Option<u16> {
        match self {
            Self::Fixed(_) => None,
            Self::Brought(text, _) => text.value(),
        }
    }

    /// The name, where a record that brings these bytes for it has the same as the last one.
    pub(super) fn as_before<'a>(&self, bytes: impl FnOnce() -> Option<&'a [u8]>) -> Option<Name> {
        match self {
            Self::Fixed(name) => Some(*name),
            Self::Brought(_, recent) => recent.same(bytes()?),
        }
    }

    pub(super) fn name(&self, values: &Values<'_>, names: &mut Names<'_>) -> Name {
        match self {
            Self::Fixed(name) => *name,
            Self::Brought(text, recent) => match (text.0.as_slice(), text.utf16(values)) {
                (_, Some(bytes)) => recent.number(bytes, || names.number(&text.render(values))),
                _ => names.number(&text.render(values)),
            },
        }
    }
}

/// A template definition, or a whole element without one.
#[derive(Debug)]
pub(super) struct Template {
    pub(super) parts: EventParts<Text>,
    /// Values that are binary XML of their own, and where they stand: the event's data.
    pub(super) payloads: Vec<(Inside, u16)>,
    /// The provider's name, and where that is empty its classic one.
    pub(super) provider: [Shared; 2],
    pub(super) channel: Shared,
    pub(super) computer: Shared,
    /// How the last record that was only counted lays out what is counted of it.
    pub(super) heading: RefCell<Option<Heading>>,
    /// Its values where they are plain; found out when first asked for.
    pub(super) plain: OnceCell<Option<Plain>>,
}

/// What reading the definitions of one chunk may still cost. Real chunks need a small part of it; a crafted one could
/// make every record name another long definition.
pub(super) struct Fuel(Cell<u32>);

impl Fuel {
    pub(super) fn of_a_chunk() -> Self {
        Self(Cell::new(1 << 20))
    }

    /// Nothing is left once there was not enough: however the chunk's definitions are known, the same are read.
    pub(super) fn burn(&self, amount: usize) -> Result<(), Broken> {
        let amount = u32::try_from(amount).unwrap_or(u32::MAX);
        let left = self.0.get().checked_sub(amount);
        self.0.set(left.unwrap_or(0));
        left.map(|_| ())
            .ok_or(Broken("its chunk defines more templates than a log needs"))
    }
}

/// Takes the tokens of an element and keeps what an event is made of.
struct Builder {
    parts: EventParts<Text>,
    payloads: Vec<(Inside, u16)>,
    attribute: Option<(String, Text)>,
}

impl Template {
    /// The provider's name and its classic one, the channel, the computer.
    pub(super) fn shared(&self) -> [&Shared; 4] {
        let [provider, source] = &self.provider;
        [provider, source, &self.channel, &self.computer]
    }

    /// Reads the tokens at the cursor up to the end token, as standing `inside` an element of the event.
    pub(super) fn read(
        mut cursor: Cursor<'_>,
        dialect: Dialect,
        inside: Option<Inside>,
        fuel: &Fuel,
        names: &mut Names<'_>,
    ) -> Result<Self, Broken> {
        let mut builder = Builder {
            parts: EventParts::new(inside),
            payloads: Vec::new(),
            attribute: None,
        };
        loop {
            let token = Token::read(&mut cursor, dialect)?;
            fuel.burn(token.cost())?;
            if token == Token::End {
                break;
            }
            builder.take(token)?;
        }
        let Builder {
            parts, payloads, ..
        } = builder;
        let mut shared = |text: &Option<Text>| Shared::of(text.as_ref(), names);
        Ok(Self {
            provider: [shared(&parts.provider), shared(&parts.source)],
            channel: shared(&parts.channel),
            computer: shared(&parts.computer),
            heading: RefCell::default(),
            plain: OnceCell::new(),
            parts,
            payloads,
        })
    }
}

impl Builder {
    fn take(&mut self, token: Token<&[u8]>) -> Result<(), Broken> {
        match token {
            Token::Open(name) => {
                if !self.parts.open(local(&xml_name(name)?)) {
                    return Err(Broken("an event stands inside its event"));
                }
            }
            Token::Attribute(name) => {
                self.end_attribute();
                self.attribute = Some((xml_name(name)?, Text::default()));
            }
            Token::Opened => self.end_attribute(),
            Token::Empty => {
                self.end_attribute();
                self.parts.close();
            }
            Token::Close => {
                self.parts.close();
            }
            Token::Text(text) => self.push(Piece::Text(utf16(text).into())),
            Token::Character(unit) => {
                let c = char::from_u32(u32::from(unit)).unwrap_or(char::REPLACEMENT_CHARACTER);
                self.push(Piece::Text(c.to_string().into()));
            }
            Token::Entity(name) => {
                if let Some(text) = quick_xml::escape::resolve_predefined_entity(&utf16(name)) {
                    self.push(Piece::Text(text.into()));
                }
            }
            Token::Value(number) => self.push(Piece::Value(number)),
            Token::Nothing | Token::End => {}
        }
        Ok(())
    }

    fn end_attribute(&mut self) {
        if let Some((name, text)) = self.attribute.take() {
            self.parts.attribute(local(&name), text);
        }
    }

    fn push(&mut self, piece: Piece) {
        if let Some((_, text)) = &mut self.attribute {
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
