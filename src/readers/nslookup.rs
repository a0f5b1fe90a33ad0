//! `nslookup` and `Resolve-DnsName`: which name stands behind an alias.
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

use std::net::IpAddr;

use super::Reading;
use super::console::{Command, Line, Section, Tool};
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
    /// The echoed command.
    pub from: Citation,
    /// Host that asked, where a prompt or `hostname` names it: DNS answers differ from host to host.
    pub host: Option<String>,
}

/// Reads the lookups of a console file. Only echoed commands are read: without one, nothing says what was asked.
pub fn read(artifact: ArtifactId, sections: &[Section<'_>]) -> Reading<Vec<NameLookup>> {
    let mut records = Vec::new();
    let mut problems = Vec::new();
    for section in sections
        .iter()
        .filter(|section| section.tool == Some(Tool::Lookup))
    {
        let Some(command) = section.commands_of(Tool::Lookup).next() else {
            continue;
        };
        let Some((asked, from)) = asked(command).zip(section.cite_echo(artifact, command)) else {
            continue;
        };
        let mut lookup = NameLookup {
            asked,
            canonical: None,
            aliases: Vec::new(),
            addresses: Vec::new(),
            not_found: false,
            from,
            host: section.host.clone(),
        };
        if command.name == "nslookup" {
            nslookup(artifact, &section.lines, &mut lookup);
        } else {
            resolve_dns_name(artifact, &section.lines, &mut lookup);
        }
        let answered = lookup.not_found || lookup.canonical.is_some() || !lookup.aliases.is_empty();
        let first = section.lines.iter().find(|line| !line.is_blank());
        match (answered, first) {
            (true, _) => records.push(lookup),
            (false, Some(line)) => {
                let says = "no answer for this name could be read here; the lookup was skipped";
                problems.push(Problem::new(artifact, line.place(), says));
            }
            (false, None) => {}
        }
    }
    Reading {
        artifact,
        count: u64::try_from(records.len()).unwrap_or(u64::MAX),
        records,
        problems,
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

fn nslookup(artifact: ArtifactId, lines: &[Line<'_>], lookup: &mut NameLookup) {
    let mut past_server = false;
    let mut blocked = false;
    for line in lines {
        let text = line.text.trim();
        if text.is_empty() {
            past_server |= blocked;
            continue;
        }
        if text.starts_with("**") {
            lookup.not_found |= text.contains("Non-existent domain") || text.contains("NXDOMAIN");
            continue;
        }
        if let Some((alias, target)) = text.split_once("canonical name = ") {
            lookup
                .aliases
                .push(Cited::new(name(alias), line.cite(artifact)));
            lookup.canonical = Some(Cited::new(name(target), line.cite(artifact)));
            past_server = true;
            continue;
        }
        let indented = line.text.starts_with([' ', '\t']);
        let value = match text.split_once([':', '：']) {
            Some((_, value)) if !indented => value.trim(),
            _ if indented => text,
            _ => continue, // a sentence: "Non-authoritative answer", a timeout
        };
        blocked |= !value.is_empty();
        if !past_server || value.is_empty() || value.contains(' ') {
            continue;
        }
        let cited = Cited::new(name(value), line.cite(artifact));
        if is_address(value) {
            lookup.addresses.push(cited);
        } else if lookup.canonical.is_none() || lookup.addresses.is_empty() {
            lookup.canonical = Some(cited);
        } else if lookup
            .canonical
            .as_ref()
            .is_none_or(|known| known.value != cited.value)
        {
            lookup.aliases.push(cited);
        }
    }
}

/// Rows `name CNAME 3600 Answer target`, and list view `Name : …` / `QueryType : A` / `IP4Address : …`.
fn resolve_dns_name(artifact: ArtifactId, lines: &[Line<'_>], lookup: &mut NameLookup) {
    let mut listed: Option<Cited<String>> = None;
    for line in lines {
        let text = line.text.trim();
        // The second is the error id, which is not translated.
        if text.contains("DNS name does not exist") || text.contains("DNS_ERROR_RCODE_NAME_ERROR") {
            lookup.not_found = true;
        }
        if let Some((label, value)) = text.split_once(" : ") {
            let cited = Cited::new(name(value), line.cite(artifact));
            match label.trim() {
                "Name" => listed = Some(cited),
                "NameHost" => {
                    lookup.aliases.extend(listed.take());
                    lookup.canonical = Some(cited);
                }
                "IP4Address" | "IP6Address" | "IPAddress" => {
                    lookup.addresses.push(cited);
                    lookup.canonical = listed.take().or(lookup.canonical.take());
                }
                _ => {}
            }
            continue;
        }
        let words: Vec<&str> = text.split_ascii_whitespace().collect();
        let [owner, kind, _, _, target] = words.as_slice() else {
            continue;
        };
        let cite = |word: &str| Cited::new(name(word), line.cite(artifact));
        match *kind {
            "CNAME" => {
                lookup.aliases.push(cite(owner));
                lookup.canonical = Some(cite(target));
            }
            "A" | "AAAA" => {
                lookup.canonical = Some(cite(owner));
                lookup.addresses.push(cite(target));
            }
            _ => {}
        }
    }
}
