//! What the configuration of one server says, with the origin of every value.

use crate::evidence::Citation;

use super::effective::AccessSettings;
use super::hierarchy::Hierarchy;

/// Where an effective value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// The element that set it.
    Set(Citation),
    /// Nothing sets it: the default of the IIS schema (`IIS_schema.xml`).
    SchemaDefault,
}

/// An effective value and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting<T> {
    /// The value in force.
    pub value: T,
    /// What put it in force.
    pub origin: Origin,
    /// Values at other levels that this one overrides, nearest first: the place a wrong-scope change went to (CFG-16).
    pub overridden: Vec<(T, Citation)>,
}

/// `processModel/@identityType`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdentityType {
    /// 0.
    LocalSystem,
    /// 1.
    LocalService,
    /// 2.
    NetworkService,
    /// 3: the account in `userName`.
    SpecificUser,
    /// 4, the schema default since IIS 7.5: the virtual account `IIS APPPOOL\name`.
    ApplicationPoolIdentity,
}

/// An application pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pool {
    /// Its name.
    pub name: String,
    /// The element that adds it.
    pub from: Citation,
    /// The identity type.
    pub identity_type: Setting<IdentityType>,
    /// `processModel/@userName`; empty unless the type is [`IdentityType::SpecificUser`].
    pub user_name: Setting<String>,
    /// Whether a password is stored. The value itself is never kept.
    pub password_set: bool,
    /// SHA-256 of the stored `[enc:…]` blob, for telling whether two servers hold the same one (POOL-07); the blob is a secret.
    pub password_fingerprint: Option<String>,
    /// `processModel/@logonType`: `LogonBatch` (default) or `LogonService`.
    pub logon_type: Setting<String>,
    /// `processModel/@manualGroupMembership`.
    pub manual_group_membership: Setting<bool>,
    /// `@autoStart`.
    pub auto_start: Setting<bool>,
    /// `@managedPipelineMode`.
    pub pipeline_mode: Setting<String>,
    /// `@managedRuntimeVersion`; empty where no ASP.NET of the .NET Framework runs in it.
    pub managed_runtime: Setting<String>,
}

impl Pool {
    /// Whether the identity is a (group) managed service account: its name ends in `$`. IIS keeps no password for it,
    /// but may write an encrypted empty one, so [`Pool::password_set`] does not tell.
    pub fn is_managed_account(&self) -> bool {
        self.user_name.value.ends_with('$')
    }
}

/// A server farm of Application Request Routing: `webFarms/webFarm`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Farm {
    /// Its name: rewrite rules pass requests on to `http://name/`.
    pub name: String,
    /// The addresses of its servers.
    pub servers: Vec<String>,
    /// The element.
    pub from: Citation,
}

/// A binding of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// `http`, `https`; others are kept but make no endpoint.
    pub protocol: String,
    /// IP address, `*` for all.
    pub ip: String,
    /// Port.
    pub port: Option<u16>,
    /// Host header; empty for any.
    pub host: String,
    /// The element.
    pub from: Citation,
}

/// A virtual directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VirtualDirectory {
    /// Path inside the application.
    pub path: String,
    /// `@physicalPath`.
    pub physical_path: String,
    /// `@userName` of connect-as.
    pub user_name: String,
    /// The element.
    pub from: Citation,
}

impl VirtualDirectory {
    /// Whether its files lie on another machine: `\\server\share`, and not a device path such as `\\?\D:\`.
    pub fn is_remote(&self) -> bool {
        let rest = self.physical_path.trim().strip_prefix(r"\\");
        rest.is_some_and(|rest| !rest.starts_with(['?', '.', '\\']) && rest.contains('\\'))
    }
}

/// An application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Application {
    /// `/`, `/api`, …
    pub path: String,
    /// The pool in force: own, site default, server default, `DefaultAppPool`.
    pub pool: Setting<String>,
    /// Its virtual directories.
    pub virtual_directories: Vec<VirtualDirectory>,
    /// The element.
    pub from: Citation,
}

impl Application {
    /// The virtual directory that a path of the site, which this application serves, is served from.
    pub fn directory_of(&self, path: &str) -> Option<&VirtualDirectory> {
        let inner = path.get(self.path.trim_end_matches('/').len()..);
        longest(&self.virtual_directories, inner.unwrap_or("/"), |d| &d.path)
    }
}

