//! Onset: the change shortly before the failures that a finding explains began, where the bundle holds one that touches what
//! the finding is about.

use jiff::{SignedDuration, Timestamp};

mod account;
mod beginning;
mod names;
mod promotion;
mod recycle;
mod settings;
#[cfg(test)]
mod tests;
mod trust;
mod update;

use super::{Finding, Ground, Subject};
use crate::case::{Case, HostId, Role, SeenChange, Spn, Symptom, Touched};
use crate::readers::events::{Body, Event};
use beginning::Beginning;

/// A change older than this is not called the onset: too much else happened since.
const REACH: SignedDuration = SignedDuration::from_hours(7 * 24);
/// Clocks that differ by more than this are not followed.
const APART: SignedDuration = SignedDuration::from_hours(1);

/// The change that began it. Where a few failures came before a clear rise, they began with the rise. What changed the thing
/// itself goes before what became of its machines, and what surely came before the failures goes before what perhaps did.
pub(super) fn onset(case: &Case, cause: &str, finding: &Finding) -> Option<Ground> {
    let asked = Asked::of(case, cause, finding)?;
    let first = asked.first.time;
    let end = first.checked_add(APART).unwrap_or(first);
    let ((_, sure), change) = case
        .changes()
        .filter(|change| change.time <= end && first.duration_since(change.until) <= REACH)
        .filter_map(|change| {
            let before = asked.first.came_after(case, &change);
            let began = before != Some(false) && asked.may_begin(&change);
            began.then(|| ((is_direct(&change), before.is_some()), change))
        })
        .max_by_key(|(rank, change)| (*rank, change.until))?;
    let doubt = match (sure, change.event) {
        (true, _) => "",
        (false, Some(_)) => " (the clocks leave open whether it came before the first failure)",
        (false, None) => " (its day alone is known: it may have come after the first failure)",
    };
    let on = change.host.filter(|_| change.event.is_none());
    let on = on.map_or(String::new(), |host| {
        format!("{}: ", case.hosts.get(host).name)
    });
    Some(Ground {
        says: format!("{on}{}{doubt}", change.says),
        from: change.from.to_vec(),
    })
}

/// Whether a change is one of the thing itself, and not of the machines that it runs on.
fn is_direct(change: &SeenChange<'_>) -> bool {
    !matches!(
        change.touches,
        Touched::Update | Touched::Promotion(_) | Touched::Recycle(_)
    )
}

/// The finding that a change is held against.
struct Asked<'a> {
    case: &'a Case,
    cause: &'a str,
    /// The letters of the cause.
    group: &'a str,
    finding: &'a Finding,
    first: Beginning,
    /// When last before the failures something worked that the cause breaks.
    well_until: Option<Timestamp>,
}

impl<'a> Asked<'a> {
    fn of(case: &'a Case, cause: &'a str, finding: &'a Finding) -> Option<Self> {
        let mut asked = Self {
            case,
            cause,
            group: cause.split('-').next().unwrap_or(cause),
            finding,
            first: Beginning::of(case, &finding.explains)?,
            well_until: None,
        };
        asked.well_until = account::well_until(&asked);
        Some(asked)
    }

    fn subject(&self) -> &'a Subject {
        &self.finding.subject
    }

    /// The symptoms that the finding explains.
    fn symptoms(&self) -> impl Iterator<Item = &'a Symptom> {
        let case = self.case;
        let explains = self.finding.explains.iter();
        explains.filter_map(|id| case.symptoms.get(id.0))
    }

    /// Whether a change may have begun the failures.
    fn may_begin(&self, change: &SeenChange<'_>) -> bool {
        match &change.touches {
            Touched::Spn(key) => {
                let spn = self.subject().spn.as_deref();
                let put = change.event.and_then(|event| match &event.body {
                    Body::DirectoryChanged(edit) => edit.added,
                    _ => None,
                });
                spn.is_some_and(|spn| Spn::new(spn).key() == *key) && names::fits(self, put)
            }
            Touched::Account(name) => change.event.is_some_and(|event| {
                account::began(self, event, name) || names::began(self, event)
            }),
            Touched::Settings(touched) => {
                self.is_of_host(change.host) && settings::fits(self, touched)
            }
            Touched::Clock => self.cause == "MC-05" && self.runs_over(change.host),
            Touched::Trust(with) => {
                let own = change.event.and_then(Event::domain);
                self.group == "TR" && trust::fits(self, with.as_deref(), own.as_deref())
            }
            Touched::Update => update::fits(self, change),
            Touched::Promotion(name) => promotion::fits(self, change, name),
            Touched::Recycle(pool) => recycle::fits(self, change, pool),
            // Causes that lie in a right look for its change themselves: they know which right, and whose.
            Touched::LogonRights | Touched::Start | Touched::Auditing => false,
        }
    }

    /// Whether a machine is one that the finding is about, as far as either is known.
    fn is_of_host(&self, host: Option<HostId>) -> bool {
        let (Some(hosts), Some(host)) = (&self.subject().host, host) else {
            return true;
        };
        let name = &self.case.hosts.get(host).name;
        hosts.split(", ").any(|of| of.eq_ignore_ascii_case(name))
    }

    /// Whether a machine has a part in what failed: the finding is about it, it saw the failures, it issues the tickets, or it
    /// is one of the clients.
    fn runs_over(&self, host: Option<HostId>) -> bool {
        let Some(host) = host else {
            return false;
        };
        let machine = self.case.hosts.get(host);
        let issues = machine.roles.contains(&Role::DomainController)
            && account::same_domain(self, machine.domain());
        let saw = self.symptoms().any(|symptom| symptom.host() == Some(host));
        let own = self.subject().host.is_some() && self.is_of_host(Some(host));
        own || saw || issues || self.is_client(host)
    }

    /// Whether a machine is one of the clients that failed.
    fn is_client(&self, host: HostId) -> bool {
        let names = self.case.client_names();
        let name = &self.case.hosts.get(host).name;
        let mut symptoms = self.symptoms();
        symptoms.any(|symptom| names.is_among(name, &symptom.clients))
    }
}
