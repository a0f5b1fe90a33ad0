//! AC-06, AC-08, AC-10 to AC-12, and what listings say of wrong passwords.

use super::{DC, WEB, logon, refused, refused_from, web};
use crate::causes::Status;
use crate::testkit::{Happening, Kit, ntlm, security, system};

fn dc_security(id: u32, values: &[(&'static str, &str)]) -> Happening {
    security(id, values)
}

fn tgt(user: &str, status: &str, preauth: &str) -> Happening {
    dc_security(
        4768,
        &[
            ("TargetUserName", user),
            ("TargetDomainName", "CORP"),
            ("Status", status),
            ("PreAuthType", preauth),
        ],
    )
}

#[test]
fn ac_06_hours_and_workstations() {
    let confined = dc_security(
        4738,
        &[
            ("TargetUserName", "uma"),
            ("TargetDomainName", "CORP"),
            ("UserWorkstations", "PC1,PC2"),
        ],
    );
    for (status, sub) in [("0xc000006e", "0xc000006f"), ("0xc0000070", "0x0")] {
        let judgement = web().event(WEB, refused("uma", status, sub)).judge();
        judgement
            .assert_found("AC-06", Status::Confirmed)
            .assert_not_found("AC-10")
            .assert_not_found("NT-06");
    }
    let judgement = web()
        .event(DC, confined)
        .event(WEB, refused("uma", "0xc0000070", "0x0"))
        .judge();
    assert!(judgement.of("AC-06")[0].finding.onset.is_some());
    web()
        .event(DC, tgt("uma", "0xc", "0"))
        .judge()
        .assert_not_assessed("AC-06");
    web()
        .event(WEB, refused("uma", "0xc0000072", "0x0"))
        .judge()
        .assert_not_found("AC-06");
}

#[test]
fn ac_08_an_unknown_name() {
    let unknown = |domain: &'static str| {
        let mut event = refused("uma", "0xc000006d", "0xc0000064");
        for (name, value) in &mut event.values {
            if *name == "TargetDomainName" {
                *value = domain.to_owned();
            }
        }
        event
    };
    let judgement = web().events(WEB, 4, || unknown("PC7")).judge();
    judgement
        .assert_found("AC-08", Status::Confirmed)
        .assert_not_found("AC-01")
        .assert_not_found("AC-11");
    assert!(
        judgement.of("AC-08")[0]
            .finding
            .explanation
            .contains("client's own name")
    );
    let judgement = web().events(WEB, 4, || unknown("CORP")).judge();
    assert!(
        !judgement.of("AC-08")[0]
            .finding
            .explanation
            .contains("client's own name")
    );
    // A machine that signs with no domain's name may be in none, unless somebody comes to it as to a member.
    let bare = || Kit::new().events("EDGE", 4, || unknown("CORP"));
    bare().judge().assert_found("AC-08", Status::Possible);
    let member = bare().event("EDGE", logon("bob")).judge();
    let open = &member.of("AC-08")[0].finding.open_look_alikes;
    assert!(open.iter().all(|(cause, _)| *cause != "MC-08"), "{open:?}");
    // Once, where others get in: somebody mistyped.
    let judgement = web()
        .event(WEB, unknown("CORP"))
        .event(WEB, logon("bob"))
        .judge();
    judgement.assert_found("AC-08", Status::Possible);
    let case = web()
        .event(WEB, unknown("CORP"))
        .event(WEB, logon("bob"))
        .case();
    assert!(case.symptoms.iter().all(|s| !s.is_failure()));
    web().judge().assert_not_assessed("AC-08");
}

#[test]
fn names_that_a_scanner_tries_are_noise() {
    let names = [
        "a1", "a2", "a3", "a4", "a5", "a6", "a7", "a8", "a9", "b1", "b2",
    ];
    let mut kit = web().event(WEB, logon("uma"));
    for name in names {
        kit = kit.event(
            WEB,
            refused_from(name, "203.0.113.9", "0xc000006d", "0xc0000064"),
        );
    }
    let judgement = kit.judge();
    assert!(
        judgement
            .findings
            .iter()
            .all(|f| f.status == Status::Possible)
    );
    let none_failed = |id: &crate::case::SymptomId| id.0 == 0;
    // What is left is that uma came by NTLM.
    assert!(
        judgement.unexplained.iter().all(none_failed),
        "{:?}",
        judgement.unexplained
    );
}

#[test]
fn ac_10_is_what_is_left_of_three_policies() {
    let restricted = || refused("uma", "0xc000006e", "0x0");
    let judgement = web().event(WEB, restricted()).judge();
    judgement
        .assert_found("AC-10", Status::Possible)
        .assert_not_found("NT-05")
        .assert_not_found("NT-06");
    assert_eq!(judgement.of("AC-10")[0].finding.open_look_alikes.len(), 2);
    let by = |event: Happening| web().event(DC, event).event(WEB, restricted()).judge();
    by(ntlm(
        100,
        &[
            ("AccountName", "uma"),
            ("DeviceName", "PC7"),
            ("Status", "0xc000006e"),
        ],
    ))
    .assert_found("NT-05", Status::Confirmed)
    .assert_not_found("AC-10");
    by(dc_security(
        4823,
        &[("AccountName", "uma"), ("PolicyName", "Tier 1")],
    ))
    .assert_found("NT-06", Status::Confirmed)
    .assert_not_found("AC-10");
    let mut local = restricted();
    for (name, value) in &mut local.values {
        if *name == "TargetDomainName" {
            *value = "WEB01".to_owned();
        }
    }
    web()
        .event(WEB, local)
        .judge()
        .assert_found("AC-10", Status::Likely);
    web().judge().assert_not_assessed("AC-10");
}

#[test]
fn ac_11_a_name_with_a_suffix_that_nobody_knows() {
    let unknown = || refused("uma@corp.example", "0xc000006d", "0xc0000064");
    let by_kdc = || tgt("uma@corp.example", "0x6", "0");
    let judgement = web().events(WEB, 3, unknown).event(DC, by_kdc()).judge();
    judgement
        .assert_found("AC-11", Status::Possible)
        .assert_not_found("AC-08");
    let judgement = web()
        .events(WEB, 3, unknown)
        .event(DC, by_kdc())
        .event(DC, tgt("uma", "0x0", "2"))
        .judge();
    judgement.assert_found("AC-11", Status::Likely);
    let duplicate = system(
        "Microsoft-Windows-Kerberos-Key-Distribution-Center",
        11,
        &[
            ("Name", "uma@corp.example"),
            ("Type", "DS_USER_PRINCIPAL_NAME"),
        ],
    );
    web()
        .events(WEB, 3, unknown)
        .event(DC, duplicate)
        .judge()
        .assert_found("AC-11", Status::Confirmed);
    let listing = "PS C:\\> Get-ADUser uma -Properties userPrincipalName\n\nDistinguishedName : CN=Uma,OU=Staff,DC=corp,DC=example\nEnabled           : True\nSamAccountName    : uma\nUserPrincipalName : uma@example.com\n";
    let judgement = web()
        .events(WEB, 3, unknown)
        .console("uma.txt", listing)
        .judge();
    judgement.assert_found("AC-11", Status::Confirmed);
    assert!(
        judgement.of("AC-11")[0]
            .finding
            .explanation
            .contains("uma@example.com")
    );
    web().judge().assert_not_assessed("AC-11");
    web()
        .event(WEB, logon("uma"))
        .event(DC, tgt("uma", "0x0", "2"))
        .judge()
        .assert_not_found("AC-11");
}

#[test]
fn ac_12_a_card_or_its_certificate() {
    web()
        .event(WEB, refused("uma", "0xc00002fa", "0x0"))
        .judge()
        .assert_found("AC-12", Status::Confirmed)
        .assert_not_found("AC-10");
    let mapping = || {
        system(
            "Microsoft-Windows-Kerberos-Key-Distribution-Center",
            39,
            &[("User", "uma"), ("Subject", "CN=uma")],
        )
    };
    web()
        .event(DC, mapping())
        .judge()
        .assert_found("AC-12", Status::Possible);
    web()
        .event(DC, mapping())
        .event(DC, tgt("uma", "0x0", "16"))
        .judge()
        .assert_found("AC-12", Status::Possible);
    web()
        .event(DC, tgt("uma", "0x42", "16"))
        .judge()
        .assert_found("AC-12", Status::Possible);
    Kit::new()
        .event(DC, mapping())
        .judge()
        .assert_found("AC-12", Status::Possible);
    web()
        .event(DC, tgt("uma", "0x0", "2"))
        .judge()
        .assert_not_assessed("AC-12");
}

#[test]
fn a_password_set_before_the_refusals_began_it() {
    let kit = |set: &str| {
        let listing = format!(
            "dn: CN=Uma,OU=Staff,DC=corp,DC=example\nchangetype: add\nsAMAccountName: uma\nobjectClass: user\npwdLastSet: {set}\n"
        );
        let kit = web().console("uma.ldf", &listing);
        kit.events(WEB, 4, || refused("uma", "0xc000006d", "0xc000006a"))
            .judge()
    };
    // 2026-03-01 and 2024.
    let recent = kit("134168256000000000");
    assert!(recent.of("AC-01")[0].finding.onset.is_some());
    let old = kit("133500000000000000");
    assert!(old.of("AC-01")[0].finding.onset.is_none());
}
