//! `.reg` files: what the registry editor exports.
//!
//! ```text
//! Windows Registry Editor Version 5.00
//!
//! [HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Lsa\MSV1_0]
//! "RestrictReceivingNTLMTraffic"=dword:00000002
//! "BackConnectionHostNames"=hex(7):77,00,65,00,62,00,00,00,\
//!   00,00
//! ```
//!
//! A `.reg` file may also be written by hand, to be imported: only a key with several values counts as printed whole.

use super::{Extent, Found, Key, Open, Setting};
use crate::evidence::Citation;
use crate::readers::console::Line;

/// Values from which on a key was exported, not written by hand.
const EXPORTED: usize = 4;
/// Lines that one value may go on for.
const CONTINUED: usize = 1 << 12;

pub(super) fn read(lines: &[Line<'_>], found: &mut Found<'_>) {
    let narrow = |line: &Line<'_>| line.text.trim_end() == "REGEDIT4";
    let wide = lines.first().is_none_or(|line| !narrow(line));
    let mut open: Option<Open> = None;
    let close = |open: Option<Open>, found: &mut Found<'_>| {
        if let Some(open) = open {
            let whole = open.printed >= EXPORTED;
            let extent = if whole { Extent::Whole } else { Extent::Part };
            let host = found.host;
            found.keys.push(open.close(extent, host));
        }
    };
    let mut rest = lines.iter();
    while let Some(line) = rest.next() {
        let text = line.text.trim();
        if let Some(path) = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')) {
            close(open.take(), found);
            // `[-HKEY_…]` deletes a key.
            open = Key::of_path(path)
                .map(|(key, below)| Open::new(key, below, line.cite(found.artifact)));
            continue;
        }
        let mut whole = text.to_owned();
        for _ in 0..CONTINUED {
            if !whole.ends_with(",\\") && !whole.ends_with(":\\") {
                break;
            }
            whole.pop();
            match rest.next() {
                Some(next) => whole.push_str(next.text.trim()),
                None => break,
            }
        }
        let Some(open) = &mut open else { continue };
        if let Some((name, shown)) = named(&whole) {
            let cited = Citation::line(found.artifact, line.number, text);
            open.add(&name, value(shown, wide), cited);
        }
    }
    close(open, found);
}

/// `"Name"=…`, and `@=…` for the default value.
fn named(line: &str) -> Option<(String, &str)> {
    if let Some(value) = line.strip_prefix("@=") {
        return Some((String::new(), value));
    }
    let (name, value) = line.strip_prefix('"')?.split_once("\"=")?;
    // `"Name"=-` deletes a value.
    (value != "-").then(|| (name.replace(r"\\", r"\"), value))
}

fn value(shown: &str, wide: bool) -> Option<Setting> {
    if let Some(number) = shown.strip_prefix("dword:") {
        return u64::from_str_radix(number.trim(), 16)
            .ok()
            .map(Setting::Number);
    }
    if let Some(text) = shown.strip_prefix('"') {
        let text = text.strip_suffix('"').unwrap_or(text);
        let text = text.replace(r"\\", r"\").replace("\\\"", "\"");
        return Some(Setting::Text(text));
    }
    let (kind, bytes) = shown.strip_prefix("hex(")?.split_once("):")?;
    let bytes: Vec<u8> = bytes
        .split(',')
        .map(str::trim)
        .filter(|byte| !byte.is_empty())
        .map(|byte| u8::from_str_radix(byte, 16).ok())
        .collect::<Option<_>>()?;
    match kind {
        "2" => Some(Setting::Text(
            text(&bytes, wide).trim_end_matches('\0').to_owned(),
        )),
        "7" => Some(Setting::List {
            entries: super::query::entries(text(&bytes, wide).split('\0')),
            complete: true,
        }),
        "b" => {
            let bytes: [u8; 8] = bytes.try_into().ok()?;
            Some(Setting::Number(u64::from_le_bytes(bytes)))
        }
        _ => None,
    }
}

/// The text of a value: UTF-16 since version 5, one byte a letter before.
fn text(bytes: &[u8], wide: bool) -> String {
    if !wide {
        return bytes.iter().map(|byte| char::from(*byte)).collect();
    }
    let units: Vec<u16> = bytes
        .chunks_exact(2)
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        .collect();
    String::from_utf16_lossy(&units)
}
