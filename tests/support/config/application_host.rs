//! The whole `applicationHost.config`.

use std::fmt::Write as _;

use super::{Auth, Pool, Site, escaped, indented};

/// (name, image) of the native modules that a web server with ASP.NET has, Windows authentication left out.
const MODULES: [(&str, &str); 20] = [
    ("UriCacheModule", "cachuri"),
    ("FileCacheModule", "cachfile"),
    ("TokenCacheModule", "cachtokn"),
    ("HttpCacheModule", "cachhttp"),
    ("StaticCompressionModule", "compstat"),
    ("DynamicCompressionModule", "compdyn"),
    ("DefaultDocumentModule", "defdoc"),
    ("DirectoryListingModule", "dirlist"),
    ("ProtocolSupportModule", "protsup"),
    ("StaticFileModule", "static"),
    ("AnonymousAuthenticationModule", "authanon"),
    ("UrlAuthorizationModule", "urlauthz"),
    ("RequestFilteringModule", "modrqflt"),
    ("CustomErrorModule", "custerr"),
    ("IsapiModule", "isapi"),
    ("IsapiFilterModule", "filter"),
    ("HttpLoggingModule", "loghttp"),
    ("HttpRedirectionModule", "redirect"),
    ("FailedRequestsTracingModule", "iisfreb"),
    ("ConfigurationValidationModule", "validcfg"),
];

/// An `applicationHost.config` in the making.
#[derive(Clone, Debug)]
pub struct ApplicationHost {
    pools: Vec<Pool>,
    sites: Vec<Site>,
    default_pool_identity: Option<String>,
    root: Auth,
    locations: Vec<(String, Option<&'static str>, Auth)>,
    extra: String,
    extra_locations: Vec<(String, String)>,
    windows_module: bool,
    unlocked: bool,
    modules_locked: bool,
    byte_order_mark: bool,
}

impl ApplicationHost {
    /// A server with `DefaultAppPool`, no sites, and Windows authentication installed.
    pub fn new() -> Self {
        Self {
            pools: vec![Pool::new("DefaultAppPool")],
            sites: vec![],
            default_pool_identity: None,
            root: Auth::new(),
            locations: vec![],
            extra: String::new(),
            extra_locations: vec![],
            windows_module: true,
            unlocked: false,
            modules_locked: true,
            byte_order_mark: false,
        }
    }

    /// A pool.
    pub fn pool(mut self, pool: Pool) -> Self {
        self.pools.push(pool);
        self
    }

    /// A site; ids count from 1.
    pub fn site(mut self, site: Site) -> Self {
        self.sites.push(site);
        self
    }

    /// `applicationPoolDefaults/processModel/@identityType`.
    pub fn default_pool_identity(mut self, identity_type: &str) -> Self {
        self.default_pool_identity = Some(identity_type.to_owned());
        self
    }

    /// Settings of the whole server.
    pub fn root(mut self, auth: Auth) -> Self {
        self.root = auth;
        self
    }

    /// `<location path="Site/app">`.
    pub fn location(mut self, path: &str, auth: Auth) -> Self {
        self.locations.push((path.to_owned(), None, auth));
        self
    }

    /// `<location path="…" overrideMode="Allow">`: unlocks the sections it names for web.config files.
    pub fn unlocked_location(mut self, path: &str, auth: Auth) -> Self {
        self.locations.push((path.to_owned(), Some("Allow"), auth));
        self
    }

    /// Any element below `configuration`, as written.
    pub fn extra(mut self, xml: &str) -> Self {
        self.extra += xml;
        self
    }

    /// `<location path="Site/app">` with any content of `system.webServer`, as written.
    pub fn location_with(mut self, path: &str, web_server: &str) -> Self {
        self.extra_locations
            .push((path.to_owned(), web_server.to_owned()));
        self
    }

    /// All authentication sections unlocked (`overrideModeDefault="Allow"`).
    pub fn authentication_unlocked(mut self) -> Self {
        self.unlocked = true;
        self
    }

    /// Somebody unlocked the modules, so that sites can remove them.
    pub fn modules_unlocked(mut self) -> Self {
        self.modules_locked = false;
        self
    }

