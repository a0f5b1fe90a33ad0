//! The group SPN against small cases.

use crate::causes::Status;
use crate::testkit::{Kit, config, kerberos_4, pool, query, site, windows};

const SVC: &str = "CN=svc_web,OU=Service,DC=corp,DC=example";

fn server(attributes: &str) -> String {
    config(
        &pool("Portal", "CORP\\svc_web"),
        &site("Portal", "*:80:portal.corp.example", "Portal"),
        &windows(attributes),
        "",
    )
}

#[test]
fn spn_05_found() {
    let kit = || {
        Kit::new()
            .config("WEB01/applicationHost.config", &server("enabled=\"true\""))
            .console(
                "q.txt",
                &query(
                    "HTTP/portal.corp.example",
                    &[(SVC, &["HTTP/portal.corp.example"])],
                ),
            )
    };
    kit()
        .judge()
        .assert_found("SPN-05", Status::Likely)
        .assert_not_found("SPN-06");
    kit()
        .events("PC7.corp.example", 3, || {
            kerberos_4("HTTP/portal.corp.example", "web01$")
        })
        .judge()
        .assert_found("SPN-05", Status::Confirmed);
}

#[test]
fn spn_05_not_when_the_pool_account_opens_tickets() {
    Kit::new()
        .config(
            "WEB01/applicationHost.config",
            &server("enabled=\"true\" useAppPoolCredentials=\"true\""),
        )
        .console(
            "q.txt",
            &query(
                "HTTP/portal.corp.example",
                &[(SVC, &["HTTP/portal.corp.example"])],
            ),
        )
        .judge()
        .assert_ruled_out("SPN-05");
}

#[test]
fn spn_05_not_assessed_without_a_holder() {
    Kit::new()
        .config("WEB01/applicationHost.config", &server("enabled=\"true\""))
        .judge()
        .assert_not_assessed("SPN-05");
}
