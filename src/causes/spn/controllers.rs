//! What each domain controller answers for a name: those whose logs are in the bundle, and those that ticket caches name.

use std::collections::BTreeMap;

use crate::case::{AccountId, AccountKind, HostId, Sameness, Spn, other_form};
use crate::causes::Scene;
use crate::evidence::Citation;
use crate::readers::events::{Body, Event};
use jiff::Timestamp;

/// A refusal of one controller.
struct Refusal {
    time: Timestamp,
    dc: HostId,
    status: u32,
    from: Citation,
}

/// The answers of domain controllers for one name.
#[derive(Default)]
pub(in crate::causes) struct Answers<'a> {
    /// Refusals (0x7, 0x8, 0xE), by controller.
    pub refused: BTreeMap<HostId, Vec<Citation>>,
    /// Tickets issued, by controller.
    pub issued: BTreeMap<HostId, Vec<Citation>>,
    refusals: Vec<Refusal>,
    tickets: Vec<(Timestamp, HostId)>,
    /// Whether the name was registered or taken away (5136) within a day of a refusal.
    pub changed: bool,
    /// Its registration on one controller (5136), where nothing took it back later and one account at most holds it.
    pub(super) registered: Option<&'a Event>,
}

/// A change is no news any more after so long (seconds).
const NEWS: i64 = 24 * 3600;
/// Nobody of that name is known: what a controller answers that has not got the change yet.
const UNKNOWN: u32 = 0x7;

impl Answers<'_> {
    /// Whether one controller refuses while another issues: in turns, so that no single moment of change explains it.
    pub(in crate::causes) fn is_split(&self) -> bool {
        let apart = self.refused.keys().all(|dc| !self.issued.contains_key(dc));
        let between = self.tickets.iter().any(|(at, _)| {
            let before = self.refusals.iter().any(|r| r.time < *at);
            before && self.refusals.iter().any(|r| r.time > *at)
        });
        apart && between && !self.refused.is_empty()
    }

    /// Refusals of other controllers that did not know the name while its registration on one was news.
    pub(super) fn late(
        &self,
        registered_on: HostId,
        at: Timestamp,
    ) -> BTreeMap<HostId, Vec<Citation>> {
        let news = |r: &&Refusal| r.time > at && seconds(at, r.time) < NEWS;
        let mut late: BTreeMap<HostId, Vec<Citation>> = BTreeMap::new();
        for refusal in self.refusals.iter().filter(news) {
            if refusal.dc == registered_on {
                return BTreeMap::new();
            }
            if refusal.status == UNKNOWN {
                let of_it = late.entry(refusal.dc).or_default();
                of_it.push(refusal.from.clone());
            }
        }
        late
    }

    /// The first ticket of a controller after its last refusal.
    pub(super) fn healed(&self, dc: HostId) -> bool {
        let refused = self.refusals.iter().filter(|r| r.dc == dc);
        let issued = self.tickets.iter().filter(|(_, of)| *of == dc);
        refused.map(|r| r.time).max() < issued.map(|(at, _)| *at).max()
    }
}

fn seconds(from: Timestamp, to: Timestamp) -> i64 {
    to.as_second().saturating_sub(from.as_second())
}

/// The answers for every web name that a domain controller is seen to refuse.
pub(in crate::causes) fn answers_of_controllers<'a>(scene: &Scene<'a>) -> Vec<(Spn, Answers<'a>)> {
    let case = scene.case;
    let mut names: BTreeMap<String, Answers<'a>> = BTreeMap::new();
    let mut issued: BTreeMap<&str, Vec<&Event>> = BTreeMap::new();
    for (event, e) in case.pick(|b| match b {
        Body::ServiceTicketRequest(e) => Some(e),
        _ => None,
    }) {
        let asked = e.service_name.as_deref().unwrap_or_default();
        let status = match e.status {
            Some(0) => {
                issued.entry(asked).or_default().push(event);
                continue;
            }
            Some(status @ (UNKNOWN | 0x8 | 0xE)) => status,
            _ => continue,
        };
        let spn = Spn::new(asked.split('@').next().unwrap_or_default().trim());
        if let (true, Some(dc)) = (spn.has_class("HTTP"), case.hosts.find(&event.computer)) {
            let answers = names.entry(spn.key()).or_default();
            let from = event.citation.clone();
            answers.refused.entry(dc).or_default().push(from.clone());
            answers.refusals.extend(event.times().map(|time| Refusal {
                time,
                dc,
                status,
                from: from.clone(),
            }));
        }
    }
    changes(scene, &mut names);
    let names = names.into_iter();
    names
        .map(|(key, mut answers)| {
            let spn = Spn::of_key(&key);
            let holders = case.situation.directory.holders(&spn, &case.accounts).shown;
            match holders.as_slice() {
                [] => {}
                [holder] => tickets(scene, &spn, holder.account, &issued, &mut answers),
                _ => answers.registered = None,
            }
            cached(scene, &spn, &mut answers);
            (spn, answers)
        })
        .collect()
}

