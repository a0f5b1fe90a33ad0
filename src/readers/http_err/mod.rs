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

mod header;
mod kinds;
mod line;
mod seen;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::io;
use std::sync::Arc;

use super::Reading;
use super::call::Call;
use super::log_lines::{Clock, Skipped, directive, timestamp};
use super::shares::{Shares, Sizes};
use crate::bundle::text::Lines;
use crate::evidence::{ArtifactId, Citation, When};
use header::Header;
use kinds::Kinds;
use seen::{Seen, Span};

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

/// Reads it, with so many threads where it is large.
///
/// # Errors
/// The lines could not be read to the end.
pub fn read(
    artifact: ArtifactId,
    lines: &mut Lines,
    threads: usize,
) -> io::Result<Reading<HttpErrLog>> {
    fold(artifact, lines, Log::pass, Sizes::of(threads))
}

/// Takes the lines at hand, as [`Log::pass`] does.
type Pass = fn(&mut Log, &mut Lines);

/// Folds all lines; those that neither `pass` nor shares of these sizes take are read one by one.
fn fold(
    artifact: ArtifactId,
    lines: &mut Lines,
    pass: Pass,
    sizes: Option<Sizes>,
) -> io::Result<Reading<HttpErrLog>> {
    let mut log = Log::new(artifact);
    let mut shares = sizes.map(Shares::new);
    loop {
        pass(&mut log, lines);
        if let Some(shares) = &mut shares {
            log.pass_shares(shares, lines)?;
        }
        let Some((number, line)) = lines.next_line()? else {
            break;
        };
        let line = line.trim_matches(['\0', '\u{1a}']);
        if !line.is_empty() {
            log.take(number, line);
        }
    }
    Ok(log.finish())
}

fn utc(seconds: i64) -> Option<When> {
    timestamp(seconds).map(When::Utc)
}

/// A log while it is read.
struct Log {
    artifact: ArtifactId,
    header: Header,
    clock: Clock,
    /// What was seen of the lines before: its room is used again.
    seen: Seen,
    lines: u64,
    span: Span,
    kinds: Kinds,
    skipped: Skipped,
}

impl Log {
    fn new(artifact: ArtifactId) -> Self {
        Self {
            artifact,
            header: Header::default(),
            clock: Clock::default(),
            seen: Seen::default(),
            lines: 0,
            span: Span::default(),
            kinds: Kinds::default(),
            skipped: Skipped::new(artifact),
        }
    }

    fn take(&mut self, number: u32, line: &str) {
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
        if self.header.columns.is_empty() {
            self.header = Header::guess(line).unwrap_or_default();
        }
        let mut seen = std::mem::take(&mut self.seen);
        seen.look_at(line, &self.header, &mut self.clock);
        self.fold(&mut seen, line.as_bytes(), number);
        self.seen = seen;
    }

    /// Takes the lines at hand, as far as they are read as they stand there.
    fn pass(&mut self, lines: &mut Lines) {
        let (number, text) = lines.ahead();
        let mut seen = std::mem::take(&mut self.seen);
        let bytes = seen.look(text, text.len(), &self.header, &mut self.clock);
        let next = self.fold(&mut seen, text, number);
        self.seen = seen;
        lines.pass(next.saturating_sub(number), bytes);
    }

    /// Takes lines that are not at hand, as many as may be.
    fn pass_shares(&mut self, shares: &mut Shares<Seen>, lines: &mut Lines) -> io::Result<()> {
        // Without a date, what time it is depends on the lines before.
        if self.header.date.is_none() || !shares.are_due(lines) {
            return Ok(());
        }
        let header = self.header.clone();
        shares.pass(
            lines,
            |seen: &mut Seen, text, until| seen.look(text, until, &header, &mut Clock::default()),
            |seen, text, number| self.fold(seen, text, number),
        )
    }

    /// Takes what was seen of lines; `number` is that of the first. Out comes the number of the next.
    fn fold(&mut self, seen: &mut Seen, text: &[u8], number: u32) -> u32 {
        for (at, says) in seen.skipped.drain(..) {
            self.skipped.line(number.saturating_add(at), says);
        }
        self.lines += seen.read;
        self.span.extend(&seen.span);
        self.kinds.take(&mut seen.kinds, text, number, &self.header);
        number.saturating_add(seen.lines)
    }

    fn finish(mut self) -> Reading<HttpErrLog> {
        if self.kinds.left_out > 0 {
            self.skipped.whole(format!(
                "holds too many kinds of refusals; {} lines are left out of the counts",
                self.kinds.left_out
            ));
        }
        Reading {
            artifact: self.artifact,
            count: self.lines,
            records: HttpErrLog {
                lines: self.lines,
                first: self.span.first(),
                last: self.span.last(),
                refusals: self.kinds.finish(self.artifact),
            },
            problems: self.skipped.problems(),
        }
    }
}
