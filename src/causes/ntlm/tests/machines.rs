//! Settings and logs of machines that are not the one in question, or only one of several.

use super::{PC, SPN, WEB, at_client, at_server, blocked, set, web};
use crate::causes::Judgement;
use crate::testkit::{Kit, config, kerberos_3, ntlm, pool, query, security, site, windows};

const KEY: &str = "Services\\Netlogon\\Parameters";

fn says(judgement: &Judgement, id: &str) -> String {
    let facts = judgement.ruled_out.iter().filter(|(c, _)| c.id == id);
    facts.map(|(_, fact)| fact.because.clone()).collect()
}

#[test]
fn nt_03_is_ruled_out_by_all_controllers_alone() {
    let kit = |values: [&str; 2]| {
        let mut kit = web(true);
        for (host, value) in ["DC1", "DC2"].into_iter().zip(values) {
            let tgt = security(4768, &[("TargetUserName", "uma"), ("Status", "0x0")]);
            kit = kit.event(&format!("{host}.corp.example"), tgt);
            kit = set(kit, host, KEY, "RestrictNTLMInDomain", value);
        }
        kit.judge()
    };
    kit(["0x0", "0x7"]).assert_not_assessed("NT-03");
    let open = kit(["0x0", "0x0"]);
    open.assert_ruled_out("NT-03");
    assert!(says(&open, "NT-03").contains("RestrictNTLMInDomain is 0"));
}

#[test]
fn nt_02_is_ruled_out_by_a_client_that_fails() {
    let kit = |host: &str, fails: bool| {
        let mut kit = web(true)
            .silent(PC, "System")
            .silent("PC8.corp.example", "System");
        if fails {
            kit = kit.event(PC, kerberos_3(SPN, "0x7"));
        }
        let kit = kit.console("PC8/systeminfo.txt", "\nHost Name:                 PC8\nOS Name:                   Microsoft Windows 11 Enterprise\nOS Version:                10.0.22631 N/A Build 22631\n");
        set(
            kit,
            host,
            "Control\\Lsa\\MSV1_0",
            "RestrictSendingNTLMTraffic",
            "0x0",
        )
        .judge()
    };
    kit("PC8", true).assert_not_assessed("NT-02");
    let open = kit("PC7", true);
    open.assert_ruled_out("NT-02");
    assert!(says(&open, "NT-02").contains("RestrictSendingNTLMTraffic is 0"));
}

/// A second server, of which nothing is shown but its configuration and that its name is held.
fn second(kit: Kit) -> Kit {
    let spn = "HTTP/wiki.corp.example";
    let holder = ("CN=WEB02,OU=Servers,DC=corp,DC=example", &[spn][..]);
    kit.config(
        "WEB02/applicationHost.config",
        &config(
            &pool("Wiki", "CORP\\svc_wiki"),
            &site("Wiki", "*:80:wiki.corp.example", "Wiki"),
            &windows("enabled=\"true\""),
            "",
        ),
    )
    .silent("WEB02.corp.example", "System")
    .console("setspn3.txt", &query(spn, &[holder]))
}

#[test]
fn nt_01_is_not_ruled_out_by_another_server() {
    let audit = || {
        ntlm(
            8003,
            &[
                ("UserName", "uma"),
                ("DomainName", "CORP"),
                ("Workstation", "PC7"),
            ],
        )
    };
    let one = web(true).event(WEB, audit());
    one.judge().assert_ruled_out("NT-01");
    second(web(true).event(WEB, audit()))
        .judge()
        .assert_not_assessed("NT-01");
}

#[test]
fn what_is_exposed_is_of_the_same_endpoint() {
    // A name of no endpoint here was lost by a client; the blocked server's own name is held.
    let target = "HTTP/wiki.corp.example";
    let judgement = web(true)
        .events(PC, 3, || at_client(target))
        .events(WEB, 3, at_server)
        .events(WEB, 3, blocked)
        .judge();
    for blocks in judgement.of("NT-01") {
        assert!(!blocks.finding.explanation.contains("this is the root"));
    }
}
