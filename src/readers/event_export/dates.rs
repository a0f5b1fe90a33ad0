//! Times as exports show them: exact (with an offset, or in UTC by the form), or on a wall clock in the format of the
//! exporting user.
//!
//! ```text
//! 2024-05-07T08:00:00.1234567Z   5/7/2024 8:00:00 AM   07.05.2024 08:00:00   2024/05/07 8:00:00   2024-05-07 오전 8:00:00
//! ```
//!
//! Whether day or month stands first is decided from all times of a file together: by a number above 12, by the order
//! of the rows, by the separator (nobody writes months first with dots or hyphens).

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

use crate::readers::events::parse_time;

/// A time as it is shown.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Shown {
    /// Exact.
    Utc(Timestamp),
    /// On a wall clock, the year first.
    Local(DateTime),
    /// On a wall clock, the year last: day and month in either order.
    Either {
        first: i8,
        second: i8,
        year: i16,
        time: Time,
        /// Nobody puts the month first between these separators.
        day_first: bool,
        /// Whether a half of the day is named.
        halves: bool,
    },
}

/// Reads a time that may be on a wall clock.
pub(super) fn shown(text: &str) -> Option<Shown> {
    let plain: String = text
        .chars()
        // Marks of direction, and the blanks that newer versions put before AM.
        .filter(|c| !matches!(c, '\u{200e}' | '\u{200f}' | '"'))
        .map(|c| if c.is_whitespace() { ' ' } else { c })
        .collect();
    let text = plain.trim();
    if text.len() > 64 {
        return None;
    }
    if let Some(exact) = exact(text) {
        return Some(Shown::Utc(exact));
    }
    if let Ok(local) = text.parse::<DateTime>() {
        return Some(Shown::Local(local));
    }
    let (numbers, separator, rest) = date_numbers(text)?;
    let (time, halves) = time(rest)?;
    let [first, second, third] = numbers;
    if first > 999 {
        let date = Date::new(first, small(second)?, small(third)?).ok()?;
        return Some(Shown::Local(date.to_datetime(time)));
    }
    let year = if third < 100 { third + 2000 } else { third };
    (year > 999).then_some(())?;
    Some(Shown::Either {
        first: small(first)?,
        second: small(second)?,
        year,
        time,
        day_first: separator != '/',
        halves,
    })
}

/// Reads a time that is in UTC whether it says so or not, as the tools that read `.evtx` files write it.
pub(super) fn utc(text: &str) -> Option<Timestamp> {
    exact(text.trim()).or_else(|| parse_time(text))
}

/// A time with an offset, or in the form of Windows PowerShell's JSON: `/Date(1715068800000)/`.
fn exact(text: &str) -> Option<Timestamp> {
    if let Some(inside) = text
        .strip_prefix("/Date(")
        .and_then(|rest| rest.strip_suffix(")/"))
    {
        let digits = inside.split(['+']).next().unwrap_or(inside);
        return Timestamp::from_millisecond(digits.parse().ok()?).ok();
    }
    if text.ends_with("UTC") {
        return parse_time(text);
    }
    text.parse().ok()
}

fn small(number: i16) -> Option<i8> {
    i8::try_from(number).ok().filter(|n| (1..=31).contains(n))
}

/// The three numbers that a date begins with, what separates them, and what follows.
fn date_numbers(text: &str) -> Option<([i16; 3], char, &str)> {
    let mut numbers = [0i16; 3];
    let mut rest = text;
    let mut separator = ' ';
    for (at, number) in numbers.iter_mut().enumerate() {
        let end = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        let (digits, after) = rest.split_at_checked(end)?;
        *number = digits.parse().ok()?;
        rest = after;
        if at < 2 {
            separator = rest.chars().next().filter(|c| "./-".contains(*c))?;
            rest = rest.get(1..)?.trim_start();
        }
    }
    Some((numbers, separator, rest.trim_start_matches(['.', ','])))
}

