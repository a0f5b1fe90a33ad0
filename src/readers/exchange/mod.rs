//! Recorded HTTP exchanges: HAR files of browsers, the messages of a Fiddler session, and `curl -v`.
//!
//! ```text
//! {"log":{"entries":[{"startedDateTime":"2026-03-02T08:00:00Z","request":{"method":"GET","url":…,"headers":[…]},…
//! GET http://web.corp.example/ HTTP/1.1          raw/12_c.txt of a .saz, which is a zip
//! HTTP/1.1 401 Unauthorized                      raw/12_s.txt
//! > Authorization: Negotiate YIIG7gYGKwYBBQU…    curl -v
//! ```
//!
//! gives an [`Exchange`] a request: what the client presented, and what the server answered and asked for. Of headers,
//! only those of authentication, `Host`, `Server` and `Date` are read; bodies and cookies never are.

mod curl;
mod har;
mod message;
mod session;
#[cfg(test)]
mod tests;

pub use curl::read_sections;
pub(crate) use session::pair;

use std::fmt::{Display, Formatter, Result};

use jiff::Timestamp;
use jiff::civil::DateTime;

use super::Reading;
use super::token::{AuthHeader, Token};
use crate::bundle::text::Text;
use crate::evidence::{ArtifactId, Citation, Known, Place, Problem, When};

/// An `Authorization` header from which on servers on the way may find it too long: the smallest limits are 4 KiB.
const LONG: usize = 3500;

/// One request and its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// When the request was sent, where the recording says so; the time of the answer otherwise.
    pub when: Option<When>,
    /// The method.
    pub method: Option<String>,
    /// The URL without its query; it begins with `//` where the recording does not tell the scheme.
    pub url: Option<String>,
    /// The status of the answer.
    pub status: Option<u16>,
    /// What the client presented. Unknown where the recording leaves such headers out, as browsers do by default.
    pub presented: Known<AuthHeader>,
    /// What the server asked for, or answered to a token.
    pub challenges: Vec<AuthHeader>,
    /// The `Server` header.
    pub server: Option<String>,
    /// The connection, where the recording numbers them: NTLM holds for one only.
    pub connection: Option<String>,
    /// Whether the connection had carried a request before.
    pub reused: Option<bool>,
    /// HRESULT of SSPI with which the client could make no token.
    pub client_error: Option<u32>,
    /// Where the request stands, or the answer where that is all there is.
    pub from: Citation,
    /// Where the answer stands, if in another place.
    pub answer_from: Option<Citation>,
}

impl Exchange {
    /// An exchange of which nothing is known yet.
    fn at(from: Citation) -> Self {
        Self {
            when: None,
            method: None,
            url: None,
            status: None,
            presented: Known::Unknown,
            challenges: Vec::new(),
            server: None,
            connection: None,
            reused: None,
            client_error: None,
            from,
            answer_from: None,
        }
    }

    /// The status of an answer that something between client and IIS gave: a forward proxy that asks for its own credentials
    /// (407), or a server that is not Microsoft's and finds a request with a long token too large.
    pub fn answered_on_the_way(&self) -> Option<u16> {
        let status = self.status?;
        let stranger = self
            .server
            .as_deref()
            .is_some_and(|server| !server.to_ascii_lowercase().contains("microsoft"));
        let long = matches!(&self.presented, Known::Present(header) if header.value.chars >= LONG);
        let refuses = matches!(status, 400 | 413 | 431 | 494) && stranger && long;
        (status == 407 || refuses).then_some(status)
    }

    /// Says in its citation what was read, so that no header is quoted.
    fn finish(mut self) -> Self {
        if let Known::Present(header) = &mut self.presented {
            header.from = vec![self.from.clone()];
        }
        let says = self.to_string();
        let time = match self.when {
            Some(When::Utc(time)) => Some(time),
            _ => None,
        };
        let citations = [Some(&mut self.from), self.answer_from.as_mut()];
        let presented = match &mut self.presented {
            Known::Present(header) => header.from.iter_mut().collect(),
            Known::Absent(from) => from.iter_mut().collect(),
            Known::Unknown => Vec::new(),
        };
        for citation in citations.into_iter().flatten().chain(presented) {
            citation.text = says.as_str().into();
            citation.time = time;
        }
        self
    }

    /// Takes a header of the request in.
    fn take_request_header(&mut self, name: &str, value: &str) {
        if let Some(header) = AuthHeader::of_request(name, value) {
            let from = self.from.clone();
            self.presented = Known::Present(crate::evidence::Cited::new(header, from));
        }
    }

