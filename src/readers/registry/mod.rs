//! The registry: `reg query`, `.reg` files, `Get-ItemProperty`, and the policies of browsers that stand in it.
//!
//! ```text
//! HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Lsa\MSV1_0
//!     BackConnectionHostNames    REG_MULTI_SZ    intranet.corp.example\0www.corp.example
//!     RestrictReceivingNTLMTraffic    REG_DWORD    0x2
//! ```
//!
//! gives the key with its two values. Only the keys and values that authentication depends on are kept: the rest of the
//! registry holds secrets. A key that was printed whole is marked so, since a value that is not in it is then absent.

mod browser;
mod key;
mod property_list;
mod query;
mod reg_file;
mod template;
#[cfg(test)]
mod tests;

pub use key::Key;

use super::Reading;
use super::console::{Section, Tool};
use crate::bundle::{is_file_head, is_policy_export};
use crate::evidence::{ArtifactId, Citation, Problem};

/// A key of the registry that was printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryKey {
    /// The machine: named by the command or the prompt; `None` where neither names one.
    pub host: Option<String>,
    /// Which key.
    pub key: Key,
    /// The key below it that was printed: the realm of [`Key::HostToRealm`].
    pub below: Option<String>,
    /// Its values, as far as they matter.
    pub values: Vec<RegistryValue>,
    /// What was printed of it.
    pub extent: Extent,
    /// Where it stands.
    pub from: Citation,
}

/// How much of a key was printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Extent {
    /// All of it: a value that is not there is absent.
    Whole,
    /// The value of this name alone was asked for, and is absent where it is not there.
    One(String),
    /// Some of it.
    Part,
}

/// A value of the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryValue {
    /// Its name, as [`Key::wanted`] spells it.
    pub name: &'static str,
    /// What it is set to.
    pub value: Setting,
    /// Where it stands.
    pub from: Citation,
}

/// What a value is set to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Setting {
    /// `REG_DWORD`, `REG_QWORD`.
    Number(u64),
    /// `REG_SZ`, `REG_EXPAND_SZ`.
    Text(String),
    /// `REG_MULTI_SZ`.
    List {
        /// The entries.
        entries: Vec<String>,
        /// False where PowerShell cut the list.
        complete: bool,
    },
}

impl Setting {
    /// The number, where it is one.
    pub fn number(&self) -> Option<u64> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }
}

/// A key while its lines are read.
struct Open {
    key: Key,
    below: Option<String>,
    from: Citation,
    values: Vec<RegistryValue>,
    /// Values that were printed, those that are not kept too.
    printed: usize,
}

impl Open {
    fn new(key: Key, below: Option<String>, from: Citation) -> Self {
        Self {
            key,
            below,
            from,
            values: Vec::new(),
            printed: 0,
        }
    }

    fn add(&mut self, name: &str, value: Option<Setting>, from: Citation) {
        self.printed += 1;
        let wanted = self
            .key
            .wanted()
            .iter()
            .find(|w| w.eq_ignore_ascii_case(name));
        if let Some((name, value)) = wanted.zip(value) {
            self.values.push(RegistryValue { name, value, from });
        }
    }

    fn close(self, extent: Extent, host: Option<&str>) -> RegistryKey {
        RegistryKey {
            host: host.map(str::to_owned),
            key: self.key,
            below: self.below,
            values: self.values,
            extent,
            from: self.from,
        }
    }
}

/// What was found, while the sections are read.
struct Found<'a> {
    artifact: ArtifactId,
    host: Option<&'a str>,
    keys: Vec<RegistryKey>,
    problems: Vec<Problem>,
}

/// Reads the sections of a console file that hold it.
pub fn read(artifact: ArtifactId, sections: &[Section<'_>]) -> Reading<Vec<RegistryKey>> {
    let mut keys = Vec::new();
    let mut problems = Vec::new();
    for section in sections {
        let template = match section.tool {
            Some(Tool::Registry) => false,
            Some(Tool::UserRights) => true,
            _ => continue,
        };
        let mut found = Found {
            artifact,
            host: section.host.as_deref(),
            keys: Vec::new(),
            problems: Vec::new(),
        };
        let head = section
            .lines
            .iter()
            .position(|line| is_file_head(line.text));
        match (head, section.commands_of(Tool::Registry).next()) {
            _ if template => template::read(&section.lines, &mut found),
            _ if section.lines.iter().any(|l| is_policy_export(l.text)) => {
                browser::read(&section.lines, &mut found);
            }
            (Some(at), _) => {
                reg_file::read(section.lines.get(at..).unwrap_or_default(), &mut found)
            }
            (None, Some(command)) if command.name != "reg" => {
                property_list::read(&section.lines, Some(command), &mut found);
            }
            (None, command) => {
                query::read(section, command, &mut found);
                property_list::read(&section.lines, None, &mut found);
            }
        }
        keys.extend(found.keys);
        problems.extend(found.problems);
    }
    let values = keys
        .iter()
        .map(|key| key.values.len().max(1))
        .sum::<usize>();
    Reading {
        artifact,
        count: u64::try_from(values).unwrap_or(u64::MAX),
        records: keys,
        problems,
    }
}
