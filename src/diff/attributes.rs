//! What both bundles say of settings, registrations, accounts and policies, put side by side.

use std::collections::BTreeMap;

use super::pairs::Pairs;
use super::{Side, directory, registrations, registry, settings};
use crate::evidence::{Citation, Known};
use crate::report::model::{AttributeChange, AttributeFate, AttributeKind, PlacedValue};

/// Places that are named for a value.
const PLACES: usize = 2;

/// One attribute of one thing in both bundles.
pub(super) struct Attribute {
    /// What sort of thing has it.
    pub kind: AttributeKind,
    /// What has it.
    pub subject: String,
    /// Its name.
    pub name: String,
    /// In BEFORE; a default of the IIS schema has no place.
    pub before: Known<String>,
    /// In AFTER.
    pub after: Known<String>,
}

impl Attribute {
    /// What became of it, where it did not stay as it was.
    pub(super) fn fate(&self) -> Option<AttributeFate> {
        match (&self.before, &self.after) {
            (Known::Present(a), Known::Present(b)) => {
                let same = a.value.eq_ignore_ascii_case(&b.value);
                (!same).then_some(AttributeFate::Changed)
            }
            (Known::Absent(_), Known::Present(_)) => Some(AttributeFate::Added),
            (Known::Present(_), Known::Absent(_)) => Some(AttributeFate::Removed),
            (Known::Present(_), Known::Unknown) => Some(AttributeFate::NotKnownInAfter),
            (Known::Unknown, Known::Present(_)) => Some(AttributeFate::NotKnownInBefore),
            // What neither shows to be there is no change.
            (Known::Absent(_) | Known::Unknown, _) => None,
        }
    }

    /// Whether both bundles know it, and it is not the same.
    pub(super) fn has_changed(&self) -> bool {
        use AttributeFate as F;
        matches!(self.fate(), Some(F::Changed | F::Added | F::Removed))
    }

    /// Whether BEFORE shows it at one of these places.
    pub(super) fn stands_at(&self, places: &[&Citation]) -> bool {
        let from: &[Citation] = match &self.before {
            Known::Present(cited) => &cited.from,
            Known::Absent(from) => from,
            Known::Unknown => &[],
        };
        from.iter().any(|citation| places.contains(&citation))
    }

    /// The change in one sentence.
    pub(super) fn says(&self) -> String {
        let value = |known: &Known<String>| match known {
            Known::Present(cited) => cited.value.clone(),
            Known::Absent(_) => "not there".to_owned(),
            Known::Unknown => "not known".to_owned(),
        };
        let (before, after) = (value(&self.before), value(&self.after));
        match self.kind {
            AttributeKind::Registration => {
                let done = match self.after {
                    Known::Present(_) => "was registered on",
                    _ => "was taken from",
                };
                format!("{} {done} {}", self.name, self.subject)
            }
            _ => format!("{} of {}: {before} → {after}", self.name, self.subject),
        }
    }
}

/// All that both bundles can be compared by.
pub(super) fn collect(
    before: &mut Side<'_>,
    after: &mut Side<'_>,
    pairs: &Pairs,
) -> Vec<Attribute> {
    let mut all = settings::collect(&before.case, &after.case, pairs);
    all.extend(registrations::collect(&mut before.case, &mut after.case));
    all.extend(directory::collect(before, after));
    all.extend(registry::collect(&before.case, &after.case));
    all
}

/// Those that did not stay as they were; what changes alike at several subjects is one change.
pub(super) fn changes(
    before: &Side<'_>,
    after: &Side<'_>,
    attributes: Vec<Attribute>,
) -> Vec<AttributeChange> {
    let mut changes: Vec<AttributeChange> = Vec::new();
    let mut known: BTreeMap<String, usize> = BTreeMap::new();
    for attribute in attributes {
        let Some(fate) = attribute.fate() else {
            continue;
        };
        let change = AttributeChange {
            kind: attribute.kind,
            subjects: vec![attribute.subject],
            attribute: attribute.name,
            change: fate,
            before: placed(before, &attribute.before),
            after: placed(after, &attribute.after),
        };
        let key = format!(
            "{:?}{:?}{}{:?}{:?}",
            change.kind, change.change, change.attribute, change.before, change.after
        );
        let is_setting = change.kind == AttributeKind::Setting;
        let alike = known.get(&key).filter(|_| is_setting);
        match alike.and_then(|index| changes.get_mut(*index)) {
            Some(alike) => alike.subjects.extend(change.subjects),
            None => {
                known.insert(key, changes.len());
                changes.push(change);
            }
        }
    }
    changes.sort_by_key(|change| (order(change.change), change.kind));
    changes
}

/// What changed first, then what only one bundle knows.
fn order(fate: AttributeFate) -> u8 {
    match fate {
        AttributeFate::Changed | AttributeFate::Added | AttributeFate::Removed => 0,
        AttributeFate::NotKnownInAfter => 1,
        AttributeFate::NotKnownInBefore => 2,
    }
}

fn placed(side: &Side<'_>, known: &Known<String>) -> Option<PlacedValue> {
    let (value, from) = match known {
        Known::Present(cited) if cited.from.is_empty() => {
            (format!("{} (default)", cited.value), Vec::new())
        }
        Known::Present(cited) => (cited.value.clone(), cited.from.clone()),
        Known::Absent(from) => ("not there".to_owned(), from.clone()),
        Known::Unknown => return None,
    };
    let from = from.iter().take(PLACES).map(|at| side.place(at)).collect();
    Some(PlacedValue { value, from })
}
