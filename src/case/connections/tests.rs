//! What is of one connection, and its look-alikes: another port, another machine, another time, another user.

use crate::case::{Attempts, Case, Symptom, SymptomKind};
use crate::testkit::{Happening, Kit, config, judge, pool, query, security, site, windows};

const WEB: &str = "WEB01.corp.example";
const DC: &str = "DC1.corp.example";
const FIELDS: &str = "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip sc-status sc-substatus sc-win32-status time-taken c-port\n";
const HEAD_ERR: &str = "#Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename\n";
/// LOGON_DENIED.
const DENIED: &str = "1 2148074252";

/// A line `time user client port sub-status win32 time-taken` of a 401.
fn line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    let [time, user, client, port, sub, win32, took] = words.as_slice() else {
        panic!("{text}");
    };
    format!(
        "2026-03-02 {time} 10.0.0.1 GET /a - 80 {user} {client} 401 {sub} {win32} {took} {port}\n"
    )
}

/// WEB01 with site Portal (7). What is written next comes at 08:01:00.
fn web01() -> Kit {
    let xml = config(
        &pool("Portal", "CORP\\svc_web"),
        &site("Portal", "*:80:portal.corp.example", "Portal"),
        &windows("enabled=\"true\""),
        "",
    );
    Kit::new()
        .config("WEB01/applicationHost.config", &xml)
        .silent(WEB, "System")
}

fn logged(kit: Kit, lines: &[&str]) -> Kit {
    let lines: String = lines.iter().map(|text| line(text)).collect();
    kit.web_log("WEB01/W3SVC7/u_ex260302.log", &(FIELDS.to_owned() + &lines))
}

/// uma, disabled, by NTLM.
fn refused(user: &str, ip: &str, port: &str) -> Happening {
    of_type(4625, user, ip, port)
}

fn of_type(id: u32, user: &str, ip: &str, port: &str) -> Happening {
    let values = [
        ("TargetUserName", user),
        ("TargetDomainName", "CORP"),
        ("Status", "0xc000006e"),
        ("SubStatus", "0xc0000072"),
        ("LogonType", "3"),
        ("AuthenticationPackageName", "NTLM"),
        ("WorkstationName", "PC7"),
        ("IpAddress", ip),
        ("IpPort", port),
    ];
    security(id, &values)
}

fn sign_ins(case: &Case) -> &Symptom {
    let failed = |s: &&Symptom| matches!(s.kind, SymptomKind::SignInFailed { .. });
    case.symptoms.iter().find(failed).unwrap()
}

fn users(case: &Case) -> Vec<&str> {
    let users = sign_ins(case).principals.iter();
    users.map(String::as_str).collect()
}

/// The steps of the attempt behind the failed sign-ins of the log: event, and by what it is joined.
fn told(case: &Case) -> Vec<(u32, Option<&'static str>)> {
    let names = case.client_names();
    let steps = Attempts::new(case, &names).behind(sign_ins(case));
    steps.iter().map(|s| (s.event.id, s.joined_by)).collect()
}

#[test]
fn the_user_of_a_refused_line_is_that_of_its_connection() {
    for (ip, client) in [
        ("10.0.0.7", "10.0.0.7"),
        ("::ffff:10.0.0.7", "10.0.0.7"),
        ("fe80::1", "fe80::1%4"),
    ] {
        let kit = web01().event(WEB, refused("uma", ip, "50522"));
        let lines = [
            format!("08:00:59 - {client} 50522 2 5 0"),
            format!("08:01:00 - {client} 50522 1 2148074254 1"),
            format!("08:01:00 - {client} 50522 {DENIED} 5"),
        ];
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        assert_eq!(users(&logged(kit, &lines).case()), ["CORP\\uma"], "{ip}");
    }
}

