//! DG-06, DG-10, DG-11, DG-12, DG-13; and what is no second hop.

use super::*;
use crate::causes::Status;
use crate::testkit::system;

#[test]
fn dg_06_where_users_come_by_ntlm() {
    let list = format!("{{{DB}}}");
    let kit = |package: &'static str, control: &str| {
        front(true)
            .event(WEB, came("uma", package, "%%1833"))
            .event(WEB, refused())
            .console("a.txt", &listed(SVC, &list, "{}", control))
            .console("b.txt", &listed(SVC_SQL, "{}", "{}", TRUSTED_FOR_NOTHING))
    };
    kit("NTLM", TRUSTED_FOR_NOTHING)
        .judge()
        .assert_found("DG-06", Status::Confirmed)
        .assert_not_found("DG-13")
        .assert_ruled_out("DG-04");
    kit("Kerberos", TRUSTED_FOR_NOTHING)
        .judge()
        .assert_ruled_out("DG-06");
    kit("NTLM", ANY_PROTOCOL).judge().assert_ruled_out("DG-06");
    front(true)
        .event(WEB, came("uma", "NTLM", "%%1833"))
        .event(WEB, refused())
        .judge()
        .assert_not_assessed("DG-06");
}

#[test]
fn dg_10_says_so_in_words() {
    let event = || {
        system(
            "Microsoft-Windows-Kerberos-Key-Distribution-Center",
            25,
            &[
                ("", "svc_web"),
                ("", "CORP.EXAMPLE"),
                ("", "uma"),
                ("", "Windows Authorization Access Group"),
            ],
        )
    };
    front(true)
        .event(DC, event())
        .judge()
        .assert_found("DG-10", Status::Confirmed);
    // Another service's.
    let other = system(
        "Microsoft-Windows-Kerberos-Key-Distribution-Center",
        25,
        &[("", "svc_mail"), ("", "CORP.EXAMPLE"), ("", "uma")],
    );
    front(true)
        .event(DC, other)
        .judge()
        .assert_not_found("DG-10");
    front(true)
        .event(WEB, refused())
        .judge()
        .assert_not_assessed("DG-10");
}

#[test]
fn dg_11_is_only_ever_possible() {
    let files = || kerberos_3("cifs/files01.corp.example", "0xd");
    let list = "{cifs/files01.corp.example}";
    front(true)
        .event(WEB, by_kerberos())
        .event(WEB, files())
        .console("a.txt", &listed(SVC, list, "{}", TRUSTED_FOR_NOTHING))
        .judge()
        .assert_found("DG-11", Status::Possible)
        .assert_ruled_out("DG-04");
    front(true)
        .event(WEB, files())
        .judge()
        .assert_not_assessed("DG-11");
    front(true)
        .event(WEB, refused())
        .judge()
        .assert_not_found("DG-11");
}

#[test]
fn dg_12_by_the_connectors_list() {
    let connector = "CN=PROXY02,CN=Computers,DC=corp,DC=example";
    let list = format!("{{{NAME}}}");
    let kit = || {
        front(true).console(
            "a.txt",
            &listed(connector, &list, "{}", "userAccountControl : 16781312"),
        )
    };
    kit()
        .event(DC, asked("PROXY02$@CORP.EXAMPLE", NAME, "0xd"))
        .judge()
        .assert_found("DG-12", Status::Possible);
    kit().judge().assert_not_assessed("DG-12");
    front(true).judge().assert_not_found("DG-12");
}

