//! The session of a user and the policies of a machine: `whoami` and `gpresult`, told without their words.
//!
//! ```text
//! User Name       SID                                             a table with rulers, and a SID or a privilege below it
//! =============== ============================================
//! corp\uma        S-1-5-21-1004336348-1177238915-682003330-1104
//!
//! Microsoft (R) Windows (R) Operating System Group Policy Result tool v2.0
//! ```

/// Whether output of `whoami` begins here: a table, or the underlined title above it.
pub(super) fn is_whoami(lines: &[&str]) -> bool {
    let table = |lines: &[&str]| {
        let [header, ruler, row, ..] = lines else {
            return false;
        };
        !header.trim().is_empty() && is_ruler(ruler) && names_right_or_sid(row)
    };
    match lines {
        // The ruler itself: that of claims has as many columns as the one of tasklist.
        [ruler, row, ..] if is_ruler(ruler) => names_right_or_sid(row),
        [title, line, blank, rest @ ..] if underlines(title, line) => {
            blank.trim().is_empty() && table(rest)
        }
        [csv, row, ..] if csv.starts_with('"') && row.starts_with('"') => {
            let cells = row.split("\",\"").count();
            matches!(cells, 2..=4)
                && csv.split("\",\"").count() == cells
                && row.contains("\",\"S-1-")
        }
        _ => table(lines),
    }
}

/// Whether output of `gpresult` begins here. Its first line holds these signs in every language.
pub(super) fn is_gpresult(lines: &[&str]) -> bool {
    lines.first().is_some_and(|line| {
        let line = line.trim();
        (line.contains("Microsoft (R) Windows (R)") && line.ends_with("v2.0"))
            || line.starts_with("RSOP data for ")
    })
}

/// Whether a line of dashes underlines the title above it, as both tools do; wide letters may count twice.
pub(crate) fn underlines(title: &str, line: &str) -> bool {
    let (title, line) = (title.trim_end(), line.trim_end());
    let indent = |text: &str| text.len() - text.trim_start().len();
    let (shown, drawn) = (title.trim_start().chars().count(), line.trim_start().len());
    shown > 0
        && indent(title) == indent(line)
        && line.trim_start().bytes().all(|b| b == b'-')
        && (shown..=2 * shown + 2).contains(&drawn)
}

/// `=========== =====`: at least two columns.
fn is_ruler(line: &str) -> bool {
    let line = line.trim();
    line.starts_with("==") && line.contains("= =") && line.bytes().all(|b| b == b'=' || b == b' ')
}

fn names_right_or_sid(row: &str) -> bool {
    let mut words = row.split_ascii_whitespace();
    let right = words
        .next()
        .is_some_and(|word| word.starts_with("Se") && word.ends_with("Privilege"));
    right
        || row.contains("ad://ext/")
        || words.any(|word| {
            word.strip_prefix("S-1-")
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        })
}
