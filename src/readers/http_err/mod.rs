//! Logs of http.sys: requests that never reached IIS, and why.
//!
//! ```text
//! #Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri streamid sc-status s-siteid s-reason s-queuename
//! 2026-03-02 08:00:01 10.0.0.7 50522 10.0.0.1 80 HTTP/1.1 GET /app - 400 - FieldLength -
//! 2026-03-02 08:00:09 10.0.0.7 50523 10.0.0.1 80 HTTP/1.1 GET /app - 503 1 AppOffline Shop
//! 2026-03-02 08:02:09 10.0.0.7 50524 10.0.0.1 80 - - - - - - Timer_ConnectionIdle -
//! ```
//!
//! Out come counts by status, reason, site and queue. URLs are not kept beyond their path: they may hold secrets.

mod kinds;
#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

use fearless_simd::{Level, Simd, dispatch};

use super::Reading;
use super::call::{Call, peer};
use super::log_lines::{
    Begins, Blanks, Clock, Columns, Misfit, Skipped, Values, directive, filled, kept, timestamp,
};
use crate::bundle::text::Lines;
use crate::evidence::{ArtifactId, Citation, When};
use kinds::{Kind, Kinds, Line};

/// Columns of Windows Server 2003 and later; `streamid` came with Windows Server 2016.
const INSTALLED: [&str; 2] = [
    "date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename",
    "date time c-ip c-port s-ip s-port cs-version cs-method cs-uri streamid sc-status s-siteid s-reason s-queuename",
];
/// What newer builds write behind the queue, without a name in the header.
const TRANSPORTS: [&str; 3] = ["TCP", "UDP", "QUIC"];
/// What a log of http.sys holds.
#[derive(Clone, Debug, Default)]
pub struct HttpErrLog {
    /// Lines read.
    pub lines: u64,
    /// Time of the first.
    pub first: Option<When>,
    /// Time of the last.
    pub last: Option<When>,
    /// What was refused or dropped, by kind, in a fixed order.
    pub refusals: Vec<Refusal>,
}

/// Requests that http.sys refused, or connections that it dropped, for one reason.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// What was done and why.
    pub kind: RefusalKind,
    /// How many.
    pub count: u64,
    /// Time of the first.
    pub first: Option<When>,
    /// Time of the last.
    pub last: Option<When>,
    /// Addresses of clients, the first few.
    pub clients: BTreeSet<Arc<str>>,
    /// The first two and the last of the lines.
    pub from: Vec<Citation>,
    /// Likewise those that name client and port.
    pub calls: Vec<Call>,
}

/// A kind of refusal.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RefusalKind {
    /// `sc-status`; `None` where no answer was sent.
    pub status: Option<u16>,
    /// `s-reason`, as it stands there.
    pub reason: Arc<str>,
    /// `s-siteid`.
    pub site_id: Option<u32>,
    /// `s-queuename`: the application pool.
    pub queue: Option<Arc<str>>,
    /// `s-port`.
    pub port: Option<u16>,
}

/// Reads it.
///
/// # Errors
/// The lines could not be read to the end.
pub fn read(artifact: ArtifactId, lines: &mut Lines) -> io::Result<Reading<HttpErrLog>> {
    let mut log = Log {
        header: Header::default(),
        blanks: Blanks::default(),
        clock: Clock::default(),
        span: None,
        kinds: Kinds::new(artifact),
        lines: 0,
    };
    let mut skipped = Skipped::new(artifact);
    let mut begins = Begins::default();
    loop {
        let (number, text) = lines.ahead();
        let (passed, bytes) = log.pass(&mut begins, number, text, &mut skipped);
        lines.pass(passed, bytes);
        let Some((number, line)) = lines.next_line()? else {
            break;
        };
        let line = line.trim_matches(['\0', '\u{1a}']);
        if !line.is_empty() {
            log.take(number, line, &mut skipped);
        }
    }
    if log.kinds.left_out > 0 {
        skipped.whole(format!(
            "holds too many kinds of refusals; {} lines are left out of the counts",
            log.kinds.left_out
        ));
    }
    Ok(Reading {
        artifact,
        count: log.lines,
        records: HttpErrLog {
            lines: log.lines,
            first: log.span.and_then(|(first, _)| utc(first)),
            last: log.span.and_then(|(_, last)| utc(last)),
            refusals: log.kinds.finish(),
        },
        problems: skipped.problems(),
    })
}

fn utc(seconds: i64) -> Option<When> {
    timestamp(seconds).map(When::Utc)
}

/// Where the columns stand that are read.
#[derive(Default)]
struct Header {
    columns: Columns,
    date: Option<usize>,
    time: Option<usize>,
    client: Option<usize>,
    client_port: Option<usize>,
    port: Option<usize>,
    method: Option<usize>,
    url: Option<usize>,
    status: Option<usize>,
    site_id: Option<usize>,
    reason: Option<usize>,
    queue: Option<usize>,
}

