//! Installed updates: `wmic qfe`, `Get-HotFix`, the list of `systeminfo`.
//!
//! ```text
//! Source        Description      HotFixID      InstalledBy          InstalledOn
//! ------        -----------      --------      -----------          -----------
//! WEB01         Security Update  KB5012170     NT AUTHORITY\SYSTEM  2/14/2026 12:00:00 AM
//! ```
//!
//! The headings are names of properties and not translated.

use super::{Fact, Found, is_host_name};
use crate::readers::console::Line;

pub(super) fn read(lines: &[Line<'_>], found: &mut Found) {
    let mut machine: Option<std::ops::Range<usize>> = None;
    for line in lines {
        if line.text.contains("HotFixID") {
            found.understood = true;
            machine = ["Source", "CSName"]
                .iter()
                .find_map(|heading| column(line.text, heading));
            continue;
        }
        let before = found.facts.len();
        add_all(line, found);
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

/// Where a column begins, and where the next one does, in letters.
fn column(heading: &str, name: &str) -> Option<std::ops::Range<usize>> {
    let at = heading.find(name)?;
    let rest = heading.get(at + name.len()..)?;
    let gap = rest.len() - rest.trim_start().len();
    let start = heading.get(..at)?.chars().count();
    Some(start..start + name.len() + gap)
}

/// The updates that a line names.
pub(super) fn add_all(line: &Line<'_>, found: &mut Found) {
    for word in line
        .text
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|word| is_update(word))
    {
        found.add(Fact::Update(word.to_owned()), line);
    }
}

fn is_update(word: &str) -> bool {
    word.strip_prefix("KB").is_some_and(|digits| {
        (5..=8).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit())
    })
}
