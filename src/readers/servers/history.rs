//! The configuration history that IIS keeps: `CFGHISTORY_<10 digits>` folders, each a past applicationHost.config. Read in
//! their order, and before the live file, they are a time line of changes.
//!
//! The order is known and the times are not: what folders say about when they were written is lost in most bundles.

use std::collections::BTreeMap;

use super::{Placed, nearest};
use crate::evidence::{ArtifactId, Place, Problem};
use crate::readers::iis_config::SettingChange;

/// Changes kept between two generations: more is another file, and no edit.
const MAX_CHANGES: usize = 100;

/// One state of a configuration.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Generation {
    /// A generation of the history, by its number.
    Kept(u64),
    /// The file in force when the bundle was collected.
    Live,
}

/// A change between two states of one server's configuration. When it was made is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigChange {
    /// The state before.
    pub older: Generation,
    /// The state after.
    pub newer: Generation,
    /// The file of the state after.
    pub artifact: ArtifactId,
    /// What was changed.
    pub change: SettingChange,
}

/// The number of the generation that a path names, and what stands before it.
pub(super) fn generation(path: &str) -> Option<(String, u64)> {
    const FOLDER: &str = "cfghistory_";
    let path = path.to_lowercase();
    let at = path.rfind(FOLDER)?;
    let digits = path.get(at + FOLDER.len()..)?.get(..10)?;
    let number = digits
        .bytes()
        .all(|c| c.is_ascii_digit())
        .then(|| digits.parse().ok())??;
    Some((path.get(..at)?.to_owned(), number))
}

/// The changes of every history, oldest first.
pub(super) fn changes(
    generations: &[Placed<'_>],
    hosts: &[Placed<'_>],
    problems: &mut Vec<Problem>,
) -> Vec<ConfigChange> {
    let mut histories: BTreeMap<String, BTreeMap<u64, Placed<'_>>> = BTreeMap::new();
    for one in generations {
        let Some((around, number)) = generation(one.path) else {
            continue;
        };
        if !one.file.is_complete_application_host() {
            let says = "this generation of the configuration history is cut or broken; it is left out of the time line";
            problems.push(Problem::new(one.id, Place::Whole, says));
            continue;
        }
        histories.entry(around).or_default().insert(number, *one);
    }
    let mut found = Vec::new();
    for (around, generations) in histories {
        let mut line: Vec<(Generation, Placed<'_>)> = generations
            .into_iter()
            .map(|(number, one)| (Generation::Kept(number), one))
            .collect();
        // The live file of the same server: with several servers, the one that stands nearest.
        let live = nearest(&around, hosts)
            .and_then(|id| hosts.iter().find(|one| one.id == id))
            .filter(|one| one.file.is_complete_application_host());
        line.extend(live.map(|one| (Generation::Live, *one)));
        for (older, newer) in line.iter().zip(line.iter().skip(1)) {
            let changed = SettingChange::between(older.1.file, newer.1.file);
            if changed.len() > MAX_CHANGES {
                let says = "differs from the state before it in more settings than an edit changes; they are not listed";
                problems.push(Problem::new(newer.1.id, Place::Whole, says));
                continue;
            }
            found.extend(changed.into_iter().map(|change| ConfigChange {
                older: older.0.clone(),
                newer: newer.0.clone(),
                artifact: newer.1.id,
                change,
            }));
        }
    }
    found
}