impl Header {
    fn of(names: &str) -> Self {
        let columns = Columns::of(names);
        Self {
            date: columns.at("date"),
            time: columns.at("time"),
            client: columns.at("c-ip"),
            client_port: columns.at("c-port"),
            port: columns.at("s-port"),
            method: columns.at("cs-method"),
            url: columns.at("cs-uri"),
            status: columns.at("sc-status"),
            site_id: columns.at("s-siteid"),
            reason: columns.at("s-reason"),
            queue: columns.at("s-queuename"),
            columns,
        }
    }
}

/// A log while it is read.
struct Log {
    header: Header,
    blanks: Blanks,
    clock: Clock,
    span: Option<(i64, i64)>,
    kinds: Kinds,
    lines: u64,
}

impl Log {
    fn take(&mut self, number: u32, line: &str, skipped: &mut Skipped) {
        if line.starts_with('#') {
            match directive(line) {
                Some((name, value)) if name.eq_ignore_ascii_case("fields") => {
                    self.header = Header::of(value);
                }
                Some((name, value)) if name.eq_ignore_ascii_case("date") => self.clock.set(value),
                _ => {}
            }
            return;
        }
        self.guess(line);
        let mut blanks = std::mem::take(&mut self.blanks);
        match values(&self.header, &mut blanks, line) {
            Some((values, queue)) => self.count(number, &values, queue, skipped),
            None => skipped.line(number, "the line does not fit its columns and is left out"),
        }
        self.blanks = blanks;
    }

    /// Takes the lines that a text begins with, as far as they fit the header; `number` is that of the first. Out come how many
    /// they are, and their bytes.
    fn pass(
        &mut self,
        begins: &mut Begins,
        number: u32,
        text: &[u8],
        skipped: &mut Skipped,
    ) -> (u32, usize) {
        dispatch!(Level::new(), simd => self.pass_with(simd, begins, number, text, skipped))
    }

    #[inline(always)]
    fn pass_with<S: Simd>(
        &mut self,
        simd: S,
        begins: &mut Begins,
        number: u32,
        text: &[u8],
        skipped: &mut Skipped,
    ) -> (u32, usize) {
        let (mut lines, mut bytes) = (0, 0);
        while let Some(row) = text.get(bytes..).and_then(|text| begins.find(simd, text))
            && row.values == self.header.columns.len()
            && !row.line().starts_with(b"#")
            && let Some(values) = row.text()
        {
            let queue = values.get(self.header.queue).map(Cow::Borrowed);
            self.count(number.saturating_add(lines), &values, queue, skipped);
            lines += 1;
            bytes += row.after;
        }
        (lines, bytes)
    }

    fn count(
        &mut self,
        number: u32,
        values: &Values<'_, '_>,
        queue: Option<Cow<'_, str>>,
        skipped: &mut Skipped,
    ) {
        let header = &self.header;
        let value = |at: Option<usize>| values.filled(at);
        let Some(reason) = value(header.reason) else {
            skipped.line(number, "the line has no reason and is left out");
            return;
        };
        let date = values.get(header.date).map(str::as_bytes);
        let time = value(header.time).map(str::as_bytes);
        let time = self.clock.time(date, time);
        let client = value(header.client);
        let client_port = value(header.client_port).and_then(|port| port.parse().ok());
        self.lines += 1;
        if let Some(time) = time {
            let (first, last) = self.span.unwrap_or((time, time));
            self.span = Some((first.min(time), last.max(time)));
        }
        self.kinds.count(&Line {
            number,
            time,
            kind: Kind {
                status: value(header.status).and_then(|v| v.parse().ok()),
                reason: kept(reason),
                site_id: value(header.site_id).and_then(|v| v.parse().ok()),
                queue: queue.as_deref().and_then(filled).map(kept),
                port: value(header.port).and_then(|v| v.parse().ok()),
            },
            method: value(header.method),
            url: value(header.url),
            client,
            peer: client
                .zip(client_port)
                .and_then(|(ip, port)| peer(ip, port)),
        });
    }

    /// An excerpt without its header: the columns that the line fits.
    fn guess(&mut self, line: &str) {
        if self.header.columns.is_empty()
            && let Some(header) = INSTALLED
                .iter()
                .map(|names| Header::of(names))
                .find(|header| self.blanks.split(&header.columns, line).is_ok())
        {
            self.header = header;
        }
    }
}

/// The values of a line, and the queue: it stands last and may hold blanks.
fn values<'l, 'b>(
    header: &Header,
    blanks: &'b mut Blanks,
    line: &'l str,
) -> Option<(Values<'l, 'b>, Option<Cow<'l, str>>)> {
    let columns = &header.columns;
    match blanks.split(columns, line) {
        Ok(values) => {
            let queue = values.get(header.queue).map(Cow::Borrowed);
            Some((values, queue))
        }
        Err(Misfit::Short) => None,
        Err(Misfit::Long) => {
            let last = header.queue.filter(|at| at + 1 == columns.len());
            let mut values: Vec<&str> = line.split(' ').filter(|v| !v.is_empty()).collect();
            values.pop_if(|v| TRANSPORTS.contains(v));
            let queue = last.map(|at| values.get(at..).unwrap_or_default().join(" "));
            let fits = last.is_some() || values.len() == columns.len();
            fits.then_some((Values::List(values), queue.map(Cow::Owned)))
        }
    }
}
