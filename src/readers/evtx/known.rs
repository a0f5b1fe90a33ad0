//! What the chunks of a log have in common: the same names, and the same definitions written anew in each of them.
//!
//! A chunk has its own copy of every definition it uses. One that is token for token what an earlier chunk had need not be
//! understood again: it is walked and compared, and nothing is allocated. Its GUID alone would not do, since a crafted
//! file could give one GUID to two definitions.

use std::rc::Rc;

use super::cursor::{Broken, Cursor};
use super::json::Issuer;
use super::names::Names;
use super::template::{Fuel, Template};
use super::tokens::{Dialect, Token};
use crate::readers::events::{Clock, Inside, Selection};

/// Definitions that are kept; real logs have fewer than a hundred.
const KEPT: usize = 256;

/// What was met before in the same log.
pub(super) struct Known<'s> {
    pub(super) names: Names<'s>,
    pub(super) clock: Clock,
    pub(super) issuer: Issuer,
    definitions: Vec<Definition>,
}

struct Definition {
    guid: [u8; 16],
    inside: Option<Inside>,
    tokens: Vec<Token<Box<[u8]>>>,
    template: Rc<Template>,
}

impl<'s> Known<'s> {
    pub(super) fn new(selection: &'s Selection) -> Self {
        Self {
            names: Names::new(selection),
            clock: Clock::default(),
            issuer: Issuer::default(),
            definitions: Vec::new(),
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
        let mut alike = self.definitions.iter();
        let alike = alike.find(|known| {
            known.guid == guid && known.inside == inside && known.is_at(cursor.clone(), fuel)
        });
        if let Some(known) = alike {
            return Ok(known.template.clone());
        }
        let mut tokens = Vec::new();
        let template = Template::read(
            cursor,
            Dialect::Definition,
            inside,
            fuel,
            &mut self.names,
            |token| {
                tokens.push(token.owned());
            },
        )?;
        let template = Rc::new(template);
        if self.definitions.len() < KEPT {
            self.definitions.push(Definition {
                guid,
                inside,
                tokens,
                template: template.clone(),
            });
        }
        Ok(template)
    }
}

impl Definition {
    fn is_at(&self, mut cursor: Cursor<'_>, fuel: &Fuel) -> bool {
        self.tokens.iter().all(|known| {
            let token = Token::read(&mut cursor, Dialect::Definition);
            fuel.burn(1).is_ok() && token.is_ok_and(|token| token.is(known))
        })
    }
}
