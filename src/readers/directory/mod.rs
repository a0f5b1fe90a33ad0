//! Objects of the directory as commands list them.
//!
//! ```text
//! PS C:\> Get-ADUser svc_web -Properties servicePrincipalName
//!
//! DistinguishedName    : CN=svc_web,OU=Service,DC=corp,DC=example
//! Enabled              : True
//! SamAccountName       : svc_web
//! servicePrincipalName : {HTTP/web.corp.example, HTTP/web, HTTP/intranet, HTTP/portal...}
//! ```
//!
//! gives a [`DirectoryObject`] that is enabled and has four SPNs shown, and more. Its expiry date is not shown and so not
//! known: only a list of all attributes (`-Properties *`, `ldifde`, `repadmin /showattr`) says that what it leaves out is
//! not set. `ldifde`, `csvde`, `dsquery`, tables, lists and JSON of PowerShell are read, and `Test-ADServiceAccount`.
//! Secrets (passwords, LAPS) are never kept: only the attributes named in `object` are.

mod asked;
mod csv;
mod json;
mod ldif;
mod list;
mod listing;
mod object;
mod records;
mod showattr;
mod table;
#[cfg(test)]
mod tests;
pub(super) mod times;
mod trust;

pub use records::{
    AccountState, AccountTest, DirectoryObject, DirectoryRecords, ObjectClass, Values,
};
pub use trust::SpnMapping;

use super::Reading;
use super::console::{Line, Section, Tool};
use crate::evidence::{ArtifactId, Problem};
use asked::Asked;
use listing::{Listing, Page};

/// Reads the sections of a console file that hold objects of the directory.
pub fn read(artifact: ArtifactId, sections: &[Section<'_>]) -> Reading<DirectoryRecords> {
    let mine = || sections.iter().filter(|s| s.tool == Some(Tool::Directory));
    let order = times::order(mine().flat_map(|s| &s.lines).map(|line| line.text));
    let mut records = DirectoryRecords::default();
    let mut problems = Vec::new();
    for section in mine() {
        let asked = Asked::of(section);
        if let Some(test) = asked
            .as_ref()
            .and_then(|asked| asked.test(artifact, section))
        {
            records.tests.extend(test);
            continue;
        }
        let page = Page {
            artifact,
            lines: &section.lines,
            asked: asked.as_ref(),
        };
        let before = records.count();
        let expanded = asked
            .as_ref()
            .and_then(|asked| asked.expanded(&page, section));
        let listings = match expanded {
            Some(listing) => vec![listing],
            None => listings(&page, &mut problems),
        };
        for listing in listings {
            let mappings = trust::mappings(&listing);
            let trust = trust::trust(&listing);
            if mappings.is_empty() && trust.is_none() {
                let object = object::object(&listing, order, section.host.clone());
                records.objects.extend(object);
            }
            records.spn_mappings.extend(mappings);
            records.trusts.extend(trust);
        }
        let first = section.lines.iter().find(|line| !line.is_blank());
        if let (true, Some(line)) = (before == records.count() && asked.is_some(), first) {
            problems.push(Problem::new(
                artifact,
                line.place(),
                "no object of the directory could be read here; the output of the command was skipped",
            ));
        }
    }
    let count = records.count();
    Reading {
        artifact,
        count: u64::try_from(count).unwrap_or(u64::MAX),
        records,
        problems,
    }
}

/// All objects of a section, whatever forms they have.
fn listings(page: &Page<'_>, problems: &mut Vec<Problem>) -> Vec<Listing> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < page.lines.len() {
        let read = showattr::read(page, at)
            .or_else(|| ldif::read(page, at, problems))
            .or_else(|| csv::read(page, at, problems))
            .or_else(|| table::read(page, at, problems))
            .or_else(|| json::read(page, at))
            .or_else(|| list::read(page, at));
        at = match read {
            Some((listings, next)) => {
                found.extend(listings);
                next.max(at + 1)
            }
            None => at + 1,
        };
    }
    found
}

/// The text of a line without what a console pads it with.
fn shown<'a>(line: &Line<'a>) -> &'a str {
    line.text.trim_end()
}
