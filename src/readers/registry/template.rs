//! `[Registry Values]` of a security template (`secedit /export`): the values that policies set, not the whole key.
//!
//! ```text
//! MACHINE\System\CurrentControlSet\Control\Lsa\MSV1_0\RestrictReceivingNTLMTraffic=4,2
//! ```

use super::{Extent, Found, Key, Open, Setting};
use crate::readers::console::Line;

pub(super) fn read(lines: &[Line<'_>], found: &mut Found<'_>) {
    let mut inside = false;
    for line in lines {
        let text = line.text.trim();
        if text.starts_with('[') {
            inside = text == "[Registry Values]";
            continue;
        }
        let path = text.split_once('=').filter(|_| inside);
        let Some((Some((key, name)), value)) = path.map(|(p, v)| (p.rsplit_once('\\'), v)) else {
            continue;
        };
        let Some((key, _)) = Key::of_path(key) else {
            continue;
        };
        let from = line.cite(found.artifact);
        let mut open = Open::new(key, None, from.clone());
        open.add(name, setting(value), from);
        if !open.values.is_empty() {
            let host = found.host;
            found.keys.push(open.close(Extent::Part, host));
        }
    }
}

/// The type as a number, then the value.
fn setting(value: &str) -> Option<Setting> {
    let (kind, shown) = value.split_once(',')?;
    match kind.trim() {
        "4" => shown.trim().parse().ok().map(Setting::Number),
        "1" | "2" => Some(Setting::Text(shown.trim().trim_matches('"').to_owned())),
        "7" => Some(Setting::List {
            entries: super::query::entries(shown.split(',')),
            complete: true,
        }),
        _ => None,
    }
}
