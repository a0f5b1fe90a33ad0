//! What the model needs of `IIS_schema.xml`: sections, attributes, their types and their defaults.
//!
//! Source: `%windir%\System32\inetsrv\config\schema\IIS_schema.xml` of IIS 10, read for each entry below. IIS takes
//! section and attribute names as written; values of booleans, enumerations and flags are compared without case
//! here, and their numeric forms are accepted.

use super::model::{IdentityType, TokenChecking};

/// A section, by its path below `configuration`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Section(pub &'static str);

pub(super) const WINDOWS: Section =
    Section("system.webServer/security/authentication/windowsAuthentication");
pub(super) const ANONYMOUS: Section =
    Section("system.webServer/security/authentication/anonymousAuthentication");
pub(super) const BASIC: Section =
    Section("system.webServer/security/authentication/basicAuthentication");
pub(super) const DIGEST: Section =
    Section("system.webServer/security/authentication/digestAuthentication");
pub(super) const CLIENT_CERTIFICATE: Section =
    Section("system.webServer/security/authentication/clientCertificateMappingAuthentication");
pub(super) const IIS_CLIENT_CERTIFICATE: Section =
    Section("system.webServer/security/authentication/iisClientCertificateMappingAuthentication");
pub(super) const ACCESS: Section = Section("system.webServer/security/access");
pub(super) const AUTHORIZATION: Section = Section("system.webServer/security/authorization");
pub(super) const GLOBAL_MODULES: Section = Section("system.webServer/globalModules");
pub(super) const MODULES: Section = Section("system.webServer/modules");
pub(super) const HTTP_PROTOCOL: Section = Section("system.webServer/httpProtocol");
pub(super) const SERVER_RUNTIME: Section = Section("system.webServer/serverRuntime");
pub(super) const ASP_NET_CORE: Section = Section("system.webServer/aspNetCore");
pub(super) const ASP_NET_AUTHENTICATION: Section = Section("system.web/authentication");
pub(super) const ASP_NET_AUTHORIZATION: Section = Section("system.web/authorization");
pub(super) const ASP_NET_IDENTITY: Section = Section("system.web/identity");
pub(super) const IP_SECURITY: Section = Section("system.webServer/security/ipSecurity");
pub(super) const DYNAMIC_IP_SECURITY: Section =
    Section("system.webServer/security/dynamicIpSecurity");
pub(super) const ISAPI_FILTERS: Section = Section("system.webServer/isapiFilters");
pub(super) const VALIDATION: Section = Section("system.webServer/validation");
/// Of modules that Microsoft adds to IIS: CORS, URL Rewrite, Application Request Routing.
pub(super) const CORS: Section = Section("system.webServer/cors");
pub(super) const REWRITES: Section = Section("system.webServer/rewrite/rules");
pub(super) const GLOBAL_REWRITES: Section = Section("system.webServer/rewrite/globalRules");
pub(super) const PROXY: Section = Section("system.webServer/proxy");

/// The elements of a section below `security/authentication`; an empty list where they do not matter here. `None`: no
/// section of IIS has this name.
pub(super) fn authentication_children(section: &str) -> Option<&'static [&'static str]> {
    match section {
        "windowsAuthentication" => Some(&[
            "providers",
            "add",
            "remove",
            "clear",
            "extendedProtection",
            "spn",
            "removeSpn",
            "clearSpns",
        ]),
        "anonymousAuthentication"
        | "basicAuthentication"
        | "digestAuthentication"
        | "clientCertificateMappingAuthentication"
        | "iisClientCertificateMappingAuthentication" => Some(&[]),
        _ => None,
    }
}

/// Every section that bears on authentication, or on what is taken for its failure.
pub(super) const SECTIONS: [Section; 24] = [
    WINDOWS,
    ANONYMOUS,
    BASIC,
    DIGEST,
    CLIENT_CERTIFICATE,
    IIS_CLIENT_CERTIFICATE,
    ACCESS,
    AUTHORIZATION,
    GLOBAL_MODULES,
    MODULES,
    HTTP_PROTOCOL,
    SERVER_RUNTIME,
    ASP_NET_CORE,
    ASP_NET_AUTHENTICATION,
    ASP_NET_AUTHORIZATION,
    ASP_NET_IDENTITY,
    IP_SECURITY,
    DYNAMIC_IP_SECURITY,
    ISAPI_FILTERS,
    VALIDATION,
    CORS,
    REWRITES,
    GLOBAL_REWRITES,
    PROXY,
];

impl Section {
    /// The steps of the path.
    pub(super) fn steps(self) -> Vec<&'static str> {
        self.0.split('/').collect()
    }

    /// True for sections of IIS: those of ASP.NET are declared and locked elsewhere (machine.config, root web.config).
    pub(super) fn is_of_iis(self) -> bool {
        self.0.starts_with("system.webServer/")
    }
}

