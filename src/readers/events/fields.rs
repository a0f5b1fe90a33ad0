//! The fields of an event by name, with the empty values that Windows writes in several ways read as absent.

use std::sync::Arc;

/// Field values by name; unnamed values get the names of the field table of their event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Fields {
    pairs: Vec<(Arc<str>, String)>,
}

impl Fields {
    /// Fields from (name, value) pairs in the order of the event.
    pub fn new(pairs: Vec<(Arc<str>, String)>) -> Self {
        Self { pairs }
    }

    /// The value as text, trimmed; `None` when absent, empty, `-`, `%%1793` (value not set) or `(NULL)`.
    pub fn text(&self, name: &str) -> Option<String> {
        let value = self.raw(name)?.trim();
        (!matches!(value, "" | "-" | "%%1793" | "(NULL)")).then(|| value.to_owned())
    }

    /// The value as a number, decimal or `0x…`.
    pub fn number(&self, name: &str) -> Option<u32> {
        let text = self.text(name)?;
        match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            // Signed decimals occur for NTSTATUS values in text exports.
            None => text
                .parse::<u32>()
                .ok()
                .or_else(|| text.parse::<i32>().ok().map(i32::cast_unsigned)),
        }
    }

    /// The value as a GUID; `None` when it is nil.
    pub fn guid(&self, name: &str) -> Option<String> {
        let text = self.text(name)?.to_ascii_lowercase();
        (!text.contains("00000000-0000-0000-0000-000000000000")).then_some(text)
    }

    /// The value as the event wrote it.
    pub fn raw(&self, name: &str) -> Option<&str> {
        self.pairs
            .iter()
            .find(|(n, _)| n.eq_ignore_ascii_case(name))
            .map(|(_, v)| v.as_str())
    }

    /// All pairs, in the order of the event.
    pub fn pairs(&self) -> &[(Arc<str>, String)] {
        &self.pairs
    }
}
