//! The configuration of one server, put together: its sites, applications, bindings and pools, and the web.config
//! files placed where they belong.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use crate::evidence::{ArtifactId, Citation, Place, Problem};

use super::binding;
use super::config_file::ConfigFile;
use super::hierarchy::{Hierarchy, Hosted};
use super::model::{Application, Farm, Origin, ServerConfig, Setting, Site, VirtualDirectory};
use super::place::{Directories, WebPath};
use super::pool;
use super::schema::{GLOBAL_MODULES, read_bool, read_enum};
use super::tree::Node;
use super::web_path;

/// The pool of an application that names none.
const DEFAULT_POOL: &str = "DefaultAppPool";
/// Where logs stand unless a site or `siteDefaults` says otherwise (`IIS_schema.xml`).
const LOG_DIRECTORY: &str = "%SystemDrive%\\inetpub\\logs\\LogFiles";

impl ServerConfig {
    /// Whether ASP.NET of the .NET Framework runs in a pool; it does where the file does not have the pool.
    pub fn runs_framework(&self, pool: &str) -> bool {
        let mut pools = self.pools.iter();
        let pool = pools.find(|p| p.name.eq_ignore_ascii_case(pool));
        pool.is_none_or(|pool| !pool.managed_runtime.value.is_empty())
    }

    /// Whether any file turns Windows authentication on for any path, be it an application, a folder or a file.
    pub fn turns_windows_authentication_on(&self) -> bool {
        let files = [&self.hierarchy.server].into_iter();
        files
            .chain(self.hierarchy.web_configs.values())
            .flat_map(|file| file.tree().nodes())
            .filter(|node| node.name() == "windowsAuthentication")
            .filter_map(|node| node.attribute("enabled"))
            .any(|enabled| read_bool(enabled).unwrap_or(true))
    }

    /// Puts together what one server's files say. Each web.config comes with its path in the bundle, from which
    /// [`place_web_config`](super::place_web_config) works out where it belongs; those that cannot be placed are left out and reported.
    pub fn build(server: &ConfigFile, web_configs: &[(&str, &ConfigFile)]) -> (Self, Vec<Problem>) {
        let artifact = server.artifact;
        let mut problems = Vec::new();
        let pools = pool::pools(server, &mut problems);
        let refusing: BTreeSet<String> = pool::refusing_web_configs(server);
        let mut hosted = BTreeMap::new();
        let mut sites = Vec::new();
        let mut names = BTreeSet::new();
        for all in server.part("sites") {
            for node in all.named("site") {
                let site = site(artifact, all, node, &refusing, &mut hosted);
                if !names.insert(web_path::level(&site.name, "")) {
                    let says = "a second site has this name; both are read";
                    problems.push(node.problem(artifact, says));
                }
                sites.push(site);
            }
        }
        let mut config = Self {
            sites,
            pools,
            farms: farms(server),
            complete: server.is_complete_application_host(),
            iis_express: is_of_express(server),
            from: server.cite(),
            not_live: None,
            hierarchy: Hierarchy {
                server: server.clone(),
                web_configs: BTreeMap::new(),
                hosted,
                shown: Vec::new(),
            },
        };
        let directories = Directories::of(&config);
        let placed: Vec<Vec<WebPath>> = web_configs
            .iter()
            .map(|(path, _)| directories.place(path))
            .collect();
        for ((_, file), places) in web_configs.iter().zip(placed) {
            problems.extend(config.lay(file, places));
        }
        problems.sort();
        (config, problems)
    }

    /// Lays a web.config at the paths it belongs to.
    fn lay(&mut self, file: &ConfigFile, places: Vec<WebPath>) -> Vec<Problem> {
        let problem = |says: &str| Problem::new(file.artifact, Place::Whole, says);
        if places.is_empty() {
            return vec![problem(
                "it is not clear to which site and path this web.config belongs; it is left out",
            )];
        }
        let mut problems = Vec::new();
        for place in places {
            let level = web_path::level(&place.site, &place.path);
            if !self.hierarchy.reads_web_config(&level) {
                problems.push(problem(
                    "IIS does not read this web.config: allowSubDirConfig or enableConfigurationOverride is false",
                ));
                continue;
            }
            match self.hierarchy.web_configs.entry(level) {
                Entry::Vacant(free) => {
                    free.insert(file.clone());
                }
                Entry::Occupied(_) => problems.push(problem(
                    "another web.config belongs to the same path; this one is left out",
                )),
            }
        }
        problems
    }
}

/// The server farms of Application Request Routing.
fn farms(server: &ConfigFile) -> Vec<Farm> {
    let all = server.top().filter(|node| node.name() == "webFarms");
    all.flat_map(|all| all.named("webFarm").collect::<Vec<_>>())
        .map(|farm| Farm {
            name: farm.attribute("name").unwrap_or_default().to_owned(),
            servers: farm
                .named("server")
                .filter_map(|one| one.attribute("address").map(str::to_owned))
                .collect(),
            from: farm.cite(server.artifact),
        })
        .collect()
}

