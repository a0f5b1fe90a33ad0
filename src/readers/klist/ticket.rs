//! The lines of one Windows ticket, and of `klist tgt`.
//!
//! Client, server, encryption type, flags, start, end, renew, session key type, cache flags, KDC: the labels are
//! translated, the order is not, and the line of the flags (`… 0x40a10000 -> forwardable …`) anchors it. The Resource
//! Kit of 2000/2003 prints no number, no client and no flags, but English labels.

use super::lines::entry;
use super::names::{etype_id, hex, principal, windows_time};
use super::{Tgt, Ticket};
use crate::evidence::{ArtifactId, Citation, Cited};
use crate::readers::console::Line;

/// How many lines follow the flags at most: three times, session key type, cache flags, KDC.
const AFTER_FLAGS: usize = 6;

/// What stands after the first colon.
pub(super) fn value(text: &str) -> Option<&str> {
    text.split_once([':', '：']).map(|(_, value)| value.trim())
}

/// The line of the ticket flags: it alone has no colon before its number.
fn is_flags(text: &str) -> bool {
    text.split_once("0x").is_some_and(|(label, rest)| {
        !label.contains([':', '：'])
            && rest
                .trim_start_matches(|letter: char| letter.is_ascii_hexdigit())
                .trim_start()
                .starts_with("->")
    })
}

fn labelled<'l, 'a>(lines: &'l [Line<'a>]) -> impl Iterator<Item = &'l Line<'a>> {
    lines.iter().filter(|line| line.text.contains([':', '：']))
}

/// More lines than any ticket has, wrapped ones included.
const MOST_LINES: usize = 16;

/// True when no further line can belong to the ticket.
pub(super) fn is_whole(lines: &[Line<'_>]) -> bool {
    if lines.len() >= MOST_LINES {
        return true;
    }
    match lines.iter().position(|line| is_flags(line.text)) {
        Some(at) => {
            let after = lines.get(at.saturating_add(1)..).unwrap_or_default();
            labelled(after).count() >= AFTER_FLAGS
        }
        None => lines.len() > AFTER_FLAGS,
    }
}

/// A ticket of which only the server is known.
pub(super) fn bare(server: String, server_realm: String, from: Citation) -> Ticket {
    Ticket {
        client: String::new(),
        client_realm: String::new(),
        server,
        server_realm,
        etype: None,
        etype_id: None,
        flags: None,
        start: None,
        end: None,
        renew: None,
        session_etype: None,
        kdc: None,
        kvno: None,
        from,
    }
}

fn filled(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

/// Reads a ticket by position. `None` when not even its server stands there.
pub(super) fn positional(artifact: ArtifactId, lines: &[Line<'_>]) -> Option<Ticket> {
    let first = lines.first()?;
    let (client, client_realm) = principal(value(entry(first.text)?)?);
    let second = lines.get(1)?;
    let server = value(second.text).filter(|server| server.contains('@'))?;
    let (server, server_realm) = principal(server);
    let mut ticket = bare(server, server_realm, second.cite(artifact));
    ticket.client = client;
    ticket.client_realm = client_realm;
    let flags_at = lines.iter().position(|line| is_flags(line.text));
    // Without the flags the encryption type is still the third line.
    if flags_at.is_none_or(|at| at > 2) {
        ticket.etype = lines
            .get(2)
            .and_then(|line| value(line.text))
            .and_then(filled);
        ticket.etype_id = ticket.etype.as_deref().and_then(etype_id);
    }
    let Some(at) = flags_at else {
        return Some(ticket);
    };
    ticket.flags = lines.get(at).and_then(|line| hex(line.text));
    // A line without a colon here is the wrapped rest of the flags.
    let mut after = labelled(lines.get(at.saturating_add(1)..).unwrap_or_default())
        .map(|line| value(line.text).unwrap_or_default());
    ticket.start = after.next().and_then(windows_time);
    ticket.end = after.next().and_then(windows_time);
    ticket.renew = after.next().and_then(windows_time);
    ticket.session_etype = after.next().and_then(filled);
    let _cache_flags = after.next();
    ticket.kdc = after.next().and_then(filled);
    Some(ticket)
}

/// The principal of a `Server:` line that stands outside a numbered ticket: the Resource Kit, or what
/// `klist | findstr Server` leaves.
pub(super) fn loose_server(text: &str) -> Option<&str> {
    const LABELS: &[&str] = &["Server", "Serveur", "Servidor", "服务器", "Сервер"];
    let (label, value) = text.split_once([':', '：'])?;
    let value = value.trim();
    (LABELS.contains(&label.trim()) && value.contains('@')).then_some(value)
}

/// A further line of such a ticket.
pub(super) fn loose_field(ticket: &mut Ticket, text: &str) -> bool {
    let Some((label, value)) = text.split_once(':') else {
        return false;
    };
    let value = value.trim();
    match label.trim() {
        "KerbTicket Encryption Type" => {
            ticket.etype_id = etype_id(value);
            ticket.etype = filled(value);
        }
        "Start Time" => ticket.start = windows_time(value),
        "End Time" => ticket.end = windows_time(value),
        "Renew Time" => ticket.renew = windows_time(value),
        _ => return false,
    }
    true
}

/// A line of `klist tgt`. The labels are English in every capture known; client and domain are found by position where
/// they are not. Keys and ticket bytes are passed over unread.
pub(super) fn tgt_field(tgt: &mut Tgt, index: usize, artifact: ArtifactId, line: Line<'_>) {
    let Some((label, value)) = line.text.split_once(':') else {
        return;
    };
    let value = value.trim();
    let ascii = label.is_ascii();
    match (label.trim(), index) {
        ("ClientName", _) => tgt.client = filled(value),
        ("DomainName", _) => tgt.domain = filled(value),
        (_, 2) if !ascii => tgt.client = filled(value),
        (_, 3) if !ascii => tgt.domain = filled(value),
        _ => {
            if let Some(seconds) = skew(value) {
                tgt.time_skew_seconds = Some(Cited::new(seconds, line.cite(artifact)));
            }
        }
    }
}

/// `- 0:05 minute(s)`: a sign, minutes and seconds.
fn skew(value: &str) -> Option<i64> {
    let negative = value.starts_with('-');
    let digits = value.strip_prefix(['-', '+'])?.trim_start();
    let clock = digits.split([' ', '\t']).next()?;
    let (minutes, seconds) = clock.split_once(':')?;
    let plain = |text: &str| !text.is_empty() && text.chars().all(|letter| letter.is_ascii_digit());
    if !plain(minutes) || seconds.len() != 2 || !plain(seconds) {
        return None;
    }
    let whole = minutes
        .parse::<i64>()
        .ok()?
        .checked_mul(60)?
        .checked_add(seconds.parse().ok()?)?;
    Some(if negative { -whole } else { whole })
}
