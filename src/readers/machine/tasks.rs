//! `tasklist`, as a table, a list or CSV: the worker processes of IIS and the accounts they run as.
//!
//! ```text
//! Image Name                     PID Session Name        Session#    Mem Usage Status          User Name            …
//! ========================= ======== ================ =========== ============ =============== ==================== …
//! w3wp.exe                      4712 Services                   0     52,340 K Unknown         IIS APPPOOL\Intranet …
//! ```
//!
//! No other process is kept: titles of windows and names of users are nobody's business.

use super::{Fact, Found};
use crate::bundle::{labelled, ruler};
use crate::readers::console::Line;

/// The columns of the table, which are as wide in every language.
const COLUMNS: [(usize, usize); 7] = [
    (0, 25),
    (26, 34),
    (35, 51),
    (52, 63),
    (64, 76),
    (77, 92),
    (93, 143),
];
/// Which column, or which field of CSV, the account of `/v` is.
const ACCOUNT: usize = 6;
/// Which field it is in a list, counted from the process.
const LISTED_ACCOUNT: usize = 5;

pub(super) fn read(lines: &[Line<'_>], found: &mut Found) {
    let mut columns = COLUMNS.to_vec();
    // In a list: the process, and the fields since.
    let mut listed: Option<(u32, usize)> = None;
    let mut named = false;
    for line in lines {
        let text = line.text;
        if let Some(ruled) = ruler(text).filter(|c| c.len() >= 5) {
            columns = ruled;
            found.understood = true;
        } else if let Some(cells) = cells(text, &columns) {
            found.understood = true;
            let image = cells.first().is_some_and(|image| image == "w3wp.exe");
            if let (true, Some(Ok(id))) = (image, cells.get(1).map(|id| id.parse())) {
                add(id, cells.get(ACCOUNT).map(String::as_str), line, found);
            }
        } else if let Some((_, value)) = labelled(text) {
            found.understood |= value == "w3wp.exe";
            match listed {
                _ if value == "w3wp.exe" => listed = None,
                _ if named => listed = value.parse().ok().map(|id| (id, 0)),
                Some((id, at)) if at + 1 == LISTED_ACCOUNT => {
                    add(id, Some(value), line, found);
                    listed = None;
                }
                Some((id, at)) => listed = Some((id, at + 1)),
                None => {}
            }
            named = value == "w3wp.exe";
        }
    }
}

fn cells(text: &str, columns: &[(usize, usize)]) -> Option<Vec<String>> {
    if let Some(row) = text.trim().strip_prefix('"') {
        let row = row.strip_suffix('"').unwrap_or(row);
        return Some(row.split("\",\"").map(str::to_owned).collect());
    }
    if !text.starts_with("w3wp.exe") {
        return None;
    }
    let letters: Vec<char> = text.chars().collect();
    let cell = |(from, to): &(usize, usize)| {
        let shown = letters.get(*from..(*to).min(letters.len())).unwrap_or(&[]);
        shown.iter().collect::<String>().trim().to_owned()
    };
    Some(columns.iter().map(cell).collect())
}

fn add(id: u32, account: Option<&str>, line: &Line<'_>, found: &mut Found) {
    // Without elevation the account of another user is "N/A", in the words of the language.
    let account = account.filter(|a| a.contains('\\')).map(str::to_owned);
    found.add(Fact::WorkerProcess { id, account }, line);
}
