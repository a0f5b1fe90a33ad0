//! DG-05: delegation is set up on one of pool account and computer account, and the other opens the tickets.

use super::every_hop;
use super::hop::SecondHop;
use super::repair::{add_to_the_list, cmdlet, note, verify};
use crate::case::{AccountId, PoolIdentity};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, LookAlike, Page, Scene, Status, View};
use crate::evidence::Citation;
use crate::negotiate::{Acceptor, Delegation, Stage, acceptor_citations, delegation};
use crate::remedy::procedures as p;
use crate::remedy::{Change, Remedy, Step, Switch, commands as c};

/// DG-05.
pub(crate) const CAUSE: Cause = Cause {
    id: "DG-05",
    name: "delegation-on-wrong-account",
    title: "Delegation is set up on an account that does not open the users' tickets",
    stage: Stage::SecondHop,
    page: Page {
        mechanism: "To pass a user on, an account has to show the KDC the user's ticket for itself. Only the account whose key opens tickets at the front end has one. In kernel mode, as installed, that is the computer account, whoever the pool runs as: a list of services on the pool's account then serves nobody, and the KDC refuses (0xD), though every tool shows a list with the right SPN. It is the same the other way round: with useAppPoolCredentials or without kernel mode the pool's account opens the tickets, and a list on the computer account serves nobody. Delegation follows the acceptor.",
        evidence: &[
            "applicationHost.config: useKernelMode, useAppPoolCredentials and the pool's identity, which say whose key opens tickets",
            "listing of the pool's account and of the computer account: which of them has msDS-AllowedToDelegateTo with the back end's SPN",
            "System log of the web server, or 4769 on a domain controller: 0xD for that SPN",
        ],
        look_alikes: &[
            LookAlike {
                cause: "DG-04",
                told_apart_by: "there neither account has the SPN on its list",
            },
            LookAlike {
                cause: "DG-07",
                told_apart_by: "there the back end's account names principals, and the wrong one",
            },
            LookAlike {
                cause: "SPN-05",
                told_apart_by: "there the front end's own tickets cannot be opened, and users do not get in at all",
            },
        ],
        ruled_out_by: "the list standing on the account whose key opens the tickets.",
        fix: &[
            "Where the pool's account holds the site's SPN or may get it: let it open the tickets (useAppPoolCredentials true, after checking who holds the SPN).",
            "Otherwise move the list to the computer account.",
        ],
        verify: "4769 with status 0x0 and the acceptor's account under transmitted services; the page works.",
        rollback: "Set useAppPoolCredentials back and recycle the pool; write the former lists back.",
        prevent: "One rule for every site: who opens the tickets holds the SPN and has the list.",
        blind_spots: &[
            "an application that logs users on for itself (protocol transition in its code) uses the pool's account, whoever opens tickets",
        ],
        versions: "IIS 7.0 and later.",
        sources: &[
            "Microsoft: MS-SFU 3.1.5.2.1, the additional ticket is the user's ticket to the service that asks",
            "Microsoft: Troubleshoot Kerberos failures in Internet Explorer (kernel mode and useAppPoolCredentials)",
        ],
    },
    assess,
};

/// The other account of the front end that has what the right one lacks, with the endpoint that shows it.
pub(super) fn other<'s, 'a>(
    scene: &Scene<'a>,
    hop: &SecondHop<'s, 'a>,
) -> Option<(&'s View<'a>, AccountId, Delegation)> {
    let target = hop.target.as_ref()?;
    let account = hop.account?;
    hop.views.iter().find_map(|view| {
        let other = counterpart(scene, view)?;
        let ways = delegation(scene.case, other, Some(target), hop.holder);
        let by_list = ways.listed.is_true() || ways.any_service.is_true();
        (!scene.same(other, account) && by_list).then_some((*view, other, ways))
    })
}

