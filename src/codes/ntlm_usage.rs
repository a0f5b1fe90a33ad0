//! NtlmUsageId of the NTLM events 4020 and 4021: why Windows used NTLM instead of Kerberos (S47). The source gives
//! numbers and no names. The best evidence of a silent fall-back there is.

use super::table::{Notation, Table};

/// Reasons for NTLM.
#[rustfmt::skip]
pub static NTLM_USAGE: Table = Table::new(Notation::Decimal, &[
    (0, "", "reason unknown"),
    (1, "", "the application asked for NTLM itself"),
    (2, "", "a local account was used"),
    (4, "", "a cloud account was used"),
    (5, "", "the target name was missing or empty"),
    (6, "", "Kerberos could not resolve the target name"),
    (7, "", "the target name contains an IP address"),
    (8, "", "the target name is registered more than once in the directory"),
    (9, "", "no domain controller could be reached"),
    (10, "", "the target is this machine itself"),
    (11, "", "a null session"),
]);
