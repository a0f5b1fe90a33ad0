//! The verdict: what to say first.

use jiff::Timestamp;

use crate::case::{AccountId, Case, HostId};
use crate::causes::{Current, Judged, Judgement, Status, noise};
use crate::readers::events::{Body, Event};
use crate::report::model;

use super::symptoms;

/// The verdict on a case.
pub(super) fn build(
    case: &Case,
    judgement: &Judgement,
    endpoints: &[model::Endpoint],
) -> model::Verdict {
    let roots: Vec<&Judged> = judgement
        .root_causes
        .iter()
        .filter_map(|i| judgement.findings.get(*i))
        .collect();
    let mut causes: Vec<String> = Vec::new();
    for root in &roots {
        if !causes.iter().any(|c| c == root.cause.id) {
            causes.push(root.cause.id.to_owned());
        }
    }
    let unexplained = judgement.unexplained.len() as u64;
    let open = judgement
        .findings
        .iter()
        .filter(|f| !noise::is_noise(f.cause.id))
        .count();
    let (status, headline) = if let Some(first) = roots.first() {
        (
            model::VerdictStatus::RootCauseFound,
            found(first, roots.len()),
        )
    } else if let Some(symptom) = judgement
        .unexplained
        .first()
        .and_then(|id| case.symptoms.get(id.0))
    {
        (
            model::VerdictStatus::Inconclusive,
            format!(
                "Failures are in the bundle, but it does not decide their cause: {}",
                symptoms::what(case, symptom)
            ),
        )
    } else if open > 0 {
        (
            model::VerdictStatus::Inconclusive,
            match open {
                1 => "No failure is in the bundle; one possible cause could not be excluded"
                    .to_owned(),
                n => format!(
                    "No failure is in the bundle; {n} possible causes could not be excluded"
                ),
            },
        )
    } else if let Some(refused) = endpoints.iter().find(|e| {
        matches!(
            e.outcome,
            model::Outcome::Denied | model::Outcome::Unavailable
        )
    }) {
        (
            model::VerdictStatus::Inconclusive,
            format!(
                "No failure of a web logon is in the bundle, but by its configuration {} refuses everyone; whether that is meant is not known",
                refused.url
            ),
        )
    } else if let Some((account, times)) = refused_pool_account(case) {
        (
            model::VerdictStatus::Inconclusive,
            format!(
                "A domain controller refused {account}, which application pools run as, {times} times; the bundle does not show where its password or state was wrong"
            ),
        )
    } else if let Some(server) = case.second_hop_is_open() {
        (
            model::VerdictStatus::Inconclusive,
            format!(
                "No failure of a web logon is in the bundle, but users of {server} are passed on from one machine to the next, and nothing in the bundle shows whether that works"
            ),
        )
    } else if endpoints
        .iter()
        .any(|e| e.outcome == model::Outcome::Kerberos)
        && !seen_to_work(case)
    {
        (
            model::VerdictStatus::Inconclusive,
            "By configuration and directory Kerberos works, but no logon by Kerberos is seen on the web server since the last change there: the bundle lacks its Security log, or nobody came"
                .to_owned(),
        )
    } else if endpoints
        .iter()
        .any(|e| e.outcome == model::Outcome::Kerberos)
    {
        (
            model::VerdictStatus::Healthy,
            "Kerberos works at every endpoint that the bundle decides, and no failure is in the bundle".to_owned(),
        )
    } else if !endpoints.is_empty()
        && endpoints
            .iter()
            .all(|e| e.outcome != model::Outcome::Unknown)
        && is_watched(case)
    {
        (
            model::VerdictStatus::Healthy,
            "No failure is in the bundle, and no endpoint is set up to fail".to_owned(),
        )
    } else if seen_to_work(case) {
        (
            model::VerdictStatus::Inconclusive,
            "No failure of a web logon is in the bundle, and users come by Kerberos; who holds the names of the sites it does not show"
                .to_owned(),
        )
    } else {
        (
            model::VerdictStatus::Inconclusive,
            "No failure of a web logon is in the bundle, and it lacks what would show whether Kerberos works"
                .to_owned(),
        )
    };
    model::Verdict {
        status,
        headline,
        causes,
        unexplained_symptoms: unexplained,
    }
}

/// Whether a logon by Kerberos is seen on a web server, after the last change of what opens tickets there. What works by
/// configuration alone is not healthy: the log in which it fails may not have been collected.
fn seen_to_work(case: &Case) -> bool {
    case.servers.iter().filter_map(|s| s.host).any(|host| {
        case.kerberos_logon(host)
            .is_some_and(|logon| last_change(case, host).is_none_or(|change| change < logon.time))
    })
}

/// An account that a pool runs as and that domain controllers refused more than once, with how often: a server that is
/// not in the bundle may lack its password.
fn refused_pool_account(case: &Case) -> Option<(&str, u64)> {
    let refused = |event: &Event, id: AccountId| {
        let target = match &event.body {
            Body::PreauthFailed(e) if matches!(e.status, Some(0x12 | 0x17 | 0x18)) => &e.target,
            Body::NtlmValidation(e) if e.status.is_some_and(|status| status != 0) => &e.target,
            _ => return false,
        };
        // One name in two domains is two accounts.
        case.event_names(event, id, target.name.as_deref(), target.domain.as_deref())
    };
    case.situation.endpoints.iter().find_map(|endpoint| {
        let id = endpoint.pool.as_ref()?.identity.account()?;
        let account = case.accounts.get(id);
        let refused = |event: &&Event| refused(event, id);
        let refused = case.events.iter().filter(refused);
        let times: u64 = refused.map(|event| event.count()).sum();
        (times > 1).then_some((account.shown.as_str(), times))
    })
}

/// The last change of a server's configuration, or of the password of an account that its pools run as.
fn last_change(case: &Case, host: HostId) -> Option<Timestamp> {
    let edits = case
        .events
        .iter()
        .filter(|e| matches!(e.body, Body::ConfigChanged(_)))
        .filter(|e| case.hosts.find(&e.computer) == Some(host))
        .map(|e| e.time);
    let pools = case.situation.endpoints.iter().filter_map(|e| {
        let pool = e.pool.as_ref().filter(|_| e.host == Some(host))?;
        pool.identity.account()
    });
    let passwords = pools.flat_map(|account| case.password_changes(account));
    edits.chain(passwords.map(|e| e.time)).max()
}

/// Whether the log of a web server that shows refused logons is in the bundle.
fn is_watched(case: &Case) -> bool {
    case.servers.iter().filter_map(|s| s.host).any(|host| {
        case.coverage
            .iter()
            .any(|c| c.host == host && c.channel.eq_ignore_ascii_case("Security"))
    })
}

fn found(first: &Judged, count: usize) -> String {
    let sure = match first.status {
        Status::Confirmed => "",
        Status::Likely => "Likely: ",
        Status::Possible => "Possibly: ",
    };
    let past = if first.finding.current == Current::No {
        "No longer so: "
    } else {
        ""
    };
    let subject = &first.finding.subject;
    let about = subject
        .spn
        .as_ref()
        .or(subject.host_name.as_ref())
        .or(subject.site.as_ref())
        .or(subject.account.as_ref())
        .or(subject.host.as_ref())
        .map_or(String::new(), |name| format!(" ({name})"));
    let more = match count {
        0 | 1 => String::new(),
        2 => ", and one more cause".to_owned(),
        n => format!(", and {} more causes", n - 1),
    };
    format!("{past}{sure}{}{about}{more}", first.cause.title)
}
