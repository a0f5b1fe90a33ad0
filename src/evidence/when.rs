//! A time as its source gives it.

use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp};

/// When something happened, as its source says it: in UTC, or on the wall clock of a machine whose time zone is found
/// out from another source, or never.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum When {
    /// UTC.
    Utc(Timestamp),
    /// The wall clock of the machine that wrote it (klist, `systeminfo`, `netlogon.log`, exports of Event Viewer).
    Local(DateTime),
}

/// How sure a time is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// The source says it in UTC, or in a zone that the bundle shows.
    #[default]
    Exact,
    /// The source says it in local time, and the zone, or its summer time, was assumed.
    ZoneAssumed,
    /// The source says it in local time of a zone that nothing tells; it is shown as it stands there.
    Unknown,
}

impl Certainty {
    /// How much earlier and later it may have been: no zone is further than 14 hours east and 12 hours west of UTC, and an
    /// assumed one may lack its summer time.
    pub fn slack(self) -> (SignedDuration, SignedDuration) {
        let hours = SignedDuration::from_hours;
        match self {
            Self::Exact => (SignedDuration::ZERO, SignedDuration::ZERO),
            Self::ZoneAssumed => (hours(1), hours(1)),
            Self::Unknown => (hours(14), hours(12)),
        }
    }
}
