//! What lies between domains and between domain controllers, told by shape.
//!
//! ```text
//! HQ\DC1                                                  repadmin /showrepl: who answers, its two identifiers, then
//! DSA object GUID: 6f1c…                                  partitions and their sources
//! showrepl_COLUMNS,Destination DSA Site,…                 repadmin /showrepl /csv
//! Source DSA   largest delta   fails/total %%   error     repadmin /replsummary
//! Name, Type, Status, Notes                               netdom trust … /namesuffixes
//! 1. *.partner.example, Name Suffix, Enabled
//! Schema master               DC1.corp.example            netdom query fsmo
//! ```

use super::lines::labelled;

/// What a line of `repadmin /showrepl` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ReplicationLine<'a> {
    /// The domain controller that answers: its site and name.
    Answers(&'a str, &'a str),
    /// One of its identifiers, or one of a source.
    Id,
    /// A partition of the directory.
    Partition(&'a str),
    /// A domain controller that a partition comes from: its site and name.
    Source(&'a str, &'a str),
}

/// What a line of `repadmin /showrepl` is, by its shape.
pub(crate) fn replication_line(line: &str) -> Option<ReplicationLine<'_>> {
    let text = line.trim_end();
    if labelled(text).is_some_and(|(_, value)| is_guid(value)) {
        return Some(ReplicationLine::Id);
    }
    let flush = !text.starts_with([' ', '\t']);
    let partition = ["DC=", "CN="].iter().any(|kind| text.starts_with(kind));
    if flush && partition && text.contains("DC=") {
        return Some(ReplicationLine::Partition(text));
    }
    let (site, rest) = text.trim_start().split_once('\\')?;
    let name = rest.split_whitespace().next()?;
    let is_name = |name: &str| {
        let plain = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
        !name.is_empty() && name.chars().all(plain)
    };
    let site_is = !site.is_empty() && !site.contains([':', '\\', '/', '=', '@', '"']);
    if !is_name(name) || !site_is || site.len() > 80 {
        return None;
    }
    let alone = rest == name;
    match (flush, alone) {
        (true, true) => Some(ReplicationLine::Answers(site, name)),
        // `HQ\DC2 via RPC`: the transport is not translated.
        (false, false) if ["RPC", "SMTP"].iter().any(|how| text.ends_with(how)) => {
            Some(ReplicationLine::Source(site, name))
        }
        _ => None,
    }
}

fn is_guid(value: &str) -> bool {
    value.len() == 36
        && value.matches('-').count() == 4
        && value.bytes().all(|b| b.is_ascii_hexdigit() || b == b'-')
}

/// `1. *.partner.example, Name Suffix, Enabled`: the parts between the commas.
pub(crate) fn suffix_line(line: &str) -> Option<Vec<&str>> {
    let (number, rest) = line.trim_start().split_once(". ")?;
    if number.is_empty() || number.len() > 4 || !number.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let parts: Vec<&str> = rest.splitn(4, ',').map(str::trim).collect();
    let named = parts
        .first()
        .is_some_and(|name| !name.contains(' ') && !name.is_empty());
    (named && parts.len() >= 3).then_some(parts)
}

/// Whether such output begins with the first of these lines.
pub(super) fn opens(lines: &[&str]) -> bool {
    let Some(first) = lines.first().filter(|line| !line.trim().is_empty()) else {
        return false;
    };
    let below = || lines.iter().skip(1).filter(|line| !line.trim().is_empty());
    first.starts_with("showrepl_COLUMNS,")
        || (first.contains("%%") && first.contains("DSA"))
        || opens_suffixes(first, below().next())
        || opens_replication(first, below())
        || opens_roles(lines)
}

fn opens_suffixes(first: &str, next: Option<&&str>) -> bool {
    let heading = !first.starts_with([' ', '\t']) && first.matches(", ").count() == 3;
    let suffix = |line: &&str| {
        let parts = suffix_line(line);
        parts.is_some_and(|p| p.first().is_some_and(|name| name.starts_with("*.")))
    };
    heading && next.is_some_and(suffix)
}

fn opens_replication<'a>(first: &str, below: impl Iterator<Item = &'a &'a str>) -> bool {
    let line = replication_line(first);
    let mut below = below.take(5).map(|line| replication_line(line));
    match line {
        Some(ReplicationLine::Answers(..)) => {
            below
                .filter(|line| *line == Some(ReplicationLine::Id))
                .count()
                == 2
        }
        Some(ReplicationLine::Partition(_)) => {
            matches!(below.next(), Some(Some(ReplicationLine::Source(..))))
                && below.next() == Some(Some(ReplicationLine::Id))
        }
        _ => false,
    }
}

/// The five holders of `netdom query fsmo`, in their fixed order.
fn opens_roles(lines: &[&str]) -> bool {
    let holders: Vec<&str> = lines.iter().take(5).filter_map(|line| role(line)).collect();
    let domain = |name: &str| {
        name.split_once('.')
            .map(|(_, domain)| domain.to_lowercase())
    };
    let last = holders.last().and_then(|name| domain(name));
    holders.len() == 5
        && lines.get(5).is_none_or(|line| role(line).is_none())
        && holders.get(3).and_then(|name| domain(name)) == last
        && holders.get(2).and_then(|name| domain(name)) == last
}

/// `Schema master               DC1.corp.example`: the holder.
pub(crate) fn role(line: &str) -> Option<&str> {
    let text = line.trim_end();
    let name = text.split_whitespace().next_back()?;
    let before = text.get(..text.len() - name.len())?;
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let words = !before.trim().is_empty() && !before.contains([':', '.', '=', '|']);
    (words && !text.starts_with(' ') && before.ends_with("  "))
        .then_some(name)
        .filter(|name| name.contains('.') && name.chars().all(plain))
}
