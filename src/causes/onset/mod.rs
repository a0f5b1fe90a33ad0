//! Onset: the change shortly before the failures that a finding explains began, where the bundle holds one that touches what
//! the finding is about.

use jiff::{SignedDuration, Timestamp};

mod account;
#[cfg(test)]
mod tests;
mod update;

use super::{Finding, Ground, Subject};
use crate::case::{Case, HostId, SeenChange, Spn, SymptomId, Touched};

/// A change older than this is not called the onset: too much else happened since.
const REACH: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Clocks that differ by more than this are not followed.
const APART: SignedDuration = SignedDuration::from_hours(1);

/// When the failures of a finding began, and the machine whose clock says so.
#[derive(Clone, Copy)]
struct Beginning {
    time: Timestamp,
    host: Option<HostId>,
}

/// The change that began it. Where a few failures came before a clear rise, they began with the rise. What changed the thing
/// itself goes before an update of the machine, and what surely came before the failures goes before what perhaps did.
pub(super) fn onset(case: &Case, cause: &str, finding: &Finding) -> Option<Ground> {
    let first = beginning(case, &finding.explains)?;
    let well_until = account::well_until(case, cause, &finding.subject, first.time);
    let end = first.time.checked_add(APART).unwrap_or(first.time);
    let (_, change) = case
        .changes()
        .take_while(|change| change.event.time <= end)
        .filter(|change| first.time.duration_since(change.event.time) <= REACH)
        .filter(|change| came_before(case, change, first) != Some(false))
        .filter(|change| touches(case, change, cause, &finding.subject, well_until))
        .map(|change| {
            let direct = change.touches != Touched::Update;
            (
                (direct, came_before(case, &change, first).is_some()),
                change,
            )
        })
        .max_by_key(|(rank, change)| (*rank, change.event.time))?;
    let at = &change.event.citation;
    let doubt = match came_before(case, &change, first) {
        Some(_) => "",
        None => " (the clocks leave open whether it came before the first failure)",
    };
    Some(Ground {
        says: format!("{}{doubt}", at.text),
        from: vec![at.clone()],
    })
}

fn beginning(case: &Case, explains: &[SymptomId]) -> Option<Beginning> {
    let symptoms = explains.iter().filter_map(|id| case.symptoms.get(id.0));
    let (time, symptom) = symptoms
        .filter_map(|symptom| Some((symptom.turn?.at, symptom)))
        .min_by_key(|(time, _)| *time)?;
    let same = case.events.partition_point(|event| event.time < time);
    let same = case.events.get(same..).unwrap_or_default().iter();
    let shows = same
        .take_while(|event| event.time == time)
        .find(|event| symptom.from.contains(&event.citation));
    Some(Beginning {
        time,
        host: shows.and_then(|event| case.hosts.find(&event.computer)),
    })
}

/// Whether a change came before the failures; `None` where the clocks of the two machines leave that open.
fn came_before(case: &Case, change: &SeenChange<'_>, first: Beginning) -> Option<bool> {
    let at = change.event.time;
    if at <= first.time {
        return Some(true);
    }
    let known = first.host.is_some() && change.host.is_some();
    let surely_after = case.is_surely_after((first.host, first.time), (change.host, at));
    (!known || surely_after).then_some(false)
}

fn touches(
    case: &Case,
    change: &SeenChange<'_>,
    cause: &str,
    subject: &Subject,
    well_until: Option<Timestamp>,
) -> bool {
    let group = cause.split('-').next().unwrap_or(cause);
    match &change.touches {
        Touched::Spn(key) => {
            let spn = subject.spn.as_deref();
            spn.is_some_and(|spn| Spn::new(spn).key() == *key)
        }
        Touched::Account(name) => {
            account::began(case, change.event, (cause, subject), name, well_until)
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
        Touched::Update => {
            let cleared = well_until.is_some_and(|well| well > change.event.time);
            !cleared && update::fits(case, change, cause, subject)
        }
        Touched::Start | Touched::Recycle(_) | Touched::Auditing => false,
    }
}

/// Whether the machine that wrote a change is one that the finding is about, as far as either is known.
fn is_of_host(case: &Case, change: &SeenChange<'_>, subject: &Subject) -> bool {
    let (Some(hosts), Some(host)) = (&subject.host, change.host) else {
        return true;
    };
    let written = &case.hosts.get(host).name;
    hosts.split(", ").any(|of| of.eq_ignore_ascii_case(written))
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
