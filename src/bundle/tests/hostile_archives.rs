//! Archives other than zip that were made to exhaust the machine, lie about their sizes, or are damaged.

use std::iter;

use proptest::prelude::*;
use sevenz_rust2::EncoderMethod;

use super::packers::*;
use super::*;

const SMALL: Limits = Limits {
    depth: 4,
    entries: 20,
    entry_bytes: 1 << 20,
    total_bytes: 2 << 20,
    streamed_from: 1 << 10,
    streamed_bytes: 4 << 20,
    ratio: 400,
};

/// One small archive of each make, all with the same two entries.
fn each_make() -> Vec<(&'static str, Vec<u8>)> {
    let entries: [Entry<'_>; 2] = [("a/klist.txt", KLIST), ("b.bin", &[7; 600])];
    let raw = entries.map(|(name, bytes)| (name.as_bytes(), bytes));
    let tar = tar(&entries);
    vec![
        ("a.zip", pack(&entries)),
        ("a.tar", tar.clone()),
        ("a.tar.gz", gzip(&tar)),
        ("a.tar.bz2", bzip2(&tar)),
        ("a.tar.xz", xz(&tar)),
        ("a.tar.zst", zstd(&tar)),
        ("a.7z", seven(&entries, false, EncoderMethod::LZMA2)),
        ("s.7z", seven(&entries, true, EncoderMethod::LZMA)),
        ("p.7z", seven(&entries, true, EncoderMethod::PPMD)),
        ("s.cab", cab(&raw, Cab::Stored)),
        ("m.cab", cab(&raw, Cab::MsZip)),
        ("l.cab", cab(&raw, Cab::Lzx)),
        ("k.txt.gz", gzip(KLIST)),
    ]
}

/// Opened twice; what must hold of any bytes.
fn sound(name: &str, bytes: &[u8]) -> Bundle {
    let one = Bundle::of_memory(name, bytes, &SMALL);
    let two = Bundle::of_memory(name, bytes, &SMALL);
    assert_eq!(format!("{one:?}"), format!("{two:?}"));
    let held: u64 = one.artifacts.iter().map(|artifact| artifact.bytes).sum();
    assert!(held <= SMALL.total_bytes + bytes.len() as u64);
    assert!(one.artifacts.len() <= SMALL.entries + 1);
    for problem in &one.problems {
        assert!((problem.artifact.0 as usize) < one.artifacts.len());
    }
    for artifact in &one.artifacts {
        assert!(
            artifact
                .path
                .split('/')
                .all(|part| !matches!(part, "" | "." | ".."))
        );
    }
    one
}

#[test]
fn an_archive_cut_off_anywhere_gives_what_is_there_and_says_so() {
    for (name, bytes) in each_make() {
        let whole = sound(name, &bytes);
        assert_eq!(problems(&whole), Vec::<String>::new(), "{name}");
        for cut in 0..bytes.len() {
            let bundle = sound(name, bytes.get(..cut).expect("shorter"));
            let archive = |artifact: &Artifact| artifact.path == name;
            let unknown = bundle.artifacts.iter().any(archive) && bundle.problems.is_empty();
            // Too short to be known as an archive, or cut where nothing is lost.
            let short = unknown && cut < 512;
            let same = format!("{:?}", bundle.artifacts) == format!("{:?}", whole.artifacts);
            assert!(
                short || same || !bundle.problems.is_empty(),
                "{name} cut at {cut} of {} is silent: {:?}",
                bytes.len(),
                paths(&bundle)
            );
        }
    }
}

#[test]
fn what_is_read_of_a_cut_stream_is_the_start_of_it() {
    let noise = noise(60_000);
    let entries: [Entry<'_>; 2] = [("a.txt", KLIST), ("b.bin", &noise)];
    let raw = entries.map(|(name, bytes)| (name.as_bytes(), bytes));
    for (name, bytes) in [
        ("a.tar", tar(&entries)),
        ("a.tgz", gzip(&tar(&entries))),
        ("a.cab", cab(&raw, Cab::MsZip)),
    ] {
        let half = bytes.get(..bytes.len() * 2 / 3).expect("most of it");
        let bundle = Bundle::of_memory(name, half, &Limits::default());
        let find = |entry: &str| {
            let path = format!("{name}/{entry}");
            bundle
                .artifacts
                .iter()
                .find(|artifact| artifact.path == path)
        };
        assert_eq!(find("a.txt").map(|a| a.kind), Some(Kind::Console), "{name}");
        let rescued = find("b.bin").expect("listed");
        assert!(
            rescued.bytes > 20_000 && noise.starts_with(&rescued.read().expect("bytes")),
            "{name}"
        );
        let said = problems(&bundle);
        assert!(
            said.iter().any(|says| says.contains("b.bin: is damaged")),
            "{said:?}"
        );
    }
}

#[test]
fn a_bomb_stays_packed_and_its_neighbours_do_not() {
    let zeros = vec![0; 24 << 20];
    let entries: [Entry<'_>; 2] = [("bomb.bin", &zeros), ("klist.txt", KLIST)];
    let raw = entries.map(|(name, bytes)| (name.as_bytes(), bytes));
    for (name, bytes) in [
        ("a.tgz", gzip(&tar(&entries))),
        ("a.7z", seven(&entries, false, EncoderMethod::LZMA2)),
        ("a.cab", cab(&raw, Cab::MsZip)),
    ] {
        let bundle = Bundle::of_memory(name, &bytes, &Limits::default());
        only_problem(
            &bundle,
            &format!("{name}/bomb.bin: was not unpacked"),
            "more than 400 times",
        );
        let kinds: Vec<Kind> = bundle.artifacts.iter().map(|a| a.kind).collect();
        assert_eq!(kinds, [Kind::Binary, Kind::Console], "{name}");
    }
    let bundle = Bundle::of_memory("bomb.gz", &gzip(&zeros), &Limits::default());
    only_problem(&bundle, "bomb: was not unpacked", "more than 400 times");
    // A bomb in a bomb.
    let bundle = Bundle::of_memory("bomb.gz", &gzip(&gzip(&zeros)), &Limits::default());
    assert_eq!(bundle.artifacts.len(), 1);
}

#[test]
fn limits_hold_in_streams() {
    let noise = noise(900_000);
    let entries: [Entry<'_>; 4] = [
        ("a.bin", &noise),
        ("b.bin", &noise),
        ("c.bin", &noise),
        ("klist.txt", KLIST),
    ];
    for (name, bytes) in [
        ("a.tar", tar(&entries)),
        ("a.7z", seven(&entries, true, EncoderMethod::COPY)),
    ] {
        let bundle = Bundle::of_memory(name, &bytes, &SMALL);
        let sizes: Vec<u64> = bundle
            .artifacts
            .iter()
            .map(|artifact| artifact.bytes)
            .collect();
        assert_eq!(sizes, [900_000, 900_000, 0, KLIST.len() as u64], "{name}");
        only_problem(
            &bundle,
            &format!("{name}/c.bin: was not unpacked"),
            "bytes of memory",
        );
    }
    // A stream is not read on once it is longer than all that may be held.
    let bundle = Bundle::of_memory("a.tgz", &gzip(&tar(&entries)), &SMALL);
    assert_eq!(
        paths(&bundle),
        ["a.tgz", "a.tgz/a.bin", "a.tgz/b.bin", "a.tgz/c.bin"]
    );
    let said = problems(&bundle);
    assert!(
        said.iter()
            .any(|says| says.starts_with("a.tgz: ") && says.contains("more than the limits allow")),
        "{said:?}"
    );
    let bundle = Bundle::of_memory(
        "a.bin.gz",
        &gzip(&entries.map(|(_, bytes)| bytes).concat()),
        &SMALL,
    );
    only_problem(&bundle, "a.bin: was not unpacked", "as a bomb does");
    let many: Vec<(String, &[u8])> = (10..40).map(|i| (format!("{i}.txt"), &b"x"[..])).collect();
    let many: Vec<Entry<'_>> = many
        .iter()
        .map(|(name, bytes)| (name.as_str(), *bytes))
        .collect();
    for (name, bytes) in [
        ("a.tgz", gzip(&tar(&many))),
        ("a.7z", seven(&many, true, EncoderMethod::LZMA2)),
    ] {
        let bundle = Bundle::of_memory(name, &bytes, &SMALL);
        assert_eq!(bundle.artifacts.len(), 21, "{name}");
        only_problem(
            &bundle,
            &format!("{name}: 10 of the 30 entries were left out"),
            "may hold 20",
        );
    }
    let endless: Vec<u8> = iter::repeat_n(tar_entry(b"x", b'0', b""), 200)
        .flatten()
        .collect();
    let bundle = Bundle::of_memory("a.tgz", &gzip(&endless), &SMALL);
    let said = problems(&bundle);
    assert!(
        said.iter()
            .any(|says| says.contains("lists more than 80 entries")),
        "{said:?}"
    );
}

#[test]
fn sizes_that_lie_are_cut() {
    let mut tar = tar_header(b"a.bin", b'0', 0o77_777_777_777);
    tar.extend([b'x'; 2000]);
    for (name, bytes) in [("a.tar", tar.clone()), ("a.tgz", gzip(&tar))] {
        let bundle = sound(name, &bytes);
        let artifact = bundle
            .artifacts
            .iter()
            .find(|a| a.path == format!("{name}/a.bin"));
        assert_eq!(
            artifact.map(|artifact| artifact.bytes),
            Some(2000),
            "{name}"
        );
        assert!(
            problems(&bundle)
                .iter()
                .any(|says| says.contains("it ends after 2000 of 8589934591"))
        );
    }
    // The largest number that a tar can write.
    let mut header = tar_header(b"a.bin", b'0', 0);
    header
        .get_mut(124..136)
        .expect("size")
        .copy_from_slice(b"\x80\0\0\0\x7F\xFF\xFF\xFF\xFF\xFF\xFF\xFF");
    sound("a.tar", &[with_checksum(header), vec![1; 700]].concat());
    let short = cab_of(&[(b"a.txt", 500_000, 0, 0)], &[b"short"], Cab::Stored, 0);
    let bundle = sound("a.cab", &short);
    assert_eq!(
        bundle.artifacts.first().map(|artifact| artifact.bytes),
        Some(5)
    );
    only_problem(
        &bundle,
        "a.cab/a.txt: is damaged: it ends after 5 of 500000",
        "send it again",
    );
}

#[test]
fn folders_of_a_cabinet_are_not_unpacked_twice() {
    // Entries that share bytes, and an entry in a folder that is not there.
    let files: [(&[u8], u32, u32, u16); 4] = [
        (b"a.txt", 5, 0, 0),
        (b"b.txt", 5, 3, 0),
        (b"c.txt", 5, 8, 0),
        (b"d.txt", 5, 0, 7),
    ];
    let bundle = sound(
        "a.cab",
        &cab_of(&files, &[b"0123456789abcdef"], Cab::MsZip, 0),
    );
    let said = problems(&bundle);
    assert_eq!(
        paths(&bundle),
        ["a.cab/a.txt", "a.cab/b.txt", "a.cab/c.txt", "a.cab/d.txt"]
    );
    assert!(
        said.first().is_some_and(|says| says.contains("overlaps")),
        "{said:?}"
    );
    // Two folders of one start: the second is empty.
    let mut cab = cab_of(
        &[(b"a.txt", 5, 0, 0), (b"b.txt", 5, 0, 1)],
        &[b"01234", b"56789"],
        Cab::Stored,
        0,
    );
    let start: Vec<u8> = cab.get(36..40).expect("start of the first folder").to_vec();
    cab.get_mut(44..48)
        .expect("start of the second")
        .copy_from_slice(&start);
    let bundle = sound("a.cab", &cab);
    only_problem(
        &bundle,
        "a.cab/b.txt: is damaged",
        "runs into the next folder",
    );
}

#[test]
fn the_number_of_threads_does_not_show_in_any_make() {
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for copy in 0..3 {
        files.extend(
            each_make()
                .into_iter()
                .map(|(name, bytes)| (format!("{copy}{name}"), bytes)),
        );
    }
    let files: Vec<Entry<'_>> = files
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
        .collect();
    let sent = folder(&files);
    let limits = Limits {
        entries: 60,
        total_bytes: 15_000,
        ..SMALL
    };
    let with_threads = |threads| opened_by(threads, sent.path(), limits);
    let one = with_threads(1);
    assert!(
        one.contains("bytes of memory") && one.contains("left out"),
        "{one}"
    );
    assert_eq!(one, with_threads(2));
    assert_eq!(one, with_threads(8));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn an_archive_damaged_anywhere_opens(
        make in 0usize..13,
        flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        cut in any::<prop::sample::Index>(),
        whole in any::<bool>(),
    ) {
        let (name, mut bytes) = each_make().swap_remove(make);
        for (at, value) in flips {
            let at = at.index(bytes.len());
            if let Some(byte) = bytes.get_mut(at) {
                *byte = value;
            }
        }
        if !whole {
            bytes.truncate(cut.index(bytes.len()));
        }
        sound(name, &bytes);
    }

    #[test]
    fn any_bytes_behind_a_signature_open(
        make in 0usize..13,
        length in 1usize..40,
        bytes in proptest::collection::vec(any::<u8>(), 0..600),
    ) {
        let (name, whole) = each_make().swap_remove(make);
        let start = whole.get(..length).unwrap_or(&whole);
        sound(name, &[start, &bytes].concat());
    }
}
