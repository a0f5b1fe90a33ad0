//! The table of exchanges of one log: a row a kind, caller and path, with limits that hold whatever the log says.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::net::SocketAddr;
use std::sync::Arc;

use foldhash::fast::RandomState;
use smallvec::SmallVec;

use super::line::{Line, folders, path};
use super::records::{Caller, Ended, Exchange, Format, Leg};
use crate::evidence::{ArtifactId, When};
use crate::readers::call::{Call, keep};
use crate::readers::log_lines::{Told, kept, timestamp};

/// Users kept of one row.
const USERS: usize = 16;
/// Lines cited of one row.
const CITED: usize = 3;
const PATHS: usize = 5000;
const PATTERNS: usize = 1000;
const ROWS: usize = 20_000;

/// The legs of an exchange, seldom more than three.
pub(super) type Legs = SmallVec<[Leg; 3]>;
/// A pattern: legs, how they ended, whether crossed, whether OPTIONS.
type Pattern = (Legs, Ended, bool, bool);
/// A row: served, pattern, caller, path. Of none are there more than these numbers tell apart.
pub(super) type Key = (u16, u16, u16, u16);

/// What a row needs of the line that ends an exchange. One is filled again and again: to make room takes time.
#[derive(Clone, Debug, Default)]
pub(super) struct LastLine {
    pub(super) served: usize,
    pub(super) caller: usize,
    pub(super) path: String,
    pub(super) options: bool,
    pub(super) time: Option<i64>,
    /// Empty where nobody is named.
    pub(super) user: String,
    pub(super) peer: Option<SocketAddr>,
    /// `time-taken`, in milliseconds.
    pub(super) took: Option<i64>,
    pub(super) told: Told,
}

impl LastLine {
    /// Becomes that of another line; whether its path is told in full, and its time is UTC.
    pub(super) fn set(
        &mut self,
        line: &Line<'_>,
        (served, caller): (usize, usize),
        (whole, utc): (bool, bool),
    ) {
        (self.served, self.caller) = (served, caller);
        let path = path(line.path);
        self.path.clear();
        self.path
            .push_str(if whole { &path } else { folders(&path) });
        self.options = line.method.eq_ignore_ascii_case("OPTIONS");
        self.time = line.time;
        self.user.clear();
        self.user.push_str(&kept(line.user.unwrap_or_default()));
        self.peer = line.peer();
        self.took = line.taken;
        line.tell(utc, &mut self.told);
    }

    fn user(&self) -> Option<&str> {
        Some(self.user.as_str()).filter(|user| !user.is_empty())
    }
}

/// An exchange that has ended.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) legs: Legs,
    pub(super) ended: Ended,
    pub(super) crossed: bool,
    /// By how many bytes the last request was longer than the first.
    pub(super) longer: Option<i64>,
    pub(super) last: LastLine,
}

/// The table.
pub(super) struct Table {
    artifact: ArtifactId,
    format: Format,
    paths: Numbered,
    patterns: HashMap<Pattern, usize, RandomState>,
    numbers: HashMap<Key, u32, RandomState>,
    rows: Vec<Row>,
    users: RandomState,
    /// Exchanges for which there was no room.
    pub(super) left_out: u64,
}

/// What is counted of one row.
#[derive(Debug)]
struct Row {
    key: Key,
    count: u64,
    recovered: u64,
    /// Time of the last, of the earliest and of the latest.
    at: Option<i64>,
    span: Option<(i64, i64)>,
    gaps: Option<(i64, i64)>,
    header_bytes: Option<(i64, i64)>,
    /// A number that the user named last has: most rows have one user.
    user: Option<u64>,
    /// The last line, once enough are cited.
    last: Option<Told>,
    exchange: Box<Exchange>,
}

impl Table {
    pub(super) fn new(artifact: ArtifactId, format: Format) -> Self {
        Self {
            artifact,
            format,
            paths: Numbered::new(PATHS),
            patterns: HashMap::default(),
            numbers: HashMap::default(),
            rows: Vec::new(),
            users: RandomState::default(),
            left_out: 0,
        }
    }

    /// Counts an exchange; the row it is counted in, where there is room for one.
    pub(super) fn count(&mut self, done: &Done) -> Option<Key> {
        let Done {
            ended,
            longer,
            last,
            ..
        } = done;
        let pattern: Pattern = (done.legs.clone(), *ended, done.crossed, last.options);
        let number = match self.patterns.get(&pattern) {
            Some(number) => *number,
            None if self.patterns.len() >= PATTERNS => {
                self.left_out += 1;
                return None;
            }
            None => {
                let number = self.patterns.len();
                self.patterns.insert(pattern.clone(), number);
                number
            }
        };
        let path = self.paths.number(&last.path);
        let key_of = |caller, path| {
            let small = |number: usize| u16::try_from(number).unwrap_or(u16::MAX);
            (
                small(last.served),
                small(number),
                small(caller),
                small(path),
            )
        };
        let mut key = key_of(last.caller, path);
        let mut row = self.numbers.get(&key).copied();
        if row.is_none() && self.rows.len() >= ROWS {
            key = key_of(0, 0);
            row = self.numbers.get(&key).copied();
            if row.is_none() && self.rows.len() >= ROWS * 2 {
                self.left_out += 1;
                return None;
            }
        }
        let row = row.unwrap_or_else(|| {
            let row = self.rows.len() as u32;
            self.rows.push(Row::of(key, pattern));
            self.numbers.insert(key, row);
            row
        });
        let row = self.rows.get_mut(row as usize)?;
        if let (Ended::Refused(_), Some(peer)) = (ended, last.peer) {
            let call = Call {
                peer,
                took: last.took,
                user: last.user().map(Arc::from),
                from: last.told.clone().cited(self.artifact),
            };
            keep(&mut row.exchange.calls, CITED, call);
        }
        row.count(last.time, *longer);
        if let Some(user) = last.user() {
            let number = Some(self.users.hash_one(user));
            if row.user != number {
                row.user = number;
                row.name(user);
            }
        }
        if row.count > CITED as u64 {
            let told = &last.told;
            let last = row.last.get_or_insert_default();
            last.set(told.number, told.time, &told.text);
        } else {
            let told = last.told.clone();
            row.exchange.from.push(told.cited(self.artifact));
        }
        Some(key)
    }

