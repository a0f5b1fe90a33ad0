//! AC-07: the user may not log on to the web server over the network.

use super::refusal::Reason;
use super::state::{self, Words};
use super::users::User;
use crate::case::Role;
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Ground, LookAlike, Page, Scene};
use crate::evidence::Known;
use crate::negotiate::Stage;
use crate::readers::events::Body;
use crate::remedy::{Remedy, Step};

/// AC-07.
pub(crate) const CAUSE: Cause = Cause {
    id: "AC-07",
    name: "account-no-network-logon-right",
    title: "The user may not log on to the web server over the network",
    stage: Stage::Accept,
    page: Page {
        mechanism: "Windows makes a network logon for every user whom IIS authenticates. That takes the right \"Access this computer from the network\" on the web server, and \"Deny access to this computer from the network\" overrides it. Ticket and password are right, and the logon is refused all the same: 401.1, by Kerberos and by NTLM.",
        evidence: &[
            "Security log of the web server: 4625 of type 3 with status 0xC000015B",
            "Security log of a domain controller: 4769 or 4776 with 0x0 for the same user: the domain accepts the user",
            "Security log of the web server: 4717 or 4718 when the right was changed there",
        ],
        look_alikes: &[
            LookAlike {
                cause: "POOL-04",
                told_apart_by: "there the logon type is 4 or 5 and the account is the pool's; the site answers 503",
            },
            LookAlike {
                cause: "TR-04",
                told_apart_by: "there the status is 0xC0000413: selective authentication on a trust",
            },
            LookAlike {
                cause: "AZ-01",
                told_apart_by: "there the logon succeeds (4624), and the file's permissions refuse: 401.3",
            },
        ],
        ruled_out_by: "a 4624 of type 3 of the same user on the same server.",
        fix: &[
            "Find the policy that sets the two rights (gpresult).",
            "Take the user's group from the right that denies.",
            "Give the user's group the right of access.",
        ],
        verify: "4624 of type 3 for the user on the web server.",
        rollback: "Set the policy as it was before.",
        prevent: "Try hardening baselines with an ordinary user of every site before they are rolled out.",
        blind_spots: &[
            "which policy sets the right is not in these inputs: secedit and gpresult show it",
        ],
        versions: "All supported versions.",
        sources: &[
            super::SOURCE,
            "Microsoft: user rights \"Access this computer from the network\" and its denial",
        ],
    },
    assess,
};

const REASON: Reason = Reason {
    statuses: &[0xC000_015B],
    kerberos: &[],
    shared: &[],
    begins: |_| false,
    ends: |_| false,
    listed: |_, _| Known::Unknown,
    // The password was right: nobody guessed.
    by_guessing: false,
};

const WORDS: Words = Words {
    because: "the account lacks the right to log on over the network there",
    change: "",
    moral: "The domain accepts the user; the web server's own policy does not.",
    enough: 1,
    kdc_alone: false,
    remedy,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = state::assess(scene, &REASON, &WORDS);
    let changed: Vec<_> = scene
        .case
        .pick(|b| match b {
            Body::LogonRightChanged(change) => Some(change),
            _ => None,
        })
        .filter(|(event, change)| {
            scene.is_web_server(&event.computer)
                && match change.right.as_deref() {
                    Some("SeNetworkLogonRight") => !change.granted,
                    Some("SeDenyNetworkLogonRight") => change.granted,
                    _ => false,
                }
        })
        .map(|(event, _)| event.citation.clone())
        .collect();
    let rights: Vec<_> = (scene.case.machines.iter())
        .filter(|(host, _)| {
            scene
                .case
                .hosts
                .get(**host)
                .roles
                .contains(&Role::WebServer)
        })
        .flat_map(|(_, machine)| {
            ["SeNetworkLogonRight", "SeDenyNetworkLogonRight"].map(|right| machine.right(right))
        })
        .filter_map(|right| right.present().and_then(|r| r.from.first()).cloned())
        .collect();
    for finding in &mut out.findings {
        let says = "the rights in force on the web server name who may and who may not";
        *finding = std::mem::take(finding).supporting(says, &few(rights.clone(), 2));
    }
    if !changed.is_empty() {
        let says = "the right was changed on the web server";
        for finding in &mut out.findings {
            let first = finding
                .observed
                .iter()
                .flat_map(|g| &g.from)
                .filter_map(|c| c.time)
                .min();
            let before: Vec<_> = (changed.iter())
                .filter(|c| first.is_none_or(|first| c.time.is_some_and(|t| t <= first)))
                .cloned()
                .collect();
            *finding = std::mem::take(finding).supporting(says, &few(before.clone(), 2));
            finding.onset = before.last().map(|last| Ground {
                says: says.to_owned(),
                from: vec![last.clone()],
            });
        }
    }
    out
}

fn remedy(users: &[&User]) -> Remedy {
    let mut fix = vec![
        Step::by_hand(
            "on the web server, keep the rights in force: secedit /export /areas USER_RIGHTS /cfg user_rights.txt (SeNetworkLogonRight and SeDenyNetworkLogonRight)",
        ),
        Step::by_hand(
            "find the policy that sets them: gpresult /h report.html, in an elevated prompt",
        ),
    ];
    fix.extend(super::look(users));
    fix.push(
        Step::by_hand(
            "in that policy, take the user's group from \"Deny access to this computer from the network\", and give the group of the site's users \"Access this computer from the network\"",
        )
        .risk("the right opens file shares and remote management as well: give it to the group of the site's users, not to everybody")
        .stop_if("the denial is meant, as for administrators of another tier: then another account is to be used"),
    );
    fix.push(Step::by_hand("gpupdate on the web server, then try again"));
    Remedy::of(fix)
        .verify(super::verify())
        .rollback(vec![Step::by_hand(
            "set the policy as it was before, then gpupdate",
        )])
        .prevent(CAUSE.page.prevent)
}
