//! An applicationHost.config put together again from what `appcmd` printed.
//!
//! `SITE`, `APP` and `APPPOOL` objects give the sites and pools; `CONFIG` objects and fragments give, at the path they
//! were printed for, what holds there. So a server of which only these outputs were collected has its endpoints all the
//! same, cited to them.

use std::collections::{BTreeMap, BTreeSet};

use crate::evidence::{ArtifactId, Citation, Place};

use super::appcmd::AppcmdOutput;
use super::config_file::ConfigFile;
use super::tree::{Attribute, Element, Node, Tree};
use super::web_path;

/// The start of every configuration path.
const SERVER: [&str; 3] = ["machine", "webroot", "apphost"];

impl ConfigFile {
    /// The configuration that outputs of appcmd state, all of one server. Its sections say what holds at their path.
    pub fn recompose(artifact: ArtifactId, outputs: &[&AppcmdOutput]) -> Self {
        let mut made = Composition::new();
        let objects: Vec<(&AppcmdOutput, Node<'_>)> = outputs
            .iter()
            .flat_map(|output| output.objects().map(move |object| (*output, object)))
            .collect();
        for (_, object) in &objects {
            match object.name() {
                "SITE" => made.site(*object),
                "APPPOOL" => made.pool(*object),
                _ => {}
            }
        }
        for (output, object) in &objects {
            match object.name() {
                "APP" => made.application(*object),
                "CONFIG" => made.section(*object),
                name if name.starts_with("system.") => made.fragment(output, *object),
                _ => {}
            }
        }
        Self::of_tree(artifact, made.tree, true)
    }
}

/// A setting in force at a path, as a cmdlet of IIS showed it.
#[derive(Clone, Copy, Debug)]
pub struct SettingInForce<'a> {
    /// The section: `system.webServer/security/authentication/windowsAuthentication`.
    pub section: &'a str,
    /// The attribute, or `providers`.
    pub name: &'a str,
    /// Its value, or the providers in order.
    pub values: &'a [String],
    /// `Site/app`.
    pub place: &'a str,
    /// Where it stands.
    pub from: &'a Citation,
}

impl ConfigFile {
    /// Single settings, each of which holds at its path whatever the files say.
    pub fn of_settings(artifact: ArtifactId, settings: &[SettingInForce<'_>]) -> Self {
        let mut made = Composition::new();
        for setting in settings {
            made.setting(setting);
        }
        Self::of_tree(artifact, made.tree, false)
    }
}

struct Composition {
    tree: Tree,
    root: usize,
    pools: usize,
    sites: usize,
    /// Sites by lower-case name.
    named: BTreeMap<String, usize>,
    /// Applications that are there, by site and path.
    applications: BTreeSet<(usize, String)>,
    has_pools: bool,
}

impl Composition {
    fn new() -> Self {
        let mut tree = Tree::default();
        let mut under = |name: &str, parent: Option<usize>| {
            tree.add(bare(name, 1, None, parent)).unwrap_or_default()
        };
        let root = under("configuration", None);
        let host = under("system.applicationHost", Some(root));
        let pools = under("applicationPools", Some(host));
        let sites = under("sites", Some(host));
        Self {
            tree,
            root,
            pools,
            sites,
            named: BTreeMap::new(),
            applications: BTreeSet::new(),
            has_pools: false,
        }
    }

    fn add(&mut self, like: Node<'_>, name: &str, parent: usize) -> Option<usize> {
        self.tree
            .add(bare(name, like.line(), like.artifact(), Some(parent)))
    }

    /// Copies an element with all that is below it. The depth of what is copied was limited when it was read.
    fn copy(&mut self, node: Node<'_>, name: &str, parent: usize) -> Option<usize> {
        let mut element = node.element().clone();
        name.clone_into(&mut element.name);
        element.parent = Some(parent);
        element.children = Vec::new();
        let at = self.tree.add(element)?;
        for child in node.children() {
            self.copy(child, child.name(), at);
        }
        Some(at)
    }