    /// A refusal of this row was a slip.
    pub(super) fn forgive(&mut self, key: Key) {
        let row = self.numbers.get(&key).copied();
        if let Some(row) = row.and_then(|row| self.rows.get_mut(row as usize)) {
            row.recovered += 1;
        }
    }

    /// The exchanges, each with the number of where it was served. `caller` names a caller.
    pub(super) fn finish(self, caller: impl Fn(usize) -> Caller) -> Vec<(usize, Exchange)> {
        let mut rows = self.rows;
        rows.sort_unstable_by_key(|row| row.key);
        let rows = rows.into_iter();
        rows.map(|row| {
            let (served, _, number, path) = row.key;
            let (served, number, path) = (served.into(), number.into(), path.into());
            let shown = |seconds| when(self.format, seconds);
            let mut exchange = Exchange {
                caller: caller(number),
                path: self.paths.get(path).map(Arc::clone).unwrap_or_default(),
                count: row.count,
                recovered: row.recovered,
                first: row.span.and_then(|(first, _)| shown(first)),
                last: row.span.and_then(|(_, last)| shown(last)),
                gaps: row.gaps,
                header_bytes: row.header_bytes,
                ..*row.exchange
            };
            if let Some(last) = row.last {
                keep(&mut exchange.from, CITED, last.cited(self.artifact));
            }
            (served, exchange)
        })
        .collect()
    }
}

impl Row {
    fn of(key: Key, (legs, ended, crossed, options): Pattern) -> Self {
        Self {
            key,
            count: 0,
            recovered: 0,
            at: None,
            span: None,
            gaps: None,
            header_bytes: None,
            user: None,
            last: None,
            exchange: Box::new(Exchange {
                legs: legs.into_vec(),
                ended,
                crossed,
                options,
                caller: Caller::default(),
                path: Arc::default(),
                count: 0,
                recovered: 0,
                first: None,
                last: None,
                gaps: None,
                users: Default::default(),
                header_bytes: None,
                from: Vec::new(),
                calls: Vec::new(),
            }),
        }
    }

    fn count(&mut self, time: Option<i64>, longer: Option<i64>) {
        self.count += 1;
        if let Some(time) = time {
            if let Some(before) = self.at {
                let gap = time.saturating_sub(before).max(0);
                self.gaps = Some(within(self.gaps, (gap, gap)));
            }
            self.at = Some(time);
            if timestamp(time).is_some() {
                self.span = Some(within(self.span, (time, time)));
            }
        }
        if let Some(longer) = longer {
            self.header_bytes = Some(within(self.header_bytes, (longer, longer)));
        }
    }

    /// Somebody is named.
    fn name(&mut self, user: &str) {
        let users = &mut self.exchange.users;
        if users.len() < USERS && !users.contains(user) {
            users.insert(Arc::from(user));
        }
    }
}

/// A span that holds both.
pub(super) fn within(span: Option<(i64, i64)>, (first, last): (i64, i64)) -> (i64, i64) {
    span.map_or((first, last), |(a, b)| (a.min(first), b.max(last)))
}

/// A time of a log of this format.
pub(super) fn when(format: Format, seconds: i64) -> Option<When> {
    let time = timestamp(seconds)?;
    Some(match format {
        Format::Iis => When::Local(jiff::tz::Offset::UTC.to_datetime(time)),
        Format::W3c | Format::Ncsa => When::Utc(time),
    })
}

/// Texts numbered in the order in which they are met, up to a limit. Number 0 is the one that has no name.
#[derive(Debug)]
pub(super) struct Numbered {
    numbers: HashMap<Arc<str>, usize, RandomState>,
    list: Vec<Arc<str>>,
    limit: usize,
}

impl Numbered {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            numbers: HashMap::default(),
            list: vec![Arc::default()],
            limit,
        }
    }

    /// The number of a text, a new one where it has none; 0 where there is no room.
    pub(super) fn number(&mut self, text: &str) -> usize {
        if let Some(number) = self.known(text) {
            return number;
        }
        if self.list.len() > self.limit {
            return 0;
        }
        let text: Arc<str> = Arc::from(text);
        self.list.push(Arc::clone(&text));
        self.numbers.insert(text, self.list.len() - 1);
        self.list.len() - 1
    }

    /// The number of a text, where it has one.
    pub(super) fn known(&self, text: &str) -> Option<usize> {
        self.numbers.get(text).copied()
    }

    /// The text of a number.
    pub(super) fn get(&self, number: usize) -> Option<&Arc<str>> {
        self.list.get(number)
    }
}
