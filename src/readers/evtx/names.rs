//! Names that many records have in common (providers, channels, machines), each kept once and told by its number.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::Arc;

use super::record::Head;
use crate::readers::events::{Ids, Selection, quoted};

/// The number of a name in its [`Names`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Name(u32);

/// The names met. Number 0 is the empty one.
pub(super) struct Names<'s> {
    selection: &'s Selection,
    /// Bit n is set where events with id n may be wanted of some provider.
    some: Vec<u64>,
    list: Vec<Met>,
    /// Only asked for single names, so its order does not matter.
    numbers: HashMap<Arc<str>, Name>,
}

struct Met {
    text: Arc<str>,
    /// As JSON.
    quoted: Vec<u8>,
    /// What is wanted of it, where it is a provider.
    ids: Ids,
    /// Whether its events are wanted, where it is a machine.
    is_host: bool,
}

impl<'s> Names<'s> {
    pub(super) fn new(selection: &'s Selection) -> Self {
        let mut names = Self {
            selection,
            some: bits(&selection.of_any_provider()),
            list: Vec::new(),
            numbers: HashMap::new(),
        };
        names.number("");
        names
    }

    pub(super) fn count(&self) -> usize {
        self.list.len()
    }

    pub(super) fn selection(&self) -> &'s Selection {
        self.selection
    }

    pub(super) fn number(&mut self, text: &str) -> Name {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let text: Arc<str> = text.into();
        let number = Name(u32::try_from(self.list.len()).unwrap_or(u32::MAX));
        self.list.push(Met {
            text: text.clone(),
            quoted: quoted(&text),
            ids: self.selection.of_provider(&text),
            is_host: self.selection.has_host(&text),
        });
        self.numbers.insert(text, number);
        number
    }

    pub(super) fn text(&self, name: Name) -> Arc<str> {
        self.met(name)
            .map_or_else(Arc::default, |met| met.text.clone())
    }

    /// The name as JSON.
    pub(super) fn quoted(&self, name: Name) -> &[u8] {
        self.met(name).map_or(b"\"\"", |met| &met.quoted)
    }

    /// False where no provider's event with this id is wanted.
    pub(super) fn may_want(&self, id: u32) -> bool {
        self.some
            .get(id as usize / 64)
            .is_none_or(|word| word >> (id % 64) & 1 == 1)
    }

    /// Whether an event is wanted.
    pub(super) fn wants(&self, head: &Head) -> bool {
        // Most records have an id that nobody wants, which the bits say at once.
        self.may_want(head.id)
            && (self.met(head.provider)).is_some_and(|met| met.ids.contain(head.id))
            && self.met(head.computer).is_some_and(|met| met.is_host)
            && self.selection.has_time(head.time)
    }

    fn met(&self, name: Name) -> Option<&Met> {
        self.list.get(name.0 as usize)
    }
}

/// Ids as bits; all set where all are wanted.
fn bits(ids: &Ids) -> Vec<u64> {
    let Ids::These(ids) = ids else {
        return Vec::new();
    };
    let mut words = vec![0; (1 << 16) / 64];
    for id in ids {
        if let Some(word) = words.get_mut(*id as usize / 64) {
            *word |= 1 << (id % 64);
        }
    }
    words
}

/// The last value that stood at one place of a template, with its number: the next record nearly always brings the same.
#[derive(Debug, Default)]
pub(super) struct Recent(RefCell<(Vec<u8>, Name)>);

impl Recent {
    /// The number of the last value, where it has these bytes.
    pub(super) fn same(&self, bytes: &[u8]) -> Option<Name> {
        let recent = self.0.borrow();
        (recent.0 == bytes).then_some(recent.1)
    }

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
