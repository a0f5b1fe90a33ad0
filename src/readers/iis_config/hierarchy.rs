//! Which files bear on a path of a server: applicationHost.config, and the web.config of each level on the way that
//! IIS reads.

use std::collections::BTreeMap;

use super::config_file::{ConfigFile, SectionUse};
use super::schema::{ANONYMOUS, Section, WINDOWS};
use super::tree::Node;
use super::web_path;

/// What stands at a level: an application, a virtual directory, or the root virtual directory of an application.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Hosted {
    /// True for an application.
    pub(super) application: bool,
    /// The directory; empty when the file does not say.
    pub(super) physical_path: String,
    /// `enableConfigurationOverride` of the pool: false makes IIS ignore every web.config of its applications.
    pub(super) reads_web_configs: bool,
    /// `allowSubDirConfig`: false makes IIS ignore web.config files below the directory itself.
    pub(super) reads_sub_directories: bool,
}

/// The files of a server by the levels they belong to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hierarchy {
    pub(super) server: ConfigFile,
    /// By level: `site/app/dir`, lower-case.
    pub(super) web_configs: BTreeMap<String, ConfigFile>,
    /// By level.
    pub(super) hosted: BTreeMap<String, Hosted>,
    /// What tools of IIS printed of this server's configuration.
    pub(super) shown: Vec<ConfigFile>,
}

/// The way from the server to a path.
pub(super) struct Way<'s> {
    hierarchy: &'s Hierarchy,
    pub(super) level: String,
    /// The files on the way with their own levels, applicationHost.config first.
    pub(super) files: Vec<(&'s str, &'s ConfigFile)>,
    /// What tools of IIS printed, where it makes up for files that are not here.
    shown: &'s [ConfigFile],
}

impl Hierarchy {
    /// The way to a level.
    pub(super) fn way(&self, level: String) -> Way<'_> {
        let mut files = vec![("", &self.server)];
        for level in web_path::levels(&level) {
            if let Some((own, file)) = self.web_configs.get_key_value(level)
                && self.reads_web_config(own)
            {
                files.push((own, file));
            }
        }
        let mut way = Way {
            hierarchy: self,
            level,
            files,
            shown: &[],
        };
        if !way.lacking().is_empty() {
            way.shown = &self.shown;
        }
        way
    }

    /// The way as the files alone give it.
    pub(super) fn way_of_files(&self, level: String) -> Way<'_> {
        Way {
            shown: &[],
            ..self.way(level)
        }
    }

    /// Whether IIS reads a web.config at a level at all.
    pub(super) fn reads_web_config(&self, level: &str) -> bool {
        let mut around = web_path::levels(level).into_iter().rev();
        let Some((own, hosted)) = around.find_map(|level| self.hosted.get_key_value(level)) else {
            return true;
        };
        hosted.reads_web_configs && (own == level || hosted.reads_sub_directories)
    }

    /// The innermost application at or above a level.
    fn application(&self, level: &str) -> Option<&str> {
        let mut around = web_path::levels(level).into_iter().rev();
        let is_application = |level: &&str| self.is_application(level);
        let found = around.find(is_application)?;
        self.hosted
            .get_key_value(found)
            .map(|(own, _)| own.as_str())
    }

    fn is_application(&self, level: &str) -> bool {
        self.hosted
            .get(level)
            .is_some_and(|hosted| hosted.application)
    }
}

impl<'s> Way<'s> {
    /// The declaration of a section in `configSections` of the server's file.
    pub(super) fn declaration(&self, section: Section) -> Option<(&'s ConfigFile, Node<'s>)> {
        let server = &self.hierarchy.server;
        Some((server, server.declaration(section)?))
    }

    /// Whether an application begins at a level.
    pub(super) fn is_application(&self, level: &str) -> bool {
        self.hierarchy.is_application(level)
    }

    /// Whether the end of the way belongs to the same application as a level on the way.
    pub(super) fn same_application(&self, level: &str) -> bool {
        self.hierarchy.application(level) == self.hierarchy.application(&self.level)
    }

    /// The section as tools of IIS printed it for the end of the way, where a file on the way is not here.
    pub(super) fn shown(
        &self,
        section: Section,
    ) -> impl Iterator<Item = (&'s ConfigFile, SectionUse<'s>)> {
        let files = self.shown.iter();
        files.flat_map(move |file| {
            let uses = file.uses(section, &self.level).into_iter();
            uses.map(move |used| (file, used))
        })
    }

    /// The web.config files on the way that the bundle does not hold and no output makes up for, as `directory\web.config`.
    pub(super) fn unseen_files(&self) -> Vec<String> {
        let made_up = [WINDOWS, ANONYMOUS]
            .iter()
            .all(|section| self.shown(*section).any(|(file, _)| file.states_what_holds));
        if made_up { Vec::new() } else { self.lacking() }
    }

    /// The web.config files of the applications on the way that the bundle does not hold, or holds damaged.
    pub(super) fn lacking(&self) -> Vec<String> {
        // What says what holds was computed from all files by IIS itself.
        let server = &self.hierarchy.server;
        let states = |section: Section| !server.uses(section, &self.level).is_empty();
        if server.states_what_holds && states(WINDOWS) && states(ANONYMOUS) {
            return Vec::new();
        }
        let unseen = web_path::levels(&self.level)
            .into_iter()
            // One that is damaged says half of what it sets.
            .filter(|level| {
                let file = self.hierarchy.web_configs.get(*level);
                !file.is_some_and(|file| file.tree().is_whole())
            })
            .filter_map(|level| self.hierarchy.hosted.get(level))
            .filter(|hosted| hosted.application && hosted.reads_web_configs)
            .map(|hosted| hosted.physical_path.trim_end_matches(['\\', '/']))
            .filter(|directory| !directory.is_empty());
        let mut files: Vec<String> = Vec::new();
        for directory in unseen {
            let file = format!("{directory}\\web.config");
            // Applications may share a directory.
            if !files.contains(&file) {
                files.push(file);
            }
        }
        files
    }
}
