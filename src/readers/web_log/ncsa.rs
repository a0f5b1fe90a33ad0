//! The NCSA common format: no sub-status, no Win32 status, the zone beside the time.
//!
//! ```text
//! 10.0.0.7 - CORP\uma [02/Mar/2026:08:00:01 +0100] "GET /a.htm?x=1 HTTP/1.1" 200 3401
//! ```

use jiff::civil::Date;

use super::line::Line;
use crate::readers::log_lines::{day_time, filled, seconds};

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// The request on a line.
pub(super) fn read(number: u32, line: &str) -> Option<Line<'_>> {
    let (before, rest) = line.split_once(" [")?;
    let (time, rest) = rest.split_once("] \"")?;
    let (request, after) = rest.rsplit_once("\" ").or_else(|| rest.split_once("\" "))?;
    // The combined format goes on with two quoted values; the status stands behind the first quotation.
    let (request, after) = match request.split_once("\" ") {
        Some((first, _)) => (first, rest.get(first.len() + 2..)?),
        None => (request, after),
    };
    let mut names = before.splitn(3, ' ');
    let (client, _, user) = (names.next()?, names.next()?, names.next()?);
    let mut words = request.split(' ');
    let (method, url) = (words.next()?, words.next().unwrap_or_default());
    let (path, query) = match url.split_once('?') {
        Some((path, query)) => (path, Some(query)),
        None => (url, None),
    };
    Some(Line {
        number,
        time: zoned(time),
        method: filled(method)?,
        path,
        query,
        user: filled(user.trim()),
        client: filled(client)?,
        status: after
            .split(' ')
            .next()?
            .parse()
            .ok()
            .filter(|s| (100..1000).contains(s))?,
        ..Line::default()
    })
}

/// `02/Mar/2026:08:00:01 +0100`, in seconds UTC.
fn zoned(text: &str) -> Option<i64> {
    let (shown, zone) = text.split_once(' ')?;
    let (date, time) = shown.split_once(':')?;
    let mut parts = date.split('/');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let month = month.to_ascii_lowercase();
    let month = i8::try_from(MONTHS.iter().position(|m| *m == month)? + 1).ok()?;
    let date = Date::new(year.parse().ok()?, month, day.parse().ok()?).ok()?;
    let (sign, digits) = zone.split_at_checked(1)?;
    let number: i64 = digits.parse().ok().filter(|n| (0..=1400).contains(n))?;
    let offset = (number / 100 * 60 + number % 100) * 60;
    let local = seconds(date, day_time(time)?)?;
    match sign {
        "+" => Some(local - offset),
        "-" => Some(local + offset),
        _ => None,
    }
}
