//! SPN-08, SPN-13 to SPN-17, SPN-20, SPN-22: found, their look-alikes, not assessed.

use super::mismatches::only;
use super::*;
use crate::causes::Status::{Confirmed, Likely, Possible};
use crate::testkit::{kerberos_3, kerberos_4, query, security};

const PC: &str = "PC7.corp.example";
const DC1: &str = "DC1.corp.example";
const DC2: &str = "DC2.corp.example";

fn on_old() -> Kit {
    portal(POOL).console("q.txt", &query(PORTAL, &[(OLD, &[PORTAL])]))
}

fn account(id: u32, name: &str) -> Happening {
    security(
        id,
        &[("TargetUserName", name), ("TargetDomainName", "CORP")],
    )
}

fn ticket(service: &str, status: &str) -> Happening {
    security(
        4769,
        &[
            ("TargetUserName", "uma@CORP.EXAMPLE"),
            ("ServiceName", service),
            ("Status", status),
            ("IpAddress", "::ffff:10.1.2.3"),
        ],
    )
}

#[test]
fn spn_08() {
    let retired = || on_old().event(DC1, account(4725, "svc_old"));
    let judgement = retired()
        .events(PC, 2, || kerberos_3(PORTAL, "0x12"))
        .judge();
    judgement
        .assert_found("SPN-08", Confirmed)
        .assert_not_found("SPN-07");
    only(&retired().judge(), "SPN-08", Likely);
    // The KDC did issue a ticket: the state is that of a holder in use.
    let opened = retired().event(PC, kerberos_4(PORTAL, "svc_web")).judge();
    opened
        .assert_not_found("SPN-08")
        .assert_found("SPN-07", Confirmed);
    // Enabled again.
    let back = retired().event(DC1, account(4722, "svc_old")).judge();
    back.assert_not_found("SPN-08");
    // The pool's own account is another cause's.
    let own = portal(POOL)
        .console("q.txt", &query(PORTAL, &[(SVC, &[PORTAL])]))
        .event(DC1, account(4725, "svc_web"))
        .judge();
    own.assert_not_found("SPN-08");
    on_old().judge().assert_not_assessed("SPN-08");
}

#[test]
fn spn_13() {
    let own = "HTTP/web01.corp.example";
    let ldif = |classes: &str| {
        format!(
            "dn: CN=Directory Service,CN=Windows NT,CN=Services,CN=Configuration,DC=corp,DC=example\nchangetype: add\nsPNMappings: host={classes}\n\n"
        )
    };
    let kit = || {
        web01(MACHINE, "*:80:")
            .console("l.txt", &web01_list())
            .console("q.txt", &query(own, &[]))
            .events(PC, 2, || kerberos_3(own, "0x7"))
    };
    let judgement = kit().console("m.ldf", &ldif("alerter,cifs,wins")).judge();
    judgement
        .assert_found("SPN-13", Confirmed)
        .assert_not_found("SPN-01")
        .assert_not_found("SPN-14");
    kit()
        .console("m.ldf", &ldif("alerter,http,wins"))
        .judge()
        .assert_not_found("SPN-13");
    kit().judge().assert_not_assessed("SPN-13");
}

fn refused(outcome: &str) -> String {
    format!(
        "C:\\>setspn -S {PORTAL} CORP\\svc_web\nChecking domain DC=corp,DC=example\n\nRegistering ServicePrincipalNames for {SVC}\n\t{PORTAL}\nFailed to assign SPN on account '{SVC}', error {outcome} -> text.\n"
    )
}

#[test]
fn spn_16() {
    let none = query(PORTAL, &[]) + &query("HOST/portal.corp.example", &[]);
    let kit = || {
        portal(POOL)
            .console("a.txt", &refused("0x2098/8344"))
            .console("q.txt", &none)
    };
    let judgement = kit().events(PC, 2, || kerberos_3(PORTAL, "0x7")).judge();
    judgement
        .assert_found("SPN-16", Confirmed)
        .assert_not_found("SPN-01");
    // Nobody tried.
    let judgement = portal(POOL)
        .console("q.txt", &none)
        .event(PC, kerberos_3(PORTAL, "0x7"))
        .judge();
    judgement
        .assert_found("SPN-01", Confirmed)
        .assert_not_found("SPN-16");
    portal(POOL).judge().assert_not_assessed("SPN-16");
    // Another account kept the name: that is the state, and the refusal stands beside it.
    let kept = format!(
        "C:\\>setspn -S {PORTAL} CORP\\svc_web\nChecking domain DC=corp,DC=example\n{OLD}\n\t{PORTAL}\n\nDuplicate SPN found, aborting operation!\n"
    );
    let judgement = portal(POOL)
        .console("a.txt", &kept)
        .event(PC, kerberos_4(PORTAL, "svc_web"))
        .judge();
    judgement
        .assert_found("SPN-07", Likely)
        .assert_found("SPN-16", Likely);
    let said = |judgement: &crate::causes::Judgement| {
        let finding = &judgement.of("SPN-16")[0].finding;
        finding.explanation.contains("because")
    };
    assert!(said(&judgement));
    // It was refused for want of rights: that another account holds the name is not the reason.
    let denied = portal(POOL)
        .console("a.txt", &refused("0x2098/8344"))
        .console("q.txt", &query(PORTAL, &[(OLD, &[PORTAL])]))
        .judge();
    denied.assert_found("SPN-16", Likely);
    assert!(!said(&denied));
}

