//! DG-13: users came to the front end by NTLM, which goes no further.

use super::front::{Arrivals, places};
use super::hop::SecondHop;
use super::{every_hop, repair};
use crate::case::Role;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status};
use crate::negotiate::Stage;
use crate::remedy::{Remedy, Step};

/// DG-13.
pub(crate) const CAUSE: Cause = Cause {
    id: "DG-13",
    name: "front-end-signed-in-by-ntlm",
    title: "Users came to the web server by NTLM, and NTLM cannot be passed on",
    stage: Stage::SecondHop,
    page: Page {
        mechanism: "An NTLM sign-in proves the user to one server by an answer to that server's challenge. The server learns neither password nor ticket, so that it has nothing to show to the next machine: calls in the user's name arrive there as nobody (ANONYMOUS LOGON). The page opens, because the front end took the user; only what needs the back end fails. Delegation in the directory does not help. What does is whatever makes users come by Kerberos again: the SPN, the name, the providers, the client.",
        evidence: &[
            "Security log of the web server: 4624 of type 3 with package NTLM for the users, at the time",
            "IIS log: 401.2, then 401.1 with 2148074254, then 200: two legs",
            "Security log of the back end: 4624 ANONYMOUS LOGON from the web server's address; SQL Server: 18456 for NT AUTHORITY\\ANONYMOUS LOGON",
            "klist of such a user: no ticket for HTTP/<name>",
        ],
        look_alikes: &[
            LookAlike {
                cause: "DG-01",
                told_apart_by: "there users come by Kerberos, and the directory lets nobody pass them on",
            },
            LookAlike {
                cause: "DG-09",
                told_apart_by: "there users come by Kerberos, and the browser does not send a ticket that could be passed on",
            },
            LookAlike {
                cause: "DG-06",
                told_apart_by: "there the server makes a ticket for the NTLM user itself, and the KDC refuses it with 0xD",
            },
        ],
        ruled_out_by: "4624 by Kerberos at the front end for the users whose second hop fails.",
        fix: &[
            "Repair what makes users come by NTLM: the other findings about this site say what.",
            "Try the second hop again once they come by Kerberos; only then look at delegation.",
        ],
        verify: "4624 of type 3 at the front end shows Kerberos; then the page that calls the back end works.",
        rollback: "None of its own: that of the repair of the front end.",
        prevent: "Watch the share of NTLM logons at front ends that call other machines in the user's name.",
        blind_spots: &[
            "with protocol transition a front end can pass on NTLM users: then the KDC is asked, which this cause does not show",
        ],
        versions: "All supported versions.",
        sources: &["Microsoft: Kerberos double-hop authentication with Microsoft Edge"],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    every_hop(scene, &mut out, |hop, out| {
        let arrivals = Arrivals::before(hop);
        if !arrivals.kerberos.is_empty() {
            out.rule_out(
                "users whose second hop fails came to the front end by Kerberos",
                &places(&arrivals.kerberos),
            );
        } else if arrivals.ntlm.is_empty() {
            if !scene.has_log("Security", Role::WebServer) {
                out.lack(Input::ServerSecurityLog);
            }
        } else if !hop.anonymous.is_empty() {
            out.find(finding(scene, hop, &arrivals));
        }
    });
    out
}

fn finding(scene: &Scene<'_>, hop: &SecondHop<'_, '_>, arrivals: &Arrivals<'_>) -> Finding {
    let target = hop.shown(scene.case);
    let mut finding = hop
        .finding(
            scene,
            format!(
                "Users came to {} by NTLM, and its calls to {target} in their name arrive as nobody: NTLM cannot be passed on. The page opens and what needs {target} fails. Repair what makes them come by NTLM; delegation does not help before that.",
                hop.front_shown(scene.case)
            ),
        )
        .structure(
            format!("the users came to the front end by NTLM {} times, and never by Kerberos", arrivals.ntlm.len()),
            &places(&arrivals.ntlm),
        );
    if hop.ways.any_protocol.is_true() {
        finding = finding.or_else(
            "DG-10",
            "the account may make tickets for users of any protocol, and that may fail for another reason",
        );
    }
    // Who is nobody at the back end is not named there.
    if hop.anonymous.iter().all(|h| h.user.is_none()) && !hop.refused.is_empty() {
        finding = finding.at_most(Status::Likely);
    }
    let remedy = Remedy::of(vec![
        Step::by_hand(
            "repair what makes users come to the front end by NTLM: the other findings of this report about its site say what, the SPN most often",
        ),
        Step::by_hand("let a user sign in anew, and look again at the second hop")
            .stop_if("4624 at the front end still shows NTLM"),
    ])
    .verify(repair::verify(&target))
    .rollback(vec![Step::by_hand(CAUSE.page.rollback)])
    .prevent(CAUSE.page.prevent);
    finding.fix(remedy, Vec::new())
}
