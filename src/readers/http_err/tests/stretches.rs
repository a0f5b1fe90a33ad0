//! Whatever lines are looked at together, and by whom, what comes out is what each line read by itself gives.

use super::super::header::INSTALLED;
use super::*;
use crate::bundle::text::LINE_CHARS;

const HEADERS: [&str; 5] = [
    "#Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename",
    "#Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri streamid sc-status s-siteid s-reason s-queuename",
    "#Fields: time c-ip c-port s-port cs-method cs-uri sc-status s-reason",
    "#Fields: date c-ip s-queuename s-reason",
    "#Fields: date time sc-status",
];

/// A value of a column: mostly what stands there, now and then something else.
fn value(column: &str, dice: usize) -> String {
    let of: &[&str] = match column {
        "date" => &[
            "2026-03-02",
            "2026-03-02",
            "2026-03-03",
            "9999-12-30",
            "-",
            "x",
        ],
        "time" => &["08:00:01", "08:00:02", "23:59:59", "00:00:01", "-", "8:0"],
        "c-ip" => {
            return ["10.0.0.", "fe80::", "10.0."][dice / 60 % 3].to_owned()
                + &(dice % 60).to_string();
        }
        "c-port" => &["50522", "50523", "50524", "-", "0", "70000"],
        "cs-uri" => &["/a", "/a?t=hush", "/(S(x))/a", "-", "/b#c"],
        "cs-method" => &["GET", "GET", "-", "POST"],
        "sc-status" => &["503", "503", "400", "-", "70000"],
        "s-siteid" => &["1", "1", "2", "-"],
        "s-reason" => &["AppOffline", "AppOffline", "QueueFull", "Müller", "-"],
        "s-queuename" => &["Shop", "Shop", "My Pool", "Shop TCP", "-"],
        _ => &["80", "443"],
    };
    of[dice % of.len()].to_owned()
}

fn log() -> impl Strategy<Value = Vec<u8>> {
    let row = (
        0usize..60,
        any::<u16>(),
        prop::collection::vec(any::<u8>(), 14),
    );
    (0usize..6, prop::collection::vec(row, 0..160)).prop_map(|(first, rows)| {
        let names = |header: usize| {
            let header = HEADERS.get(header).copied().unwrap_or(HEADERS[0]);
            (header, header.split(' ').skip(1).collect::<Vec<_>>())
        };
        let (header, mut columns) = names(first);
        let mut log = Vec::new();
        if first < 5 {
            log.extend(header.as_bytes());
            log.extend(b"\r\n");
        }
        for (kind, more, dice) in rows {
            let more = usize::from(more);
            let values = columns.iter().zip(&dice);
            let mut values: Vec<String> = values
                .map(|(column, dice)| value(column, usize::from(*dice)))
                .collect();
            let odd = more % values.len().max(1);
            match kind {
                0 => values.truncate(odd),
                1 => values.insert(odd, "more".to_owned()),
                2 => values.insert(odd, String::new()),
                3 => values.push("\0\0".to_owned()),
                _ => {}
            }
            let mut line = values.join(" ").into_bytes();
            match kind {
                4 => {
                    let (header, names) = names(more % 30);
                    columns = names;
                    line = header.as_bytes().to_vec();
                }
                5 => line = b"#Date: 2026-03-01 00:00:00".to_vec(),
                6 => line.clear(),
                7 => line.insert(odd, 0xFC),
                8 => line.extend(b" \t"),
                9 => line.insert(0, 0),
                10 => line.extend([0, 0x1A]),
                _ => {}
            }
            log.extend(line);
            log.extend::<&[u8]>(match kind {
                11 => b"\r",
                12 => b"\r\r\n",
                13 | 14 => b"\n",
                _ => b"\r\n",
            });
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
fn none(_: &mut Log, _: &mut Lines) {}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn any_log_says_the_same(log in log(), share in 1u64..2000, behind in 0u64..300, threads in 1usize..4) {
        let lines = || Lines::in_blocks(&log, 300, 200);
        let slowly = told(lines(), none, None);
        prop_assert_eq!(&told(lines(), Log::pass, None), &slowly);
        let sizes = Some(Sizes { share, behind, threads });
        prop_assert_eq!(&told(lines(), Log::pass, sizes), &slowly);
        prop_assert_eq!(&told(lines(), none, sizes), &slowly);
    }
}

#[test]
fn kinds_that_are_too_many_are_so_whoever_counts_them() {
    let kind = |number: usize| {
        format!(
            "2026-03-02 08:00:01 10.0.0.7 {number} 10.0.0.1 80 HTTP/1.1 GET /{number} 400 - R{number} -\n"
        )
    };
    let rows =
        [0..1500, 0..2100, 1990..2100, 0..10].map(|numbers| numbers.map(kind).collect::<String>());
    let log = format!("{}\n{}", HEADERS[0], rows.concat());
    let lines = || Lines::in_blocks(log.as_bytes(), 300, 70_000);
    let slowly = told(lines(), none, None);
    assert!(slowly.contains("too many kinds of refusals; 200 lines"));
    assert_eq!(told(lines(), Log::pass, None), slowly);
    for (share, threads) in [(5000, 3), (70_000, 2), (1 << 20, 1)] {
        let sizes = Sizes {
            share,
            behind: 200,
            threads,
        };
        assert!(told(lines(), Log::pass, Some(sizes)) == slowly, "{share}");
    }
}

#[test]
fn lines_that_are_too_long_are_so_whoever_reads_them() {
    for length in [LINE_CHARS - 1, LINE_CHARS, LINE_CHARS + 1, LINE_CHARS + 90] {
        let begin = "2026-03-02 10.0.0.7 Shop ";
        let line = format!("{begin}{}", "a".repeat(length - begin.len()));
        let short = "2026-03-02 10.0.0.7 Shop AppOffline\n".repeat(20);
        let log = format!("{}\n{short}{line}\n{short}", HEADERS[3]);
        let lines = || Lines::in_blocks(log.as_bytes(), 300, LINE_CHARS);
        let slowly = told(lines(), none, None);
        assert!(slowly.contains("count: 41"), "{length}");
        assert_eq!(told(lines(), Log::pass, None), slowly, "{length}");
        let sizes = Sizes {
            share: 200_000,
            behind: 200_000,
            threads: 2,
        };
        assert_eq!(told(lines(), Log::pass, Some(sizes)), slowly, "{length}");
    }
}

#[test]
fn a_log_is_taken_in_shares() {
    let row = |number: usize| {
        let queue = ["Shop", "My Pool", "-"][number % 3];
        format!(
            "2026-03-02 08:00:01 10.0.0.7 50522 10.0.0.1 80 HTTP/1.1 GET /a 503 1 AppOffline {queue}\r\n"
        )
    };
    let text: String = (0..400).map(row).collect();
    let mut lines = Lines::in_blocks(text.as_bytes(), 300, 90).unwrap();
    let mut log = Log::new(ArtifactId(7));
    log.header = Header::of(INSTALLED[0]);
    let mut shares = Shares::new(Sizes {
        share: 500,
        behind: 120,
        threads: 3,
    });
    log.pass(&mut lines);
    while lines.not_at_hand().is_none() {
        let (number, line) = lines.next_line().unwrap().unwrap();
        log.take(number, line);
    }
    assert!(log.lines < 10, "{}", log.lines);
    log.pass_shares(&mut shares, &mut lines).unwrap();
    assert_eq!(log.lines, 400);
    assert!(lines.next_line().unwrap().is_none());
}
