//! The group EPA against small cases.

use crate::causes::Status;
use crate::testkit::{Happening, Kit, config, pool, security, site};

const HTTP: &str = "*:80:portal.corp.example";
const HTTPS: &str = "*:443:portal.corp.example";
const WEB: &str = "WEB01.corp.example";

/// A server with extended protection as given, on one binding.
fn server(binding: &str, protection: &str) -> Kit {
    let section = format!(
        "<windowsAuthentication enabled=\"true\"><providers><add value=\"Negotiate\" /><add value=\"NTLM\" /></providers>{protection}</windowsAuthentication>"
    );
    let text = config(
        &pool("Portal", "CORP\\svc_web"),
        &site("Portal", binding, "Portal"),
        &section,
        "",
    );
    Kit::new().config("WEB01/applicationHost.config", &text)
}

const REQUIRED: &str = "<extendedProtection tokenChecking=\"Require\" flags=\"None\" />";

/// 4625 of type 3 with STATUS_BAD_BINDINGS.
fn refused(user: &str, ip: &str) -> Happening {
    security(
        4625,
        &[
            ("TargetUserName", user),
            ("TargetDomainName", "CORP"),
            ("Status", "0xc000035b"),
            ("SubStatus", "0x0"),
            ("LogonType", "3"),
            ("LogonProcessName", "Kerberos"),
            ("AuthenticationPackageName", "Kerberos"),
            ("LmPackageName", "-"),
            ("ProcessName", r"C:\Windows\System32\inetsrv\w3wp.exe"),
            ("IpAddress", ip),
            ("IpPort", "50123"),
        ],
    )
}

fn logon(user: &str, ip: &str, lm_package: &str) -> Happening {
    security(
        4624,
        &[
            ("TargetUserName", user),
            ("TargetDomainName", "CORP"),
            ("LogonType", "3"),
            ("LogonProcessName", "NtLmSsp "),
            ("AuthenticationPackageName", "NTLM"),
            ("LmPackageName", lm_package),
            ("IpAddress", ip),
            ("IpPort", "50123"),
        ],
    )
}

#[test]
fn epa_01_required_without_any_tls() {
    server(HTTP, REQUIRED)
        .judge()
        .assert_found("EPA-01", Status::Likely);
    let judgement = server(HTTP, REQUIRED)
        .event(WEB, refused("uma", "10.0.0.7"))
        .event(WEB, refused("ben", "10.0.0.8"))
        .judge();
    judgement
        .assert_found("EPA-01", Status::Confirmed)
        .assert_not_found("EPA-03");
    assert!(judgement.unexplained.is_empty());
}

/// What decides is the certificate that the clients see, and so it is asked for.
#[test]
fn epa_01_asks_where_tls_ends() {
    let judgement = server(HTTPS, REQUIRED)
        .event(WEB, refused("-", "10.0.0.250"))
        .event(WEB, refused("-", "10.0.0.251"))
        .judge();
    judgement.assert_found("EPA-01", Status::Possible);
    let lacks = &judgement.of("EPA-01")[0].finding.lacks;
    assert!(lacks.iter().any(|m| m.what.contains("certificate")));
}

/// Without a sign of what stands between, each of the three fits.
#[test]
fn epa_01_with_tls_at_the_server_is_open_between_look_alikes() {
    let judgement = server(HTTPS, REQUIRED)
        .event(WEB, refused("uma", "10.0.0.7"))
        .event(WEB, refused("ben", "10.0.0.8"))
        .judge();
    judgement.assert_found("EPA-01", Status::Possible);
    let open: Vec<&str> = judgement.of("EPA-01")[0]
        .finding
        .open_look_alikes
        .iter()
        .map(|(id, _)| *id)
        .collect();
    assert_eq!(open, ["EPA-02", "EPA-04"]);
}

/// Decision table, row 17: the ticket is right, TLS ends before the server, and every logon is refused with C000035B.
#[test]
fn epa_01_many_users_behind_one_address() {
    let judgement = ["uma", "ben", "kim"]
        .into_iter()
        .fold(server(HTTPS, REQUIRED), |kit, user| {
            kit.event(WEB, refused(user, "10.0.0.200"))
        })
        .judge();
    judgement
        .assert_found("EPA-01", Status::Likely)
        .assert_not_found("EPA-02");
}

