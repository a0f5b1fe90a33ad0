//! The settings in force at a path of a site.

mod access;

use crate::evidence::Citation;

use super::collection::{Collection, Shape};
use super::hierarchy::Way;
use super::layers::Layers;
use super::model::{
    AnonymousAuth, AuthorizationRule, EffectiveSettings, ExtendedProtection, LockViolation,
    ServerConfig, UnknownItem, WindowsAuth,
};
use super::schema::{self, Attribute, SECTIONS, Section, read_enum};
use super::tree::Node;
use super::web_path;
pub use access::{AccessSettings, AddressRule};

/// The native module of the role service "Windows Authentication", and its image. The managed module
/// `WindowsAuthentication` is a different thing and proves nothing.
const NATIVE_MODULE: &str = "WindowsAuthenticationModule";
const NATIVE_IMAGE: &str = "authsspi.dll";

const PROVIDERS: Shape = Shape {
    element: &["providers"],
    add: "add",
    remove: "remove",
    clear: "clear",
    key: |node| text(node, "value").to_lowercase(),
};
const SPNS: Shape = Shape {
    element: &["extendedProtection"],
    add: "spn",
    remove: "removeSpn",
    clear: "clearSpns",
    key: |node| text(node, "name").to_lowercase(),
};
/// Names of modules are case-sensitive.
const MODULES: Shape = Shape {
    element: &[],
    add: "add",
    remove: "remove",
    clear: "clear",
    key: |node| text(node, "name").to_owned(),
};
const RULES: Shape = Shape {
    element: &[],
    add: "add",
    remove: "remove",
    clear: "clear",
    key: |node| {
        let [users, roles] = ["users", "roles"].map(|name| text(node, name).to_lowercase());
        format!("{users}\n{roles}\n{}", text(node, "verbs"))
    },
};

impl ServerConfig {
    /// The settings in force at a path of a site: `/` for its root application, `/app/dir` below it. Case and slashes
    /// at the ends do not matter. A site that the file does not have gets what its locations and the server say.
    pub fn effective(&self, site: &str, path: &str) -> EffectiveSettings {
        settings(&self.hierarchy.way(web_path::level(site, path)))
    }
}

/// The settings at the end of a way.
pub(super) fn settings(way: &Way<'_>) -> EffectiveSettings {
    AtPath {
        sections: SECTIONS
            .map(|section| (section, Layers::collect(section, way)))
            .into(),
        duplicates: Vec::new(),
    }
    .settings(way)
}

/// The layers of every section at one path.
struct AtPath<'s> {
    sections: Vec<(Section, Layers<'s>)>,
    duplicates: Vec<Citation>,
}

impl<'s> AtPath<'s> {
    fn settings(mut self, way: &Way<'s>) -> EffectiveSettings {
        let windows = self.windows();
        let authorization = self.authorization();
        let access = self.access();
        let [global_module, enabled_module, module_removed_by] = self.module();
        let garbled = self.is_garbled();
        EffectiveSettings {
            windows,
            anonymous: AnonymousAuth {
                enabled: self.setting(&schema::ANONYMOUS_ENABLED),
                user_name: self.setting(&schema::ANONYMOUS_USER),
            },
            basic: self.setting(&schema::BASIC_ENABLED),
            digest: self.setting(&schema::DIGEST_ENABLED),
            client_certificate: self.setting(&schema::CLIENT_CERTIFICATE_ENABLED),
            iis_client_certificate: self.setting(&schema::IIS_CLIENT_CERTIFICATE_ENABLED),
            ssl_flags: self.setting(&schema::SSL_FLAGS),
            authorization,
            access,
            asp_net_denies_anonymous: self.asp_net_denies_anonymous(),
            asp_net_mode: self.innermost(&schema::ASP_NET_MODE),
            impersonate: self.innermost(&schema::IMPERSONATE),
            forward_windows_auth_token: self.innermost(&schema::FORWARD_WINDOWS_TOKEN),
            allow_keep_alive: self.setting(&schema::KEEP_ALIVE),
            authenticated_user_override: self.setting(&schema::USER_OVERRIDE),
            global_module,
            enabled_module,
            module_removed_by,
            foreign_modules: self.foreign_modules(),
            duplicate_entries: self.duplicates,
            unknown_items: unknown(&self.sections),
            garbled,
            lock_violations: violations(self.sections),
            unseen_files: way.unseen_files(),
        }
    }

