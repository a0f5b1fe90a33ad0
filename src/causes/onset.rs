//! Onset: the change shortly before the first failure that a finding explains, where the bundle holds one that touches
//! what the finding is about.

use jiff::{SignedDuration, Timestamp};

use super::{Finding, Ground, Subject};
use crate::case::{Case, Spn, common_name, split_name};
use crate::readers::events::{Body, ConfigChanged, DirectoryChanged, Event};

/// A change older than this is not called the onset: too much else happened since.
const REACH: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The change that began it.
pub(super) fn onset(case: &Case, finding: &Finding) -> Option<Ground> {
    let first = finding
        .explains
        .iter()
        .filter_map(|id| case.symptoms.get(id.0)?.first)
        .min()?;
    let change = case
        .events
        .iter()
        .filter(|e| e.time <= first && is_recent(e.time, first))
        .rfind(|e| touches(e, &finding.subject))?;
    Some(Ground {
        says: change.citation.text.to_string(),
        from: vec![change.citation.clone()],
    })
}

fn is_recent(change: Timestamp, failure: Timestamp) -> bool {
    failure.duration_since(change) <= REACH
}

fn touches(event: &Event, subject: &Subject) -> bool {
    match &event.body {
        Body::DirectoryChanged(change) => touches_spn(change, subject),
        Body::AccountChanged(change) => {
            let target = change.target.name.as_deref().map(str::to_lowercase);
            let state = matches!(change.id, 4723 | 4724 | 4725 | 4726 | 4740 | 4743);
            (state || change.password_last_set.is_some())
                && target.is_some()
                && target == account_name(subject)
        }
        Body::ConfigChanged(change) => touches_configuration(change, subject),
        _ => false,
    }
}

/// The account's plain name: SAM name, or the CN of a distinguished name.
fn account_name(subject: &Subject) -> Option<String> {
    let account = subject.account.as_deref()?;
    let plain = common_name(account).unwrap_or_else(|| split_name(account).1);
    Some(plain.to_lowercase())
}

fn touches_spn(change: &DirectoryChanged, subject: &Subject) -> bool {
    let is_spn = change
        .attribute
        .as_deref()
        .is_some_and(|a| a.eq_ignore_ascii_case("servicePrincipalName"));
    let same = change
        .value
        .as_deref()
        .zip(subject.spn.as_deref())
        .is_some_and(|(value, spn)| Spn::new(value) == Spn::new(spn));
    is_spn && same
}

/// A change of authentication, identity or bindings at the finding's site or for the whole server.
fn touches_configuration(change: &ConfigChanged, subject: &Subject) -> bool {
    let what = change.configuration.as_deref().unwrap_or("").to_lowercase();
    let matters = [
        "authentication",
        "processmodel",
        "applicationpool",
        "binding",
        "modules",
    ]
    .iter()
    .any(|word| what.contains(word));
    let place = format!(
        "{} {} {what}",
        change.location.as_deref().unwrap_or(""),
        change.config_path.as_deref().unwrap_or("")
    )
    .to_lowercase();
    let server_wide = change.location.as_deref().is_none_or(str::is_empty);
    matters
        && (server_wide
            || subject
                .site
                .as_deref()
                .is_some_and(|site| place.contains(&site.to_lowercase())))
}
