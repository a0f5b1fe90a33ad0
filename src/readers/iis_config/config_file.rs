//! One configuration file, read: which sections it sets, at which location, and what is wrong with it.
//!
//! applicationHost.config, web.config, redirection.config and fragments of them are all read the same way; what a
//! file is for is asked of the result. A fragment may begin at `<system.applicationHost>`, `<sites>`,
//! `<system.webServer>` or hold several of them side by side, as `appcmd list config` prints them.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::bundle::text::Text;
use crate::evidence::{ArtifactId, Citation, Place, Problem};
use crate::readers::Reading;

use super::schema::{self, SECTIONS, Section};
use super::tree::{Node, Tree};
use super::web_path;

/// How often one section may stand at one path of a file and still be read: IIS takes it once.
pub(super) const MAX_REPEATS: usize = 64;

/// A configuration file, read. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigFile {
    /// The artifact.
    pub artifact: ArtifactId,
    tree: Arc<Tree>,
    /// The elements that set a section, by section and location path (`""` for the file's own level).
    uses: Arc<BTreeMap<(Section, String), Vec<Use>>>,
    /// The `section` elements of `configSections` that declare a section.
    declared: Arc<BTreeMap<Section, usize>>,
    /// True when every section says what holds at its path, whatever the levels above set: what a tool of IIS printed.
    pub(super) states_what_holds: bool,
}

/// A section element and the `location` around it, by their numbers in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Use {
    section: usize,
    location: Option<usize>,
}

/// One place where a file sets a section.
#[derive(Clone, Copy, Debug)]
pub(super) struct SectionUse<'f> {
    /// The section element.
    pub(super) node: Node<'f>,
    /// The `location` element around it.
    pub(super) location: Option<Node<'f>>,
}

impl SectionUse<'_> {
    /// Whether the location allows deeper files to set the section; `None` when it inherits that.
    pub(super) fn override_mode(&self) -> Option<bool> {
        let location = self.location?;
        match location.attribute("overrideMode") {
            Some(mode) if mode.eq_ignore_ascii_case("Allow") => Some(true),
            Some(mode) if mode.eq_ignore_ascii_case("Deny") => Some(false),
            _ => schema::read_bool(location.attribute("allowOverride")?),
        }
    }

    /// Whether the block flows into applications below the one it stands in.
    pub(super) fn flows_into_applications(&self) -> bool {
        self.location
            .and_then(|location| location.attribute("inheritInChildApplications"))
            .and_then(schema::read_bool)
            .unwrap_or(true)
    }
}

impl ConfigFile {
    /// Reads a file. Never fails; what could not be read is in the problems.
    pub fn read(artifact: ArtifactId, text: &Text) -> Reading<Self> {
        Self::read_str(artifact, &text.lines.join("\n"))
    }

    /// Reads a file from its text; lines are counted by line feeds.
    pub fn read_str(artifact: ArtifactId, text: &str) -> Reading<Self> {
        let file = Self::of_tree(artifact, Tree::read(text), false);
        // appcmd prints a root for every section.
        let printed = file.is_printed();
        let mut problems: Vec<Problem> = file
            .tree
            .faults
            .iter()
            .filter(|fault| fault.loses || !printed)
            .map(|fault| Problem::new(artifact, Place::Line(fault.line), fault.says.clone()))
            .collect();
        problems.extend(super::review::review(&file));
        problems.sort();
        Reading {
            artifact,
            count: file.tree.len() as u64,
            records: file,
            problems,
        }
    }

    /// A file from its elements.
    pub(super) fn of_tree(artifact: ArtifactId, tree: Tree, states_what_holds: bool) -> Self {
        let mut file = Self {
            artifact,
            uses: Arc::default(),
            declared: Arc::default(),
            tree: Arc::new(tree),
            states_what_holds,
        };
        file.index();
        file
    }

