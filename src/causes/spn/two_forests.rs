//! SPN-15: the same SPN is registered in two forests, and clients get the ticket of the wrong one.

use crate::case::{AccountId, Holder, Sameness, Spn};
use crate::causes::scene::few;
use crate::causes::{
    Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Subject, View,
};
use crate::evidence::Citation;
use crate::negotiate::Stage;
use crate::readers::events::Body;
use crate::readers::setspn::Scope;
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step};

/// SPN-15.
pub(crate) const CAUSE: Cause = Cause {
    id: "SPN-15",
    name: "spn-in-two-forests",
    title: "The SPN stands in two forests, and the users' own forest answers first",
    stage: Stage::Accept,
    page: Page {
        mechanism: "Users of one forest call a site in another, over a forest trust. Their KDC looks in its own forest first. Where the name stands there too, left over from before a migration, it never asks the other forest: it seals a ticket for the local account, which the web server far away cannot open. Users of the server's forest get in, users of the trusted one are prompted. No tool calls it a duplicate, because a duplicate is within one forest.",
        evidence: &[
            "setspn -T <each forest> -Q HTTP/<name>: a holder in both",
            "Security log of a domain controller of the users' forest: 4769 with status 0x0 and its own account as ServiceName",
            "klist of such a user: the ticket is of the users' realm, and there is no krbtgt/<other forest>",
            "Kerberos event 4 on clients of that forest alone",
        ],
        look_alikes: &[
            LookAlike {
                cause: "TR-02",
                told_apart_by: "there the users' forest has no such SPN, and does not know that the other one has it: 0x7 and NTLM",
            },
            LookAlike {
                cause: "SPN-02",
                told_apart_by: "there both holders are in one forest, and nobody gets a ticket",
            },
            LookAlike {
                cause: "SPN-21",
                told_apart_by: "there the holders are of one forest and have one name",
            },
        ],
        ruled_out_by: "one holder in all forests of the users.",
        fix: &[
            "Make sure that nothing in the users' forest still serves under this name.",
            "Remove the SPN from the account of the users' forest.",
            "See that the trust routes the name's suffix (TR-02), or users fall back to NTLM instead.",
            "Replicate, purge the users' tickets, try again.",
        ],
        verify: "klist of a user of the trusted forest shows krbtgt/<resource realm> and HTTP/<name> @ <resource realm>.",
        rollback: "Register the SPN in the users' forest again.",
        prevent: "Query every trusted forest before and after a migration (setspn -T * -F -X covers what it can reach).",
        blind_spots: &["forests whose directory is not in the bundle"],
        versions: "Forests with a trust.",
        sources: &[
            "Microsoft: setspn reference (-T, -F); the order of lookup is reasoned from the protocol",
        ],
    },
    assess,
};

/// Whether the holder of an endpoint's name is of another forest than its server, and nobody looked for the name there: it may
/// be held in both.
pub(super) fn is_open(scene: &Scene<'_>, view: &View<'_>, holder: AccountId) -> bool {
    let case = scene.case;
    let server = view.endpoint.host.map(|h| case.hosts.get(h).machine);
    server.zip(view.spn()).is_some_and(|(server, spn)| {
        let directory = &case.situation.directory;
        !case.accounts.may_share_forest(holder, server)
            && !directory.is_searched_at(spn, server, &case.accounts)
    })
}

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    if !scene.has_config() {
        out.lack(Input::ApplicationHostConfig);
        return out;
    }
    let case = scene.case;
    for (spn, views) in scene.by_spn(|v| v.endpoint.name_is_tied() && v.path.answer.is_some()) {
        let Some(acceptor) = scene.one_acceptor(&views) else {
            continue;
        };
        let holders = case.situation.directory.holders(&spn, &case.accounts).shown;
        let (right, wrong): (Vec<&Holder>, Vec<&Holder>) = holders
            .iter()
            .partition(|h| case.accounts.compare(h.account, acceptor) == Sameness::Same);
        let foreign = wrong.into_iter().find(|h| {
            !case
                .accounts
                .may_share_forest(h.account, acceptor_of(&right, acceptor))
                && !right
                    .iter()
                    .any(|r| in_one_forest(scene, h.account, r.account))
        });
        if let Some(foreign) = foreign {
            out.findings
                .extend(finding(scene, &spn, &views, &right, foreign));
        }
        let stranger = |v: &View<'_>| holders.iter().any(|h| is_open(scene, v, h.account));
        if right.is_empty() && views.iter().any(|v| stranger(v)) {
            out.lack(Input::SpnQueryAtServer(spn.to_string()));
        }
    }
    let trusts = scene.case.machines.values().flat_map(|m| &m.facts);
    let trusts = trusts
        .filter(|f| matches!(f.fact, crate::readers::machine::Fact::Trust { .. }))
        .count();
    let (other, same) = realms(scene);
    if trusts > 0 || other {
        out.lack(Input::Stated {
            what: "who holds the SPN in the forest of the users (run it there, with the name of the site)",
            collect_with: "setspn -T <forest of the users> -F -Q HTTP/<name>",
        });
    } else if same && out.findings.is_empty() {
        out.rule_out_matching(scene);
    }
    out
}

