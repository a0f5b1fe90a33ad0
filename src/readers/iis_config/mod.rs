//! IIS configuration: the files as trees with positions, and the *effective* settings of every site, application and
//! path, each with the line that set it or "schema default".
//!
//! ```text
//! <configuration>
//!   <configSections> … <section name="windowsAuthentication" overrideModeDefault="Deny" /> … </configSections>
//!   <system.applicationHost>
//!     <applicationPools><add name="Intranet"><processModel identityType="SpecificUser" userName="CONTOSO\svc" /></add></applicationPools>
//!     <sites><site name="Intranet" id="2"><application path="/" applicationPool="Intranet"> … </site></sites>
//!   </system.applicationHost>
//!   <location path="Intranet"><system.webServer> … <windowsAuthentication enabled="true" /> … </location>
//! </configuration>
//! ```
//!
//! A [`ConfigFile`] is one such file. [`ServerConfig::build`] puts applicationHost.config and the web.config files of
//! one server together, [`ServerConfig::effective`] says what holds at a path, for example that `Intranet` `/` has
//! Windows authentication on (set by the `location`) in kernel mode (schema default).

mod appcmd;
mod binding;
mod cite;
mod collection;
mod config_file;
mod effective;
mod hierarchy;
mod layers;
mod model;
mod parse;
mod place;
mod pool;
mod recompose;
mod redirection;
mod review;
mod schema;
mod server;
mod setting_change;
mod shown;
#[cfg(test)]
mod tests;
mod tree;
mod unknown;
mod web_path;

pub use appcmd::AppcmdOutput;
pub use config_file::ConfigFile;
pub use effective::{AccessSettings, AddressRule};
pub(crate) use model::is_below;
pub use model::{
    AnonymousAuth, Application, AuthorizationRule, Binding, EffectiveSettings, ExtendedProtection,
    Farm, IdentityType, LockViolation, Origin, Pool, ServerConfig, Setting, Site, TokenChecking,
    UnknownItem, VirtualDirectory, WindowsAuth,
};
pub use place::{WebPath, place_web_config};
pub use recompose::SettingInForce;
pub(crate) use recompose::split_bindings;
pub use redirection::Redirection;
pub use setting_change::SettingChange;
pub use shown::Disagreement;
pub use tree::{Attribute, Fault, Node, Tree};
