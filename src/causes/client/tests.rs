//! The group CL against small cases.

mod elsewhere;
mod sessions;

use super::signs::{Program, program};
use crate::causes::Status;
use crate::testkit::{Happening, Kit, config, ntlm, pool, query, security, site, windows};

const WEB: &str = "WEB01.corp.example";
const DC: &str = "DC1.corp.example";
const PC: &str = "PC7.corp.example";
const SPN: &str = "HTTP/portal.corp.example";
const EDGE: &str = "Mozilla/5.0+(Windows+NT+10.0;+Win64;+x64)+Chrome/131.0.0.0+Edg/131.0.0.0";

/// A sound site: kernel mode, and the name on the computer account.
fn web() -> Kit {
    Kit::new()
        .config(
            "WEB01/applicationHost.config",
            &config(
                &pool("Portal", "CORP\\svc_web"),
                &site("Portal", "*:80:portal.corp.example", "Portal"),
                &windows("enabled=\"true\""),
                "",
            ),
        )
        .console(
            "setspn.txt",
            &query(
                SPN,
                &[(
                    "CN=WEB01,OU=Servers,DC=corp,DC=example",
                    &["HOST/WEB01.corp.example", "HOST/WEB01", SPN],
                )],
            ),
        )
        .silent(WEB, "System")
}

/// A log in which one caller leaves challenges unanswered, and another signs in.
fn log(agent: &str, path: &str, signs_in: bool) -> String {
    let mut text = "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) cs-host sc-status sc-substatus sc-win32-status time-taken\n".to_owned();
    for minute in [1, 4, 15, 37, 58] {
        text += &format!(
            "2026-03-02 08:{minute:02}:00 10.0.0.1 GET {path} - 80 - 10.0.0.9 {agent} portal.corp.example 401 2 5 3\n"
        );
    }
    if signs_in {
        text += &format!(
            "2026-03-02 09:00:00 10.0.0.1 GET / - 80 - 10.0.0.7 {EDGE} portal.corp.example 401 2 5 3\n2026-03-02 09:00:00 10.0.0.1 GET / - 80 CORP\\uma 10.0.0.7 {EDGE} portal.corp.example 200 0 0 9\n"
        );
    }
    text
}

fn logged(agent: &str, path: &str, signs_in: bool) -> Kit {
    web().web_log("WEB01/W3SVC7/u_ex.log", &log(agent, path, signs_in))
}

fn ntlm_logon(ip: &str) -> Happening {
    security(
        4624,
        &[
            ("TargetUserName", "uma"),
            ("TargetDomainName", "CORP"),
            ("LogonType", "3"),
            ("LogonProcessName", "NtLmSsp "),
            ("AuthenticationPackageName", "NTLM"),
            ("LmPackageName", "NTLM V2"),
            ("WorkstationName", "PC7"),
            ("IpAddress", ip),
        ],
    )
}

fn kerberos_logon(user: &str) -> Happening {
    security(
        4624,
        &[
            ("TargetUserName", user),
            ("TargetDomainName", "CORP"),
            ("LogonType", "3"),
            ("LogonProcessName", "Kerberos"),
            ("AuthenticationPackageName", "Kerberos"),
            ("LmPackageName", "-"),
            ("IpAddress", "10.1.2.8"),
        ],
    )
}

fn because(reason: &str) -> Happening {
    ntlm(
        4020,
        &[
            ("ProcessName", "msedge.exe"),
            ("Username", "uma"),
            ("TargetService", SPN),
            ("NtlmUsageId", reason),
        ],
    )
}

fn changed(operation: &str) -> Happening {
    security(
        5136,
        &[
            ("ObjectDN", "CN=WEB01,OU=Servers,DC=corp,DC=example"),
            ("ObjectClass", "computer"),
            ("AttributeLDAPDisplayName", "servicePrincipalName"),
            ("AttributeValue", SPN),
            ("OperationType", operation),
        ],
    )
}

#[test]
fn user_agents() {
    for (agent, kind) in [
        (Some(EDGE), Program::Chromium),
        (
            Some("Mozilla/5.0+(Windows+NT+10.0;+rv:133.0)+Gecko/20100101+Firefox/133.0"),
            Program::Firefox,
        ),
        (
            Some("Mozilla/5.0+(X11;+Linux+x86_64;+rv:133.0)+Firefox/133.0"),
            Program::NotWindows,
        ),
        (
            Some("Mozilla/5.0+(Windows+NT+10.0;+Trident/7.0;+rv:11.0)+like+Gecko"),
            Program::Explorer,
        ),
        (
            Some("Mozilla/5.0+(Windows+NT;+Windows+NT+10.0;+en-US)+WindowsPowerShell/5.1"),
            Program::Library,
        ),
        (Some("Microsoft+WinHTTP/5.1"), Program::WinHttp),
        (Some("python-requests/2.32"), Program::Library),
        (None, Program::Library),
    ] {
        assert_eq!(program(agent), kind, "{agent:?}");
    }
}

