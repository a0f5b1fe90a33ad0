//! Collections: what one run of a collector wrote on one machine, told by the layout that each collector has.
//!
//! | collector | layout | who was collected |
//! | --- | --- | --- |
//! | TSS | `TSS_WEB01_240201-101530_IIS/`, files `WEB01_240201-101530_…` | in the name |
//! | SDP | files `WEB01_Kerberos_klist.txt`, `WEB01_HTTP_netsh_output.TXT`, … | in the name |
//! | auth scripts | `authlogs/` with `script-info.txt` | the machine of its logs |
//! | LogCatcher | `FolderContents.txt` beside `LogsInfo.CSV` | the machine of its logs |
//!
//! A layout is a hint for the machine only: what an artifact is, and what its own content says of the machine, goes first.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::DateTime;

use crate::bundle::Artifact;
use crate::case::host::HostId;
use crate::case::{Accounts, Hosts};
use crate::evidence::ArtifactId;

/// What one run of a collector wrote.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Collection {
    /// What the paths of its artifacts begin with.
    prefix: String,
    /// The machine that the layout names.
    named: Option<String>,
    /// When it was made, on the clock of that machine, where its name says so.
    taken: Option<DateTime>,
}

/// Ends of the names of files that SDP writes behind the name of the machine.
const SDP_FILES: [&str; 12] = [
    "_kerberos_klist.txt",
    "_klist.txt",
    "_http_netsh_output.txt",
    "_http_reg_.txt",
    "_whoami.txt",
    "_w32tm_output.txt",
    "_w32time_reg_.txt",
    "_tcpip_netsh_info.txt",
    "_tcpip_info.txt",
    "_systeminfo.txt",
    "_msinfo32.nfo",
    "_hotfixes.txt",
];

/// The collections that a bundle holds.
pub(super) fn find(artifacts: &[Artifact]) -> Vec<Collection> {
    let mut found = BTreeSet::new();
    // By folder: the names before SDP's files there, as written, and how many files each has.
    let mut sdp: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    for artifact in artifacts {
        let path = artifact.path.as_str();
        let mut start = 0;
        for component in path.split('/') {
            let end = start + component.len();
            let is_file = end == path.len();
            let until = |at: usize| path.get(..at).unwrap_or_default().to_owned();
            let stem = component.split('.').next().unwrap_or(component);
            let below = if is_file { end } else { end + 1 };
            if let Some((name, taken)) = stem.strip_prefix("TSS_").and_then(before_stamp) {
                found.insert(named(until(below), name, taken));
            } else if let Some(taken) = log_catcher_stamp(stem) {
                found.insert(Collection {
                    prefix: until(below),
                    named: None,
                    taken: Some(taken),
                });
            } else if let Some((name, taken)) = before_stamp(component).filter(|_| is_file) {
                let stamp = name.len() + STAMP;
                found.insert(named(until(start + stamp), name, taken));
            } else if is_file && let Some(name) = sdp_name(component) {
                let names = sdp.entry(until(start)).or_default();
                *names.entry(name.to_owned()).or_default() += 1;
            } else if is_file
                && (component.eq_ignore_ascii_case("script-info.txt")
                    || component.eq_ignore_ascii_case("LogsInfo.CSV"))
            {
                found.insert(Collection {
                    prefix: until(start),
                    named: None,
                    taken: None,
                });
            }
            start = end + 1;
        }
    }
    for (folder, mut names) in sdp {
        // One file of such a name may be anybody's.
        names.retain(|_, files| *files >= 2);
        // The folder is the machine's where it is alone in it and wrote most of what lies there; otherwise only the files with
        // its name are: in a folder that somebody filled by hand the others may be another's.
        let alone = names.len() == 1;
        for name in names.into_keys() {
            let prefix = if alone && wrote_most(artifacts, &folder, &name) {
                folder.clone()
            } else {
                format!("{folder}{name}_")
            };
            found.insert(named(prefix, &name, None));
        }
    }
    found.into_iter().collect()
}

/// Whether most of the files directly in a folder begin with the name of a machine.
fn wrote_most(artifacts: &[Artifact], folder: &str, name: &str) -> bool {
    let files = artifacts.iter().filter_map(|a| a.path.strip_prefix(folder));
    let direct: Vec<&str> = files.filter(|file| !file.contains('/')).collect();
    let own = direct.iter().filter(|file| {
        file.strip_prefix(name)
            .is_some_and(|rest| rest.starts_with('_'))
    });
    own.count() * 2 > direct.len()
}

fn named(prefix: String, name: &str, taken: Option<DateTime>) -> Collection {
    Collection {
        prefix,
        named: Some(name.to_uppercase()),
        taken,
    }
}

/// Length of `_240201-101530_`.
const STAMP: usize = 15;

