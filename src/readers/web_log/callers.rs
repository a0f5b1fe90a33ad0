//! The callers of one log that were ever refused, and what is known of them.
//!
//! A caller is an address with its user agent, and what a proxy says it forwards for: that tells callers apart and never
//! makes one of two. Those that are too many have no name.

use std::sync::Arc;

use super::line::Line;
use super::records::Caller;
use super::table::{Key, Numbered};
use super::watch::{self, Watch};
use crate::readers::log_lines::kept;

/// After no more refusals than this, an answer as a named user makes them slips.
const SLIPS: usize = 2;
/// Callers that are told apart.
const CALLERS: usize = 20_000;

/// What is known of a caller beside its name.
#[derive(Debug, Default)]
struct Known {
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

/// Callers by their numbers; 0 stands for those that have no name.
pub(super) struct Callers {
    /// What is forwarded for, agent and address; only the last may hold blanks.
    names: Numbered,
    known: Vec<Known>,
    watch: Watch,
    /// A name under construction.
    name: String,
}

impl Default for Callers {
    fn default() -> Self {
        Self {
            names: Numbered::new(CALLERS),
            known: vec![Known::default()],
            watch: Watch::default(),
            name: String::new(),
        }
    }
}

impl Callers {
    /// Whether nobody was refused so far.
    pub(super) fn is_empty(&self) -> bool {
        self.known.len() == 1
    }

    /// Whether an answer to a named user at the address of this number may say something new.
    pub(super) fn is_watched(&self, client: u64) -> bool {
        self.watch.holds(client)
    }

    /// The number of a caller; only those that matter are numbered anew.
    pub(super) fn number(&mut self, line: &Line<'_>, matters: bool) -> Option<usize> {
        self.name.clear();
        for value in [line.forwarded, line.agent] {
            self.name.push_str(&kept(value.unwrap_or_default()));
            self.name.push(' ');
        }
        self.name.push_str(&kept(line.client));
        let known = self.names.known(&self.name);
        if known.is_some() || !matters {
            return known;
        }
        let number = self.names.number(&self.name);
        if number != 0 {
            self.known.push(Known::default());
            self.watch.add(watch::client(line.client.as_bytes()));
        }
        Some(number)
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
        if before != after {
            let (client, _) = self.named(caller);
            let number = watch::client(client.as_bytes());
            if after {
                self.watch.add(number);
            } else {
                self.watch.drop(number);
            }
        }
    }

    /// Address, and what is forwarded for and the agent.
    fn named(&self, number: usize) -> (&str, [&str; 2]) {
        let mut parts = self
            .names
            .get(number)
            .map_or("", |name| &**name)
            .splitn(3, ' ');
        let (forwarded, agent) = (parts.next(), parts.next());
        let beside = [forwarded.unwrap_or_default(), agent.unwrap_or_default()];
        (parts.next().unwrap_or_default(), beside)
    }

    /// The caller of a number.
    pub(super) fn get(&self, number: usize) -> Caller {
        let (client, [forwarded, agent]) = self.named(number);
        let filled = |value: &str| (!value.is_empty()).then(|| Arc::from(value));
        Caller {
            client: Arc::from(client),
            forwarded: filled(forwarded),
            agent: filled(agent),
            signed_in: self.known.get(number).is_some_and(|k| k.signed_in),
        }
    }
}
