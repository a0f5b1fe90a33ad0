//! Coverage: what the bundle holds of each channel of each machine, and of the logs of each site.

use crate::case::{Auditing, Case, Coverage, HostId, Role, Touched};
use crate::codes;
use crate::readers::audit_policy::Subcategory;
use crate::readers::registry::Key;
use crate::report::{model, words};

use super::timeline::unless_exact;

/// Event ids whose presence shows that a channel's auditing was on, and what they are.
const AUDITED: &[(&[u32], &str)] = &[
    (&[4624, 4625], "logons"),
    (&[4768, 4769, 4771], "Kerberos tickets"),
    (&[4776], "NTLM validations"),
    (&[5136], "changes of directory objects"),
];
/// Holes in the record ids that are told.
const HOLES: usize = 3;
/// KdcExtraLogLevel where it is not set (KB837361).
const USUAL_LOG_LEVEL: u64 = 2;

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

/// One row for each channel of each machine, and for each log of requests.
pub(super) fn build(case: &Case) -> Vec<model::Coverage> {
    let mut all: Vec<model::Coverage> = case.coverage.iter().map(|c| of_channel(case, c)).collect();
    all.extend(case.log_coverage().into_iter().map(|log| model::Coverage {
        host: log.host.map_or_else(
            || "unknown host".to_owned(),
            |h| case.hosts.get(h).name.clone(),
        ),
        source: log.source,
        first_time: log.first.map(model::Time),
        last_time: log.last.map(model::Time),
        time_certainty: None,
        gaps: log.gaps,
        auditing: model::Auditing::Unknown,
        says: log.says,
    }));
    all
}

fn of_channel(case: &Case, channel: &Coverage) -> model::Coverage {
    let is_security = channel.channel.eq_ignore_ascii_case("Security");
    let (auditing, audited) = if is_security {
        security(case, channel)
    } else {
        (
            model::Auditing::Unknown,
            words::count(channel.records, "record"),
        )
    };
    let mut says = vec![audited];
    if channel.runs.is_scattered(channel.records) {
        says.push(format!(
            "the record ids stand scattered ({} of {} between the first and the last): exported with a filter, so that other events may have been left out",
            channel.records,
            channel.records.saturating_add(channel.missing)
        ));
    }
    says.extend(switches(case, channel));
    model::Coverage {
        host: case.hosts.get(channel.host).name.clone(),
        source: channel.channel.to_string(),
        first_time: Some(model::Time(channel.first)),
        last_time: Some(model::Time(channel.last)),
        time_certainty: unless_exact(channel.certainty),
        gaps: gaps(case, channel),
        auditing,
        says: says.join("; "),
    }
}

/// What is audited to a Security log: by the policy where it is shown, else by what it holds.
fn security(case: &Case, channel: &Coverage) -> (model::Auditing, String) {
    match policy(case, channel.host) {
        Some(model::Auditing::On) => (
            model::Auditing::On,
            "the audit policy writes successes and failures: silence says that nothing happened"
                .to_owned(),
        ),
        Some(model::Auditing::Off) => (
            model::Auditing::Off,
            "the audit policy writes neither successes nor failures; silence proves nothing"
                .to_owned(),
        ),
        policy => {
            let seen: Vec<&str> = AUDITED
                .iter()
                .filter(|(ids, _)| channel.auditing(ids) == Auditing::Seen)
                .map(|(_, what)| *what)
                .collect();
            if seen.is_empty() {
                (
                    policy.unwrap_or(model::Auditing::Unknown),
                    "holds no audited logon or ticket: auditing was off, or the export left them out; silence proves nothing".to_owned(),
                )
            } else {
                (
                    model::Auditing::Partial,
                    format!(
                        "audited: {}; what is not listed may not have been audited",
                        seen.join(", ")
                    ),
                )
            }
        }
    }
}

