//! What differs between two states of one applicationHost.config, as far as sign-in depends on it: authentication sections
//! and their locks, modules, pools and their identities, sites with their bindings and applications.

use std::collections::{BTreeMap, BTreeSet};

use crate::evidence::{ArtifactId, Citation};

use super::config_file::ConfigFile;
use super::schema::{GLOBAL_MODULES, MODULES, SECTIONS};
use super::tree::Node;

/// A difference in one setting.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingChange {
    /// The setting as IIS's configuration log writes it, from the section on:
    /// `windowsAuthentication/@enabled`, `add[@name='Intranet']/processModel/@userName`.
    pub setting: String,
    /// `Site/app`; empty for the server.
    pub location: String,
    /// Before; `None` where it was not set.
    pub old: Option<String>,
    /// After; `None` where it is not set any more.
    pub new: Option<String>,
    /// The places before and after.
    pub from: Vec<Citation>,
}

/// A value with its place. Secrets are compared by a digest that is not part of the value.
type Facts = BTreeMap<(String, String), (String, Option<String>, Citation)>;

impl SettingChange {
    /// The differences, in the order of locations and settings.
    pub fn between(older: &ConfigFile, newer: &ConfigFile) -> Vec<Self> {
        let (before, after) = (facts(older), facts(newer));
        let keys: BTreeSet<&(String, String)> = before.keys().chain(after.keys()).collect();
        let mut found = Vec::new();
        for key in keys {
            let (old, new) = (before.get(key), after.get(key));
            let same = match (old, new) {
                (Some(old), Some(new)) => old.0 == new.0 && old.1 == new.1,
                _ => false,
            };
            // What goes with its site, pool or section is told by that alone.
            let (location, setting) = key;
            if same || is_part_of_another(key, &before, &after) {
                continue;
            }
            found.push(Self {
                setting: setting.clone(),
                location: location.clone(),
                old: old.map(|old| old.0.clone()),
                new: new.map(|new| new.0.clone()),
                from: [old, new]
                    .into_iter()
                    .flatten()
                    .map(|one| one.2.clone())
                    .collect(),
            });
        }
        found
    }

    /// The change as one line.
    pub fn says(&self) -> String {
        let place = match self.location.as_str() {
            "" => String::new(),
            location => format!(" at {location}"),
        };
        let what = match (&self.old, &self.new) {
            (None, Some(new)) if new.is_empty() => "added".to_owned(),
            (Some(old), None) if old.is_empty() => "removed".to_owned(),
            (None, Some(new)) => format!("set to {new}"),
            (Some(old), None) => format!("no longer set, was {old}"),
            (Some(old), Some(new)) if old == new => "changed".to_owned(),
            (Some(old), Some(new)) => format!("changed from {old} to {new}"),
            (None, None) => "changed".to_owned(),
        };
        format!("{}{place} {what}", self.setting)
    }
}

/// Whether a setting came or went with the pool or site that it belongs to.
fn is_part_of_another(
    (location, setting): &(String, String),
    before: &Facts,
    after: &Facts,
) -> bool {
    let Some((owner, _)) = setting.split_once("']/") else {
        return false;
    };
    let owner = (location.clone(), format!("{owner}']"));
    before.contains_key(&owner) != after.contains_key(&owner)
}

fn facts(file: &ConfigFile) -> Facts {
    let mut facts = Facts::new();
    let artifact = file.artifact;
    for (section, location, uses) in file.all_uses() {
        let name = section.0.rsplit('/').next().unwrap_or(section.0);
        if section == GLOBAL_MODULES || section == MODULES {
            for used in &uses {
                modules(&mut facts, artifact, location, name, used.node);
            }
            continue;
        }
        for used in &uses {
            attributes(&mut facts, artifact, location, name, used.node);
            for child in used.node.children() {
                let path = format!("{name}/{}", child.name());
                attributes(&mut facts, artifact, location, &path, child);
                collection(&mut facts, artifact, location, &path, child);
            }
            if let Some(around) = used.location {
                for lock in ["overrideMode", "allowOverride"] {
                    if let Some(value) = around.attribute(lock) {
                        let key = (location.to_owned(), format!("{name}/@{lock}"));
                        facts.insert(key, (value.to_owned(), None, around.cite(artifact)));
                    }
                }
            }
        }
    }
    for section in SECTIONS {
        if let Some(declared) = file.declaration(section)
            && let Some(mode) = declared.attribute("overrideModeDefault")
        {
            let name = section.0.rsplit('/').next().unwrap_or(section.0);
            let key = (
                String::new(),
                format!("section[@name='{name}']/@overrideModeDefault"),
            );
            facts.insert(key, (mode.to_owned(), None, declared.cite(artifact)));
        }
    }
    pools(&mut facts, file);
    sites(&mut facts, file);
    facts
}

