//! `ipconfig`: by the order of the first block, and by what stands behind the dots.
//!
//! ```text
//! Configuration IP de Windows
//!
//!    Nom de l'hôte . . . . . . . . . . : WEB01
//!    Suffixe DNS principal . . . . . . : corp.example
//!
//! Carte Ethernet Ethernet0 :
//!
//!    Adresse IPv4. . . . . . . . . . . . . .: 192.0.2.20(préféré)
//!    Masque de sous-réseau. . . . . . . . . : 255.255.255.0
//!    Serveurs DNS. . .  . . . . . . . . . . : 192.0.2.10
//!                                             192.0.2.11
//! ```

use std::net::IpAddr;

use super::{Fact, Found};
use crate::bundle::dotted;
use crate::readers::console::Line;

/// Whose value a line without a label continues.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Within {
    Servers,
    Other,
}

pub(super) fn read(lines: &[Line<'_>], found: &mut Found) {
    let mut in_adapter = false;
    let mut nth = 0usize;
    let mut within = Within::Other;
    for (at, line) in lines.iter().enumerate() {
        if line.is_blank() {
            continue;
        }
        let Some((label, value)) = dotted(line.text) else {
            if !line.text.starts_with([' ', '\t']) {
                // A heading: the first one stands above the machine, every other one above an adapter.
                in_adapter = nth > 0 || line.text.trim_end().ends_with([':', '：']);
                within = Within::Other;
            } else if let (Within::Servers, Some(address)) = (within, address(line.text)) {
                found.add(Fact::DnsServer(address), line);
            }
            continue;
        };
        nth += 1;
        within = Within::Other;
        if !in_adapter {
            match nth {
                1 => found.named(value, line),
                2 if !value.is_empty() => found.add(Fact::DnsSuffix(value.to_owned()), line),
                _ => {}
            }
            continue;
        }
        let Some(address) = address(value) else {
            continue;
        };
        let masked = || {
            let below = lines.get(at + 1).and_then(|below| dotted(below.text));
            below.is_some_and(|(_, mask)| mask.starts_with("255."))
        };
        // The word behind an own address says how sure it is; without it, the mask stands below.
        if value.contains('(') || masked() {
            found.add(Fact::Address(address), line);
        } else if label.contains("DNS") {
            within = Within::Servers;
            found.add(Fact::DnsServer(address), line);
        }
    }
    found.understood |= nth > 0;
}

/// An address, its zone and the word behind it left out.
fn address(shown: &str) -> Option<IpAddr> {
    shown.trim().split(['(', '%']).next()?.trim().parse().ok()
}
