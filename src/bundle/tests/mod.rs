//! Bundles as customers send them; [`hostile`] has those that nobody should.

mod archives;
mod hostile;
mod hostile_archives;
mod packers;
mod streamed;

use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};

use tempfile::TempDir;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::*;
use crate::bundle::digest;
use crate::evidence::ArtifactId;

const KLIST: &[u8] = b"Current LogonId is 0:0x3e7\r\n\r\nCached Tickets: (0)\r\n";

fn pack(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in entries {
        zip.start_file(*name, SimpleFileOptions::default())
            .expect("entry");
        zip.write_all(bytes).expect("bytes");
    }
    zip.finish().expect("zip").into_inner()
}

fn folder(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().expect("temporary folder");
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().expect("parent")).expect("folder");
        fs::write(path, bytes).expect("file");
    }
    folder
}

fn open(paths: &[&Path]) -> Bundle {
    let paths: Vec<PathBuf> = paths.iter().map(|path| path.to_path_buf()).collect();
    Bundle::open(&paths, &Limits::default()).expect("opens")
}

fn open_with(path: &Path, limits: Limits) -> Bundle {
    Bundle::open(&[path.to_owned()], &limits).expect("opens")
}

/// All that is known of a bundle that so many threads open.
fn opened_by(threads: usize, path: &Path, limits: Limits) -> String {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .expect("threads");
    pool.install(|| format!("{:?}", open_with(path, limits)))
}

fn paths(bundle: &Bundle) -> Vec<&str> {
    bundle
        .artifacts
        .iter()
        .map(|artifact| artifact.path.as_str())
        .collect()
}

/// What was said of each artifact, as `path: what`.
fn problems(bundle: &Bundle) -> Vec<String> {
    let path = |id: ArtifactId| {
        bundle
            .artifacts
            .get(id.0 as usize)
            .map_or("?", |artifact| artifact.path.as_str())
    };
    bundle
        .problems
        .iter()
        .map(|problem| format!("{}: {}", path(problem.artifact), problem.says))
        .collect()
}

#[track_caller]
fn only_problem(bundle: &Bundle, starts: &str, holds: &str) {
    let problems = problems(bundle);
    assert!(
        matches!(problems.as_slice(), [only] if only.starts_with(starts) && only.contains(holds)),
        "expected one problem `{starts}…{holds}`, got {problems:#?}"
    );
}

#[test]
fn a_folder_with_archives_becomes_one_sorted_list() {
    let inner = pack(&[("deep/klist.txt", KLIST)]);
    let zip = pack(&[("b.txt", b"b"), ("more.bin", &inner), ("a\\c.txt", b"c")]);
    let sent = folder(&[("z.txt", b"z"), ("logs.dat", &zip), ("a/empty.txt", b"")]);
    let bundle = open(&[sent.path()]);
    assert_eq!(
        paths(&bundle),
        [
            "a/empty.txt",
            "logs.dat/a/c.txt",
            "logs.dat/b.txt",
            "logs.dat/more.bin/deep/klist.txt",
            "z.txt"
        ]
    );
    assert_eq!(problems(&bundle), Vec::<String>::new());
    let ids: Vec<u32> = bundle
        .artifacts
        .iter()
        .map(|artifact| artifact.id.0)
        .collect();
    assert_eq!(ids, [0, 1, 2, 3, 4]);
    let klist = bundle.artifacts.get(3).expect("klist");
    assert_eq!(
        (klist.kind, klist.bytes),
        (Kind::Console, KLIST.len() as u64)
    );
    assert_eq!(klist.text().expect("text").lines.len(), 3);
    assert_eq!(
        bundle.artifacts.first().map(|artifact| artifact.kind),
        Some(Kind::Empty)
    );
    let b = bundle.artifacts.get(2).expect("b");
    assert_eq!(
        digest::sha256(&b.content).as_deref(),
        Some("3e23e8160039594a33894f6564e1b1348bbd7a0088d42c4acb73eeaed59c009d")
    );
    let gone = Content::File(sent.path().join("gone"));
    assert_eq!(digest::sha256(&gone), None);
}

