//! What is kept of a log of IIS: how much of it there is, and the exchanges that have to do with authentication, counted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::evidence::{Citation, When};
use crate::readers::call::Call;

/// The format of a log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// W3C extended: UTC, columns by its header.
    #[default]
    W3c,
    /// IIS: commas, local time, no sub-status.
    Iis,
    /// NCSA common: no sub-status and no Win32 status.
    Ncsa,
}

/// A log of IIS.
#[derive(Clone, Debug, Default)]
pub struct WebLog {
    /// Its format.
    pub format: Format,
    /// What it holds, by where the requests were served.
    pub served: Vec<ServedLog>,
}

/// Where requests were served, as far as the log says.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Served {
    /// `s-sitename`, `W3SVC1`.
    pub site_name: Option<Arc<str>>,
    /// `s-siteid`, or the number in `s-sitename`.
    pub site_id: Option<u32>,
    /// `s-computername`.
    pub computer: Option<Arc<str>>,
    /// `s-port`.
    pub port: Option<u16>,
    /// The `Host` header without its port, lower case.
    pub host: Option<Arc<str>>,
}

/// The requests that were served at one place.
#[derive(Clone, Debug, Default)]
pub struct ServedLog {
    /// Where.
    pub at: Served,
    /// Requests.
    pub requests: u64,
    /// Time of the first.
    pub first: Option<When>,
    /// Time of the last.
    pub last: Option<When>,
    /// Requests by status.
    pub by_status: BTreeMap<u16, u64>,
    /// Requests of a named user that were answered with something else than 401.
    pub signed_in: u64,
    /// Requests that carry where to go on after a login page (`ReturnUrl=`), by their path, with the first of them. Those
    /// for paths that were too many have an empty one.
    pub login_pages: BTreeMap<Arc<str>, (u64, Citation)>,
    /// The exchanges, in a fixed order.
    pub exchanges: Vec<Exchange>,
    /// Exchanges without a good end by their legs and minute (seconds of the log's clock, divided by 60).
    pub minutes: BTreeMap<(Vec<Leg>, i64), u64>,
}

/// One answer of an exchange. `None` where the log does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Leg {
    /// `sc-status`.
    pub status: u16,
    /// `sc-substatus`.
    pub sub_status: Option<u16>,
    /// `sc-win32-status`.
    pub win32: Option<u32>,
}

/// How an exchange ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Ended {
    /// The request was answered to a named user.
    SignedIn,
    /// The request was answered, and no user is named.
    Unnamed,
    /// The last leg refused it. True when a user is named there.
    Refused(bool),
    /// Nothing follows the last leg.
    Open,
}

/// Who asked, as far as the log says.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Caller {
    /// `c-ip`; empty for the callers that were too many to be told apart.
    pub client: Arc<str>,
    /// `X-Forwarded-For` or its like: what a proxy, or the client itself, claims.
    pub forwarded: Option<Arc<str>>,
    /// `cs(User-Agent)`.
    pub agent: Option<Arc<str>>,
    /// Whether this caller was ever answered as a named user in this log, at any of its places.
    pub signed_in: bool,
}

/// Exchanges of one kind, of one caller, for one path: requests for the same URL that follow each other within two
/// seconds, until one is answered.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// The answers that did not end it, and the one that refused it.
    pub legs: Vec<Leg>,
    /// How it ended.
    pub ended: Ended,
    /// Whether other exchanges for the same URL of the same caller stood at another leg meanwhile: which answer belongs to
    /// which is then not certain.
    pub crossed: bool,
    /// Whether the method is OPTIONS.
    pub options: bool,
    /// Who asked.
    pub caller: Caller,
    /// The path, without query; of exchanges with a good end its first two folders. Empty for those that were too many.
    pub path: Arc<str>,
    /// How many.
    pub count: u64,
    /// How many of them were followed within ten minutes by an answer to a named user at the same caller, with no more than
    /// one other in between.
    pub recovered: u64,
    /// Time of the first.
    pub first: Option<When>,
    /// Time of the last.
    pub last: Option<When>,
    /// Shortest and longest time between two of them, in seconds.
    pub gaps: Option<(i64, i64)>,
    /// Users named, the first few.
    pub users: BTreeSet<Arc<str>>,
    /// Least and greatest number of bytes that the last request was longer than the first: the size of its
    /// Authorization header.
    pub header_bytes: Option<(i64, i64)>,
    /// The first two and the last of the lines that end them.
    pub from: Vec<Citation>,
    /// Likewise those that refuse somebody and name the port of the client (a custom field).
    pub calls: Vec<Call>,
}
