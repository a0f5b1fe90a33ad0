//! PRX-03: something on the way finds the Authorization header too long.

use crate::case::{HostId, SymptomKind};
use crate::causes::scene::few;
use crate::causes::size::warned;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Subject};
use crate::negotiate::Stage;
use crate::remedy::{Remedy, Step};

/// PRX-03.
pub(crate) const CAUSE: Cause = Cause {
    id: "PRX-03",
    name: "header-cut-on-the-way",
    title: "A proxy or firewall on the way rejects or cuts a long Authorization header",
    stage: Stage::Authorization,
    page: Page {
        mechanism: "A Kerberos ticket of a user in many groups makes an Authorization header of 8, 12 or more kilobytes. http.sys takes 16 by default; web application firewalls, load balancers and reverse proxies often stop at 4 or 8. They answer 400, 413, 431 or 494 themselves, or drop the header: then IIS sees a request without credentials and answers 401.2 for ever. Only users in many groups are affected, and never past the device.",
        evidence: &[
            "recording at the client (HAR, Fiddler): 400, 431 or 494 with a Server header that is not Microsoft's, right after a long Authorization header",
            "IIS log: 401 2 over and over for these users, or no line at all; HTTPERR has nothing of them",
            "KDC event 31 on a domain controller: tickets above the warning threshold",
            "directly at the server it works for the same user",
        ],
        look_alikes: &[
            LookAlike {
                cause: "SZ-01",
                told_apart_by: "there http.sys itself answers 400, and HTTPERR says FieldLength or RequestLength",
            },
            LookAlike {
                cause: "EPA-01",
                told_apart_by: "there everybody fails behind the proxy, and IIS logs 401.1 with bad bindings",
            },
        ],
        ruled_out_by: "the same failure directly at the server.",
        fix: &[
            "Find the device that answers: its name is in the Server or Via header, or in its own log.",
            "Raise its limit for one header to 16 KiB, and for all headers to 32 (nginx: large_client_header_buffers; HAProxy: tune.bufsize; others have their own names).",
            "Take users out of groups they do not need, and remove old SID history: that helps everywhere.",
        ],
        verify: "The user with the largest ticket signs in through the device.",
        rollback: "Put the former limit back.",
        prevent: "Test each device on the way with the user who is in most groups.",
        blind_spots: &[
            "the device and its log",
            "the length of the header, where no recording was made at the client",
        ],
        versions: "All versions.",
        sources: &[
            "Microsoft: HTTP 400 and the size of Kerberos tokens (limits of http.sys)",
            "RFC 6585 section 5 (431)",
        ],
    },
    assess,
};

/// What decides it.
const DEVICE: Input = Input::Stated {
    what: "a recording (HAR with sensitive data, or Fiddler) of a failing sign-in at the client of a user in many groups, and the header limits and log of each proxy or firewall on the way",
    collect_with: "curl.exe -v -s -o NUL --negotiate -u : <URL> > %COMPUTERNAME%_curl.txt 2>&1",
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let refusals = |kind: &SymptomKind| matches!(kind, SymptomKind::AnsweredOnTheWay(status) if *status != 407);
    for (id, symptom) in scene.symptoms(refusals) {
        let SymptomKind::AnsweredOnTheWay(status) = symptom.kind else {
            continue;
        };
        let exchange = scene
            .case
            .exchanges
            .iter()
            .find(|e| e.answered_on_the_way() == Some(status));
        let server = exchange.and_then(|e| e.server.clone()).unwrap_or_default();
        let host_name = exchange.and_then(|e| e.host());
        let subject = Subject {
            host_name,
            ..Subject::default()
        };
        let finding = Finding::about(
            subject,
            format!("The request with the ticket never reached IIS: {server} on the way answered {status}, because it finds the Authorization header too long."),
        )
        .conclusive(
            format!("{server}, which is not IIS, answered {status} to a long Authorization header"),
            &symptom.from,
        )
        .explains([id])
        // 400 has other reasons as well.
        .at_most(if status == 431 || status == 494 { Status::Confirmed } else { Status::Likely })
        .fix(remedy(), Vec::new());
        out.find(with_warnings(scene, finding));
    }
    if out.findings.is_empty() {
        out.findings.extend(behind_a_proxy(scene));
    }
    out.lack(DEVICE);
    out
}

fn with_warnings(scene: &Scene<'_>, finding: Finding) -> Finding {
    finding.supporting(
        "a domain controller issued tickets above its warning threshold (KDC 31)",
        &few(warned(scene), 2),
    )
}

/// Large tickets, callers behind one address that never get credentials through, and nothing of it in HTTPERR: it fits.
fn behind_a_proxy(scene: &Scene<'_>) -> Option<Finding> {
    let refused_here = |host: Option<HostId>| {
        let kinds =
            scene.symptoms(|k| matches!(k, SymptomKind::HeaderTooLong(of, _) if *of == host));
        !kinds.is_empty()
    };
    let (id, symptom) = scene
        .symptoms(|k| matches!(k, SymptomKind::NobodySignsIn(_)))
        .into_iter()
        .next()?;
    let logged = symptom
        .logged_site()
        .and_then(|site| scene.case.logged_site(site))?;
    let (proxies, from) = super::shared(logged, &symptom.clients);
    if warned(scene).is_empty() || proxies.is_empty() || refused_here(logged.host) {
        return None;
    }
    let finding = Finding::about(
        super::subject(scene, logged),
        "Large tickets are in use, users come through a proxy, and no credentials ever arrive: something on the way may drop a header that it finds too long.",
    )
    .supporting("users call through one address", &few(from, 2))
    .supporting("requests are answered with the challenge, and none comes back with credentials", &symptom.from)
    .explains([id])
    .lacks(DEVICE)
    .fix(remedy(), Vec::new());
    Some(with_warnings(scene, finding))
}

fn remedy() -> Remedy {
    Remedy::of(vec![
        Step::by_hand("find the device that answers: its Server or Via header, and its own log"),
        Step::by_hand("try the same user directly at the web server, past the device")
            .stop_if("it fails there too: then look at the limits of http.sys (HTTPERR)"),
        Step::by_hand(
            "raise the device's limit for one header to 16 KiB and for all headers to 32 KiB",
        ),
        Step::by_hand("take the user out of groups that are not needed"),
    ])
    .verify(vec![Step::by_hand(
        "the user with the largest ticket signs in through the device",
    )])
    .rollback(vec![Step::by_hand("put the former limit back")])
    .prevent(CAUSE.page.prevent)
}
