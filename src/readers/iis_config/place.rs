//! Where a web.config belongs, told from its path in the bundle.
//!
//! ```text
//! SRV01/C/inetpub/wwwroot/api/web.config          the directory of a site, application or virtual directory
//! Sites/Intranet/web.config                       a collector's folder for a site, or for an application of it
//! IISConfiguration.zip/Intranet_api__web.config   names flattened by a collector: site_application_directory
//! ```
//!
//! A file in the wrong place changes effective values, so whatever could belong to two different places is not placed.

use std::collections::{BTreeMap, BTreeSet};

use super::model::ServerConfig;
use super::web_path;

/// A path of a site.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WebPath {
    /// The site's name.
    pub site: String,
    /// The path inside it: `/`, `/app`, `/app/dir`.
    pub path: String,
}

/// A directory on the server: its drive, where the path names one, and the folders, lower-case.
type Directory = (Option<char>, Vec<String>);

/// The paths that a web.config belongs to: several when one directory serves several of them, none when it is not clear.
pub fn place_web_config(server: &ServerConfig, artifact_path: &str) -> Vec<WebPath> {
    let folders: Vec<&str> = artifact_path
        .split(['/', '\\'])
        .filter(|one| !one.is_empty())
        .collect();
    let Some((name, folders)) = folders.split_last() else {
        return Vec::new();
    };
    let name = name.to_lowercase();
    if let Some(flattened) = name.strip_suffix("_web.config") {
        return by_flattened_name(server, flattened);
    }
    if name != "web.config" {
        return Vec::new();
    }
    let served = served(server);
    let by_directory = by_directory(&served, folders);
    let by_folder = by_site_folder(server, &served, folders);
    // `Sites/Intranet` may be a collector's folder, or the directory C:\Sites\Intranet: only a drive tells.
    match by_directory {
        Some((places, true)) => places,
        Some((places, false)) => agreed(places, by_folder),
        None => agreed(by_tail(&served, folders), by_folder),
    }
}

/// What two ways of placing agree on; one that finds nothing agrees with everything.
fn agreed(one: Vec<WebPath>, other: Vec<WebPath>) -> Vec<WebPath> {
    match (one.is_empty(), other.is_empty()) {
        (true, _) => other,
        (_, true) => one,
        _ if one == other => one,
        _ => Vec::new(),
    }
}

/// The paths that each directory serves.
fn served(server: &ServerConfig) -> BTreeMap<Directory, BTreeSet<WebPath>> {
    let mut served: BTreeMap<Directory, BTreeSet<WebPath>> = BTreeMap::new();
    for site in &server.sites {
        for application in &site.applications {
            for directory in &application.virtual_directories {
                let physical = physical(&directory.physical_path);
                if !physical.1.is_empty() {
                    served.entry(physical).or_default().insert(WebPath {
                        site: site.name.clone(),
                        path: joined(&application.path, &directory.path),
                    });
                }
            }
        }
    }
    served
}

/// A physical path taken apart. Variables that stand for well-known folders are resolved.
fn physical(path: &str) -> Directory {
    let path = path
        .to_lowercase()
        .replace("%systemdrive%", "c:")
        .replace("%programfiles%", "c:\\program files")
        .replace(['/', '\\'], "/");
    let mut folders: Vec<String> = path
        .split('/')
        .filter(|one| !one.is_empty())
        .map(str::to_owned)
        .collect();
    let drive = folders.first().and_then(|first| drive(first));
    if drive.is_some() || folders.first().is_some_and(|first| first.contains('%')) {
        folders.remove(0);
    }
    (drive, folders)
}

/// The drive that a folder name stands for: `C:`, or `C` and `C$` in a bundle.
fn drive(folder: &str) -> Option<char> {
    let mut letters = folder.chars();
    let letter = letters.next().filter(char::is_ascii_alphabetic)?;
    matches!(letters.as_str(), "" | ":" | "$").then_some(letter.to_ascii_lowercase())
}

