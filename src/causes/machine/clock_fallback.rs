//! Users who come to a web server by NTLM right after a domain controller refused them a ticket because of the time.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};

use super::clock_signs::SKEW;
use crate::case::{Case, HostId, Symptom, SymptomId, SymptomKind, split_name};
use crate::causes::observations::times;
use crate::causes::scene::few;
use crate::causes::{Finding, Scene};
use crate::evidence::Citation;
use crate::readers::events::{Body, Event, Logon, Principal};

/// A client that is refused falls back at once.
const SOON: SignedDuration = SignedDuration::from_secs(60);

/// A user without the domain, in lower case, and the address that the user comes from.
type Caller = (String, String);

/// Network logons by NTLM of users who were refused a ticket for the time, from the same address, within a minute before.
pub(super) struct Fallbacks<'a> {
    logons: Vec<(HostId, Caller, &'a Event, &'a Logon)>,
}

impl<'a> Fallbacks<'a> {
    pub(super) fn of(scene: &Scene<'a>) -> Self {
        let case = scene.case;
        let mut refused: BTreeMap<Caller, Vec<Timestamp>> = BTreeMap::new();
        for event in &case.events {
            let (who, ip) = match &event.body {
                Body::PreauthFailed(e) if e.status == Some(SKEW) => (&e.target, &e.ip),
                Body::TgtRequest(e) if e.status == Some(SKEW) => (&e.client, &e.ip),
                Body::ServiceTicketRequest(e) if e.status == Some(SKEW) => (&e.client, &e.ip),
                _ => continue,
            };
            if let Some(caller) = caller(who, ip) {
                refused.entry(caller).or_default().extend(event.times());
            }
        }
        refused.values_mut().for_each(|times| times.sort_unstable());
        let mut logons = Vec::new();
        if !refused.is_empty() {
            for (event, logon) in case.pick(|body| match body {
                Body::Logon(e) if e.logon_type == Some(3) && e.is_ntlm() => Some(e),
                _ => None,
            }) {
                let found = caller(&logon.target, &logon.ip)
                    .zip(case.hosts.find(&event.computer))
                    .filter(|(caller, _)| {
                        let times = refused.get(caller).map(Vec::as_slice).unwrap_or_default();
                        event.times().all(|at| {
                            let before = times.partition_point(|time| *time <= at);
                            let last = before.checked_sub(1).and_then(|last| times.get(last));
                            last.is_some_and(|last| at.duration_since(*last) <= SOON)
                        })
                    });
                if let Some((caller, host)) = found.filter(|_| scene.is_web_server(&event.computer))
                {
                    logons.push((host, caller, event, logon));
                }
            }
        }
        Self { logons }
    }

    /// Whether they came from this machine: by the name that it gave, or by its address.
    pub(super) fn are_of(&self, case: &Case, host: HostId) -> bool {
        let known = case.machine(Some(host)).map(|machine| machine.addresses());
        let known: BTreeSet<String> = (known.into_iter().flatten())
            .map(|address| address.value.to_string())
            .collect();
        let mut logons = self.logons.iter();
        !self.logons.is_empty()
            && logons.all(|(_, (_, ip), _, logon)| {
                let named = logon.workstation.as_deref();
                known.contains(ip) || named.is_some_and(|name| case.hosts.find(name) == Some(host))
            })
    }

    /// The finding with them: as observed where they came from the machine whose clock is off.
    pub(super) fn said_in(&self, case: &Case, its_own: bool, finding: Finding) -> Finding {
        let from: Vec<Citation> = (self.logons.iter())
            .map(|(_, _, event, _)| event.citation.clone())
            .collect();
        let says = format!(
            "users came by NTLM {} within a minute after they were refused a ticket because of the time, from the same address",
            times(case.met(&from))
        );
        match its_own {
            true => finding.observed(says, &few(from, 3)),
            false => finding.supporting(says, &few(from, 3)),
        }
    }

    /// The symptoms that are nothing but them.
    pub(super) fn symptoms(&self, scene: &Scene<'_>) -> Vec<SymptomId> {
        let case = scene.case;
        let on = |host: HostId| self.logons.iter().filter(move |(of, ..)| *of == host);
        let is_theirs = |symptom: &Symptom| match &symptom.kind {
            SymptomKind::NtlmLogons(host) => {
                on(*host).map(|(_, _, event, _)| event.count()).sum::<u64>() >= symptom.count
            }
            SymptomKind::NtlmByLegs(id) => {
                let host = case.logged_site(*id).and_then(|site| site.host);
                let of_caller = |user: &String, ip: &String| {
                    let caller = (split_name(user).1, ip.to_lowercase());
                    host.is_some_and(|host| on(host).any(|(_, known, ..)| *known == caller))
                };
                let (users, clients) = (&symptom.principals, &symptom.clients);
                let one = users.len() == 1 && !clients.is_empty();
                one && users
                    .iter()
                    .all(|user| clients.iter().all(|ip| of_caller(user, ip)))
                    && symptom.count <= u64::try_from(self.logons.len()).unwrap_or(u64::MAX)
            }
            _ => false,
        };
        let all = case.numbered_symptoms();
        all.filter(|(_, symptom)| is_theirs(symptom))
            .map(|(id, _)| id)
            .collect()
    }
}

fn caller(who: &Principal, ip: &Option<String>) -> Option<Caller> {
    let name = who.name.as_deref().filter(|name| !name.ends_with('$'))?;
    Some((split_name(name).1, ip.as_deref()?.to_lowercase()))
}
