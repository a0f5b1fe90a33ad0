//! An event as one line of JSON, for programs that want the events themselves.
//!
//! ```json
//! {"artifact":"dc1/Security.evtx","record":4711,"time":"2026-03-02T08:00:00.1234567Z","provider":"Microsoft-Windows-Security-Auditing","id":4769,"version":1,"channel":"Security","computer":"DC1.corp.example","data":{"TargetUserName":"uma@CORP.EXAMPLE"}}
//! ```

use std::ops::Range;

use jiff::Timestamp;
use serde::Serialize;

use super::{Fields, RawEvent, names, wanted};
use crate::evidence::Place;
use crate::readers::digits;

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

/// Adds an event as a line. Secrets are left out; values without a name get the one that
/// stands at their place in the provider's manifest; several values of one name are a list.
pub(crate) fn write(raw: &RawEvent, opening: &Opening, place: &Place, out: &mut Vec<u8>) {
    match place {
        Place::Line(line) => opening.line(*line, raw.time, out),
        _ => opening.record(raw.record_id, raw.time, &mut Clock::default(), out),
    }
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
    let text = Clock::default().text(time);
    String::from_utf8_lossy(&text).into_owned()
}

/// Writes times one after another: those of one second have all but its fraction in common.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    second: i64,
    /// What stands before the fraction; nothing before the first time.
    text: [u8; 20],
}

impl Clock {
    /// `2026-03-02T08:00:00.1234567Z`.
    fn text(&mut self, time: Timestamp) -> [u8; 28] {
        let (mut second, mut nanosecond) = (time.as_second(), time.subsec_nanosecond());
        if nanosecond < 0 {
            second -= 1;
            nanosecond += 1_000_000_000;
        }
        if self.second != second || self.text[0] == 0 {
            self.second = second;
            self.text = whole_second(time);
        }
        let [_, fraction @ ..] = digits::decimal(nanosecond.unsigned_abs() / 100);
        let mut text = [b'Z'; 28];
        text[..20].copy_from_slice(&self.text);
        text[20..27].copy_from_slice(&fraction);
        text
    }
}

/// `2026-03-02T08:00:00.`.
fn whole_second(time: Timestamp) -> [u8; 20] {
    let at = jiff::tz::Offset::UTC.to_datetime(time);
    let mut text = *b"0000-00-00T00:00:00.";
    let mut digits = |places: Range<usize>, mut number: u32| {
        for place in text.get_mut(places).into_iter().flatten().rev() {
            *place = b'0' + (number % 10) as u8;
            number /= 10;
        }
    };
    digits(0..4, u32::from(at.year().unsigned_abs()));
    digits(5..7, u32::from(at.month().unsigned_abs()));
    digits(8..10, u32::from(at.day().unsigned_abs()));
    digits(11..13, u32::from(at.hour().unsigned_abs()));
    digits(14..16, u32::from(at.minute().unsigned_abs()));
    digits(17..19, u32::from(at.second().unsigned_abs()));
    text
}

/// What the lines of an artifact begin with.
#[derive(Debug)]
pub(crate) struct Opening {
    /// `{"artifact":"…","record":`
    record: Vec<u8>,
    /// `{"artifact":"…","line":`, where events have no number.
    line: Vec<u8>,
}

impl Opening {
    pub(crate) fn new(path: &str) -> Self {
        let path = quoted(path);
        let with = |place: &[u8]| [b"{\"artifact\":", path.as_slice(), place].concat();
        Self {
            record: with(b",\"record\":"),
            line: with(b",\"line\":"),
        }
    }

    /// Writes it for an event with a number, and the time behind it.
    pub(crate) fn record(
        &self,
        number: u64,
        time: Timestamp,
        clock: &mut Clock,
        out: &mut Vec<u8>,
    ) {
        out.extend_from_slice(&self.record);
        out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
        out.extend_from_slice(b",\"time\":\"");
        out.extend_from_slice(&clock.text(time));
    }

    /// The same for one without, told by its line.
    fn line(&self, line: u32, time: Timestamp, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.line);
        out.extend_from_slice(itoa::Buffer::new().format(line).as_bytes());
        out.extend_from_slice(b",\"time\":\"");
        out.extend_from_slice(&Clock::default().text(time));
    }
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
