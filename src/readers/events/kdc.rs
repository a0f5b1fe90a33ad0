//! The Key Distribution Center's events (`causes.md` 7.3).

use super::Fields;

/// An event of the KDC.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KdcEvent {
    /// The event id: 11 duplicate name, 14/16 no suitable key, 26/27 encryption type unsupported, 31 large ticket, …
    pub id: u32,
    /// The SPN or account the event is about: `Name`, `Target`, `AccountName`, … whichever the id has.
    pub name: Option<String>,
    /// The account whose keys are concerned (14, 16).
    pub account: Option<String>,
    /// The fields by name.
    pub fields: Fields,
}
