//! The logs of every fixture as other tools write them: `evtx_dump` as JSON lines and as XML. The verdict is the same, and the
//! same logs in both forms count once.

use std::fs;
use std::path::{Path, PathBuf};

use evtx::EvtxParser;
use why401::report::Report;

fn bundles() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut found: Vec<PathBuf> = fs::read_dir(root)
        .expect("fixtures/ is there")
        .filter_map(|entry| Some(entry.ok()?.path().join("bundle")))
        .filter(|path| path.is_dir())
        .collect();
    found.sort();
    found
}

fn analyze(path: &Path) -> Report {
    let bundle = why401::open(&[path.to_path_buf()]).expect("the bundle opens");
    why401::analyze(&bundle, &why401::Options::default(), &|_| {})
}

/// What a log is turned into; `None` for a damaged one, which stays as it is.
type Clothes = fn(Vec<u8>) -> Option<String>;

fn json(bytes: Vec<u8>) -> Option<String> {
    let mut parser = EvtxParser::from_buffer(bytes).ok()?;
    let lines: Result<Vec<String>, _> = parser
        .records_json()
        .map(|record| record.map(|r| r.data.replace('\n', "") + "\n"))
        .collect();
    lines.ok().map(|lines| lines.concat())
}

fn xml(bytes: Vec<u8>) -> Option<String> {
    let mut parser = EvtxParser::from_buffer(bytes).ok()?;
    let records: Result<Vec<String>, _> = parser
        .records()
        .map(|record| record.map(|r| format!("Record {}\n{}\n", r.event_record_id, r.data)))
        .collect();
    records.ok().map(|records| records.concat())
}

/// Copies a bundle with its logs in other clothes; `beside` keeps the logs as well.
fn copy(from: &Path, to: &Path, clothes: Clothes, beside: bool) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder").flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir() {
            copy(&path, &to.join(name), clothes, beside);
            continue;
        }
        let bytes = fs::read(&path).expect("a file");
        let dressed = (path.extension().is_some_and(|e| e == "evtx"))
            .then(|| clothes(bytes.clone()))
            .flatten();
        if let Some(text) = &dressed {
            fs::write(
                to.join(path.with_extension("dump").file_name().unwrap()),
                text,
            )
            .expect("written");
        }
        if dressed.is_none() || beside {
            fs::write(to.join(name), bytes).expect("written");
        }
    }
}

/// What a report concludes, without its places.
fn concludes(report: &Report) -> Vec<String> {
    let mut lines = vec![format!(
        "{:?} {}",
        report.verdict.status, report.verdict.headline
    )];
    let findings = report.findings.iter();
    lines.extend(findings.map(|f| format!("{} {:?} {}", f.cause, f.status, f.explanation)));
    let symptoms = report.symptoms.iter();
    lines.extend(symptoms.map(|s| {
        format!(
            "{} x{} {:?} {:?}",
            s.what, s.count, s.first_time, s.last_time
        )
    }));
    lines
}

fn assert_the_same(clothes: Clothes, beside: bool) {
    for bundle in bundles() {
        let folder = tempfile::tempdir().expect("a folder");
        let copied = folder.path().join("bundle");
        copy(&bundle, &copied, clothes, beside);
        let (own, dressed) = (analyze(&bundle), analyze(&copied));
        assert_eq!(concludes(&dressed), concludes(&own), "{}", bundle.display());
    }
}

#[test]
fn as_json() {
    assert_the_same(json, false);
}

#[test]
fn as_xml() {
    assert_the_same(xml, false);
}

#[test]
fn as_json_beside_the_logs() {
    assert_the_same(json, true);
}
