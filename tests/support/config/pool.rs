//! An application pool.

use super::escaped;

/// An application pool; without an identity it runs as `ApplicationPoolIdentity`, the default.
#[derive(Clone, Debug)]
pub struct Pool {
    pub(super) name: String,
    attributes: String,
    process: Option<String>,
}

impl Pool {
    /// A pool with the attributes that IIS Manager writes.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            attributes: " managedRuntimeVersion=\"v4.0\"".into(),
            process: None,
        }
    }

    /// Runs as a domain user; the password stands there as an encrypted value that is none.
    pub fn specific_user(self, user: &str) -> Self {
        let password = "[enc:IISWASOnlyAesProvider:Zml4dHVyZS1ub3QtYS1zZWNyZXQ=:enc]";
        self.process(&format!(
            "identityType=\"SpecificUser\" userName=\"{}\" password=\"{password}\"",
            escaped(user)
        ))
    }

    /// Runs as a group-managed service account (`CORP\gmsa_web$`), which has no password here.
    pub fn managed_service_account(self, user: &str) -> Self {
        self.process(&format!(
            "identityType=\"SpecificUser\" userName=\"{}\" password=\"\"",
            escaped(user)
        ))
    }

    /// `NetworkService`, `LocalSystem`, `LocalService`, `ApplicationPoolIdentity`, written out.
    pub fn identity_type(self, name: &str) -> Self {
        self.process(&format!("identityType=\"{name}\""))
    }

    /// Any attributes of `processModel`, as written.
    pub fn process(mut self, attributes: &str) -> Self {
        self.process = Some(attributes.to_owned());
        self
    }

    /// Any attributes of the pool, as written: `autoStart="false"`.
    pub fn attributes(mut self, attributes: &str) -> Self {
        self.attributes = format!("{} {attributes}", self.attributes);
        self
    }

    pub(super) fn xml(&self) -> String {
        let start = format!("<add name=\"{}\"{}", escaped(&self.name), self.attributes);
        match &self.process {
            None => format!("{start} />\n"),
            Some(process) => format!("{start}>\n    <processModel {process} />\n</add>\n"),
        }
    }
}
