//! The `hosts` file, told by the comment that Windows ships it with.
//!
//! ```text
//! # This is a sample HOSTS file used by Microsoft TCP/IP for Windows.
//! 192.0.2.20    intranet.corp.example  intranet   # since the move
//! ```
//!
//! Its names have addresses, and none is an alias: a client asks for a ticket to the name as typed.

use super::{Answered, NameLookup, is_address};
use crate::bundle::is_hosts_file_head;
use crate::evidence::{ArtifactId, Cited};
use crate::readers::console::Section;

/// Entries that are kept: lists that block advertisers have many more.
const ENTRIES: usize = 1 << 10;

pub(super) fn read(artifact: ArtifactId, section: &Section<'_>) -> Vec<NameLookup> {
    let is_hosts_file = section
        .lines
        .iter()
        .any(|line| is_hosts_file_head(line.text));
    let lines = section.lines.iter().filter(|_| is_hosts_file);
    let entries = lines.filter_map(|line| {
        let entry = line.text.split('#').next()?;
        let mut words = entry.split_whitespace();
        let address = words.next().filter(|word| is_address(word))?;
        Some((line, address, words))
    });
    entries
        .flat_map(|(line, address, names)| {
            names.map(move |known| {
                let host = section.host.clone();
                let from = line.cite(artifact);
                let mut lookup =
                    NameLookup::new(known.to_owned(), Answered::HostsFile, from.clone(), host);
                lookup.canonical = Some(Cited::new(known.to_owned(), from.clone()));
                lookup.addresses.push(Cited::new(address.to_owned(), from));
                lookup
            })
        })
        .take(ENTRIES)
        .collect()
}
