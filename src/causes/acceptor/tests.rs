//! The group KM against small cases: decision-table row 14, truth-table rows 11, 12, 16 and 17, and the nearest look-alikes.

use crate::causes::{Status, judge};
use crate::negotiate::Outcome;
use crate::testkit::{
    Happening, Kit, config, kerberos_4, pool, query, security, site, system, windows,
};

const NAME: &str = "HTTP/portal.corp.example";
const SVC: &str = "CN=svc_web,OU=Service,DC=corp,DC=example";
const API: &str = "CN=svc_api,OU=Service,DC=corp,DC=example";
const WEB01: &str = "CN=WEB01,CN=Computers,DC=corp,DC=example";

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

fn builtin(name: &str, identity: &str) -> String {
    format!(r#"<add name="{name}"><processModel identityType="{identity}" /></add>"#)
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

fn held_by(dn: &str) -> String {
    query(NAME, &[(dn, &[NAME])])
}

fn event_4() -> Happening {
    kerberos_4(NAME, "web01$")
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
    let spn_01 = &judgement.of("SPN-01")[0];
    assert!(spn_01.fix.is_none(), "the fix makes an endpoint worse");
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

#[test]
fn the_group_needs_a_configuration() {
    let judgement = Kit::new().events("PC7.corp.example", 2, event_4).judge();
    for cause in ["KM-04", "KM-05", "KM-06", "KM-07"] {
        judgement.assert_not_assessed(cause);
    }
    judgement.assert_not_found("KM-03");
}

fn one_site(pools: &str, attributes: &str) -> String {
    config(
        pools,
        &site("Portal", "*:80:portal.corp.example", "P"),
        &windows(attributes),
        "",
    )
}

/// Truth table, rows 12 (pool credentials) and 17 (user mode).
#[test]
fn km_06_rows_12_and_17() {
    for attributes in [
        "enabled=\"true\" useAppPoolCredentials=\"true\"",
        "enabled=\"true\" useKernelMode=\"false\"",
    ] {
        for user in [".\\websvc", "WEB01\\websvc"] {
            let kit = || {
                Kit::new()
                    .config(
                        "WEB01/applicationHost.config",
                        &one_site(&pool("P", user), attributes),
                    )
                    .silent("WEB01.corp.example", "System")
                    .console("q.txt", &held_by(WEB01))
            };
            kit().judge().assert_found("KM-06", Status::Likely);
            let judgement = kit().events("PC7.corp.example", 2, event_4).judge();
            judgement
                .assert_found("KM-06", Status::Likely)
                .assert_not_found("SPN-06");
            assert!(judgement.unexplained.is_empty());
            let (_, changes) = judgement.of("KM-06")[0].fix.as_ref().expect("a fix");
            assert!(
                changes.iter().all(|c| c.after == Outcome::Kerberos),
                "{changes:?}"
            );
        }
    }
}

#[test]
fn km_06_not_in_kernel_mode_and_not_for_a_domain_account() {
    let kit = |user: &str, attributes: &str| {
        Kit::new()
            .config(
                "WEB01/applicationHost.config",
                &one_site(&pool("P", user), attributes),
            )
            .silent("WEB01.corp.example", "System")
            .console("q.txt", &held_by(WEB01))
            .judge()
    };
    kit(".\\websvc", "enabled=\"true\"").assert_ruled_out("KM-06");
    kit(
        "CORP\\svc_web",
        "enabled=\"true\" useAppPoolCredentials=\"true\"",
    )
    .assert_not_found("KM-06")
    .assert_found("SPN-06", Status::Likely);
}

#[test]
fn km_06_is_open_while_the_holder_is_unknown_and_dormant_while_nobody_holds_the_name() {
    let xml = one_site(
        &pool("P", ".\\websvc"),
        "enabled=\"true\" useAppPoolCredentials=\"true\"",
    );
    Kit::new()
        .config("WEB01/applicationHost.config", &xml)
        .judge()
        .assert_found("KM-06", Status::Possible);
    Kit::new()
        .config("WEB01/applicationHost.config", &xml)
        .console("q.txt", &query(NAME, &[]))
        .judge()
        .assert_found("KM-06", Status::Possible);
}

/// Truth table, rows 11 (pool credentials) and 16 (user mode): never more than possible without an observation.
#[test]
fn km_07_rows_11_and_16() {
    for attributes in [
        "enabled=\"true\" useAppPoolCredentials=\"true\"",
        "enabled=\"true\" useKernelMode=\"false\"",
    ] {
        let kit = || {
            Kit::new()
                .config(
                    "WEB01/applicationHost.config",
                    &one_site(&builtin("P", "LocalService"), attributes),
                )
                .silent("WEB01.corp.example", "System")
                .console("q.txt", &held_by(WEB01))
        };
        kit().judge().assert_found("KM-07", Status::Possible);
        kit()
            .events("PC7.corp.example", 2, event_4)
            .judge()
            .assert_found("KM-07", Status::Likely);
        let logon = || {
            security(
                4624,
                &[
                    ("TargetUserName", "uma"),
                    ("TargetDomainName", "CORP"),
                    ("LogonType", "3"),
                    ("LogonProcessName", "Kerberos"),
                    ("AuthenticationPackageName", "Kerberos"),
                    ("ProcessName", "C:\\Windows\\System32\\inetsrv\\w3wp.exe"),
                ],
            )
        };
        kit()
            .event("WEB01.corp.example", logon())
            .judge()
            .assert_ruled_out("KM-07");
    }
}

#[test]
fn km_07_with_another_holder_is_open_and_in_kernel_mode_ruled_out() {
    let kit = |attributes: &str, holder: &str| {
        Kit::new()
            .config(
                "WEB01/applicationHost.config",
                &one_site(&builtin("P", "LocalService"), attributes),
            )
            .silent("WEB01.corp.example", "System")
            .console("q.txt", &held_by(holder))
            .events("PC7.corp.example", 2, event_4)
            .judge()
    };
    kit("enabled=\"true\" useKernelMode=\"false\"", SVC).assert_found("KM-07", Status::Possible);
    kit("enabled=\"true\"", WEB01).assert_ruled_out("KM-07");
}

fn changed(
    path: &'static str,
    attribute: &'static str,
    old: &'static str,
    new: &'static str,
) -> Happening {
    Happening {
        channel: "Microsoft-IIS-Configuration/Operational",
        provider: "Microsoft-IIS-Configuration",
        id: 29,
        values: vec![
            ("ConfigPath", "MACHINE/WEBROOT/APPHOST".into()),
            ("EffectiveLocationPath", path.into()),
            ("Configuration", attribute.into()),
            ("EditOperationType", "1".into()),
            ("OldValue", old.into()),
            ("NewValue", new.into()),
        ],
    }
}

const USER_NAME: &str =
    "/system.applicationHost/applicationPools/add[@name=\"P\"]/processModel/@userName";
const POOL_CREDENTIALS: &str =
    "/system.webServer/security/authentication/windowsAuthentication/@useAppPoolCredentials";

fn changed_pool() -> Kit {
    Kit::new()
        .config(
            "WEB01/applicationHost.config",
            &one_site(
                &pool("P", "CORP\\svc_web"),
                "enabled=\"true\" useAppPoolCredentials=\"true\"",
            ),
        )
        .console("q.txt", &held_by(SVC))
        .event(
            "WEB01.corp.example",
            changed("", USER_NAME, "CORP\\svc_old", "CORP\\svc_web"),
        )
}

#[test]
fn km_03_without_process_evidence_is_possible() {
    changed_pool()
        .events("PC7.corp.example", 2, event_4)
        .judge()
        .assert_found("KM-03", Status::Possible);
    Kit::new()
        .config(
            "WEB01/applicationHost.config",
            &one_site(
                &pool("P", "CORP\\svc_web"),
                "enabled=\"true\" useAppPoolCredentials=\"true\"",
            ),
        )
        .console("q.txt", &held_by(SVC))
        .event(
            "WEB01.corp.example",
            changed("Portal", POOL_CREDENTIALS, "false", "true"),
        )
        .wait(700)
        .events("PC7.corp.example", 2, event_4)
        .judge()
        .assert_found("KM-03", Status::Possible);
}

#[test]
fn km_03_with_a_process_that_acts_as_the_old_account_is_likely() {
    changed_pool()
        .event(
            "WEB01.corp.example",
            security(
                4648,
                &[
                    ("SubjectUserName", "svc_old"),
                    ("SubjectDomainName", "CORP"),
                    ("TargetUserName", "sql_reader"),
                    ("TargetServerName", "sql01"),
                    ("ProcessName", "C:\\Windows\\System32\\inetsrv\\w3wp.exe"),
                ],
            ),
        )
        .events("PC7.corp.example", 2, event_4)
        .judge()
        .assert_found("KM-03", Status::Likely);
}

#[test]
fn km_03_not_after_a_restart_and_not_when_failures_ended_before() {
    changed_pool()
        .event(
            "WEB01.corp.example",
            system("Microsoft-Windows-WAS", 5079, &[("", "P")]),
        )
        .events("PC7.corp.example", 2, event_4)
        .judge()
        .assert_ruled_out("KM-03");
    Kit::new()
        .config(
            "WEB01/applicationHost.config",
            &one_site(
                &pool("P", "CORP\\svc_web"),
                "enabled=\"true\" useAppPoolCredentials=\"true\"",
            ),
        )
        .console("q.txt", &held_by(SVC))
        .events("PC7.corp.example", 2, event_4)
        .event(
            "WEB01.corp.example",
            changed("", USER_NAME, "CORP\\svc_old", "CORP\\svc_web"),
        )
        .judge()
        .assert_not_found("KM-03");
}

#[test]
fn km_03_needs_the_configuration_log_and_the_configuration() {
    Kit::new()
        .config(
            "WEB01/applicationHost.config",
            &one_site(
                &pool("P", "CORP\\svc_web"),
                "enabled=\"true\" useAppPoolCredentials=\"true\"",
            ),
        )
        .console("q.txt", &held_by(SVC))
        .events("PC7.corp.example", 2, event_4)
        .judge()
        .assert_not_assessed("KM-03");
    Kit::new()
        .event(
            "WEB01.corp.example",
            changed("", USER_NAME, "CORP\\svc_old", "CORP\\svc_web"),
        )
        .events("PC7.corp.example", 2, event_4)
        .judge()
        .assert_not_assessed("KM-03");
}

#[test]
fn km_03_not_for_another_pool_or_site() {
    for (path, attribute, old) in [
        (
            "",
            "/system.applicationHost/applicationPools/add[@name=\"Q\"]/processModel/@userName",
            "CORP\\svc_old",
        ),
        ("Portal2", POOL_CREDENTIALS, "false"),
        ("Portal", POOL_CREDENTIALS, "true"),
    ] {
        Kit::new()
            .config(
                "WEB01/applicationHost.config",
                &one_site(
                    &pool("P", "CORP\\svc_web"),
                    "enabled=\"true\" useAppPoolCredentials=\"true\"",
                ),
            )
            .console("q.txt", &held_by(SVC))
            .event("WEB01.corp.example", changed(path, attribute, old, "x"))
            .events("PC7.corp.example", 2, event_4)
            .judge()
            .assert_not_found("KM-03");
    }
}
