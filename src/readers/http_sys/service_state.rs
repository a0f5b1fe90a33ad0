//! `show servicestate`, in its view of request queues and in its view of sessions.
//!
//! ```text
//! Request queue name: Intranet              Server session ID: FF00000020000001
//!     Version: 2.0                              Version: 2.0
//!     Process IDs:                              URL group ID: FE00000040000001
//!         3577                                      Request queue name: Intranet
//!     URL group ID: FE00000040000001                Registered URLs:
//!         Registered URLs:                              HTTP://*:80/
//!             HTTP://*:80/                      Request queues: …
//! ```
//!
//! A name with a version below it is a queue, or a session where it is a number; 16 hexadecimal digits without one are a
//! group of addresses. A group belongs to the queue around it, or to the one that it names.

use std::collections::BTreeMap;

use super::super::console::Line;
use super::{HttpSysState, RequestQueue};
use crate::evidence::{ArtifactId, Citation};

/// Schemes that http.sys may carry out; their names are not translated.
const SCHEMES: [&str; 5] = ["negotiate", "ntlm", "kerberos", "basic", "digest"];
/// Addresses kept of one queue.
const MAX_URLS: usize = 10_000;

/// The queues, each with the line of its name.
pub(super) fn read(artifact: ArtifactId, lines: &[Line<'_>]) -> Vec<(HttpSysState, Citation)> {
    let mut all = Queues::default();
    let label = lines
        .iter()
        .zip(lines.iter().skip(1))
        .find_map(|(line, next)| queue_name(line, next))
        .map(|(label, _)| label);
    let Some(label) = label else {
        return Vec::new();
    };
    // Where addresses go: the queue around them, or the one that their group names.
    let mut target: Option<usize> = None;
    let (mut around, mut in_group) = (None, false);
    for (at, line) in lines.iter().enumerate() {
        let shown = line.text.trim();
        let next = lines.get(at + 1);
        if let Some((_, name)) = next.and_then(|next| queue_name(line, next)) {
            around = Some(all.named(name, *line));
            (target, in_group) = (around, false);
        } else if shown
            .split_once(": ")
            .is_some_and(|(_, value)| is_number(value))
        {
            let session = next.is_some_and(|next| has_version(next.text));
            // A session ends what the queue before it serves only where it holds the groups itself.
            if !session {
                (target, in_group) = (around, true);
            }
        } else if let Some((_, name)) = shown.split_once(": ").filter(|(own, _)| *own == label) {
            // An unnamed queue is the one around the group: its sentence names none.
            if !is_unnamed(name) {
                target = Some(all.named(name, *line));
            }
        } else if is_url(shown) {
            if let Some(queue) = target.and_then(|at| all.list.get_mut(at))
                && queue.0.urls.len() < MAX_URLS
                && !queue.0.urls.iter().rev().take(50).any(|url| url == shown)
            {
                queue.0.urls.push(shown.to_owned());
            }
        } else if let Some(pid) = process(shown).filter(|_| !in_group) {
            if let Some(queue) = around.and_then(|at| all.list.get_mut(at)) {
                queue.0.pids.push(pid);
            }
        } else if in_group && let Some(queue) = target.and_then(|at| all.list.get_mut(at)) {
            let words = shown.split(|c: char| !c.is_ascii_alphanumeric());
            for word in words.filter(|word| is_scheme(word)) {
                if !queue
                    .0
                    .schemes
                    .iter()
                    .any(|own| own.eq_ignore_ascii_case(word))
                {
                    queue.0.schemes.push(word.to_owned());
                }
            }
        }
    }
    all.list
        .into_iter()
        .map(|(queue, line)| (HttpSysState::Queue(queue), line.cite(artifact)))
        .collect()
}

#[derive(Default)]
struct Queues<'a> {
    list: Vec<(RequestQueue, Line<'a>)>,
    by_name: BTreeMap<String, usize>,
}

impl<'a> Queues<'a> {
    /// The queue of a name. Unnamed ones are one each: nothing tells them apart.
    fn named(&mut self, name: &str, line: Line<'a>) -> usize {
        let unnamed = is_unnamed(name);
        let known = self.by_name.get(name).copied().filter(|_| !unnamed);
        known.unwrap_or_else(|| {
            let at = self.list.len();
            let queue = RequestQueue {
                name: (!unnamed).then(|| name.to_owned()),
                ..RequestQueue::default()
            };
            self.list.push((queue, line));
            self.by_name.insert(name.to_owned(), at);
            at
        })
    }
}

/// A sentence stands for the name: `Request queue is unnamed.`
fn is_unnamed(name: &str) -> bool {
    name.ends_with('.') && name.contains(' ')
}

/// Label and name of a queue: not a number, with a version below.
fn queue_name<'a>(line: &Line<'a>, next: &Line<'a>) -> Option<(&'a str, &'a str)> {
    let (label, name) = line.text.trim().split_once(": ")?;
    (has_version(next.text) && !is_number(name)).then_some((label, name))
}

fn has_version(line: &str) -> bool {
    line.starts_with([' ', '\t'])
        && (line.trim_end().ends_with(": 1.0") || line.trim_end().ends_with(": 2.0"))
}

/// The number of a session or group: 16 hexadecimal digits.
fn is_number(value: &str) -> bool {
    value.len() == 16 && value.bytes().all(|c| c.is_ascii_hexdigit())
}

fn is_url(shown: &str) -> bool {
    let scheme = shown.get(..8).unwrap_or(shown).to_ascii_lowercase();
    scheme.starts_with("http://") || scheme.starts_with("https://")
}

/// `3577`, or `ID: 3577, image: C:\Windows\System32\inetsrv\w3wp.exe`.
fn process(shown: &str) -> Option<u32> {
    if let Ok(pid) = shown.parse() {
        return Some(pid);
    }
    let (before, _) = shown.split_once(", ")?;
    let (_, number) = before.split_once(": ")?;
    shown.contains(":\\").then(|| number.parse().ok())?
}

fn is_scheme(word: &str) -> bool {
    SCHEMES
        .iter()
        .any(|scheme| scheme.eq_ignore_ascii_case(word))
}
