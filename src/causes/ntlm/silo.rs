//! NT-06: an authentication policy or silo refuses the user.

use super::signs::{self, ACCOUNT_RESTRICTION, RefusedUsers, Restriction, Restrictions};
use crate::case::Sameness;
use crate::causes::observations::times_of;
use crate::causes::scene::few;
use crate::causes::user::Named;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Subject};
use crate::negotiate::Stage;
use crate::readers::events::{Body, Event};
use crate::remedy::{Remedy, Step};

/// NT-06.
pub(crate) const CAUSE: Cause = Cause {
    id: "NT-06",
    name: "authentication-policy-refuses",
    title: "An authentication policy or silo refuses the user",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "An authentication policy says from which devices its users get tickets, and whether they may use NTLM. From another device the KDC answers KDC_ERR_POLICY (0xC): no ticket, for any service. NTLM, to which the browser then falls back, is refused with STATUS_ACCOUNT_RESTRICTION unless the policy allows it. A policy on the service can refuse as well: then the user has a ticket-granting ticket and gets none for this one site.",
        evidence: &[
            "Security log of a domain controller: 4820 (no ticket-granting ticket from this device), 4821 (no ticket for this service), 4823 (NTLM); each names silo and policy",
            "Domain controller, AuthenticationPolicyFailures-DomainController: 101 (NTLM), 105 and 106 (Kerberos)",
            "Security log of the web server: 4625 of type 3 with 0xC000006E; Kerberos error 0xC on the client",
        ],
        look_alikes: &[
            LookAlike {
                cause: "NT-05",
                told_apart_by: "there the group Protected Users refuses NTLM: 100 or 4822, and no silo is named",
            },
            LookAlike {
                cause: "AC-06",
                told_apart_by: "logon hours and workstation lists give 0xC too, with 0xC000006F or 0xC0000070 at the web server, and no 4820",
            },
            LookAlike {
                cause: "TR-04",
                told_apart_by: "selective authentication gives 0xC for users of another forest, with 0xC0000413 at the web server",
            },
        ],
        ruled_out_by: "a user without silo and policy (msDS-AssignedAuthNPolicy, msDS-AssignedAuthNPolicySilo not set).",
        fix: &[
            "Use a device that the policy names, or take the device into the silo.",
            "If the policy is new, let it audit instead of enforce until the events stop.",
        ],
        verify: "4768 and 4769 with 0x0 for the user from that device; 4624 of type 3 with package Kerberos.",
        rollback: "Set the policy back to enforce, and the silo's members as they were.",
        prevent: "Run every policy in audit mode with the users and devices of all sites first (305, 306).",
        blind_spots: &[
            "the channels of authentication policies are off until somebody enables them",
        ],
        versions: "Domains of functional level Windows Server 2012 R2 and later.",
        sources: &[
            "Windows provider manifest: Microsoft-Windows-Security-Auditing 4823",
            "Microsoft: Authentication policies and authentication policy silos",
            "Microsoft open specification MS-APDS, section 3.1.5.2 (STATUS_ACCOUNT_RESTRICTION)",
        ],
    },
    assess,
};

const WANTED: Input = Input::Stated {
    what: "whether the users who are refused belong to an authentication policy or silo",
    collect_with: "Get-ADUser -Filter 'msDS-AssignedAuthNPolicySilo -like \"*\" -or msDS-AssignedAuthNPolicy -like \"*\"' -Properties msDS-AssignedAuthNPolicy,msDS-AssignedAuthNPolicySilo",
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let case = scene.case;
    let refused = RefusedUsers::of(scene, ACCOUNT_RESTRICTION);
    let mut restricted = Restrictions::of(case).users(Restriction::Policy);
    restricted.retain(|(user, _)| !user.sam.ends_with('$'));
    // Those whom the web server refused come first.
    restricted.sort_by_key(|(user, _)| refused.find(user, &case.accounts).is_none());
    out.find_each(
        &restricted,
        |(user, events)| Some(finding(scene, &refused, user, events)),
        |(user, events)| {
            let first = events.first().map(|e| e.citation.clone());
            (user.sam.clone(), first.into_iter().collect())
        },
    );
    out.lack(WANTED);
    out.lack(Input::DcSecurityLog);
    out
}

