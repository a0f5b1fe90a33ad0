//! Onset: the change shortly before the failures that a finding explains began, where the bundle holds one that touches what
//! the finding is about.

use jiff::{SignedDuration, Timestamp};

use super::{Finding, Ground, Subject};
use crate::case::{Case, SeenChange, Spn, Touched, common_name, split_name};
use crate::readers::events::Body;

/// A change older than this is not called the onset: too much else happened since.
const REACH: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The change that began it. Where a few failures came before a clear rise, they began with the rise.
pub(super) fn onset(case: &Case, cause: &str, finding: &Finding) -> Option<Ground> {
    let first = finding
        .explains
        .iter()
        .filter_map(|id| Some(case.symptoms.get(id.0)?.turn?.at))
        .min()?;
    let change = case
        .changes()
        .take_while(|change| change.event.time <= first)
        .filter(|change| is_recent(change.event.time, first))
        .filter(|change| touches(case, change, cause, &finding.subject))
        .last()?;
    let at = &change.event.citation;
    Some(Ground {
        says: at.text.to_string(),
        from: vec![at.clone()],
    })
}

fn is_recent(change: Timestamp, failure: Timestamp) -> bool {
    failure.duration_since(change) <= REACH
}

fn touches(case: &Case, change: &SeenChange<'_>, cause: &str, subject: &Subject) -> bool {
    let group = cause.split('-').next().unwrap_or(cause);
    match &change.touches {
        Touched::Spn(key) => {
            let spn = subject.spn.as_deref();
            spn.is_some_and(|spn| Spn::new(spn).key() == *key)
        }
        Touched::Account(name) => {
            // A computer's own account matters where its key or its channel does.
            let machine = || matches!(group, "MC" | "TR") && is_computer_of(subject, name);
            changes_who_may(change) && (account_name(subject).as_ref() == Some(name) || machine())
        }
        Touched::Settings {
            location,
            file,
            setting,
        } => {
            let place = format!("{location} {file} {setting}");
            touches_configuration(location.is_empty(), &place, setting, subject)
        }
        Touched::LogonRights => {
            matches!(cause, "AC-07" | "POOL-04") && is_of_host(case, change, subject)
        }
        Touched::Clock => cause == "MC-05",
        Touched::Trust => group == "TR",
        Touched::Start | Touched::Recycle(_) | Touched::Auditing => false,
    }
}

/// Whether a change of an account changes its state, its password or its keys: not any change of its object.
fn changes_who_may(change: &SeenChange<'_>) -> bool {
    match &change.event.body {
        Body::AccountChanged(e) => {
            matches!(e.id, 4723 | 4724 | 4725 | 4726 | 4740 | 4743) || e.password_last_set.is_some()
        }
        _ => true,
    }
}

/// Whether an account is that of a computer which the finding is about.
fn is_computer_of(subject: &Subject, name: &str) -> bool {
    let mut hosts = subject.host.iter().flat_map(|hosts| hosts.split(", "));
    hosts.any(|host| {
        host.split('.')
            .next()
            .is_some_and(|short| short.eq_ignore_ascii_case(name))
    })
}

/// Whether the machine that wrote a change is one that the finding is about, as far as either is known.
fn is_of_host(case: &Case, change: &SeenChange<'_>, subject: &Subject) -> bool {
    let (Some(hosts), Some(host)) = (&subject.host, change.host) else {
        return true;
    };
    let written = &case.hosts.get(host).name;
    hosts.split(", ").any(|of| of.eq_ignore_ascii_case(written))
}

/// The account's plain name: SAM name, or the CN of a distinguished name.
fn account_name(subject: &Subject) -> Option<String> {
    let account = subject.account.as_deref()?;
    let plain = common_name(account).unwrap_or_else(|| split_name(account).1);
    Some(plain.trim_end_matches('$').to_lowercase())
}

/// A change of authentication, identity or bindings at the finding's site or for the whole server.
fn touches_configuration(server_wide: bool, place: &str, setting: &str, subject: &Subject) -> bool {
    let matters = [
        "authentication",
        "authorization",
        "security/ip",
        "processmodel",
        "applicationpool",
        "binding",
        "modules",
        "httpprotocol",
        "aspnetcore",
    ]
    .iter()
    .any(|word| setting.contains(word));
    matters
        && (server_wide
            || subject
                .site
                .as_deref()
                .is_some_and(|site| place.contains(&site.to_lowercase())))
}
