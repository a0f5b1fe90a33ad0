//! `w32tm`: where the clock is set from, and how far others are off.
//!
//! ```text
//! Leap Indicator: 0(no warning)                  /query /status, the values in this order
//! Stratum: 3 (secondary reference - syncd by (S)NTP)
//! …
//! Source: DC1.corp.example
//! Poll Interval: 10 (1024s)
//! Phase Offset: -0.0072123s                      only with /verbose
//!
//! Tracking DC1.corp.example [192.0.2.10:123].    /stripchart; a decimal comma where the language has one
//! 10:20:00, +00.0206779s
//! 10:20:02, error: 0x800705B4
//! ```

use super::{Fact, Found};
use crate::bundle::{labelled, milliseconds, sample};
use crate::readers::console::Line;

/// The eighth value is the source, the tenth (of `/verbose`) how far the clock is off.
const SOURCE: usize = 7;
const PHASE_OFFSET: usize = 9;

pub(super) fn read(lines: &[Line<'_>], asked_source: bool, found: &mut Found) {
    let mut status: Option<usize> = None;
    let mut peer_named: Option<String> = None;
    for line in lines.iter().filter(|line| !line.is_blank()) {
        let text = line.text;
        if let Some(name) = peer(text) {
            peer_named = Some(name.to_owned());
            status = None;
            found.understood = true;
        } else if let Some((milliseconds, from)) = measured(text) {
            let fact = Fact::ClockOffset {
                clock: peer_named.clone(),
                from,
                milliseconds,
            };
            found.add(fact, line);
        } else if text.contains(": 0x") && text.as_bytes().get(2) == Some(&b':') {
            // A sample that was not answered: `10:20:02, error: 0x800705B4`.
            found.understood = true;
        } else if let Some((_, value)) = labelled(text) {
            let at = match status {
                None if value.as_bytes().get(1) == Some(&b'(') => 0,
                None => continue,
                Some(at) => at + 1,
            };
            status = Some(at);
            found.understood = true;
            if at == SOURCE {
                found.add(Fact::TimeSource(clean(value)), line);
            } else if let (PHASE_OFFSET, Some(milliseconds)) = (at, milliseconds(value)) {
                let fact = Fact::ClockOffset {
                    clock: None,
                    from: None,
                    milliseconds,
                };
                found.add(fact, line);
            }
        } else if asked_source && !text.trim().contains("0x") {
            found.add(Fact::TimeSource(clean(text)), line);
        }
    }
}

/// `DC1.corp.example,0x8` has flags behind its name.
fn clean(source: &str) -> String {
    let source = source.trim();
    source
        .split_once(",0x")
        .map_or(source, |(name, _)| name)
        .to_owned()
}

/// `Tracking DC1.corp.example [192.0.2.10:123].`, `DC1.corp.example *** PDC ***[192.0.2.10:123]:`
fn peer(text: &str) -> Option<&str> {
    let (before, _) = text.split_once(":123]")?;
    let (names, _) = before.rsplit_once('[')?;
    names
        .split_whitespace()
        .find(|word| word.contains('.') || word.parse::<std::net::IpAddr>().is_ok())
        .or_else(|| names.split_whitespace().next_back())
}

/// `10:20:00, +00.0206779s`: against the own clock; `    NTP: +0.0000000s offset from DC1.corp.example`: against that one.
fn measured(text: &str) -> Option<(i64, Option<String>)> {
    if let Some(milliseconds) = sample(text) {
        return Some((milliseconds, None));
    }
    let rest = text.trim_start().strip_prefix("NTP: ")?;
    let mut words = rest.split_whitespace();
    let milliseconds = milliseconds(words.next()?)?;
    Some((milliseconds, words.next_back().map(str::to_owned)))
}
