//! Events of nobody known, and machines that a trace alone names.

use crate::case::{Case, SymptomKind};
use crate::evidence::Certainty;
use crate::readers::token::tests::writer::{base64, ntlm_1, ntlm_3, v2_response};
use crate::testkit::{Kit, config, kerberos_3, kerberos_4, pool, site, system, trace, windows};

const WEB: &str = "HTTP/web.corp.example";

fn kinds(case: &Case) -> Vec<(SymptomKind, u64, usize)> {
    let symptoms = case.symptoms.iter();
    symptoms
        .map(|symptom| (symptom.kind.clone(), symptom.count, symptom.clients.len()))
        .collect()
}

#[test]
fn an_event_of_no_known_machine_tells_of_its_name() {
    let case = Kit::new()
        .event("", kerberos_4(WEB, "web01$"))
        .event("", kerberos_3(WEB, "0x25"))
        .case();
    assert_eq!(case.hosts.iter().count(), 0);
    // The clock is that of a machine, and which one is not known.
    assert_eq!(
        kinds(&case),
        [(
            SymptomKind::KeyMismatch("http/web.corp.example".into()),
            1,
            0
        )]
    );
}

#[test]
fn what_a_known_machine_tells_is_not_counted_again() {
    let case = Kit::new()
        .event("PC7.corp.example", kerberos_4(WEB, "web01$"))
        .event("", kerberos_4(WEB, "web01$"))
        .event("DC1.corp.example", system("Filler", 1, &[]))
        .case();
    let mismatches: Vec<_> = kinds(&case);
    assert_eq!(
        mismatches,
        [(
            SymptomKind::KeyMismatch("http/web.corp.example".into()),
            1,
            1
        )]
    );
}

/// A time of a clock whose zone nothing tells is not exact, in what it shows either.
#[test]
fn times_are_as_sure_as_the_least_sure_of_them() {
    let sure = |kit: Kit| {
        let case = kit.case();
        let of_pc = case.coverage.iter().filter(|c| &*c.channel == "System");
        let covered: Vec<Certainty> = of_pc.map(|c| c.certainty).collect();
        (case.symptoms[0].certainty, covered)
    };
    let kit = || {
        Kit::new()
            .event("PC7.corp.example", kerberos_4(WEB, "web01$"))
            .event("PC7.corp.example", kerberos_4(WEB, "web01$"))
    };
    let exact = (Certainty::Exact, vec![Certainty::Exact]);
    assert_eq!(sure(kit()), exact);
    let unknown = (Certainty::Unknown, vec![Certainty::Unknown]);
    assert_eq!(sure(kit().on_its_own_clock("PC7.corp.example")), unknown);
    let zone = "Host Name:      PC7\nOS Name:        Microsoft Windows 11 Enterprise\nOS Version:     10.0.26100 N/A Build 26100\nTime Zone:      (UTC-07:00) Arizona\na:              1 MB\nb:              1 MB\nc:              1 MB\nd:              1 MB\ne:              1 MB\nf:              C:\\pagefile.sys\nDomain:         corp.example\n";
    let told = kit().console("PC7/systeminfo.txt", zone);
    let told = sure(told.on_its_own_clock("PC7.corp.example"));
    assert_ne!(told.0, Certainty::Unknown);
    assert_eq!(told.1, [told.0]);
}

/// The lines of a log of requests name the server, and the only configuration is its.
#[test]
fn a_log_of_requests_places_the_only_configuration() {
    let log = |server: &str| {
        format!(
            "#Fields: date time s-sitename s-computername c-ip cs-method cs-uri-stem sc-status\n2026-03-02 08:00:01 W3SVC1 {server} 10.0.0.7 GET /a 200\n"
        )
    };
    let config = config(
        &pool("Portal", "CORP\\svc_web"),
        &site("Portal", "*:80:", "Portal"),
        &windows("enabled=\"true\""),
        "",
    );
    let server = |kit: Kit| {
        let case = kit.case();
        let host = case.servers.first()?.host?;
        Some(case.hosts.get(host).name.clone())
    };
    let kit = || {
        Kit::new()
            .config("applicationHost.config", &config)
            .web_log("W3SVC1/a.log", &log("WEB01"))
    };
    assert_eq!(server(kit()).as_deref(), Some("WEB01"));
    let two = kit().web_log("W3SVC2/a.log", &log("WEB02"));
    assert_eq!(server(two), None, "either may be it");
}

fn server_of(path: &str) -> Option<String> {
    let config = config(
        &pool("Portal", "CORP\\svc_web"),
        &site("Portal", "*:80:", "Portal"),
        &windows("enabled=\"true\""),
        "",
    );
    let case = Kit::new()
        .config(path, &config)
        .trace(
            "traces/fr000001.xml",
            &trace("http://web/", 1, &[("X", &[])]),
        )
        .case();
    let host = case.servers.first()?.host?;
    Some(case.hosts.get(host).name.clone())
}

#[test]
fn a_trace_places_the_only_configuration() {
    assert_eq!(
        server_of("applicationHost.config").as_deref(),
        Some("WEB01")
    );
    assert_eq!(
        server_of("config/applicationHost.config").as_deref(),
        Some("WEB01")
    );
}

fn curl(authorization: &str, status: &str) -> Vec<(SymptomKind, u64, usize)> {
    let text = format!(
        "*   Trying 192.0.2.20:80...\n> GET /app HTTP/1.1\n> Host: web.corp.example\n> Authorization: {authorization}\n>\n< HTTP/1.1 {status}\n<\n"
    );
    kinds(&Kit::new().console("curl.txt", &text).case())
}

#[test]
fn ntlm_that_signed_in_shows_in_an_exchange() {
    let last = base64(&ntlm_3(&v2_response([0; 16])));
    let first = base64(&ntlm_1());
    for scheme in ["NTLM", "Negotiate"] {
        let shown = curl(&format!("{scheme} {last}"), "200 OK");
        assert!(
            matches!(shown.as_slice(), [(SymptomKind::NtlmForName(spn, None), 1, _)] if spn.starts_with("http/")),
            "{scheme}: {shown:?}"
        );
        assert_eq!(curl(&format!("{scheme} {last}"), "401 Unauthorized"), []);
        assert_eq!(curl(&format!("{scheme} {first}"), "401 Unauthorized"), []);
    }
}
