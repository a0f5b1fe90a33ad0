//! Archives of every make, whole ones first.

use sevenz_rust2::EncoderMethod;

use super::packers::*;
use super::*;

fn opened(name: &str, bytes: &[u8]) -> Bundle {
    Bundle::of_memory(name, bytes, &Limits::default())
}

#[track_caller]
fn holds(bundle: &Bundle, expected: &[Entry<'_>]) {
    assert_eq!(problems(bundle), Vec::<String>::new());
    let expected_paths: Vec<&str> = expected.iter().map(|(path, _)| *path).collect();
    assert_eq!(paths(bundle), expected_paths);
    for (artifact, (path, bytes)) in bundle.artifacts.iter().zip(expected) {
        assert!(
            artifact.read().expect("bytes") == *bytes,
            "{path} has other bytes"
        );
    }
}

#[test]
fn every_make_gives_its_entries() {
    // Longer than a block of a cabinet, and it repeats, so that blocks look back.
    let text = "2024-03-05 08:14:02 10.0.0.4 GET / - 80 - 10.0.0.9 401 2 5 0\r\n".repeat(2000);
    let noise = noise(40_000);
    let entries: [Entry<'_>; 3] = [
        ("logs/klist.txt", KLIST),
        ("logs/u_ex.log", text.as_bytes()),
        ("logs/x.bin", &noise),
    ];
    let raw = entries.map(|(name, bytes)| (name.as_bytes(), bytes));
    let tar = tar(&entries);
    for (make, bytes) in [
        ("zip", pack(&entries)),
        ("tar", tar.clone()),
        ("tar.gz", gzip(&tar)),
        ("tar.bz2", bzip2(&tar)),
        ("tar.xz", xz(&tar)),
        ("tar.zst", zstd(&tar)),
        ("7z", seven(&entries, false, EncoderMethod::LZMA2)),
        ("solid 7z", seven(&entries, true, EncoderMethod::LZMA2)),
        ("7z of LZMA", seven(&entries, true, EncoderMethod::LZMA)),
        ("7z of PPMd", seven(&entries, true, EncoderMethod::PPMD)),
        ("7z of bzip2", seven(&entries, true, EncoderMethod::BZIP2)),
        ("stored 7z", seven(&entries, true, EncoderMethod::COPY)),
        ("stored cab", cab(&raw, Cab::Stored)),
        ("MSZIP cab", cab(&raw, Cab::MsZip)),
        ("LZX cab", cab(&raw, Cab::Lzx)),
    ] {
        println!("{make}");
        let expected = [
            ("sent/logs/klist.txt", KLIST),
            ("sent/logs/u_ex.log", text.as_bytes()),
            ("sent/logs/x.bin", &noise),
        ];
        holds(&opened("sent", &bytes), &expected);
        let sent = folder(&[("sent", &bytes)]);
        holds(&open(&[&sent.path().join("sent")]), &expected);
    }
}

#[test]
fn entries_of_a_zip_in_every_packing_that_is_read() {
    let text = "a ticket for HTTP/portal.corp.example ".repeat(100);
    let bytes = text.as_bytes();
    let length = bytes.len() as u16;
    // Deflate has the same blocks of stored bytes as Deflate64.
    let mut stored = vec![1];
    stored.extend(length.to_le_bytes());
    stored.extend((!length).to_le_bytes());
    stored.extend(bytes);
    for (method, packed) in [
        (0, bytes.to_vec()),
        (8, stored.clone()),
        (9, stored),
        (12, bzip2(bytes)),
        (93, zstd(bytes)),
    ] {
        println!("method {method}");
        let zip = raw_zip("a.txt", method, &packed, bytes);
        holds(&opened("a.zip", &zip), &[("a.zip/a.txt", bytes)]);
    }
    let damaged = raw_zip("a.txt", 93, &zstd(bytes), b"something else, as long as the");
    only_problem(
        &opened("a.zip", &damaged),
        "a.zip/a.txt: is damaged",
        "send it again",
    );
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let zip64 = SimpleFileOptions::default().large_file(true);
    zip.start_file("a.txt", zip64).expect("entry");
    zip.write_all(bytes).expect("bytes");
    let zip64 = zip.finish().expect("zip").into_inner();
    holds(&opened("a.zip", &zip64), &[("a.zip/a.txt", bytes)]);
}

#[test]
fn a_packed_file_takes_the_place_of_its_archive() {
    for (name, bytes) in [
        ("klist.txt.gz", gzip(KLIST)),
        ("klist.txt.GZ", gzip(KLIST)),
        ("klist.txt.bz2", bzip2(KLIST)),
        ("klist.txt.xz", xz(KLIST)),
        ("klist.txt.zst", zstd(KLIST)),
        // Renamed on the way.
        ("klist.txt", gzip(KLIST)),
    ] {
        let bundle = opened(name, &bytes);
        holds(&bundle, &[("klist.txt", KLIST)]);
        assert_eq!(
            bundle.artifacts.first().map(|a| a.kind),
            Some(Kind::Console)
        );
    }
    let (start, rest) = KLIST.split_at(9);
    holds(
        &opened("k.gz", &[gzip(start), gzip(rest)].concat()),
        &[("k", KLIST)],
    );
    holds(
        &opened("k.zst", &[zstd(start), zstd(rest)].concat()),
        &[("k", KLIST)],
    );
    holds(&opened("empty.gz", &gzip(b"")), &[("empty", b"")]);
    // Beside its unpacked self it gets a number, and counts once.
    let sent = folder(&[("k.txt", KLIST), ("k.txt.gz", &gzip(KLIST))]);
    let bundle = open(&[sent.path()]);
    assert_eq!(paths(&bundle), ["k (2).txt", "k.txt"]);
    assert!(
        bundle
            .artifacts
            .iter()
            .any(|artifact| artifact.duplicate_of.is_some())
    );
}

#[test]
fn archives_lie_in_archives_of_other_makes() {
    let cab = cab(&[(b"klist.txt", KLIST)], Cab::MsZip);
    let seven = seven(&[("in.cab", &cab)], true, EncoderMethod::LZMA2);
    let tgz = gzip(&tar(&[("in.7z", &seven)]));
    let zip = pack(&[("in.tgz", &tgz), ("k.txt.gz", &gzip(KLIST))]);
    let bundle = opened("a.zip", &zip);
    holds(
        &bundle,
        &[
            ("a.zip/in.tgz/in.7z/in.cab/klist.txt", KLIST),
            ("a.zip/k.txt", KLIST),
        ],
    );
    // A .tgz is one archive deep, not two.
    let limits = Limits {
        depth: 2,
        ..Limits::default()
    };
    let bundle = Bundle::of_memory("a.zip", &zip, &limits);
    assert_eq!(paths(&bundle), ["a.zip/in.tgz/in.7z", "a.zip/k.txt"]);
    only_problem(
        &bundle,
        "a.zip/in.tgz/in.7z: was not opened",
        "3 archives deep",
    );
}

#[test]
fn names_and_kinds_of_entries_of_a_tar() {
    let mut tar = Vec::new();
    tar.extend(tar_entry(b"logs/", b'5', b""));
    tar.extend(tar_entry(b"old/", 0, b""));
    tar.extend(tar_entry(b"../../etc/evil\0", b'0', b"1"));
    tar.extend(tar_entry(b"Gr\x94\xE1e.txt", 0, b"2"));
    let long = format!("{}/long.txt", "x".repeat(150));
    tar.extend(tar_entry(
        b"././@LongLink",
        b'L',
        format!("{long}\0").as_bytes(),
    ));
    tar.extend(tar_entry(b"cut.txt", b'0', b"3"));
    tar.extend(tar_entry(
        b"pax",
        b'x',
        "18 path=\u{fc}ber.txt\n".as_bytes(),
    ));
    tar.extend(tar_entry(b"ber.txt", b'0', b"4"));
    tar.extend(tar_entry(b"link", b'2', b""));
    tar.extend(tar_header(b"hard", b'1', 4096));
    tar.extend(tar_entry(b"pipe", b'6', b""));
    tar.extend(tar_entry(b"g", b'g', b"14 comment=ab\n"));
    tar.extend(tar_entry(b"same.txt", b'0', b"5"));
    tar.extend(tar_entry(b"same.txt", b'0', b"6"));
    tar.extend(TAR_END);
    let bundle = opened("a.tar", &tar);
    assert_eq!(
        paths(&bundle),
        [
            "a.tar/Größe.txt",
            "a.tar/__/__/etc/evil",
            "a.tar/hard",
            "a.tar/link",
            "a.tar/pipe",
            "a.tar/same (2).txt",
            "a.tar/same.txt",
            &format!("a.tar/{long}"),
            "a.tar/über.txt",
        ]
    );
    let said = problems(&bundle);
    assert_eq!(said.len(), 3, "{said:?}");
    assert!(
        said.iter()
            .all(|says| says.contains("is not followed") || says.contains("is not read"))
    );
}

#[test]
fn a_tar_of_the_oldest_kind_is_known_by_its_checksum() {
    let mut header = tar_header(b"klist.txt", b'0', KLIST.len() as u64);
    header.get_mut(257..265).expect("magic").fill(0);
    let mut tar = with_checksum(header);
    tar.extend(KLIST);
    tar.resize(1024, 0);
    tar.extend(TAR_END);
    holds(&opened("a", &tar), &[("a/klist.txt", KLIST)]);
    *tar.get_mut(0).expect("name") = b'K';
    assert_eq!(paths(&opened("a", &tar)), ["a"]);
}

#[test]
fn a_tar_damaged_in_the_middle_gives_what_stands_around() {
    let mut tar = tar(&[("a.txt", b"a"), ("b.txt", b"b"), ("c.txt", KLIST)]);
    *tar.get_mut(1024 + 3).expect("header of b.txt") ^= 1;
    let bundle = opened("a.tar", &tar);
    assert_eq!(paths(&bundle), ["a.tar", "a.tar/a.txt", "a.tar/c.txt"]);
    only_problem(&bundle, "a.tar: is damaged at byte 1024", "copy it again");
}

#[test]
fn names_of_a_cabinet_are_decoded() {
    let entries: [(&[u8], &[u8]); 3] = [
        (b"logs\\Gr\x94\xE1e.txt", b"1"),
        ("über.txt".as_bytes(), b"2"),
        (b"..\\..\\c.txt", b"3"),
    ];
    let bundle = opened("a.cab", &cab(&entries, Cab::MsZip));
    let expected: [Entry<'_>; 3] = [
        ("a.cab/__/__/c.txt", b"3"),
        ("a.cab/logs/Größe.txt", b"1"),
        ("a.cab/über.txt", b"2"),
    ];
    holds(&bundle, &expected);
}

#[test]
fn what_is_encrypted_split_or_packed_strangely_says_what_to_do() {
    let zip = pack(&[("klist.txt", KLIST)]);
    let without_directory = zip.get(..zip.len() - 30).expect("the start");
    let split = [b"PK\x07\x08", without_directory].concat();
    let several = cab_of(
        &[
            (b"k.txt", KLIST.len() as u32, 0, 0),
            (b"far.txt", 9, 0, 0xFFFE),
        ],
        &[KLIST],
        Cab::Stored,
        2,
    );
    let seven = seven(&[("a.txt", &noise(3000))], true, EncoderMethod::LZMA2);
    let first = seven.get(..seven.len() / 2).expect("the first part");
    for (name, bytes, expected) in [
        (
            "a.7z",
            encrypted_seven(false).as_slice(),
            &["a.7z/a.evtx: is encrypted"][..],
        ),
        ("a.7z", &encrypted_seven(true), &["a.7z: is encrypted"]),
        ("a.7z.001", first, &["a.7z.001: is damaged or was cut off"]),
        (
            "a.z01",
            &split,
            &["a.z01: is the first part of a zip that was split"],
        ),
        (
            "a.cab",
            &several,
            &[
                "a.cab: is one of several cabinets",
                "a.cab/far.txt: lies partly in another cabinet",
            ],
        ),
        (
            "a.cab",
            &cab(&[(b"k.txt", KLIST)], Cab::Quantum),
            &["a.cab/k.txt: is packed with Quantum"],
        ),
        (
            "a.rar",
            b"Rar!\x1A\x07\x01\0rest",
            &["a.rar: is a rar archive"],
        ),
    ] {
        let bundle = opened(name, bytes);
        let said = problems(&bundle);
        assert_eq!(said.len(), expected.len(), "{said:?}");
        for (says, starts) in said.iter().zip(expected) {
            assert!(
                says.starts_with(starts) && says.contains("name the folder"),
                "{says}"
            );
        }
    }
    assert_eq!(
        paths(&opened("a.cab", &several)),
        ["a.cab", "a.cab/far.txt", "a.cab/k.txt"]
    );
    assert_eq!(
        paths(&opened("a.z01", &split)),
        ["a.z01", "a.z01/klist.txt"]
    );
}
