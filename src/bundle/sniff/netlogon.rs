//! `netlogon.log`, told by the form of its lines: a date without a year, a time, a tag in capitals.
//!
//! ```text
//! 03/02 08:00:01 [LOGON] [1234] CORP: SamLogon: Network logon of CORP\uma from PC7 (via WEB01) Entered
//! ```

/// Lines of the log among the first ones that make it one.
const ENOUGH: usize = 2;
/// First lines that are looked at.
const LOOKED_AT: usize = 50;

/// True when the first lines are those of the log: others may stand between them, since entries go on below.
pub(super) fn is_netlogon_log(lines: &[String]) -> bool {
    let mut filled = lines.iter().filter(|line| !line.trim().is_empty());
    // A paste of a line or two belongs to whatever stands around it.
    let first = filled.clone().next().is_some_and(|line| is_entry(line));
    let entries = filled
        .by_ref()
        .take(LOOKED_AT)
        .filter(|line| is_entry(line))
        .count();
    first && (entries >= ENOUGH || filled.next().is_none())
}

fn is_entry(line: &str) -> bool {
    let bytes = line.as_bytes();
    let digits = [0, 1, 3, 4, 6, 7, 9, 10, 12, 13];
    digits
        .iter()
        .all(|at| bytes.get(*at).is_some_and(u8::is_ascii_digit))
        && bytes.get(2) == Some(&b'/')
        && bytes.get(8) == Some(&b':')
        && bytes.get(11) == Some(&b':')
        && line.get(14..).is_some_and(|rest| {
            rest.strip_prefix(" [")
                .and_then(|rest| rest.split_once(']'))
                .is_some_and(|(tag, _)| {
                    !tag.is_empty() && tag.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
                })
        })
}
