//! PRX-06: a client that speaks HTTP/2 only.

use crate::case::Meaning;
use crate::causes::config::asks_for_windows;
use crate::causes::scene::few;
use crate::causes::{Assessment, Cause, Finding, Input, LookAlike, Page, Scene, Status};
use crate::evidence::Citation;
use crate::negotiate::Stage;
use crate::remedy::{Remedy, Step};

/// PRX-06.
pub(crate) const CAUSE: Cause = Cause {
    id: "PRX-06",
    name: "http2-only-client",
    title: "The client insists on HTTP/2, which Windows authentication cannot use",
    stage: Stage::Authorization,
    page: Page {
        mechanism: "Windows authentication belongs to a connection, and HTTP/2 shares a connection between many requests: IIS does not support the one over the other. It answers such a request so that the client comes back with HTTP/1.1, which browsers do without a word. A client or proxy that can do HTTP/2 only, as gRPC must, reports a protocol error or keeps getting 401.",
        evidence: &[
            "IIS log with cs-version: HTTP/2.0 on the first 401, HTTP/1.1 on what follows; or HTTP/2.0 only, and no 200",
            "IIS log: a user agent of gRPC (grpc-dotnet, grpc-java, …) that never signs in",
            "client: HTTP_1_1_REQUIRED, PROTOCOL_ERROR, or Unauthenticated",
        ],
        look_alikes: &[
            LookAlike {
                cause: "PRX-01",
                told_apart_by: "there tokens arrive, and fit no handshake on their connection",
            },
            LookAlike {
                cause: "CL-12",
                told_apart_by: "there the client would come back with HTTP/1.1, and sends no credentials",
            },
        ],
        ruled_out_by: "a client that falls back to HTTP/1.1 and signs in.",
        fix: &[
            "Let the client, and each proxy on the way, use HTTP/1.1 for this host.",
            "For gRPC: another way of signing in (client certificates, tokens), or gRPC-Web over HTTP/1.1.",
            "As a test only, on a server of its own: EnableHttp2Tls=0 below HKLM\\SYSTEM\\CurrentControlSet\\Services\\HTTP\\Parameters, and a restart.",
        ],
        verify: "The client signs in over HTTP/1.1: 401.2, then 200, with HTTP/1.1 in cs-version.",
        rollback: "Delete EnableHttp2Tls again and restart.",
        prevent: "Do not put gRPC behind Windows authentication.",
        blind_spots: &[
            "the protocol, where the log has no cs-version",
            "proxies on the way",
        ],
        versions: "IIS 10 (Windows Server 2016 and later), over TLS.",
        sources: &[
            "Microsoft: HTTP/2 on IIS (Windows authentication is not supported with HTTP/2)",
        ],
    },
    assess,
};

/// What decides it.
const CLIENT_TRACE: Input = Input::Stated {
    what: "a verbose recording of the failing client that shows the protocol, and an IIS log with cs-version",
    collect_with: "curl.exe -v -s -o NUL --http2 --negotiate -u : <URL> > %COMPUTERNAME%_curl.txt 2>&1",
};

fn assess(scene: &Scene<'_>) -> Assessment {
    let mut out = Assessment::default();
    let mut settled = false;
    for logged in &scene.case.logged_sites {
        let asking = scene.views.iter().any(|v| {
            Some(v.endpoint.server) == logged.server
                && Some(&v.endpoint.site) == logged.site.as_ref()
                && asks_for_windows(scene, v)
        });
        let (mut count, mut agents, mut from) =
            (0, std::collections::BTreeSet::new(), Vec::<Citation>::new());
        for (_, exchange, meaning) in logged.read() {
            let agent = exchange.caller.agent.as_deref().unwrap_or_default();
            let open = matches!(
                meaning,
                Meaning::NoCredentials | Meaning::Probe | Meaning::TokenAlone
            );
            if open && !exchange.caller.signed_in && is_grpc(agent) {
                count += exchange.count;
                agents.insert(agent.to_owned());
                from.extend(exchange.from.iter().cloned());
            }
        }
        if count == 0 {
            settled |= logged.signed_in > 0;
            continue;
        }
        let agents: Vec<String> = agents.into_iter().collect();
        let mut finding = Finding::about(
            super::subject(scene, logged),
            format!("A gRPC client ({}) calls a site with Windows authentication. gRPC needs HTTP/2, Windows authentication HTTP/1.1: the two do not meet.", agents.join(", ")),
        )
        .observed(format!("calls of a gRPC client were answered 401 and never came back signed in, {count} times"), &few(from, 3))
        .or_else("CL-12", "the client may send no credentials at all, whatever the protocol")
        .lacks(CLIENT_TRACE)
        .at_most(Status::Possible)
        .fix(remedy(), Vec::new());
        if !asking {
            finding = finding.lacks(Input::ApplicationHostConfig);
        }
        out.find(finding);
    }
    if !settled {
        out.lack(CLIENT_TRACE);
    }
    out
}

/// User agents of gRPC begin so (gRPC over HTTP2: `grpc-<language>…`).
fn is_grpc(agent: &str) -> bool {
    agent.to_ascii_lowercase().starts_with("grpc-")
}

fn remedy() -> Remedy {
    Remedy::of(vec![
        Step::by_hand("let the client, and each proxy on the way, use HTTP/1.1 for this host")
            .stop_if(
                "the client is gRPC: it cannot; give it another way of signing in, or gRPC-Web",
            ),
    ])
    .verify(vec![Step::by_hand(
        "the client signs in: 401 2, then 200, with HTTP/1.1 in cs-version",
    )])
    .rollback(vec![Step::by_hand(
        "let the client choose the protocol again",
    )])
    .prevent(CAUSE.page.prevent)
}
