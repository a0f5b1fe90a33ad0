//! Puts objects together from the tags of the file.

use std::collections::BTreeMap;
use std::sync::Arc;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart};

use super::names::{Element, unescape};
use super::tree::{Object, Value};

/// Why an object cannot be read.
pub(super) type Step = String;

/// Elements inside each other. PowerShell exports two levels of objects where it is not told otherwise.
const DEEPEST: usize = 96;
/// Values of one object; what is more is left out.
const LARGEST: usize = 1 << 20;
/// Names of types that later objects may refer to.
const TYPES: usize = 1 << 14;

/// What is open, and what was read of it.
#[derive(Default)]
pub(super) struct Building {
    open: Vec<Open>,
    /// Elements open that are not read: unknown ones, and those below the deepest level.
    skipped: usize,
    /// Values in the outermost object that is open.
    size: usize,
    types: BTreeMap<u32, Arc<[String]>>,
    left_out: u64,
}

/// An element that is open: the name of the property it is, and what was read of it.
struct Open {
    element: Element,
    name: Option<String>,
    id: Option<u32>,
    text: String,
    object: Object,
    names: Vec<String>,
    /// Key and value of an entry, items of a list.
    values: Vec<Value>,
}

impl Building {
    /// The line on which the object begins that is open.
    pub(super) fn begun(&self) -> Option<u32> {
        self.open
            .iter()
            .find(|open| open.element == Element::Object)
            .map(|open| open.object.line)
    }

    /// Values that were left out.
    pub(super) fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Gives up what is open, after a defect.
    pub(super) fn forget(&mut self) {
        self.open.clear();
        self.skipped = 0;
        self.size = 0;
    }

    /// A start tag.
    pub(super) fn open(
        &mut self,
        tag: &BytesStart<'_>,
        line: impl FnOnce() -> u32,
    ) -> Result<(), Step> {
        let element = Element::named(tag.local_name().into_inner());
        let element = match element {
            Some(element) if self.skipped == 0 && self.open.len() < DEEPEST => element,
            _ => {
                self.left_out += u64::from(self.skipped == 0);
                self.skipped += 1;
                return Ok(());
            }
        };
        let (mut name, mut id) = (None, None);
        for attribute in tag.attributes() {
            let malformed =
                |error: &dyn std::fmt::Display| format!("its XML is malformed ({error})");
            let attribute = attribute.map_err(|error| malformed(&error))?;
            let value = attribute
                .normalized_value(XmlVersion::Implicit1_0)
                .map_err(|error| malformed(&error))?;
            match attribute.key.local_name().into_inner() {
                "N" => name = Some(unescape(&value)),
                "RefId" => id = value.parse().ok(),
                _ => {}
            }
        }
        let line = line();
        self.open.push(Open {
            element,
            name,
            id,
            text: String::new(),
            object: Object {
                id,
                line,
                ..Object::default()
            },
            names: Vec::new(),
            values: Vec::new(),
        });
        Ok(())
    }

    /// Text inside the element that was opened last.
    pub(super) fn text(&mut self, text: &str) -> Result<(), Step> {
        if self.skipped == 0
            && let Some(open) = self.open.last_mut()
            && matches!(
                open.element,
                Element::Plain | Element::Bytes | Element::Shown | Element::TypeName
            )
        {
            open.text.push_str(text);
        }
        Ok(())
    }

    /// An entity or a character by its number; a number that XML does not allow stands for nothing.
    pub(super) fn reference(&mut self, entity: &BytesRef<'_>) -> Result<(), Step> {
        match entity.resolve_char_ref() {
            Ok(Some(character)) => self.text(character.encode_utf8(&mut [0; 4])),
            Ok(None) => match quick_xml::escape::resolve_predefined_entity(entity) {
                Some(text) => self.text(text),
                None => self.text(&format!("&{};", &**entity)),
            },
            Err(_) => Ok(()),
        }
    }

