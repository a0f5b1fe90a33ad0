//! What the logs show of the secure channels of domain members: NETLOGON events of both ends, and the logons that failed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use crate::case::{Case, HostId, in_passing};
use crate::evidence::{Citation, Cited};
use crate::readers::events::{Body, Event, NetlogonEvent};

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

/// What shows the state of one member's channel.
#[derive(Default)]
pub(super) struct Signs {
    /// 3210 of the member: the domain controller did not accept it.
    pub(super) member: Vec<Citation>,
    /// 5722 and 5805 of domain controllers: the member's password was wrong.
    pub(super) domain: Vec<Citation>,
    /// 5723, or a status that says so: the member has no account.
    pub(super) no_account: Vec<Citation>,
    /// 5719 of the member: no domain controller was reached.
    pub(super) unreached: Vec<Citation>,
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

/// The signs of every member, by machine.
pub(super) fn signs(case: &Case) -> BTreeMap<HostId, Signs> {
    let mut members: BTreeMap<HostId, Signs> = BTreeMap::new();
    let passing = in_passing(&case.events);
    for (position, event) in case.events.iter().enumerate() {
        match &event.body {
            Body::Netlogon(_) if passing.contains_key(&position) => {}
            Body::Netlogon(e) => netlogon(case, event, e, &mut members),
            Body::LogonFailed(e) if e.logon_type == Some(3) => {
                let code = e.sub_status.filter(|s| *s != 0).or(e.status);
                let (Some(code), Some(host)) = (code, case.hosts.find(&event.computer)) else {
                    continue;
                };
                if REFUSED.contains(&code) {
                    let signs = members.entry(host).or_default();
                    signs.logons.push(event.citation.clone());
                    signs.own_users |= !case.is_foreign_domain(host, e.target.domain.as_deref());
                    if code == NO_TRUST_SAM_ACCOUNT {
                        signs.no_account.push(event.citation.clone());
                    }
                    signs.last = Some(event.time);
                }
            }
            _ => {}
        }
    }
    for (host, machine) in &case.machines {
        if let Some(Cited {
            value: status,
            from,
        }) = machine.broken_channel()
        {
            let signs = members.entry(*host).or_default();
            signs
                .tested
                .extend(from.into_iter().map(|from| (status, from)));
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
    let reached = e.status.is_none_or(|s| s == ACCESS_DENIED);
    let list = match e.id {
        5723 => &mut signs.no_account,
        3210 if e.status == Some(NO_TRUST_SAM_ACCOUNT) => &mut signs.no_account,
        3210 if reached => &mut signs.member,
        3210 | 5719 => &mut signs.unreached,
        _ => &mut signs.domain,
    };
    list.push(event.citation.clone());
    if Some(member) != writer {
        signs.written_on.extend(writer);
    }
    signs.last = Some(event.time);
}
