//! NTLM logons that only a `netlogon.log` shows: `(via WEB01)` in that of a domain controller says that the user came to
//! WEB01 by NTLM, and so does a network logon in WEB01's own. Where the Security log of WEB01 is at hand, it says the same
//! with more, and nothing is counted twice.

use super::SymptomKind;
use super::sighting::{Sighting, Writer};
use crate::case::Case;
use crate::case::host::{HostId, Role};
use crate::evidence::Certainty;
use crate::readers::netlogon_log::{ChannelFailures, NtlmLogons};

/// The groups of logons on web servers, each as one sighting of many.
pub(super) fn passed_on(case: &Case) -> Vec<Sighting<'_>> {
    let logons = case.machines.iter().flat_map(|(writer, machine)| {
        let groups = machine.netlogon.iter().flat_map(|log| &log.logons);
        groups.map(|group| (Some(*writer), group))
    });
    let unplaced = case.unplaced.netlogon.iter().flat_map(|log| &log.logons);
    logons
        .chain(unplaced.map(|group| (None, group)))
        .filter_map(|(writer, group)| sight(case, writer, group))
        .collect()
}

fn sight<'a>(
    case: &'a Case,
    writer: Option<HostId>,
    group: &'a NtlmLogons,
) -> Option<Sighting<'a>> {
    let host = match &group.via {
        Some(server) => case.hosts.find(server)?,
        None => writer?,
    };
    let machine = case.hosts.get(host);
    let logged = case
        .coverage
        .iter()
        .any(|c| c.host == host && c.channel.eq_ignore_ascii_case("Security"));
    let (domain, name) = group.user.split_once('\\')?;
    let domain_user = !domain.eq_ignore_ascii_case(&machine.name)
        && !name.ends_with('$')
        && !name.is_empty()
        && !name.starts_with('(');
    let counts = group.status == 0
        && domain_user
        && !logged
        && machine.roles.contains(&Role::WebServer)
        && !group.workstation.eq_ignore_ascii_case(&machine.name);
    counts.then(|| Sighting {
        kind: SymptomKind::NtlmLogons(host),
        count: group.count,
        time: None,
        certainty: Certainty::Exact,
        again: None,
        principal: Some(name.to_owned()),
        client: Some(group.workstation.clone()),
        by: Writer::Peer,
        from: &group.from,
    })
}

/// Statuses of a channel that failed: access denied, no trust secret, no trust account, and (1311 and 0xC000005E) nobody
/// reached. A boot gives the last two once.
const FAILED: [(u32, u64); 6] = [
    (0xC000_0022, 1),
    (0xC000_018A, 1),
    (0xC000_018B, 1),
    (0xC000_018C, 1),
    (0xC000_005E, 3),
    (1311, 3),
];

/// Failures of a member's secure channel that only its `netlogon.log` shows. One failure writes several lines: the function
/// that failed most often is counted.
pub(super) fn channel_failures(case: &Case) -> Vec<Sighting<'_>> {
    let members = case.machines.iter().filter(|(host, _)| {
        let controller = case
            .hosts
            .get(**host)
            .roles
            .contains(&Role::DomainController);
        let mut logs = case.coverage.iter();
        let logged = logs.any(|c| c.host == **host && c.channel.eq_ignore_ascii_case("System"));
        !controller && !logged
    });
    members
        .filter_map(|(host, machine)| {
            let failures = machine.netlogon.iter().flat_map(|log| &log.channel);
            let counts = |f: &&ChannelFailures| {
                let mut statuses = FAILED.iter();
                statuses.any(|(status, from)| f.status == *status && f.count >= *from)
            };
            let most = failures.filter(counts).max_by_key(|f| f.count)?;
            Some(Sighting {
                kind: SymptomKind::SecureChannel(*host),
                count: most.count,
                time: None,
                certainty: Certainty::Exact,
                again: None,
                principal: None,
                client: None,
                by: Writer::Peer,
                from: &most.from,
            })
        })
        .collect()
}
