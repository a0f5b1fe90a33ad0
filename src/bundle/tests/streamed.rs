//! Logs in archives on disk that are unpacked anew each time they are read: the same bundle as in memory.

use flate2::write::DeflateEncoder;
use proptest::prelude::*;
use zip::CompressionMethod;

use super::packers::*;
use super::*;

/// From here on logs are streamed in these tests.
const LARGE: usize = 4 << 10;
const STREAMED: Limits = Limits {
    depth: 4,
    entries: 100,
    entry_bytes: 1 << 20,
    total_bytes: 2 << 20,
    streamed_from: LARGE as u64,
    streamed_bytes: 8 << 20,
    ratio: 400,
};
const HELD: Limits = Limits {
    streamed_from: u64::MAX,
    ..STREAMED
};

/// A log of IIS, of so many lines; `seed` makes it another one.
fn log(lines: u32, seed: u32) -> Vec<u8> {
    let line = |number: u32| {
        let noise = number.wrapping_mul(2_654_435_761).wrapping_add(seed) >> 7;
        format!("2026-03-02 08:00:01 GET /{noise} 401\r\n")
    };
    let head = "#Software: Microsoft Internet Information Services 10.0\r\n#Version: 1.0\r\n#Date: 2026-03-02 08:00:00\r\n#Fields: date time cs-method cs-uri-stem sc-status\r\n";
    let lines: String = (0..lines).map(line).collect();
    format!("{head}{lines}").into_bytes()
}

fn zip_by(method: CompressionMethod, entries: &[Entry<'_>]) -> Vec<u8> {
    let options = SimpleFileOptions::default().compression_method(method);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(*name, options).expect("entry");
        zip.write_all(bytes).expect("bytes");
    }
    zip.finish().expect("zip").into_inner()
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut packed = DeflateEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(bytes).expect("packs");
    packed.finish().expect("packs")
}

/// What is said and what is there, whether it is held or not.
fn seen(bundle: &Bundle) -> Vec<String> {
    let each = |artifact: &Artifact| {
        let hash = digest::sha256(&artifact.content);
        let Artifact {
            path,
            bytes,
            kind,
            duplicate_of,
            start_of,
            ..
        } = artifact;
        format!("{path} {bytes} {kind:?} {duplicate_of:?} {start_of:?} {hash:?}")
    };
    let mut seen: Vec<String> = bundle.artifacts.iter().map(each).collect();
    seen.extend(problems(bundle));
    seen
}

/// The paths of what is streamed.
fn streamed(bundle: &Bundle) -> Vec<&str> {
    let streamed = |artifact: &&Artifact| matches!(artifact.content, Content::Packed(_));
    bundle
        .artifacts
        .iter()
        .filter(streamed)
        .map(|artifact| artifact.path.as_str())
        .collect()
}

/// The same archive, streamed and held; nothing that is seen of it differs.
#[track_caller]
fn both(name: &str, archive: &[u8]) -> (TempDir, Bundle) {
    let sent = folder(&[(name, archive)]);
    let path = sent.path().join(name);
    let bundle = open_with(&path, STREAMED);
    let held = open_with(&path, HELD);
    assert_eq!(streamed(&held), Vec::<&str>::new());
    assert_eq!(seen(&bundle), seen(&held));
    (sent, bundle)
}

#[test]
fn logs_are_streamed_out_of_every_archive_that_allows_it() {
    let (one, two) = (log(300, 1), log(400, 2));
    let wide: Vec<u8> = log(300, 3).iter().flat_map(|byte| [*byte, 0]).collect();
    let noise = noise(3 * LARGE);
    let mut event_log = b"ElfFile\0".to_vec();
    event_log.extend(&noise);
    let inner = pack(&[("deep.log", &one)]);
    let entries: [Entry<'_>; 8] = [
        ("again.log", &one),
        ("b.log", &one),
        ("c.log", &two),
        ("d.evtx", &event_log),
        ("in.zip", &inner),
        ("noise.bin", &noise),
        ("small.log", &log(3, 1)),
        ("wide.log", &wide),
    ];
    for (name, archive) in [
        ("a.zip", zip_by(CompressionMethod::Deflated, &entries)),
        ("a.zip", zip_by(CompressionMethod::Stored, &entries)),
        ("a.tar", tar(&entries)),
    ] {
        let (_sent, bundle) = both(name, &archive);
        let expected = ["again.log", "b.log", "c.log", "d.evtx"];
        assert_eq!(
            streamed(&bundle),
            expected.map(|entry| format!("{name}/{entry}")),
            "{name}"
        );
        assert_eq!(problems(&bundle), Vec::<String>::new());
        let of = |entry: &str| {
            let path = format!("{name}/{entry}");
            bundle
                .artifacts
                .iter()
                .find(|artifact| artifact.path == path)
                .expect(entry)
        };
        assert!(of("c.log").read().expect("bytes") == two);
        assert!(of("in.zip/deep.log").read().expect("bytes") == one);
        assert_eq!(of("b.log").duplicate_of, Some(of("again.log").id));
        assert_eq!(of("wide.log").kind, Kind::WebLog);
    }
    for (name, archive) in [
        ("a.tgz", gzip(&tar(&entries))),
        (
            "a.7z",
            seven(&entries, true, sevenz_rust2::EncoderMethod::COPY),
        ),
    ] {
        assert_eq!(
            streamed(&both(name, &archive).1),
            Vec::<&str>::new(),
            "{name}"
        );
    }
    let bundle = Bundle::of_memory("a.zip", &pack(&entries), &STREAMED);
    assert_eq!(
        streamed(&bundle),
        Vec::<&str>::new(),
        "it lies in memory already"
    );
}

