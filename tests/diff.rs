//! `why401 diff` and `why401 endpoints --assume` end to end: pairs of fixtures, pairs with parts left out, and garbage.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use why401::report::{self, AnswerStatus, AttributeFate, CauseFate, Diff, SymptomFate};

const BROKEN: &str = "spn-on-pool-account-kernel-mode";
const REPAIRED: &str = "repaired-orders-pool-credentials";
const WORSE: &str = "repaired-orders-into-duplicate";

fn bundle(fixture: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    root.join("fixtures").join(fixture).join("bundle")
}

fn diff(before: &Path, after: &Path) -> Diff {
    let open = |path: &Path| why401::open(&[path.to_owned()]).expect("the bundle opens");
    let options = why401::Options::default();
    why401::diff(&open(before), &open(after), &options, &|_| {})
}

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_why401"))
        .args(arguments)
        .output()
        .expect("the binary runs")
}

fn code(before: &Path, after: &Path) -> Option<i32> {
    run(&["diff", before.to_str().unwrap(), after.to_str().unwrap()])
        .status
        .code()
}

/// A copy of a fixture's bundle with the files that `keep` takes.
fn part(fixture: &str, keep: impl Fn(&str) -> bool) -> tempfile::TempDir {
    fn copy(from: &Path, to: &Path, keep: &dyn Fn(&str) -> bool) {
        fs::create_dir_all(to).unwrap();
        for entry in fs::read_dir(from).unwrap().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let target = to.join(&name);
            if entry.path().is_dir() {
                copy(&entry.path(), &target, keep);
            } else if keep(&name) {
                fs::copy(entry.path(), target).unwrap();
            }
        }
    }
    let folder = tempfile::tempdir().unwrap();
    copy(&bundle(fixture), folder.path(), &keep);
    folder
}

fn fate(diff: &Diff, cause: &str) -> Option<CauseFate> {
    let mut causes = diff.causes.iter();
    causes
        .find(|change| change.cause == cause)
        .map(|change| change.change)
}

#[test]
fn a_repair_that_holds_is_fixed() {
    let diff = diff(&bundle(BROKEN), &bundle(REPAIRED));
    assert_eq!(
        diff.answer.status,
        AnswerStatus::Fixed,
        "{:#?}",
        diff.answer
    );
    assert_eq!(fate(&diff, "SPN-05"), Some(CauseFate::Gone));
    let changed = |name: &str| {
        let mut changes = diff.attributes.iter();
        changes.find(|a| a.attribute == name && a.change == AttributeFate::Changed)
    };
    let change = changed("useAppPoolCredentials").expect("it changed");
    let after = change.after.as_ref().unwrap();
    assert_eq!(after.value, "true");
    assert!(
        after.from[0].contains("applicationHost.config:"),
        "{after:?}"
    );
    assert!(
        diff.symptoms
            .iter()
            .any(|s| s.change == SymptomFate::Stopped),
        "{:#?}",
        diff.symptoms
    );
    assert!(diff.since.is_some());
    assert_eq!(code(&bundle(BROKEN), &bundle(REPAIRED)), Some(0));
}

/// Logs go back further than the repair: what BEFORE holds already does not count again.
#[test]
fn a_second_bundle_whose_logs_reach_back_is_read_from_where_the_first_ends() {
    let after = part(REPAIRED, |_| true);
    let old = part(BROKEN, |name| name.ends_with(".evtx"));
    for entry in fs::read_dir(old.path()).unwrap().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.path().is_file() {
            fs::copy(
                entry.path(),
                after.path().join(name.replace('_', "_older_")),
            )
            .unwrap();
        }
    }
    let diff = diff(&bundle(BROKEN), after.path());
    assert_eq!(
        diff.answer.status,
        AnswerStatus::Fixed,
        "{:#?}",
        diff.answer
    );
    assert!(
        diff.symptoms
            .iter()
            .any(|s| s.change == SymptomFate::Stopped),
        "{:#?}",
        diff.symptoms
    );
    assert_eq!(diff.after.first_time, diff.before.first_time);
}

