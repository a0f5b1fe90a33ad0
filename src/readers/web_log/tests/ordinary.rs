//! Lines that are only glanced at are read as if they had been read in full.

use super::*;
use crate::bundle::text::LINE_CHARS;

const HEADERS: [&str; 6] = [
    "#Fields: date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(User-Agent) sc-status sc-substatus sc-win32-status time-taken",
    "#Fields: date time s-sitename s-computername cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs-version cs(User-Agent) cs-host sc-status sc-substatus sc-win32-status cs-bytes time-taken X-Forwarded-For",
    "#Fields: time cs-method cs-uri-stem c-ip cs-username sc-status sc-win32-status",
    "#Fields: date time sc-status",
    "#Fields: date cs-uri-stem cs-uri-query cs-username c-ip sc-status c-port sc-substatus sc-win32-status",
    "#Fields: date time cs-method cs-uri-stem c-ip",
];

/// A value of a column: mostly what stands there, now and then something else.
fn value(column: &str, dice: &[u8; 3]) -> &'static str {
    let of: &[&str] = match column {
        "date" => &[
            "2026-03-02",
            "2026-03-02",
            "2026-03-02",
            "2026-03-03",
            "-",
            "x",
        ],
        "time" => &[
            "08:00:01", "08:00:01", "08:00:02", "08:09:59", "23:59:59", "00:00:01", "-", "8:0",
        ],
        "s-sitename" => &["W3SVC1", "W3SVC1", "W3SVC2", "-", "MSFTPSVC1"],
        "s-port" => &["80", "80", "443", "-", "70000"],
        "cs-host" => &["shop.example", "shop.example", "Shop.example:80", "-", "b"],
        "cs-uri-stem" => &["/a", "/a", "/b", "/(S(x))/a", "-"],
        "cs-uri-query" => &["-", "-", "q=1", "ReturnUrl=%2f", "xreturnURL=", "returnurl"],
        "cs-username" => &["-", "uma", "uma", "bob", "-"],
        "c-ip" => &["10.0.0.7", "10.0.0.7", "10.0.0.8", "::1%3", "-"],
        "cs(User-Agent)" | "X-Forwarded-For" => &["A", "A", "B", "-"],
        "sc-status" => &[
            "200", "200", "401", "401", "304", "404", "403", "500", "0200", "503", "400", "-", "x",
        ],
        "sc-substatus" => &["0", "2", "1", "19", "-"],
        "sc-win32-status" => &[
            "0",
            "0",
            "5",
            "2148074254",
            "2148074252",
            "21480742540000",
            "-1",
            "-",
        ],
        _ => &["1", "2", "-"],
    };
    of[usize::from(dice[0] ^ dice[1] ^ dice[2]) % of.len()]
}

/// A line of a log, by what the header before it names.
fn line(columns: &[&str], kind: u8, dice: &[[u8; 3]]) -> Vec<u8> {
    let values = columns.iter().zip(dice.iter().cycle());
    let mut values: Vec<&str> = values.map(|(column, dice)| value(column, dice)).collect();
    let odd = dice.first().map_or(0, |dice| usize::from(dice[0])) % values.len().max(1);
    match kind {
        0 => values.truncate(odd),
        1 => values.insert(odd, "more"),
        2 => values.insert(odd, ""),
        3 => values.splice(odd..odd + 1, [""]).for_each(drop),
        4 => values.push("\0\0\0"),
        5 => values.splice(odd..odd + 1, ["M\u{fc}ller"]).for_each(drop),
        _ => {}
    }
    let mut line = values.join(" ").into_bytes();
    match kind {
        6 => line.insert(odd, 0xFC),
        7 => line.extend([0, 0, 0x1A]),
        8 => line.insert(0, 0),
        _ => {}
    }
    line
}

fn log() -> impl Strategy<Value = Vec<u8>> {
    let dice = || prop::collection::vec(any::<[u8; 3]>(), 1..20);
    let row = (0u8..40, 0usize..30, dice());
    (0usize..9, prop::collection::vec(row, 0..80)).prop_map(|(first, rows)| {
        let begins = |header: usize| HEADERS.get(header).copied().unwrap_or(HEADERS[0]);
        let name = |header: &'static str| -> Vec<&str> { header.split(' ').skip(1).collect() };
        let (mut columns, mut log) = (name(HEADERS[0]), Vec::new());
        if first < 8 {
            columns = name(begins(first));
            log.extend(begins(first).as_bytes());
            log.extend(b"\r\n");
        }
        for (kind, other, dice) in rows {
            match (kind, other) {
                (0, _) => {
                    columns = name(begins(other));
                    log.extend(begins(other).as_bytes());
                }
                (1, 0..15) => log.extend(b"#Date: 2026-03-01 00:00:00"),
                (2, 0..5) => {}
                (kind, _) => log.extend(line(&columns, kind.saturating_sub(3), &dice)),
            }
            log.extend(b"\r\n");
        }
        log
    })
}

