//! NAME-05: DNS or a hosts file leads the name to another machine than the one that holds it.

use crate::case::{HostId, Spn, split_name};
use crate::causes::observations::times;
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Subject, View,
};
use crate::evidence::Citation;
use crate::negotiate::{KeyMatch, Stage};
use crate::readers::events::Body;
use crate::readers::nslookup::{Answered, NameLookup};
use crate::remedy::commands as c;
use crate::remedy::{Remedy, Step};

/// NAME-05.
pub(crate) const CAUSE: Cause = Cause {
    id: "NAME-05",
    name: "name-leads-to-wrong-server",
    title: "DNS or a hosts file leads the name to the wrong server",
    stage: Stage::Request,
    page: Page {
        mechanism: "The KDC seals the ticket for the account that holds the name. The client sends it to whatever machine the address belongs to. Where that is another one (an address that was given away again, a record nobody cleaned up, a line in a hosts file from a test), the ticket arrives at a server that has another key: KRB_AP_ERR_MODIFIED, prompts, 401.1, although SPN, pool and acceptor are right on paper. NTLM would work there, and shows another site, or a 404.",
        evidence: &[
            "nslookup <name>, ipconfig /displaydns or the hosts file of a client: an address that is none of the server's (ipconfig of the server)",
            "Kerberos event 4 on clients, naming another machine than the holder as the server that refused",
            "IIS log of the right server: no requests of those clients; of the wrong one: 401.1 of them",
        ],
        look_alikes: &[
            LookAlike {
                cause: "MC-02",
                told_apart_by: "there the address is right, and the server's own password is not",
            },
            LookAlike {
                cause: "POOL-02",
                told_apart_by: "there the address is right, and the pool runs with an old password",
            },
            LookAlike {
                cause: "SPN-22",
                told_apart_by: "there the other machine is meant to stand in between: a proxy",
            },
            LookAlike {
                cause: "NAME-11",
                told_apart_by: "there several addresses are meant, and one of them is right",
            },
        ],
        ruled_out_by: "the address that the failing client uses is the server's own.",
        fix: &[
            "Find where the client has the address from: hosts file first, then its DNS server.",
            "Correct the record, or take the line out of the hosts file.",
            "Empty the client's DNS cache (ipconfig /flushdns), close the browser, try again.",
        ],
        verify: "nslookup and ping show the server's address on a client that failed; its requests are in the server's IIS log; no new event 4.",
        rollback: "Put the record or the line back.",
        prevent: "Let DNS clean up stale records; keep names out of hosts files.",
        blind_spots: &[
            "a load balancer or a proxy has an address of its own, which is no server's",
            "what DNS answered at the time of the failures, and to that client",
        ],
        versions: "All supported versions.",
        sources: &["Microsoft: Kerberos generates KRB_AP_ERR_MODIFIED error"],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let works = |v: &View<'_>| v.endpoint.name_is_tied() && v.path.key_match == KeyMatch::Match;
    for (spn, views) in scene.by_spn(works) {
        let Some(first) = views.first() else { continue };
        let wrong = wrong_answers(scene, &views);
        let refused = refused_elsewhere(scene, &spn, &views);
        let mismatched = !scene.mismatches(&spn).is_empty();
        if !wrong.is_empty() || (!refused.is_empty() && mismatched) {
            out.findings
                .extend(finding(scene, &spn, &views, &wrong, &refused));
        } else if let Some(right) = right_answer(scene, &views) {
            out.rule_out(
                format!("DNS leads {} to its server", first.endpoint.name),
                &[right],
            );
        } else if mismatched {
            out.lack(Input::Dns(first.endpoint.name.clone()));
            out.lack(Input::SERVER_ADDRESSES);
        }
    }
    if scene.views.is_empty() {
        out.lack(Input::ApplicationHostConfig);
    }
    out
}

fn lookups<'a>(scene: &Scene<'a>, views: &[&View<'_>]) -> impl Iterator<Item = &'a NameLookup> {
    let name = views
        .first()
        .map(|v| v.endpoint.name.clone())
        .unwrap_or_default();
    scene.case.lookups.iter().filter(move |l| {
        l.asked.trim_end_matches('.').eq_ignore_ascii_case(&name) && !l.addresses.is_empty()
    })
}

/// Answers none of whose addresses is one of the name's servers, while all of those servers' addresses are shown.
fn wrong_answers<'a>(
    scene: &Scene<'a>,
    views: &[&View<'_>],
) -> Vec<(&'a NameLookup, Option<HostId>)> {
    let case = scene.case;
    let hosts: Vec<Option<HostId>> = views.iter().map(|v| v.endpoint.host).collect();
    let known = hosts
        .iter()
        .all(|h| h.is_some_and(|h| case.shows_addresses(h)));
    if !known {
        return Vec::new();
    }
    let is_right = |ip: &str| hosts.iter().flatten().any(|h| case.is_at(*h, ip));
    lookups(scene, views)
        .filter(|l| !l.addresses.iter().any(|a| is_right(&a.value)))
        .map(|l| {
            (
                l,
                l.addresses.iter().find_map(|a| case.machine_at(&a.value)),
            )
        })
        .collect()
}

fn right_answer(scene: &Scene<'_>, views: &[&View<'_>]) -> Option<Citation> {
    let hosts = || views.iter().filter_map(|v| v.endpoint.host);
    let mut answers = lookups(scene, views);
    let right = answers.find(|l| {
        l.addresses
            .iter()
            .any(|a| hosts().any(|h| scene.case.is_at(h, &a.value)))
    })?;
    right.addresses.first()?.from.first().cloned()
}

/// Kerberos event 4 for the name that names a known machine other than its servers.
fn refused_elsewhere(scene: &Scene<'_>, spn: &Spn, views: &[&View<'_>]) -> Vec<(HostId, Citation)> {
    let case = scene.case;
    let own: Vec<HostId> = views.iter().filter_map(|v| v.endpoint.host).collect();
    let told = case.pick(|b| match b {
        Body::KeyMismatch(e) => Some(e),
        _ => None,
    });
    told.filter(|(_, e)| {
        e.target_name
            .as_deref()
            .is_some_and(|t| Spn::new(t) == *spn)
    })
    .filter_map(|(event, e)| {
        let server = e.server.as_deref()?;
        let name = server.rsplit('/').next().unwrap_or(server);
        let host = case.hosts.find(split_name(name).1.trim_end_matches('$'))?;
        (!own.is_empty() && !own.contains(&host)).then(|| (host, event.citation.clone()))
    })
    .collect()
}

