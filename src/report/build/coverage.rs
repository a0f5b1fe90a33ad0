//! Coverage: what the bundle holds of each channel of each machine, and of the logs of each site.

use crate::case::{Case, HostId, Role};
use crate::readers::audit_policy::Subcategory;
use crate::report::{model, words};

/// Event ids whose presence shows that a channel's auditing was on, and what they are.
const AUDITED: &[(&str, &[u32], &str)] = &[
    ("Security", &[4624, 4625], "logons"),
    ("Security", &[4768, 4769, 4771], "Kerberos tickets"),
];

/// Whether successes and failures of what matters on a machine are audited, where its audit policy is shown: logons, and
/// tickets and NTLM as well on a domain controller.
fn policy(case: &Case, host: HostId) -> Option<model::Auditing> {
    let machine = case.machine(Some(host))?;
    let controller = case.hosts.get(host).roles.contains(&Role::DomainController);
    let wanted: &[Subcategory] = if controller {
        &[
            Subcategory::Logon,
            Subcategory::ServiceTickets,
            Subcategory::FirstTickets,
            Subcategory::CredentialValidation,
        ]
    } else {
        &[Subcategory::Logon]
    };
    let settings: Option<Vec<(bool, bool)>> = wanted
        .iter()
        .map(|subcategory| Some(machine.audits(*subcategory)?.value))
        .collect();
    let settings = settings?;
    Some(if settings.iter().all(|s| *s == (true, true)) {
        model::Auditing::On
    } else if settings.iter().all(|s| *s == (false, false)) {
        model::Auditing::Off
    } else {
        model::Auditing::Partial
    })
}

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
            let policy = policy(case, c.host).filter(|_| is_security);
            let says = match (is_security, seen.is_empty()) {
                _ if policy == Some(model::Auditing::On) => "the audit policy writes successes and failures: silence says that nothing happened".to_owned(),
                _ if policy == Some(model::Auditing::Off) => "the audit policy writes neither successes nor failures; silence proves nothing".to_owned(),
                (true, true) => "holds no audited logon or ticket: auditing was off, or the export left them out; silence proves nothing".to_owned(),
                (true, false) => format!("audited: {}; what is not listed may not have been audited", seen.join(", ")),
                (false, _) => words::count(c.records, "record"),
            };
            model::Coverage {
                host: case.hosts.get(c.host).name.clone(),
                source: c.channel.to_string(),
                first_time: Some(model::Time(c.first)),
                last_time: Some(model::Time(c.last)),
                gaps,
                auditing: match (policy, is_security, seen.len()) {
                    (Some(policy), ..) => policy,
                    (None, false, _) | (None, true, 0) => model::Auditing::Unknown,
                    (None, true, _) => model::Auditing::Partial,
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
