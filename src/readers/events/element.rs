//! The shape of an `<Event>` element, whichever way it is written.
//!
//! ```text
//! <Event><System><Provider Name="Microsoft-Windows-Security-Auditing"/><EventID>4625</EventID>…</System>
//!   <EventData><Data Name="TargetUserName">uma</Data>…<Binary>220000C0</Binary></EventData></Event>
//! ```
//!
//! XML text and the binary XML of `.evtx` files hold the same element. [`EventParts`] takes its tags, attributes and
//! text in document order and keeps what an event is made of; `T` is the text: characters for XML, places of
//! substituted values for the templates of binary XML.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Where in an event the walk stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Inside {
    /// `<Event>`.
    Event,
    /// `<System>`.
    System,
    /// One of the elements of `<System>`.
    Field(Field),
    /// `<EventData>` and its relatives.
    EventData,
    /// `<Data>`.
    Data,
    /// `<Binary>`.
    Binary,
    /// `<UserData>`, or an element below it.
    UserData,
    /// Anything else (`<RenderingInfo>`, unknown elements): not read.
    Other,
}

/// The elements of `<System>` that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Field {
    Provider,
    EventId,
    Version,
    Keywords,
    TimeCreated,
    RecordId,
    Channel,
    Computer,
    Security,
}

/// The parts of one event, in terms of `T`.
#[derive(Debug, Default)]
pub(crate) struct EventParts<T> {
    path: Vec<Inside>,
    /// The text of the `<UserData>` element that was opened last, while it has no child element.
    leaf: Option<(String, T)>,
    pub(crate) provider: Option<T>,
    pub(crate) source: Option<T>,
    pub(crate) id: Option<T>,
    pub(crate) version: Option<T>,
    pub(crate) keywords: Option<T>,
    pub(crate) time: Option<T>,
    pub(crate) record_id: Option<T>,
    pub(crate) channel: Option<T>,
    pub(crate) computer: Option<T>,
    pub(crate) user_sid: Option<T>,
    /// `Data` elements in order: name, value.
    pub(crate) data: Vec<(Option<T>, T)>,
    pub(crate) binary: Option<T>,
}

impl<T: Default + From<String>> EventParts<T> {
    /// Parts of an event, or of what stands `inside` one.
    pub(crate) fn new(inside: Option<Inside>) -> Self {
        Self {
            path: inside.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Where the walk stands.
    pub(crate) fn inside(&self) -> Option<Inside> {
        self.path.last().copied()
    }

    /// A start tag, by its local name. False when an event begins inside another one, as after a cut-off event.
    pub(crate) fn open(&mut self, name: &str) -> bool {
        let inside = match (self.inside(), name) {
            (None, "Event") => Inside::Event,
            (Some(_), "Event") => return false,
            (Some(Inside::Event), "System") => Inside::System,
            (Some(Inside::Event), "EventData" | "DebugData" | "ProcessingErrorData") => {
                Inside::EventData
            }
            (Some(Inside::Event), "UserData") => Inside::UserData,
            (Some(Inside::System), name) => Field::named(name).map_or(Inside::Other, Inside::Field),
            (Some(Inside::EventData), "Data") => {
                self.data.push((None, T::default()));
                Inside::Data
            }
            (Some(Inside::EventData), "Binary") => Inside::Binary,
            (Some(Inside::UserData), name) => {
                self.leaf = Some((name.to_owned(), T::default()));
                Inside::UserData
            }
            _ => Inside::Other,
        };
        self.path.push(inside);
        true
    }

    /// An attribute of the element that is open.
    pub(crate) fn attribute(&mut self, name: &str, value: T) {
        match (self.inside(), name) {
            (Some(Inside::Field(Field::Provider)), "Name") => self.provider = Some(value),
            (Some(Inside::Field(Field::Provider)), "EventSourceName") => self.source = Some(value),
            (Some(Inside::Field(Field::TimeCreated)), "SystemTime") => self.time = Some(value),
            (Some(Inside::Field(Field::Security)), "UserID") => self.user_sid = Some(value),
            (Some(Inside::Data), "Name") => {
                if let Some((unnamed, _)) = self.data.last_mut() {
                    *unnamed = Some(value);
                }
            }
            _ => {}
        }
    }

    /// Where text goes at this point; `None` where text means nothing.
    pub(crate) fn text(&mut self) -> Option<&mut T> {
        let slot = match self.inside()? {
            Inside::Field(Field::EventId) => &mut self.id,
            Inside::Field(Field::Version) => &mut self.version,
            Inside::Field(Field::Keywords) => &mut self.keywords,
            Inside::Field(Field::RecordId) => &mut self.record_id,
            Inside::Field(Field::Channel) => &mut self.channel,
            Inside::Field(Field::Computer) => &mut self.computer,
            Inside::Binary => &mut self.binary,
            Inside::Data => return self.data.last_mut().map(|(_, value)| value),
            Inside::UserData => return self.leaf.as_mut().map(|(_, value)| value),
            _ => return None,
        };
        Some(slot.get_or_insert_default())
    }

    /// An end tag. True when it closed the event itself.
    pub(crate) fn close(&mut self) -> bool {
        if self.path.pop() == Some(Inside::UserData)
            && let Some((name, value)) = self.leaf.take()
        {
            self.data.push((Some(name.into()), value));
        }
        self.path.is_empty()
    }
}

impl Field {
    fn named(name: &str) -> Option<Self> {
        Some(match name {
            "Provider" => Self::Provider,
            "EventID" => Self::EventId,
            "Version" => Self::Version,
            "Keywords" => Self::Keywords,
            "TimeCreated" => Self::TimeCreated,
            "EventRecordID" => Self::RecordId,
            "Channel" => Self::Channel,
            "Computer" => Self::Computer,
            "Security" => Self::Security,
            _ => return None,
        })
    }
}

/// The keyword of what was audited and failed: `WINEVENT_KEYWORD_AUDIT_FAILURE` of winmeta.xml.
pub(crate) const AUDIT_FAILURE: u64 = 1 << 52;

/// Whether keywords say that what was audited failed: as a number, or in the words that exports in English have for it.
pub(crate) fn is_failure(keywords: &str) -> bool {
    let keywords = keywords.trim();
    let number = match keywords.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16).ok(),
        None => (keywords.parse().ok()).or_else(|| keywords.parse().ok().map(i64::cast_unsigned)),
    };
    match number {
        Some(bits) => bits & AUDIT_FAILURE != 0,
        None => {
            let words = keywords.trim_matches(['{', '}']);
            ["Audit Failure", "FailureAudit"]
                .iter()
                .any(|failure| words.eq_ignore_ascii_case(failure))
        }
    }
}

/// A time as events write it: ISO 8601, UTC, with up to nine digits of a second; some exporters leave out the `Z` or
/// write `UTC`.
pub(crate) fn parse_time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    if let Ok(time) = text.parse() {
        return Some(time);
    }
    let bare = text.strip_suffix("UTC").unwrap_or(text).trim_end();
    let local: DateTime = bare.parse().ok()?;
    Some(local.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_of_what_failed() {
        for failed in [
            "0x8010000000000000",
            "-9218868437227405312",
            "9227875636482146304",
            " Audit Failure ",
            "{Audit Failure}",
            "Audit failure",
            "FailureAudit",
        ] {
            assert!(is_failure(failed), "{failed}");
        }
        for other in [
            "0x8020000000000000",
            "-9214364837600034816",
            "0x0",
            "Audit Success",
            "SuccessAudit",
            "Classic",
            "0x",
            "",
        ] {
            assert!(!is_failure(other), "{other}");
        }
    }
}
