//! NAME-08: DNS does not know the name that users type.

use crate::case::{LoggedSite, Spn};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, View};
use crate::evidence::Citation;
use crate::negotiate::{KeyMatch, Stage};
use crate::readers::nslookup::Answered;
use crate::remedy::commands as c;
use crate::remedy::{Remedy, Step};

/// NAME-08.
pub(crate) const CAUSE: Cause = Cause {
    id: "NAME-08",
    name: "name-without-dns-record",
    title: "DNS does not know the name: broadcast or a hosts file answers",
    stage: Stage::Request,
    page: Page {
        mechanism: "Nobody made a DNS record, and still the page opens: Windows asks the neighbourhood (LLMNR, NetBIOS), or a hosts file answers. What answers a broadcast can be another machine than the one that is meant, and differs from subnet to subnet; the browser has no full name to ask a ticket for and takes the short one. So one user gets Kerberos, the next NTLM, and a third is prompted because his ticket arrives at a stranger.",
        evidence: &[
            "nslookup <name>: Non-existent domain, while the page opens",
            "the hosts file of a client has the name",
            "8001, 4020 or 0x7 for HTTP/<short name>",
        ],
        look_alikes: &[
            LookAlike {
                cause: "NAME-05",
                told_apart_by: "there DNS has a record, and it is wrong",
            },
            LookAlike {
                cause: "SPN-10",
                told_apart_by: "there DNS knows the name, and only its short form lacks an SPN",
            },
        ],
        ruled_out_by: "DNS answers for the name, with the server's address.",
        fix: &[
            "Make a host record (A, AAAA) for the name in the zone of the domain.",
            "Take the name out of hosts files.",
            "Let users type the full name, and register that one.",
        ],
        verify: "nslookup <name> shows the server's address on every subnet; klist shows a ticket for the full name.",
        rollback: "Delete the record.",
        prevent: "A DNS record in the same change that creates binding and SPN; LLMNR and NetBIOS turned off by policy.",
        blind_spots: &[
            "which DNS server was asked: one outside the company does not know inner names",
        ],
        versions: "All supported versions.",
        sources: &["Microsoft: host name resolution order (reasoned from it)"],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    for (spn, views) in scene.by_spn(|v| v.endpoint.name_is_tied()) {
        let Some(first) = views.first() else { continue };
        let name = &first.endpoint.name;
        let asked = |l: &&crate::readers::nslookup::NameLookup| {
            l.asked.trim_end_matches('.').eq_ignore_ascii_case(name)
        };
        let answers: Vec<_> = scene.case.lookups.iter().filter(asked).collect();
        let unknown: Vec<Citation> = answers
            .iter()
            .filter(|l| l.not_found)
            .map(|l| l.from.clone())
            .collect();
        let known = answers
            .iter()
            .find(|l| !l.not_found && l.source != Answered::HostsFile);
        match known {
            Some(answer) => out.rule_out(
                format!("DNS knows {name}"),
                std::slice::from_ref(&answer.from),
            ),
            None if !unknown.is_empty() => {
                out.findings.extend(finding(scene, &spn, &views, unknown));
            }
            None if scene.fails(&spn) => out.lack(Input::Dns(name.clone())),
            None => {}
        }
    }
    if scene.views.is_empty() {
        out.lack(Input::ApplicationHostConfig);
    }
    out
}

fn finding(
    scene: &Scene<'_>,
    spn: &Spn,
    views: &[&View<'_>],
    unknown: Vec<Citation>,
) -> Option<Finding> {
    let case = scene.case;
    let first = views.first()?;
    let name = &first.endpoint.name;
    let in_hosts: Vec<Citation> = case
        .lookups
        .iter()
        .filter(|l| l.source == Answered::HostsFile && l.asked.eq_ignore_ascii_case(name))
        .map(|l| l.from.clone())
        .collect();
    let used = |site: &LoggedSite| {
        let of_site = site.site.as_deref() == Some(first.endpoint.site.as_str());
        of_site && site.host == first.endpoint.host && site.signed_in > 0
    };
    let mut finding = Finding::about(
        first.subject(case),
        format!(
            "DNS does not know {name}, under which users come. A broadcast or a hosts file answers instead, differently from client to client: tickets for {spn} are asked for by some, and may arrive at another machine."
        ),
    )
    .structure(format!("DNS has no record for {name}"), &few(unknown, 2))
    .structure(format!("a hosts file has {name}"), &few(in_hosts.clone(), 2));
    let used: Vec<Citation> = {
        let sites = case.logged_sites.iter().filter(|s| used(s));
        sites
            .flat_map(|s| s.exchanges.iter().take(1))
            .flat_map(|(_, e)| e.from.clone())
            .collect()
    };
    finding = finding.supporting("users come to the site all the same", &few(used, 1));
    let refused = scene.mismatches(spn);
    if first.path.key_match == KeyMatch::Match && !refused.is_empty() {
        finding = finding.saw(refused, |count| {
            format!("clients were told {count} that the ticket for {spn} cannot be opened, although the right account holds it")
        });
        finding = finding.at_most(Status::Likely);
    } else {
        // A name that DNS does not know may only have been asked of the wrong DNS server.
        finding = finding.at_most(Status::Possible);
    }
    if in_hosts.is_empty() {
        finding = finding.or_else(
            "NAME-05",
            "the DNS server that was asked may be the wrong one",
        );
    }
    let fix = vec![
        Step::run(
            c::nslookup(name),
            "on a client that fails: DNS does not know the name; see which DNS server answered",
        )
        .stop_if(
            "another DNS server of the company knows the name: then the client asks the wrong one",
        ),
        Step::by_hand(format!(
            "make a host record for {name} with the server's address, in the zone of the domain"
        )),
        Step::by_hand(format!("take {name} out of the hosts files of clients")),
        Step::run(
            c::flush_dns(),
            "forget old answers on the client, close the browser, try again",
        ),
    ];
    let remedy = Remedy::of(fix)
        .verify(vec![Step::run(
            c::nslookup(name),
            "must show the server's address",
        )])
        .rollback(vec![Step::by_hand("delete the record")])
        .prevent(CAUSE.page.prevent);
    Some(finding.fix(remedy, Vec::new()))
}
