//! Headers, lines and formats in all their variants.

use super::*;
use crate::evidence::When;

#[test]
fn headers_in_any_order_and_in_mid_file() {
    let text = "#Date: 2026-03-02 23:59:00\n\
        #Fields: time cs-method cs-uri-stem c-ip sc-status sc-substatus sc-win32-status \n\
        #Software: Microsoft Internet Information Services 6.0\n\
        #Version: 1.0\n\
        23:59:59 GET /a 10.0.0.7 401 2 5\n\
        00:00:01 GET /a 10.0.0.8 401 2 5\n\
        #Software: Microsoft Internet Information Services 10.0\n\
        #Fields: date time s-sitename s-computername s-port c-ip cs-method cs-uri-stem sc-status sc-substatus sc-win32-status cs-bytes\n\
        2026-03-04 08:00:00 W3SVC20 WEB01 8080 fe80::1%3 GET /b 401 2 5 300\n";
    let Reading {
        records,
        count,
        problems,
        ..
    } = reading(text);
    assert_eq!((count, problems), (3, vec![]));
    assert_eq!(records.served.len(), 2);
    let (old, new) = (&records.served[0], &records.served[1]);
    assert_eq!(old.first.map(shown), Some("2026-03-02T23:59:59Z".into()));
    assert_eq!(old.last.map(shown), Some("2026-03-03T00:00:01Z".into()));
    assert_eq!(new.at.site_id, Some(20));
    assert_eq!(new.at.computer.as_deref(), Some("WEB01"));
    assert_eq!(new.at.port, Some(8080));
    assert_eq!(&*new.exchanges[0].caller.client, "fe80::1%3");
}

fn shown(when: When) -> String {
    match when {
        When::Utc(time) => time.to_string(),
        When::Local(time) => format!("{time} local"),
    }
}

#[test]
fn no_date_is_no_time() {
    let text = "#Fields: time cs-method cs-uri-stem c-ip sc-status sc-substatus sc-win32-status\n\
        08:00:00 GET /a 10.0.0.7 401 2 5\n";
    let records = reading(text).records;
    assert_eq!(records.served[0].first, None);
    assert_eq!(records.served[0].exchanges[0].count, 1);
}

#[test]
fn lines_that_were_cut_or_do_not_fit() {
    let text = format!(
        "{}2026-03-02 08:00:02 10.0.0.1 GET /a - 80 - 10.0.0.7 Agent 401 1 21480742540000 5\n\
         2026-03-02 08:00:03 10.0.0.1 GET /a b c d e f g - 80 - 10.0.0.7 Agent 401 2 5 5\n\
         2026-03-02 08:00:04 10.0.0.1 GET /a - 80  CORP\\uma 10.0.0.7 Agent 200 0 0 5\n\
         2026-03-02 08:00:05 10.0.0.1 GET /a - 80  10.0.0.7 Agent 200 0 0 5\n\
         2026-03-02 08:00:06 10.0.0.1 GET /a...\n\
         2026-03-02 08:0\0\0\0\0",
        log(&["00:01 GET /a - 10.0.0.7 401 2 5"])
    );
    let Reading {
        records,
        count,
        problems,
        ..
    } = reading(&text);
    assert_eq!(count, 4);
    let places: Vec<&Place> = problems.iter().map(|p| &p.place).collect();
    assert_eq!(
        places,
        [
            &Place::Line(3),
            &Place::Line(4),
            &Place::Line(7),
            &Place::Line(8)
        ],
        "{problems:?}"
    );
    assert_eq!(records.served[0].by_status.get(&401), Some(&2));
    assert_eq!(records.served[0].signed_in, 1, "a blank before the name");
}

#[test]
fn an_excerpt_without_its_header() {
    let text = log(&["00:01 GET /a - 10.0.0.7 401 2 5"]);
    let excerpt = text.strip_prefix(FIELDS).unwrap();
    let Reading {
        count, problems, ..
    } = reading(excerpt);
    assert_eq!(count, 1);
    assert_eq!(problems.len(), 1);
    let later = format!("garbage\n{text}");
    let Reading {
        count, problems, ..
    } = reading(&later);
    assert_eq!((count, problems.len()), (1, 1));
}

