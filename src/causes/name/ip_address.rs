//! NAME-01: the URL holds an IP address, so no ticket is asked for. NTLM is the design here, not a fault.

use std::collections::{BTreeMap, BTreeSet};

use crate::case::{LoggedSiteId, Meaning, Spn, SymptomKind, is_ip_literal};
use crate::causes::observations::{NAME_IS_IP, times};
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Subject, View,
};
use crate::evidence::Citation;
use crate::negotiate::{ClientName, Stage};
use crate::readers::events::Body;
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step};

/// NAME-01.
pub(crate) const CAUSE: Cause = Cause {
    id: "NAME-01",
    name: "url-is-ip-address",
    title: "The URL holds an IP address: NTLM by design",
    stage: Stage::ClientName,
    page: Page {
        mechanism: "Windows builds no SPN from an IP address unless the client is told to (TryIPSPN). No ticket is asked for, and Negotiate uses NTLM at once. This is how it is meant to work; it only becomes a fault where NTLM is blocked.",
        evidence: &[
            "NTLM/Operational of a client: 4020 with usage reason 7, 8001 for HTTP/<address>",
            "no Kerberos event 3 and no 4769 for the address",
            "applicationHost.config: a binding whose host name is an address",
            "IIS log with cs-host: sign-ins of two legs at an address",
        ],
        look_alikes: &[
            LookAlike {
                cause: "SPN-01",
                told_apart_by: "there a host name is used, and the KDC answers 0x7",
            },
            LookAlike {
                cause: "CFG-03",
                told_apart_by: "there IIS offers NTLM only, under every name",
            },
        ],
        ruled_out_by: "clients that use a host name.",
        fix: &[
            "Use a host name: correct the bookmark, script or probe, or redirect the address to the name.",
            "Only where that is impossible: set TryIPSPN on the clients and register HTTP/<address> on the account whose key opens tickets.",
        ],
        verify: "klist shows a ticket for HTTP/<name>; 4624 of type 3 shows Kerberos.",
        rollback: "None needed.",
        prevent: "Redirect requests by address to the host name.",
        blind_spots: &["clients with TryIPSPN set"],
        versions: "TryIPSPN since Windows 10 1507 and Server 2016.",
        sources: &[
            "Microsoft: Configuring Kerberos for IP addresses",
            "Microsoft: NTLM auditing enhancements (usage reasons)",
        ],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let logged = logged(scene);
    let mut addresses: Vec<String> = scene
        .case
        .symptoms
        .iter()
        .filter_map(|s| match &s.kind {
            SymptomKind::NtlmForName(key, _) => Some(Spn::new(key).host()),
            _ => None,
        })
        .chain(considered(scene).into_iter().map(|(address, _)| address))
        .chain(literal_views(scene).map(|v| v.endpoint.name.clone()))
        .chain(logged.keys().map(|(address, _)| address.clone()))
        .filter(|host| is_ip_literal(host))
        .collect();
    addresses.sort();
    addresses.dedup();
    for address in addresses {
        let logged = logged.iter().filter(|((of, _), _)| *of == address);
        let logged: Vec<_> = logged.map(|((_, site), calls)| (*site, calls)).collect();
        out.find(finding(scene, &address, &logged));
    }
    for view in scene.negotiating().filter(|v| v.endpoint.name_is_tied()) {
        out.rule_out(
            format!("{} is reached by name", view.endpoint.url()),
            std::slice::from_ref(&view.endpoint.binding),
        );
    }
    if scene.views.is_empty() {
        out.lack(Input::NtlmLog);
    }
    out
}

fn literal_views<'v, 'a>(scene: &'v Scene<'a>) -> impl Iterator<Item = &'v View<'a>> {
    scene
        .views
        .iter()
        .filter(|v| v.path.name == ClientName::IpLiteral)
}

/// Sign-ins that a log of IIS shows at an address.
#[derive(Default)]
struct Calls {
    count: u64,
    clients: BTreeSet<String>,
    from: Vec<Citation>,
}

/// Sign-ins of two legs at an address, by the address and the site: the log has the `Host` header where `cs-host` is on.
fn logged(scene: &Scene<'_>) -> BTreeMap<(String, LoggedSiteId), Calls> {
    let mut calls: BTreeMap<_, Calls> = BTreeMap::new();
    for (id, site) in (0..).map(LoggedSiteId).zip(&scene.case.logged_sites) {
        for (served, exchange, meaning) in site.read() {
            let host = served.host.as_deref().filter(|host| is_ip_literal(host));
            let (Some(host), Meaning::TwoLegs) = (host, meaning) else {
                continue;
            };
            let calls = calls.entry((host.to_owned(), id)).or_default();
            calls.count += exchange.count;
            calls.clients.insert(exchange.caller.client.to_string());
            calls.from.extend(exchange.from.first().cloned());
        }
    }
    calls
}

/// Addresses for which NTLM was considered (8001): on newer Windows it need not have been used (NZ-04).
fn considered(scene: &Scene<'_>) -> Vec<(String, Citation)> {
    scene
        .case
        .pick(|b| match b {
            Body::NtlmUse(e) if e.id == 8001 => e.target.as_deref(),
            _ => None,
        })
        .map(|(event, target)| (Spn::new(target), event))
        .filter(|(spn, _)| spn.has_class("HTTP"))
        .map(|(spn, event)| (spn.host(), event.citation.clone()))
        .collect()
}

fn finding(scene: &Scene<'_>, address: &str, logged: &[(LoggedSiteId, &Calls)]) -> Finding {
    let spn = Spn::http(address);
    let views: Vec<&View<'_>> = literal_views(scene)
        .filter(|v| v.endpoint.is_named(address))
        .collect();
    let subject = Subject {
        host_name: Some(address.to_owned()),
        ..views
            .first()
            .map(|v| v.subject(scene.case))
            .or_else(|| Some(of_site(scene, logged.first()?.0)))
            .unwrap_or_default()
    };
    let mut finding = Finding::about(
        subject,
        format!(
            "Users reach the server by its address {address}. No SPN is built from an address, so Negotiate uses NTLM at once: by design, not by a fault. A host name would give Kerberos."
        ),
    );
    for view in &views {
        finding = finding.structure(
            format!("{} is reached by an address", view.endpoint.url()),
            std::slice::from_ref(&view.endpoint.binding),
        );
    }
    finding = finding
        .saw_conclusive(scene.ntlm_for(&spn, NAME_IS_IP), |count| {
            format!("NTLM was used {count}, because the name of the target is an address")
        })
        .saw_ntlm(scene, &spn, &[None])
        .saw_logons_of_the_refused(scene, &spn, &views);
    for (site, calls) in logged {
        finding = signed_in_there(scene, finding, *site, calls);
    }
    let considered: Vec<Citation> = considered(scene)
        .into_iter()
        .filter(|(seen, _)| seen == address)
        .map(|(_, from)| from)
        .take(2)
        .collect();
    finding = finding.supporting(
        format!("a client considered NTLM towards {spn}"),
        &considered,
    );
    if views.is_empty() && scene.ntlm_for(&spn, NAME_IS_IP).is_empty() {
        // A log names no scheme; and without one nothing ties the address to a server of the bundle.
        finding = finding.at_most(match logged.is_empty() {
            true => Status::Possible,
            false => Status::Likely,
        });
    }
    let mut fix = vec![Step::by_hand(
        "use the site's host name instead of the address: correct the bookmark, script or probe, or redirect the address to the name",
    )];
    fix.extend(p::purge_and_retest());
    let verify = Step::by_hand(
        "klist shows a ticket for HTTP/<name>, and 4624 of type 3 on the web server shows Kerberos",
    );
    let remedy = Remedy::of(fix)
        .verify(vec![verify])
        .prevent(CAUSE.page.prevent);
    let with_address = Step::by_hand(
        "only where a name is impossible: set TryIPSPN on the clients and register HTTP/<address> on the account whose key opens tickets",
    )
    .risk("every client needs the setting, and the registration has to follow the address");
    finding
        .fix(remedy, Vec::new())
        .fix(Remedy::of(vec![with_address]), Vec::new())
}

/// The site of a log, as the subject of a finding.
fn of_site(scene: &Scene<'_>, site: LoggedSiteId) -> Subject {
    let logged = scene.case.logged_site(site);
    let host = logged.and_then(|l| l.host);
    Subject {
        site: logged.and_then(|l| l.site.clone()),
        host: host.map(|host| scene.case.hosts.get(host).name.clone()),
        ..Subject::default()
    }
}

/// What the log shows, and the NTLM of the same callers that it explains.
fn signed_in_there(
    scene: &Scene<'_>,
    finding: Finding,
    site: LoggedSiteId,
    calls: &Calls,
) -> Finding {
    let host = scene.case.logged_site(site).and_then(|l| l.host);
    let explained = scene.case.numbered_symptoms().filter(|(_, symptom)| {
        let there = match &symptom.kind {
            SymptomKind::NtlmByLegs(of) => *of == site,
            SymptomKind::NtlmLogons(of) => Some(*of) == host,
            _ => false,
        };
        there && !symptom.clients.is_empty() && symptom.clients.is_subset(&calls.clients)
    });
    let count = times(calls.count);
    finding
        .observed(
            format!("the IIS log shows {count} a sign-in at the address in two legs, as with NTLM"),
            &few(calls.from.clone(), 3),
        )
        .explains(explained.map(|(id, _)| id))
}
