//! SPN-22: the SPN is on the machine before the web server, and the web server opens the tickets; or the other way round.

use super::repair::move_to_acceptor;
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Finding, Input, LookAlike, Mismatch, Page, Scene, Subject, View,
};
use crate::evidence::Citation;
use crate::negotiate::{Stage, acceptor_citations};

/// SPN-22.
pub(crate) const CAUSE: Cause = Cause {
    id: "SPN-22",
    name: "spn-on-the-wrong-hop",
    title: "The SPN is on the proxy, and the web server behind it opens the tickets",
    stage: Stage::Accept,
    page: Page {
        mechanism: "A proxy, gateway or load balancer stands before IIS, and users type its name. A ticket must be sealed for whoever challenges: where the proxy hands requests through untouched, that is the web server behind it, and the name belongs on the account that opens tickets there. Registered on the proxy's computer account (or covered by it, where users type the proxy's own name), tickets are sealed for the proxy and arrive at a server that cannot open them: KRB_AP_ERR_MODIFIED, a prompt, 401.1. Where the proxy signs users in itself, it is the other way round.",
        evidence: &[
            "nslookup <name>: the address of the proxy, not of the web server",
            "setspn -F -Q HTTP/<name>: the proxy's computer account, while the web server's configuration has the name and its account opens the tickets",
            "Kerberos event 4 on clients, for HTTP/<name>",
            "IIS log of the web server: the proxy as the only client",
        ],
        look_alikes: &[
            LookAlike {
                cause: "SPN-12",
                told_apart_by: "there the servers stand side by side, and each answers to the name",
            },
            LookAlike {
                cause: "NAME-05",
                told_apart_by: "there the name should lead to the web server and leads elsewhere by mistake",
            },
            LookAlike {
                cause: "PRX-02",
                told_apart_by: "there the proxy breaks the handshake itself",
            },
        ],
        ruled_out_by: "the holder is the account of the machine whose 401 carries WWW-Authenticate: Negotiate.",
        fix: &[
            "Draw who challenges: ask for the page without credentials, and see which machine's log has the 401.",
            "Proxy hands through: move HTTP/<name> from the proxy's account to the one that opens tickets on the web server; with several servers, one shared account for all.",
            "Proxy signs in: leave the SPN on its account, and give it the right to act for users towards the web server (constrained delegation).",
            "Replicate, purge the users' tickets, try again.",
        ],
        verify: "klist get HTTP/<name> succeeds; through the proxy, a 4624 of type 3 with Kerberos on the machine that challenges.",
        rollback: "Move the SPN back.",
        prevent: "Write down for every published name which hop signs users in.",
        blind_spots: &[
            "what a proxy that is no Windows machine does",
            "names that DNS answers differently for other clients",
        ],
        versions: "All supported versions.",
        sources: &["Microsoft: Kerberos behind ARR and other reverse proxies"],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    if !scene.has_config() {
        out.lack(Input::ApplicationHostConfig);
        return out;
    }
    let claimed =
        |v: &View<'_>| v.endpoint.name_is_tied() && v.mismatch == Some(Mismatch::FrontEnd);
    for (_, views) in scene.by_spn(claimed) {
        out.findings.extend(finding(scene, &views));
    }
    out.rule_out_matching(scene);
    for view in scene
        .negotiating()
        .filter(|v| v.endpoint.name.contains('.') && v.is_mismatch())
    {
        out.lack(Input::Dns(view.endpoint.name.clone()));
    }
    out
}

fn finding(scene: &Scene<'_>, views: &[&View<'_>]) -> Option<Finding> {
    let case = scene.case;
    let first = views.first()?;
    let (spn, holder) = (first.spn()?, first.holder()?);
    let owner = scene.shown(holder.account);
    let name = &first.endpoint.name;
    let server = &case.server(first.endpoint).label;
    let subject = Subject {
        account: Some(owner.to_owned()),
        ..first.subject(case)
    };
    let answers = case
        .lookups
        .iter()
        .filter(|l| l.asked.trim_end_matches('.').eq_ignore_ascii_case(name));
    let answers: Vec<Citation> = answers
        .flat_map(|l| &l.addresses)
        .flat_map(|a| a.from.clone())
        .collect();
    let mut finding = Finding::about(
        subject,
        format!(
            "Clients who type {name} reach the machine of {owner}, which holds {spn}. The request is answered by {server} behind it, which opens tickets with {}: users are prompted and get 401.1.",
            first.acceptor_shown(case)
        ),
    )
    .structure(format!("{spn} is registered on {owner}"), &few(holder.from.clone(), 2))
    .structure(format!("DNS leads {name} to the machine of {owner} and not to {server}"), &few(answers, 2));
    for view in views {
        finding = finding.structure(
            format!(
                "{} accepts tickets with {}",
                view.endpoint.location(),
                view.acceptor_shown(case)
            ),
            &acceptor_citations(view.endpoint),
        );
    }
    finding.structure.dedup();
    let host = first.endpoint.host;
    if !host.is_some_and(|host| case.shows_addresses(host)) {
        // The name may lead to the web server as well.
        finding = finding.lacks(Input::SERVER_ADDRESSES);
    }
    let finding = finding.saw_mismatches(scene, spn).saw_tickets(scene, spn);
    Some(move_to_acceptor(
        scene,
        finding,
        spn,
        &[holder.account],
        views,
        CAUSE.page.prevent,
    ))
}
