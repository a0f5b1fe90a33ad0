//! Users whom a policy, or a version of NTLM, keeps out, and their namesakes.

use super::{DC, PC, WEB, refused, set, web};
use crate::causes::Status;
use crate::testkit::{Happening, ntlm, security};

#[test]
fn nt_04_looks_like_a_wrong_password() {
    let key = "Control\\Lsa";
    let wrong = || refused("uma", "0xc000006d", "PC7");
    let tgt = || {
        security(
            4768,
            &[
                ("TargetUserName", "uma"),
                ("Status", "0x0"),
                ("IpAddress", "10.1.2.4"),
            ],
        )
    };
    let kit = |client: &str, dc: &str| {
        let kit = web(false)
            .event(DC, tgt())
            .silent(PC, "System")
            .events(WEB, 4, wrong);
        let kit = set(kit, "PC7", key, "LmCompatibilityLevel", client);
        set(kit, "DC1", key, "LmCompatibilityLevel", dc)
    };
    let judgement = kit("0x2", "0x5").judge();
    judgement
        .assert_found("NT-04", Status::Confirmed)
        .assert_found("AC-01", Status::Possible);
    kit("0x3", "0x5")
        .judge()
        .assert_not_found("NT-04")
        .assert_found("AC-01", Status::Confirmed);
    web(false)
        .events(WEB, 4, wrong)
        .judge()
        .assert_not_assessed("NT-04")
        .assert_not_found("NT-04");
}

#[test]
fn nt_05_a_member_of_protected_users() {
    let restricted = || refused("uma", "0xc000006e", "PC7");
    let token = "C:\\>whoami /groups\n\nGROUP INFORMATION\n-----------------\n\nGroup Name           Type  SID                                            Attributes\n==================== ===== ============================================== ==========\nCORP\\Protected Users Group S-1-5-21-1004336348-1177238915-682003330-525   Mandatory group\n";
    let listing = "PS C:\\> Get-ADUser uma -Properties memberOf\n\nDistinguishedName : CN=Uma,OU=Staff,DC=corp,DC=example\nmemberOf          : {CN=Protected Users,CN=Users,DC=corp,DC=example}\nSamAccountName    : uma\n";
    let judgement = web(false)
        .events(WEB, 3, restricted)
        .console("uma.txt", listing)
        .judge();
    judgement
        .assert_found("NT-05", Status::Confirmed)
        .assert_not_found("AC-10")
        .assert_not_found("AC-01");
    assert!(
        judgement.of("NT-05")[0]
            .finding
            .explanation
            .contains("SPN-01")
    );
    // A token that does not say whose it is proves nothing of uma.
    web(false)
        .events(WEB, 3, restricted)
        .console("token.txt", token)
        .judge()
        .assert_not_found("NT-05");
    let on_dc = ntlm(
        100,
        &[
            ("AccountName", "uma"),
            ("DeviceName", "PC7"),
            ("Status", "0xc000006e"),
        ],
    );
    web(false)
        .event(DC, on_dc)
        .judge()
        .assert_found("NT-05", Status::Possible);
    web(false).judge().assert_not_assessed("NT-05");
}

#[test]
fn nt_05_began_when_the_user_was_put_into_the_group() {
    let listing = "PS C:\\> Get-ADUser uma -Properties memberOf\n\nDistinguishedName : CN=Uma,OU=Staff,DC=corp,DC=example\nmemberOf          : {CN=Protected Users,CN=Users,DC=corp,DC=example}\nSamAccountName    : uma\n";
    let began = |member: &str, group: &str| {
        let joined = [
            ("MemberName", member),
            ("TargetUserName", "Protected Users"),
            ("TargetDomainName", "CORP"),
            ("TargetSid", group),
        ];
        let judgement = web(false)
            .event(WEB, refused("bob", "0xc000006d", "PC8"))
            .wait(60)
            .event(DC, security(4728, &joined))
            .wait(30)
            .events(WEB, 3, || refused("uma", "0xc000006e", "PC7"))
            .console("uma.txt", listing)
            .judge();
        let found = judgement.of("NT-05");
        found[0]
            .finding
            .onset
            .as_ref()
            .map(|onset| onset.says.clone())
    };
    const PROTECTED: &str = "S-1-5-21-1004336348-1177238915-682003330-525";
    const ADMINS: &str = "S-1-5-21-1004336348-1177238915-682003330-512";
    const UMA: &str = "CN=Uma,OU=Staff,DC=corp,DC=example";
    let says = began(UMA, PROTECTED);
    assert!(says.is_some_and(|says| says.contains("4728")));
    assert_eq!(began(UMA, ADMINS), None, "another group");
    assert_eq!(began("CN=Bob,OU=Staff,DC=corp,DC=example", PROTECTED), None);
    assert_eq!(began("CN=Uma,DC=fabrikam,DC=example", PROTECTED), None);
}