const MORNING: [&str; 6] = ["am", "a.m.", "a. m.", "上午", "오전", "午前"];
const AFTERNOON: [&str; 6] = ["pm", "p.m.", "p. m.", "下午", "오후", "午後"];

/// The time of day that follows a date, and whether it names a half of the day.
fn time(text: &str) -> Option<(Time, bool)> {
    let begin = text.find(|c: char| c.is_ascii_digit())?;
    let (before, text) = text.split_at_checked(begin)?;
    let end = text
        .find(|c: char| !c.is_ascii_digit() && !matches!(c, ':' | '.'))
        .unwrap_or(text.len());
    let (clock, after) = text.split_at_checked(end)?;
    let mut parts = clock.trim_end_matches('.').split([':', '.']);
    let mut hour: i8 = parts.next()?.parse().ok()?;
    let minute: i8 = parts.next()?.parse().ok()?;
    let second: i8 = parts.next().map_or(Some(0), |s| s.parse().ok())?;
    let nanosecond = match parts.next() {
        Some(digits) if digits.len() <= 9 => {
            let value: i32 = digits.parse().ok()?;
            value * 10i32.pow(9 - u32::try_from(digits.len()).ok()?)
        }
        Some(_) => return None,
        None => 0,
    };
    let half = format!("{}{}", before.trim(), after.trim()).to_lowercase();
    match half.as_str() {
        "" => {}
        half if MORNING.contains(&half) && hour <= 12 => hour %= 12,
        half if AFTERNOON.contains(&half) && hour <= 12 => hour = hour % 12 + 12,
        // A Japanese clock may count 13 in the afternoon.
        half if AFTERNOON.contains(&half) => {}
        _ => return None,
    }
    let time = Time::new(hour, minute, second, nanosecond).ok()?;
    Some((time, !half.is_empty()))
}

/// What the times of a file say about their order.
#[derive(Clone, Debug, Default)]
pub(super) struct Order {
    day_first: bool,
    month_first: bool,
    by_separator: bool,
    halves: bool,
    met: bool,
    if_day_first: Run,
    if_month_first: Run,
}

/// How times follow one another under one reading.
#[derive(Clone, Debug, Default)]
struct Run {
    last: Option<DateTime>,
    rises: u64,
    falls: u64,
}

impl Run {
    fn see(&mut self, time: Option<DateTime>) {
        let Some(time) = time else { return };
        if let Some(last) = self.last.replace(time) {
            self.rises += u64::from(time > last);
            self.falls += u64::from(time < last);
        }
    }

    /// Rows that stand against the direction of the others.
    fn against(&self) -> u64 {
        self.rises.min(self.falls)
    }
}

impl Order {
    pub(super) fn see(&mut self, shown: &Shown) {
        let Shown::Either {
            first,
            second,
            day_first,
            halves,
            ..
        } = *shown
        else {
            return;
        };
        self.met = true;
        self.day_first |= first > 12;
        self.month_first |= second > 12;
        self.by_separator |= day_first;
        self.halves |= halves;
        self.if_day_first.see(shown.on_wall_clock(true));
        self.if_month_first.see(shown.on_wall_clock(false));
    }

    /// Whether the day stands first, and whether that is known; where it is not, the commonest format of the kind is
    /// taken: months first with AM and PM, days first without.
    pub(super) fn decide(&self) -> (bool, bool) {
        if self.day_first != self.month_first {
            return (self.day_first, true);
        }
        if self.by_separator || !self.met {
            return (true, true);
        }
        let (day, month) = (self.if_day_first.against(), self.if_month_first.against());
        if !self.day_first && (day == 0) != (month == 0) {
            return (day == 0, true);
        }
        (!self.halves, false)
    }
}

impl Shown {
    /// The time in UTC, a wall clock's as if it were; `None` where there is no such date.
    pub(super) fn as_utc(&self, day_first: bool) -> Option<Timestamp> {
        if let Self::Utc(time) = self {
            return Some(*time);
        }
        let local = self.on_wall_clock(day_first)?;
        Some(local.to_zoned(TimeZone::UTC).ok()?.timestamp())
    }

