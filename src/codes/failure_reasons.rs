//! FailureReason of 4625, a message reference that exported XML leaves unexpanded: `%%2313`. The SubStatus beside it says
//! more. Readings: S23, and public parsers of the Security channel.

use super::table::{Notation, Table};

/// Failure reasons by the number after `%%`.
#[rustfmt::skip]
pub static FAILURE_REASONS: Table = Table::new(Notation::Message, &[
    (2304, "", "an error during the logon; the status says which"),
    (2305, "", "the account has expired"),
    (2306, "", "Netlogon is not active"),
    (2307, "", "the account is locked out"),
    (2308, "", "the account lacks the requested logon right on this machine"),
    (2309, "", "the password has expired"),
    (2310, "", "the account is disabled"),
    (2311, "", "outside the account's logon hours"),
    (2312, "", "the account may not log on at this computer"),
    (2313, "", "unknown name or wrong password"),
]);

/// The number of a reason as the event writes it, `%%2313`; `None` for text that was expanded already.
pub fn failure_reason_number(text: &str) -> Option<u32> {
    text.trim().strip_prefix("%%")?.parse().ok()
}
