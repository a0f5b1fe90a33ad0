//! A log folded into counts: a table of exchanges, and beside it only what is under way.
//!
//! Requests for the same URL of the same caller that follow each other within two seconds are legs of one exchange. A
//! caller is an address with its user agent (and what a proxy says it forwards for); its connections are not in the log,
//! so an exchange is told from the next by its URL.
//!
//! State is bounded whatever the log holds: callers, paths, patterns and rows beyond the limits share one that has no name.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use super::line::{Line, folders, host_name, path};
use super::records::{Caller, Ended, Exchange, Format, Leg, Served, ServedLog, WebLog};
use crate::evidence::{ArtifactId, When};
use crate::readers::log_lines::{Skipped, kept, timestamp};

/// A leg begins at most this many milliseconds after the one before was written; a second of them is the log's own rounding.
const WINDOW: i64 = 3000;
/// A refusal is forgotten when the same caller is answered as a named user within this many seconds…
const SOON: i64 = 600;
/// …after no more than this many.
const SLIPS: usize = 2;
/// Exchanges under way for one URL of one caller.
const OPEN_EACH: usize = 16;
/// Legs kept of one exchange.
const LEGS: usize = 6;
/// Users kept of one row.
const USERS: usize = 16;
/// Lines cited of one row.
const CITED: usize = 3;
/// Limits of the tables of one log.
const SERVED: usize = 256;
const CALLERS: usize = 20_000;
const PATHS: usize = 5000;
const PATTERNS: usize = 1000;
const ROWS: usize = 20_000;
const OPEN: usize = 20_000;
const MINUTES: usize = 20_000;

/// A pattern: legs, how they ended, whether crossed, whether OPTIONS.
type Pattern = (Vec<Leg>, Ended, bool, bool);
/// A row: served, pattern, caller, path.
type Key = (usize, usize, usize, usize);

/// What is counted of one row.
#[derive(Debug)]
struct Row {
    exchange: Exchange,
    at: Option<i64>,
}

/// An exchange under way.
#[derive(Debug)]
struct Open {
    legs: Vec<Leg>,
    /// When the last leg was written.
    last: Option<i64>,
    sent: Option<i64>,
    from: From,
}

/// What a row needs of the line that ends an exchange.
#[derive(Clone, Debug)]
struct From {
    served: usize,
    caller: usize,
    path: String,
    options: bool,
    time: Option<i64>,
    user: Option<String>,
    cited: crate::evidence::Citation,
}

/// What is known of a caller beside its name.
#[derive(Debug, Default)]
struct Known {
    signed_in: bool,
    /// Rows and times of refusals since the last answer to a named user.
    slips: Vec<(Key, i64)>,
}

/// Things numbered in the order in which they are met, up to a limit. Number 0 is the one that has no name.
#[derive(Debug)]
struct Numbered<T> {
    numbers: HashMap<T, usize>,
    list: Vec<T>,
    limit: usize,
}

impl<T: Clone + Default + Eq + Hash> Numbered<T> {
    fn new(limit: usize) -> Self {
        Self {
            numbers: HashMap::new(),
            list: vec![T::default()],
            limit,
        }
    }

    fn number(&mut self, thing: T) -> usize {
        if let Some(number) = self.numbers.get(&thing) {
            return *number;
        }
        if self.list.len() > self.limit {
            return 0;
        }
        self.list.push(thing.clone());
        self.numbers.insert(thing, self.list.len() - 1);
        self.list.len() - 1
    }
}

