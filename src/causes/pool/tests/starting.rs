//! POOL-01, POOL-03, POOL-04: pools that do not start.

use super::*;
use crate::causes::{Current, Status};
use crate::negotiate::Outcome;
use crate::testkit::pool;

/// Decision table, row 12; traps 11 and 23: a stopped pool answers 503, and no cause of a 401 is found.
#[test]
fn pool_01_row_12_and_traps_11_and_23() {
    let judgement = complaint(with_config().event(WEB, wrong_password())).judge();
    judgement.assert_found("POOL-01", Status::Confirmed);
    says_503(&judgement, "POOL-01");
    assert_eq!(judgement.findings.len(), 1, "the pool is the whole story");
    assert!(judgement.unexplained.is_empty());
    judgement
        .assert_ruled_out("POOL-03")
        .assert_ruled_out("POOL-04");
    let case = complaint(with_config().event(WEB, wrong_password())).case();
    assert_eq!(
        case.observed(&case.situation.endpoints[0]),
        Outcome::Unavailable
    );
}

#[test]
fn pool_01_names_the_password_change_as_its_onset() {
    let judgement = complaint(
        with_config()
            .event(DC, reset("svc_web"))
            .wait(2000)
            .event(WEB, wrong_password()),
    )
    .judge();
    judgement.assert_found("POOL-01", Status::Confirmed);
    assert!(judgement.of("POOL-01")[0].finding.onset.is_some());
}

#[test]
fn pool_01_by_a_domain_controller_alone_is_likely() {
    let preauth = security(
        4771,
        &[
            ("TargetUserName", "svc_web"),
            ("ServiceName", "krbtgt/CORP"),
            ("Status", "0x18"),
            ("IpAddress", "::ffff:10.0.0.9"),
        ],
    );
    complaint(with_config().event(DC, preauth))
        .judge()
        .assert_found("POOL-01", Status::Likely);
    let validation = security(
        4776,
        &[
            ("TargetUserName", "svc_web"),
            ("Workstation", "WEB01"),
            ("Status", "0xc000006a"),
        ],
    );
    complaint(with_config().event(DC, validation))
        .judge()
        .assert_found("POOL-01", Status::Confirmed);
}

#[test]
fn pool_01_without_any_refusal_is_possible() {
    let judgement = complaint(with_config()).judge();
    judgement.assert_found("POOL-01", Status::Possible);
    let open: Vec<&str> = judgement.of("POOL-01")[0]
        .finding
        .open_look_alikes
        .iter()
        .map(|(cause, _)| *cause)
        .collect();
    assert_eq!(open, ["POOL-03", "POOL-04"]);
    judgement
        .assert_not_assessed("POOL-03")
        .assert_not_assessed("POOL-04");
    // A worker process that does not start need not be the identity's fault.
    with_config()
        .event(WEB, was(5059))
        .judge()
        .assert_not_assessed("POOL-01");
}

#[test]
fn pool_01_without_a_configuration_is_possible() {
    let judgement = complaint(Kit::new().event(WEB, wrong_password())).judge();
    judgement.assert_found("POOL-01", Status::Possible);
    assert!(
        judgement.of("POOL-01")[0]
            .finding
            .lacks
            .iter()
            .any(|m| m.what.contains("applicationHost.config"))
    );
    // Two accounts were refused: nothing says which of them is the pool's.
    let other = refused("svc_backup", "0xc000006d", "0xc000006a");
    let judgement = complaint(Kit::new().event(WEB, wrong_password()).event(WEB, other)).judge();
    let finding = &judgement.of("POOL-01")[0].finding;
    assert!(finding.structure.is_empty() && !finding.explanation.contains("svc_"));
}

#[test]
fn pool_01_is_about_the_pools_account_and_its_time() {
    // Another account, another server, another day.
    let other = refused("svc_backup", "0xc000006d", "0xc000006a");
    complaint(with_config().event(WEB, other))
        .judge()
        .assert_found("POOL-01", Status::Possible);
    complaint(with_config().event("WEB02.corp.example", wrong_password()))
        .judge()
        .assert_found("POOL-01", Status::Possible);
    complaint(with_config().event(WEB, wrong_password()).wait(60))
        .judge()
        .assert_found("POOL-01", Status::Possible);
    // A network logon of the account is a user's business.
    let network = security(
        4625,
        &[
            ("TargetUserName", "svc_web"),
            ("TargetDomainName", "CORP"),
            ("Status", "0xc000006d"),
            ("SubStatus", "0xc000006a"),
            ("LogonType", "3"),
        ],
    );
    complaint(with_config().event(WEB, network))
        .judge()
        .assert_found("POOL-01", Status::Possible);
}