#[test]
fn the_one_log_of_a_gz_is_streamed() {
    let log = log(900, 1);
    let (start, rest) = log.split_at(10_000);
    for archive in [gzip(&log), [gzip(start), gzip(rest)].concat()] {
        let (_sent, bundle) = both("u_ex.log.gz", &archive);
        assert_eq!(streamed(&bundle), ["u_ex.log"]);
        assert!(bundle.artifacts[0].read().expect("bytes") == log);
        let cut = archive.get(..archive.len() * 2 / 3).expect("two thirds");
        let (_sent, bundle) = both("u_ex.log.gz", cut);
        assert_eq!(streamed(&bundle), ["u_ex.log"]);
        only_problem(
            &bundle,
            "u_ex.log: is damaged or was cut off",
            "copy it again",
        );
        let read = bundle.artifacts[0].read().expect("what is there");
        assert!(read.len() > LARGE && log.starts_with(&read));
    }
    let (_sent, bundle) = both("k.gz", &gzip(KLIST));
    assert_eq!(streamed(&bundle), Vec::<&str>::new());
}

#[test]
fn sizes_that_lie_are_told_as_in_memory() {
    let log = log(300, 1);
    let longer = [&log[..], b"and more"].concat();
    for (method, packed) in [(8, deflated(&log)), (0, log.clone())] {
        let (_sent, bundle) = both("a.zip", &raw_zip("u_ex.log", method, &packed, &longer));
        assert_eq!(streamed(&bundle), ["a.zip/u_ex.log"]);
        only_problem(
            &bundle,
            "a.zip/u_ex.log: is damaged",
            "were read; pack and send it again",
        );
        assert!(bundle.artifacts[0].read().expect("what is there") == log);
        let (_sent, bundle) = both("a.zip", &raw_zip("u_ex.log", method, &packed, &log[..9000]));
        assert_eq!(streamed(&bundle), ["a.zip/u_ex.log"]);
        assert_eq!(
            (problems(&bundle).len(), bundle.artifacts[0].bytes),
            (1, 9000)
        );
        let other = [&log[..log.len() - 1], b"x"].concat();
        let (_sent, bundle) = both("a.zip", &raw_zip("u_ex.log", method, &packed, &other));
        only_problem(
            &bundle,
            "a.zip/u_ex.log: is damaged (Invalid checksum)",
            "send it again",
        );
    }
    let mut tar = tar_header(b"u_ex.log", b'0', 0o77_777_777);
    tar.extend(&log);
    let (_sent, bundle) = both("a.tar", &tar);
    assert_eq!(streamed(&bundle), ["a.tar/u_ex.log"]);
    assert!(bundle.artifacts.iter().any(|a| a.bytes == log.len() as u64));
}