/// Two servers of the bundle: the account that shows the users' tickets tells which one called the other.
#[test]
fn dg_07_without_the_addresses_of_the_servers() {
    const API: &str = "HTTP/api.corp.example";
    const BACK: &str = "CN=API01,CN=Computers,DC=corp,DC=example";
    let api = |pool_name: &str| {
        config(
            &pool(pool_name, "CORP\\svc_api"),
            &site("Api", "*:80:api.corp.example", pool_name),
            &windows("enabled=\"true\""),
            "",
        )
    };
    let kit = |by_pool: bool, asker: &'static str| {
        front(by_pool)
            .config("API01/applicationHost.config", &api("Api"))
            .silent("API01.corp.example", "System")
            .console("api.txt", &query(API, &[(BACK, &[API])]))
            .event(WEB, by_kerberos())
            .event(DC, asked(asker, API, "0xd"))
            .console("a.txt", &listed(SVC, "{}", "{}", TRUSTED_FOR_NOTHING))
            .console("b.txt", &listed(BACK, "{}", &format!("{{{MACHINE}}}"), ""))
    };
    let judgement = kit(true, "svc_web@CORP.EXAMPLE").judge();
    judgement.assert_found("DG-07", Status::Confirmed);
    let subject = &judgement.of("DG-07")[0].finding.subject;
    assert_eq!(subject.host.as_deref(), Some("WEB01"));
    // A proxy's connector, of which the bundle has nothing.
    kit(true, "PROXY02$@CORP.EXAMPLE")
        .judge()
        .assert_not_found("DG-07")
        .assert_not_assessed("DG-12");
    // Two servers run as that account: each may have asked, and its key opens the tickets at both.
    let twin = |by_pool: bool| {
        let attributes = format!("enabled=\"true\" useAppPoolCredentials=\"{by_pool}\"");
        let other = config(
            &pool("Portal", "CORP\\svc_web"),
            &site("Portal", "*:80:portal.corp.example", "Portal"),
            &windows(&attributes),
            "",
        );
        kit(by_pool, "svc_web@CORP.EXAMPLE")
            .config("WEB02/applicationHost.config", &other)
            .silent("WEB02.corp.example", "System")
            .judge()
    };
    twin(true).assert_found("DG-07", Status::Confirmed);
    let asks = twin(false);
    asks.assert_not_found("DG-07");
    let lacks = |lack: &String| lack.contains("addresses of the web servers");
    assert!(
        asks.not_assessed
            .iter()
            .any(|(c, lacking)| { c.id == "DG-07" && lacking.iter().any(|l| lacks(&l.what)) })
    );
}

#[test]
fn dg_13_needs_users_by_ntlm_and_nobody_at_the_back_end() {
    let kit = |package: &'static str| {
        front(true)
            .event(DC, own_ticket())
            .event(WEB, came("uma", package, "%%1833"))
            .event(SQL, nobody())
    };
    let judgement = kit("NTLM").judge();
    judgement.assert_found("DG-13", Status::Confirmed);
    kit("Kerberos").judge().assert_ruled_out("DG-13");
    front(true)
        .event(DC, own_ticket())
        .silent(WEB, "System")
        .event(SQL, nobody())
        .judge()
        .assert_not_assessed("DG-13");
}

/// Errors of a server about itself, null sessions of a server that passes nobody on, and tickets that were passed on are no
/// failures.
#[test]
fn what_is_no_second_hop() {
    let null = || {
        security(
            4624,
            &[
                ("TargetUserSid", "S-1-5-7"),
                ("TargetUserName", "ANONYMOUS LOGON"),
                ("TargetDomainName", "NT AUTHORITY"),
                ("LogonType", "3"),
                ("AuthenticationPackageName", "NTLM"),
                ("IpAddress", "10.0.0.5"),
            ],
        )
    };
    let quiet = front(true)
        .event(DC, own_ticket())
        .event(WEB, kerberos_3("host/web01.corp.example", "0xd"))
        .event(WEB, kerberos_3(NAME, "0xd"))
        .event(SQL, null())
        .event(DC, asked("uma@CORP.EXAMPLE", "svc_sql", "0x0"))
        .case();
    let failed = |kind: &crate::case::SymptomKind| {
        matches!(kind, crate::case::SymptomKind::SecondHop { .. })
    };
    assert!(!quiet.symptoms.iter().any(|s| failed(&s.kind)));
    assert_eq!(quiet.hops.len(), 1, "one that worked");
    // What the pool's account, or the server, asks for in its own name is nobody's second hop.
    let unmarked = |client: &str| {
        security(
            4769,
            &[
                ("TargetUserName", client),
                ("TargetDomainName", "CORP.EXAMPLE"),
                ("ServiceName", DB),
                ("TicketOptions", "0x40810000"),
                ("Status", "0xc"),
                ("IpAddress", "::ffff:10.0.0.5"),
                ("TransmittedServices", "-"),
            ],
        )
    };
    let by = |client: &str| {
        let kit = front(true).silent(WEB, "System").event(DC, own_ticket());
        kit.event(DC, unmarked(client)).case().hops.len()
    };
    assert_eq!(by("svc_web@CORP.EXAMPLE"), 0);
    assert_eq!(by("WEB01$@CORP.EXAMPLE"), 0);
    // A user's ticket that was forwarded bears the user's name.
    assert_eq!(by("uma@CORP.EXAMPLE"), 1);
    // Where an account of the server may delegate, nobody at the back end is its second hop.
    let passing = front(true)
        .event(DC, own_ticket())
        .console(
            "a.txt",
            &listed(SVC, &format!("{{{DB}}}"), "{}", TRUSTED_FOR_NOTHING),
        )
        .silent(WEB, "System")
        .event(SQL, null())
        .case();
    assert!(passing.symptoms.iter().any(|s| failed(&s.kind)));
}
