//! Names and numbers of klist output that no translation touches: encryption types, flags, dates, codes.

use jiff::civil::DateTime;

/// The number of an encryption type, by the name that Windows, MIT or Heimdal prints (IANA "Kerberos Encryption Type
/// Numbers"; `Unknown (18)` gives its number). `None` for a name that is not known.
pub(super) fn etype_id(name: &str) -> Option<u32> {
    let key: String = name
        .to_ascii_lowercase()
        .trim_start_matches("deprecated:")
        .trim_start_matches("kerberos ")
        .chars()
        .filter(|letter| letter.is_ascii_alphanumeric())
        .collect();
    Some(match key.as_str() {
        "descbccrc" => 1,
        "descbcmd4" => 2,
        "descbcmd5" => 3,
        "des3cbcsha1" | "des3hmacsha1" | "des3cbcsha1kd" => 16,
        "aes128ctshmacsha196" | "aes128cts" | "aes128sha1" => 17,
        "aes256ctshmacsha196" | "aes256cts" | "aes256sha1" => 18,
        "aes128ctshmacsha256128" | "aes128sha2" => 19,
        "aes256ctshmacsha384192" | "aes256sha2" => 20,
        "rsadsirc4hmacnt" | "arcfourhmac" | "arcfourhmacmd5" | "rc4hmac" => 23,
        "rsadsirc4hmacntexp" | "arcfourhmacexp" | "arcfourhmacmd5exp" | "rc4hmacexp" => 24,
        "camellia128ctscmac" => 25,
        "camellia256ctscmac" => 26,
        other => return other.strip_prefix("unknown")?.parse().ok(),
    })
}

/// Ticket flags from the letters of MIT klist (`FRIA`). Bits as in RFC 4120 section 2, most significant first.
pub(super) fn flags_of_letters(letters: &str) -> Option<u32> {
    letters.chars().try_fold(0, |flags, letter| {
        let bit = match letter {
            'F' => 0x4000_0000,
            'f' => 0x2000_0000,
            'P' => 0x1000_0000,
            'p' => 0x0800_0000,
            'D' => 0x0400_0000,
            'd' => 0x0200_0000,
            'i' => 0x0100_0000,
            'R' => 0x0080_0000,
            'I' => 0x0040_0000,
            'A' => 0x0020_0000,
            'H' => 0x0010_0000,
            'T' => 0x0008_0000,
            'O' => 0x0004_0000,
            'a' => 0x0000_8000,
            _ => return None,
        };
        Some(flags | bit)
    })
}

/// Ticket flags from the names of Heimdal (`enc-pa-rep, pre-authent, …`). `None` when a name is not known.
pub(super) fn flags_of_names(names: &str) -> Option<u32> {
    names
        .split([',', ' '])
        .filter(|name| !name.is_empty())
        .try_fold(0, |flags, name| {
            let bit = match name {
                "forwardable" => 0x4000_0000,
                "forwarded" => 0x2000_0000,
                "proxiable" => 0x1000_0000,
                "proxy" => 0x0800_0000,
                "may-postdate" => 0x0400_0000,
                "postdated" => 0x0200_0000,
                "invalid" => 0x0100_0000,
                "renewable" => 0x0080_0000,
                "initial" => 0x0040_0000,
                "pre-authent" => 0x0020_0000,
                "hw-authent" => 0x0010_0000,
                "transited-policy-checked" => 0x0008_0000,
                "ok-as-delegate" => 0x0004_0000,
                "enc-pa-rep" => 0x0001_0000,
                "anonymous" => 0x0000_8000,
                _ => return None,
            };
            Some(flags | bit)
        })
}

/// The order in which a program printed day and month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DateOrder {
    /// 7/31/2026
    MonthFirst,
    /// 31/7/2026
    DayFirst,
}

