//! What an artifact is, judged by its first bytes; its name is not looked at, because customers rename files.
//!
//! Logs are told before anything else: taking a web log for console output would bury the report in skipped lines.

mod client;
mod console;
mod directory;
mod domain;
mod events;
mod http;
mod http_sys;
mod iis;
mod lines;
mod machine;
mod names;
mod netlogon;
mod policies;
mod registry;
mod session;
#[cfg(test)]
mod tests;
mod tools;
mod unread;
mod web_log;
mod xml;

pub(crate) use client::{build_line, credential_target, is_proxy_heading, none_stored};
pub(crate) use console::KLIST_VERBS;
pub(crate) use domain::{ReplicationLine, replication_line, role, suffix_line};
pub(crate) use events::{
    ExportForm, export_form, is_number_of_event, is_viewer_row, opens_card, property,
};
pub(crate) use http::har_entries;
pub(crate) use lines::{dotted, labelled, ruler};
pub(crate) use machine::{
    MachineOutput, is_os_version, local_and_offset, milliseconds, package, sample, status,
    trust_line,
};
pub(crate) use names::{cached_field, is_hosts_file_head};
pub(crate) use policies::is_audit_row;
pub(crate) use registry::{is_file_head, is_key_line, is_policy_export, property_path};
pub(crate) use session::underlines;
pub(crate) use tools::AHEAD;
pub use tools::Tool;
pub(super) use unread::instead;

use super::Kind;
use super::archive::{self, Format, Packing};
use super::text::{self, Text};

/// Bytes from the start of an artifact that are looked at. Long, because comments and `configSections` come before the element that
/// tells an applicationHost.config, and an inventory may come before the klist output in one console log.
pub(super) const HEAD: usize = 1 << 20;
/// Bytes that tell text from other bytes.
const TEXT_HEAD: usize = 64 << 10;

/// What the first bytes show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Nature {
    /// An archive that is opened.
    Archive(Format),
    /// An artifact.
    Plain(Kind),
}

/// Judges by the first [`HEAD`] bytes of an artifact.
pub(super) fn nature(head: &[u8]) -> Nature {
    let format = match head {
        [] => return Nature::Plain(Kind::Empty),
        [b'P', b'K', 3, 4, ..]
        | [b'P', b'K', 5, 6, ..]
        | [b'P', b'K', 7, 8, b'P', b'K', 3, 4, ..] => Format::Zip,
        [b'M', b'S', b'C', b'F', 0, 0, 0, 0, ..] => Format::Cabinet,
        [b'7', b'z', 0xBC, 0xAF, 0x27, 0x1C, ..] => Format::SevenZip,
        [0x1F, 0x8B, 8, ..] => Format::Packed(Packing::Gzip),
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, ..] => {
            Format::Packed(Packing::Bzip2)
        }
        [0xFD, b'7', b'z', b'X', b'Z', 0, ..] => Format::Packed(Packing::Xz),
        [0x28, 0xB5, 0x2F, 0xFD, ..] => Format::Packed(Packing::Zstd),
        _ if archive::is_tar(head) => Format::Tar,
        _ => return Nature::Plain(kind(head)),
    };
    Nature::Archive(format)
}

fn kind(head: &[u8]) -> Kind {
    if head.starts_with(b"ElfFile\0") || head.starts_with(b"ElfChnk\0") {
        return Kind::Evtx;
    }
    if let Some(name) = unread::name(head) {
        return Kind::Unsupported(name);
    }
    if http::is_message(head) {
        return Kind::HttpRecording;
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
        .is_some_and(|line| line.starts_with('<') && !line.starts_with("< "))
    {
        return xml::kind(&whole.lines.join("\n"));
    }
    if http::is_recording(&whole.lines) {
        Kind::HttpRecording
    } else if events::export_form(&whole.lines).is_some() {
        Kind::EventExport
    } else if console::is_console(&whole.lines) {
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
