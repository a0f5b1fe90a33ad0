//! What tools of IIS printed of a server's configuration, laid beside its files: it makes up for files that the bundle does
//! not hold, and where it says something else than the files, both cannot be true of the same moment.

use std::fmt::Display;

use crate::evidence::{ArtifactId, Citation, Place};

use super::config_file::ConfigFile;
use super::effective::settings;
use super::layers::Layers;
use super::model::{Origin, Pool, ServerConfig, Setting, WindowsAuth};
use super::schema::{ANONYMOUS, WINDOWS};
use super::{pool, web_path};

/// A setting of which a file says one thing and a tool of IIS another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Disagreement {
    /// What disagrees, as one sentence.
    pub says: String,
    /// The places.
    pub from: Vec<Citation>,
}

impl ServerConfig {
    /// Lays what tools of IIS printed beside the files.
    pub fn lay_beside(&mut self, shown: ConfigFile) {
        self.hierarchy.shown.push(shown);
    }

    /// What tools of IIS printed, by the file of its beginning.
    pub fn beside(&self) -> impl Iterator<Item = ArtifactId> {
        self.hierarchy.shown.iter().map(|shown| shown.artifact)
    }

    /// Takes away what a tool of IIS printed, in a file that is older than this configuration.
    pub fn forget(&mut self, printed: ArtifactId) {
        self.hierarchy
            .shown
            .retain(|shown| shown.artifact != printed);
    }

    /// Whether the sites of another configuration are all sites of this one.
    pub fn has_sites_of(&self, other: &Self) -> bool {
        other.sites.iter().all(|site| {
            self.sites
                .iter()
                .any(|own| web_path::level(&own.name, "") == web_path::level(&site.name, ""))
        })
    }

    /// Where the files and what tools of IIS printed cannot both be true.
    pub fn disagreements(&self) -> Vec<Disagreement> {
        let shown = self.hierarchy.shown.iter();
        shown
            .flat_map(|shown| self.disagreements_with(shown))
            .collect()
    }

    fn disagreements_with(&self, shown: &ConfigFile) -> Vec<Disagreement> {
        let mut found = Vec::new();
        for theirs in pool::pools(shown, &mut Vec::new()) {
            let own = self
                .pools
                .iter()
                .find(|own| own.name.eq_ignore_ascii_case(&theirs.name));
            found.extend(own.and_then(|own| of_pools(own, &theirs)));
        }
        let levels: Vec<String> = shown
            .all_uses()
            .filter(|(section, _, _)| matches!(*section, WINDOWS | ANONYMOUS))
            .map(|(_, level, _)| level.to_owned())
            .collect();
        let only_shown = super::hierarchy::Hierarchy {
            server: shown.clone(),
            web_configs: std::collections::BTreeMap::new(),
            hosted: std::collections::BTreeMap::new(),
            shown: Vec::new(),
        };
        let mut seen = std::collections::BTreeSet::new();
        for level in levels
            .into_iter()
            .filter(|level| seen.insert(level.clone()))
        {
            let files = self.hierarchy.way_of_files(level.clone());
            // A file that is not here may say what the tool printed, unless the section is locked for it.
            let lacks = !files.lacking().is_empty();
            let open = |section| lacks && !Layers::collect(section, &files).is_locked(&files);
            let of_tool = settings(&only_shown.way_of_files(level.clone()));
            let place = if level.is_empty() {
                "the server"
            } else {
                &level
            };
            let of_files = settings(&files);
            let unset = Citation {
                artifact: self.hierarchy.server.artifact,
                place: Place::Whole,
                time: None,
                text: "applicationHost.config, which leaves it at its default".into(),
            };
            if !open(WINDOWS) {
                found.extend(of_windows(
                    place,
                    &of_files.windows,
                    &of_tool.windows,
                    &unset,
                ));
            }
            if !open(ANONYMOUS) {
                let enabled = [&of_files.anonymous.enabled, &of_tool.anonymous.enabled];
                found.extend(of_switch(
                    "anonymousAuthentication/@enabled",
                    place,
                    enabled,
                    &unset,
                ));
            }
        }
        found
    }
}

fn of_pools(own: &Pool, theirs: &Pool) -> Option<Disagreement> {
    let same = own.identity_type.value == theirs.identity_type.value
        && own
            .user_name
            .value
            .eq_ignore_ascii_case(&theirs.user_name.value);
    (!same).then(|| Disagreement {
        says: format!(
            "the identity of pool {} differs between the configuration file and what a tool of IIS printed: they were taken at different times, and a running worker process may still have the older one",
            own.name
        ),
        from: vec![own.from.clone(), theirs.from.clone()],
    })
}

fn of_windows(
    place: &str,
    files: &WindowsAuth,
    tool: &WindowsAuth,
    unset: &Citation,
) -> Vec<Disagreement> {
    let switches = [
        ("enabled", &files.enabled, &tool.enabled),
        (
            "useKernelMode",
            &files.use_kernel_mode,
            &tool.use_kernel_mode,
        ),
        (
            "useAppPoolCredentials",
            &files.use_app_pool_credentials,
            &tool.use_app_pool_credentials,
        ),
    ];
    let switches = switches.into_iter().filter_map(|(name, file, tool)| {
        of_switch(
            &format!("windowsAuthentication/@{name}"),
            place,
            [file, tool],
            unset,
        )
    });
    switches.chain(of_providers(place, files, tool)).collect()
}

fn of_switch(
    setting: &str,
    place: &str,
    [file, tool]: [&Setting<bool>; 2],
    unset: &Citation,
) -> Option<Disagreement> {
    // What the tool did not print is not its default.
    let Origin::Set(printed) = &tool.origin else {
        return None;
    };
    let stated = match &file.origin {
        Origin::Set(stated) => stated,
        Origin::SchemaDefault => unset,
    };
    (file.value != tool.value).then(|| Disagreement {
        says: differs(setting, place, &file.value, &tool.value),
        from: vec![stated.clone(), printed.clone()],
    })
}

fn of_providers(place: &str, files: &WindowsAuth, tool: &WindowsAuth) -> Option<Disagreement> {
    let names = |windows: &WindowsAuth| {
        let names = windows.providers.iter().map(|(name, _)| name.as_str());
        names.collect::<Vec<_>>().join(", ")
    };
    let (own, theirs) = (names(files), names(tool));
    let differ = !theirs.is_empty() && !own.is_empty() && !own.eq_ignore_ascii_case(&theirs);
    let first = |windows: &WindowsAuth| windows.providers.first().map(|(_, from)| from.clone());
    differ.then(|| Disagreement {
        says: differs("windowsAuthentication/providers", place, &own, &theirs),
        from: [first(files), first(tool)].into_iter().flatten().collect(),
    })
}

fn differs(setting: &str, place: &str, file: &impl Display, tool: &impl Display) -> String {
    format!(
        "{setting} for {place} is {file} in the configuration files and {tool} in what a tool of IIS printed: they were taken at different times"
    )
}
