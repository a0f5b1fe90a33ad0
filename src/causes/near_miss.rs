//! Near misses: registered values that are almost the SPN that clients ask for, and do not match it.

use std::collections::BTreeMap;

use super::name::to_ascii;
use crate::case::{Registration, Spn, other_form};

/// What a registered value is to the SPN that clients ask for, when it is nearly that.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Near {
    /// The same with characters that are not shown.
    Invisible,
    /// Meant for it, in a form that never matches.
    Malformed,
    /// The same host with another port, or with one.
    OtherPort,
    /// The short form of the host's name, or the fully qualified one.
    OtherForm,
}

impl Near {
    /// The kinds, the one that says most first.
    pub(super) const BY_WEIGHT: [Near; 4] = [
        Near::Invisible,
        Near::Malformed,
        Near::OtherPort,
        Near::OtherForm,
    ];

    /// Whether the value matches nothing at all, on whichever account it is.
    pub(super) fn is_inert(self) -> bool {
        matches!(self, Near::Invisible | Near::Malformed)
    }
}

/// The registrations by what makes them near a name, so that a name is not held against each of them.
pub(super) struct NearMisses<'a> {
    /// Those with characters that are not shown, or in a form that never matches.
    odd: Vec<&'a Registration>,
    /// Web SPNs, by the first label of their host.
    by_label: BTreeMap<String, Vec<&'a Registration>>,
    /// Web SPNs, by their host in the letters of DNS, without the dot at its end.
    by_spelling: BTreeMap<String, Vec<&'a Registration>>,
}

impl<'a> NearMisses<'a> {
    /// Those of a directory.
    pub(super) fn of(registrations: &'a [Registration]) -> Self {
        let mut all = Self {
            odd: Vec::new(),
            by_label: BTreeMap::new(),
            by_spelling: BTreeMap::new(),
        };
        for registration in registrations {
            let spn = &registration.spn;
            let odd = !spn.invisible().is_empty() || spn.malformation().is_some();
            if odd {
                all.odd.push(registration);
            }
            if spn.has_class("HTTP") {
                let host = spn.host();
                let of_it = all.by_spelling.entry(spelling(&host)).or_default();
                of_it.push(registration);
                if !odd {
                    let of_it = all.by_label.entry(label(&host).to_owned()).or_default();
                    of_it.push(registration);
                }
            }
        }
        all
    }

    /// What is nearly this SPN, and how near it is.
    pub(super) fn to(&self, spn: &Spn) -> Vec<(Near, &'a Registration)> {
        let kin = self.by_label.get(label(&spn.host()));
        let all = self.odd.iter().chain(kin.into_iter().flatten());
        all.filter_map(|r| Some((near(&r.spn, spn)?, *r))).collect()
    }

    /// The same name in letters of another alphabet, or without the dot that the client put at its end.
    pub(super) fn other_spelling(&self, spn: &Spn) -> Vec<&'a Registration> {
        let same = self.by_spelling.get(&spelling(&spn.host()));
        let same = same.into_iter().flatten().copied();
        same.filter(|r| r.spn != *spn && r.spn.port() == spn.port())
            .collect()
    }
}

fn label(host: &str) -> &str {
    host.split('.').next().unwrap_or_default()
}

fn spelling(host: &str) -> String {
    to_ascii(host).trim_end_matches('.').to_owned()
}

/// How near a registered value comes to the SPN asked for; `None` for the SPN itself and for what has nothing to do with it.
fn near(registered: &Spn, asked: &Spn) -> Option<Near> {
    if registered == asked {
        return None;
    }
    let host = asked.host();
    let clean = registered.visible_form();
    if !registered.invisible().is_empty()
        && clean.has_class("HTTP")
        && (clean == *asked || other_form(&clean.host(), &host))
    {
        return Some(Near::Invisible);
    }
    if registered.malformation().is_some() {
        return mentions(registered.as_str(), &host).then_some(Near::Malformed);
    }
    if !registered.has_class("HTTP") {
        return None;
    }
    if registered.host() == host {
        return Some(Near::OtherPort);
    }
    (other_form(&registered.host(), &host) && registered.port() == asked.port())
        .then_some(Near::OtherForm)
}

/// Whether a misspelled value was meant for a host: one of the names in it is the host's, in either form.
fn mentions(text: &str, host: &str) -> bool {
    text.to_lowercase()
        .split(|c: char| !(c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '*')))
        .map(|part| part.trim_end_matches('.'))
        .any(|part| {
            part == host
                || other_form(part, host)
                || part
                    .strip_prefix('*')
                    .is_some_and(|tail| tail.starts_with('.') && host.ends_with(tail))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_misses() {
        let asked = Spn::http("web.corp.example");
        let cases = [
            ("HTTP/web.corp.example", None),
            ("HTTP/web.corp.example:8080", Some(Near::OtherPort)),
            ("HTTP/web", Some(Near::OtherForm)),
            ("HTTP/web:8080", None),
            ("http://web.corp.example", Some(Near::Malformed)),
            ("HTTP/*.corp.example", Some(Near::Malformed)),
            ("HTTP/web/app", Some(Near::Malformed)),
            ("HTTP/webmail.corp.example/", None),
            ("HTTP/web.corp.example\u{200B}", Some(Near::Invisible)),
            ("HOST/web.corp.example", None),
        ];
        for (registered, expected) in cases {
            assert_eq!(
                near(&Spn::new(registered), &asked),
                expected,
                "{registered}"
            );
        }
        let with_port = Spn::http("web.corp.example:8080");
        assert_eq!(near(&asked, &with_port), Some(Near::OtherPort));
    }
}
