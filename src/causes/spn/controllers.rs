//! What each domain controller answers for a name: those whose logs are in the bundle, and those that ticket caches name.

use std::collections::BTreeMap;

use crate::case::{AccountId, AccountKind, HostId, Spn, other_form};
use crate::causes::Scene;
use crate::evidence::Citation;
use crate::readers::events::{Body, Event};
use jiff::Timestamp;

/// The answers of domain controllers for one name.
#[derive(Default)]
pub(in crate::causes) struct Answers<'a> {
    /// Refusals (0x7, 0x8, 0xE), by controller.
    pub refused: BTreeMap<HostId, Vec<Citation>>,
    /// Tickets issued, by controller.
    pub issued: BTreeMap<HostId, Vec<Citation>>,
    refusals: Vec<(Timestamp, HostId)>,
    tickets: Vec<(Timestamp, HostId)>,
    /// The registration of the name on one of them (5136), within a day before a refusal, or before any ticket.
    pub change: Option<&'a Event>,
}

/// A change is no news any more after so long.
const NEWS: i64 = 24 * 3600;

impl Answers<'_> {
    /// Whether one controller refuses while another issues: in turns, so that no single moment of change explains it.
    pub(in crate::causes) fn is_split(&self) -> bool {
        let apart = self.refused.keys().all(|dc| !self.issued.contains_key(dc));
        let between = self.tickets.iter().any(|(at, _)| {
            let before = self.refusals.iter().any(|(refused, _)| refused < at);
            before && self.refusals.iter().any(|(refused, _)| refused > at)
        });
        apart && between && !self.refused.is_empty()
    }

    /// Refusals of other controllers after the name was registered on one.
    pub(super) fn late(&self, registered_on: HostId, at: Timestamp) -> Vec<HostId> {
        let late = |dc: HostId| {
            self.refusals
                .iter()
                .any(|(time, of)| *of == dc && *time > at)
        };
        if late(registered_on) {
            return Vec::new();
        }
        self.refused
            .keys()
            .copied()
            .filter(|dc| late(*dc))
            .collect()
    }

    /// The first ticket of a controller after its last refusal.
    pub(super) fn healed(&self, dc: HostId) -> bool {
        let last = |all: &[(Timestamp, HostId)]| {
            let of_it = all.iter().filter(|(_, of)| *of == dc);
            of_it.map(|(at, _)| *at).max()
        };
        last(&self.refusals) < last(&self.tickets)
    }
}

/// The answers for every web name that a domain controller is seen to refuse.
pub(in crate::causes) fn answers_of_controllers<'a>(scene: &Scene<'a>) -> Vec<(Spn, Answers<'a>)> {
    let case = scene.case;
    let mut names: BTreeMap<String, Answers<'a>> = BTreeMap::new();
    for (event, e) in case.pick(|b| match b {
        Body::ServiceTicketRequest(e) if matches!(e.status, Some(0x7 | 0x8 | 0xE)) => Some(e),
        _ => None,
    }) {
        let asked = e.service_name.as_deref().unwrap_or_default();
        let spn = Spn::new(asked.split('@').next().unwrap_or_default().trim());
        if let (true, Some(dc)) = (spn.has_class("HTTP"), case.hosts.find(&event.computer)) {
            let answers = names.entry(spn.key()).or_default();
            answers.refusals.push((event.time, dc));
            answers
                .refused
                .entry(dc)
                .or_default()
                .push(event.citation.clone());
        }
    }
    let mut all: Vec<(Spn, Answers<'a>)> = names
        .into_iter()
        .map(|(key, a)| (Spn::of_key(&key), a))
        .collect();
    for (spn, answers) in &mut all {
        issued(scene, spn, answers);
        answers.change = registered(scene, spn).filter(|event| {
            let news = |(at, _): &(Timestamp, HostId)| {
                at.as_second().saturating_sub(event.time.as_second()).abs() < NEWS
            };
            answers.refusals.iter().any(news)
        });
    }
    all
}

/// Tickets for a name, by who issued them.
fn issued(scene: &Scene<'_>, spn: &Spn, answers: &mut Answers<'_>) {
    let case = scene.case;
    for held in case.tickets.iter().filter(|t| t.spn == *spn) {
        if let Some(dc) = held
            .ticket
            .kdc
            .as_deref()
            .and_then(|kdc| case.hosts.find(kdc))
        {
            answers
                .issued
                .entry(dc)
                .or_default()
                .push(held.ticket.from.clone());
        }
    }
    let holders = case.situation.directory.holders(spn, &case.accounts).shown;
    let [holder] = holders.as_slice() else { return };
    if !stands_for(scene, holder.account, spn) {
        return;
    }
    for (event, e) in case.pick(|b| match b {
        Body::ServiceTicketRequest(e) if e.status == Some(0) => Some(e),
        _ => None,
    }) {
        let service = e.service_name.as_deref().unwrap_or_default();
        let same = case.accounts.is_named(holder.account, service, None);
        if let (crate::case::Sameness::Same, Some(dc)) = (same, case.hosts.find(&event.computer)) {
            answers.tickets.push((event.time, dc));
            answers
                .issued
                .entry(dc)
                .or_default()
                .push(event.citation.clone());
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

/// The last registration of a name in the logs (5136).
pub(super) fn registered<'a>(scene: &Scene<'a>, spn: &Spn) -> Option<&'a Event> {
    let added = scene.case.pick(|b| match b {
        Body::DirectoryChanged(change) if change.added == Some(true) => Some(change),
        _ => None,
    });
    added
        .filter(|(_, change)| {
            let attribute = change.attribute.as_deref().unwrap_or_default();
            attribute.eq_ignore_ascii_case("servicePrincipalName")
                && change
                    .value
                    .as_deref()
                    .is_some_and(|value| Spn::new(value) == *spn)
        })
        .map(|(event, _)| event)
        .last()
}
