//! NETLOGON events (`causes.md` 7.5): classic, unnamed values, the status in the binary part.

use super::Fields;
use super::says::Line;

/// An event of NETLOGON or Security-Netlogon/Operational.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
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

impl NetlogonEvent {
    /// `binary` is the hexadecimal binary part of a classic event: the NTSTATUS, lowest byte first.
    pub(super) fn from_fields(id: u32, fields: Fields, binary: Option<&str>) -> Self {
        Self {
            id,
            values: fields.values(),
            status: binary
                .and_then(little_endian)
                .or_else(|| fields.number("Status")),
            fields,
        }
    }

    /// How many NTLM logons timed out before they could be passed on: 5816 tells of the first, 5817 of so many more
    /// (its first value; KB2654097).
    pub fn logons_timed_out(&self) -> u64 {
        let counted = || self.values.first()?.trim().parse().ok();
        match self.id {
            5816 => 1,
            5817 => counted().unwrap_or(1),
            _ => 0,
        }
    }

    pub(super) fn says(&self) -> String {
        Line::new(format_args!("NETLOGON {}", self.id))
            .with_fields(&self.fields)
            .with_status("status", self.status)
            .finish()
    }
}

/// The first four bytes of hexadecimal text as a little-endian number: `220000c0` is 0xC0000022.
pub(super) fn little_endian(hex: &str) -> Option<u32> {
    u32::from_str_radix(hex.trim().get(..8)?, 16)
        .ok()
        .map(u32::swap_bytes)
}
