//! The same output twice, byte for byte. One copy counts where both are of one machine; but `whoami`, `netsh http` or
//! `reg query` print the same on many machines, and then each copy says something of its own.

use std::collections::{BTreeMap, BTreeSet};

use super::collections::{self, Collection};
use crate::bundle::Artifact;
use crate::case::Hosts;
use crate::evidence::ArtifactId;
use crate::readers::console::ConsoleRecords;

/// Leaves out what the same machine is said to have printed before, as far as paths and layouts tell machines.
pub(super) fn leave_out(
    consoles: &mut Vec<(ArtifactId, ConsoleRecords)>,
    artifacts: &[Artifact],
    collections: &[Collection],
    hosts: &Hosts,
) {
    let copied: BTreeSet<ArtifactId> = artifacts.iter().filter_map(|a| a.duplicate_of).collect();
    if copied.is_empty() {
        return;
    }
    let home = |artifact: &Artifact| {
        let collection = collections::innermost(&artifact.path, collections);
        (collection, hosts.in_path(&artifact.path))
    };
    let mut first: BTreeMap<_, ArtifactId> = BTreeMap::new();
    let mut placed = BTreeSet::new();
    let alike = |artifact: &Artifact| artifact.duplicate_of.unwrap_or(artifact.id);
    for artifact in artifacts.iter().filter(|a| copied.contains(&alike(a))) {
        let home = home(artifact);
        if home != (None, None) {
            placed.insert(alike(artifact));
        }
        first.entry((alike(artifact), home)).or_insert(artifact.id);
    }
    let counts: BTreeSet<ArtifactId> = first
        .into_iter()
        // A copy that lies nowhere says no more than one that has a place.
        .filter(|((content, home), _)| *home != (None, None) || !placed.contains(content))
        .map(|(_, id)| id)
        .collect();
    consoles.retain(|(id, _)| {
        let artifact = artifacts.get(id.0 as usize);
        artifact.is_none_or(|a| !copied.contains(&alike(a)) || counts.contains(id))
    });
}
