//! Objects that `ConvertTo-Json` printed, read line by line as PowerShell lays them out.
//!
//! ```text
//! {
//!     "SamAccountName":  "svc_web",
//!     "servicePrincipalName":  [
//!                                  "HTTP/web.corp.example"
//!                              ],
//! }
//! ```

use super::listing::{Blank, Listing, Page};
use super::shown;

/// Reads the object that begins at a line.
pub(super) fn read(page: &Page<'_>, at: usize) -> Option<(Vec<Listing>, usize)> {
    let opening = shown(page.lines.get(at)?).trim();
    if opening != "{" {
        return None;
    }
    let first = page.lines.get(at + 1)?;
    let inner = indent(shown(first));
    pair(shown(first))?;
    let mut listing: Option<Listing> = None;
    let mut many: Option<String> = None;
    let mut next = at + 1;
    while let Some(line) = page.lines.get(next) {
        let text = shown(line);
        let bare = text.trim().trim_end_matches(',');
        next += 1;
        if let Some(name) = many.take() {
            if bare != "]" {
                if let (Some(listing), Some(value)) = (&mut listing, unquoted(bare)) {
                    listing.push(page, line, &name, Some(&value));
                }
                many = Some(name);
            }
            continue;
        }
        if indent(text) < inner && bare == "}" {
            if let Some(listing) = &mut listing {
                listing.ended = true;
            }
            break;
        }
        // What is nested deeper belongs to an attribute that is no plain value.
        let Some((name, value)) = pair(text).filter(|_| indent(text) == inner) else {
            continue;
        };
        let listing = listing.get_or_insert_with(|| Listing::new(Blank::Unsure));
        match value {
            "[" => {
                listing.push(page, line, name, None);
                many = Some(name.to_owned());
            }
            "{" => {}
            _ => listing.push(page, line, name, unquoted(value).as_deref()),
        }
    }
    listing.map(|listing| (vec![listing], next))
}

/// `"name":  value`, without the comma after it.
fn pair(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.trim_start().strip_prefix('"')?.split_once("\":")?;
    Some((name, value.trim().trim_end_matches(',')))
}

/// A string without its quotes and escapes, a number or a truth value; `None` for `null`, `[]` and the like.
fn unquoted(value: &str) -> Option<String> {
    match serde_json::from_str(value).ok()? {
        serde_json::Value::String(text) => Some(text),
        serde_json::Value::Number(number) => Some(number.to_string()),
        serde_json::Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}
