//! The Key Distribution Center's events (`causes.md` 7.3).

use super::Fields;
use super::says::Line;
use crate::codes::EtypeSet;

/// An event of the KDC.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct KdcEvent {
    /// The event id: 11 duplicate name, 14/16 no suitable key, 26/27 encryption type unsupported, 31 large ticket, …
    pub id: u32,
    /// The SPN or account the event is about: `Name`, `Target`, `AccountName`, … whichever the id has.
    pub name: Option<String>,
    /// The account that is named beside it: whose keys are concerned (14, 26), or who asked (16, 27).
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
    /// The service account that no ticket could be sealed for, or soon can be sealed for no more; it may be shown as its SPN.
    ///
    /// `Account` of 16 and 27 may be whoever asked (Microsoft, KB 2002141: a member server that asks for `krbtgt/`): the ticket
    /// is sealed for `AccountToReset`, which 27 has not, or for the holder of `Target`.
    pub fn sealed_for(&self) -> Option<String> {
        match self.id {
            14 | 26 => self.fields.text("Account"),
            16 | 27 => self.fields.first(&["AccountToReset", "Target"]),
            201..=209 => self.fields.text("ServiceName"),
            _ => None,
        }
    }

    /// The encryption types that were asked for. Only `ServiceName` of 201 to 209 is documented; the other names are
    /// unverified, and what they give supports and never decides.
    pub fn requested(&self) -> Option<EtypeSet> {
        self.types(&[
            "RequestedEtypes",
            "AdvertizedEtypes",
            "ClientAdvertizedEncryptionTypes",
        ])
    }

    /// The encryption types of which the account has keys.
    pub fn keys(&self) -> Option<EtypeSet> {
        self.types(&["AvailableEtypes", "ServiceAvailableKeys", "AvailableKeys"])
    }

    /// The encryption types that the KDC lets the account use (201 to 209).
    pub fn allowed(&self) -> Option<EtypeSet> {
        self.types(&["ServiceSupportedEncryptionTypes"])
    }

    fn types(&self, names: &[&str]) -> Option<EtypeSet> {
        EtypeSet::read(&self.fields.first(names)?)
    }

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
