//! ET-11: the check of a PAC from another domain is stricter since April 2024 (CVE-2024-26248, CVE-2024-29056).

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::hardening::began_since;
use super::update_2022::update_controllers;
use crate::case::{HostId, Role, Symptom, SymptomId, SymptomKind};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Subject};
use crate::negotiate::Stage;
use crate::readers::events::{Body, Event};

/// ET-11.
pub(crate) const CAUSE: Cause = Cause {
    id: "ET-11",
    name: "pac-validation",
    title: "The stricter check of PACs refuses users of another domain (CVE-2024-26248)",
    stage: Stage::Accept,
    page: Page {
        mechanism: "A server that is given a ticket has its PAC checked by a domain controller. Since the updates of April 2024 that is a new kind of request, which takes SIDs out that do not belong into it, and which every controller on the way to the user's domain must know; since April 2025 there is no way back to the old one. Where a controller on the way was not updated, or the way is blocked, the logon of users of other domains is refused though their ticket is right.",
        evidence: &[
            "System log of the web server or of a domain controller, source Security-Kerberos: 21 (SIDs taken out), 22 (refused), 23 (an old controller was met)",
            "Security log of the web server: 4625 for users of another domain, at the same time",
            "registry: PacSignatureValidationLevel, CrossDomainFilteringLevel, on builds that still read them",
        ],
        look_alikes: &[
            LookAlike {
                cause: "TR-05",
                told_apart_by: "there the trust's own SID filter is at work: 4675, or 0xC000035E",
            },
            LookAlike {
                cause: "TR-06",
                told_apart_by: "there the trust itself does not work, by NTLM neither",
            },
        ],
        ruled_out_by: "users of the server's own domain who fail in the same way.",
        fix: &[
            "Update every domain controller on the way between the two domains.",
            "Let the server's controllers reach those of the user's domain.",
        ],
        verify: "users of the other domain sign in; no new 22.",
        rollback: "The values of the registry go back only on builds that still read them, and not for good.",
        prevent: "Keep the domain controllers of all trusting domains at one level of updates.",
        blind_spots: &[
            "the fields of 21, 22 and 23 are not documented: their number is what counts here, and this is called likely at most",
        ],
        versions: "Windows Server 2012 R2 and later, updated since April 2024.",
        sources: &["Microsoft: KB5037754, CVE-2024-26248 and CVE-2024-29056"],
    },
    assess,
};

/// What the server wrote.
const SERVER_LOG: Input = Input::Stated {
    what: "the System log of the web server (Security-Kerberos 21 to 23)",
    collect_with: "wevtutil epl System %COMPUTERNAME%_System.evtx",
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let records = |id: u32| -> Vec<&Event> {
        let all = scene.case.events.iter();
        all.filter(|event| matches!(&event.body, Body::Kerberos(e) if e.id == id && !e.operational))
            .collect()
    };
    let (cut, refused, old) = (records(21), records(22), records(23));
    let from = |events: &[&Event]| few(events.iter().map(|e| e.citation.clone()).collect(), 3);
    // Refused logons of web servers that no status of an account explains.
    let failed: Vec<(SymptomId, &Symptom)> = scene.symptoms(|k| match k {
        SymptomKind::LogonFailed {
            status, sub_status, ..
        } => {
            let code = if *sub_status == 0 {
                *status
            } else {
                *sub_status
            };
            matches!(
                code,
                0xC000_006D | 0xC000_0022 | 0xC000_005E | 0xC000_0388 | 0x8009_030C
            )
        }
        _ => false,
    });
    if !refused.is_empty() {
        let hosts: BTreeSet<&str> = refused.iter().map(|event| &*event.computer).collect();
        let shown: Vec<&str> = hosts.into_iter().collect();
        let text = format!(
            "{} refuses logons with tickets because their PAC could not be checked (Security-Kerberos 22), as happens to users of another domain while a controller on the way was not updated since April 2024.",
            shown.join(", ")
        );
        let subject = Subject {
            host: shown
                .first()
                .map(|h| h.split('.').next().unwrap_or(h).to_uppercase()),
            ..Subject::default()
        };
        // What the same machine refused from then on.
        let mut first: BTreeMap<HostId, Timestamp> = BTreeMap::new();
        for event in &refused {
            if let Some(host) = scene.case.hosts.find(&event.computer) {
                let first = first.entry(host).or_insert(event.time);
                *first = event.time.min(*first);
            }
        }
        let explained: Vec<SymptomId> = failed
            .into_iter()
            .filter(|(_, s)| {
                let from = s.host().and_then(|host| first.get(&host));
                from.is_some_and(|from| began_since(s, *from))
            })
            .map(|(id, _)| id)
            .collect();
        let finding = Finding::about(subject, text)
            .observed(
                "logons were refused by the check of the PAC (22)",
                &from(&refused),
            )
            .supporting("SIDs were taken out of PACs (21)", &from(&cut))
            .supporting("a controller does not know the new check (23)", &from(&old))
            .explains(explained)
            .at_most(Status::Likely);
        out.find(finding.fix(update_controllers(CAUSE.page.prevent), Vec::new()));
    } else if !cut.is_empty() || !old.is_empty() {
        let text = "The check of PACs from other domains took SIDs out, or met a controller that does not know it (Security-Kerberos 21, 23): nobody was refused for it so far.";
        let finding = Finding::about(Subject::default(), text)
            .supporting("SIDs were taken out of PACs (21)", &from(&cut))
            .supporting("a controller does not know the new check (23)", &from(&old));
        out.find(finding.fix(update_controllers(CAUSE.page.prevent), Vec::new()));
    } else if !failed.is_empty() && !scene.has_log("System", Role::WebServer) {
        out.lack(SERVER_LOG);
    }
    out
}