    /// Whether a section that says who must log on was damaged on its way.
    fn is_garbled(&self) -> bool {
        let sections = [schema::WINDOWS, schema::ANONYMOUS].into_iter();
        let mut layers = sections
            .filter_map(|section| self.layers(section))
            .flat_map(|layers| &layers.layers);
        layers.any(|layer| layer.used.node.is_garbled())
    }

    fn layers(&self, section: Section) -> Option<&Layers<'s>> {
        let mut sections = self.sections.iter();
        sections.find_map(|(own, layers)| (*own == section).then_some(layers))
    }

    fn setting<T>(&self, attribute: &Attribute<T>) -> super::model::Setting<T> {
        let set = self
            .layers(attribute.section)
            .map(|layers| layers.set(attribute));
        super::model::Setting::of_levels(set.unwrap_or_default(), attribute.default)
    }

    /// The innermost value of an attribute that has no default of IIS.
    fn innermost<T>(&self, attribute: &Attribute<T>) -> Option<(T, Citation)> {
        self.layers(attribute.section)?.set(attribute).pop()
    }

    fn collection(&mut self, section: Section, shape: &Shape) -> Collection<'s> {
        let mut sections = self.sections.iter_mut();
        let Some((_, layers)) = sections.find(|(own, _)| *own == section) else {
            return Collection::default();
        };
        let mut merged = Collection::merge(layers, shape);
        self.duplicates.append(&mut merged.duplicates);
        merged
    }

    fn windows(&mut self) -> WindowsAuth {
        let providers = self.collection(schema::WINDOWS, &PROVIDERS);
        let spns = self.collection(schema::WINDOWS, &SPNS);
        let named = |merged: Vec<super::collection::Entry<'s>>, name: &str| {
            let entries = merged.into_iter();
            entries
                .map(|entry| (text(entry.node, name).to_owned(), entry.from))
                .collect()
        };
        WindowsAuth {
            enabled: self.setting(&schema::WINDOWS_ENABLED),
            use_kernel_mode: self.setting(&schema::KERNEL_MODE),
            use_app_pool_credentials: self.setting(&schema::POOL_CREDENTIALS),
            auth_persist_single_request: self.setting(&schema::SINGLE_REQUEST),
            auth_persist_non_ntlm: self.setting(&schema::PERSIST_NON_NTLM),
            providers: named(providers.entries, "value"),
            providers_shaped_by: providers.shaped_by,
            extended_protection: ExtendedProtection {
                token_checking: self.setting(&schema::TOKEN_CHECKING),
                flags: self.setting(&schema::PROTECTION_FLAGS),
                spns: named(spns.entries, "name"),
            },
        }
    }

    fn authorization(&mut self) -> Vec<AuthorizationRule> {
        let rules = self.collection(schema::AUTHORIZATION, &RULES);
        let rules = rules.entries.into_iter().filter_map(|entry| {
            let [users, roles, verbs] =
                ["users", "roles", "verbs"].map(|name| text(entry.node, name).to_owned());
            let access = read_enum(text(entry.node, "accessType"), &[("Allow", 0), ("Deny", 1)])?;
            Some(AuthorizationRule {
                allow: access == "Allow",
                users,
                roles,
                verbs,
                from: entry.from,
            })
        });
        rules.collect()
    }

    /// The native module: where the role service registers it, where it is enabled, what took it away.
    fn module(&mut self) -> [Option<Citation>; 3] {
        let global = self
            .collection(schema::GLOBAL_MODULES, &MODULES)
            .entries
            .into_iter()
            .find(|entry| {
                let image = text(entry.node, "image").to_ascii_lowercase();
                entry.key == NATIVE_MODULE || image.ends_with(NATIVE_IMAGE)
            });
        let name = global
            .as_ref()
            .map_or(NATIVE_MODULE, |entry| entry.key.as_str());
        let modules = self.collection(schema::MODULES, &MODULES);
        let enabled = modules
            .entries
            .into_iter()
            .find(|entry| entry.key == name && text(entry.node, "type").is_empty());
        let removed = modules
            .removed
            .into_iter()
            .rev()
            .find(|(key, _)| key == name);
        let removed_by = removed.map(|(_, by)| by).filter(|_| enabled.is_none());
        let [global, enabled] = [global, enabled].map(|entry| entry.map(|entry| entry.from));
        [global, enabled, removed_by]
    }

    /// Modules that a site, an application or a directory adds to those of the server, and native ones of third parties.
    fn foreign_modules(&mut self) -> Vec<(String, Citation)> {
        let native = self.collection(schema::GLOBAL_MODULES, &MODULES).entries;
        let mut foreign: Vec<(String, Citation)> = native
            .into_iter()
            .filter(|entry| is_foreign(text(entry.node, "image")))
            .map(|entry| (entry.key, entry.from))
            .collect();
        let layers = self
            .layers(schema::MODULES)
            .map_or(&[][..], |all| &all.layers);
        let added = |of_server: bool| {
            let layers = layers.iter();
            layers
                .filter(move |layer| layer.is_of_server() == of_server)
                .flat_map(|layer| {
                    let nodes: Vec<Node<'s>> = layer.used.node.children().collect();
                    nodes.into_iter().map(|node| (node, layer.file.artifact))
                })
                .filter(|(node, _)| node.name() == MODULES.add)
        };
        let of_server: std::collections::BTreeSet<&str> =
            added(true).map(|(node, _)| text(node, "name")).collect();
        foreign.extend(
            added(false)
                .filter(|(node, _)| !of_server.contains(text(*node, "name")))
                .map(|(node, artifact)| (text(node, "name").to_owned(), node.cite(artifact))),
        );
        foreign
    }

    /// The rule of ASP.NET that refuses anonymous users. The first rule that matches decides, and rules of deeper
    /// files come first; rules for some verbs only decide nothing here.
    fn asp_net_denies_anonymous(&self) -> Option<Citation> {
        let rules = self.asp_net_rules();
        let covers = |users: &str| users.split(',').any(|u| matches!(u.trim(), "?" | "*"));
        let first = rules
            .into_iter()
            .find(|rule| rule.verbs.is_empty() && covers(&rule.users))?;
        (!first.allow).then_some(first.from)
    }
}

