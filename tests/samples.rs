//! Real files from the wild, where the folder beside the checkout exists: everything is read, nothing panics, every
//! skipped line is cited, and nothing is confirmed, for none of them holds an IIS sign-in failure with its configuration.

use std::fmt::Write as _;
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

/// What the files of each folder are.
const FOLDERS: [(&str, &str); 11] = [
    ("administration", "other-config"),
    ("applicationhost", "application-host-config"),
    ("evtx", "evtx"),
    ("freb", "failed-request-trace"),
    ("httperr", "httperr-log"),
    ("iislog", "iis-log"),
    ("klist", "klist"),
    ("powershell_clixml", "clixml"),
    ("redirection", "other-config"),
    ("schema", "other-config"),
    ("setspn", "setspn"),
];

/// Files that are something else than their folder says, and why.
const OTHERS: [(&str, &str, &str); 14] = [
    ("README.md", "text", "tells where the samples come from"),
    (
        "applicationhost/Chocobog+askSalty__applicationHost.config",
        "other-config",
        "a transform (xdt), which is no configuration in force",
    ),
    (
        "applicationhost/Mattza+SL2__applicationHost.config",
        "other-config",
        "a transform (xdt), which is no configuration in force",
    ),
    (
        "misc/LogCatcher_FolderContents.txt",
        "iis-state",
        "the list of LogCatcher's folders",
    ),
    (
        "misc/LogCatcher_LogsInfo.CSV",
        "iis-state",
        "the list of LogCatcher's sites",
    ),
    (
        "misc/fr_ipconfig_all_head.txt",
        "machine",
        "ipconfig in French",
    ),
    ("misc/fr_nltest_dsgetdc.txt", "machine", "nltest in French"),
    (
        "misc/netsh_http_servicestate_requestq.txt",
        "netsh-http",
        "netsh http show servicestate",
    ),
    ("spnego/NegoExStart.b64", "text", BARE_TOKEN),
    ("spnego/SPNegoNtlmStart.b64", "text", BARE_TOKEN),
    ("spnego/U2UStart.b64", "text", BARE_TOKEN),
    ("spnego/aes128-spnego-data.b64", "text", BARE_TOKEN),
    ("spnego/aes256-kerberos-data.b64", "text", BARE_TOKEN),
    ("spnego/rc4-kerberos-data.b64", "text", BARE_TOKEN),
];

const BARE_TOKEN: &str =
    "a token without a header before it: it stands in no bundle so, and any base64 looks like it";

fn kind_of(path: &str) -> &'static str {
    let other = OTHERS.iter().find(|(other, ..)| *other == path);
    let folder = path.split('/').next().unwrap_or_default();
    let of_folder = FOLDERS.iter().find(|(name, _)| *name == folder);
    other
        .map(|(_, kind, _)| *kind)
        .or(of_folder.map(|(_, kind)| *kind))
        .unwrap_or_else(|| panic!("{path} is a new sample: say what it is"))
}

/// `folder/owner+repository__name` without whose file it is.
fn without_owner(path: &str) -> String {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let name = match name.split_once("__") {
        Some((owner, rest)) if owner.contains('+') => rest,
        _ => name,
    };
    format!("{folder}/{name}")
}

#[test]
fn each_file_alone() {
    let Some(root) = samples() else { return };
    let mut counts = String::new();
    let all = files(&root);
    for file in &all {
        let path = file.strip_prefix(&root).expect("below the samples");
        let path = path.to_str().expect("a name").replace('\\', "/");
        let report = analyze(file);
        assert_nothing_confirmed(&report, &path);
        let [artifact] = report.bundle.artifacts.as_slice() else {
            panic!("{path} holds {} artifacts", report.bundle.artifacts.len());
        };
        let fault = |p: &String| p.contains("fault in why401");
        assert!(
            !artifact.problems.iter().any(fault),
            "{path}: {:?}",
            artifact.problems
        );
        assert_eq!(
            artifact.skipped == 0,
            artifact.problems.is_empty(),
            "{path}"
        );
        assert_eq!(artifact.kind, kind_of(&path), "{path}");
        let (kind, records, skipped) = (&artifact.kind, artifact.records, artifact.skipped);
        let _ = writeln!(
            counts,
            "{}: {kind}, {records} records, {skipped} problems",
            without_owner(&path)
        );
    }
    println!("{} files were read", all.len());
    insta::assert_snapshot!(counts);
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
