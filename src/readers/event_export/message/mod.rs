//! The values of an event read back from its rendered message.
//!
//! ```text
//! An account failed to log on.
//!
//! Subject:
//!         Security ID:            NULL SID
//!         Account Name:           -
//! Logon Type:                     3
//! Account For Which Logon Failed:
//!         Account Name:           uma
//! ```
//!
//! gives `SubjectUserSid`, `SubjectUserName`, `LogonType`, `TargetUserName`, because the heading of a section says whose
//! name it is. English messages are read by their labels or their words; those of other languages by position, where
//! their shape is exactly that of the event's layout and the values are of the kinds that stand there. What is not
//! certain is not read.

mod layouts;
mod sentences;
#[cfg(test)]
mod tests;
mod values;

use crate::readers::events::{Datum, Family, family, value_names};
use layouts::Layout;
use values::{cleaned, is_of_its_kind};

/// Why a message was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unread {
    /// The table has no layout for this event.
    NoLayout,
    /// In a language that is not English, or cut before its values.
    Language,
    /// A label occurs twice, so that a value cannot be trusted.
    Ambiguous,
}

/// The values that a message says, in the order that the event has them in.
pub(super) fn read(provider: &str, id: u32, message: &str) -> Result<Vec<Datum>, Unread> {
    let mut data = values_of(provider, id, message)?;
    let names = value_names(provider, id);
    data.sort_by_key(|datum| {
        let own = |name: &&str| datum.name.as_deref() == Some(name);
        names.iter().position(own).unwrap_or(names.len())
    });
    Ok(data)
}

fn values_of(provider: &str, id: u32, message: &str) -> Result<Vec<Datum>, Unread> {
    let family = family(provider, id).ok_or(Unread::NoLayout)?;
    if let Some(patterns) = sentences::of(family, id) {
        let words: Vec<&str> = message.split_whitespace().collect();
        let message = words.join(" ");
        let fitting = patterns.iter().find_map(|p| sentences::fit(p, &message));
        let fitting = fitting.or_else(|| by_shape(family, id, &words));
        return fitting.map(placed).ok_or(Unread::Language);
    }
    let layouts = layouts::of(family, id).ok_or(Unread::NoLayout)?;
    let lines = lines(message);
    let newest = layouts.first().ok_or(Unread::NoLayout)?;
    match by_labels(newest, &lines) {
        Err(Unread::Language) => layouts
            .iter()
            .find_map(|layout| by_position(layout, &lines))
            .ok_or(Unread::Language),
        read => read,
    }
}

/// The values of Kerberos 4 in any language: the error is named untranslated, and then one SPN stands in the message, which
/// is the target, and one computer account at most, which is the server.
fn by_shape(family: Family, id: u32, words: &[&str]) -> Option<Vec<(&'static str, String)>> {
    let is_error = |word: &&str| word.contains("KRB_AP_ERR_MODIFIED");
    if (family, id) != (Family::Kerberos, 4) || !words.iter().any(is_error) {
        return None;
    }
    let inner = words
        .iter()
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric() && c != '$'));
    let mut spns: Vec<&str> = inner.clone().filter(|word| is_web_spn(word)).collect();
    let mut servers: Vec<&str> = inner.filter(|word| word.ends_with('$')).collect();
    spns.dedup();
    servers.dedup();
    let [target] = spns.as_slice() else {
        return None;
    };
    let mut values = vec![("TargetName", (*target).to_owned())];
    if let [server] = servers.as_slice() {
        values.push(("Server", (*server).to_owned()));
    }
    Some(values)
}

/// Whether a word is an SPN of the web: other classes are no business of a site, and `and/or` is none.
fn is_web_spn(word: &str) -> bool {
    word.split_once('/').is_some_and(|(class, host)| {
        class.eq_ignore_ascii_case("HTTP") && !host.is_empty() && !host.contains('/')
    })
}

/// Whether the messages of an event of this provider and id can be read.
pub(super) fn is_known(family: Family, id: u32) -> bool {
    sentences::of(family, id).is_some() || layouts::of(family, id).is_some()
}

/// Whether a message names the values of its event, and no table does so by their position.
pub(super) fn alone_names(provider: &str, id: u32, message: &str) -> bool {
    value_names(provider, id).is_empty()
        && values_of(provider, id, message).is_ok_and(|values| {
            let named = |datum: &Datum| datum.name.is_some();
            !values.is_empty() && values.iter().all(named)
        })
}

/// A line of a message.
struct Line<'m> {
    /// The whole of it, without blanks around it.
    text: &'m str,
    /// What stands before the first colon and after it.
    label: Option<(&'m str, &'m str)>,
    indented: bool,
}

fn lines(message: &str) -> Vec<Line<'_>> {
    message
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| Line {
            text: line.trim(),
            label: line
                .split_once([':', '：'])
                .map(|(label, value)| (label.trim(), value.trim())),
            indented: line.starts_with(char::is_whitespace),
        })
        .collect()
}

