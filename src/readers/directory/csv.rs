//! Rows of comma-separated values: `csvde`, and `Export-Csv`.
//!
//! ```text
//! DN,objectClass,sAMAccountName,servicePrincipalName
//! "CN=svc_web,OU=Service,DC=corp,DC=example",user,svc_web,HTTP/web.corp.example;HTTP/web
//! ```
//!
//! csvde joins many values by `;` and writes that sign inside a value as `\3b`. PowerShell writes the name of a type
//! where there are many.

use super::ldif::sid;
use super::list::is_collection;
use super::listing::{Blank, Listing, Page, canonical, has_many};
use super::shown;
use crate::evidence::Problem;
use crate::readers::console::Line;

/// Lines that one row may take.
const LINES: usize = 64;

/// Reads the rows below the header at a line.
pub(super) fn read(
    page: &Page<'_>,
    at: usize,
    problems: &mut Vec<Problem>,
) -> Option<(Vec<Listing>, usize)> {
    let first = page.lines.get(at)?;
    if !shown(first).contains(',') {
        return None;
    }
    let (header, mut next) = row(page.lines, at);
    let names: Vec<String> = header.iter().map(|name| canonical(name)).collect();
    let known = |name: &str| names.iter().any(|n| n == name);
    let csvde = names.first().is_some_and(|name| name == "dn");
    let keyed = csvde || known("distinguishedname") || known("samaccountname");
    let plain = header
        .iter()
        .all(|name| !name.is_empty() && !name.contains([' ', '=', '{']));
    if !keyed || !plain || header.len() < 2 {
        return None;
    }
    let blank = if csvde { Blank::None } else { Blank::Unsure };
    let mut found = Vec::new();
    while let Some(line) = page.lines.get(next) {
        if line.is_blank() {
            break;
        }
        let (cells, after) = row(page.lines, next);
        if cells.len() != header.len() {
            problems.push(Problem::new(
                page.artifact,
                line.place(),
                "the row has another number of cells than the header; it was skipped",
            ));
            next += 1;
            continue;
        }
        let mut listing = Listing::new(blank.clone());
        listing.ended = true;
        for ((name, lower), cell) in header.iter().zip(&names).zip(&cells) {
            if is_collection(cell) {
                listing.push(page, line, name, None);
                listing.mark_cut(name);
            } else if lower == "objectsid" {
                listing.push(page, line, name, sid_of(cell).as_deref());
            } else if csvde && has_many(lower) && !cell.is_empty() {
                for one in cell.split(';') {
                    listing.push(page, line, name, Some(&unescaped(one)));
                }
            } else {
                listing.push(page, line, name, Some(cell));
            }
        }
        found.push(listing);
        next = after;
    }
    Some((found, next))
}

/// `X'0105…'`, or a SID as text.
fn sid_of(cell: &str) -> Option<String> {
    let Some(digits) = cell
        .strip_prefix("X'")
        .and_then(|rest| rest.strip_suffix('\''))
    else {
        return cell.starts_with("S-1-").then(|| cell.to_owned());
    };
    let bytes: Option<Vec<u8>> = digits
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect();
    sid(&bytes?)
}

fn unescaped(value: &str) -> String {
    value.replace("\\3b", ";").replace("\\3B", ";")
}

/// The cells of the row that begins at a line, and the line after it. A quoted cell may go on over lines.
fn row(lines: &[Line<'_>], at: usize) -> (Vec<String>, usize) {
    let mut cells = vec![String::new()];
    let mut quoted = false;
    let mut next = at;
    while let Some(line) = lines.get(next).filter(|_| next - at < LINES) {
        next += 1;
        let mut signs = shown(line).chars().peekable();
        while let Some(sign) = signs.next() {
            let Some(cell) = cells.last_mut() else { break };
            match sign {
                '"' if quoted && signs.peek() == Some(&'"') => {
                    signs.next();
                    cell.push('"');
                }
                '"' => quoted = !quoted,
                ',' if !quoted => cells.push(String::new()),
                _ => cell.push(sign),
            }
        }
        if !quoted {
            return (cells, next);
        }
        if let Some(cell) = cells.last_mut() {
            cell.push(' ');
        }
    }
    // The quote is never closed: the line stands for itself.
    (cells, at + 1)
}
