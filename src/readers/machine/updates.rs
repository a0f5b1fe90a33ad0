//! Installed updates: `wmic qfe`, `Get-HotFix`, the packages of `dism`, the list of `systeminfo`.
//!
//! ```text
//! Source        Description      HotFixID      InstalledBy          InstalledOn
//! ------        -----------      --------      -----------          -----------
//! WEB01         Security Update  KB5012170     NT AUTHORITY\SYSTEM  2/14/2026 12:00:00 AM
//! ```
//!
//! The headings are names of properties and not translated, in the form of a list neither:
//!
//! ```text
//! HotFixID=KB5012170
//! InstalledBy=NT AUTHORITY\SYSTEM
//! InstalledOn=2/14/2026
//! ```
//!
//! Packages have labels in the language of the machine, and names that no language changes. What Windows got in one piece has
//! a version instead of a number:
//!
//! ```text
//! Paketidentität : Package_for_RollupFix~31bf3856ad364e35~amd64~~17763.3650.1.7
//! Status : Installiert
//! Installationszeit : 14.02.2026 09:12
//! ```
//!
//! `systeminfo` shows no dates. Where no date of a list has a number above 12, day and month may be either.

use super::{Fact, Found, Installed, MachineFact, is_host_name};
use crate::bundle::package;
use crate::readers::console::Line;
use crate::readers::directory::times::{self, Order};

/// What stands between the cells of a table, and between a property and its value.
const BETWEEN: [char; 7] = [' ', '\t', '\u{a0}', '\u{202f}', '=', ',', '"'];

pub(super) fn read(lines: &[Line<'_>], found: &mut Found) {
    let mut machine: Option<std::ops::Range<usize>> = None;
    let order = times::order(lines.iter().flat_map(|line| line.text.split(BETWEEN)));
    // The object that is being listed: a blank line parts it from the next.
    let mut object = found.facts.len();
    for line in lines {
        if line.is_blank() {
            object = found.facts.len();
        }
        let is_heading = line.text.contains("HotFixID");
        if is_heading && !line.text.split(BETWEEN).any(is_update) {
            found.understood = true;
            machine = ["Source", "CSName"]
                .iter()
                .find_map(|heading| column(line.text, heading));
            continue;
        }
        found.understood |= is_heading;
        let installed = installed(line, order);
        if let Some((name, version)) = package(line.text) {
            found.understood = true;
            object = found.facts.len();
            if let Some(kb) = update_of(name, version) {
                found.add(Fact::Update { kb, installed }, line);
            }
            continue;
        }
        match property(line.text) {
            // In the language of the machine for a package, which has no other value that is a date.
            Some((_, value)) if is_day(value) => {
                let facts = found.facts.get_mut(object..).unwrap_or_default();
                date(facts, installed);
                continue;
            }
            Some(("CSName" | "Source", name)) if is_host_name(name) => {
                found.host.get_or_insert(name.to_owned());
                continue;
            }
            _ => {}
        }
        let before = found.facts.len();
        add_all(line, installed, found);
        let named = || {
            let cells: String = (line.text.chars())
                .skip(machine.as_ref()?.start)
                .take(machine.as_ref()?.len())
                .collect();
            cells.split_whitespace().next().map(str::to_owned)
        };
        if found.facts.len() > before && found.host.is_none() {
            found.host = named().filter(|name| is_host_name(name) && name != "-");
        }
    }
}

/// Whether a value is a day, or a time of a day.
fn is_day(value: &str) -> bool {
    let first = value.split(BETWEEN).next();
    first.is_some_and(|word| times::day(word, None).is_some())
}

/// The update that a package is of: `Package_for_KB5012170`, or all of Windows by its version.
fn update_of(package: &str, version: &str) -> Option<String> {
    let name = package.strip_prefix("Package_for_")?;
    let kb = name.split('_').find(|word| is_update(word));
    let rollup = || (name == "RollupFix").then(|| format!("RollupFix {version}"));
    kb.map(str::to_owned).or_else(rollup)
}

/// `InstalledOn=2/14/2026`, `InstalledOn : 2/14/2026 12:00:00 AM`
fn property(text: &str) -> Option<(&str, &str)> {
    let (name, value) = text.split_once(['=', ':'])?;
    Some((name.trim(), value.trim()))
}

/// Where a column begins, and where the next one does, in letters.
fn column(heading: &str, name: &str) -> Option<std::ops::Range<usize>> {
    let at = heading.find(name)?;
    let rest = heading.get(at + name.len()..)?;
    let gap = rest.len() - rest.trim_start().len();
    let start = heading.get(..at)?.chars().count();
    Some(start..start + name.len() + gap)
}

/// The updates that a line names.
pub(super) fn add_all(line: &Line<'_>, installed: Option<Installed>, found: &mut Found) {
    for word in line
        .text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| is_update(word))
    {
        let kb = word.to_owned();
        found.add(Fact::Update { kb, installed }, line);
    }
}

/// Gives the update of an object its day, which stands on a line of its own.
fn date(object: &mut [MachineFact], on: Option<Installed>) {
    if let [
        MachineFact {
            fact: Fact::Update { installed, .. },
            ..
        },
    ] = object
    {
        *installed = installed.or(on);
    }
}

/// The day that a line names, where it names one alone.
fn installed(line: &Line<'_>, order: Option<Order>) -> Option<Installed> {
    let words = line.text.split(BETWEEN);
    let mut named = words.filter_map(|word| times::day(word, order));
    let (day, other) = named.next()?;
    named.next().is_none().then_some(match day == other {
        true => Installed::On(day),
        false => Installed::Either(day, other),
    })
}

fn is_update(word: &str) -> bool {
    word.strip_prefix("KB").is_some_and(|digits| {
        (5..=8).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
    })
}