#[test]
fn what_is_of_another_connection_names_nobody() {
    let here = "08:01:00 - 10.0.0.7 50522 1 2148074252 5";
    let of = |computer: &str, happening: Happening, lines: &[&str]| {
        let case = logged(web01().event(computer, happening), lines).case();
        let named: Vec<String> = users(&case).into_iter().map(str::to_owned).collect();
        (named, told(&case))
    };
    let uma = |ip, port| refused("uma", ip, port);
    let nobody = (Vec::new(), Vec::new());
    assert_eq!(of(WEB, uma("10.0.0.7", "50522"), &[here]).0, ["CORP\\uma"]);
    for (computer, happening, line) in [
        (WEB, uma("10.0.0.7", "50523"), here),
        (WEB, uma("10.0.0.8", "50522"), here),
        (WEB, uma("10.0.0.7", "0"), here),
        (WEB, uma("10.0.0.7", "-"), here),
        ("WEB02.corp.example", uma("10.0.0.7", "50522"), here),
        // A logon is no refusal, and the port of a ticket's client is that of its connection to the KDC.
        (WEB, of_type(4624, "uma", "10.0.0.7", "50522"), here),
        (DC, of_type(4769, "uma", "10.0.0.7", "50522"), here),
        // A port that is used again, before and after.
        (
            WEB,
            uma("10.0.0.7", "50522"),
            "10:01:00 - 10.0.0.7 50522 1 2148074252 5",
        ),
        (
            WEB,
            uma("10.0.0.7", "50522"),
            "08:00:30 - 10.0.0.7 50522 1 2148074252 5",
        ),
        (
            WEB,
            uma("10.0.0.7", "50522"),
            "08:01:00 - 10.0.0.7 - 1 2148074252 5",
        ),
    ] {
        assert_eq!(
            of(computer, happening, &[line]),
            nobody,
            "{computer} {line}"
        );
    }
}

/// A proxy carries many users on one connection.
#[test]
fn two_users_on_one_connection_leave_open_whose_a_line_is() {
    let kit = |other: &str| {
        let kit = web01().event(WEB, refused("uma", "10.0.0.7", "50522"));
        let kit = kit.event(WEB, refused(other, "10.0.0.7", "50522"));
        logged(kit, &["08:02:00 - 10.0.0.7 50522 1 2148074252 70000"]).case()
    };
    assert_eq!(users(&kit("uma")), ["CORP\\uma"]);
    assert_eq!(users(&kit("bob")), [""; 0]);
}

#[test]
fn how_long_a_request_took_bounds_how_far_is_looked() {
    let users_of = |took: &str| {
        let line = format!("08:02:00 - 10.0.0.7 50522 {DENIED} {took}");
        let kit = web01().event(WEB, refused("uma", "10.0.0.7", "50522"));
        users(&logged(kit, &[&line]).case()).len()
    };
    assert_eq!((users_of("61000"), users_of("5")), (1, 0));
}

#[test]
fn the_story_of_a_line_is_that_of_its_connection() {
    let validated = [
        ("TargetUserName", "uma"),
        ("Workstation", "PC7"),
        ("Status", "0xc0000072"),
    ];
    let kit = web01()
        .event(WEB, refused("uma", "10.0.0.7", "50522"))
        .event(DC, security(4776, &validated));
    let case = logged(kit, &["08:01:00 - 10.0.0.7 50522 1 2148074252 5"]).case();
    let line = Some("address and port");
    let dc = Some("user and client");
    assert_eq!(told(&case), [(4625, None), (4625, line), (4776, dc)]);
    // Told of the refusal, the story is the same.
    let names = case.client_names();
    let attempts = Attempts::new(&case, &names);
    let refused = |s: &&Symptom| matches!(s.kind, SymptomKind::LogonFailed { .. });
    let symptom = case.symptoms.iter().find(refused).unwrap();
    assert_eq!(attempts.behind(symptom).len(), 3);
}

#[test]
fn a_logon_over_another_connection_is_another_attempt() {
    let steps = |port: &str| {
        let kit = web01()
            .event(WEB, refused("uma", "10.0.0.7", "50522"))
            .event(WEB, of_type(4624, "uma", "10.0.0.7", port));
        let case = kit.case();
        let names = case.client_names();
        let attempts = Attempts::new(&case, &names);
        let refused = |s: &&Symptom| matches!(s.kind, SymptomKind::LogonFailed { .. });
        case.symptoms
            .iter()
            .find(refused)
            .map(|s| attempts.behind(s).len())
    };
    assert_eq!(steps("50522"), Some(2));
    assert_eq!(steps("-"), Some(2), "as far as is known");
    assert_eq!(steps("50523"), Some(0));
}

