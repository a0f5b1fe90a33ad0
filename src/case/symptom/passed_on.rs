//! NTLM logons that only a `netlogon.log` shows: `(via WEB01)` in that of a domain controller says that the user came to
//! WEB01 by NTLM, and so does a network logon in WEB01's own. Where the Security log of WEB01 is at hand, it says the same
//! with more, and nothing is counted twice.

use super::SymptomKind;
use super::sighting::{Sighting, Writer};
use crate::case::Case;
use crate::case::host::{HostId, Role};
use crate::readers::netlogon_log::NtlmLogons;

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
        principal: Some(name.to_owned()),
        client: Some(group.workstation.clone()),
        by: Writer::Peer,
        from: &group.from,
    })
}
