//! MC-08: the web server belongs to no domain.

use crate::case::{Channel, HostId, Role, SymptomKind};
use crate::causes::observations::times;
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Subject};
use crate::evidence::Citation;
use crate::negotiate::{Outcome, Stage};
use crate::readers::events::Body;
use crate::readers::machine::Fact;
use crate::remedy::{Remedy, Step};

/// MC-08.
pub(crate) const CAUSE: Cause = Cause {
    id: "MC-08",
    name: "server-in-workgroup",
    title: "The web server belongs to a workgroup, not to a domain",
    stage: Stage::Accept,
    page: Page {
        mechanism: "Kerberos needs an account in the directory whose key opens the tickets. A server in a workgroup has no computer account, so that no SPN can lead to it, and it has no domain controller to ask about a password. IIS offers Negotiate all the same; clients end on NTLM, and the server compares what they send with its own local accounts. Domain users are unknown there: they are prompted and get 401.1 (0xC0000064, or 0xC000006A where a local account has the same name and another password).",
        evidence: &[
            "systeminfo: Domain: WORKGROUP, OS Configuration: Standalone Server; dsregcmd /status: DomainJoined : NO",
            "Security log of the web server: 4624 and 4625 by NTLM with the server's own name as domain, none by Kerberos",
            "setspn and 4769 know nothing of the server",
        ],
        look_alikes: &[
            LookAlike {
                cause: "MC-01",
                told_apart_by: "there the server is a member whose secure channel is broken: NETLOGON writes 3210 or 5719",
            },
            LookAlike {
                cause: "KM-06",
                told_apart_by: "there the server is a member, and only the pool runs as a local account",
            },
        ],
        ruled_out_by: "a Kerberos logon on the server, NETLOGON events of a member, or its computer account in the directory.",
        fix: &[
            "Decide whether the server may join the domain (in a perimeter network often not). If it may: join it, then give its sites accounts and SPNs.",
            "If not: choose a sign-in that needs no domain (an identity provider with OpenID Connect or SAML, client certificates), or put a reverse proxy that is a member before it and let that sign users in.",
            "Local accounts for every user are no fix: they drift apart from the domain's passwords.",
        ],
        verify: "systeminfo shows the domain; klist get HTTP/<server> gives a ticket; 4624 of type 3 shows Kerberos.",
        rollback: "Leave the domain again (a restart, and local profiles stay behind).",
        prevent: "Choose the sign-in before the server is placed outside the domain.",
        blind_spots: &["a server that was in a workgroup only when its state was collected"],
        versions: "All supported versions.",
        sources: &["Microsoft: Windows authentication in IIS; NTLM and local accounts"],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let case = scene.case;
    let is_web = |id: HostId| case.hosts.get(id).roles.contains(&Role::WebServer);
    for (host, _) in case.hosts.iter().filter(|(id, _)| is_web(*id)) {
        match membership(scene, host) {
            Some(Membership::Member(says, from)) => out.rule_out(says, &[from]),
            Some(Membership::Outside { told, group }) => {
                out.findings.extend(finding(scene, host, told, group));
            }
            None if super::fails(scene, host) => out.lack(MEMBER),
            None => {}
        }
    }
    out
}

/// Whether a machine belongs to a domain, as far as anything shows it.
enum Membership {
    /// It does: the statement and its place.
    Member(String, Citation),
    /// It does not.
    Outside {
        /// Where it says so.
        told: Option<Citation>,
        /// A name that is no domain's of Active Directory as DNS has it, though a domain may have a name of one label.
        group: Option<(String, Citation)>,
    },
}

fn membership(scene: &Scene<'_>, host: HostId) -> Option<Membership> {
    let name = &scene.case.hosts.get(host).name;
    let machine = scene.case.machine(Some(host));
    let facts = machine.map(|m| m.facts.as_slice()).unwrap_or_default();
    if let Some(from) = as_member(scene, host) {
        let says = format!("{name} acts as a member of a domain");
        return Some(Membership::Member(says, from));
    }
    let joined = facts.iter().find_map(|f| match &f.fact {
        Fact::DomainJoined(joined) => Some((*joined, f.from.clone())),
        _ => None,
    });
    let group = facts.iter().find_map(|f| match &f.fact {
        Fact::Domain(name) if !name.contains('.') => Some((name.clone(), f.from.clone())),
        _ => None,
    });
    match (joined, group) {
        (Some((true, from)), _) => {
            let says = format!("{name} is joined to a domain");
            Some(Membership::Member(says, from))
        }
        (None, None) => None,
        (told, group) => Some(Membership::Outside {
            told: told.map(|(_, from)| from),
            group,
        }),
    }
}

const MEMBER: Input = Input::Stated {
    what: "whether the web server is a member of a domain",
    collect_with: "(echo systeminfo& systeminfo) >> %COMPUTERNAME%_systeminfo.txt 2>&1",
};

/// The web servers that are shown to belong to no domain.
pub(in crate::causes) fn outside_domains<'a>(scene: &Scene<'a>) -> Vec<&'a str> {
    let hosts = scene.case.hosts.iter();
    let outside = hosts.filter(|(id, host)| {
        host.roles.contains(&Role::WebServer)
            && matches!(membership(scene, *id), Some(Membership::Outside { .. }))
    });
    outside.map(|(_, host)| host.name.as_str()).collect()
}

