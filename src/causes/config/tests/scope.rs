//! CFG-16: a setting at a scope that does not decide.

use super::*;
use crate::causes::Status;
use crate::testkit::{kerberos_4, query};

const SVC: &str = "CN=svc_web,OU=Service,DC=corp,DC=example";
const SPN: &str = "HTTP/portal.corp.example";

/// The server uses the pool's credentials, the site does not.
fn misplaced() -> Kit {
    let text = portal(
        &windows("enabled=\"true\" useAppPoolCredentials=\"true\""),
        &location(
            "Portal",
            "<windowsAuthentication useAppPoolCredentials=\"false\" />",
        ),
    );
    server(&text).console("q.txt", &query(SPN, &[(SVC, &[SPN])]))
}

fn edit(location: &str) -> Happening {
    changed(
        location,
        "windowsAuthentication/@useAppPoolCredentials",
        "false",
        "true",
    )
}

#[test]
fn cfg_16_a_change_at_server_level_has_no_effect_on_the_site() {
    let judgement = misplaced()
        .event("WEB01.corp.example", edit(""))
        .event("PC7.corp.example", kerberos_4(SPN, "web01$"))
        .judge();
    judgement
        .assert_found("CFG-16", Status::Likely)
        .assert_found("SPN-05", Status::Confirmed);
    let found = judgement.of("CFG-16")[0];
    assert!(found.finding.onset.is_some());
    assert!(
        found
            .fix
            .as_ref()
            .is_some_and(|(_, effect)| !effect.is_empty())
    );
}

#[test]
fn cfg_16_without_the_change_two_levels_may_be_meant() {
    misplaced()
        .event(
            "WEB01.corp.example",
            changed(
                "Portal",
                "windowsAuthentication/@authPersistNonNTLM",
                "",
                "true",
            ),
        )
        .judge()
        .assert_found("CFG-16", Status::Possible);
}

/// An override that works is what levels are for.
#[test]
fn cfg_16_not_where_the_deeper_value_works() {
    let text = portal(
        &windows("enabled=\"true\""),
        &location(
            "Portal",
            "<windowsAuthentication useAppPoolCredentials=\"true\" />",
        ),
    );
    server(&text)
        .console("q.txt", &query(SPN, &[(SVC, &[SPN])]))
        .event(
            "WEB01.corp.example",
            changed(
                "",
                "windowsAuthentication/@useAppPoolCredentials",
                "true",
                "false",
            ),
        )
        .judge()
        .assert_not_found("CFG-16");
}

/// Turned on for the server after the site had turned it off: the site's value is in force.
#[test]
fn cfg_16_turned_on_above_a_site_that_turns_it_off() {
    let text = portal(
        &windows("enabled=\"true\""),
        &location("Portal", "<windowsAuthentication enabled=\"false\" />"),
    );
    server(&text)
        .event(
            "WEB01.corp.example",
            changed("", "windowsAuthentication/@enabled", "false", "true"),
        )
        .judge()
        .assert_found("CFG-16", Status::Likely)
        .assert_not_found("CFG-02")
        .assert_not_found("CFG-08");
    server(&portal(&windows("enabled=\"true\""), ""))
        .judge()
        .assert_ruled_out("CFG-16");
}