/// The fold.
pub(super) struct Fold {
    artifact: ArtifactId,
    format: Format,
    served: Vec<ServedLog>,
    spans: Vec<Option<(i64, i64)>>,
    callers: Numbered<(String, Option<String>, Option<String>)>,
    known: Vec<Known>,
    paths: Numbered<String>,
    patterns: BTreeMap<Pattern, usize>,
    rows: BTreeMap<Key, Row>,
    open: HashMap<u64, Vec<Open>>,
    under_way: usize,
    left_out: u64,
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
            paths: Numbered::new(PATHS),
            patterns: BTreeMap::new(),
            rows: BTreeMap::new(),
            open: HashMap::new(),
            under_way: 0,
            left_out: 0,
            requests: 0,
        }
    }

    /// Takes one request.
    pub(super) fn take(&mut self, line: &Line<'_>) {
        self.requests += 1;
        let served = self.count(line);
        let named = line.user.is_some();
        let refused = line.status == 401;
        if named
            && !refused
            && let Some(log) = self.served.get_mut(served)
        {
            log.signed_in += 1;
        }
        let matters = refused || matters_alone(line);
        // Most lines end here: they answer nobody who was refused.
        if !matters && self.known.len() == 1 {
            return;
        }
        let caller = self.caller(line, matters);
        let Some(caller) = caller else { return };
        if named && !refused {
            self.forgive(caller, line.time);
        }
        if matters_alone(line) {
            let from = self.from(line, served, caller);
            self.count_row(vec![leg(line)], Ended::Refused(named), false, None, from);
            return;
        }
        let key = self.url(line, served, caller);
        self.expire(key, line);
        if refused {
            self.refuse(line, served, caller, key);
        } else if named || matches!(line.status, 200..400) {
            self.answer(line, served, caller, key);
        }
    }

    /// Counts a request where it was served.
    fn count(&mut self, line: &Line<'_>) -> usize {
        let at = Served {
            site_name: line.site_name.map(|s| Arc::from(&*kept(s))),
            site_id: line.site_id,
            computer: line.computer.map(|s| Arc::from(&*kept(s))),
            port: line.port,
            host: line.host.map(|s| Arc::from(host_name(s))),
        };
        let number = match self.served.iter().position(|s| s.at == at) {
            Some(number) => number,
            None => {
                // The last place stands for all that come too late.
                let at = if self.served.len() + 1 < SERVED {
                    at
                } else {
                    Served::default()
                };
                match self.served.iter().position(|s| s.at == at) {
                    Some(number) => number,
                    None => {
                        self.served.push(ServedLog {
                            at,
                            ..ServedLog::default()
                        });
                        self.spans.push(None);
                        self.served.len() - 1
                    }
                }
            }
        };
        if let (Some(log), Some(span)) = (self.served.get_mut(number), self.spans.get_mut(number)) {
            log.requests += 1;
            *log.by_status.entry(line.status).or_default() += 1;
            if let Some(time) = line.time {
                *span = Some(span.map_or((time, time), |(a, b)| (a.min(time), b.max(time))));
            }
            let goes_on = |q: &str| {
                let at = q.as_bytes().windows(10);
                at.into_iter()
                    .any(|w| w.eq_ignore_ascii_case(b"returnurl="))
            };
            if line.user.is_none() && line.query.is_some_and(goes_on) {
                log.login_pages.0 += 1;
                if log.login_pages.1.is_none() {
                    log.login_pages.1 = Some(line.cite(self.artifact, self.format != Format::Iis));
                }
            }
        }
        number
    }

    /// The number of a caller; only those that matter are numbered anew.
    fn caller(&mut self, line: &Line<'_>, matters: bool) -> Option<usize> {
        let name = (
            kept(line.client).into_owned(),
            line.forwarded.map(|f| kept(f).into_owned()),
            line.agent.map(|a| kept(a).into_owned()),
        );
        if !matters {
            return self.callers.numbers.get(&name).copied();
        }
        let number = self.callers.number(name);
        while self.known.len() < self.callers.list.len() {
            self.known.push(Known::default());
        }
        Some(number)
    }

    /// The URL of a caller, as a number. Two URLs with one number would mix their legs, and no more.
    fn url(&self, line: &Line<'_>, served: usize, caller: usize) -> u64 {
        let mut hasher = DefaultHasher::new();
        (served, caller, line.client_port).hash(&mut hasher);
        (line.method, line.path, line.query).hash(&mut hasher);
        hasher.finish()
    }

    fn from(&self, line: &Line<'_>, served: usize, caller: usize) -> From {
        From {
            served,
            caller,
            path: path(line.path),
            options: line.method.eq_ignore_ascii_case("OPTIONS"),
            time: line.time,
            user: line.user.map(|u| kept(u).into_owned()),
            cited: line.cite(self.artifact, self.format != Format::Iis),
        }
    }

    /// Ends what this line comes too late for.
    fn expire(&mut self, key: u64, line: &Line<'_>) {
        let began = line.time.map(|t| {
            t.saturating_mul(1000)
                .saturating_sub(line.taken.unwrap_or(0).max(0))
        });
        let late = |open: &Open| match (began, open.last) {
            (Some(began), Some(last)) => began > last.saturating_mul(1000).saturating_add(WINDOW),
            _ => false,
        };
        let Some(list) = self.open.get_mut(&key) else {
            return;
        };
        let (gone, left): (Vec<Open>, Vec<Open>) = std::mem::take(list).into_iter().partition(late);
        *list = left;
        for open in gone {
            self.close(open);
        }
    }

    /// A 401.
    fn refuse(&mut self, line: &Line<'_>, served: usize, caller: usize, key: u64) {
        let this = leg(line);
        let from = self.from(line, served, caller);
        // Callers that cannot be told apart have no exchanges.
        if caller == 0 {
            self.count_row(
                vec![this],
                end_of(this, line.user.is_some()),
                false,
                None,
                from,
            );
            return;
        }
        let list = self.open.entry(key).or_default();
        let wanted = |open: &Open| match this.step() {
            Step::Challenge => false,
            Step::Token => open
                .legs
                .last()
                .is_some_and(|l| l.step() == Step::Challenge),
            Step::Refusal => true,
        };
        let found = furthest(list, wanted);
        let crossed = is_crossed(list);
        let (mut open, crossed) = match found {
            Some(at) => (list.remove(at), crossed),
            None => {
                let open = Open {
                    legs: Vec::new(),
                    last: None,
                    sent: line.sent,
                    from: from.clone(),
                };
                (open, false)
            }
        };
        let continued = found.is_some();
        if open.legs.len() < LEGS {
            open.legs.push(this);
        }
        open.last = line.time;
        open.from = from;
        if this.step() == Step::Refusal {
            self.under_way -= usize::from(continued);
            let ended = end_of(this, line.user.is_some());
            self.count_row(open.legs, ended, crossed, None, open.from);
            return;
        }
        list.push(open);
        self.under_way += usize::from(!continued);
        let oldest = (list.len() > OPEN_EACH).then(|| list.remove(0));
        if let Some(oldest) = oldest {
            self.close(oldest);
        }
        if self.under_way > OPEN {
            self.close_all();
        }
    }

    /// An answer other than 401: it ends the exchange for its URL that is furthest.
    fn answer(&mut self, line: &Line<'_>, served: usize, caller: usize, key: u64) {
        let Some(list) = self.open.get_mut(&key) else {
            return;
        };
        let crossed = is_crossed(list);
        let Some(at) = furthest(list, |_| true) else {
            return;
        };
        let open = list.remove(at);
        if list.is_empty() {
            self.open.remove(&key);
        }
        self.under_way -= 1;
        let ended = if line.user.is_some() {
            Ended::SignedIn
        } else {
            Ended::Unnamed
        };
        let longer = line.sent.zip(open.sent).map(|(last, first)| last - first);
        let mut from = self.from(line, served, caller);
        from.path = folders(&from.path);
        self.count_row(open.legs, ended, crossed, longer, from);
    }

    /// Counts an exchange that nothing follows.
    fn close(&mut self, open: Open) {
        self.under_way = self.under_way.saturating_sub(1);
        self.count_row(open.legs, Ended::Open, false, None, open.from);
    }

    fn close_all(&mut self) {
        let mut all: Vec<Open> = std::mem::take(&mut self.open)
            .into_values()
            .flatten()
            .collect();
        all.sort_by(|a, b| a.from.cited.cmp(&b.from.cited));
        for open in all {
            self.close(open);
        }
        self.under_way = 0;
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
        for (key, at) in slips {
            if time.is_some_and(|t| t.saturating_sub(at) <= SOON)
                && let Some(row) = self.rows.get_mut(&key)
            {
                row.exchange.recovered += 1;
            }
        }
    }

    fn count_row(
        &mut self,
        legs: Vec<Leg>,
        ended: Ended,
        crossed: bool,
        longer: Option<i64>,
        from: From,
    ) {
        let failed = matches!(ended, Ended::Refused(_) | Ended::Open);
        if failed && let (Some(time), Some(log)) = (from.time, self.served.get_mut(from.served)) {
            let minute = (legs.clone(), time.div_euclid(60));
            if log.minutes.len() < MINUTES || log.minutes.contains_key(&minute) {
                *log.minutes.entry(minute).or_default() += 1;
            }
        }
        let pattern: Pattern = (legs, ended, crossed, from.options);
        let known = self.patterns.get(&pattern).copied();
        let number = known.unwrap_or(self.patterns.len());
        if known.is_none() {
            if self.patterns.len() >= PATTERNS {
                self.left_out += 1;
                return;
            }
            self.patterns.insert(pattern.clone(), number);
        }
        let mut key = (
            from.served,
            number,
            from.caller,
            self.paths.number(from.path),
        );
        if !self.rows.contains_key(&key) && self.rows.len() >= ROWS {
            key = (from.served, number, 0, 0);
            if !self.rows.contains_key(&key) && self.rows.len() >= ROWS * 2 {
                self.left_out += 1;
                return;
            }
        }
        let row = self.rows.entry(key).or_insert_with(|| {
            let (legs, ended, crossed, options) = pattern;
            Row {
                exchange: Exchange {
                    legs,
                    ended,
                    crossed,
                    options,
                    caller: Caller::default(),
                    path: Arc::from(""),
                    count: 0,
                    recovered: 0,
                    first: None,
                    last: None,
                    gaps: None,
                    users: Default::default(),
                    header_bytes: None,
                    from: Vec::new(),
                },
                at: None,
            }
        });
        row.count(from.time, self.format, longer, from.user);
        match row.exchange.from.get_mut(CITED - 1) {
            Some(last) => *last = from.cited,
            None => row.exchange.from.push(from.cited),
        }
        if let (Ended::Refused(_), Some(time), Some(known)) =
            (ended, from.time, self.known.get_mut(from.caller))
            && known.slips.len() <= SLIPS
        {
            known.slips.push((key, time));
        }
    }

    /// What the log holds.
    pub(super) fn finish(mut self, skipped: &mut Skipped) -> WebLog {
        self.close_all();
        let when = |format, seconds| when(format, seconds);
        for ((served, _, caller, path), row) in self.rows {
            let mut exchange = row.exchange;
            if let Some((client, forwarded, agent)) = self.callers.list.get(caller) {
                exchange.caller = Caller {
                    client: Arc::from(client.as_str()),
                    forwarded: forwarded.as_deref().map(Arc::from),
                    agent: agent.as_deref().map(Arc::from),
                    signed_in: self.known.get(caller).is_some_and(|k| k.signed_in),
                };
            }
            if let Some(path) = self.paths.list.get(path) {
                exchange.path = Arc::from(path.as_str());
            }
            if let Some(log) = self.served.get_mut(served) {
                log.exchanges.push(exchange);
            }
        }
        for (log, span) in self.served.iter_mut().zip(&self.spans) {
            log.first = span.and_then(|(first, _)| when(self.format, first));
            log.last = span.and_then(|(_, last)| when(self.format, last));
        }
        if self.left_out > 0 {
            skipped.whole(format!(
                "holds too many kinds of refused requests; {} are left out of the counts",
                self.left_out
            ));
        }
        self.served.sort_by(|a, b| a.at.cmp(&b.at));
        WebLog {
            format: self.format,
            served: self.served,
        }
    }
}

