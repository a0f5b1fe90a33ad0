//! The places that set one section on the way to a path, in the order in which IIS lays them over each other, and the
//! locks between them.
//!
//! Levels are laid from the server down to the path; at each level the files from applicationHost.config down to the
//! level's own web.config, so that a web.config wins over a `location` tag of applicationHost.config *for the same
//! path*, and a `location` tag for a deeper path wins over a web.config further up. Microsoft does not document that
//! order; it is how .NET configuration works, which IIS follows.
//!
//! Locks bind deeper *files* only: applicationHost.config may set for a site what it locks for the server
//! (A. Bi, IIS team, "More config locking", 2008).

use std::collections::BTreeSet;

use crate::evidence::Citation;

use super::config_file::{ConfigFile, SectionUse};
use super::hierarchy::Way;
use super::model::LockViolation;
use super::schema::{Attribute, Section};
use super::tree::Node;
use super::web_path;

/// One place that sets a section.
pub(super) struct Layer<'s> {
    pub(super) file: &'s ConfigFile,
    /// How deep the file lies: 0 for applicationHost.config.
    pub(super) depth: usize,
    pub(super) used: SectionUse<'s>,
    /// Elements, and attributes of elements, that a lock keeps from taking effect.
    blocked: BTreeSet<(usize, Option<String>)>,
}

/// The places that set a section on the way to a path, outermost first.
pub(super) struct Layers<'s> {
    section: Section,
    pub(super) layers: Vec<Layer<'s>>,
    /// Locks that files on the way break.
    pub(super) violations: Vec<LockViolation>,
}

impl<'s> Layers<'s> {
    /// Collects the layers of a section on the way to a path.
    pub(super) fn collect(section: Section, way: &Way<'s>) -> Self {
        let mut layers = Self {
            section,
            layers: Vec::new(),
            violations: Vec::new(),
        };
        for level in web_path::levels(&way.level) {
            for (depth, (own, file)) in way.files.iter().enumerate() {
                // ASP.NET does not read applicationHost.config.
                let unread = depth == 0 && !section.is_of_iis();
                let Some(location) = web_path::below(level, own).filter(|_| !unread) else {
                    continue;
                };
                for used in file.uses(section, location) {
                    if used.flows_into_applications() || way.same_application(level) {
                        layers.lay(way, level, depth, file, used);
                    }
                }
            }
        }
        layers
    }

    /// Lays one place over the ones before, unless a lock forbids it.
    fn lay(
        &mut self,
        way: &Way<'s>,
        level: &str,
        depth: usize,
        file: &'s ConfigFile,
        used: SectionUse<'s>,
    ) {
        if let Some(locked_by) = self.section_lock(way, level, depth) {
            self.violations.push(LockViolation {
                section: self.section.0.into(),
                item: None,
                set_at: used.node.cite(file.artifact),
                locked_by: Some(locked_by),
            });
            return;
        }
        let mut layer = Layer {
            file,
            depth,
            used,
            blocked: BTreeSet::new(),
        };
        self.item_locks(&mut layer, used.node, &mut Vec::new());
        self.layers.push(layer);
    }

    /// What keeps a file at this depth from setting the section for a level.
    fn section_lock(&self, way: &Way<'s>, level: &str, depth: usize) -> Option<Citation> {
        if depth == 0 {
            return None;
        }
        let mut lock = None;
        if let Some((server, declared)) = way.declaration(self.section) {
            let is = |name: &str, value: &str| {
                let written = declared.attribute(name);
                written.is_some_and(|written| written.eq_ignore_ascii_case(value))
            };
            let misplaced = is("allowDefinition", "AppHostOnly")
                || (is("allowDefinition", "MachineToApplication") && !way.is_application(level));
            if misplaced {
                return Some(declared.cite(server.artifact));
            }
            if is("overrideModeDefault", "Deny") {
                lock = Some(declared.cite(server.artifact));
            }
        }
        for above in self.layers.iter().filter(|layer| layer.depth < depth) {
            if above.used.node.attribute("lockItem").is_some_and(is_true) {
                return Some(above.used.node.cite(above.file.artifact));
            }
            match (above.used.override_mode(), above.used.location) {
                (Some(true), _) => lock = None,
                (Some(false), Some(location)) => lock = Some(location.cite(above.file.artifact)),
                _ => {}
            }
        }
        lock
    }

