//! Collections (`providers`, `modules`, `authorization`, `spn` lists): the parent's entries, then this level's
//! `<clear/>`, `<remove>` and `<add>` in order. Deeper entries are appended.

use std::collections::BTreeSet;

use crate::evidence::Citation;

use super::layers::{Layers, is_true};
use super::tree::Node;

/// Directives of one collection at one level: the longest real ones have some hundred.
const MAX_STEPS: usize = 10_000;

/// What a collection calls its directives, and what makes an entry unique.
pub(super) struct Shape {
    /// Elements between the section and the entries.
    pub(super) element: &'static [&'static str],
    pub(super) add: &'static str,
    pub(super) remove: &'static str,
    pub(super) clear: &'static str,
    /// The attributes that are the key, in a form that compares equal for equal keys.
    pub(super) key: fn(Node<'_>) -> String,
}

/// One entry in force.
pub(super) struct Entry<'s> {
    pub(super) key: String,
    pub(super) node: Node<'s>,
    pub(super) from: Citation,
    /// `lockItem`: deeper files may not remove it.
    locked: bool,
    depth: usize,
}

/// The entries in force at a path, and what shaped them.
#[derive(Default)]
pub(super) struct Collection<'s> {
    pub(super) entries: Vec<Entry<'s>>,
    keys: BTreeSet<String>,
    /// The `<clear/>` and `<remove>` of the innermost level that has any.
    pub(super) shaped_by: Vec<Citation>,
    /// Keys taken away, with what did it, in order.
    pub(super) removed: Vec<(String, Citation)>,
    /// Entries added although their key is there already: IIS answers 500.19 (0x800700b7).
    pub(super) duplicates: Vec<Citation>,
}

impl<'s> Collection<'s> {
    /// Merges a collection of a section. Broken locks are added to the violations of the layers.
    pub(super) fn merge(layers: &mut Layers<'s>, shape: &Shape) -> Self {
        let mut merged = Self::default();
        let mut violations = Vec::new();
        for layer in &layers.layers {
            let mut shaped = Vec::new();
            let nodes = layer.used.node.below(shape.element).into_iter();
            let steps = nodes.flat_map(|node| node.children().collect::<Vec<_>>());
            let steps = steps.filter(|node| layer.allows(*node, None));
            for node in steps.take(MAX_STEPS) {
                let from = node.cite(layer.file.artifact);
                let name = node.name();
                if name == shape.add {
                    merged.add(Entry {
                        key: (shape.key)(node),
                        locked: node.attribute("lockItem").is_some_and(is_true),
                        depth: layer.depth,
                        node,
                        from,
                    });
                } else if name == shape.clear || name == shape.remove {
                    let key = (name == shape.remove).then(|| (shape.key)(node));
                    match merged.take(key.as_deref(), &from, layer.depth) {
                        Ok(()) => shaped.push(from),
                        Err(locked_by) => violations.push((layer.file, node, locked_by)),
                    }
                }
            }
            if !shaped.is_empty() {
                merged.shaped_by = shaped;
            }
        }
        for (file, node, locked_by) in violations {
            layers.violate(file, node, node.name(), &locked_by);
        }
        merged
    }

    fn add(&mut self, entry: Entry<'s>) {
        if self.keys.insert(entry.key.clone()) {
            self.entries.push(entry);
        } else {
            self.duplicates.push(entry.from);
        }
    }

    /// Takes away the entry of a key, or all of them; fails with the entry that a shallower file locks.
    fn take(&mut self, key: Option<&str>, by: &Citation, depth: usize) -> Result<(), Citation> {
        if key.is_some_and(|key| !self.keys.contains(key)) {
            return Ok(());
        }
        let meant = |entry: &Entry<'_>| key.is_none_or(|key| entry.key == key);
        let locked = |entry: &&Entry<'_>| meant(entry) && entry.locked && entry.depth < depth;
        if let Some(entry) = self.entries.iter().find(locked) {
            return Err(entry.from.clone());
        }
        for gone in self.entries.extract_if(.., |entry| meant(entry)) {
            self.keys.remove(&gone.key);
            self.removed.push((gone.key, by.clone()));
        }
        Ok(())
    }
}
