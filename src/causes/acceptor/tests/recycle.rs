//! KM-03: a change that the running process does not know of.

use super::*;
use crate::causes::{Current, Status};
use crate::testkit::{pool, security, system};

fn changed(
    path: &'static str,
    attribute: &'static str,
    old: &'static str,
    new: &'static str,
) -> Happening {
    Happening {
        channel: "Microsoft-IIS-Configuration/Operational",
        provider: "Microsoft-IIS-Configuration",
        id: 29,
        values: vec![
            ("ConfigPath", "MACHINE/WEBROOT/APPHOST".into()),
            ("EffectiveLocationPath", path.into()),
            ("Configuration", attribute.into()),
            ("EditOperationType", "1".into()),
            ("OldValue", old.into()),
            ("NewValue", new.into()),
        ],
    }
}

const USER_NAME: &str =
    "/system.applicationHost/applicationPools/add[@name=\"P\"]/processModel/@userName";
const POOL_CREDENTIALS: &str =
    "/system.webServer/security/authentication/windowsAuthentication/@useAppPoolCredentials";

fn changed_pool() -> Kit {
    Kit::new()
        .config(
            "WEB01/applicationHost.config",
            &one_site(
                &pool("P", "CORP\\svc_web"),
                "enabled=\"true\" useAppPoolCredentials=\"true\"",
            ),
        )
        .console("q.txt", &held_by(SVC))
        .event(
            "WEB01.corp.example",
            changed("", USER_NAME, "CORP\\svc_old", "CORP\\svc_web"),
        )
}

#[test]
fn km_03_without_process_evidence_is_possible() {
    changed_pool()
        .events("PC7.corp.example", 2, event_4)
        .judge()
        .assert_found("KM-03", Status::Possible);
    Kit::new()
        .config(
            "WEB01/applicationHost.config",
            &one_site(
                &pool("P", "CORP\\svc_web"),
                "enabled=\"true\" useAppPoolCredentials=\"true\"",
            ),
        )
        .console("q.txt", &held_by(SVC))
        .event(
            "WEB01.corp.example",
            changed("Portal", POOL_CREDENTIALS, "false", "true"),
        )
        .wait(700)
        .events("PC7.corp.example", 2, || kerberos_4(NAME, "svc_web"))
        .judge()
        .assert_found("KM-03", Status::Possible);
}

#[test]
fn km_03_with_a_process_that_acts_as_the_old_account_is_likely() {
    changed_pool()
        .event(
            "WEB01.corp.example",
            security(
                4648,
                &[
                    ("SubjectUserName", "svc_old"),
                    ("SubjectDomainName", "CORP"),
                    ("TargetUserName", "sql_reader"),
                    ("TargetServerName", "sql01"),
                    ("ProcessName", "C:\\Windows\\System32\\inetsrv\\w3wp.exe"),
                ],
            ),
        )
        .events("PC7.corp.example", 2, event_4)
        .judge()
        .assert_found("KM-03", Status::Likely);
}

#[test]
fn km_03_with_clients_that_name_the_old_account_is_likely() {
    let kit = || {
        Kit::new()
            .config(
                "WEB01/applicationHost.config",
                &one_site(
                    &pool("P", "CORP\\svc_web"),
                    "enabled=\"true\" useAppPoolCredentials=\"true\"",
                ),
            )
            .console("q.txt", &held_by(SVC))
            .event(
                "WEB01.corp.example",
                changed("Portal", POOL_CREDENTIALS, "false", "true"),
            )
    };
    kit()
        .events("PC7.corp.example", 2, event_4)
        .judge()
        .assert_found("KM-03", Status::Likely);
}