    /// Finds attributes and elements below a node that layers of shallower files lock, and notes the violations.
    fn item_locks(&mut self, layer: &mut Layer<'s>, node: Node<'s>, path: &mut Vec<&'s str>) {
        let above: Vec<(Node<'s>, Citation)> = self
            .layers
            .iter()
            .filter(|above| above.depth < layer.depth)
            .flat_map(|above| {
                let nodes = above.used.node.below(path).into_iter();
                nodes
                    .filter(|node| {
                        node.attributes()
                            .iter()
                            .any(|one| one.name.starts_with("lock"))
                    })
                    .map(|node| (node, node.cite(above.file.artifact)))
            })
            .collect();
        for attribute in node.attributes() {
            let lock = above.iter().find(|(above, _)| {
                locks(
                    *above,
                    "lockAttributes",
                    "lockAllAttributesExcept",
                    &attribute.name,
                )
            });
            if let Some((_, locked_by)) = lock
                && !attribute.name.starts_with("lock")
            {
                layer
                    .blocked
                    .insert((node.number(), Some(attribute.name.clone())));
                self.violate(layer.file, node, &attribute.name, locked_by);
            }
        }
        for child in node.children() {
            let lock = above.iter().find(|(above, _)| {
                locks(
                    *above,
                    "lockElements",
                    "lockAllElementsExcept",
                    child.name(),
                )
            });
            if let Some((_, locked_by)) = lock {
                layer.blocked.insert((child.number(), None));
                self.violate(layer.file, child, child.name(), locked_by);
            } else if !is_entry(child.name()) {
                path.push(child.name());
                self.item_locks(layer, child, path);
                path.pop();
            }
        }
    }

    pub(super) fn violate(
        &mut self,
        file: &ConfigFile,
        set_at: Node<'_>,
        item: &str,
        locked_by: &Citation,
    ) {
        self.violations.push(LockViolation {
            section: self.section.0.into(),
            item: Some(item.into()),
            set_at: set_at.cite(file.artifact),
            locked_by: Some(locked_by.clone()),
        });
    }

    /// Where an attribute is set, outermost first.
    pub(super) fn set<T>(&self, attribute: &Attribute<T>) -> Vec<(T, Citation)> {
        let mut set = Vec::new();
        for layer in &self.layers {
            for node in layer.used.node.below(attribute.element) {
                let value = node.attribute(attribute.name).and_then(attribute.read);
                if let Some(value) = value.filter(|_| layer.allows(node, Some(attribute.name))) {
                    set.push((value, node.cite(layer.file.artifact)));
                }
            }
        }
        set
    }
}

impl Layer<'_> {
    /// Whether no lock keeps an element, or an attribute of it, from taking effect.
    pub(super) fn allows(&self, node: Node<'_>, attribute: Option<&str>) -> bool {
        let blocked = |node: Node<'_>, attribute: Option<&str>| {
            let key = (node.number(), attribute.map(str::to_owned));
            self.blocked.contains(&key)
        };
        let mut around = Some(node);
        while let Some(node) = around {
            if blocked(node, None) {
                return false;
            }
            around = node.parent();
        }
        attribute.is_none() || !blocked(node, attribute)
    }
}

/// Entries of collections: attribute locks mean nothing on them, and a path does not tell one from another.
fn is_entry(name: &str) -> bool {
    matches!(
        name,
        "add" | "remove" | "clear" | "spn" | "removeSpn" | "clearSpns"
    )
}

/// Whether an element locks an attribute or a child element of itself for deeper files.
fn locks(above: Node<'_>, these: &str, all_except: &str, name: &str) -> bool {
    let lists = |attribute: &str, name: &str| {
        above.attribute(attribute).map(|list| {
            list.split(',')
                .map(str::trim)
                .any(|one| one == name || one == "*")
        })
    };
    lists(these, name) == Some(true) || lists(all_except, name) == Some(false)
}

/// Whether an attribute says `true`.
pub(super) fn is_true(value: &str) -> bool {
    super::schema::read_bool(value) == Some(true)
}
