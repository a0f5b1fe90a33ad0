//! Names without a question, told by shape: the cache of the DNS client, and the `hosts` file.

use super::lines::labelled;

/// A record of `ipconfig /displaydns`: below its name stand type, time to live and length. Not every label ends in dots.
fn is_cached_answer(second: &str, rest: &[&str]) -> bool {
    let number = |value: &str| value.parse::<u32>().is_ok();
    number(second)
        && rest
            .iter()
            .take(2)
            .all(|line| cached_field(line).is_some_and(number))
}

/// The value of an indented line of a record.
pub(crate) fn cached_field(line: &str) -> Option<&str> {
    let (_, value) = labelled(line)?;
    line.starts_with("    ").then_some(value)
}

/// Whether a record of the DNS client's cache (`ipconfig /displaydns`) begins with the first of these lines.
fn opens_cached_answer(lines: &[&str]) -> bool {
    let [first, second, rest @ ..] = lines else {
        return false;
    };
    let leaders = || lines.iter().take(4).any(|line| line.contains(". ."));
    rest.len() >= 2
        && cached_field(first).is_some_and(|name| !name.is_empty() && !name.contains(' '))
        && cached_field(second).is_some_and(|kind| is_cached_answer(kind, rest))
        && leaders()
}

/// The comment by which a `hosts` file is told, in every language.
pub(crate) fn is_hosts_file_head(line: &str) -> bool {
    line.starts_with('#') && line.contains("HOSTS file used by Microsoft TCP/IP")
}

/// Whether names without a question begin with the first of these lines.
pub(super) fn opens(lines: &[&str]) -> bool {
    opens_cached_answer(lines) || lines.first().is_some_and(|line| is_hosts_file_head(line))
}
