//! DG-08: users of another forest, whose tickets may not be forwarded across the trust.

use std::collections::BTreeSet;

use super::every_hop;
use super::repair::repaired;
use super::unconstrained::NotForwarded;
use crate::case::Sameness;
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status};
use crate::evidence::{Citation, Known};
use crate::negotiate::Stage;

/// DG-08.
pub(crate) const CAUSE: Cause = Cause {
    id: "DG-08",
    name: "ticket-not-forwarded-across-forests",
    title: "Users of another forest cannot be passed on, because their tickets are not forwarded across the trust",
    stage: Stage::SecondHop,
    page: Page {
        mechanism: "Delegation to any service (unconstrained) needs the user's own ticket-granting ticket at the web server. Since the updates of 2019 Windows does not issue one that may be forwarded across a forest trust unless the trust says so (EnableTGTDelegation, No as installed). Users of the web server's own forest go on working; those of the trusted forest sign in, and their second hop arrives as nobody. Constrained delegation is not affected by this setting.",
        evidence: &[
            "Security log of the web server: impersonation level 1833 for users of the other forest, 1840 for those of its own",
            "netdom trust … /EnableTGTDelegation, or Get-ADTrust: TGTDelegation False",
            "the account that opens the tickets is trusted for any service, and there is no other way",
        ],
        look_alikes: &[
            LookAlike {
                cause: "DG-09",
                told_apart_by: "there users of the same forest fail with the same browser",
            },
            LookAlike {
                cause: "DG-01",
                told_apart_by: "there the web server's account is not trusted at all",
            },
        ],
        ruled_out_by: "users of the web server's own forest failing as well.",
        fix: &[
            "Replace delegation to any service by constrained delegation: the back end's account names the web server's.",
            "Only with the consent of those who answer for both forests: netdom trust … /EnableTGTDelegation:Yes. Whoever takes over such a server can be every user of the other forest who visits it.",
        ],
        verify: "4769 with status 0x0 and transmitted services for a user of the other forest; the page works.",
        rollback: "Empty the list of principals again; EnableTGTDelegation:No.",
        prevent: "No unconstrained delegation for applications with users of several forests.",
        blind_spots: &["to which forest a user's domain belongs is shown by trusts alone"],
        versions: "Domain controllers with the updates of March 2019 (off for new trusts) and July 2019 (off for all).",
        sources: &[
            "Microsoft: Updates to TGT delegation across incoming trusts in Windows Server (KB4490425)",
        ],
    },
    assess,
};

const TRUST: Input = Input::Stated {
    what: "whether tickets may be forwarded across the trust with the users' forest (TGTDelegation), run on a domain controller of the web server's forest",
    collect_with: "Get-ADTrust -Filter * -Properties * | Format-List Name,Source,Target,Direction,ForestTransitive,TGTDelegation,TrustAttributes",
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    every_hop(scene, &mut out, |hop, out| {
        let Some(not) = NotForwarded::of(hop) else {
            match hop.ways.any_service.present() {
                Some(trusted) if trusted.value => out.lack(TRUST),
                Some(trusted) => out.rule_out(
                    format!(
                        "{} is not trusted for any service: nothing has to be forwarded",
                        hop.account_shown(scene)
                    ),
                    &few(trusted.from.clone(), 1),
                ),
                None => super::lack_attributes(scene, hop, out),
            }
            return;
        };
        let (own, foreign) = by_domain(scene, &not);
        if let Some(from) = own {
            out.rule_out(
                "a user of the web server's own domain came without a ticket that can be forwarded as well",
                std::slice::from_ref(&from),
            );
        } else if let Some(domain) = foreign.iter().next() {
            let trust = scene
                .case
                .domains
                .trust_says(domain, |trust| &trust.delegates_tgt);
            match &trust {
                Known::Present(passes) if passes.value => out.rule_out(
                    format!("tickets are forwarded across the trust with {domain}"),
                    &few(passes.from.clone(), 2),
                ),
                _ => out.find(finding(scene, &not, domain, &trust)),
            }
        }
    });
    out
}

/// A logon without a ticket to forward of the web server's own domain, and the other domains of such logons.
fn by_domain(
    scene: &Scene<'_>,
    not: &NotForwarded<'_, '_, '_>,
) -> (Option<Citation>, BTreeSet<String>) {
    let case = scene.case;
    let home = not.hop.front.and_then(|host| super::domain_of(case, host));
    let mut own = None;
    let mut foreign = BTreeSet::new();
    for (event, logon) in &not.arrivals.kerberos {
        if logon.impersonation_level.as_deref() != Some("%%1833") {
            continue;
        }
        let domain = logon.target.domain.as_ref().map(|d| d.to_lowercase());
        let apart = match (domain.as_deref(), home.as_deref()) {
            // The domain of a logon is a domain. One name under the other is one forest, as a rule.
            (Some(a), Some(b)) if a.contains('.') && b.contains('.') => {
                !a.ends_with(b) && !b.ends_with(a)
            }
            (a, b) => case.accounts.same_domain(a, b) == Sameness::Different,
        };
        if apart {
            foreign.insert(domain.unwrap_or_default());
        } else {
            own = own.or_else(|| Some(event.citation.clone()));
        }
    }
    (own, foreign)
}

fn finding(
    scene: &Scene<'_>,
    not: &NotForwarded<'_, '_, '_>,
    domain: &str,
    trust: &Known<bool>,
) -> Finding {
    let hop = not.hop;
    let mut finding = not.finding(
        scene,
        format!(
            "{} relies on delegation to any service, and all users that came without a ticket to forward are of {domain}, another domain than the web server's. Tickets are not forwarded across a forest trust unless the trust says so. Their calls to {} arrive as nobody.",
            hop.front_shown(scene.case),
            hop.shown(scene.case)
        ),
    );
    if not.with.is_empty() {
        finding = finding.or_else(
            "DG-09",
            "no user of the own forest is seen to be passed on either",
        );
    } else {
        finding = finding.supporting(
            "other users came with a ticket that can be forwarded (impersonation level 1840)",
            &few(not.with.clone(), 2),
        );
    }
    let finding = match trust.present() {
        Some(kept) => finding.structure(
            format!("tickets are not forwarded across the trust with {domain}"),
            &few(kept.from.clone(), 2),
        ),
        // The default depends on the updates that are installed.
        None => finding.lacks(TRUST).at_most(Status::Likely),
    };
    repaired(scene, hop, CAUSE.page.prevent, finding)
}
