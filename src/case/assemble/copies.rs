//! Copies that say nothing new: files with the same bytes, and logs of which one is the start of another.
//!
//! Of one machine they count once, the longest of them. In the folders of two machines the same bytes are a fact about
//! each, and a copy that nothing gives to a machine is that of one of them.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::collections::{self, Collection};
use crate::bundle::Artifact;
use crate::case::Hosts;
use crate::evidence::{ArtifactId, Place, Problem};
use crate::readers::Readings;

/// Leaves out what copies say again.
pub(super) fn leave_out(
    readings: &mut Readings,
    artifacts: &[Artifact],
    collections: &[Collection],
    hosts: &Hosts,
) {
    let copies = repeated(artifacts, collections, hosts);
    let counts = |id: &ArtifactId| !copies.contains(id);
    readings.consoles.retain(|(id, _)| counts(id));
    readings.logs.retain(|(id, _)| counts(id));
    readings.web_logs.retain(|(id, _)| counts(id));
    readings.http_errs.retain(|(id, _)| counts(id));
    readings.netlogon_logs.retain(|(id, _)| counts(id));
    let of_a_copy = |p: &Problem| p.place != Place::Whole && !counts(&p.artifact);
    readings.problems.retain(|problem| !of_a_copy(problem));
    let get = |id: ArtifactId| artifacts.get(id.0 as usize);
    for copy in copies.iter().filter_map(|id| get(*id)) {
        if let Some(longer) = copy.start_of.and_then(get) {
            let says = format!(
                "is the start of {}; the longest copy of a log counts",
                longer.path
            );
            let remark = Problem::remark(copy.id, Place::Whole, says);
            readings.problems.push(remark);
        }
    }
    readings.problems.sort();
}

/// The artifacts that do not count, because another one says all they say.
fn repeated(
    artifacts: &[Artifact],
    collections: &[Collection],
    hosts: &Hosts,
) -> BTreeSet<ArtifactId> {
    let mut groups: BTreeMap<ArtifactId, Vec<&Artifact>> = BTreeMap::new();
    for artifact in artifacts {
        let first = artifact.duplicate_of.unwrap_or(artifact.id);
        let longest = artifacts.get(first.0 as usize).and_then(|a| a.start_of);
        groups
            .entry(longest.unwrap_or(first))
            .or_default()
            .push(artifact);
    }
    groups.retain(|_, copies| copies.len() > 1);
    let mut repeated = BTreeSet::new();
    for (longest, copies) in groups {
        let mut copies: Vec<_> = copies
            .into_iter()
            .map(|copy| (copy, collections::owner(&copy.path, collections, hosts)))
            .collect();
        copies.sort_by_key(|(copy, owner)| {
            let whole = copy.id == longest || copy.duplicate_of == Some(longest);
            (!whole, Reverse(copy.bytes), owner.is_none(), copy.id)
        });
        let owners: BTreeSet<_> = copies.iter().filter_map(|(_, owner)| *owner).collect();
        let mut counted = BTreeSet::new();
        for (copy, owner) in copies {
            // Where there is one owner only, all copies are its own.
            let one = owners.len() < 2;
            if !(one || owner.is_some()) || !counted.insert(owner.filter(|_| !one)) {
                repeated.insert(copy.id);
            }
        }
    }
    repeated
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bundle::{Content, Kind};
    use crate::case::Accounts;
    use std::sync::Arc;

    /// The paths that count; each file is given as its path and what it is: a number for its bytes, from which on lower
    /// ones are its starts.
    fn counted<'a>(files: &[(&'a str, u64)], machines: &[&str]) -> Vec<&'a str> {
        let longest = files.iter().map(|(_, bytes)| *bytes).max().unwrap();
        let first = |of: u64| {
            let at = files.iter().position(|(_, bytes)| *bytes == of).unwrap();
            ArtifactId(u32::try_from(at).unwrap())
        };
        let artifacts: Vec<Artifact> = (0u32..)
            .map(ArtifactId)
            .zip(files)
            .map(|(id, (path, bytes))| Artifact {
                id,
                path: (*path).to_owned(),
                content: Content::Memory(Arc::from([])),
                bytes: *bytes,
                kind: Kind::WebLog,
                duplicate_of: Some(first(*bytes)).filter(|first| *first != id),
                start_of: (path.ends_with(".log") && *bytes < longest && first(*bytes) == id)
                    .then(|| first(longest)),
            })
            .collect();
        let (mut hosts, mut accounts) = (Hosts::default(), Accounts::default());
        for machine in machines {
            hosts.named(machine, &mut accounts);
        }
        let collections = collections::find(&artifacts);
        collections::name_hosts(&collections, &mut hosts, &mut accounts);
        let repeated = repeated(&artifacts, &collections, &hosts);
        let left = artifacts.iter().zip(files);
        left.filter(|(a, _)| !repeated.contains(&a.id))
            .map(|(_, (path, _))| *path)
            .collect()
    }

    #[test]
    fn the_same_bytes_of_two_machines_are_two_facts() {
        let files = [
            ("TSS_WEB01_260301-080000_x/x.log", 9),
            ("TSS_WEB02_260301-080000_x/x.log", 9),
            ("TSS_WEB01_260302-080000_x/x.log", 9),
            ("TSS_WEB02_260302-080000_x/x.log", 9),
            ("mail/x.log", 9),
        ];
        let paths = files.map(|(path, _)| path);
        assert_eq!(counted(&files, &[]), paths[..2]);
        assert_eq!(counted(&files[3..], &[]), [paths[3]], "in a mail again");
        assert_eq!(
            counted(&[("a/x.log", 9), ("WEB01/x.log", 9)], &["WEB01"]),
            ["WEB01/x.log"]
        );
        assert_eq!(counted(&[("a/x.log", 9), ("b/x.log", 9)], &[]), ["a/x.log"]);
        let unnamed = [
            ("a/x.log", 9),
            ("a/LogsInfo.CSV", 1),
            ("b/x.log", 9),
            ("b/LogsInfo.CSV", 2),
        ];
        assert_eq!(
            counted(&unnamed, &[]).len(),
            unnamed.len(),
            "two runs of a collector"
        );
    }

    #[test]
    fn of_a_log_that_went_on_the_longest_copy_counts() {
        let machines = ["WEB01", "WEB02"];
        let one = [
            ("WEB01/early.log", 5),
            ("WEB01/late.log", 9),
            ("early.log", 5),
        ];
        assert_eq!(counted(&one, &machines), ["WEB01/late.log"]);
        let top = [("WEB01/early.log", 5), ("late.log", 9)];
        assert_eq!(counted(&top, &machines), ["late.log"]);
        let two = [
            ("WEB01/early.log", 5),
            ("WEB02/late.log", 9),
            ("late.log", 9),
        ];
        assert_eq!(
            counted(&two, &machines),
            ["WEB01/early.log", "WEB02/late.log"]
        );
    }
}
