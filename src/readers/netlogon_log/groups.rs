//! What is counted together, under a name each.

use std::borrow::Cow;
use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::line::LogTime;
use crate::evidence::Citation;

/// Groups that are told apart; a log of more has them counted under no name.
pub(super) const GROUPS: usize = 1 << 14;

/// What a group has in common; ordered as groups are listed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Key<'l> {
    /// The user, or the domain at the other end.
    pub(super) whose: Option<Cow<'l, str>>,
    /// The workstation, or the function that failed.
    pub(super) what: Cow<'l, str>,
    pub(super) via: Option<Cow<'l, str>>,
    pub(super) status: u32,
}

/// Count, first and last time, citation.
pub(super) struct Group {
    pub(super) count: u64,
    pub(super) span: (LogTime, LogTime),
    pub(super) from: Citation,
}

/// Groups by what they have in common.
#[derive(Default)]
pub(super) struct Groups {
    numbers: HashMap<Key<'static>, usize, RandomState>,
    list: Vec<Group>,
}

impl Key<'_> {
    fn kept(&self) -> Key<'static> {
        let own = |text: &Cow<'_, str>| Cow::Owned(text.to_string());
        Key {
            whose: self.whose.as_ref().map(own),
            what: own(&self.what),
            via: self.via.as_ref().map(own),
            status: self.status,
        }
    }
}

impl Groups {
    /// False where there are too many groups for another one.
    pub(super) fn count(
        &mut self,
        key: &Key<'_>,
        time: LogTime,
        cite: impl FnOnce() -> Citation,
    ) -> bool {
        let number = self.numbers.get(key).copied();
        if let Some(group) = number.and_then(|number| self.list.get_mut(number)) {
            group.count = group.count.saturating_add(1);
            group.span.1 = time;
            return true;
        }
        let room = self.list.len() < GROUPS;
        if room {
            self.numbers.insert(key.kept(), self.list.len());
            self.list.push(Group {
                count: 1,
                span: (time, time),
                from: cite(),
            });
        }
        room
    }

    pub(super) fn sorted(self) -> impl Iterator<Item = (Key<'static>, Group)> {
        let mut keys: Vec<(usize, Key<'static>)> = self
            .numbers
            .into_iter()
            .map(|(key, number)| (number, key))
            .collect();
        keys.sort_unstable();
        let mut groups: Vec<(Key<'static>, Group)> = keys
            .into_iter()
            .map(|(_, key)| key)
            .zip(self.list)
            .collect();
        groups.sort_by(|(a, _), (b, _)| a.cmp(b));
        groups.into_iter()
    }
}
