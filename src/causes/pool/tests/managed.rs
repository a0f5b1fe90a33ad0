//! POOL-05: managed service accounts.

use super::*;
use crate::causes::Status;

fn fetch_failed(status: &'static str) -> Happening {
    Happening {
        channel: "Microsoft-Windows-Security-Netlogon/Operational",
        provider: "Microsoft-Windows-Security-Netlogon",
        id: 9000,
        values: vec![
            ("AccountName", "gmsa_web".into()),
            ("AccountDomain", "CORP".into()),
            ("Status", status.into()),
        ],
    }
}

fn managed() -> Kit {
    Kit::new().config(
        "WEB01/applicationHost.config",
        &server_of(
            r#"<add name="Portal"><processModel identityType="SpecificUser" userName="CORP\gmsa_web$" password="" /></add>"#,
        ),
    )
}

#[test]
fn pool_05_with_a_failed_fetch() {
    let judgement = complaint(managed().event(WEB, fetch_failed("0xc0000022"))).judge();
    judgement
        .assert_found("POOL-05", Status::Confirmed)
        .assert_ruled_out("POOL-01");
    says_503(&judgement, "POOL-05");
    assert!(judgement.unexplained.is_empty());
    // The pool still runs on the password that it has.
    managed()
        .event(WEB, fetch_failed("0xc0000022"))
        .judge()
        .assert_found("POOL-05", Status::Likely);
    // No domain controller was reached: that is another fault.
    complaint(managed().event(WEB, fetch_failed("0xc000005e")))
        .judge()
        .assert_found("POOL-05", Status::Possible);
}

#[test]
fn pool_05_without_a_failed_fetch_or_configuration_is_possible() {
    complaint(managed())
        .judge()
        .assert_found("POOL-05", Status::Possible)
        .assert_ruled_out("POOL-01");
    complaint(Kit::new().event(WEB, fetch_failed("0xc0000022")))
        .judge()
        .assert_found("POOL-05", Status::Possible);
}

#[test]
fn pool_05_is_not_found_for_a_fetch_that_no_pool_needs() {
    with_config()
        .silent(WEB, "System")
        .event(WEB, fetch_failed("0xc0000022"))
        .judge()
        .assert_not_found("POOL-05");
    managed()
        .silent(WEB, "System")
        .event("SQL01.corp.example", fetch_failed("0xc0000022"))
        .judge()
        .assert_not_found("POOL-05");
    managed()
        .event(WEB, fetch_failed("0x0"))
        .judge()
        .assert_not_found("POOL-05");
}

/// Trap 19: what Test Settings says of a managed account is no evidence, and the empty password that IIS writes for it is
/// no wrong password.
#[test]
fn trap_19_a_managed_account_has_no_password_to_be_wrong() {
    let page = crate::explain("POOL-05").expect("it is in the catalogue");
    assert!(page.contains("Test Settings"));
    let blob = pool("Portal", "CORP\\gmsa_web$");
    let twice = Kit::new()
        .config("WEB01/applicationHost.config", &server_of(&blob))
        .config("WEB02/applicationHost.config", &server_of(&blob));
    complaint(twice)
        .silent("WEB02.corp.example", "System")
        .judge()
        .assert_not_found("POOL-07")
        .assert_not_found("POOL-01");
}

/// A password could not be fetched on a web server, and nothing shows which pools run as that account.
#[test]
fn pool_05_is_not_assessed_without_the_configuration() {
    let changed = Happening {
        channel: "Microsoft-IIS-Configuration/Operational",
        provider: "Microsoft-Windows-IIS-Configuration",
        id: 29,
        values: vec![("Configuration", "/system.applicationHost/log/@x".into())],
    };
    Kit::new()
        .event(WEB, changed)
        .event(WEB, fetch_failed("0xc0000022"))
        .judge()
        .assert_not_assessed("POOL-05");
}

/// One stored password on two servers, and no log that shows whether the pools start.
#[test]
fn pool_07_is_not_assessed_without_the_system_log() {
    let blob = pool("Portal", "CORP\\svc_web");
    let twice = || {
        Kit::new()
            .config("WEB01/applicationHost.config", &server_of(&blob))
            .config("WEB02/applicationHost.config", &server_of(&blob))
    };
    twice()
        .silent("WEB01.corp.example", "Security")
        .silent("WEB02.corp.example", "Security")
        .judge()
        .assert_not_assessed("POOL-07");
    let watched = twice()
        .silent("WEB01.corp.example", "System")
        .silent("WEB02.corp.example", "System");
    let judgement = watched.judge();
    judgement.assert_not_found("POOL-07");
    assert!(
        !judgement
            .not_assessed
            .iter()
            .any(|(c, _)| c.id == "POOL-07")
    );
}

fn test_on(host: &str, answer: &str) -> String {
    format!("[{host}]: PS C:\\> Test-ADServiceAccount -Identity gmsa_web\n{answer}\n")
}

