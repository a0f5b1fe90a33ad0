//! MC-03: the web server reaches no domain controller.

use super::channel_signs::{NO_LOGON_SERVERS, Signs, signs};
use super::{domain, ntlm_let_in};
use crate::case::{Channel, HostId, Role, Sameness, SymptomKind};
use crate::causes::observations::times;
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Current, Finding, Input, LookAlike, Page, Scene, Status, Subject,
};
use crate::evidence::Citation;
use crate::negotiate::Stage;
use crate::readers::events::Body;
use crate::remedy::commands as c;
use crate::remedy::{Remedy, Step};

/// MC-03.
pub(crate) const CAUSE: Cause = Cause {
    id: "MC-03",
    name: "no-domain-controller-reachable",
    title: "The web server reaches no domain controller",
    stage: Stage::Accept,
    page: Page {
        mechanism: "IIS cannot check a domain user's NTLM logon by itself: it hands it to a domain controller. Without one the logon fails with STATUS_NO_LOGON_SERVERS (0xC000005E), and the user gets 401.1 or a prompt that no password satisfies. Managed service accounts cannot fetch their password, and acceptors other than the system cannot have the PAC of a ticket checked. Tickets that clients hold already are opened with the server's own key and need no domain controller: Kerberos users get in, NTLM users do not.",
        evidence: &[
            "System log of the web server: NETLOGON 5719, away from a boot, with \"no logon servers\" (1311, 0xC000005E), \"RPC server is unavailable\" (1722) or the like",
            "Security log of the web server: 4625 of type 3 with 0xC000005E",
            "System log of the web server: Kerberos event 7 (the PAC could not be checked)",
            "netlogon.log: NlDiscoverDc: Cannot find DC; logons that return 0xC000005E",
            "nltest /sc_query, /sc_verify, /dsgetdc with 1311, 1355 or 1722",
        ],
        look_alikes: &[
            LookAlike {
                cause: "MC-01",
                told_apart_by: "there a domain controller answers and refuses the server: 3210 or 5719 with access denied (5, 0xC0000022)",
            },
            LookAlike {
                cause: "MC-04",
                told_apart_by: "there others are let in at the same time, and NETLOGON writes 5816 to 5819",
            },
            LookAlike {
                cause: "TR-06",
                told_apart_by: "there only users of another domain fail: it is that domain's controllers that are not reached",
            },
            LookAlike {
                cause: "CL-08",
                told_apart_by: "there the client reaches none, and the server's own log is silent",
            },
        ],
        ruled_out_by: "nltest that finds and reaches a domain controller at the time, or NTLM logons of domain users let in meanwhile.",
        fix: &[
            "See whether the server finds a domain controller: nltest /dsgetdc:<domain>.",
            "See whether DNS gives it the SRV records of the domain: nslookup -type=SRV _ldap._tcp.dc._msdcs.<domain>. The server must ask the DNS servers of the domain and no public one.",
            "See whether the ports are open to that controller: 88, 135, 389, 445, 464 and the RPC range 49152 to 65535.",
            "See that the server's address belongs to a site that has controllers.",
            "Once it is reached, make the channel anew without a restart: nltest /sc_reset:<domain>.",
        ],
        verify: "nltest /sc_verify:<domain> succeeds; an NTLM logon of a domain user gives a 4624; no new 5719.",
        rollback: "Undo the change of DNS or firewall.",
        prevent: "Two controllers a site, and a watch on 5719 away from boots.",
        blind_spots: &[
            "the network between the server and its controllers",
            "a log that covers only part of the outage",
        ],
        versions: "All supported versions.",
        sources: &[
            "Microsoft: Event ID 5719 Netlogon when a domain controller cannot be reached",
            "Microsoft: auditing of 4625 (status 0xC000005E)",
        ],
    },
    assess,
};

