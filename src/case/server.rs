//! Web servers and their endpoints: which name, pool and settings meet at each address a user can type.

use std::collections::BTreeMap;

use super::account::Accounts;
use super::host::{HostId, Hosts};
use super::pool_identity::PoolIdentity;
use crate::evidence::{ArtifactId, Citation};
use crate::readers::iis_config::{EffectiveSettings, ServerConfig, Setting};

/// The number of a web server in its case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServerId(pub u32);

/// A web server: one applicationHost.config and the host it came from.
#[derive(Clone, Debug)]
pub struct WebServer {
    /// The machine, where the bundle shows which one it is.
    pub host: Option<HostId>,
    /// Its configuration.
    pub config: ServerConfig,
    /// The applicationHost.config.
    pub artifact: ArtifactId,
    /// How it is shown: the host's name, or the path of the configuration file.
    pub label: String,
}

/// Leaves out copies of one server's file: the same bytes of the same machine, or of no machine that is known. Nodes of a
/// farm that share one file, byte for byte, stay servers of their own. The order stays.
pub(super) fn without_copies(
    mut servers: Vec<WebServer>,
    same_bytes: impl Fn(ArtifactId, ArtifactId) -> bool,
) -> Vec<WebServer> {
    // Those whose machine is known first: the others are then held against all of them.
    servers.sort_by_key(|s| (s.host.is_none(), s.artifact));
    let mut kept: Vec<WebServer> = Vec::new();
    for server in servers {
        let copy = kept.iter().any(|other| {
            same_bytes(server.artifact, other.artifact)
                && (server.host.is_none() || server.host == other.host)
        });
        if !copy {
            kept.push(server);
        }
    }
    kept.sort_by_key(|s| s.artifact);
    kept
}

/// The pool of an application, as configured.
#[derive(Clone, Debug)]
pub struct EndpointPool {
    /// Its name.
    pub name: String,
    /// Who it runs as.
    pub identity: PoolIdentity,
    /// The lines that say so.
    pub from: Vec<Citation>,
}

/// Where an endpoint's host name comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NameSource {
    /// The binding's host header.
    Binding,
    /// The server's own name, under a binding that takes any name.
    ServerName,
    /// A name that clients asked for or an administrator looked up, under a binding that takes any name.
    Asked {
        /// What ties the name to this server.
        tie: Tie,
        /// Who asked for it.
        from: Vec<Citation>,
    },
    /// The binding takes any name, and the bundle names none.
    Any,
}

/// What ties a name to a server whose binding takes any name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tie {
    /// Its holder is this server's computer account or one of its pool accounts, or the server refused a ticket for it.
    Shown,
    /// It is the only name that the bundle asks about, and this the only site that can answer to it: enough for a
    /// likely finding, never for a confirmed one.
    Presumed,
    /// Nothing.
    None,
}

/// One address of one application.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// The server.
    pub server: ServerId,
    /// Its machine, where known.
    pub host: Option<HostId>,
    /// The site.
    pub site: String,
    /// The application's path, `/` for the root.
    pub application: String,
    /// `http` or `https`.
    pub scheme: String,
    /// The name a user types; empty when the binding takes any and none is known.
    pub name: String,
    /// Where the name comes from.
    pub name_source: NameSource,
    /// The port.
    pub port: u16,
    /// The binding.
    pub binding: Citation,
    /// The pool; `None` when the configuration names one that it does not define.
    pub pool: Option<EndpointPool>,
    /// The settings in force.
    pub settings: EffectiveSettings,
}

impl Endpoint {
    /// The URL, default ports left out.
    pub fn url(&self) -> String {
        let host = if self.name.is_empty() {
            "*"
        } else {
            &self.name
        };
        let port = match (self.scheme.as_str(), self.port) {
            ("http", 80) | ("https", 443) => String::new(),
            (_, port) => format!(":{port}"),
        };
        format!("{}://{host}{port}{}", self.scheme, self.application)
    }

    /// `Site` or `Site/app`, as appcmd and location tags spell it.
    pub fn location(&self) -> String {
        let path = self.application.trim_end_matches('/');
        format!("{}{path}", self.site)
    }

