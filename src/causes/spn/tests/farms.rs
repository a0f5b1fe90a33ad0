//! Several servers behind one name.

use super::mismatches::{OWN, only, shared_server};
use super::*;
use crate::causes::Status::{Confirmed, Likely, Possible};
use crate::testkit::{kerberos_4, query};

#[test]
fn spn_07_another_computer_may_be_a_farm_of_which_nothing_was_collected() {
    let judgement = portal(MACHINE)
        .console("q.txt", &query(PORTAL, &[(WEB02, &[PORTAL])]))
        .event("PC7.corp.example", kerberos_4(PORTAL, "web01$"))
        .judge();
    only(&judgement, "SPN-07", Possible);
    judgement.assert_not_assessed("SPN-12");
}

#[test]
fn spn_19() {
    let dn = "CN=svc_reports,OU=Service,DC=corp,DC=example";
    let kit = || shared_server().console("q.txt", &query(OWN, &[(dn, &[OWN])]));
    only(&kit().judge(), "SPN-04", Likely);
    let product = list(
        "CORP\\svc_reports",
        dn,
        &[OWN, "MSSQLSvc/sql01.corp.example:1433"],
    );
    let judgement = kit()
        .console("l2.txt", &product)
        .event("PC7.corp.example", kerberos_4(OWN, "web01$"))
        .judge();
    only(&judgement, "SPN-19", Confirmed);
    // Only the account's name speaks for the product.
    let named = "CN=svc_ssrs,OU=Service,DC=corp,DC=example";
    let judgement = shared_server()
        .console("q.txt", &query(OWN, &[(named, &[OWN])]))
        .event("PC7.corp.example", kerberos_4(OWN, "web01$"))
        .judge();
    only(&judgement, "SPN-19", Likely);
    shared_server().judge().assert_not_assessed("SPN-19");
}

fn farm(attributes: &str) -> Kit {
    Kit::new()
        .config(
            "WEB01/applicationHost.config",
            &server(attributes, "*:80:portal.corp.example"),
        )
        .config(
            "WEB02/applicationHost.config",
            &server(attributes, "*:80:portal.corp.example"),
        )
        .silent("WEB01.corp.example", "System")
        .silent("WEB02.corp.example", "System")
}

/// What the log of one of its servers shows is explained by what is said of both.
#[test]
fn row_19_the_log_of_the_server_that_cannot() {
    let leg = |time: &str, leg: &str| {
        format!(
            "2026-03-02 {time} WEB02 W3SVC7 GET / - 80 - 10.0.0.7 portal.corp.example {leg} 5\n"
        )
    };
    let refused: String = ["08:00:00", "08:05:00", "08:10:00"]
        .map(|time| leg(time, "401 2 5") + &leg(time, "401 1 2148074252"))
        .concat();
    let log = format!(
        "#Fields: date time s-computername s-sitename cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs-host sc-status sc-substatus sc-win32-status time-taken\n{refused}"
    );
    let held = query(PORTAL, &[(WEB01, &[PORTAL])]);
    let judgement = farm(MACHINE)
        .console("q.txt", &held)
        .web_log("WEB02/W3SVC7/u_ex260302.log", &log)
        .judge();
    assert!(!judgement.of("SPN-12")[0].finding.explains.is_empty());
    assert!(judgement.unexplained.is_empty());
}

/// Truth-table row 19: one name, several machines with their computer accounts.
#[test]
fn row_19_a_farm_cannot_share_a_computer_account() {
    let held = query(PORTAL, &[(WEB01, &[PORTAL])]);
    let judgement = farm(MACHINE).console("q.txt", &held).judge();
    only(&judgement, "SPN-12", Likely);
    let judgement = farm(MACHINE)
        .console("q.txt", &held)
        .event("PC7.corp.example", kerberos_4(PORTAL, "web02$"))
        .judge();
    only(&judgement, "SPN-12", Confirmed);
    let steps = &judgement.of("SPN-12")[0].fix.as_ref().unwrap().0.remedy.fix;
    let taken = steps
        .iter()
        .position(|s| s.says.starts_with("remove HTTP/"));
    let given = steps
        .iter()
        .position(|s| s.says.contains("when every server is ready"));
    assert!(taken.is_some() && taken < given, "delete first, add last");
    // One shared account for all nodes is the way out.
    farm(POOL)
        .console("q.txt", &query(PORTAL, &[(SVC, &[PORTAL])]))
        .judge()
        .assert_ruled_out("SPN-12");
    // One server that nothing shows to be one of several is not asked for others.
    let alone = portal(MACHINE).judge();
    assert!(alone.not_assessed.iter().all(|(c, _)| c.id != "SPN-12"));
    let dns = "C:\\>nslookup portal.corp.example\nServer:  dc1.corp.example\nAddress:  10.0.0.1\n\nName:    portal.corp.example\nAddresses:  10.0.0.11\n          10.0.0.12\n\n";
    let several = portal(MACHINE).console("dns.txt", dns);
    several.judge().assert_not_assessed("SPN-12");
}

#[test]
fn spn_12_two_files_of_an_unknown_server_may_be_one_server() {
    let file = server(MACHINE, "*:80:portal.corp.example");
    let judgement = Kit::new()
        .config("a/applicationHost.config", &file)
        .config(
            "b/applicationHost.config",
            &format!("{file}<!-- edited -->"),
        )
        .console("q.txt", &query(PORTAL, &[(WEB01, &[PORTAL])]))
        .judge();
    only(&judgement, "SPN-12", Possible);
}

/// One node was left with another pool identity: the SPN is right, and moving it would break the node that works.
#[test]
fn spn_07_not_where_another_server_in_service_runs_as_the_holder() {
    let binding = "*:80:portal.corp.example";
    let kit = || {
        Kit::new()
            .config("WEB01/applicationHost.config", &server(POOL, binding))
            .config(
                "WEB02/applicationHost.config",
                &server(POOL, binding).replace("CORP\\svc_web", "CORP\\svc_old"),
            )
            .silent("WEB01.corp.example", "System")
            .silent("WEB02.corp.example", "System")
            .console("q.txt", &query(PORTAL, &[(SVC, &[PORTAL])]))
            .event("PC7.corp.example", kerberos_4(PORTAL, "svc_web"))
    };
    let seen = crate::testkit::security(
        4624,
        &[
            ("TargetUserName", "uma"),
            ("TargetDomainName", "CORP"),
            ("LogonType", "3"),
            ("LogonProcessName", "Kerberos"),
            ("AuthenticationPackageName", "Kerberos"),
            ("IpAddress", "10.0.0.7"),
        ],
    );
    let judgement = kit().event("WEB01.corp.example", seen).judge();
    judgement
        .assert_not_found("SPN-07")
        .assert_found("CFG-15", Likely);
    assert!(judgement.unexplained.is_empty());
    let drift = &judgement.of("CFG-15")[0];
    assert_eq!(drift.finding.subject.host.as_deref(), Some("WEB02"));
    let steps = &drift.fix.as_ref().unwrap().0.remedy.fix;
    assert!(steps.iter().all(|s| !s.says.starts_with("remove HTTP/")));
    assert!(
        steps
            .iter()
            .any(|s| s.says.contains("that it has on WEB01"))
    );
    // Whether the other server still serves anybody is not known: it may be the old one, with the SPN left behind.
    kit()
        .judge()
        .assert_found("SPN-07", Possible)
        .assert_found("CFG-15", Likely);
}