    /// An end tag. A value of the outermost level is handed out.
    pub(super) fn close(&mut self, take: &mut dyn FnMut(u32, Value)) -> Result<(), Step> {
        if self.skipped > 0 {
            self.skipped -= 1;
            return Ok(());
        }
        let Some(open) = self.open.pop() else {
            return Ok(());
        };
        let line = open.object.line;
        let name = open.name;
        let value = match open.element {
            Element::Object => Value::Object(Box::new(open.object)),
            Element::Again => open.id.map_or(Value::Null, Value::Again),
            Element::Null => Value::Null,
            Element::Bytes => Value::Bytes(open.text),
            Element::Plain => Value::Text(unescape(&open.text)),
            Element::Types => {
                let names: Arc<[String]> = open.names.into();
                if let (Some(id), true) = (open.id, self.types.len() < TYPES) {
                    self.types.insert(id, names.clone());
                }
                self.set(|object| object.types = names);
                return Ok(());
            }
            Element::TypesAgain => {
                if let Some(names) = open.id.and_then(|id| self.types.get(&id).cloned()) {
                    self.set(|object| object.types = names);
                }
                return Ok(());
            }
            Element::TypeName => {
                let text = unescape(&open.text);
                let plain = text.strip_prefix("Deserialized.").unwrap_or(&text);
                if let Some(parent) = self.open.last_mut() {
                    parent.names.push(plain.to_owned());
                }
                return Ok(());
            }
            Element::Shown => {
                let text = unescape(&open.text);
                self.set(|object| object.shown = Some(text));
                return Ok(());
            }
            Element::Items => {
                self.set(|object| object.items.extend(open.values));
                return Ok(());
            }
            Element::Entry => {
                let mut values = open.values.into_iter();
                if let (Some(key), Some(value)) = (values.next(), values.next()) {
                    // The dictionary is open between the entry and its object.
                    let at = self.open.len().saturating_sub(2);
                    if let Some(parent) = self.open.get_mut(at) {
                        parent.object.entries.push((key, value));
                    }
                }
                return Ok(());
            }
            Element::Properties | Element::Dictionary | Element::Root => return Ok(()),
        };
        self.put(name, value, line, take);
        Ok(())
    }

    fn set(&mut self, change: impl FnOnce(&mut Object)) {
        if let Some(parent) = self.open.last_mut() {
            change(&mut parent.object);
        }
    }

    /// A value goes to what it stands in: the properties, items or entries of an object, or out.
    fn put(
        &mut self,
        name: Option<String>,
        value: Value,
        line: u32,
        take: &mut dyn FnMut(u32, Value),
    ) {
        // `Export-Clixml -InputObject $events` writes one list: its items are handed out one by one.
        let objects = self
            .open
            .iter()
            .filter(|open| open.element == Element::Object)
            .count();
        let holder = self.open.last().map(|open| open.element);
        if objects == 0 || (objects == 1 && holder == Some(Element::Items)) {
            self.size = 0;
            // The list itself is an object without anything in it.
            if value.object().is_none_or(|object| !object.is_list()) {
                take(line, value);
            }
            return;
        }
        self.size += 1;
        if self.size > LARGEST {
            self.left_out += 1;
            return;
        }
        let depth = self.open.len();
        match holder {
            Some(Element::Items | Element::Entry) => {
                if let Some(parent) = self.open.last_mut() {
                    parent.values.push(value);
                }
            }
            Some(Element::Properties) => {
                if let (Some(name), Some(parent)) =
                    (name, self.open.get_mut(depth.saturating_sub(2)))
                {
                    parent.object.properties.push((name, value));
                }
            }
            Some(Element::Object) => {
                if let (Value::Text(text), Some(parent)) = (value, self.open.last_mut()) {
                    parent.object.plain = Some(text);
                }
            }
            _ => {}
        }
    }
}

impl Object {
    /// A list whose items were handed out: an array, with nothing of its own.
    fn is_list(&self) -> bool {
        self.properties.is_empty()
            && self.entries.is_empty()
            && self.plain.is_none()
            && self.types.iter().any(|name| {
                name == "System.Array"
                    || name.ends_with("[]")
                    || name.starts_with("System.Collections.")
            })
    }
}
