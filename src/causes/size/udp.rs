//! SZ-04: the answer of the KDC is too big for UDP, and TCP is blocked.

use std::collections::BTreeMap;

use crate::case::{Case, HostId};
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Subject};
use crate::evidence::Citation;
use crate::negotiate::Stage;
use crate::readers::events::Body;
use crate::remedy::commands as c;
use crate::remedy::{Remedy, Step};

/// SZ-04.
pub(crate) const CAUSE: Cause = Cause {
    id: "SZ-04",
    name: "tcp-88-blocked",
    title: "Answers of the KDC are too big for UDP, and TCP port 88 is blocked",
    stage: Stage::Ticket,
    page: Page {
        mechanism: "Kerberos may ask the KDC over UDP. A ticket of a user in many groups does not fit a datagram: the KDC answers 0x34 (response too big), and the client asks again over TCP. Where a firewall lets UDP 88 through and not TCP 88, that second request gets no answer. Users with small tickets sign in, those with large ones wait and fall back to NTLM. Windows uses TCP from the start since Vista, so it is mostly other clients, or a MaxPacketSize that somebody set.",
        evidence: &[
            "System log of the client: Kerberos event 3 with 0x34, and nothing that succeeds after it",
            "klist get HTTP/<name>: 0x51f or 0xc000005e (no logon server)",
            "Test-NetConnection DC -Port 88 from the client: failed",
            "registry of the client: MaxPacketSize set below Lsa\\Kerberos\\Parameters",
        ],
        look_alikes: &[
            LookAlike {
                cause: "CL-08",
                told_apart_by: "there no domain controller is reachable at all, for any user",
            },
            LookAlike {
                cause: "SZ-01",
                told_apart_by: "there the client has the ticket, and http.sys refuses the request",
            },
        ],
        ruled_out_by: "TCP 88 open from the client to its domain controllers; or 0x34 followed by a ticket, which is a step of the protocol.",
        fix: &[
            "Open TCP 88 (and 464) from the clients to every domain controller.",
            "Remove MaxPacketSize where it was set, so that Windows uses TCP.",
        ],
        verify: "klist get HTTP/<name> succeeds for the user in most groups.",
        rollback: "Close the port again.",
        prevent: "One set of firewall rules for domain members: TCP and UDP 53, 88, 389, 464, TCP 135, 445, 3268.",
        blind_spots: &["firewalls on the way", "clients that are not Windows"],
        versions: "All versions; Windows Vista and later use TCP by default.",
        sources: &[
            "Microsoft: Kerberos protocol registry entries (MaxPacketSize)",
            "RFC 4120 section 7.2.1 (KRB_ERR_RESPONSE_TOO_BIG)",
        ],
    },
    assess,
};

/// KRB_ERR_RESPONSE_TOO_BIG.
const TOO_BIG: u32 = 0x34;
/// STATUS_NO_LOGON_SERVERS, and ERROR_NO_LOGON_SERVERS.
const NO_SERVER: (u32, u32) = (0xC000_005E, 0x51F);

/// What decides it.
const PORT: Input = Input::Stated {
    what: "whether the client that fails reaches TCP port 88 of its domain controllers",
    collect_with: "powershell -c \"nltest /dsgetdc:$env:USERDNSDOMAIN; Test-NetConnection $env:USERDNSDOMAIN -Port 88\" >> %COMPUTERNAME%_port88.txt 2>&1",
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    for (host, from, unanswered) in unfinished(scene.case) {
        let host = host.map(|h| scene.case.hosts.get(h).name.clone());
        let finding = Finding::about(
            Subject {
                host,
                ..Subject::default()
            },
            "The KDC's answers are too big for UDP (0x34), and then no domain controller answers. If TCP port 88 is blocked between this client and the domain controllers, that is why.",
        )
        .supporting("the KDC answered that its response is too big for UDP", &few(from, 2))
        .supporting("klist found no domain controller for the ticket", &few(unanswered, 2))
        .or_else("CL-08", "no domain controller may be reachable at all")
        .lacks(PORT)
        .at_most(Status::Possible)
        .fix(remedy(), Vec::new());
        out.find(finding);
    }
    out.lack(PORT);
    out
}

type Unfinished = (Option<HostId>, Vec<Citation>, Vec<Citation>);

/// Machines that were told that an answer is too big, and on which klist then found no domain controller. An output that
/// nothing places counts where one machine alone was told so.
fn unfinished(case: &Case) -> Vec<Unfinished> {
    let errors = case.pick(|body| match body {
        Body::KerberosError(error) => Some(error),
        _ => None,
    });
    let mut told: BTreeMap<Option<HostId>, Vec<Citation>> = BTreeMap::new();
    for (event, _) in errors.filter(|(_, error)| error.code == Some(TOO_BIG)) {
        let host = case.hosts.find(&event.computer);
        told.entry(host).or_default().push(event.citation.clone());
    }
    let alone = told.len() == 1;
    let mut found = Vec::new();
    for (host, from) in told {
        let failed = case.attempts.iter().filter(|attempt| {
            let at = case.artifact_hosts.get(&attempt.from.artifact).copied();
            let here = at == host || (at.is_none() && alone);
            here && attempt.result.is_err_and(|failure| {
                failure.status == Some(NO_SERVER.0) || failure.sub_status == Some(NO_SERVER.1)
            })
        });
        let failed: Vec<Citation> = failed.map(|attempt| attempt.from.clone()).collect();
        if !failed.is_empty() {
            found.push((host, from, failed));
        }
    }
    found
}

fn remedy() -> Remedy {
    Remedy::of(vec![
        Step::by_hand("from the client: Test-NetConnection DC -Port 88, for each domain controller that it may use")
            .stop_if("the port is open to all of them: then it is not this"),
        Step::by_hand("open TCP 88 and 464 from the clients to every domain controller"),
        Step::run(c::klist_purge(), "then purge the tickets in the user's session and try again"),
    ])
    .verify(vec![Step::by_hand("klist get for the site's SPN succeeds for the user in most groups")])
    .rollback(vec![Step::by_hand("close the port again")])
    .prevent(CAUSE.page.prevent)
}
