//! Files that support engineers send and no reader reads: told by their first bytes and named, with what to send instead.
//!
//! `30 00 00 00 4C 66 4C 65 …` is an event log of Windows 2003, which Event Viewer saves as `.evtx`.

/// A format that is named.
struct Unread {
    /// Where its sign stands, and the sign.
    at: usize,
    sign: &'static [u8],
    /// The name of its kind in the report.
    name: &'static str,
}

const fn sign(at: usize, sign: &'static [u8], name: &'static str) -> Unread {
    Unread { at, sign, name }
}

const EVT: &str = "evt";
const ETL: &str = "etl-trace";
const HIVE: &str = "registry-hive";
const DUMP: &str = "memory-dump";
const CAPTURE: &str = "packet-capture";
const COMPOUND: &str = "compound-file";
const PDF: &str = "pdf";
const IMAGE: &str = "image";
const RAR: &str = "rar-archive";
const IBL: &str = "binary-web-log";

const FORMATS: &[Unread] = &[
    sign(4, b"LfLe", EVT),
    // The first event of a trace file describes it: TRACE_HEADER_TYPE_SYSTEM32 and SYSTEM64 behind a buffer header of 72 bytes (evntrace.h).
    sign(72, b"\x02\0\x01\xC0", ETL),
    sign(72, b"\x02\0\x02\xC0", ETL),
    sign(0, b"regf", HIVE),
    sign(0, b"MDMP\x93\xA7", DUMP),
    sign(0, b"PAGEDU64", DUMP),
    sign(0, b"PAGEDUMP", DUMP),
    sign(0, b"\xA1\xB2\xC3\xD4", CAPTURE),
    sign(0, b"\xD4\xC3\xB2\xA1", CAPTURE),
    sign(0, b"\xA1\xB2\x3C\x4D", CAPTURE),
    sign(0, b"\x4D\x3C\xB2\xA1", CAPTURE),
    sign(0, b"\x0A\x0D\x0D\x0A", CAPTURE),
    sign(0, b"GMBU", CAPTURE),
    sign(0, b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", COMPOUND),
    sign(0, b"%PDF-", PDF),
    sign(0, b"\x89PNG\r\n\x1A\n", IMAGE),
    sign(0, b"\xFF\xD8\xFF", IMAGE),
    sign(0, b"GIF87a", IMAGE),
    sign(0, b"GIF89a", IMAGE),
    sign(0, b"Rar!\x1A\x07", RAR),
];

/// The name of a format that is known and not read.
pub(super) fn name(head: &[u8]) -> Option<&'static str> {
    // A text may begin with the letters of a sign, a file of that format has zeros near them. A PDF may be nothing but text.
    let is_text = !head.get(..256).unwrap_or(head).contains(&0);
    let starts = |format: &&Unread| {
        let rest = head.get(format.at..).unwrap_or_default();
        let may = !is_text || !format.sign.is_ascii() || format.name == PDF;
        may && rest.starts_with(format.sign)
    };
    let known = FORMATS.iter().find(starts).map(|format| format.name);
    known.or_else(|| is_binary_log(head).then_some(IBL))
}

/// A header record (0) of version 1.0, the alignment in bytes, the time, the name of the server in UTF-16 ("Centralized Binary Log File
/// Format (IIS 6.0)"). The highest byte of a time in this century is 1.
fn is_binary_log(head: &[u8]) -> bool {
    matches!(
        head,
        [0, 0, 1, 0, 4 | 8, 0, 0, 0, _, _, _, _, _, _, _, 1, first, 0, ..] if first.is_ascii_alphanumeric()
    )
}

/// What to send instead.
pub(in crate::bundle) fn instead(name: &str) -> &'static str {
    match name {
        EVT => {
            "is an event log of Windows 2003 or older (.evt), which is not read; open it in Event Viewer on a newer Windows, save it as .evtx and send that"
        }
        ETL => {
            "is a trace (.etl), which is not read; why401 works from the event logs and texts of the same collection; send those with it"
        }
        HIVE => {
            "is a registry hive, which is not read; send the keys that matter as text: reg query KEY /s > key.txt"
        }
        DUMP => {
            "is a memory dump, which is not read and may hold passwords; leave it out, and send event logs, configuration and the output of commands"
        }
        CAPTURE => {
            "is a network capture, which is not read; send the logs of the servers for the same minutes, or a HAR of the browser"
        }
        COMPOUND => {
            "is an Outlook message, an older Office document or an installer, which is not opened; save its attachments, and its text as plain text, and send those"
        }
        PDF => "is a PDF, which is not read; send what it shows as text",
        IMAGE => "is a picture, which is not read; send what it shows as text",
        IBL => {
            "is a centralised binary log of IIS (.ibl), which is not read; turn it into text with Log Parser (-i:BIN -o:W3C) and send that"
        }
        RAR => {
            "is a rar archive, which is not opened here; unpack it and name the folder, or pack it as zip"
        }
        _ => "is of a kind that is not read; send what it holds as text",
    }
}
