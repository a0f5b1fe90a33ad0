//! TR-05: SID filtering of a trust takes groups, or everything, out of the user's token.

use super::crossing::{self, failed_on, refusals};
use crate::case::{HostId, SymptomKind};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Subject};
use crate::evidence::{Citation, Known};
use crate::negotiate::Stage;
use crate::readers::events::Body;
use crate::remedy::{Remedy, Step};

/// TR-05.
pub(crate) const CAUSE: Cause = Cause {
    id: "TR-05",
    name: "sid-filtering",
    title: "SID filtering of the trust takes groups out of the user's token",
    stage: Stage::Accept,
    page: Page {
        mechanism: "Who crosses a trust brings a list of SIDs: the user's, the groups', and those of SID history. The domain controllers of the other side strike out what the trust does not let pass: with quarantine every SID that is not of the trusted domain itself, on a forest trust SIDs that are not of that forest. The user is signed in all the same, but without the groups that the site's permissions name, and gets 401.3 or the application's refusal. Where nothing is left, the logon itself fails with STATUS_ALL_SIDS_FILTERED (0xC000035E).",
        evidence: &[
            "Security log of the web server: 4625 of type 3 with 0xC000035E",
            "Security log of a domain controller or the web server: 4675 (SIDs were filtered), with the list",
            "Get-ADTrust: SIDFilteringQuarantined, SIDFilteringForestAware; nltest: quarantined",
            "whoami /groups of the user on a server of this side: the group is not there",
            "IIS log: 401.3 for users of the other domain",
        ],
        look_alikes: &[
            LookAlike {
                cause: "AZ-05",
                told_apart_by: "there the membership is too new, or of a domain whose groups do not travel: nothing was filtered (no 4675)",
            },
            LookAlike {
                cause: "AZ-01",
                told_apart_by: "there the permissions name nobody whom the user belongs to, on whatever side",
            },
        ],
        ruled_out_by: "a token of the user on this side that has the groups.",
        fix: &[
            "Give the permissions to groups of the server's own domain, and put the users of the other side into them.",
            "Where SID history is needed for a migration, letting it pass is a decision of those who answer for both domains' security.",
        ],
        verify: "whoami /groups on this side shows the group; the page opens.",
        rollback: "Take the users from the group. A filter that was changed: netdom trust … /quarantine with the noted value.",
        prevent: "Permissions only to groups of the domain that holds the resource.",
        blind_spots: &["which SID a permission needs is not in the trust's data"],
        versions: "All supported versions.",
        sources: &[
            "Microsoft: NTSTATUS values, STATUS_ALL_SIDS_FILTERED",
            "Microsoft: auditing of 4675",
        ],
    },
    assess,
};

const FILTERED: &[u32] = &[0xC000_035E];

/// What is left of the groups.
const TOKEN: Input = Input::Stated {
    what: "the groups of a user of the other domain, in a session on the web server's side",
    collect_with: "whoami /all > %COMPUTERNAME%_whoami.txt",
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let quarantine: Vec<(String, Citation)> = scene
        .case
        .domains
        .trusts
        .iter()
        .filter_map(|trust| match &trust.quarantined {
            Known::Present(set) if set.value => Some((trust.name().to_owned(), trust.from.clone())),
            _ => None,
        })
        .collect();
    let all = refusals(scene, FILTERED);
    let mut hosts: Vec<HostId> = all.iter().map(|(host, ..)| *host).collect();
    hosts.sort_unstable();
    hosts.dedup();
    for host in hosts {
        let name = scene.case.hosts.get(host).name.clone();
        let from = all.iter().filter(|(h, ..)| *h == host);
        let from: Vec<_> = from.map(|(_, event, _)| event.citation.clone()).collect();
        let subject = Subject {
            host: Some(name.clone()),
            ..Subject::default()
        };
        let text = format!(
            "{name} refuses users of another domain because SID filtering left nothing of their token (0xC000035E)."
        );
        let mut finding = Finding::about(subject, text)
            .conclusive(
                format!("{name} refused network logons with 0xC000035E"),
                &few(from, 3),
            )
            .explains(
                failed_on(scene, host, FILTERED)
                    .into_iter()
                    .map(|(id, _)| id),
            );
        for (trust, from) in &quarantine {
            let says = format!("the trust with {trust} is quarantined");
            finding = finding.structure(says, std::slice::from_ref(from));
        }
        if !crossing::is_web(scene.case, host) {
            finding = finding.at_most(Status::Likely);
        }
        out.find(finding.fix(remedy(), Vec::new()));
    }
    if out.findings.is_empty() {
        denied(scene, &quarantine, &mut out);
    }
    out
}

/// SIDs were filtered, and users were refused after they had signed in: whether one comes of the other is not shown.
fn denied(scene: &Scene<'_>, quarantine: &[(String, Citation)], out: &mut Assessment) {
    let filtered: Vec<Citation> = scene
        .case
        .events
        .iter()
        .filter(|event| event.id == 4675 && matches!(event.body, Body::Other(_)))
        .map(|event| event.citation.clone())
        .collect();
    let denials = scene.symptoms(|k| matches!(k, SymptomKind::AccessRefused(_, 3)));
    if filtered.is_empty() {
        if !quarantine.is_empty() {
            out.lack_all(scene.missing_server_log());
        }
        if !denials.is_empty() && !quarantine.is_empty() {
            out.lack(TOKEN);
        }
        return;
    }
    out.lack(TOKEN);
    let Some((id, denial)) = denials.first() else {
        return;
    };
    let text = "SIDs were struck out of the tokens of users who cross a trust, and users who had signed in were refused by permissions (401.3): the groups that the permissions name may be among them.";
    let mut finding = Finding::about(Subject::default(), text)
        .observed("SIDs were filtered (4675)", &few(filtered, 3))
        .supporting(
            "users who had signed in were refused (401.3)",
            &few(denial.from.clone(), 2),
        )
        .explains([*id])
        .or_else("AZ-05", "a membership that is too new looks the same")
        .lacks(TOKEN);
    for (trust, from) in quarantine {
        let says = format!("the trust with {trust} is quarantined");
        finding = finding.supporting(says, std::slice::from_ref(from));
    }
    out.find(finding.fix(remedy(), Vec::new()));
}

fn remedy() -> Remedy {
    Remedy::of(vec![
        Step::by_hand("compare the groups of the user on the other side with those in a session on this side (whoami /groups)"),
        Step::by_hand("make a domain-local group in the web server's domain, give it the permission that the missing group had, and put the users, or a group of their own domain, into it")
            .stop_if("the missing SID is one of SID history: the account or group must be migrated for good, or its filter decided by those who answer for both domains"),
        Step::by_hand("let the user sign in anew, so that the token is made again"),
    ])
    .verify(vec![Step::by_hand("whoami /groups on this side shows the new group, and the page opens")])
    .rollback(vec![Step::by_hand("take the users from the group, and the group from the permissions")])
    .prevent(CAUSE.page.prevent)
}
