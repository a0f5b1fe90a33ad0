//! What the causes of the hardening updates ask alike: records of the KDC by their ids, users who failed meanwhile, updates
//! of machines.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::case::{HostId, Role, Sameness, Symptom, SymptomId, SymptomKind};
use crate::causes::{Input, Scene};
use crate::evidence::Citation;
use crate::readers::events::{Body, Event, KdcEvent};
use crate::readers::machine::Fact;

/// The updates of the domain controllers.
pub(super) const UPDATES: Input = Input::Stated {
    what: "the updates and versions of every domain controller",
    collect_with: "(systeminfo & wmic qfe list brief) >> %COMPUTERNAME%_systeminfo.txt",
};

/// Records of the KDC with one of these ids.
pub(super) fn kdc<'a>(scene: &Scene<'a>, ids: &'static [u32]) -> Vec<(&'a Event, &'a KdcEvent)> {
    let records = scene.case.pick(|body| match body {
        Body::Kdc(e) if ids.contains(&e.id) => Some(e),
        _ => None,
    });
    records.collect()
}

/// Their places.
pub(super) fn places(records: &[(&Event, &KdcEvent)]) -> Vec<Citation> {
    records
        .iter()
        .map(|(event, _)| event.citation.clone())
        .collect()
}

/// Whether an error of the KDC says that a ticket that it was shown is not to be trusted, or cannot be opened.
pub(super) fn distrusts(code: u32) -> bool {
    matches!(code, 0x14 | 0x1F | 0x21 | 0x29 | 0x3C)
}

/// Tickets that were refused because the one that was shown is not to be trusted, for web names and other realms.
pub(super) fn distrusted<'a>(scene: &Scene<'a>) -> Vec<(SymptomId, &'a Symptom)> {
    scene.symptoms(|kind| match kind {
        SymptomKind::KerberosError(_, code) | SymptomKind::ReferralFailed(_, code) => {
            distrusts(*code)
        }
        _ => false,
    })
}

/// Those of which every record that is cited is of a KDC of a domain, where it says so.
pub(super) fn distrusted_in<'a>(
    scene: &Scene<'a>,
    domain: Option<&str>,
) -> Vec<(SymptomId, &'a Symptom)> {
    let accounts = &scene.case.accounts;
    let of_domain = |event: &Event| {
        let code = match &event.body {
            Body::KerberosError(e) => e.code,
            Body::ServiceTicketRequest(e) => e.status,
            _ => None,
        };
        let realm = event.kdc_realm();
        code.is_some_and(distrusts)
            && accounts.same_domain(realm.as_deref(), domain) == Sameness::Same
    };
    let events = scene.case.events.iter().filter(|event| of_domain(event));
    let places: BTreeSet<&Citation> = events.map(|event| &event.citation).collect();
    let mut failed = distrusted(scene);
    failed.retain(|(_, s)| s.from.iter().all(|from| places.contains(from)));
    failed
}

/// Those among symptoms that began at or after a time.
pub(super) fn since(
    mut symptoms: Vec<(SymptomId, &Symptom)>,
    time: Timestamp,
) -> Vec<(SymptomId, &Symptom)> {
    symptoms.retain(|(_, s)| began_since(s, time));
    symptoms
}

/// Whether a symptom began at or after a time, or before it by no more than clocks differ.
pub(super) fn began_since(symptom: &Symptom, time: Timestamp) -> bool {
    const NEAR: i64 = 300;
    let near = time.as_second().saturating_sub(NEAR);
    symptom.first.is_some_and(|first| first.as_second() >= near)
}

/// Whether the System log of a domain controller is here.
pub(super) fn has_kdc_log(scene: &Scene<'_>) -> bool {
    scene.has_log("System", Role::DomainController)
}

/// An update of this list that a machine has.
pub(super) fn update<'a>(
    scene: &Scene<'a>,
    host: HostId,
    wanted: &[&str],
) -> Option<(&'a str, Citation)> {
    let machine = scene.case.machine(Some(host))?;
    machine.facts.iter().find_map(|fact| match &fact.fact {
        Fact::Update { kb, .. } if wanted.contains(&kb.as_str()) => {
            Some((kb.as_str(), fact.from.clone()))
        }
        _ => None,
    })
}

/// The domain controllers of the case.
pub(super) fn controllers<'a>(scene: &Scene<'a>) -> impl Iterator<Item = HostId> + use<'a> {
    let all = scene.case.hosts.iter();
    all.filter(|(_, h)| h.roles.contains(&Role::DomainController))
        .map(|(id, _)| id)
}
