//! MC-08: the web server belongs to no domain.

use crate::case::{HostId, Role, SymptomKind};
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
    for (host, machine) in case.hosts.iter().filter(|(id, _)| is_web(*id)) {
        let facts = case
            .machine(Some(host))
            .map(|m| m.facts.as_slice())
            .unwrap_or_default();
        let joined = facts.iter().find_map(|f| match &f.fact {
            Fact::DomainJoined(joined) => Some((*joined, f.from.clone())),
            _ => None,
        });
        let group = facts.iter().find_map(|f| match &f.fact {
            Fact::Domain(name) if !name.contains('.') => Some((name.clone(), f.from.clone())),
            _ => None,
        });
        let member = as_member(scene, host);
        match (joined, group, member) {
            (_, _, Some(from)) => out.rule_out(
                format!("{} acts as a member of a domain", machine.name),
                &[from],
            ),
            (Some((true, from)), ..) => {
                out.rule_out(format!("{} is joined to a domain", machine.name), &[from])
            }
            (Some((false, from)), group, None) => {
                let sure = (format!("{} is joined to no domain", machine.name), from);
                out.findings.extend(finding(scene, host, Some(sure), group));
            }
            (None, Some(group), None) => {
                out.findings.extend(finding(scene, host, None, Some(group)))
            }
            (None, None, None) if super::fails(scene, host) => out.lack(MEMBER),
            (None, None, None) => {}
        }
    }
    out
}

const MEMBER: Input = Input::Stated {
    what: "whether the web server is a member of a domain",
    collect_with: "(echo systeminfo& systeminfo) >> %COMPUTERNAME%_systeminfo.txt 2>&1",
};

/// The web servers that are shown to belong to no domain.
pub(in crate::causes) fn outside_domains<'a>(scene: &Scene<'a>) -> Vec<&'a str> {
    let hosts = scene.case.hosts.iter();
    let outside = hosts.filter(|(id, host)| {
        let facts = scene.case.machine(Some(*id)).map(|m| m.facts.as_slice());
        let mut facts = facts.unwrap_or_default().iter();
        let told = facts.any(|f| match &f.fact {
            Fact::DomainJoined(joined) => !joined,
            Fact::Domain(name) => !name.contains('.'),
            _ => false,
        });
        told && host.roles.contains(&Role::WebServer) && as_member(scene, *id).is_none()
    });
    outside.map(|(_, host)| host.name.as_str()).collect()
}

/// What shows that a machine is a member: Netlogon talks to a domain, somebody came by Kerberos, or the directory lists its
/// account.
fn as_member(scene: &Scene<'_>, host: HostId) -> Option<Citation> {
    let case = scene.case;
    let of_host =
        |event: &crate::readers::events::Event| case.hosts.find(&event.computer) == Some(host);
    let event = case
        .events
        .iter()
        .filter(|e| of_host(e))
        .find(|event| match &event.body {
            Body::Netlogon(e) => matches!(e.id, 3210 | 5719 | 5783 | 5788 | 5789),
            Body::Logon(logon) => logon.logon_type == Some(3) && logon.is_kerberos(),
            _ => false,
        });
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
    joined: Option<(String, Citation)>,
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
    if let Some((says, from)) = &joined {
        finding = finding.structure(says.clone(), std::slice::from_ref(from));
    }
    if let Some((name, from)) = &group {
        let says = format!(
            "{} is in {name}, which is no name of a domain of Active Directory as DNS has it",
            machine.name
        );
        finding = finding.structure(says, std::slice::from_ref(from));
        if joined.is_none() && machine.fqdn.is_some() {
            finding = finding.at_most(Status::Likely);
        }
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
                && domain.eq_ignore_ascii_case(&machine.name)
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
