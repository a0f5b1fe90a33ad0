//! The machine itself: `systeminfo`, `ipconfig`, `nltest`, `w32tm`, installed updates, processes, the notes of collectors,
//! `dsregcmd`, `cmdkey`, `ksetup`, the proxy of WinHTTP.
//!
//! ```text
//! Nom de l'hôte:                      WEB01
//! Nom du système d'exploitation:      Microsoft Windows Server 2019 Standard
//! Version du système:                 10.0.17763 N/A version 17763
//! …
//! Fuseau horaire:                     (UTC+01:00) Bruxelles, Copenhague, Madrid, Paris
//! ```
//!
//! becomes facts, each with its line and the host it is about. Every output is read by position, numbers and words that
//! are not translated.

mod build;
mod credentials;
mod device;
mod domain_test;
mod environment;
mod fact;
mod network;
mod notes;
mod proxy;
mod realms;
mod summary;
mod tasks;
#[cfg(test)]
mod tests;
mod time_service;
mod updates;

pub use fact::{DeviceState, Fact, Installed, StoredCredential, WinHttpProxy};

use super::Reading;
use super::console::{Line, Section, Tool, is_host_name};
use crate::bundle::MachineOutput;
use crate::evidence::{ArtifactId, Citation, Problem};

/// A fact about a machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MachineFact {
    /// The machine: named by the output itself, else by the prompt; `None` where neither names one.
    pub host: Option<String>,
    /// What is so.
    pub fact: Fact,
    /// Where it stands.
    pub from: Citation,
}

/// Facts of one output while its lines are read.
pub(super) struct Found {
    artifact: ArtifactId,
    facts: Vec<MachineFact>,
    /// The machine that the output names.
    host: Option<String>,
    /// The output was read, whether or not it holds a fact.
    understood: bool,
}

impl Found {
    fn add(&mut self, fact: Fact, line: &Line<'_>) {
        self.facts.push(MachineFact {
            host: None,
            fact,
            from: line.cite(self.artifact),
        });
    }

    fn named(&mut self, name: &str, line: &Line<'_>) {
        if is_host_name(name) {
            self.host = Some(name.to_owned());
            self.add(Fact::Name(name.to_owned()), line);
        }
    }
}

/// Reads the sections of a console file that hold it.
pub fn read(artifact: ArtifactId, sections: &[Section<'_>]) -> Reading<Vec<MachineFact>> {
    let mut records = Vec::new();
    let mut problems = Vec::new();
    for section in sections.iter().filter(|s| s.tool == Some(Tool::Machine)) {
        let echoed = section.commands_of(Tool::Machine).next();
        let asked = echoed.map(|command| Asked {
            output: MachineOutput::of_command(&command.name, &command.arguments),
            arguments: &command.arguments,
        });
        for block in blocks(section, asked) {
            let mut found = Found {
                artifact,
                facts: Vec::new(),
                host: None,
                understood: false,
            };
            block.read(&mut found);
            let first = block.lines.iter().find(|line| !line.is_blank());
            if let (true, false, Some(line)) = (found.facts.is_empty(), found.understood, first) {
                let says = "nothing about the machine could be read here; the output was skipped";
                problems.push(Problem::new(artifact, line.place(), says));
            }
            let host = found.host.or_else(|| section.host.clone());
            records.extend(found.facts.into_iter().map(|fact| MachineFact {
                host: host.clone(),
                ..fact
            }));
        }
    }
    Reading {
        artifact,
        count: u64::try_from(records.len()).unwrap_or(u64::MAX),
        records,
        problems,
    }
}

/// The echoed command.
#[derive(Clone, Copy)]
struct Asked<'a> {
    output: Option<MachineOutput>,
    arguments: &'a [String],
}

impl Asked<'_> {
    /// The argument that follows an option, `/` or `-` before that one.
    fn after(&self, option: &str) -> Option<&str> {
        let named = |argument: &String| {
            let bare = argument.trim_start_matches(['/', '-']);
            bare.eq_ignore_ascii_case(option)
        };
        let at = self.arguments.iter().position(named)?;
        self.arguments.get(at + 1).map(String::as_str)
    }

    /// Whether the command has an argument that begins so, `/` or `-` before it.
    fn has(&self, option: &str) -> bool {
        self.arguments.iter().any(|argument| {
            argument
                .trim_start_matches(['/', '-'])
                .to_ascii_lowercase()
                .starts_with(option)
        })
    }
}

/// The lines of one output.
struct Block<'s, 'a> {
    output: Option<MachineOutput>,
    asked: Option<Asked<'s>>,
    lines: Vec<Line<'a>>,
}

/// Cuts a section where another output begins: batch files write several into one file without an echo.
fn blocks<'s, 'a>(section: &'s Section<'a>, asked: Option<Asked<'s>>) -> Vec<Block<'s, 'a>> {
    let shown: Vec<&str> = section.lines.iter().map(|line| line.text).collect();
    let mut done = Vec::new();
    let mut block = Block {
        output: asked.and_then(|asked| asked.output),
        asked,
        lines: Vec::new(),
    };
    for (index, line) in section.lines.iter().enumerate() {
        let opened = MachineOutput::opened_by(shown.get(index..).unwrap_or_default());
        if opened.is_some() && opened != block.output {
            let next = Block {
                output: opened,
                asked: None,
                lines: Vec::new(),
            };
            done.push(std::mem::replace(&mut block, next));
        }
        block.lines.push(*line);
    }
    done.push(block);
    done.retain(|block| block.output.is_some());
    done
}

impl Block<'_, '_> {
    fn read(&self, found: &mut Found) {
        let asked = |option: &str| self.asked.is_some_and(|asked| asked.has(option));
        match self.output {
            Some(MachineOutput::SystemSummary) => summary::read(&self.lines, found),
            Some(MachineOutput::Network) => {
                // `/displaydns`, `/flushdns`, `/registerdns`: nothing about the machine is asked.
                found.understood = asked("displaydns") || asked("flushdns") || asked("registerdns");
                network::read(&self.lines, found);
            }
            Some(MachineOutput::DomainTest) => domain_test::read(&self.lines, found),
            Some(MachineOutput::TimeService) => {
                time_service::read(&self.lines, asked("source"), found);
            }
            Some(MachineOutput::Updates) => updates::read(&self.lines, found),
            Some(MachineOutput::CollectorNotes) => notes::read(&self.lines, found),
            Some(MachineOutput::Tasks) => tasks::read(&self.lines, found),
            Some(MachineOutput::Environment) => environment::read(&self.lines, found),
            Some(MachineOutput::Build) => build::read(&self.lines, found),
            Some(MachineOutput::Credentials) => credentials::read(&self.lines, found),
            Some(MachineOutput::Proxy) => proxy::read(&self.lines, found),
            Some(MachineOutput::Realms) => realms::read(&self.lines, self.asked, found),
            Some(MachineOutput::Device) => device::read(&self.lines, found),
            Some(MachineOutput::ChannelTest) => device::read_channel_test(&self.lines, found),
            Some(MachineOutput::OwnName) => {
                if let Some(line) = self.lines.iter().find(|line| !line.is_blank()) {
                    found.named(line.text.trim(), line);
                }
            }
            None => {}
        }
    }
}
