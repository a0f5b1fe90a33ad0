//! Joining: what a case makes of texts and events from several machines.

mod folded;

use crate::case::{AccountKind, Role, Sameness, Spn};
use crate::testkit::{Kit, config, kerberos_4, pool, query, security, site, windows};

const SVC: &str = "CN=svc_web,OU=Service,DC=corp,DC=example";

fn server() -> String {
    config(
        &pool("Portal", "CORP\\svc_web"),
        &site("Portal", "*:80:", "Portal"),
        &windows("enabled=\"true\""),
        "",
    )
}

fn logon() -> crate::testkit::Happening {
    security(
        4624,
        &[
            ("TargetUserName", "uma"),
            ("TargetDomainName", "CORP"),
            ("LogonType", "3"),
            ("AuthenticationPackageName", "Kerberos"),
        ],
    )
}

#[test]
fn a_deletion_takes_back_what_was_listed_before() {
    let text = "C:\\>setspn -L svc_web\nRegistered ServicePrincipalNames for CN=svc_web,OU=Service,DC=corp,DC=example:\n        HTTP/portal\n\nC:\\>setspn -D HTTP/portal svc_web\nUnregistering ServicePrincipalNames for CN=svc_web,OU=Service,DC=corp,DC=example\n        HTTP/portal\nUpdated object\n\nC:\\>\n";
    let case = Kit::new().console("spn.txt", text).case();
    let holders = case
        .situation
        .directory
        .holders(&Spn::http("portal"), &case.accounts);
    assert!(holders.shown.is_empty(), "{holders:?}");
}

#[test]
fn an_addition_supersedes_the_search_before_it() {
    let text = format!(
        "{}\nC:\\>setspn -S HTTP/portal svc_web\nChecking domain DC=corp,DC=example\n\nRegistering ServicePrincipalNames for {SVC}\n        HTTP/portal\nUpdated object\n\nC:\\>\n",
        query("HTTP/portal", &[])
    );
    let case = Kit::new().console("spn.txt", &text).case();
    let holders = case
        .situation
        .directory
        .holders(&Spn::http("portal"), &case.accounts);
    assert_eq!(holders.shown.len(), 1);
    assert!(case.contradictions.is_empty());
}

#[test]
fn dumps_that_disagree_are_a_contradiction() {
    let case = Kit::new()
        .console("a.txt", &query("HTTP/portal", &[]))
        .console("b.txt", &query("HTTP/portal", &[(SVC, &["HTTP/portal"])]))
        .case();
    assert_eq!(case.contradictions.len(), 1);
    assert_eq!(
        case.contradictions[0].from.len(),
        3,
        "the search, its closing line, the registration"
    );
}

#[test]
fn a_configuration_belongs_to_the_machine_its_folder_names() {
    let case = Kit::new()
        .config("case/WEB01/applicationHost.config", &server())
        .event("WEB01.corp.example", logon())
        .event("WEB02.corp.example", logon())
        .case();
    let host = case.servers[0].host.expect("the folder names it");
    assert_eq!(case.hosts.get(host).name, "WEB01");
    assert!(case.hosts.get(host).roles.contains(&Role::WebServer));
}

#[test]
fn a_configuration_beside_two_possible_servers_belongs_to_none() {
    let case = Kit::new()
        .config("applicationHost.config", &server())
        .event("WEB01.corp.example", logon())
        .event("WEB02.corp.example", logon())
        .case();
    assert_eq!(case.servers[0].host, None);
}

#[test]
fn clients_and_domain_controllers_are_not_taken_for_the_server() {
    let ticket = || security(4769, &[("ServiceName", "svc_web"), ("Status", "0x0")]);
    let case = Kit::new()
        .config("applicationHost.config", &server())
        .event("PC7.corp.example", kerberos_4("HTTP/portal", "web01$"))
        .event("DC1.corp.example", ticket())
        .event("WEB01.corp.example", logon())
        .case();
    let host = case.servers[0].host.expect("only WEB01 can be it");
    assert_eq!(case.hosts.get(host).name, "WEB01");
}

#[test]
fn names_that_clients_asked_for_become_endpoints_of_an_open_binding() {
    let case = Kit::new()
        .config("WEB01/applicationHost.config", &server())
        .console(
            "q.txt",
            &query(
                "HTTP/portal.corp.example",
                &[(SVC, &["HTTP/portal.corp.example"])],
            ),
        )
        .event("WEB01.corp.example", logon())
        .case();
    let endpoint = case
        .situation
        .endpoints
        .iter()
        .find(|e| e.name == "portal.corp.example")
        .expect("an endpoint for the name");
    assert!(endpoint.name_is_tied(), "its holder is the pool's account");
    assert!(
        case.situation
            .endpoints
            .iter()
            .any(|e| e.is_own_name() && e.name == "web01.corp.example")
    );
}

