//! AC-11 where it is no web server that refuses, where many names are refused, and where two domains are in the bundle.

use super::{DC, WEB, logon, refused, refused_from, web};
use crate::causes::Status;
use crate::testkit::security;

const UNKNOWN: &str = "0xc0000064";

#[test]
fn ac_11_at_a_file_server_says_nothing_of_the_site() {
    let judgement = web()
        .event(WEB, logon("kim"))
        .event(
            "FS01.corp.example",
            refused("uma@corp.example", "0xc000006d", UNKNOWN),
        )
        .judge();
    judgement.assert_found("AC-11", Status::Possible);
    let finding = &judgement.of("AC-11")[0].finding;
    assert!(finding.observed.is_empty());
    assert_eq!(finding.subject.host, None);
}

#[test]
fn ac_11_of_many_names_stays_short() {
    let name = |n: usize| -> &'static str { format!("u{n}@corp.example").leak() };
    let kit = |ip: fn(usize) -> String| {
        let mut kit = web();
        for n in 0..60 {
            kit = kit.event(WEB, refused_from(name(n), &ip(n), "0xc000006d", UNKNOWN));
        }
        kit.judge()
    };
    let many = kit(|n| format!("10.1.2.{n}"));
    let found = many.of("AC-11");
    assert!(!found.is_empty() && found.len() <= 6, "{}", found.len());
    assert!(
        found
            .iter()
            .any(|f| f.finding.explanation.contains("55 more"))
    );
    // One address that tries them all guesses.
    kit(|_| "10.1.2.3".to_owned()).assert_not_found("AC-11");
}

#[test]
fn ac_11_of_a_namesake_in_another_domain() {
    let unknown = || refused("uma@corp.example", "0xc000006d", UNKNOWN);
    let given = |domain: &str| {
        security(
            4768,
            &[
                ("TargetUserName", "uma"),
                ("TargetDomainName", domain),
                ("Status", "0x0"),
            ],
        )
    };
    let kit = |domain: &str| {
        let kit = web().events(WEB, 3, unknown);
        kit.event(DC, given("corp.example"))
            .event("DC9.other.example", given(domain))
            .judge()
    };
    assert!(!kit("corp.example").of("AC-11").is_empty());
    let only_other = web()
        .events(WEB, 3, unknown)
        .silent(DC, "System")
        .event("DC9.other.example", given("OTHER"))
        .judge();
    let works = |f: &&crate::causes::Judged| {
        f.finding
            .supporting
            .iter()
            .any(|g| g.says.contains("gives tickets"))
    };
    assert!(!only_other.of("AC-11").iter().any(works));
}
