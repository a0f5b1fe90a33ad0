//! What the logs show of the secure channels of domain members: NETLOGON events of both ends, and the logons that failed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::case::{Case, HostId, Role};
use crate::evidence::Citation;
use crate::readers::events::{Body, Event, LogonFailed, NetlogonEvent};
use crate::readers::machine::Fact;

const ACCESS_DENIED: u32 = 0xC000_0022;
const NO_TRUST_SAM_ACCOUNT: u32 = 0xC000_018B;
/// Statuses of logons that failed for want of a secure channel.
pub(super) const REFUSED: &[u32] = &[
    0xC000_018A,
    NO_TRUST_SAM_ACCOUNT,
    0xC000_018C,
    0xC000_018D,
    0xC000_0192,
];

/// Nobody could be asked whether the password is right.
pub(super) const NO_LOGON_SERVERS: u32 = 0xC000_005E;
/// Win32 statuses that say the same of an account, a password and a domain controller.
const WIN32: [(u32, u32); 6] = [
    (5, ACCESS_DENIED),
    (1787, NO_TRUST_SAM_ACCOUNT),
    (1311, NO_LOGON_SERVERS),
    (1355, NO_LOGON_SERVERS),
    (1722, NO_LOGON_SERVERS),
    (53, NO_LOGON_SERVERS),
];

/// What shows the state of one member's channel.
#[derive(Default)]
pub(super) struct Signs {
    /// 3210 of the member, and 5719 with "access denied": the domain controller did not accept it.
    pub(super) member: Vec<Citation>,
    /// 5722 and 5805 of domain controllers: the member's password was wrong.
    pub(super) domain: Vec<Citation>,
    /// 5723, or a status that says so: the member has no account; with the time, where it is known.
    pub(super) no_account: Vec<(Option<Timestamp>, Citation)>,
    /// 5719 of the member: no domain controller was reached.
    pub(super) unreached: Vec<Citation>,
    /// Logons of domain users on the member that nobody could be asked about (0xC000005E), with the user's domain.
    pub(super) unasked: Vec<(Timestamp, Option<String>, Citation)>,
    /// Tools that found or reached no domain controller, with their status.
    pub(super) not_found: Vec<(u32, Citation)>,
    /// 4625 of domain users on the member.
    pub(super) logons: Vec<Citation>,
    /// Some of those users, or all, are of the member's own domain as far as is shown.
    pub(super) own_users: bool,
    /// What a test of the channel printed when it did not work, with its status.
    pub(super) tested: Vec<(Option<u32>, Citation)>,
    /// Domain controllers that wrote about it.
    pub(super) written_on: BTreeSet<HostId>,
    /// The last of all.
    pub(super) last: Option<Timestamp>,
}

impl Signs {
    /// Whether the two sides are shown not to agree on the password.
    pub(super) fn wrong_password(&self) -> bool {
        [self.member.len(), self.domain.len(), self.tested.len()] != [0; 3]
    }

    /// Whether the member, or a user of it, is shown to have met a broken channel.
    pub(super) fn broken(&self) -> bool {
        self.wrong_password() || self.logons.len() > self.no_account.len()
    }
}

/// The signs of every member, by machine.
pub(super) fn signs(case: &Case) -> BTreeMap<HostId, Signs> {
    let mut members: BTreeMap<HostId, Signs> = BTreeMap::new();
    for (position, event) in case.events.iter().enumerate() {
        match &event.body {
            Body::Netlogon(_) if case.passing.of(position).is_some() => {}
            Body::Netlogon(e) => netlogon(case, event, e, &mut members),
            Body::LogonFailed(e) if e.logon_type == Some(3) => {
                logon_failed(case, event, e, &mut members);
            }
            _ => {}
        }
    }
    for (host, machine) in &case.machines {
        let tested = machine.broken_channel().map(|c| (c.value, c.from));
        let far = machine.facts.iter().filter_map(|f| match f.fact {
            Fact::NoController(status) => Some((status, f.from.clone())),
            Fact::Channel { status, .. } if as_ntstatus(status) == NO_LOGON_SERVERS => {
                Some((status, f.from.clone()))
            }
            _ => None,
        });
        let far: Vec<(u32, Citation)> = far.collect();
        if tested.is_none() && far.is_empty() && machine.netlogon.is_empty() {
            continue;
        }
        let signs = members.entry(*host).or_default();
        signs.not_found = far;
        let (status, from) = tested.unwrap_or_default();
        for from in from {
            if status.map(as_ntstatus) == Some(NO_TRUST_SAM_ACCOUNT) {
                signs.no_account.push((None, from));
            } else {
                signs.tested.push((status, from));
            }
        }
        if !case
            .hosts
            .get(*host)
            .roles
            .contains(&Role::DomainController)
        {
            netlogon_log(machine, signs);
        }
    }
    members
}