/// The name before a stamp, and its time where it is one: `WEB01_240201-101530_…`.
fn before_stamp(text: &str) -> Option<(&str, Option<DateTime>)> {
    text.match_indices('_').find_map(|(at, _)| {
        let name = text.get(..at).filter(|name| is_machine_name(name))?;
        let (date, time) = text.get(at + 1..at + STAMP - 1)?.split_once('-')?;
        let is_stamp = |part: &str| part.len() == 6 && part.bytes().all(|b| b.is_ascii_digit());
        let pairs = |six: &str| [0, 2, 4].map(|i| six.get(i..i + 2).unwrap_or_default().to_owned());
        (is_stamp(date) && is_stamp(time)).then(|| (name, time_of(pairs(date), pairs(time))))
    })
}

/// `LogCatcher-24-02-01-10-15-30`
fn log_catcher_stamp(text: &str) -> Option<DateTime> {
    let parts: Vec<&str> = text.strip_prefix("LogCatcher-")?.split('-').collect();
    match parts.as_slice() {
        [y, mo, d, h, mi, s] => time_of(
            [y, mo, d].map(|p| (*p).to_owned()),
            [h, mi, s].map(|p| (*p).to_owned()),
        ),
        _ => None,
    }
}

fn time_of(
    [year, month, day]: [String; 3],
    [hour, minute, second]: [String; 3],
) -> Option<DateTime> {
    let number = |text: String| text.parse::<i8>().ok();
    let year = 2000 + i16::from(number(year)?);
    DateTime::new(
        year,
        number(month)?,
        number(day)?,
        number(hour)?,
        number(minute)?,
        number(second)?,
        0,
    )
    .ok()
}

fn sdp_name(file: &str) -> Option<&str> {
    let lower = file.to_ascii_lowercase();
    SDP_FILES
        .iter()
        .find_map(|end| lower.strip_suffix(end))
        .and_then(|before| file.get(..before.len()))
        .filter(|name| is_machine_name(name))
}

/// NetBIOS names have at most fifteen characters.
fn is_machine_name(name: &str) -> bool {
    (1..=15).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && name.bytes().any(|byte| byte.is_ascii_alphabetic())
}

impl Collection {
    fn holds(&self, path: &str) -> bool {
        path.starts_with(&self.prefix)
    }
}

/// Makes the machines known that layouts name.
pub(super) fn name_hosts(collections: &[Collection], hosts: &mut Hosts, accounts: &mut Accounts) {
    for name in collections.iter().filter_map(|c| c.named.as_deref()) {
        if hosts.find(name).is_none() {
            let _ = hosts.named(name, accounts);
        }
    }
}

/// The machine of each collection: the one that its layout names, or else the one that wrote most of what it holds.
pub(super) fn machines<'a>(
    collections: &'a [Collection],
    artifacts: &[Artifact],
    by_content: &BTreeMap<ArtifactId, HostId>,
    hosts: &Hosts,
) -> Vec<(&'a Collection, HostId)> {
    collections
        .iter()
        .filter_map(|collection| {
            if let Some(name) = &collection.named {
                return Some((collection, hosts.find(name)?));
            }
            let mut votes: BTreeMap<HostId, usize> = BTreeMap::new();
            for artifact in artifacts.iter().filter(|a| collection.holds(&a.path)) {
                if let Some(host) = by_content.get(&artifact.id) {
                    *votes.entry(*host).or_default() += 1;
                }
            }
            let all: usize = votes.values().sum();
            let (host, most) = votes.into_iter().max_by_key(|(_, votes)| *votes)?;
            // Forwarded logs and remote prompts of others are fewer than what the machine wrote itself.
            (most * 2 > all).then_some((collection, host))
        })
        .collect()
}

/// The machine of the innermost collection that holds a path.
pub(super) fn machine_of(path: &str, machines: &[(&Collection, HostId)]) -> Option<HostId> {
    machines
        .iter()
        .filter(|(collection, _)| collection.holds(path))
        .max_by_key(|(collection, _)| collection.prefix.len())
        .map(|(_, host)| *host)
}

/// Whose a file is, as far as layout and path tell: a machine, or the unnamed one of a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Owner<'a> {
    Machine(HostId),
    Collection(&'a Collection),
}

/// The owner of a file.
pub(super) fn owner<'a>(
    path: &str,
    collections: &'a [Collection],
    hosts: &Hosts,
) -> Option<Owner<'a>> {
    let holding = collections.iter().filter(|c| c.holds(path));
    let innermost = holding.max_by_key(|c| c.prefix.len());
    let named = innermost.and_then(|c| hosts.find(c.named.as_deref()?));
    let machine = named.or_else(|| hosts.in_path(path));
    machine
        .map(Owner::Machine)
        .or(innermost.map(Owner::Collection))
}

