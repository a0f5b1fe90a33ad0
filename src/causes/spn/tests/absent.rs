//! Names that nobody holds: each with one reason, told by one cause.

use super::*;
use crate::causes::Status::{Confirmed, Likely, Possible};
use crate::testkit::{kerberos_3, query, security};

const REASONS: [&str; 6] = ["SPN-01", "SPN-09", "SPN-10", "SPN-11", "SPN-18", "NAME-06"];

#[track_caller]
fn only(judgement: &crate::causes::Judgement, cause: &str, status: crate::causes::Status) {
    judgement.assert_found(cause, status);
    for other in REASONS.iter().filter(|c| **c != cause) {
        judgement.assert_not_found(other);
    }
}

/// The portal, nobody holding its name, and what the pool's account holds instead.
fn instead(value: &str) -> Kit {
    portal(POOL)
        .console("q.txt", &query(PORTAL, &[]))
        .console("l.txt", &list("CORP\\svc_web", SVC, &[value]))
}

#[test]
fn spn_01() {
    let kit = || portal(POOL).console("q.txt", &query(PORTAL, &[]));
    only(&kit().judge(), "SPN-01", Likely);
    let judgement = kit()
        .event("PC7.corp.example", kerberos_3(PORTAL, "0x7"))
        .judge();
    only(&judgement, "SPN-01", Confirmed);
    let (fix, effect) = judgement.of("SPN-01")[0].fix.as_ref().unwrap();
    assert_eq!(fix.changes.len(), 1);
    assert!(!effect.is_empty());
    let told = kit().event("PC7.corp.example", ntlm_4020(PORTAL, "6"));
    only(&told.judge(), "SPN-01", Confirmed);
    portal(POOL).judge().assert_not_assessed("SPN-01");
    portal(POOL)
        .console("q.txt", &query(PORTAL, &[(SVC, &[PORTAL])]))
        .judge()
        .assert_ruled_out("SPN-01");
}

/// The users' forest was searched, and the server is of another one: there the name may be held.
#[test]
fn spn_01_is_not_proved_by_a_search_of_another_forest() {
    let asked = |root: &str| {
        let search = query(PORTAL, &[]).replace("DC=corp,DC=example", root);
        let kit = portal(MACHINE).console("PC7/q.txt", &search);
        kit.event("PC7.corp.example", kerberos_3(PORTAL, "0x7"))
            .judge()
    };
    only(&asked("DC=fabrikam,DC=example"), "SPN-01", Possible);
    only(&asked("DC=corp,DC=example"), "SPN-01", Confirmed);
}

/// People log on by Kerberos although nobody holds the name: DNS may lead them to another one.
#[test]
fn spn_01_where_kerberos_works_all_the_same() {
    let logon = |user: &str| {
        security(
            4624,
            &[
                ("TargetUserName", user),
                ("TargetDomainName", "CORP"),
                ("LogonType", "3"),
                ("LogonProcessName", "Kerberos"),
                ("AuthenticationPackageName", "Kerberos"),
            ],
        )
    };
    let kit = || portal(POOL).console("q.txt", &query(PORTAL, &[]));
    let seen = || kit().event("WEB01.corp.example", logon("uma"));
    only(&seen().judge(), "SPN-01", Possible);
    let asked = "C:\\>nslookup portal.corp.example\nServer:  dc1.corp.example\nAddress:  10.0.0.1\n\nName:    portal.corp.example\nAddress:  10.0.0.7\n";
    only(&seen().console("dns.txt", asked).judge(), "SPN-01", Likely);
    let computer = kit().event("WEB01.corp.example", logon("PC7$"));
    only(&computer.judge(), "SPN-01", Likely);
}

#[test]
fn spn_01_by_the_refusal_alone_may_be_a_duplicate() {
    let judgement = portal(POOL)
        .event("PC7.corp.example", kerberos_3(PORTAL, "0x7"))
        .judge();
    only(&judgement, "SPN-01", Possible);
}

/// Reason 6 is neither a duplicate (8) nor an address (7). Where a server's configuration is there, a name that it does not
/// have is not its trouble.
#[test]
fn spn_01_by_the_clients_reason_alone() {
    let told = Kit::new().event("PC7.corp.example", ntlm_4020(PORTAL, "6"));
    only(&told.judge(), "SPN-01", Likely);
    let elsewhere = portal(POOL).event(
        "PC7.corp.example",
        ntlm_4020("HTTP/proxy.corp.example", "6"),
    );
    only(&elsewhere.judge(), "SPN-01", Possible);
}

