//! Real files from the wild, where the folder beside the checkout exists: everything is read, nothing panics, every
//! skipped line is cited, and nothing is confirmed, for none of them holds an IIS sign-in failure with its configuration.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use why401::report::{Report, Status};

fn samples() -> Option<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/samples");
    if !root.is_dir() {
        println!("no samples beside this checkout: nothing was read");
        return None;
    }
    Some(root)
}

fn analyze(path: &Path) -> Report {
    let bundle = why401::open(&[path.to_path_buf()]).expect("the bundle opens");
    why401::analyze(&bundle, &why401::Options::default(), &|_| {})
}

/// Every file below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)
        .expect("a folder")
        .map(|e| e.expect("an entry").path())
    {
        if entry.is_dir() {
            found.extend(files(&entry));
        } else {
            found.push(entry);
        }
    }
    found.sort();
    found
}

fn assert_nothing_confirmed(report: &Report, what: &str) {
    let confirmed: Vec<&str> = report
        .findings
        .iter()
        .filter(|f| f.status == Status::Confirmed)
        .map(|f| f.cause.as_str())
        .collect();
    assert!(confirmed.is_empty(), "{what}: {confirmed:?} confirmed");
}

#[test]
fn each_file_alone() {
    let Some(root) = samples() else { return };
    let mut counts: BTreeMap<String, (u64, u64, u64)> = BTreeMap::new();
    for file in files(&root) {
        let report = analyze(&file);
        assert_nothing_confirmed(&report, &file.display().to_string());
        for artifact in &report.bundle.artifacts {
            assert!(
                !artifact
                    .problems
                    .iter()
                    .any(|p| p.contains("fault in why401")),
                "{}: {:?}",
                file.display(),
                artifact.problems
            );
            assert_eq!(
                artifact.skipped == 0,
                artifact.problems.is_empty(),
                "{}",
                file.display()
            );
            let count = counts.entry(artifact.kind.clone()).or_default();
            *count = (
                count.0 + 1,
                count.1 + artifact.records,
                count.2 + artifact.skipped,
            );
        }
    }
    for (kind, (files, records, skipped)) in counts {
        println!("{kind}: {files} files, {records} records, {skipped} skipped");
    }
}

#[test]
fn all_files_as_one_bundle() {
    let Some(root) = samples() else { return };
    let report = analyze(&root);
    assert_nothing_confirmed(&report, "all samples");
    println!(
        "{} artifacts, {} hosts, {} endpoints, {} symptoms, {} findings",
        report.bundle.artifacts.len(),
        report.bundle.hosts.len(),
        report.endpoints.len(),
        report.symptoms.len(),
        report.findings.len()
    );
}