#[test]
fn what_is_streamed_has_limits_of_its_own() {
    // Longer than what is looked at to tell that they are logs.
    let (one, two, three) = (log(60_000, 1), log(60_001, 2), log(60_002, 3));
    let entries: [Entry<'_>; 4] = [
        ("a.log", &three),
        ("b.log", &two),
        ("c.log", &one),
        ("k.txt", KLIST),
    ];
    let limits = Limits {
        streamed_bytes: (one.len() + two.len()) as u64 + (1 << 20),
        // None of them could be held.
        entry_bytes: 1000,
        total_bytes: 8 << 20,
        ..STREAMED
    };
    for (name, archive) in [("a.zip", pack(&entries)), ("a.tar", tar(&entries))] {
        let sent = folder(&[(name, &archive)]);
        let bundle = open_with(&sent.path().join(name), limits);
        assert_eq!(
            streamed(&bundle),
            [format!("{name}/b.log"), format!("{name}/c.log")]
        );
        only_problem(
            &bundle,
            &format!("{name}/a.log: was not unpacked"),
            "name the folder",
        );
        assert_eq!(bundle.artifacts.last().map(|a| a.kind), Some(Kind::Console));
    }
    // Each alone in its archive; they are measured side by side.
    let sent = folder(&[
        ("a.log.gz", &gzip(&one)),
        ("b.log.gz", &gzip(&two)),
        ("c.log.gz", &gzip(&three)),
    ]);
    let bundle = open_with(sent.path(), limits);
    assert_eq!(streamed(&bundle), ["a.log", "b.log"]);
    only_problem(&bundle, "c.log: was not unpacked", "name the folder");
    // No longer than all that may be streamed or held.
    let endless = [log(10, 1), vec![0; 24 << 20]].concat();
    let sent = folder(&[("a.log.gz", &gzip(&endless))]);
    let bundle = open_with(sent.path(), limits);
    only_problem(&bundle, "a.log: was not unpacked", "as a bomb does");
    let entries: [Entry<'_>; 2] = [("a.log", &endless), ("k.txt", KLIST)];
    let (_sent, bundle) = both("a.zip", &pack(&entries));
    only_problem(
        &bundle,
        "a.zip/a.log: was not unpacked",
        "more than 400 times",
    );
}

#[test]
fn entries_that_overlap_each_count() {
    let log = log(1000, 1);
    let names: Vec<String> = (10..30).map(|number| format!("u_ex{number}.log")).collect();
    let mut zip = pack(&[("u_ex10.log", &log)]);
    let directory = zip
        .windows(4)
        .position(|mark| mark == b"PK\x01\x02")
        .expect("a directory");
    let ending = zip
        .windows(4)
        .position(|mark| mark == b"PK\x05\x06")
        .expect("its end");
    let entry = zip[directory..ending].to_vec();
    let mut end = zip.split_off(ending);
    for name in &names[1..] {
        let mut another = entry.clone();
        another[46..46 + name.len()].copy_from_slice(name.as_bytes());
        zip.extend(another);
    }
    let count = (names.len() as u16).to_le_bytes();
    end[8..10].copy_from_slice(&count);
    end[10..12].copy_from_slice(&count);
    end[12..16].copy_from_slice(&((zip.len() - directory) as u32).to_le_bytes());
    zip.extend(end);
    let sent = folder(&[("a.zip", &zip)]);
    let limits = Limits {
        streamed_bytes: 5 * log.len() as u64,
        entry_bytes: 1000,
        ..STREAMED
    };
    let bundle = open_with(sent.path(), limits);
    assert_eq!((streamed(&bundle).len(), problems(&bundle).len()), (5, 15));
    assert!(
        bundle
            .artifacts
            .iter()
            .take(5)
            .all(|a| a.read().is_ok_and(|bytes| bytes == log))
    );
}

#[test]
fn what_is_looked_at_is_limited_too() {
    let log = log(300, 1);
    let sent = folder(&[("a.zip", &pack(&[("a.log", &log)]))]);
    let limits = Limits {
        streamed_bytes: log.len() as u64 - 1,
        ..STREAMED
    };
    let bundle = open_with(sent.path(), limits);
    assert_eq!(streamed(&bundle), Vec::<&str>::new());
    assert!(bundle.artifacts[0].read().expect("held") == log);
}

#[test]
fn the_number_of_threads_does_not_show_in_what_is_streamed() {
    let logs: Vec<(String, Vec<u8>)> = (10..30)
        .map(|n| (format!("u_ex{n}.log"), log(300 + n % 7, n)))
        .collect();
    let entries: Vec<Entry<'_>> = logs
        .iter()
        .map(|(name, log)| (name.as_str(), log.as_slice()))
        .collect();
    let gz = gzip(&logs[3].1);
    let sent = folder(&[
        ("a.zip", &pack(&entries)),
        ("b.tar", &tar(&entries)),
        ("c.log.gz", &gz),
    ]);
    let limits = Limits {
        streamed_bytes: 300_000,
        ..STREAMED
    };
    let with_threads = |threads| opened_by(threads, sent.path(), limits);
    let one = with_threads(1);
    assert!(
        one.contains("Packed(") && one.contains("large logs"),
        "{one}"
    );
    assert_eq!(one, with_threads(2));
    assert_eq!(one, with_threads(8));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_damaged_archive_says_the_same_streamed_and_held(
        make in 0usize..4,
        flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..3),
        cut in any::<prop::sample::Index>(),
        whole in any::<bool>(),
    ) {
        let log = log(300, 1);
        let other = [&log[..], &b"2026-03-02 08:00:01 GET /a 200\r\n".repeat(20_000)].concat();
        let entries: [Entry<'_>; 2] = [("a.log", &log), ("b.log", &other)];
        let (name, mut archive) = match make {
            0 => ("a.zip", zip_by(CompressionMethod::Deflated, &entries)),
            1 => ("a.zip", zip_by(CompressionMethod::Stored, &entries)),
            2 => ("a.tar", tar(&entries)),
            _ => ("a.log.gz", gzip(&other)),
        };
        for (at, value) in flips {
            let at = at.index(archive.len());
            archive[at] = value;
        }
        if !whole {
            archive.truncate(cut.index(archive.len()));
        }
        let sent = folder(&[(name, &archive)]);
        let [bundle, held] = [STREAMED, HELD].map(|limits| open_with(&sent.path().join(name), limits));
        // A size that lies may meet the limits of memory.
        let refused = |says: &String| says.contains("was not unpacked");
        if !problems(&held).iter().any(refused) {
            prop_assert_eq!(seen(&bundle), seen(&held));
        }
    }
}
