//! Names that many records have in common (providers, channels, machines), each kept once and told by its number.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use crate::readers::events::{Ids, Selection};

/// The number of a name in its [`Names`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Name(u32);

/// The names met. Number 0 is the empty one.
pub(super) struct Names<'s> {
    selection: &'s Selection,
    list: Vec<(Arc<str>, Ids)>,
    /// Only asked for single names, so its order does not matter.
    numbers: HashMap<Arc<str>, Name>,
}

impl<'s> Names<'s> {
    pub(super) fn new(selection: &'s Selection) -> Self {
        let mut names = Self {
            selection,
            list: Vec::new(),
            numbers: HashMap::new(),
        };
        names.number("");
        names
    }

    pub(super) fn number(&mut self, text: &str) -> Name {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let text: Arc<str> = text.into();
        let number = Name(u32::try_from(self.list.len()).unwrap_or(u32::MAX));
        self.list
            .push((text.clone(), self.selection.of_provider(&text)));
        self.numbers.insert(text, number);
        number
    }

    pub(super) fn text(&self, name: Name) -> Arc<str> {
        let found = self.list.get(name.0 as usize);
        found.map_or_else(Arc::default, |(text, _)| text.clone())
    }

    /// Whether an event of this provider and id is wanted.
    pub(super) fn wants(&self, provider: Name, id: u32) -> bool {
        let found = self.list.get(provider.0 as usize);
        found.is_some_and(|(_, ids)| ids.contain(id))
    }
}

/// The last value that stood at one place of a template, with its number: the next record nearly always brings the same.
#[derive(Debug, Default)]
pub(super) struct Recent(RefCell<(Vec<u8>, Name)>);

impl Recent {
    /// The number of the value with these bytes, looked up only where they are others than last time.
    pub(super) fn number(&self, bytes: &[u8], look_up: impl FnOnce() -> Name) -> Name {
        let mut recent = self.0.borrow_mut();
        if recent.0 != bytes {
            recent.1 = look_up();
            recent.0.clear();
            recent.0.extend_from_slice(bytes);
        }
        recent.1
    }
}
