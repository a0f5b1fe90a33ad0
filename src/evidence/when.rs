//! A time as its source gives it.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

/// When something happened, as its source says it: in UTC, or on the wall clock of a machine whose time zone is found
/// out from another source, or never.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum When {
    /// UTC.
    Utc(Timestamp),
    /// The wall clock of the machine that wrote it (klist, `systeminfo`, `netlogon.log`, exports of Event Viewer).
    Local(DateTime),
}

impl When {
    /// The time in UTC, with the offset of the machine's zone where one is known; `None` where it is needed and unknown.
    pub fn utc(self, offset: Option<Offset>) -> Option<Timestamp> {
        match self {
            Self::Utc(time) => Some(time),
            Self::Local(shown) => offset?.to_timestamp(shown).ok(),
        }
    }
}
