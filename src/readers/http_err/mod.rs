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

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;

use super::Reading;
use super::call::{Call, keep, peer};
use super::log_lines::{Clock, Columns, Misfit, Skipped, directive, filled, kept, timestamp};
use crate::bundle::text::Text;
use crate::evidence::{ArtifactId, Citation, Place, When};

/// Columns of Windows Server 2003 and later; `streamid` came with Windows Server 2016.
const INSTALLED: [&str; 2] = [
    "date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename",
    "date time c-ip c-port s-ip s-port cs-version cs-method cs-uri streamid sc-status s-siteid s-reason s-queuename",
];
/// What newer builds write behind the queue, without a name in the header.
const TRANSPORTS: [&str; 3] = ["TCP", "UDP", "QUIC"];
/// Kinds of refusals kept.
const KINDS: usize = 2000;
/// Clients kept of one kind.
const CLIENTS: usize = 32;
/// Lines cited of one kind.
const CITED: usize = 3;

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
pub fn read(artifact: ArtifactId, text: &Text) -> Reading<HttpErrLog> {
    let mut log = Log {
        artifact,
        columns: Columns::default(),
        clock: Clock::default(),
        span: None,
        kinds: BTreeMap::new(),
        lines: 0,
        left_out: 0,
    };
    let mut skipped = Skipped::new(artifact);
    for (number, line) in (1u32..).zip(&text.lines) {
        let line = line.trim_matches(['\0', '\u{1a}']);
        if !line.is_empty() {
            log.take(number, line, &mut skipped);
        }
    }
    if log.left_out > 0 {
        skipped.whole(format!(
            "holds too many kinds of refusals; {} lines are left out of the counts",
            log.left_out
        ));
    }
    Reading {
        artifact,
        count: log.lines,
        records: HttpErrLog {
            lines: log.lines,
            first: log.span.and_then(|(first, _)| utc(first)),
            last: log.span.and_then(|(_, last)| utc(last)),
            refusals: log.kinds.into_values().collect(),
        },
        problems: skipped.problems(),
    }
}

fn utc(seconds: i64) -> Option<When> {
    timestamp(seconds).map(When::Utc)
}

/// A log while it is read.
struct Log {
    artifact: ArtifactId,
    columns: Columns,
    clock: Clock,
    span: Option<(i64, i64)>,
    kinds: BTreeMap<RefusalKind, Refusal>,
    lines: u64,
    left_out: u64,
}

impl Log {
    fn take(&mut self, number: u32, line: &str, skipped: &mut Skipped) {
        if line.starts_with('#') {
            match directive(line) {
                Some((name, value)) if name.eq_ignore_ascii_case("fields") => {
                    self.columns = Columns::of(value);
                }
                Some((name, value)) if name.eq_ignore_ascii_case("date") => self.clock.set(value),
                _ => {}
            }
            return;
        }
        let Some((values, queue)) = self.values(line) else {
            skipped.line(number, "the line does not fit its columns and is left out");
            return;
        };
        let value = |name: &str| {
            let at = self.columns.at(name)?;
            filled(values.get(at)?)
        };
        let Some(reason) = value("s-reason") else {
            skipped.line(number, "the line has no reason and is left out");
            return;
        };
        let date = self
            .columns
            .at("date")
            .and_then(|at| values.get(at).copied());
        let time = self.clock.time(date, value("time"));
        let kind = RefusalKind {
            status: value("sc-status").and_then(|v| v.parse().ok()),
            reason: Arc::from(&*kept(reason)),
            site_id: value("s-siteid").and_then(|v| v.parse().ok()),
            queue: queue
                .as_deref()
                .and_then(filled)
                .map(|q| Arc::from(&*kept(q))),
            port: value("s-port").and_then(|v| v.parse().ok()),
        };
        let client = value("c-ip").map(|c| Arc::from(&*kept(c)));
        let mut text = match kind.status {
            Some(status) => format!("{status} {reason}"),
            None => reason.to_owned(),
        };
        if let (Some(method), Some(url)) = (value("cs-method"), value("cs-uri")) {
            let path = url.split(['?', '#']).next().unwrap_or_default();
            text += &format!(" for {} {}", kept(method), kept(path));
        }
        if let Some(client) = &client {
            text += &format!(" from {client}");
        }
        if let Some(queue) = &kind.queue {
            text += &format!(", queue {queue}");
        }
        let cited = Citation {
            artifact: self.artifact,
            place: Place::Line(number),
            time: time.and_then(timestamp),
            text: text.into(),
        };
        let port = value("c-port").and_then(|port| port.parse().ok());
        let peer = value("c-ip")
            .zip(port)
            .and_then(|(ip, port)| peer(ip, port));
        self.count(kind, time, (client, peer), cited);
    }

    /// The values of a line, and the queue: it stands last and may hold blanks.
    fn values<'l>(&mut self, line: &'l str) -> Option<(Vec<&'l str>, Option<String>)> {
        if self.columns.is_empty() {
            self.columns = INSTALLED
                .iter()
                .map(|names| Columns::of(names))
                .find(|columns| columns.split(line).is_ok())?;
        }
        let last = self
            .columns
            .at("s-queuename")
            .filter(|at| at + 1 == self.columns.len());
        match self.columns.split(line) {
            Ok(values) => {
                let queue = self.columns.at("s-queuename").and_then(|at| values.get(at));
                let queue = queue.map(|q| (*q).to_owned());
                Some((values, queue))
            }
            Err(Misfit::Short) => None,
            Err(Misfit::Long) => {
                let mut values: Vec<&str> = line.split(' ').filter(|v| !v.is_empty()).collect();
                values.pop_if(|v| TRANSPORTS.contains(v));
                let queue = last.map(|at| values.get(at..).unwrap_or_default().join(" "));
                (last.is_some() || values.len() == self.columns.len()).then_some((values, queue))
            }
        }
    }

    fn count(
        &mut self,
        kind: RefusalKind,
        time: Option<i64>,
        (client, peer): (Option<Arc<str>>, Option<SocketAddr>),
        cited: Citation,
    ) {
        self.lines += 1;
        if let Some(time) = time {
            let (first, last) = self.span.unwrap_or((time, time));
            self.span = Some((first.min(time), last.max(time)));
        }
        if self.kinds.len() >= KINDS && !self.kinds.contains_key(&kind) {
            self.left_out += 1;
            return;
        }
        let refusal = self.kinds.entry(kind.clone()).or_insert_with(|| Refusal {
            kind,
            count: 0,
            first: None,
            last: None,
            clients: BTreeSet::new(),
            from: Vec::new(),
            calls: Vec::new(),
        });
        let time = time.and_then(utc);
        refusal.count += 1;
        refusal.first = match (refusal.first, time) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        refusal.last = refusal.last.max(time);
        if let Some(client) = client
            && refusal.clients.len() < CLIENTS
        {
            refusal.clients.insert(client);
        }
        if let Some(peer) = peer {
            let call = Call {
                peer,
                took: None,
                user: None,
                from: cited.clone(),
            };
            keep(&mut refusal.calls, CITED, call);
        }
        keep(&mut refusal.from, CITED, cited);
    }
}
