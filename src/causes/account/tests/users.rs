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

/// What a domain controller validates is of its own domain, and FABRIKAM is another one.
#[test]
fn a_controller_speaks_of_users_of_its_own_domain() {
    let validated = |status: &str| {
        security(
            4776,
            &[
                ("TargetUserName", "uma"),
                ("Workstation", "PC9"),
                ("Status", status),
            ],
        )
    };
    let of = |domain: &'static str| {
        let mut event = refused("uma", "0xc000006d", "0xc000006a");
        for (name, value) in &mut event.values {
            if *name == "TargetDomainName" {
                *value = domain.into();
            }
        }
        event
    };
    let told = |domain: &'static str| {
        let judgement = web()
            .event(WEB, logon("bob"))
            .events(WEB, 3, || of(domain))
            .event(DC, validated("0xc000006a"))
            .judge();
        let found = judgement.of("AC-01");
        assert_eq!(found.len(), 1, "{domain}");
        let grounds = found[0].finding.supporting.iter();
        grounds
            .filter(|ground| ground.says.contains("a domain controller says"))
            .count()
    };
    assert_eq!(told("CORP"), 1);
    assert_eq!(told("FABRIKAM"), 0);
}

/// The list of trusts says which full name a short one has.
#[test]
fn a_listing_of_a_namesake_in_another_domain_says_nothing() {
    let of = |domain: &'static str| {
        let mut event = refused("uma", "0xc0000072", "0x0");
        for (name, value) in &mut event.values {
            if *name == "TargetDomainName" {
                *value = domain.into();
            }
        }
        event
    };
    let trusts = "C:\\>nltest /domain_trusts\nList of domain trusts:\n    0: FABRIKAM fabrikam.example (NT 5) (Direct Outbound) ( Attr: foresttrans )\n    1: HQ corp.example (NT 5) (Forest Tree Root) (Primary Domain) (Native)\nThe command completed successfully\n";
    let listing = "PS C:\\> Get-ADUser uma -Properties *\n\nDistinguishedName : CN=Uma Fox,OU=People,DC=corp,DC=example\nObjectClass : user\nSamAccountName : uma\nEnabled : False\n";
    let listed = |domain: &'static str, trusts: &str| {
        let judgement = web()
            .event(WEB, of(domain))
            .console("ad.txt", listing)
            .console("nltest.txt", trusts)
            .judge();
        let grounds = judgement.of("AC-03")[0].finding.supporting.iter();
        grounds
            .filter(|ground| ground.says.contains("when it was listed"))
            .count()
    };
    assert_eq!(listed("FABRIKAM", trusts), 0);
    assert_eq!(listed("HQ", trusts), 1, "paired by the list");
    assert_eq!(listed("HQ", ""), 0, "nothing says whose name it is");
    assert_eq!(listed("CORP", ""), 1);
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
