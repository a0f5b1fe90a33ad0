//! A time zone, under any name that a bundle or a user gives it.
//!
//! Windows names zones in its own way (`W. Europe Standard Time`, `(UTC+01:00) Amsterdam, Berlin, …`); the Unicode CLDR
//! says which zone of the time zone database each of them is. The database is part of the program, so that the answer
//! does not depend on the machine.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase};
use strum::IntoEnumIterator as _;
use windows_timezones::WindowsTimezone;

/// A time zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Zone {
    zone: TimeZone,
    /// Whether its summer time is known; where only an offset is, an hour may be missing for half of the year.
    knows_summer: bool,
    shown: String,
}

impl Zone {
    /// Reads the name of a zone: of the time zone database (`Europe/Berlin`), of Windows (`W. Europe Standard Time`, or as
    /// `systeminfo` shows it), or an offset (`+01:00`, `UTC-5`).
    ///
    /// # Errors
    /// Which forms are known.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let named = |id: &str| TimeZoneDatabase::bundled().get(id).ok();
        let found = windows_zone(text)
            .and_then(|zone| named(zone.tzdb_id()))
            .or_else(|| named(text))
            .map(|zone| Self {
                zone,
                knows_summer: true,
                shown: text.to_owned(),
            });
        found
            .or_else(|| {
                let digits = text.trim_start_matches('(').trim_end_matches(')');
                (!digits.is_empty())
                    .then(|| offset(digits))
                    .flatten()
                    .map(Self::fixed)
            })
            .ok_or_else(|| {
                "write it like Europe/Berlin, \"W. Europe Standard Time\" or +01:00".to_owned()
            })
    }

    /// A zone that is known by its offset alone.
    pub fn fixed(offset: Offset) -> Self {
        Self {
            zone: TimeZone::fixed(offset),
            knows_summer: false,
            shown: shown(offset),
        }
    }

    /// The zone of `480 Pacific Standard Time`, as event 6013 writes it: minutes that are added to local time to give UTC,
    /// and the zone's name in the language of the machine.
    pub fn of_bias(text: &str) -> Option<Self> {
        let (minutes, name) = text.trim().split_once(' ')?;
        let minutes: i32 = minutes.parse().ok()?;
        let offset = Offset::from_seconds(minutes.checked_mul(-60)?).ok()?;
        // A bare number of minutes may be anything: no zone is further than 14 hours from UTC.
        (minutes.abs() <= 14 * 60 && name.chars().any(char::is_alphabetic)).then(|| {
            let named = Self::parse(&name.replace("Daylight", "Standard"))
                .ok()
                .filter(|zone| zone.knows_summer);
            named.unwrap_or_else(|| Self::fixed(offset))
        })
    }

    /// The zone of a text that holds `(UTC+01:00)`, as `systeminfo` shows it in every language. The offset is that of
    /// standard time.
    pub fn shown_in(text: &str) -> Option<Self> {
        let start = text.find("(UTC").or_else(|| text.find("(GMT"))?;
        let rest = text.get(start..)?;
        let end = rest.find(')')?;
        let described = rest.trim();
        Self::parse(described).ok().or_else(|| {
            let inner = rest.get(4..end)?;
            offset(inner).map(Self::fixed)
        })
    }

    /// A wall-clock time of the zone in UTC, and whether no other time can be meant. An hour that summer time repeats is
    /// taken for its first pass.
    pub fn utc(&self, shown: DateTime) -> Option<(Timestamp, bool)> {
        let ambiguous = self.zone.to_ambiguous_timestamp(shown);
        let unambiguous = matches!(ambiguous.offset(), AmbiguousOffset::Unambiguous { .. });
        let time = ambiguous.compatible().ok()?;
        Some((time, unambiguous && self.knows_summer))
    }

    /// Whether it has rules for summer time, and not an offset alone.
    pub fn knows_summer(&self) -> bool {
        self.knows_summer
    }

    /// How the source names it.
    pub fn shown(&self) -> &str {
        &self.shown
    }
}

fn windows_zone(text: &str) -> Option<WindowsTimezone> {
    text.parse().ok().or_else(|| {
        // `systeminfo` shows the description; the name is what the registry and event 6013 have.
        WindowsTimezone::iter().find(|zone| zone.description() == text)
    })
}