#[test]
fn logs_of_other_services() {
    let ftp = "#Fields: date time c-ip cs-username s-ip s-port cs-method cs-uri-stem sc-status sc-win32-status sc-substatus x-session x-fullpath\n\
        2026-03-02 08:00:01 10.0.0.7 - 10.0.0.1 21 USER anonymous 331 0 0 abc -\n";
    let smtp = "#Fields: date time s-sitename c-ip cs-method cs-uri-stem sc-status\n\
        2026-03-02 08:00:01 SMTPSVC1 10.0.0.7 HELO - 250\n";
    let no_status = "#Fields: date time c-ip cs-method cs-uri-stem\n\
        2026-03-02 08:00:01 10.0.0.7 GET /a\n";
    for text in [ftp, smtp, no_status] {
        let Reading {
            count, problems, ..
        } = reading(text);
        assert_eq!((count, problems.len()), (0, 1), "{text}");
    }
}

#[test]
fn the_other_formats() {
    let iis = "10.0.0.7, -, 03/02/26, 7:55:20, W3SVC2, WEB01, 10.0.0.1, 2, 163, 3223, 401, 5, GET, /a.gif, -,\r\n\
        10.0.0.7, CORP\\uma, 03/02/26, 7:55:20, W3SVC2, WEB01, 10.0.0.1, 2, 163, 3223, 200, 0, GET, /a.gif, a=1,2, -,\r\n\
        10.0.0.8, CORP\\uma, 12/31/99, 7:55:20, W3SVC2\r\n";
    let Reading {
        records,
        count,
        problems,
        ..
    } = reading(iis);
    assert_eq!((count, problems.len()), (2, 1));
    assert_eq!(records.format, Format::Iis);
    let served = &records.served[0];
    assert_eq!(
        served.first.map(shown),
        Some("2026-03-02T07:55:20 local".into())
    );
    assert_eq!((served.at.site_id, served.signed_in), (Some(2), 1));
    assert_eq!(
        served.exchanges[0].from[0].time, None,
        "local times are of no known zone"
    );

    let ncsa = "10.0.0.7 - - [02/Mar/2026:08:00:01 +0100] \"GET /a.htm?x=1 HTTP/1.1\" 401 3401\n\
        10.0.0.7 - CORP\\uma [02/Mar/2026:08:00:01 +0100] \"GET /a.htm?x=1 HTTP/1.1\" 200 3401 \"-\" \"Agent \\\"x\\\" 500\"\n\
        nothing of the kind\n";
    let Reading {
        records,
        count,
        problems,
        ..
    } = reading(ncsa);
    assert_eq!((count, problems.len()), (2, 1));
    assert_eq!(records.format, Format::Ncsa);
    assert_eq!(
        records.served[0].first.map(shown),
        Some("2026-03-02T07:00:01Z".into())
    );
    assert_eq!(records.served[0].exchanges[0].ended, Ended::SignedIn);
}

/// Connections of refused requests are kept, three of a kind and no more, whatever the column is called.
#[test]
fn the_ports_of_refused_clients_are_kept() {
    for column in ["c-port", "ClientPort", "REMOTE-PORT"] {
        let head = format!(
            "#Fields: date time cs-method cs-uri-stem cs-username c-ip sc-status sc-substatus sc-win32-status time-taken {column}\n"
        );
        let refused: String = (1..=5)
            .map(|n| {
                format!("2026-03-02 08:0{n}:01 GET /a - 10.0.0.7 401 1 2148074252 46 5052{n}\n")
            })
            .collect();
        let answered = "2026-03-02 08:09:01 GET /a - 10.0.0.7 401 2 5 1 50529\n2026-03-02 08:09:01 GET /a uma 10.0.0.7 200 0 0 1 50529\n";
        let unknown = "2026-03-02 08:10:01 GET /b - 10.0.0.7 401 1 2148074252 46 -\n2026-03-02 08:11:01 GET /b - 10.0.0.7 401 1 2148074252 46 0\n";
        let reading = reading(&(head + &refused + answered + unknown));
        let exchanges = reading.records.served.iter().flat_map(|s| &s.exchanges);
        let calls: Vec<_> = exchanges.flat_map(|e| &e.calls).collect();
        let peers: Vec<String> = calls.iter().map(|call| call.peer.to_string()).collect();
        assert_eq!(
            peers,
            ["10.0.0.7:50521", "10.0.0.7:50522", "10.0.0.7:50525"]
        );
        assert_eq!(calls[2].from.place, Place::Line(6));
        assert_eq!((calls[0].took, &calls[0].user), (Some(46), &None));
    }
}