/// From so many 5719 on it is no single slip of the network.
const REPEATED: usize = 3;
/// A success so near a failure (seconds) shows that a domain controller answered.
const NEAR: i64 = 120;

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let case = scene.case;
    let is = |host: HostId, role| case.hosts.get(host).roles.contains(&role);
    for (host, signs) in signs(case) {
        let web = is(host, Role::WebServer);
        let alone = !is(host, Role::DomainController)
            && !signs.unreached.is_empty()
            && super::may_serve(scene, host, !signs.unasked.is_empty());
        let any = [
            signs.unreached.len(),
            signs.unasked.len(),
            signs.not_found.len(),
        ] != [0; 3];
        if any && (web || alone) && !(signs.broken() && signs.unasked.is_empty()) {
            out.find(finding(scene, host, &signs, web));
        }
    }
    for (host, machine) in case.hosts.iter().filter(|(id, _)| is(*id, Role::WebServer)) {
        let channel = case.machine(Some(host)).and_then(|m| m.channel());
        let logged = case
            .coverage
            .iter()
            .any(|c| c.host == host && c.channel.eq_ignore_ascii_case("System"));
        let let_in = ntlm_let_in(scene, host).last();
        match (channel.filter(|c| c.value == Channel::Works), let_in) {
            (Some(works), _) => out.rule_out(
                format!("{} was seen to reach a domain controller", machine.name),
                &few(works.from, 1),
            ),
            (None, Some((_, _, event))) => {
                let silent = if logged {
                    ", and nothing speaks of one that is not reached"
                } else {
                    ""
                };
                out.rule_out(
                    format!(
                        "a domain controller let domain users in to {}{silent}",
                        machine.name
                    ),
                    std::slice::from_ref(&event.citation),
                );
            }
            // What is known of another server says nothing of this one.
            (None, None) if !logged => {
                out.lack(Input::ServerSystemLog);
                out.lack(Input::SecureChannel);
            }
            (None, None) => {}
        }
    }
    if !scene.has_web_server() {
        out.lack(Input::ServerSystemLog);
        out.lack(Input::SecureChannel);
    }
    out
}

fn finding(scene: &Scene<'_>, host: HostId, signs: &Signs, web: bool) -> Finding {
    let case = scene.case;
    let name = &case.hosts.get(host).name;
    let subject = Subject {
        host: Some(name.clone()),
        ..Subject::default()
    };
    let told = |seen: &[Citation]| times(case.met(seen));
    let mut finding = Finding::about(
        subject,
        format!(
            "{name} reached no domain controller. It cannot have NTLM logons checked meanwhile: users who come by NTLM get 401.1 whatever they type, while tickets are still opened with its own key."
        ),
    );
    let says = format!(
        "{name} could set up no session with a domain controller {}",
        told(&signs.unreached)
    );
    let from = few(signs.unreached.clone(), 3);
    finding = if signs.unreached.len() >= REPEATED || !signs.unasked.is_empty() {
        finding.structure(says, &from)
    } else {
        finding.supporting(says, &from)
    };
    for (status, from) in signs.not_found.iter().take(2) {
        finding = finding.supporting(
            format!("a tool on {name} found no domain controller (status {status})"),
            std::slice::from_ref(from),
        );
    }
    let unasked: Vec<_> = signs
        .unasked
        .iter()
        .map(|(_, _, from)| from.clone())
        .collect();
    finding = finding.observed(
        format!("{name} refused network logons {} because no domain controller could be asked (0xC000005E)", told(&unasked)),
        &few(unasked, 3),
    );
    let pac = case.pick(|b| match b {
        Body::Kerberos(e) if e.id == 7 && !e.operational => Some(()),
        _ => None,
    });
    let pac: Vec<_> = pac
        .filter(|(event, ())| case.hosts.find(&event.computer) == Some(host))
        .map(|(event, ())| event.citation.clone())
        .collect();
    finding = finding.supporting(
        "the PAC of tickets could not be checked (Kerberos event 7)",
        &few(pac, 2),
    );
    if signs.wrong_password() {
        finding = finding.or_else(
            "MC-01",
            "a domain controller refused the server's password as well",
        );
    }
    let queued = case
        .events_of(host)
        .any(|e| matches!(&e.body, Body::Netlogon(n) if matches!(n.id, 5816..=5819)));
    if queued || others_were_let_in(scene, host, signs) {
        finding = finding.or_else(
            "MC-04",
            "others were let in within the same minutes, or NETLOGON says that calls waited: the queue may be too long",
        );
    }
    if only_of_another_domain(scene, host, signs) {
        finding = finding.or_else("TR-06", "only users of another domain failed: it may be that domain's controllers that were not reached");
    }
    if !web || (signs.unasked.is_empty() && signs.unreached.len() < REPEATED) {
        finding = finding.at_most(Status::Possible);
    }
    finding.current = Current::Unknown;
    let channel = case.machine(Some(host)).and_then(|m| m.channel());
    let last = signs
        .unasked
        .iter()
        .map(|(at, ..)| *at)
        .chain(signs.last)
        .max();
    if let Some(works) = channel.filter(|c| c.value == Channel::Works) {
        finding = finding.supporting(
            format!("{name} was seen to reach one later"),
            &few(works.from, 1),
        );
        finding.current = Current::No;
    } else if ntlm_let_in(scene, host).any(|(at, ..)| last.is_some_and(|last| at > last)) {
        finding.current = Current::No;
    }
    let explained = scene.symptoms(|kind| match kind {
        SymptomKind::SecureChannel(h) => *h == host && !signs.wrong_password(),
        SymptomKind::LogonFailed {
            host: h,
            status,
            sub_status,
            ..
        } => *h == host && [*status, *sub_status].contains(&NO_LOGON_SERVERS),
        _ => false,
    });
    finding
        .explains(explained.into_iter().map(|(id, _)| id))
        .fix(remedy(scene, host), Vec::new())
}

