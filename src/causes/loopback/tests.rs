//! The group LOOP against small cases.

use crate::causes::{Current, Status};
use crate::testkit::{Happening, Kit, config, pool, security, site, system, windows};

const WEB: &str = "WEB01.corp.example";

fn web() -> Kit {
    Kit::new().config(
        "WEB01/applicationHost.config",
        &config(
            &pool("Portal", "CORP\\svc_web"),
            &site("Portal", "*:80:portal.corp.example", "Portal"),
            &windows("enabled=\"true\""),
            "",
        ),
    )
}

fn refused(ip: &str, workstation: &str, sub: &str) -> Happening {
    security(
        4625,
        &[
            ("TargetUserName", "uma"),
            ("TargetDomainName", "CORP"),
            ("Status", "0xc000006d"),
            ("SubStatus", sub),
            ("LogonType", "3"),
            ("LogonProcessName", "ÐÙ"),
            ("AuthenticationPackageName", "NTLM"),
            ("WorkstationName", workstation),
            ("IpAddress", ip),
        ],
    )
}

/// LsaSrv writes its values without names: PID, program, target.
fn blocked(target: &str) -> Happening {
    system(
        "LsaSrv",
        6037,
        &[("", "4242"), ("", "iexplore.exe"), ("", target)],
    )
}

/// Decision table, row 25.
#[test]
fn found_with_both_events() {
    let judgement = web()
        .event(WEB, refused("127.0.0.1", "WEB01", "0x0"))
        .event(WEB, blocked("HTTP/portal.corp.example"))
        .judge();
    judgement
        .assert_found("LOOP-01", Status::Confirmed)
        .assert_not_found("AC-01");
    let found = judgement.of("LOOP-01");
    assert_eq!(found.len(), 1);
    assert_eq!(
        found[0].finding.subject.host_name.as_deref(),
        Some("portal.corp.example")
    );
    assert!(judgement.unexplained.is_empty());
    let steps = &found[0].fix.as_ref().unwrap().0.remedy.fix;
    let commands: Vec<_> = steps
        .iter()
        .filter_map(|s| s.command.as_ref())
        .map(|c| c.text())
        .collect();
    assert!(
        commands
            .iter()
            .any(|c| c.ends_with("/d portal.corp.example")),
        "{commands:?}"
    );
    assert!(commands.iter().all(|c| !c.contains("DisableLoopbackCheck")));
}

#[test]
fn likely_from_the_logons_alone() {
    for (ip, workstation) in [("::1", "-"), ("10.0.0.5", "web01")] {
        web()
            .events(WEB, 3, || refused(ip, workstation, "0x0"))
            .judge()
            .assert_found("LOOP-01", Status::Likely);
    }
}

#[test]
fn an_address_of_a_binding_is_the_servers_own() {
    let kit = |ip: &str| {
        Kit::new()
            .config(
                "WEB01/applicationHost.config",
                &config(
                    &pool("Portal", "CORP\\svc_web"),
                    &site("Portal", "10.0.0.5:80:portal.corp.example", "Portal"),
                    &windows("enabled=\"true\""),
                    "",
                ),
            )
            .event(WEB, refused(ip, "-", "0x0"))
            .judge()
    };
    kit("10.0.0.5").assert_found("LOOP-01", Status::Likely);
    kit("10.0.0.6").assert_not_found("LOOP-01");
}

#[test]
fn not_from_another_machine_and_not_with_a_wrong_password() {
    web()
        .event(WEB, refused("10.1.2.3", "PC7", "0x0"))
        .judge()
        .assert_not_found("LOOP-01");
    web()
        .event(WEB, refused("127.0.0.1", "WEB01", "0xc000006a"))
        .judge()
        .assert_not_found("LOOP-01");
}

#[test]
fn no_more_than_possible_away_from_the_web() {
    Kit::new()
        .event("FS01.corp.example", blocked("HTTP/portal.corp.example"))
        .judge()
        .assert_found("LOOP-01", Status::Possible);
    web()
        .event(WEB, blocked("MSSQLSvc/sql.corp.example:1433"))
        .judge()
        .assert_found("LOOP-01", Status::Possible);
}

#[test]
fn ntlm_of_the_server_to_itself_is_by_design() {
    let own = security(
        4624,
        &[
            ("TargetUserName", "uma"),
            ("TargetDomainName", "CORP"),
            ("LogonType", "3"),
            ("LogonProcessName", "NtLmSsp "),
            ("AuthenticationPackageName", "NTLM"),
            ("IpAddress", "::1"),
        ],
    );
    let case = web().event(WEB, own).case();
    assert!(case.symptoms.is_empty(), "{:?}", case.symptoms);
}

