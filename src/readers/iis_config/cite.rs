//! How an element of a configuration file is cited: its line, its path, and its start tag in one line.
//!
//! `configuration/location[@path='Site/App']/system.webServer/security/authentication/windowsAuthentication` and
//! `<windowsAuthentication enabled="true">`. The tree holds no secrets, so neither does a citation.

use crate::evidence::{ArtifactId, Citation, Place, Problem};

use super::tree::Node;

/// Bytes of one citation text, and of one value in a path.
const MAX_TEXT: usize = 400;
const MAX_VALUE: usize = 120;

impl Node<'_> {
    /// The citation of this element.
    pub fn cite(self, artifact: ArtifactId) -> Citation {
        let artifact = self.artifact().unwrap_or(artifact);
        Citation::element(artifact, self.line(), &self.path(), &self.start_tag())
    }

    /// A problem at this element.
    pub fn problem(self, artifact: ArtifactId, says: impl Into<String>) -> Problem {
        let place = Place::Element {
            line: self.line(),
            path: self.path().into(),
        };
        Problem::new(self.artifact().unwrap_or(artifact), place, says)
    }

    /// The path from the outermost element, each step with the attribute that identifies it.
    pub fn path(self) -> String {
        let mut steps = Vec::new();
        let mut node = Some(self);
        while let Some(step) = node {
            steps.push(step.step());
            node = step.parent();
        }
        steps.reverse();
        steps.join("/")
    }

    /// One step of the path: `site[@name='Default Web Site']`.
    fn step(self) -> String {
        let in_providers = self.parent().is_some_and(|node| node.name() == "providers");
        ["name", "path", "bindingInformation", "value"]
            .into_iter()
            .filter(|&name| name != "value" || in_providers)
            .find_map(|name| Some((name, self.attribute(name)?)))
            .map_or_else(
                || self.name().to_owned(),
                |(name, value)| {
                    let quote = if value.contains('\'') { '"' } else { '\'' };
                    let value = cut(&one_line(value), MAX_VALUE);
                    format!("{}[@{name}={quote}{value}{quote}]", self.name())
                },
            )
    }

    /// The start tag with its attributes, in one line.
    pub fn start_tag(self) -> String {
        let mut tag = format!("<{}", self.name());
        for attribute in self.attributes() {
            let value = one_line(&attribute.value).replace('"', "&quot;");
            tag.push_str(&format!(" {}=\"{value}\"", attribute.name));
        }
        if self.children().next().is_none() && self.text().is_empty() {
            tag.push_str(" /");
        }
        tag.push('>');
        cut(&tag, MAX_TEXT)
    }
}

/// Line ends and other control characters become spaces.
fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

fn cut(text: &str, bytes: usize) -> String {
    if text.len() <= bytes {
        return text.to_owned();
    }
    let kept = text.get(..text.floor_char_boundary(bytes));
    format!("{}…", kept.unwrap_or_default())
}