/// Whether one search of one forest printed both accounts: its domains need not have the end of their names in common.
fn in_one_forest(scene: &Scene<'_>, a: AccountId, b: AccountId) -> bool {
    let dn = |id| scene.case.accounts.get(id).dn.as_deref();
    let (Some(a), Some(b)) = (dn(a), dn(b)) else {
        return false;
    };
    scene.case.setspn_runs.iter().any(|run| {
        let printed = |dn: &str| {
            run.holders
                .iter()
                .any(|h| h.dn.value.eq_ignore_ascii_case(dn))
        };
        matches!(run.scopes.as_slice(), [Scope::Forest(_)]) && printed(a) && printed(b)
    })
}

/// Whether clients that were told of a ticket that cannot be opened are shown to be of another domain than the holder of a
/// matching name, and whether any is shown to be of the same.
fn realms(scene: &Scene<'_>) -> (bool, bool) {
    let case = scene.case;
    let (mut other, mut same) = (false, false);
    for (_, e) in case.pick(|b| match b {
        Body::KeyMismatch(e) => Some(e),
        _ => None,
    }) {
        let (Some(realm), Some(target)) = (&e.client_realm, &e.target_name) else {
            continue;
        };
        let (realm, spn) = (realm.to_lowercase(), Spn::new(target));
        let mut asked = scene.negotiating().filter(|v| v.spn() == Some(&spn));
        let Some(holder) = asked.find_map(|v| v.holder()) else {
            continue;
        };
        let domain = case.accounts.get(holder.account).domain.as_deref();
        match case.accounts.same_domain(Some(&realm), domain) {
            Sameness::Same => same = true,
            _ => other = true,
        }
    }
    (other, same)
}

fn acceptor_of(right: &[&Holder], acceptor: AccountId) -> AccountId {
    right.first().map_or(acceptor, |h| h.account)
}

fn finding(
    scene: &Scene<'_>,
    spn: &Spn,
    views: &[&View<'_>],
    right: &[&Holder],
    foreign: &Holder,
) -> Option<Finding> {
    let case = scene.case;
    let first = views.first()?;
    let owner = scene.shown(foreign.account);
    let forest = case.accounts.get(foreign.account).domain.clone()?;
    let subject = Subject {
        account: Some(owner.to_owned()),
        ..first.subject(case)
    };
    let mut finding = Finding::about(
        subject,
        format!(
            "{spn} is held in two forests: rightly for {}, and left over on {owner} in {forest}. A KDC of {forest} answers from its own forest first: its users get tickets for {owner}, which the web server cannot open, and are prompted. Others get in.",
            first.acceptor_shown(case)
        ),
    )
    .structure(format!("{spn} is registered on {owner} in {forest}"), &few(foreign.from.clone(), 2));
    for holder in right {
        finding = finding.structure(
            format!("{spn} is registered on {} too", scene.shown(holder.account)),
            &few(holder.from.clone(), 2),
        );
    }
    let from_there = |realm: &str| {
        let realm = realm.to_lowercase();
        case.accounts.same_domain(Some(&realm), Some(&forest)) == Sameness::Same
    };
    let refused: Vec<Citation> = case
        .pick(|b| match b {
            Body::KeyMismatch(e) => Some(e),
            _ => None,
        })
        .filter(|(_, e)| {
            e.target_name
                .as_deref()
                .is_some_and(|t| Spn::new(t) == *spn)
                && e.client_realm.as_deref().is_some_and(from_there)
        })
        .map(|(event, _)| event.citation.clone())
        .collect();
    let issued: Vec<Citation> = case
        .pick(|b| match b {
            Body::ServiceTicketRequest(e) if e.status == Some(0) => e.service_name.as_deref(),
            _ => None,
        })
        .filter(|(event, name)| {
            let there = event
                .computer
                .split_once('.')
                .is_some_and(|(_, domain)| from_there(domain));
            there && case.accounts.is_named(foreign.account, name, Some(&forest)) == Sameness::Same
        })
        .map(|(event, _)| event.citation.clone())
        .collect();
    let seen = !refused.is_empty() && !issued.is_empty();
    finding = finding
        .observed(
            format!("clients of {forest} were told that the ticket cannot be opened"),
            &few(refused.clone(), 3),
        )
        .supporting(
            format!("a domain controller of {forest} issued tickets for {owner}"),
            &few(issued, 2),
        );
    if !seen {
        // That the users' forest answers first is reasoned; both sides of it seen make it sure.
        finding = finding.at_most(Status::Likely);
    }
    if !refused.is_empty() {
        finding = finding.explains(scene.mismatches(spn).into_iter().map(|(id, _)| id));
    }
    let name = scene.command_name(foreign.account);
    let mut fix = p::snapshot(spn.as_str(), &[]);
    fix.push(Step::by_hand(format!(
        "make sure that nothing in {forest} still serves under {}",
        spn.host()
    )));
    fix.extend(p::take_spn(spn.as_str(), &name, owner));
    fix.push(p::replicate());
    fix.extend(p::purge_and_retest());
    let remedy = Remedy::of(fix)
        .verify(vec![Step::by_hand(format!(
            "klist of a user of {forest} must show krbtgt of the other forest and {spn} of its realm"
        ))])
        .rollback(vec![Step::by_hand(format!("register {spn} on {name} again, from {forest}"))])
        .prevent(CAUSE.page.prevent);
    Some(finding.fix(remedy, Vec::new()))
}
