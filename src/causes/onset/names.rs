//! Whether the names of a computer's account, as an event shows them after a change (4742), are what began the failures that a
//! finding is about.

use crate::case::Spn;
use crate::readers::events::{AccountChanged, Body, Event};

use super::Asked;

/// Causes that begin where a name is taken from an account, and those that begin where it is put on one.
const TAKEN: [&str; 3] = ["SPN-01", "SPN-10", "SPN-11"];
const PUT: [&str; 3] = ["SPN-02", "SPN-03", "SPN-15"];

/// Whether a name that was put on an account, or taken from it, is of the kind that begins the finding's cause.
pub(super) fn fits(asked: &Asked<'_>, put: Option<bool>) -> bool {
    match put {
        Some(true) => !TAKEN.contains(&asked.cause),
        Some(false) => !PUT.contains(&asked.cause),
        None => true,
    }
}

/// Whether the name that the finding is about came to the account or was taken from it: what an earlier event shows of the same
/// account differs.
pub(super) fn began(asked: &Asked<'_>, event: &Event) -> bool {
    let (Some(spn), Body::AccountChanged(change)) = (&asked.subject().spn, &event.body) else {
        return false;
    };
    if asked.group != "SPN" || change.spns.is_empty() {
        return false;
    }
    let key = Spn::new(spn).key();
    let has = |change: &AccountChanged| change.spns.iter().any(|of| Spn::new(of).key() == key);
    let events = &asked.case.events;
    let before = events.partition_point(|other| other.time < event.time);
    let before = events.get(..before).unwrap_or_default().iter();
    let last = before.rev().find_map(|other| match &other.body {
        Body::AccountChanged(other) if !other.spns.is_empty() => {
            (other.target == change.target).then_some(other)
        }
        _ => None,
    });
    last.is_some_and(|last| has(last) != has(change) && fits(asked, Some(has(change))))
}
