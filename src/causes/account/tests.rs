//! The group AC against small cases.

mod listed;
mod more;
mod passing;
mod unknown;
mod users;

use crate::causes::{Current, Status};
use crate::testkit::{Happening, Kit, config, kerberos_4, pool, security, site, system, windows};

const WEB: &str = "WEB01.corp.example";
const DC: &str = "DC1.corp.example";

/// A bundle with the configuration of WEB01.
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

fn refused_from(user: &'static str, ip: &str, status: &str, sub: &str) -> Happening {
    security(
        4625,
        &[
            ("TargetUserName", user),
            ("TargetDomainName", "CORP"),
            ("Status", status),
            ("SubStatus", sub),
            ("LogonType", "3"),
            ("LogonProcessName", "NtLmSsp "),
            ("AuthenticationPackageName", "NTLM"),
            ("WorkstationName", "PC7"),
            ("ProcessName", "-"),
            ("IpAddress", ip),
        ],
    )
}

fn refused(user: &'static str, status: &str, sub: &str) -> Happening {
    refused_from(user, "10.1.2.3", status, sub)
}

fn logon(user: &'static str) -> Happening {
    security(
        4624,
        &[
            ("TargetUserName", user),
            ("TargetDomainName", "CORP"),
            ("LogonType", "3"),
            ("LogonProcessName", "NtLmSsp "),
            ("AuthenticationPackageName", "NTLM"),
            ("IpAddress", "10.1.2.3"),
        ],
    )
}

#[test]
fn ac_01_found_with_what_the_domain_controller_says() {
    let judgement = web()
        .event(WEB, refused("uma", "0xc000006d", "0xc000006a"))
        .event(
            DC,
            security(
                4776,
                &[
                    ("TargetUserName", "UMA"),
                    ("Workstation", "PC7"),
                    ("Status", "0xc000006a"),
                ],
            ),
        )
        .judge();
    judgement
        .assert_found("AC-01", Status::Confirmed)
        .assert_not_found("LOOP-01")
        .assert_not_found("AC-02");
    let found = judgement.of("AC-01");
    assert_eq!(found.len(), 1);
    assert_eq!(
        found[0].finding.subject.account.as_deref(),
        Some("CORP\\uma")
    );
    assert_eq!(found[0].finding.subject.host.as_deref(), Some("WEB01"));
    assert!(!found[0].finding.explains.is_empty());
    assert!(judgement.unexplained.is_empty());
}

#[test]
fn ac_01_is_no_typing_error() {
    let slip = || refused("uma", "0xc000006d", "0xc000006a");
    let kit = || web().event(WEB, slip()).event(WEB, logon("uma"));
    kit().judge().assert_not_found("AC-01");
    assert!(kit().case().symptoms.iter().all(|s| !s.is_failure()));
    // Without the logon it stays a failure, and one alone is not certain.
    web()
        .event(WEB, slip())
        .judge()
        .assert_found("AC-01", Status::Likely);
    // Where others get in, one or two wrong passwords are one person's, and no trouble of the site.
    for count in [1, 2, 3] {
        let kit = || web().events(WEB, count, slip).event(WEB, logon("bob"));
        let expected = if count < 3 {
            Status::Possible
        } else {
            Status::Confirmed
        };
        kit().judge().assert_found("AC-01", expected);
        let failures = kit()
            .case()
            .symptoms
            .iter()
            .filter(|s| s.is_failure())
            .count();
        assert_eq!(failures, usize::from(count == 3));
    }
    // Many wrong ones are more than a slip; that it is over is said.
    let judgement = web().events(WEB, 5, slip).event(WEB, logon("uma")).judge();
    judgement.assert_found("AC-01", Status::Confirmed);
    assert_eq!(judgement.of("AC-01")[0].finding.current, Current::No);
}

#[test]
fn ac_01_who_gets_in_all_day_mistypes_once() {
    let slip = || refused("uma", "0xc000006d", "0xc000006a");
    let kit = || web().events(WEB, 3, || logon("uma"));
    kit()
        .event(WEB, slip())
        .judge()
        .assert_found("AC-01", Status::Possible);
    kit()
        .events(WEB, 3, slip)
        .judge()
        .assert_found("AC-01", Status::Confirmed);
}