/// The longest served directory that the folders contain, with what follows it, and whether its drive stands before
/// it. Empty when several directories fit as well.
fn by_directory(
    served: &BTreeMap<Directory, BTreeSet<WebPath>>,
    folders: &[&str],
) -> Option<(Vec<WebPath>, bool)> {
    let lower: Vec<String> = folders.iter().map(|folder| folder.to_lowercase()).collect();
    let mut best: Vec<(&BTreeSet<WebPath>, &[&str], bool)> = Vec::new();
    let mut longest = 0;
    for ((drive_of, directory), places) in served {
        let found = lower
            .windows(directory.len())
            .rposition(|window| window == directory.as_slice());
        let Some(at) = found else { continue };
        let before = at
            .checked_sub(1)
            .and_then(|at| lower.get(at))
            .and_then(|folder| drive(folder));
        let rest = folders.get(at + directory.len()..).unwrap_or_default();
        let other_drive = before.is_some() && drive_of.is_some() && before != *drive_of;
        // One folder name in the middle of a path may be a coincidence.
        let weak = directory.len() == 1 && !rest.is_empty() && before.is_none();
        if other_drive || weak || directory.len() < longest {
            continue;
        }
        if directory.len() > longest {
            best.clear();
            longest = directory.len();
        }
        best.push((places, rest, before.is_some()));
    }
    let [(places, rest, on_drive)] = best.as_slice() else {
        return (!best.is_empty()).then(|| (Vec::new(), true));
    };
    let below = places.iter().map(|place| WebPath {
        site: place.site.clone(),
        path: joined(&place.path, &rest.join("/")),
    });
    let all: BTreeSet<&WebPath> = served.values().flatten().collect();
    // A path with a directory of its own is not served from a folder that happens to have its name.
    let is_own = |place: &WebPath| {
        let level = web_path::level(&place.site, &place.path);
        all.iter()
            .any(|other| web_path::level(&other.site, &other.path) == level)
    };
    let below = below.filter(|place| rest.is_empty() || !is_own(place));
    Some((below.collect(), *on_drive))
}

/// A collector's folder: the name of a site, then nothing or one of its applications or virtual directories.
fn by_site_folder(
    server: &ServerConfig,
    served: &BTreeMap<Directory, BTreeSet<WebPath>>,
    folders: &[&str],
) -> Vec<WebPath> {
    for (at, folder) in folders.iter().enumerate().rev() {
        let level = web_path::level(folder, "");
        let Some(site) = server
            .sites
            .iter()
            .find(|site| web_path::level(&site.name, "") == level)
        else {
            continue;
        };
        let rest = folders.get(at + 1..).unwrap_or_default().join("/");
        let place = WebPath {
            site: site.name.clone(),
            path: joined("/", &rest),
        };
        let level = web_path::level(&place.site, &place.path);
        let known = served.values().flatten();
        let known = known.map(|place| web_path::level(&place.site, &place.path));
        let is_known = rest.is_empty() || known.into_iter().any(|known| known == level);
        return if is_known { vec![place] } else { Vec::new() };
    }
    Vec::new()
}

/// The one directory whose last folders are the last folders here: two of them at least, or all that there are.
fn by_tail(served: &BTreeMap<Directory, BTreeSet<WebPath>>, folders: &[&str]) -> Vec<WebPath> {
    let common = |directory: &[String]| {
        let pairs = directory.iter().rev().zip(folders.iter().rev());
        pairs
            .take_while(|(one, other)| **one == other.to_lowercase())
            .count()
    };
    let enough = |count: usize| count >= 2 || (count == 1 && folders.len() == 1);
    let longest = served
        .keys()
        .map(|(_, directory)| common(directory))
        .max()
        .unwrap_or(0);
    let mut fitting = served
        .iter()
        .filter(|((_, directory), _)| common(directory) == longest);
    match (fitting.next(), fitting.next()) {
        (Some((_, places)), None) if enough(longest) => places.iter().cloned().collect(),
        _ => Vec::new(),
    }
}

/// `<site>_<application>_<directory>`, every slash an underscore.
fn by_flattened_name(server: &ServerConfig, name: &str) -> Vec<WebPath> {
    let mut places = BTreeSet::new();
    for site in &server.sites {
        for application in &site.applications {
            let directories = application
                .virtual_directories
                .iter()
                .map(|one| one.path.as_str());
            for directory in directories.chain(["/"]) {
                let path = joined(&application.path, directory);
                if flattened(&format!("{}/{path}", site.name)) == flattened(name) {
                    places.insert(WebPath {
                        site: site.name.clone(),
                        path,
                    });
                }
            }
        }
    }
    match places.len() {
        1 => places.into_iter().collect(),
        _ => Vec::new(),
    }
}

fn flattened(name: &str) -> String {
    let name = name.to_lowercase();
    let parts = name.split(['_', '/', '\\']).map(str::trim);
    let parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    parts.join("_")
}

/// Two paths put together, with one slash before each step.
fn joined(path: &str, rest: &str) -> String {
    let steps = path.split('/').chain(rest.split('/'));
    let steps: Vec<&str> = steps.filter(|step| !step.is_empty()).collect();
    format!("/{}", steps.join("/"))
}
