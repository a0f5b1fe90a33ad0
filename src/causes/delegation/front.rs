//! How users came to the front end before the second hop failed: by Kerberos, whose ticket can be passed on, or by NTLM,
//! which cannot.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;

use super::hop::SecondHop;
use crate::case::{Case, HostId, split_name};
use crate::causes::scene::few;
use crate::evidence::Citation;
use crate::readers::events::{Body, Event, Logon};

/// A session at the front end lives this long before its calls fail, at most.
const SESSION: SignedDuration = SignedDuration::from_hours(10);
const SKEW: SignedDuration = SignedDuration::from_mins(5);

/// The network logons at the front end that a second hop can belong to.
#[derive(Default)]
pub(super) struct Arrivals<'a> {
    /// By Kerberos.
    pub kerberos: Vec<(&'a Event, &'a Logon)>,
    /// By NTLM.
    pub ntlm: Vec<(&'a Event, &'a Logon)>,
}

/// Network logons of domain users by the machine that wrote of them, in the order of time.
pub(super) fn logons<'a>(case: &'a Case) -> BTreeMap<HostId, Vec<(&'a Event, &'a Logon)>> {
    let mut hosts: BTreeMap<&str, Option<HostId>> = BTreeMap::new();
    let mut found: BTreeMap<HostId, Vec<(&'a Event, &'a Logon)>> = BTreeMap::new();
    for event in &case.events {
        let Body::Logon(logon) = &event.body else {
            continue;
        };
        let computer = &*event.computer;
        let host = hosts.entry(computer);
        let Some(host) = *host.or_insert_with(|| case.hosts.find(computer)) else {
            continue;
        };
        let machine = &case.hosts.get(host).name;
        let name = logon.target.name.as_deref().unwrap_or("$");
        let local = logon.target.domain.as_deref();
        let local = local.is_some_and(|domain| domain.eq_ignore_ascii_case(machine));
        let nobody = logon.target.sid.as_deref() == Some("S-1-5-7");
        if logon.logon_type == Some(3) && !name.ends_with('$') && !local && !nobody {
            found.entry(host).or_default().push((event, logon));
        }
    }
    found
}

impl<'a> Arrivals<'a> {
    /// Those before a hop, of its users where they are known.
    pub(super) fn before(hop: &SecondHop<'_, 'a>) -> Self {
        let Some((first, last)) = hop.span() else {
            return Self::default();
        };
        let users = hop.users();
        let (from, to) = (first - SESSION, last + SKEW);
        let begin = hop.logons.partition_point(|(event, _)| event.time < from);
        let (earlier, later) = hop.logons.split_at(begin);
        let within = |event: &Event| event.folded.iter().any(|time| from <= time && time <= to);
        let earlier = earlier.iter().filter(|(event, _)| within(event));
        let later = later.iter().take_while(|(event, _)| event.time <= to);
        let mut arrivals = Self::default();
        for (event, logon) in earlier.chain(later) {
            if !users.is_empty() && !users.contains(&name_of(logon)) {
                continue;
            }
            if logon.is_ntlm() {
                arrivals.ntlm.push((event, logon));
            } else if logon.is_kerberos() {
                arrivals.kerberos.push((event, logon));
            }
        }
        arrivals
    }

    /// Whether all came by NTLM.
    pub(super) fn all_by_ntlm(&self) -> bool {
        self.kerberos.is_empty() && !self.ntlm.is_empty()
    }

    /// Kerberos logons that hold no credentials to go on with (impersonation level 1833), and those that do (1840).
    pub(super) fn by_level(&self) -> (Vec<Citation>, Vec<Citation>) {
        let of = |level: &str| {
            let found = self.kerberos.iter();
            let found = found.filter(|(_, l)| l.impersonation_level.as_deref() == Some(level));
            found.map(|(event, _)| event.citation.clone()).collect()
        };
        (of("%%1833"), of("%%1840"))
    }

    /// Who came by Kerberos, in lower case.
    pub(super) fn kerberos_users(&self) -> BTreeSet<String> {
        self.kerberos
            .iter()
            .map(|(_, logon)| name_of(logon))
            .collect()
    }
}

/// The first few places.
pub(super) fn places(logons: &[(&Event, &Logon)]) -> Vec<Citation> {
    few(
        logons
            .iter()
            .map(|(event, _)| event.citation.clone())
            .collect(),
        3,
    )
}

fn name_of(logon: &Logon) -> String {
    split_name(logon.target.name.as_deref().unwrap_or_default()).1
}