#[test]
fn values_may_be_missing() {
    web()
        .event(WEB, system("LsaSrv", 6037, &[]))
        .judge()
        .assert_found("LOOP-01", Status::Confirmed);
    web()
        .event(WEB, system("LsaSrv", 6037, &[("", "1")]))
        .case();
}

#[test]
fn not_assessed_without_the_servers_logs() {
    web().judge().assert_not_assessed("LOOP-01");
}

/// What the registry of the server says about the check and the names it lets through.
fn registry(values: &str) -> String {
    format!(
        "[WEB01]: PS C:\\> reg query HKLM\\SYSTEM\\CurrentControlSet\\Control\\Lsa /s\n\nHKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Lsa\n    LmCompatibilityLevel    REG_DWORD    0x5\n{values}\n"
    )
}

const ALLOWED: &str = "HKEY_LOCAL_MACHINE\\SYSTEM\\CurrentControlSet\\Control\\Lsa\\MSV1_0\n    BackConnectionHostNames    REG_MULTI_SZ    ";

#[test]
fn the_registry_says_whether_the_name_is_let_through() {
    let seen = |registry: &str| {
        web()
            .event(WEB, refused("127.0.0.1", "WEB01", "0x0"))
            .event(WEB, blocked("HTTP/portal.corp.example"))
            .console("registry.txt", registry)
            .judge()
    };
    let other = seen(&registry(&format!("{ALLOWED}other.corp.example")));
    let grounds = &other.of("LOOP-01")[0].finding.structure;
    assert!(
        grounds.iter().any(|g| g.says.contains("not among")),
        "{grounds:?}"
    );
    let none = seen(&registry(&format!(
        "{}\n    Auth132    REG_SZ    IISSUBA",
        ALLOWED.lines().next().unwrap()
    )));
    let grounds = &none.of("LOOP-01")[0].finding.structure;
    assert!(
        grounds.iter().any(|g| g.says.contains("no name")),
        "{grounds:?}"
    );
    // The name was let through since: the failure is past.
    let repaired = seen(&registry(&format!("{ALLOWED}portal.corp.example\\0x")));
    assert_eq!(repaired.of("LOOP-01")[0].finding.current, Current::No);
}

#[test]
fn ruled_out_where_the_check_is_switched_off() {
    let off = registry("    DisableLoopbackCheck    REG_DWORD    0x1");
    web()
        .event(WEB, refused("127.0.0.1", "WEB01", "0x0"))
        .console("registry.txt", &off)
        .judge()
        .assert_ruled_out("LOOP-01");
    // The registry of another machine says nothing.
    let elsewhere = off.replace("[WEB01]", "[PC7]");
    web()
        .event(WEB, refused("127.0.0.1", "WEB01", "0x0"))
        .event("PC7.corp.example", blocked("x"))
        .console("registry.txt", &elsewhere)
        .judge()
        .assert_found("LOOP-01", Status::Likely);
}

#[test]
fn an_address_that_ipconfig_shows_is_the_own_one() {
    let ipconfig = "C:\\>ipconfig /all\n\nWindows IP Configuration\n\n   Host Name . . . . . . . . . . . . : WEB01\n   Primary Dns Suffix  . . . . . . . : corp.example\n\nEthernet adapter Ethernet0:\n\n   IPv4 Address. . . . . . . . . . . : 10.0.0.5(Preferred)\n   Subnet Mask . . . . . . . . . . . : 255.255.255.0\n";
    let call = || web().event(WEB, refused("10.0.0.5", "-", "0x0"));
    call().judge().assert_not_found("LOOP-01");
    call()
        .console("net.txt", ipconfig)
        .judge()
        .assert_found("LOOP-01", Status::Likely);
}

/// LOOP-02: several servers serve the name, so that it is a farm's; the same of one server is LOOP-01.
#[test]
fn a_farm_calls_itself() {
    let node = |host: &str| {
        let text = config(
            &pool("Portal", "CORP\\svc_web"),
            &site("Portal", "*:80:portal.corp.example", "Portal"),
            &windows("enabled=\"true\""),
            "",
        );
        (
            format!("{host}/applicationHost.config"),
            text.replace(
                "id=\"7\"",
                if host == "WEB01" {
                    "id=\"7\""
                } else {
                    "id=\"8\""
                },
            ),
        )
    };
    let (one, two) = (node("WEB01"), node("WEB02"));
    let judgement = Kit::new()
        .config(&one.0, &one.1)
        .config(&two.0, &two.1)
        .event(WEB, refused("127.0.0.1", "WEB01", "0x0"))
        .event(WEB, blocked("HTTP/portal.corp.example"))
        .judge();
    judgement
        .assert_found("LOOP-02", Status::Confirmed)
        .assert_not_found("LOOP-01");
    web()
        .event(WEB, blocked("HTTP/portal.corp.example"))
        .judge()
        .assert_found("LOOP-01", Status::Confirmed)
        .assert_not_assessed("LOOP-02");
}
