//! `nltest`: its statuses are numbers and names that are not translated.
//!
//! ```text
//! Flags: b0 HAS_IP  HAS_TIMESERV
//! Trusted DC Name \\DC1.corp.example
//! Trusted DC Connection Status Status = 0 0x0 NERR_Success
//! Trust Verification Status = 0 0x0 NERR_Success
//! The command completed successfully
//! ```
//!
//! A channel that is broken prints its status and still ends with "completed successfully"; a line with
//! `I_NetLogonControl` says only that the question failed (5 without an elevated prompt).

use super::{Fact, Found};
use crate::bundle::{labelled, status, trust_line};
use crate::readers::console::Line;
use crate::readers::trust::Trust;

pub(super) fn read(lines: &[Line<'_>], found: &mut Found) {
    let mut controller: Option<String> = None;
    // The line of the connection and, where the channel was verified, the one of the verification.
    let mut channel: Vec<(u32, &Line<'_>)> = Vec::new();
    let mut asked = false;
    let mut trusts = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let text = line.text;
        let next = || lines.get(at + 1).map_or("", |next| next.text);
        if let Some(trust) = trust_line(text) {
            trusts.extend(Trust::of_nltest(trust, line.cite(found.artifact)).map(|t| (t, line)));
        } else if text.contains("[DS]") {
            add_listed(text, line, found);
        } else if let Some(code) = status(text) {
            if text.contains("I_NetLogonControl") {
                found.add(Fact::NotAsked(code), line);
            } else if asked {
                channel.push((code, line));
            } else {
                found.add(Fact::NoController(code), line);
            }
        } else if let Some(name) = far_end(text) {
            let address = labelled(next()).is_some_and(|(_, v)| v.starts_with("\\\\"));
            if address {
                add_controller(name, lines.get(at..).unwrap_or_default(), found);
            } else if asked {
                controller = Some(name.to_owned());
            }
        } else if is_flags(text) {
            asked = true;
        }
    }
    let own = trusts.iter().find(|(trust, _)| trust.own);
    let own = own.and_then(|(trust, _)| trust.dns.clone().or_else(|| trust.netbios.clone()));
    for (trust, line) in trusts {
        let of = own.clone();
        found.add(Fact::Trust(Box::new(Trust { of, ..trust })), line);
    }
    if let Some((first, line)) = channel.first() {
        let worse = channel
            .iter()
            .map(|(code, _)| *code)
            .find(|code| *code != 0);
        let fact = Fact::Channel {
            controller,
            status: worse.unwrap_or(*first),
            verified: channel.len() > 1,
        };
        let shown = channel.iter().find(|(code, _)| *code != 0);
        found.add(fact, shown.map_or(line, |(_, line)| line));
    }
}

/// `Flags: 30 HAS_IP  HAS_TIMESERV`, `Flags: 0`
fn is_flags(text: &str) -> bool {
    labelled(text).is_some_and(|(_, value)| {
        let mut words = value.split_whitespace();
        let number = words
            .next()
            .is_some_and(|w| w.len() <= 8 && w.bytes().all(|b| b.is_ascii_hexdigit()));
        number && words.all(|w| w.bytes().all(|b| b.is_ascii_uppercase() || b == b'_'))
    })
}

/// `… \\DC1.corp.example` at the end of a line.
fn far_end(text: &str) -> Option<&str> {
    let word = text.split_whitespace().next_back()?;
    word.strip_prefix("\\\\").filter(|name| !name.is_empty())
}

/// The eight lines of `/dsgetdc`; the site of the domain controller is the sixth.
fn add_controller(name: &str, lines: &[Line<'_>], found: &mut Found) {
    let Some(first) = lines.first() else { return };
    let site = lines
        .get(5)
        .and_then(|line| labelled(line.text))
        .map(|(_, site)| site.to_owned())
        .filter(|site| !site.is_empty() && !site.contains(' '));
    let name = name.to_owned();
    found.add(Fact::Controller { name, site }, first);
}

/// `    DC1.corp.example [PDC]  [DS] Site: HQ`
fn add_listed(text: &str, line: &Line<'_>, found: &mut Found) {
    let name = text
        .split_whitespace()
        .next()
        .unwrap_or_default()
        .to_owned();
    let site = text
        .rsplit_once("[DS]")
        .and_then(|(_, after)| labelled(after))
        .map(|(_, site)| site.to_owned());
    found.add(Fact::Controller { name, site }, line);
}
