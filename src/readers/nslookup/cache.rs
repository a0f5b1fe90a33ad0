//! `ipconfig /displaydns`: the answers that the machine's DNS client remembers, in any language.
//!
//! ```text
//!     intranet.corp.example
//!     ----------------------------------------
//!     Record Name . . . . . : intranet.corp.example
//!     Record Type . . . . . : 5
//!     Time To Live  . . . . : 3599
//!     Data Length . . . . . : 8
//!     Section . . . . . . . : Answer
//!     CNAME Record  . . . . : web01.corp.example
//! ```
//!
//! Type 5 is an alias, 1 and 28 are addresses. An entry of the cache shows the whole chain behind its name.

use super::{Answered, NameLookup, name};
use crate::bundle::cached_field;
use crate::evidence::{ArtifactId, Cited};
use crate::readers::console::{Line, Section};

/// The fields of a record that are there in every type.
const FIELDS: usize = 6;

/// The entry of a section: the rules below the names cut the cache into one section an entry.
pub(super) fn read(artifact: ArtifactId, section: &Section<'_>) -> Option<NameLookup> {
    let mut lookup: Option<NameLookup> = None;
    for record in section.lines.split(|line| line.is_blank()) {
        let fields: Vec<(&str, &Line<'_>)> = record
            .iter()
            .filter_map(|line| Some((cached_field(line.text)?, line)))
            .collect();
        let (Some((owner, line)), Some((kind, _)), Some((value, at))) =
            (fields.first(), fields.get(1), fields.get(FIELDS - 1))
        else {
            continue;
        };
        let found = Cited::new(name(value), at.cite(artifact));
        let lookup = lookup.get_or_insert_with(|| {
            let host = section.host.clone();
            NameLookup::new(name(owner), Answered::Cache, line.cite(artifact), host)
        });
        match *kind {
            "5" => {
                lookup
                    .aliases
                    .push(Cited::new(name(owner), line.cite(artifact)));
                lookup.canonical = Some(found);
            }
            "1" | "28" => {
                lookup.canonical = Some(Cited::new(name(owner), line.cite(artifact)));
                lookup.addresses.push(found);
            }
            _ => {}
        }
    }
    lookup.filter(|lookup| lookup.canonical.is_some())
}