    /// The role service "Windows Authentication" is not installed.
    pub fn without_windows_module(mut self) -> Self {
        self.windows_module = false;
        self
    }

    /// Saved by an editor that writes a byte order mark.
    pub fn with_byte_order_mark(mut self) -> Self {
        self.byte_order_mark = true;
        self
    }

    /// The file: UTF-8, CRLF.
    pub fn xml(&self) -> Vec<u8> {
        let body = [
            self.sections(),
            PROTECTED.to_owned(),
            self.application_host(),
            self.web_server(),
            self.location_tags(),
            self.module_location(),
        ]
        .join("\n")
            + &self.extra;
        let mark = if self.byte_order_mark { "\u{feff}" } else { "" };
        let text = format!(
            "{mark}<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<configuration>\n\n{}\n</configuration>\n",
            indented(&body, 1)
        );
        text.replace('\n', "\r\n").into_bytes()
    }

    fn sections(&self) -> String {
        let mode = if self.unlocked { "Allow" } else { "Deny" };
        let deny =
            |name: &str| format!("<section name=\"{name}\" overrideModeDefault=\"Deny\" />\n");
        let allow =
            |name: &str| format!("<section name=\"{name}\" overrideModeDefault=\"Allow\" />\n");
        let host_only = |name: &str| {
            format!(
                "<section name=\"{name}\" allowDefinition=\"AppHostOnly\" overrideModeDefault=\"Deny\" />\n"
            )
        };
        let group = |name: &str, inner: &str| {
            format!(
                "<sectionGroup name=\"{name}\">\n{}</sectionGroup>\n",
                indented(inner, 1)
            )
        };
        let hosts: String = [
            "applicationPools",
            "configHistory",
            "listenerAdapters",
            "log",
            "sites",
            "webLimits",
        ]
        .iter()
        .map(|name| host_only(name))
        .collect();
        let authentication: String = [
            "anonymousAuthentication",
            "basicAuthentication",
            "clientCertificateMappingAuthentication",
            "digestAuthentication",
            "iisClientCertificateMappingAuthentication",
            "windowsAuthentication",
        ]
        .iter()
        .map(|name| format!("<section name=\"{name}\" overrideModeDefault=\"{mode}\" />\n"))
        .collect();
        let security = deny("access")
            + &group("authentication", &authentication)
            + &allow("authorization")
            + &deny("ipSecurity")
            + &allow("requestFiltering");
        let server = allow("defaultDocument")
            + &allow("directoryBrowse")
            + &host_only("globalModules")
            + &deny("handlers")
            + &allow("httpErrors")
            + &allow("httpProtocol")
            + "<section name=\"modules\" allowDefinition=\"MachineToApplication\" overrideModeDefault=\"Deny\" />\n"
            + &group("security", &security)
            + &deny("serverRuntime")
            + &allow("staticContent")
            + &group(
                "tracing",
                &(allow("traceFailedRequests") + &deny("traceProviderDefinitions")),
            )
            + &allow("validation");
        let groups = group("system.applicationHost", &hosts) + &group("system.webServer", &server);
        format!(
            "<configSections>\n{}</configSections>\n",
            indented(&groups, 1)
        )
    }

    fn application_host(&self) -> String {
        let mut pools: String = self.pools.iter().map(Pool::xml).collect();
        let identity = self
            .default_pool_identity
            .as_deref()
            .unwrap_or("ApplicationPoolIdentity");
        let _ = write!(
            pools,
            "<applicationPoolDefaults managedRuntimeVersion=\"v4.0\">\n    \
             <processModel identityType=\"{identity}\" />\n</applicationPoolDefaults>\n"
        );
        let mut sites: String = self
            .sites
            .iter()
            .zip(1..)
            .map(|(site, id)| site.xml(id))
            .collect();
        sites += "<siteDefaults>\n    <logFile logFormat=\"W3C\" directory=\"%SystemDrive%\\inetpub\\logs\\LogFiles\" />\n\
                  </siteDefaults>\n<applicationDefaults applicationPool=\"DefaultAppPool\" />\n\
                  <virtualDirectoryDefaults allowSubDirConfig=\"true\" />\n";
        let inner = format!(
            "<applicationPools>\n{}</applicationPools>\n\n<listenerAdapters>\n    <add name=\"http\" />\n\
             </listenerAdapters>\n\n<sites>\n{}</sites>\n\n<webLimits />\n",
            indented(&pools, 1),
            indented(&sites, 1)
        );
        format!(
            "<system.applicationHost>\n\n{}\n</system.applicationHost>\n",
            indented(&inner, 1)
        )
    }

