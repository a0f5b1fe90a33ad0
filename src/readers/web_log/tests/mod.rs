//! Logs written by hand, every variant of the formats, and every real sample.

mod formats;
mod ordinary;

use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::evidence::Place;

const FIELDS: &str = "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status sc-substatus sc-win32-status time-taken\n";

fn reading(text: &str) -> Reading<WebLog> {
    super::read(ArtifactId(7), &mut Lines::of(text.as_bytes()).unwrap(), 1).unwrap()
}

/// Lines of a W3C log with the columns of [`FIELDS`], from `second method path user client status`.
fn log(lines: &[&str]) -> String {
    let mut text = FIELDS.to_owned();
    for line in lines {
        let words: Vec<&str> = line.split_whitespace().collect();
        let [second, method, path, user, client, sc, sub, win32] = words.as_slice() else {
            panic!("{line}");
        };
        text += &format!(
            "2026-03-02 08:{second} 10.0.0.1 {method} {path} - 80 {user} {client} Agent {sc} {sub} {win32} 5\n"
        );
    }
    text
}

/// `401.2.5 401.1.2148074254 SignedIn x1` for each row.
fn rows(text: &str) -> Vec<String> {
    let reading = reading(text);
    let rows = reading.records.served.iter().flat_map(|s| &s.exchanges);
    let mut shown: Vec<String> = rows
        .map(|e| {
            let code = |c: Option<u32>| c.map_or("-".to_owned(), |c| c.to_string());
            let legs: Vec<String> = e
                .legs
                .iter()
                .map(|l| {
                    format!(
                        "{}.{}.{}",
                        l.status,
                        code(l.sub_status.map(u32::from)),
                        code(l.win32)
                    )
                })
                .collect();
            let crossed = if e.crossed { " crossed" } else { "" };
            format!("{} {:?} x{}{crossed}", legs.join(" "), e.ended, e.count)
        })
        .collect();
    shown.sort();
    shown
}

#[test]
fn legs_of_one_url_are_one_exchange() {
    // Kerberos, then NTLM, then a token sent unasked, then nobody who answers the challenge.
    let text = log(&[
        "00:01 GET /k/a - 10.0.0.7 401 2 5",
        "00:01 GET /k/a CORP\\uma 10.0.0.7 200 0 0",
        "00:10 GET /n/a - 10.0.0.8 401 2 5",
        "00:10 GET /n/a - 10.0.0.8 401 1 2148074254",
        "00:11 GET /n/a CORP\\bob 10.0.0.8 304 0 0",
        "00:20 GET /p/a - 10.0.0.9 401 1 2148074254",
        "00:20 GET /p/a CORP\\eve 10.0.0.9 200 0 0",
        "00:30 GET /o/a - 10.0.0.10 401 2 5",
        "00:40 GET /o/a - 10.0.0.10 401 2 5",
    ]);
    assert_eq!(
        rows(&text),
        [
            "401.1.2148074254 SignedIn x1",
            "401.2.5 401.1.2148074254 SignedIn x1",
            "401.2.5 Open x2",
            "401.2.5 SignedIn x1",
        ]
    );
    let records = reading(&text).records;
    let exchanges = &records.served[0].exchanges;
    let ntlm = exchanges.iter().find(|e| e.legs.len() == 2).unwrap();
    assert_eq!(&*ntlm.caller.client, "10.0.0.8");
    assert!(ntlm.caller.signed_in);
    assert_eq!(&*ntlm.path, "/n");
    assert_eq!(ntlm.users.iter().next().map(|u| &**u), Some("CORP\\bob"));
    assert_eq!(ntlm.from[0].place, Place::Line(6));
    assert_eq!(
        &*ntlm.from[0].text,
        "GET /n/a 304.0 for 10.0.0.8, user CORP\\bob"
    );
    let open = exchanges.iter().find(|e| e.ended == Ended::Open).unwrap();
    assert!(!open.caller.signed_in);
    assert_eq!(&*open.path, "/o/a");
    assert_eq!(open.gaps, Some((10, 10)));
}

