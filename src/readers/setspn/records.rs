//! What setspn output says, run by run.

use crate::evidence::{Citation, Cited};

/// What a run of setspn was asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// `-L`, or a bare account name: list the SPNs of one account.
    List,
    /// `-Q`: who holds this SPN?
    Query,
    /// `-X`: which SPNs are held twice?
    Duplicates,
    /// `-S`: add after a check for duplicates.
    Add,
    /// `-A`: add.
    AddUnchecked,
    /// `-D`: delete.
    Delete,
    /// `-R`: reset the HOST SPNs.
    Reset,
}

/// How far a query or a search for duplicates reached.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scope {
    /// One account (`-L`).
    Account,
    /// One domain, by its DNS name in lower case.
    Domain(String),
    /// The whole forest that holds this domain (`-F`), by DNS name in lower case.
    Forest(String),
    /// The output does not say.
    Unknown,
}

/// An object and the SPNs printed under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// Distinguished name.
    pub dn: Cited<String>,
    /// SPNs as printed, untrimmed inside (invisible characters are kept: SPN-18).
    pub spns: Vec<Cited<String>>,
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// `-L` printed the account's list, complete (an empty list too: the account exists and has none).
    Listed,
    /// `-Q` found at least one holder.
    Found,
    /// `-Q` found none.
    NotFound,
    /// `-X` finished; this many groups.
    DuplicateGroups(u64),
    /// `-S`, `-A`, `-D`, `-R` changed the object.
    Updated,
    /// `-S` or `-A` refused: the SPN is held already (8647/0x21c7, or the sentence).
    RefusedDuplicate,
    /// The command failed with this code (0x525 no such user, 0x54b no such domain, 0x2098 insufficient rights, …).
    Failed(u32),
    /// The output stops before its end: nothing may be concluded from what is not there.
    Truncated,
    /// A command was echoed and nothing followed: its error went to stderr, or the capture is cut.
    NotCaptured,
}

/// One run of setspn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetspnRun {
    /// What it did.
    pub mode: Mode,
    /// The account (`-L`), the SPN or pattern (`-Q`), the SPN (`-S`, `-A`, `-D`) of the echoed command.
    pub target: Option<String>,
    /// The account of `-S`, `-A`, `-D`, `-R` in the echoed command.
    pub account: Option<String>,
    /// How far it searched: one entry for each domain or forest it says it checked.
    pub scopes: Vec<Scope>,
    /// Objects printed, with their SPNs. For `-X`: one entry per object of each group, holding the group's SPN.
    pub holders: Vec<Holder>,
    /// For `-S`, `-A`, `-D`, `-R`: the object of the header and the SPNs that the run set out to add or remove. It is
    /// among the `holders` too where they were added; after a refusal those are the objects that hold the SPN already.
    pub change: Option<Holder>,
    /// How it ended.
    pub outcome: Outcome,
    /// The echoed command, or else the first line of output.
    pub from: Citation,
    /// The line that proves the outcome, where there is one ("No such SPN found.", "found 0 group…").
    pub ended: Option<Citation>,
    /// Host named by a remoting prompt (`[WEB01]: PS C:\>`).
    pub host: Option<String>,
}
