//! Recordings written from the grammar.

use std::sync::Arc;

use proptest::prelude::*;

use super::*;
use crate::bundle::text;
use crate::bundle::{Artifact, Content, Kind};
use crate::readers::console;
use crate::readers::token::Scheme;
use crate::readers::token::tests::writer::{
    KERBEROS, MARK, MS_KERBEROS, ap_req, base64, gss, init, ntlm_1,
};

fn ticket() -> String {
    base64(&init(
        &[MS_KERBEROS],
        &gss(
            KERBEROS,
            [1, 0],
            &ap_req("web.corp.example", 18, Some(7), 0x20),
        ),
    ))
}

fn read(text: &str) -> Reading<Vec<Exchange>> {
    super::read(ArtifactId(3), &text::decode_uncut(text.as_bytes()))
}

fn schemes(exchange: &Exchange) -> Vec<Scheme> {
    exchange
        .challenges
        .iter()
        .map(|challenge| challenge.scheme)
        .collect()
}

fn entry(headers: &str, status: u16) -> String {
    format!(
        r#"{{"startedDateTime":"2026-03-02T09:00:00.123+01:00","connection":"443","time":3,
  "request":{{"method":"GET","url":"https://web.corp.example/app?x=SECRETsecret","headers":[{headers}]}},
  "response":{{"status":{status},"headers":[{{"name":"Server","value":"Microsoft-IIS/10.0"}},
    {{"name":"WWW-Authenticate","value":"Negotiate\nNTLM"}}],"content":{{"text":"SECRETsecret \"entries\":["}}}}}}"#
    )
}

fn har(entries: &[String]) -> String {
    format!(
        "{{\"log\":{{\"version\":\"1.2\",\"pages\":[{{\"title\":\"a \\\"entries\\\": [\"}}],\n\"entries\":[\n{}]}}}}",
        entries.join(",\n")
    )
}

#[test]
fn a_recording_of_a_browser() {
    let token = format!(
        r#"{{"name":"Authorization","value":"Negotiate {}"}},{{"name":"Cookie","value":"SECRETsecret"}}"#,
        ticket()
    );
    let reading = read(&har(&[entry("", 401), entry(&token, 200)]));
    assert_eq!((reading.count, reading.problems.len()), (2, 0));
    let [first, second] = reading.records.as_slice() else {
        panic!("{reading:?}");
    };
    assert_eq!(
        first.when,
        Some(When::Utc("2026-03-02T08:00:00.123Z".parse().unwrap()))
    );
    assert_eq!(first.url.as_deref(), Some("https://web.corp.example/app"));
    assert_eq!(first.host().as_deref(), Some("web.corp.example"));
    assert_eq!(
        (first.status, first.server.as_deref()),
        (Some(401), Some("Microsoft-IIS/10.0"))
    );
    assert_eq!(schemes(first), [Scheme::Negotiate, Scheme::Ntlm]);
    assert!(first.presented.is_absent(), "the file shows such headers");
    assert_eq!((first.reused, second.reused), (Some(false), Some(true)));
    let presented = second.presented.present().unwrap();
    let held = presented
        .value
        .token
        .as_ref()
        .and_then(|token| token.ticket());
    assert_eq!(
        held.and_then(|ticket| ticket.service.as_deref()),
        Some("HTTP/web.corp.example")
    );
    assert_eq!(first.from.place, Place::Line(3));
    assert_eq!(second.from.place, Place::Line(7));
    assert_eq!(
        &*first.from.text,
        "GET https://web.corp.example/app, answered 401 with Negotiate; NTLM"
    );
    assert!(first.from.time.is_some() && !presented.from[0].text.is_empty());
    let shown = format!("{reading:?}").to_lowercase();
    assert!(
        !shown.contains("secret") && !shown.contains(&base64(MARK).to_lowercase()),
        "{shown}"
    );
}

#[test]
fn a_sanitized_recording_proves_nothing() {
    let reading = read(&har(&[entry("", 401)]));
    assert!(reading.records[0].presented.is_unknown());
    assert!(
        reading.problems[0].says.contains("sensitive data"),
        "{:?}",
        reading.problems
    );
}

#[test]
fn recordings_that_are_cut_or_broken() {
    let whole = har(&[entry("", 401), entry("", 200)]);
    let cut = read(&whole[..whole.rfind("\"status\"").unwrap()]);
    assert_eq!(cut.records.len(), 1);
    assert!(
        cut.problems
            .iter()
            .any(|problem| problem.place == Place::Line(7)),
        "{:?}",
        cut.problems
    );
    assert_eq!(
        read("{\"log\":{\"entries\":[1,null,{\"request\":5}]}}")
            .records
            .len(),
        3
    );
    assert_eq!(read("{\"log\":{\"entries\":[]}}").count, 0);
    assert_eq!(read("{\"log\":{}}").problems.len(), 1);
    let deep = format!("{{\"log\":{{\"entries\":[{}", "[".repeat(100_000));
    assert_eq!(read(&deep).problems.len(), 1);
}

