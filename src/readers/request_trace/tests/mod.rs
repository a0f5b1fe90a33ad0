//! Traces written from the grammar: the request, and every event that is read.

mod files;

use super::*;
use crate::bundle::text;
use crate::evidence::{ArtifactId, Place};
use crate::readers::Reading;
use crate::readers::token::Scheme;
use crate::readers::token::tests::writer::{
    KERBEROS, MARK, MS_KERBEROS, NTLM, ap_req, base64, gss, init,
};

const HEADER: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<?xml-stylesheet type='text/xsl' href='freb.xsl'?>
<!-- saved from url=(0014)about:internet -->
<failedRequest url="http://web.corp.example/app/?ticket=SECRETsecret" siteId="2" appPoolId="Portal"
               processId="4242" verb="GET"
               authenticationType="NOT_AVAILABLE" activityId="{00000000-0000-0000-0800-0040000000FD}"
               failureReason="STATUS_CODE" statusCode="401.1" triggerStatusCode="401.2" timeTaken="15"
               xmlns:freb="http://schemas.microsoft.com/win/2006/06/iis/freb"
               >
"#;

/// An event as IIS writes it, in German.
fn event(opcode: &str, values: &[(&str, &str)]) -> String {
    let values: String = values
        .iter()
        .map(|(name, value)| format!("  <Data Name=\"{name}\">{value}</Data>\n"))
        .collect();
    format!(
        r#"<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event">
 <System>
  <Provider Name="WWW Server" Guid="{{3A2A4E84-4C21-4981-AE10-3FDA0D9B0F83}}"/>
  <EventID>0</EventID><Version>1</Version><Level>4</Level><Opcode>1</Opcode>
  <TimeCreated SystemTime="2026-03-02T08:00:00.467Z"/>
  <Execution ProcessID="4242" ThreadID="7"/>
  <Computer>WEB01</Computer>
 </System>
 <EventData>
  <Data Name="ContextId">{{00000000-0000-0000-0800-0040000000FD}}</Data>
{values} </EventData>
 <RenderingInfo Culture="de-DE">
  <Opcode>{opcode}</Opcode>
  <freb:Description Data="ErrorCode">Die Anmeldung war nicht möglich. (0x8009030c)</freb:Description>
 </RenderingInfo>
</Event>
"#
    )
}

fn read(xml: &str) -> Reading<Vec<RequestTrace>> {
    super::read(ArtifactId(7), &text::decode_uncut(xml.as_bytes()))
}

fn one(xml: &str) -> RequestTrace {
    let mut reading = read(xml);
    assert_eq!(reading.records.len(), 1);
    reading.records.remove(0)
}

fn whole(events: &[String]) -> String {
    format!("{HEADER}{}</failedRequest>\n", events.concat())
}

fn kinds(trace: &RequestTrace) -> Vec<&StepKind> {
    trace.steps.iter().map(|step| &step.value.kind).collect()
}

fn kind(opcode: &str, values: &[(&str, &str)]) -> Option<StepKind> {
    one(&whole(&[event(opcode, values)]))
        .steps
        .pop()
        .map(|step| step.value.kind)
}

#[test]
fn the_request_itself() {
    let trace = one(&whole(&[event(
        "GENERAL_REQUEST_START",
        &[("SiteId", "2"), ("ConnId", "1610612741")],
    )]));
    assert_eq!(trace.url, "http://web.corp.example/app/");
    assert_eq!(
        (trace.site_id, trace.process_id, trace.time_taken),
        (Some(2), Some(4242), Some(15))
    );
    assert_eq!(
        (trace.pool.as_deref(), trace.verb.as_deref()),
        (Some("Portal"), Some("GET"))
    );
    assert_eq!(
        (trace.authentication.as_deref(), trace.user.as_deref()),
        (None, None)
    );
    assert_eq!(trace.failure_reason.as_deref(), Some("STATUS_CODE"));
    assert_eq!(
        (trace.status, trace.trigger),
        (Some((401, Some(1))), Some((401, Some(2))))
    );
    assert_eq!(trace.computer.as_deref(), Some("WEB01"));
    assert_eq!(trace.started, "2026-03-02T08:00:00.467Z".parse().ok());
    assert!(trace.complete);
    assert_eq!(
        &*trace.from.text,
        "trace of GET http://web.corp.example/app/, answered 401.1"
    );
    assert!(matches!(trace.from.place, Place::Element { line: 4, .. }));
    let step = &trace.steps[0];
    assert_eq!(
        step.value.kind,
        StepKind::RequestStart {
            connection: Some(1_610_612_741)
        }
    );
    assert!(
        matches!(&step.from[0].place, Place::Element { line: 10, path } if &**path == "failedRequest/Event[1]")
    );
}