#[test]
fn ac_01_of_a_server_that_asks_nobody_for_windows_logons() {
    let on = |root: &str, locations: &str| {
        Kit::new()
            .config(
                "WEB01/applicationHost.config",
                &config(
                    &pool("Shop", "CORP\\svc_web"),
                    &site("Shop", "*:80:shop.corp.example", "Shop"),
                    root,
                    locations,
                ),
            )
            .events(WEB, 5, || refused("uma", "0xc000006d", "0xc000006a"))
            .judge()
    };
    let off = windows("enabled=\"false\"");
    on(&off, "").assert_found("AC-01", Status::Possible);
    // A folder that is no application may ask for it.
    let folder = r#"<location path="Shop/staff"><system.webServer><security><authentication><windowsAuthentication enabled="true" /></authentication></security></system.webServer></location>"#;
    on(&off, folder).assert_found("AC-01", Status::Confirmed);
}

#[test]
fn ac_01_prompts_of_undecryptable_tickets_come_first() {
    web()
        .events(WEB, 4, || refused("uma", "0xc000006d", "0xc000006a"))
        .event(
            "PC7.corp.example",
            kerberos_4("HTTP/portal.corp.example", "web01$"),
        )
        .judge()
        .assert_found("AC-01", Status::Likely);
}

#[test]
fn ac_02_found() {
    let lockout = security(
        4740,
        &[("TargetUserName", "uma"), ("TargetDomainName", "PC7")],
    );
    let judgement = web()
        .event(DC, lockout)
        .event(WEB, refused("uma", "0xc0000234", "0x0"))
        .judge();
    judgement
        .assert_found("AC-02", Status::Confirmed)
        .assert_not_found("AC-03");
    let finding = &judgement.of("AC-02")[0].finding;
    assert!(finding.onset.is_some());
    assert_eq!(finding.current, Current::Yes);
    let fix = &judgement.of("AC-02")[0].fix.as_ref().unwrap().0.remedy.fix;
    // The cmdlet takes a SAM name, not CORP\uma; the domain stands apart.
    assert!(fix.iter().any(|s| {
        s.command
            .as_ref()
            .is_some_and(|c| c.text() == "Unlock-ADAccount -Identity 'uma' -Server 'corp'")
    }));
}

#[test]
fn ac_02_over_after_the_unlock() {
    let judgement = web()
        .event(WEB, refused("uma", "0xc0000234", "0x0"))
        .event(
            DC,
            security(
                4767,
                &[("TargetUserName", "uma"), ("TargetDomainName", "CORP")],
            ),
        )
        .judge();
    assert_eq!(judgement.of("AC-02")[0].finding.current, Current::No);
}

#[test]
fn ac_02_from_a_domain_controller_alone_is_possible() {
    let validated = || security(4776, &[("TargetUserName", "uma"), ("Status", "0xc0000234")]);
    let judgement = web()
        .event(WEB, system("Filler", 1, &[]))
        .event(DC, validated())
        .judge();
    judgement.assert_found("AC-02", Status::Possible);
    assert!(!judgement.of("AC-02")[0].finding.lacks.is_empty());
    // Without a web server in the bundle it is nobody's 401.
    Kit::new()
        .event(DC, validated())
        .judge()
        .assert_not_assessed("AC-02");
    // 0x12 alone does not say which of four reasons it was.
    web()
        .event(
            DC,
            security(4771, &[("TargetUserName", "uma"), ("Status", "0x12")]),
        )
        .judge()
        .assert_not_assessed("AC-02")
        .assert_not_assessed("AC-03");
}

#[test]
fn a_machine_that_nothing_shows_to_be_a_web_server() {
    Kit::new()
        .events("FS01.corp.example", 9, || {
            refused("uma", "0xc0000072", "0x0")
        })
        .judge()
        .assert_found("AC-03", Status::Possible);
    // A process that is not IIS made the logon.
    let mut by_sql = refused("uma", "0xc0000072", "0x0");
    for (name, value) in &mut by_sql.values {
        if *name == "ProcessName" {
            *value = "C:\\SQL\\sqlservr.exe".into();
        }
    }
    web()
        .event(WEB, by_sql)
        .judge()
        .assert_found("AC-03", Status::Possible);
}

