//! What time it was when a line was written.

use jiff::Timestamp;
use jiff::civil::{Date, Time};
use jiff::tz::Offset;

/// A time that falls back by this many seconds or more, in a log without a date column, belongs to the next day.
const HALF_A_DAY: i64 = 43_200;
/// Length of a date and a time in the usual spelling, with a blank behind each.
const HEAD: usize = 20;

/// The clock of a log: seconds of its own wall clock, counted as if that were UTC.
#[derive(Debug, Default)]
pub(in crate::readers) struct Clock {
    date: Option<Date>,
    last: Option<i64>,
    /// A date and a time in the usual spelling, and when that is: often the next line's too.
    dated: Option<([u8; 10], [u8; 8], Option<i64>)>,
    /// What a line begins with that has both first, and when that is.
    head: Option<([u8; HEAD], Option<i64>)>,
}

impl Clock {
    /// Takes the date of a `#Date:` directive.
    pub(in crate::readers) fn set(&mut self, date: &str) {
        if let Some(date) = date.split(' ').next().and_then(iso_date) {
            self.date = Some(date);
            self.last = None;
        }
    }

    /// The time of a line whose first columns are date and time, where it is that of the last such line.
    #[inline(always)]
    pub(in crate::readers) fn again(&self, line: &[u8]) -> Option<Option<i64>> {
        let (head, at) = self.head.as_ref()?;
        (line.first_chunk() == Some(head)).then_some(*at)
    }

    /// The time of a line that begins with this date and this time.
    pub(in crate::readers) fn first(
        &mut self,
        line: &[u8],
        date: &[u8],
        time: &[u8],
    ) -> Option<i64> {
        let at = self.time(Some(date), Some(time));
        let usual = date.len() == 10 && time.len() == 8;
        self.head = line.first_chunk().filter(|_| usual).map(|head| (*head, at));
        at
    }

    /// The time of a line; `None` where the line has none, or nothing says of which day it is.
    #[inline(always)]
    pub(in crate::readers) fn time(
        &mut self,
        date: Option<&[u8]>,
        time: Option<&[u8]>,
    ) -> Option<i64> {
        let dated = (
            date.and_then(<[u8]>::as_array),
            time.and_then(<[u8]>::as_array),
        );
        if let (Some(date), Some(time)) = dated {
            return self.dated(date, time);
        }
        self.read(date, time)
    }

    /// The time of a line that has both in the usual spelling.
    #[inline]
    fn dated(&mut self, date: &[u8; 10], time: &[u8; 8]) -> Option<i64> {
        let at = match &self.dated {
            Some((last_date, last_time, at)) if last_date == date => match last_time == time {
                true => return *at,
                // Of the same day.
                false => (*at)
                    .zip(second_of_day(last_time).zip(second_of_day(time)))
                    .map(|(at, (last, second))| at - last + second)
                    // Time ends in the middle of a day.
                    .filter(|at| timestamp(*at).is_some()),
            },
            _ => None,
        };
        let at = at.or_else(|| self.read(Some(date), Some(time)));
        self.dated = Some((*date, *time, at));
        at
    }

    fn read(&mut self, date: Option<&[u8]>, time: Option<&[u8]>) -> Option<i64> {
        let text = |value| std::str::from_utf8(value).ok();
        let time = time?;
        match date {
            Some(date) => seconds(iso_date(text(date)?)?, day_time(text(time)?)?),
            None => {
                let time = day_time(text(time)?)?;
                let mut at = seconds(self.date?, time)?;
                if self.last.is_some_and(|last| last - at >= HALF_A_DAY) {
                    self.date = self.date?.tomorrow().ok();
                    at = seconds(self.date?, time)?;
                }
                self.last = Some(at);
                Some(at)
            }
        }
    }
}

/// `07:55:20` as a number of seconds.
fn second_of_day(time: &[u8; 8]) -> Option<i64> {
    let two = |tens: u8, ones: u8| {
        let digit = |byte: u8| Some(byte.wrapping_sub(b'0')).filter(|digit| *digit <= 9);
        Some(i64::from(digit(tens)? * 10 + digit(ones)?))
    };
    let [h, hh, b':', m, mm, b':', s, ss] = *time else {
        return None;
    };
    let (hour, minute, second) = (two(h, hh)?, two(m, mm)?, two(s, ss)?);
    (hour < 24 && minute < 60 && second < 60).then_some(hour * 3600 + minute * 60 + second)
}

/// `2026-03-02`
fn iso_date(text: &str) -> Option<Date> {
    let mut parts = text.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 {
        return None;
    }
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?).ok()
}

/// `7:55:20`
pub(in crate::readers) fn day_time(text: &str) -> Option<Time> {
    let mut parts = text.split(':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    Time::new(
        hour.parse().ok()?,
        minute.parse().ok()?,
        second.parse().ok()?,
        0,
    )
    .ok()
}

/// Seconds since 1970 of a wall clock.
pub(in crate::readers) fn seconds(date: Date, time: Time) -> Option<i64> {
    let at = Offset::UTC.to_timestamp(date.to_datetime(time)).ok()?;
    Some(at.as_second())
}

/// The time of a number of seconds.
pub(in crate::readers) fn timestamp(seconds: i64) -> Option<Timestamp> {
    Timestamp::from_second(seconds).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn times() {
        let mut clock = Clock::default();
        assert_eq!(
            clock.time(None, Some(b"08:00:00".as_slice())),
            None,
            "of no day"
        );
        clock.set("2026-02-28 23:59:58");
        let late = clock.time(None, Some(b"23:59:59".as_slice())).unwrap();
        assert_eq!(
            clock.time(None, Some(b"00:00:01".as_slice())),
            Some(late + 2),
            "midnight"
        );
        assert_eq!(
            timestamp(
                clock
                    .time(Some(b"2026-03-02".as_slice()), Some(b"08:00:00".as_slice()))
                    .unwrap()
            )
            .unwrap()
            .to_string(),
            "2026-03-02T08:00:00Z"
        );
        let last = clock.time(Some(b"9999-12-30".as_slice()), Some(b"22:00:00".as_slice()));
        assert!(last.is_some(), "time ends in the middle of a day");
        for (date, time) in [
            ("9999-12-30", "22:00:01"),
            ("2026-13-02", "08:00:00"),
            ("2026-03-02", "25:00:00"),
            ("x", "y"),
        ] {
            assert_eq!(
                clock.time(Some(date.as_bytes()), Some(time.as_bytes())),
                None
            );
        }
    }

    proptest! {
        /// What it keeps of the line before changes nothing.
        #[test]
        fn a_time_says_the_same_after_any_other(
            lines in prop::collection::vec(
                ("2026-0[0-9]-(2[0-9]|3[01]|3)|[0-9-]{10}", "[0-2][0-9]:[0-6][0-9]:[0-6][0-9]|[0-9:+]{8}|8:0:0"),
                1..20,
            ),
        ) {
            let mut clock = Clock::default();
            for (date, time) in &lines {
                let read = |clock: &mut Clock| clock.time(Some(date.as_bytes()), Some(time.as_bytes()));
                prop_assert_eq!(read(&mut clock), read(&mut Clock::default()));
            }
        }
    }
}