#[test]
fn a_repair_that_breaks_it_otherwise_is_not_fixed() {
    let diff = diff(&bundle(BROKEN), &bundle(WORSE));
    assert_eq!(diff.answer.status, AnswerStatus::NotFixed);
    assert_eq!(
        fate(&diff, "SPN-05"),
        Some(CauseFate::Gone),
        "{:#?}",
        diff.causes
    );
    assert_eq!(
        fate(&diff, "SPN-02"),
        Some(CauseFate::New),
        "{:#?}",
        diff.causes
    );
    assert_eq!(code(&bundle(BROKEN), &bundle(WORSE)), Some(1));
}

/// Whatever one fixture is compared with itself: nothing is gone, new or changed.
#[test]
fn nothing_becomes_of_a_bundle_and_itself() {
    for fixture in [
        BROKEN,
        REPAIRED,
        "three-faults-on-one-server",
        "thin-only-klist",
        "layout-tss",
    ] {
        let diff = diff(&bundle(fixture), &bundle(fixture));
        let still = |fate| matches!(fate, CauseFate::Unchanged | CauseFate::Past);
        assert!(
            diff.causes.iter().all(|c| still(c.change)),
            "{fixture}: {:#?}",
            diff.causes
        );
        assert!(
            diff.attributes.is_empty(),
            "{fixture}: {:#?}",
            diff.attributes
        );
        let goes_on = |fate| fate == SymptomFate::GoesOn;
        assert!(
            diff.symptoms.iter().all(|s| goes_on(s.change)),
            "{fixture}: {:#?}",
            diff.symptoms
        );
        assert!(
            diff.endpoints.iter().all(|e| e.before == e.after),
            "{fixture}"
        );
    }
    assert_eq!(code(&bundle(BROKEN), &bundle(BROKEN)), Some(1));
}

/// What was not collected again is not gone and not removed.
#[test]
fn what_the_second_bundle_lacks_is_not_decided() {
    type Keep = fn(&str) -> bool;
    let thin: [(&str, Keep); 3] = [
        ("a configuration alone", |name| name.ends_with(".config")),
        ("setspn alone", |name| name == "spn.txt"),
        ("a log of the domain controller alone", |name| {
            name.starts_with("DC1")
        }),
    ];
    for fixture in [BROKEN, REPAIRED] {
        for (what, keep) in thin {
            let after = part(fixture, keep);
            let diff = diff(&bundle(BROKEN), after.path());
            assert_ne!(
                diff.answer.status,
                AnswerStatus::Fixed,
                "{fixture}, {what}: {:#?}",
                diff.answer
            );
            assert_ne!(
                fate(&diff, "SPN-05"),
                Some(CauseFate::Gone),
                "{fixture}, {what}"
            );
            let removed = |fate| fate == AttributeFate::Removed;
            assert!(
                !diff.attributes.iter().any(|a| removed(a.change)),
                "{fixture}, {what}"
            );
        }
    }
    let config = part(REPAIRED, |name| name.ends_with(".config"));
    assert_eq!(code(&bundle(BROKEN), config.path()), Some(3));
}

/// Configuration and directory show that the cause is gone, without any log.
#[test]
fn structure_alone_says_that_a_cause_is_gone() {
    let after = part(REPAIRED, |name| {
        name.ends_with(".config") || name == "spn.txt"
    });
    let diff = diff(&bundle(BROKEN), after.path());
    assert_eq!(
        fate(&diff, "SPN-05"),
        Some(CauseFate::Gone),
        "{:#?}",
        diff.causes
    );
    assert!(
        diff.remarks.iter().any(|r| r.contains("no log")),
        "{:?}",
        diff.remarks
    );
}

/// Every fixture compared with the next one: no panic, and all three forms are written.
#[test]
fn any_two_bundles_are_compared() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let mut names: Vec<PathBuf> = fs::read_dir(root)
        .unwrap()
        .flatten()
        .map(|entry| entry.path().join("bundle"))
        .filter(|path| path.is_dir())
        .collect();
    names.sort();
    let pairs = names.iter().zip(names.iter().cycle().skip(1)).step_by(5);
    for (before, after) in pairs {
        let diff = diff(before, after);
        let read: Diff = serde_json::from_str(&report::diff_json(&diff)).expect("reads back");
        assert_eq!(read, diff);
        assert!(!report::markdown::diff(&diff).is_empty());
        let text = report::terminal::diff(&diff, 80, false, true);
        assert!(
            text.lines().all(|line| !line.contains('\u{1b}')),
            "{}",
            before.display()
        );
        if diff.answer.status == AnswerStatus::Fixed {
            let over = |fate| matches!(fate, CauseFate::Gone | CauseFate::Past);
            let mut roots = diff
                .causes
                .iter()
                .filter(|c| c.before <= Some(report::Status::Likely));
            assert!(
                roots.all(|c| c.before.is_none() || over(c.change)),
                "{}",
                before.display()
            );
        }
    }
}

