//! One entry of the log: `MM/DD HH:MM:SS [TAG] [thread] DOMAIN: what it says`.

use jiff::civil::{Date, DateTime, Time};
use memchr::{memchr_iter, memrchr_iter};

/// A time of the log: local, and of a year that it does not name. Ordered within one year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LogTime {
    month: i8,
    day: i8,
    time: Time,
}

impl LogTime {
    fn new(text: &str) -> Option<Self> {
        let number = |at: usize| text.get(at..at.checked_add(2)?)?.parse::<i8>().ok();
        let sign = |at: usize, sign: u8| text.as_bytes().get(at) == Some(&sign);
        let shaped = sign(2, b'/') && sign(5, b' ') && sign(8, b':') && sign(11, b':');
        let time = Time::new(number(6)?, number(9)?, number(12)?, 0).ok()?;
        let (month, day) = (number(0)?, number(3)?);
        // Every day of a year is one of a leap year.
        let exists = Date::new(2024, month, day).is_ok();
        (shaped && exists).then_some(Self { month, day, time })
    }

    /// The wall-clock time, once the year is known from elsewhere.
    pub fn in_year(self, year: i16) -> Option<DateTime> {
        let date = Date::new(year, self.month, self.day).ok()?;
        Some(date.to_datetime(self.time))
    }
}

/// What an entry says.
pub(super) struct Entry<'a> {
    pub time: LogTime,
    /// The domain before the first colon, where one stands there.
    pub domain: Option<&'a str>,
    pub said: Said<'a>,
}

pub(super) enum Said<'a> {
    /// A logon came in.
    Entered,
    /// A logon got its answer.
    Returned(Logon<'a>),
    /// The secure channel failed.
    ChannelFailed { function: &'a str, status: u32 },
    /// Something else.
    Other,
}

pub(super) struct Logon<'a> {
    pub user: &'a str,
    pub workstation: &'a str,
    pub via: Option<&'a str>,
    pub status: u32,
}

/// Functions of Netlogon that speak of the secure channel, by the beginning of their names.
const CHANNEL: [&str; 8] = [
    "NlSessionSetup",
    "NlSetStatusClientSession",
    "NlDiscoverDc",
    "NlPrintRpcDebug",
    "NlFinishApiClientSession",
    "NlpUserValidateHigher",
    "NlGetAnyDCName",
    "NlChangePassword",
];

impl<'a> Entry<'a> {
    pub(super) fn new(line: &'a str) -> Option<Self> {
        let time = LogTime::new(line)?;
        let rest = line.get(14..)?.trim_start().strip_prefix('[')?;
        let (tag, rest) = split(rest, "]")?;
        let mut rest = rest.trim_start();
        // The thread, since Windows Server 2012.
        if let Some((_, after)) = rest.strip_prefix('[').and_then(|r| split(r, "]")) {
            rest = after.trim_start();
        }
        let (domain, text) = match split(rest, ": ") {
            Some((domain, text)) if !domain.contains(' ') && !is_function(domain) => {
                (Some(domain), text)
            }
            _ => (None, rest),
        };
        let said = match tag {
            "LOGON" => logon(text),
            "CRITICAL" | "SESSION" => channel(text),
            _ => Said::Other,
        };
        Some(Self { time, domain, said })
    }
}

fn is_function(word: &str) -> bool {
    word.starts_with("Nl") || word.starts_with("SamLogon") || word.starts_with("I_Net")
}

/// `SamLogon: Network logon of CORP\uma from PC7 (via WEB01) Returns 0xC000006A`. Users name their workstation
/// themselves, so that the answer is looked for from the end.
fn logon(text: &str) -> Said<'_> {
    let Some((kind, who)) = text
        .strip_prefix("SamLogon: ")
        .and_then(|text| split(text, " logon of "))
    else {
        return channel(text);
    };
    // Interactive and generic logons are nobody's at a site.
    if !kind.ends_with("Network") {
        return Said::Other;
    }
    if who.trim_end().ends_with(" Entered") {
        return Said::Entered;
    }
    let read = || {
        let (who, status) = split_last(who, " Returns ")?;
        let (user, origin) = split(who, " from ")?;
        let (workstation, via) = match split_last(origin, " (via ") {
            Some((workstation, via)) => (workstation, Some(via.trim().trim_end_matches(')'))),
            None => (origin, None),
        };
        Some(Logon {
            user: user.trim(),
            workstation: workstation.trim(),
            via,
            status: hexadecimal(status.split_whitespace().next()?)?,
        })
    };
    read().map_or(Said::Other, Said::Returned)
}

/// `NlSessionSetup: Session setup: cannot I_NetServerAuthenticate 0xC0000022`
fn channel(text: &str) -> Said<'_> {
    let Some((function, rest)) = split(text, ": ") else {
        return Said::Other;
    };
    if !CHANNEL.contains(&function) {
        return Said::Other;
    }
    let words = || rest.split([' ', ',', ')', '(', ':']);
    let status = words().filter_map(hexadecimal).next_back();
    // "Cannot find DC" is a failure without a number: ERROR_NO_LOGON_SERVERS.
    let status = status.or_else(|| rest.contains("Cannot find DC").then_some(1311));
    match status {
        Some(status) if status != 0 => Said::ChannelFailed { function, status },
        _ => Said::Other,
    }
}

fn hexadecimal(word: &str) -> Option<u32> {
    let digits = word
        .strip_prefix("0x")
        .or_else(|| word.strip_prefix("0X"))?;
    u32::from_str_radix(digits.trim_end_matches(['.', ';']), 16).ok()
}

/// What stands before and behind the first such mark, as [`str::split_once`] says it too, in more time: a line is short, and
/// what a mark begins with is rare in it.
#[inline(always)]
fn split<'t>(text: &'t str, mark: &str) -> Option<(&'t str, &'t str)> {
    let mut places = memchr_iter(*mark.as_bytes().first()?, text.as_bytes());
    places.find_map(|at| parts(text, mark, at))
}

/// The same of the last such mark.
#[inline(always)]
fn split_last<'t>(text: &'t str, mark: &str) -> Option<(&'t str, &'t str)> {
    let mut places = memrchr_iter(*mark.as_bytes().first()?, text.as_bytes());
    places.find_map(|at| parts(text, mark, at))
}

/// What stands before and behind a mark that begins there.
#[inline(always)]
fn parts<'t>(text: &'t str, mark: &str, at: usize) -> Option<(&'t str, &'t str)> {
    let (before, rest) = text.split_at_checked(at)?;
    Some((before, rest.strip_prefix(mark)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn parts_are_those_of_str(text in "[a: ü]{0,30}") {
            for mark in [":", ": ", " a", " a ", " a: "] {
                prop_assert_eq!(split(&text, mark), text.split_once(mark));
                prop_assert_eq!(split_last(&text, mark), text.rsplit_once(mark));
            }
        }
    }
}
