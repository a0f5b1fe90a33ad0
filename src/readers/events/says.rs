//! The one line that a citation shows of an event: `4625 logon failed: CORP\uma, status 0xC000006D/0xC000006A, type 3`.

use std::borrow::Cow;
use std::fmt::{Display, Write as _};

use super::Fields;

/// Longest line, in characters.
const LONGEST: usize = 300;
/// Longest single value, in characters.
const LONGEST_VALUE: usize = 120;

/// A line that grows part by part; absent parts leave no trace.
pub(super) struct Line {
    text: String,
    parts: usize,
}

impl Line {
    /// Begins with what the event is, `Kerberos 4` or `4625 logon failed`.
    pub(super) fn new(head: impl Display) -> Self {
        let mut text = String::with_capacity(LONGEST);
        _ = write!(text, "{head}");
        Self { text, parts: 0 }
    }

    /// Adds `label value` where the value is there.
    pub(super) fn with(self, label: &str, value: Option<impl AsRef<str>>) -> Self {
        match value {
            Some(value) if label.is_empty() => self.add(value.as_ref()),
            Some(value) => self.add(&[label, " ", value.as_ref()].concat()),
            None => self,
        }
    }

    /// Adds a number in the usual spelling of NTSTATUS values.
    pub(super) fn with_status(self, label: &str, value: Option<u32>) -> Self {
        self.with(label, value.map(status))
    }

    /// Adds a small hexadecimal code: a Kerberos error, an encryption type.
    pub(super) fn with_code(self, label: &str, value: Option<u32>) -> Self {
        self.with(label, value.map(|code| format!("{code:#x}")))
    }

    /// Adds every field that has a value.
    pub(super) fn with_fields(self, fields: &Fields) -> Self {
        fields
            .pairs()
            .iter()
            .fold(self, |line, (name, _)| line.with(name, fields.text(name)))
    }

    fn add(mut self, part: &str) -> Self {
        self.text
            .push_str(if self.parts == 0 { ": " } else { ", " });
        self.parts += 1;
        self.text.push_str(&clean(part, LONGEST_VALUE));
        self
    }

    /// The line, cleaned and not too long.
    pub(super) fn finish(self) -> String {
        match clean(&self.text, LONGEST) {
            Cow::Borrowed(_) => self.text,
            Cow::Owned(text) => text,
        }
    }
}

/// `0xC000006D`.
pub(super) fn status(value: u32) -> String {
    format!("0x{value:08X}")
}

/// One line: white space runs become one blank, other control characters and direction overrides go, the end is cut.
fn clean(text: &str, longest: usize) -> Cow<'_, str> {
    if text.len() <= longest && is_clean(text) {
        return Cow::Borrowed(text);
    }
    let shown = |word: &str| -> String {
        word.chars()
            .filter(|c| !c.is_control() && !is_direction(*c))
            .collect()
    };
    let words: Vec<String> = text
        .split_whitespace()
        .map(shown)
        .filter(|word| !word.is_empty())
        .collect();
    let line = words.join(" ");
    match line.char_indices().nth(longest) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default().trim_end()).into(),
        None => line.into(),
    }
}

/// Whether text is ASCII in one line, with one blank at most between its words: nothing is to be cleaned.
fn is_clean(text: &str) -> bool {
    let mut blank = true;
    let plain = text.bytes().all(|byte| {
        let next = byte == b' ';
        let fits = byte.is_ascii_graphic() || (next && !blank);
        blank = next;
        fits
    });
    plain && (!blank || text.is_empty())
}

/// Characters that change the direction of the text around them, and so what a reader believes to see.
fn is_direction(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn absent_parts_leave_no_trace_and_hostile_text_stays_one_line() {
        let line = Line::new("Kerberos 4")
            .with("target", Some("HTTP/web\u{1b}[2J.corp\r\n.example"))
            .with("server", None::<&str>)
            .with("", Some("CORP\\\u{202e}uma"))
            .with_status("status", Some(0xC000_006D));
        assert_eq!(
            line.finish(),
            "Kerberos 4: target HTTP/web[2J.corp .example, CORP\\uma, status 0xC000006D"
        );
        let long = Line::new("x").with("", Some("é".repeat(1000))).finish();
        assert!(long.chars().count() < 130 && long.ends_with('…'), "{long}");
        assert_eq!(
            clean(&"a \u{1b} ".repeat(9), 4),
            "a a…",
            "words of nothing leave no blanks"
        );
    }

    proptest! {
        #[test]
        fn text_that_is_called_clean_is_what_cleaning_gives(text in "[a-c \\t\u{1b}é]{0,12}") {
            let cleaned = text.split_whitespace().map(|word| word.replace('\u{1b}', ""));
            let words: Vec<String> = cleaned.filter(|word| !word.is_empty()).collect();
            prop_assert_eq!(clean(&text, 20), words.join(" "));
        }
    }
}
