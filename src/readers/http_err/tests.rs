//! Logs written by hand, every variant of the columns, and every real sample.

mod stretches;

use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::evidence::Place;

fn reading(text: &str) -> Reading<HttpErrLog> {
    read(ArtifactId(7), &mut Lines::of(text.as_bytes()).unwrap(), 1).unwrap()
}

/// `503 AppOffline site 1 queue Shop x2` for each kind.
fn rows(text: &str) -> Vec<String> {
    let of = |r: &Refusal| {
        let site = r
            .kind
            .site_id
            .map_or(String::new(), |s| format!(" site {s}"));
        let queue = r
            .kind
            .queue
            .as_ref()
            .map_or(String::new(), |q| format!(" queue {q}"));
        let status = r.kind.status.map_or("-".to_owned(), |s| s.to_string());
        format!("{status} {}{site}{queue} x{}", r.kind.reason, r.count)
    };
    reading(text).records.refusals.iter().map(of).collect()
}

#[test]
fn the_connection_of_a_refusal_is_kept() {
    let head = "#Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename\n";
    let lines = "2026-03-02 08:00:01 fe80::1%4 50522 fe80::2%4 80 HTTP/1.1 GET /a 400 - FieldLength -\n\
        2026-03-02 08:00:02 10.0.0.7 - 10.0.0.1 80 HTTP/1.1 GET /a 400 - FieldLength -\n";
    let reading = reading(&format!("{head}{lines}"));
    let calls = &reading.records.refusals[0].calls;
    let shown: Vec<_> = calls
        .iter()
        .map(|c| (c.peer.to_string(), &c.from.place))
        .collect();
    assert_eq!(shown, [("[fe80::1]:50522".to_owned(), &Place::Line(2))]);
}

#[test]
fn every_set_of_columns() {
    let head = "#Software: Microsoft HTTP API 2.0\n#Version: 1.0\n#Date: 2026-03-02 08:00:00\n";
    let thirteen = format!(
        "{head}#Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename\n\
        2026-03-02 08:00:01 10.0.0.7 50522 10.0.0.1 80 HTTP/1.1 GET /a?t=hush 400 - FieldLength -\n\
        2026-03-02 08:00:02 10.0.0.8 50523 10.0.0.1 80 HTTP/1.1 GET /a 503 1 AppOffline My Pool\n\
        2026-03-02 08:00:03 fe80::1%0 50524 fe80::2%0 80 - - - - - Timer_ConnectionIdle -\n"
    );
    assert_eq!(
        rows(&thirteen),
        [
            "- Timer_ConnectionIdle x1",
            "400 FieldLength x1",
            "503 AppOffline site 1 queue My Pool x1"
        ]
    );
    let refusal = &reading(&thirteen).records.refusals[1];
    assert_eq!(
        &*refusal.from[0].text,
        "400 FieldLength for GET /a from 10.0.0.7"
    );
    assert_eq!(refusal.from[0].place, Place::Line(5));
    assert_eq!(refusal.first, refusal.from[0].time.map(When::Utc));

    let stream = format!(
        "{head}#Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri streamid sc-status s-siteid s-reason s-queuename\n\
        2026-03-02 08:00:01 10.0.0.7 50522 10.0.0.1 443 HTTP/2.0 GET /a 5 503 2 Disabled Shop\n\
        2026-03-02 08:00:01 10.0.0.7 50522 10.0.0.1 443 HTTP/2.0 GET /a 5 503 2 Disabled Shop TCP\n"
    );
    assert_eq!(rows(&stream), ["503 Disabled site 2 queue Shop x2"]);

    let short = format!(
        "{head}#Fields: date time cs-version cs-method cs-uri sc-status s-reason\n\
        2026-03-02 08:00:01 HTTP/1.1 GET /a 400 RequestLength\n\
        2026-03-02 08:00:01 HTTP/1.1 GET /a 400 RequestLength TCP\n"
    );
    assert_eq!(rows(&short), ["400 RequestLength x2"]);
}

#[test]
fn columns_that_change_and_lines_that_are_cut() {
    let text = "2026-03-02 08:00:01 10.0.0.7 50522 10.0.0.1 80 HTTP/1.1 GET /a 503 1 QueueFull Shop\n\
        #Fields: date time cs-version cs-method cs-uri sc-status s-reason\n\
        2026-03-02 08:00:02 HTTP/1.1 GET /a 400 Hostname\n\
        #Fields: date time c-ip c-port s-ip s-port cs-version cs-method cs-uri streamid sc-status s-siteid s-reason s-queuename\n\
        2026-03-02 08:00:03 10.0.0.7 5052";
    assert_eq!(
        rows(text),
        ["400 Hostname x1", "503 QueueFull site 1 queue Shop x1"]
    );
    let problems = reading(text).problems;
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].place, Place::Line(5));
}

#[test]
fn nothing_secret_is_kept() {
    for url in ["/a?token=hush", "/(S(hush5145hush))/a"] {
        let text = format!(
            "2026-03-02 08:00:01 10.0.0.7 50522 10.0.0.1 80 HTTP/1.1 GET {url} 400 - FieldLength -\n"
        );
        let reading = format!("{:?}", reading(&text));
        assert!(reading.contains("GET /") && !reading.contains("hush"));
    }
}

proptest! {
    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let _ = read(ArtifactId(0), &mut Lines::of(&bytes).unwrap(), 1).unwrap();
    }

    #[test]
    fn any_lines(lines in prop::collection::vec("(#Fields:|#Date:|2026-03-02 08:00:01)?( (s-reason|sc-status|s-queuename|TCP|-|503|[a-z/?]{0,5})){0,16}", 0..30)) {
        let text = lines.join("\n");
        let reading = reading(&text);
        let last = u32::try_from(lines.len()).unwrap();
        for problem in &reading.problems {
            if let Place::Line(line) = problem.place {
                prop_assert!((1..=last).contains(&line));
            }
        }
        let rows: u64 = reading.records.refusals.iter().map(|r| r.count).sum();
        prop_assert_eq!(rows, reading.count);
    }
}

#[test]
fn every_sample() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples/httperr");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("skipped: {} is not here", folder.display());
        return;
    };
    let mut paths: Vec<_> = entries.filter_map(|e| Some(e.ok()?.path())).collect();
    paths.sort();
    let counts: Vec<String> = paths
        .iter()
        .map(|path| {
            let mut lines = Lines::of(&std::fs::read(path).unwrap()).unwrap();
            let reading = read(ArtifactId(0), &mut lines, 1).unwrap();
            let kinds: std::collections::BTreeMap<&str, u64> = reading
                .records
                .refusals
                .iter()
                .fold(Default::default(), |mut all, r| {
                    *all.entry(&*r.kind.reason).or_default() += r.count;
                    all
                });
            format!(
                "{}: {} lines, {} problems, {kinds:?}",
                file_name(path),
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
