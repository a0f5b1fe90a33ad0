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
    Directories::of(server).place(artifact_path)
}

/// The directories of a server and the paths they serve.
pub(super) struct Directories {
    served: BTreeMap<Directory, BTreeSet<WebPath>>,
    /// The paths that have a directory of their own, by level.
    own: BTreeSet<String>,
    /// The paths by the name that a collector flattens them to.
    flattened: BTreeMap<String, BTreeSet<WebPath>>,
    /// The names of the sites by level.
    sites: BTreeMap<String, String>,
}

impl Directories {
    pub(super) fn of(server: &ServerConfig) -> Self {
        let mut directories = Self {
            served: BTreeMap::new(),
            own: BTreeSet::new(),
            flattened: BTreeMap::new(),
            sites: BTreeMap::new(),
        };
        for site in &server.sites {
            let level = web_path::level(&site.name, "");
            directories.sites.insert(level, site.name.clone());
            for application in &site.applications {
                directories.enter(&site.name, &application.path, "", "");
                for directory in &application.virtual_directories {
                    let physical_path = &directory.physical_path;
                    directories.enter(
                        &site.name,
                        &application.path,
                        &directory.path,
                        physical_path,
                    );
                }
            }
        }
        directories
    }

    fn enter(&mut self, site: &str, application: &str, directory: &str, physical_path: &str) {
        let place = WebPath {
            site: site.to_owned(),
            path: joined(application, directory),
        };
        let flattened = flattened(&format!("{site}/{}", place.path));
        self.flattened
            .entry(flattened)
            .or_default()
            .insert(place.clone());
        self.own.insert(web_path::level(site, &place.path));
        let physical = physical(physical_path);
        if !physical.1.is_empty() {
            self.served.entry(physical).or_default().insert(place);
        }
    }

    /// See [`place_web_config`].
    pub(super) fn place(&self, artifact_path: &str) -> Vec<WebPath> {
        let folders = artifact_path.split(['/', '\\']);
        let folders: Vec<&str> = folders.filter(|one| !one.is_empty()).collect();
        let Some((name, folders)) = folders.split_last() else {
            return Vec::new();
        };
        let name = name.to_lowercase();
        if let Some(name) = name.strip_suffix("_web.config") {
            return self.by_flattened_name(name);
        }
        if name != "web.config" {
            return Vec::new();
        }
        let by_folder = self.by_site_folder(folders);
        // `Sites/Intranet` may be a collector's folder, or the directory C:\Sites\Intranet: only a drive tells.
        match self.by_directory(folders) {
            Some((places, true)) => places,
            Some((places, false)) => agreed(places, by_folder),
            None => agreed(self.by_tail(folders), by_folder),
        }
    }

    /// The longest served directory that the folders contain, with what follows it, and whether its drive stands
    /// before it. Empty when several directories fit as well.
    fn by_directory(&self, folders: &[&str]) -> Option<(Vec<WebPath>, bool)> {
        let lower: Vec<String> = folders.iter().map(|folder| folder.to_lowercase()).collect();
        let mut best: Vec<(&BTreeSet<WebPath>, &[&str], bool)> = Vec::new();
        let mut longest = 0;
        for ((drive_of, directory), places) in &self.served {
            let mut windows = lower.windows(directory.len());
            let Some(at) = windows.rposition(|window| window == directory.as_slice()) else {
                continue;
            };
            let before = at.checked_sub(1).and_then(|at| drive(lower.get(at)?));
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
        // A path with a directory of its own is not served from a folder that happens to have its name.
        let below = below.filter(|place| rest.is_empty() || !self.is_own(place));
        Some((below.collect(), *on_drive))
    }

    fn is_own(&self, place: &WebPath) -> bool {
        self.own
            .contains(&web_path::level(&place.site, &place.path))
    }

    /// A collector's folder: the name of a site, then nothing or one of its applications or virtual directories.
    fn by_site_folder(&self, folders: &[&str]) -> Vec<WebPath> {
        let mut steps = folders.iter().enumerate().rev();
        let found = steps.find_map(|(at, folder)| {
            let site = self.sites.get(&web_path::level(folder, ""))?;
            Some((site, folders.get(at + 1..).unwrap_or_default()))
        });
        let Some((site, rest)) = found else {
            return Vec::new();
        };
        let place = WebPath {
            site: site.clone(),
            path: joined("/", &rest.join("/")),
        };
        match rest.is_empty() || self.is_own(&place) {
            true => vec![place],
            false => Vec::new(),
        }
    }

    /// The one directory whose last folders are the last folders here: two of them at least, or all that there are.
    fn by_tail(&self, folders: &[&str]) -> Vec<WebPath> {
        let lower: Vec<String> = folders.iter().map(|folder| folder.to_lowercase()).collect();
        let common = |directory: &[String]| {
            let pairs = directory.iter().rev().zip(lower.iter().rev());
            pairs.take_while(|(one, other)| one == other).count()
        };
        let fitting = self.served.iter();
        let fitting = fitting.map(|((_, directory), places)| (common(directory), places));
        let longest = fitting.clone().map(|(count, _)| count).max().unwrap_or(0);
        let mut fitting = fitting.filter(|(count, _)| *count == longest);
        let enough = longest >= 2 || (longest == 1 && folders.len() == 1);
        match (fitting.next(), fitting.next()) {
            (Some((_, places)), None) if enough => places.iter().cloned().collect(),
            _ => Vec::new(),
        }
    }

    /// `<site>_<application>_<directory>`, every slash an underscore.
    fn by_flattened_name(&self, name: &str) -> Vec<WebPath> {
        match self.flattened.get(&flattened(name)) {
            Some(places) if places.len() == 1 => places.iter().cloned().collect(),
            _ => Vec::new(),
        }
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

/// A name with every run of slashes and underscores as one underscore.
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
