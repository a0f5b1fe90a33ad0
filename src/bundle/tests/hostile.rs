//! Bundles made to lead astray, to exhaust the machine, or damaged on the way.

use std::fs;

use proptest::prelude::*;

use super::*;

#[test]
fn names_in_an_archive_lead_nowhere() {
    let zip = pack(&[
        ("../../evil.txt", b"1"),
        ("/etc/x\u{1b}[31m.txt", b"2"),
        ("..\\..\\evil.txt", b"3"),
    ]);
    let sent = folder(&[("a.zip", &zip)]);
    let bundle = open(&[&sent.path().join("a.zip")]);
    assert_eq!(
        paths(&bundle),
        [
            "a.zip/__/__/evil (2).txt",
            "a.zip/__/__/evil.txt",
            "a.zip/etc/x�[31m.txt"
        ]
    );
    assert!(bundle.artifacts.iter().all(|artifact| artifact.bytes == 1));
    assert_eq!(
        fs::read_dir(sent.path()).expect("folder").count(),
        1,
        "something was unpacked to disk"
    );
}

#[test]
fn archives_deeper_than_the_limit_stay_closed() {
    let zip = (0..5).fold(KLIST.to_vec(), |inner, level| {
        pack(&[
            (if level == 0 { "klist.txt" } else { "in.zip" }, &inner),
            ("note.txt", format!("{level}").as_bytes()),
        ])
    });
    let sent = folder(&[("a.zip", &zip)]);
    let bundle = open_with(
        sent.path(),
        Limits {
            depth: 2,
            ..Limits::default()
        },
    );
    assert_eq!(
        paths(&bundle),
        [
            "a.zip/in.zip/in.zip",
            "a.zip/in.zip/note.txt",
            "a.zip/note.txt"
        ]
    );
    only_problem(
        &bundle,
        "a.zip/in.zip/in.zip: was not opened because it lies 3 archives deep",
        "unpack it",
    );
    assert_eq!(open(&[sent.path()]).artifacts.len(), 6);
}

#[test]
fn a_zip_bomb_is_not_unpacked_and_its_neighbours_are() {
    let zip = pack(&[("bomb.bin", &vec![0; 24 << 20]), ("klist.txt", KLIST)]);
    let sent = folder(&[("a.zip", &zip)]);
    let bundle = open(&[sent.path()]);
    only_problem(
        &bundle,
        "a.zip/bomb.bin: was not unpacked",
        "more than 400 times",
    );
    assert_eq!(
        bundle.artifacts.iter().map(|a| a.kind).collect::<Vec<_>>(),
        [Kind::Binary, Kind::Console]
    );
}

#[test]
fn sizes_and_counts_are_limited() {
    let zip = pack(&[
        ("a.txt", b"aaaaaaaa"),
        ("b.txt", b"bbbb"),
        ("c.txt", b"cccccc"),
        ("d.txt", b"d"),
    ]);
    let sent = folder(&[("a.zip", &zip)]);
    let bundle = open_with(
        sent.path(),
        Limits {
            entry_bytes: 6,
            total_bytes: 9,
            ..Limits::default()
        },
    );
    let sizes: Vec<u64> = bundle
        .artifacts
        .iter()
        .map(|artifact| artifact.bytes)
        .collect();
    assert_eq!(sizes, [0, 4, 0, 1]);
    let said = problems(&bundle);
    assert_eq!(said.len(), 2);
    assert!(
        said.iter()
            .any(|says| says.starts_with("a.zip/a.txt") && says.contains("more than 6")),
        "{said:?}"
    );
    assert!(
        said.iter()
            .any(|says| says.starts_with("a.zip/c.txt") && says.contains("more than 9")),
        "{said:?}"
    );

    let bundle = open_with(
        sent.path(),
        Limits {
            entries: 2,
            ..Limits::default()
        },
    );
    assert_eq!(paths(&bundle), ["a.zip", "a.zip/a.txt", "a.zip/b.txt"]);
    only_problem(
        &bundle,
        "a.zip: 2 of the 4 entries were left out",
        "may hold 2",
    );

    let many = folder(&[("a.txt", b"a"), ("b.txt", b"b"), ("c.txt", b"c")]);
    let bundle = open_with(
        many.path(),
        Limits {
            entries: 2,
            ..Limits::default()
        },
    );
    assert_eq!(paths(&bundle), ["(files left out)", "a.txt", "b.txt"]);
    only_problem(
        &bundle,
        "(files left out): the folder holds more than 2 files",
        "one by one",
    );
}