/// The one of pool account and computer account that does not open tickets.
fn counterpart(scene: &Scene<'_>, view: &View<'_>) -> Option<AccountId> {
    let case = scene.case;
    match (view.acceptor()?, &view.endpoint.pool.as_ref()?.identity) {
        (Acceptor::Machine, PoolIdentity::Domain(id) | PoolIdentity::Managed(id)) => Some(*id),
        (Acceptor::Account(_), _) => Some(case.hosts.get(view.endpoint.host?).machine),
        _ => None,
    }
}

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    every_hop(scene, &mut out, |hop, out| {
        if hop.ways.is_allowed() {
            let from = hop.ways.listed.present().map(|l| l.from.clone());
            out.rule_out(
                format!(
                    "{}, whose key opens the tickets, has what the second hop needs",
                    hop.account_shown(scene)
                ),
                &few(from.unwrap_or_default(), 1),
            );
            return;
        }
        match other(scene, hop) {
            Some((view, other, ways)) => out.find(finding(scene, hop, view, other, &ways)),
            None => {
                for view in &hop.views {
                    let Some(other) = counterpart(scene, view) else {
                        continue;
                    };
                    let listed = scene.case.shown_of(other, |object| &object.delegates_to);
                    if listed.is_unknown() {
                        out.lack(super::delegation_of(scene, other));
                    }
                }
            }
        }
    });
    out
}

fn finding(
    scene: &Scene<'_>,
    hop: &SecondHop<'_, '_>,
    view: &View<'_>,
    other: AccountId,
    ways: &Delegation,
) -> Finding {
    let case = scene.case;
    let (opens, has) = (hop.account_shown(scene), scene.shown(other).to_owned());
    let target = hop.shown(case);
    let location = view.endpoint.location();
    let listed: Vec<Citation> = [&ways.listed, &ways.any_service]
        .into_iter()
        .filter(|way| way.is_true())
        .flat_map(|way| way.present().map(|w| w.from.clone()).unwrap_or_default())
        .collect();
    let mut finding = hop
        .finding(
            scene,
            format!(
                "{has} may delegate to {target}, and it does not open the users' tickets at {location}: {opens} does ({}). Only the account that opens a user's ticket can pass the user on, so the KDC refuses. Delegation follows the acceptor.",
                view.path.rule.as_ref().map_or("", |rule| rule.because)
            ),
        )
        .structure(
            format!("{opens} opens tickets at {location}"),
            &acceptor_citations(view.endpoint),
        )
        .structure(format!("{has} may delegate to {target}"), &few(listed, 2));
    if hop.ways.own_ways_are_shut() {
        finding = finding.structure(
            format!("{opens} may not"),
            &few(super::none_configured::shut(hop), 2),
        );
    } else {
        finding = finding
            .lacks(match hop.account {
                Some(account) => super::delegation_of(scene, account),
                None => super::holder_of(hop),
            })
            .at_most(Status::Likely);
    }
    if ways.any_protocol.is_true() {
        finding = finding.or_else(
            "DG-10",
            "the application may log users on for itself as that account, and fail for another reason",
        );
    }
    repair(scene, hop, view, other, finding)
}

fn repair(
    scene: &Scene<'_>,
    hop: &SecondHop<'_, '_>,
    view: &View<'_>,
    other: AccountId,
    finding: Finding,
) -> Finding {
    let target = hop.shown(scene.case);
    let pool_lists = matches!(view.acceptor(), Some(Acceptor::Machine));
    let location = view.endpoint.location();
    let mut finding = finding;
    // Only where the pool's account holds the site's name: else its users would no longer get in.
    let holds_the_name = view.holder().is_some_and(|h| scene.same(h.account, other));
    if pool_lists && holds_the_name {
        let mut fix = p::accept_with_pool(&location, view.pool_name());
        fix.extend(p::purge_and_retest());
        let remedy = Remedy::of(fix)
            .verify(verify(&target))
            .rollback(p::stop_accepting_with_pool(&location, view.pool_name()))
            .prevent(CAUSE.page.prevent);
        let change = Change::Set(
            view.endpoint.server,
            location,
            Switch::UseAppPoolCredentials(true),
        );
        finding = finding.fix(remedy, vec![change]);
    }
    if let Some(remedy) = add_to_the_list(scene, hop) {
        let (kind, name) = cmdlet(scene, other);
        let mut remedy = remedy.prevent(CAUSE.page.prevent);
        remedy.fix.insert(0, note(scene, other));
        remedy.fix.push(
            Step::run(
                c::change_delegation_list(kind, &name, &target, false),
                format!("once it works, take {target} off the list of {name}"),
            )
            .stop_if("another application delegates as that account: leave it"),
        );
        finding = finding.fix(remedy, Vec::new());
    }
    finding
}
