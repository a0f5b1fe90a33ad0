//! The group SPN against small cases.

use crate::causes::Status;
use crate::testkit::{Happening, Kit, config, kerberos_4, pool, query, site, windows};

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

#[test]
fn spn_01_by_the_reason_that_a_client_gives_for_ntlm() {
    let kit = |reason: &'static str| {
        Kit::new().events("PC7.corp.example", 3, move || Happening {
            channel: "Microsoft-Windows-NTLM/Operational",
            provider: "Microsoft-Windows-NTLM",
            id: 4020,
            values: vec![
                ("Username", "uma".into()),
                ("TargetService", "HTTP/portal.corp.example".into()),
                ("NtlmUsageId", reason.into()),
            ],
        })
    };
    kit("6").judge().assert_found("SPN-01", Status::Likely);
    for other in ["7", "8", "9"] {
        kit(other).judge().assert_not_found("SPN-01");
    }
    // With a server in the bundle, a name that is none of its own may be anything's.
    kit("6")
        .config(
            "WEB01/applicationHost.config",
            &config(
                &pool("Shop", "CORP\\svc_web"),
                &site("Shop", "*:80:shop.corp.example", "Shop"),
                &windows("enabled=\"true\""),
                "",
            ),
        )
        .judge()
        .assert_found("SPN-01", Status::Possible);
}
