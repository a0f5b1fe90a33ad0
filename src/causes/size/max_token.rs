//! SZ-02: the token is larger than the buffer of the program that asked for it.

use super::saw_large_tickets;
use crate::case::{Role, SymptomKind};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Subject};
use crate::evidence::Known;
use crate::negotiate::Stage;
use crate::readers::events::Body;
use crate::readers::registry::Key;
use crate::remedy::{Remedy, Step};

/// SZ-02.
pub(crate) const CAUSE: Cause = Cause {
    id: "SZ-02",
    name: "token-larger-than-buffer",
    title: "The Kerberos token is larger than MaxTokenSize on the machine that makes it",
    stage: Stage::Authorization,
    page: Page {
        mechanism: "Programs ask Kerberos how large a token can get (MaxTokenSize) and keep a buffer of that size. A user with more groups, or more SID history, gets a token that does not fit. Kerberos writes event 6 with both sizes, the program has no token to send, and the sign-in fails or falls back to NTLM. The size is about 1200 + 40 × (domain local and foreign groups) + 8 × (other groups). The default is 48,000 bytes since Windows 8 and Server 2012, and 12,000 before; policies of old days still set 12,000 or 65,535.",
        evidence: &[
            "System log of the client (or of the server that calls on): Kerberos event 6 with needed and actual size",
            "registry: MaxTokenSize below Lsa\\Kerberos\\Parameters smaller than what is needed, or different on client and server",
            "whoami /groups: hundreds of groups",
        ],
        look_alikes: &[
            LookAlike {
                cause: "SZ-01",
                told_apart_by: "there the token is made, and http.sys of the server refuses the header (HTTPERR)",
            },
            LookAlike {
                cause: "SZ-03",
                told_apart_by: "there the LSA cannot build the token at all (more than about 1010 groups)",
            },
        ],
        ruled_out_by: "a System log of the client without Kerberos event 6.",
        fix: &[
            "Take the user out of groups that are not needed; remove SID history of finished migrations.",
            "Set MaxTokenSize to 48000 on all machines alike, by policy (Computer, System, Kerberos: maximum Kerberos SSPI context token buffer size). Restart.",
            "Where the web server is called by HTTP, raise its header limits as well (SZ-01): 48,000 bytes are 64,000 in base64.",
        ],
        verify: "No new Kerberos event 6; klist shows a ticket for the site, and the page opens.",
        rollback: "Put the former MaxTokenSize back and restart.",
        prevent: "A yearly review of the groups of users with the largest tokens.",
        blind_spots: &["which program asked: the event has its process id only"],
        versions: "All supported versions; the default is larger since Windows 8 and Server 2012.",
        sources: &[
            "Microsoft: Problems with Kerberos when a user belongs to many groups (MaxTokenSize)",
            "Microsoft: Kerberos event 6",
        ],
    },
    assess,
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    for (id, symptom) in scene.symptoms(|k| matches!(k, SymptomKind::TokenTooLarge(_))) {
        let Some(host) = symptom.host() else { continue };
        let name = scene.case.hosts.get(host).name.clone();
        let subject = Subject {
            host: Some(name.clone()),
            ..Subject::default()
        };
        let mut finding = Finding::about(
            subject,
            format!("Kerberos on {name} made a token that does not fit the buffer of the program that asked for it. The program has nothing to send."),
        )
        .conclusive(
            format!("{name} noted tokens that are too large (Kerberos 6), {} times", symptom.count),
            &symptom.from,
        )
        .explains([id]);
        finding = saw_large_tickets(scene, finding, |artifact, _| {
            scene.case.artifact_hosts.get(&artifact) == Some(&host)
        });
        if let Some(Known::Present(set)) = scene
            .case
            .machine(Some(host))
            .map(|m| m.setting(Key::Kerberos, "MaxTokenSize"))
            && let Some(bytes) = set.value.number()
        {
            let says = format!("MaxTokenSize of {name} is {bytes} bytes");
            finding = finding.supporting(says, &set.from);
        }
        out.find(finding.fix(remedy(), Vec::new()));
    }
    let client = scene.has_log("System", Role::Client);
    if !client {
        out.lack(Input::ClientSystemLog);
    }
    let event = scene.case.events.iter().find(|e| {
        let host = scene.case.hosts.find(&e.computer);
        let is_client = host.is_some_and(|h| scene.case.hosts.get(h).roles.contains(&Role::Client));
        // One that fails, for another reason.
        is_client && matches!(e.body, Body::KeyMismatch(_))
    });
    if let Some(event) = event {
        out.rule_out(
            "the token of a client that fails reached the server, which could not open it (Kerberos 4): it fitted",
            &few(vec![event.citation.clone()], 1),
        );
    }
    out
}

fn remedy() -> Remedy {
    Remedy::of(vec![
        Step::by_hand("count the groups of the user: whoami /groups in the user's session"),
        Step::by_hand("take the user out of groups that are not needed, and remove SID history of finished migrations"),
        Step::by_hand("set MaxTokenSize to 48000 by policy, on clients and servers alike, and restart them")
            .risk("programs that were built for smaller tokens get larger ones")
            .stop_if("the event asks for more than 48000: no setting helps then, only fewer groups"),
    ])
    .verify(vec![Step::by_hand("no new Kerberos event 6; klist shows a ticket for the site")])
    .rollback(vec![Step::by_hand("put the former value of the policy back, and restart")])
    .prevent(CAUSE.page.prevent)
}