/// Trap 12: a search of one domain is no search of the forest.
#[test]
fn trap_12_a_domain_is_not_the_forest() {
    let domain = "C:\\>setspn -Q HTTP/portal.corp.example\nChecking domain DC=corp,DC=example\n\nNo such SPN found.\n";
    let kit = || {
        portal(POOL)
            .console("q.txt", domain)
            .event("PC7.corp.example", ntlm_4020(PORTAL, "6"))
    };
    only(&kit().judge(), "SPN-01", Likely);
    let refused = kit().event("PC7.corp.example", kerberos_3(PORTAL, "0x7"));
    only(&refused.judge(), "SPN-01", Confirmed);
    portal(POOL)
        .console(
            "q.txt",
            &format!("C:\\>setspn -Q {PORTAL}\nChecking domain DC=corp,DC=example\n{SVC}\n        {PORTAL}\n\nExisting SPN found!\n"),
        )
        .judge()
        .assert_not_assessed("SPN-02");
}

#[test]
fn a_refused_name_of_nobody_in_the_bundle_is_possible_at_most() {
    let judgement = portal(POOL)
        .console("q.txt", &query("HTTP/*", &[(SVC, &[PORTAL])]))
        .event(
            "PC7.corp.example",
            kerberos_3("HTTP/wpad.corp.example", "0x7"),
        )
        .judge();
    only(&judgement, "SPN-01", Possible);
}

#[test]
fn spn_09() {
    for value in [
        "http://portal.corp.example",
        "HTTP/portal.corp.example/app",
        "HTTPS/portal.corp.example",
        "HTTP/portal.corp.example@CORP.EXAMPLE",
        "HTTP/*.corp.example",
    ] {
        only(&instead(value).judge(), "SPN-09", Likely);
    }
    let seen = instead("HTTP/portal.corp.example/app")
        .event("PC7.corp.example", kerberos_3(PORTAL, "0x7"));
    only(&seen.judge(), "SPN-09", Confirmed);
    // The right value is there as well: the odd one does no harm.
    let both = portal(POOL)
        .console("q.txt", &query(PORTAL, &[(SVC, &[PORTAL])]))
        .console(
            "l.txt",
            &list(
                "CORP\\svc_web",
                SVC,
                &[PORTAL, "HTTP/portal.corp.example/app"],
            ),
        );
    both.judge().assert_ruled_out("SPN-09");
    only(
        &instead("HTTP/portal2.corp.example/app").judge(),
        "SPN-01",
        Likely,
    );
    portal(POOL).judge().assert_not_assessed("SPN-09");
}

#[test]
fn spn_18() {
    let judgement = instead("HTTP/portal.corp.example\u{200B}").judge();
    only(&judgement, "SPN-18", Likely);
    let steps = &judgement.of("SPN-18")[0].fix.as_ref().unwrap().0.remedy.fix;
    let by_hand = steps.iter().find(|s| s.says.contains("U+200B")).unwrap();
    assert!(
        by_hand.command.is_none(),
        "such a value stands in no command"
    );
    portal(POOL)
        .console("q.txt", &query(PORTAL, &[(SVC, &[PORTAL])]))
        .judge()
        .assert_ruled_out("SPN-18");
    portal(POOL).judge().assert_not_assessed("SPN-18");
}

/// Trap 15: works by one form of the name and not by the other, always.
#[test]
fn trap_15_spn_10() {
    let short = "HTTP/portal";
    let kit = || instead(short);
    only(&kit().judge(), "SPN-10", Likely);
    let seen = kit().event("PC7.corp.example", kerberos_3(PORTAL, "0x7"));
    only(&seen.judge(), "SPN-10", Confirmed);
    // The other way round, shown by a client's refusal and an administrator's look-up.
    let other = portal(POOL)
        .console(
            "q.txt",
            &(query(PORTAL, &[(SVC, &[PORTAL])]) + &query(short, &[])),
        )
        .event("PC7.corp.example", kerberos_3(short, "0x7"));
    only(&other.judge(), "SPN-10", Confirmed);
    // On another account the other form is no reason: both forms are wrong there.
    let elsewhere = portal(POOL)
        .console("q.txt", &query(PORTAL, &[]))
        .console("l.txt", &list("CORP\\svc_old", OLD, &[short]));
    only(&elsewhere.judge(), "SPN-01", Likely);
    portal(POOL).judge().assert_not_assessed("SPN-10");
}

