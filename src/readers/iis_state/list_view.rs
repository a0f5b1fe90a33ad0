//! List views of the cmdlets of IIS.
//!
//! ```text
//! SectionPath           : /system.webServer/security/authentication/windowsAuthentication
//! PSPath                : MACHINE/WEBROOT/APPHOST
//! Location              : Intranet
//! enabled               : True
//!
//! Name                  : Api                     Value : Started
//! State                 : Stopped
//! ManagedPipelineMode   : Integrated
//! ```

use super::super::console::{Command, Line};
use super::arguments::below_server;
use super::table::{answer, is_secret};
use super::{Found, IisState, Pool, ShownSetting, Site};
use crate::evidence::Citation;

/// Longest list of properties that is one object.
const LONGEST: usize = 200;

/// Whether a section of the configuration is listed from this line on.
fn opens(line: &str) -> bool {
    property(line).is_some_and(|(name, value)| name == "SectionPath" && value.starts_with('/'))
}

/// `Name : value`, the name padded.
fn property(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(" :").or_else(|| line.split_once(": "))?;
    let name = name.trim_end();
    let plain = name.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'_');
    (!name.is_empty() && plain && name.len() <= 60).then_some((name, value.trim()))
}

/// Reads an object that begins with the first line; how many lines it has.
pub(super) fn take(
    found: &mut Found,
    command: Option<&Command>,
    lines: &[Line<'_>],
) -> Option<usize> {
    let first = *lines.first()?;
    let known =
        opens(first.text) || command.is_some_and(|command| command.name.starts_with("get-"));
    if !known {
        return None;
    }
    let bare = matches!(first.text.trim(), "True" | "False");
    if bare {
        let value = vec![first.text.trim().to_owned()];
        answer(found, command?, value, None, first);
        return Some(1);
    }
    property(first.text)?;
    let mut properties: Vec<(&str, String, Line<'_>)> = Vec::new();
    let mut taken = 0;
    for line in lines
        .iter()
        .take(LONGEST)
        .take_while(|line| !line.is_blank())
    {
        taken += 1;
        match property(line.text) {
            Some((name, value)) if !line.text.starts_with(' ') => {
                properties.push((name, value.to_owned(), *line));
            }
            // A value that is too long goes on below itself.
            _ => {
                if let Some((_, value, _)) = properties.last_mut() {
                    value.push_str(line.text.trim());
                }
            }
        }
    }
    let of = |name: &str| {
        let found = properties
            .iter()
            .find(|(own, _, _)| own.eq_ignore_ascii_case(name));
        found
            .map(|(_, value, _)| value.as_str())
            .filter(|value| !value.is_empty())
    };
    if let Some(section) = of("SectionPath") {
        let place = of("Location").or(of("PSPath")).map(below_server);
        for (name, value, line) in &properties {
            let own = name.starts_with(|c: char| c.is_ascii_lowercase());
            if own && !is_secret(name) && !value.is_empty() {
                let setting = ShownSetting {
                    section: section.trim_start_matches('/').to_owned(),
                    name: (*name).to_owned(),
                    values: vec![value.clone()],
                    place: place.clone(),
                    inherited: None,
                };
                found.fact(IisState::Setting(setting), *line);
            }
        }
    } else if let Some(value) = of("Value") {
        let inherited =
            of("IsInheritedFromDefaultValue").map(|word| word.eq_ignore_ascii_case("true"));
        answer(found, command?, vec![value.to_owned()], inherited, first);
    } else if let Some(name) = of("Name") {
        named_object(found, name, &of, first);
    } else {
        return None;
    }
    Some(taken)
}

/// A site or a pool, told by the properties that only they have.
fn named_object<'a>(
    found: &mut Found,
    name: &str,
    of: &dyn Fn(&str) -> Option<&'a str>,
    first: Line<'_>,
) {
    let from = Citation::line(found.artifact, first.number, first.text);
    let text = |name: &str| of(name).map(str::to_owned);
    if of("managedPipelineMode").is_some() || of("managedRuntimeVersion").is_some() {
        let pool = Pool {
            name: name.to_owned(),
            state: text("state").or_else(|| text("status")),
            runtime: text("managedRuntimeVersion"),
            pipeline: text("managedPipelineMode"),
            identity: text("identityType")
                .filter(|kind| kind != "SpecificUser")
                .or_else(|| text("userName")),
        };
        found.cited(IisState::Pool(pool), from);
    } else if of("id").is_some() && of("state").is_some() {
        let site = Site {
            name: name.to_owned(),
            id: of("id").and_then(|id| id.parse().ok()),
            state: text("state"),
            bindings: Vec::new(),
        };
        found.cited(IisState::Site(site), from);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn properties() {
        assert_eq!(property("Value : Started"), Some(("Value", "Started")));
        assert_eq!(property("Location    :"), Some(("Location", "")));
        assert_eq!(property("IP:port                      : 0.0.0.0:443"), None);
        assert_eq!(property("no property"), None);
    }
}
