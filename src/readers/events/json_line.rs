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
    open(artifact, place, raw.time, out);
    Between {
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
    let mut out = Vec::with_capacity(28);
    write_seven_digits(time, &mut out);
    String::from_utf8(out).unwrap_or_default()
}

fn write_seven_digits(time: Timestamp, out: &mut Vec<u8>) {
    let at = jiff::tz::Offset::UTC.to_datetime(time);
    let mut digits = |count: u32, number: i32, behind: u8| {
        for place in (0..count).rev() {
            let digit = number.unsigned_abs() / 10u32.pow(place) % 10;
            out.push(b'0' + digit as u8);
        }
        out.push(behind);
    };
    digits(4, at.year().into(), b'-');
    digits(2, at.month().into(), b'-');
    digits(2, at.day().into(), b'T');
    digits(2, at.hour().into(), b':');
    digits(2, at.minute().into(), b':');
    digits(2, at.second().into(), b'.');
    digits(7, at.subsec_nanosecond() / 100, b'Z');
}

/// What every line begins with: the artifact, quoted; `record` or `line`, and which; the time.
pub(crate) fn open(artifact: &[u8], place: (&str, u64), time: Timestamp, out: &mut Vec<u8>) {
    let (kind, number) = place;
    out.extend_from_slice(b"{\"artifact\":");
    out.extend_from_slice(artifact);
    out.extend_from_slice(b",\"");
    out.extend_from_slice(kind.as_bytes());
    out.extend_from_slice(b"\":");
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
    out.extend_from_slice(b",\"time\":\"");
    write_seven_digits(time, out);
}

/// What stands between the time and the values of an event, all names quoted.
pub(crate) struct Between<'a> {
    pub(crate) provider: &'a [u8],
    pub(crate) id: u32,
    pub(crate) version: u8,
    pub(crate) channel: &'a [u8],
    pub(crate) computer: &'a [u8],
}

impl Between<'_> {
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let mut decimal = itoa::Buffer::new();
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
