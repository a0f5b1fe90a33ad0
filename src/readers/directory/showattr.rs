//! `repadmin /showattr`.
//!
//! ```text
//! DN: CN=svc_web,OU=Service,DC=corp,DC=example
//!     4> objectClass: top; person; organizationalPerson; user
//!     1> userAccountControl: 0x200 = ( NORMAL_ACCOUNT )
//!     2> servicePrincipalName: HTTP/web.corp.example; HTTP/web
//! ```
//!
//! The number is that of the values; where fewer stand there, the list was cut.

use super::listing::{Blank, Listing, Page, canonical, has_many};
use super::shown;

/// Reads the object that begins at a line.
pub(super) fn read(page: &Page<'_>, at: usize) -> Option<(Vec<Listing>, usize)> {
    let first = page.lines.get(at)?;
    let dn = shown(first).trim_start().strip_prefix("DN: ")?;
    let mut listing = Listing::new(Blank::None);
    listing.push(page, first, "dn", Some(dn));
    let mut next = at + 1;
    while let Some(line) = page.lines.get(next) {
        let Some((count, name, value)) = attribute(shown(line)) else {
            break;
        };
        let lower = canonical(name);
        if has_many(&lower) {
            let values: Vec<&str> = value.split("; ").filter(|one| !one.is_empty()).collect();
            for one in &values {
                listing.push(page, line, name, Some(one));
            }
            if values.len() < count {
                listing.push(page, line, name, None);
                listing.mark_cut(name);
            }
        } else {
            listing.push(page, line, name, Some(value));
        }
        next += 1;
    }
    listing.ended = page.lines.get(next).is_none_or(|line| line.is_blank());
    (next > at + 1).then_some((vec![listing], next))
}

/// `    2> servicePrincipalName: HTTP/web.corp.example; HTTP/web`.
fn attribute(line: &str) -> Option<(usize, &str, &str)> {
    let (count, rest) = line.trim_start().split_once("> ")?;
    let (name, value) = rest.split_once(':')?;
    let plain = name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    Some((count.parse().ok()?, name, value.trim())).filter(|_| plain)
}