#[test]
fn the_order_of_inputs_changes_nothing_but_the_inputs() {
    let sent = folder(&[
        ("web01/logs/a.txt", b"a"),
        ("dc01/logs/a.txt", b"d"),
        ("k.txt", KLIST),
    ]);
    let [web, dc, klist] = ["web01/logs", "dc01/logs", "k.txt"].map(|name| sent.path().join(name));
    let one = open(&[&web, &dc, &klist]);
    let two = open(&[&klist, &dc, &web]);
    assert_eq!(
        paths(&one),
        ["dc01/logs/a.txt", "k.txt", "web01/logs/a.txt"]
    );
    let seen = |bundle: &Bundle| -> Vec<_> {
        bundle
            .artifacts
            .iter()
            .map(|a| (a.id, a.path.clone(), digest::sha256(&a.content), a.kind))
            .collect()
    };
    assert_eq!(seen(&one), seen(&two));
    assert_eq!(
        one.inputs.first().map(Input::sha256),
        two.inputs.last().map(Input::sha256)
    );
    assert_eq!(
        one.inputs.last().map(Input::sha256),
        one.artifacts.get(1).map(|a| digest::sha256(&a.content))
    );
}

#[test]
fn the_same_bytes_twice_are_marked() {
    let zip = pack(&[("copy.txt", KLIST), ("none.txt", b"")]);
    let sent = folder(&[
        ("a.txt", KLIST),
        ("b.zip", &zip),
        ("c.txt", b""),
        ("d.txt", KLIST),
    ]);
    let bundle = open(&[sent.path()]);
    let originals: Vec<Option<u32>> = bundle
        .artifacts
        .iter()
        .map(|a| a.duplicate_of.map(|id| id.0))
        .collect();
    assert_eq!(
        paths(&bundle),
        [
            "a.txt",
            "b.zip/copy.txt",
            "b.zip/none.txt",
            "c.txt",
            "d.txt"
        ]
    );
    assert_eq!(originals, [None, Some(0), None, None, Some(0)]);
}

#[test]
fn an_empty_folder_is_an_empty_bundle() {
    let sent = folder(&[]);
    let bundle = open(&[sent.path()]);
    assert!(bundle.artifacts.is_empty() && bundle.problems.is_empty());
    assert_eq!(bundle.inputs.len(), 1);
}

#[test]
fn a_path_that_is_not_there_is_an_error() {
    let sent = folder(&[]);
    let missing = sent.path().join("missing.zip");
    let error =
        Bundle::open(std::slice::from_ref(&missing), &Limits::default()).expect_err("not there");
    assert!(
        error
            .to_string()
            .starts_with(&format!("could not open {} because ", missing.display())),
        "{error}"
    );
}

#[cfg(unix)]
#[test]
fn links_are_listed_and_not_followed() {
    let secret = folder(&[("secret.txt", b"secret")]);
    let sent = folder(&[("a.txt", b"a")]);
    std::os::unix::fs::symlink(secret.path(), sent.path().join("out")).expect("link");
    let bundle = open(&[sent.path()]);
    assert_eq!(paths(&bundle), ["a.txt", "out"]);
    only_problem(&bundle, "out: it is a link", "copy what it stands for");
}

#[test]
fn lines_of_xml_are_kept_whole_and_others_cut() {
    let long = " ".repeat(text::LINE_CHARS);
    let xml = format!("<configuration><!--{long}--><system.webServer/></configuration>");
    let txt = format!("x{long}y");
    let sent = folder(&[("a.config", xml.as_bytes()), ("b.txt", txt.as_bytes())]);
    let bundle = open(&[sent.path()]);
    let texts: Vec<text::Text> = bundle.artifacts.iter().flat_map(|a| a.text()).collect();
    let [config, other] = texts.as_slice() else {
        panic!("two artifacts")
    };
    assert_eq!((&config.lines, &config.cut_lines), (&vec![xml], &vec![]));
    assert_eq!(
        (&other.lines, &other.cut_lines),
        (&vec!["x".to_owned()], &vec![1])
    );
}
