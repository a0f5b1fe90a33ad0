//! NAME-11: the name has several addresses, of servers that open tickets with different accounts.

use crate::causes::scene::few;
use crate::causes::spn::share;
use crate::causes::{
    Assessment, Cause, Finding, Input, LookAlike, Mismatch, Page, Scene, Subject, View,
};
use crate::evidence::Citation;
use crate::negotiate::{Stage, acceptor_citations};

/// NAME-11.
pub(crate) const CAUSE: Cause = Cause {
    id: "NAME-11",
    name: "addresses-of-different-accounts",
    title: "The name leads to servers in several places that open tickets with different accounts",
    stage: Stage::Request,
    page: Page {
        mechanism: "A global load balancer, or several host records, give one name the addresses of two data centres. The SPN can be on one account only, and the servers of the other place run in another domain or under another account: whoever DNS sends there is prompted and gets 401.1, with the very ticket that works in the first place. After a switch-over everybody is hit at once.",
        evidence: &[
            "nslookup <name>: several addresses, or another one at another time or place",
            "klist: the same ticket (one holder) on clients that work and on clients that fail",
            "the configurations of both places: different domains or pool accounts",
            "Kerberos event 4, only on clients that were sent to one of the addresses",
        ],
        look_alikes: &[
            LookAlike {
                cause: "SPN-12",
                told_apart_by: "there all servers are in one domain and open tickets with their computer accounts",
            },
            LookAlike {
                cause: "CFG-15",
                told_apart_by: "there the servers are meant to be alike, and one differs by mistake",
            },
            LookAlike {
                cause: "NAME-05",
                told_apart_by: "there one address is simply wrong",
            },
        ],
        ruled_out_by: "every address belongs to servers that open tickets with one account.",
        fix: &[
            "Let one account open the tickets in all places: a domain account that all servers can use, best a gMSA of one domain.",
            "Where that cannot be (two domains without a shared account): a name of its own for each place, with its own SPN, and the choice above it by redirect.",
            "Replicate, purge tickets, test every address by a hosts file.",
        ],
        verify: "Through a hosts file, each address in turn: 4624 of type 3 shows Kerberos on the server.",
        rollback: "Take the other place's address out of DNS.",
        prevent: "Include Kerberos in every switch-over test.",
        blind_spots: &[
            "what a global load balancer answered at other times",
            "servers of the other place that are not in the bundle",
        ],
        versions: "All supported versions.",
        sources: &["Microsoft: Kerberos in web farms (reasoned from it)"],
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
        |v: &View<'_>| v.endpoint.name_is_tied() && v.mismatch == Some(Mismatch::OtherAddress);
    for (_, views) in scene.by_spn(claimed) {
        out.findings.extend(finding(scene, &views));
    }
    for (spn, views) in scene.by_spn(|v| v.endpoint.name_is_tied() && v.path.answer.is_some()) {
        if let Some((says, from)) = scene.one_acceptor_everywhere(&spn, &views) {
            out.rule_out(says, &from);
        }
    }
    for view in scene
        .negotiating()
        .filter(|v| v.is_mismatch() && v.endpoint.name.contains('.'))
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
    let answers = case
        .lookups
        .iter()
        .filter(|l| l.asked.trim_end_matches('.').eq_ignore_ascii_case(name));
    let answers: Vec<Citation> = answers
        .flat_map(|l| &l.addresses)
        .flat_map(|a| a.from.clone())
        .collect();
    let subject = Subject {
        account: Some(owner.to_owned()),
        ..first.subject(case)
    };
    let mut finding = Finding::about(
        subject,
        format!(
            "{name} leads to servers in several places. {spn} is on {owner}, which opens tickets in one of them; {} opens them with {}: whoever is sent there is prompted and gets 401.1.",
            case.server(first.endpoint).label,
            first.acceptor_shown(case)
        ),
    )
    .structure(format!("{spn} is registered on {owner}"), &few(holder.from.clone(), 2))
    .structure(format!("DNS gives {name} several addresses"), &few(answers, 3));
    for view in views {
        finding = finding.structure(
            format!(
                "{} on {} accepts tickets with {}",
                view.endpoint.location(),
                case.server(view.endpoint).label,
                view.acceptor_shown(case)
            ),
            &acceptor_citations(view.endpoint),
        );
    }
    finding.structure.dedup();
    let finding = finding.saw_mismatches(scene, spn).saw_tickets(scene, spn);
    Some(share(
        scene,
        finding,
        spn,
        &[holder.account],
        views,
        CAUSE.page.prevent,
    ))
}