fn finding(
    scene: &Scene<'_>,
    spn: &Spn,
    views: &[&View<'_>],
    wrong: &[(&NameLookup, Option<HostId>)],
    refused: &[(HostId, Citation)],
) -> Option<Finding> {
    let case = scene.case;
    let first = views.first()?;
    let name = &first.endpoint.name;
    let server = &case.server(first.endpoint).label;
    let there = wrong
        .iter()
        .find_map(|(_, host)| *host)
        .or_else(|| refused.first().map(|(h, _)| *h));
    let there = there.map(|host| case.hosts.get(host).name.clone());
    let elsewhere = there
        .clone()
        .unwrap_or_else(|| "another address".to_owned());
    let subject = Subject {
        ..first.subject(case)
    };
    let mut finding = Finding::about(
        subject,
        format!(
            "{name} should lead to {server}, whose account holds {spn}. Clients are led to {elsewhere} instead: the ticket arrives where nobody has its key, and users are prompted and get 401.1."
        ),
    );
    for (lookup, host) in wrong.iter().take(3) {
        let at = lookup.addresses.first().map_or("", |a| a.value.as_str());
        let by = match lookup.source {
            Answered::HostsFile => "a hosts file",
            Answered::Cache => "a client's DNS cache",
            Answered::Server => "DNS",
        };
        let whose = host.map_or_else(
            || format!("none of {server}'s"),
            |h| format!("that of {}", case.hosts.get(h).name),
        );
        let from: Vec<Citation> = lookup
            .addresses
            .iter()
            .flat_map(|a| a.from.clone())
            .collect();
        finding = finding.structure(
            format!("{by} leads {name} to {at}, which is {whose}"),
            &few(from, 1),
        );
    }
    let mut machines: Vec<HostId> = refused.iter().map(|(host, _)| *host).collect();
    machines.sort_unstable();
    machines.dedup();
    for host in machines {
        let from: Vec<Citation> = refused
            .iter()
            .filter(|(h, _)| *h == host)
            .map(|(_, c)| c.clone())
            .collect();
        let says = format!(
            "{} refused tickets for {spn} {} (Kerberos event 4)",
            case.hosts.get(host).name,
            times(case.met(&from))
        );
        finding = finding.supporting(says, &few(from, 3));
    }
    if wrong.is_empty() {
        // What the field of event 4 means is not documented.
        finding = finding
            .or_else("MC-02", "the server's own password may be the wrong one")
            .lacks(Input::Dns(name.clone()));
        let told = scene.mismatches(spn).into_iter().map(|(id, _)| id);
        finding = finding.explains(told);
    } else {
        finding = finding.saw_mismatches(scene, spn);
        if may_stand_before(scene, wrong, refused) {
            finding = finding.or_else(
                "PRX-02",
                "the address may be that of a proxy or a load balancer before the server",
            );
        } else if finding.observed.is_empty() {
            finding = finding.at_most(Status::Likely);
        }
    }
    Some(finding.fix(remedy(name, server), Vec::new()))
}

/// Whether the machine that the name leads to may be meant to stand before the server. A line of a hosts file seldom means
/// one; a machine that refused tickets, or whose IIS is shown to pass nothing on, is none.
fn may_stand_before(
    scene: &Scene<'_>,
    wrong: &[(&NameLookup, Option<HostId>)],
    refused: &[(HostId, Citation)],
) -> bool {
    let passes_nothing_on = |host: HostId| {
        let here = scene.views.iter().map(|v| v.endpoint);
        let mut here = here.filter(|e| e.host == Some(host)).peekable();
        here.peek().is_some() && here.all(|e| !e.passes_on())
    };
    let is_none = |host: &Option<HostId>| match host {
        Some(host) => refused.iter().any(|(h, _)| h == host) || passes_nothing_on(*host),
        None => !refused.is_empty(),
    };
    let mut answers = wrong
        .iter()
        .filter(|(l, _)| l.source != Answered::HostsFile);
    answers.any(|(_, host)| !is_none(host))
}

fn remedy(name: &str, server: &str) -> Remedy {
    let fix = vec![
        Step::run(c::nslookup(name), format!("on a client that fails: see which address it gets for {name}; look into its hosts file too"))
            .stop_if("the address is that of a proxy or load balancer that is meant to stand there"),
        Step::by_hand(format!(
            "note the present record or line, then set it to the address of {server} (ipconfig there)"
        ))
        .risk("whoever means to reach the machine that it leads to now, under this name, does not any more"),
        Step::run(c::flush_dns(), "forget the old answer on the client; then close the browser and try again"),
        Step::run(c::klist_purge(), "purge the user's tickets"),
    ];
    Remedy::of(fix)
        .verify(vec![
            Step::run(c::nslookup(name), format!("must show the address of {server}")),
            Step::by_hand("the requests of that client are in the IIS log of the server, and its System log shows no new Kerberos event 4"),
        ])
        .rollback(vec![Step::by_hand("put the noted record or line back")])
        .prevent(CAUSE.page.prevent)
}
