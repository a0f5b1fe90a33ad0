//! Garbage in: a clear message and exit code 2, or a cited problem; never a panic, and nothing outside the output.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output};

use zip::write::SimpleFileOptions;

fn why401(arguments: &[&Path]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_why401"))
        .arg("analyze")
        .args(arguments)
        .output()
        .expect("the binary runs")
}

fn inspect(path: &Path) -> serde_json::Value {
    let output = Command::new(env!("CARGO_BIN_EXE_why401"))
        .args(["inspect", "--format", "json"])
        .arg(path)
        .output()
        .expect("the binary runs");
    serde_json::from_slice(&output.stdout).expect("inspect writes JSON")
}

/// The problems of all artifacts.
fn problems(path: &Path) -> Vec<String> {
    inspect(path)["bundle"]["artifacts"]
        .as_array()
        .expect("artifacts")
        .iter()
        .flat_map(|a| a["problems"].as_array().expect("problems").clone())
        .map(|p| p.as_str().expect("text").to_owned())
        .collect()
}

fn assert_no_panic(output: &Output) {
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(!stderr.contains("panicked"), "{stderr}");
    assert!(output.status.code().is_some(), "killed by a signal");
}

/// Reproducible noise.
fn noise(length: usize, mut seed: u64) -> Vec<u8> {
    (0..length)
        .map(|_| {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (seed >> 56) as u8
        })
        .collect()
}

#[test]
fn random_bytes_are_refused_with_a_message() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("notes.evtx");
    fs::write(&file, noise(300_000, 7)).unwrap();
    let output = why401(&[&file]);
    assert_no_panic(&output);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).starts_with("why401: could not"));
}

#[test]
fn random_bytes_behind_an_event_log_header_are_a_cited_problem() {
    let folder = tempfile::tempdir().unwrap();
    let mut bytes = b"ElfFile\0".to_vec();
    bytes.extend(noise(200_000, 11));
    fs::write(folder.path().join("System.evtx"), bytes).unwrap();
    let output = why401(&[folder.path()]);
    assert_no_panic(&output);
    assert!(!problems(folder.path()).is_empty());
}

#[test]
fn a_path_that_is_not_there_is_an_error() {
    let output = why401(&[Path::new("does-not-exist")]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("does-not-exist"));
}

#[test]
fn an_empty_folder_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let output = why401(&[folder.path()]);
    assert_no_panic(&output);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_line_of_two_hundred_megabytes_is_cut_and_cited() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("setspn.txt");
    let mut text = "C:\\>setspn -L svc_web\r\nRegistered ServicePrincipalNames for CN=svc_web,DC=corp,DC=example:\r\n        HTTP/".to_owned();
    text.push_str(&"a".repeat(200 << 20));
    text.push_str("\r\n        HTTP/after\r\n");
    fs::write(&file, text).unwrap();
    let output = why401(&[&file]);
    assert_no_panic(&output);
    assert!(output.stdout.len() < 4 << 20, "the line is not printed");
    assert!(
        problems(&file).iter().any(|p| p.contains("too long")),
        "{:?}",
        problems(&file)
    );
}

#[test]
fn a_zip_of_zips_stops_at_the_limit() {
    let folder = tempfile::tempdir().unwrap();
    let mut bytes = b"C:\\>setspn -L x\r\n".to_vec();
    for depth in 0..12 {
        let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
        zip.start_file(format!("level{depth}.zip"), SimpleFileOptions::default())
            .unwrap();
        zip.write_all(&bytes).unwrap();
        bytes = zip.finish().unwrap().into_inner();
    }
    let file = folder.path().join("bundle.zip");
    fs::write(&file, bytes).unwrap();
    let output = why401(&[&file]);
    assert_no_panic(&output);
    assert!(
        output.status.code() == Some(2) || !problems(&file).is_empty(),
        "neither an error nor a problem"
    );
}

#[test]
fn names_from_the_bundle_do_not_reach_the_terminal_raw() {
    let folder = tempfile::tempdir().unwrap();
    let text = "C:\\>setspn -F -Q HTTP/web\r\nChecking forest DC=corp,DC=example\r\nCN=evil\u{1b}[31mred\u{202e},DC=corp,DC=example\r\n        HTTP/web\r\n\r\nExisting SPN found!\r\n";
    fs::write(folder.path().join("q.txt"), text).unwrap();
    let output = why401(&[folder.path()]);
    assert_no_panic(&output);
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert!(
        !stdout.contains('\u{1b}') && !stdout.contains('\u{202e}'),
        "{stdout}"
    );
}