#[test]
fn refusals() {
    let text = log(&[
        "00:01 GET /a - 10.0.0.7 401 2 5",
        "00:01 GET /a - 10.0.0.7 401 1 2148074252",
        "00:02 GET /a - 10.0.0.7 401 2 5",
        "00:02 GET /a - 10.0.0.7 401 1 2148074254",
        "00:02 GET /a - 10.0.0.7 401 1 2148074252",
        "00:03 GET /a CORP\\uma 10.0.0.8 401 3 5",
        "00:04 GET /a CORP\\uma 10.0.0.8 401 0 0",
        "00:05 GET /a CORP\\uma 10.0.0.8 403 6 0",
        "00:06 GET /a - 10.0.0.8 500 19 33",
        "00:07 GET /a - 10.0.0.8 404 0 2",
    ]);
    assert_eq!(
        rows(&text),
        [
            "401.0.0 Refused(true) x1",
            "401.2.5 401.1.2148074252 Refused(false) x1",
            "401.2.5 401.1.2148074254 401.1.2148074252 Refused(false) x1",
            "401.3.5 Refused(true) x1",
            "403.6.0 Refused(true) x1",
            "500.19.33 Refused(false) x1",
        ]
    );
}

#[test]
fn a_slip_is_forgiven_and_a_storm_is_not() {
    let refused = "GET /a - 10.0.0.7 401 1 2148074252";
    let answered = "GET /a CORP\\uma 10.0.0.7 200 0 0";
    let recovered = |lines: &[String]| {
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        reading(&log(&lines)).records.served[0].exchanges[0].recovered
    };
    let slip = vec![format!("00:01 {refused}"), format!("00:30 {answered}")];
    assert_eq!(recovered(&slip), 1);
    let late = vec![format!("00:01 {refused}"), format!("20:00 {answered}")];
    assert_eq!(recovered(&late), 0);
    let mut storm: Vec<String> = (0..9).map(|n| format!("00:0{n} {refused}")).collect();
    storm.push(format!("00:30 {answered}"));
    assert_eq!(recovered(&storm), 0);
}

#[test]
fn legs_of_several_connections_are_not_mixed_up() {
    // The same URL by NTLM on several connections at once.
    let ntlm = log(&[
        "00:01 GET /a - 10.0.0.7 401 2 5",
        "00:01 GET /a - 10.0.0.7 401 2 5",
        "00:01 GET /a - 10.0.0.7 401 1 2148074254",
        "00:01 GET /a - 10.0.0.7 401 1 2148074254",
        "00:02 GET /a CORP\\uma 10.0.0.7 200 0 0",
        "00:02 GET /a CORP\\bob 10.0.0.7 200 0 0",
    ]);
    assert_eq!(rows(&ntlm), ["401.2.5 401.1.2148074254 SignedIn x2"]);
    // One by NTLM and one by Kerberos: whose the answer is, is not certain.
    let mixed = log(&[
        "00:01 GET /a - 10.0.0.7 401 2 5",
        "00:01 GET /a - 10.0.0.7 401 2 5",
        "00:01 GET /a - 10.0.0.7 401 1 2148074254",
        "00:01 GET /a CORP\\uma 10.0.0.7 200 0 0",
        "00:02 GET /a CORP\\bob 10.0.0.7 200 0 0",
    ]);
    assert_eq!(
        rows(&mixed),
        [
            "401.2.5 401.1.2148074254 SignedIn x1 crossed",
            "401.2.5 SignedIn x1"
        ]
    );
    // Legs that a load balancer gives two servers, or minutes between them.
    let apart = log(&[
        "00:01 GET /a - 10.0.0.7 401 2 5",
        "05:01 GET /a CORP\\uma 10.0.0.7 200 0 0",
    ]);
    assert_eq!(rows(&apart), ["401.2.5 Open x1"]);
}