/// A site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Its name.
    pub name: String,
    /// `@id`.
    pub id: Option<u32>,
    /// `@serverAutoStart`.
    pub auto_start: Setting<bool>,
    /// Its bindings.
    pub bindings: Vec<Binding>,
    /// Its applications, the root one included.
    pub applications: Vec<Application>,
    /// `logFile/@directory`: below it the site's log stands in `W3SVC<id>`.
    pub log_directory: Setting<String>,
    /// `logFile/@enabled`.
    pub logs: Setting<bool>,
    /// The element.
    pub from: Citation,
}

impl Site {
    /// The application that serves a path of the site.
    pub fn application_of(&self, path: &str) -> Option<&Application> {
        longest(&self.applications, path, |a| &a.path)
    }
}

/// The entry with the longest path that covers another one.
fn longest<'e, T>(entries: &'e [T], path: &str, of: impl Fn(&T) -> &str) -> Option<&'e T> {
    let covering = entries.iter().filter(|entry| is_below(path, of(entry)));
    covering.max_by_key(|entry| of(entry).len())
}

/// Whether a path is a folder or lies below it, without regard to case.
pub(crate) fn is_below(path: &str, folder: &str) -> bool {
    let mut rest = path.chars().flat_map(char::to_lowercase);
    let folder = folder.trim_end_matches('/').chars();
    let same = folder
        .flat_map(char::to_lowercase)
        .all(|letter| rest.next() == Some(letter));
    same && matches!(rest.next(), None | Some('/'))
}

/// `extendedProtection/@tokenChecking`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TokenChecking {
    /// 0, the schema default.
    None,
    /// 1.
    Allow,
    /// 2.
    Require,
}

/// Extended protection in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtendedProtection {
    /// `@tokenChecking`.
    pub token_checking: Setting<TokenChecking>,
    /// `@flags`: `Proxy`, `NoServiceNameCheck`, `AllowDotlessSpn`, `ProxyCohosting`; empty for `None`.
    pub flags: Setting<Vec<String>>,
    /// `<spn name=…>` entries in force.
    pub spns: Vec<(String, Citation)>,
}

/// `windowsAuthentication` in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WindowsAuth {
    /// `@enabled`; schema default false.
    pub enabled: Setting<bool>,
    /// `@useKernelMode`; schema default true.
    pub use_kernel_mode: Setting<bool>,
    /// `@useAppPoolCredentials`; schema default false.
    pub use_app_pool_credentials: Setting<bool>,
    /// `@authPersistSingleRequest`; schema default false.
    pub auth_persist_single_request: Setting<bool>,
    /// `@authPersistNonNTLM`; schema default false.
    pub auth_persist_non_ntlm: Setting<bool>,
    /// The providers in order, each with the element that added it.
    pub providers: Vec<(String, Citation)>,
    /// Where a `<clear/>` or `<remove>` shaped the list last, if one did.
    pub providers_shaped_by: Vec<Citation>,
    /// Extended protection.
    pub extended_protection: ExtendedProtection,
}

/// `anonymousAuthentication` in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AnonymousAuth {
    /// `@enabled`; schema default true.
    pub enabled: Setting<bool>,
    /// `@userName`; schema default `IUSR`, empty for the pool identity.
    pub user_name: Setting<String>,
}

/// One rule of `security/authorization`, in force, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthorizationRule {
    /// True for allow.
    pub allow: bool,
    /// `users`; `*` all, `?` anonymous.
    pub users: String,
    /// `roles`.
    pub roles: String,
    /// `verbs`; empty for all.
    pub verbs: String,
    /// The element.
    pub from: Citation,
}

/// A section that a file sets although a level above locks it: IIS answers 500.19 (0x80070021).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockViolation {
    /// The section, `system.webServer/security/authentication/windowsAuthentication`.
    pub section: String,
    /// The locked attribute or element, where not the whole section is locked.
    pub item: Option<String>,
    /// Where it is set.
    pub set_at: Citation,
    /// What locks it: the section's declaration in `configSections`, a `location`, or the element with the lock.
    pub locked_by: Option<Citation>,
}

