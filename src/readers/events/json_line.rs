//! An event as one line of JSON, for programs that want the events themselves.
//!
//! ```json
//! {"artifact":"dc1/Security.evtx","record":4711,"time":"2026-03-02T08:00:00.1234567Z","provider":"Microsoft-Windows-Security-Auditing","id":4769,"version":1,"channel":"Security","computer":"DC1.corp.example","data":{"TargetUserName":"uma@CORP.EXAMPLE"}}
//! ```

use jiff::Timestamp;
use serde::Serialize;

use super::{Fields, RawEvent, names, wanted};
use crate::evidence::Place;

/// A text in quotation marks.
pub(crate) fn quoted(text: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() + 2);
    push(text, &mut out);
    out
}

fn push(value: impl Serialize, out: &mut Vec<u8>) {
    // Neither memory nor text can fail.
    _ = serde_json::to_writer(out, &value);
}

/// Adds an event as a line. `artifact` is its path, quoted. Secrets are left out; values without a name get the one that
/// stands at their place in the provider's manifest; several values of one name are a list.
pub(crate) fn write(raw: &RawEvent, artifact: &[u8], place: &Place, out: &mut Vec<u8>) {
    let place = match place {
        Place::Line(line) => ("line", u64::from(*line)),
        _ => ("record", raw.record_id),
    };
    Opening {
        artifact,
        place,
        time: &seven_digits(raw.time),
        provider: &quoted(&raw.provider),
        id: raw.id,
        version: raw.version,
        channel: &quoted(&raw.channel),
        computer: &quoted(&raw.computer),
    }
    .write(out);
    if let Some(user) = &raw.user_sid {
        out.extend_from_slice(b",\"user\":");
        push(user, out);
    }
    let family = wanted::family(&raw.provider, raw.id);
    let by_place = family
        .into_iter()
        .flat_map(|f| names::of(f, raw.id, raw.version));
    let fields = Fields::name(raw.shown_values(), by_place);
    let mut values: Vec<(&str, Vec<&str>)> = Vec::new();
    for (name, value) in fields.pairs() {
        match values.iter_mut().find(|(met, _)| *met == &**name) {
            Some((_, several)) => several.push(value),
            None => values.push((name, vec![value])),
        }
    }
    out.extend_from_slice(b",\"data\":{");
    for (number, (name, several)) in values.iter().enumerate() {
        if number > 0 {
            out.push(b',');
        }
        push(name, out);
        out.push(b':');
        match several.as_slice() {
            [one] => push(one, out),
            several => push(several, out),
        }
    }
    out.push(b'}');
    if let Some(binary) = &raw.binary {
        out.extend_from_slice(b",\"binary\":");
        push(binary, out);
    }
    out.extend_from_slice(b"}\n");
}

/// A time with the seven digits that Windows gives a second.
pub(crate) fn seven_digits(time: Timestamp) -> String {
    let at = jiff::tz::Offset::UTC.to_datetime(time);
    format!(
        "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:07}Z",
        at.year(),
        at.month(),
        at.day(),
        at.hour(),
        at.minute(),
        at.second(),
        at.subsec_nanosecond() / 100
    )
}

/// What stands before the values of an event, all names quoted.
pub(crate) struct Opening<'a> {
    pub(crate) artifact: &'a [u8],
    /// `record` or `line`, and which.
    pub(crate) place: (&'a str, u64),
    pub(crate) time: &'a str,
    pub(crate) provider: &'a [u8],
    pub(crate) id: u32,
    pub(crate) version: u8,
    pub(crate) channel: &'a [u8],
    pub(crate) computer: &'a [u8],
}

impl Opening<'_> {
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let (kind, number) = self.place;
        let mut decimal = itoa::Buffer::new();
        out.extend_from_slice(b"{\"artifact\":");
        out.extend_from_slice(self.artifact);
        out.extend_from_slice(b",\"");
        out.extend_from_slice(kind.as_bytes());
        out.extend_from_slice(b"\":");
        out.extend_from_slice(decimal.format(number).as_bytes());
        out.extend_from_slice(b",\"time\":\"");
        out.extend_from_slice(self.time.as_bytes());
        out.extend_from_slice(b"\",\"provider\":");
        out.extend_from_slice(self.provider);
        out.extend_from_slice(b",\"id\":");
        out.extend_from_slice(decimal.format(self.id).as_bytes());
        out.extend_from_slice(b",\"version\":");
        out.extend_from_slice(decimal.format(self.version).as_bytes());
        out.extend_from_slice(b",\"channel\":");
        out.extend_from_slice(self.channel);
        out.extend_from_slice(b",\"computer\":");
        out.extend_from_slice(self.computer);
    }
}
