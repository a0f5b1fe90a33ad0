//! A log folded into counts: the totals, a table of exchanges, and beside them only what is under way.
//!
//! State is bounded whatever the log holds: 256 places, 20 000 callers, 40 000 rows of exchanges, 20 000 exchanges under way,
//! and of each no more than a few lines and names; what is beyond the limits shares a caller, a path, a place that has no name.

use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::fast::FixedState;
use smallvec::smallvec;

use super::callers::Callers;
use super::glance::Kind;
use super::last_line::LastLine;
use super::line::{Line, host_name, returns};
use super::records::{Ended, Format, Served, ServedLog, WebLog};
use super::step::Step;
use super::table::{Done, Table, when, within};
use super::under_way::{UnderWay, step};
use super::watch::Slot;
use crate::evidence::ArtifactId;
use crate::readers::log_lines::{Skipped, kept, kept_path};

/// A refusal is forgotten when the same caller is answered as a named user within this many seconds.
const SOON: i64 = 600;
/// Limits of one log.
const SERVED: usize = 256;
const MINUTES: usize = 20_000;
const LOGIN_PAGES: usize = 64;

/// The fold.
pub(super) struct Fold {
    artifact: ArtifactId,
    format: Format,
    served: Vec<ServedLog>,
    spans: Vec<Option<(i64, i64)>>,
    callers: Callers,
    table: Table,
    under_way: UnderWay,
    alike: Alike,
    /// Where what has ended is put down for a moment.
    done: Vec<Done>,
    /// Requests read.
    pub(super) requests: u64,
}

/// The last requests as long as they are alike: they are counted together.
#[derive(Default)]
struct Alike {
    /// Where they were served, their status, and whether they name a user.
    kind: (usize, u16, bool),
    requests: u64,
    span: Option<(i64, i64)>,
}

impl Fold {
    pub(super) fn new(artifact: ArtifactId, format: Format) -> Self {
        Self {
            artifact,
            format,
            served: Vec::new(),
            spans: Vec::new(),
            callers: Callers::default(),
            table: Table::new(artifact, format),
            under_way: UnderWay::default(),
            alike: Alike::default(),
            done: Vec::new(),
            requests: 0,
        }
    }

    /// Takes a request that is only counted, with where its client and its path are watched; false where more has to be known
    /// of it.
    #[inline(always)]
    pub(super) fn take_ordinary(
        &mut self,
        kind: &Kind,
        client: Slot,
        path: impl FnOnce() -> Slot,
    ) -> bool {
        let answers = kind.named || matches!(kind.status, 200..400);
        if kind.named && self.callers.is_watched(client)
            || answers && self.under_way.is_watched(client, path)
        {
            return false;
        }
        self.requests += 1;
        self.count((kind.served, kind.status, kind.named), kind.time);
        true
    }

    /// Takes one request; the number of where it was served, which may be known.
    pub(super) fn take(&mut self, line: &Line<'_>, served: Option<usize>) -> usize {
        let served = served.unwrap_or_else(|| self.place(line));
        self.requests += 1;
        self.count((served, line.status, line.user.is_some()), line.time);
        self.login_page(served, line);
        self.exchange(served, line);
        served
    }

    /// Looks at what a request has to do with authentication.
    fn exchange(&mut self, served: usize, line: &Line<'_>) {
        let (named, refused, alone) =
            (line.user.is_some(), line.status == 401, matters_alone(line));
        // Most lines end here: they answer nobody who was refused.
        if !refused && !alone && self.callers.is_empty() {
            return;
        }
        let Some(caller) = self.callers.number(line, refused || alone) else {
            return;
        };
        if named && !refused {
            self.forgive(caller, line);
        }
        let url = url(line, served, caller);
        let mut done = std::mem::take(&mut self.done);
        let fill = |last: &mut LastLine| last.set(line, (served, caller));
        if alone || (refused && caller == 0) {
            // Callers that cannot be told apart have no exchanges either.
            let mut last = self.under_way.room();
            fill(&mut last);
            let ended = match step(line) {
                Step::Refusal => Ended::Refused(named),
                Step::Challenge | Step::Token => Ended::Open,
            };
            done.push(Done {
                legs: smallvec![line.leg()],
                ended,
                crossed: false,
                longer: None,
                last,
            });
        } else if refused {
            self.under_way.refuse(url, line, fill, &mut done);
        } else if (named || matches!(line.status, 200..400)) && self.under_way.has(url) {
            self.under_way.answer(url, line, fill, &mut done);
        }
        for done in done.drain(..) {
            self.end(done);
        }
        self.done = done;
    }

    /// Counts a request where it was served.
    #[inline(always)]
    fn count(&mut self, seen: (usize, u16, bool), time: Option<i64>) {
        if self.alike.kind != seen {
            self.count_alike();
            self.alike.kind = seen;
        }
        self.alike.requests += 1;
        if let Some(time) = time {
            self.alike.span = Some(within(self.alike.span, (time, time)));
        }
    }

