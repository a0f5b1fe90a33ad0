//! `reg query`.
//!
//! ```text
//! C:\>reg query HKLM\SYSTEM\CurrentControlSet\Control\Lsa /v DisableLoopbackCheck
//!
//! HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Lsa
//!     DisableLoopbackCheck    REG_DWORD    0x1
//! ```
//!
//! Without `/v` a key is printed whole. Without an echo a single value may have been asked for alone: two show that it
//! was not. A key or value that is not there gives an error, in the words of the language.

use super::{Extent, Found, Key, Open, Setting};
use crate::bundle::is_key_line;
use crate::evidence::Problem;
use crate::readers::console::{Command, Section};

/// What an echoed `reg query` asked for.
#[derive(Default)]
struct Asked {
    host: Option<String>,
    key: Option<Key>,
    value: Option<String>,
    /// Only what matches was printed.
    searched: bool,
}

impl Asked {
    fn new(command: &Command) -> Self {
        let mut asked = Self {
            searched: command.filtered,
            ..Self::default()
        };
        let mut words = command.arguments.iter();
        while let Some(word) = words.next() {
            match word.to_ascii_lowercase().as_str() {
                "/v" => asked.value = words.next().cloned(),
                "/f" | "/t" => asked.searched = true,
                "query" => {}
                option if option.starts_with('/') => {}
                _ if asked.key.is_none() => {
                    let path = word.as_str();
                    let local = path.strip_prefix(r"\\").and_then(|p| p.split_once('\\'));
                    asked.host = local.map(|(host, _)| host.to_owned());
                    asked.key =
                        Key::of_path(local.map_or(path, |(_, path)| path)).map(|(key, _)| key);
                }
                _ => {}
            }
        }
        asked
    }

    fn extent(&self) -> Extent {
        match &self.value {
            _ if self.searched => Extent::Part,
            Some(name) => Extent::One(name.clone()),
            None => Extent::Whole,
        }
    }
}

pub(super) fn read(section: &Section<'_>, command: Option<&Command>, found: &mut Found<'_>) {
    // `reg add` and its like print no keys.
    let verb = command.and_then(|command| command.arguments.first());
    if verb.is_some_and(|verb| !verb.eq_ignore_ascii_case("query")) {
        return;
    }
    let asked = command.map(Asked::new);
    let host = asked.as_ref().and_then(|a| a.host.clone());
    let host = host.as_deref().or(found.host);
    let mut open: Option<Open> = None;
    let mut printed = false;
    let close = |open: Option<Open>, found: &mut Found<'_>| {
        // A key without values was named in a list of subkeys.
        let Some(open) = open.filter(|open| open.printed > 0) else {
            return;
        };
        let extent = match &asked {
            Some(asked) => asked.extent(),
            None if open.printed > 1 => Extent::Whole,
            None => Extent::Part,
        };
        found.keys.push(open.close(extent, host));
    };
    for line in &section.lines {
        if is_key_line(line.text) {
            printed = true;
            close(open.take(), found);
            open = Key::of_path(line.text)
                .map(|(key, below)| Open::new(key, below, line.cite(found.artifact)));
        } else if let (Some(open), Some((name, value))) = (&mut open, value(line.text)) {
            open.add(name, value, line.cite(found.artifact));
        }
    }
    close(open, found);
    let Some(asked) = asked.filter(|_| !printed) else {
        return;
    };
    not_there(section, command, &asked, host, found);
}

/// `    Name    REG_DWORD    0x1`: the name may have blanks of its own, four of them end it.
fn value(line: &str) -> Option<(&str, Option<Setting>)> {
    let line = line.strip_prefix("    ")?;
    let (at, _) = line.match_indices("    REG_").next()?;
    let (name, rest) = (line.get(..at)?.trim(), line.get(at..)?.trim_start());
    let (kind, data) = rest.split_once("    ").unwrap_or((rest, ""));
    let data = data.trim();
    let setting = match kind.trim() {
        "REG_DWORD" | "REG_QWORD" | "REG_DWORD_BIG_ENDIAN" => number(data).map(Setting::Number),
        "REG_SZ" | "REG_EXPAND_SZ" => Some(Setting::Text(data.to_owned())),
        "REG_MULTI_SZ" => Some(Setting::List {
            entries: entries(data.split(r"\0")),
            complete: true,
        }),
        _ => None,
    };
    Some((name, setting))
}

fn number(data: &str) -> Option<u64> {
    u64::from_str_radix(data.strip_prefix("0x")?, 16).ok()
}

/// The entries of a list, the empty one at its end left out.
pub(super) fn entries<'a>(parts: impl Iterator<Item = &'a str>) -> Vec<String> {
    parts
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

/// An echoed question whose output holds no key: the key or value is not there, or the question failed.
fn not_there(
    section: &Section<'_>,
    command: Option<&Command>,
    asked: &Asked,
    host: Option<&str>,
    found: &mut Found<'_>,
) {
    let Some(line) = section.lines.iter().find(|line| !line.is_blank()) else {
        return; // the error went to another stream, or the output to a file
    };
    let absent = line.text.contains("unable to find the specified registry");
    match (absent, asked.key, command) {
        (true, Some(key), Some(_)) => {
            let open = Open::new(key, None, line.cite(found.artifact));
            found.keys.push(open.close(asked.extent(), host));
        }
        (true, None, _) => {}
        _ => {
            let says = "no key of the registry could be read here; the output was skipped";
            found
                .problems
                .push(Problem::new(found.artifact, line.place(), says));
        }
    }
}