    /// The file as a tree.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// Whether it is an applicationHost.config or a fragment of one: it holds sites, pools or `system.applicationHost`.
    pub fn is_application_host(&self) -> bool {
        !self.is_transform()
            && (self
                .top()
                .any(|node| node.name() == "system.applicationHost")
                || !self.part("sites").is_empty()
                || !self.part("applicationPools").is_empty())
    }

    /// Whether it is what `appcmd list config` printed: a root for every section, so that roots repeat.
    pub fn is_printed(&self) -> bool {
        let mut names = std::collections::BTreeSet::new();
        let mut repeated = false;
        let mut roots = self.tree.roots().peekable();
        roots.peek().is_some()
            && roots.all(|root| {
                repeated |= !names.insert(root.name());
                root.name().starts_with("system.")
            })
            && repeated
    }

    /// Whether it is a transform (`xdt:Transform`): a recipe for changing a file, not a configuration in force.
    pub fn is_transform(&self) -> bool {
        self.tree.roots().any(|root| {
            root.attributes()
                .iter()
                .any(|attribute| attribute.value.ends_with("XML-Document-Transform"))
        })
    }

    /// False when the file is cut, broken, a transform, or lacks one of the parts that every applicationHost.config has.
    pub fn is_complete_application_host(&self) -> bool {
        let has = |name: &str| self.top().any(|node| node.name() == name);
        self.tree.is_whole()
            && !self.is_transform()
            && has("configSections")
            && has("system.webServer")
            && [schema::GLOBAL_MODULES, schema::MODULES]
                .into_iter()
                .all(|section| !self.uses(section, "").is_empty())
            && ["sites", "applicationPools"].into_iter().all(|name| {
                let part = self.part(name);
                !part.is_empty() && part.iter().all(|node| stored_elsewhere(*node).is_none())
            })
            && self.knows_authentication()
    }

    /// Whether every element of the authentication sections is one that IIS knows, and every attribute of those whose
    /// attributes are known here: of one whose name is damaged it cannot be told what it set.
    fn knows_authentication(&self) -> bool {
        if !super::unknown::in_file(self).is_empty() {
            return false;
        }
        let declared = |name: &str| {
            self.tree
                .nodes()
                .any(|n| n.name() == "section" && n.attribute("name") == Some(name))
        };
        let groups = self.tree.nodes().filter(|n| {
            let above = n.parent().filter(|p| p.name() == "security");
            // Sites that serve FTP have authentication of their own, with other sections.
            n.name() == "authentication"
                && above.is_some_and(|p| p.parent().is_none_or(|p| p.name() != "ftpServer"))
        });
        groups.flat_map(|group| group.children()).all(|section| {
            let known = schema::authentication_children(section.name());
            let known = known.or_else(|| declared(section.name()).then_some(&[][..]));
            known.is_some_and(|known| {
                known.is_empty()
                    || section
                        .children()
                        .flat_map(|part| std::iter::once(part).chain(part.children()))
                        .all(|part| known.contains(&part.name()))
            })
        })
    }

    /// The file as a whole.
    pub fn cite(&self) -> Citation {
        Citation {
            artifact: self.artifact,
            place: Place::Whole,
            time: None,
            text: self
                .tree
                .roots()
                .next()
                .map(Node::start_tag)
                .unwrap_or_default()
                .into(),
        }
    }