fn added(dn: &str) -> Happening {
    security(
        5136,
        &[
            ("ObjectDN", dn),
            ("ObjectClass", "user"),
            ("AttributeLDAPDisplayName", "servicePrincipalName"),
            ("AttributeValue", PORTAL),
            ("OperationType", "%%14674"),
        ],
    )
}

#[test]
fn spn_17() {
    let kit = || {
        portal(POOL)
            .console("q.txt", &query(PORTAL, &[(SVC, &[PORTAL])]))
            .event(DC1, added(SVC))
            .events(DC2, 2, || ticket(PORTAL, "0x7"))
    };
    let judgement = kit().event(DC2, ticket("svc_web", "0x0")).judge();
    judgement
        .assert_found("SPN-17", Confirmed)
        .assert_not_found("MC-07")
        .assert_not_found("SPN-01");
    assert_eq!(
        judgement.of("SPN-17")[0].finding.current,
        crate::causes::Current::No
    );
    // The controller that was edited refuses as well: that is no replication.
    let both = kit().event(DC1, ticket(PORTAL, "0x7")).judge();
    both.assert_not_found("SPN-17");
    portal(POOL)
        .event(PC, kerberos_3(PORTAL, "0x7"))
        .judge()
        .assert_not_assessed("SPN-17");
}

#[test]
fn spn_17_only_where_the_news_can_still_be_under_way() {
    let kit = || portal(POOL).console("q.txt", &query(PORTAL, &[(SVC, &[PORTAL])]));
    let changed = || kit().event(DC1, added(SVC));
    // Neither issued a ticket: that anybody came to know the name is not seen.
    let fresh = changed().events(DC2, 2, || ticket(PORTAL, "0x7")).judge();
    fresh.assert_found("SPN-17", Likely);
    // Weeks later nothing is under way any more, and other answers are about something else.
    let old = changed().wait(60 * 24 * 40);
    old.events(DC2, 2, || ticket(PORTAL, "0x7"))
        .judge()
        .assert_not_found("SPN-17");
    for status in ["0x8", "0xe"] {
        let other = changed().events(DC2, 2, || ticket(PORTAL, status));
        other.judge().assert_not_found("SPN-17");
    }
    // It was taken away again, or another account holds it as well.
    let mut removed = added(SVC);
    removed.values[4].1 = "%%14675".into();
    changed()
        .event(DC1, removed)
        .events(DC2, 2, || ticket(PORTAL, "0x7"))
        .judge()
        .assert_not_found("SPN-17");
    changed()
        .console(
            "o.txt",
            &query(PORTAL, &[(SVC, &[PORTAL]), (OLD, &[PORTAL])]),
        )
        .events(DC2, 2, || ticket(PORTAL, "0x7"))
        .judge()
        .assert_not_found("SPN-17");
}

#[test]
fn mc_07_where_nobody_changed_the_name() {
    let judgement = portal(POOL)
        .console("q.txt", &query(PORTAL, &[(SVC, &[PORTAL])]))
        .event(DC2, ticket(PORTAL, "0x7"))
        .event(DC1, ticket("svc_web", "0x0"))
        .event(DC2, ticket(PORTAL, "0x7"))
        .judge();
    judgement
        .assert_found("MC-07", Possible)
        .assert_not_found("SPN-17");
}

