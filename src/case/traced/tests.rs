//! What a case makes of traces and recordings, alone and beside the logs that tell of the same requests.

use crate::case::server::Tie;
use crate::case::{Case, NameSource, Role, SymptomKind};
use crate::negotiate::Outcome;
use crate::readers::token::tests::writer::{
    KERBEROS, MS_KERBEROS, NTLM, ap_req, base64, gss, init, krb_error, ntlm_1, ntlm_3, reply,
    v2_response,
};
use crate::testkit::{Kit, config, pool, security, site, trace, windows};

const URL: &str = "http://web.corp.example/app/";

fn server() -> Kit {
    let config = config(
        &pool("Portal", "CORP\\svc_web"),
        &site("Portal", "*:80:", "Portal"),
        &windows("enabled=\"true\""),
        "",
    );
    Kit::new().config("WEB01/applicationHost.config", &config)
}

fn ticket() -> String {
    let ticket = ap_req("web.corp.example", 18, Some(7), 0x20);
    format!(
        "Authorization: Negotiate {}",
        base64(&init(&[MS_KERBEROS, NTLM], &gss(KERBEROS, [1, 0], &ticket)))
    )
}

fn ntlm() -> String {
    format!(
        "Authorization: Negotiate {}",
        base64(&reply(1, NTLM, &ntlm_3(&v2_response([0; 16]))))
    )
}

fn refused(header: &str, code: &str) -> String {
    trace(
        URL,
        7,
        &[
            (
                "GENERAL_ENDPOINT_INFORMATION",
                &[("RemoteAddress", "192.0.2.7")],
            ),
            ("GENERAL_REQUEST_HEADERS", &[("Headers", header)]),
            ("AUTH_SSPI_LOGON_FAILED", &[("ErrorCode", code)]),
        ],
    )
}

fn succeeded(header: &str, ntlm: &str) -> String {
    let values = [
        ("AuthType", "4"),
        ("NTLMUsed", ntlm),
        ("AuthUserName", "CORP\\uma"),
    ];
    trace(
        URL,
        7,
        &[
            ("GENERAL_REQUEST_HEADERS", &[("Headers", header)]),
            ("AUTH_SUCCEEDED", &values),
        ],
    )
}

fn kinds(case: &Case) -> Vec<(&SymptomKind, u64)> {
    case.symptoms
        .iter()
        .map(|symptom| (&symptom.kind, symptom.count))
        .collect()
}

const SPN: &str = "http/web.corp.example";

#[test]
fn a_refused_ticket() {
    let case = server()
        .trace("fr000001.xml", &refused(&ticket(), "2148074252"))
        .case();
    let (host, web) = case.hosts.iter().next().unwrap();
    assert_eq!(
        (web.name.as_str(), web.roles.contains(&Role::WebServer)),
        ("WEB01", true)
    );
    assert_eq!(case.artifact_hosts.len(), 2);
    let kind = SymptomKind::TokenRefused {
        host,
        code: 0x8009_030C,
        spn: Some(SPN.into()),
    };
    assert_eq!(kinds(&case), [(&kind, 1)]);
    let symptom = &case.symptoms[0];
    assert!(
        symptom.clients.contains("192.0.2.7") && symptom.first.is_some() && symptom.is_failure()
    );
    assert_eq!(
        &*symptom.from[0].text,
        "the logon failed: 0x8009030C SEC_E_LOGON_DENIED (the logon was refused: credentials, or a ticket that could not be opened)"
    );
    // The name of the ticket is one that somebody asked for, and the trace ties it to this server.
    let endpoint = case
        .situation
        .endpoints
        .iter()
        .find(|e| e.is_named("web.corp.example"))
        .unwrap();
    assert!(
        matches!(&endpoint.name_source, NameSource::Asked { tie: Tie::Shown, from } if from.len() == 1)
    );
    assert_eq!(case.observed(endpoint), Outcome::Denied);
}

#[test]
fn what_the_security_log_tells_already() {
    let failed = [
        ("Status", "0xc000006d"),
        ("SubStatus", "0x0"),
        ("LogonType", "3"),
        ("TargetUserName", "uma"),
    ];
    let case = server()
        .trace("fr000001.xml", &refused(&ntlm(), "2148074252"))
        .event("WEB01.corp.example", security(4625, &failed))
        .case();
    assert!(
        matches!(
            kinds(&case).as_slice(),
            [(SymptomKind::LogonFailed { .. }, 1)]
        ),
        "{:?}",
        kinds(&case)
    );
    let case = server()
        .trace("fr000001.xml", &succeeded("Host: web", "true"))
        .event(
            "WEB01.corp.example",
            security(
                4624,
                &[
                    ("TargetUserName", "uma"),
                    ("TargetDomainName", "CORP"),
                    ("LogonType", "3"),
                    ("AuthenticationPackageName", "NTLM"),
                ],
            ),
        )
        .case();
    assert!(
        matches!(kinds(&case).as_slice(), [(SymptomKind::NtlmLogons(_), 1)]),
        "{:?}",
        kinds(&case)
    );
}