/// Whether the image of a native module lies outside of Windows and of what Microsoft adds to IIS.
fn is_foreign(image: &str) -> bool {
    let image = image.to_lowercase();
    let of_windows = ["%windir%", "%systemroot%", "c:\\windows"]
        .iter()
        .any(|folder| image.starts_with(folder));
    !image.is_empty() && !of_windows && !image.contains("\\iis\\")
}

/// What IIS does not know in the sections, as files set them.
fn unknown(sections: &[(Section, Layers<'_>)]) -> Vec<UnknownItem> {
    let layers = sections.iter().flat_map(|(section, layers)| {
        let of_files = layers.layers.iter();
        let of_files = of_files.filter(|l| !l.file.states_what_holds && !l.file.is_printed());
        of_files.map(move |layer| (*section, layer))
    });
    let mut found: Vec<UnknownItem> = layers
        .flat_map(|(section, layer)| {
            let items = super::unknown::in_section(section, layer.used.node);
            let at = layer.file.artifact;
            items.into_iter().map(move |item| item.cite(at))
        })
        .collect();
    found.sort();
    found.dedup();
    found
}

/// The broken locks of all sections, in the order of the files.
fn violations(sections: Vec<(Section, Layers<'_>)>) -> Vec<LockViolation> {
    let mut violations: Vec<LockViolation> = sections
        .into_iter()
        .flat_map(|(_, layers)| layers.violations)
        .collect();
    violations.sort_by(|one, other| one.set_at.cmp(&other.set_at));
    violations.dedup();
    violations
}

/// An attribute, empty when it is not written.
fn text<'s>(node: Node<'s>, name: &str) -> &'s str {
    node.attribute(name).unwrap_or_default().trim()
}
