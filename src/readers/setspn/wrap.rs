//! Rows of setspn output: the lines of a section, without the indentation of the paste, and with what a console or a
//! mail program wrapped joined again.
//!
//! ```text
//! Registered ServicePrincipalNames for CN=svc_web,OU=Service Accounts,DC=corp,DC=e     column 80
//! xample:
//! ```
//!
//! is one row. setspn itself wraps nothing.

use std::borrow::Cow;

use super::shape::{Sentence, around_dn, error_code, indented, known, leading_spn, trimmed};
use crate::readers::console::Line;

/// A line of output, with what an 80-column console or a mail program had wrapped joined again.
#[derive(Clone, Debug)]
pub(super) struct Row<'a> {
    /// The first of its lines.
    pub line: Line<'a>,
    /// The joined text.
    pub text: Cow<'a, str>,
}

/// No line of setspn is longer; joining stops there, so that hostile input costs no more than its length.
const LONGEST: usize = 4096;

/// Joins what was wrapped: a console breaks at 80 or 120 columns, mail programs indent the rest.
pub(super) fn rows<'a>(lines: &[Line<'a>]) -> Vec<Row<'a>> {
    let mut rows: Vec<Row<'a>> = Vec::with_capacity(lines.len());
    let mut last_piece = "";
    let margin = margin(lines);
    for line in lines {
        let line = &Line {
            text: line.text.strip_prefix(margin).unwrap_or(line.text),
            ..*line
        };
        let glue = rows
            .last()
            .and_then(|row| glue(&row.text, last_piece, line.text));
        last_piece = line.text;
        match (rows.last_mut(), glue) {
            (Some(row), Some(glue)) => {
                row.text = Cow::Owned(format!("{}{glue}{}", row.text, trimmed(line.text)));
            }
            _ => rows.push(Row {
                line: *line,
                text: Cow::Borrowed(line.text),
            }),
        }
    }
    rows
}

/// The indentation that all lines share.
fn margin<'a>(lines: &[Line<'a>]) -> &'a str {
    let mut indents = lines.iter().filter(|line| !line.is_blank()).map(|line| {
        let length = line.text.len() - line.text.trim_start_matches([' ', '\t']).len();
        line.text.get(..length).unwrap_or_default()
    });
    let Some(first) = indents.next() else {
        return "";
    };
    indents.fold(first, |shared, indent| {
        let length = shared
            .bytes()
            .zip(indent.bytes())
            .take_while(|(a, b)| a == b)
            .count();
        shared.get(..length).unwrap_or_default()
    })
}

/// Columns at which consoles break lines, by their usual window widths.
const HARD_WIDTHS: &[usize] = &[80, 100, 120, 132, 140, 150, 160, 200];

/// True for text that begins inside a distinguished name: `rp,DC=example:`.
fn continues_name(inner: &str) -> bool {
    around_dn(inner).is_some_and(|(before, _, _)| before.ends_with(',') && !before.contains(' '))
}

/// What stands between two lines that were one, or `None` when they are two.
fn glue(row: &str, last_piece: &str, line: &str) -> Option<&'static str> {
    let inner = trimmed(line);
    if inner.is_empty() || row.trim().is_empty() || row.len() > LONGEST {
        return None;
    }
    let begins_name = ["CN=", "OU=", "DC="]
        .iter()
        .any(|lead| inner.starts_with(lead));
    let width: usize = last_piece
        .chars()
        .map(|letter| if letter == '\t' { 8 } else { 1 })
        .sum();
    let hard = HARD_WIDTHS.contains(&width);
    let named = row.contains("CN=") || row.contains("OU=");
    if named && around_dn(row).is_none() && (inner.contains("DC=") || !inner.contains('/')) {
        return Some(if hard || (continues_name(inner) && !indented(line)) {
            ""
        } else {
            " "
        });
    }
    if named && (row.ends_with(',') || (continues_name(inner) && !indented(line))) {
        return Some("");
    }
    if begins_name || known(inner) != Sentence::Other || error_code(inner).is_some() {
        return None;
    }
    if !indented(line) {
        // The last letters of a header that ended inside its name.
        let open_header =
            around_dn(row).is_some_and(|(before, _, after)| !before.is_empty() && after.is_empty());
        let last_letters = inner.ends_with([':', '：']) && !inner.contains([' ', '/', '=']);
        let wrapped = hard && row.contains(['/', '=']);
        return (wrapped || (open_header && last_letters)).then_some("");
    }
    let rest = !inner.contains(['/', '=']) && !inner.contains(' ');
    (rest && width >= 60 && leading_spn(trimmed(row)).is_some()).then_some("")
}
