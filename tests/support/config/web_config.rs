//! A `web.config`.

use std::fmt::Write as _;

use super::{Auth, escaped, indented};

/// A `web.config` in the making.
#[derive(Clone, Debug, Default)]
pub struct WebConfig {
    auth: Auth,
    web: String,
    server: String,
    locations: Vec<(String, Auth)>,
}

impl WebConfig {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    /// Authentication sections, which are errors (500.19) where they are locked.
    pub fn auth(mut self, auth: Auth) -> Self {
        self.auth = auth;
        self
    }

    /// `<authentication mode="…">` of ASP.NET: `Windows`, `Forms`, `None`.
    pub fn asp_net_mode(mut self, mode: &str) -> Self {
        let _ = writeln!(self.web, "<authentication mode=\"{mode}\" />");
        self
    }

    /// `<identity impersonate="…">`.
    pub fn impersonate(mut self, impersonate: bool) -> Self {
        let _ = writeln!(self.web, "<identity impersonate=\"{impersonate}\" />");
        self
    }

    /// `<deny users="?">` of ASP.NET.
    pub fn deny_anonymous(mut self) -> Self {
        self.web += "<authorization>\n    <deny users=\"?\" />\n</authorization>\n";
        self
    }

    /// `<modules><remove name="…"/></modules>`.
    pub fn remove_module(mut self, name: &str) -> Self {
        let _ = write!(
            self.server,
            "<modules>\n    <remove name=\"{}\" />\n</modules>\n",
            escaped(name)
        );
        self
    }

    /// `<aspNetCore forwardWindowsAuthToken="…">`.
    pub fn asp_net_core(mut self, forward_windows_auth_token: bool) -> Self {
        let _ = writeln!(
            self.server,
            "<aspNetCore processPath=\"dotnet\" arguments=\".\\app.dll\" hostingModel=\"outofprocess\" \
             forwardWindowsAuthToken=\"{forward_windows_auth_token}\" />"
        );
        self
    }

    /// Any element of `system.web`, as written.
    pub fn web(mut self, xml: &str) -> Self {
        self.web += xml;
        self.web.push('\n');
        self
    }

    /// Any element of `system.webServer`, as written.
    pub fn server(mut self, xml: &str) -> Self {
        self.server += xml;
        self.server.push('\n');
        self
    }

    /// `<location path="sub">` inside this file.
    pub fn location(mut self, path: &str, auth: Auth) -> Self {
        self.locations.push((path.to_owned(), auth));
        self
    }

    /// The file: UTF-8, CRLF.
    pub fn xml(&self) -> Vec<u8> {
        let mut text =
            String::from("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<configuration>\n");
        if !self.web.is_empty() {
            let _ = write!(
                text,
                "    <system.web>\n{}    </system.web>\n",
                indented(&self.web, 2)
            );
        }
        let server = self.auth.sections() + &self.server;
        let _ = write!(
            text,
            "    <system.webServer>\n{}    </system.webServer>\n",
            indented(&server, 2)
        );
        for (path, auth) in &self.locations {
            let _ = write!(
                text,
                "    <location path=\"{}\">\n        <system.webServer>\n{}        </system.webServer>\n    </location>\n",
                escaped(path),
                indented(&auth.sections(), 3)
            );
        }
        text += "</configuration>\n";
        text.replace('\n', "\r\n").into_bytes()
    }
}
