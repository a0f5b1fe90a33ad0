//! What logs written by hand mean: every signature of `causes.md` 1.5 and the traps of section 10 that are about logs.

mod explained;
mod placed;

use super::*;
use crate::case::{Symptom, SymptomKind};
use crate::causes::noise;
use crate::testkit::{Kit, config, judge, pool, site, windows};

const FIELDS: &str = "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status sc-substatus sc-win32-status time-taken\n";
const HEAD_ERR: &str = "#Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename\n";
/// Where the log of site 7 on WEB01 stands.
const LOG: &str = "WEB01/LogFiles/W3SVC7/u_ex260302.log";

/// A log from lines `time method path user client status sub-status win32`.
fn log(lines: &[&str]) -> String {
    let mut text = FIELDS.to_owned();
    for line in lines {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [time, method, path, user, client, sc, sub, win32] = words.as_slice() else {
            panic!("{line}");
        };
        text += &format!(
            "2026-03-02 {time} 10.0.0.1 {method} {path} - 80 {user} {client} Agent {sc} {sub} {win32} 5\n"
        );
    }
    text
}

/// The same lines once a minute, `count` times, for the second `..:00` on.
fn each_minute(count: u32, lines: &[&str]) -> String {
    let all: Vec<String> = (0..count)
        .flat_map(|n| {
            let at = move |line: &&str| format!("08:{n:02}:0{line}");
            lines.iter().map(at).collect::<Vec<_>>()
        })
        .collect();
    log(&all.iter().map(String::as_str).collect::<Vec<_>>())
}

/// WEB01 with site Portal (7), its pool running as svc_web.
fn web01(attributes: &str) -> Kit {
    let xml = config(
        &pool("Portal", "CORP\\svc_web"),
        &site("Portal", "*:80:portal.corp.example", "Portal"),
        &windows(attributes),
        "",
    );
    Kit::new()
        .config("WEB01/applicationHost.config", &xml)
        .silent("WEB01.corp.example", "System")
}

fn on() -> Kit {
    web01("enabled=\"true\"")
}

fn case(text: &str) -> Case {
    on().web_log(LOG, text).case()
}

fn kinds(case: &Case) -> Vec<&SymptomKind> {
    case.symptoms.iter().map(|s| &s.kind).collect()
}

fn only(case: &Case) -> &Symptom {
    assert_eq!(case.symptoms.len(), 1, "{:?}", case.symptoms);
    &case.symptoms[0]
}

fn failed(sub_status: u16, win32: u32) -> SymptomKind {
    SymptomKind::SignInFailed {
        site: LoggedSiteId(0),
        sub_status: Some(sub_status),
        win32: Some(win32),
        own_address: false,
    }
}

#[test]
fn ordinary_legs_are_no_symptom() {
    let text = log(&[
        // Kerberos, a persisted connection, a token sent unasked.
        "08:00:01 GET /a - 10.0.0.7 401 2 5",
        "08:00:01 GET /a CORP\\uma 10.0.0.7 200 0 0",
        "08:00:02 GET /b CORP\\uma 10.0.0.7 200 0 0",
        "08:01:01 GET /a - 10.0.0.8 401 1 2148074254",
        "08:01:01 GET /a CORP\\bob 10.0.0.8 200 0 0",
        // A preflight, and a wrong password before the right one.
        "08:02:01 OPTIONS /api - 10.0.0.9 401 2 5",
        "08:02:05 OPTIONS /api - 10.0.0.9 401 2 5",
        "08:02:09 OPTIONS /api - 10.0.0.9 401 2 5",
        "08:03:01 GET /a - 10.0.0.7 401 2 5",
        "08:03:01 GET /a - 10.0.0.7 401 1 2148074252",
        "08:03:20 GET /a CORP\\uma 10.0.0.7 200 0 0",
        // Nobody's token that is never followed, of a caller who signs in otherwise.
        "08:04:01 GET /c - 10.0.0.7 401 1 2148074254",
        "08:05:01 GET /c - 10.0.0.7 401 1 2148074254",
        "08:06:01 GET /c - 10.0.0.7 401 1 2148074254",
        "08:07:01 GET /c CORP\\uma 10.0.0.7 404 0 2",
    ]);
    let case = case(&text);
    assert!(case.symptoms.is_empty(), "{:?}", kinds(&case));
    let noise: Vec<(&str, u64)> = noise::count(&case)
        .iter()
        .map(|met| (met.pattern.id, met.count))
        .collect();
    assert_eq!(noise, [("NZ-01", 1), ("NZ-05", 1), ("NZ-14", 3)]);
}

