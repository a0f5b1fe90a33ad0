//! TR-01: the name is held in another domain of the forest, and the user's KDC gives no referral to it.

use super::crossing::{answers, differ, is_one_forest, realm_of, referral_tickets, trusts};
use crate::case::{Case, Spn};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Subject};
use crate::evidence::Citation;
use crate::negotiate::Stage;
use crate::readers::events::Body;
use crate::readers::trust::TrustKind;
use crate::remedy::procedures as p;
use crate::remedy::{Remedy, Step};

/// TR-01.
pub(crate) const CAUSE: Cause = Cause {
    id: "TR-01",
    name: "no-referral-within-the-forest",
    title: "The name is held in another domain of the forest, and no referral leads there",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "A domain controller that does not hold an SPN asks a global catalogue which domain of the forest does, and sends the client there with a referral (krbtgt/<other domain>). Where no global catalogue answers, where it has not yet learned of the SPN, or where the way between the two domains is broken, the controller answers 0x7, and Negotiate falls back to NTLM. Users of the domain that holds the name get tickets for it.",
        evidence: &[
            "setspn -F -Q HTTP/<name>: an account of another domain holds it (that alone is normal)",
            "System log of a client: Kerberos event 3 with 0x7, server realm = the user's domain",
            "Security log of a domain controller of the user's domain: 4769 with 0x7",
            "klist on the client: no krbtgt/<other domain>",
            "nltest /dsgetdc:<forest> /gc: no global catalogue is found",
            "repadmin /showrepl of a global catalogue: a partition of the other domain fails",
        ],
        look_alikes: &[
            LookAlike {
                cause: "SPN-01",
                told_apart_by: "there nobody in the forest holds the name",
            },
            LookAlike {
                cause: "MC-09",
                told_apart_by: "there no global catalogue answers at all: every name of another domain fails, now and then",
            },
            LookAlike {
                cause: "SPN-17",
                told_apart_by: "there the name was registered shortly before, and it passes by itself",
            },
            LookAlike {
                cause: "TR-02",
                told_apart_by: "there the other domain is in another forest",
            },
        ],
        ruled_out_by: "a referral ticket to the other domain in a client's cache.",
        fix: &[
            "See whether a global catalogue is found from the user's site.",
            "Repair the global catalogue, or its replication of the other domain.",
            "Purge the tickets and try again. Do not register the SPN in the user's domain too: that makes a duplicate.",
        ],
        verify: "klist shows krbtgt/<other domain> and a ticket for the name.",
        rollback: "Nothing to take back.",
        prevent: "A global catalogue in every site; replication watched.",
        blind_spots: &["what the global catalogue held at the time is in no log"],
        versions: "All supported versions.",
        sources: &[
            "Microsoft: Kerberos error KDC_ERR_S_PRINCIPAL_UNKNOWN",
            "MS-KILE 3.3.5.7: referrals",
        ],
    },
    assess,
};