#[test]
fn nt_06_a_policy_or_silo() {
    let denied = || {
        security(
            4820,
            &[
                ("TargetUserName", "uma"),
                ("TargetDomainName", "CORP"),
                ("DeviceName", "PC7"),
                ("Status", "0xc"),
                ("SiloName", "Tier 0"),
                ("PolicyName", "Admins"),
            ],
        )
    };
    let judgement = web(false)
        .event(DC, denied())
        .events(WEB, 2, || refused("uma", "0xc000006e", "PC7"))
        .judge();
    judgement
        .assert_found("NT-06", Status::Confirmed)
        .assert_not_found("NT-05");
    assert!(
        judgement.of("NT-06")[0]
            .finding
            .explanation
            .contains("policy Admins of silo Tier 0")
    );
    web(false)
        .event(DC, denied())
        .judge()
        .assert_found("NT-06", Status::Possible);
    web(false).judge().assert_not_assessed("NT-06");
}

/// A domain controller refuses adm as a member of Protected Users.
fn protected(domain: &str) -> Happening {
    security(
        4822,
        &[
            ("AccountName", "adm"),
            ("TargetUserName", "adm"),
            ("TargetDomainName", domain),
            ("DeviceName", "X9"),
            ("Status", "0xc000006e"),
        ],
    )
}

#[test]
fn nt_05_and_nt_06_of_a_namesake_in_another_domain() {
    let kit = || web(false).events(WEB, 3, || refused("adm", "0xc000006e", "PC7"));
    kit()
        .event(DC, protected("CORP"))
        .judge()
        .assert_found("NT-05", Status::Confirmed)
        .assert_not_found("AC-10");
    const OTHER: &str = "DC9.other.example";
    let other = kit().event(OTHER, protected("OTHER")).judge();
    other
        .assert_found("NT-05", Status::Possible)
        .assert_found("AC-10", Status::Possible);
    assert!(
        other
            .of("NT-05")
            .iter()
            .all(|f| f.finding.explains.is_empty())
    );
    let mut silo = protected("OTHER");
    silo.id = 4820;
    kit()
        .event(OTHER, silo)
        .judge()
        .assert_found("NT-06", Status::Possible)
        .assert_found("AC-10", Status::Possible);
}

#[test]
fn nt_04_is_not_what_its_own_events_deny() {
    let tgt = |user: &str| {
        security(
            4768,
            &[
                ("TargetUserName", user),
                ("TargetDomainName", "CORP"),
                ("Status", "0x0"),
            ],
        )
    };
    let wrong = |user: &'static str, version: &'static str| {
        let mut event = refused(user, "0xc000006d", "PC7");
        event.values.push(("LmPackageName", version.into()));
        event
    };
    let kit = || {
        let kit = web(false).silent(PC, "System").event(DC, tgt("kim"));
        let kit = set(kit, "PC7", "Control\\Lsa", "LmCompatibilityLevel", "0x1");
        set(kit, "DC1", "Control\\Lsa", "LmCompatibilityLevel", "0x5")
    };
    // Version 2 was sent, whatever the client is set to.
    kit()
        .events(WEB, 4, || wrong("uma", "NTLM V2"))
        .judge()
        .assert_not_found("NT-04");
    // That somebody else's password is right says nothing of this one.
    kit()
        .events(WEB, 4, || wrong("uma", "NTLM V1"))
        .event(WEB, wrong("kim", "NTLM V1"))
        .judge()
        .assert_found("NT-04", Status::Likely);
    kit()
        .event(DC, tgt("uma"))
        .events(WEB, 4, || wrong("uma", "-"))
        .judge()
        .assert_found("NT-04", Status::Confirmed);
}
