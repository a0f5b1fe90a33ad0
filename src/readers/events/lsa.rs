//! LSA events (`causes.md` 7.4); unnamed in practice.

use super::Fields;
use super::says::Line;

/// An event of LsaSrv.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct LsaEvent {
    /// The event id: 6037 loop-back, 6038 NTLM in use (noise), 40960/40961 could not authenticate to a target, …
    pub id: u32,
    /// Target name (6037, 6040, 6041, 40960, 40961, 40962).
    pub target: Option<String>,
    /// Calling program (6036, 6037).
    pub program: Option<String>,
    /// The fields by name.
    pub fields: Fields,
}

impl LsaEvent {
    pub(super) fn from_fields(id: u32, fields: Fields) -> Self {
        Self {
            id,
            target: fields.first(&["TargetName", "Target"]),
            program: fields.text("Program"),
            fields,
        }
    }

    pub(super) fn says(&self) -> String {
        Line::new(format_args!("LsaSrv {}", self.id))
            .with_fields(&self.fields)
            .finish()
    }
}
