//! The lines of Windows klist that stand for themselves, in any language.
//!
//! ```text
//! Current LogonId is 0:0x24ba75
//! Cached Tickets: (2)
//! #0>     Client: uma @ CORP.EXAMPLE
//! [1] Session 2 0:0x24ba75 CORP\uma Kerberos:RemoteInteractive
//! Error calling API LsaCallAuthenticationPackage (GetTicket substatus): 0x6fb
//! klist failed with 0xc000018b/-1073741429: …
//! ```

use super::Session;
use super::names::{hex, logon_id};
use crate::evidence::ArtifactId;
use crate::readers::console::Line;

/// `Error calling API …` names the call that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    /// `GetTicket`
    Ticket,
    /// `Ticket Granting Ticket`
    Tgt,
    /// `ShowTickets` and the rest.
    Other,
}

/// The logon session that ends a sentence: `Current LogonId is 0:0x3e7`.
pub(super) fn logon_line(text: &str) -> Option<String> {
    let text = text.trim();
    if text.starts_with(['[', '#']) {
        return None;
    }
    let (before, word) = text.rsplit_once([' ', '\t', '\u{a0}'])?;
    (!before.trim().is_empty())
        .then(|| logon_id(word))
        .flatten()
}

/// `Cached Tickets: (2)`: a colon and a number in brackets end the line.
pub(super) fn announcement(text: &str) -> Option<u64> {
    let text = text.trim();
    let (label, number) = text.strip_suffix(')')?.rsplit_once('(')?;
    let labelled = label.trim_end().ends_with([':', '：']) && !text.starts_with(['#', '[']);
    labelled.then(|| number.trim().parse().ok()).flatten()
}

/// `#0>     Client: uma @ CORP.EXAMPLE`: what follows the sign.
pub(super) fn entry(text: &str) -> Option<&str> {
    let (number, rest) = text.trim_start().strip_prefix('#')?.split_once('>')?;
    let digits = !number.is_empty() && number.chars().all(|letter| letter.is_ascii_digit());
    digits.then_some(rest)
}

/// `[1] Session 2 0:0x24ba75 CORP\uma Kerberos:RemoteInteractive`
pub(super) fn session(artifact: ArtifactId, line: Line<'_>) -> Option<Session> {
    let text = line.text.trim();
    let (index, rest) = text.strip_prefix('[')?.split_once(']')?;
    if index.is_empty() || !index.chars().all(|letter| letter.is_ascii_digit()) {
        return None;
    }
    let (word, id) = rest
        .split_ascii_whitespace()
        .find_map(|word| logon_id(word).map(|id| (word, id)))?;
    let (_, after) = rest.split_once(word)?;
    let (account, last) = after.trim().rsplit_once(' ')?;
    let (package, logon_type) = last.split_once(':')?;
    let account = account.trim();
    Some(Session {
        logon_id: id,
        account: (account != "\\" && !account.is_empty()).then(|| account.to_owned()),
        package: package.to_owned(),
        logon_type: logon_type.to_owned(),
        from: line.cite(artifact),
    })
}

/// `Error calling API LsaCallAuthenticationPackage (GetTicket substatus): 0x6fb`; some builds print decimal.
pub(super) fn sub_status(text: &str) -> Option<(Call, Option<u32>)> {
    let (_, after) = text.split_once("LsaCallAuthenticationPackage")?;
    let call = if after.contains("GetTicket") {
        Call::Ticket
    } else if after.contains("Ticket Granting Ticket") {
        Call::Tgt
    } else {
        Call::Other
    };
    let (_, number) = after.rsplit_once([':', '：'])?;
    let number = number.trim();
    Some((call, hex(number).or_else(|| number.parse().ok())))
}

/// `klist failed with 0xc000018b/-1073741429: …`, in any language: the number in both notations, or the program name.
pub(super) fn status(text: &str) -> Option<u32> {
    let (before, after) = text.split_once("0x")?;
    let digits = after.chars().take_while(char::is_ascii_hexdigit).count();
    let signed = after
        .get(digits..)
        .is_some_and(|rest| rest.starts_with('/'));
    let named = before.to_ascii_lowercase().contains("klist") && !before.contains(':');
    (digits == 8 && (signed || named))
        .then(|| hex(text))
        .flatten()
}

/// A row of a hexadecimal dump, `0000  61 82 04 86 …`: the bytes of an encoded ticket, never read and never cited.
pub(super) fn is_dump(text: &str) -> bool {
    let mut words = text.split_ascii_whitespace();
    let hexadecimal = |word: &str| word.chars().all(|letter| letter.is_ascii_hexdigit());
    let offset = words
        .next()
        .is_some_and(|word| word.len() >= 4 && hexadecimal(word));
    offset
        && words
            .next()
            .is_some_and(|word| word.len() == 2 && hexadecimal(word))
}
