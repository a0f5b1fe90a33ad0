//! An XML configuration file as a tree of elements with line numbers.
//!
//! The parser is lenient on purpose: a support bundle holds files that were cut, edited by hand, or are fragments.
//! Whatever stands before a fault is kept, the fault is noted with its line, and reading goes on where it can. Values
//! that are secrets never enter the tree: only whether they are set, and a fingerprint of encrypted ones.
//!
//! Entities of a DOCTYPE are not expanded; depth, elements, attributes and faults have limits.

use sha2::{Digest, Sha256};

use crate::evidence::ArtifactId;

/// Elements nested deeper than this are left out: configuration stays below 15.
const MAX_DEPTH: usize = 64;
/// Elements of one file: the largest real ones have some ten thousand.
const MAX_ELEMENTS: usize = 500_000;
/// Attributes of one element.
const MAX_ATTRIBUTES: usize = 256;
/// Bytes of text kept of one element.
const MAX_TEXT: usize = 4096;
/// What stands in place of a secret.
pub(super) const REDACTED: &str = "[redacted]";

/// An attribute of an element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// The name as written, prefix included.
    pub name: String,
    /// The value; `[redacted]` for a secret that is set, empty for one that is not.
    pub value: String,
    /// SHA-256, in lower-case hexadecimal, of an `[enc:…]` value.
    pub fingerprint: Option<String>,
}

/// One element.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Element {
    pub(super) name: String,
    pub(super) attributes: Vec<Attribute>,
    pub(super) line: u32,
    /// The artifact it stands in, where the tree is put together from several.
    pub(super) artifact: Option<ArtifactId>,
    pub(super) parent: Option<usize>,
    pub(super) children: Vec<usize>,
    pub(super) text: String,
    /// False when its end tag is missing: what it should hold may stand elsewhere or be lost.
    pub(super) closed: bool,
    /// True when its start tag does not end, or an attribute of it cannot be read.
    pub(super) broken: bool,
}

/// Something wrong in the file, with its line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// Line, counted from 1.
    pub line: u32,
    /// What is wrong and what was done, as one sentence.
    pub says: String,
    /// Whether elements may be lost or misplaced because of it.
    pub loses: bool,
}

/// The elements of a file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    pub(super) elements: Vec<Element>,
    pub(super) roots: Vec<usize>,
    /// What is wrong in the file, in order.
    pub faults: Vec<Fault>,
}

impl Tree {
    /// Reads a text. Never fails: a text without any element gives an empty tree and a fault.
    pub fn read(text: &str) -> Self {
        super::parse::parse(text)
    }

    /// The number of elements.
    pub fn len(&self) -> usize {
        self.elements.len()
    }

    /// True when there is no element.
    pub fn is_empty(&self) -> bool {
        self.elements.is_empty()
    }

    /// True when no fault lost or misplaced elements.
    pub fn is_whole(&self) -> bool {
        !self.is_empty() && !self.faults.iter().any(|fault| fault.loses)
    }

    /// The outermost elements: one in a well-formed file.
    pub fn roots(&self) -> impl Iterator<Item = Node<'_>> {
        self.roots.iter().filter_map(|&at| self.node(at))
    }

    /// Every element, in document order.
    pub fn nodes(&self) -> impl Iterator<Item = Node<'_>> {
        (0..self.elements.len()).filter_map(|at| self.node(at))
    }

    /// The element of a number given by [`Node::number`].
    pub(super) fn node(&self, at: usize) -> Option<Node<'_>> {
        self.elements.get(at).map(|element| Node {
            tree: self,
            element,
            at,
        })
    }

    /// Adds an element under a parent; `None` when a limit is reached.
    pub(super) fn add(&mut self, mut element: Element) -> Option<usize> {
        let at = self.elements.len();
        if at >= MAX_ELEMENTS {
            return None;
        }
        element.attributes.truncate(MAX_ATTRIBUTES);
        match element.parent {
            Some(parent) => self.elements.get_mut(parent)?.children.push(at),
            None => self.roots.push(at),
        }
        self.elements.push(element);
        Some(at)
    }

    /// Adds text to an element, up to the limit. Encrypted text is a secret.
    pub(super) fn add_text(&mut self, at: usize, text: &str) {
        let Some(element) = self.elements.get_mut(at) else {
            return;
        };
        if element.name.ends_with("CipherValue") || is_secret(&element.name, text) {
            element.text = REDACTED.into();
        } else if element.text != REDACTED {
            let room = MAX_TEXT.saturating_sub(element.text.len());
            let end = text.floor_char_boundary(room);
            element.text.push_str(text.get(..end).unwrap_or_default());
        }
    }

    /// True when an element at this nesting may still be added.
    pub(super) fn allows_depth(depth: usize) -> bool {
        depth < MAX_DEPTH
    }

    /// True when an element may take one more attribute.
    pub(super) fn allows_attributes(count: usize) -> bool {
        count < MAX_ATTRIBUTES
    }
}

