//! The authentication sections, as they stand at the root, in a location tag or in a web.config.

use std::fmt::Write as _;

use super::{escaped, indented};

/// `<providers>`: what is done to the inherited list, in the order clear, remove, add.
#[derive(Clone, Debug, Default)]
pub struct Providers {
    clear: bool,
    remove: Vec<String>,
    add: Vec<String>,
}

impl Providers {
    /// `<clear/>` and then these.
    pub fn only(names: &[&str]) -> Self {
        Self {
            clear: true,
            remove: vec![],
            add: owned(names),
        }
    }

    /// These, added to what is inherited.
    pub fn add(names: &[&str]) -> Self {
        Self {
            clear: false,
            remove: vec![],
            add: owned(names),
        }
    }

    /// Takes these from what is inherited.
    pub fn remove(names: &[&str]) -> Self {
        Self {
            clear: false,
            remove: owned(names),
            add: vec![],
        }
    }

    fn xml(&self) -> String {
        let mut text = String::from("<providers>\n");
        if self.clear {
            text += "    <clear />\n";
        }
        for name in &self.remove {
            let _ = writeln!(text, "    <remove value=\"{}\" />", escaped(name));
        }
        for name in &self.add {
            let _ = writeln!(text, "    <add value=\"{}\" />", escaped(name));
        }
        text + "</providers>\n"
    }
}

