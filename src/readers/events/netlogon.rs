//! NETLOGON events (`causes.md` 7.5): classic, unnamed values, the status in the binary part.

use super::Fields;

/// An event of NETLOGON or Security-Netlogon/Operational.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NetlogonEvent {
    /// The event id: 3210, 5719, 5722, 5723, 5783, 5788, 5789, 5805, 5816 to 5819, 9000 to 9010.
    pub id: u32,
    /// Unnamed values in order (classic), or the named ones' values.
    pub values: Vec<String>,
    /// NTSTATUS of the binary part (little-endian), or of the `Status` field.
    pub status: Option<u32>,
    /// The fields by name (operational channel).
    pub fields: Fields,
}