#[test]
fn an_endless_directory_is_not_held_in_memory() {
    let names: Vec<String> = (0..9).map(|i| format!("{i}.txt")).collect();
    let entries: Vec<(&str, &[u8])> = names
        .iter()
        .map(|name| (name.as_str(), &b"x"[..]))
        .collect();
    let sent = folder(&[("a.zip", &pack(&entries)), ("b.txt", b"b")]);
    let bundle = open_with(
        sent.path(),
        Limits {
            entries: 2,
            ..Limits::default()
        },
    );
    assert_eq!(paths(&bundle), ["a.zip", "b.txt"]);
    only_problem(
        &bundle,
        "a.zip: was not opened because it lists some 9 entries",
        "name the parts that matter",
    );
}

#[test]
fn small_logs_come_before_a_large_dump() {
    let zip = pack(&[("a.dmp", &[b'x'; 900]), ("klist.txt", KLIST)]);
    let sent = folder(&[("a.zip", &zip)]);
    let bundle = open_with(
        sent.path(),
        Limits {
            total_bytes: 920,
            ..Limits::default()
        },
    );
    assert_eq!(
        bundle.artifacts.get(1).map(|artifact| artifact.kind),
        Some(Kind::Console)
    );
    only_problem(&bundle, "a.zip/a.dmp: was not unpacked", "bytes of memory");
}

#[test]
fn a_zip_that_was_cut_off_gives_up_what_it_holds() {
    let noise: Vec<u8> = (0u32..40_000)
        .map(|i| (i.wrapping_mul(2_654_435_761) >> 11) as u8)
        .collect();
    let zip = pack(&[("klist.txt", KLIST), ("z.bin", &noise)]);
    let sent = folder(&[("a.zip", zip.get(..zip.len() / 2).expect("half"))]);
    let bundle = open(&[sent.path()]);
    assert_eq!(paths(&bundle), ["a.zip", "a.zip/klist.txt", "a.zip/z.bin"]);
    assert_eq!(
        bundle.artifacts.get(1).map(|artifact| artifact.kind),
        Some(Kind::Console)
    );
    let rescued = bundle.artifacts.get(2).expect("the entry at the cut");
    assert!(noise.starts_with(&rescued.read().expect("bytes")) && rescued.bytes > 1000);
    let said = problems(&bundle);
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(
        said.iter()
            .any(|says| says.starts_with("a.zip: is damaged or was cut off")),
        "{said:?}"
    );
    assert!(
        said.iter()
            .any(|says| says.starts_with("a.zip/z.bin: is damaged")
                && says.contains("only its first")),
        "{said:?}"
    );
}

#[test]
fn the_number_of_threads_does_not_show() {
    let entries: Vec<(String, Vec<u8>)> = (0u32..40)
        .map(|i| (format!("{i}.txt"), vec![b'a'; 1000 + i as usize % 7]))
        .collect();
    let entries: Vec<(&str, &[u8])> = entries
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()))
        .collect();
    let sent = folder(&[("a.zip", &pack(&entries)), ("b.zip", &pack(&entries))]);
    let limits = Limits {
        total_bytes: 50_000,
        entries: 60,
        ..Limits::default()
    };
    let with_threads = |threads| opened_by(threads, sent.path(), limits);
    let one = with_threads(1);
    assert!(one.contains("left out") && one.contains("bytes of memory"));
    assert_eq!(one, with_threads(8));
}

