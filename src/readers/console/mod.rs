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

pub use command::Command;
pub use section::{Line, Section, Tool, sections};

use super::klist::KlistRun;
use super::nslookup::NameLookup;
use super::setspn::SetspnRun;
use super::{Reading, klist, nslookup, setspn};
use crate::bundle::text::Text;
use crate::evidence::{ArtifactId, Citation, Cited};

/// What the console showed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConsoleRecords {
    /// Runs of setspn, in the order of the file.
    pub setspn: Vec<SetspnRun>,
    /// Runs of klist, in the order of the file.
    pub klist: Vec<KlistRun>,
    /// Name lookups, in the order of the file.
    pub lookups: Vec<NameLookup>,
    /// Programs whose output no reader knows, by name only.
    pub other_commands: Vec<Cited<String>>,
}

/// Reads console text. A text without any known shape gives empty records and no problems.
pub fn read(artifact: ArtifactId, text: &Text) -> Reading<ConsoleRecords> {
    let sections = sections(text);
    let setspn = setspn::read(artifact, &sections);
    let klist = klist::read(artifact, &sections);
    let lookups = nslookup::read(artifact, &sections);
    let mut problems = setspn.problems;
    problems.extend(klist.problems);
    problems.extend(lookups.problems);
    problems.sort();
    Reading {
        artifact,
        count: setspn
            .count
            .saturating_add(klist.count)
            .saturating_add(lookups.count),
        records: ConsoleRecords {
            setspn: setspn.records,
            klist: klist.records,
            lookups: lookups.records,
            other_commands: other_commands(artifact, &sections),
        },
        problems,
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