/// When the innermost collection that holds a path was made.
pub(super) fn taken(path: &str, collections: &[Collection]) -> Option<DateTime> {
    collections
        .iter()
        .filter(|collection| collection.holds(path) && collection.taken.is_some())
        .max_by_key(|collection| collection.prefix.len())?
        .taken
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bundle::{Content, Kind};
    use std::sync::Arc;

    fn artifacts(paths: &[&str]) -> Vec<Artifact> {
        paths
            .iter()
            .zip(0u32..)
            .map(|(path, id)| Artifact {
                id: ArtifactId(id),
                path: (*path).to_owned(),
                content: Content::Memory(Arc::from([])),
                bytes: 0,
                kind: Kind::Text,
                duplicate_of: None,
                start_of: None,
            })
            .collect()
    }

    fn found(paths: &[&str]) -> Vec<(String, Option<String>)> {
        find(&artifacts(paths))
            .into_iter()
            .map(|c| (c.prefix, c.named))
            .collect()
    }

    #[test]
    fn layouts_of_the_collectors() {
        let web01 = Some("WEB01".to_owned());
        assert_eq!(
            found(&["case/TSS_WEB01_240201-101530_IIS/x.txt"]),
            [(
                "case/TSS_WEB01_240201-101530_IIS/".to_owned(),
                web01.clone()
            )]
        );
        assert_eq!(
            found(&["TSS_WEB01_240201-101530_IIS.zip/a/b.txt"]),
            [("TSS_WEB01_240201-101530_IIS.zip/".to_owned(), web01.clone())]
        );
        assert_eq!(
            found(&["tss/WEB01_240201-101530_ADDS_klist_tgt.txt"]),
            [("tss/WEB01_240201-101530_".to_owned(), web01.clone())]
        );
        assert_eq!(
            found(&[
                "sdp/WEB01_Kerberos_klist.txt",
                "sdp/WEB01_Whoami.txt",
                "sdp/IISConfiguration.zip/x"
            ]),
            [("sdp/".to_owned(), web01.clone())]
        );
        assert_eq!(
            found(&[
                "mail/PC7_klist.txt",
                "mail/PC7_systeminfo.txt",
                "mail/WEB01_applicationHost.config",
                "mail/WEB01_Security.evtx",
            ]),
            [("mail/PC7_".to_owned(), Some("PC7".to_owned()))],
            "others lie there too"
        );
        let dc1 = Some("DC1".to_owned());
        assert_eq!(
            found(&[
                "sdp/DC1_Kerberos_klist.txt",
                "sdp/DC1_Whoami.txt",
                "sdp/WEB01_Kerberos_klist.txt",
                "sdp/WEB01_Whoami.txt",
            ]),
            [
                ("sdp/DC1_".to_owned(), dc1),
                ("sdp/WEB01_".to_owned(), web01)
            ]
        );
        assert_eq!(
            found(&[
                "authlogs/script-info.txt",
                "lc/General/x",
                "lc/LogsInfo.CSV"
            ]),
            [("authlogs/".to_owned(), None), ("lc/".to_owned(), None)]
        );
    }

    #[test]
    fn the_time_that_a_name_gives() {
        let files = artifacts(&[
            "TSS_WEB01_240201-101530_IIS/x.txt",
            "LogCatcher-24-02-02-10-15-30.zip/General/x.txt",
            "plain/x.txt",
        ]);
        let collections = find(&files);
        let at = |path: &str| taken(path, &collections).map(|time| time.to_string());
        let time = |text: &str| Some(text.to_owned());
        assert_eq!(at(&files[0].path), time("2024-02-01T10:15:30"));
        assert_eq!(at(&files[1].path), time("2024-02-02T10:15:30"));
        assert_eq!(at(&files[2].path), None);
    }

    #[test]
    fn names_that_are_no_layout() {
        for path in [
            "logs/u_ex240201.log",
            "my_notes_240201.txt",
            "one/WEB01_Whoami.txt",
            "this name is far too long_240201-101530_x.txt",
            "_240201-101530_x",
            "é_240201-101530",
        ] {
            assert_eq!(found(&[path]), [], "{path}");
        }
    }

    #[test]
    fn the_innermost_collection_and_the_majority_decide() {
        let files = artifacts(&[
            "a/script-info.txt",
            "a/System.evtx",
            "a/Security.evtx",
            "a/Forwarded.evtx",
            "a/PC7_240201-101530_klist.txt",
        ]);
        let (mut hosts, mut accounts) = (Hosts::default(), Accounts::default());
        let web = hosts.named("WEB01", &mut accounts).unwrap();
        let dc = hosts.named("DC1", &mut accounts).unwrap();
        let collections = find(&files);
        name_hosts(&collections, &mut hosts, &mut accounts);
        let by_content = BTreeMap::from([
            (ArtifactId(1), web),
            (ArtifactId(2), web),
            (ArtifactId(3), dc),
        ]);
        let machines = machines(&collections, &files, &by_content, &hosts);
        assert_eq!(machine_of("a/Tickets.txt", &machines), Some(web));
        let pc = hosts.find("PC7");
        assert_eq!(machine_of("a/PC7_240201-101530_klist.txt", &machines), pc);
        assert_eq!(machine_of("b/x", &machines), None);
    }
}
