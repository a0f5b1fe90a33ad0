//! The group POOL against small cases: decision-table rows 11 and 12, and the traps about 503, managed accounts and event 4.

use crate::causes::{Current, Judgement, Status};
use crate::negotiate::Outcome;
use crate::testkit::{
    Happening, Kit, config, kerberos_4, pool, query, security, site, system, windows,
};

const WEB: &str = "WEB01.corp.example";
const DC: &str = "DC1.corp.example";
const PC: &str = "PC7.corp.example";
const NAME: &str = "HTTP/portal.corp.example";
const SVC: &str = "CN=svc_web,OU=Service,DC=corp,DC=example";
const WAS: &str = "Microsoft-Windows-WAS";

fn server_of(pools: &str) -> String {
    config(
        pools,
        &site("Portal", "*:80:portal.corp.example", "Portal"),
        &windows("enabled=\"true\" useAppPoolCredentials=\"true\""),
        "",
    )
}

fn server() -> String {
    server_of(&pool("Portal", "CORP\\svc_web"))
}

fn with_config() -> Kit {
    Kit::new().config("WEB01/applicationHost.config", &server())
}

fn was(id: u32) -> Happening {
    system(WAS, id, &[("AppPoolID", "Portal")])
}

/// WAS complains: the identity is invalid, the pool is disabled, no worker process starts.
fn complaint(kit: Kit) -> Kit {
    kit.event(WEB, was(5021))
        .event(WEB, was(5057))
        .event(WEB, was(5059))
}

/// A batch logon of an account that the server refuses.
fn refused(account: &'static str, status: &'static str, detail: &'static str) -> Happening {
    security(
        4625,
        &[
            ("TargetUserName", account),
            ("TargetDomainName", "CORP"),
            ("Status", status),
            ("SubStatus", detail),
            ("LogonType", "4"),
            ("ProcessName", "C:\\Windows\\System32\\svchost.exe"),
        ],
    )
}

fn wrong_password() -> Happening {
    refused("svc_web", "0xc000006d", "0xc000006a")
}

fn says_503(judgement: &Judgement, cause: &str) {
    for found in judgement.of(cause) {
        let text = &found.finding.explanation;
        assert!(text.contains("503, not 401"), "{text}");
    }
}

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
    assert!(judgement.root_causes.is_empty());
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
    let page = crate::causes::explain::page(&super::POOL_05);
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

fn pair() -> Kit {
    Kit::new()
        .config("WEB01/applicationHost.config", &server())
        .config("WEB02/applicationHost.config", &server())
        .silent("WEB02.corp.example", "System")
}

#[test]
fn pool_07_needs_the_silence_of_a_log_that_would_have_spoken() {
    // The server's log holds refused logons before and after, and none of the pool's account.
    let other = || refused("svc_backup", "0xc000006d", "0xc000006a");
    let judgement = complaint(pair().event(WEB, other()))
        .event(WEB, other())
        .judge();
    judgement.assert_found("POOL-07", Status::Likely);
    says_503(&judgement, "POOL-07");
    complaint(pair())
        .judge()
        .assert_found("POOL-07", Status::Possible);
    complaint(pair().event(WEB, wrong_password()))
        .judge()
        .assert_ruled_out("POOL-07")
        .assert_found("POOL-01", Status::Confirmed);
}

#[test]
fn pool_07_not_while_the_pools_run_and_not_on_one_server() {
    pair()
        .silent(WEB, "System")
        .judge()
        .assert_not_found("POOL-07");
    complaint(with_config()).judge().assert_not_found("POOL-07");
}

fn reset(account: &'static str) -> Happening {
    security(
        4738,
        &[
            ("TargetUserName", account),
            ("TargetDomainName", "CORP"),
            ("PasswordLastSet", "3/2/2026 9:00:00 AM"),
        ],
    )
}

fn event_4() -> Happening {
    kerberos_4(NAME, "svc_web")
}

fn right_holder() -> Kit {
    with_config().console("q.txt", &query(NAME, &[(SVC, &[NAME])]))
}

/// Decision table, row 11; trap 3: event 4 does not always mean a wrong SPN.
#[test]
fn pool_02_row_11_and_trap_3() {
    let kit = || {
        right_holder()
            .silent(PC, "System")
            .event(DC, reset("svc_web"))
            .wait(30)
            .events(PC, 4, event_4)
    };
    let judgement = kit().judge();
    judgement
        .assert_found("POOL-02", Status::Confirmed)
        .assert_not_found("SPN-05")
        .assert_not_found("SPN-06")
        .assert_not_found("POOL-01");
    assert!(judgement.unexplained.is_empty());
    let text = &judgement.of("POOL-02")[0].finding.explanation;
    assert!(text.contains("401.1") && text.contains("503"), "{text}");
}

#[test]
fn pool_02_is_likely_when_the_clients_log_begins_after_the_change() {
    right_holder()
        .event(DC, reset("svc_web"))
        .wait(30)
        .events(PC, 4, event_4)
        .judge()
        .assert_found("POOL-02", Status::Likely);
    // Weeks later it need not be the reason.
    right_holder()
        .silent(PC, "System")
        .event(DC, reset("svc_web"))
        .wait(60 * 24 * 20)
        .events(PC, 4, event_4)
        .judge()
        .assert_found("POOL-02", Status::Possible);
}

#[test]
fn pool_02_not_when_failures_began_before_or_went_on_after_a_restart() {
    right_holder()
        .events(PC, 4, event_4)
        .wait(30)
        .event(DC, reset("svc_web"))
        .judge()
        .assert_ruled_out("POOL-02");
    right_holder()
        .silent(PC, "System")
        .event(DC, reset("svc_web"))
        .event(WEB, system(WAS, 5079, &[("", "Portal")]))
        .wait(30)
        .events(PC, 4, event_4)
        .judge()
        .assert_ruled_out("POOL-02");
}

#[test]
fn pool_02_that_a_restart_ended_is_past() {
    let judgement = right_holder()
        .silent(PC, "System")
        .event(DC, reset("svc_web"))
        .wait(30)
        .events(PC, 4, event_4)
        .event(WEB, system(WAS, 5079, &[("", "Portal")]))
        .judge();
    assert_eq!(judgement.of("POOL-02")[0].finding.current, Current::No);
}

#[test]
fn pool_02_not_for_another_account_and_not_when_holder_and_acceptor_differ() {
    right_holder()
        .silent(PC, "System")
        .event(DC, reset("svc_other"))
        .wait(30)
        .events(PC, 4, event_4)
        .judge()
        .assert_not_found("POOL-02");
    // The computer account holds the name: SPN-06, whatever happened to the password.
    let machine = "CN=WEB01,CN=Computers,DC=corp,DC=example";
    with_config()
        .console("q.txt", &query(NAME, &[(machine, &[NAME])]))
        .silent(PC, "System")
        .silent(WEB, "System")
        .event(DC, reset("svc_web"))
        .wait(30)
        .events(PC, 4, event_4)
        .judge()
        .assert_not_found("POOL-02")
        .assert_found("SPN-06", Status::Confirmed);
}

#[test]
fn pool_02_lacks_its_inputs() {
    right_holder()
        .events(PC, 4, event_4)
        .judge()
        .assert_not_assessed("POOL-02");
    let bare = || {
        Kit::new()
            .silent(PC, "System")
            .event(DC, reset("svc_web"))
            .wait(30)
            .events(PC, 4, event_4)
    };
    bare().judge().assert_found("POOL-02", Status::Possible);
    bare()
        .config("WEB01/applicationHost.config", &server())
        .judge()
        .assert_found("POOL-02", Status::Possible);
}
