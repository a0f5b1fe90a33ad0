//! SZ-01: the request header with the ticket is longer than http.sys takes.

use super::saw_large_tickets;
use crate::case::{HostId, SymptomKind};
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status, Subject};
use crate::evidence::Known;
use crate::negotiate::Stage;
use crate::readers::registry::Key;
use crate::remedy::commands as c;
use crate::remedy::{Remedy, Step};

/// SZ-01.
pub(crate) const CAUSE: Cause = Cause {
    id: "SZ-01",
    name: "request-header-too-long",
    title: "The header with the Kerberos ticket is longer than http.sys takes (400)",
    stage: Stage::Request,
    page: Page {
        mechanism: "A ticket carries the SIDs of all groups of the user. In base64 it grows by a third, and the Authorization header of a user in hundreds of groups passes the 16 KiB that http.sys allows one header (MaxFieldLength) and all of them together (MaxRequestBytes). http.sys answers 400 before any site is chosen: IIS logs nothing, HTTPERR says FieldLength or RequestLength. Large cookies beside the ticket do the same. Others sign in without trouble.",
        evidence: &[
            "HTTPERR log: 400 … FieldLength (one header) or RequestLength (all of them)",
            "IIS log: no line for these requests",
            "whoami /groups of the user: hundreds of groups; KDC event 31 on a domain controller",
            "registry of the web server: MaxFieldLength and MaxRequestBytes below HTTP\\Parameters absent (16384 each), or one raised and the other not",
        ],
        look_alikes: &[
            LookAlike {
                cause: "PRX-03",
                told_apart_by: "there HTTPERR has nothing, and a device on the way answers",
            },
            LookAlike {
                cause: "SZ-03",
                told_apart_by: "there the user cannot log on anywhere (0xC000015A)",
            },
            LookAlike {
                cause: "SZ-02",
                told_apart_by: "there the client cannot build the token (Kerberos event 6), and no request is sent",
            },
        ],
        ruled_out_by: "an HTTPERR log of the time without FieldLength and RequestLength.",
        fix: &[
            "See which header it is: in the browser's developer tools, or in a recording. A cookie jar of 10 KiB needs another cure (shorter cookies) than a ticket.",
            "Take the user out of groups that are not needed; remove SID history after migrations. That helps on every server.",
            "Raise both limits on the web server: MaxFieldLength (at most 65534) and MaxRequestBytes, to about 4/3 of the token's size and 200 bytes more; 65534 each is usual.",
            "Restart the HTTP service (net stop http /y, then start the services that depended on it) or the server.",
        ],
        verify: "The user signs in; no new FieldLength or RequestLength in HTTPERR.",
        rollback: "Delete both values and restart the HTTP service.",
        prevent: "Nested groups reviewed each year; the same limits on every web server and proxy.",
        blind_spots: &[
            "which header was too long, and whose request it was: HTTPERR names neither",
        ],
        versions: "All supported versions.",
        sources: &[
            "Microsoft: HTTP 400 (request header too long) with Kerberos",
            "Microsoft: Http.sys registry settings for Windows (MaxFieldLength, MaxRequestBytes)",
        ],
    },
    assess,
};

/// Bytes that both limits have where nothing sets them.
const DEFAULT: u64 = 16_384;

/// The log that decides.
const HTTPERR: Input = Input::Stated {
    what: "the HTTPERR log of the web server at the time of the failure",
    collect_with: "robocopy %SystemRoot%\\System32\\LogFiles\\HTTPERR . *.log /maxage:7",
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    for (id, symptom) in scene.symptoms(|k| matches!(k, SymptomKind::HeaderTooLong(..))) {
        let SymptomKind::HeaderTooLong(host, reason) = &symptom.kind else {
            continue;
        };
        let name = host.map(|host| scene.case.hosts.get(host).name.clone());
        let what = match reason.as_str() {
            "FieldLength" => "one header of them",
            _ => "their headers together",
        };
        let subject = Subject {
            host: name.clone(),
            ..Subject::default()
        };
        let mut finding = Finding::about(
            subject,
            format!("{} answers requests with 400 before IIS sees them, because {what} is longer than http.sys takes. The usual reason is the Kerberos ticket of users in very many groups; large cookies do it too.", name.as_deref().unwrap_or("The web server")),
        )
        .observed(
            format!("http.sys answered 400 ({reason}), {} times", symptom.count),
            &symptom.from,
        )
        .explains([id]);
        let users = scene.case.users_at(&symptom.clients);
        finding = saw_large_tickets(scene, finding, |artifact, token| {
            let at = scene.case.artifact_hosts.get(&artifact);
            let calls =
                at.is_some_and(|at| symptom.clients.iter().any(|ip| scene.case.is_at(*at, ip)));
            calls || scene.is_of(token, &users)
        });
        finding = with_limits(scene, finding, *host, reason);
        if finding.structure.is_empty() {
            // HTTPERR does not say which header it was.
            finding = finding.at_most(Status::Likely);
        }
        out.find(finding.fix(remedy(), Vec::new()));
    }
    if scene.case.http_logs.is_empty() {
        out.lack(HTTPERR);
    }
    out
}

/// What the registry of the machine says of the limits.
fn with_limits(scene: &Scene<'_>, finding: Finding, host: Option<HostId>, reason: &str) -> Finding {
    let limit = match reason {
        "FieldLength" => "MaxFieldLength",
        _ => "MaxRequestBytes",
    };
    let Some(machine) = scene.case.machine(host) else {
        return finding;
    };
    match machine.setting(Key::Http, limit) {
        Known::Present(set) => {
            let bytes = set.value.number().map_or(0, u64::from);
            let says = match bytes > DEFAULT {
                true => format!(
                    "{limit} is {bytes} bytes now, more than the default: it was not enough, or http.sys was not restarted"
                ),
                false => format!("{limit} is {bytes} bytes"),
            };
            finding.supporting(says, &set.from)
        }
        Known::Absent(from) => {
            finding.supporting(format!("{limit} is not set: {DEFAULT} bytes"), &from)
        }
        Known::Unknown => finding,
    }
}

fn remedy() -> Remedy {
    Remedy::of(vec![
        Step::by_hand("see which header is long: in the developer tools of the user's browser, or whoami /groups in the user's session")
            .stop_if("it is a cookie: then shorten that, and leave the limits alone"),
        Step::by_hand("take the user out of groups that are not needed, and remove SID history of finished migrations"),
        Step::run(c::reg_query_http_limits(), "note the limits of http.sys as they are (keep the output)"),
        Step::run(
            c::reg_set_http_limit(c::HttpLimit::FieldLength, 65_534),
            "let one header have up to 64 KiB",
        )
        .risk("each connection may cost more memory; 65534 is the most that is allowed"),
        Step::run(
            c::reg_set_http_limit(c::HttpLimit::RequestBytes, 65_534),
            "let all headers together have up to 64 KiB",
        ),
        Step::by_hand("restart the server, or the HTTP service with all that depends on it, in a maintenance window")
            .risk("every site of the server is interrupted"),
    ])
    .verify(vec![Step::by_hand("the user signs in; HTTPERR has no new FieldLength or RequestLength")])
    .rollback(vec![Step::by_hand("put the noted values back (delete them where there were none) and restart the HTTP service")])
    .prevent(CAUSE.page.prevent)
}
