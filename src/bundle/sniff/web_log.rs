//! Logs of IIS and of http.sys, told by the columns of their header or by the shape of several lines.
//!
//! ```text
//! #Fields: date time … sc-status …             a log of IIS (or of its FTP service: the reader says so)
//! #Fields: date time … s-reason …              a log of http.sys
//! 2026-03-02 08:00:01 10.0.0.1 GET /a - 80 …   an excerpt that lost its header
//! 10.0.0.7, -, 03/02/26, 7:55:20, W3SVC2, …    IIS format
//! 10.0.0.7 - uma [02/Mar/2026:08:00:01 +0100] "GET /a HTTP/1.1" 200 3401      NCSA format
//! ```
//!
//! A client may request any text, so nothing but the shape is looked at.

use crate::bundle::Kind;

/// Lines before the header that an excerpt may begin with.
const BEFORE_HEADER: usize = 200;
/// Lines that must all have one shape, where there is no header.
const ALIKE: usize = 5;

/// What a log is: `Some(Kind::Text)` for one of another service, `None` for what is no log at all.
pub(super) fn kind(lines: &[String]) -> Option<Kind> {
    let mut lines = lines.iter().map(String::as_str).filter(|l| !l.is_empty());
    let first = lines.next()?;
    let directive = ["#Software:", "#Version:", "#Date:", "#Fields:"]
        .iter()
        .any(|name| first.starts_with(name));
    if directive || is_dated(first) {
        let all = || std::iter::once(first).chain(lines.clone());
        let fields = all()
            .take(BEFORE_HEADER)
            .take_while(|line| line.starts_with('#') || is_dated(line) || directive)
            .find_map(|line| line.strip_prefix("#Fields:"));
        if let Some(fields) = fields {
            return Some(by_fields(fields));
        }
        let software = all()
            .take(ALIKE)
            .find_map(|line| line.strip_prefix("#Software:"));
        return match software.map(str::trim) {
            Some(name) if name.starts_with("Microsoft HTTP API") => Some(Kind::HttpErrLog),
            Some(name) if name.starts_with("Microsoft Internet Information Services") => {
                Some(Kind::WebLog)
            }
            _ if directive => Some(Kind::Text),
            _ => headless(all().take(ALIKE)),
        };
    }
    let alike: Vec<&str> = std::iter::once(first).chain(lines).take(ALIKE).collect();
    let all = |shape: fn(&str) -> bool| alike.iter().all(|line| shape(line));
    (all(is_comma_line) || all(is_ncsa_line)).then_some(Kind::WebLog)
}

fn by_fields(fields: &str) -> Kind {
    let has = |name: &str| {
        fields
            .split_whitespace()
            .any(|f| f.eq_ignore_ascii_case(name))
    };
    if has("s-reason") {
        Kind::HttpErrLog
    } else if has("cs-method") || has("cs-uri-stem") || has("cs-uri") {
        Kind::WebLog
    } else {
        Kind::Text
    }
}

/// An excerpt without its header.
fn headless<'l>(lines: impl Iterator<Item = &'l str>) -> Option<Kind> {
    let mut kinds = lines.map(|line| {
        let values: Vec<&str> = line.split_whitespace().collect();
        let number = |v: Option<&&str>| {
            v.is_some_and(|v| !v.is_empty() && v.bytes().all(|b| b.is_ascii_digit()))
        };
        let at = |from_end: usize| {
            values
                .len()
                .checked_sub(from_end)
                .and_then(|at| values.get(at))
        };
        let verb = |v: Option<&&str>| {
            v.is_some_and(|v| {
                (3..=16).contains(&v.len())
                    && v.bytes().all(|b| b.is_ascii_uppercase() || b == b'_')
            })
        };
        let version = values.get(6).is_some_and(|v| v.starts_with("HTTP/"));
        if version && verb(values.get(7)) && (13..=15).contains(&values.len()) {
            return Some(Kind::HttpErrLog);
        }
        let request = verb(values.get(3)) && values.get(4).is_some_and(|p| p.starts_with('/'));
        (request && (1..=4).all(|n| number(at(n)))).then_some(Kind::WebLog)
    });
    let first = kinds.next()??;
    kinds.all(|kind| kind == Some(first)).then_some(first)
}

/// `2026-03-02 08:00:01 …`
fn is_dated(line: &str) -> bool {
    let shape = |text: Option<&str>, like: &str| {
        text.is_some_and(|text| {
            text.len() == like.len()
                && text.bytes().zip(like.bytes()).all(|(b, l)| {
                    if l == b'0' {
                        b.is_ascii_digit()
                    } else {
                        b == l
                    }
                })
        })
    };
    let mut words = line.split(' ');
    shape(words.next(), "0000-00-00") && shape(words.next(), "00:00:00")
}

/// `10.0.0.7, -, 03/02/26, 7:55:20, W3SVC2, WEB01, 10.0.0.1, 4502, 163, 3223, 200, 0, GET, /a.gif, -,`
fn is_comma_line(line: &str) -> bool {
    let values: Vec<&str> = line.splitn(15, ',').map(str::trim).collect();
    let digits = |at: usize| {
        values
            .get(at)
            .is_some_and(|v| !v.is_empty() && v.bytes().all(|b| b.is_ascii_digit()))
    };
    values.len() == 15
        && (7..=11).all(digits)
        && values
            .get(2)
            .is_some_and(|date| date.split(['/', '.', '-']).count() == 3)
        && values
            .get(3)
            .is_some_and(|time| time.split(':').count() == 3)
        && values.get(13).is_some_and(|path| path.starts_with('/'))
}

/// `10.0.0.7 - uma [02/Mar/2026:08:00:01 +0100] "GET /a HTTP/1.1" 200 3401`
fn is_ncsa_line(line: &str) -> bool {
    let Some((before, rest)) = line.split_once(" [") else {
        return false;
    };
    let Some((time, rest)) = rest.split_once("] \"") else {
        return false;
    };
    let Some((_, after)) = rest.split_once("\" ") else {
        return false;
    };
    let status = after.split(' ').next().unwrap_or_default();
    before.split(' ').count() >= 3
        && time.matches(['/', ':']).count() == 5
        && status.len() == 3
        && status.bytes().all(|b| b.is_ascii_digit())
}
