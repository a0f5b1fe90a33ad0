//! `Get-ItemProperty` of a key of the registry, as a list.
//!
//! ```text
//! RestrictReceivingNTLMTraffic : 2
//! BackConnectionHostNames      : {intranet.corp.example, www.corp.example}
//! PSPath                       : Microsoft.PowerShell.Core\Registry::HKEY_LOCAL_MACHINE\SYSTEM\…\Lsa\MSV1_0
//! PSChildName                  : MSV1_0
//! ```
//!
//! The key stands below its values. PowerShell cuts a list of more than four entries (`{a, b, c, d...}`).

use super::{Extent, Found, Key, Open, Setting};
use crate::bundle::property_path;
use crate::readers::console::{Command, Line};

pub(super) fn read(lines: &[Line<'_>], command: Option<&Command>, found: &mut Found<'_>) {
    let one = command.is_some_and(|command| {
        command.filtered
            || command
                .arguments
                .iter()
                .any(|argument| argument.to_ascii_lowercase().starts_with("-n"))
    });
    let mut values: Vec<(String, String, &Line<'_>)> = Vec::new();
    for (text, line) in unwrapped(lines) {
        if let Some(path) = property_path(&text) {
            let values = std::mem::take(&mut values);
            let Some((key, _)) = Key::of_path(path) else {
                continue;
            };
            let mut open = Open::new(key, None, line.cite(found.artifact));
            for (name, shown, line) in values {
                open.add(&name, Some(value(&shown)), line.cite(found.artifact));
            }
            let whole = !one && open.printed > 1;
            let extent = if whole { Extent::Whole } else { Extent::Part };
            let host = found.host;
            found.keys.push(open.close(extent, host));
        } else if let Some((name, value)) = text.split_once(" : ") {
            // The other properties that begin so are those of the provider.
            if !name.starts_with("PS") {
                values.push((name.trim().to_owned(), value.trim().to_owned(), line));
            }
        } else {
            values.clear();
        }
    }
}

/// The lines, a value that goes on below itself put together.
fn unwrapped<'l, 'a>(lines: &'l [Line<'a>]) -> Vec<(String, &'l Line<'a>)> {
    let mut whole: Vec<(String, &Line<'_>)> = Vec::new();
    for line in lines {
        let goes_on = line.text.starts_with("    ") && !line.text.contains(" : ");
        match whole.last_mut() {
            Some((text, _)) if goes_on && !line.is_blank() && !text.trim().is_empty() => {
                text.push_str(line.text.trim());
            }
            _ => whole.push((line.text.to_owned(), line)),
        }
    }
    whole
}

fn value(shown: &str) -> Setting {
    if let Some(list) = shown.strip_prefix('{') {
        let list = list.strip_suffix('}').unwrap_or(list);
        let complete = !list.ends_with("...") && !list.ends_with('…');
        let list = list.trim_end_matches(['.', '…']);
        return Setting::List {
            entries: super::query::entries(list.split(", ")),
            complete,
        };
    }
    match shown.parse() {
        Ok(number) => Setting::Number(number),
        Err(_) => Setting::Text(shown.to_owned()),
    }
}
