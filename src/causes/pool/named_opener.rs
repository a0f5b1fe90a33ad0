//! POOL-02 where the bundle holds no configuration: Kerberos event 4 itself names the account that could not open the
//! ticket. Whether a pool runs as it stays open, so that this is never more than possible.

use jiff::Timestamp;

use super::stale_password::SKEW;
use crate::case::{Case, SymptomKind, split_name};
use crate::causes::{Finding, Input, Scene, Subject};
use crate::readers::events::{Body, Event, Principal};

/// Accounts that could not open tickets after their password was changed.
pub(super) fn opener_named_by_clients(scene: &Scene<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (id, symptom) in scene.symptoms(|k| matches!(k, SymptomKind::KeyMismatch(_))) {
        let (Some(key), Some(first)) = (symptom.spn(), symptom.first) else {
            continue;
        };
        let Some((change, account)) = changed_opener(scene.case, key, first) else {
            continue;
        };
        let subject = Subject {
            spn: Some(key.to_owned()),
            account: Some(account.to_string()),
            ..Subject::default()
        };
        found.push(
            Finding::about(
                subject,
                format!("{account} could not open tickets for {key} after its password was changed. If a pool runs as this account, it still runs with the old key."),
            )
            .observed(
                "the password of the account was changed",
                std::slice::from_ref(&change.citation),
            )
            .observed(
                format!("clients were told {} times that the ticket cannot be opened", symptom.count),
                &symptom.from,
            )
            .lacks(Input::ApplicationHostConfig)
            .explains([id]),
        );
    }
    found
}

/// The last change of the password of a user account that event 4 names for the SPN, up to the first failure.
fn changed_opener<'a>(
    case: &'a Case,
    key: &str,
    first: Timestamp,
) -> Option<(&'a Event, &'a Principal)> {
    let openers: Vec<String> = case
        .mismatch_events(key)
        .filter_map(|(_, e)| Some(split_name(e.server.as_deref()?).1))
        .filter(|name| !name.ends_with('$'))
        .collect();
    case.pick(|body| match body {
        Body::AccountChanged(change) => Some(change),
        _ => None,
    })
    .filter(|(event, change)| {
        (matches!(event.id, 4723 | 4724) || change.password_last_set.is_some())
            && event.time <= first + SKEW
            && change
                .target
                .name
                .as_ref()
                .is_some_and(|name| openers.contains(&name.to_lowercase()))
    })
    .map(|(event, change)| (event, &change.target))
    .last()
}
