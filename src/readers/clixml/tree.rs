//! The values of an exported object.

use std::sync::Arc;

/// A value that was exported.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// `$null`, and what is a secret (`SecureString`).
    Null,
    /// A string, a number, a truth value, a date: as written, `_x000D_` and its like resolved.
    Text(String),
    /// Bytes, in base64.
    Bytes(String),
    /// An object.
    Object(Box<Object>),
    /// An object that was written before, by its [`Object::id`]; it may belong to an object that was handed out already.
    Again(u32),
}

/// An object that was exported.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object {
    /// The number that the file gives it.
    pub id: Option<u32>,
    /// The line it begins on, counted from 1.
    pub line: u32,
    /// Names of its types, the most specific one first, without the `Deserialized.` of an object exported twice.
    pub types: Arc<[String]>,
    /// What its `ToString` gave.
    pub shown: Option<String>,
    /// The plain value inside it (of an enumeration, of a string with properties of its own).
    pub plain: Option<String>,
    /// Its properties in the order of the file, those that were added to it last.
    pub properties: Vec<(String, Value)>,
    /// Its items, where it is a list.
    pub items: Vec<Value>,
    /// Its keys and values, where it is a dictionary.
    pub entries: Vec<(Value, Value)>,
}

impl Value {
    /// The value as text; of an object what its `ToString` gave, else the plain value inside it.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Object(object) => object.shown.as_deref().or(object.plain.as_deref()),
            Self::Null | Self::Bytes(_) | Self::Again(_) => None,
        }
    }

    /// The object, where it is one.
    pub fn object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The items of a list.
    pub fn items(&self) -> &[Value] {
        self.object().map_or(&[], |object| &object.items)
    }
}

impl Object {
    /// Whether one of its types has this name, with or without its name space; case does not matter.
    pub fn is(&self, name: &str) -> bool {
        self.types.iter().any(|of| {
            let short = of.rsplit('.').next().unwrap_or(of);
            of.eq_ignore_ascii_case(name) || short.eq_ignore_ascii_case(name)
        })
    }

    /// The property of this name; case does not matter.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.properties
            .iter()
            .find(|(of, _)| of.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// The property of this name as text that is not empty.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.text().filter(|text| !text.is_empty())
    }
}