#[test]
fn every_event_that_is_read() {
    use AuthMethod::{Anonymous, Basic, CertificateMapping, Digest, Other, Windows};
    for (number, method) in [
        ("1", Anonymous),
        ("2", Basic),
        ("4", Windows),
        ("16", Digest),
        ("128", CertificateMapping),
        ("64", Other(64)),
    ] {
        assert_eq!(
            kind("AUTH_START", &[("AuthTypeSupported", number)]),
            Some(StepKind::Try { method })
        );
    }
    assert_eq!(
        kind(
            "GENERAL_ENDPOINT_INFORMATION",
            &[
                ("RemoteAddress", "192.0.2.7"),
                ("RemotePort", "61704"),
                ("LocalAddress", "::1"),
                ("LocalPort", "443")
            ]
        ),
        Some(StepKind::Endpoint {
            remote: Some("192.0.2.7".into()),
            local: Some("::1".into()),
            local_port: Some(443)
        })
    );
    assert_eq!(
        kind("AUTH_REQUEST_AUTH_TYPE", &[("RequestAuthType", "4")]),
        Some(StepKind::Asked { method: Windows })
    );
    assert_eq!(
        kind(
            "AUTH_SUCCEEDED",
            &[
                ("AuthType", "4"),
                ("NTLMUsed", "true"),
                ("RemoteUserName", "CORP\\uma"),
                ("AuthUserName", "CORP\\uma"),
                ("TokenImpersonationLevel", "2")
            ]
        ),
        Some(StepKind::Succeeded {
            method: Windows,
            ntlm_used: Some(true),
            user: Some("CORP\\uma".into())
        })
    );
    assert_eq!(
        kind("AUTH_SSPI_CONTINUE_NEEDED", &[("PackageName", "NTLM")]),
        Some(StepKind::SspiContinue {
            package: Some("NTLM".into())
        })
    );
    for code in ["2148074252", "-2146893044", "0x8009030C"] {
        assert_eq!(
            kind("AUTH_SSPI_LOGON_FAILED", &[("ErrorCode", code)]),
            Some(StepKind::SspiFailed { code: 0x8009_030C }),
            "{code}"
        );
    }
    assert_eq!(
        kind(
            "USER_SET",
            &[
                ("AuthType", "Negotiate"),
                ("UserName", "CORP\\uma"),
                ("SupportsIsInRole", "true")
            ]
        ),
        Some(StepKind::UserSet {
            scheme: Some("Negotiate".into()),
            user: Some("CORP\\uma".into())
        })
    );
    assert_eq!(
        kind(
            "MODULE_SET_RESPONSE_ERROR_STATUS",
            &[
                ("ModuleName", "WindowsAuthenticationModule"),
                ("Notification", "2"),
                ("HttpStatus", "401"),
                ("HttpReason", "Nicht autorisiert"),
                ("HttpSubStatus", "1"),
                ("ErrorCode", "2148074252"),
                ("ConfigExceptionInfo", "")
            ]
        ),
        Some(StepKind::StatusSet {
            module: Some("WindowsAuthenticationModule".into()),
            notification: Some(2),
            status: (401, Some(1)),
            error: Some(0x8009_030C),
            config_exception: None,
        })
    );
    assert_eq!(
        kind(
            "GENERAL_REQUEST_END",
            &[
                ("BytesSent", "12"),
                ("BytesReceived", "843"),
                ("HttpStatus", "401"),
                ("HttpSubStatus", "1")
            ]
        ),
        Some(StepKind::End {
            status: Some((401, Some(1))),
            received: Some(843)
        })
    );
    for other in [
        "NOTIFY_MODULE_START",
        "AUTH_END",
        "",
        "AUTH_SSPI_LOGON_FAILED",
    ] {
        assert_eq!(
            kind(other, &[("Headers", "Authorization: x")]),
            None,
            "{other}"
        );
    }
}

#[test]
fn configuration_errors_without_what_is_secret_in_them() {
    let exception = |text: &str| match kind(
        "MODULE_SET_RESPONSE_ERROR_STATUS",
        &[
            ("HttpStatus", "500"),
            ("HttpSubStatus", "19"),
            ("ErrorCode", "2147942433"),
            ("ConfigExceptionInfo", text),
        ],
    ) {
        Some(StepKind::StatusSet {
            config_exception, ..
        }) => config_exception,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        exception("\\\\?\\C:\\web\\web.config ( 12)\n :locked").as_deref(),
        Some("\\\\?\\C:\\web\\web.config ( 12) :locked")
    );
    assert_eq!(
        exception("password=SECRETsecret").as_deref(),
        Some("(removed)")
    );
}

