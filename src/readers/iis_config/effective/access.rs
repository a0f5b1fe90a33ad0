//! What decides on a request beside its authentication: rules of addresses and of URLs, filters, forms, what ASP.NET and
//! the ASP.NET Core module make of the user, and where requests are passed on.

use super::{AtPath, text};
use crate::evidence::Citation;
use crate::readers::iis_config::collection::Shape;
use crate::readers::iis_config::model::{AuthorizationRule, Setting};
use crate::readers::iis_config::schema::{self, read_bool};

/// What decides on a request beside its authentication, in force at one path of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccessSettings {
    /// Rules of `system.web/authorization` in the order in which ASP.NET asks them: those of the deepest file first. The
    /// first that matches decides; where none does, ASP.NET lets the user in.
    pub asp_net_rules: Vec<AuthorizationRule>,
    /// Addresses that `security/ipSecurity` names.
    pub addresses: Vec<AddressRule>,
    /// `ipSecurity/@allowUnlisted`; schema default true.
    pub allow_unlisted: Setting<bool>,
    /// `dynamicIpSecurity/denyByConcurrentRequests`: how many requests at once one address may have, where that is limited.
    pub most_at_once: Option<(u32, Citation)>,
    /// `dynamicIpSecurity/denyByRequestRate`: how many requests one address may have in so many milliseconds, where that is limited.
    pub most_in_time: Option<(u32, u32, Citation)>,
    /// Filters of `isapiFilters` that are on and no part of Windows or IIS.
    pub foreign_filters: Vec<(String, Citation)>,
    /// `system.web/authentication/forms/@loginUrl`.
    pub login_url: Option<(String, Citation)>,
    /// `system.webServer/validation/@validateIntegratedModeConfiguration`; schema default true.
    pub validates_pipeline: Setting<bool>,
    /// `aspNetCore/@hostingModel`; `outofprocess` where it is not written (schema of the module).
    pub hosting_model: Option<(String, Citation)>,
    /// The element of the ASP.NET Core module.
    pub asp_net_core: Option<Citation>,
    /// `system.webServer/cors/@enabled` of the CORS module, where a file has the section.
    pub cors: Option<(bool, Citation)>,
    /// Rules of URL Rewrite that pass requests on to another server, by the address they are passed to.
    pub passes_on: Vec<(String, Citation)>,
    /// `system.webServer/proxy/@enabled` of Application Request Routing.
    pub proxy: Option<(bool, Citation)>,
}

/// An entry of `ipSecurity`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressRule {
    /// The address, or the domain name.
    pub address: String,
    /// The mask; empty where none is written.
    pub mask: String,
    /// True for allow.
    pub allow: bool,
    /// The element.
    pub from: Citation,
}

const ADDRESSES: Shape = Shape {
    element: &[],
    add: "add",
    remove: "remove",
    clear: "clear",
    key: |node| {
        ["ipAddress", "subnetMask", "domainName"]
            .map(|name| text(node, name).to_lowercase())
            .join("\n")
    },
};
const FILTERS: Shape = Shape {
    element: &[],
    add: "filter",
    remove: "remove",
    clear: "clear",
    key: |node| text(node, "name").to_owned(),
};
const REWRITES: Shape = Shape {
    element: &[],
    add: "rule",
    remove: "remove",
    clear: "clear",
    key: |node| text(node, "name").to_lowercase(),
};