#[test]
fn km_03_not_after_a_restart_and_not_when_failures_ended_before() {
    changed_pool()
        .event(
            "WEB01.corp.example",
            system("Microsoft-Windows-WAS", 5079, &[("", "P")]),
        )
        .events("PC7.corp.example", 2, event_4)
        .judge()
        .assert_ruled_out("KM-03");
    Kit::new()
        .config(
            "WEB01/applicationHost.config",
            &one_site(
                &pool("P", "CORP\\svc_web"),
                "enabled=\"true\" useAppPoolCredentials=\"true\"",
            ),
        )
        .console("q.txt", &held_by(SVC))
        .events("PC7.corp.example", 2, event_4)
        .event(
            "WEB01.corp.example",
            changed("", USER_NAME, "CORP\\svc_old", "CORP\\svc_web"),
        )
        .judge()
        .assert_not_found("KM-03");
}

#[test]
fn km_03_needs_the_configuration_log_and_the_configuration() {
    Kit::new()
        .config(
            "WEB01/applicationHost.config",
            &one_site(
                &pool("P", "CORP\\svc_web"),
                "enabled=\"true\" useAppPoolCredentials=\"true\"",
            ),
        )
        .console("q.txt", &held_by(SVC))
        .events("PC7.corp.example", 2, event_4)
        .judge()
        .assert_not_assessed("KM-03");
    Kit::new()
        .event(
            "WEB01.corp.example",
            changed("", USER_NAME, "CORP\\svc_old", "CORP\\svc_web"),
        )
        .events("PC7.corp.example", 2, event_4)
        .judge()
        .assert_not_assessed("KM-03");
}

#[test]
fn km_03_not_for_another_pool_or_site() {
    for (path, attribute, old) in [
        (
            "",
            "/system.applicationHost/applicationPools/add[@name=\"Q\"]/processModel/@userName",
            "CORP\\svc_old",
        ),
        ("Portal2", POOL_CREDENTIALS, "false"),
        ("Portal", POOL_CREDENTIALS, "true"),
    ] {
        Kit::new()
            .config(
                "WEB01/applicationHost.config",
                &one_site(
                    &pool("P", "CORP\\svc_web"),
                    "enabled=\"true\" useAppPoolCredentials=\"true\"",
                ),
            )
            .console("q.txt", &held_by(SVC))
            .event("WEB01.corp.example", changed(path, attribute, old, "x"))
            .events("PC7.corp.example", 2, event_4)
            .judge()
            .assert_not_found("KM-03");
    }
}

/// What tasklist shows decides whether the process still runs as the old account.
#[test]
fn km_03_and_the_worker_processes() {
    let judged = |account: &str| {
        let list = format!(
            "[WEB01]: PS C:\\> tasklist /v /fo csv\n\"w3wp.exe\",\"4712\",\"Services\",\"0\",\"1 K\",\"Unknown\",\"{account}\",\"0:00:01\",\"N/A\"\n"
        );
        changed_pool()
            .events("PC7.corp.example", 2, event_4)
            .console("tasklist.txt", &list)
            .judge()
    };
    let old = judged("CORP\\svc_old");
    old.assert_found("KM-03", Status::Likely);
    let new = judged("CORP\\svc_web");
    assert_eq!(new.of("KM-03")[0].finding.current, Current::No);
    let hidden = judged("N/A");
    hidden.assert_found("KM-03", Status::Possible);
    let lacks = &hidden.of("KM-03")[0].finding.lacks;
    assert!(lacks.iter().any(|m| m.collect_with.contains("tasklist")));
}

/// A process that a list shows to be of another pool says nothing about this one.
#[test]
fn km_03_and_worker_processes_of_another_pool() {
    let judged = |pool: &str| {
        let tasks = "[WEB01]: PS C:\\> tasklist /v /fo csv\n\"w3wp.exe\",\"4712\",\"Services\",\"0\",\"1 K\",\"Unknown\",\"CORP\\svc_old\",\"0:00:01\",\"N/A\"\n";
        let pools =
            format!("[WEB01]: PS C:\\> appcmd list wp\nWP \"4712\" (applicationPool:{pool})\n");
        changed_pool()
            .events("PC7.corp.example", 2, event_4)
            .console("tasklist.txt", tasks)
            .console("wp.txt", &pools)
            .judge()
    };
    judged("P").assert_found("KM-03", Status::Likely);
    judged("Other").assert_found("KM-03", Status::Possible);
}
