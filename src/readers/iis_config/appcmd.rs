//! What `appcmd` prints of a configuration, as a tree: `/config:* /xml`, `/text:*`, and the fragments of `list config`.
//!
//! ```text
//! <appcmd><APPPOOL APPPOOL.NAME="Intranet" state="Started"><add name="Intranet"> … </add></APPPOOL></appcmd>
//!
//! APPPOOL                                               <system.webServer>
//!   APPPOOL.NAME:"Intranet"                               <security><authentication>
//!   [add]                                                   <windowsAuthentication enabled="true"> …
//!     [processModel]                                    </system.webServer>
//!       identityType:"SpecificUser"                     <system.webServer> …
//! ```
//!
//! All three give the same elements. The lines keep their numbers in the file that they stand in.

use crate::evidence::{ArtifactId, Place, Problem};

use super::config_file::ConfigFile;
use super::tree::{Attribute, Element, Node, Tree, drop_named_secret};

/// The objects that appcmd lists.
const OBJECTS: [&str; 9] = [
    "SITE", "APP", "VDIR", "APPPOOL", "WP", "REQUEST", "MODULE", "CONFIG", "TRACE",
];

/// One output of appcmd.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppcmdOutput {
    /// The artifact.
    pub artifact: ArtifactId,
    /// Its elements.
    pub tree: Tree,
    /// The path that fragments hold for, as it was asked for: `Site/app`; empty for the server, `None` when nothing says it.
    pub asked: Option<String>,
}

impl AppcmdOutput {
    /// Reads lines with their numbers. What could not be read is in the problems.
    pub fn read(
        artifact: ArtifactId,
        lines: &[(u32, &str)],
        asked: Option<String>,
    ) -> (Self, Vec<Problem>) {
        let first = lines.iter().map(|(_, line)| line.trim_start());
        let xml = first
            .clone()
            .find(|line| !line.is_empty())
            .is_some_and(|line| line.starts_with('<'));
        let mut tree = if xml {
            let text: Vec<&str> = lines.iter().map(|(_, line)| *line).collect();
            Tree::read(&text.join("\n"))
        } else {
            text_form(lines)
        };
        let number = |line: u32| {
            let at = usize::try_from(line)
                .unwrap_or(usize::MAX)
                .saturating_sub(1);
            lines.get(at).map_or(line, |(number, _)| *number)
        };
        if xml {
            for element in &mut tree.elements {
                element.line = number(element.line);
            }
            for fault in &mut tree.faults {
                fault.line = number(fault.line);
            }
        }
        for element in &mut tree.elements {
            element.artifact = Some(artifact);
        }
        // Fragments have several roots, as appcmd prints them.
        let problems = tree.faults.iter().filter(|fault| fault.loses);
        let problems = problems
            .map(|fault| Problem::new(artifact, Place::Line(fault.line), fault.says.clone()))
            .collect();
        let output = Self {
            artifact,
            tree,
            asked,
        };
        (output, problems)
    }

    /// Fragments that stand in a file of their own, printed for a path.
    pub fn of_file(file: &ConfigFile, asked: &str) -> Self {
        let mut tree = file.tree().clone();
        for element in &mut tree.elements {
            element.artifact = Some(file.artifact);
        }
        Self {
            artifact: file.artifact,
            tree,
            asked: Some(asked.to_owned()),
        }
    }

    /// The objects listed: `SITE`, `APPPOOL`, …, or the roots of fragments.
    pub fn objects(&self) -> impl Iterator<Item = Node<'_>> {
        self.tree
            .roots()
            .flat_map(|root| match root.name() == "appcmd" {
                true => root.children().collect::<Vec<_>>(),
                false => vec![root],
            })
    }

    /// Whether it holds configuration, and not only states: the elements of sections, sites or pools.
    pub fn holds_configuration(&self) -> bool {
        self.objects().any(|object| match object.name() {
            "SITE" | "APPPOOL" | "APP" | "CONFIG" => object.children().next().is_some(),
            "VDIR" | "WP" | "REQUEST" | "MODULE" | "TRACE" => false,
            _ => true,
        })
    }
}

/// `/text:*`: objects in column 0, `[element]` and `attribute:"value"` indented below what they belong to.
fn text_form(lines: &[(u32, &str)]) -> Tree {
    let mut tree = Tree::default();
    // The open elements with their indentation, outermost first.
    let mut open: Vec<(usize, usize)> = Vec::new();
    for (number, line) in lines {
        let shown = line.trim();
        let indent = line.len().saturating_sub(line.trim_start().len());
        if OBJECTS.contains(&shown) {
            open.clear();
            open.extend(
                tree.add(element(shown, *number, None))
                    .map(|at| (indent, at)),
            );
            continue;
        }
        while open.last().is_some_and(|(around, _)| *around >= indent) {
            open.pop();
        }
        let Some(&(_, owner)) = open.last() else {
            continue;
        };
        if let Some(name) = shown
            .strip_prefix('[')
            .and_then(|name| name.strip_suffix(']'))
        {
            if Tree::allows_depth(open.len())
                && let Some(at) = tree.add(element(name, *number, Some(owner)))
            {
                open.push((indent, at));
            }
        } else if let Some((name, value)) = shown.split_once(":\"")
            && let Some(element) = tree.elements.get_mut(owner)
            && Tree::allows_attributes(element.attributes.len())
        {
            let value = value.strip_suffix('"').unwrap_or(value);
            element.attributes.push(Attribute::new(name, value));
        }
    }
    for element in &mut tree.elements {
        drop_named_secret(&mut element.attributes);
    }
    tree
}

fn element(name: &str, line: u32, parent: Option<usize>) -> Element {
    Element {
        name: name.to_owned(),
        attributes: Vec::new(),
        line,
        artifact: None,
        parent,
        children: Vec::new(),
        text: String::new(),
        closed: true,
        broken: false,
    }
}