    fn give(&mut self, element: usize, attributes: &[(&str, &str)]) {
        if let Some(element) = self.tree.elements.get_mut(element) {
            let given = attributes.iter();
            element
                .attributes
                .extend(given.map(|(name, value)| Attribute::new(name, value)));
        }
    }

    fn pool(&mut self, object: Node<'_>) {
        // Without its element nothing says who it runs as: the schema default would be a guess.
        for pool in object.named("add") {
            self.has_pools |= self.copy(pool, "add", self.pools).is_some();
        }
    }

    fn site(&mut self, object: Node<'_>) {
        let name = object.attribute("SITE.NAME").unwrap_or_default();
        let key = name.to_lowercase();
        if name.is_empty() || self.named.contains_key(&key) {
            return;
        }
        if let Some(site) = object.named("site").next() {
            self.whole_site(site, key);
            return;
        }
        let Some(at) = self.new_site(object, name) else {
            return;
        };
        self.give(
            at,
            &[("id", object.attribute("SITE.ID").unwrap_or_default())],
        );
        let Some(bindings) = self.add(object, "bindings", at) else {
            return;
        };
        for (protocol, information) in
            split_bindings(object.attribute("bindings").unwrap_or_default())
        {
            if let Some(binding) = self.add(object, "binding", bindings) {
                self.give(
                    binding,
                    &[("protocol", protocol), ("bindingInformation", information)],
                );
            }
        }
    }

    /// A site's own element, with its applications.
    fn whole_site(&mut self, site: Node<'_>, key: String) {
        if self.named.contains_key(&key) {
            return;
        }
        let Some(at) = self.copy(site, "site", self.sites) else {
            return;
        };
        self.named.insert(key, at);
        for application in site.named("application") {
            let path = application.attribute("path").unwrap_or("/");
            self.applications.insert((at, web_path::normal(path)));
        }
    }

    fn new_site(&mut self, object: Node<'_>, name: &str) -> Option<usize> {
        let at = self.add(object, "site", self.sites)?;
        self.give(at, &[("name", name)]);
        self.named.insert(name.to_lowercase(), at);
        Some(at)
    }

    fn application(&mut self, object: Node<'_>) {
        let whole = object.attribute("APP.NAME").unwrap_or_default();
        let (of_name, rest) = whole.split_once('/').unwrap_or((whole, ""));
        let site = object.attribute("SITE.NAME").unwrap_or(of_name);
        let rooted = format!("/{rest}");
        let path = object.attribute("path").unwrap_or(&rooted);
        if site.is_empty() {
            return;
        }
        let known = self.named.get(&site.to_lowercase()).copied();
        let Some(around) = known.or_else(|| self.new_site(object, site)) else {
            return;
        };
        if !self.applications.insert((around, web_path::normal(path))) {
            return;
        }
        if let Some(application) = object.named("application").next() {
            self.copy(application, "application", around);
        } else if let Some(at) = self.add(object, "application", around) {
            let pool = object.attribute("APPPOOL.NAME").unwrap_or_default();
            self.give(at, &[("path", path), ("applicationPool", pool)]);
        }
    }

    /// `<CONFIG CONFIG.SECTION="a/b" path="MACHINE/WEBROOT/APPHOST/Site"><a-b …>`
    fn section(&mut self, object: Node<'_>) {
        let section = object.attribute("CONFIG.SECTION").unwrap_or_default();
        let Some(node) = object.children().next() else {
            return;
        };
        match section {
            "system.applicationHost/sites" => {
                for site in node.named("site") {
                    let name = site.attribute("name").unwrap_or_default().to_lowercase();
                    self.whole_site(site, name);
                }
                return;
            }
            "system.applicationHost/applicationPools" => {
                for pool in node
                    .children()
                    .filter(|_| !self.has_pools)
                    .collect::<Vec<_>>()
                {
                    self.copy(pool, pool.name(), self.pools);
                }
                return;
            }
            _ => {}
        }
        let level = object.attribute("path").map(below_server);
        let mut around = self.level(object, &level.unwrap_or_default());
        let steps: Vec<&str> = section.split('/').collect();
        let Some((last, groups)) = steps.split_last() else {
            return;
        };
        for group in groups {
            around = around.and_then(|around| self.add(object, group, around));
        }
        if let Some(around) = around {
            self.copy(node, last, around);
        }
    }