#[test]
fn spn_15() {
    let other = "CN=svc_old,OU=Service,DC=fabrikam,DC=test";
    let here = |dn: &str, domain: &str| {
        format!(
            "C:\\>setspn -Q {PORTAL}\nChecking domain {domain}\n{dn}\n\t{PORTAL}\n\nExisting SPN found!\n"
        )
    };
    let kit = || {
        portal(POOL)
            .console("a.txt", &here(SVC, "DC=corp,DC=example"))
            .console("b.txt", &here(other, "DC=fabrikam,DC=test"))
    };
    let mut theirs = kerberos_4(PORTAL, "svc_web");
    theirs.values[3].1 = "FABRIKAM.TEST".into();
    kit()
        .judge()
        .assert_found("SPN-15", Likely)
        .assert_not_found("SPN-02");
    let judgement = kit()
        .event("FDC1.fabrikam.test", ticket("svc_old", "0x0"))
        .event("PC9.fabrikam.test", theirs)
        .judge();
    judgement.assert_found("SPN-15", Confirmed);
    // One search of one forest printed both.
    let trees = query(PORTAL, &[(SVC, &[PORTAL]), (other, &[PORTAL])]);
    portal(POOL)
        .console("q.txt", &trees)
        .judge()
        .assert_not_found("SPN-15");
    // Users of another realm than the holder's: who holds the name in their forest is not shown.
    let asked = |realm: &str| {
        let mut told = kerberos_4(PORTAL, "svc_web");
        told.values[3].1 = realm.into();
        portal(POOL)
            .console("q.txt", &query(PORTAL, &[(SVC, &[PORTAL])]))
            .event(PC, told)
            .judge()
    };
    asked("FABRIKAM.TEST").assert_not_assessed("SPN-15");
    asked("CORP.EXAMPLE").assert_ruled_out("SPN-15");
    // One holder is no such case.
    portal(POOL)
        .console("a.txt", &here(SVC, "DC=corp,DC=example"))
        .judge()
        .assert_not_found("SPN-15");
}

#[test]
fn spn_20() {
    let cluster = "CN=PORTAL,CN=Computers,DC=corp,DC=example";
    let held: &[&str] = &[
        "HOST/portal",
        "HOST/portal.corp.example",
        "MSClusterVirtualServer/PORTAL",
    ];
    let kit = || {
        portal(POOL).console(
            "q.txt",
            &(query("HOST/portal.corp.example", &[(cluster, held)]) + &query(PORTAL, &[])),
        )
    };
    only(&kit().judge(), "SPN-20", Possible);
    let judgement = kit().event(PC, kerberos_4(PORTAL, "svc_web")).judge();
    only(&judgement, "SPN-20", Likely);
    portal(POOL).judge().assert_not_assessed("SPN-20");
}

#[test]
fn spn_22() {
    let address = |host: &str, ip: &str| {
        format!(
            "C:\\>ipconfig /all\n\nWindows IP Configuration\n\n   Host Name . . . . . . . . . . . . : {host}\n   Primary Dns Suffix  . . . . . . . : corp.example\n\nEthernet adapter Ethernet0:\n\n   IPv4 Address. . . . . . . . . . . : {ip}(Preferred)\n"
        )
    };
    let dns = "C:\\>nslookup portal.corp.example\nServer:  dc1.corp.example\nAddress:  10.0.0.1\n\nName:    portal.corp.example\nAddress:  10.0.0.22\n\n";
    let kit = || {
        portal(MACHINE)
            .console("q.txt", &query(PORTAL, &[(WEB02, &[PORTAL])]))
            .console("WEB01/i.txt", &address("WEB01", "10.0.0.11"))
            .console("WEB02/i.txt", &address("WEB02", "10.0.0.22"))
    };
    let judgement = kit()
        .console("dns.txt", dns)
        .event(PC, kerberos_4(PORTAL, "web01$"))
        .judge();
    only(&judgement, "SPN-22", Confirmed);
    // Whether the name leads to the web server too, nothing shows.
    portal(MACHINE)
        .console("q.txt", &query(PORTAL, &[(WEB02, &[PORTAL])]))
        .console("WEB02/i.txt", &address("WEB02", "10.0.0.22"))
        .console("dns.txt", dns)
        .event(PC, kerberos_4(PORTAL, "web01$"))
        .judge()
        .assert_found("SPN-22", Possible);
    // The machine that the name leads to serves it as well: a farm.
    kit()
        .config(
            "WEB02/applicationHost.config",
            &server(MACHINE, "*:80:portal.corp.example"),
        )
        .console("dns.txt", dns)
        .judge()
        .assert_found("SPN-12", Likely)
        .assert_not_found("SPN-22");
    // It has a site of the name only to pass its requests on.
    let passes_on = config(
        "",
        &site("Portal", "*:80:portal.corp.example", "DefaultAppPool"),
        &windows("enabled=\"false\""),
        "<location path=\"Portal\"><system.webServer><rewrite><rules><rule name=\"all\"><match url=\".*\" /><action type=\"Rewrite\" url=\"http://farm/{R:0}\" /></rule></rules></rewrite></system.webServer></location>",
    );
    let before = kit()
        .config("WEB02/applicationHost.config", &passes_on)
        .console("dns.txt", dns)
        .event(PC, kerberos_4(PORTAL, "web01$"))
        .judge();
    before.assert_found("SPN-22", Confirmed);
    // Where DNS leads, nothing shows: another node, or an account of the past.
    kit()
        .judge()
        .assert_not_found("SPN-22")
        .assert_not_assessed("SPN-22");
}
