//! Tables: of PowerShell, with a ruler, and of `dsquery * -attr`, with columns under the names.
//!
//! ```text
//! SamAccountName Enabled PasswordLastSet              sAMAccountName    servicePrincipalName
//! -------------- ------- ---------------              svc_web           HTTP/web.corp.example;HTTP/web
//! svc_web        True    3/2/2026 9:00:00 AM
//! ```
//!
//! A row counts only where a blank stands before each column: else the columns are not sure.

use super::listing::{Blank, Listing, Page, canonical, has_many};
use super::{list, shown};
use crate::evidence::Problem;

/// Columns that are looked at.
const COLUMNS: usize = 64;

/// Reads the rows below the header at a line.
pub(super) fn read(
    page: &Page<'_>,
    at: usize,
    problems: &mut Vec<Problem>,
) -> Option<(Vec<Listing>, usize)> {
    let first = page.lines.get(at)?;
    let header = shown(first);
    let ruler = page.lines.get(at + 1).map_or("", shown);
    let ruled = is_ruler(ruler);
    let dsquery = !ruled && header.starts_with("  ") && !header.trim().is_empty();
    if !ruled && !dsquery {
        return None;
    }
    let starts = starts(if ruled { ruler } else { header });
    let names: Vec<String> = cells(header, &starts)?;
    let keyed = names.iter().any(|name| {
        matches!(
            canonical(name).as_str(),
            "distinguishedname" | "samaccountname"
        )
    });
    if !keyed || names.len() < 2 || names.iter().any(|name| name.contains([' ', ':', '='])) {
        return None;
    }
    let blank = match (page.asked, ruled) {
        (_, false) => Blank::None,
        (Some(asked), true) => asked.blank(),
        (None, true) => Blank::Unsure,
    };
    let mut next = if ruled { at + 2 } else { at + 1 };
    let mut found = Vec::new();
    while let Some(line) = page.lines.get(next) {
        if line.is_blank() {
            break;
        }
        next += 1;
        let Some(row) = cells(shown(line), &starts) else {
            problems.push(Problem::new(
                page.artifact,
                line.place(),
                "the columns of this row are not sure; it was skipped: list the object instead (Format-List)",
            ));
            continue;
        };
        let mut listing = Listing::new(blank.clone());
        for (name, cell) in names.iter().zip(&row) {
            let cut = cell.strip_suffix("...").or_else(|| cell.strip_suffix('…'));
            if dsquery && has_many(&canonical(name)) && !cell.is_empty() {
                for one in cell.split(';') {
                    listing.push(page, line, name, Some(one));
                }
            } else if let (Some(start), false) = (cut, cell.starts_with('{')) {
                listing.push(page, line, name, Some(start));
                listing.mark_cut(name);
            } else {
                list::push(page, &mut listing, line, name, cell, false);
            }
        }
        found.push(listing);
    }
    Some((found, next))
}

/// `-------------- -------`.
fn is_ruler(line: &str) -> bool {
    line.contains("--") && line.bytes().all(|b| b == b'-' || b == b' ')
}

/// Where the words of a line begin, in characters.
fn starts(line: &str) -> Vec<usize> {
    let mut before = ' ';
    let mut found = Vec::new();
    for (at, sign) in line.chars().enumerate() {
        if before == ' ' && sign != ' ' && found.len() < COLUMNS {
            found.push(at);
        }
        before = sign;
    }
    found
}

/// The cells of a row; `None` where a value stands across the edge of a column.
fn cells(row: &str, starts: &[usize]) -> Option<Vec<String>> {
    let signs: Vec<char> = row.chars().collect();
    let mut found = Vec::with_capacity(starts.len());
    for (index, start) in starts.iter().enumerate() {
        let end = starts.get(index + 1).copied().unwrap_or(signs.len());
        let edge = start.checked_sub(1).and_then(|at| signs.get(at));
        if edge.is_some_and(|sign| *sign != ' ') {
            return None;
        }
        let cell = signs.get(*start..end.min(signs.len())).unwrap_or_default();
        found.push(cell.iter().collect::<String>().trim().to_owned());
    }
    Some(found)
}