impl AtPath<'_> {
    /// Reads them.
    pub(super) fn access(&mut self) -> AccessSettings {
        AccessSettings {
            asp_net_rules: self.asp_net_rules(),
            addresses: self.addresses(),
            allow_unlisted: self.setting(&schema::ALLOW_UNLISTED),
            most_at_once: self.most_at_once(),
            most_in_time: self.most_in_time(),
            foreign_filters: self.foreign_filters(),
            login_url: self.innermost(&schema::LOGIN_URL),
            validates_pipeline: self.setting(&schema::VALIDATES_PIPELINE),
            hosting_model: self.innermost(&schema::HOSTING_MODEL),
            asp_net_core: self.asp_net_core(),
            cors: self.innermost(&schema::CORS_ENABLED),
            passes_on: self.passes_on(),
            proxy: self.innermost(&schema::PROXY_ENABLED),
        }
    }

    /// The rules of ASP.NET, those of deeper files first.
    pub(super) fn asp_net_rules(&self) -> Vec<AuthorizationRule> {
        let layers = self.layers(schema::ASP_NET_AUTHORIZATION);
        let layers = layers.map_or(&[][..], |all| &all.layers).iter().rev();
        let mut rules = Vec::new();
        for layer in layers {
            for node in layer.used.node.children() {
                let allow = match node.name() {
                    "allow" => true,
                    "deny" => false,
                    _ => continue,
                };
                let [users, roles, verbs] =
                    ["users", "roles", "verbs"].map(|name| text(node, name).to_owned());
                rules.push(AuthorizationRule {
                    allow,
                    users,
                    roles,
                    verbs,
                    from: node.cite(layer.file.artifact),
                });
            }
        }
        rules
    }

    fn addresses(&mut self) -> Vec<AddressRule> {
        let entries = self
            .collection(schema::IP_SECURITY, &ADDRESSES)
            .entries
            .into_iter();
        entries
            .map(|entry| {
                let [ip, mask, domain] = ["ipAddress", "subnetMask", "domainName"]
                    .map(|name| text(entry.node, name).to_owned());
                AddressRule {
                    address: if ip.is_empty() { domain } else { ip },
                    mask,
                    allow: read_bool(text(entry.node, "allowed")).unwrap_or(false),
                    from: entry.from,
                }
            })
            .collect()
    }

    fn most_at_once(&self) -> Option<(u32, Citation)> {
        let (_, at) = self
            .innermost(&schema::LIMITS_AT_ONCE)
            .filter(|(on, _)| *on)?;
        let most = self.setting(&schema::MOST_AT_ONCE).value;
        Some((most, at))
    }

    fn most_in_time(&self) -> Option<(u32, u32, Citation)> {
        let (_, at) = self.innermost(&schema::LIMITS_RATE).filter(|(on, _)| *on)?;
        let most = self.setting(&schema::MOST_IN_TIME).value;
        let interval = self.setting(&schema::RATE_INTERVAL).value;
        Some((most, interval, at))
    }

    fn foreign_filters(&mut self) -> Vec<(String, Citation)> {
        let entries = self
            .collection(schema::ISAPI_FILTERS, &FILTERS)
            .entries
            .into_iter();
        let on = |node| read_bool(text(node, "enabled")).unwrap_or(true);
        entries
            .filter(|entry| on(entry.node) && super::is_foreign(text(entry.node, "path")))
            .map(|entry| (entry.key, entry.from))
            .collect()
    }

    fn asp_net_core(&self) -> Option<Citation> {
        let layer = self.layers(schema::ASP_NET_CORE)?.layers.last()?;
        Some(layer.used.node.cite(layer.file.artifact))
    }

    /// Rules whose action rewrites to an absolute address: only Application Request Routing can serve those.
    fn passes_on(&mut self) -> Vec<(String, Citation)> {
        let mut entries = self.collection(schema::GLOBAL_REWRITES, &REWRITES).entries;
        entries.extend(self.collection(schema::REWRITES, &REWRITES).entries);
        let passed = entries.into_iter().filter_map(|entry| {
            let mut actions = entry.node.named("action");
            let enabled = read_bool(text(entry.node, "enabled")).unwrap_or(true);
            let action = actions.find(|a| text(*a, "type").eq_ignore_ascii_case("Rewrite"))?;
            let url = text(action, "url").to_lowercase();
            let absolute = url.starts_with("http://")
                || url.starts_with("https://")
                // A rule with a condition or a capture for the scheme.
                || (url.starts_with('{') && url.contains("://"));
            (enabled && absolute).then(|| (text(action, "url").to_owned(), entry.from))
        });
        passed.collect()
    }
}
