//! POOL-06: a rotation that hurts for minutes.

use super::*;
use crate::causes::{Current, Status};
use crate::testkit::{kerberos_4, query};

const NAME: &str = "HTTP/portal.corp.example";
const GMSA: &str = "CN=gmsa_web,CN=Managed Service Accounts,DC=corp,DC=example";

fn managed() -> Kit {
    Kit::new()
        .config(
            "WEB01/applicationHost.config",
            &server_of(
                r#"<add name="Portal"><processModel identityType="SpecificUser" userName="CORP\gmsa_web$" password="" /></add>"#,
            ),
        )
        .console("q.txt", &query(NAME, &[(GMSA, &[NAME])]))
}

fn rotated() -> Happening {
    security(
        4742,
        &[
            ("TargetUserName", "gmsa_web$"),
            ("TargetDomainName", "CORP"),
            ("PasswordLastSet", "3/2/2026 9:00:00 AM"),
        ],
    )
}

fn burst(kit: Kit) -> Kit {
    kit.event(DC, rotated())
        .wait(2)
        .events(PC, 5, || kerberos_4(NAME, "gmsa_web$"))
}

#[test]
fn pool_06_when_it_heals() {
    let judgement = burst(managed()).wait(180).silent(PC, "System").judge();
    judgement
        .assert_found("POOL-06", Status::Likely)
        .assert_not_found("POOL-02")
        .assert_not_found("SPN-05");
    assert_eq!(judgement.of("POOL-06")[0].finding.current, Current::No);
    // The log ends with the burst: nobody knows whether it healed.
    burst(managed())
        .judge()
        .assert_found("POOL-06", Status::Possible);
}

#[test]
fn pool_06_not_when_it_lasts_or_began_before() {
    burst(managed())
        .wait(240)
        .event(PC, kerberos_4(NAME, "gmsa_web$"))
        .judge()
        .assert_ruled_out("POOL-06");
    managed()
        .events(PC, 5, || kerberos_4(NAME, "gmsa_web$"))
        .wait(30)
        .event(DC, rotated())
        .judge()
        .assert_ruled_out("POOL-06");
}

#[test]
fn pool_06_is_not_assessed_without_the_clients_or_the_domain_controller() {
    managed()
        .silent(WEB, "System")
        .judge()
        .assert_not_assessed("POOL-06");
    managed()
        .events(PC, 5, || kerberos_4(NAME, "gmsa_web$"))
        .judge()
        .assert_not_assessed("POOL-06");
}
