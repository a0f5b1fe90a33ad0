//! The fields of an event by name, with the empty values that Windows writes in several ways read as absent.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::Datum;

/// The GUID that stands for none.
const NIL: &[u8] = b"00000000-0000-0000-0000-000000000000";

/// Field values by name; unnamed values get the names of the field table of their event.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Fields {
    pairs: Vec<(Arc<str>, String)>,
}

impl Fields {
    /// Fields from (name, value) pairs in the order of the event.
    pub fn new(pairs: Vec<(Arc<str>, String)>) -> Self {
        Self { pairs }
    }

    /// The values of an event. A value without a name gets the name that `names` has at its position, unless another
    /// value carries that name itself; past the end of `names` it is `param1`, `param2`, … by position.
    pub(super) fn name(data: Vec<Datum>, mut names: impl Iterator<Item = &'static str>) -> Self {
        if data
            .iter()
            .all(|datum| datum.name.as_deref().is_some_and(|name| !name.is_empty()))
        {
            let named = data
                .into_iter()
                .filter_map(|datum| Some((datum.name?, datum.value)));
            return Self::new(named.collect());
        }
        let given: BTreeSet<String> = data
            .iter()
            .filter_map(|datum| datum.name.as_deref())
            .map(str::to_ascii_lowercase)
            .collect();
        let named = data.into_iter().enumerate().map(|(position, datum)| {
            let by_position = names
                .next()
                .filter(|name| !given.contains(&name.to_ascii_lowercase()));
            let name = match (datum.name.filter(|name| !name.is_empty()), by_position) {
                (Some(name), _) => name,
                (None, Some(name)) => name.into(),
                (None, None) => format!("param{}", position + 1).into(),
            };
            (name, datum.value)
        });
        Self::new(named.collect())
    }

    /// The values as an event has them.
    pub(super) fn into_data(self) -> Vec<Datum> {
        let data = self.pairs.into_iter().map(|(name, value)| Datum {
            name: Some(name),
            value,
        });
        data.collect()
    }

    /// The same in no more room than they need.
    pub(super) fn without_spare_room(mut self) -> Self {
        self.pairs.shrink_to_fit();
        for (_, value) in &mut self.pairs {
            value.shrink_to_fit();
        }
        self
    }

    /// The first of several names that has a value.
    pub(super) fn first(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| self.text(name))
    }

    /// The values in order, as the event wrote them.
    pub(super) fn values(&self) -> Vec<String> {
        self.pairs.iter().map(|(_, value)| value.clone()).collect()
    }

    /// The value as a security identifier; `None` when it is the null SID.
    pub(super) fn sid(&self, name: &str) -> Option<String> {
        let sid = self.shown(name).filter(|sid| *sid != "S-1-0-0")?;
        Some(sid.to_owned())
    }

    /// The value as an address, with an IPv4 address that is written as IPv6 (`::ffff:10.1.2.3`) in its usual form.
    pub(super) fn address(&self, name: &str) -> Option<String> {
        let text = self.shown(name)?;
        let mapped = text
            .get(..7)
            .filter(|prefix| prefix.eq_ignore_ascii_case("::ffff:"))
            .and_then(|_| text.get(7..))
            .filter(|rest| rest.contains('.'));
        Some(mapped.unwrap_or(text).to_owned())
    }

    /// The value as an encryption type; `None` for `0xffffffff`, which stands for no ticket.
    pub(super) fn etype(&self, name: &str) -> Option<u32> {
        self.number(name).filter(|etype| *etype != u32::MAX)
    }

    /// The value as text, trimmed; `None` when absent, empty, `-`, `%%1793` (value not set) or `(NULL)`.
    pub fn text(&self, name: &str) -> Option<String> {
        self.shown(name).map(str::to_owned)
    }

    fn shown(&self, name: &str) -> Option<&str> {
        let mut value = self.raw(name)?;
        // Most begin and end with what is no blank.
        let is_seen = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_graphic);
        if !(is_seen(value.as_bytes().first()) && is_seen(value.as_bytes().last())) {
            value = value.trim_matches(|c: char| c.is_whitespace() || c == '\0');
        }
        let empty = match value {
            "" | "-" | "%%1793" => true,
            _ => value.starts_with('(') && value.eq_ignore_ascii_case("(NULL)"),
        };
        (!empty).then_some(value)
    }

    /// The value as a number, decimal or `0x…`.
    pub fn number(&self, name: &str) -> Option<u32> {
        let text = self.shown(name)?;
        match text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
            Some(hex) => u32::from_str_radix(hex, 16).ok(),
            // Signed decimals occur for NTSTATUS values in text exports.
            None => text
                .parse::<u32>()
                .ok()
                .or_else(|| text.parse::<i32>().ok().map(i32::cast_unsigned)),
        }
    }

    /// The value as a logon session, `0x3e7`; PowerShell shows it in decimal.
    pub(super) fn session(&self, name: &str) -> Option<String> {
        let text = self.shown(name)?;
        Some(match text.parse::<u64>() {
            Ok(number) => format!("{number:#x}"),
            Err(_) => text.to_owned(),
        })
    }

    /// The value as a GUID; `None` when it is nil.
    pub fn guid(&self, name: &str) -> Option<String> {
        let text = self.shown(name)?;
        let mut parts = text.as_bytes().windows(NIL.len());
        (!parts.any(|part| part == NIL)).then(|| text.to_ascii_lowercase())
    }

    /// The value as the event wrote it.
    pub fn raw(&self, name: &str) -> Option<&str> {
        let is = |given: &str| {
            given.len() == name.len() && (given == name || given.eq_ignore_ascii_case(name))
        };
        let found = self.pairs.iter().find(|(given, _)| is(given));
        found.map(|(_, value)| value.as_str())
    }

    /// All pairs, in the order of the event.
    pub fn pairs(&self) -> &[(Arc<str>, String)] {
        &self.pairs
    }
}