/// The attributes of an element, each a setting. Secrets are told by their digest.
fn attributes(facts: &mut Facts, artifact: ArtifactId, location: &str, path: &str, node: Node<'_>) {
    for attribute in node.attributes() {
        let key = (location.to_owned(), format!("{path}/@{}", attribute.name));
        let value = (
            attribute.value.clone(),
            attribute.fingerprint.clone(),
            node.cite(artifact),
        );
        facts.insert(key, value);
    }
}

/// A list as one value, in its order: `Negotiate, NTLM`.
fn collection(facts: &mut Facts, artifact: ArtifactId, location: &str, path: &str, node: Node<'_>) {
    const MAX_ENTRIES: usize = 50;
    let entries: Vec<String> = node
        .children()
        .take(MAX_ENTRIES)
        .map(|entry| {
            let value = ["value", "name"]
                .iter()
                .find_map(|name| entry.attribute(name));
            match (entry.name(), value) {
                ("add" | "spn", Some(value)) => value.to_owned(),
                (other, Some(value)) => format!("{other} {value}"),
                (other, None) => other.to_owned(),
            }
        })
        .collect();
    if !entries.is_empty() {
        let key = (location.to_owned(), path.to_owned());
        facts.insert(key, (entries.join(", "), None, node.cite(artifact)));
    }
}

fn modules(facts: &mut Facts, artifact: ArtifactId, location: &str, section: &str, node: Node<'_>) {
    for entry in node.children() {
        let name = entry.attribute("name").unwrap_or_default();
        let key = (
            location.to_owned(),
            format!("{section}/{}[@name='{name}']", entry.name()),
        );
        facts.insert(key, (String::new(), None, entry.cite(artifact)));
    }
}

fn pools(facts: &mut Facts, file: &ConfigFile) {
    let artifact = file.artifact;
    for all in file.part("applicationPools") {
        for pool in all.children() {
            let path = match pool.attribute("name") {
                Some(name) => {
                    let path = format!("add[@name='{name}']");
                    let here = (String::new(), None, pool.cite(artifact));
                    facts.insert((String::new(), path.clone()), here);
                    path
                }
                None => pool.name().to_owned(),
            };
            attributes(facts, artifact, "", &path, pool);
            for model in pool.named("processModel") {
                attributes(facts, artifact, "", &format!("{path}/processModel"), model);
            }
        }
    }
}

fn sites(facts: &mut Facts, file: &ConfigFile) {
    let artifact = file.artifact;
    let mut put = |path: String, value: &str, node: Node<'_>| {
        facts.insert(
            (String::new(), path),
            (value.to_owned(), None, node.cite(artifact)),
        );
    };
    for site in file
        .part("sites")
        .into_iter()
        .flat_map(|all| all.named("site").collect::<Vec<_>>())
    {
        let path = format!(
            "site[@name='{}']",
            site.attribute("name").unwrap_or_default()
        );
        put(path.clone(), "", site);
        for binding in site.below(&["bindings", "binding"]) {
            let text = |name: &str| binding.attribute(name).unwrap_or_default();
            let own = format!(
                "{path}/binding {} {}",
                text("protocol"),
                text("bindingInformation")
            );
            put(own, "", binding);
        }
        for application in site.named("application") {
            let own = application.attribute("path").unwrap_or("/");
            let pool = application.attribute("applicationPool").unwrap_or_default();
            put(
                format!("{path}/application[@path='{own}']/@applicationPool"),
                pool,
                application,
            );
        }
    }
}