    fn setting(&mut self, setting: &SettingInForce<'_>) {
        let line = match setting.from.place {
            Place::Line(line) | Place::Element { line, .. } => line,
            _ => 1,
        };
        let mut around = self.root;
        let mut step = |made: &mut Self, name: &str, attribute: Option<(&str, &str)>| {
            let artifact = Some(setting.from.artifact);
            let at = made.tree.add(bare(name, line, artifact, Some(around)))?;
            made.give(at, attribute.as_slice());
            Some(std::mem::replace(&mut around, at))
        };
        let location = [("location", Some(("path", setting.place)))];
        let sections = setting.section.split('/').map(|name| (name, None));
        let steps = location.into_iter().chain(sections);
        if !steps
            .into_iter()
            .all(|(name, attribute)| step(self, name, attribute).is_some())
        {
            return;
        }
        if setting.name == "providers" {
            let Some(list) = step(self, "providers", None).and_then(|_| step(self, "clear", None))
            else {
                return;
            };
            for value in setting.values {
                let artifact = Some(setting.from.artifact);
                if let Some(at) = self.tree.add(bare("add", line, artifact, Some(list))) {
                    self.give(at, &[("value", value)]);
                }
            }
        } else if let Some(value) = setting.values.first() {
            self.give(around, &[(setting.name, value)]);
        }
    }

    /// `<system.webServer> … </system.webServer>` as `list config "Site/app"` prints it.
    fn fragment(&mut self, output: &AppcmdOutput, node: Node<'_>) {
        // Without the path that was asked for, nothing says where it holds.
        let Some(asked) = &output.asked else {
            return;
        };
        if node.name() == "system.applicationHost" {
            for site in node.below(&["sites", "site"]) {
                let name = site.attribute("name").unwrap_or_default().to_lowercase();
                self.whole_site(site, name);
            }
            let has_pools = self.has_pools;
            for pools in node.named("applicationPools").filter(|_| !has_pools) {
                for pool in pools.children() {
                    self.copy(pool, pool.name(), self.pools);
                }
            }
        } else if let Some(around) = self.level(node, &below_server(asked)) {
            self.copy(node, node.name(), around);
        }
    }

    /// The `location` that sections of a level stand in; its path is empty for the server.
    fn level(&mut self, object: Node<'_>, level: &str) -> Option<usize> {
        let at = self.add(object, "location", self.root)?;
        self.give(at, &[("path", level)]);
        Some(at)
    }
}

fn bare(name: &str, line: u32, artifact: Option<ArtifactId>, parent: Option<usize>) -> Element {
    Element {
        name: name.to_owned(),
        attributes: Vec::new(),
        line,
        artifact,
        parent,
        children: Vec::new(),
        text: String::new(),
        closed: true,
        broken: false,
    }
}

/// `http/*:80:,https/*:443:web.corp.example` in its bindings, each as protocol and information.
pub(crate) fn split_bindings(shown: &str) -> impl Iterator<Item = (&str, &str)> {
    let parts = shown.split(',').map(str::trim);
    parts.filter_map(|part| part.split_once('/'))
}

/// A configuration path without `MACHINE/WEBROOT/APPHOST`.
fn below_server(path: &str) -> String {
    let steps: Vec<&str> = path.split('/').filter(|step| !step.is_empty()).collect();
    let known = steps
        .iter()
        .zip(SERVER)
        .take_while(|(step, name)| step.eq_ignore_ascii_case(name))
        .count();
    steps.get(known..).unwrap_or_default().join("/")
}