/// A user whom a policy refused.
fn finding(
    scene: &Scene<'_>,
    refused: &RefusedUsers<'_>,
    user: &Named,
    events: &[&Event],
) -> Finding {
    let case = scene.case;
    let at_web = refused.find(user, &case.accounts);
    let shown = at_web.map_or(user.sam.as_str(), |(_, r)| r.shown.as_str());
    let (policy, silo) = named(events);
    let by = match (&policy, &silo) {
        (Some(policy), Some(silo)) => format!("policy {policy} of silo {silo}"),
        (Some(policy), None) => format!("policy {policy}"),
        (None, Some(silo)) => format!("silo {silo}"),
        (None, None) => "an authentication policy".to_owned(),
    };
    let host = at_web.and_then(|(_, r)| r.hosts.first());
    let subject = Subject {
        account: Some(shown.to_owned()),
        host: host.map(|h| case.hosts.get(*h).name.clone()),
        ..Subject::default()
    };
    let count = times_of(events);
    let from = events.iter().map(|e| e.citation.clone()).collect();
    let finding = Finding::about(
        subject,
        format!(
            "{shown} signs in from a device, or in a way, that {by} does not allow: the domain gives no ticket there, and refuses NTLM too."
        ),
    )
    .conclusive(
        format!("a domain controller refused {shown} by {by}, {count}"),
        &few(from, 3),
    );
    let says = format!("the web server refused {shown} with 0xC000006E");
    let finding = match at_web {
        Some((Sameness::Same, refused)) => finding
            .observed(says, &few(refused.from(), 3))
            .explains(signs::explained(scene, &refused.user, ACCOUNT_RESTRICTION)),
        // A user of another domain may have the same name.
        Some((_, refused)) => finding
            .supporting(says, &few(refused.from(), 3))
            .at_most(Status::Possible),
        // The policy refuses this user; that this site was asked for is not shown.
        None => finding
            .at_most(Status::Possible)
            .lacks_all(scene.missing_server_log()),
    };
    finding.fix(remedy(), Vec::new())
}

/// Policy and silo, where an event names them.
fn named(events: &[&Event]) -> (Option<String>, Option<String>) {
    let (mut policy, mut silo) = (None, None);
    for event in events {
        let (a, b) = match &event.body {
            Body::PolicyRefused(e) => (e.policy.clone(), e.silo.clone()),
            Body::NtlmBlocked(e) => (e.fields.text("PolicyName"), e.fields.text("SiloName")),
            Body::Kdc(e) => (e.fields.text("PolicyName"), e.fields.text("SiloName")),
            _ => (None, None),
        };
        policy = policy.or(a);
        silo = silo.or(b);
    }
    (policy, silo)
}

fn remedy() -> Remedy {
    Remedy::of(vec![
        Step::by_hand(
            "note the policy, its conditions and the members of the silo (Get-ADAuthenticationPolicy, Get-ADAuthenticationPolicySilo), and ask its owner whether this user is meant to use the site from this device",
        )
        .stop_if("the refusal is meant: the user needs a device of the silo"),
        Step::by_hand("let the user sign in from a device of the silo, or take the device into the silo"),
        Step::by_hand("if the policy is being introduced: let it audit instead of enforce until the events stop")
            .risk("while it audits, the accounts of the silo can be used from every device"),
    ])
    .verify(vec![
        Step::by_hand("the user locks and unlocks the session, so that a new ticket is fetched, and opens the site"),
        Step::by_hand("the domain controllers log 4768 and 4769 with 0x0 for the user, and no new 4820, 4821 or 4823"),
    ])
    .rollback(vec![Step::by_hand(
        "set policy and silo as they were noted",
    )])
    .prevent(CAUSE.page.prevent)
}