#[test]
fn pool_01_speaks_of_an_unknown_name_when_that_is_the_refusal() {
    let unknown = refused("svc_web", "0xc000006d", "0xc0000064");
    let judgement = complaint(with_config().event(WEB, unknown)).judge();
    judgement.assert_found("POOL-01", Status::Likely);
    let text = &judgement.of("POOL-01")[0].finding.explanation;
    assert!(text.contains("does not know this user name"), "{text}");
}

#[test]
fn a_pool_that_started_again_is_past() {
    let logon = security(
        4624,
        &[
            ("TargetUserName", "svc_web"),
            ("TargetDomainName", "CORP"),
            ("LogonType", "4"),
        ],
    );
    let judgement = complaint(with_config().event(WEB, wrong_password()))
        .event(WEB, logon)
        .judge();
    assert_eq!(judgement.of("POOL-01")[0].finding.current, Current::No);
    // Nothing that is still there explains what was seen.
    assert_eq!(judgement.root_causes.len(), 1);
}

#[test]
fn a_configuration_alone_finds_nothing() {
    for pools in [
        pool("Portal", "CORP\\svc_web"),
        pool("Portal", "CORP\\gmsa_web$"),
    ] {
        let judgement = Kit::new()
            .config("WEB01/applicationHost.config", &server_of(&pools))
            .judge();
        for cause in [
            "POOL-01", "POOL-02", "POOL-03", "POOL-04", "POOL-05", "POOL-07",
        ] {
            judgement.assert_not_found(cause);
        }
    }
}

#[test]
fn pool_03_for_each_state() {
    for (detail, word) in [
        ("0xc0000234", "locked"),
        ("0xc0000072", "disabled"),
        ("0xc0000193", "expired"),
        ("0xc0000071", "password has expired"),
        ("0xc0000224", "must be changed"),
    ] {
        let happening = refused("svc_web", "0xc000006e", detail);
        let judgement = complaint(with_config().event(WEB, happening)).judge();
        judgement
            .assert_found("POOL-03", Status::Confirmed)
            .assert_ruled_out("POOL-01")
            .assert_ruled_out("POOL-04");
        says_503(&judgement, "POOL-03");
        let text = &judgement.of("POOL-03")[0].finding.explanation;
        assert!(text.contains(word), "{text}");
        assert!(judgement.unexplained.is_empty());
    }
}

#[test]
fn pool_03_takes_the_lockout_as_its_onset() {
    let lockout = security(
        4740,
        &[
            ("TargetUserName", "svc_web"),
            ("TargetDomainName", "WEB09"),
            ("TargetSid", "S-1-5-21-1-2-3-1104"),
        ],
    );
    let judgement = complaint(
        with_config()
            .event(DC, lockout)
            .event(WEB, refused("svc_web", "0xc0000234", "0x0")),
    )
    .judge();
    judgement.assert_found("POOL-03", Status::Confirmed);
    let onset = judgement.of("POOL-03")[0].finding.onset.as_ref().unwrap();
    assert!(onset.says.contains("WEB09"), "{}", onset.says);
}

/// The domain controller's wrong passwords are those of the machine that 4740 names, and not the pool's.
#[test]
fn wrong_passwords_of_another_machine_are_not_the_pools() {
    let kit = |caller: &'static str| {
        let preauth = security(4771, &[("TargetUserName", "svc_web"), ("Status", "0x18")]);
        let lockout = security(
            4740,
            &[
                ("TargetUserName", "svc_web"),
                ("TargetDomainName", caller),
                ("TargetSid", "S-1-5-21-1-2-3-1104"),
            ],
        );
        let refused = refused("svc_web", "0xc0000234", "0x0");
        complaint(
            with_config()
                .event(DC, preauth)
                .event(DC, lockout)
                .event(WEB, refused),
        )
        .judge()
    };
    kit("BATCH7")
        .assert_found("POOL-03", Status::Confirmed)
        .assert_ruled_out("POOL-01");
    kit("WEB01")
        .assert_found("POOL-01", Status::Likely)
        .assert_found("POOL-03", Status::Possible);
}

#[test]
fn a_lockout_by_the_pools_own_wrong_password_is_pool_01() {
    let judgement = complaint(
        with_config()
            .event(WEB, wrong_password())
            .event(WEB, refused("svc_web", "0xc0000234", "0x0")),
    )
    .judge();
    judgement
        .assert_found("POOL-01", Status::Confirmed)
        .assert_found("POOL-03", Status::Possible);
}

#[test]
fn pool_04_for_a_missing_right() {
    let removed = security(
        4718,
        &[
            ("TargetSid", "S-1-5-32-568"),
            ("AccessRemoved", "SeBatchLogonRight"),
        ],
    );
    let judgement = complaint(
        with_config()
            .event(WEB, removed)
            .event(WEB, refused("svc_web", "0xc000015b", "0x0")),
    )
    .judge();
    judgement
        .assert_found("POOL-04", Status::Confirmed)
        .assert_ruled_out("POOL-01")
        .assert_ruled_out("POOL-03");
    says_503(&judgement, "POOL-04");
    assert!(judgement.of("POOL-04")[0].finding.onset.is_some());
}

