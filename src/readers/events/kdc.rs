//! The Key Distribution Center's events (`causes.md` 7.3).

use super::Fields;
use super::says::Line;

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

/// Fields that name what the event is about, the most telling first.
const NAMES: &[&str] = &[
    "Name",
    "Target",
    "ServiceName",
    "AccountName",
    "Principal",
    "Client",
    "Domain\\Username",
    "Username",
    "UserName",
    "Account",
    "Domain",
    "Class",
];

impl KdcEvent {
    pub(super) fn from_fields(id: u32, fields: Fields) -> Self {
        let name = fields.first(NAMES);
        let account = fields.first(&["Account", "AccountName"]);
        Self {
            id,
            account: account.filter(|account| Some(account) != name.as_ref()),
            name,
            fields,
        }
    }

    pub(super) fn says(&self) -> String {
        Line::new(format_args!("KDC {}", self.id))
            .with_fields(&self.fields)
            .finish()
    }
}
