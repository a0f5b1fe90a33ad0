//! `ksetup`: realms and their KDCs, and with `/getenctypeattr` the encryption types of one.
//!
//! ```text
//! default realm = corp.example (NT Domain)
//! MIT.EXAMPLE:
//!         kdc = kdc1.mit.example
//!         Realm Flags = 0x0none
//! Mapping all users (*) to a local account by the same name (*).
//! ```
//!
//! Which hosts are mapped to which realm stands in the registry
//! ([`Key::HostToRealm`](crate::readers::registry::Key::HostToRealm)). The names of encryption types are not translated; the
//! sentence around them is UNVERIFIED and not looked at.

use super::{Asked, Fact, Found};
use crate::readers::console::Line;

/// Encryption types as `ksetup` names them, with their bits.
const ETYPES: [(&str, u32); 5] = [
    ("DES-CBC-CRC", 0x1),
    ("DES-CBC-MD5", 0x2),
    ("RC4-HMAC-MD5", 0x4),
    ("AES128-CTS-HMAC-SHA1-96", 0x8),
    ("AES256-CTS-HMAC-SHA1-96", 0x10),
];

pub(super) fn read(lines: &[Line<'_>], asked: Option<Asked<'_>>, found: &mut Found) {
    if let Some(realm) = asked.and_then(|asked| asked.after("getenctypeattr").map(str::to_owned)) {
        add_etypes(lines, realm, found);
        return;
    }
    let mut open: Option<(String, Vec<String>, &Line<'_>)> = None;
    for line in lines {
        let text = line.text.trim_end();
        if let Some(rest) = text.strip_prefix("default realm = ") {
            found.understood = true;
            if let Some(name) = rest.split_whitespace().next() {
                let name = name.to_owned();
                let kdcs = Vec::new();
                found.add(Fact::Realm { name, kdcs }, line);
            }
        } else if let Some(name) = realm(text) {
            close(open.replace((name.to_owned(), Vec::new(), line)), found);
        } else if let (Some(kdc), Some((_, kdcs, _))) =
            (text.trim_start().strip_prefix("kdc = "), &mut open)
        {
            kdcs.push(kdc.trim().to_owned());
        }
    }
    close(open, found);
}

fn close(open: Option<(String, Vec<String>, &Line<'_>)>, found: &mut Found) {
    if let Some((name, kdcs, line)) = open {
        found.add(Fact::Realm { name, kdcs }, line);
    }
}

/// `MIT.EXAMPLE:` alone in column 0.
fn realm(text: &str) -> Option<&str> {
    let name = text.strip_suffix(':')?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    (!name.is_empty() && name.chars().all(plain)).then_some(name)
}

fn add_etypes(lines: &[Line<'_>], realm: String, found: &mut Found) {
    let named = |line: &Line<'_>| {
        let words = line.text.split([' ', '\t', ',', ':']);
        let bit = |word: &str| {
            ETYPES
                .iter()
                .find(|(name, _)| name.eq_ignore_ascii_case(word))
        };
        words.filter_map(bit).fold(0, |sum, (_, bit)| sum | bit)
    };
    let etypes = lines.iter().map(named).fold(0, |sum, bits| sum | bits);
    if let Some(line) = lines.iter().find(|line| named(line) != 0) {
        found.add(Fact::RealmEtypes { realm, etypes }, line);
    }
}
