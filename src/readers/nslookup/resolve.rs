//! `Resolve-DnsName`, as a table or a list.
//!
//! ```text
//! Name                           Type   TTL   Section    NameHost
//! ----                           ----   ---   -------    --------
//! intranet.corp.example          CNAME  3600  Answer     web01.corp.example
//!
//! Name       : web01.corp.example
//! QueryType  : A
//! TTL        : 3600
//! IP4Address : 192.0.2.20
//! ```
//!
//! The headings are names of properties, and the id of an error (`DNS_ERROR_RCODE_NAME_ERROR`) is not translated.

use super::{NameLookup, name};
use crate::evidence::{ArtifactId, Cited};
use crate::readers::console::Line;

/// Rows `name CNAME 3600 Answer target`, and list view `Name : …` / `QueryType : A` / `IP4Address : …`.
pub(super) fn read(artifact: ArtifactId, lines: &[Line<'_>], lookup: &mut NameLookup) {
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
        // A name that was cut at the width of the console is none.
        if [owner, target]
            .iter()
            .any(|word| word.ends_with(['…']) || word.ends_with("..."))
        {
            continue;
        }
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
