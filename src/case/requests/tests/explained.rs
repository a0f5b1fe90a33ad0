//! What findings explain of the logs, and what logs do to findings.

use super::*;
use crate::causes::Status;
use crate::testkit::{query, security};

const SVC: &str = "CN=svc_web,OU=Service,DC=corp,DC=example";

#[test]
fn a_503_of_a_pool_that_was_down_is_the_same_failure() {
    let stopped =
        || crate::testkit::system("Microsoft-Windows-WAS", 5057, &[("AppPoolID", "Portal")]);
    let refused = |reason: &str| {
        format!(
            "{HEAD_ERR}2026-03-02 08:05:02 10.0.0.7 50522 10.0.0.1 80 HTTP/1.1 GET /a 503 7 {reason} Portal\n"
        )
    };
    for (reason, same) in [("Disabled", true), ("QueueFull", false)] {
        let found = on()
            .event("WEB01.corp.example", stopped())
            .http_err("WEB01/httperr1.log", &refused(reason))
            .case();
        let explained = |wanted: &SymptomKind| {
            let judged = judge(&found);
            let at = found
                .symptoms
                .iter()
                .position(|s| s.kind == *wanted)
                .unwrap();
            judged
                .findings
                .iter()
                .any(|f| f.finding.explains.iter().any(|id| id.0 == at))
        };
        let host = found.hosts.find("WEB01");
        let down = SymptomKind::PoolDown(host.unwrap(), "Portal".into());
        let refuses = SymptomKind::PoolRefuses(host, "Portal".into(), reason.into());
        assert_eq!(explained(&refuses), same && explained(&down), "{reason}");
    }
}

/// What SPN-05 predicts: tickets refused in one leg, for everybody.
fn storm() -> String {
    each_minute(
        40,
        &[
            "1 GET /a - 10.0.0.7 401 2 5",
            "1 GET /a - 10.0.0.7 401 1 2148074252",
        ],
    )
}

fn on_pool_account() -> Kit {
    let name = "HTTP/portal.corp.example";
    on().console("spn.txt", &query(name, &[(SVC, &[name])]))
}

#[test]
fn a_storm_confirms_what_the_configuration_predicts() {
    on_pool_account()
        .judge()
        .assert_found("SPN-05", Status::Likely);
    let judged = on_pool_account().web_log(LOG, &storm()).judge();
    judged.assert_found("SPN-05", Status::Confirmed);
    assert!(judged.unexplained.is_empty());
}

#[test]
fn what_cannot_work_and_is_seen_to_work_is_not_likely() {
    let works = || {
        log(&[
            "09:00:01 GET /a - 10.0.0.8 401 2 5",
            "09:00:01 GET /a CORP\\bob 10.0.0.8 200 0 0",
        ])
    };
    let judged = on_pool_account().web_log(LOG, &works()).judge();
    judged.assert_found("SPN-05", Status::Possible);
    let missing = query("HTTP/portal.corp.example", &[]);
    let kit = || on().console("spn.txt", &missing);
    kit().judge().assert_found("SPN-01", Status::Likely);
    let judged = kit().web_log(LOG, &works()).judge();
    judged.assert_found("SPN-01", Status::Possible);
    // Another site's users say nothing.
    let judged = on_pool_account()
        .web_log("WEB01/LogFiles/W3SVC9/u_ex260302.log", &works())
        .judge();
    judged.assert_found("SPN-05", Status::Likely);
}

#[test]
fn tickets_that_are_taken_keep_a_storm_from_confirming() {
    let taken = log(&[
        "09:00:01 GET /a - 10.0.0.8 401 2 5",
        "09:00:01 GET /a CORP\\bob 10.0.0.8 200 0 0",
    ]);
    let text = storm() + taken.strip_prefix(FIELDS).unwrap();
    let judged = on_pool_account().web_log(LOG, &text).judge();
    judged.assert_found("SPN-05", Status::Likely);
    assert!(judged.unexplained.is_empty(), "explained all the same");
    // Wrong passwords by NTLM are not tickets.
    let typed = storm().replace("401 2 5", "401 1 2148074254");
    let judged = on_pool_account().web_log(LOG, &typed).judge();
    judged.assert_found("SPN-05", Status::Likely);
}

#[test]
fn a_storm_at_another_site_is_not_explained() {
    let judged = on_pool_account()
        .web_log("WEB01/LogFiles/W3SVC9/u_ex260302.log", &storm())
        .judge();
    judged.assert_found("SPN-05", Status::Likely);
    assert_eq!(judged.unexplained.len(), 1);
}

#[test]
fn the_same_refusals_in_events_and_log_are_explained_together() {
    let refused = || {
        security(
            4625,
            &[
                ("TargetUserName", "uma"),
                ("TargetDomainName", "CORP"),
                ("Status", "0xc000006e"),
                ("SubStatus", "0xc0000072"),
                ("LogonType", "3"),
                ("IpAddress", "10.0.0.7"),
                ("ProcessName", "C:\\Windows\\System32\\inetsrv\\w3wp.exe"),
            ],
        )
    };
    let text = each_minute(5, &["1 GET /a - 10.0.0.7 401 1 2148074252"]);
    let judged = on()
        .events("WEB01.corp.example", 6, refused)
        .web_log(LOG, &text)
        .judge();
    let of = judged.of("AC-03");
    assert_eq!(of.len(), 1);
    assert_eq!(of[0].finding.explains.len(), 2);
    let elsewhere = text.replace("10.0.0.7", "10.0.0.99");
    let judged = on()
        .events("WEB01.corp.example", 6, refused)
        .web_log(LOG, &elsewhere)
        .judge();
    assert_eq!(judged.of("AC-03")[0].finding.explains.len(), 1);
}
