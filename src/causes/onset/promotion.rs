//! Whether a new domain controller began the failures that a finding is about: it may lack what others have (replication),
//! answer otherwise (encryption types, updates), or both.

use std::collections::BTreeSet;

use crate::case::{Case, Role, SeenChange};
use crate::evidence::Citation;
use crate::readers::events::{Body, Event};

use super::Asked;
use super::account::{plain, same_domain};

/// Causes that may lie in what one domain controller answers, or in what it does not know yet.
const OF_ONE: [&str; 13] = [
    "SPN-17", "MC-07", "ET-01", "ET-02", "ET-03", "ET-05", "ET-06", "ET-07", "ET-08", "ET-09",
    "ET-10", "ET-12", "ET-14",
];

/// Whether the controller is of the finding's domain, the failures are its answers or may be, and it has not answered well
/// since.
pub(super) fn fits(asked: &Asked<'_>, change: &SeenChange<'_>, name: &str) -> bool {
    let named = change.event.and_then(|event| match &event.body {
        Body::AccountChanged(e) => e.target.domain.clone(),
        _ => None,
    });
    let domain = named.or_else(|| change.event?.domain());
    OF_ONE.contains(&asked.cause)
        && same_domain(asked, domain.map(|domain| domain.to_lowercase()).as_deref())
        && may_be_its_answers(asked, name)
        && !answered_well(asked, change, name)
}

/// Whether the failures are answers of this controller: some were written by it, or none by any controller, so that nobody
/// knows whose answers they are.
fn may_be_its_answers(asked: &Asked<'_>, name: &str) -> bool {
    let shown: BTreeSet<&Citation> = asked.symptoms().flat_map(|symptom| &symptom.from).collect();
    let case = asked.case;
    let answers = case
        .events
        .iter()
        .filter(|event| is_answer(event) && shown.contains(&event.citation));
    let mut by: Vec<&Event> = answers.collect();
    let any = !by.is_empty();
    by.retain(|event| is_by(case, event, name));
    !any || !by.is_empty()
}

fn is_answer(event: &Event) -> bool {
    matches!(
        event.body,
        Body::Kdc(_) | Body::ServiceTicketRequest(_) | Body::TgtRequest(_) | Body::PreauthFailed(_)
    )
}

fn is_by(case: &Case, event: &Event, name: &str) -> bool {
    let host = case
        .hosts
        .find(&event.computer)
        .map(|host| case.hosts.get(host));
    host.is_some_and(|host| {
        host.roles.contains(&Role::DomainController) && host.name.eq_ignore_ascii_case(name)
    })
}

/// Whether it issued a ticket for the account of the finding after it was promoted, and before the failures.
fn answered_well(asked: &Asked<'_>, change: &SeenChange<'_>, name: &str) -> bool {
    let Some(account) = asked.account() else {
        return false;
    };
    let case = asked.case;
    let since = case
        .events
        .partition_point(|event| event.time <= change.until);
    let since = case.events.get(since..).unwrap_or_default().iter();
    since
        .take_while(|event| event.time < asked.first.time)
        .filter(|event| is_by(case, event, name))
        .any(|event| match &event.body {
            Body::ServiceTicketRequest(e) if e.id == 4769 && e.status == Some(0) => e
                .service_name
                .as_deref()
                .is_some_and(|of| plain(of) == account),
            _ => false,
        })
}