/// Whether domain users were let in by NTLM while others were refused.
fn others_were_let_in(scene: &Scene<'_>, host: HostId, signs: &Signs) -> bool {
    let refused: Vec<i64> = signs
        .unasked
        .iter()
        .map(|(at, ..)| at.as_second())
        .collect();
    let near = |at: i64| {
        let before = refused.iter().any(|r| *r <= at && at - r <= NEAR);
        before && refused.iter().any(|r| *r >= at && r - at <= NEAR)
    };
    ntlm_let_in(scene, host).any(|(at, ..)| near(at.as_second()))
}

/// Whether every user who was refused is shown to be of another domain than the server.
fn only_of_another_domain(scene: &Scene<'_>, host: HostId, signs: &Signs) -> bool {
    let own = domain(scene, host);
    !signs.unasked.is_empty()
        && signs.unasked.iter().all(|(_, user, _)| {
            let same = scene
                .case
                .accounts
                .same_domain(user.as_deref(), own.as_deref());
            user.is_some() && same == Sameness::Different
        })
}

fn remedy(scene: &Scene<'_>, host: HostId) -> Remedy {
    let name = &scene.case.hosts.get(host).name;
    let domain = domain(scene, host);
    let mut fix = Vec::new();
    let mut verify = Vec::new();
    if let Some(domain) = domain.as_deref() {
        fix.push(Step::run(
            c::nltest_find_dc(domain),
            format!("on {name}: see whether a domain controller is found, and which"),
        ));
        fix.push(
            Step::run(c::nslookup_controllers(domain), "see whether DNS names the domain controllers")
                .stop_if("none is named: the server asks a DNS server that does not know the domain; set the right ones first"),
        );
        verify.push(Step::run(c::nltest_verify(domain), "ends with success"));
    }
    fix.push(Step::by_hand(
        "see that the ports to that domain controller are open: 88, 135, 389, 445, 464 and the RPC range (49152 to 65535); repair firewall, route or the subnet's site, whichever is at fault",
    ));
    if let Some(domain) = domain.as_deref() {
        fix.push(Step::run(
            c::nltest_reset(domain),
            "make the channel anew, instead of waiting for the next attempt",
        ));
    }
    verify.push(Step::by_hand(
        "an NTLM logon of a domain user gives a 4624 on the web server, and no new 5719 follows",
    ));
    Remedy::of(fix)
        .verify(verify)
        .rollback(vec![Step::by_hand(
            "take back the change of DNS, firewall or site",
        )])
        .prevent(CAUSE.page.prevent)
}
