//! POOL-08 and POOL-09: pools that are down for another reason than their identity; POOL-10; POOL-03 by a listing alone.

use super::*;
use crate::causes::{Current, Status};

fn crash(kit: Kit) -> Kit {
    let died = || system(WAS, 5009, &[("AppPoolID", "Portal"), ("ProcessID", "4711")]);
    kit.event(
        WEB,
        Happening {
            channel: "Application",
            provider: "Application Error",
            id: 1000,
            values: ["w3wp.exe", "10.0", "5bf0", "legacyauth.dll", "3.1"]
                .map(|value| ("", value.to_owned()))
                .into(),
        },
    )
    .event(WEB, died())
    .event(WEB, died())
    .event(WEB, was(5002))
}

#[test]
fn pool_08_is_not_a_matter_of_the_identity() {
    let judgement = crash(with_config()).judge();
    judgement
        .assert_found("POOL-08", Status::Confirmed)
        .assert_not_found("POOL-01")
        .assert_not_found("POOL-09");
    says_503(&judgement, "POOL-08");
    assert!(judgement.unexplained.is_empty());
    let text = &judgement.of("POOL-08")[0].finding.explanation;
    assert!(text.contains("legacyauth.dll"), "{text}");
    // Without the configuration WAS says it all the same.
    crash(Kit::new())
        .judge()
        .assert_found("POOL-08", Status::Confirmed);
    let up = crash(with_config()).event(WEB, system(WAS, 5186, &[("", "Portal")]));
    assert_eq!(
        up.judge().of("POOL-08")[0].finding.current,
        Current::No,
        "the pool came up again"
    );
}

#[test]
fn pool_08_not_where_was_blames_the_identity_or_the_file() {
    complaint(with_config())
        .event(WEB, was(5002))
        .judge()
        .assert_ruled_out("POOL-08");
    with_config()
        .event(WEB, was(5189))
        .event(WEB, was(5002))
        .judge()
        .assert_found("POOL-09", Status::Confirmed)
        .assert_not_found("POOL-08");
    // An identity that failed on another day says nothing of today's crash.
    crash(complaint(with_config()).wait(60 * 24 * 3))
        .judge()
        .assert_found("POOL-08", Status::Confirmed);
}

#[test]
fn pool_08_and_09_are_not_assessed_without_the_system_log() {
    let quiet = with_config().silent(WEB, "Security").judge();
    quiet
        .assert_not_assessed("POOL-08")
        .assert_not_assessed("POOL-09");
    let watched = with_config().silent(WEB, "System").judge();
    assert!(
        !watched
            .not_assessed
            .iter()
            .any(|(c, _)| matches!(c.id, "POOL-08" | "POOL-09"))
    );
}

fn fetched(status: &'static str) -> Happening {
    Happening {
        channel: "Microsoft-Windows-Kerberos/Operational",
        provider: "Microsoft-Windows-Security-Kerberos",
        id: 309,
        values: [
            ("KDC", "DC1.corp.example"),
            ("Domain", "CORP.EXAMPLE"),
            ("Account", "dmsa_web$"),
            ("Fetch", "1"),
            ("Status", status),
        ]
        .map(|(name, value)| (name, value.to_owned()))
        .into(),
    }
}

fn delegated() -> Kit {
    Kit::new().config(
        "WEB01/applicationHost.config",
        &server_of(
            r#"<add name="Portal"><processModel identityType="SpecificUser" userName="CORP\dmsa_web$" password="" /></add>"#,
        ),
    )
}

#[test]
fn pool_10_by_the_fetch_of_its_keys() {
    let judgement = complaint(delegated().event(WEB, fetched("0xc0000022"))).judge();
    judgement.assert_found("POOL-10", Status::Confirmed);
    says_503(&judgement, "POOL-10");
    delegated()
        .event(WEB, fetched("0xc0000022"))
        .judge()
        .assert_found("POOL-10", Status::Likely);
    // It worked later, or it is another machine's, or another account.
    delegated()
        .event(WEB, fetched("0xc0000022"))
        .event(WEB, fetched("0x0"))
        .judge()
        .assert_ruled_out("POOL-10");
    delegated()
        .silent(WEB, "System")
        .event("SQL01.corp.example", fetched("0xc0000022"))
        .judge()
        .assert_not_found("POOL-10");
    with_config()
        .event(WEB, fetched("0xc0000022"))
        .judge()
        .assert_not_found("POOL-10");
    delegated()
        .silent(WEB, "System")
        .judge()
        .assert_not_assessed("POOL-10");
}

#[test]
fn pool_03_by_a_listing_alone_before_the_next_start() {
    let listed = |enabled: &str| {
        format!(
            "PS C:\\> Get-ADUser svc_web\n\nDistinguishedName : CN=svc_web,OU=Service,DC=corp,DC=example\nEnabled           : {enabled}\nObjectClass       : user\nSamAccountName    : svc_web\n"
        )
    };
    let kit = |enabled: &str| {
        with_config()
            .silent(WEB, "System")
            .console("ad.txt", &listed(enabled))
    };
    kit("False").judge().assert_found("POOL-03", Status::Likely);
    kit("True").judge().assert_not_found("POOL-03");
}

/// Two accounts with one name, one of the domain and one of the machine, are two.
#[test]
fn a_refused_account_of_the_machine_is_not_the_pools() {
    let local = || {
        security(
            4625,
            &[
                ("TargetUserName", "svc_web"),
                ("TargetDomainName", "WEB01"),
                ("Status", "0xc000006d"),
                ("SubStatus", "0xc000006a"),
                ("LogonType", "4"),
            ],
        )
    };
    let judgement = complaint(
        with_config()
            .event(WEB, wrong_password())
            .event(WEB, local()),
    )
    .judge();
    judgement.assert_found("POOL-01", Status::Confirmed);
    assert_eq!(judgement.unexplained.len(), 1, "that of the local account");
}
