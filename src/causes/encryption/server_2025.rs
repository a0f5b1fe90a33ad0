//! ET-14: a domain controller of Windows Server 2025 refuses what the older ones issue.

use super::hardening::{UPDATES, controllers};
use super::refused::{Why, refused};
use super::repair::{self, Repair};
use crate::case::Sameness;
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, LookAlike, Page, Scene, Status};
use crate::evidence::Citation;
use crate::negotiate::Stage;
use crate::readers::events::Body;

/// ET-14.
pub(crate) const CAUSE: Cause = Cause {
    id: "ET-14",
    name: "server-2025-controller",
    title: "A domain controller of Windows Server 2025 refuses what the older ones issue",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "Windows Server 2025 no longer has DES, issues no first tickets with RC4, takes RC4 for services only where it is set, and reads its own encryption types from policy alone. In a domain with controllers of several versions an account gets a ticket from one and 0xE from the other: it works or not, by which controller a client happens to ask.",
        evidence: &[
            "KDC 16, or 4769 with 0xE, on the new controller alone; tickets for the same account on the others",
            "klist: Kdc Called",
            "systeminfo of the domain controllers: build 26100",
        ],
        look_alikes: &[
            LookAlike {
                cause: "MC-07",
                told_apart_by: "there one controller answers wrongly for a reason of its own, whatever its version",
            },
            LookAlike {
                cause: "ET-10",
                told_apart_by: "there the controllers that have the update refuse, of whatever version",
            },
        ],
        ruled_out_by: "an older controller that refuses the same account too.",
        fix: &[
            "Give the account AES keys and an explicit setting (0x18).",
            "Set encryption types of controllers by policy, not in the registry of LSA.",
        ],
        verify: "4769 with 0x0 and encryption type 0x12 for the account at the new controller.",
        rollback: "Take the new controller out of the clients' site while the accounts are repaired.",
        prevent: "Try the first new controller with clients and services of every kind.",
        blind_spots: &[
            "not all that Server 2025 changed is documented: this is called likely at most",
        ],
        versions: "Domains with a domain controller of Windows Server 2025.",
        sources: &["Microsoft: Detect and remediate RC4 usage in Kerberos"],
    },
    assess,
};

/// The first build of Windows Server 2025.
const BUILD: u32 = 26_100;

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let case = scene.case;
    let build = |host| case.machine(Some(host)).and_then(|machine| machine.build());
    let new: Vec<_> = controllers(scene)
        .filter_map(|host| Some((host, build(host)?)))
        .filter(|(_, build)| build.value >= BUILD)
        .collect();
    for refused in refused(scene) {
        let writers: Vec<_> = refused
            .blocked
            .iter()
            .filter_map(|(event, _)| Some((case.hosts.find(&event.computer)?, *event)))
            .collect();
        if writers.is_empty() {
            if matches!(refused.why, Why::NotShown) {
                out.lack(super::KDC_LOG);
            }
            continue;
        }
        if new.is_empty() {
            let unknown = writers.iter().any(|(host, _)| build(*host).is_none());
            match unknown {
                true => out.lack(UPDATES),
                false => {
                    let from = build(writers[0].0).map(|b| b.from).unwrap_or_default();
                    out.rule_out(
                        "the domain controller that refuses is older than Server 2025",
                        &few(from, 1),
                    );
                }
            }
            continue;
        }
        let is_new = |host| new.iter().any(|(h, _)| *h == host);
        let others = writers.iter().filter(|(host, _)| !is_new(*host));
        let mut shown = others
            .clone()
            .filter_map(|(host, event)| Some((build(*host)?, *event)));
        if let Some((older, event)) = shown.next() {
            let from: Vec<_> = [event.citation.clone()]
                .into_iter()
                .chain(older.from)
                .collect();
            let says = "a domain controller that is older than Server 2025 refuses too";
            out.rule_out(says, &few(from, 2));
            continue;
        }
        if others.count() > 0 {
            out.lack(UPDATES);
            continue;
        }
        let issued = issued_elsewhere(scene, refused, &is_new);
        if issued.is_empty() {
            continue;
        }
        let text = format!(
            "Only the domain controller of Windows Server 2025 has no encryption type for {}; another one issues tickets for it.",
            refused.shown
        );
        let of_new = new
            .iter()
            .flat_map(|(_, build)| build.from.clone())
            .collect();
        let finding = Finding::about(refused.subject(scene), text)
            .structure(
                "the domain controller that refuses is of Windows Server 2025",
                &few(of_new, 1),
            )
            .observed(
                "it found no encryption type",
                &few(refused.records(&[14, 16, 26, 27, 203, 204, 208, 209]), 3),
            )
            .supporting(
                "another domain controller issued a ticket for the same account",
                &few(issued, 2),
            )
            .at_most(Status::Likely);
        let finding = refused.seen(scene, finding);
        let remedy = match refused.account {
            Some(account) => {
                let repair = Repair::of(scene, account);
                let mut steps = repair.renew_keys();
                steps.push(repair.use_aes());
                repair.around(refused, steps, CAUSE.page.prevent)
            }
            None => repair::unknown(CAUSE.page.prevent),
        };
        out.find(finding.fix(remedy, Vec::new()));
    }
    out
}

/// Tickets that other controllers issued for the account.
fn issued_elsewhere(
    scene: &Scene<'_>,
    refused: &super::refused::Refused<'_>,
    is_new: &dyn Fn(crate::case::HostId) -> bool,
) -> Vec<Citation> {
    let case = scene.case;
    let Some(account) = refused.account else {
        return Vec::new();
    };
    let tickets = case.pick(|body| match body {
        Body::ServiceTicketRequest(e) if e.status == Some(0) => Some(e),
        _ => None,
    });
    tickets
        .filter(|(event, e)| {
            let realm = event.domain();
            let is = |name| case.accounts.is_named(account, name, realm.as_deref());
            e.service_name.as_deref().map(is) == Some(Sameness::Same)
                && case
                    .hosts
                    .find(&event.computer)
                    .is_some_and(|host| !is_new(host))
        })
        .map(|(event, _)| event.citation.clone())
        .collect()
}
