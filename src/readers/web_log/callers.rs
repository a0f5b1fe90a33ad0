//! The callers of one log that were ever refused, and what is known of them.
//!
//! A caller is an address with its user agent, and what a proxy says it forwards for: that tells callers apart and never
//! makes one of two. Those that are too many have no name.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::line::Line;
use super::records::Caller;
use super::table::{Key, Numbered};
use super::watch::{self, Slot, Watch};
use crate::readers::log_lines::kept;

/// After no more refusals than this, an answer as a named user makes them slips.
const SLIPS: usize = 2;
/// Callers that are told apart.
const CALLERS: usize = 20_000;

/// What is known of a caller beside its name.
#[derive(Debug, Default)]
struct Known {
    name: Name,
    signed_in: bool,
    /// Rows and times of refusals since the last answer to a named user.
    slips: Vec<(Key, i64)>,
}

impl Known {
    /// Whether an answer as a named user would say something new.
    fn is_watched(&self) -> bool {
        !self.signed_in || !self.slips.is_empty()
    }
}

/// A caller by the numbers of its texts: what is forwarded for, agent and address.
type Name = [usize; 3];

/// Callers by their numbers; 0 stands for those that have no name.
pub(super) struct Callers {
    /// Agents and addresses are much fewer than callers.
    texts: Numbered,
    numbers: HashMap<Name, usize, RandomState>,
    known: Vec<Known>,
    /// One caller for each number that the texts of callers make together, by this hash: one look instead of four.
    likely: HashMap<u64, usize, RandomState>,
    hash: RandomState,
    /// The caller met last, behind that number.
    last: (u64, usize),
    watch: Watch,
}

impl Default for Callers {
    fn default() -> Self {
        Self {
            texts: Numbered::new(CALLERS * 3),
            numbers: HashMap::default(),
            known: vec![Known::default()],
            likely: HashMap::default(),
            hash: RandomState::default(),
            last: (0, 0),
            watch: Watch::default(),
        }
    }
}

impl Callers {
    /// Whether nobody was refused so far.
    pub(super) fn is_empty(&self) -> bool {
        self.known.len() == 1
    }

    /// Whether an answer to a named user at the address that is counted there may say something new.
    pub(super) fn is_watched(&self, client: Slot) -> bool {
        self.watch.holds(client)
    }

    /// The number of a caller; only those that matter are numbered anew.
    pub(super) fn number(&mut self, line: &Line<'_>, matters: bool) -> Option<usize> {
        let forwarded = kept(line.forwarded.unwrap_or_default());
        let agent = kept(line.agent.unwrap_or_default());
        let client = kept(line.client);
        let texts = [&*forwarded, &*agent, &*client];
        let hash = self.hash.hash_one(texts);
        // An answer often follows its challenge.
        let likely = match self.last {
            (last, number) if last == hash => Some(number),
            _ => self.likely.get(&hash).copied(),
        };
        let known = match likely {
            Some(number) if self.is(number, texts) => likely,
            Some(_) => self.known(texts),
            None => None,
        };
        if known.is_some() || !matters {
            self.last = known.map_or(self.last, |number| (hash, number));
            return known;
        }
        if self.numbers.len() >= CALLERS {
            return Some(0);
        }
        let number = self.known.len();
        let name = texts.map(|text| self.texts.number(text));
        self.likely.entry(hash).or_insert(number);
        self.numbers.insert(name, number);
        self.known.push(Known {
            name,
            ..Known::default()
        });
        let client = watch::client(line.client.as_bytes());
        self.watch.add(watch::slot(client));
        self.last = (hash, number);
        Some(number)
    }

    fn known(&self, texts: [&str; 3]) -> Option<usize> {
        let [forwarded, agent, client] = texts.map(|text| self.texts.known(text));
        self.numbers.get(&[forwarded?, agent?, client?]).copied()
    }

    /// Whether a caller that has a name has these texts.
    fn is(&self, number: usize, texts: [&str; 3]) -> bool {
        let name = self.known.get(number).map(|known| known.name);
        name.filter(|name| !name.contains(&0)).is_some_and(|name| {
            let mut both = name.iter().zip(texts);
            both.all(|(number, text)| {
                self.texts
                    .get(*number)
                    .is_some_and(|known| **known == *text)
            })
        })
    }

    /// A caller was refused.
    pub(super) fn refuse(&mut self, caller: usize, row: Key, time: i64) {
        self.change(caller, |known| {
            if known.slips.len() <= SLIPS {
                known.slips.push((row, time));
            }
        });
    }

    /// A caller is answered as a named user: out come its last refusals, if they were few.
    pub(super) fn sign_in(&mut self, caller: usize) -> Vec<(Key, i64)> {
        let mut slips = Vec::new();
        self.change(caller, |known| {
            known.signed_in = caller != 0;
            slips = std::mem::take(&mut known.slips);
        });
        if slips.len() > SLIPS {
            slips.clear();
        }
        slips
    }

    fn change(&mut self, caller: usize, change: impl FnOnce(&mut Known)) {
        let Some(known) = self.known.get_mut(caller) else {
            return;
        };
        let before = known.is_watched();
        change(known);
        let after = known.is_watched();
        let client = known.name.last().copied();
        if before != after
            && let Some(client) = client.and_then(|client| self.texts.get(client))
        {
            let slot = watch::slot(watch::client(client.as_bytes()));
            match after {
                true => self.watch.add(slot),
                false => self.watch.drop(slot),
            }
        }
    }

    /// The caller of a number.
    pub(super) fn get(&self, number: usize) -> Caller {
        let known = self.known.get(number);
        let name = known.map(|known| known.name).unwrap_or_default();
        let text = |number| self.texts.get(number).map(Arc::clone).unwrap_or_default();
        let [forwarded, agent, client] = name.map(text);
        let filled = |text: Arc<str>| (!text.is_empty()).then_some(text);
        Caller {
            client,
            forwarded: filled(forwarded),
            agent: filled(agent),
            signed_in: known.is_some_and(|known| known.signed_in),
        }
    }
}
