//! The group NAME against small cases.

use crate::causes::Status::{Confirmed, Likely, Possible};
use crate::causes::spn::tests::{
    MACHINE, POOL, PORTAL, SVC, iis_29, ntlm_4020, portal, web01, web01_list,
};
use crate::testkit::{Happening, kerberos_3, kerberos_4, query};

const BINDING: &str = "/system.applicationHost/sites/site[@name=\"Portal\"]/bindings/binding[@protocol=\"http\" and @bindingInformation=\"*:80:portal.corp.example\"]";
const OWN: &str = "HTTP/web01.corp.example";

fn nslookup(alias: &str, canonical: &str) -> String {
    let aliases = if alias == canonical {
        String::new()
    } else {
        format!("Aliases:  {alias}\n")
    };
    format!(
        "C:\\>nslookup {alias}\nServer:  dc1.corp.example\nAddress:  192.0.2.10\n\nName:    {canonical}\nAddress:  192.0.2.20\n{aliases}"
    )
}

#[test]
fn name_01_is_told_as_design() {
    let judgement = portal(POOL)
        .event("PC7.corp.example", ntlm_4020("HTTP/192.0.2.20", "7"))
        .judge();
    judgement
        .assert_found("NAME-01", Confirmed)
        .assert_not_found("SPN-01");
    assert!(judgement.unexplained.is_empty());
    let found = &judgement.of("NAME-01")[0].finding;
    assert!(found.explanation.contains("by design"));
    web01(POOL, "*:80:192.0.2.20")
        .judge()
        .assert_found("NAME-01", Likely);
    portal(POOL)
        .event("PC7.corp.example", ntlm_4020(PORTAL, "6"))
        .judge()
        .assert_ruled_out("NAME-01");
    crate::testkit::Kit::new()
        .judge()
        .assert_not_assessed("NAME-01");
}

/// A log with `cs-host` shows who comes by the address, and that this is how they come to NTLM.
#[test]
fn name_01_by_the_host_header_that_was_logged() {
    let log = |host: &str| {
        let leg = |second: u32, user: &str, answer: &str| {
            format!(
                "2026-03-02 08:00:0{second} GET /health 80 {user} 10.0.0.7 Monitor/1.0 {host} {answer}\n"
            )
        };
        let legs = [
            leg(1, "-", "401 2 5"),
            leg(1, "-", "401 1 2148074254"),
            leg(1, "CORP\\mon", "200 0 0"),
        ];
        format!(
            "#Software: Microsoft Internet Information Services 10.0\n#Version: 1.0\n#Date: 2026-03-02 08:00:00\n#Fields: date time cs-method cs-uri-stem s-port cs-username c-ip cs(User-Agent) cs-host sc-status sc-substatus sc-win32-status\n{}",
            legs.concat()
        )
    };
    let kit = |host| {
        web01(MACHINE, "*:80:")
            .console("l.txt", &web01_list())
            .web_log("WEB01/W3SVC7/u_ex260302.log", &log(host))
            .judge()
    };
    let judgement = kit("192.0.2.20");
    judgement.assert_found("NAME-01", Likely);
    assert!(judgement.unexplained.is_empty());
    kit("web01.corp.example").assert_not_found("NAME-01");
}

/// NZ-04: newer Windows writes 8001 when NTLM was merely considered.
#[test]
fn name_01_considered_is_possible_at_most() {
    let considered = Happening {
        id: 8001,
        values: vec![("TargetName", "HTTP/192.0.2.20".into())],
        ..ntlm_4020("", "")
    };
    portal(POOL)
        .event("PC7.corp.example", considered)
        .judge()
        .assert_found("NAME-01", Possible);
}

#[test]
fn name_02_by_the_dns_answer() {
    let kit = || {
        portal(POOL)
            .console("q.txt", &query(PORTAL, &[(SVC, &[PORTAL])]))
            .console("l.txt", &web01_list())
    };
    let aliased = || {
        kit().console(
            "dns.txt",
            &nslookup("portal.corp.example", "web01.corp.example"),
        )
    };
    aliased()
        .judge()
        .assert_found("NAME-02", Likely)
        .assert_not_found("SPN-06");
    let judgement = aliased()
        .event("PC7.corp.example", kerberos_4(OWN, "svc_web"))
        .judge();
    judgement
        .assert_found("NAME-02", Confirmed)
        .assert_not_found("SPN-06");
    assert!(judgement.unexplained.is_empty());
    kit()
        .console(
            "dns.txt",
            &nslookup("portal.corp.example", "portal.corp.example"),
        )
        .judge()
        .assert_ruled_out("NAME-02");
    kit().judge().assert_not_assessed("NAME-02");
    // The computer account opens what the CNAME leads to: nothing is wrong.
    portal(MACHINE)
        .console("l.txt", &web01_list())
        .console(
            "dns.txt",
            &nslookup("portal.corp.example", "web01.corp.example"),
        )
        .judge()
        .assert_ruled_out("NAME-02");
}

#[test]
fn name_02_by_refused_tickets_for_a_name_that_no_site_has() {
    portal(POOL)
        .console("q.txt", &query(PORTAL, &[(SVC, &[PORTAL])]))
        .console("l.txt", &web01_list())
        .event("PC7.corp.example", kerberos_4(OWN, "svc_web"))
        .judge()
        .assert_found("NAME-02", Likely)
        .assert_not_found("SPN-06");
    // Where a site answers to the server's name, users may have typed it: that is SPN-06.
    web01(POOL, "*:80:")
        .console("l.txt", &web01_list())
        .event("PC7.corp.example", kerberos_4(OWN, "svc_web"))
        .judge()
        .assert_found("SPN-06", Likely)
        .assert_not_found("NAME-02");
}

#[test]
fn name_02_where_the_binding_takes_any_name() {
    web01(POOL, "*:80:")
        .console("q.txt", &query(PORTAL, &[(SVC, &[PORTAL])]))
        .console("l.txt", &web01_list())
        .console(
            "dns.txt",
            &nslookup("portal.corp.example", "web01.corp.example"),
        )
        .event("PC7.corp.example", kerberos_4(OWN, "svc_web"))
        .judge()
        .assert_found("NAME-02", Confirmed)
        .assert_not_found("SPN-06");
}

/// Exactly one of NAME-06 and SPN-01 tells of a name that nobody holds.
#[test]
fn name_06_takes_the_place_of_spn_01() {
    let kit = || portal(POOL).console("q.txt", &query(PORTAL, &[]));
    let added = || kit().event("WEB01.corp.example", iis_29(BINDING, "", ""));
    let judgement = added()
        .event("PC7.corp.example", kerberos_3(PORTAL, "0x7"))
        .judge();
    judgement
        .assert_found("NAME-06", Confirmed)
        .assert_not_found("SPN-01");
    assert!(judgement.of("NAME-06")[0].finding.onset.is_some());
    added().judge().assert_found("NAME-06", Likely);
    kit()
        .judge()
        .assert_found("SPN-01", Likely)
        .assert_not_assessed("NAME-06");
    // The change came after the first failure: it did not begin it.
    kit()
        .event("PC7.corp.example", kerberos_3(PORTAL, "0x7"))
        .event("WEB01.corp.example", iis_29(BINDING, "", ""))
        .judge()
        .assert_found("SPN-01", Confirmed)
        .assert_not_found("NAME-06");
    portal(POOL)
        .console("q.txt", &query(PORTAL, &[(SVC, &[PORTAL])]))
        .event("WEB01.corp.example", iis_29(BINDING, "", ""))
        .judge()
        .assert_ruled_out("NAME-06");
}
