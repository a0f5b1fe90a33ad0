//! `systeminfo`, as a list or as CSV: its fields stand in one order in every language.
//!
//! ```text
//! Hostname:                                      WEB01
//! Betriebssystemname:                            Microsoft Windows Server 2019 Standard
//! Betriebssystemversion:                         10.0.17763 Nicht zutreffend Build 17763
//! …
//! Zeitzone:                                      (UTC+01:00) Amsterdam, Berlin, Bern, Rom, Stockholm, Wien
//! Gesamter physischer Speicher:                  8.191 MB
//! … four more sizes, the page file …
//! Domäne:                                        corp.example
//! Anmeldeserver:                                 \\DC1
//! Hotfix(es):                                    2 Hotfix(e) installiert.
//!                                                [01]: KB5012170
//! ```

use jiff::civil::DateTime;
use jiff::tz::Offset;

use super::{Fact, Found};
use crate::bundle::{is_os_version, labelled};
use crate::evidence::When;
use crate::readers::console::Line;

/// Fields from the time zone to the domain: five sizes of memory and the page file stand between them.
const ZONE_TO_DOMAIN: usize = 7;
/// Fields from the name of the machine to the time of its start.
const NAME_TO_START: usize = 10;

/// Fields from the version to the machine's role: the manufacturer stands between them.
const VERSION_TO_ROLE: usize = 2;

/// One field: what stands after its label, and the lines below it.
struct Field<'a> {
    value: &'a str,
    line: Line<'a>,
}

pub(super) fn read(lines: &[Line<'_>], found: &mut Found) {
    let fields = csv(lines).unwrap_or_else(|| list(lines));
    let Some(version) = fields.iter().position(|f| is_os_version(f.value)) else {
        return;
    };
    let Some(name) = version.checked_sub(2) else {
        return;
    };
    if let Some(field) = fields.get(name) {
        found.named(field.value, &field.line);
    }
    if let Some(field) = fields.get(name + 1) {
        found.add(Fact::System(field.value.to_owned()), &field.line);
    }
    if let Some(field) = fields.get(version) {
        let number = field.value.split_whitespace().next().unwrap_or_default();
        found.add(Fact::Version(number.to_owned()), &field.line);
    }
    if let Some((joined, field)) = fields
        .get(version + VERSION_TO_ROLE)
        .and_then(|field| Some((joined(field.value)?, field)))
    {
        found.add(Fact::DomainJoined(joined), &field.line);
    }
    if let Some((started, field)) = fields
        .get(name + NAME_TO_START)
        .and_then(|field| Some((local(field.value)?, field)))
    {
        found.add(Fact::Started(When::Local(started)), &field.line);
    }
    let zone = fields.iter().position(|f| is_zone(f.value));
    if let Some((at, field)) = zone.and_then(|at| Some((at, fields.get(at)?))) {
        found.add(Fact::TimeZone(field.value.to_owned()), &field.line);
        if let Some(domain) = fields.get(at + ZONE_TO_DOMAIN) {
            found.add(Fact::Domain(domain.value.to_owned()), &domain.line);
        }
    }
    if let Some(server) = fields.iter().find(|f| f.value.starts_with("\\\\")) {
        let name = server.value.trim_start_matches('\\').to_owned();
        found.add(Fact::LogonServer(name), &server.line);
    }
    for line in lines {
        super::updates::add_all(line, None, found);
    }
}

/// Whether a role is that of a member of a domain, where it is told in English.
fn joined(role: &str) -> Option<bool> {
    match role.split(' ').next()? {
        "Standalone" => Some(false),
        "Member" | "Primary" | "Backup" => Some(true),
        _ => None,
    }
}

fn list<'a>(lines: &[Line<'a>]) -> Vec<Field<'a>> {
    lines
        .iter()
        .filter(|line| !line.text.starts_with([' ', '\t']))
        .filter_map(|line| {
            let (_, value) = labelled(line.text)?;
            // "Virtual Memory: Max Size:  10.239 MB" has a colon in its label.
            let value = value.rsplit_once(":  ").map_or(value, |(_, value)| value);
            Some(Field {
                value: value.trim(),
                line: *line,
            })
        })
        .collect()
}

fn csv<'a>(lines: &[Line<'a>]) -> Option<Vec<Field<'a>>> {
    let mut quoted = lines.iter().filter(|line| line.text.starts_with('"'));
    let (_head, row) = (quoted.next()?, quoted.next()?);
    let values = row.text.trim().trim_matches('"').split("\",\"");
    Some(values.map(|value| Field { value, line: *row }).collect())
}

/// `(UTC+01:00) Amsterdam, …`; `(UTC)` stands for no difference.
fn is_zone(value: &str) -> bool {
    let shown = |lead| {
        value
            .strip_prefix(lead)
            .and_then(|rest| rest.split_once(')'))
    };
    shown("(UTC")
        .or_else(|| shown("(GMT"))
        .is_some_and(|(offset, _)| offset.is_empty() || offset_of(offset).is_some())
}

/// `+01:00`, `-03:30`
pub(super) fn offset_of(shown: &str) -> Option<Offset> {
    let (sign, rest) = match shown.chars().next()? {
        '+' => (1, shown.get(1..)?),
        '-' => (-1, shown.get(1..)?),
        '\u{2212}' => (-1, shown.get(3..)?),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    let sane = (0..=14).contains(&hours) && (0..60).contains(&minutes);
    sane.then(|| Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok())
        .flatten()
}

/// `15.03.2026, 08:00:05`, `3/15/2026, 8:00:05 AM`: only where day and month cannot be taken for each other.
fn local(value: &str) -> Option<DateTime> {
    let mut words = value.split([',', ' ']).filter(|word| !word.is_empty());
    let (date, time) = (words.next()?, words.next()?);
    let afternoon = words
        .next()
        .map(|word| word.to_ascii_lowercase().starts_with('p'));
    let numbers = |text: &str, signs: &[char]| -> Option<Vec<i16>> {
        text.split(signs)
            .map(|part| part.parse().ok())
            .collect::<Option<Vec<i16>>>()
            .filter(|parts| parts.len() == 3)
    };
    let date = numbers(date, &['/', '.', '-'])?;
    let [a, b, c] = *date.as_slice() else {
        return None;
    };
    let (year, month, day) = match (a, b, c) {
        (1000.., _, _) => (a, b, c),
        (13.., _, 1000..) => (c, b, a),
        (_, 13.., 1000..) => (c, a, b),
        (_, _, 1000..) if a == b => (c, a, b),
        _ => return None,
    };
    let [hour, minute, second] = *numbers(time, &[':', '.'])?.as_slice() else {
        return None;
    };
    let hour = match (afternoon, hour) {
        (Some(true), 1..=11) => hour + 12,
        (Some(false), 12) => 0,
        _ => hour,
    };
    let small = |part: i16| i8::try_from(part).ok();
    DateTime::new(
        year,
        small(month)?,
        small(day)?,
        small(hour)?,
        small(minute)?,
        small(second)?,
        0,
    )
    .ok()
}