#[test]
fn a_damaged_entry_is_said_so_and_the_rest_goes_on() {
    let zip = pack(&[
        ("a.txt", b"the quick brown fox jumps over the lazy dog"),
        ("klist.txt", KLIST),
    ]);
    let mut damaged = zip.clone();
    // The first entry's bytes follow its header (30 bytes) and its name.
    for byte in damaged.iter_mut().skip(30 + 5 + 8).take(4) {
        *byte ^= 0xFF;
    }
    let sent = folder(&[("a.zip", &damaged)]);
    let bundle = open(&[sent.path()]);
    assert_eq!(paths(&bundle), ["a.zip/a.txt", "a.zip/klist.txt"]);
    only_problem(&bundle, "a.zip/a.txt: is damaged", "send it again");
    assert_eq!(
        bundle.artifacts.get(1).map(|artifact| artifact.kind),
        Some(Kind::Console)
    );
}

/// Sets the same field of an entry in its local and its central header: (offset behind each signature, value).
fn patch(zip: &[u8], local: usize, central: usize, value: u16) -> Vec<u8> {
    let mut patched = zip.to_vec();
    for (signature, offset) in [(b"PK\x03\x04", local), (b"PK\x01\x02", central)] {
        let at = zip
            .windows(4)
            .position(|window| window == signature)
            .expect("header")
            + offset;
        patched
            .get_mut(at..at + 2)
            .expect("field")
            .copy_from_slice(&value.to_le_bytes());
    }
    patched
}

#[test]
fn encrypted_and_strangely_packed_entries_say_what_to_do() {
    let zip = pack(&[("a.evtx", b"ElfFile\0"), ("klist.txt", KLIST)]);
    for (file, holds) in [
        (patch(&zip, 6, 8, 1), "with its password"),
        (patch(&zip, 8, 10, 98), "pack it again as an ordinary zip"),
    ] {
        let sent = folder(&[("a.zip", &file)]);
        let bundle = open(&[sent.path()]);
        assert_eq!(paths(&bundle), ["a.zip/a.evtx", "a.zip/klist.txt"]);
        only_problem(&bundle, "a.zip/a.evtx: is ", holds);
    }
}

#[test]
fn names_in_odd_encodings_are_readable() {
    let mut zip = pack(&[("Gr__e.txt", b"x")]);
    let places: Vec<usize> = zip
        .windows(2)
        .enumerate()
        .filter(|(_, pair)| pair == b"__")
        .map(|(at, _)| at)
        .collect();
    for at in places {
        zip.get_mut(at..at + 2)
            .expect("name")
            .copy_from_slice(b"\x94\xE1");
    }
    let sent = folder(&[("a.zip", &zip)]);
    assert_eq!(paths(&open(&[sent.path()])), ["a.zip/Größe.txt"]);
}

#[test]
fn what_no_reader_knows_is_listed() {
    let noise = super::packers::noise(9_000);
    let sent = folder(&[
        ("b.bin", &noise),
        ("c.zip", b"PK\x03\x04 no archive at all"),
    ]);
    let bundle = open(&[sent.path()]);
    assert_eq!(
        bundle.artifacts.iter().map(|a| a.kind).collect::<Vec<_>>(),
        [Kind::Binary; 2]
    );
    only_problem(&bundle, "c.zip: is damaged", "copy it again");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_zip_damaged_anywhere_opens(at in 0usize..400, value in any::<u8>(), cut in 0usize..400) {
        let mut zip = pack(&[("a/klist.txt", KLIST), ("b.zip", &pack(&[("x", b"y")]))]);
        if let Some(byte) = zip.get_mut(at) {
            *byte = value;
        }
        zip.truncate(zip.len().saturating_sub(cut / 4));
        let sent = folder(&[("a.zip", &zip)]);
        let one = open(&[sent.path()]);
        let two = open(&[sent.path()]);
        prop_assert_eq!(paths(&one), paths(&two));
        prop_assert_eq!(problems(&one), problems(&two));
        prop_assert!(one.problems.iter().all(|problem| (problem.artifact.0 as usize) < one.artifacts.len()));
    }
}
