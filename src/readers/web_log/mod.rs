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

mod callers;
mod comma;
mod fold;
mod glance;
mod header;
mod last_line;
mod line;
mod ncsa;
mod records;
mod shares;
mod step;
mod table;
#[cfg(test)]
mod tests;
mod under_way;
mod w3c;
mod watch;

pub use records::{Caller, Ended, Exchange, Format, Leg, Served, ServedLog, WebLog};

use std::io;
use std::ops::RangeInclusive;

use super::Reading;
use super::log_lines::Skipped;
use super::shares::{Shares, Sizes};
use crate::bundle::text::Lines;
use crate::evidence::ArtifactId;
use fold::Fold;
use line::Line;

/// Lines looked at to tell the format.
const LOOKED_AT: usize = 20;

/// The format of a log, by its first lines.
fn format(lines: &mut Lines) -> io::Result<Format> {
    let of = |line: &str| match line {
        line if line.starts_with('#') => Some(Format::W3c),
        line if comma::read(1, line).is_some() => Some(Format::Iis),
        line if ncsa::read(1, line).is_some_and(|read| read.time.is_some()) => Some(Format::Ncsa),
        _ => None,
    };
    let (mut format, mut seen) = (None, 0);
    while format.is_none() && seen < LOOKED_AT {
        let Some((_, line)) = lines.next_line()? else {
            break;
        };
        if !line.is_empty() {
            format = of(line);
            seen += 1;
        }
    }
    lines.rewind()?;
    Ok(format.unwrap_or_default())
}

/// Reads line after line of a log.
struct Requests {
    format: Format,
    w3c: w3c::Reader,
}

impl Requests {
    fn of(lines: &mut Lines) -> io::Result<Self> {
        Ok(Self {
            format: format(lines)?,
            w3c: w3c::Reader::default(),
        })
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

/// Reads it, with so many threads where it is large.
///
/// # Errors
/// The lines could not be read to the end.
pub fn read(
    artifact: ArtifactId,
    lines: &mut Lines,
    threads: usize,
) -> io::Result<Reading<WebLog>> {
    let sizes = Sizes::of(threads.min(shares::THREADS));
    fold(artifact, lines, w3c::Reader::pass, sizes)
}

/// Takes the lines that a text begins with, as far as it can, as [`w3c::Reader::pass`] does.
type Pass = fn(&mut w3c::Reader, u32, &[u8], &mut Fold, &mut Skipped) -> (u32, usize);

/// Folds all lines; those that neither `pass` nor shares of these sizes take are read one by one.
fn fold(
    artifact: ArtifactId,
    lines: &mut Lines,
    pass: Pass,
    sizes: Option<Sizes>,
) -> io::Result<Reading<WebLog>> {
    let mut requests = Requests::of(lines)?;
    let mut fold = Fold::new(artifact, requests.format);
    let mut skipped = Skipped::new(artifact);
    let mut shares = sizes.map(Shares::new);
    loop {
        if requests.format == Format::W3c {
            let (number, text) = lines.ahead();
            let (passed, bytes) = pass(&mut requests.w3c, number, text, &mut fold, &mut skipped);
            lines.pass(passed, bytes);
            if let Some(shares) = &mut shares {
                shares::pass(shares, lines, &mut requests.w3c, &mut fold, &mut skipped)?;
            }
        }
        let Some((number, line)) = lines.next_line()? else {
            break;
        };
        if let Some(request) = requests.request(number, line, &mut skipped) {
            fold.take(&request, None);
        }
    }
    let count = fold.requests;
    let records = fold.finish(&mut skipped);
    Ok(Reading {
        artifact,
        records,
        count,
        problems: skipped.problems(),
    })
}

/// What stands on these lines, as it is cited: queries, cookies and referrers, which may be secrets, are left out.
///
/// # Errors
/// The lines could not be read that far.
pub fn retell(
    lines: &mut Lines,
    wanted: RangeInclusive<usize>,
) -> io::Result<Vec<(usize, String)>> {
    let mut requests = Requests::of(lines)?;
    let mut skipped = Skipped::new(ArtifactId(0));
    let mut told = Vec::new();
    while let Some((number, line)) = lines.next_line()? {
        let request = requests.request(number, line, &mut skipped);
        let at = usize::try_from(number).unwrap_or(usize::MAX);
        if at > *wanted.end() {
            break;
        }
        if wanted.contains(&at) {
            let says = match request {
                Some(request) => request.told_with_time(),
                None if line.starts_with('#') => line.to_owned(),
                None => "(no request that can be read)".to_owned(),
            };
            told.push((at, says));
        }
    }
    Ok(told)
}
