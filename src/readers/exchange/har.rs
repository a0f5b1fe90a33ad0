//! HAR files, as the network pages of browsers, Fiddler and others export them.
//!
//! ```text
//! {"log":{"version":"1.2","creator":{…},"entries":[
//!   {"startedDateTime":"2026-03-02T08:00:00.123Z","connection":"443",
//!    "request":{"method":"GET","url":"https://web.corp.example/","headers":[{"name":"Authorization","value":"…"}]},
//!    "response":{"status":401,"headers":[{"name":"WWW-Authenticate","value":"Negotiate\nNTLM"}]}}]}}
//! ```
//!
//! Entries are parsed one at a time, so that a file that was cut off gives those before the cut, and big bodies are
//! dropped at once. Browsers leave Authorization and Cookie headers out unless told otherwise: where a file holds
//! neither, that a request has no token says nothing.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Exchange, Found, nothing, when, word};
use crate::bundle::har_entries;
use crate::bundle::text::Text;
use crate::evidence::{ArtifactId, Citation, Known, Place, Problem};
use crate::readers::offsets::LineNumbers;
use crate::readers::url;

/// Headers that browsers leave out of a sanitized file.
const PRIVATE: [&str; 4] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "set-cookie",
];

pub(super) fn read(artifact: ArtifactId, text: &Text) -> Found {
    let whole = text.lines.join("\n");
    let Some(mut at) = har_entries(&whole) else {
        return nothing(artifact, "The recording holds no entries.");
    };
    let mut exchanges: Vec<Exchange> = Vec::new();
    let mut problems = Vec::new();
    let mut line = LineNumbers::new(&whole);
    let mut seen = BTreeSet::new();
    let mut shows_private = false;
    loop {
        let rest = whole.get(at..).unwrap_or_default();
        let next = rest.trim_start_matches([' ', '\t', '\r', '\n', ',']);
        at += rest.len() - next.len();
        if next.starts_with(']') {
            break;
        }
        let place = line.of(at);
        let mut entries = serde_json::Deserializer::from_str(next).into_iter::<Value>();
        match entries.next() {
            Some(Ok(entry)) => {
                at += entries.byte_offset();
                shows_private |= ["request", "response"]
                    .iter()
                    .any(|half| headers(&entry, half).any(|(name, _)| is_private(name)));
                exchanges.push(exchange(artifact, place, &entry, &mut seen));
            }
            _ => {
                let says = "The recording is cut off or malformed here; the entries after this place were skipped.";
                problems.push(Problem::new(artifact, Place::Line(place), says));
                break;
            }
        }
    }
    if !shows_private && !exchanges.is_empty() {
        let says = "The recording holds no Authorization and no Cookie header: browsers leave them out unless the file is exported with sensitive data, so a request without a token proves nothing.";
        problems.push(Problem::remark(artifact, Place::Whole, says));
    }
    for exchange in &mut exchanges {
        if shows_private && exchange.presented.is_unknown() {
            exchange.presented = Known::Absent(vec![exchange.from.clone()]);
        }
    }
    (
        exchanges.into_iter().map(Exchange::finish).collect(),
        problems,
    )
}

fn is_private(name: &str) -> bool {
    PRIVATE
        .iter()
        .any(|private| name.eq_ignore_ascii_case(private))
}

fn headers<'a>(entry: &'a Value, half: &str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let list = entry
        .get(half)
        .and_then(|half| half.get("headers")?.as_array());
    list.into_iter().flatten().filter_map(|header| {
        Some((
            header.get("name")?.as_str()?,
            header.get("value")?.as_str()?,
        ))
    })
}

fn exchange(
    artifact: ArtifactId,
    place: u32,
    entry: &Value,
    seen: &mut BTreeSet<String>,
) -> Exchange {
    let text = |at: &Value, name: &str| at.get(name).and_then(Value::as_str).map(str::to_owned);
    let mut exchange = Exchange::at(Citation::line(artifact, place, ""));
    exchange.when = text(entry, "startedDateTime").and_then(|time| when(&time));
    if let Some(request) = entry.get("request") {
        exchange.method = text(request, "method").map(|method| word(&method));
        exchange.url = text(request, "url").map(|address| url::bare(&address));
    }
    for (name, value) in headers(entry, "request") {
        exchange.take_request_header(name, value);
    }
    // 0 says that no answer came.
    let status = entry
        .get("response")
        .and_then(|response| response.get("status")?.as_u64());
    exchange.status = status
        .and_then(|status| u16::try_from(status).ok())
        .filter(|status| *status != 0);
    for (name, value) in headers(entry, "response") {
        exchange.take_answer_header(name, value);
    }
    exchange.connection = text(entry, "connection")
        .map(|id| word(&id))
        .filter(|id| !id.is_empty() && id != "0");
    exchange.reused = exchange.connection.clone().map(|id| !seen.insert(id));
    exchange
}
