//! CFG-15: servers behind one name.

use super::*;
use crate::causes::Status;

fn farm(one: &str, other: &str) -> Kit {
    Kit::new()
        .event(
            "WEB01.corp.example",
            changed("", "windowsAuthentication/@authPersistNonNTLM", "", "true"),
        )
        .event(
            "WEB02.corp.example",
            changed("", "windowsAuthentication/@authPersistNonNTLM", "", "true"),
        )
        .config("WEB01/applicationHost.config", one)
        .config("WEB02/applicationHost.config", other)
}

fn with(attributes: &str) -> String {
    portal(&windows(attributes), "")
}

#[test]
fn cfg_15_one_node_opens_tickets_with_another_key() {
    let judgement = farm(
        &with("enabled=\"true\" useAppPoolCredentials=\"true\""),
        &with("enabled=\"true\""),
    )
    .judge();
    judgement.assert_found("CFG-15", Status::Likely);
    let found = judgement.of("CFG-15");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].finding.subject.host_name.as_deref(), Some(NAME));
    assert!(
        found[0]
            .finding
            .explanation
            .contains("the key that opens tickets")
    );
}

#[test]
fn cfg_15_another_account_whose_key_is_not_used_decides_nothing() {
    let other = with("enabled=\"true\"").replace("CORP\\svc_web", "CORP\\svc_old");
    farm(&with("enabled=\"true\""), &other)
        .judge()
        .assert_found("CFG-15", Status::Possible);
}

#[test]
fn cfg_15_not_where_the_nodes_agree_or_one_account_is_spelled_twice() {
    let on = "enabled=\"true\" useAppPoolCredentials=\"true\"";
    farm(&with(on), &with(on))
        .judge()
        .assert_ruled_out("CFG-15");
    let spelled = with(on).replace("CORP\\svc_web", "corp\\SVC_WEB");
    farm(&with(on), &spelled).judge().assert_not_found("CFG-15");
    // Other names are another matter.
    let elsewhere = with("enabled=\"false\"").replace(NAME, "other.corp.example");
    farm(&with(on), &elsewhere)
        .judge()
        .assert_not_found("CFG-15");
}

/// Two files of one server, from before and after a change, look like two nodes.
#[test]
fn cfg_15_not_likely_where_nothing_names_the_machines() {
    let spn = "HTTP/portal.corp.example";
    let holder = "CN=svc_web,OU=Service,DC=corp,DC=example";
    let judgement = Kit::new()
        .config("before/applicationHost.config", &with("enabled=\"true\""))
        .config(
            "after/applicationHost.config",
            &with("enabled=\"true\" useAppPoolCredentials=\"true\""),
        )
        .console("spn.txt", &crate::testkit::query(spn, &[(holder, &[spn])]))
        .judge();
    judgement
        .assert_found("CFG-15", Status::Possible)
        .assert_found("SPN-05", Status::Possible);
}

/// The account that holds the name opens its tickets on the other node: the SPN must stay there.
#[test]
fn cfg_15_a_node_whose_pool_runs_as_another_account() {
    let spn = "HTTP/portal.corp.example";
    let holder = "CN=svc_web,OU=Service,DC=corp,DC=example";
    let on = with("enabled=\"true\" useAppPoolCredentials=\"true\"");
    let strayed = on.replace("CORP\\svc_web", "CORP\\svc_test");
    let served = || {
        crate::testkit::security(
            4624,
            &[
                ("TargetUserName", "uma"),
                ("TargetDomainName", "CORP"),
                ("LogonType", "3"),
                ("LogonProcessName", "Kerberos"),
                ("AuthenticationPackageName", "Kerberos"),
            ],
        )
    };
    let kit = |other: &str| {
        farm(&on, other)
            .event("WEB01.corp.example", served())
            .console("spn.txt", &crate::testkit::query(spn, &[(holder, &[spn])]))
            .event(
                "PC7.corp.example",
                crate::testkit::kerberos_4(spn, "svc_test"),
            )
    };
    let judgement = kit(&strayed).judge();
    judgement
        .assert_found("CFG-15", Status::Likely)
        .assert_not_found("SPN-07");
    let (fix, _) = judgement.of("CFG-15")[0].fix.as_ref().unwrap();
    let aligns = |s: &crate::remedy::Step| s.says.contains("whose key opens the tickets");
    assert!(fix.remedy.fix.iter().any(aligns));
    // Another application of the other node opens nothing for this one.
    let elsewhere = strayed.replace("*:80:", "*:8080:");
    kit(&elsewhere).judge().assert_not_found("CFG-15");
}
