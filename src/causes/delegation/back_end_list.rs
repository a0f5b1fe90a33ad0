//! DG-07: the back end's account names who may pass users on to it, and not the front end's account.

use super::every_hop;
use super::hop::SecondHop;
use super::repair::repaired;
use crate::case::PoolIdentity;
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, LookAlike, Page, Scene, Status};
use crate::evidence::Known;
use crate::negotiate::{Stage, is_account, is_known_account};
use crate::readers::directory::Values;

/// DG-07.
pub(crate) const CAUSE: Cause = Cause {
    id: "DG-07",
    name: "back-end-does-not-name-front-end",
    title: "The back end's account lets others pass users on to it, and not this web server",
    stage: Stage::SecondHop,
    page: Page {
        mechanism: "With resource-based constrained delegation the account that holds the back end's SPN keeps a list of the accounts that may bring users (msDS-AllowedToActOnBehalfOfOtherIdentity, shown by PowerShell as PrincipalsAllowedToDelegateToAccount). The KDC looks there for the account that asks: the one whose key opened the user's ticket at the front end. A list with the pool's account does not help while the computer account opens the tickets, nor one with WEB01 when the users come to WEB02, nor one on the server's computer account when the service runs as an account of its own and that account holds the SPN.",
        evidence: &[
            "listing of the account that holds the back end's SPN: PrincipalsAllowedToDelegateToAccount without the front end's account",
            "applicationHost.config of the front end: whose key opens tickets",
            "Kerberos event 3 or 4769 with 0xD for the back end's SPN, or ANONYMOUS LOGON at the back end",
        ],
        look_alikes: &[
            LookAlike {
                cause: "DG-04",
                told_apart_by: "there the front end's account has a list of its own, and the back end names nobody",
            },
            LookAlike {
                cause: "DG-01",
                told_apart_by: "there nobody is named anywhere",
            },
            LookAlike {
                cause: "DG-02",
                told_apart_by: "there the front end is named, and only some users fail",
            },
        ],
        ruled_out_by: "the front end's account, or a group that it is in, among the principals.",
        fix: &[
            "Note the principals that are named now.",
            "Write the list anew with them and the account that opens tickets at the front end.",
        ],
        verify: "4769 with status 0x0 and the front end's account under transmitted services; the page works.",
        rollback: "Write the former list back.",
        prevent: "Name a group of front ends instead of single machines, and put each new node into it before it serves users.",
        blind_spots: &["who is in a group that is named there is in no listing of the account"],
        versions: "Windows Server 2012 and later.",
        sources: &[
            "Microsoft: MS-SFU 3.2.5.2.2, resource-based constrained delegation",
            "Microsoft: Kerberos constrained delegation overview",
        ],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    every_hop(scene, &mut out, |hop, out| {
        if hop.account.is_none() || hop.ways.any_service.is_true() || hop.ways.listed.is_true() {
            return;
        }
        match &hop.ways.named {
            Known::Present(_) if hop.ways.named_by_holder.is_true() => {
                let from = hop.ways.named_by_holder.present();
                out.rule_out(
                    format!("the back end names {}", hop.account_shown(scene)),
                    &few(from.map(|f| f.from.clone()).unwrap_or_default(), 1),
                );
            }
            Known::Present(named) if named.complete => out.find(finding(scene, hop, named)),
            Known::Absent(_) => {}
            _ => match hop.holder {
                Some(holder) => out.lack(super::delegation_of(scene, holder)),
                None => out.lack(super::holder_of(hop)),
            },
        }
    });
    out
}

fn finding(scene: &Scene<'_>, hop: &SecondHop<'_, '_>, named: &Values) -> Finding {
    let case = scene.case;
    let (account, target) = (hop.account_shown(scene), hop.shown(case));
    let holder = hop
        .holder
        .map_or(String::new(), |id| scene.shown(id).to_owned());
    let shown: Vec<String> = named
        .shown
        .iter()
        .map(|n| n.value.clone())
        .take(3)
        .collect();
    let pool = hop.views.iter().find_map(|view| {
        let id = match view.endpoint.pool.as_ref()?.identity {
            PoolIdentity::Domain(id) | PoolIdentity::Managed(id) => id,
            _ => return None,
        };
        named
            .shown
            .iter()
            .any(|n| is_account(case, id, &n.value))
            .then_some(id)
    });
    let why = pool.map_or(String::new(), |pool| {
        format!(
            " It names {}, which the pool runs as and which does not open the users' tickets here: delegation follows the acceptor.",
            scene.shown(pool)
        )
    });
    let mut finding = hop
        .finding(
            scene,
            format!(
                "{} lets its users in and then calls {target} in their name. {holder}, which holds {target}, lets {} pass users on to it, and not {account}, whose key opens the users' tickets at the front end.{why} This is the second hop: the sign-in at the front end is in order.",
                hop.front_shown(case),
                shown.join(", ")
            ),
        )
        .structure(
            format!("{holder} does not name {account}"),
            &few(named.shown.iter().flat_map(|n| n.from.clone()).collect(), 3),
        );
    if hop.ways.own_ways_are_shut() {
        finding = finding.structure(
            format!("{account} may not delegate there by its own attributes either"),
            &few(super::none_configured::shut(hop), 2),
        );
    } else if let Some(account) = hop.account {
        finding = finding.lacks(super::delegation_of(scene, account));
    }
    // What is named may be a group that the front end is in, unless it is known to be an account.
    let mut others = named.shown.iter();
    if !others.all(|n| is_known_account(case, &n.value)) {
        finding = finding.at_most(Status::Likely);
    }
    repaired(scene, hop, CAUSE.page.prevent, finding)
}
