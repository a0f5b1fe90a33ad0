//! DG-01: nothing lets the front end pass users on.

use super::front::{Arrivals, places};
use super::hop::SecondHop;
use super::repair::repaired;
use super::{every_hop, lack_attributes, wrong_account};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, LookAlike, Page, Scene, Status};
use crate::evidence::{Citation, Known};
use crate::negotiate::Stage;

/// DG-01.
pub(crate) const CAUSE: Cause = Cause {
    id: "DG-01",
    name: "delegation-not-configured",
    title: "Nothing lets the web server pass its users on to the next machine",
    stage: Stage::SecondHop,
    page: Page {
        mechanism: "A Kerberos ticket for the web site proves the user to the web site and to nobody else. When the application then calls a database, a file share or another web service in the user's name, it has nothing to show for the user there: the call arrives as nobody (ANONYMOUS LOGON), or the KDC refuses the ticket with 0xD. The sign-in at the front end is in order, and users see an error of the application, or a 401 that the back end sent. Windows passes users on only where the directory says so, in one of three ways: the back end's account names the front end's account (resource-based constrained delegation), the front end's account has the back end's SPN on its list (constrained), or it is trusted for any service (unconstrained). Here there is none of them.",
        evidence: &[
            "listing of the account whose key opens the users' tickets: not trusted for delegation, no msDS-AllowedToDelegateTo",
            "listing of the account that holds the back end's SPN: nobody in PrincipalsAllowedToDelegateToAccount",
            "Security log of the back end: 4624 of type 3, ANONYMOUS LOGON, from the web server's address; SQL Server: 18456 for NT AUTHORITY\\ANONYMOUS LOGON",
            "Security log of the web server: 4624 of type 3 by Kerberos for the same users, impersonation level 1833",
            "System log of the web server: Kerberos event 3 with 0xD for the back end's SPN",
        ],
        look_alikes: &[
            LookAlike {
                cause: "DG-13",
                told_apart_by: "there users reach the front end by NTLM, and nothing could be passed on even with delegation",
            },
            LookAlike {
                cause: "DG-04",
                told_apart_by: "there the account has a list, and this SPN is not on it",
            },
            LookAlike {
                cause: "DG-05",
                told_apart_by: "there delegation is set up, on the other of pool account and computer account",
            },
            LookAlike {
                cause: "DG-07",
                told_apart_by: "there the back end names principals, and not this front end",
            },
        ],
        ruled_out_by: "4769 with status 0x0 and the front end's account under transmitted services, or the user's own logon at the back end from the web server's address.",
        fix: &[
            "Let the back end's account take users from the account that opens the tickets at the front end (resource-based constrained delegation).",
            "Or put the back end's SPN on the front end account's list (constrained delegation).",
            "Never begin with delegation to any service: whoever takes over the web server could then be any of its users anywhere.",
        ],
        verify: "The page works for an ordinary user; the back end logs a 4624 of type 3 for that user from the web server.",
        rollback: "Empty the list of principals again, or take the SPN off the list.",
        prevent: "Decide how users reach the next machine when an application is designed, and write it down beside its SPNs.",
        blind_spots: &[
            "whether the application means to call in the user's name is in its code: many are better off with an account of their own",
            "KDC refusals (0xD) are audited only with KdcExtraLogLevel 0x10, and Kerberos event 3 needs LogLevel",
        ],
        versions: "Resource-based delegation: Windows Server 2012 and later.",
        sources: &[
            "Microsoft: Kerberos double-hop authentication with Microsoft Edge",
            "Microsoft: MS-SFU, service for user and constrained delegation",
        ],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    every_hop(scene, &mut out, |hop, out| {
        let ways = &hop.ways;
        if ways.is_allowed() {
            rule_out(hop, scene, out);
        } else if ways.any_service.is_false() && ways.list.is_absent() {
            // Something is set up, on the other account.
            if wrong_account::other(scene, hop).is_some() {
                return;
            }
            match &ways.named {
                Known::Present(_) => {}
                known => out.find(finding(scene, hop, known.is_absent())),
            }
        } else if ways.list.present().is_none() {
            lack_attributes(scene, hop, out);
        }
    });
    out
}

fn rule_out(hop: &SecondHop<'_, '_>, scene: &Scene<'_>, out: &mut Assessment) {
    let ways = [
        &hop.ways.any_service,
        &hop.ways.listed,
        &hop.ways.named_by_holder,
    ];
    if let Some(open) = ways.into_iter().find(|way| way.is_true()) {
        let from = open
            .present()
            .map(|way| way.from.clone())
            .unwrap_or_default();
        out.rule_out(
            format!(
                "the directory lets {} pass users on to {}",
                hop.account_shown(scene),
                hop.shown(scene.case)
            ),
            &few(from, 2),
        );
    }
}

fn finding(scene: &Scene<'_>, hop: &SecondHop<'_, '_>, closed: bool) -> Finding {
    let case = scene.case;
    let (account, target) = (hop.account_shown(scene), hop.shown(case));
    let front = hop.front_shown(case);
    let mut finding = hop
        .finding(
            scene,
            format!(
                "{front} lets its users in and then calls {target} in their name. {account}, whose key opens the users' tickets there, may pass users on to nobody, so that the call arrives as nobody or is refused. This is the second hop: the sign-in at the front end is in order."
            ),
        )
        .structure(
            format!("{account} is not trusted for delegation and has no list of services it may delegate to"),
            &few(shut(hop), 3),
        );
    if let Known::Absent(from) = &hop.ways.named {
        finding = finding.structure(
            format!("the account that holds {target} lets nobody pass users on to it"),
            &few(from.clone(), 1),
        );
    }
    if !closed {
        finding = match hop.holder {
            Some(holder) => finding.lacks(super::delegation_of(scene, holder)),
            None => finding.lacks(super::holder_of(hop)),
        };
    }
    let arrivals = Arrivals::before(scene, hop);
    if arrivals.all_by_ntlm() {
        finding = finding
            .supporting(
                "these users came to the front end by NTLM",
                &places(&arrivals.ntlm),
            )
            .or_else(
                "DG-13",
                "users came to the front end by NTLM, which cannot be passed on either",
            );
    } else {
        let who = match hop.users().is_empty() {
            true => "users",
            false => "the same users",
        };
        finding = finding.supporting(
            format!("{who} came to the front end by Kerberos"),
            &places(&arrivals.kerberos),
        );
        if arrivals.kerberos.is_empty() {
            finding = finding.at_most(Status::Likely);
        }
    }
    repaired(scene, hop, CAUSE.page.prevent, finding)
}

/// Where the account's own ways are shown to be shut.
pub(super) fn shut(hop: &SecondHop<'_, '_>) -> Vec<Citation> {
    let mut from: Vec<Citation> = match &hop.ways.list {
        Known::Absent(from) => from.clone(),
        Known::Present(list) => list.from.clone(),
        Known::Unknown => Vec::new(),
    };
    let trusted = hop.ways.any_service.present();
    from.extend(
        trusted
            .map(|trusted| trusted.from.clone())
            .unwrap_or_default(),
    );
    from
}