#[test]
fn the_only_name_asked_about_is_presumed_to_be_the_sites_and_one_of_several_is_not() {
    let share = "CN=svc_share,OU=Service,DC=corp,DC=example";
    let kit = || {
        Kit::new()
            .config("WEB01/applicationHost.config", &server())
            .console(
                "q.txt",
                &query(
                    "HTTP/share.corp.example",
                    &[(share, &["HTTP/share.corp.example"])],
                ),
            )
    };
    let name = |case: &crate::case::Case| {
        let mut endpoints = case.situation.endpoints.iter();
        let endpoint = endpoints.find(|e| e.name == "share.corp.example").cloned();
        endpoint.map(|e| (e.name_is_tied(), e.name_is_presumed()))
    };
    assert_eq!(name(&kit().case()), Some((true, true)));
    let several = kit()
        .console("r.txt", &query("HTTP/other.corp.example", &[]))
        .case();
    assert_eq!(name(&several), Some((false, false)));
    let both_forms = kit().console("r.txt", &query("HTTP/share", &[])).case();
    assert_eq!(
        name(&both_forms),
        Some((true, true)),
        "the short form is the same name"
    );
    let judgement = kit().silent("WEB01.corp.example", "System").judge();
    judgement.assert_found("SPN-07", crate::causes::Status::Likely);
}

#[test]
fn accounts_that_hold_host_spns_are_computers() {
    let web = "CN=WEB01,OU=Servers,DC=corp,DC=example";
    let case = Kit::new()
        .console(
            "q.txt",
            &query(
                "HOST/web01",
                &[(web, &["HOST/web01", "HOST/web01.corp.example"])],
            ),
        )
        .event("WEB01.corp.example", logon())
        .case();
    let (id, account) = case
        .accounts
        .iter()
        .find(|(_, a)| a.dn.as_deref() == Some(web))
        .unwrap();
    assert_eq!(account.kind, AccountKind::Computer);
    let machine = case.hosts.iter().next().unwrap().1.machine;
    assert_eq!(case.accounts.compare(id, machine), Sameness::Same);
}

#[test]
fn nodes_that_share_one_file_are_servers_and_copies_are_none() {
    let labels = |paths: &[&str]| -> Vec<String> {
        let mut kit = Kit::new()
            .event("WEB-A.corp.example", logon())
            .event("WEB-B.corp.example", logon());
        for path in paths {
            kit = kit.config(path, &server());
        }
        kit.case().servers.into_iter().map(|s| s.label).collect()
    };
    let (a, b) = (
        "WEB-A/applicationHost.config",
        "WEB-B/applicationHost.config",
    );
    assert_eq!(labels(&[a, b]), ["WEB-A", "WEB-B"]);
    assert_eq!(labels(&[a, "WEB-A/old/applicationHost.config"]), ["WEB-A"]);
    assert_eq!(
        labels(&["from mail/applicationHost.config", a, b]),
        ["WEB-A", "WEB-B"]
    );
}

#[test]
fn an_account_of_the_directory_is_shown_by_its_account_name() {
    let text = query("HTTP/portal", &[(SVC, &["HTTP/portal"])]);
    let case = Kit::new()
        .config("WEB-A/applicationHost.config", &server())
        .console("spn.txt", &text)
        .case();
    let holders = case
        .situation
        .directory
        .holders(&Spn::http("portal"), &case.accounts);
    let holder = holders.shown.first().expect("a holder");
    assert_eq!(case.accounts.get(holder.account).shown, "CORP\\svc_web");
}

#[test]
fn an_account_is_shown_with_the_domain_that_its_list_was_asked_for() {
    let dn = "CN=Web Portal,OU=Service,DC=corp,DC=example";
    let list = format!(
        "C:\\>setspn -L CORP\\svc_portal\nRegistered ServicePrincipalNames for {dn}:\n        HTTP/portal\n\nC:\\>\n"
    );
    let case = Kit::new().console("spn.txt", &list).case();
    let shown: Vec<&str> = case
        .accounts
        .iter()
        .map(|(_, a)| a.shown.as_str())
        .collect();
    assert_eq!(shown, ["CORP\\svc_portal"]);
}

#[test]
fn a_server_without_logs_is_the_computer_that_its_path_names() {
    let dn = "CN=WEB01,OU=Web Servers,DC=corp,DC=example";
    let list = format!(
        "C:\\>setspn -L WEB01\nRegistered ServicePrincipalNames for {dn}:\n        HOST/WEB01\n        HOST/web01.corp.example\n        RestrictedKrbHost/WEB01\n\nC:\\>\n"
    );
    let label = |path: &str| {
        let case = Kit::new()
            .config(path, &server())
            .console("spn.txt", &list)
            .event("PC7.corp.example", logon())
            .case();
        case.servers[0].label.clone()
    };
    assert_eq!(label("case 7/WEB01/applicationHost.config"), "WEB01");
    assert_eq!(label("web01_applicationHost.config"), "WEB01");
    assert_ne!(label("WEB010/applicationHost.config"), "WEB01");
}