#[test]
fn epa_01_not_without_refusals_or_protection() {
    server(HTTPS, REQUIRED)
        .judge()
        .assert_not_assessed("EPA-01");
    server(HTTP, "").judge().assert_ruled_out("EPA-01");
    server(HTTP, "<extendedProtection tokenChecking=\"Require\" flags=\"Proxy\"><spn name=\"HTTP/portal.corp.example\" /></extendedProtection>")
        .judge()
        .assert_not_found("EPA-01");
}

#[test]
fn epa_01_without_the_configuration_is_possible_at_most() {
    Kit::new()
        .event(WEB, refused("uma", "10.0.0.7"))
        .judge()
        .assert_found("EPA-01", Status::Possible)
        .assert_not_assessed("EPA-02");
}

#[test]
fn epa_02_old_clients_fail_and_others_get_in() {
    let judgement = server(HTTPS, REQUIRED)
        .event(WEB, refused("uma", "10.0.0.7"))
        .event(WEB, logon("uma", "10.0.0.7", "NTLM V1"))
        .event(WEB, logon("ben", "10.0.0.8", "NTLM V2"))
        .judge();
    judgement
        .assert_found("EPA-02", Status::Likely)
        .assert_not_found("EPA-01");
}

#[test]
fn epa_02_needs_a_sign_that_only_some_clients_fail() {
    server(HTTPS, REQUIRED)
        .event(WEB, refused("uma", "10.0.0.7"))
        .judge()
        .assert_not_assessed("EPA-02");
    server(HTTPS, REQUIRED)
        .event(WEB, refused("uma", "10.0.0.7"))
        .event(WEB, logon("ben", "10.0.0.8", "NTLM V2"))
        .judge()
        .assert_found("EPA-02", Status::Possible)
        .assert_found("EPA-01", Status::Possible);
    server(HTTPS, "<extendedProtection tokenChecking=\"Allow\" />")
        .judge()
        .assert_ruled_out("EPA-02");
}

fn listing(tokens: &str, flags: &str, spn: &str) -> String {
    format!(
        "<extendedProtection tokenChecking=\"{tokens}\" flags=\"{flags}\"><spn name=\"{spn}\" /></extendedProtection>"
    )
}

#[test]
fn epa_03_a_name_is_not_listed() {
    let other = listing("Require", "Proxy", "HTTP/intranet.corp.example");
    server(HTTPS, &other)
        .judge()
        .assert_found("EPA-03", Status::Likely)
        .assert_not_found("EPA-01")
        .assert_not_found("SPN-01");
    server(HTTPS, &other)
        .event(WEB, refused("uma", "10.0.0.7"))
        .judge()
        .assert_found("EPA-03", Status::Confirmed);
    let listed = listing("Require", "Proxy", "http/Portal.corp.example");
    server(HTTPS, &listed).judge().assert_ruled_out("EPA-03");
    server(HTTPS, REQUIRED).judge().assert_ruled_out("EPA-03");
    let unchecked = listing("Require", "Proxy,NoServiceNameCheck", "HTTP/x");
    server(HTTPS, &unchecked).judge().assert_not_found("EPA-03");
}

#[test]
fn epa_03_a_short_name_needs_its_flag() {
    let short = "*:443:portal";
    server(short, &listing("Require", "Proxy", "HTTP/portal"))
        .judge()
        .assert_found("EPA-03", Status::Likely);
    server(
        short,
        &listing("Require", "Proxy,AllowDotlessSpn", "HTTP/portal"),
    )
    .judge()
    .assert_ruled_out("EPA-03");
}

/// EPA-04: one address is refused while others sign in. What its certificate is decides, and no bundle holds it.
#[test]
fn one_workstation_is_refused() {
    let kit = || server(HTTPS, REQUIRED).event(WEB, refused("mira", "10.0.0.9"));
    kit()
        .event(WEB, logon("tom", "10.0.0.7", "NTLM V2"))
        .judge()
        .assert_found("EPA-04", Status::Possible);
    // Two addresses, or nobody else who signs in: nothing points at one workstation.
    kit()
        .event(WEB, refused("eva", "10.0.0.8"))
        .event(WEB, logon("tom", "10.0.0.7", "NTLM V2"))
        .judge()
        .assert_not_assessed("EPA-04");
    kit().judge().assert_not_assessed("EPA-04");
    server(HTTPS, "").judge().assert_ruled_out("EPA-04");
}
