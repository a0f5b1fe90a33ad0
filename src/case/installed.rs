//! Updates as lists show them with the day of their installation (`Get-HotFix`, `wmic qfe`), by machine and day.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::Case;
use super::change::is_update_of_windows;
use super::host::HostId;
use crate::evidence::{Certainty, Citation};
use crate::readers::events::Body;
use crate::readers::machine::{Fact, Installed};

/// The updates that a machine got on one day.
#[derive(Clone, Debug)]
pub struct ListedUpdates {
    /// The machine.
    pub host: HostId,
    /// From when to when it may have been at the most; `None` where the list leaves open which of two days it was.
    pub within: Option<(Timestamp, Timestamp, Certainty)>,
    /// The days that it may have been on, in UTC: from when to when at the most.
    pub between: (Timestamp, Timestamp),
    /// What is told of them.
    pub says: String,
    /// The lines of the list.
    pub from: Vec<Citation>,
}

/// The updates with a day. Those that an event tells are left out: it has their time.
pub(super) fn collect(case: &Case) -> Vec<ListedUpdates> {
    let told = told_by_events(case);
    let mut by_day: BTreeMap<(Installed, HostId), BTreeMap<&str, &Citation>> = BTreeMap::new();
    for (host, machine) in &case.machines {
        for fact in &machine.facts {
            let Fact::Update {
                kb,
                installed: Some(installed),
            } = &fact.fact
            else {
                continue;
            };
            // A list that names no machine is no ground for what happened on one.
            let known = !case.presumed.contains(&fact.from.artifact);
            if known && !told.contains(&(*host, kb.clone())) {
                let day = by_day.entry((*installed, *host)).or_default();
                day.entry(kb).or_insert(&fact.from);
            }
        }
    }
    let listed = by_day
        .into_iter()
        .filter_map(|((installed, host), updates)| {
            let (first, last) = match installed {
                Installed::On(day) => (day, day),
                Installed::Either(one, other) => (one.min(other), one.max(other)),
            };
            let (from, _, a) = case.clocks.day(Some(host), first)?;
            let (_, until, b) = case.clocks.day(Some(host), last)?;
            let when = match first == last {
                true => format!("on {first}"),
                false => format!(
                    "on {first} or on {last} (the list does not tell which number is the month)"
                ),
            };
            let names: Vec<&str> = updates.keys().copied().collect();
            Some(ListedUpdates {
                host,
                within: (first == last).then_some((from, until, a.max(b))),
                between: (from, until),
                says: format!("{} installed {when}, by the list of updates", shown(&names)),
                from: updates.into_values().take(SHOWN).cloned().collect(),
            })
        });
    listed.collect()
}

/// Updates of one day that are shown.
const SHOWN: usize = 4;

fn shown(names: &[&str]) -> String {
    let first = names.get(..SHOWN).unwrap_or(names).join(", ");
    match names.len().saturating_sub(SHOWN) {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

/// The updates whose installation events of a machine tell.
fn told_by_events(case: &Case) -> BTreeSet<(HostId, String)> {
    let mut told = BTreeSet::new();
    for event in &case.events {
        let Body::Other(fields) = &event.body else {
            continue;
        };
        let title = match &*event.provider {
            "Microsoft-Windows-Servicing" if is_update_of_windows(fields) => {
                fields.text("PackageIdentifier")
            }
            "Microsoft-Windows-WindowsUpdateClient" => fields.text("updateTitle"),
            _ => None,
        };
        let Some((title, host)) = title.zip(case.hosts.find(&event.computer)) else {
            continue;
        };
        let words = title.split(|c: char| !c.is_ascii_alphanumeric());
        let updates = words.filter(|word| word.starts_with("KB"));
        told.extend(updates.map(|kb| (host, kb.to_owned())));
    }
    told
}