#[test]
fn single_messages() {
    let request = format!(
        "GET http://web.corp.example/app?x=1 HTTP/1.1\r\nHost: web.corp.example\r\nAuthorization: NTLM {}\r\nCookie: SECRETsecret\r\n\r\nbody: x",
        base64(&ntlm_1())
    );
    let reading = read(&request);
    let exchange = &reading.records[0];
    assert_eq!(
        (exchange.method.as_deref(), exchange.url.as_deref()),
        (Some("GET"), Some("http://web.corp.example/app"))
    );
    assert!(
        exchange
            .presented
            .present()
            .is_some_and(|header| header.value.scheme == Scheme::Ntlm)
    );
    let bare = read("POST /app HTTP/1.1\nHost: web:8080\n\n");
    assert_eq!(bare.records[0].url.as_deref(), Some("//web:8080/app"));
    assert!(bare.records[0].presented.is_absent());
    let answer = read(
        "HTTP/1.1 401 Unauthorized\r\nServer: Microsoft-IIS/10.0\r\nDate: Mon, 02 Mar 2026 08:00:00 GMT\r\nWWW-Authenticate: Negotiate\r\nWWW-Authenticate: NTLM\r\n\r\nWWW-Authenticate: Basic",
    );
    let answer = &answer.records[0];
    assert_eq!((answer.status, answer.method.as_deref()), (Some(401), None));
    assert_eq!(
        answer.when,
        Some(When::Utc("2026-03-02T08:00:00Z".parse().unwrap()))
    );
    assert_eq!(schemes(answer), [Scheme::Negotiate, Scheme::Ntlm]);
    assert!(
        answer.presented.is_unknown(),
        "an answer does not show what was asked"
    );
    assert_eq!(read("nonsense\n").problems.len(), 1);
}

fn artifact(id: u32, path: &str, copy: bool) -> Artifact {
    Artifact {
        id: ArtifactId(id),
        path: path.to_owned(),
        content: Content::Memory(Arc::from([])),
        bytes: 0,
        kind: Kind::HttpRecording,
        duplicate_of: copy.then_some(ArtifactId(0)),
        start_of: None,
    }
}

#[test]
fn the_files_of_a_session_are_one_exchange() {
    let request = "GET http://web.corp.example/ HTTP/1.1\r\nHost: web.corp.example\r\n\r\n";
    let answer = "HTTP/1.1 401 Unauthorized\r\nServer: Microsoft-IIS/10.0\r\nDate: Mon, 02 Mar 2026 08:00:05 GMT\r\nWWW-Authenticate: NTLM\r\n\r\n";
    let notes = r#"<?xml version="1.0" encoding="utf-8"?><Session SID="12" BitFlags="3b">
  <SessionTimers ClientConnected="2026-03-02T08:00:00+00:00" ClientBeginRequest="2026-03-02T08:00:01.5+00:00" GatewayTime="0" />
  <PipeInfo Reused="true" /><SessionFlags><SessionFlag N="x-clientport" V="52183" /></SessionFlags></Session>"#;
    let files = [
        ("a.saz/raw/12_c.txt", request, false),
        ("a.saz/raw/12_m.xml", notes, false),
        ("a.saz/raw/12_s.txt", answer, false),
        ("a.saz/raw/13_c.txt", request, true),
        ("a.saz/raw/13_s.txt", "HTTP/1.1 200 OK\r\n\r\n", false),
        ("b/raw/1_c.txt", request, true),
        ("lone.txt", answer, true),
    ];
    let ids = 0u32..;
    let artifacts: Vec<Artifact> = ids
        .clone()
        .zip(&files)
        .map(|(id, (path, _, copy))| artifact(id, path, *copy))
        .collect();
    let recordings = ids.zip(&files).map(|(id, (_, text, _))| {
        let id = ArtifactId(id);
        (id, super::read(id, &text::decode(text.as_bytes())).records)
    });
    let paired = pair(&artifacts, recordings.collect());
    let [(id, first), (other, second)] = paired.as_slice() else {
        panic!("{paired:?}");
    };
    let [whole] = first.as_slice() else {
        panic!("{first:?}");
    };
    assert_eq!((*id, whole.from.artifact), (ArtifactId(0), ArtifactId(0)));
    assert_eq!(
        whole.answer_from.as_ref().map(|from| from.artifact),
        Some(ArtifactId(2))
    );
    assert_eq!(
        (whole.method.as_deref(), whole.status, whole.reused),
        (Some("GET"), Some(401), Some(true))
    );
    assert_eq!(whole.connection.as_deref(), Some("52183"));
    assert_eq!(
        whole.when,
        Some(When::Utc("2026-03-02T08:00:01.5Z".parse().unwrap()))
    );
    assert_eq!(
        &*whole.from.text,
        "GET http://web.corp.example/, answered 401 with NTLM"
    );
    assert_eq!(
        (*other, second[0].status),
        (ArtifactId(3), Some(200)),
        "the same request twice is two requests"
    );
}