/// A date and time as printed, before the order of its parts is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Printed {
    /// The three parts of the date, as they stand.
    pub parts: [i16; 3],
    time: [i8; 3],
    year_first: bool,
    /// `/`, `.` or `-`.
    pub separator: char,
}

impl Printed {
    /// Reads `10/1/2026 16:46:25`, `06.03.2020 09.03.06`, `2026-03-02 08:01:10`, `05/10/17 08:38:01`.
    pub(super) fn new(date: &str, time: &str) -> Option<Self> {
        let separator = date.chars().find(|letter| !letter.is_ascii_digit())?;
        if !matches!(separator, '/' | '.' | '-') {
            return None;
        }
        let parts = three::<i16>(date, separator)?;
        let colon = if time.contains(':') { ':' } else { '.' };
        let time = three::<i8>(time, colon)?;
        let [first, _, last] = parts;
        let year_first = first > 31;
        let two_digits = !year_first && last < 100;
        let parts = match parts {
            [first, second, last] if two_digits => [first, second, last.checked_add(2000)?],
            other => other,
        };
        Some(Self {
            parts,
            time,
            year_first,
            separator,
        })
    }

    /// The order, where this date alone proves it.
    pub(super) fn order(&self) -> Option<DateOrder> {
        let [first, second, _] = self.parts;
        match (self.year_first, first > 12, second > 12) {
            (false, true, false) => Some(DateOrder::DayFirst),
            (false, false, true) => Some(DateOrder::MonthFirst),
            _ => None,
        }
    }

    /// The moment, given the order; a date that begins with its year needs none, nor does one whose day and month are
    /// equal.
    pub(super) fn resolve(&self, order: Option<DateOrder>) -> Option<DateTime> {
        let [first, second, last] = self.parts;
        let (year, month, day) = match order {
            _ if self.year_first => (first, second, last),
            _ if first == second => (last, first, second),
            Some(DateOrder::MonthFirst) => (last, first, second),
            Some(DateOrder::DayFirst) => (last, second, first),
            None => return None,
        };
        let [hour, minute, second] = self.time;
        let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
        DateTime::new(year, month, day, hour, minute, second, 0).ok()
    }
}

fn three<T: std::str::FromStr>(text: &str, separator: char) -> Option<[T; 3]> {
    let mut parts = text.split(separator);
    let mut next = || {
        let part = parts.next()?;
        let digits = !part.is_empty()
            && part.len() <= 4
            && part.chars().all(|letter| letter.is_ascii_digit());
        digits.then(|| part.parse().ok()).flatten()
    };
    let found = [next()?, next()?, next()?];
    parts.next().is_none().then_some(found)
}

/// A time of Windows klist: month first in every language. Dates with dots are not what Windows prints; they count
/// only where they cannot be misread.
pub(super) fn windows_time(value: &str) -> Option<DateTime> {
    let mut words = value.split_ascii_whitespace();
    let printed = Printed::new(words.next()?, words.next()?)?;
    let order = match printed.separator {
        '/' => printed.order().or(Some(DateOrder::MonthFirst)),
        _ => printed.order(),
    };
    printed.resolve(order)
}

/// `Sep 26 13:55:46 2025`, as Heimdal prints it.
pub(super) fn heimdal_time(month: &str, day: &str, time: &str, year: &str) -> Option<DateTime> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let month = MONTHS
        .iter()
        .position(|name| *name == month)?
        .checked_add(1)?;
    let [hour, minute, second] = three::<i8>(time, ':')?;
    let (year, day) = (year.parse().ok()?, day.parse().ok()?);
    DateTime::new(
        year,
        i8::try_from(month).ok()?,
        day,
        hour,
        minute,
        second,
        0,
    )
    .ok()
}

/// The first hexadecimal number of at most eight digits, `0x` before it.
pub(super) fn hex(text: &str) -> Option<u32> {
    let (_, after) = text.split_once("0x")?;
    let digits: String = after.chars().take_while(char::is_ascii_hexdigit).collect();
    (digits.len() <= 8)
        .then(|| u32::from_str_radix(&digits, 16).ok())
        .flatten()
}

