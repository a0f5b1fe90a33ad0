//! The bytes of a definition, as they are in every chunk that has it.
//!
//! A chunk has its own copy of every definition it uses. The copies differ in two things only: in the sizes of their elements,
//! and in whether a name stands in them or is one that stood in the chunk before.

use std::ops::Range;

use super::cursor::{Broken, Cursor};
use super::tokens::{Dialect, Token};

/// A definition to compare others with.
#[derive(Debug, Default)]
pub(super) struct Pattern {
    steps: Vec<Step>,
    /// What is the same in all copies.
    bytes: Vec<u8>,
    names: Vec<Name>,
    /// What reading it costs.
    pub(super) cost: usize,
}

#[derive(Debug)]
enum Step {
    /// These of the bytes.
    Same(Range<usize>),
    /// As many bytes that may differ.
    Other(usize),
    /// A reference to one of the names.
    Name(usize),
}

#[derive(Debug)]
struct Name {
    utf16: Box<[u8]>,
    /// Where it was found in the chunk at hand.
    at: Option<u32>,
}

impl Pattern {
    /// Of the definition at the cursor. `None` where it has tokens that definitions do not have.
    pub(super) fn of(mut cursor: Cursor<'_>) -> Option<Self> {
        let mut pattern = Self::default();
        loop {
            let mut raw = cursor.clone();
            let token = Token::read(&mut cursor, Dialect::Definition).ok()?;
            pattern.cost += token.cost();
            let kind = raw.peek()?;
            match token {
                Token::Open(name) => {
                    pattern.same(raw.take(1).ok()?);
                    // Dependency, size of the element.
                    pattern.steps.push(Step::Other(6));
                    pattern.name(name);
                    if kind & 0x40 != 0 {
                        // Size of the attributes.
                        pattern.steps.push(Step::Other(4));
                    }
                }
                Token::Attribute(name) | Token::Entity(name) => {
                    pattern.same(raw.take(1).ok()?);
                    pattern.name(name);
                }
                // It names its target, which nobody wants to know.
                Token::Nothing if kind & !0x40 == 0x0a => return None,
                _ => pattern.same(raw.take(cursor.at() - raw.at()).ok()?),
            }
            if token == Token::End {
                return Some(pattern);
            }
        }
    }

    fn same(&mut self, bytes: &[u8]) {
        let mut start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        if let Some(Step::Same(before)) = self.steps.last() {
            start = before.start;
            self.steps.pop();
        }
        self.steps.push(Step::Same(start..self.bytes.len()));
    }

    fn name(&mut self, utf16: &[u8]) {
        let met = self.names.iter().position(|name| *name.utf16 == *utf16);
        self.steps.push(Step::Name(met.unwrap_or(self.names.len())));
        if met.is_none() {
            self.names.push(Name {
                utf16: utf16.into(),
                at: None,
            });
        }
    }

    /// Whether the definition at the cursor is this one: reading it would find the same tokens.
    pub(super) fn is_at(&mut self, mut cursor: Cursor<'_>) -> bool {
        for name in &mut self.names {
            name.at = None;
        }
        self.compare(&mut cursor).is_ok_and(|same| same)
    }

    fn compare(&mut self, cursor: &mut Cursor<'_>) -> Result<bool, Broken> {
        for step in &self.steps {
            match step {
                Step::Same(bytes) => {
                    if self.bytes.get(bytes.clone()) != Some(cursor.take(bytes.len())?) {
                        return Ok(false);
                    }
                }
                Step::Other(bytes) => {
                    cursor.take(*bytes)?;
                }
                Step::Name(number) => {
                    let Some(name) = self.names.get_mut(*number) else {
                        return Ok(false);
                    };
                    let offset = cursor.u32()?;
                    if name.at == Some(offset) && cursor.at() != offset as usize {
                        continue;
                    }
                    if cursor.name_at(offset)? != &*name.utf16 {
                        return Ok(false);
                    }
                    name.at = Some(offset);
                }
            }
        }
        Ok(true)
    }
}