    /// Counts the last requests, which are alike, where they were served.
    fn count_alike(&mut self) {
        let Alike {
            kind: (served, status, named),
            requests,
            span,
        } = std::mem::take(&mut self.alike);
        if requests > 0
            && let (Some(log), Some(whole)) =
                (self.served.get_mut(served), self.spans.get_mut(served))
        {
            log.requests += requests;
            log.signed_in += requests * u64::from(named && status != 401);
            *log.by_status.entry(status).or_default() += requests;
            if let Some(span) = span {
                *whole = Some(within(*whole, span));
            }
        }
    }

    /// Counts a request that says where to go on after a login page.
    fn login_page(&mut self, served: usize, line: &Line<'_>) {
        if line.user.is_none()
            && line.query.is_some_and(|query| returns(query.as_bytes()))
            && let Some(log) = self.served.get_mut(served)
        {
            let mut page: Arc<str> = kept_path(line.path).into();
            if log.login_pages.len() >= LOGIN_PAGES && !log.login_pages.contains_key(&page) {
                page = Arc::default();
            }
            let pages = log.login_pages.entry(page);
            let first = || {
                (
                    0,
                    line.told(self.format != Format::Iis).cited(self.artifact),
                )
            };
            pages.or_insert_with(first).0 += 1;
        }
    }

    /// The number of where a request was served. The place without a name stands for all that come too late.
    fn place(&mut self, line: &Line<'_>) -> usize {
        let (name, computer) = (line.site_name.map(kept), line.computer.map(kept));
        let host = line.host.map(host_name);
        let known = self.served.iter().position(|served| {
            let at = &served.at;
            at.port == line.port
                && at.site_id == line.site_id
                && at.host.as_deref() == host.as_deref()
                && at.site_name.as_deref() == name.as_deref()
                && at.computer.as_deref() == computer.as_deref()
        });
        if let Some(number) = known {
            return number;
        }
        let at = if self.served.len() + 1 < SERVED {
            Served {
                site_name: name.as_deref().map(Arc::from),
                site_id: line.site_id,
                computer: computer.as_deref().map(Arc::from),
                port: line.port,
                host: host.as_deref().map(Arc::from),
            }
        } else {
            Served::default()
        };
        let known = self.served.iter().position(|served| served.at == at);
        known.unwrap_or_else(|| {
            self.spans.push(None);
            self.served.push(ServedLog {
                at,
                ..ServedLog::default()
            });
            self.served.len() - 1
        })
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
            let minute = (done.legs.to_vec(), time.div_euclid(60));
            if log.minutes.len() < MINUTES || log.minutes.contains_key(&minute) {
                *log.minutes.entry(minute).or_default() += 1;
            }
        }
        let spare = |last| self.under_way.reuse(last);
        if !matches!(ended, Ended::Refused(_)) {
            self.table.count_later(done, spare);
        } else if let (Some(row), Some(time)) = (self.table.count_now(done, spare), time) {
            self.callers.refuse(caller, row, time);
        }
    }

    /// A caller is answered as a named user at a path: its last refusals, if few and fresh, were slips. Who was signed in and
    /// has no right to one page has no more of it once another page is open.
    fn forgive(&mut self, caller: usize, line: &Line<'_>) {
        for (row, at) in self.callers.sign_in(caller) {
            let soon = |time: i64| time.saturating_sub(at) <= SOON;
            if !line.time.is_some_and(soon) {
                continue;
            }
            match self.table.is_mended(row, line.path) {
                true => self.table.forgive(row),
                false => self.callers.refuse(caller, row, at),
            }
        }
    }

    /// What the log holds.
    pub(super) fn finish(mut self, skipped: &mut Skipped) -> WebLog {
        self.count_alike();
        for done in self.under_way.drain() {
            self.end(done);
        }
        self.table.count_waiting(drop);
        if self.table.left_out > 0 {
            skipped.whole(format!(
                "holds too many kinds of refused requests; {} are left out of the counts",
                self.table.left_out
            ));
        }
        let callers = self.callers;
        for (served, exchange) in self.table.finish(|number| callers.get(number)) {
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

/// The URL of a caller, as a number. Two URLs with one number would mix their legs, and no more.
fn url(line: &Line<'_>, served: usize, caller: usize) -> u64 {
    let caller = (served, caller, line.client_port);
    FixedState::default().hash_one((caller, line.method, line.path, line.query))
}

/// Answers that say something of authorization or of availability, whoever got them.
fn matters_alone(line: &Line<'_>) -> bool {
    match (line.status, line.sub_status) {
        (403, _) | (503, _) | (500, Some(19 | 22..=24)) => true,
        (400, _) => line.user.is_none(),
        _ => false,
    }
}
