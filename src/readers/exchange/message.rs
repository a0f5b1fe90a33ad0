//! One HTTP message as it went over the wire: a request, or an answer.
//!
//! ```text
//! GET http://web.corp.example/app HTTP/1.1        HTTP/1.1 401 Unauthorized
//! Host: web.corp.example                          Server: Microsoft-IIS/10.0
//! Authorization: Negotiate YIIG7gYGKwYBBQU…       WWW-Authenticate: Negotiate
//! ```
//!
//! The body is not looked at.

use super::{Exchange, Found, nothing, request_line, status_line};
use crate::bundle::text::Text;
use crate::evidence::{ArtifactId, Citation, Known};
use crate::readers::url;

pub(super) fn read(artifact: ArtifactId, text: &Text) -> Found {
    let lines = (1u32..)
        .zip(&text.lines)
        .skip_while(|(_, line)| line.trim().is_empty());
    let mut head = lines.take_while(|(_, line)| !line.trim().is_empty());
    let Some((number, first)) = head.next() else {
        return nothing(artifact, "The message is empty.");
    };
    let first = first.trim_start_matches('\u{feff}').trim();
    let mut exchange = Exchange::at(Citation::line(artifact, number, ""));
    let headers = head
        .filter_map(|(_, line)| line.split_once(':'))
        .map(|(name, value)| (name.trim(), value.trim()));
    if let Some((method, target)) = request_line(first) {
        exchange.method = Some(method.to_owned());
        let mut host = None;
        for (name, value) in headers {
            exchange.take_request_header(name, value);
            if name.eq_ignore_ascii_case("host") {
                host = Some(value);
            }
        }
        exchange.url = Some(address(target, host));
        if exchange.presented.is_unknown() {
            exchange.presented = Known::Absent(vec![exchange.from.clone()]);
        }
    } else if let Some(status) = status_line(first) {
        exchange.status = Some(status);
        for (name, value) in headers {
            exchange.take_answer_header(name, value);
        }
    } else {
        return nothing(
            artifact,
            "The message has no request line and no status line.",
        );
    }
    (vec![exchange.finish()], Vec::new())
}

/// The URL of a request's target; where it is a path, `//` and the host before it.
pub(super) fn address(target: &str, host: Option<&str>) -> String {
    match host {
        Some(host) if target.starts_with('/') => url::bare(&format!("//{host}{target}")),
        _ => url::bare(target),
    }
}