#[test]
fn who_had_signed_in_on_a_connection_is_whose_header_was_too_long() {
    let users_of = |at: &str, port: &str| {
        let refusal = format!(
            "2026-03-02 {at} 10.0.0.7 {port} 10.0.0.1 80 HTTP/1.1 GET /a 400 - FieldLength -\n"
        );
        let case = web01()
            .event(WEB, of_type(4624, "uma", "10.0.0.7", "50522"))
            .http_err("WEB01/httperr1.log", &(HEAD_ERR.to_owned() + &refusal))
            .case();
        let long = |s: &&Symptom| matches!(s.kind, SymptomKind::HeaderTooLong(..));
        let symptom = case.symptoms.iter().find(long).unwrap();
        symptom.principals.iter().cloned().collect::<Vec<_>>()
    };
    assert_eq!(users_of("08:01:40", "50522"), ["CORP\\uma"]);
    assert_eq!(users_of("08:01:40", "50523"), [""; 0]);
    assert_eq!(users_of("11:01:40", "50522"), [""; 0]);
}

/// Whether what explains the refused logons explains the failed sign-ins of the log as well.
fn is_explained(port: &str, lines: &[&str]) -> bool {
    let kit = web01()
        .event(WEB, refused("uma", "10.0.0.7", port))
        .event(WEB, refused("uma", "10.0.0.7", port));
    let case = logged(kit, lines).case();
    let at = |wanted: fn(&SymptomKind) -> bool| {
        let found = case.symptoms.iter().position(|s| wanted(&s.kind));
        found.unwrap()
    };
    let logon = at(|kind| matches!(kind, SymptomKind::LogonFailed { .. }));
    let line = at(|kind| matches!(kind, SymptomKind::SignInFailed { .. }));
    let findings = judge(&case).findings;
    let explains = |f: &crate::causes::Judged, at| f.finding.explains.iter().any(|id| id.0 == at);
    assert!(findings.iter().any(|f| explains(f, logon)));
    findings
        .iter()
        .filter(|f| explains(f, logon))
        .any(|f| explains(f, line))
}

#[test]
fn a_refused_logon_explains_the_line_of_its_own_connection_alone() {
    let line = "08:02:00 - 10.0.0.7 50522 1 2148074252 5";
    assert!(is_explained("50522", &[line]));
    assert!(!is_explained("50523", &[line]));
    // Where either side does not say, client and time tell.
    assert!(is_explained("-", &[line]));
    let unsaid = "08:02:00 - 10.0.0.7 - 1 2148074252 5";
    assert!(is_explained("50523", &[unsaid]));
    // What another client meets beside it is not explained.
    let other = "08:02:30 - 10.0.0.9 50522 1 2148074252 5";
    assert!(!is_explained("50522", &[line, other]));
}

/// A password that was refused looks like a ticket that cannot be opened: one leg, LOGON_DENIED.
#[test]
fn a_refused_password_is_no_ticket() {
    let name = "HTTP/portal.corp.example";
    let holder = "CN=svc_web,OU=Service,DC=corp,DC=example";
    let here = "08:01:00 - 10.0.0.7 50522 1 2148074252 5";
    let confirmed = |port: &str, lines: &[&str]| {
        let kit = web01()
            .console("spn.txt", &query(name, &[(holder, &[name])]))
            .event(WEB, refused("uma", "10.0.0.7", port));
        let judgement = logged(kit, lines).judge();
        let found = judgement.of("SPN-05");
        found[0].status == crate::causes::Status::Confirmed
    };
    assert!(confirmed("-", &[here]));
    assert!(!confirmed("50522", &[here]));
    // Tickets that are refused leave no event.
    let another = "08:09:00 - 10.0.0.9 50522 1 2148074252 5";
    assert!(confirmed("50522", &[here, another]));
}