impl Attribute {
    /// An attribute whose value is dropped when it is a secret.
    pub(super) fn new(name: &str, value: &str) -> Self {
        let secret = is_secret(name, value);
        Self {
            name: name.into(),
            value: match secret && !value.is_empty() {
                true => REDACTED.into(),
                false => value.into(),
            },
            fingerprint: value.starts_with("[enc:").then(|| {
                Sha256::digest(value.as_bytes())
                    .iter()
                    .map(|byte| format!("{byte:02x}"))
                    .collect()
            }),
        }
    }
}

/// Whether a value is a secret, by the name it stands under or by what it looks like: passwords, keys, encrypted
/// values, connection strings that carry a password.
fn is_secret(name: &str, value: &str) -> bool {
    const NAMES: [&str; 7] = [
        "password",
        "pwd",
        "sessionkey",
        "validationkey",
        "decryptionkey",
        "secret",
        "connectionstring",
    ];
    let name = name.to_ascii_lowercase();
    let value = value.to_ascii_lowercase();
    NAMES.iter().any(|secret| name.contains(secret))
        || [
            "[enc:",
            "password=",
            "pwd=",
            "accountkey=",
            "sharedaccesskey=",
        ]
        .iter()
        .any(|mark| value.contains(mark))
}

/// Drops the value of an element that pairs it with a telling name: `<add key="DbPassword" value="…"/>`.
pub(super) fn drop_named_secret(attributes: &mut [Attribute]) {
    const MARKS: [&str; 6] = ["password", "passwd", "pwd", "secret", "apikey", "token"];
    let telling = attributes
        .iter()
        .filter(|attribute| matches!(attribute.name.as_str(), "key" | "name"))
        .map(|attribute| attribute.value.to_ascii_lowercase())
        .any(|name| MARKS.iter().any(|mark| name.contains(mark)));
    for attribute in attributes.iter_mut().filter(|_| telling) {
        if attribute.name == "value" && !attribute.value.is_empty() {
            attribute.value = REDACTED.into();
        }
    }
}

/// An element in its tree: a cheap cursor.
#[derive(Clone, Copy, Debug)]
pub struct Node<'t> {
    tree: &'t Tree,
    element: &'t Element,
    at: usize,
}

impl<'t> Node<'t> {
    /// The name as written.
    pub fn name(self) -> &'t str {
        &self.element.name
    }

    /// Line of the start tag, counted from 1.
    pub fn line(self) -> u32 {
        self.element.line
    }

    /// The text directly inside, trimmed.
    pub fn text(self) -> &'t str {
        self.element.text.trim()
    }

    /// The attributes in the order written.
    pub fn attributes(self) -> &'t [Attribute] {
        &self.element.attributes
    }

    /// The value of an attribute. Names are case-sensitive, as IIS reads them.
    pub fn attribute(self, name: &str) -> Option<&'t str> {
        self.attributes()
            .iter()
            .find(|attribute| attribute.name == name)
            .map(|attribute| attribute.value.as_str())
    }

    /// The element around this one.
    pub fn parent(self) -> Option<Node<'t>> {
        self.tree.node(self.element.parent?)
    }

    /// The elements directly inside, in order.
    pub fn children(self) -> impl Iterator<Item = Node<'t>> {
        let tree = self.tree;
        self.element
            .children
            .iter()
            .filter_map(move |&at| tree.node(at))
    }

    /// The elements of a name directly inside.
    pub fn named(self, name: &str) -> impl Iterator<Item = Node<'t>> {
        self.children().filter(move |child| child.name() == name)
    }

    /// The elements at a path below this one; this one for an empty path.
    pub fn below(self, path: &[&str]) -> Vec<Node<'t>> {
        let mut found = vec![self];
        for step in path {
            found = found.iter().flat_map(|node| node.named(step)).collect();
        }
        found
    }

    /// False when its end tag is missing: what it should hold may be lost.
    pub fn is_closed(self) -> bool {
        self.element.closed
    }

    /// Whether the tag of it or of an element inside is broken, or text stands there, where IIS takes none: what it sets may
    /// not be read.
    pub(super) fn is_garbled(self) -> bool {
        let mut inside = vec![self];
        while let Some(node) = inside.pop() {
            if node.element.broken || !node.text().is_empty() {
                return true;
            }
            inside.extend(node.children());
        }
        false
    }

    /// The artifact it stands in, where the tree is put together from several.
    pub(super) fn artifact(self) -> Option<ArtifactId> {
        self.element.artifact
    }

    /// The element itself.
    pub(super) fn element(self) -> &'t Element {
        self.element
    }

    /// Its number in the tree, in document order.
    pub(super) fn number(self) -> usize {
        self.at
    }
}

#[cfg(test)]
#[path = "tests/tree.rs"]
mod tests;
