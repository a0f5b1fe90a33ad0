//! What listings of the directory add: the state of a user when it was collected, after the failures.

use super::*;

/// What `Get-ADUser` prints of uma with one more line.
fn listing(line: &str) -> String {
    format!(
        "PS C:\\> Get-ADUser uma -Properties *\n\nDistinguishedName : CN=uma,OU=People,DC=corp,DC=example\nObjectClass : user\nSamAccountName : uma\n{line}\n"
    )
}

fn kdc_refuses() -> Happening {
    security(
        4768,
        &[
            ("TargetUserName", "uma"),
            ("TargetDomainName", "CORP.EXAMPLE"),
            ("Status", "0x12"),
            ("IpAddress", "10.1.2.3"),
        ],
    )
}

#[test]
fn a_later_state_says_whether_it_is_over() {
    for (status, cause, so, not) in [
        ("0xc0000072", "AC-03", "Enabled : False", "Enabled : True"),
        ("0xc0000234", "AC-02", "LockedOut : True", "lockoutTime : 0"),
        (
            "0xc0000193",
            "AC-04",
            "AccountExpirationDate : 2/28/2026 0:00:00",
            "accountExpires : 9223372036854775807",
        ),
        (
            "0xc0000071",
            "AC-05",
            "pwdLastSet : 0",
            "PasswordExpired : False",
        ),
    ] {
        let kit = || web().event(WEB, refused("uma", "0xc000006e", status));
        let still = kit().console("ad.txt", &listing(so)).judge();
        still.assert_found(cause, Status::Confirmed);
        let finding = &still.of(cause)[0].finding;
        assert_eq!(finding.current, Current::Yes, "{cause}");
        let told = |ground: &crate::causes::Ground| ground.says.contains("when it was listed");
        assert!(finding.supporting.iter().any(told), "{cause}");
        let over = kit().console("ad.txt", &listing(not)).judge();
        over.assert_found(cause, Status::Confirmed);
        assert_eq!(over.of(cause)[0].finding.current, Current::No, "{cause}");
        // Somebody else's listing says nothing.
        let other = listing(not).replace("uma", "bob");
        let alone = kit().console("ad.txt", &other).judge();
        assert_eq!(alone.of(cause)[0].finding.current, Current::Yes, "{cause}");
    }
}

/// The KDC has one code for locked, disabled and expired: the listing tells them apart.
#[test]
fn a_listing_tells_apart_what_the_kdc_does_not() {
    let kit = |line: &str| {
        web()
            .silent(WEB, "System")
            .event(DC, kdc_refuses())
            .console("ad.txt", &listing(line))
            .judge()
    };
    kit("Enabled : False")
        .assert_found("AC-03", Status::Possible)
        .assert_not_found("AC-02");
    kit("LockedOut : True")
        .assert_found("AC-02", Status::Possible)
        .assert_not_found("AC-03");
    kit("AccountExpirationDate : 2/28/2026 0:00:00")
        .assert_found("AC-04", Status::Possible)
        .assert_not_found("AC-03");
    let unknown = kit("Name : uma");
    for cause in ["AC-02", "AC-03", "AC-04"] {
        unknown.assert_not_assessed(cause);
    }
    // It expired only after it was refused.
    kit("AccountExpirationDate : 4/28/2026 0:00:00").assert_not_found("AC-04");
}

#[test]
fn listings_that_disagree_say_nothing() {
    let case = || {
        web()
            .event(WEB, refused("uma", "0xc000006e", "0xc0000072"))
            .console("a.txt", &listing("Enabled : False"))
            .console("b.txt", &listing("Enabled : True"))
    };
    let judgement = case().judge();
    assert_eq!(judgement.of("AC-03")[0].finding.current, Current::Yes);
    let contradictions = case().case().contradictions;
    assert_eq!(contradictions.len(), 1);
    assert_eq!(contradictions[0].from.len(), 2);
    assert!(contradictions[0].says.contains("enabled"));
}