/// Tickets for a name in the caches shown, by who issued them.
fn cached(scene: &Scene<'_>, spn: &Spn, answers: &mut Answers<'_>) {
    let case = scene.case;
    for held in case.tickets.iter().filter(|t| t.spn == *spn) {
        let kdc = held.ticket.kdc.as_deref();
        if let Some(dc) = kdc.and_then(|kdc| case.hosts.find(kdc)) {
            let of_it = answers.issued.entry(dc).or_default();
            of_it.push(held.ticket.from.clone());
        }
    }
}

/// Tickets for the only holder of a name, by who issued them. `issued` are those of all names, by what 4769 calls the service.
fn tickets(
    scene: &Scene<'_>,
    spn: &Spn,
    holder: AccountId,
    issued: &BTreeMap<&str, Vec<&Event>>,
    answers: &mut Answers<'_>,
) {
    let case = scene.case;
    if !stands_for(scene, holder, spn) {
        return;
    }
    let other =
        |service: &str| case.accounts.is_named(holder, service, None) == Sameness::Different;
    let of_it = (issued.iter())
        .filter(|(service, _)| !other(service))
        .flat_map(|(service, events)| events.iter().map(move |event| (*service, *event)))
        .filter(|(service, event)| case.event_names(event, holder, Some(service), None));
    for (_, event) in of_it {
        if let Some(dc) = case.hosts.find(&event.computer) {
            answers.tickets.extend(event.times().map(|time| (time, dc)));
            let of_it = answers.issued.entry(dc).or_default();
            of_it.push(event.citation.clone());
        }
    }
}

/// Whether a ticket for the account can be for this name only: 4769 names the account and not the SPN.
fn stands_for(scene: &Scene<'_>, account: AccountId, spn: &Spn) -> bool {
    let case = scene.case;
    let host = spn.host();
    case.accounts.get(account).kind != AccountKind::Computer
        && case
            .situation
            .directory
            .of_account(account, &case.accounts)
            .all(|r| {
                let other = r.spn.host();
                other == host || other_form(&other, &host)
            })
}

/// What the logs say of registrations of the names (5136): the last addition, unless the same object lost it again.
fn changes<'a>(scene: &Scene<'a>, names: &mut BTreeMap<String, Answers<'a>>) {
    let mut owners: BTreeMap<String, &str> = BTreeMap::new();
    for (event, change) in scene.case.pick(|b| match b {
        Body::DirectoryChanged(change) => Some(change),
        _ => None,
    }) {
        let attribute = change.attribute.as_deref().unwrap_or_default();
        let (true, Some(value), Some(added)) = (
            attribute.eq_ignore_ascii_case("servicePrincipalName"),
            change.value.as_deref(),
            change.added,
        ) else {
            continue;
        };
        let key = Spn::new(value).key();
        let Some(answers) = names.get_mut(&key) else {
            continue;
        };
        let near = |r: &Refusal| seconds(event.time, r.time).abs() < NEWS;
        answers.changed |= answers.refusals.iter().any(near);
        let object = change.object_dn.as_deref().unwrap_or_default();
        if added {
            answers.registered = Some(event);
            owners.insert(key, object);
        } else if owners.get(&key).is_none_or(|owner| {
            owner.is_empty() || object.is_empty() || owner.eq_ignore_ascii_case(object)
        }) {
            answers.registered = None;
        }
    }
}
