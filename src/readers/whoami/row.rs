//! The rows of whoami's tables, whatever form and language they have.
//!
//! ```text
//! Group Name   Type             SID          Attributes
//! ============ ================ ============ ==================================================
//! Everyone     Well-known group S-1-1-0      Mandatory group, Enabled by default, Enabled group
//! ```

use crate::readers::console::Line;

/// What a row says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Row {
    /// The user of the token.
    User { name: String, sid: String },
    /// A group.
    Group { name: String, sid: String },
    /// A privilege, by its name.
    Privilege(String),
    /// A claim, by its identifier.
    Claim(String),
}

/// All rows of a section, each with its line.
pub(super) fn rows<'a>(lines: &[Line<'a>]) -> Vec<(Row, Line<'a>)> {
    let mut found = Vec::new();
    let mut columns: Option<Vec<usize>> = None;
    let mut name: Option<String> = None;
    for line in lines {
        let text = line.text.trim_end();
        if text.is_empty() {
            columns = None;
            name = None;
        } else if let Some(starts) = ruler(text) {
            columns = Some(starts);
        } else if text.starts_with('"') && text.contains("\",\"") {
            let cells: Vec<&str> = text.trim_matches('"').split("\",\"").collect();
            found.extend(cells_say(&cells).map(|row| (row, *line)));
        } else if let Some(starts) = &columns {
            found.extend(cells_say(&cut(text, starts)).map(|row| (row, *line)));
        } else if let Some((_, value)) = text.split_once(':') {
            // `/fo list`: the name, perhaps the type, then the SID.
            let value = value.trim();
            if let Some(sid) = sid(value) {
                let kind = |name| (name, sid.to_owned());
                let row = name.take().map(kind).map(|(name, sid)| {
                    if is_user(&sid) && name.contains('\\') && found.is_empty() {
                        Row::User { name, sid }
                    } else {
                        Row::Group { name, sid }
                    }
                });
                found.extend(row.map(|row| (row, *line)));
            } else if is_privilege(value) {
                found.push((Row::Privilege(value.to_owned()), *line));
            } else if name.is_none() {
                name = Some(value.to_owned());
            }
        }
    }
    found
}

fn is_user(sid: &str) -> bool {
    sid.starts_with("S-1-5-21-")
}

/// A row by its cells: two with a SID are the user, more a group.
fn cells_say(cells: &[&str]) -> Option<Row> {
    let first = cells.first()?.trim();
    if is_privilege(first) {
        return Some(Row::Privilege(first.to_owned()));
    }
    if let Some(claim) = cells
        .iter()
        .map(|cell| cell.trim())
        .find(|cell| cell.starts_with("ad://ext/"))
    {
        return Some(Row::Claim(claim.to_owned()));
    }
    // Wide letters may shift the columns: a SID is one wherever it stands.
    let sid = cells
        .iter()
        .skip(1)
        .flat_map(|cell| cell.split_ascii_whitespace())
        .find_map(sid)?
        .to_owned();
    let name = first.to_owned();
    Some(match cells.len() {
        2 => Row::User { name, sid },
        _ => Row::Group { name, sid },
    })
}

fn sid(word: &str) -> Option<&str> {
    let rest = word.strip_prefix("S-1-")?;
    (!rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit() || b == b'-')).then_some(word)
}

fn is_privilege(word: &str) -> bool {
    word.starts_with("Se")
        && word.ends_with("Privilege")
        && word.bytes().all(|b| b.is_ascii_alphabetic())
}

/// Where the columns of a ruler begin, in characters.
fn ruler(line: &str) -> Option<Vec<usize>> {
    if !line.starts_with("==") || !line.bytes().all(|b| b == b'=' || b == b' ') {
        return None;
    }
    let mut starts = vec![0];
    starts.extend(line.match_indices(" =").map(|(at, _)| at + 1));
    Some(starts)
}

/// The cells of a row below a ruler.
fn cut<'t>(row: &'t str, starts: &[usize]) -> Vec<&'t str> {
    let offsets: Vec<usize> = row.char_indices().map(|(at, _)| at).collect();
    let byte = |index: &usize| offsets.get(*index).copied().unwrap_or(row.len());
    (0..starts.len())
        .filter_map(|column| {
            let from = starts.get(column).map(byte)?;
            let to = starts.get(column + 1).map_or(row.len(), byte);
            row.get(from..to)
        })
        .collect()
}