impl Row {
    fn count(
        &mut self,
        time: Option<i64>,
        format: Format,
        longer: Option<i64>,
        user: Option<String>,
    ) {
        let exchange = &mut self.exchange;
        exchange.count += 1;
        if let (Some(time), Some(before)) = (time, self.at) {
            let gap = time.saturating_sub(before).max(0);
            let (least, most) = exchange.gaps.unwrap_or((gap, gap));
            exchange.gaps = Some((least.min(gap), most.max(gap)));
        }
        self.at = time.or(self.at);
        let shown = time.and_then(|t| when(format, t));
        exchange.first = match (exchange.first, shown) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        exchange.last = exchange.last.max(shown);
        if let Some(longer) = longer {
            let (least, most) = exchange.header_bytes.unwrap_or((longer, longer));
            exchange.header_bytes = Some((least.min(longer), most.max(longer)));
        }
        if let Some(user) = user
            && exchange.users.len() < USERS
        {
            exchange.users.insert(Arc::from(user));
        }
    }
}

/// A time of a log of this format.
fn when(format: Format, seconds: i64) -> Option<When> {
    let time = timestamp(seconds)?;
    Some(match format {
        Format::Iis => When::Local(jiff::tz::Offset::UTC.to_datetime(time)),
        Format::W3c | Format::Ncsa => When::Utc(time),
    })
}

