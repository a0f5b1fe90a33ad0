//! LDIF, as `ldifde` writes it, and the lists of `dsquery * -attr … -l`.
//!
//! ```text
//! dn: CN=svc_web,OU=Service,DC=corp,DC=example
//! changetype: add
//! servicePrincipalName: HTTP/web.corp.exam
//!  ple
//! description:: w5xiZXI=
//! ```
//!
//! A line that begins with one blank continues the one before it; a value after two colons is base64.

use super::listing::{Blank, Listing, Page, canonical};
use super::shown;
use crate::evidence::Problem;
use crate::readers::base64;
use crate::readers::console::Line;

/// Reads the entry that begins at a line.
pub(super) fn read(
    page: &Page<'_>,
    at: usize,
    problems: &mut Vec<Problem>,
) -> Option<(Vec<Listing>, usize)> {
    let first = page.lines.get(at)?;
    let (opening, _) = name_and_value(shown(first))?;
    let lower = canonical(opening);
    let next = page.lines.get(at + 1).map_or("", shown);
    let tied = next.starts_with(' ') || name_and_value(next).is_some();
    if !(lower == "dn" || lower == "distinguishedname" || lower == "samaccountname") || !tied {
        return None;
    }
    let mut listing: Option<Listing> = None;
    let mut change = false;
    let mut next = at;
    while let Some(line) = page.lines.get(next) {
        let text = shown(line);
        if text.is_empty() {
            break;
        }
        if text.starts_with('#') {
            next += 1;
            continue;
        }
        let (value, after) = unfold(page.lines, next);
        let Some((name, _)) = name_and_value(&value) else {
            break;
        };
        // dsquery sets no blank line between objects: the attribute that opened one opens the next.
        if next > at && canonical(name) == lower {
            break;
        }
        let value = value.get(name.len() + 1..).unwrap_or_default();
        let decoded = decoded(name, value);
        if name.eq_ignore_ascii_case("changetype") {
            let kind = decoded.as_deref().unwrap_or_default().trim();
            change |= !kind.eq_ignore_ascii_case("add");
        }
        let name = plain_name(name);
        let entry = listing.get_or_insert_with(|| Listing::new(Blank::None));
        entry.push(page, line, name.0, decoded.as_deref());
        if name.1 {
            entry.mark_cut(name.0);
        }
        next = after;
    }
    if change {
        problems.push(Problem::new(
            page.artifact,
            first.place(),
            "a change and not the state of an object; the entry was skipped",
        ));
        return Some((Vec::new(), next));
    }
    let mut listing = listing?;
    // An entry without anything after it may be cut off.
    listing.ended = page.lines.get(next).is_some();
    Some((vec![listing], next))
}

/// `attr: value` and `attr:: base64`; a lone `dn:CN=…` is what AdFind writes.
fn name_and_value(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(':')?;
    let plain = !name.is_empty()
        && name.len() <= 100
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "-;=*>".contains(c));
    let spaced = value.is_empty() || value.starts_with([' ', ':', '<']) || name == "dn";
    (plain && spaced).then_some((name, value))
}

/// `servicePrincipalName;range=0-1499`: the name, and whether more values are elsewhere. AdFind writes a `>` before names.
fn plain_name(name: &str) -> (&str, bool) {
    let name = name.trim_start_matches('>');
    match name.split_once(';') {
        Some((name, options)) => {
            let range = options.contains("range=");
            (name, range && !options.ends_with('*'))
        }
        None => (name, false),
    }
}

/// A line with its continuations, and the line after them.
fn unfold(lines: &[Line<'_>], at: usize) -> (String, usize) {
    let mut text = lines.get(at).map(shown).unwrap_or_default().to_owned();
    let mut next = at + 1;
    while let Some(more) = lines
        .get(next)
        .map(shown)
        .and_then(|line| line.strip_prefix(' '))
    {
        // The blank after the colon was at the end of its line, where it is not kept.
        if text.ends_with(':') && !text.ends_with("::") {
            text.push(' ');
        }
        text.push_str(more);
        next += 1;
    }
    (text, next)
}

/// The value behind the colons: as it stands, or decoded; `None` where there is none that is text.
fn decoded(name: &str, value: &str) -> Option<String> {
    if value.starts_with('<') {
        return None;
    }
    let Some(coded) = value.strip_prefix(':') else {
        return Some(value.trim().to_owned());
    };
    let bytes = base64::decode(coded)?;
    if canonical(name) == "objectsid" {
        return sid(&bytes);
    }
    String::from_utf8(bytes).ok()
}

/// A security identifier in the bytes of the directory (MS-DTYP 2.4.2.2).
pub(super) fn sid(bytes: &[u8]) -> Option<String> {
    let [1, count, authority @ ..] = bytes else {
        return None;
    };
    let (authority, parts) = authority.split_at_checked(6)?;
    if parts.len() != usize::from(*count) * 4 || *count > 15 {
        return None;
    }
    let authority = authority
        .iter()
        .fold(0u64, |sum, byte| sum << 8 | u64::from(*byte));
    let mut text = format!("S-1-{authority}");
    for part in parts.chunks_exact(4) {
        let number = u32::from_le_bytes(part.try_into().ok()?);
        text.push_str(&format!("-{number}"));
    }
    Some(text)
}
