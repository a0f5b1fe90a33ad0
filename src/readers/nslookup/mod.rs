//! `nslookup`, `Resolve-DnsName`, the cache of the DNS client and the `hosts` file: which name stands behind an alias.
//!
//! ```text
//! C:\>nslookup intranet.corp.example
//! Server:  dc1.corp.example
//! Address:  192.0.2.10
//!
//! Name:    web01.corp.example
//! Address:  192.0.2.20
//! Aliases:  intranet.corp.example
//! ```
//!
//! An alias here means that browsers ask for a ticket to the name behind it. The labels are translated: nslookup is read
//! by position (the first block is the DNS server, the first value after it the name) and by what looks like an address.

mod cache;
mod classic;
mod hosts_file;
mod resolve;
#[cfg(test)]
mod tests;

use std::net::IpAddr;

use super::Reading;
use super::console::{Command, Section, Tool};
use crate::evidence::{ArtifactId, Citation, Cited, Problem};

/// The answer to one question to DNS.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NameLookup {
    /// The name in the echoed command.
    pub asked: String,
    /// The name that holds the addresses.
    pub canonical: Option<Cited<String>>,
    /// Names that lead to it (CNAME records).
    pub aliases: Vec<Cited<String>>,
    /// Its addresses.
    pub addresses: Vec<Cited<String>>,
    /// DNS said that the name does not exist; a timeout or a failing server is not this.
    pub not_found: bool,
    /// Who answered.
    pub source: Answered,
    /// The echoed command, or the record of a cache or `hosts` file.
    pub from: Citation,
    /// Host that asked, where a prompt or `hostname` names it: DNS answers differ from host to host.
    pub host: Option<String>,
}

/// Who answered a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answered {
    /// A DNS server.
    Server,
    /// The cache of the machine's DNS client (`ipconfig /displaydns`).
    Cache,
    /// The machine's `hosts` file, which comes before DNS.
    HostsFile,
}

/// Reads the lookups of a console file. Only echoed commands are read: without one, nothing says what was asked.
pub fn read(artifact: ArtifactId, sections: &[Section<'_>]) -> Reading<Vec<NameLookup>> {
    let mut records = Vec::new();
    let mut problems = Vec::new();
    for section in sections
        .iter()
        .filter(|section| section.tool == Some(Tool::Lookup))
    {
        let commands: Vec<&Command> = section.commands_of(Tool::Lookup).collect();
        if commands.is_empty() {
            records.extend(cache::read(artifact, section));
            records.extend(hosts_file::read(artifact, section));
            continue;
        }
        let before = records.len();
        let mut unasked = commands.iter().filter_map(|command| {
            let from = section.cite_echo(artifact, command)?;
            Some((command.name.as_str(), asked(command)?, from))
        });
        for (question, lines) in classic::answers(&section.lines) {
            let (program, asked, from) = match question {
                Some(line) => {
                    let name = classic::question(line.text).unwrap_or_default();
                    ("nslookup", name.to_owned(), line.cite(artifact))
                }
                None => match unasked.next() {
                    Some(asked) => asked,
                    None => continue,
                },
            };
            let mut lookup = NameLookup::new(asked, Answered::Server, from, section.host.clone());
            if program == "nslookup" {
                classic::read(artifact, lines, &mut lookup);
            } else {
                resolve::read(artifact, lines, &mut lookup);
            }
            let known = lookup.canonical.is_some() || !lookup.aliases.is_empty();
            if lookup.not_found || known {
                records.push(lookup);
            }
        }
        let asks = commands.iter().any(|command| asked(command).is_some());
        let first = section.lines.iter().find(|line| !line.is_blank());
        if let (true, true, Some(line)) = (asks, records.len() == before, first) {
            let says = "no answer for this name could be read here; the lookup was skipped";
            problems.push(Problem::new(artifact, line.place(), says));
        }
    }
    Reading {
        artifact,
        count: u64::try_from(records.len()).unwrap_or(u64::MAX),
        records,
        problems,
    }
}

impl NameLookup {
    fn new(asked: String, source: Answered, from: Citation, host: Option<String>) -> Self {
        Self {
            asked,
            canonical: None,
            aliases: Vec::new(),
            addresses: Vec::new(),
            not_found: false,
            source,
            from,
            host,
        }
    }
}

/// The name asked for: the first operand, or the argument of `-Name`. Names of options that take a value are few.
fn asked(command: &Command) -> Option<String> {
    let mut words = command.arguments.iter();
    while let Some(word) = words.next() {
        match word.to_ascii_lowercase().as_str() {
            "-name" => return words.next().cloned(),
            "-type" | "-server" => {
                words.next();
            }
            option if option.starts_with('-') => {}
            _ => return Some(word.clone()),
        }
    }
    None
}

/// Names end in a dot where they are written in full.
fn name(word: &str) -> String {
    word.trim().trim_end_matches('.').to_owned()
}

fn is_address(word: &str) -> bool {
    word.parse::<IpAddr>().is_ok()
}