#[test]
fn legs_of_a_handshake_are_no_failures() {
    let first = format!("Authorization: NTLM {}", base64(&ntlm_1()));
    for text in [
        trace(
            URL,
            7,
            &[
                ("GENERAL_REQUEST_HEADERS", &[("Headers", "Host: web")]),
                (
                    "GENERAL_REQUEST_END",
                    &[("HttpStatus", "401"), ("HttpSubStatus", "2")],
                ),
            ],
        ),
        trace(
            URL,
            7,
            &[
                ("GENERAL_REQUEST_HEADERS", &[("Headers", &first)]),
                ("AUTH_SSPI_CONTINUE_NEEDED", &[("PackageName", "NTLM")]),
            ],
        ),
        refused(&first, "2148074254"),
        trace(
            URL,
            7,
            &[(
                "AUTH_SUCCEEDED",
                &[
                    ("AuthType", "4"),
                    ("NTLMUsed", "false"),
                    ("AuthUserName", ""),
                ],
            )],
        ),
    ] {
        let case = server().trace("fr000001.xml", &text).case();
        assert_eq!(kinds(&case), [], "{text}");
        assert!(
            case.situation
                .endpoints
                .iter()
                .all(|e| case.observed(e) == Outcome::Unknown),
            "{text}"
        );
    }
}

#[test]
fn kerberos_that_worked() {
    let case = server()
        .trace("fr000001.xml", &succeeded(&ticket(), "false"))
        .case();
    assert_eq!(kinds(&case), []);
    let endpoint = case
        .situation
        .endpoints
        .iter()
        .find(|e| e.is_named("web.corp.example"))
        .unwrap();
    assert_eq!(
        (endpoint.application.as_str(), case.observed(endpoint)),
        ("/", Outcome::Kerberos)
    );
    let other = server()
        .trace(
            "fr000001.xml",
            &succeeded(&ticket(), "false").replace("siteId=\"7\"", "siteId=\"9\""),
        )
        .case();
    assert!(
        other
            .situation
            .endpoints
            .iter()
            .all(|e| other.observed(e) == Outcome::Unknown)
    );
}

#[test]
fn ntlm_that_worked() {
    let case = server()
        .trace("fr000001.xml", &succeeded(&ntlm(), "true"))
        .case();
    assert_eq!(
        kinds(&case),
        [(&SymptomKind::NtlmForName(SPN.into(), None), 1)]
    );
    assert_eq!(
        case.symptoms[0]
            .principals
            .iter()
            .next()
            .map(String::as_str),
        Some("uma")
    );
    let local = succeeded("Host: web", "true").replace("CORP\\uma", "WEB01\\uma");
    assert_eq!(kinds(&server().trace("fr000001.xml", &local).case()), []);
}

#[test]
fn channel_bindings_and_clocks() {
    let case = server()
        .trace("fr000001.xml", &refused(&ntlm(), "0x80090346"))
        .case();
    assert!(matches!(
        kinds(&case).as_slice(),
        [(
            SymptomKind::LogonFailed {
                status: 0xC000_035B,
                ..
            },
            1
        )]
    ));
    let case = server()
        .trace("fr000001.xml", &refused(&ticket(), "0x80090324"))
        .case();
    assert!(matches!(
        kinds(&case).as_slice(),
        [(SymptomKind::ClockSkew(_), 1)]
    ));
}

#[test]
fn a_recording_shows_what_the_server_answered_to_a_ticket() {
    let error = base64(&reply(
        2,
        MS_KERBEROS,
        &gss(KERBEROS, [3, 0], &krb_error(0x29)),
    ));
    let text = format!(
        "*   Trying 192.0.2.20:80...\n> GET /app HTTP/1.1\n> Host: web.corp.example\n> {}\n>\n< HTTP/1.1 401 Unauthorized\n< WWW-Authenticate: Negotiate {error}\n<\n",
        ticket()
    );
    let case = server().console("curl.txt", &text).case();
    assert_eq!(kinds(&case), [(&SymptomKind::KeyMismatch(SPN.into()), 1)]);
    assert!(
        case.situation
            .endpoints
            .iter()
            .any(|e| e.is_named("web.corp.example"))
    );
    let alone = Kit::new()
        .recording(
            "a.txt",
            &format!("GET http://web/ HTTP/1.1\r\n{}\r\n\r\n", ticket()),
        )
        .case();
    assert_eq!((alone.exchanges.len(), alone.symptoms.len()), (1, 0));
}

#[test]
fn a_trace_that_is_in_the_bundle_twice_counts_once() {
    let text = refused(&ticket(), "2148074252").replace("verb=", "activityId=\"{1}\" verb=");
    let both = format!(
        "{text}{}",
        refused(&ticket(), "2148074252").replace("verb=", "activityId=\"{2}\" verb=")
    );
    let case = server()
        .trace("a/fr000001.xml", &text)
        .trace("all.xml", &both)
        .case();
    assert_eq!((case.traces.len(), case.symptoms[0].count), (2, 2));
}