/// Which global catalogue answers.
const CATALOGUE: Input = Input::Stated {
    what: "whether the user's machine finds a global catalogue, and whether it replicates",
    collect_with: "(nltest /dsgetdc:%USERDNSDOMAIN% /gc & repadmin /showrepl) >> %COMPUTERNAME%_gc.txt 2>&1",
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let case = scene.case;
    for (spn, views) in scene.by_spn(|_| true) {
        let Some(view) = views.first() else { continue };
        let Some(holder) = view.holder() else {
            continue;
        };
        let Some(target) = realm_of(case, holder.account) else {
            continue;
        };
        let refused: Vec<(String, Citation)> = answers(case, &spn, &[0x7])
            .into_iter()
            .filter(|(realm, _)| {
                differ(case, realm, &target) && may_be_one_forest(case, realm, &target)
            })
            .map(|(realm, event)| (realm, event.citation.clone()))
            .collect();
        let Some((realm, _)) = refused.first().cloned() else {
            continue;
        };
        let referrals = referral_tickets(case, &target);
        if !referrals.is_empty() {
            let says = format!("a client has a referral to {}", target.to_uppercase());
            out.rule_out(says, &few(referrals, 1));
            continue;
        }
        let from: Vec<Citation> = refused.into_iter().map(|(_, from)| from).collect();
        let subject = Subject {
            spn: Some(spn.to_string()),
            ..view.subject(case)
        };
        let (of, to) = (realm.to_uppercase(), target.to_uppercase());
        let text = format!(
            "{spn} is held in {to}. The KDC of {of}, in the same forest, answers its users 0x7 instead of sending them there, and they fall back to NTLM."
        );
        let mut finding = Finding::about(subject, text)
            .observed(
                format!("the KDC of {of} answered 0x7 for {spn}"),
                &few(from, 3),
            )
            .supporting(
                format!("{spn} is held in {to}"),
                &few(holder.from.clone(), 2),
            )
            .explains(scene.unknown_principals(&spn).into_iter().map(|(id, _)| id))
            .saw_logons_of_the_refused(scene, &spn, &[*view]);
        let failing: Vec<Citation> = case
            .domains
            .failing_replications()
            .filter(|r| {
                r.partition
                    .as_deref()
                    .is_some_and(|p| is_partition(p, &target))
            })
            .map(|r| r.from.clone())
            .collect();
        finding = finding.structure(
            format!("the partition of {to} is not replicated"),
            &few(failing, 2),
        );
        finding = finding.supporting(
            format!("the KDC of {to} issues tickets for the holder"),
            &few(issued(scene, &target, holder.account), 2),
        );
        finding = match finding.structure.is_empty() {
            true => finding
                .or_else(
                    "MC-09",
                    "a global catalogue that does not answer gives the same",
                )
                .lacks(CATALOGUE),
            false => finding.at_most(Status::Likely),
        };
        out.find(finding.fix(remedy(&spn), Vec::new()));
    }
    let asked_elsewhere = scene.negotiating().any(|v| {
        let unknown = v
            .spn()
            .is_some_and(|spn| !scene.unknown_principals(spn).is_empty());
        unknown && v.holder().is_none()
    });
    if out.findings.is_empty() && asked_elsewhere {
        out.lack(Input::SpnInventory);
    }
    out
}

/// Whether two domains are, or may be, of one forest: siblings count where no listing says that a trust to another forest joins
/// them.
fn may_be_one_forest(case: &Case, a: &str, b: &str) -> bool {
    let parent = |d: &str| d.split_once('.').map(|(_, p)| p.to_owned());
    let siblings = parent(a).is_some_and(|p| p.contains('.') && parent(b) == Some(p));
    let outside = |k: TrustKind| k != TrustKind::WithinForest;
    let listed = trusts(case, a, b);
    !listed.iter().any(|t| t.kind.is_some_and(outside)) && (siblings || is_one_forest(case, a, b))
}

fn is_partition(partition: &str, domain: &str) -> bool {
    crate::case::dn_domain(partition).is_some_and(|d| d.eq_ignore_ascii_case(domain))
}

/// Tickets that the KDC of a domain issued for an account.
fn issued(scene: &Scene<'_>, domain: &str, account: crate::case::AccountId) -> Vec<Citation> {
    let name = scene.case.accounts.get(account).bare_name().to_lowercase();
    let tickets = scene.case.pick(|body| match body {
        Body::ServiceTicketRequest(e) if e.status == Some(0) => Some(e),
        _ => None,
    });
    tickets
        .filter(|(event, e)| {
            let of = event.computer.split_once('.').map(|(_, d)| d);
            let service = e
                .service_name
                .as_deref()
                .map(|s| crate::case::split_name(s).1);
            of.is_some_and(|d| d.eq_ignore_ascii_case(domain)) && service.as_deref() == Some(&*name)
        })
        .map(|(event, _)| event.citation.clone())
        .collect()
}

fn remedy(spn: &Spn) -> Remedy {
    let mut fix = vec![
        Step::by_hand("on a machine of the users' site: nltest /dsgetdc:<forest root> /gc")
            .stop_if("none is found: bring a global catalogue into reach first (MC-09)"),
        Step::by_hand(
            "on that global catalogue: repadmin /showrepl; repair what fails for the domain that holds the name",
        ),
    ];
    fix.extend(p::purge_and_retest());
    Remedy::of(fix)
        .verify(vec![Step::run(
            crate::remedy::commands::klist_get(&spn.to_string()),
            "in the user's session: the ticket comes, and klist shows a referral (krbtgt/…) before it",
        )])
        .rollback(vec![Step::by_hand("nothing to take back")])
        .prevent(CAUSE.page.prevent)
}
