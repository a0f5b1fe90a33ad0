//! NAME-03 to NAME-11 against small cases.

use crate::causes::Status::{Confirmed, Likely, Possible};
use crate::causes::spn::tests::{
    MACHINE, POOL, PORTAL, SVC, WEB01, list, portal, server, web01, web01_list,
};
use crate::testkit::{Kit, kerberos_3, kerberos_4, query};

const PC: &str = "PC7.corp.example";

fn dns(asked: &str, name: &str, addresses: &[&str], alias: bool) -> String {
    let label = if addresses.len() > 1 {
        "Addresses"
    } else {
        "Address"
    };
    let aliases = if alias {
        format!("Aliases:  {asked}\n")
    } else {
        String::new()
    };
    format!(
        "C:\\>nslookup {asked}\nServer:  dc1.corp.example\nAddress:  10.0.0.1\n\nName:    {name}\n{label}:  {}\n{aliases}\n",
        addresses.join("\n          ")
    )
}

fn ipconfig(host: &str, ip: &str) -> String {
    format!(
        "C:\\>ipconfig /all\n\nWindows IP Configuration\n\n   Host Name . . . . . . . . . . . . : {host}\n   Primary Dns Suffix  . . . . . . . : corp.example\n\nEthernet adapter Ethernet0:\n\n   IPv4 Address. . . . . . . . . . . : {ip}(Preferred)\n"
    )
}

#[test]
fn name_03() {
    let alias = || {
        portal(MACHINE)
            .console(
                "dns.txt",
                &dns(
                    "portal.corp.example",
                    "web01.corp.example",
                    &["10.0.0.11"],
                    true,
                ),
            )
            .console("l.txt", &web01_list())
    };
    let asked = || alias().events(PC, 2, || kerberos_3(PORTAL, "0x7"));
    let searched = || {
        asked().console(
            "q.txt",
            &(query(PORTAL, &[]) + &query("HOST/portal.corp.example", &[])),
        )
    };
    let judgement = searched().judge();
    judgement
        .assert_found("NAME-03", Confirmed)
        .assert_not_found("SPN-01")
        .assert_not_found("NAME-02");
    // Nobody searched: a duplicate gives 0x7 as well.
    asked().judge().assert_found("NAME-03", Possible);
    alias()
        .console("q.txt", &query(PORTAL, &[(WEB01, &[PORTAL])]))
        .judge()
        .assert_ruled_out("NAME-03");
    portal(MACHINE)
        .event(PC, kerberos_3(PORTAL, "0x7"))
        .judge()
        .assert_not_assessed("NAME-03");
}

#[test]
fn name_04() {
    let other = "HTTP/portal.emea.corp.example";
    let kit = || {
        portal(MACHINE)
            .console("q.txt", &query(PORTAL, &[(WEB01, &[PORTAL])]))
            .events(PC, 2, || kerberos_3(other, "0x7"))
    };
    let searched = || {
        kit().console(
            "n.txt",
            &(query(other, &[]) + &query("HOST/portal.emea.corp.example", &[])),
        )
    };
    searched()
        .console(
            "dns.txt",
            &dns("portal", "portal.emea.corp.example", &["10.0.0.11"], false),
        )
        .judge()
        .assert_found("NAME-04", Confirmed)
        .assert_not_found("SPN-01");
    // That the name leads to the site, nothing shows.
    searched().judge().assert_found("NAME-04", Possible);
    // A name of somebody else is not a completion.
    let stranger = "HTTP/portal.fabrikam.test";
    let judgement = portal(MACHINE)
        .console("q.txt", &query(PORTAL, &[(WEB01, &[PORTAL])]))
        .events(PC, 2, || kerberos_3(stranger, "0x7"))
        .judge();
    judgement.assert_not_found("NAME-04");
    web01(MACHINE, "*:80:portal")
        .event(PC, kerberos_3("HTTP/portal", "0x7"))
        .judge()
        .assert_not_assessed("NAME-04");
}