/// `+01:00`, `UTC-5`, `GMT+0530`, `Z`, or nothing, which is UTC.
fn offset(text: &str) -> Option<Offset> {
    let text = text.trim();
    let bare = ["UTC", "GMT", "utc", "gmt"]
        .iter()
        .find_map(|lead| text.strip_prefix(lead))
        .unwrap_or(text)
        .trim();
    let (sign, digits) = match bare.chars().next() {
        None | Some('Z' | 'z') => return Some(Offset::UTC),
        Some('+') => (1, bare.get(1..)?),
        Some('-') => (-1, bare.get(1..)?),
        Some('\u{2212}') => (-1, bare.get('\u{2212}'.len_utf8()..)?),
        _ => return None,
    };
    let (hours, minutes) = match digits.split_once(':') {
        Some((hours, minutes)) => (hours, minutes),
        None if digits.len() == 4 => digits.split_at_checked(2)?,
        None => (digits, "0"),
    };
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    let plain = (0..=14).contains(&hours) && (0..60).contains(&minutes);
    plain.then_some(())?;
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

fn shown(offset: Offset) -> String {
    let seconds = offset.seconds();
    let (sign, all) = if seconds < 0 {
        ('-', -seconds)
    } else {
        ('+', seconds)
    };
    format!("UTC{sign}{:02}:{:02}", all / 3600, all % 3600 / 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(zone: &Zone, local: &str) -> (String, bool) {
        let (time, sure) = zone.utc(local.parse().unwrap()).unwrap();
        (time.to_string(), sure)
    }

    #[test]
    fn names_in_every_form() {
        let summer = "2026-07-01T12:00:00";
        for name in ["Europe/Berlin", "W. Europe Standard Time"] {
            let zone = Zone::parse(name).unwrap();
            assert_eq!(
                utc(&zone, summer),
                ("2026-07-01T10:00:00Z".into(), true),
                "{name}"
            );
        }
        for name in ["+01:00", "UTC+1", "(UTC+01:00)", "+0100"] {
            let zone = Zone::parse(name).unwrap();
            assert_eq!(
                utc(&zone, summer),
                ("2026-07-01T11:00:00Z".into(), false),
                "{name}"
            );
            assert_eq!(zone.shown(), "UTC+01:00");
        }
        for bad in ["", "Mars/Olympus", "+25:00", "12:00", "+1:99"] {
            assert!(Zone::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn zones_of_event_6013() {
        let zone = Zone::of_bias("480 Pacific Standard Time").unwrap();
        assert_eq!(utc(&zone, "2026-07-01T12:00:00").0, "2026-07-01T19:00:00Z");
        assert_eq!(
            utc(&zone, "2026-01-01T12:00:00"),
            ("2026-01-01T20:00:00Z".into(), true)
        );
        let french = Zone::of_bias("-60 Paris, Madrid").unwrap();
        assert_eq!(french.shown(), "UTC+01:00");
        assert!(!french.knows_summer());
        for other in ["1176", "60", "87576 seconds", "x Standard Time", ""] {
            assert_eq!(Zone::of_bias(other), None, "{other}");
        }
    }

    #[test]
    fn zones_of_systeminfo() {
        let zone =
            Zone::shown_in("(UTC+01:00) Amsterdam, Berlin, Bern, Rome, Stockholm, Vienna").unwrap();
        assert!(zone.knows_summer());
        let french = Zone::shown_in("Fuseau horaire: (UTC+01:00) Bruxelles, Paris").unwrap();
        assert_eq!(
            (french.shown(), french.knows_summer()),
            ("UTC+01:00", false)
        );
        assert_eq!(Zone::shown_in("(UTC) Dublin").unwrap().shown(), "UTC+00:00");
        assert_eq!(Zone::shown_in("no zone"), None);
    }

    #[test]
    fn the_hour_that_comes_twice_is_not_sure() {
        let zone = Zone::parse("Europe/Berlin").unwrap();
        assert_eq!(
            utc(&zone, "2026-10-25T02:30:00"),
            ("2026-10-25T00:30:00Z".into(), false)
        );
    }
}
