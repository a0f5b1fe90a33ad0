//! A log folded into counts: the totals, a table of exchanges, and beside them only what is under way.
//!
//! A caller is an address with its user agent, and what a proxy says it forwards for: that tells callers apart and never
//! makes one of two. State is bounded whatever the log holds; what is beyond the limits shares a caller, a path, a place
//! that has no name.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use super::line::{Line, folders, host_name, path};
use super::records::{Caller, Ended, Format, Leg, Served, ServedLog, WebLog};
use super::step::Step;
use super::table::{Key, LastLine, Numbered, Table, when};
use super::under_way::{Done, UnderWay, step};
use crate::evidence::ArtifactId;
use crate::readers::log_lines::{Skipped, kept};

/// A refusal is forgotten when the same caller is answered as a named user within this many seconds…
const SOON: i64 = 600;
/// …after no more than this many.
const SLIPS: usize = 2;
/// Limits of one log.
const SERVED: usize = 256;
const CALLERS: usize = 20_000;
const MINUTES: usize = 20_000;
const LOGIN_PAGES: usize = 64;

/// What is known of a caller beside its name.
#[derive(Debug, Default)]
struct Known {
    signed_in: bool,
    /// Rows and times of refusals since the last answer to a named user.
    slips: Vec<(Key, i64)>,
}

/// The fold.
pub(super) struct Fold {
    artifact: ArtifactId,
    format: Format,
    served: Vec<ServedLog>,
    spans: Vec<Option<(i64, i64)>>,
    callers: Numbered<(String, Option<String>, Option<String>)>,
    known: Vec<Known>,
    table: Table,
    under_way: UnderWay,
    /// Requests read.
    pub(super) requests: u64,
}

impl Fold {
    pub(super) fn new(artifact: ArtifactId, format: Format) -> Self {
        Self {
            artifact,
            format,
            served: Vec::new(),
            spans: Vec::new(),
            callers: Numbered::new(CALLERS),
            known: vec![Known::default()],
            table: Table::new(format),
            under_way: UnderWay::default(),
            requests: 0,
        }
    }

    /// Takes one request.
    pub(super) fn take(&mut self, line: &Line<'_>) {
        self.requests += 1;
        let served = self.count(line);
        let (named, refused, alone) =
            (line.user.is_some(), line.status == 401, matters_alone(line));
        // Most lines end here: they answer nobody who was refused.
        if !refused && !alone && self.known.len() == 1 {
            return;
        }
        let Some(caller) = self.caller(line, refused || alone) else {
            return;
        };
        if named && !refused {
            self.forgive(caller, line.time);
        }
        let url = url(line, served, caller);
        let done = if alone || (refused && caller == 0) {
            // Callers that cannot be told apart have no exchanges either.
            let last = self.last(line, served, caller);
            let ended = match step(leg(line), line) {
                Step::Refusal => Ended::Refused(named),
                Step::Challenge | Step::Token => Ended::Open,
            };
            vec![Done {
                legs: vec![leg(line)],
                ended,
                crossed: false,
                longer: None,
                last,
            }]
        } else if refused {
            let last = self.last(line, served, caller);
            self.under_way.refuse(url, leg(line), line, last)
        } else if (named || matches!(line.status, 200..400)) && self.under_way.has(url) {
            let mut last = self.last(line, served, caller);
            last.path = folders(&last.path);
            self.under_way.answer(url, line, last)
        } else {
            Vec::new()
        };
        for done in done {
            self.end(done);
        }
    }

    /// Counts a request where it was served.
    fn count(&mut self, line: &Line<'_>) -> usize {
        let number = self.place(line);
        if let (Some(log), Some(span)) = (self.served.get_mut(number), self.spans.get_mut(number)) {
            log.requests += 1;
            log.signed_in += u64::from(line.user.is_some() && line.status != 401);
            *log.by_status.entry(line.status).or_default() += 1;
            if let Some(time) = line.time {
                *span = Some(span.map_or((time, time), |(a, b)| (a.min(time), b.max(time))));
            }
            if line.user.is_none() && line.query.is_some_and(returns) {
                let mut page: Arc<str> = path(line.path).into();
                if log.login_pages.len() >= LOGIN_PAGES && !log.login_pages.contains_key(&page) {
                    page = Arc::default();
                }
                let pages = log.login_pages.entry(page);
                let first = || (0, line.cite(self.artifact, self.format != Format::Iis));
                pages.or_insert_with(first).0 += 1;
            }
        }
        number
    }

    /// The number of where a request was served. The place without a name stands for all that come too late.
    fn place(&mut self, line: &Line<'_>) -> usize {
        let at = Served {
            site_name: line.site_name.map(|s| Arc::from(&*kept(s))),
            site_id: line.site_id,
            computer: line.computer.map(|s| Arc::from(&*kept(s))),
            port: line.port,
            host: line.host.map(|s| Arc::from(host_name(s))),
        };
        let find = |served: &[ServedLog], at: &Served| served.iter().position(|s| s.at == *at);
        if let Some(number) = find(&self.served, &at) {
            return number;
        }
        let at = if self.served.len() + 1 < SERVED {
            at
        } else {
            Served::default()
        };
        find(&self.served, &at).unwrap_or_else(|| {
            self.spans.push(None);
            self.served.push(ServedLog {
                at,
                ..ServedLog::default()
            });
            self.served.len() - 1
        })
    }

