//! KM-04 and KM-05: applications of one host name.

use super::*;
use crate::causes::Status;
use crate::negotiate::Outcome;
use crate::testkit::{judge, pool};

const API: &str = "CN=svc_api,OU=Service,DC=corp,DC=example";

/// One site with the applications `/` (pool A) and `/api` (pool B).
fn two_apps() -> String {
    r#"<site name="Portal" id="7">
        <application path="/" applicationPool="A"><virtualDirectory path="/" physicalPath="D:\a" /></application>
        <application path="/api" applicationPool="B"><virtualDirectory path="/" physicalPath="D:\b" /></application>
        <bindings><binding protocol="http" bindingInformation="*:80:portal.corp.example" /></bindings></site>"#
        .to_owned()
}

fn location(path: &str, attributes: &str) -> String {
    format!(
        r#"<location path="{path}"><system.webServer><security><authentication><windowsAuthentication {attributes} /></authentication></security></system.webServer></location>"#
    )
}

/// `/` opens tickets with the computer account, `/api` with svc_api.
fn mixed() -> String {
    config(
        &(builtin("A", "ApplicationPoolIdentity") + &pool("B", "CORP\\svc_api")),
        &two_apps(),
        &windows("enabled=\"true\""),
        &location("Portal/api", "useAppPoolCredentials=\"true\""),
    )
}

/// Both open tickets with their own pool's account.
fn two_accounts() -> String {
    config(
        &(pool("A", "CORP\\svc_web") + &pool("B", "CORP\\svc_api")),
        &two_apps(),
        &windows("enabled=\"true\" useAppPoolCredentials=\"true\""),
        "",
    )
}

#[test]
fn km_04_is_a_split_between_applications_of_one_name() {
    let kit = || {
        Kit::new()
            .config("WEB01/applicationHost.config", &mixed())
            .silent("WEB01.corp.example", "System")
            .console("q.txt", &held_by(WEB01))
    };
    kit()
        .judge()
        .assert_found("KM-04", Status::Likely)
        .assert_not_found("KM-05");
    let judgement = kit().events("PC7.corp.example", 3, event_4).judge();
    judgement.assert_found("KM-04", Status::Confirmed);
    let found = judgement.of("KM-04");
    let (_, changes) = found[0].fix.as_ref().expect("aligning the two repairs it");
    assert!(
        changes
            .iter()
            .all(|c| c.before == Outcome::Denied && c.after == Outcome::Kerberos)
            && !changes.is_empty(),
        "{changes:?}"
    );
}

#[test]
fn km_04_aligns_with_the_account_that_holds_the_name() {
    let judgement = Kit::new()
        .config("WEB01/applicationHost.config", &mixed())
        .silent("WEB01.corp.example", "System")
        .console("q.txt", &held_by(API))
        .judge();
    judgement.assert_found("KM-04", Status::Likely);
    let (_, changes) = judgement.of("KM-04")[0].fix.as_ref().expect("a fix");
    assert!(changes.iter().any(|c| c.after == Outcome::Kerberos));
}

#[test]
fn km_04_without_a_holder_is_open() {
    let kit = || Kit::new().config("WEB01/applicationHost.config", &mixed());
    kit().judge().assert_found("KM-04", Status::Possible);
    // A client that failed shows that somebody holds the name, and one of the two must fail.
    kit()
        .events("PC7.corp.example", 2, event_4)
        .judge()
        .assert_found("KM-04", Status::Likely);
}

