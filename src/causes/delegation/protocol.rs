//! DG-06: users do not come by Kerberos, and the front end's account may pass on those alone who do.

use super::front::{Arrivals, places};
use super::hop::SecondHop;
use super::repair::{cmdlet, note, verify};
use super::{every_hop, lack_attributes};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, LookAlike, Page, Scene, Status};
use crate::negotiate::Stage;
use crate::remedy::{Remedy, Step};

/// DG-06.
pub(crate) const CAUSE: Cause = Cause {
    id: "DG-06",
    name: "protocol-transition-not-allowed",
    title: "Users do not come by Kerberos, and the account may pass on Kerberos users only",
    stage: Stage::SecondHop,
    page: Page {
        mechanism: "Who signs in by NTLM, a form or a certificate leaves no ticket that could be shown to the KDC. Windows can make one: the service asks the KDC for a ticket of that user to itself (protocol transition). Such a ticket may be passed on only where the account has \"use any authentication protocol\" (TRUSTED_TO_AUTH_FOR_DELEGATION, 0x1000000); with \"use Kerberos only\" it cannot, and the KDC answers 0xD for an SPN that is on the list. The remedy is nearly always to make users come by Kerberos, and not to open protocol transition, which lets the server be anybody towards those services.",
        evidence: &[
            "Security log of the web server: 4624 of type 3 by NTLM for the users that fail",
            "listing of the account: msDS-AllowedToDelegateTo with the SPN, TrustedToAuthForDelegation False (no bit 0x1000000)",
            "Kerberos event 3 or 4769 with 0xD for that SPN",
        ],
        look_alikes: &[
            LookAlike {
                cause: "DG-04",
                told_apart_by: "there the SPN is not on the list",
            },
            LookAlike {
                cause: "DG-13",
                told_apart_by: "there the application does not try to make a ticket: the call arrives as nobody, and the KDC is not asked",
            },
            LookAlike {
                cause: "DG-02",
                told_apart_by: "there users come by Kerberos, and only those who may not be passed on fail",
            },
        ],
        ruled_out_by: "Kerberos logons of the same users at the front end, or the bit 0x1000000 on the account.",
        fix: &[
            "Find out why users come by NTLM (the findings about the front end) and repair that first.",
            "Where they cannot come by Kerberos at all: \"use any authentication protocol\" on the account, for a list that is short.",
        ],
        verify: "Users reach the front end by Kerberos; 4769 with status 0x0 and transmitted services.",
        rollback: "Set the account back to \"use Kerberos only\".",
        prevent: "Watch the share of NTLM logons at front ends that delegate.",
        blind_spots: &[
            "resource-based delegation is said not to need the bit: unverified, so that it is not counted here",
        ],
        versions: "All supported versions.",
        sources: &[
            "Microsoft: MS-SFU 3.2.5.1, TrustedToAuthenticationForDelegation and the forwardable flag",
        ],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    every_hop(scene, &mut out, |hop, out| {
        if hop.refused.is_empty() {
            return;
        }
        let arrivals = Arrivals::before(hop);
        let ways = &hop.ways;
        if !arrivals.kerberos.is_empty() {
            out.rule_out(
                "the users came to the front end by Kerberos",
                &places(&arrivals.kerberos),
            );
        } else if ways.any_protocol.is_true() {
            let from = ways.any_protocol.present().map(|w| w.from.clone());
            out.rule_out(
                format!(
                    "{} may pass on users of any protocol",
                    hop.account_shown(scene)
                ),
                &few(from.unwrap_or_default(), 1),
            );
        } else if ways.any_protocol.is_false() && ways.listed.is_true() && arrivals.all_by_ntlm() {
            out.find(finding(scene, hop, &arrivals));
        } else if ways.any_protocol.is_unknown() {
            lack_attributes(scene, hop, out);
        }
    });
    out
}

fn finding(scene: &Scene<'_>, hop: &SecondHop<'_, '_>, arrivals: &Arrivals<'_>) -> Finding {
    let (account, target) = (hop.account_shown(scene), hop.shown(scene.case));
    let from = |way: &crate::evidence::Known<bool>| {
        few(way.present().map(|w| w.from.clone()).unwrap_or_default(), 1)
    };
    let mut finding = hop
        .finding(
            scene,
            format!(
                "Users come to {} by NTLM, so that {account} has no ticket of theirs and makes one itself. {target} is on its list, and the account may pass on users only who came by Kerberos: the KDC refuses (0xD). The fault to repair is that they come by NTLM.",
                hop.front_shown(scene.case)
            ),
        )
        .structure(
            format!("{account} may pass on Kerberos users only"),
            &from(&hop.ways.any_protocol),
        )
        .structure(format!("{target} is on its list"), &from(&hop.ways.listed))
        .observed(
            "the users came to the front end by NTLM",
            &places(&arrivals.ntlm),
        );
    // What the back end names is said not to need the bit.
    if hop.ways.named_by_holder.is_true() {
        finding = finding.at_most(Status::Possible);
    }
    let mut fix = vec![Step::by_hand(
        "find out why users come to the front end by NTLM, and repair that: the other findings of this report, or why401 explain DG-13",
    )];
    if let Some(id) = hop.account {
        let (_, name) = cmdlet(scene, id);
        fix.push(note(scene, id));
        fix.push(
            Step::by_hand(format!(
                "only where Kerberos is impossible for these users: on the account {name}, tab Delegation, choose \"use any authentication protocol\""
            ))
            .risk("the server can then be any user towards the services on its list, without that user's being there"),
        );
    }
    let remedy = Remedy::of(fix)
        .verify(verify(&target))
        .rollback(vec![Step::by_hand("choose \"use Kerberos only\" again")])
        .prevent(CAUSE.page.prevent);
    finding.fix(remedy, Vec::new())
}