    pub(super) fn is_local(&self) -> bool {
        !matches!(self, Self::Utc(_))
    }

    fn on_wall_clock(&self, day_first: bool) -> Option<DateTime> {
        match *self {
            Self::Utc(_) => None,
            Self::Local(local) => Some(local),
            Self::Either {
                first,
                second,
                year,
                time,
                ..
            } => {
                // A number above 12 is a day wherever it stands.
                let day_first = (day_first || first > 12) && second <= 12;
                let (day, month) = if day_first {
                    (first, second)
                } else {
                    (second, first)
                };
                Some(Date::new(year, month, day).ok()?.to_datetime(time))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc_of(text: &str, day_first: bool) -> String {
        let shown = shown(text).unwrap_or_else(|| panic!("{text}"));
        shown
            .as_utc(day_first)
            .unwrap_or_else(|| panic!("{text}"))
            .to_string()
    }

    #[test]
    fn formats_of_the_world() {
        for text in [
            "5/7/2024 8:00:01 PM",
            "5/7/2024 8:00:01\u{202f}PM",
            "\u{200e}5/\u{200e}7/\u{200e}2024 8:00:01 p. m.",
            "07.05.2024 20:00:01",
            "07-05-2024 20:00:01",
            "07/05/2024 20:00:01",
            "7/5/2024 20.00.01",
            "2024/05/07 20:00:01",
            "2024/5/7 下午 8:00:01",
            "2024-05-07 오후 8:00:01",
            "2024. 05. 07. 20:00:01",
            "2024-05-07T20:00:01",
            "2024-05-07T20:00:01Z",
            "2024-05-07T22:00:01+02:00",
            "2024-05-07 20:00:01 UTC",
            "/Date(1715112001000)/",
            "07.05.24 20:00:01",
        ] {
            let day_first =
                !text.contains("5/") || text.starts_with("07/") || text.starts_with("7/");
            assert_eq!(utc_of(text, day_first), "2024-05-07T20:00:01Z", "{text}");
        }
        assert_eq!(
            utc_of("5/7/2024 12:30:00 AM", false),
            "2024-05-07T00:30:00Z"
        );
        assert_eq!(utc_of("13/7/2024 1:30:00", false), "2024-07-13T01:30:00Z");
        assert_eq!(
            utc_of("2024-05-07T20:00:01.1234567", true),
            "2024-05-07T20:00:01.1234567Z"
        );
        for text in [
            "",
            "4",
            "May 07 08:00",
            "5/7/2024",
            "32/1/2024 1:00:00 XX",
            "1.2.3.4",
        ] {
            assert!(shown(text).is_none(), "{text}");
        }
    }

    #[test]
    fn the_order_of_day_and_month_comes_from_the_whole_file() {
        let decide = |times: &[&str]| {
            let mut order = Order::default();
            for time in times {
                order.see(&shown(time).expect("a time"));
            }
            order.decide()
        };
        assert_eq!(
            decide(&["5/7/2024 8:00:00 AM", "5/13/2024 8:00:00 AM"]),
            (false, true)
        );
        assert_eq!(
            decide(&["07/05/2024 08:00:00", "13/05/2024 08:00:00"]),
            (true, true)
        );
        assert_eq!(decide(&["07.05.2024 08:00:00"]), (true, true));
        // Newest first: 2 June, 5 May, 1 May, or else 6 February, 5 May, 5 January.
        let falling = [
            "02/06/2024 08:00:00",
            "05/05/2024 08:00:00",
            "01/05/2024 08:00:00",
        ];
        assert_eq!(decide(&falling), (true, true));
        assert_eq!(decide(&["5/7/2024 8:00:00 AM"]), (false, false));
        assert_eq!(decide(&["05/07/2024 08:00:00"]), (true, false));
        assert_eq!(decide(&["2024-05-07T08:00:00Z"]), (true, true));
    }
}