/// A logon session as klist prints it, `0:0x3e7`, in one number: `0x3e7`.
pub(super) fn logon_id(word: &str) -> Option<String> {
    let (high, low) = word.split_once(":0x")?;
    let plain =
        |text: &str| !text.is_empty() && text.chars().all(|letter| letter.is_ascii_hexdigit());
    if !plain(low) || !plain(high.strip_prefix("0x").unwrap_or(high)) {
        return None;
    }
    let low = u32::from_str_radix(low, 16).ok()?;
    let high = match high.strip_prefix("0x") {
        Some(digits) => u32::from_str_radix(digits, 16).ok()?,
        None => high.parse().ok()?,
    };
    let whole = (u64::from(high) << 32) | u64::from(low);
    Some(format!("{whole:#x}"))
}

/// `HTTP/web.corp.example @ CORP.EXAMPLE` in its two halves; Windows sets blanks round the sign, others do not. The
/// realm is empty where none stands there.
pub(super) fn principal(value: &str) -> (String, String) {
    let value = value.trim();
    let halves = value
        .rsplit_once(" @ ")
        .or_else(|| value.strip_suffix(" @").map(|name| (name, "")))
        .or_else(|| value.strip_prefix("@ ").map(|realm| ("", realm)))
        .or_else(|| value.rsplit_once('@'));
    let (name, realm) = halves.unwrap_or((value, ""));
    (name.trim().to_owned(), realm.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encryption_types() {
        for (name, id) in [
            ("AES-256-CTS-HMAC-SHA1-96", Some(18)),
            ("AES-128-CTS-HMAC-SHA1-96", Some(17)),
            ("RSADSI RC4-HMAC(NT)", Some(23)),
            ("Kerberos DES-CBC-MD5", Some(3)),
            ("aes256-cts-hmac-sha384-192", Some(20)),
            ("DEPRECATED:arcfour-hmac", Some(23)),
            ("Unknown (26)", Some(26)),
            ("something else", None),
        ] {
            assert_eq!(etype_id(name), id, "{name}");
        }
    }

    #[test]
    fn dates_that_can_be_misread_stay_unread() {
        let read =
            |date, time, order| Printed::new(date, time).and_then(|printed| printed.resolve(order));
        assert_eq!(read("06.03.2020", "09.03.06", None), None);
        assert!(read("06.06.2020", "09.03.06", None).is_some());
        assert!(read("2026-03-02", "08:01:10", None).is_some());
        assert_eq!(
            windows_time("11/7/2023 9:00:00 (local)").unwrap(),
            jiff::civil::date(2023, 11, 7).at(9, 0, 0, 0)
        );
        assert_eq!(
            windows_time("16.07.2026 8:01:10 (lokal)").unwrap(),
            jiff::civil::date(2026, 7, 16).at(8, 1, 10, 0)
        );
        assert_eq!(windows_time("06.07.2026 8:01:10 (lokal)"), None);
        assert_eq!(windows_time("0"), None);
        assert_eq!(windows_time("99/99/2026 8:01:10"), None);
    }

    #[test]
    fn logon_sessions_and_principals() {
        assert_eq!(logon_id("0:0x3E7").as_deref(), Some("0x3e7"));
        assert_eq!(logon_id("1:0x2").as_deref(), Some("0x100000002"));
        assert_eq!(logon_id("0:0x"), None);
        assert_eq!(principal("HTTP/a @ B"), ("HTTP/a".into(), "B".into()));
        assert_eq!(principal("u@x @ B"), ("u@x".into(), "B".into()));
        assert_eq!(principal("HTTP/a@B"), ("HTTP/a".into(), "B".into()));
        assert_eq!(principal("@ B"), (String::new(), "B".into()));
    }
}
