//! Which user a failure is about.

use super::*;

#[test]
fn pool_identities_and_computers_are_no_users() {
    web()
        .event(WEB, refused("svc_web", "0xc0000234", "0x0"))
        .event(WEB, refused("PC7$", "0xc0000072", "0x0"))
        .judge()
        .assert_not_found("AC-02")
        .assert_not_found("AC-03");
}

#[test]
fn spellings_of_one_user_are_one_finding() {
    let upn = security(
        4625,
        &[
            ("TargetUserName", "uma@corp.example"),
            ("TargetDomainName", ""),
            ("Status", "0xc0000234"),
            ("SubStatus", "0x0"),
            ("LogonType", "3"),
        ],
    );
    let judgement = web()
        .event(WEB, refused("UMA", "0xc0000234", "0x0"))
        .event(WEB, upn)
        .judge();
    assert_eq!(judgement.of("AC-02").len(), 1);
}

#[test]
fn equal_names_in_two_domains_are_two_findings() {
    let of = |domain: &'static str| {
        let mut event = refused("uma", "0xc0000234", "0x0");
        for (name, value) in &mut event.values {
            if *name == "TargetDomainName" {
                *value = domain.into();
            }
        }
        event
    };
    let judgement = web()
        .event(WEB, of("corp.example"))
        .event(WEB, of("emea.corp.example"))
        .event(WEB, of("corp.example"))
        .judge();
    assert_eq!(judgement.of("AC-02").len(), 2);
    // Names without a domain do not multiply where the bundle speaks of several domains.
    let bare = || of("-");
    let judgement = web()
        .console(
            "q.txt",
            &crate::testkit::query(
                "HTTP/x",
                &[
                    ("CN=a,DC=corp,DC=example", &["HTTP/x"]),
                    ("CN=b,DC=emea,DC=corp,DC=example", &["HTTP/x"]),
                ],
            ),
        )
        .events(WEB, 5, bare)
        .judge();
    assert_eq!(judgement.of("AC-02").len(), 1);
}

#[test]
fn a_dot_is_the_machine_itself() {
    let mut local = refused("uma", "0xc0000072", "0x0");
    for (name, value) in &mut local.values {
        if *name == "TargetDomainName" {
            *value = ".".into();
        }
    }
    let judgement = web()
        .event(WEB, local)
        .event(WEB, refused("uma", "0xc0000072", "0x0"))
        .judge();
    assert_eq!(judgement.of("AC-03").len(), 2);
}

#[test]
fn many_users_are_capped() {
    let mut kit = web();
    for name in ["b1", "b2", "b3", "b4", "b5", "b6", "b7", "b8"] {
        kit = kit.event(WEB, refused(name, "0xc0000072", "0x0"));
    }
    let judgement = kit.judge();
    let found = judgement.of("AC-03");
    assert_eq!(found.len(), 6, "five of their own, one for the rest");
    assert!(found.iter().any(|f| f.finding.subject.account.is_none()));
    assert!(judgement.unexplained.is_empty());
}
