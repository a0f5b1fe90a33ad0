//! KM-06 and KM-07: identities that have no key of their own.

use super::*;
use crate::causes::Status;
use crate::negotiate::Outcome;
use crate::testkit::{pool, security};

/// Truth table, rows 12 (pool credentials) and 17 (user mode).
#[test]
fn km_06_rows_12_and_17() {
    for (attributes, failed) in [
        (
            "enabled=\"true\" useAppPoolCredentials=\"true\"",
            Status::Likely,
        ),
        (
            "enabled=\"true\" useKernelMode=\"false\"",
            Status::Confirmed,
        ),
    ] {
        for user in [".\\websvc", "WEB01\\websvc"] {
            let kit = || {
                Kit::new()
                    .config(
                        "WEB01/applicationHost.config",
                        &one_site(&pool("P", user), attributes),
                    )
                    .silent("WEB01.corp.example", "System")
                    .console("q.txt", &held_by(WEB01))
            };
            kit().judge().assert_found("KM-06", Status::Likely);
            let judgement = kit().events("PC7.corp.example", 2, event_4).judge();
            judgement
                .assert_found("KM-06", failed)
                .assert_not_found("SPN-06");
            assert!(judgement.unexplained.is_empty());
            let (_, changes) = judgement.of("KM-06")[0].fix.as_ref().expect("a fix");
            assert!(
                changes.iter().all(|c| c.after == Outcome::Kerberos),
                "{changes:?}"
            );
        }
    }
}

#[test]
fn km_06_not_in_kernel_mode_and_not_for_a_domain_account() {
    let kit = |user: &str, attributes: &str| {
        Kit::new()
            .config(
                "WEB01/applicationHost.config",
                &one_site(&pool("P", user), attributes),
            )
            .silent("WEB01.corp.example", "System")
            .console("q.txt", &held_by(WEB01))
            .judge()
    };
    kit(".\\websvc", "enabled=\"true\"").assert_ruled_out("KM-06");
    kit(
        "CORP\\svc_web",
        "enabled=\"true\" useAppPoolCredentials=\"true\"",
    )
    .assert_not_found("KM-06")
    .assert_found("SPN-06", Status::Likely);
}

#[test]
fn km_06_is_open_while_the_holder_is_unknown_and_dormant_while_nobody_holds_the_name() {
    let xml = one_site(
        &pool("P", ".\\websvc"),
        "enabled=\"true\" useAppPoolCredentials=\"true\"",
    );
    Kit::new()
        .config("WEB01/applicationHost.config", &xml)
        .judge()
        .assert_found("KM-06", Status::Possible);
    Kit::new()
        .config("WEB01/applicationHost.config", &xml)
        .console("q.txt", &query(NAME, &[]))
        .judge()
        .assert_found("KM-06", Status::Possible);
}

/// Truth table, rows 11 (pool credentials) and 16 (user mode): never more than possible without an observation.
#[test]
fn km_07_rows_11_and_16() {
    for attributes in [
        "enabled=\"true\" useAppPoolCredentials=\"true\"",
        "enabled=\"true\" useKernelMode=\"false\"",
    ] {
        let kit = || {
            Kit::new()
                .config(
                    "WEB01/applicationHost.config",
                    &one_site(&builtin("P", "LocalService"), attributes),
                )
                .silent("WEB01.corp.example", "System")
                .console("q.txt", &held_by(WEB01))
        };
        kit().judge().assert_found("KM-07", Status::Possible);
        kit()
            .events("PC7.corp.example", 2, event_4)
            .judge()
            .assert_found("KM-07", Status::Likely);
        let logon = || {
            security(
                4624,
                &[
                    ("TargetUserName", "uma"),
                    ("TargetDomainName", "CORP"),
                    ("LogonType", "3"),
                    ("LogonProcessName", "Kerberos"),
                    ("AuthenticationPackageName", "Kerberos"),
                    ("ProcessName", "C:\\Windows\\System32\\inetsrv\\w3wp.exe"),
                ],
            )
        };
        kit()
            .event("WEB01.corp.example", logon())
            .judge()
            .assert_ruled_out("KM-07");
    }
}

#[test]
fn km_07_with_another_holder_is_open_and_in_kernel_mode_ruled_out() {
    let kit = |attributes: &str, holder: &str| {
        Kit::new()
            .config(
                "WEB01/applicationHost.config",
                &one_site(&builtin("P", "LocalService"), attributes),
            )
            .silent("WEB01.corp.example", "System")
            .console("q.txt", &held_by(holder))
            .events("PC7.corp.example", 2, event_4)
            .judge()
    };
    kit("enabled=\"true\" useKernelMode=\"false\"", SVC).assert_found("KM-07", Status::Possible);
    kit("enabled=\"true\"", WEB01).assert_ruled_out("KM-07");
}
