//! What an artifact is, judged by its first bytes; its name is not looked at, because customers rename files.
//!
//! Logs are told before anything else: taking a web log for console output would bury the report in skipped lines.

mod console;
mod lines;
mod machine;
mod names;
mod netlogon;
mod policies;
mod registry;
#[cfg(test)]
mod tests;
mod tools;
mod web_log;
mod xml;

pub(crate) use console::KLIST_VERBS;
pub(crate) use lines::{dotted, labelled, ruler};
pub(crate) use machine::{
    MachineOutput, is_os_version, local_and_offset, milliseconds, sample, status, trust_line,
};
pub(crate) use names::{cached_field, is_hosts_file_head};
pub(crate) use policies::is_audit_row;
pub(crate) use registry::{is_file_head, is_key_line, property_path};
pub use tools::Tool;

use super::Kind;
use super::text::{self, Text};

/// Bytes from the start of an artifact that are looked at. Long, because comments and `configSections` come before the element that
/// tells an applicationHost.config, and an inventory may come before the klist output in one console log.
pub(super) const HEAD: usize = 1 << 20;
/// Bytes that tell text from other bytes.
const TEXT_HEAD: usize = 64 << 10;

/// What the first bytes show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nature {
    /// A zip archive.
    Zip,
    /// An archive of another make, by name.
    OtherArchive(&'static str),
    /// An artifact.
    Plain(Kind),
}

/// Judges by the first [`HEAD`] bytes of an artifact.
pub(super) fn nature(head: &[u8]) -> Nature {
    match head {
        [] => Nature::Plain(Kind::Empty),
        [b'P', b'K', 3, 4, ..]
        | [b'P', b'K', 5, 6, ..]
        | [b'P', b'K', 7, 8, b'P', b'K', 3, 4, ..] => Nature::Zip,
        [b'7', b'z', 0xBC, 0xAF, 0x27, 0x1C, ..] => Nature::OtherArchive("7z"),
        [b'M', b'S', b'C', b'F', 0, 0, 0, 0, ..] => Nature::OtherArchive("cabinet"),
        [b'R', b'a', b'r', b'!', 0x1A, 7, ..] => Nature::OtherArchive("rar"),
        [0x1F, 0x8B, 8, ..] => Nature::OtherArchive("gzip"),
        _ if head.get(257..262) == Some(b"ustar") => Nature::OtherArchive("tar"),
        _ => Nature::Plain(kind(head)),
    }
}

fn kind(head: &[u8]) -> Kind {
    if head.starts_with(b"ElfFile\0") || head.starts_with(b"ElfChnk\0") {
        return Kind::Evtx;
    }
    let start = text::decode_uncut(head.get(..TEXT_HEAD).unwrap_or(head));
    if start.lines.is_empty() || !reads_as_text(&start) {
        return Kind::Binary;
    }
    if let Some(kind) = web_log::kind(&start.lines) {
        return kind;
    }
    if netlogon::is_netlogon_log(&start.lines) {
        return Kind::NetlogonLog;
    }
    let whole = if head.len() > TEXT_HEAD {
        text::decode_uncut(head)
    } else {
        start
    };
    if whole
        .lines
        .iter()
        .map(|line| line.trim_start())
        .find(|line| !line.is_empty())
        .is_some_and(|line| line.starts_with('<'))
    {
        return xml::kind(&whole.lines.join("\n"));
    }
    if console::is_console(&whole.lines) {
        Kind::Console
    } else if xml::holds_event(&whole.lines) {
        Kind::EventXml
    } else {
        Kind::Text
    }
}

/// Text has next to no control characters and no undecodable bytes; compressed bytes have a tenth of them.
fn reads_as_text(text: &Text) -> bool {
    let (mut odd, mut all) = (0usize, 0usize);
    for c in text.lines.iter().flat_map(|line| line.chars()) {
        all += 1;
        let control =
            c.is_control() && !matches!(c, '\t' | '\u{c}' | '\u{1b}' | '\u{1a}' | '\u{8}');
        if control || c == char::REPLACEMENT_CHARACTER {
            odd += 1;
        }
    }
    odd.saturating_mul(25) <= all
}
