//! Coverage: what the bundle holds of each channel of each machine, and of the logs of each site.

use crate::case::Case;
use crate::report::model;

/// Event ids whose presence shows that a channel's auditing was on, and what they are.
const AUDITED: &[(&str, &[u32], &str)] = &[
    ("Security", &[4624, 4625], "logons"),
    ("Security", &[4768, 4769, 4771], "Kerberos tickets"),
];

/// One row for each channel of each machine.
pub(super) fn build(case: &Case) -> Vec<model::Coverage> {
    let mut all: Vec<model::Coverage> = case
        .coverage
        .iter()
        .map(|c| {
            let seen: Vec<&str> = AUDITED
                .iter()
                .filter(|(channel, ids, _)| {
                    c.channel.eq_ignore_ascii_case(channel) && c.auditing(ids) == crate::case::Auditing::Seen
                })
                .map(|(_, _, what)| *what)
                .collect();
            let is_security = c.channel.eq_ignore_ascii_case("Security");
            let gaps = if c.missing > 0 {
                vec![format!("{} record ids between the first and the last are not in the bundle", c.missing)]
            } else {
                Vec::new()
            };
            let says = match (is_security, seen.is_empty()) {
                (true, true) => "holds no audited logon or ticket: auditing was off, or the export left them out; silence proves nothing".to_owned(),
                (true, false) => format!("audited: {}; what is not listed may not have been audited", seen.join(", ")),
                (false, _) => format!("{} records", c.records),
            };
            model::Coverage {
                host: case.hosts.get(c.host).name.clone(),
                source: c.channel.to_string(),
                first_time: Some(model::Time(c.first)),
                last_time: Some(model::Time(c.last)),
                gaps,
                auditing: match (is_security, seen.len()) {
                    (false, _) | (true, 0) => model::Auditing::Unknown,
                    (true, _) => model::Auditing::Partial,
                },
                says,
            }
        })
        .collect();
    all.extend(case.log_coverage().into_iter().map(|log| model::Coverage {
        host: log.host.map_or_else(
            || "unknown host".to_owned(),
            |h| case.hosts.get(h).name.clone(),
        ),
        source: log.source,
        first_time: log.first.map(model::Time),
        last_time: log.last.map(model::Time),
        gaps: log.gaps,
        auditing: model::Auditing::Unknown,
        says: log.says,
    }));
    all
}