fn owned(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

/// `<extendedProtection>`.
#[derive(Clone, Debug)]
pub struct ExtendedProtection {
    token_checking: String,
    flags: Option<String>,
    spns: Vec<String>,
}

impl ExtendedProtection {
    /// `tokenChecking`: `None`, `Allow`, `Require`.
    pub fn new(token_checking: &str) -> Self {
        Self {
            token_checking: token_checking.into(),
            flags: None,
            spns: vec![],
        }
    }

    /// `flags`: `Proxy`, `NoServiceNameCheck`, …, comma-separated.
    pub fn flags(mut self, flags: &str) -> Self {
        self.flags = Some(flags.into());
        self
    }

    /// A name in the list of accepted SPNs.
    pub fn spn(mut self, spn: &str) -> Self {
        self.spns.push(spn.into());
        self
    }

    fn xml(&self) -> String {
        let flags = self
            .flags
            .as_ref()
            .map_or(String::new(), |flags| format!(" flags=\"{flags}\""));
        let start = format!(
            "<extendedProtection tokenChecking=\"{}\"{flags}",
            self.token_checking
        );
        if self.spns.is_empty() {
            return start + " />\n";
        }
        let spns: String = self
            .spns
            .iter()
            .map(|spn| format!("    <spn name=\"{}\" />\n", escaped(spn)))
            .collect();
        format!("{start}>\n{spns}</extendedProtection>\n")
    }
}

/// `<windowsAuthentication>`; attributes that are not set are not written.
#[derive(Clone, Debug, Default)]
pub struct Windows {
    attributes: Vec<(&'static str, String)>,
    providers: Option<Providers>,
    extended_protection: Option<ExtendedProtection>,
}

impl Windows {
    /// `enabled="true"`.
    pub fn enabled() -> Self {
        Self::default().attribute("enabled", "true")
    }

    /// `enabled="false"`.
    pub fn disabled() -> Self {
        Self::default().attribute("enabled", "false")
    }

    /// The element without `enabled`: that is inherited.
    pub fn inherited() -> Self {
        Self::default()
    }

    /// Any attribute, as written.
    pub fn attribute(mut self, name: &'static str, value: &str) -> Self {
        self.attributes.push((name, value.to_owned()));
        self
    }

    /// `useKernelMode`.
    pub fn use_kernel_mode(self, value: bool) -> Self {
        self.attribute("useKernelMode", &value.to_string())
    }

    /// `useAppPoolCredentials`.
    pub fn use_app_pool_credentials(self, value: bool) -> Self {
        self.attribute("useAppPoolCredentials", &value.to_string())
    }

    /// `<providers>`.
    pub fn providers(mut self, providers: Providers) -> Self {
        self.providers = Some(providers);
        self
    }

    /// `<extendedProtection>`.
    pub fn extended_protection(mut self, protection: ExtendedProtection) -> Self {
        self.extended_protection = Some(protection);
        self
    }

    fn xml(&self) -> String {
        let attributes: String = self
            .attributes
            .iter()
            .map(|(name, value)| format!(" {name}=\"{}\"", escaped(value)))
            .collect();
        let mut inner = self
            .providers
            .as_ref()
            .map_or(String::new(), Providers::xml);
        inner += &self
            .extended_protection
            .as_ref()
            .map_or(String::new(), ExtendedProtection::xml);
        if inner.is_empty() {
            return format!("<windowsAuthentication{attributes} />\n");
        }
        format!(
            "<windowsAuthentication{attributes}>\n{}</windowsAuthentication>\n",
            indented(&inner, 1)
        )
    }
}

/// The `security` section of one level; what is not said is not written.
#[derive(Clone, Debug, Default)]
pub struct Auth {
    ssl_flags: Option<String>,
    anonymous: Option<(bool, Option<String>)>,
    windows: Option<Windows>,
    others: Vec<(&'static str, bool)>,
    rules: Option<Vec<String>>,
    keep_alive: Option<bool>,
}

impl Auth {
    /// Nothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// What is usual for a Windows-authenticated site: anonymous off, Windows on.
    pub fn windows_only() -> Self {
        Self::new().anonymous(false).windows(Windows::enabled())
    }

    /// `anonymousAuthentication/@enabled`.
    pub fn anonymous(mut self, enabled: bool) -> Self {
        self.anonymous = Some((enabled, None));
        self
    }

    /// Anonymous on, under this user; empty for the pool identity.
    pub fn anonymous_as(mut self, user: &str) -> Self {
        self.anonymous = Some((true, Some(user.to_owned())));
        self
    }

    /// `windowsAuthentication`.
    pub fn windows(mut self, windows: Windows) -> Self {
        self.windows = Some(windows);
        self
    }

    /// `basicAuthentication/@enabled`.
    pub fn basic(mut self, enabled: bool) -> Self {
        self.others.push(("basicAuthentication", enabled));
        self
    }

    /// `digestAuthentication/@enabled`.
    pub fn digest(mut self, enabled: bool) -> Self {
        self.others.push(("digestAuthentication", enabled));
        self
    }

    /// `access/@sslFlags`.
    pub fn ssl_flags(mut self, flags: &str) -> Self {
        self.ssl_flags = Some(flags.to_owned());
        self
    }

    /// `httpProtocol/@allowKeepAlive`.
    pub fn keep_alive(mut self, allowed: bool) -> Self {
        self.keep_alive = Some(allowed);
        self
    }

    /// A rule of `authorization`, such as `accessType="Allow" roles="CORP\Finance"`; the inherited list is cleared.
    pub fn rule(mut self, attributes: &str) -> Self {
        self.rules
            .get_or_insert_default()
            .push(attributes.to_owned());
        self
    }

    /// The content of `<authentication>`.
    fn authentication(&self) -> String {
        let mut text = String::new();
        if let Some((enabled, user)) = &self.anonymous {
            let user = user.as_ref().map_or(String::new(), |user| {
                format!(" userName=\"{}\"", escaped(user))
            });
            let _ = writeln!(
                text,
                "<anonymousAuthentication enabled=\"{enabled}\"{user} />"
            );
        }
        for (section, enabled) in &self.others {
            let _ = writeln!(text, "<{section} enabled=\"{enabled}\" />");
        }
        if let Some(windows) = &self.windows {
            text += &windows.xml();
        }
        text
    }

    /// The whole `<system.webServer>` fragment below a location tag or a web.config.
    pub(super) fn sections(&self) -> String {
        let mut security = String::new();
        if let Some(flags) = &self.ssl_flags {
            let _ = writeln!(security, "<access sslFlags=\"{flags}\" />");
        }
        let authentication = self.authentication();
        if !authentication.is_empty() {
            security += &format!(
                "<authentication>\n{}</authentication>\n",
                indented(&authentication, 1)
            );
        }
        if let Some(rules) = &self.rules {
            security += "<authorization>\n    <clear />\n";
            for rule in rules {
                let _ = writeln!(security, "    <add {rule} />");
            }
            security += "</authorization>\n";
        }
        let mut text = String::new();
        if !security.is_empty() {
            text += &format!("<security>\n{}</security>\n", indented(&security, 1));
        }
        if let Some(allowed) = self.keep_alive {
            let _ = writeln!(text, "<httpProtocol allowKeepAlive=\"{allowed}\" />");
        }
        text
    }

    /// The root's `<authentication>` content, with what setup writes where nothing is said.
    pub(super) fn root_authentication(&self, windows_installed: bool) -> String {
        let mut all = self.clone();
        all.anonymous.get_or_insert((true, Some("IUSR".to_owned())));
        for section in [
            "basicAuthentication",
            "clientCertificateMappingAuthentication",
            "digestAuthentication",
        ] {
            if !all.others.iter().any(|(name, _)| *name == section) {
                all.others.push((section, false));
            }
        }
        if !windows_installed {
            // Without the role service setup leaves the bare section.
            all.windows = Some(Windows::inherited());
        }
        all.windows.get_or_insert_with(|| {
            Windows::disabled()
                .attribute("authPersistNonNTLM", "true")
                .providers(Providers::add(&["Negotiate", "NTLM"]))
        });
        all.authentication()
    }
}
