//! ET-15: two machines that are clones of one image refuse each other (KB5068222).

use crate::case::{HostId, Role, SymptomKind};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Subject};
use crate::evidence::Citation;
use crate::negotiate::Stage;
use crate::remedy::{Remedy, Step};

/// ET-15.
pub(crate) const CAUSE: Cause = Cause {
    id: "ET-15",
    name: "duplicate-machine-sid",
    title: "Machines that are clones of one image refuse each other's logons (KB5068222)",
    stage: Stage::Accept,
    page: Page {
        mechanism: "A machine marks the tickets and NTLM messages that it makes with an id of its own, to tell its own calls from others. Since the updates of August and September 2025 (Windows 11 24H2, Server 2025) a part of that id lasts across boots and is made from the machine's SID. Machines that were cloned without sysprep have one SID: each takes the other's message for its own of another boot, and refuses it. Kerberos and NTLM both fail between the two, while third machines get in.",
        evidence: &[
            "System log of the machine that refuses: LsaSrv 6167 (partial mismatch of the machine id)",
            "SEC_E_NO_CREDENTIALS (0x8009030E) in the logs, prompts that never end",
            "PsGetSid, or the SIDs of local accounts: two machines have the same",
        ],
        look_alikes: &[LookAlike {
            cause: "LOOP-01",
            told_apart_by: "there the caller is the same machine: LsaSrv 6037, and the machine's own address",
        }],
        ruled_out_by: "machine SIDs that differ.",
        fix: &[
            "Compare the SIDs of the two machines.",
            "Rebuild the clones from an image that went through sysprep: a SID cannot be changed afterwards.",
            "The vendor has a temporary setting for the meantime; ask for it only with a date for the rebuild.",
        ],
        verify: "the call works after the rebuild, and LsaSrv writes no 6167.",
        rollback: "Remove the temporary setting.",
        prevent: "sysprep /generalize for every image.",
        blind_spots: &[
            "the values of 6167 are not documented, and another release of Windows gives its number to something else: this is called likely at most",
        ],
        versions: "Windows 11 24H2 and later, Windows Server 2025, updated since August 2025.",
        sources: &[
            "Microsoft: KB5068222",
            "Microsoft: Kerberos and NTLM authentication failures due to duplicate SIDs",
        ],
    },
    assess,
};

/// The log that would say it.
const SERVER_LOG: Input = Input::Stated {
    what: "the System log of the web server (LsaSrv 6167), and the machine SIDs of server and client (PsGetSid)",
    collect_with: "wevtutil epl System %COMPUTERNAME%_System.evtx",
};
/// SEC_E_NO_CREDENTIALS.
const NO_CREDENTIALS: u32 = 0x8009_030E;

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    for (id, symptom) in scene.symptoms(|k| matches!(k, SymptomKind::ForeignTicket(_))) {
        let Some(host) = symptom.host() else { continue };
        let name = scene.case.hosts.get(host).name.clone();
        let text = format!(
            "{name} takes logons of another machine for its own of another boot, and refuses them (LsaSrv 6167): the two were cloned from one image and have one machine SID."
        );
        let subject = Subject {
            host: Some(name.clone()),
            ..Subject::default()
        };
        let web = scene.case.hosts.get(host).roles.contains(&Role::WebServer);
        let finding = Finding::about(subject, text)
            .observed(
                format!("{name} refused logons for their machine id (LsaSrv 6167)"),
                &few(symptom.from.clone(), 3),
            )
            .supporting(
                "network logons without a reason of the account failed meanwhile",
                &few(
                    unexplained(scene, host)
                        .into_iter()
                        .map(|(_, from)| from)
                        .collect(),
                    2,
                ),
            )
            .explains([id])
            .explains(unexplained(scene, host).into_iter().map(|(id, _)| id))
            .at_most(if web {
                Status::Likely
            } else {
                Status::Possible
            });
        out.find(finding.fix(remedy(&name), Vec::new()));
    }
    let refused = scene.symptoms(|k| match k {
        SymptomKind::TokenRefused { code, .. } => *code == NO_CREDENTIALS,
        SymptomKind::SignInFailed { win32, .. } => *win32 == Some(NO_CREDENTIALS),
        kind => is_unexplained(kind),
    });
    if out.findings.is_empty() && !refused.is_empty() && !scene.has_log("System", Role::WebServer) {
        out.lack(SERVER_LOG);
    }
    out
}

/// Refused logons on a machine that say nothing of the account.
fn unexplained(scene: &Scene<'_>, host: HostId) -> Vec<(crate::case::SymptomId, Citation)> {
    let failed = scene.symptoms(|k| {
        is_unexplained(k) && matches!(k, SymptomKind::LogonFailed { host: h, .. } if *h == host)
    });
    failed
        .into_iter()
        .filter_map(|(id, s)| Some((id, s.from.first()?.clone())))
        .collect()
}

/// A logon from another machine that was refused without saying why.
fn is_unexplained(kind: &SymptomKind) -> bool {
    matches!(
        kind,
        SymptomKind::LogonFailed {
            status: 0xC000_006D,
            sub_status: 0,
            own_address: false,
            ..
        }
    )
}

fn remedy(name: &str) -> Remedy {
    Remedy::of(vec![
        Step::by_hand(format!("compare the machine SIDs of {name} and of the machines that fail: PsGetSid on each, or the SID of a local account without its last number"))
            .stop_if("they differ: this is not the cause"),
        Step::by_hand("rebuild the clones from an image that was generalized (sysprep /generalize)")
            .risk("a rebuilt machine needs its roles, certificates and memberships again"),
        Step::by_hand("where that takes time: ask the vendor's support for the temporary setting, and note the date on which it goes"),
    ])
    .verify(vec![Step::by_hand("the call works, and LsaSrv writes no 6167 any more")])
    .rollback(vec![Step::by_hand("remove the temporary setting")])
    .prevent(CAUSE.page.prevent)
}
