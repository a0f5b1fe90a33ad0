//! What klist output says, run by run.

use jiff::civil::DateTime;

use crate::evidence::{Citation, Cited};

/// Which klist wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    /// Windows.
    Windows,
    /// MIT Kerberos.
    Mit,
    /// Heimdal, macOS.
    Heimdal,
}

/// A cached ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Client name without realm.
    pub client: String,
    /// Client realm.
    pub client_realm: String,
    /// Server principal without realm: `HTTP/web.corp.example`, `krbtgt/CORP.EXAMPLE`.
    pub server: String,
    /// Server realm.
    pub server_realm: String,
    /// Encryption type of the ticket as printed.
    pub etype: Option<String>,
    /// Its number (0x12, 0x17, …), where the name is known.
    pub etype_id: Option<u32>,
    /// Ticket flags.
    pub flags: Option<u32>,
    /// Start, local time of that machine (the zone is not printed).
    pub start: Option<DateTime>,
    /// End, local time.
    pub end: Option<DateTime>,
    /// Renew until, local time.
    pub renew: Option<DateTime>,
    /// Encryption type of the session key, as printed.
    pub session_etype: Option<String>,
    /// The KDC that issued it.
    pub kdc: Option<String>,
    /// Key version number (Heimdal `-v`).
    pub kvno: Option<u32>,
    /// Where it stands.
    pub from: Citation,
}

/// A cache as one klist run showed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cache {
    /// Logon session, `0x3e7` and the like (Windows).
    pub logon_id: Option<String>,
    /// The `-li` session that was asked for instead of the caller's own.
    pub targeted_logon_id: Option<String>,
    /// Default principal (MIT, Heimdal).
    pub principal: Option<String>,
    /// How many tickets the header announces.
    pub announced: Option<u64>,
    /// The tickets.
    pub tickets: Vec<Ticket>,
    /// False when fewer tickets stand there than the header announces: absence proves nothing then.
    pub complete: bool,
    /// Where it stands.
    pub from: Citation,
}

/// `klist get SPN`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GetResult {
    /// The logon session whose tickets were asked for, `0x…` (Windows).
    pub logon_id: Option<String>,
    /// The SPN that was asked for, where the echo or the answer names it.
    pub spn: Option<String>,
    /// `Ok` when the ticket was retrieved, else the two codes.
    pub result: Result<(), Failure>,
    /// Where it stands.
    pub from: Citation,
}

/// The failure pair of klist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failure {
    /// `klist failed with 0x…`.
    pub status: Option<u32>,
    /// `substatus): 0x…` (sometimes decimal).
    pub sub_status: Option<u32>,
}

/// One line of `klist sessions`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Logon session, `0x…`.
    pub logon_id: String,
    /// `CORP\uma`; `None` for a lone `\`.
    pub account: Option<String>,
    /// `Kerberos`, `NTLM`, `Negotiate`.
    pub package: String,
    /// `Interactive`, `Network`, `Service`, …
    pub logon_type: String,
    /// Where it stands.
    pub from: Citation,
}

/// `klist tgt`, the parts that are not secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tgt {
    /// Client name.
    pub client: Option<String>,
    /// Domain name.
    pub domain: Option<String>,
    /// Clock difference between client and KDC in seconds, signed.
    pub time_skew_seconds: Option<Cited<i64>>,
    /// The failure pair, where there is no TGT.
    pub failure: Option<Failure>,
    /// Where it stands.
    pub from: Citation,
}

/// What one run of klist showed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    /// A ticket cache (`klist`, `klist tickets`, `klist -li`).
    Cache(Cache),
    /// `klist get`.
    Get(GetResult),
    /// `klist sessions`.
    Sessions(Vec<Session>),
    /// `klist tgt`.
    Tgt(Tgt),
    /// `klist query_bind`: realm and KDC of each binding.
    Bindings(Vec<Cited<(String, String)>>),
    /// `klist purge` and other runs that change the cache: what follows shows the changed one.
    Changed,
    /// A run that failed, with its codes.
    Failed(Failure),
    /// A command was echoed and nothing followed.
    NotCaptured,
}

/// One run of klist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KlistRun {
    /// Which klist.
    pub flavour: Flavour,
    /// What it showed. `klist get` that succeeded yields a `Get` run and, after it, a `Cache` run.
    pub shown: Shown,
    /// The echoed command, or else the first line of output.
    pub from: Citation,
    /// Host named by a remoting prompt.
    pub host: Option<String>,
}
