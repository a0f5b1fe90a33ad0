//! redirection.config: shared configuration.
//!
//! ```text
//! <configurationRedirection enabled="true" path="\\fs\iis" userName="CONTOSO\iiscfg" password="[enc:…]" />
//! ```
//!
//! When it is enabled, the applicationHost.config beside it is not the live one. Installations without shared
//! configuration write an empty `<configurationRedirection />`.

use crate::evidence::Citation;

use super::config_file::ConfigFile;
use super::schema::read_bool;

/// What redirection.config says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Redirection {
    /// True when IIS reads its configuration from [`Redirection::path`]; schema default false.
    pub enabled: bool,
    /// The directory, usually a share; empty when none is written.
    pub path: String,
    /// The element.
    pub from: Citation,
}

impl Redirection {
    /// The redirection of a file, `None` when the file is no redirection.config.
    pub fn of(file: &ConfigFile) -> Option<Self> {
        let node = file
            .top()
            .find(|node| node.name() == "configurationRedirection")?;
        Some(Self {
            enabled: node
                .attribute("enabled")
                .and_then(read_bool)
                .unwrap_or(false),
            path: node.attribute("path").unwrap_or_default().to_owned(),
            from: node.cite(file.artifact),
        })
    }
}