/// A site with its applications; each directory is entered under its level.
fn site(
    artifact: ArtifactId,
    all: Node<'_>,
    node: Node<'_>,
    refusing: &BTreeSet<String>,
    hosted: &mut BTreeMap<String, Hosted>,
) -> Site {
    let name = node.attribute("name").unwrap_or_default().to_owned();
    let defaults: Vec<Node<'_>> = all.named("siteDefaults").collect();
    let mut applications = Vec::new();
    for application in node.named("application") {
        let path = application.attribute("path").unwrap_or("/").to_owned();
        let pool = application_pool(artifact, all, node, application);
        let reads_web_configs = !refusing.contains(&pool.value.to_lowercase());
        let mut virtual_directories = Vec::new();
        let level = web_path::level(&name, &path);
        let entry = hosted.entry(level).or_default();
        entry.application = true;
        entry.reads_web_configs = reads_web_configs;
        entry.reads_sub_directories = true;
        for directory in application.named("virtualDirectory") {
            let text = |name: &str| directory.attribute(name).unwrap_or_default().to_owned();
            let inner = directory.attribute("path").unwrap_or("/").to_owned();
            let entry = hosted
                .entry(web_path::level(&name, &format!("{path}/{inner}")))
                .or_default();
            entry.physical_path = text("physicalPath");
            entry.reads_web_configs = reads_web_configs;
            entry.reads_sub_directories = reads_sub_directories(all, node, application, directory);
            virtual_directories.push(VirtualDirectory {
                path: inner,
                physical_path: text("physicalPath"),
                user_name: text("userName"),
                from: directory.cite(artifact),
            });
        }
        applications.push(Application {
            path,
            pool,
            virtual_directories,
            from: application.cite(artifact),
        });
    }
    let mut logging: Vec<Node<'_>> = node.named("logFile").collect();
    logging.extend(
        all.named("siteDefaults")
            .flat_map(|d| d.named("logFile").collect::<Vec<_>>()),
    );
    let folder = |value: &str| Some(value.to_owned()).filter(|folder| !folder.is_empty());
    let bindings = node
        .named("bindings")
        .flat_map(|bindings| bindings.named("binding"));
    Site {
        id: node.attribute("id").and_then(|id| id.trim().parse().ok()),
        auto_start: nearest(
            artifact,
            &[vec![node], defaults].concat(),
            "serverAutoStart",
            || true,
            read_bool,
        ),
        bindings: bindings
            .map(|binding| binding::read(binding, artifact))
            .collect(),
        log_directory: nearest(
            artifact,
            &logging,
            "directory",
            || LOG_DIRECTORY.into(),
            folder,
        ),
        logs: nearest(artifact, &logging, "enabled", || true, read_bool),
        applications,
        from: node.cite(artifact),
        name,
    }
}

/// The pool of an application: its own, `applicationDefaults` of the site, of all sites, `DefaultAppPool`.
fn application_pool(
    artifact: ArtifactId,
    all: Node<'_>,
    site: Node<'_>,
    own: Node<'_>,
) -> Setting<String> {
    let mut nodes = vec![own];
    nodes.extend(site.named("applicationDefaults"));
    nodes.extend(all.named("applicationDefaults"));
    let name = |value: &str| Some(value.to_owned()).filter(|name| !name.is_empty());
    nearest(
        artifact,
        &nodes,
        "applicationPool",
        || DEFAULT_POOL.into(),
        name,
    )
}

/// `allowSubDirConfig`: the directory's own, then `virtualDirectoryDefaults` of the application, the site, all sites.
fn reads_sub_directories(
    all: Node<'_>,
    site: Node<'_>,
    application: Node<'_>,
    own: Node<'_>,
) -> bool {
    let defaults = [application, site, all];
    let defaults = defaults
        .into_iter()
        .flat_map(|around| around.named("virtualDirectoryDefaults").collect::<Vec<_>>());
    std::iter::once(own)
        .chain(defaults)
        .find_map(|node| node.attribute("allowSubDirConfig").and_then(read_bool))
        .unwrap_or(true)
}

/// An attribute in force, of elements that supply it in turn, the nearest first.
pub(super) fn nearest<T>(
    artifact: ArtifactId,
    nodes: &[Node<'_>],
    name: &str,
    default: impl FnOnce() -> T,
    read: impl Fn(&str) -> Option<T>,
) -> Setting<T> {
    let set = nodes.iter().rev();
    let set = set.filter_map(|node| Some((read(node.attribute(name)?)?, node.cite(artifact))));
    Setting::of_levels(set.collect(), default)
}

/// A word of an enumeration in force, as in [`nearest`].
pub(super) fn nearest_word(
    artifact: ArtifactId,
    nodes: &[Node<'_>],
    name: &str,
    words: &[(&str, u32)],
) -> Setting<String> {
    let default = words.first().map_or("", |(word, _)| word);
    nearest(
        artifact,
        nodes,
        name,
        || default.to_owned(),
        |value| read_enum(value, words),
    )
}

/// Whether the native modules come from the directory of IIS Express. A line or two copied from one do not count.
fn is_of_express(server: &ConfigFile) -> bool {
    let modules = server.uses(GLOBAL_MODULES, "").into_iter();
    let images = modules.flat_map(|used| used.node.named("add").collect::<Vec<_>>());
    let images = images.filter_map(|module| module.attribute("image"));
    let (express, others): (Vec<_>, Vec<_>) =
        images.partition(|image| image.to_ascii_lowercase().contains("%iis_bin%"));
    express.len() > others.len()
}

impl<T> Setting<T> {
    /// The value in force of those set, given from the outermost level to the innermost.
    pub(super) fn of_levels(mut set: Vec<(T, Citation)>, default: impl FnOnce() -> T) -> Self {
        match set.pop() {
            Some((value, from)) => {
                set.reverse();
                Self {
                    value,
                    origin: Origin::Set(from),
                    overridden: set,
                }
            }
            None => Self {
                value: default(),
                origin: Origin::SchemaDefault,
                overridden: Vec::new(),
            },
        }
    }
}
