//! Recordings of HTTP exchanges: a HAR file, a message as it went over the wire, the notes on a Fiddler session, and
//! what `curl -v` shows.
//!
//! ```text
//! {"log":{"version":"1.2", … "entries":[        HTTP/1.1 401 Unauthorized
//! GET http://web.corp.example/ HTTP/1.1         > GET / HTTP/1.1
//! ```

/// Longest first line that is looked at: URLs are long.
const LONGEST: usize = 16 << 10;

/// Whether bytes begin with a message; its body may be anything, compressed bytes too.
pub(super) fn is_message(head: &[u8]) -> bool {
    let head = head.get(..LONGEST).unwrap_or(head);
    let mut lines = head
        .split(|byte| *byte == b'\n')
        .map(|line| std::str::from_utf8(line).unwrap_or_default().trim_end());
    match (lines.next(), lines.next()) {
        (Some(first), second) => is_first_line(first) && second.is_none_or(is_header),
        (None, _) => false,
    }
}

/// Whether a decoded text is a recording.
pub(super) fn is_recording(lines: &[String]) -> bool {
    let mut shown = lines
        .iter()
        .map(|line| line.trim())
        .skip_while(|line| line.is_empty());
    let Some(first) = shown.next() else {
        return false;
    };
    if first.starts_with('{') {
        let start: String = lines
            .iter()
            .take(64)
            .flat_map(|line| line.chars())
            .filter(|c| !c.is_whitespace())
            .take(8)
            .collect();
        return start == "{\"log\":{" && har_entries(&lines.join("\n")).is_some();
    }
    first.len() <= LONGEST && is_first_line(first) && shown.next().is_none_or(is_header)
}

/// `GET http://web/ HTTP/1.1`, `HTTP/1.1 401 Unauthorized`.
fn is_first_line(line: &str) -> bool {
    is_request(line) || is_status(line)
}

fn is_request(line: &str) -> bool {
    let words: Vec<&str> = line.split(' ').collect();
    let [method, target, version] = words.as_slice() else {
        return false;
    };
    (3..=20).contains(&method.len())
        && method
            .bytes()
            .all(|b| b.is_ascii_uppercase() || matches!(b, b'_' | b'-'))
        && !target.is_empty()
        && matches!(
            *version,
            "HTTP/1.0" | "HTTP/1.1" | "HTTP/2" | "HTTP/2.0" | "HTTP/3"
        )
}

fn is_status(line: &str) -> bool {
    let Some((version, rest)) = line.split_once(' ') else {
        return false;
    };
    let code = rest.split(' ').next().unwrap_or_default();
    matches!(
        version,
        "HTTP/1.0" | "HTTP/1.1" | "HTTP/2" | "HTTP/2.0" | "HTTP/3"
    ) && code.len() == 3
        && code.bytes().all(|b| b.is_ascii_digit())
}

/// `Name: value`, or the blank line that ends a head.
fn is_header(line: &str) -> bool {
    line.is_empty()
        || line.split_once(':').is_some_and(|(name, _)| {
            !name.is_empty()
                && name
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        })
}

/// Where the entries of a HAR file begin, behind the bracket of their list.
pub(crate) fn har_entries(text: &str) -> Option<usize> {
    text.match_indices("\"entries\"").find_map(|(at, key)| {
        // Inside of a string, the quotes would be escaped.
        let own = !text.get(..at)?.ends_with('\\');
        let rest = text.get(at + key.len()..)?;
        let list = rest
            .trim_start()
            .strip_prefix(':')?
            .trim_start()
            .strip_prefix('[')?;
        own.then_some(text.len() - list.len())
    })
}

/// Whether what `curl -v` shows begins here: its first note, or the first line of a message behind its sign.
pub(super) fn opens_curl(lines: &[&str]) -> bool {
    let Some(first) = lines.first().filter(|line| line.len() <= LONGEST) else {
        return false;
    };
    if let Some(line) = first
        .strip_prefix("> ")
        .or_else(|| first.strip_prefix("< "))
    {
        return is_first_line(line.trim_end());
    }
    let Some(note) = first.strip_prefix("* ").map(str::trim_start) else {
        return false;
    };
    (note.starts_with("Trying ") && note.ends_with("..."))
        || (note.starts_with("Connected to ") && note.contains(" port "))
        || (note.starts_with("Host ") && note.ends_with(" was resolved."))
        || note.starts_with("Server auth using ")
}
