//! The table of exchanges of one log: a row a kind, caller and path, with limits that hold whatever the log says.

use std::collections::HashMap;
use std::hash::BuildHasher;
use std::sync::Arc;

use foldhash::fast::RandomState;
use smallvec::SmallVec;

use super::last_line::LastLine;
use super::line::folders;
use super::records::{Caller, Ended, Exchange, Format, Leg};
use crate::evidence::{ArtifactId, When};
use crate::readers::call::{Call, keep};
use crate::readers::log_lines::{kept_path, timestamp};

/// Users kept of one row.
const USERS: usize = 16;
/// Lines cited of one row.
const CITED: usize = 3;
const PATHS: usize = 5000;
const PATTERNS: usize = 1000;
const ROWS: usize = 20_000;
/// Exchanges that wait to be counted together.
const WAITING: usize = 32;

/// The legs of an exchange, seldom more than three.
pub(super) type Legs = SmallVec<[Leg; 3]>;
/// A pattern: legs, how they ended, whether crossed, whether OPTIONS.
type Pattern = (Legs, (Ended, bool, bool));
/// A row: served, pattern, caller, path. Of none are there more than these numbers tell apart.
pub(super) type Key = (u16, u16, u16, u16);

/// An exchange that has ended.
#[derive(Debug)]
pub(super) struct Done {
    pub(super) legs: Legs,
    pub(super) ended: Ended,
    pub(super) crossed: bool,
    /// By how many bytes the last request was longer than the first.
    pub(super) longer: Option<i64>,
    pub(super) last: Box<LastLine>,
}

/// The table.
pub(super) struct Table {
    artifact: ArtifactId,
    format: Format,
    paths: Numbered,
    patterns: HashMap<Pattern, usize, RandomState>,
    /// The one met last, with its number.
    last_pattern: Option<(Pattern, usize)>,
    rows: HashMap<Key, Row, RandomState>,
    /// Exchanges that wait to be counted, in their order.
    waiting: Vec<Done>,
    users: RandomState,
    /// Exchanges for which there was no room.
    pub(super) left_out: u64,
}

/// What is counted of one row.
#[derive(Debug)]
struct Row {
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
    last: Option<Box<LastLine>>,
    exchange: Box<Exchange>,
}

impl Table {
    pub(super) fn new(artifact: ArtifactId, format: Format) -> Self {
        Self {
            artifact,
            format,
            paths: Numbered::new(PATHS),
            patterns: HashMap::default(),
            last_pattern: None,
            rows: HashMap::default(),
            waiting: Vec::new(),
            users: RandomState::default(),
            left_out: 0,
        }
    }

    /// Counts an exchange, now or with others later. Rows are many, and far from each other in memory: what is counted
    /// together is waited for together. Lines whose room may be used again go to `spare`.
    pub(super) fn count_later(&mut self, done: Done, spare: impl FnMut(Box<LastLine>)) {
        self.waiting.push(done);
        if self.waiting.len() >= WAITING {
            self.count_waiting(spare);
        }
    }

    /// Counts an exchange. Out comes the row it is counted in, where there is room for one.
    pub(super) fn count_now(
        &mut self,
        done: Done,
        mut spare: impl FnMut(Box<LastLine>),
    ) -> Option<Key> {
        self.count_waiting(&mut spare);
        let key = self.key(&done);
        self.count(key, done, spare)
    }

    /// Counts those that wait.
    pub(super) fn count_waiting(&mut self, mut spare: impl FnMut(Box<LastLine>)) {
        let mut waiting = std::mem::take(&mut self.waiting);
        let mut keys = [None; WAITING];
        for (key, done) in keys.iter_mut().zip(&waiting) {
            *key = self.key(done);
        }
        for row in keys.iter().flatten().filter_map(|key| self.rows.get(key)) {
            let last = row.last.as_ref().map(|last| last.place());
            std::hint::black_box((row.at, last));
        }
        for (key, done) in keys.into_iter().zip(waiting.drain(..)) {
            self.count(key, done, &mut spare);
        }
        self.waiting = waiting;
    }