/// What comes of a log, whichever way it is read.
fn told(lines: io::Result<Lines>, pass: Pass, sizes: Option<Sizes>) -> String {
    let mut lines = lines.unwrap();
    let reading = fold(ArtifactId(7), &mut lines, pass, sizes).unwrap();
    let (cut, encodings) = (lines.cut_lines(), lines.encodings());
    format!("{reading:#?} {cut:?} {encodings:?}")
}

/// Has every line read by itself.
fn none(_: &mut w3c::Reader, _: u32, _: &[u8], _: &mut Fold, _: &mut Skipped) -> (u32, usize) {
    (0, 0)
}

#[test]
fn most_lines_are_passed_at_once() {
    let lines = ["00:01 GET /a uma 10.0.0.7 200 0 0"; 20];
    let text = super::log(&lines);
    let mut lines = Lines::of(text.as_bytes()).unwrap();
    let mut requests = Requests::of(&mut lines).unwrap();
    let mut fold = Fold::new(ArtifactId(7), Format::W3c);
    let mut skipped = Skipped::new(ArtifactId(7));
    while let Some((number, line)) = lines.next_line().unwrap() {
        assert!(line.starts_with('#'), "the rest is passed");
        assert!(requests.request(number, line, &mut skipped).is_none());
        let (number, text) = lines.ahead();
        let (passed, bytes) = requests.w3c.pass(number, text, &mut fold, &mut skipped);
        lines.pass(passed, bytes);
    }
    assert_eq!(fold.requests, 20);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn a_glance_is_enough(log in log()) {
        let passed = told(Lines::of(&log), w3c::Reader::pass, None);
        prop_assert_eq!(passed, told(Lines::of(&log), none, None));
    }

    #[test]
    fn shares_say_the_same(log in log(), share in 1u64..400, behind in 0u64..200, threads in 1usize..4) {
        let sizes = Sizes { share, behind, threads };
        let lines = || Lines::in_blocks(&log, 300, 90);
        let shared = told(lines(), w3c::Reader::pass, Some(sizes));
        prop_assert_eq!(shared, told(lines(), none, None));
    }
}

#[test]
fn lines_that_are_too_long_are_so_whoever_reads_them() {
    let longest = LINE_CHARS;
    for length in [
        longest - 1,
        longest,
        longest + 1,
        longest + 40,
        longest + 90,
    ] {
        let begin = "2026-03-02 08:00:01 /";
        let line = format!("{begin}{} 200", "a".repeat(length - begin.len() - 4));
        assert_eq!(line.len(), length);
        let short = "2026-03-02 08:00:01 / 200\n".repeat(20);
        let log = format!("#Fields: date time cs-uri-stem sc-status\n{short}{line}\n{short}");
        let lines = || Lines::in_blocks(log.as_bytes(), 300, longest);
        let sizes = Sizes {
            share: 200_000,
            behind: 200_000,
            threads: 2,
        };
        let slowly = told(lines(), none, None);
        assert_eq!(told(lines(), w3c::Reader::pass, None), slowly, "{length}");
        let shared = told(lines(), w3c::Reader::pass, Some(sizes));
        assert_eq!(shared, slowly, "{length}");
        let whole = slowly.contains("200: 41");
        assert_eq!(whole, length <= longest, "{length}: {slowly}");
    }
}

#[test]
fn an_empty_line_is_none_whoever_reads_it() {
    let log = b"#Fields: sc-status\n200\n\n401\n";
    let passed = told(Lines::of(log), w3c::Reader::pass, None);
    assert_eq!(passed, told(Lines::of(log), none, None));
    assert!(
        passed.contains("count: 2") && passed.contains("problems: []"),
        "{passed}"
    );
}

#[test]
fn a_log_is_taken_in_shares() {
    let row = "2026-03-02 08:00:01 GET /a uma 10.0.0.7 200 0 0\r\n";
    let header = "#Fields: date time cs-method cs-uri-stem cs-username c-ip sc-status sc-substatus sc-win32-status\r\n";
    let text = format!("{header}{}", row.repeat(400));
    let mut lines = Lines::in_blocks(text.as_bytes(), 300, 90).unwrap();
    let mut requests = Requests::of(&mut lines).unwrap();
    let mut fold = Fold::new(ArtifactId(7), Format::W3c);
    let mut skipped = Skipped::new(ArtifactId(7));
    let sizes = Sizes {
        share: 500,
        behind: 60,
        threads: 3,
    };
    loop {
        let (number, text) = lines.ahead();
        let (passed, bytes) = requests.w3c.pass(number, text, &mut fold, &mut skipped);
        lines.pass(passed, bytes);
        if lines.not_at_hand().is_some() {
            break;
        }
        let (number, line) = lines.next_line().unwrap().unwrap();
        if let Some(request) = requests.request(number, line, &mut skipped) {
            fold.take(&request, None);
        }
    }
    let before = fold.requests;
    let mut shares = Shares::new(sizes);
    let passed = shares::pass(
        &mut shares,
        &mut lines,
        &mut requests.w3c,
        &mut fold,
        &mut skipped,
    );
    assert!(passed.is_ok());
    assert!(
        before < 10 && fold.requests == 400,
        "{before} {}",
        fold.requests
    );
    assert!(lines.next_line().unwrap().is_none());
}
