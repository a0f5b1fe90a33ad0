//! Changes of IIS settings as the configuration log shows them (IIS-Configuration/Operational 29): which setting, at
//! which scope, from what to what. Edits of the file by hand leave no such event.

use jiff::Timestamp;

use super::{Case, Endpoint, HostId};
use crate::evidence::Citation;
use crate::readers::events::{Body, ConfigChanged};

/// A change of one attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigEdit {
    /// The server.
    pub host: HostId,
    /// When.
    pub time: Timestamp,
    /// The innermost element and the attribute, lower case: `windowsauthentication/@enabled`.
    pub setting: String,
    /// The whole path of the attribute, as written: it names the pool or site in `[@name="…"]`.
    pub path: String,
    /// `Site` or `Site/App` as written; empty for the whole server.
    pub location: String,
    /// Value before.
    pub old: Option<String>,
    /// Value after.
    pub new: String,
    /// The event.
    pub from: Citation,
}

impl ConfigEdit {
    /// The value after, where it is a switch.
    pub fn switched_to(&self) -> Option<bool> {
        switch(&self.new)
    }

    /// Whether a switch went from the other position to this one.
    pub fn turns(&self, on: bool) -> bool {
        self.switched_to() == Some(on)
            && self
                .old
                .as_deref()
                .and_then(switch)
                .is_some_and(|old| old != on)
    }

    /// Whether the scope it was written at covers an endpoint: the same server, and its location or one above it.
    pub fn covers(&self, endpoint: &Endpoint) -> bool {
        let (scope, at) = (
            self.location.to_lowercase(),
            endpoint.location().to_lowercase(),
        );
        let below = at
            .strip_prefix(&scope)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        Some(self.host) == endpoint.host && (scope.is_empty() || below)
    }
}

impl Case {
    /// The changes of a setting (`windowsauthentication/@enabled`), oldest first.
    pub fn config_edits(&self, setting: &str) -> Vec<ConfigEdit> {
        self.pick(|body| match body {
            Body::ConfigChanged(change) if change.id == 29 => Some(change),
            _ => None,
        })
        .filter_map(|(event, change)| {
            let edited = setting_of(change)?;
            Some(ConfigEdit {
                host: self.hosts.find(&event.computer)?,
                time: event.time,
                location: location_of(change),
                old: change.old_value.clone(),
                new: change.new_value.clone()?,
                path: change.configuration.clone().unwrap_or_default(),
                setting: edited,
                from: event.citation.clone(),
            })
        })
        .filter(|edit| edit.setting == setting)
        .collect()
    }
}

fn switch(value: &str) -> Option<bool> {
    match value.trim().to_lowercase().as_str() {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}

/// The last two steps of `/system.webServer/security/authentication/windowsAuthentication/@enabled`.
fn setting_of(change: &ConfigChanged) -> Option<String> {
    let mut steps = change.configuration.as_deref()?.rsplit('/');
    let (attribute, element) = (steps.next()?, steps.next()?);
    Some(format!("{element}/{attribute}").to_lowercase())
}

/// The location of a change: that of a `location` tag, else the level of the file it was written to.
pub(super) fn location_of(change: &ConfigChanged) -> String {
    [&change.location, &change.config_path]
        .into_iter()
        .flatten()
        .map(|path| below_server(path))
        .find(|path| !path.is_empty())
        .unwrap_or_default()
}

/// A configuration path without `MACHINE/WEBROOT/APPHOST`.
fn below_server(path: &str) -> String {
    let server = ["machine", "webroot", "apphost"];
    let steps: Vec<&str> = path.split('/').filter(|step| !step.is_empty()).collect();
    let known = steps
        .iter()
        .zip(server)
        .take_while(|(step, name)| step.eq_ignore_ascii_case(name))
        .count();
    steps.get(known..).unwrap_or_default().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes() {
        let change = |location: &str, path: &str| ConfigChanged {
            location: Some(location.to_owned()),
            config_path: Some(path.to_owned()),
            ..ConfigChanged::default()
        };
        let server = "MACHINE/WEBROOT/APPHOST";
        assert_eq!(location_of(&change("Portal/hr", server)), "Portal/hr");
        assert_eq!(
            location_of(&change("MACHINE/WEBROOT/APPHOST/Portal", server)),
            "Portal"
        );
        assert_eq!(location_of(&change("", server)), "");
        assert_eq!(
            location_of(&change("", "MACHINE/WEBROOT/APPHOST/Portal")),
            "Portal"
        );
    }

    #[test]
    fn the_setting_is_the_element_and_its_attribute() {
        let change = ConfigChanged {
            configuration: Some(
                "/system.webServer/security/authentication/windowsAuthentication/@enabled".into(),
            ),
            ..ConfigChanged::default()
        };
        assert_eq!(
            setting_of(&change).as_deref(),
            Some("windowsauthentication/@enabled")
        );
        assert_eq!(setting_of(&ConfigChanged::default()), None);
    }
}
