//! ET-07: the update of November 2022 changed the defaults, and its first builds refused too much (CVE-2022-37966).

use jiff::Timestamp;

use super::hardening::{UPDATES, controllers, kdc, places, update};
use super::refused::{Why, refused};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, LookAlike, Page, Scene, Status, Subject};
use crate::negotiate::Stage;
use crate::remedy::{Remedy, Step};

/// ET-07.
pub(crate) const CAUSE: Cause = Cause {
    id: "ET-07",
    name: "update-of-november-2022",
    title: "The update of November 2022 on the domain controllers refuses encryption types (CVE-2022-37966)",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "The update of November 8, 2022 made AES session keys the default for accounts without msDS-SupportedEncryptionTypes. Its first builds, until the out-of-band update of November 17 and 18 and that of January 10, 2023, refused accounts whose setting names RC4 and no AES though nothing else had changed: KDC 14 or 16 speaks of a missing key. And where krbtgt itself has no strong keys, the KDC writes 42. Failures begin on the day a domain controller is updated, and only at those that are.",
        evidence: &[
            "System log of a domain controller: KDC 42 (an account, mostly krbtgt, lacks strong keys)",
            "System log of a domain controller: KDC 14, 16, 26 or 27 from the day of the update on",
            "updates of the domain controller: that of November 2022 without the out-of-band one",
        ],
        look_alikes: &[
            LookAlike {
                cause: "ET-10",
                told_apart_by: "there the updates of 2026 block RC4, and KDC 201 to 209 say so",
            },
            LookAlike {
                cause: "ET-02",
                told_apart_by: "there the setting excludes what is asked for at every domain controller, updated or not",
            },
        ],
        ruled_out_by: "failures that began after January 2023, without KDC 42.",
        fix: &[
            "Bring the domain controllers to a current update.",
            "Set msDS-SupportedEncryptionTypes of the service accounts to 0x18, or 0x1C for a time.",
            "Where KDC 42 names krbtgt: reset its password twice, with more than the lifetime of a ticket (10 hours) between.",
        ],
        verify: "4769 with 0x0 and encryption type 0x12; no new KDC 42.",
        rollback: "An update is not taken back; the setting of an account can be.",
        prevent: "Update domain controllers in rings, with an authentication test after each.",
        blind_spots: &["a list of updates shows what was installed, not when it took effect"],
        versions: "Domain controllers from Windows Server 2008 to 2022.",
        sources: &["Microsoft: KB5021131, CVE-2022-37966"],
    },
    assess,
};

/// 2022-11-08.
const RELEASED: i64 = 1_667_865_600;
/// 2023-01-11.
const MENDED: i64 = 1_673_395_200;
/// The updates of November 8, 2022, by system.
const FIRST: [&str; 6] = [
    "KB5019964",
    "KB5019966",
    "KB5019081",
    "KB5020023",
    "KB5020009",
    "KB5019080",
];

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let weak = kdc(scene, &[42]);
    let refused = refused(scene);
    let unclear: Vec<_> = refused
        .iter()
        .filter(|r| matches!(r.why, Why::NotShown | Why::Setting))
        .collect();
    let failed = unclear.iter().any(|r| r.was_refused());
    if let Some((_, e)) = weak.first() {
        let account = e.name.clone().or_else(|| e.fields.text("param1"));
        let shown = account.unwrap_or_else(|| "krbtgt".to_owned());
        let text = format!(
            "The KDC has no strong keys for {shown} (KDC 42): since the update of November 2022 it writes so, and tickets that need them are not issued."
        );
        let subject = Subject {
            account: Some(shown.clone()),
            ..Subject::default()
        };
        let from = few(places(&weak), 2);
        let mut finding = Finding::about(subject, text);
        finding = match failed {
            true => finding.structure(format!("{shown} lacks strong keys"), &from),
            // A warning alone stops nobody.
            false => finding.supporting(format!("{shown} lacks strong keys"), &from),
        };
        for refused in &unclear {
            finding = refused.seen(scene, finding);
        }
        out.find(finding.at_most(Status::Likely).fix(remedy(), Vec::new()));
        return out;
    }
    for refused in unclear {
        let of_kdc = refused.events().map(|event| event.time);
        let of_clients = refused.symptoms.iter().filter_map(|(_, s)| s.first);
        let first: Option<Timestamp> = of_kdc.chain(of_clients).min();
        let places: Vec<_> = refused
            .symptoms
            .iter()
            .flat_map(|(_, s)| s.from.clone())
            .chain(refused.events().map(|event| event.citation.clone()))
            .collect();
        match first.map(Timestamp::as_second) {
            None => out.lack(UPDATES),
            Some(at) if !(RELEASED..MENDED).contains(&at) => out.rule_out(
                "the refusals began outside the time in which the first builds of the update of November 2022 were in use",
                &few(places, 1),
            ),
            Some(_) => {
                let text = format!(
                    "Tickets for {} are refused since the weeks of the update of November 2022, whose first builds refused accounts that name RC4 and no AES.",
                    refused.shown
                );
                let mut finding = refused.seen(scene, Finding::about(refused.subject(scene), text));
                let has = controllers(scene).find_map(|host| update(scene, host, &FIRST));
                finding = match has {
                    Some((kb, from)) => finding.structure(
                        format!("a domain controller has {kb}, the update of November 8, 2022"),
                        &[from],
                    ),
                    None => finding
                        .or_else("ET-02", "the setting of the account may exclude what is asked for")
                        .lacks(UPDATES),
                };
                out.find(finding.at_most(Status::Likely).fix(remedy(), Vec::new()));
            }
        }
    }
    out
}

fn remedy() -> Remedy {
    Remedy::of(vec![
        Step::by_hand("note the updates of every domain controller (Get-HotFix), and msDS-SupportedEncryptionTypes of the accounts concerned"),
        Step::by_hand("bring the domain controllers to a current cumulative update, one after the other")
            .risk("current updates enforce more than that of 2022 did: look for KDC 35 to 44 and 201 to 209 first"),
        Step::by_hand("set msDS-SupportedEncryptionTypes of the service accounts to 0x18 (0x1C while RC4 is still needed), after their passwords were reset"),
        Step::by_hand("where KDC 42 names krbtgt: reset its password, wait for more than 10 hours and for replication, reset it once more")
            .risk("two resets within the lifetime of a ticket end every session of the domain"),
    ])
    .verify(vec![Step::by_hand("4769 with 0x0 and encryption type 0x12 at every domain controller; no new KDC 42")])
    .rollback(vec![Step::by_hand("set msDS-SupportedEncryptionTypes as it was")])
    .prevent(CAUSE.page.prevent)
}

/// Brings every domain controller to the level of the others, for the causes that come of one that is not.
pub(super) fn update_controllers(prevent: &str) -> Remedy {
    Remedy::of(vec![
        Step::by_hand("list the updates of every domain controller of the forest, and of the forests across trusts (Get-HotFix on each)"),
        Step::by_hand("bring those that lag behind to the update level of the others")
            .risk("an update may enforce more: look for KDC 35 to 44 and 201 to 209 on the updated ones first"),
        Step::by_hand("let users who fail sign in anew, or purge their tickets (klist purge); tickets of before live for 10 hours"),
    ])
    .verify(vec![Step::by_hand("no new record of this kind in the System log of any domain controller, and the users get tickets")])
    .rollback(vec![Step::by_hand("nothing to take back: an enforcement is not turned off for good")])
    .prevent(prevent)
}