#[test]
fn ac_03_reads_the_sam_encoding() {
    // 4738 writes SAM bits: 0x10 is an ordinary user and 0x11 a disabled one; 0x2 would be the directory's bit.
    let changed = |old: &'static str, new: &'static str| {
        security(
            4738,
            &[
                ("TargetUserName", "uma"),
                ("TargetDomainName", "CORP"),
                ("OldUacValue", old),
                ("NewUacValue", new),
            ],
        )
    };
    let onset = |old, new| {
        let judgement = web()
            .event(DC, changed(old, new))
            .event(WEB, refused("uma", "0xc000006e", "0xc0000072"))
            .judge();
        judgement.assert_found("AC-03", Status::Confirmed);
        judgement.of("AC-03")[0].finding.onset.is_some()
    };
    assert!(onset("0x10", "0x11"));
    assert!(!onset("0x10", "0x12"), "0x2 is no SAM bit for disabled");
    assert!(!onset("0x11", "0x210"), "enabled, not disabled");
}

#[test]
fn ac_04_and_ac_05_by_status() {
    web()
        .event(WEB, refused("uma", "0xc0000193", "0x0"))
        .judge()
        .assert_found("AC-04", Status::Confirmed)
        .assert_not_found("AC-05");
    for status in ["0xc0000071", "0xc0000224"] {
        web()
            .event(WEB, refused("uma", "0xc000006e", status))
            .judge()
            .assert_found("AC-05", Status::Confirmed)
            .assert_not_found("AC-04");
    }
}

/// Decision table, row 20.
#[test]
fn ac_07_found() {
    let judgement = web()
        .event(
            WEB,
            security(
                4717,
                &[
                    ("TargetSid", "S-1-5-21-1-2-3-1105"),
                    ("AccessGranted", "SeDenyNetworkLogonRight"),
                ],
            ),
        )
        .event(WEB, refused("uma", "0xc000015b", "0x0"))
        .event(
            DC,
            security(
                4769,
                &[
                    ("TargetUserName", "uma@CORP.EXAMPLE"),
                    ("ServiceName", "WEB01$"),
                    ("Status", "0x0"),
                    ("TicketEncryptionType", "0x12"),
                ],
            ),
        )
        .judge();
    judgement
        .assert_found("AC-07", Status::Confirmed)
        .assert_not_found("AC-01");
    assert!(judgement.of("AC-07")[0].finding.onset.is_some());
}

#[test]
fn ac_07_is_about_network_logons() {
    let mut batch = refused("svc_web", "0xc000015b", "0x0");
    for (name, value) in &mut batch.values {
        if *name == "LogonType" {
            *value = "4".into();
        }
    }
    web().event(WEB, batch).judge().assert_not_found("AC-07");
}

#[test]
fn not_assessed_without_the_servers_security_log() {
    let judgement = web().judge();
    for id in ["AC-01", "AC-02", "AC-03", "AC-04", "AC-05", "AC-07"] {
        judgement.assert_not_assessed(id);
    }
    // A server whose logons are there and none of them fails: nothing to say.
    let judgement = web().event(WEB, logon("uma")).judge();
    judgement.assert_not_found("AC-01");
    assert!(judgement.not_assessed.iter().all(|(c, _)| c.id != "AC-01"));
}

/// A 4625 whose fields are missing costs nothing.
#[test]
fn bare_events() {
    let judgement = web()
        .event(WEB, security(4625, &[("LogonType", "3")]))
        .event(WEB, security(4625, &[]))
        .event(DC, security(4776, &[]))
        .event(DC, security(4740, &[]))
        .event(
            WEB,
            security(4648, &[("LogonGuid", "{0}"), ("LogonGuid", "{1}")]),
        )
        .judge();
    assert!(judgement.findings.is_empty());
}