#[test]
fn spn_11_both_ways() {
    let with_port = "HTTP/portal.corp.example:8080";
    let kit = || web01(POOL, "*:8080:portal.corp.example");
    let only_with = || {
        kit()
            .console("q.txt", &query(PORTAL, &[]))
            .console("l.txt", &list("CORP\\svc_web", SVC, &[with_port]))
    };
    only(&only_with().judge(), "SPN-11", Likely);
    let seen = only_with().event("PC7.corp.example", kerberos_3(PORTAL, "0x7"));
    only(&seen.judge(), "SPN-11", Confirmed);
    let only_without = || kit().console("q.txt", &query(PORTAL, &[(SVC, &[PORTAL])]));
    let refused = || only_without().event("PC7.corp.example", kerberos_3(with_port, "0x7"));
    only(&refused().judge(), "SPN-11", Likely);
    let searched = refused().console("q2.txt", &query(with_port, &[]));
    only(&searched.judge(), "SPN-11", Confirmed);
    only_without().judge().assert_ruled_out("SPN-11");
    kit().judge().assert_not_assessed("SPN-11");
}

#[test]
fn ntlm_logons_of_the_refused_user_are_explained() {
    let logon = |user: &str| {
        crate::testkit::security(
            4624,
            &[
                ("TargetUserName", user),
                ("TargetDomainName", "CORP"),
                ("LogonType", "3"),
                ("LogonProcessName", "NtLmSsp "),
                ("AuthenticationPackageName", "NTLM"),
                ("LmPackageName", "NTLM V2"),
            ],
        )
    };
    let unexplained = |user: &str| {
        // Another name of the site works, so that NTLM is not due for everyone.
        portal(POOL)
            .console("q.txt", &query(PORTAL, &[(SVC, &[PORTAL])]))
            .event("PC7.corp.example", ntlm_4020("HTTP/10.0.0.7", "7"))
            .event("WEB01.corp.example", logon(user))
            .judge()
            .unexplained
            .len()
    };
    assert_eq!(unexplained("uma"), 0);
    assert_eq!(unexplained("someone.else"), 1);
}

#[test]
fn spn_01_is_past_once_the_name_was_registered() {
    let added = |value: &str| {
        crate::testkit::security(
            5136,
            &[
                ("ObjectDN", SVC),
                ("ObjectClass", "user"),
                ("AttributeLDAPDisplayName", "servicePrincipalName"),
                ("AttributeValue", value),
                ("OperationType", "%%14674"),
            ],
        )
    };
    let kit = || portal(POOL).event("PC7.corp.example", kerberos_3(PORTAL, "0x7"));
    let judgement = kit().event("DC1.corp.example", added(PORTAL)).judge();
    only(&judgement, "SPN-01", Confirmed);
    let past = &judgement.of("SPN-01")[0].finding;
    assert_eq!(past.current, crate::causes::Current::No);
    assert_eq!(judgement.root_causes.len(), 1, "it explains what was seen");
    // Refused again afterwards: registering it has not helped, and the name is held now.
    kit()
        .event("DC1.corp.example", added(PORTAL))
        .event("PC7.corp.example", kerberos_3(PORTAL, "0x7"))
        .judge()
        .assert_not_found("SPN-01");
}

/// A search that finds nothing and a ticket for the same name are of different times.
#[test]
fn spn_01_against_a_ticket_in_a_cache() {
    let kit = || portal(MACHINE).console("q.txt", &query(PORTAL, &[]));
    kit()
        .judge()
        .assert_found("SPN-01", crate::causes::Status::Likely);
    let cache = format!(
        "C:\\>klist\n\nCurrent LogonId is 0:0x5e3d69\n\nCached Tickets: (1)\n\n#0>     Client: uma @ CORP.EXAMPLE\n        Server: {PORTAL} @ CORP.EXAMPLE\n        KerbTicket Encryption Type: AES-256-CTS-HMAC-SHA1-96\n        Ticket Flags 0x40a10000 -> forwardable renewable pre_authent name_canonicalize\n        Start Time: 5/7/2024 9:25:12 (local)\n        End Time:   5/7/2024 19:22:12 (local)\n        Renew Time: 5/14/2024 9:22:12 (local)\n        Session Key Type: AES-256-CTS-HMAC-SHA1-96\n"
    );
    kit()
        .console("klist.txt", &cache)
        .judge()
        .assert_found("SPN-01", crate::causes::Status::Possible);
}

/// A search of one domain says nothing of another, and the refusal may mean that no way leads there.
#[test]
fn spn_01_not_where_only_another_domain_was_searched() {
    let asked_in = |domain: &str| {
        query(PORTAL, &[])
            .replace("-F -Q", "-Q")
            .replace("forest DC=corp,DC=example", &format!("domain {domain}"))
    };
    let kit = |asked: &str| {
        portal(POOL)
            .silent("DC9.other.example", "Security")
            .console("q.txt", asked)
            .event("PC7.other.example", kerberos_3(PORTAL, "0x7"))
    };
    let elsewhere = kit(&asked_in("DC=other,DC=example")).judge();
    only(&elsewhere, "SPN-01", Possible);
    let at_home = kit(&asked_in("DC=corp,DC=example")).judge();
    only(&at_home, "SPN-01", Confirmed);
}