fn netlogon(case: &Case, event: &Event, e: &NetlogonEvent, members: &mut BTreeMap<HostId, Signs>) {
    let writer = case.hosts.find(&event.computer);
    // A domain controller names the member in the first value.
    let member = match e.id {
        5722 | 5723 | 5805 => e
            .values
            .first()
            .and_then(|name| case.hosts.find(name.trim())),
        3210 | 5719 => writer,
        _ => None,
    };
    let Some(member) = member else { return };
    let signs = members.entry(member).or_default();
    let status = reason(e);
    let at = event.citation.clone();
    let by_status = matches!(e.id, 3210 | 5719) && status == Some(NO_TRUST_SAM_ACCOUNT);
    if e.id == 5723 || by_status {
        signs.no_account.push((Some(event.time), at));
    } else {
        let list = match e.id {
            3210 if status.is_none() => &mut signs.member,
            3210 | 5719 if status == Some(ACCESS_DENIED) => &mut signs.member,
            3210 | 5719 => &mut signs.unreached,
            _ => &mut signs.domain,
        };
        list.push(at);
    }
    if Some(member) != writer {
        signs.written_on.extend(writer);
    }
    signs.last = Some(event.time);
}

/// Why the channel failed: the NTSTATUS of the binary part, else the Win32 status among the values (`%%1311`).
fn reason(e: &NetlogonEvent) -> Option<u32> {
    let in_text = || {
        let mut values = e.values.iter().rev();
        values.find_map(|value| value.trim().strip_prefix("%%")?.parse().ok())
    };
    e.status.or_else(in_text).map(as_ntstatus)
}

/// A Win32 status as the NTSTATUS that says the same.
fn as_ntstatus(status: u32) -> u32 {
    let same = WIN32.iter().find(|(win32, _)| *win32 == status);
    same.map_or(status, |(_, ntstatus)| *ntstatus)
}

fn logon_failed(
    case: &Case,
    event: &Event,
    e: &LogonFailed,
    members: &mut BTreeMap<HostId, Signs>,
) {
    let code = e.sub_status.filter(|s| *s != 0).or(e.status);
    let says = |code: &u32| *code == NO_LOGON_SERVERS || REFUSED.contains(code);
    let Some(code) = code.filter(says) else {
        return;
    };
    let Some(host) = case.hosts.find(&event.computer) else {
        return;
    };
    let at = event.citation.clone();
    if code == NO_LOGON_SERVERS {
        let domain = e.target.domain.clone();
        let signs = members.entry(host).or_default();
        signs.unasked.push((event.time, domain, at));
    } else {
        let foreign = case.is_foreign_domain(host, e.target.domain.as_deref());
        if code == NO_TRUST_SAM_ACCOUNT && foreign {
            // It is the account of a trust that is missed, not the member's.
            return;
        }
        let signs = members.entry(host).or_default();
        signs.logons.push(at.clone());
        signs.own_users |= !foreign;
        if code == NO_TRUST_SAM_ACCOUNT {
            signs.no_account.push((Some(event.time), at));
        }
        signs.last = Some(event.time);
    }
}

/// What the member's own log of Netlogon adds.
fn netlogon_log(machine: &crate::case::MachineState, signs: &mut Signs) {
    let failures = machine.netlogon.iter().flat_map(|log| &log.channel);
    for failure in failures {
        let from = failure.from.clone();
        match as_ntstatus(failure.status) {
            ACCESS_DENIED => signs.member.push(from),
            NO_TRUST_SAM_ACCOUNT => signs.no_account.push((None, from)),
            NO_LOGON_SERVERS => signs.unreached.push(from),
            _ => {}
        }
    }
    let logons = machine.netlogon.iter().flat_map(|log| &log.logons);
    for logon in logons.filter(|logon| REFUSED.contains(&logon.status)) {
        signs.logons.push(logon.from.clone());
        if logon.status == NO_TRUST_SAM_ACCOUNT {
            signs.no_account.push((None, logon.from.clone()));
        }
    }
}