    fn web_server(&self) -> String {
        let mut modules: String = MODULES
            .iter()
            .map(|(name, image)| {
                format!(
                    "<add name=\"{name}\" image=\"%windir%\\System32\\inetsrv\\{image}.dll\" />\n"
                )
            })
            .collect();
        if self.windows_module {
            modules += "<add name=\"WindowsAuthenticationModule\" image=\"%windir%\\System32\\inetsrv\\authsspi.dll\" />\n";
        }
        let inner = format!(
            "<globalModules>\n{}</globalModules>\n\n<security>\n\n    <access sslFlags=\"None\" />\n\n    \
             <authentication>\n{}    </authentication>\n\n    <authorization>\n        \
             <add accessType=\"Allow\" users=\"*\" />\n    </authorization>\n\n</security>\n\n<serverRuntime />\n",
            indented(&modules, 1),
            indented(&self.root.root_authentication(self.windows_module), 2),
        );
        format!(
            "<system.webServer>\n\n{}\n</system.webServer>\n",
            indented(&inner, 1)
        )
    }

    fn location_tags(&self) -> String {
        let others = self.extra_locations.iter().fold(String::new(), |mut text, (path, inner)| {
            let _ = write!(
                text,
                "<location path=\"{}\">\n    <system.webServer>\n{}    </system.webServer>\n</location>\n",
                escaped(path),
                indented(&format!("{inner}\n"), 2)
            );
            text
        });
        self.locations.iter().fold(others, |mut text, (path, mode, auth)| {
            let mode = mode.map_or(String::new(), |mode| format!(" overrideMode=\"{mode}\""));
            let _ = write!(
                text,
                "<location path=\"{}\"{mode}>\n    <system.webServer>\n{}    </system.webServer>\n</location>\n",
                escaped(path),
                indented(&auth.sections(), 2)
            );
            text
        })
    }

    fn module_location(&self) -> String {
        let lock = if self.modules_locked {
            " lockItem=\"true\""
        } else {
            ""
        };
        let mut modules: String = MODULES
            .iter()
            .map(|(name, _)| format!("<add name=\"{name}\"{lock} />\n"))
            .collect();
        if self.windows_module {
            let _ = writeln!(
                modules,
                "<add name=\"WindowsAuthenticationModule\"{lock} />"
            );
        }
        // The managed module of the same purpose, which says nothing about the role service.
        modules += "<add name=\"WindowsAuthentication\" type=\"System.Web.Security.WindowsAuthenticationModule\" preCondition=\"managedHandler\" />\n";
        format!(
            "<location path=\"\" overrideMode=\"Allow\">\n    <system.webServer>\n        <modules>\n{}        \
             </modules>\n        <handlers accessPolicy=\"Read, Script\">\n            <add name=\"StaticFile\" path=\"*\" \
             verb=\"*\" modules=\"StaticFileModule,DefaultDocumentModule,DirectoryListingModule\" resourceType=\"Either\" \
             requireAccess=\"Read\" />\n        </handlers>\n    </system.webServer>\n</location>\n",
            indented(&modules, 3)
        )
    }
}

const PROTECTED: &str = "<configProtectedData>\n    <providers>\n        \
    <add name=\"IISWASOnlyAesProvider\" type=\"Microsoft.ApplicationHost.AesProtectedConfigurationProvider\" \
    description=\"Uses an AES session key to encrypt and decrypt\" keyContainerName=\"iisWasKey\" cspProviderName=\"\" \
    useOAEP=\"false\" useMachineContainer=\"true\" sessionKey=\"Zml4dHVyZS1ub3QtYS1rZXk=\" />\n    \
    </providers>\n</configProtectedData>\n";
