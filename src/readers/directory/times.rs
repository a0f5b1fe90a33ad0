//! Times as the directory and the cmdlets write them.
//!
//! ```text
//! 134170128000000000            FILETIME, UTC
//! 20260302080000.0Z             generalised time, UTC
//! /Date(1772438400000)/         JSON of PowerShell, UTC
//! 3/2/2026 9:00:00 AM           the clock and the language of the machine that asked
//! ```
//!
//! Whether 3/2 is in March or in February only the other dates of the file tell: one with a number above 12.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};

use crate::evidence::When;

/// Which of two numbers is the month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::readers) enum Order {
    MonthFirst,
    DayFirst,
}

/// Seconds from 1601 to 1970.
const EPOCH: i64 = 11_644_473_600;

/// What the dates of a text show of their order; `None` where they show none, or both.
pub(in crate::readers) fn order<'a>(lines: impl Iterator<Item = &'a str>) -> Option<Order> {
    let (mut month, mut day) = (false, false);
    for word in lines.flat_map(str::split_ascii_whitespace) {
        if let Some(([first, second, _], '/')) = parts(word)
            && first <= 31
        {
            day |= first > 12 && second <= 12;
            month |= second > 12 && first <= 12;
        }
    }
    match (month, day) {
        (true, false) => Some(Order::MonthFirst),
        (false, true) => Some(Order::DayFirst),
        _ => None,
    }
}

/// A time in any of the forms; `None` for others, and where the order of day and month is not known.
pub(in crate::readers) fn when(value: &str, order: Option<Order>) -> Option<When> {
    let value = value.trim();
    if value.len() >= 14 && value.bytes().all(|b| b.is_ascii_digit()) {
        return filetime(value.parse().ok()?);
    }
    if let Some(time) = generalised(value) {
        return Some(When::Utc(time));
    }
    let json = value.trim_start_matches('\\').strip_prefix("/Date(");
    if let Some((milliseconds, _)) = json.and_then(|rest| rest.split_once(')')) {
        return Timestamp::from_millisecond(milliseconds.parse().ok()?)
            .ok()
            .map(When::Utc);
    }
    if value.contains('T') && value.ends_with('Z') {
        return value.parse().ok().map(When::Utc);
    }
    local(value, order).map(When::Local)
}

/// The number of the directory, in steps of 100 nanoseconds from 1601 on.
pub(super) fn filetime(steps: i64) -> Option<When> {
    let seconds = (steps / 10_000_000).checked_sub(EPOCH)?;
    Timestamp::from_second(seconds).ok().map(When::Utc)
}

/// `20260302080000.0Z`.
fn generalised(value: &str) -> Option<Timestamp> {
    let digits = value.strip_suffix('Z')?;
    let digits = digits.split_once('.').map_or(digits, |(whole, _)| whole);
    if digits.len() != 14 || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let part = |from: usize, to: usize| digits.get(from..to)?.parse::<i16>().ok();
    let small = |from: usize| i8::try_from(part(from, from + 2)?).ok();
    let time = DateTime::new(
        part(0, 4)?,
        small(4)?,
        small(6)?,
        small(8)?,
        small(10)?,
        small(12)?,
        0,
    );
    jiff::tz::Offset::UTC.to_timestamp(time.ok()?).ok()
}

/// `3/2/2026 9:00:00 AM`, `22/10/2021 15:28:31`, `10/10/2020 2:20:37 p.m.`, `02.03.2026 09:00:00`, `2026/3/2 9:00:00`.
fn local(value: &str, order: Option<Order>) -> Option<DateTime> {
    let mut words = value
        .split([' ', '\u{a0}', '\u{202f}'])
        .filter(|word| !word.is_empty());
    let (date, other) = day(words.next()?, order)?;
    if date != other {
        return None;
    }
    let rest: Vec<&str> = words.collect();
    // Some languages write the half of the day before the time.
    let at = rest.iter().position(|word| word.contains(':'))?;
    let mut clock = rest.get(at)?.split(':').map(|part| part.parse::<i8>().ok());
    let (mut hour, minute) = (clock.next()??, clock.next()??);
    let second = clock.next().flatten().unwrap_or(0);
    let half: String = rest
        .iter()
        .enumerate()
        .filter(|(index, _)| *index != at)
        .flat_map(|(_, word)| word.chars())
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect();
    match half.as_str() {
        "" => {}
        "pm" | "μμ" | "下午" | "오후" | "午後" if hour < 12 => hour += 12,
        "am" | "πμ" | "上午" | "오전" | "午前" if hour == 12 => hour = 0,
        "pm" | "am" | "μμ" | "πμ" | "下午" | "上午" | "오후" | "오전" | "午後" | "午前" =>
            {}
        _ => return None,
    }
    let time = Time::new(hour, minute, second, 0).ok()?;
    Some(date.to_datetime(time))
}

/// The day that a date names; two different ones where nothing tells which number is the month.
pub(in crate::readers) fn day(word: &str, order: Option<Order>) -> Option<(Date, Date)> {
    let ([first, second, third], separator) = parts(word)?;
    let date = |year, month, day| {
        let small = |number| i8::try_from(number).ok();
        Date::new(year, small(month)?, small(day)?).ok()
    };
    if first > 31 {
        let date = date(first, second, third)?;
        return Some((date, date));
    }
    let (month_first, day_first) = (date(third, first, second), date(third, second, first));
    match (separator, order) {
        ('.' | '-', _) | (_, Some(Order::DayFirst)) => day_first.zip(day_first),
        (_, Some(Order::MonthFirst)) => month_first.zip(month_first),
        (_, None) => Some((month_first.or(day_first)?, day_first.or(month_first)?)),
    }
}

/// The three numbers of a date and the sign between them.
fn parts(word: &str) -> Option<([i16; 3], char)> {
    let separator = word.chars().find(|c| !c.is_ascii_digit())?;
    if !matches!(separator, '/' | '.' | '-') || word.len() > 12 {
        return None;
    }
    let mut numbers = word
        .trim_end_matches(separator)
        .split(separator)
        .map(|part| part.parse::<i16>().ok());
    let found = [numbers.next()??, numbers.next()??, numbers.next()??];
    let year = found.into_iter().find(|number| *number > 31)?;
    (numbers.next().is_none() && (1601..=9999).contains(&year)).then_some((found, separator))
}
