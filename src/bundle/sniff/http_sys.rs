//! `netsh http`, told by shape, because its labels are translated: numbers of sessions and groups, addresses, hashes.
//!
//! ```text
//! Request queue name: Intranet          IP:port                 : 0.0.0.0:443        Reserved URL : http://*:80/app/
//!     Version: 2.0                      Certificate Hash        : 9f86d081884c…          User: CORP\svc_web
//! ```

/// Titles of outputs that have no other sign. English only: a help, nothing rests on it.
const TITLES: [&str; 4] = [
    "Snapshot of HTTP service state",
    "Snapshot of HTTP response cache",
    "IP addresses present in the IP listen list",
    "HTTP Service Timeouts",
];

/// Whether output of `netsh http` begins with the first of these lines.
pub(super) fn opens(lines: &[&str]) -> bool {
    let Some(line) = lines.first().filter(|line| line.len() <= 1024) else {
        return false;
    };
    let next = lines.get(1).copied().unwrap_or_default();
    let shown = line.trim();
    TITLES.iter().any(|title| shown.starts_with(title))
        || is_queue(shown, next)
        || is_certificate(shown, next)
        || is_reservation(shown, next)
}

/// The name of a request queue or the number of a session, with the version of the interface below.
fn is_queue(line: &str, next: &str) -> bool {
    let version = next.trim_end();
    let named = line
        .split_once(": ")
        .is_some_and(|(_, name)| !name.is_empty());
    named
        && next.starts_with([' ', '\t'])
        && (version.ends_with(": 1.0") || version.ends_with(": 2.0"))
}

/// An endpoint of TLS with the hash of its certificate below: 40 hexadecimal digits, or none for the central store.
fn is_certificate(line: &str, next: &str) -> bool {
    let (Some((_, endpoint)), Some((_, hash))) = (line.split_once(" : "), next.split_once(" : "))
    else {
        return false;
    };
    let port = endpoint.trim().rsplit(':').next().unwrap_or_default();
    let hash = hash.trim();
    let hexadecimal = matches!(hash.len(), 40 | 64) && hash.bytes().all(|c| c.is_ascii_hexdigit());
    port.parse::<u16>().is_ok() && (hexadecimal || hash == "(null)")
}

/// A reserved address, with who may use it below.
fn is_reservation(line: &str, next: &str) -> bool {
    let address = line.split_once(" : ").map(|(_, address)| address.trim());
    address.is_some_and(|address| address.starts_with("http://") || address.starts_with("https://"))
        && next.starts_with([' ', '\t'])
        && next.contains(": ")
}