/// What a 401 is in an exchange.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    /// The server names the schemes that it takes.
    Challenge,
    /// The server took a token and waits for the next.
    Token,
    /// The server refused.
    Refusal,
}

/// `SEC_E_NO_CREDENTIALS`, which IIS writes where it waits for the next token.
const NO_CREDENTIALS: u32 = 0x8009_030E;
/// `ERROR_ACCESS_DENIED`.
const ACCESS_DENIED: u32 = 5;

impl Leg {
    fn step(self) -> Step {
        match (self.status, self.sub_status, self.win32) {
            // Neither the IIS nor the NCSA format has a sub-status: a plain 401 may be any leg.
            (401, None, None | Some(0 | ACCESS_DENIED)) => Step::Challenge,
            (401, Some(2), None | Some(0 | ACCESS_DENIED | NO_CREDENTIALS)) => Step::Challenge,
            (401, Some(1) | None, Some(NO_CREDENTIALS)) => Step::Token,
            // IIS 6 writes the middle leg of NTLM so.
            (401, Some(1), Some(0)) => Step::Token,
            _ => Step::Refusal,
        }
    }

    /// Whether it only names the schemes that the server takes (401.2 with Win32 status 5, 0 or 0x8009030E).
    pub fn is_challenge(self) -> bool {
        self.step() == Step::Challenge
    }