#[test]
fn the_same_bundles_give_the_same_bytes() {
    let (before, after) = (bundle(BROKEN), bundle(WORSE));
    let with = |threads: &str| {
        let (before, after) = (before.to_str().unwrap(), after.to_str().unwrap());
        run(&[
            "diff",
            before,
            after,
            "--format",
            "json",
            "--threads",
            threads,
        ])
        .stdout
    };
    let one = with("1");
    assert!(!one.is_empty());
    assert_eq!(one, with("4"));
    assert_eq!(one, with("1"));
}

#[test]
fn what_is_no_bundle_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("notes.txt"), "nothing of interest").unwrap();
    fs::write(
        folder.path().join("bytes.bin"),
        [0u8, 159, 146, 150, 0, 1, 2],
    )
    .unwrap();
    for (before, after) in [
        (bundle(BROKEN), folder.path().to_owned()),
        (folder.path().to_owned(), bundle(BROKEN)),
        (bundle(BROKEN), PathBuf::from("does-not-exist")),
    ] {
        let output = run(&["diff", before.to_str().unwrap(), after.to_str().unwrap()]);
        assert_eq!(output.status.code(), Some(2));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.starts_with("why401: could not"), "{said}");
    }
    assert_eq!(
        run(&["diff", bundle(BROKEN).to_str().unwrap()])
            .status
            .code(),
        Some(2)
    );
}

/// A second bundle that is cut, or garbage under the names of the first, decides nothing and stops nothing.
#[test]
fn a_damaged_second_bundle_is_not_fixed() {
    let after = part(BROKEN, |_| true);
    for entry in fs::read_dir(after.path()).unwrap().flatten() {
        if entry.path().is_file() {
            let bytes = fs::read(entry.path()).unwrap();
            fs::write(entry.path(), &bytes[..bytes.len() / 7]).unwrap();
        }
    }
    let code = code(&bundle(BROKEN), after.path());
    assert!(matches!(code, Some(1 | 3)), "{code:?}");
}

#[test]
fn assumptions_show_each_endpoint_before_and_after() {
    let path = bundle(BROKEN);
    let path = path.to_str().unwrap();
    let set = "set Orders useAppPoolCredentials=true";
    let output = run(&["endpoints", path, "--assume", set, "--format", "json"]);
    assert_eq!(output.status.code(), Some(0));
    let value: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let endpoint = &value["endpoints"][0];
    assert_eq!(endpoint["before"]["outcome"], "denied");
    assert_eq!(endpoint["after"]["outcome"], "kerberos");
    assert_eq!(endpoint["is_worse"], false);
    assert_eq!(value["assumptions"][0]["text"], set);

    let output = run(&[
        "endpoints",
        path,
        "--assume",
        set,
        "--assume",
        "pool Orders identity=LocalSystem",
    ]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        text.contains("pool Orders runs as LocalSystem on WEB03"),
        "{text}"
    );
    assert!(text.contains("No outcome changes"), "{text}");
}

#[test]
fn assumptions_that_the_bundle_does_not_have_are_refused() {
    let path = bundle(BROKEN);
    let path = path.to_str().unwrap();
    for (assumption, right) in [
        (
            "set Shop useAppPoolCredentials=true",
            "the sites are: Orders",
        ),
        ("pool Shop identity=LocalSystem", "the pools are:"),
        (
            "providers Orders NTLM on WEB09",
            "its web servers are: WEB03",
        ),
        ("wish for the best", "write `spn add"),
        ("etypes CORP\\svc_orders aes512", "`0x18`"),
    ] {
        let output = run(&["endpoints", path, "--assume", assumption]);
        assert_eq!(output.status.code(), Some(2), "{assumption}");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(said.contains(right), "{assumption}: {said}");
    }
}