#[test]
fn headers_are_read_for_authentication_only() {
    let token = base64(&init(
        &[MS_KERBEROS, NTLM],
        &gss(
            KERBEROS,
            [1, 0],
            &ap_req("web.corp.example", 18, Some(7), 0x20),
        ),
    ));
    let request = format!(
        "Connection: keep-alive\nCookie: a=SECRETsecret\nAuthorization: Negotiate {token}\nHost: web.corp.example\n"
    );
    let answer = "Server: Microsoft-IIS/10.0\nWWW-Authenticate: Negotiate\nWWW-Authenticate: NTLM\nSet-Cookie: SECRETsecret\n";
    let trace = one(&whole(&[
        event("GENERAL_REQUEST_HEADERS", &[("Headers", &request)]),
        event(
            "GENERAL_SET_RESPONSE_HEADER",
            &[
                ("HeaderName", "WWW-Authenticate"),
                ("HeaderValue", "Basic realm=&quot;x&quot;"),
            ],
        ),
        event(
            "GENERAL_SET_RESPONSE_HEADER",
            &[
                ("HeaderName", "Set-Cookie"),
                ("HeaderValue", "SECRETsecret"),
            ],
        ),
        event("GENERAL_RESPONSE_HEADERS", &[("Headers", answer)]),
    ]));
    let (header, _) = trace.presented().unwrap();
    assert_eq!(header.scheme, Scheme::Negotiate);
    let (token, from) = trace.token().unwrap();
    assert_eq!(
        token.ticket().and_then(|t| t.service.as_deref()),
        Some("HTTP/web.corp.example")
    );
    assert!(
        from.text.starts_with(
            "the client presented Negotiate: a Kerberos ticket for HTTP/web.corp.example"
        ),
        "{}",
        from.text
    );
    let schemes: Vec<Scheme> = trace
        .challenges()
        .iter()
        .map(|challenge| challenge.scheme)
        .collect();
    assert_eq!(schemes, [Scheme::Negotiate, Scheme::Ntlm]);
    assert!(
        matches!(kinds(&trace).last(), Some(StepKind::ResponseHeaders { server: Some(server), .. }) if server == "Microsoft-IIS/10.0")
    );
    assert_eq!(trace.steps.len(), 3);
    let shown = format!("{trace:?}").to_lowercase();
    assert!(
        !shown.contains("secret") && !shown.contains(&base64(MARK).to_lowercase()),
        "{shown}"
    );
}

#[test]
fn who_was_authenticated_and_who_refused() {
    let succeeded = |ntlm: &str, user: &str| {
        let values = [
            ("AuthType", "4"),
            ("NTLMUsed", ntlm),
            ("RemoteUserName", user),
            ("AuthUserName", user),
        ];
        one(&whole(&[event("AUTH_SUCCEEDED", &values)]))
    };
    let package = |trace: &RequestTrace| {
        trace
            .authenticated()
            .map(|(package, user, _)| (package, user.to_owned()))
    };
    assert_eq!(
        package(&succeeded("true", "CORP\\uma")),
        Some((Package::Ntlm, "CORP\\uma".into()))
    );
    assert_eq!(
        package(&succeeded("false", "CORP\\uma")),
        Some((Package::Kerberos, "CORP\\uma".into()))
    );
    // An anonymous request: the token is one of Windows, and nobody is named.
    assert_eq!(package(&succeeded("false", "")), None);
    let refused = one(&whole(&[
        event("AUTH_SSPI_LOGON_FAILED", &[("ErrorCode", "2148074248")]),
        event("AUTH_SSPI_LOGON_FAILED", &[("ErrorCode", "2148074252")]),
    ]));
    assert_eq!(refused.refused().map(|(code, _)| code), Some(0x8009_030C));
    let answered = |sub_status: &str, error: &str| {
        let values = [
            ("ModuleName", "WindowsAuthenticationModule"),
            ("Notification", "2"),
            ("HttpStatus", "401"),
            ("HttpSubStatus", sub_status),
            ("ErrorCode", error),
        ];
        let trace = one(&whole(&[event(
            "MODULE_SET_RESPONSE_ERROR_STATUS",
            &values,
        )]));
        trace.refused().map(|(code, _)| code)
    };
    assert_eq!(answered("1", "2148074252"), Some(0x8009_030C));
    assert_eq!(
        answered("2", "2148074252"),
        None,
        "no credentials were refused"
    );
    assert_eq!(answered("1", "5"), None);
}