    /// Whether the server took a token and waits for the next (401.1 with 0x8009030E).
    pub fn is_token(self) -> bool {
        self.step() == Step::Token
    }
}

fn leg(line: &Line<'_>) -> Leg {
    Leg {
        status: line.status,
        sub_status: line.sub_status,
        win32: line.win32,
    }
}

/// A refusal ends an exchange; another leg leaves it open.
fn end_of(leg: Leg, named: bool) -> Ended {
    match leg.step() {
        Step::Refusal => Ended::Refused(named),
        _ => Ended::Open,
    }
}

/// Answers that say something of authorization or of availability, whoever got them.
fn matters_alone(line: &Line<'_>) -> bool {
    match (line.status, line.sub_status) {
        (403, _) | (503, _) => true,
        (500, Some(19)) => true,
        (400, _) => line.user.is_none(),
        _ => false,
    }
}

/// The exchange that is furthest among those wanted, the oldest of them.
fn furthest(list: &[Open], wanted: impl Fn(&Open) -> bool) -> Option<usize> {
    let step = |open: &Open| open.legs.last().map(|leg| leg.step());
    let mut best: Option<(usize, Option<Step>)> = None;
    for (at, open) in list.iter().enumerate().filter(|(_, open)| wanted(open)) {
        if best.is_none_or(|(_, before)| step(open) > before) {
            best = Some((at, step(open)));
        }
    }
    best.map(|(at, _)| at)
}

/// Whether the exchanges under way stand at different legs.
fn is_crossed(list: &[Open]) -> bool {
    list.split_first()
        .is_some_and(|(first, rest)| rest.iter().any(|open| open.legs != first.legs))
}