/// What would tell whether a machine is a member of a domain, where nothing does: those of a domain sign their events with its name.
pub(in crate::causes) fn unknown_membership(scene: &Scene<'_>, name: &str) -> Option<Input> {
    let host = scene.case.hosts.find(name)?;
    let unknown =
        scene.case.hosts.get(host).domain().is_none() && membership(scene, host).is_none();
    unknown.then_some(MEMBER)
}

/// What shows that a machine is a member: its secure channel works, Netlogon talks to a domain or a domain controller writes
/// of its channel, somebody came by Kerberos or was let in by a domain, or the directory lists its account.
fn as_member(scene: &Scene<'_>, host: HostId) -> Option<Citation> {
    let case = scene.case;
    let channel = case.machine(Some(host)).and_then(|m| m.channel());
    let works = channel.filter(|c| matches!(c.value, Channel::Works | Channel::Worked));
    if let Some(from) = works.and_then(|c| c.from.into_iter().next()) {
        return Some(from);
    }
    let is_it = |name: &str| case.hosts.find(name.trim()) == Some(host);
    let event = case.events.iter().find(|event| match &event.body {
        // A domain controller names the member in the first value.
        Body::Netlogon(e) if matches!(e.id, 5722 | 5723 | 5805) => {
            e.values.first().is_some_and(|name| is_it(name))
        }
        Body::Netlogon(e) => {
            matches!(e.id, 3210 | 5719 | 5783 | 5788 | 5789) && is_it(&event.computer)
        }
        Body::Logon(logon) => {
            logon.logon_type == Some(3) && logon.is_kerberos() && is_it(&event.computer)
        }
        _ => false,
    });
    let event = event.or_else(|| Some(super::ntlm_let_in(scene, host).next()?.2));
    if let Some(event) = event {
        return Some(event.citation.clone());
    }
    let account = case.hosts.get(host).machine;
    let directory = &case.situation.directory;
    let registered = directory.of_account(account, &case.accounts).next();
    registered.map(|r| r.from.clone())
}

fn finding(
    scene: &Scene<'_>,
    host: HostId,
    told: Option<Citation>,
    group: Option<(String, Citation)>,
) -> Option<Finding> {
    let case = scene.case;
    let machine = case.hosts.get(host);
    let asks = |v: &&crate::causes::View<'_>| {
        v.endpoint.host == Some(host) && v.path.outcome != Outcome::NotWindowsAuth
    };
    let view = scene.views.iter().find(asks);
    if view.is_none() && scene.has_config() {
        return None;
    }
    let subject = Subject {
        host: Some(machine.name.clone()),
        ..Subject::default()
    };
    let mut finding = Finding::about(
        subject,
        format!(
            "{} belongs to no domain, so it has no account whose key could open a ticket: every Windows sign-in ends on NTLM and is compared with its own local accounts. Domain users are prompted and get 401.1.",
            machine.name
        ),
    );
    if let Some(from) = &told {
        let says = format!("{} is joined to no domain", machine.name);
        finding = finding.structure(says, std::slice::from_ref(from));
    } else {
        // A domain of Active Directory may have a name of one label.
        finding = finding.at_most(Status::Likely);
    }
    if let Some((name, from)) = &group {
        let says = format!(
            "{} is in {name}, which is no name of a domain of Active Directory as DNS has it",
            machine.name
        );
        finding = finding.structure(says, std::slice::from_ref(from));
    }
    let refused = scene.symptoms(|kind| match kind {
        SymptomKind::LogonFailed {
            host: h,
            status,
            sub_status,
            own_address: false,
        } => {
            let code = if *sub_status == 0 {
                *status
            } else {
                *sub_status
            };
            *h == host && matches!(code, 0xC000_0064 | 0xC000_006A | 0xC000_006D | 0xC000_005E)
        }
        _ => false,
    });
    for (_, symptom) in &refused {
        finding = finding.observed(
            format!(
                "{} refused network logons {}",
                machine.name,
                times(symptom.count)
            ),
            &symptom.from,
        );
    }
    let local = case.pick(|b| match b {
        Body::Logon(logon) if logon.logon_type == Some(3) && logon.is_ntlm() => Some(logon),
        _ => None,
    });
    let local: Vec<Citation> = local
        .filter(|(event, logon)| {
            let domain = logon.target.domain.as_deref().unwrap_or_default();
            case.hosts.find(&event.computer) == Some(host)
                && super::is_netbios_name(domain, &machine.name)
        })
        .map(|(event, _)| event.citation.clone())
        .collect();
    finding = finding.supporting(
        "local accounts signed in over the network by NTLM",
        &few(local, 2),
    );
    let ids: Vec<_> = refused.into_iter().map(|(id, _)| id).collect();
    Some(finding.explains(ids).fix(remedy(&machine.name), Vec::new()))
}

fn remedy(name: &str) -> Remedy {
    let fix = vec![
        Step::by_hand(format!(
            "decide whether {name} may be a member of the domain: from a perimeter network it would need ways to domain controllers (88, 135, 389, 445, 464, RPC)"
        )),
        Step::by_hand("if it may: join it (Add-Computer), restart it, then give each site its account and its SPN as why401 names them")
            .risk("local policies are replaced by those of the domain, and the restart interrupts every site"),
        Step::by_hand("if it may not: sign users in with something that needs no domain (OpenID Connect, SAML, client certificates), or at a reverse proxy that is a member"),
    ];
    Remedy::of(fix)
        .verify(vec![Step::by_hand("systeminfo shows the domain, and a user who browses to the site gives a 4624 of type 3 with package Kerberos")])
        .rollback(vec![Step::by_hand("leave the domain again, with a local administrator's password at hand, and restart")])
        .prevent(CAUSE.page.prevent)
}
