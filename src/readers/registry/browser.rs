//! The policies of Edge and Chrome as `edge://policy` and `chrome://policy` export them: what the registry sets, in JSON, one
//! value a line.
//!
//! ```text
//! {
//!    "chromeMetadata": {
//!       "application": "Microsoft Edge",
//!    …
//!             "AuthServerAllowlist": {
//!                "level": "mandatory",
//!                "scope": "machine",
//!                "value": "*.corp.example"
//!             },
//! ```
//!
//! becomes the keys of the registry that these policies stand in. An export that was seen to its end holds all policies that
//! are set.

use super::{Extent, Found, Key, Open, Setting};
use crate::readers::console::Line;

/// Lines that one policy may take.
const LONGEST: usize = 40;

pub(super) fn read(lines: &[Line<'_>], found: &mut Found<'_>) {
    let Some(first) = lines.iter().find(|line| !line.is_blank()) else {
        return;
    };
    let says =
        |label: &str, line: &Line<'_>| pair(line.text).is_some_and(|(name, _)| name == label);
    let edge = lines.iter().any(|line| {
        (says("application", line) || says("name", line)) && line.text.contains("Microsoft Edge")
    });
    let keys = match edge {
        true => [Key::EdgePolicy, Key::EdgeUserPolicy],
        false => [Key::ChromePolicy, Key::ChromeUserPolicy],
    };
    let mut open = keys.map(|key| Open::new(key, None, first.cite(found.artifact)));
    for (at, line) in lines.iter().enumerate() {
        let Some((name, "{")) = pair(line.text) else {
            continue;
        };
        let within = || {
            let below = lines.iter().skip(at + 1).take(LONGEST);
            below.take_while(|line| !line.text.trim_start().starts_with('}'))
        };
        let one = |label: &str| {
            within().find_map(|line| {
                pair(line.text)
                    .filter(|p| p.0 == label)
                    .map(|p| (p.1, line))
            })
        };
        let (Some((value, shown)), Some(_)) = (one("value"), one("level")) else {
            continue;
        };
        let of_user = one("scope").is_some_and(|(scope, _)| scope == "\"user\"");
        let [machine, user] = &mut open;
        let key = if of_user { user } else { machine };
        key.add(name, setting(value), shown.cite(found.artifact));
    }
    let printed = open.iter().any(|key| key.printed > 0);
    let ended = lines.iter().any(|line| line.text.trim_end() == "}");
    let extent = if printed && ended {
        Extent::Whole
    } else {
        Extent::Part
    };
    let host = found.host;
    found
        .keys
        .extend(open.into_iter().map(|key| key.close(extent.clone(), host)));
}

/// `"name": value,`
fn pair(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.trim().strip_prefix('"')?.split_once("\":")?;
    Some((name, value.trim().trim_end_matches(',')))
}

fn setting(value: &str) -> Option<Setting> {
    match value {
        "true" => Some(Setting::Number(1)),
        "false" => Some(Setting::Number(0)),
        _ => match value.strip_prefix('"').and_then(|v| v.strip_suffix('"')) {
            Some(text) => Some(Setting::Text(text.to_owned())),
            None => value.parse().ok().map(Setting::Number),
        },
    }
}