#[test]
fn health_checks_are_no_symptom() {
    let probes = each_minute(30, &["1 GET /health - 10.0.0.250 401 2 5"]);
    let found = case(&probes);
    assert!(found.symptoms.is_empty(), "{:?}", kinds(&found));
    assert_eq!(noise::count(&found)[0].pattern.id, "NZ-10");
    // The same count in a burst, then a pause: no machine.
    let burst = log(&[
        "08:00:01 GET /a - 10.0.0.7 401 2 5",
        "08:00:05 GET /a - 10.0.0.7 401 2 5",
        "08:00:11 GET /a - 10.0.0.7 401 2 5",
        "08:20:01 GET /a - 10.0.0.7 401 2 5",
        "09:20:01 GET /a - 10.0.0.7 401 2 5",
    ]);
    let found = case(&burst);
    assert_eq!(
        kinds(&found),
        [&SymptomKind::NobodySignsIn(LoggedSiteId(0))]
    );
    assert!(only(&found).is_failure());
}

#[test]
fn ntlm_is_told_by_its_legs_and_is_no_failure() {
    let text = each_minute(
        3,
        &[
            "1 GET /a - 10.0.0.7 401 2 5",
            "1 GET /a - 10.0.0.7 401 1 2148074254",
            "1 GET /a CORP\\uma 10.0.0.7 200 0 0",
        ],
    );
    let found = case(&text);
    let symptom = only(&found);
    assert_eq!(symptom.kind, SymptomKind::NtlmByLegs(LoggedSiteId(0)));
    assert_eq!((symptom.count, symptom.is_failure()), (3, false));
    let endpoint = &found.situation.endpoints[0];
    assert_eq!(found.observed(endpoint), Outcome::NtlmFallback);
    assert_eq!(found.observed_in_events(endpoint), Outcome::Unknown);
    // Accounts of the machine itself come by NTLM by design, and so does the machine to itself.
    for (user, client) in [
        ("WEB01\\local", "10.0.0.7"),
        ("CORP\\uma", "127.0.0.1"),
        ("CORP\\PC7$", "10.0.0.7"),
    ] {
        let text = text.replace("CORP\\uma", user).replace("10.0.0.7", client);
        assert!(case(&text).symptoms.is_empty(), "{user} from {client}");
    }
}

#[test]
fn the_size_of_the_token_speaks_too() {
    let fields = "#Fields: date time cs-method cs-uri-stem cs-username c-ip sc-status sc-substatus sc-win32-status cs-bytes\n";
    let legs = |bytes: u32, two: bool| {
        let token = if two {
            "2026-03-02 08:00:01 GET /a - 10.0.0.7 401 1 2148074254 480\n"
        } else {
            ""
        };
        let text = format!(
            "{fields}2026-03-02 08:00:01 GET /a - 10.0.0.7 401 2 5 400\n{token}2026-03-02 08:00:01 GET /a CORP\\uma 10.0.0.7 200 0 0 {bytes}\n"
        );
        let case = case(&text);
        case.logged_sites[0]
            .read()
            .next()
            .map(|(_, _, meaning)| meaning)
    };
    assert_eq!(legs(3400, false), Some(Meaning::OneLeg));
    assert_eq!(legs(1300, true), Some(Meaning::TwoLegs));
    assert_eq!(
        legs(500, false),
        Some(Meaning::SignedIn),
        "as Basic, or a pre-authenticated NTLM leg"
    );
    assert_eq!(
        legs(3400, true),
        Some(Meaning::SignedIn),
        "a ticket, and two legs"
    );
}

#[test]
fn every_refused_sign_in_says_its_status() {
    for code in [
        2_148_074_252,
        2_148_074_248,
        2_148_074_245,
        2_148_074_310,
        1326,
    ] {
        let refused = format!("1 GET /app/a - 10.0.0.7 401 1 {code}");
        let found = case(&each_minute(
            12,
            &["1 GET /app/a - 10.0.0.7 401 2 5", &refused],
        ));
        let symptom = only(&found);
        assert_eq!(symptom.kind, failed(1, code));
        assert_eq!(symptom.count, 12);
        assert_eq!(symptom.spread.paths, [("/app/a".to_owned(), 12)]);
        assert_eq!(symptom.spread.clients, [("10.0.0.7".to_owned(), 12)]);
        assert_eq!(
            symptom.first.map(|t| t.to_string()).as_deref(),
            Some("2026-03-02T08:00:01Z")
        );
        assert_eq!(
            found.observed(&found.situation.endpoints[0]),
            Outcome::Denied
        );
        let judged = judge(&found);
        assert_eq!(judged.unexplained.len(), 1, "a storm that nothing explains");
    }
}

