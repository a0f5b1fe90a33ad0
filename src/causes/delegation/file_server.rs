//! DG-11: constrained delegation to a file server that is refused although it is set up.

use super::every_hop;
use super::hop::{SecondHop, places};
use super::repair::{allow_at_the_back, note, verify};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status};
use crate::negotiate::Stage;
use crate::remedy::{Remedy, Step};

/// DG-11.
pub(crate) const CAUSE: Cause = Cause {
    id: "DG-11",
    name: "delegation-to-file-server-refused",
    title: "Delegation to a file server is set up, and access is denied all the same",
    stage: Stage::SecondHop,
    page: Page {
        mechanism: "Files are fetched by the SMB redirector, which is part of the system and not of the worker process. Where the pool runs as a domain account and that account has cifs/<file server> on its list, access can be denied although the same delegation works for a database: Microsoft documents ACCESS_DENIED for constrained delegation to CIFS from IIS. The ticket for the share is then asked for with the computer account, which may not delegate.",
        evidence: &[
            "listing of the pool's account: cifs/<file server> on msDS-AllowedToDelegateTo; the computer account has no such entry",
            "the page fails with access denied for files and works for other back ends",
            "Security log of the file server: ANONYMOUS LOGON or the computer account from the web server's address",
        ],
        look_alikes: &[
            LookAlike {
                cause: "AZ-02",
                told_apart_by: "there the user arrives at the file server and has no right to the share or the folder",
            },
            LookAlike {
                cause: "DG-04",
                told_apart_by: "there cifs/<file server> is not on the list in the form that is asked for",
            },
            LookAlike {
                cause: "DG-05",
                told_apart_by: "there the list stands on the account that does not open the users' tickets, and no target works",
            },
        ],
        ruled_out_by: "other targets of the same account failing too, or the user's own logon at the file server from the web server.",
        fix: &[
            "Let the file server's computer account name both accounts of the web server: the pool's and the computer account (resource-based).",
            "Or put cifs/<file server> on the computer account's list as well.",
        ],
        verify: "4624 of type 3 for the user at the file server from the web server's address.",
        rollback: "Write the former lists back.",
        prevent: "Test the hop to a file server by itself; a hop to a database proves nothing about it.",
        blind_spots: &["what the redirector asked with is in no log of the web server"],
        versions: "As the article names them; the redirector works the same in later versions.",
        sources: &[
            "Microsoft: Constrained delegation for CIFS fails with ACCESS_DENIED (KB2602377)",
        ],
    },
    assess,
};

const SHARE: Input = Input::Stated {
    what: "how the web server's calls arrive at the file server: its Security log from the time of a failure",
    collect_with: "wevtutil epl Security %COMPUTERNAME%_Security.evtx",
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    every_hop(scene, &mut out, |hop, out| {
        let is_files = hop.target.as_ref().is_some_and(|t| t.has_class("cifs"));
        if !is_files {
            return;
        }
        let passed: Vec<_> = hop.passed(scene.case).take(2).collect();
        if !passed.is_empty() {
            let places = places(&passed);
            out.rule_out(
                "users arrive at the file server from the web server",
                &few(places, 2),
            );
            return;
        }
        // It is set up, and refused all the same; DG-04 and DG-05 stand for what is not set up.
        if hop.ways.listed.is_true() || hop.ways.named_by_holder.is_true() {
            out.find(finding(scene, hop));
        } else {
            out.lack(SHARE);
        }
    });
    out
}

fn finding(scene: &Scene<'_>, hop: &SecondHop<'_, '_>) -> Finding {
    let (account, target) = (hop.account_shown(scene), hop.shown(scene.case));
    let ways = [&hop.ways.listed, &hop.ways.named_by_holder];
    let set_up = ways.into_iter().find(|way| way.is_true());
    let from = set_up
        .and_then(|way| way.present())
        .map(|way| way.from.clone());
    let finding = hop
        .finding(
            scene,
            format!(
                "{account} may delegate to {target}, and the KDC refuses all the same. For file servers Microsoft documents such refusals from IIS: the ticket for the share is asked for with the computer account."
            ),
        )
        .supporting(
            format!("{account} may delegate to {target}"),
            &few(from.unwrap_or_default(), 1),
        )
        .or_else("DG-02", "the users that failed may be protected from delegation")
        .lacks(SHARE)
        .at_most(Status::Possible);
    let mut fix = Vec::new();
    if let Some(host) = hop.front {
        fix.push(note(scene, scene.case.hosts.get(host).machine));
    }
    fix.push(Step::by_hand(format!(
        "let the account that holds {target} name the web server's computer account as well as {account}"
    )));
    let mut remedy = allow_at_the_back(scene, hop);
    remedy.fix.splice(0..0, fix);
    let remedy = Remedy {
        verify: verify(&target),
        ..remedy
    };
    finding.fix(remedy.prevent(CAUSE.page.prevent), Vec::new())
}