#[test]
fn name_05() {
    let kit = || {
        portal(POOL)
            .console("q.txt", &query(PORTAL, &[(SVC, &[PORTAL])]))
            .console("WEB01/i.txt", &ipconfig("WEB01", "10.0.0.11"))
            .console("FS02/i.txt", &ipconfig("FS02", "10.0.0.22"))
    };
    let wrong = dns(
        "portal.corp.example",
        "portal.corp.example",
        &["10.0.0.22"],
        false,
    );
    let refused = || kit().event(PC, kerberos_4(PORTAL, "fs02$"));
    refused()
        .console("dns.txt", &wrong)
        .judge()
        .assert_found("NAME-05", Confirmed)
        .assert_not_found("POOL-02");
    // It has no rule that passes requests on.
    for binding in ["*:80:portal.corp.example", "*:80:"] {
        kit()
            .config(
                "FS02/applicationHost.config",
                &server(POOL, binding).replace("svc_web", "svc_test"),
            )
            .console("dns.txt", &wrong)
            .judge()
            .assert_found("NAME-05", Likely);
    }
    // A line of a hosts file leads there.
    let hosts = "# Copyright (c) 1993-2009 Microsoft Corp.\n#\n# This is a sample HOSTS file used by Microsoft TCP/IP for Windows.\n#\n10.0.0.22 portal.corp.example\n";
    kit()
        .console("PC7/hosts.txt", hosts)
        .judge()
        .assert_found("NAME-05", Likely);
    // Nothing shows that it is not meant to stand before the server, as a proxy does.
    let before = |kit: Kit| {
        let judgement = kit.console("dns.txt", &wrong).judge();
        judgement.assert_found("NAME-05", Possible);
        let finding = &judgement.of("NAME-05")[0].finding;
        assert_eq!(finding.open_look_alikes[0].0, "PRX-02");
    };
    before(kit());
    before(kit().events(PC, 2, || kerberos_4(PORTAL, "svc_web")));
    // The field of event 4 alone is not documented.
    refused().judge().assert_found("NAME-05", Possible);
    // A load balancer's address is nobody's of the bundle.
    let elsewhere = dns(
        "portal.corp.example",
        "portal.corp.example",
        &["10.0.0.99"],
        false,
    );
    kit()
        .console("dns.txt", &elsewhere)
        .judge()
        .assert_found("NAME-05", Possible);
    let right = dns(
        "portal.corp.example",
        "portal.corp.example",
        &["10.0.0.11"],
        false,
    );
    kit()
        .console("dns.txt", &right)
        .judge()
        .assert_ruled_out("NAME-05");
    kit()
        .event(PC, kerberos_4(PORTAL, "svc_web"))
        .judge()
        .assert_not_assessed("NAME-05");
}

#[test]
fn name_08() {
    let none = "C:\\>nslookup portal.corp.example\nServer:  dc1.corp.example\nAddress:  10.0.0.1\n\n*** dc1.corp.example can't find portal.corp.example: Non-existent domain\n";
    let kit = || portal(POOL).console("q.txt", &query(PORTAL, &[(SVC, &[PORTAL])]));
    let judgement = kit().console("dns.txt", none).judge();
    judgement.assert_found("NAME-08", Possible);
    let known = dns(
        "portal.corp.example",
        "portal.corp.example",
        &["10.0.0.11"],
        false,
    );
    kit()
        .console("dns.txt", &known)
        .judge()
        .assert_ruled_out("NAME-08");
    kit()
        .event(PC, kerberos_4(PORTAL, "svc_web"))
        .judge()
        .assert_not_assessed("NAME-08");
}

#[test]
fn name_09_and_spn_14() {
    let own = "HTTP/web01.plant.test";
    let server = |suffix: &'static str| {
        Kit::new()
            .config(
                "WEB01/applicationHost.config",
                &crate::causes::spn::tests::server(MACHINE, "*:80:"),
            )
            .silent(
                if suffix.is_empty() {
                    "WEB01.corp.example"
                } else {
                    "WEB01.plant.test"
                },
                "System",
            )
    };
    let short = list("WEB01", WEB01, &["HOST/WEB01"]);
    let none = |spn: &str| query(spn, &[]) + &query(&spn.replace("HTTP", "HOST"), &[]);
    let judgement = server("plant.test")
        .console("l.txt", &short)
        .console("q.txt", &none(own))
        .events(PC, 2, || kerberos_3(own, "0x7"))
        .judge();
    judgement
        .assert_found("NAME-09", Confirmed)
        .assert_not_found("SPN-14")
        .assert_not_found("SPN-01");
    let own = "HTTP/web01.corp.example";
    let judgement = server("")
        .console("l.txt", &short)
        .console("q.txt", &none(own))
        .events(PC, 2, || kerberos_3(own, "0x7"))
        .judge();
    judgement
        .assert_found("SPN-14", Confirmed)
        .assert_not_found("NAME-09")
        .assert_not_found("SPN-01");
    server("")
        .judge()
        .assert_not_assessed("SPN-14")
        .assert_not_assessed("NAME-09");
    server("")
        .console("l.txt", &web01_list())
        .judge()
        .assert_ruled_out("SPN-14");
}

#[test]
fn name_10() {
    let asked = "HTTP/xn--grten-gra.corp.example";
    let kit = || {
        web01(MACHINE, "*:80:xn--grten-gra.corp.example")
            .events(PC, 2, || kerberos_3(asked, "0x7"))
            .console(
                "q.txt",
                &(query(asked, &[]) + &query("HOST/xn--grten-gra.corp.example", &[])),
            )
    };
    kit()
        .console(
            "l.txt",
            &list("WEB01", WEB01, &["HTTP/gärten.corp.example"]),
        )
        .judge()
        .assert_found("NAME-10", Confirmed)
        .assert_not_found("SPN-01");
    kit()
        .judge()
        .assert_found("SPN-01", Confirmed)
        .assert_not_found("NAME-10");
    // An external name, by the address that DNS gives it.
    kit()
        .console(
            "dns.txt",
            &dns(
                "xn--grten-gra.corp.example",
                "xn--grten-gra.corp.example",
                &["20.50.2.8"],
                false,
            ),
        )
        .judge()
        .assert_found("NAME-10", Confirmed);
}
