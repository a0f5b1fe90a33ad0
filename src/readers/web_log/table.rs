//! The table of exchanges of one log: a row a kind, caller and path, with limits that hold whatever the log says.

use std::borrow::Borrow;
use std::collections::{BTreeMap, HashMap};
use std::hash::Hash;
use std::net::SocketAddr;
use std::sync::Arc;

use super::records::{Caller, Ended, Exchange, Format, Leg};
use crate::evidence::{Citation, When};
use crate::readers::call::{Call, keep};
use crate::readers::log_lines::timestamp;

/// Users kept of one row.
const USERS: usize = 16;
/// Lines cited of one row.
const CITED: usize = 3;
const PATHS: usize = 5000;
const PATTERNS: usize = 1000;
const ROWS: usize = 20_000;

/// A pattern: legs, how they ended, whether crossed, whether OPTIONS.
type Pattern = (Vec<Leg>, Ended, bool, bool);
/// A row: served, pattern, caller, path.
pub(super) type Key = (usize, usize, usize, usize);

/// What a row needs of the line that ends an exchange.
#[derive(Clone, Debug)]
pub(super) struct LastLine {
    pub(super) served: usize,
    pub(super) caller: usize,
    pub(super) path: String,
    pub(super) options: bool,
    pub(super) time: Option<i64>,
    pub(super) user: Option<String>,
    pub(super) peer: Option<SocketAddr>,
    /// `time-taken`, in milliseconds.
    pub(super) took: Option<i64>,
    pub(super) cited: Citation,
}

/// The table.
pub(super) struct Table {
    format: Format,
    paths: Numbered<String>,
    patterns: BTreeMap<Pattern, usize>,
    rows: BTreeMap<Key, Row>,
    /// Exchanges for which there was no room.
    pub(super) left_out: u64,
}

/// What is counted of one row.
#[derive(Debug)]
struct Row {
    exchange: Exchange,
    at: Option<i64>,
}

impl Table {
    pub(super) fn new(format: Format) -> Self {
        Self {
            format,
            paths: Numbered::new(PATHS),
            patterns: BTreeMap::new(),
            rows: BTreeMap::new(),
            left_out: 0,
        }
    }

    /// Counts an exchange; the row it is counted in, where there is room for one.
    pub(super) fn count(
        &mut self,
        legs: Vec<Leg>,
        ended: Ended,
        crossed: bool,
        longer: Option<i64>,
        last: LastLine,
    ) -> Option<Key> {
        let pattern: Pattern = (legs, ended, crossed, last.options);
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
        let path = self.paths.number(last.path);
        let mut key = (last.served, number, last.caller, path);
        if !self.rows.contains_key(&key) && self.rows.len() >= ROWS {
            key = (last.served, number, 0, 0);
            if !self.rows.contains_key(&key) && self.rows.len() >= ROWS * 2 {
                self.left_out += 1;
                return None;
            }
        }
        let row = self.rows.entry(key).or_insert_with(|| Row::of(pattern));
        if let (Ended::Refused(_), Some(peer)) = (ended, last.peer) {
            let call = Call {
                peer,
                took: last.took,
                user: last.user.as_deref().map(Arc::from),
                from: last.cited.clone(),
            };
            keep(&mut row.exchange.calls, CITED, call);
        }
        row.count(last.time, self.format, longer, last.user);
        keep(&mut row.exchange.from, CITED, last.cited);
        Some(key)
    }

    /// A refusal of this row was a slip.
    pub(super) fn forgive(&mut self, key: Key) {
        if let Some(row) = self.rows.get_mut(&key) {
            row.exchange.recovered += 1;
        }
    }

    /// The exchanges, each with the number of where it was served. `caller` names a caller.
    pub(super) fn finish(self, caller: impl Fn(usize) -> Caller) -> Vec<(usize, Exchange)> {
        let rows = self.rows.into_iter();
        rows.map(|((served, _, number, path), row)| {
            let mut exchange = row.exchange;
            exchange.caller = caller(number);
            exchange.path = Arc::from(self.paths.get(path).map_or("", String::as_str));
            (served, exchange)
        })
        .collect()
    }
}

impl Row {
    fn of((legs, ended, crossed, options): Pattern) -> Self {
        Self {
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
                calls: Vec::new(),
            },
            at: None,
        }
    }

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
            && !exchange.users.contains(user.as_str())
        {
            exchange.users.insert(Arc::from(user));
        }
    }
}

/// A time of a log of this format.
pub(super) fn when(format: Format, seconds: i64) -> Option<When> {
    let time = timestamp(seconds)?;
    Some(match format {
        Format::Iis => When::Local(jiff::tz::Offset::UTC.to_datetime(time)),
        Format::W3c | Format::Ncsa => When::Utc(time),
    })
}

/// Things numbered in the order in which they are met, up to a limit. Number 0 is the one that has no name.
#[derive(Debug)]
pub(super) struct Numbered<T> {
    numbers: HashMap<T, usize>,
    list: Vec<T>,
    limit: usize,
}

impl<T: Clone + Default + Eq + Hash> Numbered<T> {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            numbers: HashMap::new(),
            list: vec![T::default()],
            limit,
        }
    }

    /// The number of a thing, a new one where it has none; 0 where there is no room.
    pub(super) fn number(&mut self, thing: T) -> usize {
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

    /// The number of a thing, where it has one.
    pub(super) fn known<Q: Eq + Hash + ?Sized>(&self, thing: &Q) -> Option<usize>
    where
        T: Borrow<Q>,
    {
        self.numbers.get(thing).copied()
    }

    /// The thing of a number.
    pub(super) fn get(&self, number: usize) -> Option<&T> {
        self.list.get(number)
    }
}
