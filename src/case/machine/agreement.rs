//! Which values of two dumps can both be true: tools differ in how they show the same.

use std::collections::BTreeSet;

use super::Channel;
use crate::readers::registry::Setting;

/// A value that two dumps may show.
pub(super) trait Dumped: Sized {
    /// Whether both can be true at once.
    fn agrees(&self, other: &Self) -> bool;

    /// False for a list that was cut.
    fn is_complete(&self) -> bool {
        true
    }
}

impl<T: Dumped> Dumped for Option<T> {
    fn agrees(&self, other: &Self) -> bool {
        match (self, other) {
            (Some(one), Some(other)) => one.agrees(other),
            (one, other) => one.is_none() == other.is_none(),
        }
    }

    fn is_complete(&self) -> bool {
        self.as_ref().is_none_or(T::is_complete)
    }
}

impl Dumped for Setting {
    /// Tools differ in how they show a value: PowerShell shows text that is a number as one.
    fn agrees(&self, other: &Self) -> bool {
        let entries = |setting: &Self| -> BTreeSet<String> {
            match setting {
                Self::Number(number) => BTreeSet::from([number.to_string()]),
                Self::Text(text) => BTreeSet::from([text.to_lowercase()]),
                Self::List { entries, .. } => entries.iter().map(|e| e.to_lowercase()).collect(),
            }
        };
        let (one, other_one) = (entries(self), entries(other));
        match (self.is_complete(), other.is_complete()) {
            (true, true) => one == other_one,
            (false, true) => one.is_subset(&other_one),
            (true, false) => other_one.is_subset(&one),
            (false, false) => true,
        }
    }

    fn is_complete(&self) -> bool {
        !matches!(
            self,
            Self::List {
                complete: false,
                ..
            }
        )
    }
}

/// Holders of a right.
impl Dumped for Vec<String> {
    /// One tool shows a SID where another shows a name.
    fn agrees(&self, other: &Self) -> bool {
        let all = |holders: &Self| -> BTreeSet<String> {
            holders.iter().map(|h| h.to_lowercase()).collect()
        };
        let (one, other) = (all(self), all(other));
        let only_one: Vec<_> = one.difference(&other).collect();
        let only_other: Vec<_> = other.difference(&one).collect();
        let sids = |holders: &[&String]| holders.iter().filter(|h| h.starts_with("s-1-")).count();
        let rest = only_one.len();
        only_other.len() == rest
            && matches!((sids(&only_one), sids(&only_other)), (some, 0) | (0, some) if some == rest)
    }
}

impl Dumped for (bool, bool) {
    fn agrees(&self, other: &Self) -> bool {
        self == other
    }
}

impl Dumped for Channel {
    fn agrees(&self, other: &Self) -> bool {
        (*self == Channel::Works) == (*other == Channel::Works)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_ways_to_show_a_value_do_not_contradict_each_other() {
        let list = |entries: &[&str], complete| Setting::List {
            entries: entries.iter().map(|e| (*e).to_owned()).collect(),
            complete,
        };
        let whole = list(&["a", "B", "c"], true);
        assert!(whole.agrees(&list(&["c", "b", "A"], true)));
        assert!(whole.agrees(&list(&["a", "b"], false)));
        assert!(!whole.agrees(&list(&["a", "b"], true)));
        assert!(!whole.agrees(&list(&["x"], false)));
        assert!(Setting::Number(1).agrees(&Setting::Text("1".into())));
        let holders = |all: &[&str]| all.iter().map(|h| (*h).to_owned()).collect::<Vec<_>>();
        let sids = holders(&["S-1-5-11", "S-1-5-21-1-2-3-1104"]);
        assert!(sids.agrees(&holders(&["CORP\\svc_web", "S-1-5-11"])));
        assert!(!sids.agrees(&holders(&["S-1-5-11", "S-1-5-21-1-2-3-1105"])));
        assert!(!sids.agrees(&holders(&["S-1-5-11"])));
    }
}
