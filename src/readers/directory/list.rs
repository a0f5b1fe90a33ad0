//! The list view of PowerShell.
//!
//! ```text
//! DistinguishedName    : CN=svc_web,OU=Service
//!                        Accounts,DC=corp,DC=example
//! servicePrincipalName : {HTTP/web.corp.example, HTTP/web, HTTP/a, HTTP/b...}
//! ```
//!
//! A value goes on below itself. Of more than four values the rest is cut.

use super::listing::{Blank, Listing, Page, has_many};
use super::{listing::canonical, shown};
use crate::readers::console::Line;

/// Lines that are looked at for a name that only the directory has.
const NEAR: usize = 60;
const OWN: [&str; 10] = [
    "distinguishedname",
    "samaccountname",
    "serviceprincipalname",
    "useraccountcontrol",
    "userprincipalname",
    "principalsallowedtoretrievemanagedpassword",
    "selectiveauthentication",
    "sidfilteringquarantined",
    "spnmappings",
    "msds-supportedencryptiontypes",
];

/// Reads the object that begins at a line.
pub(super) fn read(page: &Page<'_>, at: usize) -> Option<(Vec<Listing>, usize)> {
    let first = page.lines.get(at)?;
    let base = indent(shown(first));
    named(shown(first))?;
    let own = |line: &Line<'_>| {
        named(shown(line)).is_some_and(|(name, _)| OWN.contains(&canonical(name).as_str()))
    };
    let near = || {
        page.lines
            .iter()
            .skip(at)
            .take_while(|line| !line.is_blank())
    };
    if !near().take(NEAR).any(own) {
        return None;
    }
    // Lines that were broken inside a word are as long as the window was wide.
    let width = near()
        .map(|line| shown(line).chars().count())
        .max()
        .unwrap_or_default();
    let mut listing = Listing::new(Blank::None);
    let mut names = Vec::new();
    let mut next = at;
    while let Some(line) = page.lines.get(next) {
        let text = shown(line);
        let Some((name, value)) = named(text).filter(|_| indent(text) == base) else {
            break;
        };
        let mut value = value.trim().to_owned();
        let mut last = text;
        let mut wrapped = false;
        next += 1;
        while let Some(more) = page.lines.get(next).map(shown) {
            if more.is_empty() || indent(more) < base + 2 {
                break;
            }
            let broken = last.chars().count() >= width || last.ends_with('-');
            if !value.is_empty() && (!broken || last.ends_with(',')) {
                value.push(' ');
            }
            value.push_str(more.trim());
            last = more;
            wrapped = true;
            next += 1;
        }
        names.push(canonical(name));
        push(page, &mut listing, line, name, &value, wrapped);
    }
    listing.blank = blank(page, &names);
    listing.ended = !page.asked.is_some_and(|asked| asked.drops_lines());
    Some((vec![listing], next))
}

/// What an attribute without a value says: without an echo, all that a cmdlet prints of itself was asked for.
fn blank(page: &Page<'_>, names: &[String]) -> Blank {
    let has = |name: &str| names.iter().any(|n| n == name);
    match page.asked {
        Some(asked) => asked.blank(),
        None if has("objectclass") && has("objectguid") && has("distinguishedname") => Blank::None,
        None => Blank::Unsure,
    }
}

/// Adds the values of `{a, b, c...}`, or the one that stands there.
pub(super) fn push(
    page: &Page<'_>,
    listing: &mut Listing,
    line: &Line<'_>,
    name: &str,
    value: &str,
    wrapped: bool,
) {
    let canonical = canonical(name);
    let Some(inner) = value.strip_prefix('{') else {
        if canonical == "kerberosencryptiontype" {
            value
                .split(',')
                .for_each(|one| listing.push(page, line, name, Some(one)));
        } else if is_collection(value) {
            listing.push(page, line, name, None);
            listing.mark_cut(name);
        } else {
            listing.push(page, line, name, Some(value));
        }
        return;
    };
    let closed = inner.strip_suffix('}');
    let inner = closed.unwrap_or(inner);
    let (inner, cut) = match inner
        .strip_suffix("...")
        .or_else(|| inner.strip_suffix('…'))
    {
        Some(inner) => (inner.trim_end_matches([',', ' ']), true),
        None => (inner, closed.is_none()),
    };
    if inner.is_empty() {
        listing.push(page, line, name, None);
    }
    let values: Vec<&str> = match has_many(&canonical) {
        true => split(inner),
        false => vec![inner],
    };
    for value in values.into_iter().filter(|value| !value.trim().is_empty()) {
        if wrapped && canonical == "serviceprincipalname" {
            let joined: String = value.split_ascii_whitespace().collect();
            listing.push(page, line, name, Some(&joined));
        } else {
            listing.push(page, line, name, Some(value));
        }
    }
    if cut {
        listing.mark_cut(name);
    }
}

/// A collection that was turned into the name of its type.
pub(super) fn is_collection(value: &str) -> bool {
    value.starts_with("Microsoft.ActiveDirectory.Management.") || value.starts_with("System.")
}

/// Splits at `, `; the parts of a distinguished name are joined without a blank, but for escaped commas.
fn split(inner: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut rest = inner;
    let mut from = 0;
    while let Some(at) = rest.get(from..).and_then(|tail| tail.find(", ")) {
        let at = from + at;
        if rest.get(..at).is_some_and(|before| before.ends_with('\\')) {
            from = at + 2;
            continue;
        }
        parts.push(rest.get(..at).unwrap_or_default());
        rest = rest.get(at + 2..).unwrap_or_default();
        from = 0;
    }
    parts.push(rest);
    parts
}

/// `Name   : value`.
fn named(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once(':')?;
    let padded = name.ends_with(' ') && (value.is_empty() || value.starts_with(' '));
    let name = name.trim();
    let plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    (padded && plain).then_some((name, value))
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}
