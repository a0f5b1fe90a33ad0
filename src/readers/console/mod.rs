//! Console text: what an engineer copied from, or redirected out of, a console, in one file or many.
//!
//! ```text
//! [WEB01]: PS C:\> setspn -Q HTTP/web.corp.example
//! Checking domain DC=corp,DC=example
//! …
//! [WEB01]: PS C:\> klist get HTTP/web.corp.example
//! …
//! ```
//!
//! is cut into [`Section`]s by prompts, headings and shapes, and each section goes to the reader of its tool. Commands
//! that no reader knows are named, without their arguments (these may hold passwords).

mod command;
mod echo;
mod section;
#[cfg(test)]
mod tests;

pub use crate::bundle::Tool;
pub use command::Command;
pub(super) use section::is_host_name;
pub use section::{Line, Section, sections};

use std::collections::BTreeSet;

use super::Reading;
use super::audit_policy::{self, AuditSetting};
use super::directory::{self, DirectoryRecords};
use super::domain::{self, DomainRecords};
use super::event_export;
use super::events::EventLog;
use super::exchange::{self, Exchange};
use super::group_policy::{self, PolicyResult};
use super::http_sys::{self, HttpSysFact};
use super::iis_state::{self, IisFact};
use super::klist::{self, KlistRun};
use super::machine::{self, MachineFact};
use super::nslookup::{self, NameLookup};
use super::registry::{self, RegistryKey};
use super::setspn::{self, SetspnRun};
use super::user_rights::{self, UserRight};
use super::whoami::{self, SessionToken};
use crate::bundle::text::Text;
use crate::evidence::{ArtifactId, Citation, Cited, Problem};

/// What the console showed, in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct ConsoleRecords {
    /// Runs of setspn.
    pub setspn: Vec<SetspnRun>,
    /// Runs of klist.
    pub klist: Vec<KlistRun>,
    /// Name lookups.
    pub lookups: Vec<NameLookup>,
    /// Objects of the directory.
    pub directory: DirectoryRecords,
    /// Trusts and replication, between domains and domain controllers.
    pub domain: DomainRecords,
    /// Tokens of sessions.
    pub tokens: Vec<SessionToken>,
    /// Policies in force.
    pub policies: Vec<PolicyResult>,
    /// The state of IIS.
    pub iis: Vec<IisFact>,
    /// What http.sys serves.
    pub http_sys: Vec<HttpSysFact>,
    /// Keys of the registry.
    pub registry: Vec<RegistryKey>,
    /// What is audited.
    pub auditing: Vec<AuditSetting>,
    /// Who has which right.
    pub rights: Vec<UserRight>,
    /// The machine itself.
    pub machine: Vec<MachineFact>,
    /// HTTP exchanges.
    pub exchanges: Vec<Exchange>,
    /// Events listed as text.
    pub events: EventLog,
    /// The tools whose output it holds.
    pub tools: BTreeSet<Tool>,
    /// Programs whose output no reader knows, by name only.
    pub other_commands: Vec<Cited<String>>,
}

/// Reads console text. A text without any known shape gives empty records and no problems.
pub fn read(artifact: ArtifactId, text: &Text) -> Reading<ConsoleRecords> {
    let sections = sections(text);
    let mut all = Sum::default();
    let records = ConsoleRecords {
        setspn: all.take(setspn::read(artifact, &sections)),
        klist: all.take(klist::read(artifact, &sections)),
        lookups: all.take(nslookup::read(artifact, &sections)),
        directory: all.take(directory::read(artifact, &sections)),
        domain: all.take(domain::read(artifact, &sections)),
        tokens: all.take(whoami::read(artifact, &sections)),
        policies: all.take(group_policy::read(artifact, &sections)),
        iis: all.take(iis_state::read(artifact, &sections)),
        http_sys: all.take(http_sys::read(artifact, &sections)),
        registry: all.take(registry::read(artifact, &sections)),
        auditing: all.take(audit_policy::read(artifact, &sections)),
        rights: all.take(user_rights::read(artifact, &sections)),
        machine: all.take(machine::read(artifact, &sections)),
        exchanges: all.take(exchange::read_sections(artifact, &sections)),
        events: all.take(event_export::read_sections(artifact, &sections)),
        tools: sections.iter().filter_map(|section| section.tool).collect(),
        other_commands: other_commands(artifact, &sections),
    };
    all.problems.sort();
    Reading {
        artifact,
        records,
        count: all.count,
        problems: all.problems,
    }
}

/// What the readers of one file say together.
#[derive(Default)]
struct Sum {
    count: u64,
    problems: Vec<Problem>,
}

impl Sum {
    fn take<T>(&mut self, reading: Reading<T>) -> T {
        self.count = self.count.saturating_add(reading.count);
        self.problems.extend(reading.problems);
        reading.records
    }
}

fn other_commands(artifact: ArtifactId, sections: &[Section<'_>]) -> Vec<Cited<String>> {
    sections
        .iter()
        .filter(|section| section.tool.is_none())
        .filter_map(|section| section.echo.zip(section.commands.first()))
        .filter(|(_, command)| is_program_name(&command.name))
        .map(|(echo, command)| {
            let cited = Citation::line(artifact, echo.number, &command.name);
            Cited::new(command.name.clone(), cited)
        })
        .collect()
}

/// An echoed line may begin with anything, a password at a prompt included: only what looks like a program is named.
fn is_program_name(word: &str) -> bool {
    word.len() <= 40
        && word.starts_with(|first: char| first.is_ascii_alphabetic())
        && word
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | '.'))
}
