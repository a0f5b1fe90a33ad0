//! Text decoding: once, here, with every line numbered.
//!
//! Windows tools write UTF-16 (PowerShell 5.1 `>`), ANSI (`Add-Content`), the OEM code page (`cmd >`) and UTF-8 (pwsh 7), and
//! collectors append one to the other in the same file. The file is cut into runs of one code-unit width (`runs`); a run of bytes is
//! strict UTF-8 or else the code page whose letters make words (`code_page`).
//!
//! Lines end with LF, CRLF, CRCRLF (a native program's output piped twice) or a lone CR (a progress line rewritten in place).

mod code_page;
mod lines;
mod runs;
mod spelling;
#[cfg(test)]
mod tests;

pub use lines::{Lines, Plain};

use std::borrow::Cow;

use encoding_rs::{UTF_16BE, UTF_16LE};

use code_page::CodePage;
use runs::{Run, Unit};
use spelling::Spelling;

/// Characters kept of one line.
pub const LINE_CHARS: usize = 64 * 1024;
/// Lines kept of one text: a gigabyte of bare line feeds must not become 24 GB of empty strings.
pub const LINES: usize = 8 << 20;

/// Decoded text with the encodings it was decoded from.
#[derive(Clone, Debug, Default)]
pub struct Text {
    /// The lines, right-trimmed, without line ends. Line n of the file is `lines[n - 1]`.
    pub lines: Vec<String>,
    /// Names of the encodings met, in order of first use: `ascii`, `utf-8`, `utf-16le`, `windows-1252`, `ibm850`, …
    pub encodings: Vec<&'static str>,
    /// Numbers of the lines that were longer than [`LINE_CHARS`] and lost their end.
    pub cut_lines: Vec<u32>,
    /// True when there were more lines than [`LINES`] and the rest was left out.
    pub cut_short: bool,
}

/// Decodes text whose encoding nobody declared. Never fails: bytes that no encoding explains become U+FFFD.
pub fn decode(bytes: &[u8]) -> Text {
    decode_lines(bytes, LINE_CHARS)
}

/// Decodes without cutting long lines. For XML, which may stand in one line however long it is (Event Viewer writes it so).
pub fn decode_uncut(bytes: &[u8]) -> Text {
    decode_lines(bytes, usize::MAX)
}

fn decode_lines(bytes: &[u8], line_chars: usize) -> Text {
    let mut text = Text::default();
    for run in runs::runs(without_padding(bytes)) {
        match run.unit {
            Unit::Byte => text.push_bytes(&run, line_chars),
            Unit::Utf16Le => text.push_utf16(&run, line_chars, "utf-16le", |line| {
                UTF_16LE.decode_without_bom_handling(line).0
            }),
            Unit::Utf16Be => text.push_utf16(&run, line_chars, "utf-16be", |line| {
                UTF_16BE.decode_without_bom_handling(line).0
            }),
        }
        if text.cut_short {
            break;
        }
    }
    text
}

/// Whether no line is in UTF-16.
pub(super) fn is_of_bytes(bytes: &[u8]) -> bool {
    runs::runs(without_padding(bytes)).all(|run| run.unit == Unit::Byte)
}

/// Without the zeros at the end: logs in use are preallocated with them.
fn without_padding(bytes: &[u8]) -> &[u8] {
    let end = bytes.iter().rposition(|&b| b != 0);
    bytes
        .get(..end.map_or(0, |last| last + 1))
        .unwrap_or_default()
}

/// Bytes of a line that are decoded. No encoding spends more than four on a character, so nothing is lost that would be kept.
const fn head_bytes(line_chars: usize) -> usize {
    line_chars.saturating_mul(4)
}

/// What is kept of a line, and whether it lost its end. Only blanks of the console are trimmed: a no-break space at the end of
/// an SPN is evidence.
fn kept(line: &str, line_chars: usize) -> (&str, bool) {
    let head = (line.len() > line_chars)
        .then(|| line.char_indices().nth(line_chars))
        .flatten()
        .and_then(|(at, _)| line.get(..at));
    let kept = head.unwrap_or(line).trim_end_matches([' ', '\t', '\r']);
    (kept, head.is_some())
}

/// Decodes a name (of an archive entry) that may be in UTF-8 or in a code page.
pub fn decode_name(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(name) => name.to_owned(),
        Err(_) => CodePage::of([bytes].into_iter()).decode(bytes).into_owned(),
    }
}

impl Text {
    fn met(&mut self, encoding: &'static str) {
        if !self.encodings.contains(&encoding) {
            self.encodings.push(encoding);
        }
    }

    fn push_bytes(&mut self, run: &Run<'_>, line_chars: usize) {
        let spelling = Spelling::of(run.bytes, || run.lines());
        spelling.names().for_each(|name| self.met(name));
        for line in run.lines() {
            let head = line.get(..head_bytes(line_chars)).unwrap_or(line);
            let decoded = spelling.decode(line, head);
            if !self.push(decoded, line_chars, head.len() < line.len()) {
                return;
            }
        }
    }

    fn push_utf16(
        &mut self,
        run: &Run<'_>,
        line_chars: usize,
        name: &'static str,
        decode: impl Fn(&[u8]) -> Cow<'_, str>,
    ) {
        self.met(name);
        for line in run.lines() {
            let head = line.get(..head_bytes(line_chars)).unwrap_or(line);
            // The zero of a last character was taken for padding.
            let padded: Vec<u8>;
            let head_units = match head.len() % 2 {
                0 => head,
                _ => {
                    padded = [head, &[0]].concat();
                    padded.as_slice()
                }
            };
            let decoded = decode(head_units);
            let decoded = match decoded.strip_prefix('\u{feff}') {
                Some(rest) => Cow::Owned(rest.to_owned()),
                None => decoded,
            };
            if !self.push(decoded, line_chars, head.len() < line.len()) {
                return;
            }
        }
    }

    /// Keeps a line; false when there is no room for more.
    fn push(&mut self, line: Cow<'_, str>, line_chars: usize, already_cut: bool) -> bool {
        if self.lines.len() >= LINES {
            self.cut_short = true;
            return false;
        }
        let (kept, cut) = kept(&line, line_chars);
        self.lines.push(kept.to_owned());
        if cut || already_cut {
            self.cut_lines
                .push(u32::try_from(self.lines.len()).unwrap_or(u32::MAX));
        }
        true
    }
}