/// Values by the English labels.
fn by_labels(layout: &Layout, lines: &[Line<'_>]) -> Result<Vec<Datum>, Unread> {
    let all: usize = layout.iter().map(|section| section.fields.len()).sum();
    let mut found: Vec<(&'static str, String)> = Vec::new();
    let mut heading = "";
    let mut list = "";
    for line in lines {
        let alone = match line.label {
            Some((_, value)) => value.is_empty(),
            // KDC 201 to 209 begin with one that has no colon.
            None => !line.indented,
        };
        let name = line.text.trim_end_matches([':', ' ']);
        if alone
            && layout
                .iter()
                .any(|s| !s.heading.is_empty() && s.heading == name)
        {
            heading = name;
            list = "";
            continue;
        }
        let Some((field, value)) = field_of(layout, heading, line) else {
            // The names of a computer account stand one below the other, and so may encryption types.
            let goes_on = match list {
                "ServicePrincipalNames" => line.text.contains('/'),
                "AdvertizedEtypes" => line.label.is_none(),
                _ => false,
            };
            if let (true, Some((_, list))) = (goes_on, found.last_mut()) {
                list.push(' ');
                list.push_str(line.text);
            }
            continue;
        };
        if found.iter().any(|(known, _)| *known == field) {
            return Err(Unread::Ambiguous);
        }
        list = field;
        found.push((field, cleaned(field, value)));
    }
    if found.len() * 2 < all || found.is_empty() {
        return Err(Unread::Language);
    }
    let named = found.into_iter().map(|(field, value)| Datum {
        name: Some(field.into()),
        value,
    });
    Ok(named.collect())
}

/// The field that a line holds: of the section it stands in, or else one that stands alone.
fn field_of<'m>(
    layout: &Layout,
    heading: &str,
    line: &Line<'m>,
) -> Option<(&'static str, &'m str)> {
    let sections = layout
        .iter()
        .filter(|section| !heading.is_empty() && section.heading == heading)
        .chain(layout.iter().filter(|section| section.heading.is_empty()));
    for (label, field) in sections.flat_map(|section| &section.fields) {
        let value = match label.strip_suffix(' ') {
            // A label without a colon.
            Some(_) => line.text.strip_prefix(label),
            None => line
                .label
                .filter(|(of, _)| of == label)
                .map(|(_, value)| value),
        };
        if let Some(value) = value {
            return Some((field, value));
        }
    }
    // Logon Type stands alone in old messages and in a section in new ones.
    let (label, value) = line.label?;
    let alone = (label == "Logon Type").then_some("LogonType")?;
    let has = |s: &layouts::Section| s.fields.iter().any(|(_, field)| *field == alone);
    layout.iter().any(has).then_some((alone, value))
}

/// Values by position, where the shape is exactly that of the layout.
fn by_position(layout: &Layout, lines: &[Line<'_>]) -> Option<Vec<Datum>> {
    // The first line says what happened.
    let skip = usize::from(
        lines
            .first()?
            .label
            .is_none_or(|(_, value)| !value.is_empty()),
    );
    let lines: Vec<&Line<'_>> = lines
        .iter()
        .skip(skip)
        .filter(|line| line.label.is_some())
        .collect();
    let mut at = 0;
    let mut data = Vec::new();
    let mut told = 0;
    for section in layout {
        if layout.len() == 1 || !section.heading.is_empty() || section.fields.len() > 1 {
            let heading = lines.get(at)?;
            if heading.indented || !heading.label?.1.is_empty() {
                return None;
            }
            at += 1;
        }
        let below = section.fields.len() > 1 || !section.heading.is_empty();
        for (_, field) in &section.fields {
            let line = lines.get(at)?;
            let (label, value) = line.label?;
            if line.indented != below || label.chars().count() > 60 {
                return None;
            }
            told += usize::from(is_of_its_kind(field, value)?);
            data.push(Datum {
                name: Some((*field).into()),
                value: cleaned(field, value),
            });
            at += 1;
        }
        // The section has no further value.
        if below && lines.get(at).is_some_and(|line| line.indented) {
            return None;
        }
    }
    (told >= 2).then_some(data)
}

/// Values by name, or at their positions in an event whose values have no names.
fn placed(values: Vec<(&'static str, String)>) -> Vec<Datum> {
    let mut unnamed: Vec<Datum> = Vec::new();
    let mut named = Vec::new();
    for (name, value) in values {
        match name.parse::<usize>() {
            Ok(position @ 1..=16) => {
                let none = || Datum {
                    name: None,
                    value: String::new(),
                };
                while unnamed.len() < position {
                    unnamed.push(none());
                }
                if let Some(datum) = unnamed.get_mut(position - 1) {
                    datum.value = value;
                }
            }
            _ => named.push(Datum {
                value: cleaned(name, &value),
                name: Some(name.into()),
            }),
        }
    }
    named.extend(unnamed);
    named
}