#[test]
fn authorization_is_no_authentication() {
    let found = case(&log(&[
        "08:00:01 GET /a - 10.0.0.7 401 2 5",
        "08:00:01 GET /a CORP\\uma 10.0.0.7 401 3 5",
        "08:00:02 GET /b CORP\\uma 10.0.0.7 401 0 0",
        // The application's own challenge, to nobody.
        "08:00:03 GET /api - 10.0.0.9 401 0 0",
        // Permissions of the anonymous account, before a user is asked for.
        "08:00:04 GET /c - 10.0.0.8 401 3 5",
        "08:00:04 GET /c CORP\\bob 10.0.0.8 200 0 0",
    ]));
    assert_eq!(
        kinds(&found),
        [
            &SymptomKind::AccessRefused(LoggedSiteId(0), 0),
            &SymptomKind::AccessRefused(LoggedSiteId(0), 3)
        ]
    );
    assert!(found.symptoms[1].principals.contains("CORP\\uma"));
}

#[test]
fn tokens_that_no_second_follows() {
    let found = case(&each_minute(4, &["1 GET /a - 10.0.0.7 401 1 2148074254"]));
    assert_eq!(only(&found).kind, SymptomKind::TokensAlone(LoggedSiteId(0)));
    let few = case(&each_minute(2, &["1 GET /a - 10.0.0.7 401 1 2148074254"]));
    assert!(few.symptoms.is_empty());
}

#[test]
fn a_login_page_instead_of_401_is_said() {
    let text = format!(
        "{FIELDS}2026-03-02 08:00:01 10.0.0.1 GET /login.aspx ReturnUrl=%2f 80 - 10.0.0.7 Agent 200 0 0 5\n"
    );
    let found = case(&text);
    assert!(found.symptoms.is_empty());
    assert!(
        found.log_coverage()[0]
            .says
            .contains("1 requests came from a login page")
    );
}

#[test]
fn what_http_sys_refused() {
    let text = format!(
        "{HEAD_ERR}2026-03-02 08:00:01 10.0.0.7 50522 10.0.0.1 80 HTTP/1.1 GET /a 400 - FieldLength -\n\
        2026-03-02 08:00:02 10.0.0.7 50522 10.0.0.1 80 HTTP/1.1 GET /a 503 7 Disabled Portal\n\
        2026-03-02 08:00:03 10.0.0.7 50522 10.0.0.1 5357 HTTP/1.1 POST /x 503 - N/A -\n\
        2026-03-02 08:00:04 10.0.0.7 50522 10.0.0.1 80 HTTP/1.1 GET /a 400 - Hostname -\n\
        2026-03-02 08:00:05 10.0.0.7 50522 10.0.0.1 80 - - - - - Timer_ConnectionIdle -\n"
    );
    let found = on().http_err("WEB01/HTTPERR/httperr1.log", &text).case();
    let host = found.hosts.find("WEB01");
    assert_eq!(
        kinds(&found),
        [
            &SymptomKind::HeaderTooLong(host, "FieldLength".into()),
            &SymptomKind::PoolRefuses(host, "Portal".into(), "Disabled".into()),
        ]
    );
}

#[test]
fn users_behind_one_address_are_said() {
    let text = log(&[
        "08:00:01 GET /a - 10.0.0.2 401 2 5",
        "08:00:01 GET /a CORP\\uma 10.0.0.2 200 0 0",
        "08:00:11 GET /b - 10.0.0.2 401 2 5",
        "08:00:11 GET /b CORP\\bob 10.0.0.2 200 0 0",
        "08:00:21 GET /c - 10.0.0.2 401 2 5",
        "08:00:21 GET /c CORP\\eve 10.0.0.2 200 0 0",
    ]);
    let says = &case(&text).log_coverage()[0].says;
    assert!(says.contains("several users call from 10.0.0.2"), "{says}");
}

#[test]
fn kerberos_is_observed_where_nobody_comes_in_two_legs() {
    let text = log(&[
        "08:00:01 GET /a - 10.0.0.7 401 2 5",
        "08:00:01 GET /a CORP\\uma 10.0.0.7 200 0 0",
    ]);
    let found = case(&text);
    assert_eq!(
        found.observed(&found.situation.endpoints[0]),
        Outcome::Kerberos
    );
    let (_, says) = found
        .observed_by_legs(&found.situation.endpoints[0])
        .unwrap();
    assert!(says.contains("does not name the scheme"));
}
