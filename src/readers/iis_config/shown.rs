//! What tools of IIS printed of a server's configuration, laid beside its files: it makes up for files that the bundle does
//! not hold, and where it says something else than the files, both cannot be true of the same moment.

use crate::evidence::Citation;

use super::config_file::ConfigFile;
use super::effective::settings;
use super::model::{EffectiveSettings, Origin, Pool, ServerConfig, Setting};
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
            // A file that is not here may say what the tool printed.
            if !files.lacking().is_empty() {
                continue;
            }
            let of_tool = settings(&only_shown.way_of_files(level.clone()));
            let place = if level.is_empty() {
                "the server"
            } else {
                &level
            };
            found.extend(of_settings(place, &settings(&files), &of_tool));
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

fn of_settings(
    place: &str,
    files: &EffectiveSettings,
    tool: &EffectiveSettings,
) -> Vec<Disagreement> {
    let switches = [
        (
            "windowsAuthentication/@enabled",
            &files.windows.enabled,
            &tool.windows.enabled,
        ),
        (
            "windowsAuthentication/@useKernelMode",
            &files.windows.use_kernel_mode,
            &tool.windows.use_kernel_mode,
        ),
        (
            "windowsAuthentication/@useAppPoolCredentials",
            &files.windows.use_app_pool_credentials,
            &tool.windows.use_app_pool_credentials,
        ),
        (
            "anonymousAuthentication/@enabled",
            &files.anonymous.enabled,
            &tool.anonymous.enabled,
        ),
    ];
    switches
        .into_iter()
        // What the tool did not print is not its default.
        .filter(|(_, file, tool)| file.value != tool.value && is_set(tool))
        .map(|(setting, file, tool)| Disagreement {
            says: format!(
                "{setting} for {place} is {} in the configuration files and {} in what a tool of IIS printed: they were taken at different times",
                file.value, tool.value
            ),
            from: [&file.origin, &tool.origin].into_iter().filter_map(cited).collect(),
        })
        .collect()
}

fn is_set(setting: &Setting<bool>) -> bool {
    matches!(setting.origin, Origin::Set(_))
}

fn cited(origin: &Origin) -> Option<Citation> {
    match origin {
        Origin::Set(from) => Some(from.clone()),
        Origin::SchemaDefault => None,
    }
}