#[test]
fn lists_from_before_and_after_a_move_show_no_duplicate() {
    const OLD: &str = "CN=svc_old,OU=Service,DC=corp,DC=example";
    let list = |dn: &str, name: &str, spns: &str| {
        format!(
            "C:\\>setspn -L {name}\nRegistered ServicePrincipalNames for {dn}:\n{spns}\nC:\\>\n"
        )
    };
    let spn = "        HTTP/portal\n";
    let before = list(OLD, "svc_old", spn) + &list(SVC, "svc_web", "");
    let after = list(OLD, "svc_old", "") + &list(SVC, "svc_web", spn);
    let case = Kit::new()
        .console("a.txt", &before)
        .console("b.txt", &after)
        .case();
    let answer = crate::negotiate::lookup(
        &case.situation.directory,
        &case.accounts,
        &Spn::http("portal"),
    );
    assert!(
        matches!(answer, crate::negotiate::Answer::Unknown),
        "{answer:?}"
    );
    assert_eq!(case.contradictions.len(), 2, "each list denies the other");
    let both = list(OLD, "svc_old", spn) + &list(SVC, "svc_web", spn);
    let case = Kit::new().console("a.txt", &both).case();
    let answer = crate::negotiate::lookup(
        &case.situation.directory,
        &case.accounts,
        &Spn::http("portal"),
    );
    assert!(matches!(answer, crate::negotiate::Answer::Duplicate { .. }));
    assert!(case.contradictions.is_empty());
}

#[test]
fn one_refusal_seen_by_client_and_kdc_counts_once() {
    let refused = || {
        security(
            4769,
            &[
                ("ServiceName", "HTTP/portal"),
                ("Status", "0x7"),
                ("TargetUserName", "uma"),
            ],
        )
    };
    let case = Kit::new()
        .events("PC7.corp.example", 3, || {
            crate::testkit::kerberos_3("HTTP/portal", "0x7")
        })
        .events("DC1.corp.example", 4, refused)
        .case();
    let counts: Vec<u64> = case.symptoms.iter().map(|s| s.count).collect();
    assert_eq!(counts, [4], "the fuller account of the two");
}

#[test]
fn what_one_node_of_a_farm_refuses_is_not_observed_at_another() {
    let farm = config(
        "",
        &site("Portal", "*:80:portal.corp.example", "DefaultAppPool"),
        &windows("enabled=\"true\""),
        "",
    );
    let case = Kit::new()
        .config("WEB01/applicationHost.config", &farm)
        .config("WEB02/applicationHost.config", &farm)
        .event("WEB01.corp.example", logon())
        .event("WEB02.corp.example", logon())
        .event(
            "PC7.corp.example",
            kerberos_4("HTTP/portal.corp.example", "web02$"),
        )
        .case();
    let observed: Vec<_> = case
        .situation
        .endpoints
        .iter()
        .map(|e| case.observed(e))
        .collect();
    assert_eq!(
        observed,
        [
            crate::negotiate::Outcome::Unknown,
            crate::negotiate::Outcome::Denied
        ]
    );
}

#[test]
fn a_search_of_a_domain_that_the_server_is_not_in_proves_nothing() {
    let judge = |domain: &str, searched: &str| {
        let machine = format!("CN=WEB01,OU=Servers,{domain}");
        let none = format!(
            "C:\\>setspn -T x -Q HTTP/portal.corp.example\nChecking domain {searched}\n\nNo such SPN found.\n\nC:\\>\n"
        );
        let list = format!(
            "C:\\>setspn -L web01\nRegistered ServicePrincipalNames for {machine}:\n        RestrictedKrbHost/WEB01\n        HOST/WEB01\n\nC:\\>\n"
        );
        let named = server().replace("*:80:", "*:80:portal.corp.example");
        Kit::new()
            .config("WEB01/applicationHost.config", &named)
            .console("q.txt", &(none + &list))
            .judge()
    };
    use crate::causes::Status::Likely;
    judge("DC=corp,DC=example", "DC=corp,DC=example").assert_found("SPN-01", Likely);
    judge("DC=corp,DC=example", "DC=other,DC=example").assert_not_found("SPN-01");
}

#[test]
fn a_configuration_is_not_that_of_a_machine_with_a_folder_of_its_own() {
    let beside = |path: &str, logs: &str| {
        let case = Kit::new()
            .config(path, &server())
            .logs_in(logs)
            .event("FS01.corp.example", logon())
            .case();
        case.servers[0].host.is_some()
    };
    assert!(!beside("WEB01/applicationHost.config", "FS01"));
    assert!(beside("applicationHost.config", "FS01"));
    assert!(beside("config/applicationHost.config", "logs"));
}
