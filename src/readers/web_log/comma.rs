//! The IIS format: commas, local time, always the same columns.
//!
//! ```text
//! 10.0.0.7, CORP\uma, 03/02/26, 7:55:20, W3SVC2, WEB01, 10.0.0.1, 4502, 163, 3223, 200, 0, GET, /a.gif, -,
//! client    user      date      time     site    server server-ip taken sent bytes status win32 method path query
//! ```

use jiff::civil::Date;

use super::line::{Line, site_number};
use crate::readers::log_lines::{day_time, filled, seconds};

/// The request on a line.
pub(super) fn read(number: u32, line: &str) -> Option<Line<'_>> {
    // The query comes last and may hold commas.
    let values: Vec<&str> = line.splitn(15, ',').map(str::trim).collect();
    let [
        client,
        user,
        date,
        time,
        site,
        computer,
        _ip,
        taken,
        sent,
        _bytes,
        status,
        win32,
        method,
        path,
        query,
    ] = values.as_slice()
    else {
        return None;
    };
    let site_name = filled(site);
    Some(Line {
        number,
        time: seconds(short_date(date)?, day_time(time)?),
        taken: taken.parse().ok(),
        site_name,
        site_id: site_name.and_then(site_number),
        computer: filled(computer),
        method: filled(method)?,
        path: filled(path)?,
        query: filled(query.trim_end_matches(',').trim_end()),
        user: filled(user),
        client: filled(client)?,
        status: status.parse().ok().filter(|s| (100..1000).contains(s))?,
        win32: win32.parse().ok(),
        sent: sent.parse().ok(),
        ..Line::default()
    })
}

/// `03/02/26`, month first; years before 70 are of this century. Where the first number is no month, the day comes first.
fn short_date(text: &str) -> Option<Date> {
    let mut parts = text.split(['/', '.', '-']);
    let (month, day, year): (i8, i8, i16) = (
        parts.next()?.parse().ok()?,
        parts.next()?.parse().ok()?,
        parts.next()?.parse().ok()?,
    );
    if parts.next().is_some() {
        return None;
    }
    let year = match year {
        0..70 => 2000 + year,
        70..100 => 1900 + year,
        year => year,
    };
    let (month, day) = if month > 12 {
        (day, month)
    } else {
        (month, day)
    };
    Date::new(year, month, day).ok()
}