    /// The elements directly below `configuration`, or the outermost ones of a fragment.
    pub(super) fn top(&self) -> impl Iterator<Item = Node<'_>> {
        self.tree
            .roots()
            .flat_map(|root| match root.name() == "configuration" {
                true => root.children().collect::<Vec<_>>(),
                false => vec![root],
            })
    }

    /// The `sites` or `applicationPools` of `system.applicationHost`, which a fragment may begin with.
    pub(super) fn part(&self, name: &str) -> Vec<Node<'_>> {
        self.top()
            .flat_map(|top| match top.name() {
                "system.applicationHost" => top.named(name).collect(),
                other if other == name => vec![top],
                _ => Vec::new(),
            })
            .collect()
    }

    /// Where the file sets a section for a location path: lower-case, `""` for the file's own level.
    pub(super) fn uses(&self, section: Section, location: &str) -> Vec<SectionUse<'_>> {
        let uses = self.uses.get(&(section, location.to_owned()));
        let uses = uses.map(Vec::as_slice).unwrap_or_default();
        uses.iter()
            .take(MAX_REPEATS)
            .filter_map(|&used| self.resolve(used))
            .collect()
    }

    /// Every use of a section, with its location path.
    pub(super) fn all_uses(&self) -> impl Iterator<Item = (Section, &str, Vec<SectionUse<'_>>)> {
        self.uses.iter().map(|((section, path), uses)| {
            let uses = uses.iter().filter_map(|&used| self.resolve(used));
            (*section, path.as_str(), uses.collect())
        })
    }

    /// The element of `configSections` that declares a section.
    pub(super) fn declaration(&self, section: Section) -> Option<Node<'_>> {
        self.tree.node(*self.declared.get(&section)?)
    }

    fn resolve(&self, used: Use) -> Option<SectionUse<'_>> {
        Some(SectionUse {
            node: self.tree.node(used.section)?,
            location: used.location.and_then(|at| self.tree.node(at)),
        })
    }

    /// Finds the sections and their declarations.
    fn index(&mut self) {
        let mut uses: BTreeMap<(Section, String), Vec<Use>> = BTreeMap::new();
        let mut declared = BTreeMap::new();
        // A transform sets nothing: it says how another file is to be changed.
        if self.is_transform() {
            return;
        }
        for top in self.top() {
            if top.name() == "location" {
                let path = web_path::normal(top.attribute("path").unwrap_or_default());
                for child in top.children() {
                    for (section, node) in sections_in(child) {
                        uses.entry((section, path.clone())).or_default().push(Use {
                            section: node.number(),
                            location: Some(top.number()),
                        });
                    }
                }
                continue;
            }
            for (section, node) in sections_in(top) {
                uses.entry((section, String::new())).or_default().push(Use {
                    section: node.number(),
                    location: None,
                });
            }
            if top.name() == "configSections" {
                for section in SECTIONS {
                    if let Some(node) = declaration_in(top, section) {
                        declared.entry(section).or_insert(node.number());
                    }
                }
            }
        }
        self.uses = Arc::new(uses);
        self.declared = Arc::new(declared);
    }
}

/// Where a section is stored when it is not in this file: the attribute that says so.
pub(super) fn stored_elsewhere(node: Node<'_>) -> Option<&'static str> {
    ["configSource", "childSource", "configProtectionProvider"]
        .into_iter()
        .find(|name| node.attribute(name).is_some())
}

/// The sections under an element of the top level, itself included.
fn sections_in(top: Node<'_>) -> Vec<(Section, Node<'_>)> {
    SECTIONS
        .into_iter()
        .filter_map(|section| {
            let steps = section.steps();
            let (first, rest) = steps.split_first()?;
            (*first == top.name())
                .then(|| top.below(rest).into_iter().map(move |node| (section, node)))
        })
        .flatten()
        .collect()
}

/// The `section` element that declares a section: nested `sectionGroup` elements named after the steps of its path.
fn declaration_in(sections: Node<'_>, section: Section) -> Option<Node<'_>> {
    let steps = section.steps();
    let (last, groups) = steps.split_last()?;
    let mut around = vec![sections];
    for group in groups {
        around = around
            .iter()
            .flat_map(|node| node.named("sectionGroup"))
            .filter(|node| node.attribute("name") == Some(group))
            .collect();
    }
    around
        .iter()
        .flat_map(|node| node.named("section"))
        .find(|node| node.attribute("name") == Some(last))
}