    /// Whether it is at a location (`Site` or `Site/App`) or below it.
    pub fn is_at(&self, location: &str) -> bool {
        let (at, location) = (self.location().to_lowercase(), location.to_lowercase());
        let below = at.strip_prefix(&location);
        below.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// Whether findings about this endpoint's name may be stated for this server at all.
    pub fn name_is_tied(&self) -> bool {
        !matches!(
            self.name_source,
            NameSource::Asked { tie: Tie::None, .. } | NameSource::Any
        )
    }

    /// Whether the name is taken for this endpoint's only because the bundle speaks of no other.
    pub fn name_is_presumed(&self) -> bool {
        matches!(
            self.name_source,
            NameSource::Asked {
                tie: Tie::Presumed,
                ..
            }
        )
    }

    /// Whether the name is the server's own, which its `HOST/…` SPNs cover as installed.
    pub fn is_own_name(&self) -> bool {
        self.name_source == NameSource::ServerName
    }

    /// Whether the name is one that somebody asked for, under a binding that takes any.
    pub fn is_asked(&self) -> bool {
        matches!(self.name_source, NameSource::Asked { .. })
    }

    /// Whether a rule hands requests to another server: one that stands behind this one answers them.
    pub fn passes_on(&self) -> bool {
        !self.settings.access.passes_on.is_empty()
    }

    /// Whether the host name is this one, without regard to case.
    pub fn is_named(&self, name: &str) -> bool {
        !self.name.is_empty() && self.name.eq_ignore_ascii_case(name)
    }
}

/// Names that somebody asked for, by lower-case host name, with who did.
pub(super) type AskedNames = BTreeMap<String, Vec<Citation>>;

/// What ties a name to a server.
pub(super) type TieOf<'a> = dyn Fn(&str, ServerId, &Accounts) -> Tie + 'a;

/// Everything needed to lay out endpoints.
pub(super) struct Layout<'a> {
    /// The servers.
    pub servers: &'a [WebServer],
    /// The machines.
    pub hosts: &'a Hosts,
    /// Names asked for, lower case, that may belong to a binding without a host header.
    pub asked: &'a AskedNames,
}

impl Layout<'_> {
    /// Every endpoint of every server, in the order of servers, sites, applications and names.
    /// `tie` says what ties a name asked for to a server.
    pub(super) fn endpoints(&self, accounts: &mut Accounts, tie: &TieOf<'_>) -> Vec<Endpoint> {
        let mut endpoints = Vec::new();
        for (id, server) in (0u32..).map(ServerId).zip(self.servers) {
            let host_name = server.host.map(|h| self.hosts.get(h).name.clone());
            for site in &server.config.sites {
                for application in &site.applications {
                    let settings = server.config.effective(&site.name, &application.path);
                    let pool = pool_of(server, &application.pool, host_name.as_deref(), accounts);
                    for binding in &site.bindings {
                        let scheme = binding.protocol.to_lowercase();
                        let Some(port) = binding
                            .port
                            .filter(|_| scheme == "http" || scheme == "https")
                        else {
                            continue;
                        };
                        for (name, name_source) in
                            self.names(id, server, &binding.host, accounts, tie)
                        {
                            endpoints.push(Endpoint {
                                server: id,
                                host: server.host,
                                site: site.name.clone(),
                                application: application.path.clone(),
                                scheme: scheme.clone(),
                                name,
                                name_source,
                                port,
                                binding: binding.from.clone(),
                                pool: pool.clone(),
                                settings: settings.clone(),
                            });
                        }
                    }
                }
            }
        }
        endpoints
    }

    fn names(
        &self,
        id: ServerId,
        server: &WebServer,
        header: &str,
        accounts: &Accounts,
        tie: &TieOf<'_>,
    ) -> Vec<(String, NameSource)> {
        if !header.is_empty() && !header.contains('*') {
            return vec![(header.to_lowercase(), NameSource::Binding)];
        }
        let mut names = BTreeMap::new();
        if let Some(host) = server.host.map(|h| self.hosts.get(h)) {
            names.insert(host.name.to_lowercase(), NameSource::ServerName);
            if let Some(fqdn) = &host.fqdn {
                names.insert(fqdn.clone(), NameSource::ServerName);
            }
        }
        for (name, from) in self.asked {
            let bound_elsewhere = self.bound(name);
            let another_machine = self
                .hosts
                .find(name)
                .is_some_and(|h| Some(h) != server.host);
            let matches_wildcard = header.is_empty()
                || header
                    .strip_prefix('*')
                    .is_some_and(|tail| name.ends_with(&tail.to_lowercase()));
            if bound_elsewhere || another_machine || !matches_wildcard {
                continue;
            }
            let tie = tie(name, id, accounts);
            // Among several servers, a name that nothing ties to one of them belongs to none of them.
            if tie != Tie::None || self.servers.len() == 1 {
                names
                    .entry(name.clone())
                    .or_insert_with(|| NameSource::Asked {
                        tie,
                        from: from.clone(),
                    });
            }
        }
        if names.is_empty() {
            return vec![(String::new(), NameSource::Any)];
        }
        names.into_iter().collect()
    }

    /// Whether some server of the bundle has this name as a host header.
    fn bound(&self, name: &str) -> bool {
        self.servers
            .iter()
            .flat_map(|s| &s.config.sites)
            .flat_map(|s| &s.bindings)
            .any(|b| b.host.eq_ignore_ascii_case(name))
    }
}

fn pool_of(
    server: &WebServer,
    name: &Setting<String>,
    host: Option<&str>,
    accounts: &mut Accounts,
) -> Option<EndpointPool> {
    let pool = server
        .config
        .pools
        .iter()
        .find(|p| p.name.eq_ignore_ascii_case(&name.value))?;
    let mut from = vec![pool.from.clone()];
    for origin in [
        &name.origin,
        &pool.identity_type.origin,
        &pool.user_name.origin,
    ] {
        if let crate::readers::iis_config::Origin::Set(citation) = origin
            && !from.contains(citation)
        {
            from.push(citation.clone());
        }
    }
    Some(EndpointPool {
        name: pool.name.clone(),
        identity: PoolIdentity::of(pool, host, accounts),
        from,
    })
}