#[test]
fn challenges_that_nobody_answers_never_shout() {
    for (agent, path, cause) in [
        (EDGE, "/", "CL-01"),
        (
            "Mozilla/5.0+(Windows+NT+10.0;+rv:133.0)+Gecko/20100101+Firefox/133.0",
            "/",
            "CL-05",
        ),
        ("python-requests/2.32", "/api", "CL-12"),
        ("Microsoft+WinHTTP/5.1", "/api", "CL-13"),
        (
            "Mozilla/5.0+(Macintosh;+Intel+Mac+OS+X)+Version/18+Safari/605",
            "/",
            "CL-15",
        ),
        ("-", "/orders.svc", "CL-16"),
    ] {
        let judgement = logged(agent, path, true).judge();
        judgement.assert_found(cause, Status::Possible);
        let others = judgement.findings.iter().filter(|f| f.cause.id != cause);
        assert_eq!(others.count(), 0, "{cause}");
    }
    let ids = [
        "CL-01", "CL-02", "CL-03", "CL-04", "CL-05", "CL-06", "CL-07", "CL-08", "CL-09", "CL-10",
        "CL-11", "CL-12", "CL-13", "CL-14", "CL-15", "CL-16", "CL-17", "CL-18", "AC-09",
    ];
    let judgement = web().judge();
    for id in ids {
        judgement.assert_not_assessed(id);
    }
}

#[test]
fn cl_01_is_no_matter_of_short_names_or_of_a_site_that_asks_nobody() {
    let off = Kit::new().config(
        "WEB01/applicationHost.config",
        &config(
            &pool("Portal", "CORP\\svc_web"),
            &site("Portal", "*:80:portal.corp.example", "Portal"),
            &windows("enabled=\"false\""),
            "",
        ),
    );
    off.silent(WEB, "System")
        .web_log("WEB01/W3SVC7/u_ex.log", &log(EDGE, "/", false))
        .judge()
        .assert_not_found("CL-01");
    let short = log(EDGE, "/", true).replace("portal.corp.example", "portal");
    web()
        .web_log("WEB01/W3SVC7/u_ex.log", &short)
        .judge()
        .assert_not_found("CL-01");
}

const EDGE_KEY: &str = "HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\Microsoft\\Edge";

fn policy(kit: Kit, name: &str, kind: &str, value: &str) -> Kit {
    kit.console(
        "PC7/edge.txt",
        &format!("{EDGE_KEY}\n    {name}    {kind}    {value}\n    Filler    REG_DWORD    0x1\n"),
    )
}

#[test]
fn cl_02_a_list_without_the_host() {
    let kit = |list: &str| {
        policy(
            logged(EDGE, "/", true).silent(PC, "System"),
            "AuthServerAllowlist",
            "REG_SZ",
            list,
        )
    };
    kit("*.other.example")
        .judge()
        .assert_found("CL-02", Status::Confirmed)
        .assert_not_found("CL-01");
    let covered = kit("*.corp.example").judge();
    covered.assert_not_found("CL-02");
    assert!(covered.ruled_out.iter().any(|(c, _)| c.id == "CL-02"));
    let unseen = policy(
        web().silent(PC, "System"),
        "AuthServerAllowlist",
        "REG_SZ",
        "*.other.example",
    );
    unseen.judge().assert_found("CL-02", Status::Possible);
}

#[test]
fn cl_03_and_cl_06_send_a_client_to_ntlm() {
    let by = |ip| {
        web()
            .silent(PC, "System")
            .events(WEB, 3, move || ntlm_logon(ip))
    };
    let kit = policy(by("10.1.2.3"), "AuthSchemes", "REG_SZ", "basic,ntlm");
    kit.judge()
        .assert_found("CL-03", Status::Confirmed)
        .assert_not_found("SPN-01");
    // Capital letters do not count.
    policy(by("10.1.2.3"), "AuthSchemes", "REG_SZ", "Negotiate")
        .judge()
        .assert_found("CL-03", Status::Confirmed);
    let fine = policy(by("10.1.2.3"), "AuthSchemes", "REG_SZ", "ntlm,negotiate").judge();
    fine.assert_not_found("CL-03");
    let off = "HKEY_CURRENT_USER\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\Internet Settings\n    EnableNegotiate    REG_DWORD    0x0\n    ProxyEnable    REG_DWORD    0x0\n";
    by("10.1.2.3")
        .console("PC7/inet.txt", off)
        .judge()
        .assert_found("CL-06", Status::Confirmed);
    web()
        .silent(PC, "System")
        .console("PC7/inet.txt", off)
        .judge()
        .assert_found("CL-06", Status::Possible);
    let on = off.replace(
        "EnableNegotiate    REG_DWORD    0x0",
        "EnableNegotiate    REG_DWORD    0x1",
    );
    assert!(
        by("10.1.2.3")
            .console("PC7/inet.txt", &on)
            .judge()
            .ruled_out
            .iter()
            .any(|(c, _)| c.id == "CL-06")
    );
}

#[test]
fn windows_says_why_ntlm_was_used() {
    for (reason, cause) in [("2", "CL-07"), ("9", "CL-08"), ("4", "CL-09")] {
        let judgement = web().events(PC, 3, || because(reason)).judge();
        judgement.assert_found(cause, Status::Confirmed);
        assert!(judgement.unexplained.is_empty(), "{cause}");
        for other in ["CL-07", "CL-08", "CL-09"] {
            if other != cause {
                judgement.assert_not_found(other);
            }
        }
    }
}