#[test]
fn pool_05_by_a_test_on_the_server() {
    let failed = complaint(managed())
        .console("t.txt", &test_on("WEB01", "False"))
        .judge();
    failed.assert_found("POOL-05", Status::Likely);
    let finding = &failed.of("POOL-05")[0].finding;
    assert!(finding.lacks.is_empty() && finding.open_look_alikes.is_empty());
    complaint(managed())
        .console("t.txt", &test_on("WEB01", "True"))
        .judge()
        .assert_ruled_out("POOL-05");
    // What another machine can do says nothing.
    complaint(managed())
        .console("t.txt", &test_on("WEB02", "True"))
        .judge()
        .assert_found("POOL-05", Status::Possible);
    // It failed, and was repaired since.
    let over = complaint(managed().event(WEB, fetch_failed("0xc0000022")))
        .console("t.txt", &test_on("WEB01", "True"))
        .judge();
    over.assert_found("POOL-05", Status::Confirmed);
    assert_eq!(
        over.of("POOL-05")[0].finding.current,
        crate::causes::Current::No
    );
}

#[test]
fn pool_05_says_who_may_fetch_the_password() {
    let listed = |readers: &str| {
        let listing = format!(
            "PS C:\\> Get-ADServiceAccount gmsa_web -Properties PrincipalsAllowedToRetrieveManagedPassword\n\nDistinguishedName : CN=gmsa_web,CN=Managed Service Accounts,DC=corp,DC=example\nObjectClass : msDS-GroupManagedServiceAccount\nPrincipalsAllowedToRetrieveManagedPassword : {readers}\nSamAccountName : gmsa_web$\n"
        );
        complaint(managed().event(WEB, fetch_failed("0xc0000022")))
            .console("ad.txt", &listing)
            .judge()
    };
    let says = |judgement: &Judgement, words: &str| {
        let finding = &judgement.of("POOL-05")[0].finding;
        let mut grounds = finding.structure.iter().chain(&finding.supporting);
        grounds.any(|ground| ground.says.contains(words))
    };
    assert!(says(&listed("{}"), "lets nobody retrieve"));
    let own = "{CN=WEB01,CN=Computers,DC=corp,DC=example}";
    assert!(says(&listed(own), "lets the server retrieve"));
    let group = "{CN=Web Servers,OU=Groups,DC=corp,DC=example}";
    assert!(says(&listed(group), "not the server itself"));
}

/// The command replaces the list: without those that are on it now, the servers that work would lose the password.
#[test]
fn pool_05_keeps_those_who_may_fetch_the_password_now() {
    let listed = |readers: &str| {
        let listing = format!(
            "PS C:\\> Get-ADServiceAccount gmsa_web -Properties PrincipalsAllowedToRetrieveManagedPassword\n\nDistinguishedName : CN=gmsa_web,CN=Managed Service Accounts,DC=corp,DC=example\nObjectClass : msDS-GroupManagedServiceAccount\nPrincipalsAllowedToRetrieveManagedPassword : {readers}\nSamAccountName : gmsa_web$\n"
        );
        let judgement = complaint(managed().event(WEB, fetch_failed("0xc0000022")))
            .silent("WEB02.corp.example", "System")
            .console("ad.txt", &listing)
            .judge();
        let found = judgement.of("POOL-05")[0];
        let finding = &found.finding;
        let shown = |step: &crate::remedy::Step| {
            let command = step.command.as_ref().map(|c| c.text().to_owned());
            format!("{} {}", step.says, command.unwrap_or_default())
        };
        let remedy = &found.fix.as_ref().unwrap().0.remedy;
        let fix: Vec<String> = remedy.fix.iter().map(shown).collect();
        let back: Vec<String> = remedy.rollback.iter().map(shown).collect();
        let structure: Vec<String> = finding.structure.iter().map(|g| g.says.clone()).collect();
        (fix.join("\n"), back.join("\n"), structure.join("\n"))
    };
    let set =
        "Set-ADServiceAccount -Identity 'gmsa_web' -PrincipalsAllowedToRetrieveManagedPassword";
    let other = "CN=WEB02,CN=Computers,DC=corp,DC=example";
    let (fix, back, structure) = listed(&format!("{{{other}}}"));
    assert!(fix.contains(&format!("{set} '{other}','WEB01$'")), "{fix}");
    assert!(!fix.contains("group"), "{fix}");
    assert!(
        back.contains(&format!("{set} '{other}'")) && !back.contains("WEB01"),
        "{back}"
    );
    assert!(structure.contains("only CN=WEB02"), "{structure}");
    let (fix, back, _) = listed("{}");
    assert!(fix.contains(&format!("{set} 'WEB01$'")), "{fix}");
    assert!(back.contains(&format!("{set} $null")), "{back}");
    // A group, or an account that the bundle does not know: the server may have to go in there.
    let group = "CN=Web Servers,OU=Groups,DC=corp,DC=example";
    let (fix, _, structure) = listed(&format!("{{{other}, {group}}}"));
    assert!(
        fix.contains("put the server into the group") && !fix.contains(set),
        "{fix}"
    );
    assert!(!structure.contains("only"), "{structure}");
    // A list that was cut names others, perhaps the server.
    let (fix, _, structure) = listed(&format!("{{{other}...}}"));
    assert!(!fix.contains(set) && !structure.contains("only"), "{fix}");
    let (fix, ..) = listed("{CN=WEB01,CN=Computers,DC=corp,DC=example}");
    assert!(!fix.contains(set) && !fix.contains("group"), "{fix}");
}
