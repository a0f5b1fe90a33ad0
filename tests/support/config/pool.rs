//! An application pool.

use super::escaped;

/// An application pool; without an identity it runs as `ApplicationPoolIdentity`, the default.
#[derive(Clone, Debug)]
pub struct Pool {
    pub(super) name: String,
    attributes: String,
    process: Option<String>,
    rotates: bool,
}

impl Pool {
    /// A pool with the attributes that IIS Manager writes.
    pub fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            attributes: " managedRuntimeVersion=\"v4.0\"".into(),
            process: None,
            rotates: true,
        }
    }

    /// The worker process keeps running when the configuration changes (`disallowRotationOnConfigChange`).
    pub fn keeps_running_on_changes(mut self) -> Self {
        self.rotates = false;
        self
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
        let process = self
            .process
            .as_ref()
            .map_or(String::new(), |p| format!("    <processModel {p} />\n"));
        let recycling = if self.rotates {
            ""
        } else {
            "    <recycling disallowRotationOnConfigChange=\"true\" />\n"
        };
        if process.is_empty() && recycling.is_empty() {
            return format!("{start} />\n");
        }
        format!("{start}>\n{process}{recycling}</add>\n")
    }
}