#[test]
fn a_forwarding_header_tells_callers_apart_and_makes_no_one() {
    let text = "#Fields: date time cs-method cs-uri-stem cs-username c-ip sc-status sc-substatus sc-win32-status X-Forwarded-For Host\n\
        2026-03-02 08:00:01 GET /a - 10.0.0.2 401 2 5 192.0.2.7 Shop.corp.example:443\n\
        2026-03-02 08:00:01 GET /a CORP\\uma 10.0.0.2 200 0 0 192.0.2.8,10.0.0.3 Shop.corp.example:443\n\
        2026-03-02 08:00:02 GET /a CORP\\uma 10.0.0.9 200 0 0 192.0.2.7 Shop.corp.example:443\n";
    assert_eq!(rows(text), ["401.2.5 Open x1"]);
    let records = reading(text).records;
    let served = &records.served[0];
    assert_eq!(served.at.host.as_deref(), Some("shop.corp.example"));
    let caller = &served.exchanges[0].caller;
    assert_eq!(&*caller.client, "10.0.0.2");
    assert_eq!(caller.forwarded.as_deref(), Some("192.0.2.7"));
}

#[test]
fn the_size_of_a_token() {
    let text = "#Fields: date time cs-method cs-uri-stem cs-username c-ip sc-status sc-substatus sc-win32-status cs-bytes\n\
        2026-03-02 08:00:01 GET /a - 10.0.0.7 401 2 5 400\n\
        2026-03-02 08:00:01 GET /a CORP\\uma 10.0.0.7 200 0 0 4400\n";
    let exchange = &reading(text).records.served[0].exchanges[0];
    assert_eq!(exchange.header_bytes, Some((4000, 4000)));
}

#[test]
fn secrets_are_not_kept() {
    let text = "#Fields: date time cs-method cs-uri-stem cs-uri-query cs-username c-ip cs(Cookie) cs(Referer) sc-status sc-substatus sc-win32-status\n\
        2026-03-02 08:00:01 GET /(S(hushhush5145))/a token=hushhush - 10.0.0.7 session=hushhush http://x/?hushhush 401 2 5\n\
        2026-03-02 08:00:02 GET /login ReturnUrl=%2fhushhush - 10.0.0.7 - - 200 0 0\n";
    let records = reading(text).records;
    assert!(!format!("{records:?}").contains("hushhush"), "{records:?}");
    let pages = records.served[0].login_pages.values();
    assert_eq!(pages.map(|(count, _)| count).sum::<u64>(), 1);
    let told = retell(&mut Lines::of(text.as_bytes()).unwrap(), 1..=9).unwrap();
    assert_eq!(told.len(), 3);
    assert_eq!(
        told[1],
        (
            2,
            "2026-03-02 08:00:01 GET /(…)/a 401.2 for 10.0.0.7, Win32 status 5".to_owned()
        )
    );
    assert!(!format!("{:?}", told.get(1..)).contains("hushhush"));
}

#[test]
fn state_stays_small() {
    let mut text = FIELDS.to_owned();
    for n in 0..60_000u32 {
        text += &format!(
            "2026-03-02 08:00:01 10.0.0.1 GET /{n} - {} - 10.{}.{}.7 Agent{n} 401 1 {n} 5\n",
            n % 5000,
            n % 200,
            n / 300
        );
    }
    let Reading {
        records,
        count,
        problems,
        ..
    } = reading(&text);
    assert_eq!(count, 60_000);
    assert!(records.served.len() <= 256);
    let rows: usize = records.served.iter().map(|s| s.exchanges.len()).sum();
    assert!(rows <= 40_000, "{rows}");
    assert_eq!(problems.len(), 1, "what is left out is told");
}