fn listing(line: &str) -> String {
    format!(
        "PS C:\\> Get-ADUser svc_web -Properties *\n\nDistinguishedName : CN=svc_web,OU=Service,DC=corp,DC=example\nObjectClass : user\nSamAccountName : svc_web\n{line}\n"
    )
}

#[test]
fn pool_03_by_a_listing_of_the_directory() {
    let judge = |line: &str| {
        complaint(with_config())
            .console("ad.txt", &listing(line))
            .judge()
    };
    let disabled = judge("Enabled : False");
    disabled.assert_found("POOL-03", Status::Likely);
    says_503(&disabled, "POOL-03");
    judge("AccountExpirationDate : 2/28/2026 0:00:00").assert_found("POOL-03", Status::Likely);
    // A stored password that is wrong locks the account.
    judge("LockedOut : True").assert_found("POOL-03", Status::Possible);
    let asks = |judgement: &Judgement| {
        judgement.assert_not_assessed("POOL-03");
        let mut missing = judgement
            .not_assessed
            .iter()
            .filter(|(c, _)| c.id == "POOL-03");
        missing.any(|(_, m)| m.iter().any(|m| m.collect_with.contains("Get-ADObject")))
    };
    // The account is fit now: it may not have been then, and there is nothing more to ask of the directory.
    let fit =
        judge("Enabled : True\nLockedOut : False\nPasswordExpired : False\naccountExpires : 0");
    assert!(!asks(&fit));
    assert!(asks(&judge("Enabled : True")));
    assert!(asks(&complaint(with_config()).judge()));
    // What refused the account says more than a listing.
    complaint(with_config().event(WEB, wrong_password()))
        .console("ad.txt", &listing("Enabled : False"))
        .judge()
        .assert_found("POOL-01", Status::Confirmed)
        .assert_ruled_out("POOL-03");
}

/// The rights in force decide what no event does.
#[test]
fn pool_04_and_the_rights_in_force() {
    let rights = |held: &str, denied: &str| {
        format!(
            "[WEB01]: PS C:\\> type rights.inf\n[Unicode]\nUnicode=yes\n[Privilege Rights]\nSeBatchLogonRight = *S-1-5-32-544{held}\nSeDenyBatchLogonRight = {denied}\n"
        )
    };
    let judged = |output: &str| {
        complaint(with_config())
            .console("rights.inf", output)
            .judge()
    };
    judged(&rights(",*S-1-5-32-568", "")).assert_ruled_out("POOL-04");
    for (held, denied) in [("", ""), (",*S-1-5-32-568", "*S-1-5-32-546")] {
        let judgement = judged(&rights(held, denied));
        judgement.assert_not_assessed("POOL-04");
        let missing = judgement
            .not_assessed
            .iter()
            .filter(|(c, _)| c.id == "POOL-04");
        let asked: Vec<_> = missing.flat_map(|(_, m)| m).collect();
        assert!(
            asked.iter().all(|m| !m.collect_with.contains("secedit")),
            "{asked:?}"
        );
    }
}

/// What a policy sets, as `gpresult` lists it, stands for the rights in force where it says both sides.
#[test]
fn pool_04_and_the_rights_of_a_policy() {
    let judged = |rights: &[(&str, &str)]| {
        let rights: String = (rights.iter())
            .map(|(right, held)| {
                format!("            GPO: Hardening\n                Policy:            {right}\n                Computer Setting:  {held}\n\n")
            })
            .collect();
        let output = format!(
            "C:\\>gpresult /scope computer /v\n\nRSOP data for CORP\\uma on WEB01 : Logging Mode\n----------------------------------------------\n\nOS Version:   10.0.17763\n\n        User Rights\n        -----------\n{rights}"
        );
        complaint(with_config()).console("gp.txt", &output).judge()
    };
    let asks = |judgement: &Judgement| {
        judgement.assert_not_assessed("POOL-04");
        let mut all = judgement
            .not_assessed
            .iter()
            .filter(|(c, _)| c.id == "POOL-04");
        all.any(|(_, m)| m.iter().any(|m| m.collect_with.contains("secedit")))
    };
    let held = ("BatchLogonRight", "IIS_IUSRS");
    judged(&[held, ("DenyBatchLogonRight", "N/A")]).assert_ruled_out("POOL-04");
    assert!(!asks(&judged(&[held, ("DenyBatchLogonRight", "Guests")])));
    assert!(asks(&judged(&[held])), "nobody says who is denied it");
    assert!(asks(&judged(&[])));
}