    fn count(
        &mut self,
        key: Option<Key>,
        mut done: Done,
        mut spare: impl FnMut(Box<LastLine>),
    ) -> Option<Key> {
        let key = key.and_then(|key| self.with_room(key));
        if let Some(key) = key {
            let row = self.rows.entry(key).or_insert_with(|| Row::of(&done));
            let told = |last: &LastLine| {
                let told = last.line().told(self.format != Format::Iis);
                told.cited(self.artifact)
            };
            let last = &mut done.last;
            if let (Ended::Refused(_), Some(peer)) = (done.ended, last.peer) {
                let call = Call {
                    peer,
                    took: last.taken,
                    user: last.user().map(Arc::from),
                    from: told(last),
                };
                keep(&mut row.exchange.calls, CITED, call);
            }
            row.count(last.time, done.longer);
            if let Some(user) = last.user() {
                let number = Some(self.users.hash_one(user));
                if row.user != number {
                    row.user = number;
                    row.name(user);
                }
            }
            if row.count > CITED as u64 {
                std::mem::swap(row.last.get_or_insert_default(), last);
            } else {
                row.exchange.from.push(told(last));
            }
        } else {
            self.left_out += 1;
        }
        spare(done.last);
        key
    }

    /// The row of an exchange: of its place, pattern, caller and path. `None` where there is no room for its pattern.
    fn key(&mut self, done: &Done) -> Option<Key> {
        let path = match done.ended {
            Ended::Refused(_) | Ended::Open => done.last.path(),
            Ended::SignedIn | Ended::Unnamed => folders(done.last.path()),
        };
        // What is left out for its pattern takes no room for its path.
        let pattern = self.pattern(done)?;
        let numbers = [
            done.last.served,
            pattern,
            done.last.caller,
            self.paths.number(path),
        ];
        let numbers = numbers.map(|number| u16::try_from(number).unwrap_or(u16::MAX));
        Some(numbers.into())
    }

    /// That row where there is room for it; else that of no caller and no path, where there is room for that.
    fn with_room(&self, row: Key) -> Option<Key> {
        let (served, pattern, ..) = row;
        let rows = [(row, ROWS), ((served, pattern, 0, 0), ROWS * 2)];
        let mut rows = rows.into_iter();
        let found = rows.find(|(row, most)| self.rows.len() < *most || self.rows.contains_key(row));
        found.map(|(row, _)| row)
    }

    /// The number of the pattern of an exchange, where there is room for it.
    fn pattern(&mut self, done: &Done) -> Option<usize> {
        let pattern = (done.ended, done.crossed, done.is_options());
        if let Some(((legs, last), number)) = &self.last_pattern
            && *last == pattern
            && *legs == done.legs
        {
            return Some(*number);
        }
        let pattern = (done.legs.clone(), pattern);
        let count = self.patterns.len();
        let number = match self.patterns.get(&pattern) {
            Some(number) => *number,
            None if count >= PATTERNS => return None,
            None => *self.patterns.entry(pattern.clone()).or_insert(count),
        };
        self.last_pattern = Some((pattern, number));
        Some(number)
    }

    /// Whether a refusal of this row is mended by an answer at this path.
    pub(super) fn is_mended(&self, (served, pattern, caller, path): Key, answered: &str) -> bool {
        let row = self.rows.get(&(served, pattern, caller, path));
        let had_no_right = row.is_some_and(|row| row.exchange.ended == Ended::Refused(true));
        let refused = self.paths.get(path.into());
        !had_no_right
            || refused.is_some_and(|refused| refused.eq_ignore_ascii_case(&kept_path(answered)))
    }

    /// A refusal of this row was a slip.
    pub(super) fn forgive(&mut self, key: Key) {
        if let Some(row) = self.rows.get_mut(&key) {
            row.recovered += 1;
        }
    }

    /// The exchanges, each with the number of where it was served. `caller` names a caller.
    pub(super) fn finish(mut self, caller: impl Fn(usize) -> Caller) -> Vec<(usize, Exchange)> {
        self.count_waiting(drop);
        let mut rows: Vec<(Key, Row)> = self.rows.into_iter().collect();
        rows.sort_unstable_by_key(|(key, _)| *key);
        let rows = rows.into_iter();
        rows.map(|((served, _, number, path), row)| {
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
                let told = last.line().told(self.format != Format::Iis);
                keep(&mut exchange.from, CITED, told.cited(self.artifact));
            }
            (served, exchange)
        })
        .collect()
    }
}

impl Done {
    fn is_options(&self) -> bool {
        self.last.method().eq_ignore_ascii_case("OPTIONS")
    }
}

impl Row {
    fn of(done: &Done) -> Self {
        Self {
            count: 0,
            recovered: 0,
            at: None,
            span: None,
            gaps: None,
            header_bytes: None,
            user: None,
            last: None,
            exchange: Box::new(Exchange {
                legs: done.legs.to_vec(),
                ended: done.ended,
                crossed: done.crossed,
                options: done.is_options(),
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