    /// The number of a caller; only those that matter are numbered anew.
    fn caller(&mut self, line: &Line<'_>, matters: bool) -> Option<usize> {
        let name = (
            kept(line.client).into_owned(),
            line.forwarded.map(|f| kept(f).into_owned()),
            line.agent.map(|a| kept(a).into_owned()),
        );
        if !matters {
            return self.callers.known(&name);
        }
        let number = self.callers.number(name);
        self.known.resize_with(self.callers.len(), Known::default);
        Some(number)
    }

    fn last(&self, line: &Line<'_>, served: usize, caller: usize) -> LastLine {
        LastLine {
            served,
            caller,
            path: path(line.path),
            options: line.method.eq_ignore_ascii_case("OPTIONS"),
            time: line.time,
            user: line.user.map(|u| kept(u).into_owned()),
            peer: line.peer(),
            took: line.taken,
            cited: line.cite(self.artifact, self.format != Format::Iis),
        }
    }

    /// Counts an exchange that has ended.
    fn end(&mut self, done: Done) {
        let (served, caller, time, ended) = (
            done.last.served,
            done.last.caller,
            done.last.time,
            done.ended,
        );
        let failed = matches!(ended, Ended::Refused(_) | Ended::Open);
        if failed && let (Some(time), Some(log)) = (time, self.served.get_mut(served)) {
            let minute = (done.legs.clone(), time.div_euclid(60));
            if log.minutes.len() < MINUTES || log.minutes.contains_key(&minute) {
                *log.minutes.entry(minute).or_default() += 1;
            }
        }
        let Done {
            legs,
            crossed,
            longer,
            last,
            ..
        } = done;
        let row = self.table.count(legs, ended, crossed, longer, last);
        if let (Ended::Refused(_), Some(row), Some(time)) = (ended, row, time)
            && let Some(known) = self.known.get_mut(caller)
            && known.slips.len() <= SLIPS
        {
            known.slips.push((row, time));
        }
    }

    /// A caller is answered as a named user: its last refusals, if few and fresh, were slips.
    fn forgive(&mut self, caller: usize, time: Option<i64>) {
        let Some(known) = self.known.get_mut(caller) else {
            return;
        };
        known.signed_in = caller != 0;
        let slips = std::mem::take(&mut known.slips);
        if slips.len() > SLIPS {
            return;
        }
        for (row, at) in slips {
            if time.is_some_and(|time| time.saturating_sub(at) <= SOON) {
                self.table.forgive(row);
            }
        }
    }

    /// What the log holds.
    pub(super) fn finish(mut self, skipped: &mut Skipped) -> WebLog {
        for done in self.under_way.drain() {
            self.end(done);
        }
        if self.table.left_out > 0 {
            skipped.whole(format!(
                "holds too many kinds of refused requests; {} are left out of the counts",
                self.table.left_out
            ));
        }
        let (callers, known) = (self.callers, self.known);
        let named = |number: usize| match callers.get(number) {
            Some((client, forwarded, agent)) => Caller {
                client: Arc::from(client.as_str()),
                forwarded: forwarded.as_deref().map(Arc::from),
                agent: agent.as_deref().map(Arc::from),
                signed_in: known.get(number).is_some_and(|k| k.signed_in),
            },
            None => Caller::default(),
        };
        for (served, exchange) in self.table.finish(named) {
            if let Some(log) = self.served.get_mut(served) {
                log.exchanges.push(exchange);
            }
        }
        for (log, span) in self.served.iter_mut().zip(&self.spans) {
            log.first = span.and_then(|(first, _)| when(self.format, first));
            log.last = span.and_then(|(_, last)| when(self.format, last));
        }
        self.served.sort_by(|a, b| a.at.cmp(&b.at));
        WebLog {
            format: self.format,
            served: self.served,
        }
    }
}

fn leg(line: &Line<'_>) -> Leg {
    Leg {
        status: line.status,
        sub_status: line.sub_status,
        win32: line.win32,
    }
}

/// The URL of a caller, as a number. Two URLs with one number would mix their legs, and no more.
fn url(line: &Line<'_>, served: usize, caller: usize) -> u64 {
    let mut hasher = DefaultHasher::new();
    (served, caller, line.client_port).hash(&mut hasher);
    (line.method, line.path, line.query).hash(&mut hasher);
    hasher.finish()
}

/// Answers that say something of authorization or of availability, whoever got them.
fn matters_alone(line: &Line<'_>) -> bool {
    match (line.status, line.sub_status) {
        (403, _) | (503, _) | (500, Some(19 | 22..=24)) => true,
        (400, _) => line.user.is_none(),
        _ => false,
    }
}

/// Whether a query says where to go on after a login page.
fn returns(query: &str) -> bool {
    let mut words = query.as_bytes().windows(10);
    words.any(|word| word.eq_ignore_ascii_case(b"returnurl="))
}
