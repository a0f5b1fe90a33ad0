//! KdcExtraLogLevel, the registry value of a domain controller that decides which failures it audits (S13). Without the
//! first bit the DC is silent about unknown SPNs, so that no 4769 with 0x7 proves nothing.

use super::table::{Bits, Notation};

/// What a domain controller logs beyond the usual; 2 where the value is not set.
#[rustfmt::skip]
pub static KDC_EXTRA_LOG_LEVEL: Bits = Bits::new(Notation::Hex, "nothing extra", &[
    (0x1, "unknown-SPN", "audits tickets refused with 0x7"),
    (0x2, "PKINIT", "logs certificate logon errors"),
    (0x4, "user-to-user", "writes event 24"),
    (0x8, "S4U", "writes event 25"),
    (0x10, "etype-and-option", "logs refused encryption types and options"),
]);
