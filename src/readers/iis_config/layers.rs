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

use std::collections::{BTreeMap, BTreeSet};

use crate::evidence::Citation;

use super::config_file::{ConfigFile, MAX_REPEATS, SectionUse};
use super::hierarchy::Way;
use super::model::LockViolation;
use super::schema::{Attribute, Section};
use super::tree::{self, Node};
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
        // What tools of IIS printed for the path makes up for files that the bundle does not hold.
        for (file, used) in way.shown(section) {
            if file.states_what_holds {
                layers.layers.clear();
            }
            layers.layers.push(Layer {
                file,
                depth: way.files.len(),
                used,
                blocked: BTreeSet::new(),
            });
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
        if file.states_what_holds {
            self.layers.clear();
        }
        let mut layer = Layer {
            file,
            depth,
            used,
            blocked: BTreeSet::new(),
        };
        self.item_locks(&mut layer, &[used.node], &mut Vec::new());
        self.layers.push(layer);
    }

    /// Whether no web.config may set the section at the end of the way.
    pub(super) fn is_locked(&self, way: &Way<'s>) -> bool {
        self.section_lock(way, &way.level, way.files.len())
            .is_some()
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

    /// Finds attributes and elements, in the nodes at one path below the section, that layers of shallower files lock,
    /// and notes the violations.
    fn item_locks(&mut self, layer: &mut Layer<'s>, nodes: &[Node<'s>], path: &mut Vec<&'s str>) {
        let locking = self
            .layers
            .iter()
            .filter(|above| above.depth < layer.depth)
            .flat_map(|above| {
                let nodes = above.used.node.below(path).into_iter();
                let nodes = nodes.filter(|node| node.attributes().iter().any(is_lock));
                nodes.map(|node| (node, node.cite(above.file.artifact)))
            });
        let locking: Vec<(Node<'s>, Citation)> = locking.take(MAX_REPEATS).collect();
        let lock_of = |lists: [&str; 2], name: &str| {
            let lock = locking.iter().find(|(above, _)| locks(*above, lists, name));
            lock.map(|(_, locked_by)| locked_by)
        };
        let mut inside: BTreeMap<&str, Vec<Node<'s>>> = BTreeMap::new();
        for &node in nodes {
            for attribute in node.attributes().iter().filter(|one| !is_lock(one)) {
                let name = &attribute.name;
                if let Some(locked_by) =
                    lock_of(["lockAttributes", "lockAllAttributesExcept"], name)
                {
                    layer.blocked.insert((node.number(), Some(name.clone())));
                    self.violate(layer.file, node, name, locked_by);
                }
            }
            for child in node.children() {
                let name = child.name();
                if let Some(locked_by) = lock_of(["lockElements", "lockAllElementsExcept"], name) {
                    layer.blocked.insert((child.number(), None));
                    self.violate(layer.file, child, name, locked_by);
                } else if !is_entry(name) {
                    inside.entry(name).or_default().push(child);
                }
            }
        }
        for (name, nodes) in inside {
            path.push(name);
            self.item_locks(layer, &nodes, path);
            path.pop();
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
    /// Whether it holds for the whole server.
    pub(super) fn is_of_server(&self) -> bool {
        let path = self.used.location.and_then(|node| node.attribute("path"));
        self.depth == 0 && path.unwrap_or_default().is_empty()
    }

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

/// Whether an attribute is a lock itself.
fn is_lock(attribute: &tree::Attribute) -> bool {
    attribute.name.starts_with("lock")
}

/// Whether an element locks an attribute or a child element of itself for deeper files: by a list of those that are
/// locked, or of those that are not.
fn locks(above: Node<'_>, [these, all_except]: [&str; 2], name: &str) -> bool {
    let lists = |attribute: &str| {
        let mut names = above.attribute(attribute)?.split(',').map(str::trim);
        Some(names.any(|one| one == name || one == "*"))
    };
    lists(these) == Some(true) || lists(all_except) == Some(false)
}

/// Whether an attribute says `true`.
pub(super) fn is_true(value: &str) -> bool {
    super::schema::read_bool(value) == Some(true)
}
