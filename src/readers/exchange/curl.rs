//! What `curl -v` shows.
//!
//! ```text
//! *   Trying 192.0.2.20:80...
//! * Connected to web.corp.example (192.0.2.20) port 80 (#0)
//! * Server auth using Negotiate with user ''
//! > GET /app HTTP/1.1
//! > Host: web.corp.example
//! > Authorization: Negotiate YIIG7gYGKwYBBQU…
//! >
//! < HTTP/1.1 401 Unauthorized
//! < Server: Microsoft-IIS/10.0
//! < WWW-Authenticate: Negotiate
//! <
//! * InitializeSecurityContext failed: SEC_E_TARGET_UNKNOWN (0x80090303) - …
//! ```
//!
//! A lone `>` or `<` ends the head of a message. Lines without a sign are the body.

use super::{Exchange, message, request_line, status_line};
use crate::evidence::{ArtifactId, Known};
use crate::readers::Reading;
use crate::readers::console::{Section, Tool};

/// Reads the sections of a console file that hold it.
pub fn read_sections(artifact: ArtifactId, sections: &[Section<'_>]) -> Reading<Vec<Exchange>> {
    let mut records = Vec::new();
    for section in sections
        .iter()
        .filter(|section| section.tool == Some(Tool::Exchange))
    {
        let mut run = Run::default();
        for line in &section.lines {
            let text = line.text.trim_end();
            if let Some(note) = text.strip_prefix("* ") {
                run.note(note.trim_start());
            } else if let Some(sent) = head_line(text, '>') {
                match request_line(sent) {
                    Some((method, target)) => {
                        run.begin(Exchange::at(line.cite(artifact)), method, target)
                    }
                    None => run.sent(sent),
                }
            } else if let Some(received) = head_line(text, '<') {
                run.received(received);
            }
        }
        run.end();
        records.append(&mut run.done);
    }
    Reading {
        artifact,
        count: u64::try_from(records.len()).unwrap_or(u64::MAX),
        records,
        problems: Vec::new(),
    }
}

/// The line of a head behind its sign.
fn head_line(text: &str, sign: char) -> Option<&str> {
    let rest = text.strip_prefix(sign)?;
    (rest.is_empty() || rest.starts_with(' ')).then(|| rest.trim())
}

/// What is known while the lines go by.
#[derive(Default)]
struct Run {
    done: Vec<Exchange>,
    current: Option<Exchange>,
    /// The target of the current request, and its host.
    target: String,
    host: Option<String>,
    /// Whether the head of an answer is being shown.
    answering: bool,
    /// Whether the connection is known, is TLS, and has carried a request before.
    connected: bool,
    secured: bool,
    reused: Option<bool>,
    /// A failure of the client that belongs to the request that follows.
    pending: Option<u32>,
}

impl Run {
    fn note(&mut self, note: &str) {
        let lower = note.to_ascii_lowercase();
        if lower.starts_with("trying ") || lower.starts_with("connected to ") {
            (self.connected, self.secured, self.reused) = (true, false, Some(false));
        } else if lower.starts_with("re-using existing") || lower.starts_with("reusing existing") {
            self.reused = Some(true);
        } else if ["ssl connection using", "schannel:", "alpn", "tls"]
            .iter()
            .any(|lead| lower.starts_with(lead))
        {
            self.secured = true;
        }
        if let Some(code) = sspi_code(&lower) {
            match self.current.as_mut().filter(|_| self.answering) {
                Some(current) => current.client_error = Some(code),
                None => self.pending = Some(code),
            }
        }
    }

    fn begin(&mut self, mut exchange: Exchange, method: &str, target: &str) {
        exchange.client_error = self.pending.take();
        self.end();
        exchange.method = Some(method.to_owned());
        exchange.reused = self.reused;
        exchange.presented = Known::Absent(vec![exchange.from.clone()]);
        self.target = target.to_owned();
        self.current = Some(exchange);
    }

    fn sent(&mut self, line: &str) {
        if let (Some(current), Some((name, value))) = (self.current.as_mut(), line.split_once(':'))
        {
            current.take_request_header(name.trim(), value);
            if name.trim().eq_ignore_ascii_case("host") {
                self.host = Some(value.trim().to_owned());
            }
        }
    }

    fn received(&mut self, line: &str) {
        let Some(current) = &mut self.current else {
            return;
        };
        if let Some(status) = status_line(line) {
            // After `100 Continue` comes the answer proper.
            current.status = Some(status);
            current.challenges.clear();
            self.answering = true;
        } else if line.is_empty() {
            self.answering = false;
        } else if let Some((name, value)) = line.split_once(':').filter(|_| self.answering) {
            current.take_answer_header(name.trim(), value);
        }
    }

    fn end(&mut self) {
        let host = self.host.take();
        self.answering = false;
        let Some(mut exchange) = self.current.take() else {
            return;
        };
        let address = message::address(&self.target, host.as_deref());
        let scheme = match (self.connected, self.secured) {
            (false, _) => "",
            (true, false) => "http:",
            (true, true) => "https:",
        };
        let told = if address.starts_with("//") {
            scheme
        } else {
            ""
        };
        exchange.url = Some(format!("{told}{address}"));
        exchange.client_error = exchange.client_error.or(self.pending.take());
        self.done.push(exchange.finish());
    }
}

/// An error of SSPI in a note, `0x8009….`
fn sspi_code(lower: &str) -> Option<u32> {
    let (_, rest) = lower.split_once("0x8009")?;
    let digits = rest
        .get(..4)
        .filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
    Some(0x8009_0000 | u32::from_str_radix(digits, 16).ok()?)
}