/// An attribute: where it stands, how it is read, and what holds when nothing sets it.
pub(super) struct Attribute<T: 'static> {
    pub(super) section: Section,
    /// Elements between the section and the attribute.
    pub(super) element: &'static [&'static str],
    pub(super) name: &'static str,
    pub(super) default: fn() -> T,
    pub(super) read: fn(&str) -> Option<T>,
}

/// A boolean attribute of a section.
const fn boolean(section: Section, name: &'static str, default: fn() -> bool) -> Attribute<bool> {
    Attribute {
        section,
        element: &[],
        name,
        default,
        read: read_bool,
    }
}

pub(super) const WINDOWS_ENABLED: Attribute<bool> = boolean(WINDOWS, "enabled", || false);
pub(super) const KERNEL_MODE: Attribute<bool> = boolean(WINDOWS, "useKernelMode", || true);
pub(super) const POOL_CREDENTIALS: Attribute<bool> =
    boolean(WINDOWS, "useAppPoolCredentials", || false);
pub(super) const SINGLE_REQUEST: Attribute<bool> =
    boolean(WINDOWS, "authPersistSingleRequest", || false);
pub(super) const PERSIST_NON_NTLM: Attribute<bool> =
    boolean(WINDOWS, "authPersistNonNTLM", || false);
pub(super) const ANONYMOUS_ENABLED: Attribute<bool> = boolean(ANONYMOUS, "enabled", || true);
pub(super) const BASIC_ENABLED: Attribute<bool> = boolean(BASIC, "enabled", || false);
pub(super) const DIGEST_ENABLED: Attribute<bool> = boolean(DIGEST, "enabled", || false);
pub(super) const CLIENT_CERTIFICATE_ENABLED: Attribute<bool> =
    boolean(CLIENT_CERTIFICATE, "enabled", || false);
pub(super) const IIS_CLIENT_CERTIFICATE_ENABLED: Attribute<bool> =
    boolean(IIS_CLIENT_CERTIFICATE, "enabled", || false);
pub(super) const KEEP_ALIVE: Attribute<bool> = boolean(HTTP_PROTOCOL, "allowKeepAlive", || true);

/// ASP.NET and the ASP.NET Core module: their defaults do not stand in `IIS_schema.xml`, only what a file sets counts.
pub(super) const FORWARD_WINDOWS_TOKEN: Attribute<bool> =
    boolean(ASP_NET_CORE, "forwardWindowsAuthToken", || true);
pub(super) const IMPERSONATE: Attribute<bool> = boolean(ASP_NET_IDENTITY, "impersonate", || false);
pub(super) const ASP_NET_MODE: Attribute<String> = Attribute {
    section: ASP_NET_AUTHENTICATION,
    element: &[],
    name: "mode",
    default: || "Windows".into(),
    read: |value| Some(canonical(value, &["Windows", "Forms", "Passport", "None"])),
};

pub(super) const LOGIN_URL: Attribute<String> = Attribute {
    section: ASP_NET_AUTHENTICATION,
    element: &["forms"],
    name: "loginUrl",
    default: || "login.aspx".into(),
    read: |value| Some(value.trim().into()),
};
pub(super) const HOSTING_MODEL: Attribute<String> = Attribute {
    section: ASP_NET_CORE,
    element: &[],
    name: "hostingModel",
    default: || "outofprocess".into(),
    read: |value| Some(value.trim().to_lowercase()),
};
pub(super) const ALLOW_UNLISTED: Attribute<bool> = boolean(IP_SECURITY, "allowUnlisted", || true);
pub(super) const VALIDATES_PIPELINE: Attribute<bool> =
    boolean(VALIDATION, "validateIntegratedModeConfiguration", || true);
pub(super) const CORS_ENABLED: Attribute<bool> = boolean(CORS, "enabled", || false);
pub(super) const PROXY_ENABLED: Attribute<bool> = boolean(PROXY, "enabled", || false);
pub(super) const LIMITS_AT_ONCE: Attribute<bool> = Attribute {
    element: &["denyByConcurrentRequests"],
    ..boolean(DYNAMIC_IP_SECURITY, "enabled", || false)
};
pub(super) const LIMITS_RATE: Attribute<bool> = Attribute {
    element: &["denyByRequestRate"],
    ..boolean(DYNAMIC_IP_SECURITY, "enabled", || false)
};
pub(super) const MOST_AT_ONCE: Attribute<u32> =
    limit(&["denyByConcurrentRequests"], "maxConcurrentRequests", || 5);