#[test]
fn what_is_left_out_takes_no_room() {
    let mut text =
        "#Fields: date time cs-method cs-uri-stem c-ip sc-status sc-substatus\n".to_owned();
    let mut line = |path: &str, sub_status: u32| {
        text += &format!("2026-03-02 08:00:01 GET {path} 10.0.0.7 403 {sub_status}\n");
    };
    (0..1000).for_each(|sub_status| line("/", sub_status));
    (0..6000).for_each(|path| line(&format!("/p{path}"), 1000));
    line("/real", 0);
    let reading = reading(&text);
    let exchanges = &reading.records.served[0].exchanges;
    assert!(exchanges.iter().any(|exchange| &*exchange.path == "/real"));
    assert_eq!(exchanges.len(), 1001);
}

proptest! {
    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let _ = super::read(ArtifactId(0), &mut Lines::of(&bytes).unwrap(), 1).unwrap();
    }

    #[test]
    fn any_lines(lines in prop::collection::vec(
        prop::sample::select(vec![
            "#Fields: date time cs-method cs-uri-stem c-ip cs-username sc-status sc-substatus sc-win32-status",
            "#Fields: time sc-status", "#Fields:", "#Date: 2026-03-02 08:00:00", "#Date: x",
            "2026-03-02 08:00:01 GET /a 10.0.0.7 - 401 2 5",
            "2026-03-02 08:00:01 GET /a 10.0.0.7 - 401 1 2148074254",
            "2026-03-02 08:00:01 GET /a 10.0.0.7 uma 200 0 0",
            "9999-12-31 23:59:59 GET /a 10.0.0.7 uma 401 3 5",
            "0001-01-01 00:00:00 GET /a 10.0.0.7 - 401 1 1326",
            "2026-03-02 08:00:01 OPTIONS /(S(a))/ ::1%3 - 401 70000 -1",
            "10.0.0.7, -, 13/32/99, 7:55:20, W3SVC2, W, 10.0.0.1, 2, 1, 1, 401, 5, GET, /a, -,",
            "10.0.0.7 - - [02/Mar/2026:08:00:01 +9999] \"GET\" 401 -", " ", "\0",
        ]), 0..60)) {
        let text = lines.join("\n");
        let reading = reading(&text);
        let last = u32::try_from(lines.len()).unwrap();
        let cited = reading.records.served.iter().flat_map(|s| &s.exchanges).flat_map(|e| &e.from);
        for place in cited.map(|c| &c.place).chain(reading.problems.iter().map(|p| &p.place)) {
            let inside = match place {
                Place::Line(line) => (1..=last).contains(line),
                place => *place == Place::Whole,
            };
            prop_assert!(inside);
        }
        let rows: u64 = reading.records.served.iter().flat_map(|s| &s.exchanges).map(|e| e.count).sum();
        prop_assert!(rows <= reading.count);
    }
}

#[test]
fn every_sample() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples/iislog");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("skipped: {} is not here", folder.display());
        return;
    };
    let mut paths: Vec<_> = entries.filter_map(|e| Some(e.ok()?.path())).collect();
    paths.sort();
    let counts: Vec<String> = paths
        .iter()
        .map(|path| {
            let bytes = std::fs::read(path).unwrap();
            let reading = super::read(ArtifactId(0), &mut Lines::of(&bytes).unwrap(), 1).unwrap();
            let rows: u64 = reading
                .records
                .served
                .iter()
                .flat_map(|s| &s.exchanges)
                .map(|e| e.count)
                .sum();
            format!(
                "{}: {:?}, {} requests, {rows} refused, {} problems",
                file_name(path),
                reading.records.format,
                reading.count,
                reading.problems.len(),
            )
        })
        .collect();
    insta::assert_snapshot!(counts.join("\n"));
}

/// The name of a sample without the repository it was found in.
fn file_name(path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut parts: Vec<&str> = name.rsplit("__").take(2).collect();
    parts.truncate(if parts.len() > 1 && name.contains("W3SVC") {
        2
    } else {
        1
    });
    parts.reverse();
    parts.join("/")
}
