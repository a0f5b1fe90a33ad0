//! DG-04: the front end's account has a list, and the SPN that it asks for is not on it.

use super::front::Arrivals;
use super::hop::SecondHop;
use super::repair::{add_to_the_list, allow_at_the_back};
use super::{every_hop, lack_attributes, wrong_account};
use crate::case::Spn;
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, LookAlike, Page, Scene, Status};
use crate::evidence::Known;
use crate::negotiate::Stage;

/// DG-04.
pub(crate) const CAUSE: Cause = Cause {
    id: "DG-04",
    name: "spn-not-on-delegation-list",
    title: "The web server's account may delegate, and not to the SPN that it asks for",
    stage: Stage::SecondHop,
    page: Page {
        mechanism: "With constrained delegation the KDC issues a ticket in a user's name only for the SPNs on the list of the account that asks (msDS-AllowedToDelegateTo). It compares the name as a client builds it: class, host name in the form that was used, port or instance. An application that connects to db01.corp.example,1433 asks for MSSQLSvc/db01.corp.example:1433, and a list with MSSQLSvc/db01 does not have it. The KDC answers 0xD (KDC_ERR_BADOPTION), and the call fails or arrives as nobody, while the sign-in at the front end is in order.",
        evidence: &[
            "System log of the web server: Kerberos event 3 with 0xD and the SPN that was asked for",
            "Security log of a domain controller: 4769 with 0xD (needs KdcExtraLogLevel 0x10)",
            "listing of the account whose key opens the users' tickets: msDS-AllowedToDelegateTo without that SPN",
            "4738 or 4742 with AllowedToDelegateTo: when the list was changed",
        ],
        look_alikes: &[
            LookAlike {
                cause: "DG-05",
                told_apart_by: "there the SPN is on a list, but of the account that does not open the tickets",
            },
            LookAlike {
                cause: "DG-02",
                told_apart_by: "there the SPN is on the list, and only some users fail",
            },
            LookAlike {
                cause: "DG-01",
                told_apart_by: "there the account has no list at all",
            },
            LookAlike {
                cause: "SPN-01",
                told_apart_by: "there the KDC answers 0x7: nobody holds the back end's SPN",
            },
        ],
        ruled_out_by: "the list holding exactly the SPN that was asked for, or tickets passed on (4769 with transmitted services).",
        fix: &[
            "Read from Kerberos event 3 or 4769 which SPN is asked for.",
            "Check with setspn -F -Q that the right account holds it.",
            "Add it to the list exactly so; add the other forms of the name (short, full, with port) where clients use them.",
            "Or let the back end's account name the front end (resource-based), which does not depend on the spelling.",
        ],
        verify: "4769 with status 0x0 for the back end's account with the front end's account under transmitted services; the page works.",
        rollback: "Take the entry off the list again.",
        prevent: "Make the list from the SPNs that are registered (setspn -L of the back end's account), not by hand.",
        blind_spots: &[
            "the name an application uses for its back end stands in its connection string, which no bundle of this kind holds",
        ],
        versions: "All supported versions.",
        sources: &[
            "Microsoft: MS-SFU 3.2.5.2, the KDC checks ServicesAllowedToSendForwardedTicketsTo",
            "Microsoft: Kerberos registry entries and KDC configuration keys (KdcExtraLogLevel)",
        ],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    every_hop(scene, &mut out, |hop, out| {
        let ways = &hop.ways;
        let Some(target) = &hop.target else {
            return;
        };
        if ways.listed.is_true() {
            let from = ways
                .listed
                .present()
                .map(|l| l.from.clone())
                .unwrap_or_default();
            out.rule_out(
                format!("{target} is on the list of {}", hop.account_shown(scene)),
                &few(from, 1),
            );
        } else if ways.list.is_absent() {
            if let Known::Absent(from) = &ways.list {
                out.rule_out(
                    format!(
                        "{} has no list of services it may delegate to",
                        hop.account_shown(scene)
                    ),
                    &few(from.clone(), 1),
                );
            }
        } else if ways.listed.is_false() {
            let allowed = ways.any_service.is_true() || ways.named_by_holder.is_true();
            if !allowed && wrong_account::other(scene, hop).is_none() {
                out.find(finding(scene, hop, target));
            }
        } else {
            lack_attributes(scene, hop, out);
        }
    });
    out
}

fn finding(scene: &Scene<'_>, hop: &SecondHop<'_, '_>, target: &Spn) -> Finding {
    let account = hop.account_shown(scene);
    let front = hop.front_shown(scene.case);
    let near = nearest(hop, target);
    let but = match near.as_slice() {
        [] => String::new(),
        near => format!(
            " The list has {} for that machine, which is another name to the KDC.",
            near.join(", ")
        ),
    };
    let mut finding = hop
        .finding(
            scene,
            format!(
                "{front} lets its users in and then asks for {target} in their name. {account}, whose key opens the users' tickets there, may delegate to the services on its list, and {target} is not among them, so the KDC refuses (0xD).{but} This is the second hop: the sign-in at the front end is in order."
            ),
        )
        .structure(
            format!("the list of {account} does not have {target}"),
            &few(super::none_configured::shut(hop), 3),
        );
    // The back end may name the front end all the same; then only users who may not be passed on would be refused.
    if hop.ways.named.is_unknown() && hop.users().len() < 2 {
        finding = match hop.holder {
            Some(holder) => finding.lacks(super::delegation_of(scene, holder)),
            None => finding.at_most(Status::Likely),
        };
    }
    if hop.ways.any_service.is_unknown() {
        finding = finding.at_most(Status::Likely);
    }
    if Arrivals::before(hop).all_by_ntlm() {
        finding = finding.or_else("DG-13", "users came to the front end by NTLM");
    }
    let remedy = add_to_the_list(scene, hop);
    let finding = match remedy {
        Some(remedy) => finding.fix(remedy.prevent(CAUSE.page.prevent), Vec::new()),
        None => finding,
    };
    finding.fix(
        allow_at_the_back(scene, hop).prevent(CAUSE.page.prevent),
        Vec::new(),
    )
}

/// Entries of the list for the same machine, spelled otherwise.
fn nearest(hop: &SecondHop<'_, '_>, target: &Spn) -> Vec<String> {
    let short = |spn: &Spn| spn.host().split('.').next().unwrap_or_default().to_owned();
    let list = hop.ways.list.present().map(|list| list.shown.as_slice());
    let entries = list.unwrap_or_default().iter();
    entries
        .filter(|entry| {
            let spn = Spn::new(&entry.value);
            spn.has_class(target.class()) && short(&spn) == short(target)
        })
        .map(|entry| entry.value.clone())
        .take(3)
        .collect()
}