/// Something in a section that IIS does not know: it answers 500.19 (0x8007000d), unless a schema file of the server's own
/// makes it known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnknownItem {
    /// The element that it is or stands in.
    pub at: Citation,
    /// `attribute: useAppPoolCreduntials`.
    pub what: String,
    /// The name of the section that it is a slip of, or that stands in the wrong place here: no schema makes that known.
    pub meant: Option<&'static str>,
}

impl EffectiveSettings {
    /// Whether IIS refuses the configuration: it answers 500.19 to every request.
    pub fn is_refused(&self) -> bool {
        !self.lock_violations.is_empty() || self.unknown_items.iter().any(|i| i.meant.is_some())
    }
}

/// The settings in force at one path of a site.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EffectiveSettings {
    /// Windows authentication.
    pub windows: WindowsAuth,
    /// Anonymous authentication.
    pub anonymous: AnonymousAuth,
    /// `basicAuthentication/@enabled`.
    pub basic: Setting<bool>,
    /// `digestAuthentication/@enabled`.
    pub digest: Setting<bool>,
    /// `clientCertificateMappingAuthentication/@enabled`.
    pub client_certificate: Setting<bool>,
    /// `iisClientCertificateMappingAuthentication/@enabled`.
    pub iis_client_certificate: Setting<bool>,
    /// `security/access/@sslFlags`, as written.
    pub ssl_flags: Setting<String>,
    /// `security/authorization` of system.webServer, in force.
    pub authorization: Vec<AuthorizationRule>,
    /// What decides beside the authentication.
    pub access: AccessSettings,
    /// `<deny users="?"/>` of system.web/authorization.
    pub asp_net_denies_anonymous: Option<Citation>,
    /// `system.web/authentication/@mode`, where a file sets it.
    pub asp_net_mode: Option<(String, Citation)>,
    /// `system.web/identity/@impersonate`.
    pub impersonate: Option<(bool, Citation)>,
    /// `aspNetCore/@forwardWindowsAuthToken`.
    pub forward_windows_auth_token: Option<(bool, Citation)>,
    /// `httpProtocol/@allowKeepAlive`; schema default true.
    pub allow_keep_alive: Setting<bool>,
    /// `serverRuntime/@authenticatedUserOverride`.
    pub authenticated_user_override: Setting<String>,
    /// The native module in `globalModules` (the role service is installed); `None` when it is not there.
    pub global_module: Option<Citation>,
    /// The module in the `modules` in force for this path; `None` when it is not there.
    pub enabled_module: Option<Citation>,
    /// The `<remove>` or `<clear>` that took the module away, if one did.
    pub module_removed_by: Option<Citation>,
    /// Entries added to a collection although their key is there already: IIS answers 500.19 (0x800700b7).
    pub duplicate_entries: Vec<Citation>,
    /// Modules that may authenticate users by themselves, as Exchange's `kerbauth` does: those that a level below the
    /// server adds for this path, and native ones registered from outside of IIS and Windows.
    pub foreign_modules: Vec<(String, Citation)>,
    /// Attributes and elements that IIS does not know.
    pub unknown_items: Vec<UnknownItem>,
    /// Whether a tag in a section that says who must log on is broken: what it sets may not be read.
    pub garbled: bool,
    /// Locked sections that files on the way set all the same.
    pub lock_violations: Vec<LockViolation>,
    /// Web.config files on the way to this path that the bundle does not hold: values may differ there.
    pub unseen_files: Vec<String>,
}

/// The configuration of one server: its applicationHost.config and the web.config files that belong to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerConfig {
    /// The sites.
    pub sites: Vec<Site>,
    /// The application pools.
    pub pools: Vec<Pool>,
    /// The server farms of Application Request Routing.
    pub farms: Vec<Farm>,
    /// `false` when the file is cut or a fragment: what is not there may stand in the missing part.
    pub complete: bool,
    /// True for an IIS Express file: not a server's configuration.
    pub iis_express: bool,
    /// The applicationHost.config as a whole.
    pub from: Citation,
    /// The redirection that sends IIS elsewhere, where the file that is in force is not in the bundle: what this one says
    /// may be long past.
    pub not_live: Option<Citation>,
    /// The files by the paths they belong to: what [`ServerConfig::effective`] computes from.
    pub(super) hierarchy: Hierarchy,
}