#[test]
fn km_04_is_not_the_cause_where_nobody_holds_the_name() {
    let judgement = Kit::new()
        .config("WEB01/applicationHost.config", &mixed())
        .silent("WEB01.corp.example", "System")
        .console(
            "q.txt",
            &format!(
                "{}{}",
                query(NAME, &[]),
                query("HOST/portal.corp.example", &[])
            ),
        )
        .judge();
    judgement
        .assert_found("SPN-01", Status::Likely)
        .assert_found("KM-04", Status::Possible);
    // Registering the name on one of the two accounts would turn NTLM into 401 for the other application.
    let (fix, _) = judgement.of("SPN-01")[0].fix.as_ref().unwrap();
    let adds = |s: &crate::remedy::Step| {
        s.command
            .as_ref()
            .is_some_and(|c| c.text().contains(" -S "))
    };
    assert!(!fix.remedy.fix.iter().any(adds), "{:?}", fix.remedy.fix);
}

#[test]
fn km_04_is_not_about_the_servers_own_name_across_sites() {
    let portal = r#"<site name="Portal" id="8">
        <application path="/" applicationPool="B"><virtualDirectory path="/" physicalPath="D:\b" /></application>
        <bindings><binding protocol="http" bindingInformation="*:80:portal.corp.example" />
            <binding protocol="http" bindingInformation="*:8080:" /></bindings></site>"#;
    let xml = config(
        &(builtin("A", "ApplicationPoolIdentity") + &pool("B", "CORP\\svc_api")),
        &(site("Default", "*:80:", "A") + portal),
        &windows("enabled=\"true\""),
        &location("Portal", "useAppPoolCredentials=\"true\""),
    );
    let kit = Kit::new()
        .config("WEB01/applicationHost.config", &xml)
        .silent("WEB01.corp.example", "System")
        .console("q.txt", &held_by(API));
    let case = kit.case();
    let shared = case
        .situation
        .endpoints
        .iter()
        .filter(|e| e.is_named("web01"))
        .count();
    assert_eq!(shared, 2, "both sites answer to the server's own name");
    judge(&case)
        .assert_not_found("KM-04")
        .assert_not_found("KM-05");
}

/// Decision table, row 14.
#[test]
fn km_05_row_14() {
    let kit = || {
        Kit::new()
            .config("WEB01/applicationHost.config", &two_accounts())
            .console("q.txt", &held_by(SVC))
    };
    kit()
        .judge()
        .assert_found("KM-05", Status::Likely)
        .assert_not_found("KM-04");
    let judgement = kit().events("PC7.corp.example", 3, event_4).judge();
    judgement
        .assert_found("KM-05", Status::Confirmed)
        .assert_not_found("KM-03")
        .assert_not_found("POOL-02")
        .assert_not_found("SPN-05")
        .assert_not_found("SPN-06");
    assert!(judgement.unexplained.is_empty());
    let outcomes: Vec<Outcome> =
        crate::causes::Scene::of(&kit().events("PC7.corp.example", 3, event_4).case())
            .views
            .iter()
            .map(|v| v.path.outcome)
            .collect();
    assert_eq!(outcomes, [Outcome::Kerberos, Outcome::Denied]);
}

#[test]
fn km_05_not_with_one_account_and_not_across_servers() {
    let one = config(
        &(pool("A", "CORP\\svc_web") + &pool("B", "svc_web@corp.example")),
        &two_apps(),
        &windows("enabled=\"true\" useAppPoolCredentials=\"true\""),
        "",
    );
    Kit::new()
        .config("WEB01/applicationHost.config", &one)
        .console("q.txt", &held_by(SVC))
        .judge()
        .assert_ruled_out("KM-05")
        .assert_ruled_out("KM-04");
    let node = |account: &str| {
        config(
            &pool("Portal", account),
            &site("Portal", "*:80:portal.corp.example", "Portal"),
            &windows("enabled=\"true\" useAppPoolCredentials=\"true\""),
            "",
        )
    };
    Kit::new()
        .config("WEB01/applicationHost.config", &node("CORP\\svc_web"))
        .config("WEB02/applicationHost.config", &node("CORP\\svc_api"))
        .silent("WEB01.corp.example", "System")
        .silent("WEB02.corp.example", "System")
        .console("q.txt", &held_by(SVC))
        .judge()
        .assert_not_found("KM-05");
}