/// What is missing between the first and the last record: holes, and what was cleared.
fn gaps(case: &Case, channel: &Coverage) -> Vec<String> {
    let time = |time| model::Time(time).to_the_second();
    let mut gaps = Vec::new();
    let holes = channel.runs.holes();
    if !channel.runs.is_scattered(channel.records) {
        gaps.extend(holes.iter().take(HOLES).map(|hole| {
            format!(
                "{} missing between {} and {}",
                words::count(hole.missing, "record"),
                time(hole.from),
                time(hole.to)
            )
        }));
    }
    let told: u64 = if gaps.is_empty() {
        0
    } else {
        holes.iter().take(HOLES).map(|hole| hole.missing).sum()
    };
    if channel.missing > told {
        let other = if told > 0 { "other " } else { "" };
        gaps.push(format!(
            "{} {other}record ids between the first and the last are not in the bundle",
            channel.missing - told
        ));
    }
    gaps.extend(
        case.changes()
            .filter(|change| change.host == Some(channel.host))
            .filter_map(|change| {
                let id = change.event?.id;
                let cleared = matches!(id, 104 | 1102);
                let own = match id {
                    1102 => channel.channel.eq_ignore_ascii_case("Security"),
                    _ => change.says.contains(&*channel.channel),
                };
                (cleared && own && change.touches == Touched::Auditing).then(|| {
                    format!(
                        "the log was cleared at {}: what was before is gone",
                        time(change.time)
                    )
                })
            }),
    );
    gaps
}

/// What decides whether failures are written to a channel at all: log levels in the registry, and auditing that was changed.
fn switches(case: &Case, channel: &Coverage) -> Vec<String> {
    let roles = &case.hosts.get(channel.host).roles;
    let number = |key, name| {
        let setting = case.machine(Some(channel.host))?.setting(key, name);
        setting.present().and_then(|set| set.value.number())
    };
    let mut says = Vec::new();
    let is = |name: &str| channel.channel.eq_ignore_ascii_case(name);
    if is("Security") && roles.contains(&Role::DomainController) {
        says.push(match number(Key::Kdc, "KdcExtraLogLevel") {
            Some(level) => {
                let level = u32::try_from(level).unwrap_or(u32::MAX);
                format!(
                    "KdcExtraLogLevel is {}: {}",
                    codes::KDC_EXTRA_LOG_LEVEL.in_words(level),
                    refusals(u64::from(level))
                )
            }
            None => format!(
                "KdcExtraLogLevel is not in the bundle; with its default, {}",
                refusals(USUAL_LOG_LEVEL)
            ),
        });
    }
    if is("System") && roles.contains(&Role::Client) {
        let level = number(Key::Kerberos, "LogLevel");
        if !matches!(level, Some(1..)) && channel.auditing(&[3]) == Auditing::NotSeen {
            says.push(
                "Kerberos event 3 is only written with LogLevel 1: without it, its silence proves nothing".to_owned(),
            );
        }
    }
    if is("Security") {
        let policy = case
            .changes()
            .filter(|change| {
                change.host == Some(channel.host)
                    && change.event.is_some_and(|event| event.id == 4719)
            })
            .last();
        says.extend(policy.map(|change| {
            format!(
                "the audit policy was changed last at {} ({}): a collector switches auditing on when it starts and off when it stops",
                model::Time(change.time).to_the_second(),
                change.says
            )
        }));
    }
    says
}

/// Which refusals a domain controller writes at a log level.
fn refusals(level: u64) -> &'static str {
    match (level & 0x1 != 0, level & 0x10 != 0) {
        (true, true) => "tickets that are refused with 0x7, 0xD or 0xE are written",
        (true, false) => {
            "tickets refused with 0x7 are written, those refused with 0xD or 0xE are not"
        }
        (false, true) => {
            "tickets refused with 0xD or 0xE are written, those refused with 0x7 are not"
        }
        (false, false) => {
            "tickets refused with 0x7, 0xD or 0xE are not written, so that their absence proves nothing"
        }
    }
}