pub(super) const MOST_IN_TIME: Attribute<u32> = limit(&["denyByRequestRate"], "maxRequests", || 20);
pub(super) const RATE_INTERVAL: Attribute<u32> = limit(
    &["denyByRequestRate"],
    "requestIntervalInMilliseconds",
    || 200,
);

/// A limit of dynamic address restrictions.
const fn limit(
    element: &'static [&'static str],
    name: &'static str,
    default: fn() -> u32,
) -> Attribute<u32> {
    Attribute {
        section: DYNAMIC_IP_SECURITY,
        element,
        name,
        default,
        read: |value| value.trim().parse().ok(),
    }
}

pub(super) const ANONYMOUS_USER: Attribute<String> = Attribute {
    section: ANONYMOUS,
    element: &[],
    name: "userName",
    default: || "IUSR".into(),
    read: |value| Some(value.trim().into()),
};
pub(super) const SSL_FLAGS: Attribute<String> = Attribute {
    section: ACCESS,
    element: &[],
    name: "sslFlags",
    default: || "None".into(),
    read: |value| Some(value.trim().into()),
};
pub(super) const USER_OVERRIDE: Attribute<String> = Attribute {
    section: SERVER_RUNTIME,
    element: &[],
    name: "authenticatedUserOverride",
    default: || "UseAuthenticatedUser".into(),
    read: |value| {
        read_enum(
            value,
            &[("UseAuthenticatedUser", 1), ("UseWorkerProcessUser", 2)],
        )
    },
};
pub(super) const TOKEN_CHECKING: Attribute<TokenChecking> = Attribute {
    section: WINDOWS,
    element: &["extendedProtection"],
    name: "tokenChecking",
    default: || TokenChecking::None,
    read: |value| match read_enum(value, &[("None", 0), ("Allow", 1), ("Require", 2)])?.as_str() {
        "None" => Some(TokenChecking::None),
        "Allow" => Some(TokenChecking::Allow),
        _ => Some(TokenChecking::Require),
    },
};
pub(super) const PROTECTION_FLAGS: Attribute<Vec<String>> = Attribute {
    section: WINDOWS,
    element: &["extendedProtection"],
    name: "flags",
    default: Vec::new,
    read: read_protection_flags,
};

/// `true`, `false`, `1`, `0`, in any case.
pub(super) fn read_bool(value: &str) -> Option<bool> {
    match value.trim() {
        "1" => Some(true),
        "0" => Some(false),
        word if word.eq_ignore_ascii_case("true") => Some(true),
        word if word.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// A word of an enumeration or its number, as the word that the schema writes.
pub(super) fn read_enum(value: &str, words: &[(&str, u32)]) -> Option<String> {
    let value = value.trim();
    let number = value.parse::<u32>().ok();
    words
        .iter()
        .find(|(word, code)| word.eq_ignore_ascii_case(value) || number == Some(*code))
        .map(|(word, _)| (*word).to_owned())
}

/// `processModel/@identityType`.
pub(super) fn read_identity(value: &str) -> Option<IdentityType> {
    let words = [
        ("LocalSystem", 0),
        ("LocalService", 1),
        ("NetworkService", 2),
        ("SpecificUser", 3),
        ("ApplicationPoolIdentity", 4),
    ];
    Some(match read_enum(value, &words)?.as_str() {
        "LocalSystem" => IdentityType::LocalSystem,
        "LocalService" => IdentityType::LocalService,
        "NetworkService" => IdentityType::NetworkService,
        "SpecificUser" => IdentityType::SpecificUser,
        _ => IdentityType::ApplicationPoolIdentity,
    })
}

/// `extendedProtection/@flags`: a comma list of words, or their sum. `None` is the empty list.
fn read_protection_flags(value: &str) -> Option<Vec<String>> {
    const FLAGS: [(&str, u32); 4] = [
        ("Proxy", 1),
        ("NoServiceNameCheck", 2),
        ("AllowDotlessSpn", 4),
        ("ProxyCohosting", 32),
    ];
    let mut set = 0;
    for part in value.split(',').map(str::trim) {
        set |= match FLAGS
            .iter()
            .find(|(word, _)| word.eq_ignore_ascii_case(part))
        {
            Some((_, bit)) => *bit,
            None if part.is_empty() || part.eq_ignore_ascii_case("None") => 0,
            None => part.parse::<u32>().ok().filter(|bits| bits & !39 == 0)?,
        };
    }
    let words = FLAGS.iter().filter(|(_, bit)| set & bit != 0);
    Some(words.map(|(word, _)| (*word).to_owned()).collect())
}

/// The word of the list that a value means, or the value as written.
pub(super) fn canonical(value: &str, words: &[&str]) -> String {
    let value = value.trim();
    let word = words.iter().find(|word| word.eq_ignore_ascii_case(value));
    word.copied().unwrap_or(value).to_owned()
}
