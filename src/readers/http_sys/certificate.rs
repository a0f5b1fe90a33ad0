//! `show sslcert`: blocks of `label : value`, the labels translated, the order fixed.
//!
//! ```text
//!     Hostname:port                : www.corp.example:443
//!     Certificate Hash             : 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b
//!     Application ID               : {4dc3e181-e14b-4a21-b022-59fc669b0914}
//!     Certificate Store Name       : MY
//!     …                                                   revocation, usage, timeouts, lists: seven more
//!     DS Mapper Usage              : Disabled
//!     Negotiate Client Certificate : Disabled
//! ```

use std::net::SocketAddr;

use super::super::console::Line;
use super::{CertificateBinding, CertificateEndpoint, HttpSysState};
use crate::evidence::{ArtifactId, Citation};

/// Places of values in a block, counted from the endpoint.
const VERIFY_REVOCATION: usize = 4;
const USAGE_CHECK: usize = 6;
const DS_MAPPER: usize = 11;
const NEGOTIATE: usize = 12;

/// The certificates, each with the line of its endpoint.
pub(super) fn read(artifact: ArtifactId, lines: &[Line<'_>]) -> Vec<(HttpSysState, Citation)> {
    let mut found = Vec::new();
    let mut block: Vec<(&str, &str)> = Vec::new();
    let mut opened: Option<Line<'_>> = None;
    let mut close = |opened: &mut Option<Line<'_>>, block: &mut Vec<(&str, &str)>| {
        let binding = binding(block);
        block.clear();
        if let Some((line, binding)) = opened.take().zip(binding) {
            found.push((HttpSysState::Certificate(binding), line.cite(artifact)));
        }
    };
    for line in lines {
        let Some((label, value)) = line.text.split_once(" : ") else {
            if line.is_blank() {
                close(&mut opened, &mut block);
            }
            continue;
        };
        let (label, value) = (label.trim(), value.trim());
        if opened.is_none() && endpoint(label, value).is_some() {
            opened = Some(*line);
        }
        if opened.is_some() {
            block.push((label, value));
        }
    }
    close(&mut opened, &mut block);
    found
}

fn endpoint(label: &str, value: &str) -> Option<CertificateEndpoint> {
    if value.parse::<SocketAddr>().is_ok() {
        return Some(CertificateEndpoint::Address(value.to_owned()));
    }
    if let Ok(port) = value.parse() {
        return Some(CertificateEndpoint::CentralStore(port));
    }
    let (host, port) = value.rsplit_once(':')?;
    let name = host.contains(|c: char| c.is_ascii_alphabetic())
        && !host.contains(char::is_whitespace)
        && port.parse::<u16>().is_ok();
    (name && label.contains(':')).then(|| CertificateEndpoint::Name(value.to_lowercase()))
}

fn binding(block: &[(&str, &str)]) -> Option<CertificateBinding> {
    let (label, first) = block.first()?;
    let endpoint = endpoint(label, first)?;
    let (_, hash) = block.get(1)?;
    let hexadecimal = matches!(hash.len(), 40 | 64) && hash.bytes().all(|c| c.is_ascii_hexdigit());
    if !hexadecimal && *hash != "(null)" {
        return None;
    }
    let http2 = block
        .iter()
        .find(|(label, _)| label.contains("HTTP2") || label.contains("HTTP/2"));
    Some(CertificateBinding {
        endpoint,
        hash: hexadecimal.then(|| hash.to_lowercase()),
        negotiates_client_certificate: block
            .get(NEGOTIATE)
            .and_then(|(_, word)| switch(block, word)),
        // "Not set" is the default: HTTP/2 is on.
        http2_disabled: http2.and_then(|(_, word)| match word.to_lowercase().as_str() {
            "set" | "enabled" | "enable" => Some(true),
            "not set" | "disabled" => Some(false),
            _ => None,
        }),
    })
}

/// A switch in any language: the word for "on" is that of the checks that are on as installed, the word for "off" that of
/// the mapper, which is off.
fn switch(block: &[(&str, &str)], word: &str) -> Option<bool> {
    match word.to_lowercase().as_str() {
        "enabled" => return Some(true),
        "disabled" => return Some(false),
        _ => {}
    }
    let at = |place: usize| block.get(place).map(|(_, word)| *word);
    let (on, also_on, off) = (at(VERIFY_REVOCATION)?, at(USAGE_CHECK)?, at(DS_MAPPER)?);
    if on != also_on || on == off {
        return None;
    }
    if word == on {
        Some(true)
    } else if word == off {
        Some(false)
    } else {
        None
    }
}