const CURL: &str = "*   Trying 192.0.2.20:80...
* Connected to web.corp.example (192.0.2.20) port 80 (#0)
> GET /app?x=1 HTTP/1.1
> Host: web.corp.example
> User-Agent: curl/8.4.0
>
< HTTP/1.1 401 Unauthorized
< Server: Microsoft-IIS/10.0
< WWW-Authenticate: Negotiate
< WWW-Authenticate: NTLM
< Date: Mon, 02 Mar 2026 08:00:00 GMT
<
* Connection #0 to host web.corp.example left intact
* Issue another request to this URL: 'http://web.corp.example/app'
* Re-using existing connection! (#0) with host web.corp.example
";

#[test]
fn what_curl_shows() {
    let again = format!(
        "* Server auth using Negotiate with user ''\n> GET /app HTTP/1.1\n> Host: web.corp.example\n> Authorization: Negotiate {}\n>\n< HTTP/1.1 200 OK\n< Persistent-Auth: true\n<\n<p>WWW-Authenticate: Basic</p>\n",
        ticket()
    );
    for echo in [
        "",
        "C:\\>curl.exe -v --negotiate -u : http://web.corp.example/app\n",
        "PS C:\\> curl.exe -v --negotiate -u uma:SECRETsecret http://web.corp.example/app\n",
    ] {
        let console = console::read(
            ArtifactId(3),
            &text::decode(format!("{echo}{CURL}{again}").as_bytes()),
        );
        let [first, second] = console.records.exchanges.as_slice() else {
            panic!("{echo}: {:?}", console.records.exchanges);
        };
        assert_eq!(console.count, 2);
        assert_eq!(
            (first.url.as_deref(), first.status),
            (Some("http://web.corp.example/app"), Some(401))
        );
        assert_eq!(schemes(first), [Scheme::Negotiate, Scheme::Ntlm]);
        assert!(first.presented.is_absent());
        assert_eq!((first.reused, second.reused), (Some(false), Some(true)));
        assert_eq!(second.status, Some(200));
        let presented = second.presented.present().unwrap();
        assert!(
            presented
                .value
                .token
                .as_ref()
                .is_some_and(|token| token.ticket().is_some())
        );
        let shown = format!("{:?}", console.records).to_lowercase();
        assert!(
            !shown.contains("secret") && !shown.contains(&base64(MARK).to_lowercase()),
            "{shown}"
        );
    }
}

#[test]
fn a_client_that_can_make_no_token() {
    let failure = "* InitializeSecurityContext failed: SEC_E_TARGET_UNKNOWN (0x80090303) - The specified target is unknown or unreachable\n";
    let again = "> GET /app HTTP/1.1\n> Host: web.corp.example\n>\n< HTTP/1.1 401 Unauthorized\n";
    let text = format!(
        "{CURL}{failure}* Server auth using Negotiate with user ''\n{again}{failure}< WWW-Authenticate: Negotiate\n<\n"
    );
    let console = console::read(ArtifactId(3), &text::decode(text.as_bytes()));
    let errors: Vec<Option<u32>> = console
        .records
        .exchanges
        .iter()
        .map(|exchange| exchange.client_error)
        .collect();
    assert_eq!(errors, [None, Some(0x8009_0303)]);
    assert!(
        console.records.exchanges[1]
            .from
            .text
            .contains("SEC_E_TARGET_UNKNOWN")
    );
}

#[test]
fn curl_over_tls() {
    let text = "* Connected to web.corp.example (192.0.2.20) port 443\n* ALPN: server accepted http/1.1\n> GET / HTTP/1.1\n> Host: web.corp.example\n>\n< HTTP/1.1 100 Continue\n< HTTP/1.1 200 OK\n<\n";
    let console = console::read(ArtifactId(3), &text::decode(text.as_bytes()));
    let exchange = &console.records.exchanges[0];
    assert_eq!(
        (exchange.url.as_deref(), exchange.status),
        (Some("https://web.corp.example/"), Some(200))
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn any_text(text in r#"(\{"log":\{|"entries":\[|"request":|GET / HTTP/1.1|HTTP/1.1 401 x|<Session |<SessionTimers |[\{\}\[\]",:<>/ a-z=\n]){0,40}"#) {
        let lines = text::decode(text.as_bytes()).lines.len();
        let lines = u32::try_from(lines).unwrap().max(1);
        let reading = read(&text);
        for problem in reading.problems {
            prop_assert!(matches!(problem.place, Place::Whole) || matches!(problem.place, Place::Line(line) if line <= lines));
        }
    }

    #[test]
    fn cut_anywhere(at in 0usize..2000) {
        let whole = har(&[entry("", 401), entry(r#"{"name":"Cookie","value":""}"#, 200)]);
        let cut: String = whole.chars().take(at).collect();
        prop_assert!(read(&cut).records.len() <= 2);
    }

    #[test]
    fn any_console(text in "((> |< |\\* |)(GET / HTTP/1.1|HTTP/1.1 401 x|Host: a|Authorization: NTLM TlRM|Trying 1...|0x8009|é)?\n){0,40}") {
        let _ = console::read(ArtifactId(3), &text::decode(text.as_bytes()));
    }
}
