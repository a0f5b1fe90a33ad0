//! Logs of IIS, in W3C, IIS and NCSA format.
//!
//! ```text
//! #Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status sc-substatus sc-win32-status time-taken
//! 2026-03-02 08:00:01 10.0.0.1 GET /app/ - 80 - 10.0.0.7 Mozilla/5.0 401 2 5 3
//! 2026-03-02 08:00:01 10.0.0.1 GET /app/ - 80 - 10.0.0.7 Mozilla/5.0 401 1 2148074254 2
//! 2026-03-02 08:00:01 10.0.0.1 GET /app/ - 80 CORP\uma 10.0.0.7 Mozilla/5.0 200 0 0 15
//! ```
//!
//! Out comes no list of requests but their counts, and the *exchanges*: one of the legs 401.2.5 and 401.1.0x8009030E that
//! ended with an answer to CORP\uma. What they mean is the case's to say. Queries, cookies and referrers are not kept:
//! they may hold secrets.

mod comma;
mod fold;
mod line;
mod ncsa;
mod records;
mod step;
mod table;
#[cfg(test)]
mod tests;
mod under_way;
mod w3c;

pub use records::{Caller, Ended, Exchange, Format, Leg, Served, ServedLog, WebLog};

use super::Reading;
use super::log_lines::Skipped;
use crate::bundle::text::Text;
use crate::evidence::ArtifactId;
use fold::Fold;
use line::Line;

/// Lines looked at to tell the format.
const LOOKED_AT: usize = 20;

/// The format of a log, by its first lines.
fn format(text: &Text) -> Format {
    let of = |line: &String| match line.as_str() {
        line if line.starts_with('#') => Some(Format::W3c),
        line if comma::read(1, line).is_some() => Some(Format::Iis),
        line if ncsa::read(1, line).is_some_and(|read| read.time.is_some()) => Some(Format::Ncsa),
        _ => None,
    };
    let lines = text.lines.iter().filter(|l| !l.is_empty());
    lines.take(LOOKED_AT).find_map(of).unwrap_or_default()
}

/// Reads line after line of a log.
struct Lines {
    format: Format,
    w3c: w3c::Reader,
}

impl Lines {
    fn of(text: &Text) -> Self {
        Self {
            format: format(text),
            w3c: w3c::Reader::default(),
        }
    }

    /// The request on a line; `None` where there is none, which is reported unless it is no fault.
    fn request<'l>(
        &mut self,
        number: u32,
        line: &'l str,
        skipped: &mut Skipped,
    ) -> Option<Line<'l>> {
        // A log in use is filled up with zeros; where the server crashed they stand in the middle.
        let line = line.trim_matches(['\0', '\u{1a}']);
        if line.is_empty() {
            return None;
        }
        let (read, says) = match self.format {
            Format::W3c => return self.w3c.line(number, line, skipped),
            Format::Iis => (
                comma::read(number, line),
                "is no line of the IIS format and is left out",
            ),
            Format::Ncsa => (
                ncsa::read(number, line),
                "is no line of the NCSA format and is left out",
            ),
        };
        if read.is_none() {
            skipped.line(number, says);
        }
        read
    }
}

/// Reads it.
pub fn read(artifact: ArtifactId, text: &Text) -> Reading<WebLog> {
    let mut lines = Lines::of(text);
    let mut fold = Fold::new(artifact, lines.format);
    let mut skipped = Skipped::new(artifact);
    for (number, line) in (1u32..).zip(&text.lines) {
        if let Some(request) = lines.request(number, line, &mut skipped) {
            fold.take(&request);
        }
    }
    let count = fold.requests;
    let records = fold.finish(&mut skipped);
    Reading {
        artifact,
        records,
        count,
        problems: skipped.problems(),
    }
}

/// What stands on these lines, as it is cited: queries, cookies and referrers, which may be secrets, are left out.
pub fn retell(text: &Text, wanted: std::ops::RangeInclusive<usize>) -> Vec<(usize, String)> {
    let mut lines = Lines::of(text);
    let mut skipped = Skipped::new(ArtifactId(0));
    let mut told = Vec::new();
    for (number, line) in (1u32..).zip(&text.lines) {
        let request = lines.request(number, line, &mut skipped);
        let at = usize::try_from(number).unwrap_or(usize::MAX);
        if at > *wanted.end() {
            break;
        }
        if wanted.contains(&at) {
            let says = match request {
                Some(request) => request.told_with_time(),
                None if line.starts_with('#') => line.clone(),
                None => "(no request that can be read)".to_owned(),
            };
            told.push((at, says));
        }
    }
    told
}
