//! Guessing, typing errors, and programs with an old password.

use super::{WEB, logon, refused_from, web};
use crate::causes::Status;
use crate::testkit::Happening;

#[test]
fn guessing_is_no_sign_in_problem() {
    let names: Vec<&'static str> = vec![
        "a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "a9", "a10", "a11", "a12",
    ];
    // One address, many users within minutes; the kit lays events a minute apart, so each user is tried from 30 on.
    let mut kit = web();
    for name in names.iter().chain(&names).chain(&names) {
        kit = kit.event(
            WEB,
            refused_from(name, "203.0.113.9", "0xc000006d", "0xc000006a"),
        );
    }
    let judgement = kit.judge();
    judgement.assert_found("AC-01", Status::Possible);
    let found = judgement.of("AC-01");
    assert!(
        found.iter().all(|f| f.status == Status::Possible),
        "{:?}",
        found.len()
    );
    assert!(found[0].finding.explanation.contains("203.0.113.9"));
    assert!(
        judgement.unexplained.is_empty(),
        "a scanner's rounds are nobody's 401"
    );
}

#[test]
fn one_user_from_many_addresses_is_guessing_too() {
    let mut kit = web();
    for last in 1..=12 {
        let ip = format!("203.0.113.{last}");
        kit = kit.event(
            WEB,
            refused_from("administrator", &ip, "0xc000006d", "0xc000006a"),
        );
    }
    let judgement = kit.judge();
    assert_eq!(judgement.of("AC-01").len(), 1);
    judgement.assert_found("AC-01", Status::Possible);
}

/// A wrong password from a phone, and the user's own logon from a desk.
fn in_turn(pairs: usize, ip: &str) -> crate::testkit::Kit {
    let mut kit = web();
    for _ in 0..pairs {
        let wrong: Happening = refused_from("uma", ip, "0xc000006d", "0xc000006a");
        kit = kit.event(WEB, wrong).event(WEB, logon("uma"));
    }
    kit.event(WEB, logon("bob"))
}

#[test]
fn a_program_with_an_old_password_is_no_typing_error() {
    in_turn(30, "10.9.9.9")
        .judge()
        .assert_found("AC-01", Status::Confirmed);
    // Nor is it where the user signs in at the same machine in between.
    in_turn(30, "10.1.2.3")
        .judge()
        .assert_found("AC-01", Status::Confirmed);
    // Who mistypes now and then gets in.
    in_turn(4, "10.1.2.3").judge().assert_not_found("AC-01");
}
