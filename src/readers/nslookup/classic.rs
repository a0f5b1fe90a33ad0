//! `nslookup`, with its question on the command line or at its own prompt.
//!
//! ```text
//! > intranet.corp.example
//! Server:  dc1.corp.example
//! Address:  192.0.2.10
//!
//! Name:    web01.corp.example
//! Addresses:  2001:db8::20
//!           192.0.2.20
//! Aliases:  intranet.corp.example
//! ```
//!
//! The labels are translated: the first block is the DNS server, the first value after it the name. What DNS says when
//! there is no such name is not translated.

use super::{NameLookup, is_address, name};
use crate::evidence::{ArtifactId, Cited};
use crate::readers::console::Line;

/// The lines of each answer: a question at nslookup's own prompt begins one, and so does the block of the server where
/// several commands stood on one line.
pub(super) fn answers<'l, 'a>(lines: &'l [Line<'a>]) -> Vec<(Option<Line<'a>>, &'l [Line<'a>])> {
    let server = lines.iter().find(|line| !line.is_blank());
    let mut answers = Vec::new();
    let (mut asked, mut start) = (None, 0);
    for (at, line) in lines.iter().enumerate() {
        let question = question(line.text).is_some();
        let server_again = asked.is_none()
            && server.is_some_and(|server| {
                at > start && server.number != line.number && server.text == line.text
            })
            && line.text.contains(':');
        if question || server_again {
            answers.push((asked, lines.get(start..at).unwrap_or_default()));
            (asked, start) = (question.then_some(*line), at + usize::from(question));
        }
    }
    answers.push((asked, lines.get(start..).unwrap_or_default()));
    answers
}

/// `> intranet.corp.example`: a name at nslookup's own prompt; its commands are not questions.
pub(super) fn question(text: &str) -> Option<&str> {
    let typed = text.strip_prefix('>')?.trim();
    let commands = [
        "set", "server", "ls", "exit", "help", "lserver", "root", "view", "?",
    ];
    let word = typed.split_whitespace().next()?;
    let option = commands.iter().any(|c| c.eq_ignore_ascii_case(word));
    (!option && typed.len() <= 255).then_some(word)
}

pub(super) fn read(artifact: ArtifactId, lines: &[Line<'_>], lookup: &mut NameLookup) {
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