    /// Takes a header of the answer in.
    fn take_answer_header(&mut self, name: &str, value: &str) {
        if self.challenges.len() < CHALLENGES {
            self.challenges
                .extend(super::token::challenges(name, value));
        }
        if name.eq_ignore_ascii_case("server") {
            self.server = Some(word(value));
        }
        if name.eq_ignore_ascii_case("date") && self.when.is_none() {
            let time = jiff::fmt::rfc2822::parse(value.trim()).ok();
            self.when = time.map(|time| When::Utc(time.timestamp()));
        }
    }

    /// The token that the client presented.
    pub fn token(&self) -> Option<(&Token, &Citation)> {
        let presented = self.presented.present()?;
        presented.value.token.as_ref().zip(presented.from.first())
    }

    /// The host that was asked, lower case.
    pub fn host(&self) -> Option<String> {
        self.url.as_deref().and_then(super::url::host)
    }
}

/// Challenges kept of one answer.
const CHALLENGES: usize = 16;

/// Reads a recording: a HAR file, one message of a Fiddler session, or the notes on one. `count` is the number of
/// exchanges.
pub fn read(artifact: ArtifactId, text: &Text) -> Reading<Vec<Exchange>> {
    let first = text.lines.iter().find(|line| !line.trim().is_empty());
    let read = match first.map(|line| line.trim_start().trim_start_matches('\u{feff}')) {
        Some(line) if line.starts_with('{') => har::read(artifact, text),
        Some(line) if line.starts_with('<') => session::read(artifact, text),
        _ => message::read(artifact, text),
    };
    let (records, problems) = read;
    Reading {
        artifact,
        count: u64::try_from(records.len()).unwrap_or(u64::MAX),
        records,
        problems,
    }
}

/// What a file holds, and what was skipped.
type Found = (Vec<Exchange>, Vec<Problem>);

fn nothing(artifact: ArtifactId, says: &str) -> Found {
    (Vec::new(), vec![Problem::new(artifact, Place::Whole, says)])
}

/// A value on one line.
fn word(text: &str) -> String {
    let kept = text.trim().chars().take(256);
    kept.map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// A time with its offset, or on the wall clock of the machine that recorded.
fn when(text: &str) -> Option<When> {
    let text = text.trim();
    let utc = text.parse::<Timestamp>().ok().map(When::Utc);
    utc.or_else(|| {
        text.parse::<DateTime>()
            .ok()
            .filter(|time| time.year() > 1)
            .map(When::Local)
    })
}

/// The request line `GET /path HTTP/1.1`: method, target.
fn request_line(line: &str) -> Option<(&str, &str)> {
    let mut words = line.split_ascii_whitespace();
    let (method, target, version) = (words.next()?, words.next()?, words.next()?);
    let named = (3..=20).contains(&method.len())
        && method
            .bytes()
            .all(|b| b.is_ascii_uppercase() || matches!(b, b'_' | b'-'));
    (named && version.starts_with("HTTP/") && words.next().is_none()).then_some((method, target))
}

/// The status line `HTTP/1.1 401 Unauthorized`.
fn status_line(line: &str) -> Option<u16> {
    let rest = line.strip_prefix("HTTP/")?;
    let (version, rest) = rest.split_once(' ')?;
    let status = rest.split_ascii_whitespace().next()?;
    let told = version.bytes().all(|b| b.is_ascii_digit() || b == b'.') && status.len() == 3;
    told.then(|| status.parse().ok()).flatten()
}

/// `GET http://web.corp.example/ answered 401, asked for Negotiate; NTLM`
impl Display for Exchange {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        let (method, url) = (self.method.as_deref(), self.url.as_deref());
        write!(
            f,
            "{} {}",
            method.unwrap_or("a request"),
            url.unwrap_or("for an unknown URL")
        )?;
        if let Known::Present(header) = &self.presented {
            write!(f, ", presented {}", header.value)?;
        }
        if let Some(status) = self.status {
            write!(f, ", answered {status}")?;
        }
        if !self.challenges.is_empty() {
            let each: Vec<String> = self.challenges.iter().map(AuthHeader::to_string).collect();
            write!(f, " with {}", each.join("; "))?;
        }
        match self.client_error {
            Some(code) => write!(
                f,
                ", the client failed: {}",
                crate::codes::status_in_words(code)
            ),
            None => Ok(()),
        }
    }
}
