//! Whatever lines are looked at together, and by whom, what comes out is what each line read by itself gives.

use super::*;
use crate::bundle::text::LINE_CHARS;

fn line(kind: usize, dice: [u8; 3]) -> Vec<u8> {
    let [user, client, second] = dice.map(|dice| dice % 5);
    let stamp = format!("03/0{} 08:00:0{second}", 1 + user % 3);
    let logon = format!(r"CORP: SamLogon: Network logon of CORP\u{user} from PC{client}");
    let (mut line, end) = match kind {
        0 => (String::new(), ""),
        1 => ("    goes on here".to_owned(), ""),
        2 => (
            format!("{stamp} [MISC] [99] CORP: DsGetDcName function called"),
            "",
        ),
        3 => (
            format!("{stamp} [CRITICAL] [99] CORP: NlDiscoverDc: Cannot find DC."),
            "",
        ),
        4 => (
            format!("{stamp} [SESSION] NlSessionSetup: cannot 0xC000002{second}"),
            "",
        ),
        5 => (
            format!("{stamp} [LOGON] [1] {logon} (via Müller) Returns 0x0"),
            "",
        ),
        6 => (
            format!("\u{FEFF}{stamp} [LOGON] [1] {logon} Returns 0x0"),
            "",
        ),
        7 => (format!("{stamp} [LOGON] [1] {logon} Entered"), " \t "),
        8 => (format!("{stamp} [LOGON] [1] {logon}"), " Returns 0x0 \0\0"),
        9 => (
            format!("{stamp} [LOGON] [1] {logon} (via WEB0{second}) Returns 0xC000006A"),
            "\t",
        ),
        10..15 => (format!("{stamp} [LOGON] [1] {logon} Entered"), ""),
        _ => (
            format!("{stamp} [LOGON] [1] {logon} Returns 0xC000006{second}"),
            "",
        ),
    };
    line.push_str(end);
    line.into_bytes()
}

fn log() -> impl Strategy<Value = Vec<u8>> {
    let row = (0usize..30, 0usize..40, any::<[u8; 3]>());
    prop::collection::vec(row, 0..120).prop_map(|rows| {
        let mut log = Vec::new();
        for (kind, odd, dice) in rows {
            let mut line = line(kind, dice);
            let at = usize::from(dice[2]) % (line.len() + 1);
            match odd {
                0 => line.truncate(at),
                1 => line.insert(at, 0xFC),
                2 => line.insert(at, 0),
                3 => line.extend([0; 30]),
                _ => {}
            }
            log.extend(line);
            log.extend::<&[u8]>(match odd {
                4 => b"\r",
                5 => b"\r\r\n",
                6 => b"\r\r\r\r",
                7 | 8 => b"\n",
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
fn groups_that_are_too_many_are_so_whoever_counts_them() {
    let row = |number: usize| {
        format!(
            "03/02 08:00:01 [LOGON] [1] CORP: SamLogon: Network logon of CORP\\u{number} from PC Returns 0x0\n"
        )
    };
    let log: String = [0..9000, 5000..groups::GROUPS + 100, 0..10]
        .map(|numbers| numbers.map(row).collect::<String>())
        .concat();
    let lines = || Lines::in_blocks(log.as_bytes(), 300, 70_000);
    let slowly = told(lines(), none, None);
    assert!(slowly.contains("told apart; 100 were left out"));
    for (share, threads) in [(5000, 3), (70_000, 2), (1 << 22, 1)] {
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
        let entry = |length: usize| {
            let (begin, end) = (
                "03/02 08:00:01 [LOGON] [1] CORP: SamLogon: Network logon of CORP\\u",
                " from PC Returns 0x0",
            );
            format!(
                "{begin}{}{end}\n",
                "a".repeat(length - begin.len() - end.len())
            )
        };
        let short = entry(100).repeat(20);
        let log = format!("{short}{}{short}", entry(length));
        let lines = || Lines::in_blocks(log.as_bytes(), 300, LINE_CHARS);
        let slowly = told(lines(), none, None);
        assert_eq!(
            slowly.contains("count: 41"),
            length <= LINE_CHARS,
            "{length}"
        );
        assert!(told(lines(), Log::pass, None) == slowly, "{length}");
        let sizes = Sizes {
            share: 200_000,
            behind: 200_000,
            threads: 2,
        };
        assert!(told(lines(), Log::pass, Some(sizes)) == slowly, "{length}");
    }
}

#[test]
fn a_log_is_taken_in_shares() {
    let text = LOG.repeat(40);
    let mut lines = Lines::in_blocks(text.as_bytes(), 300, 200).unwrap();
    let mut log = Log::new(ArtifactId(7));
    let mut shares = Shares::new(Sizes {
        share: 500,
        behind: 200,
        threads: 3,
    });
    log.pass(&mut lines);
    while lines.not_at_hand().is_none() {
        let (number, line) = lines.next_line().unwrap().unwrap();
        log.take(number, line);
    }
    assert!(log.entered < 10);
    log.pass_shares(&mut shares, &mut lines).unwrap();
    assert_eq!(log.entered, 160);
    assert!(lines.next_line().unwrap().is_none());
}
