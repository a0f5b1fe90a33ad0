//! IIS configuration: a complete `applicationHost.config`, and `web.config` files, from a few lines.
//!
//! ```ignore
//! let config = ApplicationHost::new()
//!     .pool(Pool::new("IntranetPool").specific_user(r"CORP\svc_web"))
//!     .site(Site::new("Intranet").http(80, "intranet.corp.example").pool("IntranetPool"))
//!     .location("Intranet", Auth::new().anonymous(false).windows(Windows::enabled().use_app_pool_credentials(true)));
//! std::fs::write("applicationHost.config", config.xml())?;
//! ```
//!
//! What is not said is what setup writes: authentication sections locked, Windows authentication off at the root with
//! the providers Negotiate and NTLM, anonymous on.

mod application_host;
mod auth;
mod pool;
mod site;
mod web_config;

pub use application_host::ApplicationHost;
pub use auth::{Auth, ExtendedProtection, Providers, Windows};
pub use pool::Pool;
pub use site::Site;
pub use web_config::WebConfig;

/// An attribute or text made safe for XML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// Every line moved right by four blanks for each level.
fn indented(text: &str, levels: usize) -> String {
    let pad = "    ".repeat(levels);
    text.lines()
        .map(|line| {
            if line.is_empty() {
                "\n".to_owned()
            } else {
                format!("{pad}{line}\n")
            }
        })
        .collect()
}

/// `administration.config`, the part that matters to nobody here.
pub fn administration() -> Vec<u8> {
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<configuration>\r\n  <configSections>\r\n    <section name=\"moduleProviders\" />\r\n  </configSections>\r\n  <moduleProviders>\r\n    <add name=\"Authentication\" type=\"Microsoft.Web.Management.Iis.Authentication.AuthenticationModuleProvider\" />\r\n  </moduleProviders>\r\n</configuration>\r\n".into()
}

/// `redirection.config` of a server that keeps its own configuration.
pub fn redirection_unused() -> Vec<u8> {
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\r\n<configuration>\r\n  <configSections>\r\n    <section name=\"configurationRedirection\" />\r\n  </configSections>\r\n  <configurationRedirection />\r\n</configuration>\r\n".into()
}
